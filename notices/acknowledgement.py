"""Holds a connection: records that a mailbox has acknowledged what it was told, once, in the caller's transaction.

Acknowledged means that somebody who reads the mailbox said so and typed a name. It proves neither who that was
nor that anything was done; a duty is done by ``planning.submissions``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, insert, select, update

from models.audit import append_audit
from models.columns import table_of
from models.errors import DonDocError
from models.notice import Acknowledgement, NoticeState
from notices.told import NOTICES, Told, ToldNotice, read_notices, read_told

__all__ = [
    "Told",
    "ToldNotice",
    "acknowledge",
    "acknowledge_notice",
    "acknowledge_subject",
    "clean_name",
    "read_told",
    "revoke_link",
]

ACKNOWLEDGED = table_of(Acknowledgement)
SHORTEST, LONGEST = 2, 100  # characters of a name
WHY_NOT_AGAIN = "đã báo nhận"
Way = Literal["link", "command"]


class UnusableName(DonDocError):
    """What was typed as a name is no name."""


class NothingToAcknowledge(DonDocError):
    """The notice does not exist, has not been sent, or tells a day that has changed since."""


class NoLinkToRevoke(DonDocError):
    """The notice does not exist, or nobody says why its link is to be revoked."""


def clean_name(typed: str) -> str:
    """A typed name in NFC with single blanks. Raises UnusableName (2 to 100 characters, no control characters)."""
    name = unicodedata.normalize("NFC", typed.strip())
    if _has_control(name) or not any(letter.isalpha() for letter in name):
        raise UnusableName("Họ tên cần có chữ cái và không có ký tự điều khiển.", help="Ghi như «Lò Thị Hoa».")
    name = " ".join(name.split())
    if not SHORTEST <= len(name) <= LONGEST:
        raise UnusableName(f"Họ tên cần từ {SHORTEST} đến {LONGEST} ký tự.", help="Ghi như «Lò Thị Hoa».")
    return name


def acknowledge(connection: Connection, envelope: str, typed_name: str, at: datetime, way: Way) -> int:
    """How many notices of a message are newly acknowledged; ``at`` is the office's time, aware.

    The key of ``Acknowledgement`` is the notice, and the first one stays. Left alone are notices that were
    not sent, whose link was revoked, or whose due day has changed since. Raises UnusableName.
    """
    name = clean_name(typed_name)
    told = _locked(connection, NOTICES.c.envelope == envelope)
    return _record(connection, [one for one in told if one.is_open and not one.revoked], name, at, way)


def acknowledge_subject(connection: Connection, subject: str, contact: str, typed_name: str, at: datetime) -> int:
    """How many of a contact's open notices about ``subject`` are newly acknowledged, on their agency's page.

    Raises UnusableName.
    """
    name = clean_name(typed_name)
    told = _locked(connection, (NOTICES.c.subject == subject) & (NOTICES.c.sent_to == contact))
    return _record(connection, [one for one in told if one.is_open], name, at, "link")


def acknowledge_notice(connection: Connection, notice_id: int, by: str, at: datetime) -> bool:
    """Records what somebody told the office otherwise, by telephone for instance; False when it was recorded already.

    A revoked link does not matter here: the operator answers for it. Raises NothingToAcknowledge, UnusableName.
    """
    told = _locked(connection, NOTICES.c.id == notice_id)
    if not told:
        raise NothingToAcknowledge(f"Không có thông báo số {notice_id}.", help="Xem số ở danh sách thông báo.")
    if told[0].acknowledged_at is not None:
        return False
    if not told[0].sent:
        raise NothingToAcknowledge(f"Thông báo số {notice_id} chưa được gửi hoặc đã thôi gửi nên không báo nhận được.")
    if not told[0].current:
        raise NothingToAcknowledge(
            f"Thông báo số {notice_id} nói một thời hạn đã thay đổi.", help="Báo nhận thông báo gửi sau khi đổi."
        )
    return _record(connection, told, clean_name(by), at, "command") == 1


def revoke_link(connection: Connection, notice: int, by: str, why: str, at: datetime) -> bool:
    """The notice's link shows nothing of it any more; False when it was revoked already. ``at`` is the office's time.

    A link that reached the wrong people is taken back so. Raises NoLinkToRevoke, UnusableName.
    """
    name = clean_name(by)
    if not why.strip():
        raise NoLinkToRevoke("Thiếu lý do thu hồi liên kết.", help="Viết --why và lý do.")
    told = _locked(connection, NOTICES.c.id == notice)
    if not told:
        raise NoLinkToRevoke(f"Không có thông báo số {notice}.", help="Xem số ở danh sách thông báo.")
    if told[0].revoked:
        return False
    connection.execute(update(NOTICES).where(NOTICES.c.id == notice).values(link_revoked=True))
    append_audit(connection, at, name, "notice.link_revoked", told[0].subject, {"notice": notice, "why": why.strip()})
    return True


def _locked(connection: Connection, which: ColumnElement[bool]) -> tuple[ToldNotice, ...]:
    # Two answers at once: the second waits here (on SQLite at the transaction's beginning), then sees the first.
    connection.execute(select(NOTICES.c.id).where(which).order_by(NOTICES.c.id).with_for_update())
    return read_notices(connection, which)


def _record(connection: Connection, told: Sequence[ToldNotice], name: str, at: datetime, way: Way) -> int:
    if not told:
        return 0
    lines = [
        {"notice": one.id, "subject": one.subject, "version": one.version, "contact": one.contact}
        | {"at": at, "typed_name": name, "way": way}
        for one in told
    ]
    connection.execute(insert(ACKNOWLEDGED), lines)
    these = NOTICES.c.id.in_([one.id for one in told])
    connection.execute(update(NOTICES).where(these).values(acknowledged_at=at))
    connection.execute(
        update(NOTICES)
        .where(these, NOTICES.c.state == NoticeState.PENDING)
        .values(state=NoticeState.CANCELLED.value, reason=WHY_NOT_AGAIN)
    )
    # The audit comes last: on PostgreSQL its lock is held from the first line to the end of the transaction.
    for one in told:
        actor = name if way == "command" else f"mailbox:{one.contact}"
        details = {"notice": one.id, "version": one.version, "name": name, "way": way}
        append_audit(connection, at, actor, "notice.acknowledged", one.subject, details)
    return len(told)


def _has_control(text: str) -> bool:
    """Control characters, and the invisible ones that turn the direction of text or hide in it."""
    return any(unicodedata.category(letter).startswith("C") for letter in text)
