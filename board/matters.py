"""Holds a connection: what of a year still waits for a person, kind by kind, with the days it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from board.overview import OCCURRENCES
from models.columns import table_of
from models.kinds import DECISION_NAMES, Placing
from models.occurrence import Decision, Status

DECISIONS = table_of(Decision)
PLANNED = ("id", "programme", "item", "placing", "assumed", "first", "last", "last_on_time")
# the kinds whose matters are about one occurrence each: which of an item's occurrences these are
ABOUT: Mapping[str, Callable[[Row[Any]], bool]] = {
    "fix_date": lambda row: row.placing == Placing.WINDOW,
    "assumed": lambda row: row.assumed,
    "waiting": lambda row: row.placing == Placing.WAITING,
    "external": lambda row: row.placing == Placing.EXTERNAL,
    "unspecified": lambda row: row.placing == Placing.UNSPECIFIED,
}
CLASH = "clash"  # a suggestion; the matters it is about stand here themselves
WITHOUT_DAYS = ("handover", "unmatched_fix")  # what a person must see to whenever it stands there
LONGEST = timedelta(days=92)  # a quarter: what may happen at any time of a year presses in no month


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter; ``item`` is empty for a whole programme, ``occurrences`` what it is about, or may be about.

    ``first`` and ``last`` are the days of that occurrence, where it is one and has days.
    """

    kind: str
    programme: str
    item: str
    sentence: str
    help: str
    occurrences: tuple[str, ...]
    first: date | None
    last: date | None

    def is_past(self, today: date) -> bool:
        """Whether its days are over."""
        return self.last is not None and self.last < today

    def is_near(self, first: date, last: date) -> bool:
        """Whether it is to happen in some days, both included, and not just at any time of a year."""
        if self.first is None or self.last is None:
            return False
        return self.last - self.first <= LONGEST and self.first <= last and self.last >= first


@dataclass(frozen=True, slots=True)
class MatterKind:
    """The matters of one kind: what is to come first by its days, then what is past, then what has no days.

    ``help`` is what would help with every one of them; empty where that differs.
    """

    kind: str
    name: str
    help: str
    matters: tuple[Matter, ...]


def read_matters(connection: Connection, year: int, today: date) -> list[MatterKind]:
    """What waits in ``year``, as a secretary would ask."""
    rows = connection.execute(select(DECISIONS).where(DECISIONS.c.year == year)).all()
    planned = _read_planned(connection, year)
    alike: dict[tuple[str, str, str], list[Row[Any]]] = defaultdict(list)
    for row in sorted(rows, key=_place):
        alike[row.kind, row.programme, row.item or ""].append(row)
    found: dict[str, list[Matter]] = defaultdict(list)
    for (kind, programme, item), some in alike.items():
        found[kind] += _pair(kind, some, planned.get((programme, item), []))
    kinds = dict.fromkeys([*DECISION_NAMES, *found])
    return [_kind(kind, found[kind], today) for kind in kinds if kind in found]


def pressing(kinds: Iterable[MatterKind], first: date, last: date) -> dict[MatterKind, int]:
    """The kinds somebody must see to between two days, both included, and how many matters of each."""
    found = {kind: sum(one.is_near(first, last) for one in kind.matters) for kind in kinds if kind.kind != CLASH}
    found |= {kind: len(kind.matters) for kind in found if kind.kind in WITHOUT_DAYS}
    return {kind: number for kind, number in found.items() if number}


def _place(row: Row[Any]) -> tuple[str, int]:
    """Its id ends with "#2" for the second matter of one kind of one item."""
    stem, _, number = row.id.rpartition("#")
    return stem, int(number)


def _read_planned(connection: Connection, year: int) -> dict[tuple[str, str], list[Row[Any]]]:
    """Programme and item → what of it stands in the year's plan, by day."""
    columns = [OCCURRENCES.c[name] for name in PLANNED]
    of_year = (OCCURRENCES.c.year_first <= year, OCCURRENCES.c.year_last >= year)
    planned = OCCURRENCES.c.status == Status.PLANNED.value
    found: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    by_day = (func.coalesce(OCCURRENCES.c.last_on_time, OCCURRENCES.c.first), OCCURRENCES.c.id)
    for row in connection.execute(select(*columns).where(*of_year, planned).order_by(*by_day)):
        found[row.programme, row.item].append(row)
    return found


def _pair(kind: str, rows: Sequence[Row[Any]], planned: Sequence[Row[Any]]) -> list[Matter]:
    """Each matter with its own occurrence, where there are as many of both: they were listed in the year's order."""
    about = [row for row in planned if kind not in ABOUT or ABOUT[kind](row)] or planned
    if kind in ABOUT and len(about) == len(rows):
        return [_matter(row, [one]) for row, one in zip(rows, about, strict=True)]
    return [_matter(row, about) for row in rows]


def _matter(row: Row[Any], about: Sequence[Row[Any]]) -> Matter:
    first = last = None
    if len(about) == 1:
        (one,) = about
        first, last = one.last_on_time or one.first, one.last_on_time or one.last
    which = tuple(one.id for one in about)
    return Matter(row.kind, row.programme, row.item or "", row.sentence, row.help, which, first, last)


def _kind(kind: str, matters: list[Matter], today: date) -> MatterKind:
    helps = {one.help for one in matters}
    return MatterKind(
        kind,
        DECISION_NAMES.get(kind, kind),
        helps.pop() if len(helps) == 1 else "",
        tuple(sorted(matters, key=lambda one: _soonest(one, today))),
    )


def _soonest(matter: Matter, today: date) -> tuple[int, int, int]:
    """Of two that end on one day the shorter one comes first."""
    if matter.first is None or matter.last is None:
        return 2, 0, 0
    return int(matter.is_past(today)), matter.last.toordinal(), -matter.first.toordinal()
