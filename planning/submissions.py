"""Holds a connection: what a person records about a duty: done, more time, back for correction, waived.

Each is one line of DutyDecision and one of the audit, in the caller's transaction; nothing recorded is ever
taken back, it is followed by another line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from calendars.working_days import WorkingDays
from models.audit import append_audit
from models.columns import table_of
from models.errors import DonDocError
from models.notice import DutyDecision
from models.turn import await_turn
from planning.agenda import DUTIES, OCCURRENCES
from planning.revision import next_revision

DECIDED = table_of(DutyDecision)


class ImpossibleDecision(DonDocError):
    """What was to be recorded does not fit the duty as it stands."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Who recorded it, why, by which document, and when (office time, aware)."""

    by: str
    at: datetime
    why: str = ""
    document: str | None = None

    @property
    def today(self) -> date:
        """The office's day; ``at`` is in Asia/Ho_Chi_Minh."""
        return self.at.date()


def has_duty(connection: Connection, duty: str) -> bool:
    """Whether somebody owes ``duty``."""
    found = select(DUTIES.c.id).where(DUTIES.c.id == duty, ~DUTIES.c.withdrawn)
    return connection.execute(found).first() is not None


def mark_done(connection: Connection, duty: str, on: date, recorded: Recorded) -> bool:
    """Records a complete submission of a duty; False when it was recorded already, or nobody owes it (any more).

    The first submission stays: on time is judged by it. One that had been returned for correction is then
    back. When it was the last one missing, the occurrence is done, and its entry in the calendars says so.
    """
    await_turn(connection)
    first = connection.execute(
        update(DUTIES)
        .where(DUTIES.c.id == duty, DUTIES.c.done_on.is_(None), DUTIES.c.waived_on.is_(None), ~DUTIES.c.withdrawn)
        .values(done_on=on, done_by=recorded.by, document=recorded.document)
    )
    back = connection.execute(
        update(DUTIES)
        .where(DUTIES.c.id == duty, DUTIES.c.returned_on.is_not(None), DUTIES.c.waived_on.is_(None))
        .where(~DUTIES.c.withdrawn)
        .values(returned_on=None, correct_by=None)
    )
    if first.rowcount != 1 and back.rowcount != 1:
        return False
    _write(connection, duty, "done", recorded, on=on)
    _revise(connection, duty, recorded)
    return True


def extend_duty(connection: Connection, duty: str, until: date, recorded: Recorded, days: WorkingDays) -> None:
    """More time: ``until`` is the new last day on time; a new due version. Raises ImpossibleDecision."""
    row = _open(connection, duty)
    correcting = row.returned_on is not None  # then it is the day of the correction that moves, not what was on time
    last = (correcting and row.correct_by) or row.extended_to or row.last_on_time
    if last is None:
        raise ImpossibleDecision(f"{duty} không có hạn nên không gia hạn được.", help="Chỉ gia hạn việc có hạn.")
    if until <= last:
        raise ImpossibleDecision(
            f"Hạn mới {until:%d/%m/%Y} không sau hạn đang có {last:%d/%m/%Y}.", help="Ghi một ngày muộn hơn."
        )
    if until < recorded.today:
        raise ImpossibleDecision(f"Hạn mới {until:%d/%m/%Y} đã qua.", help="Ghi một ngày từ hôm nay trở đi.")
    values = {"correct_by": until} if correcting else {"extended_to": until, "work_by": days.on_or_before(until)}
    _change(connection, duty, **values, due_version=row.due_version + 1)
    _write(connection, duty, "extended", recorded, on=recorded.today, until=until)
    _revise(connection, duty, recorded)


