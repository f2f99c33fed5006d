"""The standing of a duty on a day; pure. The official four boxes, and a fifth for what has no deadline."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    """Done on time or late, open in time or overdue, or without a deadline."""

    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OPEN = "open"
    OVERDUE = "overdue"
    NO_DEADLINE = "no_deadline"


STANDING_NAMES: dict[Standing, str] = {
    Standing.DONE_ON_TIME: "đã nộp, đúng hạn",
    Standing.DONE_LATE: "đã nộp, quá hạn",
    Standing.OPEN: "chưa nộp, trong hạn",
    Standing.OVERDUE: "chưa nộp, quá hạn",
    Standing.NO_DEADLINE: "không hạn",
}


def stand(done_on: date | None, last_on_time: date | None, today: date) -> Standing:
    """How a duty stands on ``today`` (Asia/Ho_Chi_Minh); ``last_on_time`` itself is still in time."""
    if last_on_time is None:
        return Standing.DONE_ON_TIME if done_on else Standing.NO_DEADLINE
    if done_on:
        return Standing.DONE_ON_TIME if done_on <= last_on_time else Standing.DONE_LATE
    return Standing.OPEN if today <= last_on_time else Standing.OVERDUE
