"""Which days offices work, as decided from 2023 to 2026, and what is only a forecast."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.working_days import LAST_DECIDED_YEAR, DayOverride, WorkingDays
from models.timing import Certainty, Window

D = date

DOCUMENT = "12729/VPCP-KGVX"
LATE_DECISION = [
    DayOverride(D(2026, 1, 2), False, DOCUMENT, "văn thư", "nghỉ Tết Dương lịch"),
    DayOverride(D(2026, 1, 10), True, DOCUMENT, "văn thư"),
]
DAYS = WorkingDays(LATE_DECISION)


@pytest.mark.parametrize(
    ("day", "working", "why"),
    [
        (D(2024, 6, 14), True, "ngày làm việc"),
        (D(2024, 6, 15), False, "nghỉ cuối tuần (thứ Bảy)"),
        (D(2024, 6, 16), False, "nghỉ cuối tuần (Chủ nhật)"),
        (D(2024, 2, 8), False, "nghỉ 29 Tết"),
        (D(2024, 2, 10), False, "nghỉ Tết Nguyên Đán"),
        (D(2024, 2, 14), False, "nghỉ Mùng năm Tết Nguyên Đán"),
        (D(2024, 2, 15), True, "ngày làm việc"),
        (D(2024, 4, 18), False, "nghỉ Giỗ Tổ Hùng Vương"),
        (D(2024, 4, 29), False, "nghỉ (thay cho ngày 04/05/2024)"),
        (D(2024, 5, 4), True, "thứ Bảy làm bù theo lịch nghỉ lễ đã công bố"),
        (D(2024, 9, 3), False, "nghỉ Quốc khánh"),
        (D(2023, 5, 2), False, "nghỉ Giỗ Tổ Hùng Vương (nghỉ bù)"),
        (D(2025, 1, 27), False, "nghỉ 29 Tết"),  # compensation for Saturday 1/2/2025
        (D(2025, 4, 26), True, "thứ Bảy làm bù theo lịch nghỉ lễ đã công bố"),
        (D(2014, 12, 27), True, "thứ Bảy làm bù theo lịch nghỉ lễ đã công bố"),  # pays for 2/1/2015, a year later
        (D(2026, 1, 2), False, f"nghỉ Tết Dương lịch theo {DOCUMENT}"),
        (D(2026, 1, 10), True, f"thứ Bảy làm bù theo {DOCUMENT}"),
    ],
)
def test_each_day_says_whether_and_why(day, working, why):
    assert (DAYS.is_working(day), DAYS.explain(day)) == (working, why)


def test_without_the_late_decision_the_package_does_not_know_it():
    days = WorkingDays()
    assert days.is_working(D(2026, 1, 2))
    assert not days.is_working(D(2026, 1, 10))


def test_a_swapped_saturday_counts_but_nothing_is_put_on_it():
    saturday = D(2024, 5, 4)
    assert DAYS.is_working(saturday)
    assert DAYS.is_swapped(saturday)
    assert not DAYS.is_schedulable(saturday)
    assert not DAYS.is_swapped(D(2024, 5, 6))


def test_an_override_takes_back_what_the_package_believes():
    days = WorkingDays([DayOverride(D(2024, 4, 29), True, "01/QĐ"), DayOverride(D(2024, 5, 4), False, "01/QĐ")])
    assert days.is_working(D(2024, 4, 29))
    assert days.explain(D(2024, 4, 29)) == "ngày làm việc theo 01/QĐ"
    assert not days.is_working(D(2024, 5, 4))
    assert not days.is_swapped(D(2024, 5, 4))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (D(2024, 4, 26), 15, D(2024, 5, 21)),  # skips 29/4-1/5, counts Saturday 4/5
        (D(2024, 6, 14), 2, D(2024, 6, 18)),
        (D(2024, 6, 18), -2, D(2024, 6, 14)),
        (D(2024, 2, 7), 1, D(2024, 2, 15)),
        (D(2024, 6, 15), 0, D(2024, 6, 15)),
        (D(2025, 12, 31), 1, D(2026, 1, 5)),
    ],
)
def test_working_days_are_added_without_the_first(start, count, end):
    assert DAYS.add(start, count) == end


def test_the_neighbours_of_a_day():
    assert DAYS.next(D(2024, 6, 14)) == D(2024, 6, 17)
    assert DAYS.previous(D(2024, 6, 17)) == D(2024, 6, 14)
    assert DAYS.on_or_after(D(2024, 6, 14)) == D(2024, 6, 14)
    assert DAYS.on_or_before(D(2024, 6, 16)) == D(2024, 6, 14)


def test_the_first_and_last_working_day_of_a_window():
    window = Window(D(2024, 2, 8), D(2024, 5, 5), Certainty.EXACT)
    assert DAYS.first_in(window) == D(2024, 2, 15)
    assert DAYS.first_in(Window(D(2024, 2, 8), D(2024, 2, 14), Certainty.EXACT)) is None


def test_a_year_without_a_decision_is_provisional_until_someone_checks_it():
    undecided = LAST_DECIDED_YEAR + 1
    assert not DAYS.is_provisional(LAST_DECIDED_YEAR)
    assert DAYS.provisional_reason(LAST_DECIDED_YEAR) == ""
    assert DAYS.is_provisional(undecided)
    assert f"năm {undecided} là tạm tính" in DAYS.provisional_reason(undecided)
    assert not WorkingDays(decided_years=[undecided]).is_provisional(undecided)
    assert DAYS.provisional_reason(2101) == "Chưa có bảng ngày nghỉ cho năm 2101."


def test_the_reasons_do_not_follow_the_servers_language(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en_US")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert WorkingDays().explain(D(2024, 2, 10)) == "nghỉ Tết Nguyên Đán"


@given(st.dates(D(2010, 1, 1), D(2090, 1, 1)), st.integers(-300, 300))
def test_between_counts_what_add_added(day, count):
    assert DAYS.between(day, DAYS.add(day, count)) in {count, count + (count < 0 and not DAYS.is_working(day))}


@given(st.dates(D(2010, 1, 1), D(2090, 1, 1)))
def test_next_and_previous_close_the_gap(day):
    following, preceding = DAYS.next(day), DAYS.previous(day)
    assert preceding < day < following
    assert DAYS.is_working(following)
    assert DAYS.is_working(preceding)
    between = [preceding + timedelta(days=n) for n in range(1, (following - preceding).days)]
    assert [one for one in between if DAYS.is_working(one)] == [day] * DAYS.is_working(day)
