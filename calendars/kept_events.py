"""Works on connections: the kept bytes of every event, rendered once for each revision of its occurrence and style."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, not_, select

from calendars.components import PLAIN, TOMBSTONE_DAYS, CalendarEntry, SchedulingDays, Style, render_event, uid
from calendars.membership import (
    KEYS_AT_ONCE,
    Transactions,
    batches,
    feeds_of,
    lock_feeds,
    mark_stale,
    mark_subscribed,
)
from models.agency import Agency
from models.columns import table_of
from models.feed import Fragment
from models.kinds import Placing, Role
from models.occurrence import Occurrence, OccurrenceAgency, Status
from models.programme import Programme

EVENTS_AT_ONCE = 500  # so many events are rendered between two commits
BYTES_KEPT = 64_000_000  # kept events in memory before the shelf is emptied

_agency, _programme, _fragment, _occurrence, _tie = (
    table_of(model) for model in (Agency, Programme, Fragment, Occurrence, OccurrenceAgency)
)
_OWN = [_occurrence.c[field.name] for field in fields(CalendarEntry) if field.name in _occurrence.c]
# What a variant other than the plain one adds to it; of everything else its readers take the plain bytes.
_PLACED_AS = {"span": [Placing.WINDOW], "task": [Placing.DEADLINE, Placing.WINDOW]}


class Shelf:
    """Kept events by occurrence, each read once for a publication; emptied when it grows too large."""

    def __init__(self, variant: str = PLAIN.variant) -> None:
        self._variant = variant
        self._events: dict[str, tuple[str, bytes] | None] = {}
        self._size = 0

    def fetch(self, connection: Connection, occurrences: Collection[str]) -> None:
        """Makes sure that these stand on the shelf; one without an event stands there as None."""
        if self._size > BYTES_KEPT:
            self.clear()
        missing = sorted(set(occurrences) - self._events.keys())
        self._events |= dict.fromkeys(missing)
        rows = select(_fragment.c.occurrence, _fragment.c.event).where(_fragment.c.variant == self._variant)
        for batch in batches(missing, KEYS_AT_ONCE):
            for occurrence, event in connection.execute(rows.where(_fragment.c.occurrence.in_(batch))):
                self._events[occurrence] = (uid(occurrence), event)
                self._size += len(event)

    def events(self, occurrences: Iterable[str]) -> list[bytes]:
        """The events of these occurrences in the order of their UIDs; ``fetch`` them first."""
        return [event for _, event in sorted(self.named_events(occurrences))]

    def named_events(self, occurrences: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The UIDs and events of these occurrences as they come; ``fetch`` them first."""
        kept = (self._events[occurrence] for occurrence in occurrences)
        return (found for found in kept if found)

    def clear(self) -> None:
        """Forgets everything: some event was rendered again."""
        self._events.clear()
        self._size = 0


def needs_renewal(connection: Connection, today: date, styles: Collection[Style]) -> bool:
    """Whether ``renew_events`` has anything to do; reads only."""
    return bool(_gone(connection, today)) or any(_outdated(connection, today, style) for style in styles)


def renew_events(begin: Transactions, today: date, days: SchedulingDays, styles: Collection[Style] = (PLAIN,)) -> int:
    """Renders what was revised and drops what is over, marking the calendars of both; how many were rendered.

    One transaction for each batch, none while rendering. An occurrence revised meanwhile keeps an
    event older than itself, so the next call finds it.
    """
    with begin() as connection:
        gone = _gone(connection, today)
        outdated = {style: _outdated(connection, today, style) for style in styles}
    for batch in batches(gone, EVENTS_AT_ONCE):
        with begin() as connection:
            _drop(connection, batch)
    return sum(
        _render(begin, batch, days, style)
        for style, occurrences in outdated.items()
        for batch in batches(occurrences, EVENTS_AT_ONCE)
    )


def _render(begin: Transactions, occurrences: Sequence[str], days: SchedulingDays, style: Style) -> int:
    with begin() as connection:
        entries = _entries(connection, occurrences)
    fresh = [
        {
            "occurrence": entry.id,
            "variant": style.variant,
            "revised_at": entry.revised_at,
            "event": render_event(entry, days, style),
        }
        for entry in entries
    ]
    with begin() as connection:
        _replace(connection, occurrences, fresh, style)
    return len(fresh)


def are_settled(connection: Connection, occurrences: Collection[str], today: date) -> bool:
    """Whether the kept events of these occurrences are those of their last revision, and none is over."""
    has_event = has_event_on(today)
    unsettled = case((has_event, _fragment.c.occurrence.is_(None)), else_=_fragment.c.occurrence.is_not(None))
    query = select(_occurrence.c.id).outerjoin(_fragment, _same(PLAIN)).where(unsettled)
    return not any(
        connection.scalars(query.where(_occurrence.c.id.in_(batch)).limit(1)).first()
        for batch in batches(sorted(occurrences), KEYS_AT_ONCE)
    )


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


def _same(style: Style) -> ColumnElement[bool]:
    """The kept event of an occurrence in one style, as of its last revision."""
    return and_(
        _fragment.c.occurrence == _occurrence.c.id,
        _fragment.c.variant == style.variant,
        _fragment.c.revised_at == _occurrence.c.revised_at,
    )


def _outdated(connection: Connection, today: date, style: Style) -> Sequence[str]:
    """Occurrences whose event was never rendered in this style, or not since their last revision."""
    query = select(_occurrence.c.id).outerjoin(_fragment, _same(style)).where(_fragment.c.occurrence.is_(None))
    if placed := _PLACED_AS.get(style.variant.partition("-")[2]):
        query = query.where(_occurrence.c.placing.in_(placed))
    return connection.scalars(query.where(has_event_on(today)).order_by(_occurrence.c.id)).all()


def _gone(connection: Connection, today: date) -> Sequence[str]:
    """Kept events whose occurrence has none any more: without a day, or cancelled long ago."""
    query = select(_fragment.c.occurrence).distinct().join(_occurrence, _occurrence.c.id == _fragment.c.occurrence)
    return connection.scalars(query.where(not_(has_event_on(today))).order_by(_fragment.c.occurrence)).all()


def _drop(connection: Connection, occurrences: Sequence[str]) -> None:
    """Takes out the events of these occurrences in every style and marks their calendars."""
    lock_feeds(connection)
    connection.execute(delete(_fragment).where(_fragment.c.occurrence.in_(occurrences)))
    mark_stale(connection, *feeds_of(connection, occurrences))


def _replace(connection: Connection, occurrences: Sequence[str], fresh: list[dict[str, Any]], style: Style) -> None:
    """Puts the fresh events in the place of the old ones and marks their calendars.

    The lock and the deletion come first: SQLite takes its write lock before anything is read. Only the plain
    style stands in the published files.
    """
    lock_feeds(connection)
    old = delete(_fragment).where(_fragment.c.variant == style.variant)
    connection.execute(old.where(_fragment.c.occurrence.in_(occurrences)))
    if fresh:
        connection.execute(_fragment.insert(), fresh)
    mark = mark_stale if style == PLAIN else mark_subscribed
    mark(connection, *feeds_of(connection, occurrences))


# ---------------------------------------------------------------- what an event needs


def _entries(connection: Connection, occurrences: Sequence[str]) -> list[CalendarEntry]:
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
