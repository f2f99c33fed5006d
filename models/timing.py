"""What a phrase about time can mean: frozen values, one type for each meaning, never a bare date.

A day, an instant and a stretch of days are different types. Days are Vietnamese civil days
(Asia/Ho_Chi_Minh); nothing here knows working days, the database or what day it is today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Literal


class Certainty(StrEnum):
    """How exactly the paper fixes a stretch of days; the order is from exact to vague."""

    EXACT = "exact"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    PERIOD = "period"


class Frequency(StrEnum):
    """How often something comes back."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Hours:
    """Clock times within one day; ``ends`` is None when the paper gives only the beginning."""

    starts: time
    ends: time | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Days from ``first`` to ``last``, both included; a single day when they are equal.

    A window that is not EXACT is never turned into a date silently.
    """

    first: date
    last: date
    certainty: Certainty
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something due, once. ``included`` is False for "trước" (before): the named day is too late.

    ``certainty`` is coarser than EXACT when the phrase names a month, quarter or year
    ("trước tháng 6", "đến hết năm 2024"); ``named`` is then the first day of the stretch for
    "before" and its last day otherwise. With an ``hour``, "trước 16h00 ngày 15/6" excludes the
    hour and not the day: the named day is still on time until then.
    """

    named: date
    included: bool
    certainty: Certainty = Certainty.EXACT
    hour: time | None = None


@dataclass(frozen=True, slots=True)
class DayOfYear:
    """A day named without its year: "10 tháng 12 hằng năm"; ``years_later`` is 1 for "năm sau".

    29/2 is clamped to 28/2 in common years (Civil Code 2015, art. 148.3).
    """

    day: int
    month: int
    years_later: int = 0


@dataclass(frozen=True, slots=True)
class MonthsOfYear:
    """Whole months of every year: "tháng 12 hằng năm" (12, 12), "quý I năm sau" (1, 3, years_later=1)."""

    first: int
    last: int
    years_later: int = 0


@dataclass(frozen=True, slots=True)
class DayOfPeriod:
    """A day named by its place in the period: "ngày 25 của tháng cuối kỳ báo cáo".

    ``month`` is the first or the last month of the period, or the month right after it.
    ``day`` is clamped to the month's last day (Civil Code 2015, art. 148.3); 0 means the month's
    last day.
    """

    day: int
    month: Literal["first", "last", "next"]


@dataclass(frozen=True, slots=True)
class Weekday:
    """A weekday that comes back every week; 1 is Monday (thứ hai) and 7 Sunday (chủ nhật)."""

    number: int


@dataclass(frozen=True, slots=True)
class Recurring:
    """Comes back every period: ``every`` × ``interval``.

    ``on`` says the day; without it the whole period is the window. ``due`` is True for a deadline
    ("trước ngày 10 tháng 12 hằng năm") and False for an event or an activity. ``included`` only
    matters for deadlines. ``points`` keeps periods that end inside a longer one apart
    ("6 tháng" in "6 tháng, hằng năm" is its own part, not this field).
    """

    every: Frequency
    interval: int = 1
    on: DayOfYear | DayOfPeriod | MonthsOfYear | Weekday | None = None
    due: bool = False
    included: bool = True
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Lasting:
    """A number of days somewhere within a window: "08 ngày, trong quý II". ``within`` may be left to the context."""

    days: int
    working: bool = False
    within: Window | None = None


@dataclass(frozen=True, slots=True)
class Relative:
    """A term counted from another event: "15 ngày làm việc sau khi kết thúc đợt giám sát".

    ``unit`` "working_day" counts working days; the first day is not counted (Civil Code, art. 147).
    ``after`` is False for "trước khi …" (so long before the event).
    """

    amount: int
    unit: Literal["day", "working_day", "week", "month", "quarter", "year"]
    event: str
    after: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not a date: begins when someone records the event ("Sau khi có văn bản hướng dẫn …")."""

    trigger: str


@dataclass(frozen=True, slots=True)
class External:
    """Not a date: another document says when ("theo quy định", "theo quy chế")."""

    source: str


@dataclass(frozen=True, slots=True)
class Continuous:
    """Not a date: always ("thường xuyên"); never overdue."""


@dataclass(frozen=True, slots=True)
class AdHoc:
    """Not a date: whenever someone asks ("đột xuất theo yêu cầu")."""


@dataclass(frozen=True, slots=True)
class Unspecified:
    """Not a date: the paper gives none ("định kỳ" without interval); a person must decide. ``why`` is Vietnamese."""

    why: str


@dataclass(frozen=True, slots=True)
class NoDate:
    """A date-like text that is not a time to do something: citation, age, indicator, orientation and the like."""

    kind: Literal[
        "citation",
        "age",
        "indicator",
        "orientation",
        "past_target",
        "blank",
        "term",
        "budget",
        "health",
        "target",
    ]
    why: str


Single = (
    Window | Deadline | Recurring | Lasting | Relative | Waiting | External | Continuous | AdHoc | Unspecified | NoDate
)


@dataclass(frozen=True, slots=True)
class Several:
    """More than one rule in one phrase: "Hàng quý, 6 tháng, hết năm", "… hằng năm (hoặc đột xuất …)"."""

    parts: tuple[Single, ...]


Timing = Single | Several


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood from one phrase.

    ``phrase`` is the text as given, in NFC. ``tentative`` is set by "dự kiến", "khoảng",
    "sẽ thông báo sau". ``fixed_by`` names the paper that will fix the date ("Giấy mời").
    ``assumed_year`` is True when the year came from the document and not from the phrase.
    ``urgent`` is set by "ngay", "kịp thời", "khẩn trương". ``rule`` is a Vietnamese sentence:
    which rule read it and why.
    """

    phrase: str
    timing: Timing
    rule: str
    tentative: bool = False
    fixed_by: str | None = None
    assumed_year: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class DueDays:
    """The three days of a deadline.

    ``named_date`` as written, ``last_on_time`` the last day that is still on time (its 23:59:59,
    Asia/Ho_Chi_Minh), ``work_by`` the last working day not after it. ``why`` is Vietnamese.
    """

    named_date: date
    last_on_time: date
    work_by: date
    why: str = ""
