"""Holds a connection: the registers as they are stored: agencies and their successors, contacts, programmes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from models.account import PersonalLink
from models.agency import Agency, Succession
from models.alphabet import alphabetical
from models.columns import table_of
from models.contact import Contact, ContactChannel, Substitution
from models.kinds import POST_NAMES, Post
from models.programme import Programme, Release

AGENCIES, SUCCESSIONS = table_of(Agency), table_of(Succession)
CONTACTS, WAYS, LEAVES = table_of(Contact), table_of(ContactChannel), table_of(Substitution)
LINKS, PROGRAMMES, RELEASES = table_of(PersonalLink), table_of(Programme), table_of(Release)


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """One body; ``successors`` are the names of those it became, with the day and the paper; ``contacts`` how many."""

    code: str
    name: str
    valid_from: date | None
    valid_to: date | None
    successors: tuple[tuple[date, str, str], ...]
    contacts: int


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One way to reach somebody; nothing is sent there while ``verified_on`` is empty."""

    kind: str
    address: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One contact; ``link_until`` is the last instant of the personal link, None when there is none or it was shut."""

    code: str
    name: str
    agency: str | None
    agency_name: str
    post: str
    valid_from: date | None
    valid_to: date | None
    channels: tuple[ChannelLine, ...]
    link_until: datetime | None

    @property
    def reachable(self) -> bool:
        """Whether anything can be sent to them."""
        return any(channel.verified_on for channel in self.channels)

    @property
    def untried(self) -> bool:
        """Whether an address of theirs waits to be tried."""
        return any(channel.verified_on is None for channel in self.channels)

    @property
    def has_mail(self) -> bool:
        """Whether a link may be sent to them: only ever to a verified mailbox."""
        return any(channel.kind == "mail" and channel.verified_on for channel in self.channels)


@dataclass(frozen=True, slots=True)
class LeaveLine:
    """Somebody stands in for somebody, both named, between two days, both included."""

    contact: str
    substitute: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """One programme and its newest frozen version; None while none was released."""

    code: str
    short: str
    number: str | None
    issued: date | None
    first: date
    last: date
    items: int
    draft: bool
    version: int | None
    released_at: datetime | None


def read_agencies(connection: Connection) -> list[AgencyLine]:
    """Every body that is no group, by name."""
    names = dict(connection.execute(select(AGENCIES.c.code, AGENCIES.c.name)).tuples().all())
    became: dict[str, list[tuple[date, str, str]]] = defaultdict(list)
    for row in connection.execute(select(SUCCESSIONS).order_by(SUCCESSIONS.c.on, SUCCESSIONS.c.successor)):
        became[row.source].append((row.on, names.get(row.successor, row.successor), row.basis))
    people = select(CONTACTS.c.agency, func.count()).group_by(CONTACTS.c.agency)
    counted: dict[str | None, int] = dict(connection.execute(people).tuples().all())
    rows = connection.execute(select(AGENCIES).where(~AGENCIES.c.is_group))
    return [
        AgencyLine(
            row.code, row.name, row.valid_from, row.valid_to, tuple(became[row.code]), counted.get(row.code, 0)
        )
        for row in sorted(rows, key=lambda row: (alphabetical(row.name), row.code))
    ]  # fmt: skip


def read_contacts(connection: Connection, code: str | None = None) -> list[ContactLine]:
    """The contacts, or the one of this code; by agency, post and name."""
    name = func.coalesce(AGENCIES.c.name, CONTACTS.c.agency, "Văn phòng Ban Chỉ đạo").label("agency_name")
    wanted = select(CONTACTS, name).outerjoin(AGENCIES, AGENCIES.c.code == CONTACTS.c.agency)
    if code is not None:
        wanted = wanted.where(CONTACTS.c.code == code)
    ways: dict[str, list[ChannelLine]] = defaultdict(list)
    for way in connection.execute(select(WAYS).order_by(WAYS.c.contact, WAYS.c.position)):
        ways[way.contact].append(ChannelLine(way.kind, way.address, way.verified_on))
    unrevoked = select(LINKS.c.contact, LINKS.c.ends_at).where(~LINKS.c.revoked)
    links: dict[str, datetime] = dict(connection.execute(unrevoked).tuples().all())
    rows = sorted(connection.execute(wanted), key=_by_agency_and_post)
    return [_contact(row, tuple(ways[row.code]), links.get(row.code)) for row in rows]


def _by_agency_and_post(row: Row[Any]) -> tuple[Any, ...]:
    return alphabetical(row.agency_name), row.post, alphabetical(row.name), row.code


def _contact(row: Row[Any], channels: tuple[ChannelLine, ...], link_until: datetime | None) -> ContactLine:
    post = POST_NAMES[Post(row.post)]
    held = (row.valid_from, row.valid_to)
    return ContactLine(row.code, row.name, row.agency, row.agency_name, post, *held, channels, link_until)


def count_untried(connection: Connection, today: date) -> int:
    """How many addresses of people who still hold their post wait to be tried; nothing is sent there until then."""
    there = or_(CONTACTS.c.valid_to.is_(None), CONTACTS.c.valid_to >= today)
    waiting = select(func.count()).select_from(WAYS).join(CONTACTS, CONTACTS.c.code == WAYS.c.contact)
    return connection.execute(waiting.where(WAYS.c.verified_on.is_(None), there)).scalar_one()


def read_leaves(connection: Connection, today: date) -> list[LeaveLine]:
    """Who stands in for whom, today or later."""
    away, there = CONTACTS.alias(), CONTACTS.alias()
    rows = connection.execute(
        select(
            func.coalesce(away.c.name, LEAVES.c.contact).label("contact"),
            func.coalesce(there.c.name, LEAVES.c.substitute).label("substitute"),
            LEAVES.c.first,
            LEAVES.c.last,
        )
        .outerjoin(away, away.c.code == LEAVES.c.contact)
        .outerjoin(there, there.c.code == LEAVES.c.substitute)
        .where(LEAVES.c.last >= today)
        .order_by(LEAVES.c.first, LEAVES.c.contact)
    )
    return [LeaveLine(row.contact, row.substitute, row.first, row.last) for row in rows]


def read_programmes(connection: Connection) -> list[ProgrammeLine]:
    """The programmes by their short names, with the newest version of each."""
    newest = select(RELEASES.c.programme, func.max(RELEASES.c.number).label("number")).group_by(RELEASES.c.programme)
    latest = newest.subquery()
    rows = connection.execute(
        select(PROGRAMMES, latest.c.number.label("version"), RELEASES.c.released_at)
        .outerjoin(latest, latest.c.programme == PROGRAMMES.c.code)
        .outerjoin(
            RELEASES, (RELEASES.c.programme == PROGRAMMES.c.code) & (RELEASES.c.number == latest.c.number)
        )
    )  # fmt: skip
    facts = ("code", "short", "number", "issued", "first", "last", "items", "draft", "version", "released_at")
    ordered = sorted(rows.mappings(), key=lambda row: (alphabetical(row["short"]), row["code"]))
    return [ProgrammeLine(*(row[name] for name in facts)) for row in ordered]
