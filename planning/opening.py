"""Holds a connection: opens what has come due to begin, once, whatever day the sweep runs."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, or_, select, update

from models.occurrence import Status
from models.turn import await_turn
from planning.agenda import OCCURRENCES, PROGRAMMES


def open_due(connection: Connection, today: date) -> list[str]:
    """Marks everything that should have begun by ``today`` as opened and returns what is new.

    A missed day opens with the next one; running twice opens nothing twice, since ``opened_on`` is
    written only where it is empty. What belongs to a programme that is over stays as it was.
    """
    await_turn(connection)
    still_running = select(PROGRAMMES.c.code).where(PROGRAMMES.c.last >= today)
    due = (
        OCCURRENCES.c.opens_on <= today,
        OCCURRENCES.c.opened_on.is_(None),
        OCCURRENCES.c.status == Status.PLANNED.value,
        or_(OCCURRENCES.c.programme.in_(still_running), OCCURRENCES.c.last_on_time >= today),
    )
    opening = select(OCCURRENCES.c.id).where(*due).order_by(OCCURRENCES.c.opens_on, OCCURRENCES.c.id)
    found = [row.id for row in connection.execute(opening)]
    if found:
        connection.execute(update(OCCURRENCES).where(*due).values(opened_on=today, rungs_stale=True))
    return found
