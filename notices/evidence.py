"""Holds a connection: everything that is known about one notice, as a sheet that can be shown, printed and kept.

Accepted is not delivered, delivered is not acknowledged: three words, three columns. No address leaves here in clear.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import ColumnElement, Connection, Row, or_, select

from calendars.wording import say_short
from models.audit import AUDIT, AuditCheck, verify_audit
from models.columns import table_of
from models.kinds import POST_NAMES, ChannelKind, Post
from models.notice import STATE_NAMES, Acknowledgement, NoticeState
from notices.channel import Verdict
from notices.channels import NAMES
from notices.mime import mask_addresses, masked_address
from notices.outbox import INTERRUPTED, NoSuchNotice
from notices.steps import say_step_of
from notices.tables import ATTEMPTS, CONTACTS, NOTICES, OCCURRENCES, WAYS
from notices.told import read_notices
from notices.zalo import TELEPHONE_IN_TEXT, masked_telephone

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ACKNOWLEDGED = table_of(Acknowledgement)
OUTCOME_NAMES = {
    Verdict.ACCEPTED.value: "máy chủ đã nhận",
    Verdict.REJECTED.value: "bị từ chối hẳn",
    Verdict.TRY_AGAIN.value: "chưa nhận, hẹn gửi lại",
    Verdict.UNKNOWN.value: "chưa rõ kết quả",
    INTERRUPTED: "máy dừng giữa lúc gửi",
}
WAY_NAMES = {"link": "qua liên kết trong tin", "command": "do cơ quan ghi lại"}
NOT_IDENTITY = "hộp thư đã báo nhận, không phải xác nhận danh tính"
# telephone numbers, but not within a digest: one in some hundred digests would lose ten of its digits
NUMBERS = re.compile(rf"(\b[0-9a-f]{{32,64}}\b)|{TELEPHONE_IN_TEXT.pattern}")
LARGEST = 2**31 - 1  # of a number in either database
_TEMPLATE = "proof.html.j2"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A contact as the book has them today: ``name`` and ``post`` in words, ``addresses`` masked.

    Without a contact of that code (a post nobody holds, somebody taken off the book) only the code is known.
    """

    code: str
    name: str = ""
    post: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt; ``outcome`` and ``channel`` in words, ``reference`` and ``reply`` masked."""

    number: int
    at: datetime
    channel: str
    sent_to: str
    outcome: str
    reference: str
    reply: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Who was typed in when the mailbox said it had received the notice, and by which ``way``, in words."""

    at: datetime
    name: str
    way: str


@dataclass(frozen=True, slots=True)
class Relative:
    """A notice this one stands in for, or that stands in for this one."""

    notice: int
    recipient: str
    channel: str
    state: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A line of the audit, its details masked; ``digest`` covers the line as it is stored."""

    number: int
    at: datetime
    actor: str
    action: str
    details: str
    digest: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One notice from its planning to its answer; instants in Asia/Ho_Chi_Minh.

    ``subject``, ``version``, ``step``, ``recipient.code`` and ``channel_kind`` are its unique key; ``step_name`` says
    the step in words. ``title`` only says that a secret matter is secret. ``received_by`` is who it went to, a
    substitute for instance, None before it was sent. ``due`` is the time as it stands today, ``current`` whether it is
    the one the notice told. ``rendered`` is the SHA-256 of the words sent, ``envelope`` the part of Message-ID before
    @, ``together`` the other notices the same message carried. ``before`` are the notices this one is the fallback of,
    nearest first; ``after`` its own fallbacks. ``chain`` is the whole audit verified, and its ``digest`` the head.
    """

    notice: int
    subject: str
    version: str
    step: str
    step_name: str
    kind: str
    title: str
    agency: str
    recipient: Recipient
    received_by: Recipient | None
    channel_kind: str
    channel: str
    planned_at: datetime
    fires_on: date
    due: str
    current: bool
    state: NoticeState
    state_name: str
    reason: str
    rendered: str | None
    envelope: str | None
    reference: str
    together: tuple[int, ...]
    attempts: tuple[Tried, ...]
    accepted_at: datetime | None
    delivered_at: datetime | None
    acknowledged: Answer | None
    before: tuple[Relative, ...]
    after: tuple[Relative, ...]
    audit: tuple[AuditLine, ...]
    chain: AuditCheck


