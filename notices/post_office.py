"""Works on transactions handed in: sends what is due, one message after the other, and writes down what became of each.

May be killed at any moment: what was claimed and not marked is claimed again once its lease has run out.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Row, select

from calendars.invitations import Guest, Mailbox, method_of, render_invitation
from calendars.working_days import WorkingDays
from models.errors import DonDocError
from models.kinds import ChannelKind, Target
from models.notice import NoticeKind, NoticeState
from models.personal_links import generation_of, present_generation
from notices.channel import Attachment, Channel, Invitation, Message, Outcome, Verdict
from notices.contact_book import read_contact_book
from notices.filing import GATHERED
from notices.hours import ZONE, not_disturbing
from notices.last_told import note_told
from notices.links import Links
from notices.matter import Addressed
from notices.matters import Found, read_matters
from notices.mime import usable_address
from notices.outbox import (
    Envelope,
    Sending,
    audit_attempt,
    check_clock,
    claim,
    drop,
    give_back,
    is_held,
    mark,
    note_channel,
    unknown_attempts,
)
from notices.recipients import ContactBook, Person, Way
from notices.retries import Next, follow_up
from notices.tables import NOTICES, insert_missing
from notices.wording import Wording

Transactions = Callable[[], AbstractContextManager[Connection]]
AT_ONCE = 20  # messages claimed together: a killed sender leaves no more than these to wait for their lease
MAY_HAVE_LEFT = frozenset({Verdict.ACCEPTED, Verdict.UNKNOWN})
LEASE_SECONDS = 900  # half of it outlasts the longest a channel may take over one message


@dataclass(frozen=True)
class PostOffice:
    """Everything sending needs. ``now`` gives the office's instant; ``attach`` the file of a signed letter.

    ``really`` gives the machine's, which personal links go by; without it mails carry none.

    ``organizer`` invites to meetings, and gets the answers calendar programs send; without one mails carry no entry.

    ``alone`` says that no other sender works on this database while this one does.
    """

    reading: Transactions
    writing: Transactions
    channels: Mapping[ChannelKind, Channel]
    wording: Wording
    links: Links
    days: WorkingDays
    now: Callable[[], datetime]
    sender: str
    banner: str | None = None
    organizer: Mailbox | None = None
    attach: Callable[[int], Attachment | None] = field(default=lambda _letter: None)
    really: Callable[[], datetime] | None = None
    lease_seconds: float = LEASE_SECONDS
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What one sending did, in messages: by verdict, and how many notices were let go unsent."""

    accepted: int = 0
    rejected: int = 0
    try_again: int = 0
    unknown: int = 0
    let_go: int = 0


def send_due(office: PostOffice, *, most: int | None = None) -> Sent:
    """Sends until nothing is due (or ``most`` messages have been). Raises outbox.ClockRunsBehind."""
    counted: Counter[str] = Counter()
    left = most
    while left is None or left > 0:
        at_once = AT_ONCE if left is None else min(AT_ONCE, left)
        with office.writing() as connection:
            now = office.now()
            check_clock(connection, now)
            envelopes = claim(connection, now, most=at_once, lease_seconds=office.lease_seconds, alone=office.alone)
        if not envelopes:
            break
        with office.reading() as connection:
            book = read_contact_book(connection)
        hands_off = monotonic() + office.lease_seconds / 2  # a slow server must not outlast the lease
        waiting = deque(envelopes)
        try:
            while waiting and monotonic() < hands_off:
                _send_one(office, waiting.popleft(), book, counted)
        finally:  # also when stopped or when the database is away: what was not begun is nobody's unknown
            _give_back(office, waiting)
        left = None if left is None else left - len(envelopes)
    return Sent(**counted)


def _give_back(office: PostOffice, envelopes: Iterable[Envelope]) -> None:
    with suppress(DonDocError):  # a database that is away: their lease runs out
        for envelope in envelopes:
            with office.writing() as connection:
                give_back(connection, envelope)


