"""Holds a connection: the official counts of a stretch of days, by agency, programme or occurrence, and who leads.

Done (on time, late), open (in time, overdue), and apart from these what has no deadline or was waived. Only
those who owe are counted, never those who co-operate. What is drafted or assumed is called nothing: it is
counted by itself, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, case, func, literal, or_, select

from board.standing import Standing
from models.agency import Agency
from models.alphabet import alphabetical
from models.columns import table_of
from models.kinds import SECRET_TITLE
from models.occurrence import Duty, Occurrence, Status
from models.programme import Programme

By = Literal["agency", "programme", "occurrence"]

OCCURRENCES, DUTIES, AGENCIES, PROGRAMMES = (
    table_of(Occurrence),
    table_of(Duty),
    table_of(Agency),
    table_of(Programme),
)
last_day = func.coalesce(DUTIES.c.extended_to, OCCURRENCES.c.last_on_time)
SHOWN_TITLE = case((OCCURRENCES.c.secret, literal(SECRET_TITLE)), else_=OCCURRENCES.c.title)
AGENCY_NAME = func.coalesce(AGENCIES.c.name, DUTIES.c.agency)
is_asked = and_(~DUTIES.c.withdrawn, DUTIES.c.waived_on.is_(None))
# of what is asked: what has come and was not sent back; the official table goes on counting the first submission
is_here = and_(DUTIES.c.done_on.is_not(None), DUTIES.c.returned_on.is_(None))


class NotCounted(StrEnum):
    """Why a duty is in no box."""

    DRAFT = "draft"
    ASSUMED = "assumed"
    HISTORY = "history"


NOT_COUNTED_NAMES: dict[NotCounted, str] = {
    NotCounted.DRAFT: "chương trình còn là dự thảo",
    NotCounted.ASSUMED: "hạn là giả định, chờ xác nhận",
    NotCounted.HISTORY: "chương trình đã hết giai đoạn trước khi mở theo dõi",
}


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """The official table in numbers of duties; ``returned`` and ``no_deadline_done`` are parts of other numbers.

    What has no deadline is neither on time nor late, even when it is done: it raises nobody's rate.
    """

    done_on_time: int = 0
    done_late: int = 0
    open_in_time: int = 0
    open_overdue: int = 0
    no_deadline: int = 0
    waived: int = 0
    no_deadline_done: int = 0
    returned: int = 0

    @property
    def done(self) -> int:
        """What was submitted by a deadline's measure, on time or late."""
        return self.done_on_time + self.done_late

    @property
    def due(self) -> int:
        """The denominator: done and overdue; what is not due yet is left out."""
        return self.done + self.open_overdue

    @property
    def completion(self) -> Fraction | None:
        """Done ÷ (done + overdue); None when nothing has come due."""
        return Fraction(self.done, self.due) if self.due else None

    @property
    def punctuality(self) -> Fraction | None:
        """Done on time ÷ (done + overdue); None when nothing has come due."""
        return Fraction(self.done_on_time, self.due) if self.due else None

    @property
    def rate(self) -> str:
        """As "12/15 (80,0 %)", never without its denominator; a dash when nothing has come due."""
        return "—" if self.completion is None else f"{self.done}/{self.due} ({say_percent(self.completion)})"

    @property
    def in_words(self) -> str:
        """As "Tỷ lệ hoàn thành 12/15 (80,0 %), không tính 8 việc chưa đến hạn"; before anything is due, what waits."""
        others = ((self.open_in_time, "chưa đến hạn"), (self.no_deadline, "không hạn"), (self.waived, "được miễn"))
        left_out = ", ".join(f"{number} việc {words}" for number, words in others if number)
        if not self.due:
            return f"{left_out}; chưa có gì để tính tỷ lệ" if left_out else "Chưa có việc nào đến hạn"
        rate = f"Tỷ lệ hoàn thành {self.rate}"
        return f"{rate}, không tính {left_out}" if left_out else rate

    def __add__(self, other: TwoByTwo) -> TwoByTwo:
        return TwoByTwo(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One agency, programme or occurrence; ``rank`` is given to agencies with enough due, ties share it."""

    code: str
    name: str
    counts: TwoByTwo
    first_due: date | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Uncounted:
    """So many duties in no box, and why."""

    reason: NotCounted
    number: int

    @property
    def in_words(self) -> str:
        """As "24 vì chương trình còn là dự thảo"."""
        return f"{self.number} vì {NOT_COUNTED_NAMES[self.reason]}"


@dataclass(frozen=True, slots=True)
class Board:
    """The counts of the days ``first`` to ``last`` (both included) as they stand on ``today``."""

    by: By
    first: date
    last: date
    today: date
    smallest: int
    total: TwoByTwo
    rows: tuple[BoardRow, ...]
    uncounted: tuple[Uncounted, ...]

    @property
    def ranked(self) -> tuple[BoardRow, ...]:
        """Those with a rank, best first."""
        return tuple(row for row in self.rows if row.rank is not None)

    @property
    def left_out(self) -> str:
        """As "28 việc không tính vì …", or "28 việc không tính: 24 vì …; 4 vì …"; empty when everything is counted."""
        if len(self.uncounted) == 1:
            [only] = self.uncounted
            return f"{only.number} việc không tính vì {NOT_COUNTED_NAMES[only.reason]}"
        number = sum(one.number for one in self.uncounted)
        return f"{number} việc không tính: {'; '.join(one.in_words for one in self.uncounted)}" if number else ""


def read_board(
    connection: Connection,
    today: date,
    *,
    first: date,
    last: date,
    programme: str | None = None,
    by: By = "agency",
    smallest: int = 3,
) -> Board:
    """Counts the duties that belong to the days from ``first`` to ``last``, both included (see ``belongs``).

    Days are in Asia/Ho_Chi_Minh. Agencies with fewer than ``smallest`` due duties are listed but not ranked.
    One statement, whatever the size of the year.
    """
    counted: dict[tuple[str, str], TwoByTwo] = defaultdict(TwoByTwo)
    first_due: dict[str, date] = {}
    uncounted: dict[str, int] = defaultdict(int)
    for row in connection.execute(_count(today, first, last, programme, by)):
        if row.reason:
            uncounted[row.reason] += row.number
            continue
        counted[row.code, row.name] += _in_its_box(row.box, row.number, row.returned)
        if row.first_due is not None:
            first_due[row.code] = min(row.first_due, first_due.get(row.code, row.first_due))
    rows = [BoardRow(code, name, counts, first_due.get(code)) for (code, name), counts in counted.items()]
    return Board(
        by,
        first,
        last,
        today,
        smallest,
        sum((row.counts for row in rows), TwoByTwo()),
        _rank(rows, smallest) if by == "agency" else tuple(sorted(rows, key=_by_day)),
        tuple(Uncounted(reason, uncounted[reason]) for reason in NotCounted if uncounted[reason]),
    )


def why_not_counted(today: date) -> ColumnElement[str]:
    """A NotCounted for what nobody is held to, else empty; needs Occurrence and Programme in the select.

    A programme that was over before anybody opened its occurrence here was never followed up; what was
    opened while it ran is counted after its end as well, since the yearly rating comes then.
    """
    over = and_(PROGRAMMES.c.last < today, or_(last_day.is_(None), last_day < today))
    return case(
        (PROGRAMMES.c.draft, literal(NotCounted.DRAFT.value)),
        (OCCURRENCES.c.assumed, literal(NotCounted.ASSUMED.value)),
        (and_(over, OCCURRENCES.c.opened_on.is_(None)), literal(NotCounted.HISTORY.value)),
        else_=literal(""),
    )


def belongs(first: date, last: date, today: date) -> ColumnElement[bool]:
    """Whether a duty is one of the days ``first`` to ``last``: its last day on time lies there.

    What has no deadline belongs where its own days lie, or without such days where it was opened, and only once it
    was: a task of a whole period to each of its years, a weekly one week by week.
    """
    opened, begins, ends = OCCURRENCES.c.opened_on, OCCURRENCES.c.first, OCCURRENCES.c.last
    meets = and_(func.coalesce(begins, opened) <= last, func.coalesce(ends, opened) >= first)
    return or_(last_day.between(first, last), and_(last_day.is_(None), opened <= today, meets))


def owed_duties(*columns: ColumnElement[Any]) -> Select[Any]:
    """``columns`` of everything that is owed: with its occurrence, its programme and its agency's name."""
    return (
        select(*columns)
        .select_from(DUTIES)
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .outerjoin(AGENCIES, AGENCIES.c.code == DUTIES.c.agency)
        .where(~DUTIES.c.withdrawn, OCCURRENCES.c.status == Status.PLANNED.value, ~OCCURRENCES.c.rolls_up)
    )


_COLUMNS_BY: Mapping[By, tuple[ColumnElement[Any], ColumnElement[Any]]] = {
    "agency": (DUTIES.c.agency, AGENCY_NAME),
    "programme": (OCCURRENCES.c.programme, PROGRAMMES.c.short),
    "occurrence": (OCCURRENCES.c.id, SHOWN_TITLE),
}


def _count(today: date, first: date, last: date, programme: str | None, by: By) -> Select[Any]:
    """How many duties stand in which box, or in none for which reason."""
    duties = _boxed(today, first, last, programme, by)
    return select(
        duties.c.code,
        duties.c.name,
        duties.c.reason,
        duties.c.box,
        func.count().label("number"),
        func.count(duties.c.returned_on).label("returned"),
        func.min(duties.c.last_day).label("first_due"),
    ).group_by(duties.c.code, duties.c.name, duties.c.reason, duties.c.box)


def _boxed(today: date, first: date, last: date, programme: str | None, by: By) -> Subquery:
    """A select of its own, so that the expressions are named once: PostgreSQL groups by names, not by look."""
    code, name = _COLUMNS_BY[by]
    query = owed_duties(
        code.label("code"),
        name.label("name"),
        why_not_counted(today).label("reason"),
        _box(today).label("box"),
        DUTIES.c.returned_on,
        last_day.label("last_day"),
    ).where(belongs(first, last, today))
    if programme is not None:
        query = query.where(OCCURRENCES.c.programme == programme)
    return query.subquery()


_DONE_WITHOUT_DEADLINE = "no_deadline_done"


def _box(today: date) -> ColumnElement[str]:
    """What board.standing.stand says of a duty, said to the database; a test compares the two."""
    done_on = DUTIES.c.done_on
    return case(
        (DUTIES.c.waived_on.is_not(None), literal(Standing.WAIVED.value)),
        (and_(last_day.is_(None), done_on.is_not(None)), literal(_DONE_WITHOUT_DEADLINE)),
        (last_day.is_(None), literal(Standing.NO_DEADLINE.value)),
        (done_on <= last_day, literal(Standing.DONE_ON_TIME.value)),
        (done_on.is_not(None), literal(Standing.DONE_LATE.value)),
        (last_day >= today, literal(Standing.OPEN.value)),
        else_=literal(Standing.OVERDUE.value),
    )


def _in_its_box(box: str, number: int, returned: int) -> TwoByTwo:
    match box:
        case Standing.WAIVED:
            return TwoByTwo(waived=number)
        case Standing.NO_DEADLINE:
            return TwoByTwo(no_deadline=number)
        case Standing.DONE_ON_TIME:
            return TwoByTwo(done_on_time=number, returned=returned)
        case Standing.DONE_LATE:
            return TwoByTwo(done_late=number, returned=returned)
        case Standing.OPEN:
            return TwoByTwo(open_in_time=number)
        case Standing.OVERDUE:
            return TwoByTwo(open_overdue=number)
    return TwoByTwo(no_deadline=number, no_deadline_done=number, returned=returned)


def _rank(rows: list[BoardRow], smallest: int) -> tuple[BoardRow, ...]:
    """By completion, then punctuality, then name; two with the same rates share a rank, and the next is skipped."""
    ranked: list[BoardRow] = []
    others: list[BoardRow] = []
    for row in sorted(rows, key=lambda row: (alphabetical(row.name), row.code)):
        (ranked if row.counts.due and row.counts.due >= smallest else others).append(row)
    ranked.sort(key=_worst_last)
    found: list[BoardRow] = []
    for place, row in enumerate(ranked, start=1):
        tied = bool(found) and _worst_last(found[-1]) == _worst_last(row)
        rank = found[-1].rank if tied else place
        found.append(BoardRow(row.code, row.name, row.counts, row.first_due, rank))
    return (*found, *others)


def _worst_last(row: BoardRow) -> tuple[Fraction, Fraction]:
    return -(row.counts.completion or Fraction()), -(row.counts.punctuality or Fraction())


def _by_day(row: BoardRow) -> tuple[date, str]:
    return row.first_due or date.max, row.code


def say_percent(rate: Fraction) -> str:
    """As "80,0 %", halves rounded up."""
    thousandths = (2000 * rate.numerator + rate.denominator) // (2 * rate.denominator)
    return f"{thousandths // 10},{thousandths % 10} %"
