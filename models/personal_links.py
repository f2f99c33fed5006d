"""Holds a connection: which generation of a contact's personal link opens now.

It lies here because both the office, which lets people in, and the notices, whose mails carry the link, ask it.
Instants are the machine's (``really``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from models.account import PersonalLink
from models.columns import table_of

PERSONAL_LINKS = table_of(PersonalLink)
LASTS = timedelta(days=90)


def generation_of(connection: Connection, contact: str, really: datetime) -> int:
    """The generation a mail to ``contact`` carries; the first is made here, and the next when this one has ended."""
    present = present_generation(connection, contact, really)
    return next_generation(connection, contact, really) if present is None else present


def present_generation(connection: Connection, contact: str, really: datetime) -> int | None:
    """The same without writing: None when one has to be made.

    A revoked one stays revoked: its page says how to ask for another.
    """
    row = connection.execute(select(PERSONAL_LINKS).where(PERSONAL_LINKS.c.contact == contact)).first()
    return None if row is None or (row.ends_at <= really and not row.revoked) else int(row.generation)


def next_generation(connection: Connection, contact: str, really: datetime) -> int:
    """A new link, or the first; the one before stops at once."""
    here = PERSONAL_LINKS.c.contact == contact
    changed = connection.execute(
        update(PERSONAL_LINKS)
        .where(here)
        .values(generation=PERSONAL_LINKS.c.generation + 1, issued_at=really, ends_at=really + LASTS, revoked=False)
    )
    if changed.rowcount == 0:
        return _first(connection, contact, really)
    return int(connection.execute(select(PERSONAL_LINKS.c.generation).where(here)).scalar_one())


def _first(connection: Connection, contact: str, really: datetime) -> int:
    row = {"contact": contact, "generation": 1, "issued_at": really, "ends_at": really + LASTS, "revoked": False}
    try:
        with connection.begin_nested():
            connection.execute(insert(PERSONAL_LINKS), row)
    except IntegrityError:  # two mails at once: the other one has made it
        found = select(PERSONAL_LINKS.c.generation).where(PERSONAL_LINKS.c.contact == contact)
        return int(connection.execute(found).scalar_one())
    return 1
