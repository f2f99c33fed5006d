"""The standing of a duty on a day; pure. The official four boxes, no deadline, and waived."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    """Done on time or late, open in time or overdue, without a deadline, or not asked for any more."""

    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OPEN = "open"
    OVERDUE = "overdue"
    NO_DEADLINE = "no_deadline"
    WAIVED = "waived"


STANDING_NAMES: dict[Standing, str] = {
    Standing.DONE_ON_TIME: "đã nộp, đúng hạn",
    Standing.DONE_LATE: "đã nộp, quá hạn",
    Standing.OPEN: "chưa nộp, trong hạn",
    Standing.OVERDUE: "chưa nộp, quá hạn",
    Standing.NO_DEADLINE: "không hạn",
    Standing.WAIVED: "được miễn",
}

PARTLY_NAMES: dict[Standing, str] = {
    Standing.OPEN: "đã nộp một phần, trong hạn",
    Standing.OVERDUE: "đã nộp một phần, quá hạn",
    Standing.NO_DEADLINE: "đã nộp một phần, không hạn",
}

RETURNED = "bị trả lại, đang sửa"


def stand(done_on: date | None, last_on_time: date | None, today: date, waived_on: date | None = None) -> Standing:
    """How a duty stands on ``today`` (Asia/Ho_Chi_Minh); ``last_on_time`` itself is still in time.

    ``done_on`` is the first complete submission: one returned for correction keeps the standing it had.
    """
    if waived_on:
        return Standing.WAIVED
    if last_on_time is None:
        return Standing.DONE_ON_TIME if done_on else Standing.NO_DEADLINE
    if done_on:
        return Standing.DONE_ON_TIME if done_on <= last_on_time else Standing.DONE_LATE
    return Standing.OPEN if today <= last_on_time else Standing.OVERDUE


def say_standing(standing: Standing, *, returned: bool = False, partial: bool = False, late: int = 0) -> str:
    """In Vietnamese: "đã nộp, đúng hạn", "đã nộp một phần, quá hạn 5 ngày làm việc", "đã nộp, đúng hạn; bị trả lại…".

    ``partial``: something has come, nothing complete. ``late`` is in working days, said of what is late.
    """
    words = STANDING_NAMES[standing]
    if partial:
        words = PARTLY_NAMES.get(standing, words)
    if late and standing in (Standing.DONE_LATE, Standing.OVERDUE):
        words = f"{words} {late} ngày làm việc"
    return f"{words}; {RETURNED}" if returned and standing is not Standing.WAIVED else words
