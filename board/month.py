"""Holds a connection: the chair's month on one sheet: what is coming, and what is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, exists, func, or_, select

from board.late import LateMatter, by_matter
from board.overdue import count_left_over, read_overdue
from board.overview import (
    AGENCIES,
    DUTIES,
    OCCURRENCES,
    PROGRAMMES,
    SHOWN_TITLE,
    TwoByTwo,
    is_asked,
    is_here,
    read_board,
)
from calendars.wording import say_due, say_hours, say_short, say_window
from calendars.working_days import WorkingDays
from models.alphabet import alphabetical
from models.columns import table_of
from models.kinds import HELD_ON_A_DAY, KIND_NAMES, ItemKind, Placing, Role
from models.occurrence import OccurrenceAgency, Status
from models.submission import Submission
from models.timing import Certainty, DueDays, Hours, Window

TIES, SUBMISSIONS = table_of(OccurrenceAgency), table_of(Submission)
LONGEST = timedelta(days=92)  # of a window that is shown in each of its months: a quarter; longer ones as they end
ONE_DAY = timedelta(days=1)
# only a part of it has come
is_partly_here = and_(
    DUTIES.c.done_on.is_(None), exists().where(SUBMISSIONS.c.duty == DUTIES.c.id, ~SUBMISSIONS.c.complete)
)


@dataclass(frozen=True, slots=True)
class Coming:
    """One occurrence ahead; ``when`` and ``kind`` in words, ``lead`` the names of who answers for it.

    ``day`` is its day, or the last of its stretch, and ``since`` the first of that.

    ``asked`` of its agencies owe something, ``done`` of them have sent it and nobody sent it back, of ``partly`` only
    a part has come. ``fixed`` is False for a stretch of days; ``to_fix`` when people meet there and somebody has to
    choose the day, ``weekly`` when it comes back every week, ``long`` when it is longer than a quarter. ``draft``: of
    an unsigned programme; ``assumed``: the paper names no day; ``tentative``: it has a day, and says "dự kiến".
    """

    occurrence: str
    title: str
    kind: str
    programme: str
    day: date
    since: date
    when: str
    lead: tuple[str, ...]
    asked: int
    done: int
    partly: int
    fixed: bool
    to_fix: bool
    weekly: bool
    long: bool
    draft: bool
    assumed: bool
    tentative: bool
    deadline: bool


@dataclass(frozen=True, slots=True)
class Month:
    """The month that begins on ``first`` and the one after it, as things stand on ``today``.

    ``late`` is what was due this year, ``left_over`` how many duties each earlier year has left.
    """

    first: date
    today: date
    this_month: tuple[Coming, ...]
    next_month: tuple[Coming, ...]
    late: tuple[LateMatter, ...]
    left_over: Mapping[int, int]
    counts: TwoByTwo

    @property
    def next(self) -> date:
        """The first day of the month after."""
        return month_after(self.first)

    @property
    def late_number(self) -> int:
        """How many duties are late."""
        return sum(matter.number for matter in self.late)


def month_after(first: date) -> date:
    """The first day of the following month."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return (first - ONE_DAY).replace(day=1)


def read_month(connection: Connection, first: date, today: date, days: WorkingDays) -> Month:
    """``first`` is the month's first day. What is late is today's, whichever month is looked at."""
    after = month_after(first)
    new_year = date(today.year, 1, 1)
    year = read_board(connection, today, first=date(first.year, 1, 1), last=date(first.year, 12, 31))
    return Month(
        first,
        today,
        tuple(read_coming(connection, first, after - ONE_DAY)),
        tuple(read_coming(connection, after, month_after(after) - ONE_DAY)),
        tuple(by_matter(read_overdue(connection, today, days, first=new_year))),
        count_left_over(connection, today, new_year),
        year.total,
    )


# ---- what is coming ----------------------------------------------------------------------------


def read_coming(connection: Connection, first: date, last: date) -> list[Coming]:
    """What is due, held or to be held between two days, both included; by day, what is fixed before what is open.

    A window longer than a quarter is shown where it ends: a matter of the whole year would stand on every sheet.
    """
    rows = connection.execute(_between(first, last)).all()
    leads = _leads(connection, [row.id for row in rows])
    coming = [_coming(row, first, leads.get(row.id, ())) for row in rows]
    return sorted(coming, key=_by_day)


