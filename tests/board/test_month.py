"""The chair's month: what stands on it, in which order, and what is left for another sheet."""

from datetime import date, datetime

import pytest
from sqlalchemy import insert

from board.month import month_after, month_before, read_coming, read_month
from board.year import read_marks
from calendars.working_days import WorkingDays
from models.columns import table_of
from models.submission import Submission
from office.settings import VIETNAM
from office.store import reading, writing
from planning.opening import open_due
from planning.submissions import Recorded, mark_done, return_duty
from planning.yearbook import plan_year

ITEMS = """\
  - {id: I1, line: 1, title: Báo cáo năm, kind: report, when: trước 10/12/2024, lead: [A, B]}
  - {id: I2, line: 2, title: Hội nghị, kind: conference, when: ngày 05/12/2024, lead: [B]}
  - {id: I3, line: 3, title: Kiểm tra quý, kind: inspection, when: Quý IV năm 2024, lead: [A], inspected: [C]}
  - {id: I4, line: 4, title: Truyền thông, kind: communication, when: năm 2024, lead: [A]}
  - {id: I6, line: 6, title: Phát thanh, kind: communication, when: hằng tuần, lead: [C]}
  - {id: I5, line: 5, title: Báo cáo quý, kind: report, when: chậm nhất ngày 25/10/2024, lead: [C]}
"""


@pytest.fixture
def year(engine, definitions):
    with writing(engine) as connection:
        plan_year(connection, definitions(ITEMS), 2024, date(2024, 1, 2))
        open_due(connection, date(2024, 12, 12))
        recorded = Recorded("Chị Lan", datetime(2024, 12, 9, 9, tzinfo=VIETNAM))
        mark_done(connection, "P/I1/2024/A", date(2024, 12, 9), recorded)
    return engine


def coming(engine, first, last):
    with reading(engine) as connection:
        return read_coming(connection, first, last)


def test_what_is_due_held_or_to_be_held_by_its_day(year):
    december = coming(year, date(2024, 12, 1), date(2024, 12, 31))
    assert [(one.title, one.day, one.lead, one.fixed, one.deadline) for one in december if not one.weekly] == [
        ("Hội nghị", date(2024, 12, 5), ("B",), True, False),
        ("Báo cáo năm", date(2024, 12, 9), ("A", "B"), True, True),
        ("Kiểm tra quý", date(2024, 12, 31), ("A",), False, False),
        ("Truyền thông", date(2024, 12, 31), ("A",), False, False),
    ]
    assert [(one.done, one.asked) for one in december if one.deadline] == [(1, 2)]


def test_what_was_sent_back_has_still_to_come(year):
    with writing(year) as connection:
        lan = Recorded("Chị Lan", datetime(2024, 12, 10, 9, tzinfo=VIETNAM), "thiếu biểu")
        return_duty(connection, "P/I1/2024/A", lan, date(2024, 12, 20))
        progress = read_marks(connection, 2024).progress["P/I1/2024"]
    (report,) = [one for one in coming(year, date(2024, 12, 1), date(2024, 12, 31)) if one.deadline]
    assert (report.done, report.asked) == (progress.done, progress.owed) == (0, 2)


def test_a_matter_of_the_whole_year_stands_only_where_it_ends(year):
    november = coming(year, date(2024, 11, 1), date(2024, 11, 30))
    assert [one.title for one in november if not one.weekly] == ["Kiểm tra quý"]


def test_what_waits_for_a_day_is_told_from_what_runs_on(year):
    december = coming(year, date(2024, 12, 1), date(2024, 12, 31))
    assert [one.title for one in december if one.to_fix] == ["Kiểm tra quý"]
    assert [one.title for one in december if one.long] == ["Truyền thông"]
    weekly = [one for one in december if one.weekly]
    assert {one.title for one in weekly} == {"Phát thanh"}
    assert len(weekly) > 3
    assert not any(one.fixed or one.to_fix or one.long for one in weekly)


def test_a_draft_an_assumed_day_and_a_tentative_one_are_three_things(engine, definitions):
    items = """\
  - {id: I1, line: 1, title: Báo cáo quý, kind: report, when: hằng quý, lead: [A]}
  - {id: I2, line: 2, title: Họp, kind: meeting, when: dự kiến ngày 05/12/2024, lead: [A]}
"""
    with writing(engine) as connection:
        plan_year(connection, definitions(items), 2024, date(2024, 1, 2))
    meeting, report = coming(engine, date(2024, 12, 1), date(2024, 12, 31))
    assert (meeting.draft, meeting.assumed, meeting.tentative) == (False, False, True)
    assert (report.draft, report.assumed, report.tentative) == (False, True, False)
    assert report.when.endswith("(giả định)")
    with writing(engine) as connection:
        plan_year(connection, definitions(items, number=""), 2024, date(2024, 1, 2))
    meeting, report = coming(engine, date(2024, 12, 1), date(2024, 12, 31))
    assert [(one.draft, one.assumed, one.tentative) for one in (meeting, report)] == [
        (True, False, False),
        (True, True, False),
    ]


def test_a_part_that_came_is_counted_by_itself(year):
    with writing(year) as connection:
        part = {
            "duty": "P/I1/2024/B",
            "version": "1.1",
            "agency": "B",
            "by": "Bà Hoa",
            "complete": False,
            "key": "k" * 9,
        }
        at = {"at": datetime(2024, 12, 5, 9, tzinfo=VIETNAM), "note": ""}
        connection.execute(insert(table_of(Submission)), part | at)
        connection.execute(
            insert(table_of(Submission)), part | at | {"duty": "P/I1/2024/A", "agency": "A", "key": "a" * 9}
        )
    (report,) = [one for one in coming(year, date(2024, 12, 1), date(2024, 12, 31)) if one.deadline]
    assert (report.done, report.partly, report.asked) == (1, 1, 2)


def test_the_sheet_holds_two_months_what_is_late_today_and_what_waits(year):
    with reading(year) as connection:
        month = read_month(connection, date(2024, 10, 1), date(2024, 12, 12), WorkingDays())
    assert [one.title for one in month.this_month if not one.weekly] == ["Báo cáo quý", "Kiểm tra quý"]
    assert [one.title for one in month.next_month if not one.weekly] == ["Kiểm tra quý"]
    assert [(late.title, late.number) for late in month.late] == [("Báo cáo quý", 1), ("Báo cáo năm", 1)]
    assert (month.late_number, month.left_over) == (2, {})
    assert (month.counts.done, month.counts.due) == (1, 3)


@pytest.mark.parametrize(
    ("first", "before", "after"),
    [
        (date(2024, 12, 1), date(2024, 11, 1), date(2025, 1, 1)),
        (date(2024, 1, 1), date(2023, 12, 1), date(2024, 2, 1)),
    ],
)
def test_the_months_around(first, before, after):
    assert (month_before(first), month_after(first)) == (before, after)


def test_what_earlier_years_left_is_counted_and_not_listed(year):
    with reading(year) as connection:
        month = read_month(connection, date(2025, 1, 1), date(2025, 1, 6), WorkingDays())
    assert (month.late, month.left_over) == ((), {2024: 2})
