"""Holds a connection: reads the stored year back, with everyone's names, for whoever shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select

from calendars.wording import say_due, say_hours, say_short, say_window
from models.agency import Agency
from models.columns import table_of
from models.kinds import PLACING_NAMES, SECRET_TITLE, Placing, Role
from models.occurrence import Decision, Duty, Need, Occurrence, OccurrenceAgency, PlannedYear, Status
from models.programme import Programme
from models.timing import Certainty, DueDays, Hours, Window

OCCURRENCES, TIES, NEEDS, DUTIES = (
    table_of(Occurrence),
    table_of(OccurrenceAgency),
    table_of(Need),
    table_of(Duty),
)
AGENCIES, PROGRAMMES, DECISIONS, YEARS = (
    table_of(Agency),
    table_of(Programme),
    table_of(Decision),
    table_of(PlannedYear),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A body with its name; ``named_as`` is the group or older body the paper names."""

    code: str
    name: str
    short: str
    named_as: str | None = None


@dataclass(frozen=True, slots=True)
class DutyEntry:
    """What one agency owes, and whether it has been done."""

    id: str
    agency: Named
    handover: bool
    done_on: date | None
    document: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One occurrence of the agenda with the names of everyone in it; of a secret one without its content."""

    id: str
    programme: str
    programme_short: str
    history: bool
    draft: bool
    item: str
    period: str
    line: int
    kind: str
    title: str
    placing: str
    certainty: str | None
    first: date | None
    last: date | None
    starts: time | None
    ends: time | None
    duration_days: int | None
    named_date: date | None
    last_on_time: date | None
    work_by: date | None
    included: bool | None
    active_from: date | None
    tentative: bool
    assumed: bool
    phrase: str | None
    why: str
    fixed_by: str | None
    place: str | None
    team: str | None
    round: int | None
    product: str | None
    headcount: int | None
    headcount_about: bool
    budget_central: int | None
    budget_local: int | None
    note: str | None
    secret: bool
    rolls_up: bool
    status: str
    lead: tuple[Named, ...]
    participants: tuple[Named, ...]
    inspected: tuple[Named, ...]
    recipients: tuple[Named, ...]
    duties: tuple[DutyEntry, ...]
    depends_on: tuple[str, ...]
    depends_on_proposed: tuple[str, ...]

    @property
    def day(self) -> date | None:
        """The day it is sorted by: the last day on time, else the first day of the window."""
        return self.last_on_time or self.first

    @property
    def dated(self) -> bool:
        """Whether it stands on the calendar."""
        return self.day is not None


_OWN = tuple(
    name
    for name in Entry.__slots__
    if name in OCCURRENCES.c and name not in ("lead", "participants", "inspected", "recipients", "duties")
)

# What nobody reads of a secret matter: its days, its code and who owes it are enough to follow it up.
_HIDDEN: dict[str, Any] = {
    "title": SECRET_TITLE, "why": "", "headcount_about": False,
    **dict.fromkeys(("phrase", "fixed_by", "place", "product", "headcount", "note")),
    **dict.fromkeys(("budget_central", "budget_local")),
}  # fmt: skip


def read_agenda(
    connection: Connection,
    today: date,
    *,
    year: int | None = None,
    month: int | None = None,
    agency: str | None = None,
    programme: str | None = None,
    cancelled: bool = False,
) -> list[Entry]:
    """The planned occurrences, dated ones first by day; what ended with its programme before ``today`` is history.

    ``month`` (1–12) keeps what touches that month of ``year``; ``agency`` what that body has any part in.
    """
    wanted = _conditions(year, month, agency, programme, cancelled)
    rows = connection.execute(select(OCCURRENCES).where(*wanted)).mappings().all()
    names = {
        row.code: (row.name, row.short)
        for row in connection.execute(select(AGENCIES.c.code, AGENCIES.c.name, AGENCIES.c.short))
    }
    programmes = {row.code: row for row in connection.execute(select(PROGRAMMES))}
    subset = select(OCCURRENCES.c.id).where(*wanted)

    def named(code: str, named_as: str | None = None) -> Named:
        name, short = names.get(code, (code, code))
        return Named(code, name, short, named_as)

    ties: dict[str, dict[str, list[Named]]] = defaultdict(lambda: defaultdict(list))
    for tie in connection.execute(select(TIES).where(TIES.c.occurrence.in_(subset)).order_by(TIES.c.agency)):
        ties[tie.occurrence][tie.role].append(named(tie.agency, tie.named_as))
    duties: dict[str, list[DutyEntry]] = defaultdict(list)
    for duty in connection.execute(
        select(DUTIES).where(DUTIES.c.occurrence.in_(subset), ~DUTIES.c.withdrawn).order_by(DUTIES.c.agency)
    ):
        duties[duty.occurrence].append(
            DutyEntry(duty.id, named(duty.agency, duty.named_as), duty.handover, duty.done_on, duty.document)
        )
    needs: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for need in connection.execute(select(NEEDS).where(NEEDS.c.occurrence.in_(subset)).order_by(NEEDS.c.needs)):
        needs[need.occurrence, need.proposed].append(need.needs)
    entries = [
        Entry(
            **_own(row),
            programme_short=programmes[row["programme"]].short,
            history=max(programmes[row["programme"]].last, row["last_on_time"] or date.min) < today,
            draft=programmes[row["programme"]].draft,
            lead=tuple(ties[row["id"]][Role.LEAD]),
            participants=tuple(ties[row["id"]][Role.PARTICIPANT]),
            inspected=() if row["secret"] else tuple(ties[row["id"]][Role.INSPECTED]),
            recipients=tuple(ties[row["id"]][Role.RECIPIENT]),
            duties=tuple(duties[row["id"]]),
            depends_on=tuple(needs[row["id"], False]),
            depends_on_proposed=tuple(needs[row["id"], True]),
        )
        for row in rows
    ]
    return sorted(entries, key=lambda entry: (entry.day or date.max, entry.programme, entry.line, entry.id))


def _own(row: RowMapping) -> dict[str, Any]:
    """The occurrence's own columns; what would tell a secret matter's content is left out here, for all readers."""
    own = {name: row[name] for name in _OWN}
    return own | _HIDDEN if row["secret"] else own


def say_when(entry: Entry) -> str:
    """When, the way a secretary reads it: both dates of a deadline, the stretch of a window."""
    if entry.last_on_time and entry.named_date and entry.work_by:
        due = DueDays(entry.named_date, entry.last_on_time, entry.work_by)
        return say_due(due, included=entry.included) + (" (giả định)" if entry.assumed else "")
    if entry.first and entry.last:
        if entry.placing == Placing.FIXED:
            hours = f", {say_hours(Hours(entry.starts, entry.ends))}" if entry.starts else ""
            until = f" – {say_short(entry.last)}" if entry.last != entry.first else ""
            return f"{say_short(entry.first)}{until}{hours}"
        length = f", {entry.duration_days:02d} ngày" if entry.duration_days else ""
        window = Window(entry.first, entry.last, Certainty(entry.certainty or Certainty.PERIOD))
        return f"dự kiến {say_window(window)}{length}"
    return PLACING_NAMES[Placing(entry.placing)]


def _conditions(
    year: int | None,
    month: int | None,
    agency: str | None,
    programme: str | None,
    cancelled: bool,
) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not cancelled:
        found.append(OCCURRENCES.c.status == Status.PLANNED.value)
    if year is not None and month is None:  # of a month the days decide: "trước 15/01 năm sau" stands in January
        found += [OCCURRENCES.c.year_first <= year, OCCURRENCES.c.year_last >= year]
    if month is not None and year is not None:
        first, after = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
        due = and_(OCCURRENCES.c.last_on_time >= first, OCCURRENCES.c.last_on_time < after)
        held = and_(OCCURRENCES.c.last_on_time.is_(None), OCCURRENCES.c.first < after, OCCURRENCES.c.last >= first)
        found.append(or_(due, held))
    if agency is not None:
        found.append(OCCURRENCES.c.id.in_(select(TIES.c.occurrence).where(TIES.c.agency == agency)))
    if programme is not None:
        found.append(OCCURRENCES.c.programme == programme)
    return found


def read_decisions(connection: Connection, year: int, programme: str | None = None) -> list[Decision]:
    """What waits for a person in ``year``, in the order of programme, kind and item."""
    query = (
        select(DECISIONS)
        .where(DECISIONS.c.year == year)
        .order_by(DECISIONS.c.programme, DECISIONS.c.kind, DECISIONS.c.id)
    )
    if programme is not None:
        query = query.where(DECISIONS.c.programme == programme)
    return [Decision(**row) for row in connection.execute(query).mappings()]


def planned_years(connection: Connection) -> list[int]:
    """The years planned so far."""
    return [row.year for row in connection.execute(select(YEARS.c.year).order_by(YEARS.c.year))]
