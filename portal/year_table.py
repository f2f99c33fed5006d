"""The strip's twin in words: the same occurrences by month and quarter, each with its state. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from board.year import Progress, YearMarks
from calendars.wording import ROMAN
from models.kinds import HELD_ON_A_DAY, KIND_NAMES, ItemKind, Placing
from models.occurrence import Status
from planning.agenda import Entry, say_when
from portal.year_strip import days_of

WIDE, UNDATED = "dai", "khong-ngay"  # anchors of what lies in several quarters, and of what has no date


class EntryState(StrEnum):
    """How an occurrence stands, for one glance; the page has the words."""

    CANCELLED = "cancelled"
    DONE = "done"
    HISTORY = "history"
    DRAFT = "draft"
    OVERDUE = "overdue"
    OPEN = "open"
    HELD = "held"
    FIXED = "fixed"
    FIXED_IN_DRAFT = "fixed_in_draft"
    TO_FIX = "to_fix"
    PAST = "past"
    EXPECTED = "expected"
    UNDATED = "undated"


TONES: dict[EntryState, str] = {
    EntryState.DONE: "green",
    EntryState.FIXED: "green",
    EntryState.OVERDUE: "red",
    EntryState.TO_FIX: "amber",
    EntryState.PAST: "amber",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One occurrence in words; ``fixable`` says that it waits for its day. What is held is handed in by nobody.

    ``again`` are further ones of the same item in the same month that stand alike, as a weekly routine's are.
    """

    entry: Entry
    when: str
    state: EntryState
    tone: str
    progress: Progress | None
    clashes: tuple[str, ...]
    fixable: bool
    again: tuple[tuple[str, str], ...] = ()  # occurrence and when

    @property
    def kind(self) -> str:
        """Its kind in Vietnamese."""
        return KIND_NAMES[ItemKind(self.entry.kind)]


@dataclass(frozen=True, slots=True)
class Group:
    """A month ("thang-3"), a quarter ("quy-2") for what lies in several of its months, or the rest."""

    anchor: str
    lines: tuple[Line, ...]

    @property
    def number(self) -> str:
        """Of a month its number, of a quarter its Roman one."""
        name, _, number = self.anchor.rpartition("-")
        return ROMAN[int(number)] if name == "quy" else number

    @property
    def count(self) -> int:
        """How many occurrences its lines tell of."""
        return sum(1 + len(line.again) for line in self.lines)


def write_table(entries: Sequence[Entry], marks: YearMarks, year: int, today: date) -> list[Group]:
    """Everything shown of ``year``, what spans quarters first and what has no date last."""
    clashes = marks.clashes()
    found: dict[str, list[Line]] = {}
    for entry in entries:
        line = write_line(entry, marks, clashes.get((entry.programme, entry.item), []), today)
        found.setdefault(_anchor(entry, year), []).append(line)
    return [Group(anchor, _gather(found[anchor])) for anchor in _order() if anchor in found]


def find_nearest(groups: Sequence[Group], day: date) -> Group | None:
    """The month of ``day``, or the first one after it with anything in it."""
    months = [group for group in groups if group.anchor.startswith("thang-")]
    return next((group for group in months if int(group.number) >= day.month), None)


def state_of(entry: Entry, marks: YearMarks, today: date) -> EntryState:
    """How it stands on ``today``."""
    if entry.status == Status.CANCELLED:
        return EntryState.CANCELLED
    if entry.id in marks.done:
        return EntryState.DONE
    if entry.history:
        return EntryState.HISTORY
    if entry.draft:
        return EntryState.FIXED_IN_DRAFT if entry.placing == Placing.FIXED else EntryState.DRAFT
    return _state_by_days(entry, today)


def _state_by_days(entry: Entry, today: date) -> EntryState:
    days = days_of(entry)
    if days is None:
        return EntryState.UNDATED
    over = days[1] < today
    if entry.placing == Placing.DEADLINE:
        return EntryState.OVERDUE if over and entry.duties else EntryState.OPEN
    if entry.placing == Placing.FIXED:
        return EntryState.HELD if over else EntryState.FIXED
    if over:
        return EntryState.PAST
    return EntryState.TO_FIX if awaits_its_day(entry) else EntryState.EXPECTED


def awaits_its_day(entry: Entry) -> bool:
    """Whether it is held on a day and nobody has fixed which."""
    planned = entry.status == Status.PLANNED and not entry.history
    return planned and entry.placing == Placing.WINDOW and entry.kind in HELD_ON_A_DAY


def write_line(entry: Entry, marks: YearMarks, clashes: Sequence[str], today: date) -> Line:
    """One occurrence as it stands on ``today``."""
    state = state_of(entry, marks, today)
    in_the_way = tuple(clashes) if entry.placing == Placing.WINDOW and entry.status == Status.PLANNED else ()
    tone = TONES.get(state, "grey")
    progress = None if entry.kind in HELD_ON_A_DAY else marks.progress.get(entry.id)
    return Line(entry, say_when(entry), state, tone, progress, in_the_way, awaits_its_day(entry))


def _gather(lines: Sequence[Line]) -> tuple[Line, ...]:
    """One line for those of an item that stand alike; what waits for its day keeps its own."""
    alike: dict[tuple[object, ...], Line] = {}
    for line in lines:
        own = line.entry.id if line.fixable or line.clashes else ""
        key = (line.entry.programme, line.entry.item, line.entry.title, line.state, own)
        first = alike.get(key)
        alike[key] = line if first is None else replace(first, again=(*first.again, (line.entry.id, line.when)))
    return tuple(alike.values())


def _anchor(entry: Entry, year: int) -> str:
    days = days_of(entry)
    if days is None:
        return UNDATED
    begins, ends = max(days[0], date(year, 1, 1)), min(days[1], date(year, 12, 31))
    quarters = (begins.month - 1) // 3 + 1, (ends.month - 1) // 3 + 1
    if begins.month == ends.month:
        return f"thang-{begins.month}"
    return f"quy-{quarters[0]}" if quarters[0] == quarters[1] else WIDE


def _order() -> list[str]:
    quarters = [[f"quy-{n}", *(f"thang-{month}" for month in range(n * 3 - 2, n * 3 + 1))] for n in range(1, 5)]
    return [WIDE, *(anchor for quarter in quarters for anchor in quarter), UNDATED]
