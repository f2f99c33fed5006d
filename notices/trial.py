"""Works on transactions handed in: one trial mail to an address nobody has verified, and what the server said of it.

It goes past the outbox, which sends to verified addresses alone: nobody is owed it, and it is never tried again by
itself. The audit keeps that it was sent and what was answered. There a keyed digest stands for the address, so that
an answer is shown beside the address it is about and no other.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select

from models.audit import AUDIT, append_audit
from models.errors import DonDocError
from models.kinds import ChannelKind
from models.turn import await_turn
from notices.channel import Message, Outcome, Verdict
from notices.channels import close_channels, open_channels
from notices.desk import NoticeDesk
from notices.outbox import is_held
from notices.tables import CONTACTS, WAYS

BETWEEN = timedelta(minutes=1)  # by the machine's clock: the office's may be held still
TRIED, ANSWERED = "address.tried", "address.answered"
IN_WORDS: dict[Verdict | None, str] = {
    Verdict.ACCEPTED: "máy chủ đã nhận",
    Verdict.REJECTED: "bị từ chối",
    Verdict.TRY_AGAIN: "chưa gửi được, có thể thử lại",
    Verdict.UNKNOWN: "chưa rõ máy chủ đã nhận hay chưa",
    None: "đã bắt đầu gửi, chưa biết kết quả",
}
# Whoever reads it may be a stranger: it names the sender and nobody else.
TEXTS = {
    "vi": ("Thư thử", "Đây là thư thử của {sender}, để biết địa chỉ này nhận được thư. Không cần trả lời."),
    "en": ("Trial mail", "This is a trial mail of {sender}, to see that this address takes mail. No answer is needed."),
}


class NoTrial(DonDocError):
    """No trial mail can be sent now."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The last trial of an address: when it was answered (else begun; aware), by whom it was sent, what came of it."""

    at: datetime
    by: str
    verdict: Verdict | None = None
    detail: str = ""

    @property
    def in_words(self) -> str:
        """What came of it, in Vietnamese; ``detail`` is the server's own reply."""
        return IN_WORDS[self.verdict]


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the first transaction settled: the number of its line in the audit, and where the mail goes."""

    number: int
    address: str
    language: str


def find_untried_mail(connection: Connection, contact: str) -> str | None:
    """The contact's first mail address that waits to be verified."""
    waits = (WAYS.c.contact == contact, WAYS.c.kind == ChannelKind.MAIL.value, WAYS.c.verified_on.is_(None))
    address: str | None = connection.execute(select(WAYS.c.address).where(*waits).order_by(WAYS.c.position)).scalar()
    return address


def read_trial(connection: Connection, contact: str, address: str, secret: str) -> Trial | None:
    """What the last trial mail to this address came to; None while there was none. ``secret`` is NoticeDesk's."""
    found, number = None, None
    for line in connection.execute(_lines(contact)):
        details = json.loads(line.details)
        at = datetime.fromisoformat(line.at)
        if line.action == TRIED and details["address"] == _stand_in(address, secret):
            found, number = Trial(at, line.actor), line.id
        elif line.action == ANSWERED and details["tried"] == number:
            found = Trial(at, line.actor, Verdict(details["verdict"]), details["detail"])
    return found


def send_trial(desk: NoticeDesk, contact: str, by: str) -> None:
    """Sends one mail to the contact's address that waits to be verified, and keeps what the server answers.

    Takes as long as the office's mail may take. Raises NoTrial when no address waits, everything is held, or the last
    trial of this contact is not a minute old.
    """
    with desk.writing() as connection:
        begun = _begin(connection, desk, contact, by)
    outcome = _send(desk, begun)
    with desk.writing() as connection:
        answer = {"tried": begun.number, "verdict": outcome.verdict.value, "detail": outcome.detail}
        append_audit(connection, desk.now(), by, ANSWERED, _subject(contact), answer)


def _begin(connection: Connection, desk: NoticeDesk, contact: str, by: str) -> _Begun:
    """The line that makes the next one wait its minute, committed before anything is sent."""
    await_turn(connection)  # two at once would both find nothing sent before
    address = find_untried_mail(connection, contact)
    if address is None:
        raise NoTrial("Không có địa chỉ thư nào chờ kiểm tra.", help="Địa chỉ có thể vừa được kiểm tra; mở lại trang.")
    if is_held(connection, ()):
        raise NoTrial(
            "Mọi thông báo đang tạm giữ, nên chưa gửi thư thử.", help="Cho đi tiếp ở Hộp gửi đi, rồi gửi lại."
        )
    really = desk.really()
    if (last := _last_tried(connection, contact)) and timedelta(0) <= really - last < BETWEEN:
        raise NoTrial("Vừa gửi thư thử cho người này.", help="Đợi một phút rồi gửi lại.")
    details = {"address": _stand_in(address, desk.secret), "really": really.isoformat()}
    number = append_audit(connection, desk.now(), by, TRIED, _subject(contact), details)
    language = connection.execute(select(CONTACTS.c.language).where(CONTACTS.c.code == contact)).scalar_one()
    return _Begun(number, address, language)


def _send(desk: NoticeDesk, begun: _Begun) -> Outcome:
    channels = open_channels(desk.settings, None, None, desk.now, desk.environment)
    try:
        return channels[ChannelKind.MAIL].send(_word(desk, begun))
    finally:
        close_channels(channels)


def _word(desk: NoticeDesk, begun: _Begun) -> Message:
    subject, text = TEXTS[begun.language]
    said = text.format(sender=desk.settings.secretariat_name)
    lines = [line for line in (desk.banner, said) if line]
    page = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    text = "\n\n".join(lines) + "\n"
    return Message(uuid4().hex, begun.address, "", subject, text, page, said, language=begun.language)


def _last_tried(connection: Connection, contact: str) -> datetime | None:
    tried = [line for line in connection.execute(_lines(contact)) if line.action == TRIED]
    return datetime.fromisoformat(json.loads(tried[-1].details)["really"]) if tried else None


def _lines(contact: str) -> Any:
    mine = (AUDIT.c.subject == _subject(contact), AUDIT.c.action.in_((TRIED, ANSWERED)))
    return select(AUDIT).where(*mine).order_by(AUDIT.c.id)


def _subject(contact: str) -> str:
    return f"contact/{contact}"


def _stand_in(address: str, secret: str) -> str:
    """The same for the same address, and no way back to it without the office's key."""
    return hmac.new(secret.encode(), f"trial|{address}".encode(), hashlib.sha256).hexdigest()[:32]