def _by_day(one: Coming) -> tuple[Any, ...]:
    """Of two stretches that end on one day the shorter one comes first."""
    return one.day, not one.fixed, -one.since.toordinal(), alphabetical(one.title), one.occurrence


def _between(first: date, last: date) -> Select[Any]:
    counted = (
        select(
            DUTIES.c.occurrence, func.count().label("asked"),
            func.count(case((is_here, 1))).label("done"), func.count(case((is_partly_here, 1))).label("partly"),
        )
        .where(is_asked)
        .group_by(DUTIES.c.occurrence)
        .subquery()
    )  # fmt: skip
    return (
        select(
            OCCURRENCES, SHOWN_TITLE.label("shown"), PROGRAMMES.c.short, PROGRAMMES.c.draft,
            *(func.coalesce(counted.c[name], 0).label(name) for name in ("asked", "done", "partly")),
        )
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .outerjoin(counted, counted.c.occurrence == OCCURRENCES.c.id)
        .where(OCCURRENCES.c.status == Status.PLANNED.value, ~OCCURRENCES.c.rolls_up)
        .where(or_(OCCURRENCES.c.last_on_time.between(first, last), _held(first, last)))
    )  # fmt: skip


def _held(first: date, last: date) -> ColumnElement[bool]:
    """Fixed days and windows that touch the stretch; the length of a window is asked where days can be counted."""
    touches = and_(OCCURRENCES.c.first <= last, OCCURRENCES.c.last >= first)
    ends_here = OCCURRENCES.c.last.between(first, last)
    short = OCCURRENCES.c.first >= first - LONGEST
    own = or_(
        OCCURRENCES.c.placing == Placing.FIXED.value, ends_here, and_(short, OCCURRENCES.c.last <= last + LONGEST)
    )
    return and_(OCCURRENCES.c.last_on_time.is_(None), touches, own)


def _coming(row: Row[Any], first: date, lead: tuple[str, ...]) -> Coming:
    fixed = row.placing in (Placing.FIXED, Placing.DEADLINE)
    weekly = not fixed and row.certainty == Certainty.WEEK and row.period.rpartition("-")[2].startswith("W")
    day: date = row.last_on_time or (max(row.first, first) if fixed else row.last)
    return Coming(
        row.id,
        row.shown,
        KIND_NAMES[ItemKind(row.kind)],
        row.short,
        day,
        day if fixed else row.first,
        _say_when(row),
        lead,
        row.asked,
        row.done,
        row.partly,
        fixed,
        not fixed and not weekly and row.kind in HELD_ON_A_DAY,
        weekly,
        not fixed and row.last - row.first > LONGEST,
        row.draft,
        row.assumed,
        bool(row.tentative and fixed and not row.draft),
        row.last_on_time is not None,
    )


def _say_when(row: Row[Any]) -> str:
    if row.last_on_time is not None:
        due = say_due(DueDays(row.named_date, row.last_on_time, row.work_by), included=row.included)
        return f"{due} (giả định)" if row.assumed else due
    if row.placing == Placing.FIXED:
        hours = f"{say_hours(Hours(row.starts, row.ends))}, " if row.starts else ""
        return hours + (
            say_short(row.first) if row.first == row.last else f"{say_short(row.first)} – {say_short(row.last)}"
        )
    return f"dự kiến {say_window(Window(row.first, row.last, Certainty(row.certainty or Certainty.PERIOD)))}"


def _leads(connection: Connection, occurrences: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    ties = (
        select(TIES.c.occurrence, func.coalesce(AGENCIES.c.short, TIES.c.agency).label("short"))
        .outerjoin(AGENCIES, AGENCIES.c.code == TIES.c.agency)
        .where(TIES.c.role == Role.LEAD.value, TIES.c.occurrence.in_(occurrences))
    )
    for row in sorted(connection.execute(ties), key=lambda row: (alphabetical(row.short), row.short)):
        found[row.occurrence] = (*found.get(row.occurrence, ()), row.short)
    return found
