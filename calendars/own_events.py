"""Works on connections: what one agency alone sees of a deadline: its extension, that it handed in, that it need not.

Such an event is kept beside the common one under the variant "vi@SYT"; whoever has nothing of their own sees the
common one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, delete, exists, literal, not_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from calendars.components import PLAIN, CalendarEntry, SchedulingDays, Style, render_event
from calendars.event_entries import has_event_on, read_entries
from calendars.membership import KEYS_AT_ONCE, Transactions, batches, lock_feeds, mark_stale, mark_subscribed
from models.columns import table_of
from models.feed import Fragment
from models.kinds import Placing
from models.occurrence import Duty, Occurrence

AGENCY = "agency/"  # the calendars of this group may hold events of their own

_fragment, _occurrence, _duty = (table_of(model) for model in (Fragment, Occurrence, Duty))
_STYLES = [Style("vi"), Style("en"), Style("vi", tasks=True), Style("en", tasks=True)]  # a deadline has no span
_IS_OWN = and_(
    not_(_duty.c.withdrawn),
    _occurrence.c.placing == Placing.DEADLINE,
    or_(_duty.c.extended_to.is_not(None), _duty.c.done_on.is_not(None), _duty.c.waived_on.is_not(None)),
)


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An agency's own event; ``is_over`` when nothing is asked of it any more."""

    event: bytes
    is_over: bool


def own_events(connection: Connection, style: Style, names: Collection[str]) -> dict[str, dict[str, OwnEvent]]:
    """Calendar → occurrence → what stands there instead of the common event; only agencies' calendars have any."""
    codes = sorted(name.removeprefix(AGENCY) for name in names if name.startswith(AGENCY))
    found: dict[str, dict[str, OwnEvent]] = {name: {} for name in names}
    is_over = or_(_duty.c.waived_on.is_not(None), and_(_duty.c.done_on.is_not(None), _duty.c.returned_on.is_(None)))
    query = (
        select(_duty.c.agency, _duty.c.occurrence, _fragment.c.event, case((is_over, True), else_=False))
        .join(_occurrence, _occurrence.c.id == _duty.c.occurrence)
        .join(_fragment, _kept_in(style))
        .where(_IS_OWN)
    )
    for batch in batches(codes, KEYS_AT_ONCE):
        for agency, occurrence, event, over in connection.execute(query.where(_duty.c.agency.in_(batch))).tuples():
            found[AGENCY + agency][occurrence] = OwnEvent(event, bool(over))
    return found


def has_outdated_own(
    connection: Connection, today: date, style: Style, occurrences: Sequence[str] | None = None
) -> bool:
    """Whether some own event (of these occurrences) was not rendered since its occurrence's last revision."""
    query = _outdated(today, style).limit(1)
    if occurrences is not None:
        query = query.where(_occurrence.c.id.in_(occurrences))
    return connection.execute(query).first() is not None


def outdated_own(connection: Connection, today: date, style: Style) -> Sequence[str]:
    """The duties whose own event must be rendered."""
    return connection.scalars(_outdated(today, style).order_by(_duty.c.id)).all()


def render_own(begin: Transactions, duties: Sequence[str], days: SchedulingDays, style: Style) -> int:
    """Renders these in one style and marks the calendars of their agencies, and no others; how many were rendered.

    The duties are read after the occurrences: one decided on in between keeps an event older than its occurrence.
    """
    with begin() as connection:
        occurrences = sorted({duty.rpartition("/")[0] for duty in duties})
        entries = {entry.id: entry for entry in read_entries(connection, occurrences)}
        decided = connection.execute(select(_duty).where(_duty.c.id.in_(duties)).order_by(_duty.c.id)).all()
    fresh = [
        {
            "occurrence": row.occurrence,
            "variant": f"{style.variant}@{row.agency}",
            "revised_at": entries[row.occurrence].revised_at,
            "event": render_event(own_entry(entries[row.occurrence], row), days, style),
        }
        for row in decided
        if row.occurrence in entries and entries[row.occurrence].placing == Placing.DEADLINE
    ]
    with begin() as connection:
        lock_feeds(connection)
        _keep(connection, fresh)
        mark = mark_stale if style == PLAIN else mark_subscribed
        mark(connection, *{AGENCY + row.agency for row in decided})
    return len(fresh)


def own_entry(entry: CalendarEntry, duty: Row[Any]) -> CalendarEntry:
    """The entry as the agency of this duty sees it; its SEQUENCE grows with each decision about the agency's day."""
    own = replace(
        entry,
        done_on=None if duty.returned_on else duty.done_on,
        correct_by=duty.correct_by,
        waived_on=duty.waived_on,
        sequence=entry.sequence + duty.due_version - 1,
    )
    if duty.extended_to is None:
        return own
    until = duty.extended_to
    return replace(own, last_on_time=until, extended_to=until, work_by=duty.work_by, assumed=False)


def has_strays(connection: Connection) -> bool:
    """Whether an own event is kept whose agency has nothing of its own any more."""
    return connection.execute(_strays().limit(1)).first() is not None


def drop_strays(connection: Connection) -> None:
    """Takes such events out and marks the calendars they stood in."""
    lock_feeds(connection)
    strays = connection.execute(_strays()).tuples().all()
    for occurrence, variant in strays:
        this = and_(_fragment.c.occurrence == occurrence, _fragment.c.variant == variant)
        connection.execute(delete(_fragment).where(this))
    if strays:
        mark_stale(connection, *{AGENCY + variant.partition("@")[2] for _, variant in strays})


def _kept_in(style: Style) -> ColumnElement[bool]:
    """The own event of a duty in one style, as of its occurrence's last revision."""
    return and_(
        _fragment.c.occurrence == _duty.c.occurrence,
        _fragment.c.variant == literal(f"{style.variant}@") + _duty.c.agency,
        _fragment.c.revised_at == _occurrence.c.revised_at,
    )


def _outdated(today: date, style: Style) -> Select[tuple[str]]:
    query = (
        select(_duty.c.id)
        .join(_occurrence, _occurrence.c.id == _duty.c.occurrence)
        .outerjoin(_fragment, _kept_in(style))
        .where(_IS_OWN, _fragment.c.occurrence.is_(None), has_event_on(today))
    )
    # a span is a window's only; of everything else its readers take the plain bytes
    return query.where(literal(value=False)) if style.spans else query


def _strays() -> Select[tuple[str, str]]:
    belongs = exists().where(
        _duty.c.occurrence == _fragment.c.occurrence,
        _occurrence.c.id == _fragment.c.occurrence,
        _fragment.c.variant.in_([literal(f"{style.variant}@") + _duty.c.agency for style in _STYLES]),
        _IS_OWN,
    )
    kept = select(_fragment.c.occurrence, _fragment.c.variant).where(_fragment.c.variant.like("%@%"))
    return kept.where(not_(belongs)).order_by(_fragment.c.occurrence, _fragment.c.variant)


def _keep(connection: Connection, fresh: list[dict[str, Any]]) -> None:
    """Puts the fresh events in the place of the old ones."""
    if not fresh:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = insert(_fragment)
    values = {"revised_at": new.excluded.revised_at, "event": new.excluded.event}
    connection.execute(new.on_conflict_do_update(index_elements=["occurrence", "variant"], set_=values), fresh)
