"""Holds a connection: what a change on a screen does: dates, calendars, clashes, who was told and who will be.

A preview runs the deed itself and takes it back, so that it can never say something else than the deed does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from calendars.feeds import feed_names
from calendars.membership import KEYS_AT_ONCE, batches
from models.agency import Agency
from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.feed import Feed
from models.kinds import ROLE_NAMES, Role
from models.notice import SENT, WAITING, Notice
from models.occurrence import Duty, Occurrence, OccurrenceAgency
from models.programme import Programme
from planning.overruled import say_time
from planning.yearbook import REDATING, YearChanges, say_details

OCCURRENCES, TIES, DUTIES = table_of(Occurrence), table_of(OccurrenceAgency), table_of(Duty)
NOTICES, CONTACTS, WAYS = table_of(Notice), table_of(Contact), table_of(ContactChannel)
AGENCIES, FEEDS, PROGRAMMES = table_of(Agency), table_of(Feed), table_of(Programme)


@dataclass(frozen=True, slots=True)
class Moved:
    """One occurrence that changed with it, and how, in words; ``redated``: what was told of it no longer holds."""

    occurrence: str
    title: str
    details: tuple[str, ...]
    redated: bool = False


@dataclass(frozen=True, slots=True)
class StaleFeed:
    """A calendar that shows the change."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who was told; ``told_at`` is when a channel took the newest notice, or the one acknowledged."""

    notice: int
    contact: str
    name: str
    agency: str
    channel: str
    told_at: datetime | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hearing:
    """How many agencies have this part in it, and how many people of theirs can be reached."""

    role: str
    agencies: int
    people: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What was, or would be, changed. ``before`` and ``after`` are empty when it is about a day and not a matter.

    ``told`` heard of what no longer holds; ``superseded`` is how many notices are waiting that will not be
    sent as they are. ``repeated``: the form had been taken before, and nothing was changed by it again.
    """

    before: str = ""
    after: str = ""
    changes: tuple[YearChanges, ...] = ()
    moved: tuple[Moved, ...] = ()
    feeds: tuple[StaleFeed, ...] = ()
    clashes: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    superseded: int = 0
    will_hear: tuple[Hearing, ...] = ()
    remarks: tuple[str, ...] = ()
    repeated: bool = False


Transactions = Callable[[], AbstractContextManager[Connection]]


class _OnlyLooking(Exception):
    """No error: it ends the transaction so that nothing stays."""


def preview(writing: Transactions, deed: Callable[[Connection], Effect]) -> Effect:
    """What ``deed`` would do: done in a writing transaction that is rolled back. Raises what the deed raises."""
    found: list[Effect] = []
    try:
        with writing() as connection:
            found.append(deed(connection))
            raise _OnlyLooking
    except _OnlyLooking:
        return found[0]


def read_times(connection: Connection, occurrences: Sequence[str]) -> dict[str, str]:
    """When each stands, in words with the weekday of an event; what is not stored is left out."""
    return {row.id: say_time(row, weekday=True) for row in _rows(connection, occurrences)}


def moved_by(changes: Sequence[YearChanges]) -> tuple[Moved, ...]:
    """Everything the changes touched, each once."""
    found = {
        change.occurrence: Moved(
            change.occurrence,
            change.title,
            tuple(say_details(change)),
            change.what == "withdrawn" or any(name in REDATING for name, _, _ in change.details),
        )
        for year in changes
        for change in year.changes
    }
    return tuple(found.values())


def feeds_of(connection: Connection, occurrences: Sequence[str]) -> dict[str, str]:
    """The calendars these stand in: name → title."""
    agencies: dict[str, set[str]] = {}
    for table in (TIES, DUTIES):
        for batch in batches(occurrences, KEYS_AT_ONCE):
            for row in connection.execute(select(table.c.occurrence, table.c.agency).where(_of(table, batch))):
                agencies.setdefault(row.occurrence, set()).add(row.agency)
    names = {
        name
        for row in _rows(connection, occurrences)
        for name in feed_names(row.programme, row.kind, row.team, agencies.get(row.id, ()))
    }
    titles = {row.name: row.title for row in connection.execute(select(FEEDS.c.name, FEEDS.c.title))}
    return {name: titles[name] for name in sorted(names) if name in titles}


def who_has_read(connection: Connection, occurrence: str) -> list[Told]:
    """Everybody who was told of it as it stands now, and who of them has acknowledged."""
    return read_told_of(connection, [occurrence])


def read_told_of(connection: Connection, occurrences: Sequence[str], *, earlier: int = 0) -> list[Told]:
    """Everybody who was told of these as they stand now, or so many due versions ``earlier``: each person once."""
    versions = OCCURRENCES.c.due_version, DUTIES.c.due_version.label("duty_version")
    found = [
        Told(
            row.id,
            row.sent_to or row.recipient,
            row.name or row.recipient,
            row.agency_name or "",
            row.channel,
            row.accepted_at,
            row.acknowledged_at,
        )
        for batch in batches(occurrences, KEYS_AT_ONCE)
        for row in connection.execute(
            select(NOTICES, CONTACTS.c.name, AGENCIES.c.name.label("agency_name"), *versions)
            .join(OCCURRENCES, OCCURRENCES.c.id == NOTICES.c.occurrence)
            .outerjoin(DUTIES, DUTIES.c.id == NOTICES.c.subject)
            .outerjoin(CONTACTS, CONTACTS.c.code == func.coalesce(NOTICES.c.sent_to, NOTICES.c.recipient))
            .outerjoin(AGENCIES, AGENCIES.c.code == NOTICES.c.agency)
            .where(_of(NOTICES, batch), NOTICES.c.state.in_(SENT))
        )
        if row.version == _version(row, earlier)
    ]
    return _each_once(sorted(found, key=lambda told: told.notice))


def _each_once(found: Sequence[Told]) -> list[Told]:
    """Of several notices to one person the newest acknowledged, else the newest; some name no agency."""
    people: dict[str, Told] = {}
    for told in found:
        kept = people.get(told.contact, told)
        chosen = kept if kept.acknowledged_at and not told.acknowledged_at else told
        people[told.contact] = replace(chosen, agency=chosen.agency or kept.agency or told.agency)
    return list(people.values())


def _version(row: Row[Any], earlier: int) -> str:
    """The due version a notice of this subject carries: its occurrence's, and its duty's own when it is about one."""
    own = f".{row.duty_version}" if row.duty_version is not None else ""
    return f"{row.due_version - earlier}{own}"


def count_waiting(connection: Connection, occurrences: Sequence[str]) -> int:
    """Notices about these that have not been sent yet."""
    return sum(
        connection.execute(
            select(func.count()).select_from(NOTICES).where(_of(NOTICES, batch), NOTICES.c.state.in_(WAITING))
        ).scalar_one()
        for batch in batches(occurrences, KEYS_AT_ONCE)
    )


def is_draft(connection: Connection, occurrence: str) -> bool:
    """Whether its programme is a draft, of whose changes only the secretariat hears."""
    asked = select(PROGRAMMES.c.draft).join(OCCURRENCES, OCCURRENCES.c.programme == PROGRAMMES.c.code)
    return bool(connection.execute(asked.where(OCCURRENCES.c.id == occurrence)).scalar())


def read_hearing(connection: Connection, occurrence: str, today: date) -> tuple[Hearing, ...]:
    """Who has a part in it, and how many people of theirs are in a post today with an address that was verified."""
    tied = select(TIES.c.role, TIES.c.agency).where(TIES.c.occurrence == occurrence).distinct()
    agencies: dict[str, set[str]] = {}
    for row in connection.execute(tied):
        agencies.setdefault(row.role, set()).add(row.agency)
    in_post = and_(
        or_(CONTACTS.c.valid_from.is_(None), CONTACTS.c.valid_from <= today),
        or_(CONTACTS.c.valid_to.is_(None), CONTACTS.c.valid_to >= today),
    )
    verified = select(WAYS.c.contact).where(WAYS.c.verified_on.is_not(None))
    people = [row.agency for row in connection.execute(
        select(CONTACTS.c.agency).where(in_post, CONTACTS.c.code.in_(verified))
    )]  # fmt: skip
    return tuple(
        Hearing(ROLE_NAMES[role], len(agencies[role]), sum(agency in agencies[role] for agency in people))
        for role in Role
        if role in agencies
    )


def _rows(connection: Connection, occurrences: Sequence[str]) -> Iterator[Row[Any]]:
    for batch in batches(occurrences, KEYS_AT_ONCE):
        yield from connection.execute(select(OCCURRENCES).where(OCCURRENCES.c.id.in_(batch)))


def _of(table: Any, batch: Sequence[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = table.c.occurrence.in_(batch)
    return found
