"""The standing of a duty on a day and its colour; pure. The official four boxes, no deadline, and waived."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from calendars.working_days import WorkingDays

SOON = 5  # working days before the last day on time: when a duty turns amber


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

RETURNED = "bị trả lại, đang sửa"


class Colour(StrEnum):
    """What is left to do: nothing yet or any more, soon, at once; grey is what nobody judges."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


COLOUR_NAMES: dict[Colour, str] = {
    Colour.GREEN: "xanh",
    Colour.AMBER: "vàng",
    Colour.RED: "đỏ",
    Colour.GREY: "xám",
}


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


def say_standing(standing: Standing, *, returned: bool = False) -> str:
    """In Vietnamese: "đã nộp, đúng hạn", and "; bị trả lại, đang sửa" behind it when it was sent back."""
    words = STANDING_NAMES[standing]
    return f"{words}; {RETURNED}" if returned and standing is not Standing.WAIVED else words


def colour(standing: Standing, due: date | None, today: date, days: WorkingDays, *, returned: bool = False) -> Colour:
    """The colour that stands beside the words of ``say_standing``, never in their place.

    ``due`` is the last day on time, or the day a returned duty is to be back by. What was done late is
    green: the words say it was late, and nothing is left to do.
    """
    if standing is Standing.WAIVED:
        return Colour.GREY
    if returned:
        return Colour.RED if due is not None and today > due else Colour.AMBER
    if standing is Standing.OPEN and due is not None:
        return Colour.AMBER if days.between(today, due) <= SOON else Colour.GREEN
    return _SETTLED.get(standing, Colour.GREY)


def say_colour(found: Colour, words: str) -> str:
    """As "đỏ: chưa nộp, quá hạn"; ``words`` are those of ``say_standing``."""
    return f"{COLOUR_NAMES[found]}: {words}"


_SETTLED = {
    Standing.DONE_ON_TIME: Colour.GREEN,
    Standing.DONE_LATE: Colour.GREEN,
    Standing.OVERDUE: Colour.RED,
}
