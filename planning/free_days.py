"""Free days for what is to be held: working days of a stretch, the best first, and what speaks against a day. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from calendars.wording import say_short, say_weekday
from calendars.working_days import WorkingDays

ONE_DAY = timedelta(days=1)
INVITED_AHEAD = 5  # working days between today and the first day proposed, so that an invitation is in time
LONGEST_STRETCH = 732  # days looked through at most


@dataclass(frozen=True, slots=True)
class Busy:
    """Something that already stands on ``first`` to ``last``; the heavier, the more it is to be avoided."""

    first: date
    last: date
    what: str
    weight: int
    agencies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One free stretch, why it is proposed, and what else its agencies have on it."""

    first: date
    last: date
    why: str
    clashes: tuple[str, ...] = ()


def propose_days(
    first: date,
    last: date,
    today: date,
    days: WorkingDays,
    busy: Sequence[Busy],
    *,
    duration: int = 1,
    agencies: Collection[str] = (),
    most: int = 5,
) -> list[Proposal]:
    """The best of the stretch ``first`` to ``last`` (both included), best first; empty when it is over.

    ``duration`` is in working days, one after the other. Days without anything else for the same agencies come
    first, then those with the least; of equals the earlier. Sooner than an invitation can be sent only when
    nothing else is left.
    """
    asked = frozenset(agencies)
    whole = (last - first).days + 1
    starts = [first + number * ONE_DAY for number in range(max(0, min(whole, LONGEST_STRETCH)))]
    stretches = [one for start in starts if start > today and (one := _stretch(start, last, duration, days))]
    in_time = [one for one in stretches if days.between(today, one[0]) >= INVITED_AHEAD]
    weighed = sorted(
        ((sum(one.weight for one in met), *stretch, met) for stretch in in_time or stretches for met in [
            [one for one in busy if one.agencies & asked and one.first <= stretch[1] and stretch[0] <= one.last]
        ]),
        key=lambda one: one[:2],
    )  # fmt: skip
    return [
        Proposal(begins, ends, _why(begins, today, days, met), tuple(dict.fromkeys(one.what for one in met)))
        for _, begins, ends, met in weighed[:most]
    ]


def _stretch(start: date, last: date, duration: int, days: WorkingDays) -> tuple[date, date] | None:
    """So many working days beginning on ``start``, none of them swapped or in the week of Tết; None if not to be."""
    if not _may_be_held(start, days):
        return None
    day = start
    for _ in range(duration - 1):
        day = days.next(day)
        if not _may_be_held(day, days):
            return None
    return (start, day) if day <= last else None


def _may_be_held(day: date, days: WorkingDays) -> bool:
    return days.is_schedulable(day) and not is_week_of_tet(day, days)


def is_week_of_tet(day: date, days: WorkingDays) -> bool:
    """Whether some day of its week, Monday to Sunday, is off for the lunar Tết."""
    monday = day - day.weekday() * ONE_DAY
    return any(_is_tet(monday + number * ONE_DAY, days) for number in range(7))


def _is_tet(day: date, days: WorkingDays) -> bool:
    if days.is_working(day):
        return False
    why = days.explain(day)
    return "Tết" in why and "Dương lịch" not in why


def _why(first: date, today: date, days: WorkingDays, met: Sequence[Busy]) -> str:
    ahead = days.between(today, first)
    said = f"{say_weekday(first)}, sau {ahead} ngày làm việc"
    if ahead < INVITED_AHEAD:
        said += ": gấp, khó gửi giấy mời kịp"
    return f"{said}; các cơ quan ấy còn {len(met)} việc khác" if met else f"{said}; không vướng việc nào"


def remark_on_days(first: date, last: date, today: date, days: WorkingDays) -> Iterator[str]:
    """What a person should know before something is held on these days."""
    if first <= today:
        yield f"Ngày {say_short(first)} đã qua hoặc là hôm nay."
    shown = [first + number * ONE_DAY for number in range(min((last - first).days, LONGEST_STRETCH) + 1)]
    for day in shown:
        if not days.is_working(day):
            yield f"Ngày {say_short(day)}: {days.explain(day)}."
        elif days.is_swapped(day):
            yield f"Ngày {say_short(day)}: {days.explain(day)}; không nên xếp lịch."
    if any(is_week_of_tet(day, days) for day in shown):
        yield "Rơi vào tuần Tết Nguyên đán."
    for year in sorted({day.year for day in shown}):
        if reason := days.provisional_reason(year):
            yield reason
