"""Holds a connection: what is overdue, agency by agency, what they were told last and whether they answered.

Only what an agency is held to: nothing drafted, assumed, waived, cancelled or co-operated in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, case, func, literal, or_, select

from board.overview import AGENCY_NAME, DUTIES, OCCURRENCES, SHOWN_TITLE, last_day, owed_duties, why_not_counted
from calendars.components import TIME_ZONE
from calendars.wording import say_short
from calendars.working_days import WorkingDays
from models.alphabet import alphabetical
from models.columns import table_of
from models.notice import SENT, Acknowledgement, Letter, LetterDuty, LetterState, Notice, NoticeKind

NOTICES, ANSWERS = table_of(Notice), table_of(Acknowledgement)
LETTERS, LETTER_DUTIES = table_of(Letter), table_of(LetterDuty)
owed_by = case((DUTIES.c.returned_on.is_not(None), DUTIES.c.correct_by), else_=last_day)

TOLD_NAMES: dict[NoticeKind, str] = {
    NoticeKind.REMINDER: "nhắc việc",
    NoticeKind.OVERDUE: "báo thủ trưởng",
    NoticeKind.EVENT: "báo lịch",
    NoticeKind.WINDOW: "nhắc ấn định ngày",
    NoticeKind.MISSING: "báo cơ quan tổng hợp",
    NoticeKind.RATING: "đánh dấu xếp loại năm",
    NoticeKind.LETTER_WAITING: "trình công văn đôn đốc",
    NoticeKind.LETTER_SILENT: "nhắc duyệt công văn đôn đốc",
    NoticeKind.LETTER: "gửi công văn đôn đốc",
    NoticeKind.CHAIR_LIST: "đưa vào danh sách gửi Trưởng ban",
    NoticeKind.CHANGED: "báo thay đổi",
    NoticeKind.RECEIPT: "gửi biên nhận",
    NoticeKind.REQUEST_WAITING: "trình đề nghị gia hạn",
    NoticeKind.REQUEST_ANSWERED: "trả lời đề nghị gia hạn",
    NoticeKind.LINK: "gửi liên kết",
    NoticeKind.INVITATION: "gửi giấy mời",
}


@dataclass(frozen=True, slots=True)
class Told:
    """The newest notice about a duty that a channel accepted, and the office's day it did."""

    kind: NoticeKind
    on: date

    @property
    def in_words(self) -> str:
        """As "báo thủ trưởng 10/12/2024"."""
        return f"{TOLD_NAMES[self.kind]} {say_short(self.on)}"


@dataclass(frozen=True, slots=True)
class OverdueDuty:
    """One overdue duty; ``last_on_time`` counts an extension, ``late`` the working days since.

    ``correcting``: it was submitted, sent back, and is not back by the day that was asked, which is then
    ``last_on_time``; the official table goes on counting the first submission.
    ``acknowledged_on`` is the day somebody acknowledged it at its present due day. ``letter`` says how the
    newest công văn đôn đốc about it stands; ``rated_on`` is the day it was marked for the yearly rating.
    ``handover``: its agency has ended, a person must say who answers.
    """

    duty: str
    title: str
    programme: str
    last_on_time: date
    late: int
    extended: bool
    correcting: bool
    handover: bool
    told: Told | None
    acknowledged_on: date | None
    letter: str | None
    rated_on: date | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether anybody there has acknowledged it."""
        return self.acknowledged_on is not None

    @property
    def last_in_words(self) -> str:
        """As "09/12/2024", "20/12/2024 (đã gia hạn)" or "20/12/2024 (nộp lại)"."""
        note = " (nộp lại)" if self.correcting else " (đã gia hạn)" if self.extended else ""
        return say_short(self.last_on_time) + note

    @property
    def steps(self) -> str:
        """What was done about it, as "báo thủ trưởng 10/12/2024; công văn chờ duyệt; chưa báo nhận"."""
        rated = f"đã ghi vào xếp loại cuối năm {say_short(self.rated_on)}" if self.rated_on else None
        if self.told is None:
            return "; ".join(filter(None, ("chưa báo", self.letter, rated)))
        answered = f"đã báo nhận {say_short(self.acknowledged_on)}" if self.acknowledged_on else "chưa báo nhận"
        return "; ".join(filter(None, (self.told.in_words, self.letter, rated, answered)))


@dataclass(frozen=True, slots=True)
class AgencyOverdue:
    """One agency's overdue duties, the oldest first."""

    agency: str
    name: str
    duties: tuple[OverdueDuty, ...]


