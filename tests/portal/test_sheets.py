"""The pages of sheets: who may look, who may publish, and that an edition stays as it was."""

import re
import shutil
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO

import httpx
import openpyxl
import pytest
from docx import Document
from sqlalchemy import insert, update

from models.account import Account, AccountRole
from models.columns import table_of
from models.occurrence import Occurrence
from models.sheet import SheetEdition
from notices.links import Links
from office.sessions import open_session
from office.settings import VIETNAM, Settings
from office.store import open_store, reading, writing
from planning.check import read_definitions
from planning.yearbook import plan_year
from portal.app import make_app
from portal.desk import Desk
from tests.portal.office_door import hidden

ITEMS = """\
  - {id: I1, line: 1, title: "Báo cáo <b>năm</b>", kind: report, when: trước 06/12/2024, lead: [A]}
  - {id: I2, line: 2, title: Hội nghị tháng 12, kind: conference, when: Tháng 12 năm 2024, lead: [B]}
"""
NOW = datetime(2024, 12, 2, 8, tzinfo=VIETNAM)
REALLY = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEEK = "/bieu/tuan/2024-W49"
ACCOUNTS, OCCURRENCES, EDITIONS = table_of(Account), table_of(Occurrence), table_of(SheetEdition)


class HeldClock:
    """Monday morning, for good."""

    def now(self):
        return NOW

    def today(self):
        return NOW.date()

    def banner(self):
        return None

    def began(self):
        return None


class Office:
    """The portal with a browser for each role."""

    def __init__(self, store, home, serve):
        self.store, self.browsers = store, []

        def make(address):
            settings, links = Settings(home=home), Links("x" * 40, address)
            return make_app(Desk(settings, HeldClock(), store, links, "x" * 40, lambda: REALLY))

        self.address = serve(make)

    def browser(self, role=None):
        client = httpx.Client(base_url=self.address, timeout=120)
        self.browsers.append(client)
        if role:
            with writing(self.store) as connection:
                client.cookies.set("dondoc", open_session(connection, REALLY, account=role.value))
        return client

    def close(self):
        for browser in self.browsers:
            browser.close()

    def editions(self):
        with reading(self.store) as connection:
            return [(row.sheet, row.number, row.by) for row in connection.execute(EDITIONS.select())]

    def move_conference(self, day):
        with writing(self.store) as connection:
            connection.execute(
                update(OCCURRENCES)
                .where(OCCURRENCES.c.item == "I2")
                .values(placing="fixed", certainty="exact", first=day, last=day, place="Hội trường A")
            )


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A database with the small year and an account of each role, to be copied: editions cannot be taken out."""
    database = tmp_path_factory.mktemp("sheets") / "planned.db"
    store = open_store(f"sqlite:///{database}")
    yield store, database
    store.dispose()


@pytest.fixture
def office(planned, write_programmes, serve, tmp_path):
    store, database = planned
    if not _has_accounts(store):
        _plan(store, write_programmes(ITEMS))
    shutil.copy(database, tmp_path / "dondoc.db")
    own = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    office = Office(own, tmp_path, serve)
    yield office
    office.close()
    own.dispose()


def _has_accounts(store):
    with reading(store) as connection:
        return connection.execute(ACCOUNTS.select()).first() is not None


def _plan(store, folder):
    with writing(store) as connection:
        plan_year(connection, read_definitions(folder), 2024, date(2024, 3, 4))
        for role in AccountRole:
            row = {"name": role.value, "shown": f"Người {role.value}", "role": role.value, "password": ""}
            connection.execute(insert(ACCOUNTS), row | {"active": True, "must_change": False, "created_at": REALLY})
    store.dispose()  # everything is in the one file then


@pytest.fixture
def lan(office):
    """The secretary's browser."""
    return office.browser(AccountRole.SECRETARIAT)


def publish(browser, page=None, **changed):
    page = page or browser.get(WEEK)
    return browser.post(WEEK, data={"csrf": hidden(page, "csrf"), "seen": hidden(page, "seen")} | changed)


def options(page, slug):
    """What may be chosen: the period as the address has it → its words."""
    form = page.text.partition(f'id="ky-{slug}"')[2].partition("</select>")[0]
    return {name: unescape(words) for name, words in re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)<', form)}


