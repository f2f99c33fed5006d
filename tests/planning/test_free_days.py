"""Free days: working ones, never a swapped Saturday or Tết's week, in time for an invitation, the least busy first."""

from datetime import date

import pytest

from calendars.working_days import DayOverride, WorkingDays
from planning.free_days import Busy, is_week_of_tet, propose_days, remark_on_days

DAYS = WorkingDays([DayOverride(date(2024, 7, 13), working=True, document="QĐ 7")])  # a Saturday
TODAY = date(2024, 6, 24)
MONDAY, TUESDAY, FRIDAY = date(2024, 7, 1), date(2024, 7, 2), date(2024, 7, 5)


def proposed(first, last, busy=(), **options):
    found = propose_days(first, last, options.pop("today", TODAY), DAYS, busy, **options)
    return [(one.first, one.last) for one in found]


def test_working_days_from_the_beginning_of_the_stretch():
    assert proposed(MONDAY, date(2024, 7, 9), most=7) == [
        (date(2024, 7, day), date(2024, 7, day)) for day in (1, 2, 3, 4, 5, 8, 9)
    ]  # fmt: skip


def test_what_the_same_agencies_are_free_on_comes_first_then_the_least_weight():
    busy = [
        Busy(MONDAY, TUESDAY, "Họp", 3, frozenset({"A"})),
        Busy(date(2024, 7, 3), date(2024, 7, 3), "Hạn", 1, frozenset({"A", "C"})),
        Busy(date(2024, 7, 4), date(2024, 7, 4), "Việc của người khác", 3, frozenset({"B"})),
    ]
    found = propose_days(MONDAY, date(2024, 7, 4), TODAY, DAYS, busy, agencies=["A"])
    assert [(one.first.day, one.clashes) for one in found] == [(4, ()), (3, ("Hạn",)), (1, ("Họp",)), (2, ("Họp",))]
    assert found[0].why == "thứ Năm, sau 8 ngày làm việc; không vướng việc nào"
    assert found[1].why.endswith("; các cơ quan ấy còn 1 việc khác")


def test_several_days_go_on_after_a_weekend_and_end_within_the_stretch():
    assert proposed(date(2024, 7, 4), date(2024, 7, 8), duration=2) == [
        (date(2024, 7, 4), FRIDAY), (FRIDAY, date(2024, 7, 8)),
    ]  # fmt: skip


def test_a_saturday_worked_by_a_swap_is_never_proposed_nor_lies_within():
    assert proposed(date(2024, 7, 12), date(2024, 7, 14)) == [(date(2024, 7, 12), date(2024, 7, 12))]
    assert proposed(date(2024, 7, 12), date(2024, 7, 15), duration=2) == []


def test_the_week_of_tet_is_left_out_the_new_year_of_january_is_not():
    assert is_week_of_tet(date(2024, 2, 5), DAYS)  # its Thursday is off
    assert is_week_of_tet(date(2024, 2, 16), DAYS)
    assert not is_week_of_tet(date(2024, 2, 19), DAYS)
    assert not is_week_of_tet(date(2024, 1, 2), DAYS)
    assert proposed(date(2024, 2, 5), date(2024, 2, 19), today=date(2024, 1, 8)) == [
        (date(2024, 2, 19), date(2024, 2, 19))
    ]  # fmt: skip


def test_five_working_days_ahead_when_possible_sooner_when_nothing_else_is_left_never_today():
    assert proposed(TODAY, MONDAY) == [(MONDAY, MONDAY)]
    urgent = propose_days(TODAY, date(2024, 6, 25), TODAY, DAYS, [])
    assert [(one.first, "gấp" in one.why) for one in urgent] == [(date(2024, 6, 25), True)]
    assert proposed(date(2024, 6, 1), TODAY) == []
    assert proposed(FRIDAY, MONDAY) == []


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (MONDAY, MONDAY, []),
        (date(2024, 7, 13), date(2024, 7, 13), ["Ngày 13/07/2024: thứ Bảy làm bù theo QĐ 7; không nên xếp lịch."]),
        (date(2024, 7, 7), date(2024, 7, 8), ["Ngày 07/07/2024: nghỉ cuối tuần (Chủ nhật)."]),
        (date(2024, 9, 2), date(2024, 9, 2), ["Ngày 02/09/2024: nghỉ Quốc khánh."]),
        (TODAY, TODAY, ["Ngày 24/06/2024 đã qua hoặc là hôm nay."]),
        (date(2025, 2, 3), date(2025, 2, 3), []),
        (date(2024, 2, 16), date(2024, 2, 16), [
            "Ngày 16/02/2024 đã qua hoặc là hôm nay.", "Rơi vào tuần Tết Nguyên đán.",
        ]),
    ],
)  # fmt: skip
def test_what_speaks_against_a_day_is_said(first, last, said):
    assert list(remark_on_days(first, last, TODAY, DAYS)) == said


def test_a_year_nobody_has_decided_yet_is_said_to_be_provisional():
    (reason,) = remark_on_days(date(2099, 7, 1), date(2099, 7, 1), TODAY, DAYS)
    assert "tạm tính" in reason
