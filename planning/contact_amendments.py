"""Holds a connection: contacts and substitutes as people amend them on a screen, on top of contacts.yaml.

A new or changed address is used from the day somebody has verified it; until then the old one stays in use.
No sentence and no line of the audit repeats an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, update

from models.amendment import AmendmentKind
from models.columns import table_of
from models.contact import Contact, ContactChannel, Substitution
from models.kinds import ChannelKind
from models.turn import await_turn
from planning.amendments import Basis, ImpossibleAmendment, is_recorded, read_amendments, record, seal
from planning.check_contacts import check_contacts
from planning.definitions import (
    ContactChannelDefinition,
    ContactDefinition,
    ContactsDefinition,
    QuietDefinition,
    SubstitutionDefinition,
)
from planning.directory import Directory
from planning.on_screen import Amendments, ContactOnScreen
from planning.people import contact_rows
from planning.yaml_files import Problem, Source

CONTACTS, CHANNELS, SUBSTITUTIONS = table_of(Contact), table_of(ContactChannel), table_of(Substitution)


class UnusableContact(ImpossibleAmendment):
    """Something about a contact or a substitute cannot be right; ``problems`` has every sentence."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(f"{one.sentence} {one.help}".strip() for one in problems)
        super().__init__(" ".join(self.problems))


def merged_contacts(from_file: ContactsDefinition, amendments: Amendments) -> ContactsDefinition:
    """Everybody in the file with what holds on top, and who was added on a screen.

    A substitution of somebody no longer written down is left out: there is nothing it could say.
    """
    contacts = {one.code: one for one in from_file.contacts}
    contacts |= {code: held.content.whole for code, held in amendments.contacts.items()}
    leaves = {_leave(one): one for one in from_file.substitutions}
    leaves |= {_leave(held.content): held.content for held in amendments.substitutions.values()}
    return ContactsDefinition(
        contacts=tuple(contacts.values()),
        substitutions=tuple(one for one in leaves.values() if one.contact in contacts),
    )


def read_stored_contacts(connection: Connection) -> ContactsDefinition:
    """Everybody as the office has them now, file and screen together; channels in the order they are tried."""
    channels: dict[str, list[ContactChannelDefinition]] = {}
    for row in connection.execute(select(CHANNELS).order_by(CHANNELS.c.contact, CHANNELS.c.position)):
        way = ContactChannelDefinition(kind=ChannelKind(row.kind), address=row.address, verified=row.verified_on)
        channels.setdefault(row.contact, []).append(way)
    contacts = [
        ContactDefinition.model_validate({
            **{name: row[name] for name in ("code", "name", "agency", "post", "language", "digest")},
            "valid_from": row["valid_from"], "valid_to": row["valid_to"],
            "quiet": QuietDefinition.model_validate({"from": row["quiet_from"], "to": row["quiet_to"]}),
            "channels": tuple(channels.get(row["code"], ())),
        })
        for row in connection.execute(select(CONTACTS).order_by(CONTACTS.c.code)).mappings()
    ]  # fmt: skip
    leaves = connection.execute(select(SUBSTITUTIONS).order_by(SUBSTITUTIONS.c.contact, SUBSTITUTIONS.c.first))
    return ContactsDefinition(
        contacts=tuple(contacts),
        substitutions=tuple(SubstitutionDefinition.model_validate(dict(row)) for row in leaves.mappings()),
    )


def contact_as_written(connection: Connection, code: str) -> ContactDefinition | None:
    """A contact without the addresses only kept until a new one is verified; None when there is nobody so called."""
    if held := read_amendments(connection).contacts.get(code):
        return held.content.contact
    return next((one for one in read_stored_contacts(connection).contacts if one.code == code), None)


def amend_contact(
    connection: Connection,
    contact: ContactDefinition,
    by: str,
    at: datetime,
    key: str | None = None,
    why: str = "",
    *,
    directory: Directory | None = None,
) -> ContactDefinition:
    """Writes a contact anew, or a new one, and returns it with every channel that may be used.

    What the caller says of verification counts for nothing: an address is verified when it was before. Agencies
    are looked up in ``directory`` when it is given. Raises UnusableContact.
    """
    await_turn(connection)
    stored = read_stored_contacts(connection)
    before = next((one for one in stored.contacts if one.code == contact.code), None)
    if key is not None and is_recorded(connection, key):
        return before or contact
    _check(_with(stored, contact), directory)
    held = read_amendments(connection).contacts.get(contact.code)
    amended = _amended(contact, before, held.content.kept if held else ())
    basis = Basis(by, why=why, key=key)
    record(connection, AmendmentKind.CONTACT, contact.code, amended, basis, at)
    _store(connection, amended.whole)
    seal(connection, AmendmentKind.CONTACT, contact.code, basis, at, _said(before, amended.whole))
    return amended.whole


