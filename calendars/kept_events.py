"""Works on connections: the kept bytes of every event, rendered once for each revision of its occurrence and style."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, not_, select

from calendars.components import PLAIN, SchedulingDays, Style, render_event, uid
from calendars.event_entries import has_event_on, read_entries
from calendars.membership import (
    KEYS_AT_ONCE,
    Transactions,
    batches,
    feeds_of,
    lock_feeds,
    mark_stale,
    mark_subscribed,
)
from calendars.own_events import (
    OwnEvent,
    drop_strays,
    has_outdated_own,
    has_strays,
    outdated_own,
    render_own,
)
from models.columns import table_of
from models.feed import Fragment
from models.kinds import Placing
from models.occurrence import Occurrence

EVENTS_AT_ONCE = 500  # so many events are rendered between two commits
BYTES_KEPT = 64_000_000  # kept events in memory before the shelf is emptied

_fragment, _occurrence = table_of(Fragment), table_of(Occurrence)
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

    def events(self, occurrences: Iterable[str], own: Mapping[str, OwnEvent]) -> list[bytes]:
        """The events of these occurrences in the order of their UIDs; ``fetch`` them first.

        Those in ``own`` stand in the place of what everybody else sees.
        """
        shared = self.named_events(one for one in occurrences if one not in own)
        return [event for _, event in sorted([*shared, *((uid(one), kept.event) for one, kept in own.items())])]

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
    return (
        bool(_gone(connection, today))
        or has_strays(connection)
        or any(_outdated(connection, today, style) for style in styles)
        or any(has_outdated_own(connection, today, style) for style in styles)
    )


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
    rendered = sum(
        _render(begin, batch, days, style)
        for style, occurrences in outdated.items()
        for batch in batches(occurrences, EVENTS_AT_ONCE)
    )
    return rendered + _renew_own(begin, today, days, styles)


def _renew_own(begin: Transactions, today: date, days: SchedulingDays, styles: Collection[Style]) -> int:
    """The same for what single agencies see of their own deadlines."""
    with begin() as connection:
        drop_strays(connection)
        outdated_duties = {style: outdated_own(connection, today, style) for style in styles}
    return sum(
        render_own(begin, batch, days, style)
        for style, duties in outdated_duties.items()
        for batch in batches(duties, EVENTS_AT_ONCE)
    )


def _render(begin: Transactions, occurrences: Sequence[str], days: SchedulingDays, style: Style) -> int:
    with begin() as connection:
        entries = read_entries(connection, occurrences)
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
        or has_outdated_own(connection, today, PLAIN, batch)
        for batch in batches(sorted(occurrences), KEYS_AT_ONCE)
    )


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
