"""Holds a connection: the occurrences that touch a stretch of days, with the names a sheet prints."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select

from calendars.components import clean_line
from models.agency import Agency
from models.columns import table_of
from models.kinds import SECRET_TITLE, ItemKind, Placing, Role
from models.occurrence import Duty, Occurrence, OccurrenceAgency, PlannedYear, Status
from models.programme import Programme

OCCURRENCES, TIES, YEARS = table_of(Occurrence), table_of(OccurrenceAgency), table_of(PlannedYear)
AGENCIES, PROGRAMMES, DUTIES = table_of(Agency), table_of(Programme), table_of(Duty)
DRAFT = " (dự thảo)"
ON_A_CALENDAR = (Placing.DEADLINE.value, Placing.WINDOW.value, Placing.FIXED.value)


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One occurrence as a sheet may print it; of a secret one only its days, since sheets are handed round.

    ``title`` says "(dự thảo)" behind what a drafted programme asks. ``leads``, ``participants``, ``inspected`` and
    ``recipients`` are names, a group being one. A deadline has ``named_date``, ``last_on_time`` and ``work_by``;
    ``extended`` are the agencies that were given more time, each with its own last day.
    """

    id: str
    line: int
    kind: str
    title: str
    placing: str
    programme: str = ""
    certainty: str | None = None
    first: date | None = None
    last: date | None = None
    starts: time | None = None
    ends: time | None = None
    duration_days: int | None = None
    named_date: date | None = None
    last_on_time: date | None = None
    work_by: date | None = None
    included: bool | None = None
    assumed: bool = False
    tentative: bool = False
    fixed_by: str = ""
    place: str = ""
    team: str = ""
    round: int | None = None
    done_on: date | None = None
    leads: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    inspected: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    extended: tuple[tuple[str, date], ...] = ()

    @property
    def day(self) -> date:
        """The day it is sorted by: the last day on time, else its first day."""
        return self.last_on_time or self.first or date.max


_PLAIN = (
    "id", "line", "kind", "placing", "certainty", "first", "last", "duration_days",
    "named_date", "last_on_time", "work_by", "included", "assumed", "tentative", "done_on",
)  # fmt: skip
_OPEN = ("starts", "ends", "round")


def read_entries(connection: Connection, first: date, last: date) -> list[SheetEntry]:
    """What is due, held or runs between ``first`` and ``last``, both included, by day; nothing cancelled."""
    due = OCCURRENCES.c.last_on_time.between(first, last)
    held = and_(OCCURRENCES.c.last_on_time.is_(None), OCCURRENCES.c.first <= last, OCCURRENCES.c.last >= first)
    wanted = (
        OCCURRENCES.c.status == Status.PLANNED.value,
        OCCURRENCES.c.placing.in_(ON_A_CALENDAR),
        OCCURRENCES.c.kind != ItemKind.HEADING.value,
        or_(due, held),
    )
    names = {row.code: row.name if row.is_group else row.short for row in connection.execute(select(AGENCIES))}
    programmes = {row.code: row for row in connection.execute(select(PROGRAMMES))}
    ties: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    subset = select(OCCURRENCES.c.id).where(*wanted)
    for tie in connection.execute(select(TIES).where(TIES.c.occurrence.in_(subset)).order_by(TIES.c.agency)):
        called = tie.named_as or tie.agency
        ties[tie.occurrence][tie.role].append(clean_line(names.get(called, called)))
    extended = _read_extended(connection, subset, names)
    rows = connection.execute(select(OCCURRENCES).where(*wanted)).mappings()
    entries = [
        _entry(dict(row), programmes[row["programme"]], names, ties[row["id"]], extended[row["id"]]) for row in rows
    ]
    return sorted(entries, key=lambda one: (one.day, one.starts or time.min, one.programme, one.line, one.id))


def say_unplanned(connection: Connection, first: date, last: date) -> tuple[str, ...]:
    """A note for each year the days touch that nobody has planned: an empty week is then no free week."""
    planned = {row.year for row in connection.execute(select(YEARS.c.year))}
    unplanned = [year for year in range(first.year, last.year + 1) if year not in planned]
    return tuple(f"Năm {year} chưa được lập: biểu này có thể thiếu việc." for year in unplanned)


def _read_extended(
    connection: Connection, subset: Select[tuple[str]], names: dict[str, str]
) -> dict[str, list[tuple[str, date]]]:
    """Occurrence → agency and last day of each extension of what is still owed and not handed in."""
    open_still = (~DUTIES.c.withdrawn, DUTIES.c.done_on.is_(None), DUTIES.c.waived_on.is_(None))
    query = select(DUTIES).where(DUTIES.c.occurrence.in_(subset), DUTIES.c.extended_to.is_not(None), *open_still)
    found: dict[str, list[tuple[str, date]]] = defaultdict(list)
    for duty in connection.execute(query.order_by(DUTIES.c.extended_to, DUTIES.c.agency)):
        found[duty.occurrence].append((clean_line(names.get(duty.agency, duty.agency)), duty.extended_to))
    return found


def _entry(
    row: dict[str, Any],
    programme: Any,
    names: dict[str, str],
    ties: dict[str, list[str]],
    extended: list[tuple[str, date]],
) -> SheetEntry:
    plain = {name: row[name] for name in _PLAIN}
    draft = DRAFT if programme.draft else ""
    if row["secret"]:
        return SheetEntry(**plain, title=SECRET_TITLE + draft)
    return SheetEntry(
        **plain,
        **{name: row[name] for name in _OPEN},
        title=clean_line(row["title"]) + draft,
        programme=clean_line(programme.short),
        fixed_by=clean_line(row["fixed_by"] or ""),
        place=clean_line(row["place"] or ""),
        team=clean_line(names.get(row["team"] or "", row["team"] or "")),
        leads=_once(ties[Role.LEAD]),
        participants=_once(ties[Role.PARTICIPANT]),
        inspected=_once(ties[Role.INSPECTED]),
        recipients=_once(ties[Role.RECIPIENT]),
        extended=tuple(extended),
    )


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
