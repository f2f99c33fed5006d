"""Holds a connection: open sessions. The cookie's token is 256 bits and kept only as its SHA-256.

Instants are the machine's (``really``): a demonstration's clock must not prolong anybody's stay. ``today`` is the
office's day: whoever no longer holds their post is out.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from models.account import Account, AccountRole, PersonalLink, Session
from models.columns import table_of
from models.contact import Contact

SESSIONS, ACCOUNTS, CONTACTS, LINKS = table_of(Session), table_of(Account), table_of(Contact), table_of(PersonalLink)
LASTS = timedelta(hours=12)  # the longest
IDLE = timedelta(hours=2)  # without a request
NOTED_EVERY = timedelta(minutes=5)  # a page looked at writes nothing more often than this


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the door: somebody of the office (``role``) or of an agency (``contact``, ``agency``).

    ``name`` is how what they record names them. ``csrf`` is what their forms carry.
    """

    name: str
    csrf: str
    account: str | None = None
    role: AccountRole | None = None
    must_change: bool = False
    contact: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A visitor's session as it was found; ``noted`` says that its last request is recent enough."""

    visitor: Visitor
    noted: bool


def open_session(
    connection: Connection, really: datetime, *, account: str | None = None, contact: str | None = None
) -> str:
    """A new session, of one account or one contact; returns the cookie's token. Ended ones are swept away."""
    token = secrets.token_urlsafe(32)
    connection.execute(delete(SESSIONS).where(SESSIONS.c.ends_at < really))
    row = {"digest": _digest(token), "account": account, "contact": contact, "csrf": secrets.token_urlsafe(32)}
    connection.execute(insert(SESSIONS), row | {"opened_at": really, "seen_at": really, "ends_at": really + LASTS})
    return token


def find_session(connection: Connection, token: str, really: datetime, today: date) -> OpenSession | None:
    """Whose session it is; None for one that has ended, or whose account, link or time in the post has."""
    here = SESSIONS.c.digest == _digest(token)
    alive = (SESSIONS.c.ends_at > really, SESSIONS.c.seen_at > really - IDLE)
    row = connection.execute(select(SESSIONS).where(here, *alive)).first()
    if row is None:
        return None
    visitor = _account(connection, row) if row.account else _contact(connection, row, today)
    return None if visitor is None else OpenSession(visitor, row.seen_at > really - NOTED_EVERY)


def note_request(connection: Connection, token: str, really: datetime) -> None:
    """The session is in use; without this it ends after ``IDLE``."""
    connection.execute(update(SESSIONS).where(SESSIONS.c.digest == _digest(token)).values(seen_at=really))


def end_session(connection: Connection, token: str) -> None:
    """Signed out."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.digest == _digest(token)))


def end_sessions_of(connection: Connection, *, account: str | None = None, contact: str | None = None) -> None:
    """Everybody who came in by this account or as this contact is out: a new password, a link taken back.

    Raises ValueError without exactly one of them: nobody else is to be shown the door.
    """
    if (account is None) == (contact is None):
        raise ValueError("either an account or a contact")
    which = SESSIONS.c.contact == contact if account is None else SESSIONS.c.account == account
    connection.execute(delete(SESSIONS).where(which))


def _account(connection: Connection, session: Row[Any]) -> Visitor | None:
    row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == session.account, ACCOUNTS.c.active)).first()
    if row is None:
        return None
    return Visitor(row.shown, session.csrf, row.name, AccountRole(row.role), row.must_change)


def _contact(connection: Connection, session: Row[Any], today: date) -> Visitor | None:
    link = select(LINKS.c.contact).where(~LINKS.c.revoked)
    row = connection.execute(
        select(CONTACTS).where(CONTACTS.c.code == session.contact, CONTACTS.c.code.in_(link))
    ).first()
    if row is None or row.agency is None:
        return None
    if today < (row.valid_from or today) or today > (row.valid_to or today):
        return None
    return Visitor(row.name, session.csrf, contact=row.code, agency=row.agency)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
