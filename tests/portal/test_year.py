"""The year's page: the strip and the table say the same, and what was typed into a paper stays text."""

import re
from datetime import date

import pytest
from sqlalchemy import update

from models.account import AccountRole
from models.columns import table_of
from models.occurrence import Occurrence
from office.store import writing
from portal.year_strip import shorten_title
from tests.portal.dates_office import ITEMS, MARKUP, opened

LONG = "Báo cáo kết quả thực hiện Chương trình hành động và Nghị quyết số 17-NQ/TU"
HELD_IN_JULY = "/thu-ky/viec/P/H/2024"


@pytest.fixture
def office(tmp_path, serve, write_programmes):
    with opened(tmp_path, serve, write_programmes(ITEMS)) as office:
        yield office


def marks(page):
    """What the strip leads to, by the shape it has."""
    picture = page.text.partition('role="group"')[2].partition("</svg>")[0]
    return dict(re.findall(r'<a href="([^"]+)" class="(\w+)', picture))


def rows(page):
    """What the table leads to, by its headings."""
    table = page.text.partition('id="bang"')[2]
    parts = re.split(r'<h3 id="([^"]+)">', table)[1:]
    return {
        anchor: re.findall(r'<tr><td><a href="([^"]+)"', text)
        for anchor, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_the_strip_and_the_table_show_the_same_each_in_its_shape(office):
    page = office.browser().get("/thu-ky/nam/2024")
    assert marks(page) == {
        HELD_IN_JULY: "window",
        "/thu-ky/viec/P/R/2024": "deadline",
        "/thu-ky/viec/P/K/2024": "window",
    }
    assert rows(page)["thang-7"] == [HELD_IN_JULY]
    assert rows(page)["thang-12"] == ["/thu-ky/viec/P/R/2024"]
    assert len(rows(page)["quy-3"]) == len(rows(page)["khong-ngay"]) == 1


def test_what_lies_across_more_than_half_a_year_is_folded_beneath_the_strip(office):
    occurrences = table_of(Occurrence)
    with writing(office.store) as connection:
        whole = {"first": date(2024, 1, 1), "last": date(2024, 12, 31), "certainty": "year"}
        connection.execute(update(occurrences).where(occurrences.c.item == "K").values(**whole))
    page = office.browser().get("/thu-ky/nam/2024")
    assert marks(page).keys() == {HELD_IN_JULY, "/thu-ky/viec/P/R/2024"}
    folded = page.text.partition("<details><summary>1 mục kéo dài hơn nửa năm</summary>")[2]
    assert folded.partition("</details>")[0].count('<a href="/thu-ky/viec/P/K/2024" class="window"') == 1


def opened_months(page):
    """The parts of the table that stand open."""
    return re.findall(r'<details class="month" open>\s*<summary><h3 id="([^"]+)"', page.text)


def test_what_comes_next_stands_open_one_touch_away(office):
    page = office.browser().get("/thu-ky/nam/2024")  # in March, when nothing comes before July
    assert opened_months(page) == ["thang-7"]
    assert '<a class="button" href="#thang-7">Đến tháng 7: 1 việc</a>' in page.text


@pytest.mark.parametrize(
    ("asked", "opened"),
    [
        ("2024?month=12", ["thang-12"]),
        ("2024?quarter=4", ["thang-12"]),
        ("2024?agency=B&kind=inspection", ["quy-3"]),  # the only part there is
        ("2025", []),
    ],
)
def test_the_first_month_of_what_is_asked_stands_open(office, asked, opened):
    assert opened_months(office.browser().get(f"/thu-ky/nam/{asked}")) == opened


def test_titles_stay_text_and_nothing_is_styled_in_line(office):
    page = office.browser().get("/thu-ky/nam/2024").text
    assert MARKUP not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r'\sstyle="|\son\w+="', page)


def test_the_year_is_the_offices_own_unless_named(office):
    browser = office.browser()
    assert browser.get("/thu-ky/nam").text.count("Năm công tác 2024") >= 1
    assert "chưa được lập" in browser.get("/thu-ky/nam/2031").text
    assert [browser.get(f"/thu-ky/nam/{year}").status_code for year in ("1", "99999999", "x")] == [404] * 3


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("month=12", {"thang-12"}),
        ("quarter=3", {"thang-7", "quy-3"}),
        ("kind=report", {"thang-12"}),
        ("agency=BAN", set()),
        ("programme=X", set()),
        ("month=13&quarter=x", {"thang-7", "thang-12", "quy-3", "khong-ngay"}),
    ],
)
def test_the_year_is_narrowed_to_what_is_asked(office, asked, left):
    assert rows(office.browser().get(f"/thu-ky/nam/2024?{asked}")).keys() == left


def test_what_waits_for_its_day_is_counted_with_the_way_to_fix_it(office):
    way = 'href="/thu-ky/an-dinh/P/H/2024"'
    page = office.browser().get("/thu-ky/nam/2024").text
    assert "Chờ ấn định ngày: 2 việc" in page
    assert way in page
    assert way not in office.browser(AccountRole.CHAIR).get("/thu-ky/nam/2024").text


def test_it_is_said_in_english_too(office):
    page = office.browser().get("/thu-ky/nam/2024?lang=en").text
    assert "The year 2024" in page
    assert "Waiting for their day: 2 matters" in page


def test_a_stranger_is_led_to_the_entrance(office):
    browser = office.browser()
    browser.cookies.clear()
    assert browser.get("/thu-ky/nam/2024").headers["location"] == "/dang-nhap?next=/thu-ky/nam/2024"


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Báo cáo năm", "Báo cáo năm"),
        (
            "Kiểm tra tiến độ, kết quả thực hiện các Chương trình MTQG - Đợt 2, Đoàn 1",
            "Kiểm tra tiến độ, kết quả … MTQG - Đợt 2, Đoàn 1",
        ),
        (
            "Hội nghị sơ kết công tác năm: rà soát hộ nghèo - bổ sung, chỉnh sửa",
            "Hội nghị sơ kết công tác … bổ sung, chỉnh sửa",  # no dash after the gap
        ),
        ("x" * 60, f"{'x' * 27} …"),  # nowhere to part it
    ],
)
def test_a_long_title_keeps_whole_words_of_both_its_ends(title, label):
    assert shorten_title(title) == label


def test_a_mark_says_its_whole_title(office):
    occurrences = table_of(Occurrence)
    with writing(office.store) as connection:
        connection.execute(update(occurrences).where(occurrences.c.item == "R").values(title=LONG))
    page = office.browser().get("/thu-ky/nam/2024").text
    assert f"<title>{LONG}: trước 10/12/2024" in page
    assert f"<title>{LONG}</title>{shorten_title(LONG)}</text>" in page
