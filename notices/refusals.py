"""Holds a connection: who wants no digest. Every notice then comes by itself; duties cannot be refused."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from models.audit import append_audit
from models.columns import table_of
from models.contact import Contact, DigestRefusal
from models.errors import DonDocError

CONTACTS, REFUSALS = table_of(Contact), table_of(DigestRefusal)


class UnknownContact(DonDocError):
    """Nobody among the contacts has this code."""


def refuse_digests(connection: Connection, contact: str, today: date, at: datetime) -> bool:
    """No digests from ``today`` on; False when that was so already (the key is the contact). Raises UnknownContact.

    ``at`` is the office's time, aware.
    """
    _check_contact(connection, contact)
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = insert(REFUSALS).values(contact=contact, since=today).on_conflict_do_nothing(index_elements=["contact"])
    if connection.execute(new.returning(REFUSALS.c.contact)).first() is None:
        return False
    append_audit(connection, at, f"mailbox:{contact}", "digest.refused", contact, {"since": today})
    return True


def accept_digests(connection: Connection, contact: str, by: str, at: datetime) -> bool:
    """Digests again; False when they were not refused. Raises UnknownContact."""
    _check_contact(connection, contact)
    if connection.execute(delete(REFUSALS).where(REFUSALS.c.contact == contact)).rowcount != 1:
        return False
    append_audit(connection, at, by, "digest.accepted", contact, {})
    return True


def has_refused_digests(connection: Connection, contact: str) -> bool:
    """Whether the contact wants no digest. Raises UnknownContact."""
    _check_contact(connection, contact)
    return connection.execute(select(REFUSALS.c.contact).where(REFUSALS.c.contact == contact)).first() is not None


def _check_contact(connection: Connection, contact: str) -> None:
    if connection.execute(select(CONTACTS.c.code).where(CONTACTS.c.code == contact)).first() is None:
        raise UnknownContact(f"Không có người nhận {contact}.", help="Xem danh sách người nhận.")
