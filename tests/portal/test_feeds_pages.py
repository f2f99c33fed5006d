"""The pages where calendars are subscribed to: by the secretariat, read by the chair, and by an agency for itself."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from calendars.subscriptions import digest_of
from models.columns import table_of
from models.subscription import Subscription
from office.store import reading
from portal.feed_links import links_of
from tests.portal.agency_office import filled

SUBSCRIPTIONS = table_of(Subscription)
MARKUP = "<script>alert(1)</script>"


def rows(office):
    with reading(office.engine) as connection:
        return connection.execute(select(SUBSCRIPTIONS).order_by(SUBSCRIPTIONS.c.id)).mappings().all()


def token_on(page):
    return re.search(r">http://[^<]*/lich/([^<.]+)\.ics</textarea>", page)[1]


def test_the_secretariat_makes_an_address_and_sees_it_for_a_quarter_of_an_hour(work_office):
    made = work_office.send("/thu-ky/lich", owner="agency/A", title=f"Máy {MARKUP}", windows="span", alarm="960")
    [row] = rows(work_office)
    assert (made.status_code, made.headers["location"]) == (303, f"/thu-ky/lich/{row['id']}/dia-chi")
    assert (row["owner"], row["windows"], row["alarm_minutes"], row["created_by"]) == (
        "agency/A",
        "span",
        960,
        "Chị Lan",
    )
    shown = work_office.secretary.get(made.headers["location"])
    assert digest_of(token_on(shown.text)) == row["digest"]
    for way in (
        "webcal://127.0.0.1",
        "calendar.google.com/calendar/r?cid=webcal%3A%2F%2F",
        "outlook.office.com",
        "<svg",
    ):
        assert way in shown.text
    assert shown.headers["cache-control"] == "no-store"
    listed = work_office.secretary.get("/thu-ky/lich")
    for page in (shown, listed):
        assert MARKUP not in page.text
        assert "style=" not in page.text
    assert token_on(shown.text) not in listed.text
    work_office.really += timedelta(minutes=15)
    later = work_office.secretary.get(made.headers["location"])
    assert (later.status_code, "/lich/" in later.text.replace("/thu-ky/lich/", "")) == (410, False)
    assert work_office.audit("subscription.create") == [("Chị Lan", f"subscription/{row['id']}")]


def test_other_options_a_new_address_and_the_end(work_office):
    work_office.send("/thu-ky/lich", owner="all", title="Họp")
    [before] = rows(work_office)
    here = f"/thu-ky/lich/{before['id']}"
    work_office.really += timedelta(hours=1)
    changed = work_office.send(
        here, title="Họp tuần", kinds="conference", cancelled="hide", language="en", tasks="tasks"
    )
    assert changed.headers["location"] == f"{here}?done=doi"
    [row] = rows(work_office)
    assert {name: row[name] for name in ("title", "filters", "cancelled", "language", "tasks", "digest")} == {
        "title": "Họp tuần", "filters": '{"kinds":["conference"]}', "cancelled": False, "language": "en",
        "tasks": True, "digest": before["digest"],
    }  # fmt: skip
    page = work_office.secretary.get(changed.headers["location"]).text
    assert "Đã lưu." in page
    assert '<option value="conference" selected>' in page
    renewed = work_office.send(f"{here}/doi-dia-chi")
    shown = work_office.secretary.get(renewed.headers["location"]).text
    [row] = rows(work_office)
    assert (digest_of(token_on(shown)), row["digest_before"]) == (row["digest"], before["digest"])
    assert "Nếu địa chỉ cũ đã lộ thì hãy thu hồi" in shown
    assert work_office.send(f"{here}/thu-hoi").headers["location"] == "/thu-ky/lich?done=thu-hoi"
    assert rows(work_office)[0]["revoked_at"] == work_office.really
    state = rows(work_office)
    for again in ("/thu-hoi", "/doi-dia-chi"):  # a button pressed again
        assert work_office.send(here + again).status_code == 200
    assert rows(work_office) == state
    assert "Đã thu hồi" in work_office.secretary.get("/thu-ky/lich?done=thu-hoi").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"owner": "agency/KHONG", "title": "x"}, "Không có lịch"),
        ({"owner": "all", "title": ""}, "cần một tên"),
        ({"owner": "all", "title": "Giữ lại", "role.lead": "1"}, "Chỉ lịch của một cơ quan"),
        ({"owner": "all", "title": "x", "kinds": "lạ"}, "Không có loại việc"),
    ],
)
def test_a_mistake_keeps_what_was_typed(work_office, fields, said):
    page = work_office.send("/thu-ky/lich", **fields)
    assert (page.status_code, said in page.text) == (422, True)
    assert f'value="{fields["title"]}"' in page.text
    assert rows(work_office) == []


def test_the_chair_reads_and_changes_nothing(work_office):
    work_office.send("/thu-ky/lich", owner="all", title="Họp")
    here = f"/thu-ky/lich/{rows(work_office)[0]['id']}"
    page = work_office.chair.get("/thu-ky/lich")
    assert (page.status_code, "Họp" in page.text, "<form method=\"post\" action=\"/thu-ky/lich" in page.text) == (
        200, True, False
    )  # fmt: skip
    assert {work_office.chair.get(one).status_code for one in (here, f"{here}/dia-chi")} == {403}
    state = rows(work_office)
    for one in ("/thu-ky/lich", here, f"{here}/doi-dia-chi", f"{here}/thu-hoi"):
        assert work_office.send(one, browser=work_office.chair, owner="all", title="x").status_code == 403
        assert work_office.secretary.post(one, data={"csrf": "x", "owner": "all", "title": "x"}).status_code == 403
    assert rows(work_office) == state


def test_what_several_kinds_are_chosen_by_command_stays_on_the_page(work_office):
    work_office.send("/thu-ky/lich", owner="all", title="Hai loại", kinds="meeting,report")
    here = f"/thu-ky/lich/{rows(work_office)[0]['id']}"
    page = work_office.secretary.get(here).text
    assert '<option value="meeting,report" selected>Họp; Báo cáo</option>' in page


def test_in_english_nothing_of_the_frame_stays_vietnamese(work_office):
    work_office.send("/thu-ky/lich", owner="all", title="Meeting")
    number = rows(work_office)[0]["id"]
    for one in ("", f"/{number}", f"/{number}/dia-chi"):
        page = work_office.secretary.get(f"/thu-ky/lich{one}?lang=en").text
        assert '<html lang="en">' in page
        assert "Lịch đăng ký" not in page


def test_an_agency_subscribes_to_its_own_calendar_and_never_to_anothers(agency_office):
    mine, other = agency_office.enter("hoa"), agency_office.enter("khac")
    form = filled(mine, "/co-quan/lich", title="Điện thoại", owner="agency/B")
    made = mine.post("/co-quan/lich", data=form)
    [row] = rows(agency_office)
    assert (row["owner"], row["contact"], row["created_by"]) == ("agency/A", "hoa", "Lò Thị Hoa")
    here = f"/co-quan/lich/{row['id']}"
    assert digest_of(token_on(mine.get(made.headers["location"]).text)) == row["digest"]
    assert "Điện thoại" in mine.get("/co-quan/lich").text
    assert "Điện thoại" not in other.get("/co-quan/lich").text
    state = rows(agency_office)
    theirs = filled(other, "/co-quan/lich", title="x")
    assert {other.get(one).status_code for one in (here, f"{here}/dia-chi")} == {404}
    assert {other.post(one, data=theirs).status_code for one in (here, f"{here}/thu-hoi", f"{here}/doi-dia-chi")} == {
        404
    }
    assert rows(agency_office) == state
    assert mine.get("/thu-ky/lich").status_code == 303  # the office's own pages are not for agencies


def test_looking_changes_nothing(agency_office):
    mine = agency_office.enter("hoa")
    mine.post("/co-quan/lich", data=filled(mine, "/co-quan/lich", title="Điện thoại"))
    here = f"/co-quan/lich/{rows(agency_office)[0]['id']}"
    state = agency_office.state("session")
    for one in ("/co-quan/lich", here, f"{here}/dia-chi"):
        for look in (mine.get, mine.head):
            assert look(one).status_code == 200
    for one in (f"{here}/thu-hoi", f"{here}/doi-dia-chi"):
        assert mine.get(one).status_code == 405
    assert agency_office.state("session") == state


def test_links_into_calendar_programs():
    links = links_of("https://dondoc.example.vn", "T" * 43, "Sở Y tế & UBND")
    assert links.https == f"https://dondoc.example.vn/lich/{'T' * 43}.ics"
    assert links.webcal == links.apple == f"webcal://dondoc.example.vn/lich/{'T' * 43}.ics"
    assert parse_qs(urlsplit(links.google).query) == {"cid": [links.webcal]}
    assert parse_qs(urlsplit(links.outlook).query) == {"url": [links.https], "name": ["Sở Y tế & UBND"]}
    drawn = ElementTree.fromstring(links.qr_svg)
    assert (drawn.get("role"), drawn[0].tag.rpartition("}")[2]) == ("img", "title")
    assert "style" not in links.qr_svg
