"""Holds a connection: the personal links by which an agency's people enter; one opens at a time, and it ends.

Instants are the machine's (``really``): a demonstration's clock must not prolong anybody's link.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from models.agency import Agency
from models.columns import table_of
from models.contact import ContactChannel
from models.kinds import POST_NAMES, ChannelKind, Post
from models.personal_links import LASTS, PERSONAL_LINKS, generation_of, next_generation
from office.sessions import CONTACTS, end_sessions_of

__all__ = ["agency_and_post", "contacts_with_mail", "generation_of", "opens", "prolong", "renew", "revoke"]

AGENCIES, WAYS = table_of(Agency), table_of(ContactChannel)


def opens(connection: Connection, contact: str, generation: int, really: datetime) -> bool:
    """Whether the link opens: it is the newest, neither ended nor revoked."""
    found = select(PERSONAL_LINKS.c.contact).where(
        PERSONAL_LINKS.c.contact == contact,
        PERSONAL_LINKS.c.generation == generation,
        PERSONAL_LINKS.c.ends_at > really,
        ~PERSONAL_LINKS.c.revoked,
    )
    return connection.execute(found).first() is not None


def renew(connection: Connection, contact: str, really: datetime) -> int:
    """A new link; the old one stops at once, and whoever came in by it is out. Returns the new generation."""
    generation = next_generation(connection, contact, really)
    end_sessions_of(connection, contact=contact)
    return generation


def prolong(connection: Connection, contact: str, really: datetime) -> int:
    """The link that opens now, for another full stretch; a new one when it has ended or was revoked.

    For whoever only knows an address and asks for a link to it: what others hold goes on opening.
    """
    alive = (PERSONAL_LINKS.c.contact == contact, PERSONAL_LINKS.c.ends_at > really, ~PERSONAL_LINKS.c.revoked)
    prolonged = connection.execute(update(PERSONAL_LINKS).where(*alive).values(ends_at=really + LASTS))
    return generation_of(connection, contact, really) if prolonged.rowcount else renew(connection, contact, really)


def revoke(connection: Connection, contact: str) -> None:
    """No link of theirs opens until a new one is asked for; whoever came in by it is out."""
    connection.execute(update(PERSONAL_LINKS).where(PERSONAL_LINKS.c.contact == contact).values(revoked=True))
    end_sessions_of(connection, contact=contact)


def agency_and_post(connection: Connection, contact: str, today: date) -> tuple[str, str] | None:
    """The names of a contact's agency and post; None for one who has none, or is not in the post ``today``."""
    row = connection.execute(
        select(CONTACTS.c.post, func.coalesce(AGENCIES.c.name, CONTACTS.c.agency).label("agency"))
        .outerjoin(AGENCIES, AGENCIES.c.code == CONTACTS.c.agency)
        .where(CONTACTS.c.code == contact, CONTACTS.c.agency.is_not(None), _in_post(today))
    ).first()
    return None if row is None else (row.agency, POST_NAMES[Post(row.post)])


def contacts_with_mail(connection: Connection, address: str, today: date) -> list[str]:
    """The agencies' people in their posts ``today`` whose verified mail address this is, by code.

    Several may share one mailbox; capitals do not matter.
    """
    found = (
        select(CONTACTS.c.code)
        .join(WAYS, WAYS.c.contact == CONTACTS.c.code)
        .where(
            CONTACTS.c.agency.is_not(None),
            _in_post(today),
            WAYS.c.kind == ChannelKind.MAIL.value,
            WAYS.c.verified_on.is_not(None),
            func.lower(WAYS.c.address) == address.strip().lower(),
        )
        .distinct()
        .order_by(CONTACTS.c.code)
    )
    return list(connection.execute(found).scalars())


def _in_post(today: date) -> ColumnElement[bool]:
    begun = or_(CONTACTS.c.valid_from.is_(None), CONTACTS.c.valid_from <= today)
    return begun & or_(CONTACTS.c.valid_to.is_(None), CONTACTS.c.valid_to >= today)