def read_proof(connection: Connection, notice: int) -> Proof:
    """Everything stored about the notice with this number. Raises NoSuchNotice."""
    there = 0 < notice <= LARGEST
    row = connection.execute(select(NOTICES).where(NOTICES.c.id == notice)).first() if there else None
    if row is None:
        raise NoSuchNotice(f"Không có thông báo số {notice}.", help="Xem số ở «dondoc notices list».")
    [told] = read_notices(connection, NOTICES.c.id == notice)
    attempts = connection.execute(select(ATTEMPTS).where(ATTEMPTS.c.notice == notice).order_by(ATTEMPTS.c.id)).all()
    people = {row.recipient, row.sent_to, *(attempt.sent_to for attempt in attempts)} - {None}
    addresses = _addresses(connection, people)
    mask = _masker(address for ways in addresses.values() for _, address in ways)
    known = {code: _recipient(connection, code, addresses.get(code, [])) for code in people}
    return Proof(
        notice=notice,
        subject=row.subject,
        version=row.version,
        step=row.step,
        step_name=say_step_of(row.kind, row.step, _ladder(connection, row.occurrence)),
        kind=told.kind,
        title=_hide(told.title),
        agency=told.agency,
        recipient=known[row.recipient],
        received_by=known[row.sent_to] if row.sent_to else None,
        channel_kind=row.channel,
        channel=_channel_name(row.channel),
        planned_at=row.planned_at.astimezone(ZONE),
        fires_on=row.fires_on,
        due=told.when,
        current=told.current,
        state=told.state,
        state_name=STATE_NAMES[told.state],
        reason=mask(row.reason or ""),
        rendered=row.rendered,
        envelope=row.envelope,
        reference=mask_addresses(row.reference or ""),
        together=_together(connection, row),
        attempts=tuple(_tried(attempt, known, mask) for attempt in attempts),
        accepted_at=_here(row.accepted_at),
        delivered_at=_here(row.delivered_at),
        acknowledged=_answer(connection, notice),
        before=_chain(connection, row, lambda one: NOTICES.c.id == one.fallback_of),
        after=_chain(connection, row, lambda one: NOTICES.c.fallback_of == one.id),
        audit=tuple(_audit_lines(connection, row)),
        chain=verify_audit(connection),
    )


def _ladder(connection: Connection, occurrence: str | None) -> str | None:
    return connection.execute(select(OCCURRENCES.c.ladder).where(OCCURRENCES.c.id == occurrence)).scalar()


def _here(at: datetime | None) -> datetime | None:
    return at.astimezone(ZONE) if at else None


def _channel_name(kind: str) -> str:
    return NAMES[ChannelKind(kind)] if kind in set(ChannelKind) else "chưa có kênh nào"