def _send_one(office: PostOffice, envelope: Envelope, book: ContactBook, counted: Counter[str]) -> None:
    today = office.now().astimezone(ZONE).date()
    with office.reading() as connection:
        found = read_matters(connection, envelope.numbers, office.days, today)
        held = is_held(connection, envelope.numbers)
    if held:
        _give_back(office, [envelope])
        return
    settled = {one.number: one.settled for one in found if one.settled}
    if settled:
        with office.writing() as connection:
            drop(connection, envelope, settled, office.now())
        counted["let_go"] += len(settled)
    kept = tuple(row for row in envelope.notices if row.id not in settled)
    if not kept:
        return
    envelope = replace(envelope, notices=kept)
    told = [one for one in found if one.matter is not None]
    sending, outcome = _deliver(office, envelope, told, book)
    counted[outcome.verdict.value] += 1
    with office.writing() as connection:
        if outcome.verdict in MAY_HAVE_LEFT:
            note_told(connection, {one.number: one.time for one in told})
        _write_down(connection, office, envelope, sending, outcome, book)


def _deliver(
    office: PostOffice, envelope: Envelope, told: Sequence[Found], book: ContactBook
) -> tuple[Sending, Outcome]:
    """Words the message for whoever receives it today and hands it to the channel."""
    today = office.now().astimezone(ZONE).date()
    meant = book.people.get(envelope.recipient)
    if meant is None:
        return Sending(envelope.channel), Outcome(Verdict.REJECTED, detail="Người nhận không còn trong danh bạ.")
    if not meant.in_post(today):
        return Sending(envelope.channel), Outcome(Verdict.REJECTED, detail=f"{meant.name} không còn giữ nhiệm vụ này.")
    invites = any(one.event for one in told)  # to the very person whose calendar has the entry
    receiver = meant if invites else book.receiver(meant, today)
    way = _way(receiver, meant, envelope.channel)
    if way is None:
        return Sending(envelope.channel), Outcome(Verdict.REJECTED, detail=f"{receiver.name} không có kênh này nữa.")
    sending = Sending(way.kind, receiver.code)
    try:
        message = _word(office, envelope, told, receiver, meant, way)
    except DonDocError as broken:  # a template or a letter's file, which the secretariat can mend
        return sending, Outcome(Verdict.TRY_AGAIN, detail=str(broken))
    if way.kind != envelope.channel:
        with office.writing() as connection:
            note_channel(connection, envelope, way.kind)
    outcome = office.channels[ChannelKind(way.kind)].send(message)
    return Sending(way.kind, receiver.code, _digest(message)), outcome


def _way(receiver: Person, meant: Person, channel: str) -> Way | None:
    """The channel the notice was filed for; a substitute without one is reached by their own first."""
    if receiver.code == meant.code:
        return receiver.way(channel)
    return receiver.way(channel) or next(iter(receiver.ways), None)


def _word(
    office: PostOffice, envelope: Envelope, told: Sequence[Found], receiver: Person, meant: Person, way: Way
) -> Message:
    matters = [one.matter for one in told if one.matter is not None]
    link = office.links.acknowledge(envelope.key)
    several = len(matters) > 1
    to = Addressed(
        name=receiver.name,
        sender=office.sender,
        today=office.now().astimezone(ZONE).date(),
        language=receiver.language,
        instead_of=meant.name if receiver.code != meant.code else None,
        banner=office.banner,
        unsubscribe=office.links.unsubscribe(receiver.code) if several else None,
        agency_page=_agency_page(office, receiver) if way.kind == ChannelKind.MAIL else None,
    )
    worded = office.wording.word([replace(matter, link=link) for matter in matters], to)
    return Message(
        key=envelope.key,
        to=way.address,
        to_name=receiver.name,
        subject=worded.subject,
        text=worded.text,
        html=worded.html,
        short=worded.short,
        parameters=worded.parameters,
        attachments=tuple(_attachments(office, envelope.notices)),
        invitation=_invitation(office, envelope, told, receiver, way),
        unsubscribe=to.unsubscribe,
        language=receiver.language,
    )


def _agency_page(office: PostOffice, receiver: Person) -> str | None:
    """The receiver's own link, whoever the mail was meant for; the office's own people have no agency's page."""
    if receiver.agency is None or office.really is None:
        return None
    really = office.really()
    with office.reading() as connection:
        generation = present_generation(connection, receiver.code, really)
    if generation is None:
        with office.writing() as connection:
            generation = generation_of(connection, receiver.code, really)
    return office.links.agency(receiver.code, generation)


def _attachments(office: PostOffice, notices: Sequence[Row[Any]]) -> list[Attachment]:
    letters = [int(row.step.rpartition("-")[2]) for row in notices if row.kind == NoticeKind.LETTER]
    return [attachment for letter in letters if (attachment := office.attach(letter))]


