"""Holds a connection: what one message told, as its reader may see it again, and what still waits for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from calendars.wording import Language, say_due, say_hours, say_short, say_window
from models.agency import Agency
from models.columns import table_of
from models.kinds import SECRET_TITLE
from models.notice import Notice, NoticeKind, NoticeState
from models.occurrence import Duty, Occurrence
from models.timing import Certainty, DueDays, Hours, Window

NOTICES, OCCURRENCES, DUTIES, AGENCIES = (
    table_of(Notice),
    table_of(Occurrence),
    table_of(Duty),
    table_of(Agency),
)
# In these at least one message may have left: somebody may hold it and answer.
MAY_HAVE_ARRIVED = frozenset(
    {
        NoticeState.SENDING,
        NoticeState.ACCEPTED,
        NoticeState.DELIVERED,
        NoticeState.BOUNCED,
        NoticeState.UNKNOWN,
    }
)
SECRET = (SECRET_TITLE, "Secret matter")
_KINDS: dict[NoticeKind, tuple[str, str]] = {
    NoticeKind.REMINDER: ("Nhắc việc", "Reminder"),
    NoticeKind.OVERDUE: ("Việc quá hạn", "Overdue"),
    NoticeKind.EVENT: ("Lịch sắp tới", "Coming event"),
    NoticeKind.WINDOW: ("Việc chưa định ngày", "No day fixed yet"),
    NoticeKind.MISSING: ("Cơ quan chưa gửi", "Who has not sent"),
    NoticeKind.RATING: ("Ghi nhận để xếp loại cuối năm", "Marked for the yearly rating"),
    NoticeKind.LETTER_WAITING: ("Công văn đôn đốc chờ duyệt", "A letter waits for approval"),
    NoticeKind.LETTER_SILENT: ("Công văn đôn đốc chưa ai quyết định", "Nobody has decided about a letter"),
    NoticeKind.LETTER: ("Công văn đôn đốc", "Letter"),
    NoticeKind.CHAIR_LIST: ("Danh sách gửi Trưởng ban", "List for the chair"),
    NoticeKind.CHANGED: ("Thay đổi so với thông báo trước", "Changed since the last notice"),
    NoticeKind.RECEIPT: ("Biên nhận", "Receipt"),
    NoticeKind.REQUEST_WAITING: ("Đề nghị gia hạn chờ trả lời", "A request for more time waits"),
    NoticeKind.REQUEST_ANSWERED: ("Trả lời đề nghị gia hạn", "Answer to a request for more time"),
    NoticeKind.LINK: ("Liên kết vào trang của cơ quan", "Link to your agency's page"),
    NoticeKind.INVITATION: ("Giấy mời", "Invitation"),
}


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """One notice of a message, in the reader's language.

    ``kind`` is said in words; ``title`` is empty when it is about no single occurrence, and says only that
    the matter is secret when it is; ``agency`` is empty then. ``when`` is its time as it stands now: both
    dates of a deadline. ``current`` is False when another due version has replaced the one it told.
    ``contact`` is whose mailbox it went to.
    """

    id: int
    subject: str
    version: str
    state: NoticeState
    kind: str
    title: str
    when: str
    agency: str
    secret: bool
    contact: str
    current: bool
    sent: bool
    revoked: bool
    acknowledged_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether acknowledging it would change anything, whatever became of its link."""
        return self.sent and self.current and self.acknowledged_at is None


@dataclass(frozen=True, slots=True)
class Told:
    """What a message told, without the notices whose link was revoked; never empty."""

    envelope: str
    notices: tuple[ToldNotice, ...]

    @property
    def open(self) -> tuple[ToldNotice, ...]:
        """Those that wait for an acknowledgement."""
        return tuple(notice for notice in self.notices if notice.is_open)

    @property
    def acknowledged_at(self) -> datetime | None:
        """When the first of them was acknowledged."""
        return min((notice.acknowledged_at for notice in self.notices if notice.acknowledged_at), default=None)


