"""Works on a connection: what an occurrence's event needs, read with the names people know, and whether it has one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, not_, select

from calendars.components import TOMBSTONE_DAYS, CalendarEntry
from models.agency import Agency
from models.columns import table_of
from models.kinds import Placing, Role
from models.occurrence import Occurrence, OccurrenceAgency, Status
from models.programme import Programme

_agency, _programme, _occurrence, _tie = (
    table_of(model) for model in (Agency, Programme, Occurrence, OccurrenceAgency)
)
_OWN = [_occurrence.c[field.name] for field in fields(CalendarEntry) if field.name in _occurrence.c]


def has_event_on(today: date) -> ColumnElement[bool]:
    """Whether an occurrence stands on a calendar on ``today``; never NULL."""
    has_day = case(
        (_occurrence.c.placing == Placing.DEADLINE, _occurrence.c.last_on_time.is_not(None)),
        (_occurrence.c.placing.in_([Placing.WINDOW, Placing.FIXED]), _occurrence.c.first.is_not(None)),
        else_=False,
    )
    is_over = and_(
        _occurrence.c.status == Status.CANCELLED,
        _occurrence.c.cancelled_on.is_not(None),
        _occurrence.c.cancelled_on < today - timedelta(days=TOMBSTONE_DAYS),
    )
    return and_(has_day, not_(is_over))


def read_entries(connection: Connection, occurrences: Sequence[str]) -> list[CalendarEntry]:
    """The entries of these occurrences, as they come."""
    bodies = _bodies(connection, occurrences)
    team = _agency.alias("team_agency")
    query = (
        select(
            *_OWN,
            func.coalesce(team.c.name, _occurrence.c.team).label("team_name"),
            func.coalesce(_programme.c.title, _occurrence.c.programme).label("paper"),
            _programme.c.number,
            _programme.c.issued,
            func.coalesce(_programme.c.draft, False).label("draft"),
        )
        .outerjoin(_programme, _programme.c.code == _occurrence.c.programme)
        .outerjoin(team, team.c.code == _occurrence.c.team)
        .where(_occurrence.c.id.in_(occurrences))
    )
    return [
        CalendarEntry(
            **{column.name: row._mapping[column] for column in _OWN},
            programme_name=_cite(row),
            draft=row.draft,
            team_name=row.team_name,
            leads=tuple(sorted(bodies[row.id, Role.LEAD])),
            participants=tuple(sorted(bodies[row.id, Role.PARTICIPANT])),
            inspected=tuple(sorted(bodies[row.id, Role.INSPECTED])),
            recipients=tuple(sorted(bodies[row.id, Role.RECIPIENT])),
        )
        for row in connection.execute(query)
    ]


def _bodies(connection: Connection, occurrences: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """(occurrence, role) → display names; the members of a group are told as the group, as the paper does."""
    named = _agency.alias("named")
    asked = _tie.c.occurrence.in_(occurrences)
    singly = (
        select(
            _tie.c.occurrence,
            _tie.c.role,
            func.coalesce(_agency.c.name, _tie.c.agency),
            func.coalesce(named.c.name, _tie.c.named_as),
        )
        .outerjoin(_agency, _agency.c.code == _tie.c.agency)
        .outerjoin(named, named.c.code == _tie.c.named_as)
        .where(asked, not_(func.coalesce(named.c.is_group, False)))
    )
    grouped = (
        select(_tie.c.occurrence, _tie.c.role, named.c.name, func.count())
        .join(named, and_(named.c.code == _tie.c.named_as, named.c.is_group))
        .where(asked)
        .group_by(_tie.c.occurrence, _tie.c.role, named.c.name)
    )
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    for occurrence, role, name, older in connection.execute(singly):
        names[occurrence, role].append(f"{name} (văn bản ghi: {older})" if older else name)
    for occurrence, role, group, count in connection.execute(grouped):
        names[occurrence, role].append(f"{group} ({count:02} cơ quan, đơn vị)")
    return names


def _cite(row: Row[Any]) -> str:
    """Cite the paper: "Chương trình … (số 351/QĐ-UBND ngày 18/02/2022)"; a draft has neither."""
    number = f"số {row.number}" if row.number else ""
    issued = f"ngày {row.issued:%d/%m/%Y}" if row.issued else ""
    known = " ".join(part for part in (number, issued) if part)
    return f"{row.paper} ({known})" if known else row.paper
