"""Hours of the day in a clause: "14h00", "7h30-11h30", "sáng", "2 giờ chiều". Pure."""

from __future__ import annotations

from datetime import time

from calendars.clauses import Clause
from calendars.pieces import (
    Bound,
    Clock,
    ClockRange,
    DayPart,
    HalfDay,
    Range,
    Unclear,
)
from models.timing import (
    Hours,
)

# Office hours of most provinces when a paper says only "sáng" or "chiều".
MORNING = Hours(time(7, 30), time(11, 30))
AFTERNOON = Hours(time(13, 30), time(17, 0))
NOON = time(12, 0)


def hours_of(clause: Clause, bound: Bound | None) -> Hours | None:
    """The hours a clause names, or None. Unclear for hours no day has, or a part of the day without hours."""
    if span := clause.one(ClockRange):
        starts, ends = _time(span.begins), _time(span.ends)
        if ends <= starts and not clause.has(Range):
            raise Unclear("Giờ kết thúc trước giờ bắt đầu.", "Viết '7h30 đến 11h30'.")
        return Hours(starts, ends)
    part = clause.one(DayPart)
    if clock := clause.one(Clock):
        if clock.hour == 24:
            if bound and bound.kind != "after":
                return None  # 24 giờ is the end of the day: the bound already includes it
            raise Unclear("24 giờ chỉ dùng cho hạn cuối.", "Viết 'trước 24 giờ ngày …'.")
        starts = _time(_in_part(clock, part))
        if clause.has(HalfDay):
            return Hours(starts, MORNING.ends if starts < NOON else AFTERNOON.ends)
        return Hours(starts)
    if part is None or part.name == "cả ngày":
        return None
    if part.name not in {"sáng", "chiều"}:
        raise Unclear(f"“{part.name}” không có giờ quy ước.", "Ghi giờ cụ thể, ví dụ '19h00'.")
    return MORNING if part.name == "sáng" else AFTERNOON


def _in_part(clock: Clock, part: DayPart | None) -> Clock:
    """As "2 giờ chiều" is 14h00; "14 giờ sáng" is a mistake."""
    if part is None or part.name == "cả ngày":
        return clock
    if part.name in {"chiều", "tối", "đêm"} and 1 <= clock.hour < 12:
        return Clock(clock.hour + 12, clock.minute)
    if part.name == "sáng" and clock.hour >= 12:
        raise Unclear(f"{clock.hour} giờ không phải buổi sáng.", "Sửa lại giờ hoặc buổi.")
    return clock


def _time(clock: Clock) -> time:
    if clock.hour == 24:
        raise Unclear("24 giờ chỉ dùng cho hạn cuối.", "Viết '23h59' hoặc ghi ngày hôm sau.")
    return time(clock.hour, clock.minute)
