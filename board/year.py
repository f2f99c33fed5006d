"""Holds a connection: what a year's strip shows beside the dates: what is done, how far, and what is in the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from board.overview import AGENCIES, DUTIES, OCCURRENCES, PROGRAMMES, is_asked, is_here
from models.alphabet import alphabetical
from models.columns import table_of
from models.kinds import DECISION_NAMES, KIND_NAMES, ItemKind
from models.occurrence import Decision, OccurrenceAgency, PlannedYear

TIES, DECISIONS, YEARS = table_of(OccurrenceAgency), table_of(Decision), table_of(PlannedYear)
CLASH = "clash"
Item = tuple[str, str]  # a programme and an item of it


@dataclass(frozen=True, slots=True)
class Progress:
    """How many owe something for an occurrence and are asked for it, and from how many of them it has come."""

    done: int
    owed: int


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """What waits for a person; ``name`` is its kind in Vietnamese, ``item`` empty for a whole programme."""

    kind: str
    name: str
    programme: str
    item: str
    sentence: str
    help: str


@dataclass(frozen=True, slots=True)
class YearMarks:
    """Of one year's occurrences, by their id: the day the last duty was done, how far they are, when called off."""

    done: Mapping[str, date]
    progress: Mapping[str, Progress]
    cancelled: Mapping[str, date]
    open_matters: tuple[OpenMatter, ...]

    def clashes(self) -> dict[Item, list[str]]:
        """By item, the sentences of what gets in its way."""
        found: dict[Item, list[str]] = defaultdict(list)
        for matter in self.open_matters:
            if matter.kind == CLASH:
                found[matter.programme, matter.item].append(matter.sentence)
        return dict(found)


@dataclass(frozen=True, slots=True)
class YearChoices:
    """What a year can be narrowed to, code and name; the years that have been planned; its teams' names by code."""

    programmes: tuple[tuple[str, str], ...]
    agencies: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    years: tuple[int, ...]
    teams: Mapping[str, str]


def read_marks(connection: Connection, year: int) -> YearMarks:
    """Everything beside the dates; four statements, whatever the size of the year."""
    shown = _of_year(year)
    done = select(OCCURRENCES.c.id, OCCURRENCES.c.done_on).where(shown, OCCURRENCES.c.done_on.is_not(None))
    off = select(OCCURRENCES.c.id, OCCURRENCES.c.cancelled_on).where(shown, OCCURRENCES.c.cancelled_on.is_not(None))
    return YearMarks(
        {row.id: row.done_on for row in connection.execute(done)},
        _read_progress(connection, shown),
        {row.id: row.cancelled_on for row in connection.execute(off)},
        _read_open_matters(connection, year),
    )


def _kind_name(kind: str) -> tuple[Any, ...]:
    return alphabetical(KIND_NAMES[ItemKind(kind)])


def read_choices(connection: Connection, year: int) -> YearChoices:
    """The programmes, agencies and kinds that occur in ``year``, by name."""
    shown = _of_year(year)
    programmes = select(PROGRAMMES.c.code, PROGRAMMES.c.short).where(
        PROGRAMMES.c.code.in_(select(OCCURRENCES.c.programme).where(shown))
    )
    tied = select(TIES.c.agency).join(OCCURRENCES, OCCURRENCES.c.id == TIES.c.occurrence).where(shown)
    agencies = select(AGENCIES.c.code, AGENCIES.c.name).where(AGENCIES.c.code.in_(tied))
    kinds = select(OCCURRENCES.c.kind).where(shown).distinct()
    years = select(YEARS.c.year).order_by(YEARS.c.year)
    teams = select(AGENCIES.c.code, AGENCIES.c.short).where(
        AGENCIES.c.code.in_(select(OCCURRENCES.c.team).where(shown))
    )
    return YearChoices(
        tuple(sorted(connection.execute(programmes).tuples(), key=lambda one: (alphabetical(one[1]), one[0]))),
        tuple(sorted(connection.execute(agencies).tuples(), key=lambda one: (alphabetical(one[1]), one[0]))),
        tuple(sorted(connection.execute(kinds).scalars(), key=_kind_name)),
        tuple(connection.execute(years).scalars()),
        {row.code: row.short for row in connection.execute(teams)},
    )


def _of_year(year: int) -> ColumnElement[bool]:
    return and_(OCCURRENCES.c.year_first <= year, OCCURRENCES.c.year_last >= year)


def _read_progress(connection: Connection, shown: ColumnElement[bool]) -> dict[str, Progress]:
    counted = (
        select(DUTIES.c.occurrence, func.count().label("owed"), func.count(case((is_here, 1))).label("done"))
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .where(shown, is_asked)
        .group_by(DUTIES.c.occurrence)
    )
    return {row.occurrence: Progress(row.done, row.owed) for row in connection.execute(counted)}


def _read_open_matters(connection: Connection, year: int) -> tuple[OpenMatter, ...]:
    """In the order a secretary would ask."""
    rows = connection.execute(select(DECISIONS).where(DECISIONS.c.year == year).order_by(DECISIONS.c.id)).all()
    order = list(DECISION_NAMES)
    matters = [
        OpenMatter(
            row.kind, DECISION_NAMES.get(row.kind, row.kind), row.programme, row.item or "", row.sentence, row.help
        )
        for row in rows
    ]
    return tuple(sorted(matters, key=lambda one: order.index(one.kind) if one.kind in order else len(order)))
