"""From a deadline to its three days: named, last on time, work by. Articles 147 and 148 of the Civil Code 2015.

Takes values and a table of working days; knows neither the database nor today.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from calendars.stretches import add_months
from calendars.working_days import WorkingDays
from models.timing import Deadline, DueDays, Relative

ONE_DAY = timedelta(days=1)


class RollRule(StrEnum):
    """What a recurring event does when its day is not a working day."""

    NEXT = "next"
    PREVIOUS = "previous"
    NEAREST = "nearest"
    SAME_MONTH_NEAREST = "same_month_nearest"
    SKIP = "skip"
    KEEP = "keep"


def settle_deadline(deadline: Deadline, days: WorkingDays, *, before_is_inclusive: bool = False) -> DueDays:
    """The three days of a deadline.

    "Trước ngày X" ends at 24:00 of the day before and never moves; "chậm nhất", "đến ngày X" ends
    on X, or at the end of the next working day when X is a rest day (art. 148.5). "Trước 16h00
    ngày X" excludes the hour, not the day. ``before_is_inclusive`` is the organisation's choice to
    read "trước ngày X" as including X.
    """
    named = deadline.named
    if not deadline.included and deadline.hour is not None:
        return _due(named, named, days, f"trước {deadline.hour:%Hh%M} của chính ngày được nêu")
    if deadline.included:
        return _settle_included(named, days)
    if before_is_inclusive:
        return _due(named, named, days, "cơ quan quy ước “trước ngày” gồm cả ngày được nêu")
    return _due(named, named - ONE_DAY, days, "“trước ngày” không gồm ngày được nêu: hạn là 24 giờ ngày liền trước")


def _settle_included(named: date, days: WorkingDays) -> DueDays:
    last = days.on_or_after(named)
    why = "gồm cả ngày được nêu"
    if last != named:
        why += (
            f"; {named:%d/%m/%Y} là ngày nghỉ ({days.explain(named)}) nên hạn kết thúc vào ngày làm việc tiếp theo"
            " (khoản 5 Điều 148 Bộ luật Dân sự 2015)"
        )
    # Work by the last working day not after the day on the paper: the roll is a grace, not a plan.
    return DueDays(named, last, days.on_or_before(named), why)


def _due(named: date, last: date, days: WorkingDays, why: str) -> DueDays:
    work_by = days.on_or_before(last)
    if work_by != last:
        why += f"; {last:%d/%m/%Y} là ngày nghỉ ({days.explain(last)}) nên cần xong vào ngày làm việc trước đó"
    return DueDays(named, last, work_by, why)


def settle_term(start: date, relative: Relative, days: WorkingDays) -> DueDays:
    """The last day of a term that begins with an event on ``start``.

    The event's own day is not counted (art. 147.3); months and years end on the corresponding day,
    or the month's last day (art. 148.3, 148.4); a last day of rest moves on (art. 148.5). Terms
    before an event are counted backwards and never move: the day found is the last one on time.
    """
    named = _count(start, relative, days)
    if relative.after:
        due = _settle_included(named, days)
        law = "ngày xảy ra sự kiện không tính (khoản 3 Điều 147 Bộ luật Dân sự 2015)"
        return DueDays(due.named_date, due.last_on_time, due.work_by, f"{law}; {due.why}")
    return _due(named, named, days, "tính lùi từ ngày diễn ra sự kiện, không tính chính ngày đó")


def _count(start: date, relative: Relative, days: WorkingDays) -> date:
    amount = relative.amount if relative.after else -relative.amount
    match relative.unit:
        case "working_day":
            return days.add(start, amount)
        case "day":
            return start + timedelta(days=amount)
        case "week":
            return start + timedelta(weeks=amount)
        case "month":
            return add_months(start, amount)
        case "quarter":
            return add_months(start, 3 * amount)
        case "year":
            return add_months(start, 12 * amount)


def roll(day: date, rule: RollRule, days: WorkingDays) -> date | None:
    """Where a recurring event goes when its day is not a working day; None when it is skipped.

    For events only, never for terms. Swapped Saturdays are not chosen: nothing is scheduled on them.
    ``NEAREST`` prefers the earlier day when two are equally near; ``SAME_MONTH_NEAREST`` never
    leaves the month.
    """
    if rule is RollRule.KEEP or days.is_schedulable(day):
        return day
    if rule is RollRule.SKIP:
        return None
    before, after = _schedulable(day, -ONE_DAY, days), _schedulable(day, ONE_DAY, days)
    if rule is RollRule.NEXT:
        return after
    if rule is RollRule.PREVIOUS:
        return before
    if rule is RollRule.SAME_MONTH_NEAREST and before.month != day.month:
        return after
    if rule is RollRule.SAME_MONTH_NEAREST and after.month != day.month:
        return before
    return before if day - before <= after - day else after


def _schedulable(day: date, step: timedelta, days: WorkingDays) -> date:
    while not days.is_schedulable(day):
        day += step
    return day
