"""An item in one concrete period, who has to do with it, what it needs first, and what each agency owes."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class Status(StrEnum):
    """Where an occurrence stands on the calendar."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


class Occurrence(SQLModel, table=True):
    """One item in one period; ``id`` is ``programme/item/period`` and never changes.

    ``placing`` is one of models.kinds.Placing. ``first``/``last`` are the days of a window or of a fixed
    event, both included; deadlines have ``named_date`` (as written), ``last_on_time`` and ``work_by``
    instead, and ``included`` says whether the named day itself is on time. ``certainty`` is one of
    models.timing.Certainty. ``active_from`` is the day the paper began to bind (its issue) when that is
    later than ``first``. ``why`` is the Vietnamese reading. ``rolls_up`` marks a line whose duties are
    its children's. ``marked_on`` is the working day a window's entry stands on, kept so that a changed
    holiday revises it. ``opens_on`` is the day people should begin, ``opened_on`` the day the
    sweep opened it. ``year_first`` to ``year_last`` are the years whose plan shows it.
    ``done_on`` is the day the last of its duties was done, once all are. ``policy`` names the ladder;
    ``ladder`` is the copy of it (JSON) made when the occurrence opened, so that a later edit never changes
    what was promised. ``due_version`` grows with every new date. ``secret`` keeps title and content out
    of every message. ``rungs_stale`` is set by whoever opens it or changes its dates or its agencies, and
    cleared once the rungs of its ladder are laid anew.
    ``sequence`` grows with date, time, place or status (RFC 5545 §3.8.7.4);
    ``revised_at`` grows with every change (it becomes DTSTAMP and LAST-MODIFIED).
    """

    id: str = Field(primary_key=True)
    programme: str = Field(index=True)
    item: str
    period: str
    line: int
    kind: str
    title: str
    placing: str
    certainty: str | None = None
    first: date | None = None
    last: date | None = None
    starts: time | None = None
    ends: time | None = None
    duration_days: int | None = None
    named_date: date | None = None
    last_on_time: date | None = Field(default=None, index=True)
    work_by: date | None = None
    included: bool | None = None
    active_from: date | None = None
    tentative: bool = False
    assumed: bool = False
    phrase: str | None = None
    why: str = ""
    fixed_by: str | None = None
    place: str | None = None
    team: str | None = None
    round: int | None = None
    product: str | None = None
    headcount: int | None = None
    headcount_about: bool = False
    budget_central: int | None = None
    budget_local: int | None = None
    note: str | None = None
    rolls_up: bool = False
    marked_on: date | None = None
    opens_on: date | None = Field(default=None, index=True)
    opened_on: date | None = None
    year_first: int = Field(index=True)
    year_last: int
    policy: str = "default"
    ladder: str | None = None
    secret: bool = False
    due_version: int = 1
    rungs_stale: bool = Field(default=False, index=True)
    done_on: date | None = None
    status: str = Status.PLANNED
    cancelled_on: date | None = None
    sequence: int = 0
    revised_at: datetime = Field(sa_type=UtcInstant)


class OccurrenceAgency(SQLModel, table=True):
    """An agency's part in an occurrence; ``named_as`` is the group or the older name the paper used."""

    occurrence: str = Field(primary_key=True, foreign_key="occurrence.id")
    agency: str = Field(primary_key=True, index=True)
    role: str = Field(primary_key=True)
    named_as: str | None = None


class Need(SQLModel, table=True):
    """``occurrence`` waits for ``needs``; ``proposed`` when we inferred it and the paper does not say."""

    occurrence: str = Field(primary_key=True, foreign_key="occurrence.id")
    needs: str = Field(primary_key=True)
    proposed: bool = False


class Duty(SQLModel, table=True):
    """What one agency owes for one occurrence; ``id`` is ``occurrence/agency``.

    ``named_as`` is the group or older body the paper names; ``handover`` marks a body that ended with
    no single successor, so that a person must say who answers. ``done_on`` is the day of the first
    complete submission, ``done_by`` who recorded it, ``document`` the number and date of what was sent.
    ``extended_to`` is the last day on time after an extension and ``work_by`` the working day it means;
    each extension is a new ``due_version``. ``returned_on`` is the day it was sent back for correction (the
    submission stays) and ``correct_by`` the day that is asked for by; both are empty again once it came back.
    ``waived_on`` is the day nobody asks for it any more, ``rated_on`` the day it was marked for the yearly
    rating.
    """

    id: str = Field(primary_key=True)
    occurrence: str = Field(index=True, foreign_key="occurrence.id")
    agency: str = Field(index=True)
    named_as: str | None = None
    handover: bool = False
    withdrawn: bool = False
    done_on: date | None = None
    done_by: str | None = None
    document: str | None = None
    due_version: int = 1
    extended_to: date | None = None
    work_by: date | None = None
    returned_on: date | None = None
    correct_by: date | None = None
    waived_on: date | None = None
    rated_on: date | None = None


class Decision(SQLModel, table=True):
    """Something a person must decide before the program can go on; ``id`` says what, ``year`` for which year."""

    id: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    kind: str
    programme: str = Field(index=True)
    item: str | None = None
    sentence: str
    help: str = ""


class PlannedYear(SQLModel, table=True):
    """A year that has been planned, so that later runs know which years to keep."""

    year: int = Field(primary_key=True)
