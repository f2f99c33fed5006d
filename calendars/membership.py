"""Works on a connection: which occurrence stands in which calendar, and which calendars are stale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date

from sqlalchemy import ColumnElement, Connection, Select, case, func, not_, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from calendars.components import clean_line
from calendars.feeds import EVERYTHING, check_name
from models.columns import table_of
from models.feed import Feed
from models.occurrence import Duty, Occurrence, OccurrenceAgency

# Opens one writing transaction that ends with its block: ``engine.begin``, or the office's own.
Transactions = Callable[[], AbstractContextManager[Connection]]

KEYS_AT_ONCE = 5_000  # SQLite takes at most 32,766 values in one statement

_feed, _occurrence, _tie, _duty = (table_of(model) for model in (Feed, Occurrence, OccurrenceAgency, Duty))
# Group of calendars, the column with the code in its name, and the pairs (code, occurrence) behind it.
_TIES: list[tuple[str, ColumnElement[str], Select[tuple[str, str]]]] = [
    ("programme", _occurrence.c.programme, select(_occurrence.c.programme, _occurrence.c.id)),
    ("team", _occurrence.c.team, select(_occurrence.c.team, _occurrence.c.id)),
    ("kind", _occurrence.c.kind, select(_occurrence.c.kind, _occurrence.c.id)),
    ("agency", _tie.c.agency, select(_tie.c.agency, _tie.c.occurrence)),
    ("agency", _duty.c.agency, select(_duty.c.agency, _duty.c.occurrence).where(not_(_duty.c.withdrawn))),
]


def lock_feeds(connection: Connection) -> None:
    """Keeps others from marking calendars until this transaction ends; whoever marks any calls it first.

    On PostgreSQL only: two transactions that mark the same rows in another order would lock crosswise.
    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"LOCK TABLE {_feed.name} IN SHARE ROW EXCLUSIVE MODE")


def next_mark(connection: Connection) -> int:
    """The number for the next change of any calendar; takes the lock, so that numbers are in the order of commits."""
    lock_feeds(connection)
    last: int = connection.execute(select(func.coalesce(func.max(_feed.c.changed), 0))).scalar_one()
    return last + 1


def mark_stale(connection: Connection, *names: str) -> None:
    """These calendars are written at the next publication; unknown names are ignored. Does not commit."""
    mark = next_mark(connection)
    for batch in batches(sorted(set(names)), KEYS_AT_ONCE):
        connection.execute(update(_feed).where(_feed.c.name.in_(batch)).values(stale=True, changed=mark))


def mark_subscribed(connection: Connection, *names: str) -> None:
    """Something about who subscribes to these calendars changed; their published files stay. Does not commit."""
    mark = next_mark(connection)
    for batch in batches(sorted(set(names)), KEYS_AT_ONCE):
        connection.execute(update(_feed).where(_feed.c.name.in_(batch)).values(changed=mark))


def touch_feeds(connection: Connection, titles: Mapping[str, str], today: date, *, stale: bool = True) -> None:
    """Creates the calendars that are new, dated ``today``, renames the others, and marks all of them stale.

    ``titles`` is name → title. With ``stale=False`` only new and renamed ones are marked. Safe to
    repeat: the name is the key. Does not commit. Raises ValueError for a name that could not be a
    path of ours.
    """
    if not titles:
        return
    mark = next_mark(connection)
    rows = [
        {
            "name": check_name(name),
            "title": clean_line(title),
            "created_on": today,
            "stale": True,
            "changed": mark,
            "events": 0,
        }
        for name, title in titles.items()
    ]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = insert(_feed)
    is_renamed = _feed.c.title != new.excluded.title
    is_stale = true() if stale else or_(_feed.c.stale, is_renamed)
    changed = case((true() if stale else is_renamed, new.excluded.changed), else_=_feed.c.changed)
    values = {"title": new.excluded.title, "stale": is_stale, "changed": changed}
    connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=values), rows)


def feeds_of(connection: Connection, occurrences: Iterable[str]) -> set[str]:
    """Names of the calendars these occurrences stand in now, by every role and duty."""
    names: set[str] = set()
    own = select(_occurrence.c.programme, _occurrence.c.kind, _occurrence.c.team).distinct()
    roles, duties = select(_tie.c.agency).distinct(), select(_duty.c.agency).distinct()
    for batch in batches(sorted(set(occurrences)), KEYS_AT_ONCE):
        for programme, kind, team in connection.execute(own.where(_occurrence.c.id.in_(batch))):
            names |= {EVERYTHING, f"programme/{programme}", f"kind/{kind}"}
            names |= {f"team/{team}"} if team else set()
        names |= {f"agency/{code}" for code in connection.scalars(roles.where(_tie.c.occurrence.in_(batch)))}
        owing = duties.where(_duty.c.occurrence.in_(batch), not_(_duty.c.withdrawn))
        names |= {f"agency/{code}" for code in connection.scalars(owing)}
    return names


def members(connection: Connection, names: Iterable[str]) -> dict[str, set[str]]:
    """Name → ids of the occurrences that belong in the calendar, whether or not they have a day."""
    codes: dict[str, list[str]] = defaultdict(list)
    for name in names:
        group, _, code = name.partition("/")
        codes[group].append(code)
    found: dict[str, set[str]] = defaultdict(set)
    for group, column, pairs in _TIES:
        for batch in batches(codes[group], KEYS_AT_ONCE):
            for code, member in connection.execute(pairs.where(column.in_(batch))).tuples():
                found[f"{group}/{code}"].add(member)
    if codes[EVERYTHING]:
        found[EVERYTHING] = set(connection.scalars(select(_occurrence.c.id)))
    return found


def batches(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The values in order, so many at once."""
    return (values[start : start + size] for start in range(0, len(values), size))
