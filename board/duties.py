"""Holds a connection: what one agency owes in a stretch of days, how each stands, what it was told, what it answered.

Unlike the official counts this shows everything that is owed, with the reason why it is in no box.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from board.collections import Part, read_parts
from board.overdue import Told, read_answers, read_letter_states, read_told
from board.overview import (
    AGENCY_NAME,
    DUTIES,
    NOT_COUNTED_NAMES,
    OCCURRENCES,
    PROGRAMMES,
    SHOWN_TITLE,
    NotCounted,
    belongs,
    last_day,
    owed_duties,
    why_not_counted,
)
from board.standing import Standing, say_standing, stand
from calendars.wording import say_due
from calendars.working_days import WorkingDays
from models.columns import table_of
from models.submission import ExtensionRequest, RequestState
from models.timing import DueDays

REQUESTS = table_of(ExtensionRequest)


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """More time that was asked for and not answered yet; ``number`` is the request's."""

    number: int
    by: str
    until: date


@dataclass(frozen=True, slots=True)
class OwedDuty:
    """One duty of an agency on a day; ``late`` is in working days, 0 in time.

    ``when`` is the paper's deadline in both its days, ``last_on_time`` the agency's own after an extension.
    ``uncounted`` says why it is in no box of the official table. ``handover``: the agency has ended. ``part`` came
    while nothing complete has.
    """

    duty: str
    agency_name: str
    occurrence: str
    title: str
    programme: str
    when: str
    last_on_time: date | None
    extended: bool
    standing: Standing
    returned_on: date | None
    correct_by: date | None
    done_on: date | None
    document: str | None
    late: int
    handover: bool
    uncounted: str
    told: Told | None
    acknowledged_on: date | None
    letter: str | None
    part: Part | None
    asked: WaitingRequest | None

    @property
    def in_words(self) -> str:
        """The standing, in Vietnamese, with how late it is."""
        back = self.returned_on is not None
        return say_standing(self.standing, returned=back, partial=self.part is not None, late=self.late)

    @property
    def tone(self) -> str:
        """The colour that goes with the word: green done, red late, amber back for correction."""
        if self.returned_on is not None and self.standing is not Standing.WAIVED:
            return "amber"
        tones = {Standing.DONE_ON_TIME: "green", Standing.DONE_LATE: "amber", Standing.OVERDUE: "red"}
        return tones.get(self.standing, "grey")

    @property
    def is_open(self) -> bool:
        """Whether something is still to be sent."""
        return self.standing is not Standing.WAIVED and (self.done_on is None or self.returned_on is not None)

    @property
    def can_be_returned(self) -> bool:
        """Whether there is a submission to send back."""
        return self.standing is not Standing.WAIVED and self.done_on is not None and self.returned_on is None


def read_duties(
    connection: Connection,
    agency: str,
    today: date,
    days: WorkingDays,
    *,
    first: date,
    last: date,
    programme: str | None = None,
) -> list[OwedDuty]:
    """What ``agency`` owes that belongs to the days ``first`` to ``last``, as the board counts; first due first."""
    wanted = _owed().where(DUTIES.c.agency == agency, belongs(first, last, today))
    if programme is not None:
        wanted = wanted.where(OCCURRENCES.c.programme == programme)
    return _read(connection, wanted.order_by(last_day.is_(None), last_day, DUTIES.c.id), today, days)


def find_duty(connection: Connection, duty: str, today: date, days: WorkingDays) -> OwedDuty | None:
    """One duty; None when nobody owes it."""
    return next(iter(_read(connection, _owed().where(DUTIES.c.id == duty), today, days)), None)


def _owed() -> Select[Any]:
    return owed_duties(
        *DUTIES.c,
        AGENCY_NAME.label("agency_name"),
        SHOWN_TITLE.label("title"),
        PROGRAMMES.c.short.label("programme"),
        OCCURRENCES.c.named_date,
        OCCURRENCES.c.last_on_time,
        OCCURRENCES.c.work_by.label("work_by_paper"),
        OCCURRENCES.c.included,
        OCCURRENCES.c.due_version.label("occurrence_version"),
        last_day.label("last_day"),
    )


def _read(connection: Connection, wanted: Select[Any], today: date, days: WorkingDays) -> list[OwedDuty]:
    which = wanted.with_only_columns(DUTIES.c.id).order_by(None)
    told, answers = read_told(connection, which), read_answers(connection, which)
    letters, parts = read_letter_states(connection, which), read_parts(connection, DUTIES.c.id.in_(which))
    asked = _read_waiting(connection, which)
    rows = connection.execute(wanted.add_columns(why_not_counted(today).label("reason"))).all()
    return [
        _duty(
            row,
            today,
            days,
            told=told.get(row.id),
            acknowledged_on=_answer(answers, row),
            letter=letters.get(row.id),
            part=parts.get(row.id),
            asked=asked.get(row.id),
        )
        for row in rows
    ]


def _read_waiting(connection: Connection, which: Select[Any]) -> dict[str, WaitingRequest]:
    waiting = select(REQUESTS.c.duty, REQUESTS.c.id, REQUESTS.c.by, REQUESTS.c.until).where(
        REQUESTS.c.duty.in_(which), REQUESTS.c.state == RequestState.WAITING.value
    )
    return {row.duty: WaitingRequest(row.id, row.by, row.until) for row in connection.execute(waiting)}


def _answer(answers: dict[tuple[str, str], date], row: Row[Any]) -> date | None:
    """The day somebody acknowledged it as it is due now."""
    return answers.get((row.id, f"{row.occurrence_version}.{row.due_version}"))


def _duty(row: Row[Any], today: date, days: WorkingDays, **known: Any) -> OwedDuty:
    """``known`` are the fields that other tables tell."""
    standing = stand(row.done_on, row.last_day, today, row.waived_on)
    return OwedDuty(
        duty=row.id,
        agency_name=row.agency_name,
        occurrence=row.occurrence,
        title=row.title,
        programme=row.programme,
        when=_say_when(row),
        last_on_time=row.last_day,
        extended=row.extended_to is not None,
        standing=standing,
        returned_on=row.returned_on,
        correct_by=row.correct_by,
        done_on=row.done_on,
        document=row.document,
        late=late_by(standing, row.last_day, row.done_on, today, days),
        handover=row.handover,
        uncounted=NOT_COUNTED_NAMES[NotCounted(row.reason)] if row.reason else "",
        **known,
    )


def _say_when(row: Row[Any]) -> str:
    if row.named_date is None:
        return "không hạn"
    return say_due(DueDays(row.named_date, row.last_on_time, row.work_by_paper), included=row.included)


def late_by(standing: Standing, last: date | None, done_on: date | None, today: date, days: WorkingDays) -> int:
    """Working days between the last day on time and the day it was sent, or today; 0 for what is not late."""
    if last is None or standing not in (Standing.DONE_LATE, Standing.OVERDUE):
        return 0
    return max(days.between(last, done_on or today), 0)
