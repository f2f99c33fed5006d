"""Holds a connection: what already stands on some days, and with whom."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import Connection, and_, or_, select

from calendars.wording import say_short
from models.columns import table_of
from models.kinds import SECRET_TITLE, Placing, Role
from models.occurrence import Occurrence, OccurrenceAgency, Status
from planning.free_days import Busy

OCCURRENCES, TIES = table_of(Occurrence), table_of(OccurrenceAgency)

# a meeting held the same day weighs most; a report due that day can be sent before it
HELD, DUE = 3, 1


def read_busy(connection: Connection, first: date, last: date, except_for: str = "") -> list[Busy]:
    """Events fixed on, and deadlines that end on, ``first`` to ``last`` (both included), without ``except_for``.

    Windows are left out: they say that something will be held, not when. Who only receives is not busy.
    """
    held = and_(OCCURRENCES.c.placing == Placing.FIXED.value, OCCURRENCES.c.first <= last, OCCURRENCES.c.last >= first)
    due = and_(OCCURRENCES.c.last_on_time >= first, OCCURRENCES.c.last_on_time <= last)
    standing = (or_(held, due), OCCURRENCES.c.status == Status.PLANNED.value, OCCURRENCES.c.id != except_for)
    rows = connection.execute(select(OCCURRENCES).where(*standing).order_by(OCCURRENCES.c.id)).all()
    agencies: dict[str, set[str]] = defaultdict(set)
    tied = select(TIES.c.occurrence, TIES.c.agency).where(
        TIES.c.occurrence.in_(select(OCCURRENCES.c.id).where(*standing)), TIES.c.role != Role.RECIPIENT.value
    )
    for tie in connection.execute(tied):
        agencies[tie.occurrence].add(tie.agency)
    found = []
    for row in rows:
        title, with_whom = SECRET_TITLE if row.secret else row.title, frozenset(agencies[row.id])
        if row.last_on_time:
            day = row.last_on_time
            found.append(Busy(day, day, f"{title} (hạn {say_short(day)})", DUE, with_whom))
        else:
            until = f"–{say_short(row.last)}" if row.last != row.first else ""
            found.append(Busy(row.first, row.last, f"{title} ({say_short(row.first)}{until})", HELD, with_whom))
    return found
