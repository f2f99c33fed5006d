"""Holds a connection: the day the office began to use the program, before which nobody here saw what was handed in."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select

from calendars.components import TIME_ZONE
from models.columns import table_of
from models.notice import BEGAN, Passage

PASSAGES = table_of(Passage)


def read_beginning(connection: Connection) -> date:
    """That day in Vietnam; the first of all days while nothing was planned yet, so that nothing lies before it."""
    at = connection.execute(select(PASSAGES.c.at).where(PASSAGES.c.name == BEGAN)).scalar()
    return at.astimezone(TIME_ZONE).date() if at else date.min
