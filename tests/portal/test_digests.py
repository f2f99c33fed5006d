"""Digests stop by one POST of a mail program or by the digits a person types; looking stops nothing."""

import pytest

from office.store import reading, writing
from portal.acknowledge import TRAP
from tests.notices.told_rows import AT, CONTACTS, ENVELOPE, REFUSALS, audited

STOPPED = "Hộp thư này đã thôi nhận thư gộp"


def refused(portal):
    with reading(portal.engine) as connection:
        return [tuple(row) for row in connection.execute(REFUSALS.select())]


def test_looking_stops_nothing(portal):
    before = portal.state()
    page = portal.client.get(portal.links.unsubscribe("hoa"))
    assert (page.status_code, '<button type="submit">' in page.text) == (200, True)
    assert portal.client.head(portal.links.unsubscribe("hoa")).status_code == 200
    assert portal.state() == before


@pytest.mark.parametrize("way", ["encoded", "in parts"])
def test_a_mail_program_stops_digests_with_one_post(portal, way):
    link, line = portal.links.unsubscribe("hoa"), {"List-Unsubscribe": "One-Click"}
    sent = {"data": line} if way == "encoded" else {"files": {name: (None, value) for name, value in line.items()}}
    pages = [portal.client.post(link, **sent) for _ in range(2)]
    assert [(page.status_code, STOPPED in page.text) for page in pages] == [(200, True)] * 2
    assert refused(portal) == [("hoa", AT.date())]
    with reading(portal.engine) as connection:
        assert audited(connection) == [("mailbox:hoa", "digest.refused", "hoa")]
    assert STOPPED in portal.client.get(link).text


def test_a_post_that_was_cut_off_stops_nothing(portal):
    body = b'--B\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    codes = [portal.client.post(portal.links.unsubscribe("hoa"), content=body, headers=kind).status_code]
    assert (codes, refused(portal)) == ([400], [])
    whole = portal.client.post(portal.links.unsubscribe("hoa"), content=body + b"--B--\r\n", headers=kind)
    assert (whole.status_code, refused(portal)) == (200, [("hoa", AT.date())])


def test_a_person_types_the_digits_and_a_program_that_submits_the_form_stops_nothing(portal, forms_of):
    link = portal.links.unsubscribe("hoa")
    [(form, fields)] = forms_of(portal.client.get(link).text)
    names = [field["name"] for field in fields if "name" in field]
    assert (form["method"], names) == ("post", [TRAP, "code"])
    for value in ("", "1", "2024", "on", "One-Click"):
        assert portal.client.post(link, data=dict.fromkeys(names, value)).status_code == 422
    assert refused(portal) == []
    page = portal.client.post(link, data={TRAP: "", "code": portal.code(link)})
    assert (page.status_code, STOPPED in page.text) == (200, True)
    assert refused(portal) == [("hoa", AT.date())]


@pytest.mark.parametrize("line", [{}, {"List-Unsubscribe": "no"}, {"list-unsubscribe": "One-Click"}])
def test_another_post_stops_nothing(portal, line):
    assert portal.client.post(portal.links.unsubscribe("hoa"), data=line or {"x": "y"}).status_code == 422
    assert refused(portal) == []


def test_a_link_that_acknowledges_does_not_stop_digests(portal):
    token = portal.links.acknowledge("hoa").rpartition("/")[2]
    page = portal.client.post(f"/thoi-gop/{token}", data={"List-Unsubscribe": "One-Click"})
    assert page.status_code == 404
    assert refused(portal) == []


def test_somebody_who_left_is_a_link_that_never_was(portal):
    with writing(portal.engine) as connection:
        connection.execute(CONTACTS.delete())
    link = portal.links.unsubscribe("hoa")
    gone = portal.client.get("/thoi-gop/x").text
    page = portal.client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert (page.status_code, page.text, portal.client.get(link).text) == (404, gone, gone)


def test_stopping_digests_acknowledges_nothing(portal):
    portal.client.post(portal.links.unsubscribe("hoa"), data={"List-Unsubscribe": "One-Click"})
    assert "<form" in portal.client.get(portal.links.acknowledge(ENVELOPE)).text
