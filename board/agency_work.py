"""Holds a connection: what one agency owes and how it stands, and what else it takes part in.

Only ever of one agency: every select here is bound to it. Days are in Asia/Ho_Chi_Minh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from board.agency_coming import AHEAD, AgencyComing, hours_of, read_agency_coming, say_when, window_of
from board.beginning import read_beginning
from board.handed_in import AskedTime, ReceivedLetter, SentIn, read_asked, read_letters, read_sent_in
from board.overdue import first_answers
from board.overview import (
    AGENCIES,
    DUTIES,
    OCCURRENCES,
    PROGRAMMES,
    SHOWN_TITLE,
    NotCounted,
    last_day,
    owed_duties,
    why_not_counted,
)
from board.standing import Standing, stand
from calendars.wording import Language, say_due, say_period
from calendars.working_days import WorkingDays
from models.timing import DueDays, Hours, Window

SOON = 10  # working days: two weeks, the first reminder of the default ladder
BACK = timedelta(days=366)  # how much is shown of what is over


class Section(StrEnum):
    """Where a duty stands on its agency's page, in this order."""

    LATE = "late"
    SOON = "soon"
    LATER = "later"
    NO_DEADLINE = "no_deadline"
    LEFT_OVER = "left_over"  # due before the office began, and nobody here knows whether it was handed in
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Owed:
    """One duty as its agency sees it; a secret matter's title says only that it is one.

    ``last`` is the last day on time as it stands now: after an extension, or the day a returned one is asked back
    by. ``working_days`` are those left, negative when late, None without a day. ``remark`` says why nobody is held
    to it yet: a draft, an assumed day. ``acknowledged_at`` counts for the present due day only.
    """

    duty: str
    occurrence: str
    period: str
    title: str
    secret: bool
    programme: str
    product: str | None
    named_date: date | None
    last_on_time: date | None
    work_by: date | None
    included: bool | None
    last: date | None
    window: Window | None
    hours: Hours | None
    extended_to: date | None
    returned_on: date | None
    correct_by: date | None
    done_on: date | None
    document: str | None
    waived_on: date | None
    standing: Standing
    section: Section
    working_days: int | None
    remark: NotCounted | None
    acknowledged_at: datetime | None
    sent_in: tuple[SentIn, ...]
    letters: tuple[ReceivedLetter, ...]
    asked: tuple[AskedTime, ...]

    @property
    def is_open(self) -> bool:
        """Whether something is still to be sent."""
        return self.section is not Section.DONE

    @property
    def is_late(self) -> bool:
        """Whether its agency is held to a day that has passed since the office began."""
        return self.section is Section.LATE

    @property
    def is_partly_in(self) -> bool:
        """Whether a part has come and the rest is still awaited; what was sent back is awaited as a whole."""
        return self.is_open and not self.returned_on and bool(self.sent_in)

    @property
    def has_deadline(self) -> bool:
        """Whether there is a last day, so that more time can be asked for."""
        return (self.last or self.extended_to or self.last_on_time) is not None

    @property
    def waits_for_answer(self) -> bool:
        """Whether a request for more time waits."""
        return any(one.waits for one in self.asked)

    def period_in(self, language: Language) -> str:
        """Which of an item's many it is, as "năm 2024", "Quý II/2024"."""
        return say_period(self.period, language)

    def due_in(self, language: Language) -> str:
        """As the paper says it, "trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024"; "" without a day."""
        if self.named_date is None or self.last_on_time is None or self.work_by is None:
            return say_when(self.window, self.hours, language)
        days = DueDays(self.named_date, self.last_on_time, self.work_by)
        return say_due(days, language, included=self.included)


@dataclass(frozen=True, slots=True)
class AgencyWork:
    """Everything on an agency's page."""

    agency: str
    name: str
    owed: tuple[Owed, ...]
    coming: tuple[AgencyComing, ...]

    @property
    def held(self) -> tuple[AgencyComing, ...]:
        """Where people meet on a day."""
        return tuple(one for one in self.coming if one.held)

    @property
    def others(self) -> tuple[AgencyComing, ...]:
        """What else it has a part in, but for what stands among its duties."""
        owed = {one.occurrence for one in self.owed}
        return tuple(one for one in self.coming if not one.held and one.occurrence not in owed)

    def of(self, section: Section) -> tuple[Owed, ...]:
        """The duties of one section, the first due first; what is done, the newest first."""
        found = tuple(one for one in self.owed if one.section is section)
        return tuple(sorted(found, key=_done_first, reverse=True)) if section is Section.DONE else found


