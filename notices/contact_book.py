"""Holds a connection: reads everybody who may be told something."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from models.kinds import Post
from notices.recipients import ContactBook, Leave, Person, Way
from notices.tables import CONTACTS, LEAVES, REFUSALS, WAYS


def read_contact_book(connection: Connection) -> ContactBook:
    """The contacts with their verified channels, first choice first; who refused digests gets none."""
    ways: dict[str, list[Way]] = defaultdict(list)
    verified = select(WAYS).where(WAYS.c.verified_on.is_not(None)).order_by(WAYS.c.contact, WAYS.c.position)
    for way in connection.execute(verified):
        ways[way.contact].append(Way(way.kind, way.address))
    refused = set(connection.execute(select(REFUSALS.c.contact)).scalars())
    people = [
        Person(
            row.code,
            row.name,
            row.agency,
            Post(row.post),
            row.language,
            row.quiet_from,
            row.quiet_to,
            row.digest and row.code not in refused,
            row.valid_from,
            row.valid_to,
            tuple(ways[row.code]),
        )
        for row in connection.execute(select(CONTACTS).order_by(CONTACTS.c.code))
    ]
    leaves = connection.execute(select(LEAVES).order_by(LEAVES.c.contact, LEAVES.c.first))
    return ContactBook(people, [Leave(row.contact, row.first, row.last, row.substitute) for row in leaves])
