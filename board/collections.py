"""Holds a connection: every collection of a year at a glance, and what came only in part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from board.overview import (
    DUTIES,
    OCCURRENCES,
    PROGRAMMES,
    SHOWN_TITLE,
    NotCounted,
    is_here,
    owed_duties,
    why_not_counted,
)
from models.columns import table_of
from models.occurrence import Need, Status
from models.submission import Submission

SUBMISSIONS, NEEDS = table_of(Submission), table_of(Need)


@dataclass(frozen=True, slots=True)
class CollectionLine:
    """One occurrence several agencies owe something for; numbers are of those it is asked of.

    ``consolidates``: it is made of others' reports, and waits for them. ``remark`` says why nobody is held to it.
    """

    occurrence: str
    title: str
    programme: str
    last_on_time: date
    asked: int
    done: int
    remark: NotCounted | None
    consolidates: bool

    @property
    def missing(self) -> int:
        """How many have still to send it."""
        return self.asked - self.done

    def is_over(self, today: date) -> bool:
        """Whether its day has passed and nobody is late: everything came, or nobody is held to it."""
        return self.last_on_time < today and (not self.missing or self.remark is not None)


@dataclass(frozen=True, slots=True)
class Part:
    """The newest handing-in that was not complete: by whom and when; ``number`` is the submission's."""

    number: int
    by: str
    at: datetime


def read_collections(
    connection: Connection, year: int, today: date, programme: str | None = None
) -> list[CollectionLine]:
    """What several agencies owe in ``year``, and what is made of such reports; by their last day on time."""
    waits = select(NEEDS.c.needs).where(NEEDS.c.occurrence == OCCURRENCES.c.id, ~NEEDS.c.proposed).exists()
    rows = connection.execute(_counted(year, today, programme).add_columns(waits.label("consolidates")))
    return [
        CollectionLine(
            row.id,
            row.title,
            row.short,
            row.last_on_time,
            row.asked,
            row.done,
            NotCounted(row.reason) if row.reason else None,
            bool(row.consolidates),
        )
        for row in rows
        if row.asked > 1 or row.consolidates
    ]


def read_remark(connection: Connection, occurrence: str, today: date) -> NotCounted | None:
    """Why nobody is held to an occurrence's deadline; None for what counts, or is owed by nobody."""
    reasons = owed_duties(why_not_counted(today)).where(DUTIES.c.occurrence == occurrence).limit(1)
    reason = connection.execute(reasons).scalar()
    return NotCounted(reason) if reason else None


def _counted(year: int, today: date, programme: str | None) -> Select[Any]:
    asked = func.count(case((DUTIES.c.waived_on.is_(None), 1)))
    here = is_here & DUTIES.c.waived_on.is_(None)
    own = (OCCURRENCES.c.id, OCCURRENCES.c.last_on_time, PROGRAMMES.c.short)
    counted = (
        select(
            *own,
            SHOWN_TITLE.label("title"),
            asked.label("asked"),
            func.count(case((here, 1))).label("done"),
            func.max(why_not_counted(today)).label("reason"),
        )
        .join(DUTIES, DUTIES.c.occurrence == OCCURRENCES.c.id)
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .where(~DUTIES.c.withdrawn, OCCURRENCES.c.status == Status.PLANNED.value, ~OCCURRENCES.c.rolls_up)
        .where(OCCURRENCES.c.year_first <= year, OCCURRENCES.c.year_last >= year)
        .where(OCCURRENCES.c.last_on_time.is_not(None))
        .group_by(*own, OCCURRENCES.c.title, OCCURRENCES.c.secret)
        .order_by(OCCURRENCES.c.last_on_time, OCCURRENCES.c.id)
    )
    return counted if programme is None else counted.where(OCCURRENCES.c.programme == programme)


def read_parts(connection: Connection, which: ColumnElement[bool]) -> Mapping[str, Part]:
    """Duty → its newest incomplete handing-in, of those (``which``) nothing complete has come from yet."""
    partial = (
        select(SUBMISSIONS.c.id, SUBMISSIONS.c.duty, SUBMISSIONS.c.by, SUBMISSIONS.c.at)
        .join(DUTIES, DUTIES.c.id == SUBMISSIONS.c.duty)
        .where(which, ~SUBMISSIONS.c.complete)
        .where(DUTIES.c.done_on.is_(None) | DUTIES.c.returned_on.is_not(None))
        .order_by(SUBMISSIONS.c.id)
    )
    return {row.duty: Part(row.id, row.by, row.at) for row in connection.execute(partial)}
