"""Sheets of a planned year: what stands on which, what a secret keeps to itself, what a draft says."""

from datetime import date

import pytest
from sqlalchemy import select, update

from board.inspection_sheet import say_state
from board.sheet_entries import read_entries
from board.sheet_making import make_sheet
from board.sheet_periods import SheetKind, read_period
from board.sheets import Sheet
from models.occurrence import Duty
from office.store import open_store, reading, writing
from planning.check import read_definitions
from planning.yearbook import plan_year
from tests.board.sheet_samples import CONFERENCE, HEAD, INSPECTION, REPORT

ITEMS = """\
  - {id: I1, line: 1, title: Báo cáo năm, kind: report, when: trước 10/12/2024, lead: [G_MOT], recipients: [BAN]}
  - {id: I2, line: 2, title: Kiểm tra, kind: inspection, when: Quý IV năm 2024, lead: [BAN], inspected: [A, B],
     team: DOAN1, round: 2}
  - {id: I3, line: 3, title: Họp kín ở hầm, kind: meeting, when: ngày 05/12/2024, lead: [BAN], participants: [A],
     place: Hầm số 3, secret: true}
  - {id: I4, line: 4, title: Hội nghị tháng 7, kind: conference, when: Tháng 7 năm 2024, lead: [B]}
  - {id: I5, line: 5, title: Rà soát 6 tháng cuối năm, kind: review, when: 6 tháng cuối năm 2024, lead: [B]}
"""
TODAY = date(2024, 12, 2)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A small planned year; nothing here depends on the kind of database."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('sheets') / 'dondoc.db'}")
    yield store
    store.dispose()


@pytest.fixture
def make(store, write_programmes):
    with writing(store) as connection:
        plan_year(connection, read_definitions(write_programmes(ITEMS)), 2024, date(2024, 3, 4))

    def make(kind: SheetKind, text: str) -> Sheet:
        with reading(store) as connection:
            return make_sheet(connection, read_period(kind, text), HEAD, TODAY)

    return make


def titles(sheet: Sheet) -> dict[str, list[str]]:
    place = [column.key for column in sheet.columns].index(sheet.main)
    return {one.title: [str(row.cells[place]) for row in one.rows if not row.filler] for one in sheet.sections}


def test_a_week_has_what_is_held_due_and_running(make):
    assert titles(make(SheetKind.WEEK, "2024-W49")) == {
        "": ["Việc mật"],
        "Hạn trong tuần": [],
        "Dự kiến, chưa ấn định ngày": ["Rà soát 6 tháng cuối năm", "Kiểm tra"],
    }


def test_nothing_of_a_secret_is_on_any_sheet(make, store):
    with reading(store) as connection:
        [secret] = [one for one in read_entries(connection, date(2024, 12, 5), date(2024, 12, 5)) if one.line == 3]
    assert (secret.title, secret.place, secret.leads, secret.participants, secret.programme) == (
        "Việc mật", "", (), (), "",
    )  # fmt: skip
    for kind, text in ((SheetKind.WEEK, "2024-W49"), (SheetKind.MONTH, "2024-12"), (SheetKind.YEAR, "2024")):
        assert "hầm" not in str(make(kind, text)).lower()


def test_a_group_is_one_name(make):
    [row] = make(SheetKind.MONTH, "2024-12").sections[1].rows
    assert row.cells[:5] == (date(2024, 12, 9), "Hạn", "Báo cáo năm", "Các sở", "BCĐ")


def test_a_deadlines_note_says_who_was_given_more_time(make, store):
    with writing(store) as connection:
        first = connection.scalars(select(Duty.id).where(Duty.occurrence.like("%/I1/%")).order_by(Duty.id)).first()
        this = update(Duty).where(Duty.id == first)
        connection.execute(this.values(extended_to=date(2024, 12, 20)))
    [row] = make(SheetKind.MONTH, "2024-12").sections[1].rows
    assert "; gia hạn: " in row.cells[-1]
    assert " đến 20/12; " in row.cells[-1]
    with writing(store) as connection:
        connection.execute(this.values(extended_to=date(2024, 12, 20), done_on=TODAY))
    [row] = make(SheetKind.MONTH, "2024-12").sections[1].rows
    assert "gia hạn" not in row.cells[-1]
    with writing(store) as connection:
        connection.execute(this.values(extended_to=None, done_on=None))


def test_a_year_puts_each_thing_where_its_time_is_narrowest(make):
    found = {title: what for title, what in titles(make(SheetKind.YEAR, "2024")).items() if what}
    assert found == {
        "Tháng 7": ["Hội nghị tháng 7"],
        "Tháng 12": ["Việc mật", "Báo cáo năm"],
        "Trong quý IV": ["Kiểm tra"],
        "Kéo dài nhiều quý, cả năm": ["Rà soát 6 tháng cuối năm"],
    }
    assert len(make(SheetKind.YEAR, "2024").sections) == 14


def test_the_inspections_name_round_team_and_inspected(make):
    [row] = make(SheetKind.INSPECTIONS, "2024").sections[0].rows
    assert row.cells == (
        2, "Quý IV/2024", "Kiểm tra", "Đoàn 1", "BCĐ", "A; B", "Chưa ấn định ngày", "Chương trình P",
    )  # fmt: skip


def test_the_board_gives_its_denominators(make):
    sheet = make(SheetKind.BOARD, "2024")
    assert sheet.subtitle == "Năm 2024, tính đến ngày 02/12/2024"
    [total] = sheet.sections[0].rows
    assert total.cells == ("", "Tổng số", 0, 0, 2, 0, 0, 0, "—", "—")
    assert titles(sheet)["Theo cơ quan"] == ["Sở A", "Sở B"]
    assert titles(sheet)["Theo chương trình"] == ["Chương trình P"]
    assert sheet.footnotes[0] == "2 việc chưa đến hạn; chưa có gì để tính tỷ lệ."


def test_a_week_of_a_year_nobody_planned_says_so(make):
    assert make(SheetKind.WEEK, "2025-W01").footnotes[-1] == "Năm 2025 chưa được lập: biểu này có thể thiếu việc."
    assert make(SheetKind.WEEK, "2024-W49").footnotes[1:] == ()


def test_a_draft_says_so_behind_each_title(tmp_path, write_programmes):
    store = open_store(f"sqlite:///{tmp_path / 'draft.db'}")
    with writing(store) as connection:
        plan_year(connection, read_definitions(write_programmes(ITEMS, number="")), 2024, date(2024, 3, 4))
    with reading(store) as connection:
        found = {one.title for one in read_entries(connection, date(2024, 12, 5), date(2024, 12, 9))}
    assert {"Việc mật (dự thảo)", "Báo cáo năm (dự thảo)"} <= found
    store.dispose()


@pytest.mark.parametrize(
    ("entry", "today", "words"),
    [
        (INSPECTION, date(2024, 12, 31), "Chưa ấn định ngày"),
        (INSPECTION, date(2025, 1, 1), "Đã qua, chưa ấn định ngày"),
        (CONFERENCE, date(2024, 12, 5), "Đã ấn định ngày"),
        (CONFERENCE, date(2024, 12, 6), "Đã qua ngày ấn định"),
        (REPORT, date(2024, 12, 6), "Theo hạn"),
    ],
)
def test_an_inspections_state_in_words(entry, today, words):
    assert say_state(entry, today) == words