def _invitation(
    office: PostOffice, envelope: Envelope, told: Sequence[Found], receiver: Person, way: Way
) -> Invitation | None:
    """The entry for the reader's calendar; an invitation is always a message of its own. Raises UnusableAddress."""
    entry = told[0].event
    if entry is None or office.organizer is None or way.kind != ChannelKind.MAIL:
        return None
    guest = Guest(
        Mailbox(receiver.name, usable_address(way.address)),
        leads=envelope.notices[0].target == Target.LEAD,
        language="en" if receiver.language == "en" else "vi",
    )
    return Invitation(method_of(entry), render_invitation(entry, office.days, office.organizer, guest))


def _digest(message: Message) -> str:
    """SHA-256 of everything the reader sees, attachments included: what the proof sheet vouches for."""
    seen = [message.subject, message.text, message.html, message.short]
    attached = [part for attachment in message.attachments for part in (attachment.name.encode(), attachment.content)]
    if message.invitation is not None:
        attached.append(message.invitation.content)
    return hashlib.sha256(b"\0".join([*(part.encode() for part in seen), *attached])).hexdigest()


def _write_down(
    connection: Connection,
    office: PostOffice,
    envelope: Envelope,
    sending: Sending,
    outcome: Outcome,
    book: ContactBook,
) -> None:
    now = office.now()
    head = envelope.notices[0]
    unknown = unknown_attempts(connection, head.id) + (outcome.verdict is Verdict.UNKNOWN)
    parts: dict[Next, list[Row[Any]]] = defaultdict(list)
    became: dict[int, NoticeState] = {}
    person = book.people.get(envelope.recipient)
    for row in envelope.notices:  # what is of use for longer is tried for longer
        until = row.useful_until
        following = follow_up(outcome, sending.channel, head.attempts, unknown, now, until, envelope.key)
        if following.due_at is not None and person is not None:
            following = replace(following, due_at=not_disturbing(following.due_at, person, office.days, until))
        parts[following].append(row)
    for following, rows in parts.items():
        part = replace(envelope, notices=tuple(rows))
        marked = mark(connection, part, sending, outcome, following, now)
        became |= dict.fromkeys(marked, following.state)
        if following.elsewhere:
            file_elsewhere(connection, marked, book, office.days, now)
    audit_attempt(connection, envelope, sending, outcome, became, now)


def file_elsewhere(
    connection: Connection, numbers: Sequence[int], book: ContactBook, days: WorkingDays, now: datetime
) -> int:
    """After a refusal: the next channel of the same person, else the next person of the same agency; returns how many.

    The unique key keeps each from being asked twice; where nobody is left, the notice stays failed for a person.
    """
    filed = 0
    today = now.astimezone(ZONE).date()
    for row in connection.execute(select(NOTICES).where(NOTICES.c.id.in_(numbers))):
        person = book.people.get(row.recipient)
        if person is None or row.acknowledged_at is not None or (row.useful_until and row.useful_until < now):
            continue
        kinds = [way.kind for way in person.ways] if person.in_post(today) else []
        later = kinds[kinds.index(row.channel) + 1 :] if row.channel in kinds else kinds
        channel = next((kind for kind in later if kind != row.channel), None)
        if channel is None:
            other = book.next_after(person, today)
            if other is None or row.target in (Target.CHAIR, Target.SECRETARIAT):
                continue
            person, channel = other, other.ways[0].kind
        due = not_disturbing(now, person, days, row.useful_until)
        filed += insert_missing(connection, NOTICES, [_elsewhere(row, person, channel, now, due)])
    return filed


def _elsewhere(row: Row[Any], person: Person, channel: str, now: datetime, due: datetime) -> dict[str, Any]:
    kept = ("subject", "version", "step", "occurrence", "agency", "kind", "target", "fires_on", "missed", "urgent")
    gathers = person.digest and channel in GATHERED and not row.urgent
    alone = "|".join((row.subject, row.version, row.step, person.code, channel))
    return {name: getattr(row, name) for name in (*kept, "useful_until")} | {
        "recipient": person.code,
        "channel": channel,
        "bundle": f"{person.code}|{channel}|{now:%Y-%m-%d %H:%M}" if gathers else alone,
        "state": NoticeState.PLANNED.value,
        "due_at": due,
        "attempts": 0,
        "planned_at": now,
        "fallback_of": row.id,
        "link_revoked": False,
    }
