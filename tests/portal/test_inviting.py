"""Invitations from the page of a meeting: everybody is named first, the button counts once, and only some may press."""

from datetime import date, time

import pytest
from sqlalchemy import insert

from models.account import AccountRole
from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.notice import Notice
from models.occurrence import Occurrence
from office.store import reading, writing
from planning.amendments import Basis
from planning.check import read_definitions
from planning.fixing import Fix, cancel_occurrence, fix_date
from tests.portal.dates_office import ITEMS, MARKUP, NOW, opened, press

INVITE, STORY = "/thu-ky/moi/P/H/2024", "/thu-ky/viec/P/H/2024"


@pytest.fixture
def office(tmp_path, serve, write_programmes):
    folder = write_programmes(ITEMS)
    with opened(tmp_path, serve, folder) as office:
        office.folder = folder
        add_focal(office, "b.focal", "B", MARKUP)
        yield office


def add_focal(office, code, agency, name):
    """A focal contact with a mailbox somebody has tried."""
    person = {"code": code, "name": name, "agency": agency, "post": "focal", "language": "vi", "digest": True}
    way = {"contact": code, "position": 0, "kind": "mail", "address": f"{code}@example.vn"}
    with writing(office.store) as connection:
        connection.execute(insert(table_of(Contact)), person | {"quiet_from": time(18), "quiet_to": time(7)})
        connection.execute(insert(table_of(ContactChannel)), way | {"verified_on": date(2024, 1, 2)})


def fix(office):
    wanted = Fix("P/H/2024", date(2024, 7, 11), starts=time(8), place=MARKUP, document="GM 25", by="Lan")
    with writing(office.store) as connection:
        fix_date(connection, read_definitions(office.folder), wanted, NOW.date(), NOW)


def invitations(office):
    with reading(office.store) as connection:
        rows = connection.execute(table_of(Notice).select().where(table_of(Notice).c.kind == "invitation"))
        return [(row.recipient, row.state) for row in rows]


def test_the_page_names_everybody_and_the_button_invites_once(office):
    fix(office)
    browser = office.browser()
    assert f'href="{INVITE}"' in browser.get(STORY).text
    page, before = browser.get(INVITE), office.everything()
    assert page.status_code == 200
    assert "Gửi giấy mời cho 1 người" in page.text
    assert "không mời được: Sở A chưa có đầu mối nào trong danh bạ." in page.text
    assert MARKUP not in page.text
    assert "@example.vn" not in page.text
    assert office.everything() == before  # looking changes nothing
    for _ in range(2):
        done = press(browser, page, INVITE)
        assert (done.status_code, done.headers["location"]) == (303, f"{STORY}?done=invited")
    assert invitations(office) == [("b.focal", "planned")]
    assert "Giấy mời đang chờ gửi" in browser.get(done.headers["location"]).text
    assert "đã mời: chờ đến giờ" in (again := browser.get(INVITE)).text
    assert "<button" not in again.text.partition("<h1")[2]


def test_pressed_again_it_invites_who_has_come_to_it_since(office):
    fix(office)
    browser = office.browser()
    press(browser, browser.get(INVITE), INVITE)
    add_focal(office, "a.focal", "A", "Bà A")
    press(browser, browser.get(INVITE), INVITE)
    assert sorted(invitations(office)) == [("a.focal", "planned"), ("b.focal", "planned")]


def test_without_a_day_or_called_off_or_secret_there_is_a_sentence_and_no_button(office):
    browser, page_with_form = office.browser(), None
    definitions = read_definitions(office.folder)
    secret = table_of(Occurrence).update().values(secret=True)

    def cancel(connection):
        cancel_occurrence(connection, definitions, "P/H/2024", Basis("Lan", "CV 3", ""), NOW.date(), NOW)

    for deed, sentence in (
        (lambda _connection: None, "Chưa ấn định ngày nên chưa gửi được giấy mời."),
        (cancel, "Việc này đã hủy nên không gửi giấy mời."),
        (lambda connection: connection.execute(secret), "Việc mật không mời qua thư"),
    ):
        with writing(office.store) as connection:
            deed(connection)
        for address in (INVITE, STORY):
            page = browser.get(address)
            assert sentence in page.text
            assert f'href="{INVITE}"' not in page.text
        page_with_form = page_with_form or browser.get("/thu-ky/an-dinh/P/K/2024")
        refused = press(browser, page_with_form, INVITE)
        assert (refused.status_code, sentence in refused.text) == (422, True)
    assert invitations(office) == []


def test_a_page_of_another_kind_of_matter_says_nothing_of_invitations(office):
    assert "giấy mời" not in office.browser().get("/thu-ky/viec/P/R/2024").text


def test_only_who_decides_invites_and_only_with_the_sessions_token(office):
    fix(office)
    chair = office.browser(AccountRole.CHAIR)
    assert chair.get(INVITE).status_code == 403
    assert f'href="{INVITE}"' not in chair.get(STORY).text
    browser = office.browser()
    assert browser.post(INVITE, data={"csrf": "x" * 43}).status_code == 403
    assert press(browser, browser.get(INVITE), "/thu-ky/moi/P/KHONG/2024").status_code == 404
    assert invitations(office) == []
