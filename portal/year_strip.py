"""A stretch of days as a strip: one row for each item, its marks placed by their days. Pure: shapes and words only.

Shapes tell the marks apart, not colours: a window is a pale bar, a day a solid one, a deadline a diamond.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from board.year import Item, YearMarks
from models.kinds import Placing
from models.occurrence import Status
from planning.agenda import Entry, say_when

LABELS, DAYS = 360, 660  # widths: of the rows' names, and of the days
ROW, HEAD = 20, 24  # heights: of a row, and of the line with the months or a programme's name
MOST_ROWS = 120
LONGEST_LABEL = 54  # letters that fit before the days
LAST_LETTERS = 24  # of a longer title's end
CUT, LOOSE = " … ", " ,;:-–"  # where words are left out, and what need not stand beside it
NARROWEST = 7  # of a mark that can still be hit
ONE_DAY = timedelta(days=1)
LONG = timedelta(days=184)  # half a year: a bar across more of it points at no time

Shape = Literal["window", "fixed", "deadline"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One occurrence on its row: where, which shape, and what is said of it; it leads to the occurrence."""

    occurrence: str
    shape: Shape
    x: float
    width: float
    words: str
    draft: bool
    cancelled: bool
    done: bool
    clash: bool


@dataclass(frozen=True, slots=True)
class StripRow:
    """One item; ``y`` is the top of its row, ``label`` the title as far as there is room for it."""

    title: str
    label: str
    y: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class StripGroup:
    """One programme's rows beneath its name."""

    name: str
    y: int
    rows: tuple[StripRow, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A month, or a week of a shorter stretch; ``strong`` where a quarter begins."""

    name: str
    x: float
    width: float
    strong: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """Everything the picture needs; ``left_out`` counts the items for which no row was left."""

    width: int
    height: int
    columns: tuple[Column, ...]
    today: float | None
    groups: tuple[StripGroup, ...]
    left_out: int

    @property
    def count(self) -> int:
        """How many items it is about."""
        return sum(len(group.rows) for group in self.groups) + self.left_out


@dataclass(frozen=True, slots=True)
class Axis:
    """The days shown, both included, from left to right."""

    first: date
    last: date

    @property
    def per_day(self) -> float:
        """The width of one day."""
        return DAYS / ((self.last - self.first).days + 1)

    def x(self, day: date) -> float:
        """Where a day begins, held within the picture."""
        held = min(max(day, self.first), self.last + ONE_DAY)
        return round(LABELS + (held - self.first).days * self.per_day, 1)

    def shows(self, first: date, last: date) -> bool:
        """Whether any of these days is shown."""
        return first <= self.last and last >= self.first


def draw_strip(entries: Sequence[Entry], marks: YearMarks, axis: Axis, today: date) -> Strip:
    """The strip of the dated ones among ``entries`` that touch the axis."""
    shown = [one for one in entries if (days := days_of(one)) and axis.shows(*days)]
    by_item = _rows_of(shown)
    kept = dict(list(by_item.items())[:MOST_ROWS])
    groups, height = _place(kept, marks, axis)
    here = axis.x(today) + axis.per_day / 2 if axis.shows(today, today) else None
    return Strip(LABELS + DAYS, height, tuple(_columns(axis)), here, groups, len(by_item) - len(kept))


def part_long(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Those that point at some time, and those that lie across more than half a year."""
    return [one for one in entries if not _is_long(one)], [one for one in entries if _is_long(one)]


def days_of(entry: Entry) -> tuple[date, date] | None:
    """The days it takes on the strip; None for what has no date."""
    if entry.last_on_time is not None:
        return entry.last_on_time, entry.last_on_time
    return (entry.first, entry.last or entry.first) if entry.first is not None else None


def shorten_title(title: str) -> str:
    """Whole words of both ends: what tells one line of a paper from the next ("Đợt 2, Đoàn 1") often stands last."""
    if len(title) <= LONGEST_LABEL:
        return title
    room = LONGEST_LABEL - LAST_LETTERS - len(CUT)
    begins, ends = title[: room + 1].rpartition(" ")[0], title[-LAST_LETTERS - 1 :].partition(" ")[2]
    return f"{(begins or title[:room]).rstrip(LOOSE)}{CUT}{ends.lstrip(LOOSE)}".rstrip()


def _is_long(entry: Entry) -> bool:
    days = days_of(entry)
    return days is not None and days[1] - days[0] >= LONG


def _rows_of(entries: Sequence[Entry]) -> dict[Item, list[Entry]]:
    found: dict[Item, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.programme, one.line, one.item, one.day or date.max)):
        found.setdefault((entry.programme, entry.item), []).append(entry)
    return found


def _place(by_item: Mapping[Item, Sequence[Entry]], marks: YearMarks, axis: Axis) -> tuple[tuple[StripGroup, ...], int]:
    y, groups, clashes = HEAD, [], marks.clashes()
    for _, items in groupby(by_item.items(), key=lambda one: one[0][0]):
        top, rows = y, []
        y += HEAD
        name = ""
        for item, entries in items:
            name = entries[0].programme_short
            placed = tuple(_mark(one, marks, item in clashes, axis) for one in entries)
            rows.append(StripRow(entries[0].title, shorten_title(entries[0].title), y, placed))
            y += ROW
        groups.append(StripGroup(name, top, tuple(rows)))
    return tuple(groups), y + 4


def _mark(entry: Entry, marks: YearMarks, clash: bool, axis: Axis) -> Mark:
    days = days_of(entry)
    assert days is not None  # noqa: S101 - only dated entries are drawn
    x = axis.x(days[0])
    cancelled = entry.status == Status.CANCELLED
    return Mark(
        entry.id,
        shape_of(entry),
        x,
        round(max(axis.x(days[1] + ONE_DAY) - x, NARROWEST), 1),
        f"{entry.title}: {'đã hủy, ' if cancelled else ''}{say_when(entry)}",
        entry.draft or entry.assumed,
        cancelled,
        entry.id in marks.done,
        clash and not cancelled and entry.placing == Placing.WINDOW,
    )


def shape_of(entry: Entry) -> Shape:
    """A deadline, a day that is fixed, or a stretch in which it lies."""
    if entry.last_on_time is not None:
        return "deadline"
    return "fixed" if entry.placing == Placing.FIXED else "window"


def _columns(axis: Axis) -> Iterator[Column]:
    """Months; of a single month its weeks."""
    day, weekly = axis.first, (axis.last - axis.first).days < 35  # a month has at most 31
    while day <= axis.last:
        after = _next_week(day) if weekly else _next_month(day)
        x = axis.x(day)
        name = f"{day:%d/%m}" if weekly else f"Th. {day.month}"
        yield Column(name, x, round(axis.x(after) - x, 1), strong=day.day == 1 and day.month % 3 == 1)
        day = after


def _next_week(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