def return_duty(connection: Connection, duty: str, recorded: Recorded, until: date | None = None) -> None:
    """Back for correction, by ``until`` when it is given; the submission stays. Raises ImpossibleDecision."""
    row = _owed(connection, duty)
    if row.done_on is None:
        raise ImpossibleDecision(f"{duty} chưa nộp nên chưa trả lại được.", help="Ghi «dondoc done» trước.")
    if row.returned_on is not None:
        raise ImpossibleDecision(f"{duty} đã trả lại ngày {row.returned_on:%d/%m/%Y}, chưa nộp lại.")
    if until is not None and until < recorded.today:
        raise ImpossibleDecision(f"Ngày nộp lại {until:%d/%m/%Y} đã qua.", help="Ghi một ngày từ hôm nay trở đi.")
    _change(connection, duty, returned_on=recorded.today, correct_by=until, due_version=row.due_version + 1)
    _write(connection, duty, "returned", recorded, on=recorded.today, until=until)
    _revise(connection, duty, recorded)


def waive_duty(connection: Connection, duty: str, recorded: Recorded) -> None:
    """Nobody asks for it any more. Raises ImpossibleDecision when it is done or waived already."""
    row = _open(connection, duty)
    _change(connection, duty, waived_on=recorded.today, due_version=row.due_version + 1)
    _write(connection, duty, "waived", recorded, on=recorded.today)
    _revise(connection, duty, recorded)


def _owed(connection: Connection, duty: str) -> Row[Any]:
    """The duty with its occurrence's last day on time. Raises ImpossibleDecision when nobody owes it."""
    await_turn(connection)
    found = connection.execute(
        select(DUTIES, OCCURRENCES.c.last_on_time)
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .where(DUTIES.c.id == duty, ~DUTIES.c.withdrawn)
    ).first()
    if found is None:
        raise ImpossibleDecision(
            f"Không có nhiệm vụ {duty}.", help="Xem mã việc ở «dondoc agenda» và thêm mã cơ quan, ví dụ …/2024/SYT."
        )
    if found.waived_on is not None:
        raise ImpossibleDecision(f"{duty} đã được miễn ngày {found.waived_on:%d/%m/%Y}.")
    return found


def _open(connection: Connection, duty: str) -> Row[Any]:
    row = _owed(connection, duty)
    if row.done_on is not None and row.returned_on is None:
        raise ImpossibleDecision(f"{duty} đã nộp ngày {row.done_on:%d/%m/%Y}.", help="Không còn gì phải làm.")
    return row


def _change(connection: Connection, duty: str, **values: Any) -> None:
    connection.execute(update(DUTIES).where(DUTIES.c.id == duty).values(**values))
    occurrence = duty.rpartition("/")[0]
    opened = OCCURRENCES.c.opened_on.is_not(None)
    connection.execute(update(OCCURRENCES).where(OCCURRENCES.c.id == occurrence, opened).values(rungs_stale=True))


def _write(
    connection: Connection, duty: str, what: str, recorded: Recorded, *, on: date, until: date | None = None
) -> None:
    line = {"what": what, "on": on, "until": until, "why": recorded.why, "document": recorded.document}
    connection.execute(insert(DECIDED), {"duty": duty, "by": recorded.by, "at": recorded.at, **line})
    append_audit(connection, recorded.at, recorded.by, f"duty.{what}", duty, line)


def _revise(connection: Connection, duty: str, recorded: Recorded) -> None:
    """The agency's own calendar tells its own day and standing: a decision about one duty revises the occurrence."""
    settle_done(connection, duty.rpartition("/")[0], recorded.today, revised=True)


def settle_done(connection: Connection, occurrence: str, today: date, *, revised: bool = False) -> None:
    """Makes the occurrence done when every duty of it is, and open again when one was added since.

    With ``revised`` something else about it changed as well, so that it counts as revised in any case.
    """
    owed = select(func.count(), func.count(DUTIES.c.done_on), func.max(DUTIES.c.done_on))
    all_of_them, done, last = connection.execute(
        owed.where(DUTIES.c.occurrence == occurrence, ~DUTIES.c.withdrawn, DUTIES.c.waived_on.is_(None))
    ).one()
    done_on = last if all_of_them and all_of_them == done else None
    row = connection.execute(select(OCCURRENCES).where(OCCURRENCES.c.id == occurrence)).one()
    if revised or row.done_on != done_on:
        connection.execute(
            update(OCCURRENCES)
            .where(OCCURRENCES.c.id == occurrence)
            .values(done_on=done_on, revised_at=next_revision(today, row.revised_at))
        )
