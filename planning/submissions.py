"""Holds a connection: records what agencies have sent, and whether a whole collection is in."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select, update

from planning.agenda import DUTIES, OCCURRENCES
from planning.revision import next_revision


def has_duty(connection: Connection, duty: str) -> bool:
    """Whether somebody owes ``duty``."""
    found = select(DUTIES.c.id).where(DUTIES.c.id == duty, ~DUTIES.c.withdrawn)
    return connection.execute(found).first() is not None


def mark_done(connection: Connection, duty: str, on: date, by: str, document: str | None, today: date) -> bool:
    """Records the first complete submission of a duty; False when one was recorded already, or nobody owes it.

    The first submission stays: on time is judged by it. When it was the last one missing, the occurrence
    is done, and its entry in the calendars says so.
    """
    recorded = connection.execute(
        update(DUTIES)
        .where(DUTIES.c.id == duty, DUTIES.c.done_on.is_(None), ~DUTIES.c.withdrawn)
        .values(done_on=on, done_by=by, document=document)
    )
    if recorded.rowcount != 1:
        return False
    settle_done(connection, duty.rpartition("/")[0], today)
    return True


def settle_done(connection: Connection, occurrence: str, today: date) -> None:
    """Makes the occurrence done when every duty of it is, and open again when one was added since."""
    owed = select(func.count(), func.count(DUTIES.c.done_on), func.max(DUTIES.c.done_on))
    all_of_them, done, last = connection.execute(
        owed.where(DUTIES.c.occurrence == occurrence, ~DUTIES.c.withdrawn)
    ).one()
    done_on = last if all_of_them and all_of_them == done else None
    row = connection.execute(select(OCCURRENCES).where(OCCURRENCES.c.id == occurrence)).one()
    if row.done_on != done_on:
        connection.execute(
            update(OCCURRENCES)
            .where(OCCURRENCES.c.id == occurrence)
            .values(done_on=done_on, revised_at=next_revision(today, row.revised_at))
        )