def read_overdue(
    connection: Connection,
    today: date,
    days: WorkingDays,
    programme: str | None = None,
    *,
    first: date | None = None,
    last: date | None = None,
) -> list[AgencyOverdue]:
    """Who owes what is overdue on ``today`` (Asia/Ho_Chi_Minh), those with most of it first.

    ``first`` and ``last`` keep what was due between them, both included, so that a board and this list
    agree; without them everything still owed.
    """
    overdue = _overdue(today, programme, first, last)
    which = overdue.with_only_columns(DUTIES.c.id).order_by(None)
    told, letters, acknowledged = (
        read_told(connection, which),
        read_letter_states(connection, which),
        read_answers(connection, which),
    )
    late = cache(lambda last: days.between(last, today))  # a group's duties share their last day
    found: dict[tuple[str, str], list[OverdueDuty]] = defaultdict(list)
    for row in connection.execute(overdue):
        found[row.agency, row.name].append(
            OverdueDuty(
                row.id,
                row.title,
                row.programme,
                row.owed_by,
                late(row.owed_by),
                row.extended_to is not None,
                row.returned_on is not None,
                row.handover,
                told.get(row.id),
                acknowledged.get((row.id, f"{row.occurrence_version}.{row.due_version}")),
                letters.get(row.id),
                row.rated_on,
            )
        )
    agencies = [AgencyOverdue(code, name, tuple(duties)) for (code, name), duties in found.items()]
    return sorted(agencies, key=lambda one: (-len(one.duties), alphabetical(one.name), one.agency))


def count_left_over(connection: Connection, today: date, before: date) -> dict[int, int]:
    """Year → how many duties overdue on ``today`` were due in it, of the years that ended before a day."""
    days = _overdue(today, None, None, before - timedelta(days=1)).with_only_columns(owed_by).order_by(owed_by)
    return dict(Counter(day.year for day in connection.execute(days).scalars()))


def _overdue(today: date, programme: str | None, first: date | None, last: date | None) -> Select[Any]:
    query = owed_duties(
        DUTIES.c.id,
        DUTIES.c.agency,
        AGENCY_NAME.label("name"),
        SHOWN_TITLE.label("title"),
        OCCURRENCES.c.programme,
        owed_by.label("owed_by"),
        DUTIES.c.extended_to,
        DUTIES.c.handover,
        DUTIES.c.due_version,
        OCCURRENCES.c.due_version.label("occurrence_version"),
        DUTIES.c.returned_on,
        DUTIES.c.rated_on,
    ).where(
        owed_by < today,
        or_(DUTIES.c.done_on.is_(None), DUTIES.c.returned_on.is_not(None)),
        DUTIES.c.waived_on.is_(None),
        why_not_counted(today) == literal(""),
    )
    if programme is not None:
        query = query.where(OCCURRENCES.c.programme == programme)
    if first is not None:
        query = query.where(owed_by >= first)
    if last is not None:
        query = query.where(owed_by <= last)
    return query.order_by(owed_by, DUTIES.c.id)


def read_told(connection: Connection, which: Select[Any]) -> dict[str, Told]:
    """The newest accepted notice of each duty; one that failed told nobody anything."""
    newest_first = func.row_number().over(
        partition_by=NOTICES.c.subject, order_by=(NOTICES.c.accepted_at.desc(), NOTICES.c.id.desc())
    )
    accepted = (
        select(NOTICES.c.subject, NOTICES.c.kind, NOTICES.c.accepted_at, newest_first.label("place"))
        .where(NOTICES.c.subject.in_(which), NOTICES.c.state.in_(SENT), NOTICES.c.accepted_at.is_not(None))
        .subquery()
    )
    rows = connection.execute(select(accepted).where(accepted.c.place == 1))
    return {row.subject: Told(NoticeKind(row.kind), row.accepted_at.astimezone(TIME_ZONE).date()) for row in rows}


def read_answers(connection: Connection, which: Select[Any]) -> dict[tuple[str, str], date]:
    """Duty and version of its due day → the first day somebody acknowledged it."""
    return {key: at.astimezone(TIME_ZONE).date() for key, at in first_answers(connection, which).items()}


def first_answers(connection: Connection, which: Select[Any] | Collection[str]) -> dict[tuple[str, str], datetime]:
    """Duty and version of its due day → the instant somebody first acknowledged it."""
    rows = connection.execute(
        select(ANSWERS.c.subject, ANSWERS.c.version, func.min(ANSWERS.c.at).label("at"))
        .where(ANSWERS.c.subject.in_(which))
        .group_by(ANSWERS.c.subject, ANSWERS.c.version)
    )
    return {(row.subject, row.version): row.at for row in rows}


def read_letter_states(connection: Connection, which: Select[Any]) -> dict[str, str]:
    """How the newest letter about each duty stands, in words."""
    rows = connection.execute(
        select(LETTER_DUTIES.c.duty, LETTERS.c.state, LETTERS.c.number)
        .join(LETTERS, LETTERS.c.id == LETTER_DUTIES.c.letter)
        .where(LETTER_DUTIES.c.duty.in_(which))
        .order_by(LETTERS.c.drafted_on, LETTERS.c.id)
    )
    return {row.duty: _say_letter(LetterState(row.state), row.number) for row in rows}


def _say_letter(state: LetterState, number: str | None) -> str:
    match state:
        case LetterState.DRAFTED:
            return "công văn chờ duyệt"
        case LetterState.APPROVED:
            return f"công văn {number} đã ký" if number else "công văn đã ký"
        case LetterState.WAIVED:
            return "không gửi công văn"
