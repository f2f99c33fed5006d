"""The periods of a year: their days, their keys ("2024-Q2") and which one a recurring rule falls in; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from calendars.stretches import add_months, clamp_day, size_of_months
from models.timing import (
    Certainty,
    DayOfPeriod,
    DayOfYear,
    Deadline,
    Frequency,
    MonthsOfYear,
    Recurring,
    Weekday,
    Window,
)

_MONTHS = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.HALF: 6, Frequency.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a year: ``key`` is "2024", "2024-H1", "2024-Q2", "2024-03" or "2024-W10"."""

    key: str
    window: Window


def periods_of(every: Frequency, interval: int, year: int) -> Iterator[Period]:
    """The periods of ``year``, in order.

    A week belongs to the year its Monday lies in. An interval that does not divide the year evenly
    ("5 tháng một lần") still starts in January: the paper gives no other beginning.
    """
    if every is Frequency.WEEK:
        monday = date(year, 1, 1)
        monday += timedelta(days=-monday.weekday() % 7)
        while monday.year == year:
            number = monday.isocalendar().week
            key = f"{monday.isocalendar().year}-W{number:02d}"
            yield Period(key, Window(monday, monday + timedelta(days=7 * interval - 1), Certainty.WEEK))
            monday += timedelta(days=7 * interval)
        return
    length = _MONTHS[every] * interval
    for first_month in range(1, 13, length):
        last = add_months(date(year, first_month, 1), length) - timedelta(days=1)
        yield period_of_months(year, first_month, last)


def period_of_months(year: int, first_month: int, last: date) -> Period:
    """The period from ``first_month`` to ``last``, named the way an office names it."""
    certainty = size_of_months(first_month, last.month) if last.year == year else Certainty.PERIOD
    window = Window(date(year, first_month, 1), last, certainty)
    return Period(key_of_window(window), window)


def key_of_window(window: Window) -> str:
    """The period key that says which stretch of time ``window`` is; stretches of whole months never share one.

    "2024-06", "2024-Q2", "2024-H1", "2024", "2021-2025", "2024-W23", a run of months "2024-03-2024-05",
    and the first day for anything else.
    """
    first, last = window.first, window.last
    if window.certainty is Certainty.WEEK and first.isoweekday() == 1 and last - first == timedelta(days=6):
        return f"{first.isocalendar().year}-W{first.isocalendar().week:02d}"
    if first.day != 1 or last != clamp_day(last.year, last.month, 0):
        return f"{first:%Y-%m-%d}"
    if (first.month, last.month) == (1, 12):
        return f"{first.year}" if first.year == last.year else f"{first.year}-{last.year}"
    size = size_of_months(first.month, last.month) if first.year == last.year else Certainty.PERIOD
    match size:
        case Certainty.MONTH:
            return f"{first:%Y-%m}"
        case Certainty.QUARTER:
            return f"{first.year}-Q{last.month // 3}"
        case Certainty.HALF:
            return f"{first.year}-H{last.month // 6}"
        case _:
            return f"{first:%Y-%m}-{last:%Y-%m}"


def place_in(period: Period, rule: Recurring) -> Window | Deadline:
    """Where ``rule`` falls in ``period``: a deadline, a day, or the whole period when the paper names no day."""
    on = rule.on
    if on is None:
        if rule.due:
            return Deadline(period.window.last, rule.included)
        return Window(period.window.first, period.window.last, period.window.certainty, rule.hours)
    if isinstance(on, MonthsOfYear):
        months = period_of_months(
            period.window.first.year + on.years_later,
            on.first,
            clamp_day(period.window.first.year + on.years_later, on.last, 0),
        ).window
        if rule.due:  # "trước tháng 6" ends before its first day, "đến hết tháng 6" with its last
            return Deadline(months.last if rule.included else months.first, rule.included, months.certainty)
        return replace(months, hours=rule.hours)
    day = _day_in(period.window, on)
    if rule.due:
        return Deadline(day, rule.included, hour=rule.hours.starts if rule.hours else None)
    return Window(day, day, Certainty.EXACT, rule.hours)


def _day_in(window: Window, on: DayOfYear | DayOfPeriod | Weekday) -> date:
    match on:
        case DayOfYear():
            return clamp_day(window.first.year + on.years_later, on.month, on.day)
        case Weekday():
            return window.first + timedelta(days=on.number - 1)
        case DayOfPeriod():
            month = {"first": window.first, "last": window.last, "next": window.last + timedelta(days=1)}[on.month]
            return clamp_day(month.year, month.month, on.day)