def chosen(page, slug):
    """The period that is chosen already; None where none is."""
    form = page.text.partition(f'id="ky-{slug}"')[2].partition("</select>")[0]
    found = re.search(r'value="([^"]+)" selected', form)
    return found and found[1]


def test_a_stranger_sees_no_sheet(office):
    for address in ("/bieu", WEEK, f"{WEEK}.docx", f"{WEEK}/lan-0", f"{WEEK}/lan-0.xlsx"):
        page = office.browser().get(address)
        assert (page.status_code, page.headers["location"].partition("?")[0]) == (303, "/dang-nhap")


def test_the_first_page_leads_to_each_kind(lan):
    page = lan.get("/bieu")
    for address in (WEEK, "/bieu/thang/2024-12", "/bieu/kiem-tra/2024", "/bieu/nam/2024", "/bieu/tien-do/2024"):
        assert f'href="{address}"' in page.text
        assert lan.get(address).status_code == 200
    assert lan.get("/bieu", params={"loai": "tuan", "ky": "2020-W53"}).headers["location"] == "/bieu/tuan/2020-W53"
    assert lan.get("/bieu", params={"loai": "tuan"}).headers["location"] == WEEK


def test_a_mistyped_period_is_answered_with_an_example_beside_the_choice(lan):
    page = lan.get("/bieu", params={"loai": "tuan", "ky": "2024-W53"})
    assert page.status_code == 422
    assert "không có kỳ nào là «2024-W53». Viết như 2024-W49" in page.text
    assert chosen(page, "tuan") == "2024-W49"


def test_a_week_is_chosen_by_its_days_the_present_one_first(lan):
    page = lan.get("/bieu")
    weeks = options(page, "tuan")
    assert len(weeks) == 53
    assert weeks["2024-W01"] == "Tuần 1: 01/01 – 07/01/2024"
    assert weeks["2024-W51"] == "Tuần 51: 16/12 – 22/12/2024"
    assert weeks["2025-W01"] == "Tuần 1: 30/12/2024 – 05/01/2025"  # it begins in 2024
    assert list(options(page, "thang").values()) == [f"Tháng {month}/2024" for month in range(1, 13)]
    assert (chosen(page, "tuan"), chosen(page, "thang")) == ("2024-W49", "2024-12")
    assert options(lan.get("/bieu?lang=en"), "tuan")["2024-W51"] == "Week 51: 16/12 – 22/12/2024"


def test_another_year_has_its_own_weeks_and_sheets(lan):
    page = lan.get("/bieu?nam=2021")
    assert next(iter(options(page, "tuan"))) == "2020-W53"  # it ends in 2021
    assert chosen(page, "tuan") is None
    assert 'href="/bieu/nam/2021"' in page.text
    assert re.findall(r'href="/bieu\?nam=(\d+)"', page.text) == ["2020", "2021", "2022", "2024"]
    assert chosen(lan.get("/bieu?nam=x"), "tuan") == "2024-W49"  # nothing asked


@pytest.mark.parametrize(("year", "first", "last"), [(2000, "2000-W01", "2000-W52"), (2100, "2099-W53", "2100-W52")])
def test_the_first_and_the_last_year_we_know_have_their_weeks(lan, year, first, last):
    weeks = list(options(lan.get(f"/bieu?nam={year}"), "tuan"))
    assert (weeks[0], weeks[-1]) == (first, last)
    assert chosen(lan.get(f"/bieu/tuan/{last}"), "tuan") == last


def test_a_sheet_leads_to_the_other_weeks_and_months_of_its_year(lan):
    week, month, year = (lan.get(address) for address in (WEEK, "/bieu/thang/2024-12", "/bieu/nam/2024"))
    assert '<a href="/bieu/tuan/2024-W48">Tuần trước</a>' in week.text
    assert '<a href="/bieu/thang/2025-01">Tháng sau</a>' in month.text
    assert '<a href="/bieu/nam/2023">Năm trước</a>' in year.text
    assert (chosen(week, "tuan"), chosen(month, "thang")) == ("2024-W49", "2024-12")
    assert "<select" not in year.text