def read_told(connection: Connection, envelope: str, language: Language = "vi") -> Told | None:
    """What the message told; None when there is no such message or all of its links were revoked."""
    found = read_notices(connection, NOTICES.c.envelope == envelope, language=language)
    shown = tuple(notice for notice in found if not notice.revoked)
    return Told(envelope, shown) if shown else None


def read_notices(
    connection: Connection, *which: ColumnElement[bool], language: Language = "vi"
) -> tuple[ToldNotice, ...]:
    """The notices that ``which`` selects, by number, revoked or not."""
    subject_of = func.coalesce(DUTIES.c.occurrence, NOTICES.c.occurrence, NOTICES.c.subject)
    rows = connection.execute(
        select(
            NOTICES,
            OCCURRENCES.c.id.label("found"),
            OCCURRENCES.c.due_version,
            *(OCCURRENCES.c[name] for name in ("title", "secret", "certainty", "first", "last", "starts", "ends")),
            *(OCCURRENCES.c[name] for name in ("named_date", "last_on_time", "work_by", "included")),
            DUTIES.c.due_version.label("duty_version"),
            DUTIES.c.work_by.label("extended_work_by"),
            *(DUTIES.c[name] for name in ("extended_to", "returned_on", "correct_by")),
            AGENCIES.c.name.label("agency_name"),
        )
        .outerjoin(DUTIES, DUTIES.c.id == NOTICES.c.subject)
        .outerjoin(OCCURRENCES, OCCURRENCES.c.id == subject_of)
        .outerjoin(AGENCIES, AGENCIES.c.code == NOTICES.c.agency)
        .where(*which)
        .order_by(NOTICES.c.id)
    )
    return tuple(_told(row, language) for row in rows)


def say_kind(kind: NoticeKind, language: Language) -> str:
    """What a notice is, as its reader calls it: "Nhắc việc", "Reminder"."""
    return _KINDS[kind][language == "en"]


def _told(row: Row[Any], language: Language) -> ToldNotice:
    english, state = language == "en", NoticeState(row.state)
    return ToldNotice(
        id=row.id,
        subject=row.subject,
        version=row.version,
        state=state,
        kind=say_kind(NoticeKind(row.kind), language),
        title=SECRET[english] if row.secret else row.title or "",
        when=_say_when(row, language),
        agency="" if row.secret else row.agency_name or "",
        secret=bool(row.secret),
        contact=row.sent_to or row.recipient,
        current=_is_current(row),
        sent=state in MAY_HAVE_ARRIVED or (state is NoticeState.PENDING and row.attempts > 0),
        revoked=row.link_revoked,
        acknowledged_at=row.acknowledged_at,
    )


def _is_current(row: Row[Any]) -> bool:
    if row.duty_version is not None:
        return bool(row.version == f"{row.due_version}.{row.duty_version}")
    if row.found == row.subject:
        return bool(row.version == str(row.due_version))
    return True  # a chair's list: it has no due day that could change


def _say_when(row: Row[Any], language: Language) -> str:
    if row.returned_on:
        return _say_correction(row.correct_by, language)
    if row.extended_to:
        work_by = row.extended_work_by or row.extended_to
        if language == "en":
            return f"extended to {say_short(row.extended_to)}, work done by {say_short(work_by)}"
        return f"gia hạn đến hết {say_short(row.extended_to)}, nên xong {say_short(work_by)}"
    if row.named_date and row.last_on_time and row.work_by:
        return say_due(DueDays(row.named_date, row.last_on_time, row.work_by), language, included=row.included)
    if row.first and row.last:
        said = say_window(Window(row.first, row.last, Certainty(row.certainty or Certainty.PERIOD)), language)
        return f"{said}, {say_hours(Hours(row.starts, row.ends), language)}" if row.starts else said
    return ""


def _say_correction(correct_by: date | None, language: Language) -> str:
    if correct_by is None:
        return "returned for correction" if language == "en" else "trả lại để sửa"
    if language == "en":
        return f"returned for correction, by {say_short(correct_by)}"
    return f"trả lại để sửa, nộp lại chậm nhất {say_short(correct_by)}"
