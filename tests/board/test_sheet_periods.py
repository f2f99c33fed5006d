"""Which days a sheet is about, and how its period is written."""

from datetime import date

import pytest

from board.sheet_periods import SheetKind, UnreadablePeriod, period_of, read_period

KINDS = SheetKind


@pytest.mark.parametrize(
    ("kind", "text", "first", "last"),
    [
        (KINDS.WEEK, "2024-W49", date(2024, 12, 2), date(2024, 12, 8)),
        (KINDS.WEEK, "2025-W01", date(2024, 12, 30), date(2025, 1, 5)),
        (KINDS.WEEK, "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        (KINDS.MONTH, "2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        (KINDS.MONTH, "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        (KINDS.BOARD, "2024", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_period_is_read(kind, text, first, last):
    period = read_period(kind, text)
    assert (period.first, period.last, period.key) == (first, last, f"{kind.value}/{text}")
    assert period_of(kind, first) == period_of(kind, last) == period


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (KINDS.WEEK, "2024-W53"),  # 2024 has 52
        (KINDS.WEEK, "2024-W00"),
        (KINDS.WEEK, "2024-49"),
        (KINDS.MONTH, "2024-13"),
        (KINDS.MONTH, "2024-00"),
        (KINDS.YEAR, "1999"),
        (KINDS.YEAR, "2101"),
        (KINDS.YEAR, "٢٠٢٤"),  # digits, but not ours
        (KINDS.YEAR, "2024-12"),
        (KINDS.YEAR, ""),
    ],
)
def test_what_is_no_period_is_answered_with_an_example(kind, text):
    with pytest.raises(UnreadablePeriod, match="Viết như 2024"):
        read_period(kind, text)


@pytest.mark.parametrize(
    ("kind", "text", "before", "after"),
    [
        (KINDS.WEEK, "2020-W53", "2020-W52", "2021-W01"),
        (KINDS.MONTH, "2024-12", "2024-11", "2025-01"),
        (KINDS.YEAR, "2024", "2023", "2025"),
    ],
)
def test_one_turns_the_leaf_both_ways(kind, text, before, after):
    period = read_period(kind, text)
    assert (period.before.name, period.after.name) == (before, after)


def test_the_calendar_ends_somewhere():
    assert read_period(KINDS.YEAR, "2100").after is None
    assert read_period(KINDS.YEAR, "2000").before is None
