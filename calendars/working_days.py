"""Working days of Vietnamese public offices: the `holidays` package, with recorded decisions on top.

Monday to Friday work, Saturday and Sunday rest; public holidays by article 112 of the Labour Code
2019. The package knows lunar Tết, compensation days and the swaps it was told of; decisions taken
after its release are entered by the secretariat as `DayOverride` and always win. Knows neither the
database nor today.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from holidays.countries.vietnam import Vietnam, VietnamStaticHolidays

from calendars.stretches import YEARS_KNOWN
from calendars.vocabulary import WEEKDAY_NAMES
from models.timing import Window

ONE_DAY = timedelta(days=1)
SATURDAY = 5

# `holidays` learns the yearly decisions only through this table of swaps; for later years it applies
# fixed rules (Tết: one day before and four after; 2/9: a neighbour chosen by weekday) that a decision
# may contradict. The last year in the table is therefore the last one it has really been told about.
LAST_DECIDED_YEAR = max(VietnamStaticHolidays.special_public_holidays)


@dataclass(frozen=True, slots=True)
class DayOverride:
    """One recorded decision: this day is worked, or not, whatever the package thinks."""

    day: date
    working: bool
    document: str
    entered_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Year:
    """What is special in one year: days off with their reason, and rest days worked by a swap."""

    off: dict[date, str]
    swapped: dict[date, str]


class WorkingDays:
    """Which days offices work. ``decided_years`` are years whose decision the secretariat has checked.

    Every question is answered from a per-year table built once, so a national plan may ask it
    hundreds of thousands of times.
    """

    def __init__(self, overrides: Iterable[DayOverride] = (), *, decided_years: Iterable[int] = ()) -> None:
        self._overrides = {override.day: override for override in overrides}
        self._decided = frozenset(decided_years)
        self._years: dict[int, _Year] = {}
        self._answers: dict[date, bool] = {}

    def is_working(self, day: date) -> bool:
        """Whether the day counts in a term of working days; a Saturday worked by a swap does."""
        answer = self._answers.get(day)
        if answer is None:
            answer = self._answers[day] = self._decide(day)
        return answer

    def is_swapped(self, day: date) -> bool:
        """Whether this is a rest day worked in exchange for another: it counts, but nothing is scheduled on it."""
        return day in self._year(day.year).swapped

    def is_schedulable(self, day: date) -> bool:
        """Whether a meeting or a visit may be put on the day: working, and not by a swap."""
        return self.is_working(day) and not self.is_swapped(day)

    def next(self, day: date) -> date:
        """The first working day after this one."""
        return self.on_or_after(day + ONE_DAY)

    def previous(self, day: date) -> date:
        """The last working day before this one."""
        return self.on_or_before(day - ONE_DAY)

    def on_or_after(self, day: date) -> date:
        """The day itself when worked, otherwise the next working day (Civil Code 2015, art. 148.5)."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def on_or_before(self, day: date) -> date:
        """The day itself when worked, otherwise the last working day before it."""
        while not self.is_working(day):
            day -= ONE_DAY
        return day

    def add(self, day: date, count: int) -> date:
        """So many working days later (earlier when negative); ``day`` itself is not counted (art. 147).

        0 gives the day back unchanged, worked or not.
        """
        step = self.next if count >= 0 else self.previous
        for _ in range(abs(count)):
            day = step(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` comes first.

        ``between(a, add(a, n)) == n`` for every n.
        """
        if end < start:
            return -self._count(end, start - ONE_DAY)
        return self._count(start + ONE_DAY, end)

    def first_in(self, window: Window, *, schedulable: bool = False) -> date | None:
        """The window's first working day, or None when everyone rests all through it."""
        return next((day for day in _days(window.first, window.last) if self._fits(day, schedulable)), None)

    def is_provisional(self, year: int) -> bool:
        """Whether the year's days off are still a forecast: no decision known to the package or to us."""
        return year > LAST_DECIDED_YEAR and year not in self._decided

    def provisional_reason(self, year: int) -> str:
        """Why the year is provisional, in Vietnamese; empty when it is not."""
        if not self.is_provisional(year):
            return ""
        if year not in YEARS_KNOWN:
            return f"Chưa có bảng ngày nghỉ cho năm {year}."
        return (
            f"Lịch nghỉ lễ, Tết năm {year} là tạm tính: chưa ghi nhận quyết định của cơ quan có thẩm quyền "
            f"(dữ liệu có sẵn đến hết năm {LAST_DECIDED_YEAR})."
        )

    def explain(self, day: date) -> str:
        """Why the day is worked or not, in Vietnamese: "nghỉ Tết Nguyên Đán", "thứ Bảy làm bù theo …"."""
        year = self._year(day.year)
        if day in year.swapped:
            return f"{WEEKDAY_NAMES[day.isoweekday()]} làm bù {year.swapped[day]}".rstrip()
        if day in year.off:
            return year.off[day]
        if day.weekday() >= SATURDAY and not self.is_working(day):
            return f"nghỉ cuối tuần ({WEEKDAY_NAMES[day.isoweekday()]})"
        if day in self._overrides:
            return f"ngày làm việc theo {self._overrides[day].document}"
        return "ngày làm việc"

    def _decide(self, day: date) -> bool:
        override = self._overrides.get(day)
        if override is not None:
            return override.working
        year = self._year(day.year)
        return day in year.swapped or (day.weekday() < SATURDAY and day not in year.off)

    def _fits(self, day: date, schedulable: bool) -> bool:
        return self.is_schedulable(day) if schedulable else self.is_working(day)

    def _count(self, first: date, last: date) -> int:
        return sum(self.is_working(day) for day in _days(first, last))

    def _year(self, year: int) -> _Year:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._build(year)
        return known

    def _build(self, year: int) -> _Year:
        # The next year too: a swap may be worked in the December before the day off it pays for.
        # The language is named because the package otherwise follows the server's locale.
        table = Vietnam(years=(year, year + 1), language="vi")  # type: ignore[no-untyped-call]  # the package has no annotation here
        off = {day: f"nghỉ {_lower(table[day])}" for day in table if day.year == year}
        swapped = {day: "theo lịch nghỉ lễ đã công bố" for day in table.weekend_workdays if day.year == year}
        for day, override in self._overrides.items():
            if day.year == year:
                off.pop(day, None)
                swapped.pop(day, None)
                if not override.working:
                    off[day] = f"{override.note or 'nghỉ'} theo {override.document}"
                elif day.weekday() >= SATURDAY:
                    swapped[day] = f"theo {override.document}"
        return _Year(off, swapped)


def _lower(name: str) -> str:
    """The bare name: "Ngày nghỉ (thay cho …)" must not become "nghỉ Ngày nghỉ …"; names keep capitals."""
    return name.removeprefix("Ngày nghỉ ").removeprefix("Ngày ")


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
