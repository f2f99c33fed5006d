"""Stretches of days with a name: a month, a quarter, a half, a week of a month, a lunar month. Pure arithmetic.

Knows the Gregorian calendar, the Vietnamese lunar calendar (UTC+7) and articles 146 and 148 of the
Civil Code 2015; knows nothing of phrases, working days or today.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

from lunar_vn import LunarDate, lunar_to_solar, solar_to_lunar

from models.timing import Certainty, Window

YEARS_KNOWN = range(1900, 2101)  # the lunar tables and the holiday tables both end here

Edge = Literal["first", "mid", "last"]


class ImpossibleDay(ValueError):
    """A day, month or quarter that no calendar has; the text is Vietnamese and ready to be shown."""


def civil_day(year: int, month: int, day: int) -> date:
    """The day, or ImpossibleDay in words ("không có ngày 30/02/2024")."""
    _check_year(year)
    if not 1 <= month <= 12:
        raise ImpossibleDay(f"Không có tháng {month}: một năm có 12 tháng.")
    if not 1 <= day <= last_day(year, month):
        raise ImpossibleDay(
            f"Không có ngày {day:02d}/{month:02d}/{year}: tháng {month} năm {year} có {last_day(year, month)} ngày."
        )
    return date(year, month, day)


def _check_year(year: int) -> None:
    if year not in YEARS_KNOWN:
        raise ImpossibleDay(f"Năm {year} nằm ngoài khoảng đọc được ({YEARS_KNOWN[0]}-{YEARS_KNOWN[-1]}).")


def last_day(year: int, month: int) -> int:
    """How many days the month has."""
    return monthrange(year, month)[1]


def clamp_day(year: int, month: int, day: int) -> date:
    """The day, or the month's last day when the month is shorter (Civil Code, art. 148.3); 0 is the last day."""
    length = last_day(year, month)
    return date(year, month, min(day, length) if day else length)


def months_of(year: int, first: int, last: int) -> Window:
    """From the first day of one month to the last day of another of the same year."""
    if first > last:
        raise ImpossibleDay(f"Tháng {first} đến sau tháng {last}: khoảng thời gian kết thúc trước khi bắt đầu.")
    begins = civil_day(year, first, 1)
    civil_day(year, last, 1)
    return Window(begins, clamp_day(year, last, 0), size_of_months(first, last))


def size_of_months(first: int, last: int) -> Certainty:
    """What a run of months of one year is called: a quarter only when it is a calendar quarter.

    March to May is as long as a quarter and is none, so it is a PERIOD: whoever files things by
    quarter may trust QUARTER.
    """
    count = last - first + 1
    names = {1: Certainty.MONTH, 3: Certainty.QUARTER, 6: Certainty.HALF, 12: Certainty.YEAR}
    return names[count] if count in names and (first - 1) % count == 0 else Certainty.PERIOD


def quarter_of(year: int, number: int) -> Window:
    """Quarter 1 to 4."""
    if not 1 <= number <= 4:
        raise ImpossibleDay(f"Không có quý {number}: một năm có 4 quý.")
    return months_of(year, number * 3 - 2, number * 3)


def year_of(year: int) -> Window:
    """The calendar year."""
    _check_year(year)
    return Window(date(year, 1, 1), date(year, 12, 31), Certainty.YEAR)


def years_of(first: int, last: int) -> Window:
    """A period of whole years: "giai đoạn 2021-2025"."""
    if first > last:
        raise ImpossibleDay(f"Giai đoạn {first}-{last} kết thúc trước khi bắt đầu.")
    return Window(year_of(first).first, year_of(last).last, Certainty.PERIOD)


def edge_of_month(year: int, month: int, edge: Edge) -> date:
    """The first, the 15th or the last day (Civil Code 2015, art. 146.2)."""
    return clamp_day(year, civil_day(year, month, 1).month, {"first": 1, "mid": 15, "last": 0}[edge])


def edge_of_year(year: int, edge: Edge) -> date:
    """1 January, 30 June or 31 December (Civil Code 2015, art. 146.3)."""
    _check_year(year)
    return {"first": date(year, 1, 1), "mid": date(year, 6, 30), "last": date(year, 12, 31)}[edge]


def half_of_month(year: int, month: int, second: bool) -> Window:
    """Days 1-15 or 16-end: half a month is fifteen days (Civil Code 2015, art. 146.1.d)."""
    begins = civil_day(year, month, 16 if second else 1)
    ends = clamp_day(year, month, 0 if second else 15)
    return Window(begins, ends, Certainty.MONTH)


def ten_days_of(year: int, month: int, number: int) -> Window:
    """Thượng tuần, trung tuần, hạ tuần: the 1st-10th, the 11th-20th, the 21st-end."""
    begins = civil_day(year, month, number * 10 - 9)
    return Window(begins, clamp_day(year, month, 0 if number == 3 else number * 10), Certainty.MONTH)


def week_of_month(year: int, month: int, number: int) -> Window:
    """Week 1, 2, … of a month, -1 the last: Monday to Sunday, cut at the month's ends.

    A week belongs to the month that has its Thursday, as ISO 8601 decides for years; Vietnamese law
    has no rule of its own, so whoever reads a week this way must call it tentative.
    """
    begins = civil_day(year, month, 1)
    ends = clamp_day(year, month, 0)
    thursday = begins + timedelta(days=(3 - begins.weekday()) % 7)
    weeks = [day for day in (thursday + timedelta(weeks=n) for n in range(6)) if day <= ends]
    if not (number == -1 or 1 <= number <= len(weeks)):
        raise ImpossibleDay(f"Tháng {month}/{year} không có tuần {number}.")
    middle = weeks[number if number == -1 else number - 1]
    return Window(max(begins, middle - timedelta(days=3)), min(ends, middle + timedelta(days=3)), Certainty.WEEK)


def lunar_day(year: int, month: int, day: int, leap: bool = False) -> date:
    """The civil day of a lunar day; ``year`` is the lunar year.

    The conversion is checked by going back, because lunar_vn 1.4 answers a day 30 that the month
    lacks, and a leap month in a year without one, with a neighbouring day instead of an error.
    """
    name = f"{day:02d}/{month:02d}{' nhuận' if leap else ''} âm lịch năm {year}"
    try:
        wanted = LunarDate(day, month, year, leap)
        found = lunar_to_solar(wanted)
        if solar_to_lunar(found) == wanted:
            return found
    except ValueError:
        pass  # out of the tables: answered by the sentence below like any other missing day
    raise ImpossibleDay(f"Không có ngày {name}.")


def lunar_month(year: int, month: int, leap: bool = False) -> Window:
    """The 29 or 30 days of a lunar month."""
    begins = lunar_day(year, month, 1, leap)
    try:
        ends = lunar_day(year, month, 30, leap)
    except ImpossibleDay:
        ends = lunar_day(year, month, 29, leap)
    return Window(begins, ends, Certainty.MONTH)


def add_months(day: date, months: int) -> date:
    """The same day so many months on; a month lacking it ends on its last day (Civil Code, art. 148.3)."""
    index = day.year * 12 + day.month - 1 + months
    return clamp_day(index // 12, index % 12 + 1, day.day)
