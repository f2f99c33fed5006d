"""Lịch công tác tuần and tháng as the office pins them to the wall."""

import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from board.month_sheet import lay_month
from board.sheet_rows import LASTING_NOTE, MOST_NAMES, say_names
from board.sheets import read_sheet, write_sheet
from board.week_sheet import lay_week
from tests.board.sheet_samples import CONFERENCE, ENTRIES, HEAD, MONDAY, REPORT, week

HELD = ("Sáng, 8h00-11h30", "Hội nghị tổng kết", "BCĐ", "Các sở; Các huyện", "Hội trường A")
INVITED = "Ấn định theo Giấy mời 12/GM-BCĐ; Chương trình P"
GOLDEN = [
    ("", [
        (date(2024, 12, 2), "", "—", "", "", "", ""),
        (date(2024, 12, 3), "", "—", "", "", "", ""),
        (date(2024, 12, 4), *HELD, INVITED),
        (date(2024, 12, 5), *HELD, INVITED),
        (date(2024, 12, 6), "", "—", "", "", "", ""),
        (date(2024, 12, 7), "", "—", "", "", "", ""),
        (date(2024, 12, 8), "", "Việc mật", "", "", "", ""),
    ]),
    ("Hạn trong tuần", [
        (date(2024, 12, 5), "Hạn", "Báo cáo năm", "Các sở", "Ban Dân tộc", "",
         "Trước 06/12/2024, ngày cuối 05/12/2024, nên xong 05/12/2024; Chương trình P"),
    ]),
    ("Dự kiến, chưa ấn định ngày", [
        ("Quý IV/2024", "", "Kiểm tra (dự thảo)", "BCĐ; Đoàn 1", "Huyện A", "", "Chương trình P"),
    ]),
]  # fmt: skip


def rows(sheet):
    return [(section.title, [row.cells for row in section.rows]) for section in sheet.sections]


def test_a_small_week_reads_as_the_office_writes_it():
    sheet = week()
    assert (sheet.key, sheet.title) == ("week/2024-W49", "LỊCH CÔNG TÁC TUẦN")
    assert sheet.subtitle == "Tuần 49, từ ngày 02/12/2024 đến ngày 08/12/2024"
    assert rows(sheet) == GOLDEN
    assert sheet.footnotes == (LASTING_NOTE,)
    assert [sheet.columns[0].say(row.cells[0]) for row in sheet.sections[0].rows][::6] == [
        "Thứ Hai, 02/12/2024", "Chủ nhật, 08/12/2024",
    ]  # fmt: skip


def test_a_section_without_anything_says_so_with_a_dash():
    assert rows(week(CONFERENCE))[1:] == [
        (title, [("", "", "—", "", "", "", "")]) for title in ("Hạn trong tuần", "Dự kiến, chưa ấn định ngày")
    ]


@pytest.mark.parametrize(
    ("monday", "key", "subtitle"),
    [
        (date(2020, 12, 28), "week/2020-W53", "Tuần 53, từ ngày 28/12/2020 đến ngày 03/01/2021"),
        (date(2024, 12, 30), "week/2025-W01", "Tuần 1, từ ngày 30/12/2024 đến ngày 05/01/2025"),
    ],
)
def test_the_week_of_new_year_has_the_number_of_the_year_of_its_thursday(monday, key, subtitle):
    sheet = lay_week((), monday, HEAD)
    assert (sheet.key, sheet.subtitle) == (key, subtitle)


def test_what_lasts_beyond_the_week_stands_on_its_days_within():
    long = replace(CONFERENCE, first=date(2024, 11, 30), last=date(2024, 12, 3))
    held = [row for row in week(long).sections[0].rows if not row.filler]
    assert [(row.key, row.cells[0]) for row in held] == [
        ("P/C/2024#3", date(2024, 12, 2)), ("P/C/2024#4", date(2024, 12, 3)),
    ]  # fmt: skip


def test_a_month_lists_only_days_with_something_on_them():
    sheet = lay_month(ENTRIES, date(2024, 12, 1), date(2024, 12, 31), HEAD)
    assert (sheet.key, sheet.subtitle, sheet.wide) == (
        "month/2024-12", "Tháng 12 năm 2024, từ ngày 01/12/2024 đến ngày 31/12/2024", True,
    )  # fmt: skip
    assert [row.cells[0].day for row in sheet.sections[0].rows] == [4, 5, 8]


def test_a_kept_sheet_is_read_back_as_it_was_and_in_composed_letters():
    sheet = lay_week((CONFERENCE, REPORT), MONDAY, HEAD)
    content = write_sheet(sheet)
    assert read_sheet(content) == sheet
    assert unicodedata.is_normalized("NFC", content)


def test_of_too_many_names_the_first_and_how_many_more():
    names = tuple(f"Xã {number}" for number in range(MOST_NAMES + 3))
    assert say_names(names).endswith(f"Xã {MOST_NAMES - 1} và 3 cơ quan khác")
