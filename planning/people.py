"""Holds a connection: brings the contact tables to what contacts.yaml and the screens say.

The two files about people and channels have readers of their own: an office may run without them, and they
are never part of a programme's folder that is passed on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from models.columns import table_of
from models.contact import Contact, ContactChannel, Substitution
from models.turn import await_turn
from planning.check_channels import check_channels
from planning.check_contacts import check_contacts
from planning.definitions import ChannelsDefinition, ContactDefinition, ContactsDefinition
from planning.directory import Directory
from planning.registers import delete_others, make_equal
from planning.yaml_files import InvalidDefinition, read_definition


def read_contacts(path: Path, directory: Directory | None) -> ContactsDefinition:
    """Everybody in the file, checked; nobody when there is no file. Raises InvalidDefinition with every problem.

    Without ``directory`` (the agencies themselves are wrong) agencies are not looked up.
    """
    if not path.exists():
        return ContactsDefinition()
    contacts, source = read_definition(path, ContactsDefinition, private=True)
    if problems := list(check_contacts(contacts, source, directory)):
        raise InvalidDefinition(problems)
    return contacts


def read_channels(path: Path) -> ChannelsDefinition:
    """How the office sends besides mail; not at all when there is no file. Raises InvalidDefinition."""
    if not path.exists():
        return ChannelsDefinition()
    channels, source = read_definition(path, ChannelsDefinition, private=True)
    if problems := list(check_channels(channels, source)):
        raise InvalidDefinition(problems)
    return channels


def store_contacts(connection: Connection, contacts: ContactsDefinition) -> None:
    """Brings contacts, their channels and substitutes to what is handed in; doing it again changes nothing."""
    await_turn(connection)
    rows = [contact_rows(contact) for contact in contacts.contacts]
    channels = [channel for _, of_one in rows for channel in of_one]
    substitutions = [
        {"contact": one.contact, "first": one.first, "last": one.last, "substitute": one.substitute}
        for one in contacts.substitutions
    ]
    # what refers to a contact goes before the contact does, and comes after it
    delete_others(connection, table_of(ContactChannel), channels)
    delete_others(connection, table_of(Substitution), substitutions)
    make_equal(connection, table_of(Contact), [row for row, _ in rows])
    make_equal(connection, table_of(ContactChannel), channels)
    make_equal(connection, table_of(Substitution), substitutions)


def contact_rows(contact: ContactDefinition) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A contact's row, and those of its channels in the order they are tried."""
    row = {
        "code": contact.code, "name": contact.name, "agency": contact.agency, "post": contact.post.value,
        "language": contact.language, "quiet_from": contact.quiet.starts, "quiet_to": contact.quiet.ends,
        "digest": contact.digest, "valid_from": contact.valid_from, "valid_to": contact.valid_to,
    }  # fmt: skip
    channels = [
        {
            "contact": contact.code, "position": position, "kind": channel.kind.value, "address": channel.address,
            "verified_on": channel.verified,
        }
        for position, channel in enumerate(contact.channels)
    ]  # fmt: skip
    return row, channels
