"""From a deadline to named, last on time and work by: articles 147 and 148 of the Civil Code."""

from datetime import date, time

import pytest

from calendars.due_days import RollRule, roll, settle_deadline, settle_term
from calendars.working_days import DayOverride, WorkingDays
from models.timing import Deadline, Relative

D = date

DAYS = WorkingDays(
    [
        DayOverride(D(2026, 1, 2), False, "12729/VPCP-KGVX"),
        DayOverride(D(2026, 1, 10), True, "12729/VPCP-KGVX"),
    ]
)


def days_of(due):
    return due.named_date, due.last_on_time, due.work_by


@pytest.mark.parametrize(
    ("named", "included", "last", "work_by"),
    [
        (D(2023, 12, 10), False, D(2023, 12, 9), D(2023, 12, 8)),  # the day before is a Saturday: it stays
        (D(2024, 3, 18), False, D(2024, 3, 17), D(2024, 3, 15)),
        (D(2026, 12, 20), False, D(2026, 12, 19), D(2026, 12, 18)),
        (D(2025, 12, 20), True, D(2025, 12, 22), D(2025, 12, 19)),  # Saturday: 148.5 moves the end
        (D(2024, 5, 5), True, D(2024, 5, 6), D(2024, 5, 4)),  # Sunday; the Saturday before it is worked
        (D(2024, 6, 14), True, D(2024, 6, 14), D(2024, 6, 14)),
        (D(2024, 2, 10), True, D(2024, 2, 15), D(2024, 2, 7)),  # all through Tết
        (D(2026, 1, 2), True, D(2026, 1, 5), D(2025, 12, 31)),  # off by a decision taken a week before
    ],
)
def test_the_three_days_of_a_deadline(named, included, last, work_by):
    assert days_of(settle_deadline(Deadline(named, included), DAYS)) == (named, last, work_by)


def test_an_office_may_read_before_as_including_the_day():
    due = settle_deadline(Deadline(D(2024, 3, 18), False), DAYS, before_is_inclusive=True)
    assert days_of(due) == (D(2024, 3, 18), D(2024, 3, 18), D(2024, 3, 18))


def test_before_an_hour_excludes_the_hour_and_not_the_day():
    due = settle_deadline(Deadline(D(2024, 6, 14), False, hour=time(16)), DAYS)
    assert days_of(due) == (D(2024, 6, 14), D(2024, 6, 14), D(2024, 6, 14))
    assert due.why == "trước 16h00 của chính ngày được nêu"


def test_before_an_hour_of_a_rest_day_never_moves():
    due = settle_deadline(Deadline(D(2024, 6, 15), False, hour=time(16)), DAYS)
    assert days_of(due) == (D(2024, 6, 15), D(2024, 6, 15), D(2024, 6, 14))


@pytest.mark.parametrize(
    ("start", "relative", "last"),
    [
        (D(2024, 4, 26), Relative(15, "working_day", "kết thúc đợt giám sát"), D(2024, 5, 21)),
        (D(2024, 6, 14), Relative(2, "working_day", "chốt số liệu"), D(2024, 6, 18)),
        (D(2024, 4, 1), Relative(15, "day", "ngày ký"), D(2024, 4, 16)),
        (D(2024, 5, 31), Relative(15, "day", "ngày ký"), D(2024, 6, 17)),  # 15/6 is a Saturday
        (D(2024, 1, 31), Relative(1, "month", "ngày ký"), D(2024, 2, 29)),  # February lacks the 31st
        (D(2024, 2, 29), Relative(1, "year", "ngày ký"), D(2025, 2, 28)),
        (D(2024, 6, 3), Relative(2, "week", "hội nghị"), D(2024, 6, 17)),
        (D(2023, 11, 30), Relative(1, "quarter", "hội nghị"), D(2024, 2, 29)),
        (D(2024, 6, 20), Relative(10, "day", "hội nghị", after=False), D(2024, 6, 10)),
        (D(2024, 6, 25), Relative(10, "day", "hội nghị", after=False), D(2024, 6, 15)),  # never moves later
        (D(2024, 6, 17), Relative(3, "working_day", "họp", after=False), D(2024, 6, 12)),
    ],
)
def test_a_term_does_not_count_the_day_of_its_event(start, relative, last):
    assert settle_term(start, relative, DAYS).last_on_time == last


def test_the_reason_names_its_article():
    assert "khoản 5 Điều 148" in settle_deadline(Deadline(D(2025, 12, 20), True), DAYS).why
    assert "khoản 3 Điều 147" in settle_term(D(2024, 4, 1), Relative(15, "day", "ngày ký"), DAYS).why


@pytest.mark.parametrize(
    ("day", "rule", "to"),
    [
        (D(2024, 6, 14), RollRule.NEXT, D(2024, 6, 14)),
        (D(2024, 6, 15), RollRule.NEXT, D(2024, 6, 17)),
        (D(2024, 6, 15), RollRule.PREVIOUS, D(2024, 6, 14)),
        (D(2024, 6, 15), RollRule.NEAREST, D(2024, 6, 14)),
        (D(2024, 6, 16), RollRule.NEAREST, D(2024, 6, 17)),
        (D(2024, 6, 15), RollRule.SKIP, None),
        (D(2024, 6, 15), RollRule.KEEP, D(2024, 6, 15)),
        (D(2024, 6, 30), RollRule.NEXT, D(2024, 7, 1)),
        (D(2024, 6, 30), RollRule.SAME_MONTH_NEAREST, D(2024, 6, 28)),
        (D(2024, 6, 1), RollRule.SAME_MONTH_NEAREST, D(2024, 6, 3)),
        (D(2024, 5, 4), RollRule.PREVIOUS, D(2024, 5, 3)),  # a swapped Saturday holds no events
    ],
)
def test_an_event_on_a_rest_day_rolls_by_its_rule(day, rule, to):
    assert roll(day, rule, DAYS) == to