def verify_channel(
    connection: Connection,
    contact: str,
    kind: str,
    address: str,
    on: date,
    by: str,
    at: datetime,
    key: str | None = None,
) -> ContactDefinition:
    """From ``on`` this address is used; those kept for its sake go. Raises ImpossibleAmendment."""
    await_turn(connection)
    before = next((one for one in read_stored_contacts(connection).contacts if one.code == contact), None)
    if before is None or not any((one.kind, one.address) == (kind, address) for one in before.channels):
        raise ImpossibleAmendment(f"Liên hệ {contact} không có kênh ấy.", help="Mở lại danh bạ rồi chọn kênh.")
    if key is not None and is_recorded(connection, key):
        return before
    held = read_amendments(connection).contacts.get(contact)
    now = held.content if held else ContactOnScreen(contact=before)
    verified = tuple(
        one.model_copy(update={"verified": on}) if (one.kind, one.address) == (kind, address) else one
        for one in now.contact.channels
    )
    wanted = now.contact.model_copy(update={"channels": verified})
    amended = ContactOnScreen(contact=wanted, kept=_kept(wanted, now.kept))
    basis = Basis(by, key=key)
    record(connection, AmendmentKind.CONTACT, contact, amended, basis, at)
    _store(connection, amended.whole)
    seal(connection, AmendmentKind.CONTACT, contact, basis, at, {"verified": kind, "on": on})
    return amended.whole


def amend_substitution(
    connection: Connection,
    substitution: SubstitutionDefinition,
    by: str,
    at: datetime,
    key: str | None = None,
    why: str = "",
) -> None:
    """Who stands in for whom, from when to when; one with the same person and first day is replaced.

    Raises UnusableContact.
    """
    await_turn(connection)
    stored = read_stored_contacts(connection)
    others = [one for one in stored.substitutions if _leave(one) != _leave(substitution)]
    _check(stored.model_copy(update={"substitutions": (*others, substitution)}), None)
    basis = Basis(by, why=why, key=key)
    subject = "/".join((substitution.contact, substitution.first.isoformat()))
    if not record(connection, AmendmentKind.SUBSTITUTION, subject, substitution, basis, at):
        return
    contact, first = _leave(substitution)
    same = (SUBSTITUTIONS.c.contact == contact, SUBSTITUTIONS.c.first == first)
    connection.execute(delete(SUBSTITUTIONS).where(*same))
    connection.execute(insert(SUBSTITUTIONS), substitution.model_dump())
    details = {"substitute": substitution.substitute, "first": first, "last": substitution.last}
    seal(connection, AmendmentKind.SUBSTITUTION, subject, basis, at, details)


def _amended(
    contact: ContactDefinition, before: ContactDefinition | None, kept_before: Iterable[ContactChannelDefinition]
) -> ContactOnScreen:
    """``contact`` as it was written, each address verified only when it was before.

    A form shows the kept addresses among the others: what comes back of them is still only kept, while it is needed.
    """
    known = {(one.kind, one.address): one for one in (before.channels if before else ())}
    only_kept = {(one.kind, one.address) for one in kept_before}
    ways = [
        one.model_copy(update={"verified": old.verified if (old := known.get((one.kind, one.address))) else None})
        for one in contact.channels
    ]
    own = tuple(one for one in ways if (one.kind, one.address) not in only_kept)
    wanted = contact.model_copy(update={"channels": own})
    kept = _kept(wanted, [one for one in known.values() if one.verified])
    again = tuple(one for one in ways if one not in own and one not in kept)
    return ContactOnScreen(contact=wanted.model_copy(update={"channels": (*own, *again)}), kept=kept)


def _kept(
    wanted: ContactDefinition, verified: Iterable[ContactChannelDefinition]
) -> tuple[ContactChannelDefinition, ...]:
    """Of the addresses that were verified, those still needed: their kind has a new one, or nothing else is left."""
    own = {(one.kind, one.address) for one in wanted.channels}
    waiting = {one.kind for one in wanted.channels if one.verified is None}
    nothing_left = all(one.verified is None for one in wanted.channels)
    return tuple(
        one for one in verified if (one.kind, one.address) not in own and (one.kind in waiting or nothing_left)
    )


def _with(stored: ContactsDefinition, contact: ContactDefinition) -> ContactsDefinition:
    others = [one for one in stored.contacts if one.code != contact.code]
    return stored.model_copy(update={"contacts": (*others, contact)})


def _check(contacts: ContactsDefinition, directory: Directory | None) -> None:
    if problems := list(check_contacts(contacts, Source("danh bạ", {}, {}), directory)):
        raise UnusableContact(problems)


def _store(connection: Connection, contact: ContactDefinition) -> None:
    row, channels = contact_rows(contact)
    connection.execute(delete(CHANNELS).where(CHANNELS.c.contact == contact.code))
    if connection.execute(update(CONTACTS).where(CONTACTS.c.code == contact.code).values(row)).rowcount == 0:
        connection.execute(insert(CONTACTS), row)
    if channels:
        connection.execute(insert(CHANNELS), channels)


def _said(before: ContactDefinition | None, after: ContactDefinition) -> dict[str, object]:
    """What the audit keeps: which fields changed, how many ways there are and how many verified; never an address."""
    changed = [
        name for name in type(after).model_fields if before is None or getattr(before, name) != getattr(after, name)
    ]
    verified = sum(one.verified is not None for one in after.channels)
    return {"new": before is None, "changed": changed, "channels": len(after.channels), "verified": verified}


def _leave(one: SubstitutionDefinition) -> tuple[str, date]:
    return one.contact, one.first
