"""Holds a connection: every collection of a year at a glance, and what came only in part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from board.overview import DUTIES, OCCURRENCES, PROGRAMMES, SHOWN_TITLE, is_here
from models.columns import table_of
from models.occurrence import Need, Status
from models.submission import Submission

SUBMISSIONS, NEEDS = table_of(Submission), table_of(Need)


@dataclass(frozen=True, slots=True)
class CollectionLine:
    """One occurrence several agencies owe something for; numbers are of those it is asked of.

    ``consolidates``: it is made of others' reports, and waits for them.
    """

    occurrence: str
    title: str
    programme: str
    last_on_time: date
    asked: int
    done: int
    draft: bool
    consolidates: bool

    @property
    def missing(self) -> int:
        """How many have still to send it."""
        return self.asked - self.done


@dataclass(frozen=True, slots=True)
class Part:
    """The newest handing-in that was not complete: by whom and when; ``number`` is the submission's."""

    number: int
    by: str
    at: datetime


def read_collections(connection: Connection, year: int, programme: str | None = None) -> list[CollectionLine]:
    """What several agencies owe in ``year``, and what is made of such reports; by their last day on time."""
    waits = select(NEEDS.c.needs).where(NEEDS.c.occurrence == OCCURRENCES.c.id, ~NEEDS.c.proposed).exists()
    rows = connection.execute(_counted(year, programme).add_columns(waits.label("consolidates")))
    return [
        CollectionLine(
            row.id,
            row.title,
            row.short,
            row.last_on_time,
            row.asked,
            row.done,
            row.draft or row.assumed,
            bool(row.consolidates),
        )
        for row in rows
        if row.asked > 1 or row.consolidates
    ]


def _counted(year: int, programme: str | None) -> Select[Any]:
    asked = func.count(case((DUTIES.c.waived_on.is_(None), 1)))
    here = is_here & DUTIES.c.waived_on.is_(None)
    own = (OCCURRENCES.c.id, OCCURRENCES.c.last_on_time, OCCURRENCES.c.assumed)
    others = (PROGRAMMES.c.short, PROGRAMMES.c.draft)
    counted = (
        select(
            *own, *others, SHOWN_TITLE.label("title"), asked.label("asked"), func.count(case((here, 1))).label("done")
        )
        .join(DUTIES, DUTIES.c.occurrence == OCCURRENCES.c.id)
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .where(~DUTIES.c.withdrawn, OCCURRENCES.c.status == Status.PLANNED.value, ~OCCURRENCES.c.rolls_up)
        .where(OCCURRENCES.c.year_first <= year, OCCURRENCES.c.year_last >= year)
        .where(OCCURRENCES.c.last_on_time.is_not(None))
        .group_by(*own, *others, OCCURRENCES.c.title, OCCURRENCES.c.secret)
        .order_by(OCCURRENCES.c.last_on_time, OCCURRENCES.c.id)
    )
    return counted if programme is None else counted.where(OCCURRENCES.c.programme == programme)


def read_parts(connection: Connection, occurrence: str) -> Mapping[str, Part]:
    """Duty → its newest incomplete handing-in, of those nothing complete has come from yet."""
    partial = (
        select(SUBMISSIONS.c.id, SUBMISSIONS.c.duty, SUBMISSIONS.c.by, SUBMISSIONS.c.at)
        .join(DUTIES, DUTIES.c.id == SUBMISSIONS.c.duty)
        .where(DUTIES.c.occurrence == occurrence, ~SUBMISSIONS.c.complete)
        .where(DUTIES.c.done_on.is_(None) | DUTIES.c.returned_on.is_not(None))
        .order_by(SUBMISSIONS.c.id)
    )
    return {row.duty: Part(row.id, row.by, row.at) for row in connection.execute(partial)}