def _addresses(connection: Connection, people: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    ways = select(WAYS).where(WAYS.c.contact.in_(people)).order_by(WAYS.c.contact, WAYS.c.position)
    for way in connection.execute(ways):
        found.setdefault(way.contact, []).append((way.kind, way.address))
    return found


def _masker(addresses: Iterable[str]) -> Callable[[str], str]:
    """Takes every address out of a server's reply, and what stands before @ in those we know.

    Only out of replies: that part is often an agency's code, which our own words are full of.
    """
    known = [address for address in addresses if "@" in address]
    return lambda text: mask_addresses(_hide(text), *known)


def _hide(text: str) -> str:
    return mask_addresses(NUMBERS.sub(lambda found: found[1] or "***", text))


def _recipient(connection: Connection, code: str, addresses: list[tuple[str, str]]) -> Recipient:
    row = connection.execute(select(CONTACTS).where(CONTACTS.c.code == code)).first()
    if row is None:
        return Recipient(code)
    return Recipient(code, _hide(row.name), POST_NAMES[Post(row.post)], tuple(_say_way(*way) for way in addresses))


def _say_way(kind: str, address: str) -> str:
    shown = masked_address(address) if kind == ChannelKind.MAIL else masked_telephone(address)
    if kind == ChannelKind.APPRISE:
        shown = address  # says where the address is kept, not the address
    return f"{_channel_name(kind)}: {shown}"


def _tried(row: Row[Any], known: dict[str, Recipient], mask: Callable[[str], str]) -> Tried:
    outcome = OUTCOME_NAMES.get(row.outcome, row.outcome)
    person = known[row.sent_to].name or row.sent_to if row.sent_to else ""
    at = row.at.astimezone(ZONE)
    return Tried(
        row.number, at, _channel_name(row.channel), person, outcome, mask_addresses(row.reference), mask(row.detail)
    )


def _together(connection: Connection, row: Row[Any]) -> tuple[int, ...]:
    if row.envelope is None:
        return ()
    others = select(NOTICES.c.id).where(NOTICES.c.envelope == row.envelope, NOTICES.c.id != row.id)
    return tuple(connection.execute(others.order_by(NOTICES.c.id)).scalars())


def _answer(connection: Connection, notice: int) -> Answer | None:
    row = connection.execute(select(ACKNOWLEDGED).where(ACKNOWLEDGED.c.notice == notice)).first()
    return Answer(row.at.astimezone(ZONE), _hide(row.typed_name), WAY_NAMES.get(row.way, row.way)) if row else None


def _chain(
    connection: Connection, row: Row[Any], following: Callable[[Row[Any]], ColumnElement[bool]]
) -> tuple[Relative, ...]:
    """One notice after the other as ``following`` leads; each once, whatever the table says."""
    seen, waiting, found = {row.id}, [row], []
    while waiting:
        for one in connection.execute(select(NOTICES).where(following(waiting.pop(0))).order_by(NOTICES.c.id)):
            if one.id not in seen:
                seen.add(one.id)
                waiting.append(one)
                found.append(
                    Relative(one.id, one.recipient, _channel_name(one.channel), STATE_NAMES[NoticeState(one.state)])
                )
    return tuple(found)


def _audit_lines(connection: Connection, row: Row[Any]) -> Iterable[AuditLine]:
    """The lines whose subject is the notice, and those about its duty or occurrence that name it."""
    own = f"notice/{row.id}"
    which = or_(AUDIT.c.subject == own, AUDIT.c.subject == row.subject)
    for line in connection.execute(select(AUDIT).where(which).order_by(AUDIT.c.id)):
        if line.subject == own or json.loads(line.details).get("notice") == row.id:
            at = datetime.fromisoformat(line.at).astimezone(ZONE)
            yield AuditLine(line.id, at, _hide(line.actor), line.action, _hide(line.details), line.digest)


# ---------------------------------------------------------------- in words


def say_at(at: datetime | None) -> str:
    """As "08:15:00 ngày 02/12/2024", or "chưa"."""
    return f"{at:%H:%M:%S} ngày {say_short(at.date())}" if at else "chưa"


def say_person(person: Recipient) -> str:
    """As "Nguyễn Thị Hoa, Đầu mối (SYT-DM)"."""
    named = ", ".join(filter(None, (person.name, person.post)))
    return f"{named} ({person.code})" if named else person.code


def say_answer(answer: Answer | None) -> str:
    """When, by which way, under which name, and what that does not prove."""
    if answer is None:
        return "chưa"
    return f"{say_at(answer.at)}, {answer.way}, tên ghi: {answer.name} ({NOT_IDENTITY})"


def say_chain(chain: AuditCheck) -> str:
    """Whether the audit holds, in one sentence."""
    if chain.broken_at is None:
        return f"Nhật ký nguyên vẹn: {chain.lines} dòng, mã dòng cuối {chain.digest}."
    what = "bị mất" if chain.missing else "không khớp với dòng trước"
    return f"Nhật ký KHÔNG nguyên vẹn: dòng {chain.broken_at} {what}; chỉ {chain.lines} dòng đầu đáng tin."


def say_relatives(relatives: Iterable[Relative]) -> str:
    """As "số 4 (SYT-DM, Zalo, không gửi được)"."""
    return "; ".join(f"số {one.notice} ({one.recipient}, {one.channel}, {one.state})" for one in relatives)


def say_proof(proof: Proof) -> list[str]:
    """The sheet as Vietnamese lines for a terminal."""
    return [
        *(f"{label}: {words}" for label, words in say_facts(proof) if words),
        f"Máy chủ đã nhận: {say_at(proof.accepted_at)}",
        f"Đã vào hộp thư: {say_at(proof.delivered_at)}",
        f"Người nhận báo nhận: {say_answer(proof.acknowledged)}",
        *(["Các lần gửi:"] if proof.attempts else ["Các lần gửi: chưa gửi lần nào"]),
        *(f"  {_say_tried(one)}" for one in proof.attempts),
        *(["Nhật ký:"] if proof.audit else []),
        *(
            f"  dòng {line.number}, {say_at(line.at)}, {line.actor}: {line.action} {line.details} [{line.digest}]"
            for line in proof.audit
        ),
        say_chain(proof.chain),
    ]


def say_facts(proof: Proof) -> list[tuple[str, str]]:
    """What a notice is and was meant to do, as label and words; empty words are left out."""
    key = (proof.subject, proof.version, proof.step, proof.recipient.code, proof.channel_kind)
    substitute = proof.received_by is not None and proof.received_by.code != proof.recipient.code
    return [
        ("Thông báo số", str(proof.notice)),
        ("Loại", proof.kind),
        ("Bước", proof.step_name),
        ("Việc", proof.title),
        ("Cơ quan", proof.agency),
        ("Khóa", " · ".join(key)),
        ("Gửi cho", say_person(proof.recipient)),
        ("Người nhận thay" if substitute else "Đã gửi đến", say_person(proof.received_by) if proof.received_by else ""),
        ("Kênh", proof.channel),
        ("Địa chỉ trong danh bạ hiện nay", "; ".join((proof.received_by or proof.recipient).addresses)),
        ("Ngày phải báo", say_short(proof.fires_on)),
        ("Lập lúc", say_at(proof.planned_at)),
        ("Thời hạn hiện nay", proof.due),
        ("Lưu ý", "" if proof.current else "thời hạn đã thay đổi sau thông báo này"),
        ("Trạng thái", proof.state_name),
        ("Lý do", proof.reason),
        ("Mã nội dung đã gửi (SHA-256)", proof.rendered or ""),
        ("Mã thư (Message-ID)", proof.envelope or ""),
        ("Số hiệu của kênh", proof.reference),
        ("Gửi chung với thông báo số", ", ".join(map(str, proof.together))),
        ("Thay cho", say_relatives(proof.before)),
        ("Được thay bằng", say_relatives(proof.after)),
    ]


def _say_tried(tried: Tried) -> str:
    words = (tried.channel, tried.sent_to, tried.outcome, tried.reference, tried.reply)
    return f"lần {tried.number}, {say_at(tried.at)}: {', '.join(filter(None, words))}"


def render_proof(proof: Proof, folder: Path, *, banner: str | None = None, at: datetime | None = None) -> str:
    """The sheet as an HTML page for A4, made with ``proof.html.j2`` in ``folder``.

    ``banner`` is a sentence on top, for instance that the clock is a demonstration's; ``at`` when it is made.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"at": say_at, "answer": say_answer, "chain": say_chain}
    facts = [(label, words) for label, words in say_facts(proof) if words]
    return environment.get_template(_TEMPLATE).render(proof=proof, facts=facts, banner=banner, made_at=at)