def read_agency_work(connection: Connection, agency: str, today: date, days: WorkingDays) -> AgencyWork:
    """What ``agency`` owes: all that is open and due within a year, and what was done within the last one."""
    open_ = (last_day <= today + AHEAD) | (last_day.is_(None) & OCCURRENCES.c.opened_on.is_not(None))
    ended = func.coalesce(DUTIES.c.waived_on, DUTIES.c.done_on)
    lately = or_(ended.is_(None), ended >= today - BACK, DUTIES.c.returned_on.is_not(None))
    counted = why_not_counted(today) != NotCounted.HISTORY.value
    owed = _read_owed(connection, agency, today, days, open_, lately, counted)
    return AgencyWork(agency, agency_name(connection, agency), owed, read_agency_coming(connection, agency, today))


def read_owed(connection: Connection, duty: str, agency: str, today: date, days: WorkingDays) -> Owed | None:
    """One duty; None when there is none, or it is another agency's."""
    found = _read_owed(connection, agency, today, days, DUTIES.c.id == duty)
    return found[0] if found else None


def agency_name(connection: Connection, agency: str) -> str:
    """The agency's name, or its code where the register has none."""
    found = connection.execute(select(AGENCIES.c.name).where(AGENCIES.c.code == agency)).scalar()
    return found or agency


def _read_owed(
    connection: Connection, agency: str, today: date, days: WorkingDays, *which: ColumnElement[bool]
) -> tuple[Owed, ...]:
    columns = (
        "period", "named_date", "last_on_time", "work_by", "included", "secret", "product",
        "first", "last", "starts", "ends", "certainty",
    )  # fmt: skip
    rows = connection.execute(
        owed_duties(
            *(column for column in DUTIES.c if column.name != "work_by"),
            DUTIES.c.work_by.label("extended_work_by"),
            SHOWN_TITLE.label("title"),
            *(OCCURRENCES.c[name] for name in columns),
            OCCURRENCES.c.due_version.label("occurrence_version"),
            PROGRAMMES.c.short.label("programme"),
            why_not_counted(today).label("reason"),
        )
        .where(DUTIES.c.agency == agency, *which)
        .order_by(func.coalesce(DUTIES.c.correct_by, last_day, date(9999, 1, 1)), DUTIES.c.id)
    ).all()
    duties = [row.id for row in rows]
    answers = first_answers(connection, duties)
    sent_in = read_sent_in(connection, duties, agency)
    letters, asked = read_letters(connection, duties), read_asked(connection, duties, agency)
    began = read_beginning(connection)
    return tuple(_owed(row, today, began, days, answers, sent_in, letters, asked) for row in rows)


def _owed(
    row: Row[Any],
    today: date,
    began: date,
    days: WorkingDays,
    answers: Mapping[tuple[str, str], datetime],
    sent_in: Mapping[str, tuple[SentIn, ...]],
    letters: Mapping[str, tuple[ReceivedLetter, ...]],
    asked: Mapping[str, tuple[AskedTime, ...]],
) -> Owed:
    standing = stand(row.done_on, row.extended_to or row.last_on_time, today, row.waived_on)
    last = row.correct_by if row.returned_on else row.extended_to or row.last_on_time
    remark = NotCounted(row.reason) if row.reason else None
    working_days = None if last is None else days.between(today, last)
    return Owed(
        duty=row.id,
        occurrence=row.occurrence,
        period=row.period,
        title=row.title,
        secret=row.secret,
        programme=row.programme,
        product=None if row.secret else row.product,
        named_date=row.named_date,
        last_on_time=row.last_on_time,
        work_by=row.extended_work_by if row.extended_to else row.work_by,
        included=row.included,
        last=last,
        window=window_of(row) if row.first and row.last else None,
        hours=hours_of(row),
        extended_to=row.extended_to,
        returned_on=row.returned_on,
        correct_by=row.correct_by,
        done_on=row.done_on,
        document=row.document,
        waived_on=row.waived_on,
        standing=standing,
        section=_section(row, standing, last, today, began, working_days, held=remark is None),
        working_days=working_days,
        remark=remark,
        acknowledged_at=answers.get((row.id, f"{row.occurrence_version}.{row.due_version}")),
        sent_in=sent_in.get(row.id, ()),
        letters=letters.get(row.id, ()),
        asked=asked.get(row.id, ()),
    )


def _section(
    row: Row[Any],
    standing: Standing,
    last: date | None,
    today: date,
    began: date,
    working_days: int | None,
    *,
    held: bool,
) -> Section:
    if standing is Standing.WAIVED or (row.done_on and not row.returned_on):
        return Section.DONE
    if last is not None and last < today:
        since = Section.LEFT_OVER if last < began else Section.LATE
        return since if held else Section.LATER
    if working_days is None:
        return Section.SOON if row.returned_on else Section.NO_DEADLINE
    return Section.SOON if working_days <= SOON else Section.LATER


def _done_first(owed: Owed) -> tuple[date, str]:
    return owed.done_on or owed.waived_on or date.min, owed.duty
