"""One page with everything recorded on a screen in a year: narrowed, turned, downloaded, and never changed there."""

from datetime import timedelta
from html import unescape
from io import BytesIO

import openpyxl
import pytest

import portal.changes
from models.account import AccountRole
from models.amendment import AmendmentKind
from office.store import writing
from planning.amendments import Basis, record
from planning.contact_amendments import amend_contact
from planning.definitions import ContactDefinition
from planning.on_screen import CalledOff, DayOnScreen
from portal.changes import SLUGS
from tests.portal.dates_office import ITEMS, MARKUP, NOW, opened, press

PAGE, FILE_OF_ALL = "/thu-ky/dieu-chinh", "/thu-ky/dieu-chinh/tai-ve"
FIX, CANCEL, DAYS = "/thu-ky/an-dinh/P/H/2024", "/thu-ky/huy/P/R/2024", "/thu-ky/danh-muc/ngay-nghi"
JULY = {"choice": "2024-07-11/2024-07-11", "document": f"GM {MARKUP}"}


@pytest.fixture
def office(tmp_path, serve, write_programmes):
    with opened(tmp_path, serve, write_programmes(ITEMS)) as office:
        yield office


def confirm(browser, address, **fields):
    """Both buttons of a form, one after the other."""
    shown = press(browser, browser.get(address), address, step="preview", **fields)
    assert press(browser, shown, address, step="confirm").status_code == 303


def note(office, kind, subject, content, by="Bà Lan", hours=0):
    """One line as the rooms write it."""
    with writing(office.store) as connection:
        record(connection, kind, subject, content, Basis(by, "QĐ 1"), NOW + timedelta(hours=hours))


def rows(page):
    """The cells of each line of the table, without marks."""
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(unescape(_plain(line)).split()) for line in body.split("<tr>")[1:]]


def _plain(text):
    return "".join(part.partition(">")[2] for part in f">{text}".split("<"))


def test_what_was_done_on_the_pages_stands_there_newest_first_with_its_way_back(office):
    browser = office.browser()
    confirm(browser, FIX, **JULY)
    confirm(browser, CANCEL, why="Gộp vào kỳ sau")
    page = browser.get(PAGE)
    assert rows(page) == [
        "9h00 ngày 04/03/2024 Bà secretariat Hủy Báo cáo năm Gộp vào kỳ sau còn hiệu lực",
        f"9h00 ngày 04/03/2024 Bà secretariat Ấn định ngày của Hội nghị {MARKUP}: 11/07/2024 "
        f"(văn bản nêu: Tháng 7/2024) GM {MARKUP} còn hiệu lực",
    ]
    assert MARKUP not in page.text
    assert '<a href="/thu-ky/viec/P/R/2024">' in page.text
    assert f'href="{PAGE}" aria-current="page"' in page.text


def test_it_is_narrowed_by_kind_by_who_and_by_year_without_a_script(office):
    note(office, AmendmentKind.CANCEL, "P/R/2024", CalledOff())
    note(office, AmendmentKind.DAY, "2024-12-30", DayOnScreen(working=False), by="Ông Hòa", hours=1)
    browser = office.browser()
    everything = rows(browser.get(PAGE))
    assert len(everything) == 2
    assert rows(browser.get(PAGE, params={"loai": "huy"})) == everything[1:]
    assert rows(browser.get(PAGE, params={"nguoi": "Ông Hòa"})) == everything[:1]
    assert rows(browser.get(PAGE, params={"loai": "huy", "nguoi": "Ông Hòa"})) == []
    assert rows(browser.get(PAGE, params={"loai": "khong-co"})) == everything
    assert rows(browser.get(PAGE, params={"nam": "2023"})) == []
    assert browser.get(PAGE, params={"nam": "1200"}).status_code == 404
    assert set(SLUGS.values()) == set(AmendmentKind)


def test_who_only_reads_is_led_where_they_may_go(office):
    ways = [{"kind": "mail", "address": "hoa@example.vn"}]
    hoa = {"code": "B.focal", "name": "Lò Thị Hoa", "agency": "B", "post": "focal", "channels": ways}
    with writing(office.store) as connection:
        amend_contact(connection, ContactDefinition.model_validate(hoa), "Bà Lan", NOW)
    for role, way in (
        (AccountRole.SECRETARIAT, "/thu-ky/danh-muc/nguoi-lien-he/B.focal/sua"),
        (AccountRole.CHAIR, "/thu-ky/danh-muc/nguoi-lien-he#B.focal"),
    ):
        browser = office.browser(role)
        page = browser.get(PAGE)
        assert (f'<a href="{way}">' in page.text, browser.get(way).status_code) == (True, 200)


def test_a_long_list_is_turned_page_by_page(office, monkeypatch):
    monkeypatch.setattr(portal.changes, "MOST", 2)
    for number in range(5):
        note(office, AmendmentKind.DAY, f"2024-12-0{number + 2}", DayOnScreen(working=False), hours=number)
    browser = office.browser()
    pages = [browser.get(PAGE, params={"trang": str(number), "loai": "ngay-nghi"}) for number in (1, 2, 3)]
    assert [len(rows(page)) for page in pages] == [2, 2, 1]
    assert f'href="{PAGE}?nam=2024&amp;loai=ngay-nghi&amp;trang=3" rel="next"' in pages[1].text
    assert 'rel="next"' not in pages[2].text
    assert 'rel="prev"' not in pages[0].text
    for beyond in ("9", "0", "-1", "x", "9" * 30):
        shown = rows(browser.get(PAGE, params={"trang": beyond, "loai": "ngay-nghi"}))
        assert shown == rows(pages[2] if beyond == "9" else pages[0])


def test_it_is_downloaded_as_it_is_narrowed_with_everything_as_text(office):
    note(office, AmendmentKind.CANCEL, "P/R/2024", CalledOff(), by="=1+1")
    note(office, AmendmentKind.DAY, "2024-12-30", DayOnScreen(working=False), by="Ông Hòa", hours=1)
    browser = office.browser(AccountRole.CHAIR)
    answer = browser.get(FILE_OF_ALL, params={"nguoi": "=1+1"})
    assert 'filename="dieu-chinh-2024.xlsx"' in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    [line] = [line for line in lines if line[2] == "=1+1"]
    assert line[1:] == ["09:00", "=1+1", "Hủy, khôi phục", "Hủy Báo cáo năm", "QĐ 1", None, "còn hiệu lực"]
    assert f"{line[0]:%d/%m/%Y}" == "04/03/2024"
    assert not any("Ông Hòa" in line for line in lines)
    whole = openpyxl.load_workbook(BytesIO(browser.get(FILE_OF_ALL).content)).active
    assert any(row[2].value == "Ông Hòa" for row in whole.iter_rows())


def test_looking_changes_nothing_and_an_empty_year_says_so(office):
    browser = office.browser()
    before = office.everything()
    assert "Không có điều chỉnh nào như vậy." in browser.get(PAGE).text
    assert browser.get(FILE_OF_ALL).status_code == 200
    assert "No such changes." in browser.get(PAGE, params={"lang": "en"}).text
    assert office.everything() == before
