"""Holds a connection: what was told about an occurrence, step by step, with the names of those it was meant for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from board.story_lines import StoryNotice
from calendars.wording import say_short
from models.agency import Agency
from models.columns import table_of
from models.contact import Contact
from models.kinds import POST_NAMES, Post
from models.notice import SENT, STATE_NAMES, Acknowledgement, Notice, NoticeKind, NoticeState

NOTICES, CONTACTS, ACKNOWLEDGED = table_of(Notice), table_of(Contact), table_of(Acknowledgement)
AGENCIES = table_of(Agency)

OF_A_NOTICE: dict[NoticeKind, str] = {
    NoticeKind.REMINDER: "nhắc việc",
    NoticeKind.OVERDUE: "việc quá hạn",
    NoticeKind.EVENT: "lịch sắp tới",
    NoticeKind.WINDOW: "chưa định ngày",
    NoticeKind.MISSING: "cơ quan chưa gửi",
    NoticeKind.RATING: "ghi nhận để xếp loại",
    NoticeKind.LETTER_WAITING: "công văn chờ duyệt",
    NoticeKind.LETTER_SILENT: "công văn chưa ai quyết định",
    NoticeKind.LETTER: "công văn đôn đốc",
    NoticeKind.CHAIR_LIST: "danh sách gửi Trưởng ban",
    NoticeKind.CHANGED: "thay đổi",
    NoticeKind.RECEIPT: "biên nhận",
    NoticeKind.REQUEST_WAITING: "đề nghị gia hạn chờ trả lời",
    NoticeKind.REQUEST_ANSWERED: "trả lời đề nghị gia hạn",
    NoticeKind.LINK: "liên kết vào trang cơ quan",
    NoticeKind.INVITATION: "giấy mời",
}


@dataclass(frozen=True, slots=True)
class ToldStep:
    """One step of the ladder, told to everybody it names; ``at`` is when the first of it left, or was planned."""

    at: datetime
    what: str
    notices: tuple[StoryNotice, ...]


def tell_notices(connection: Connection, occurrence: str) -> list[ToldStep]:
    """Every step of it that was planned, in the order of the days."""
    rows = connection.execute(
        select(NOTICES, CONTACTS.c.name, ACKNOWLEDGED.c.typed_name, AGENCIES.c.short.label("called"))
        .outerjoin(CONTACTS, CONTACTS.c.code == NOTICES.c.recipient)
        .outerjoin(ACKNOWLEDGED, ACKNOWLEDGED.c.notice == NOTICES.c.id)
        .outerjoin(AGENCIES, AGENCIES.c.code == NOTICES.c.agency)
        .where(NOTICES.c.occurrence == occurrence)
        .order_by(NOTICES.c.fires_on, NOTICES.c.id)
    )
    steps: dict[tuple[Any, ...], list[Row[Any]]] = {}
    for row in rows:
        steps.setdefault((row.kind, row.step, row.fires_on), []).append(row)
    return [_step(step) for step in steps.values()]


def say_recipient(code: str, name: str | None, called: str = "") -> str:
    """Their name; "?focal:SYT" is a post nobody holds, of the agency that is ``called`` so."""
    if not code.startswith("?"):
        return name or code
    post, _, agency = code.removeprefix("?").partition(":")
    title = POST_NAMES[Post(post)] if post in set(Post) else post
    return f"{title} {called or agency} (chưa có người)"


def _step(rows: list[Row[Any]]) -> ToldStep:
    first = rows[0]
    sent = [row.accepted_at for row in rows if row.accepted_at]
    people = {row.recipient for row in rows}  # one may be told by several channels, and of several agencies' duties
    received = {row.recipient for row in rows if row.state in SENT}
    answered = {row.recipient for row in rows if row.acknowledged_at is not None}
    what = (
        f"Thông báo ({OF_A_NOTICE[NoticeKind(first.kind)]}, ngày {say_short(first.fires_on)}): "
        f"{len(people)} người, máy chủ đã nhận {len(received)}, báo nhận {len(answered)}"
    )
    return ToldStep(min(sent, default=first.planned_at), what, tuple(_notice(row) for row in rows))


def _notice(row: Row[Any]) -> StoryNotice:
    return StoryNotice(
        row.id,
        say_recipient(row.recipient, row.name, row.called or ""),
        row.called or row.agency or "",
        STATE_NAMES[NoticeState(row.state)],
        row.accepted_at,
        row.delivered_at,
        row.acknowledged_at,
        row.typed_name or "",
    )