@pytest.mark.parametrize(
    "address",
    [
        "/bieu/tuan/2024-W53", "/bieu/tuan/2024-W53.docx", "/bieu/ngay/2024-12-02", f"{WEEK}.pdf", f"{WEEK}/lan-0",
        f"{WEEK}/lan-0.xlsx", f"{WEEK}/0", f"{WEEK}/lan-²", f"{WEEK}/lan-9999999999999999999", "/bieu?loai=ngay",
    ],
)  # fmt: skip
def test_what_is_no_sheet_is_not_found(lan, address):
    assert lan.get(address).status_code == 404


def test_a_sheet_is_shown_escaped_with_its_way_before_and_after(lan):
    page = lan.get(WEEK).text
    assert "Báo cáo &lt;b&gt;năm&lt;/b&gt;" in page
    assert "<b>năm" not in page
    assert 'href="/bieu/tuan/2024-W48"' in page
    assert 'href="/bieu/tuan/2024-W50"' in page
    assert "BẢN CHƯA CÔNG BỐ" in page


def test_only_who_decides_may_publish(office, lan):
    chair = office.browser(AccountRole.CHAIR)
    page = chair.get(WEEK)
    assert page.status_code == 200
    assert 'name="seen"' not in page.text
    assert chair.post(WEEK, data={"csrf": hidden(page, "csrf"), "seen": "x"}).status_code == 403
    assert publish(lan, csrf="x").status_code == 403
    assert office.editions() == []


def test_publishing_freezes_an_edition_once(office, lan):
    page = lan.get(WEEK)
    assert "không sửa, không rút được; thay đổi sau đó thành điều chỉnh lần 1." in page.text
    assert [publish(lan, page).headers["location"] for _ in range(2)] == [
        f"{WEEK}?done=cong-bo", f"{WEEK}?done=khong-doi",
    ]  # fmt: skip
    assert office.editions() == [("week/2024-W49", 0, "Người secretariat")]
    page = lan.get(f"{WEEK}?done=cong-bo").text
    assert "Đã công bố." in page
    assert 'name="seen"' not in page  # nothing to publish any more
    assert "Bản đầu</a>" in page
    assert f'href="{WEEK}"' in lan.get("/bieu").text


def test_what_changed_meanwhile_is_looked_at_before_it_is_published(office, lan):
    page = lan.get(WEEK)
    office.move_conference(date(2024, 12, 4))
    answer = publish(lan, page)
    assert answer.status_code == 422
    assert "Nội dung vừa thay đổi" in answer.text
    assert office.editions() == []
    assert publish(lan, answer).status_code == 303


def test_the_next_edition_marks_what_changed_and_the_first_stays_as_it_was(office, lan):
    office.move_conference(date(2024, 12, 4))
    publish(lan)
    office.move_conference(date(2024, 12, 5))
    page = lan.get(WEEK).text
    assert "(Điều chỉnh lần 1)" in page
    assert '<span class="changed">Thứ Năm, 05/12/2024 (sửa)</span>' in page
    publish(lan)
    assert office.editions()[-1][1] == 1
    first, second = (lan.get(f"{WEEK}/lan-{number}").text for number in (0, 1))
    assert "Thứ Tư, 04/12/2024</td><td></td><td>Hội nghị tháng 12" in first
    assert "Điều chỉnh lần 1)" not in first
    assert "(sửa)" in second
    words = Document(BytesIO(lan.get(f"{WEEK}/lan-0.docx").content)).tables[1].rows[3].cells
    assert [words[0].text, words[2].text] == ["Thứ Tư, 04/12/2024", "Hội nghị tháng 12"]


def test_a_file_is_handed_down_with_both_its_names(lan):
    file = lan.get(f"{WEEK}.xlsx")
    assert file.headers["content-disposition"].startswith('attachment; filename="week-2024-W49-0.xlsx"; filename*=')
    assert file.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert openpyxl.load_workbook(BytesIO(file.content)).sheetnames == ["week 2024-W49"]
    assert lan.get(f"{WEEK}.docx").content[:2] == b"PK"


def test_looking_changes_nothing(office, lan):
    for address in ("/bieu", WEEK, f"{WEEK}.docx", "/bieu/tien-do/2024"):
        assert lan.head(address).status_code == 200
    assert office.editions() == []


def test_the_page_is_there_in_english_and_the_paper_stays_vietnamese(lan):
    page = lan.get(f"{WEEK}?lang=en").text
    assert "Download the Word file (.docx)" in page
    assert "LỊCH CÔNG TÁC TUẦN" in page
