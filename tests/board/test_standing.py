"""The four official boxes, what has no deadline, what was waived; and the colour beside the words."""

from datetime import date

import pytest

from board.standing import Colour, Standing, colour, say_colour, say_standing, stand
from calendars.working_days import WorkingDays

LAST = date(2024, 12, 9)
DAYS = WorkingDays()


@pytest.mark.parametrize(
    ("done_on", "last_on_time", "today", "standing"),
    [
        (
            date(2024, 12, 9),
            LAST,
            date(2024, 12, 20),
            Standing.DONE_ON_TIME,
        ),  # the last day itself is in time
        (date(2024, 12, 10), LAST, date(2024, 12, 20), Standing.DONE_LATE),
        (None, LAST, date(2024, 12, 9), Standing.OPEN),
        (None, LAST, date(2024, 12, 10), Standing.OVERDUE),
        (None, None, date(2024, 12, 10), Standing.NO_DEADLINE),
        (date(2024, 5, 1), None, date(2024, 12, 10), Standing.DONE_ON_TIME),
    ],
)
def test_a_duty_stands_in_one_box(done_on, last_on_time, today, standing):
    assert stand(done_on, last_on_time, today) is standing


@pytest.mark.parametrize("done_on", [None, date(2024, 12, 10)])
@pytest.mark.parametrize("last_on_time", [None, LAST])
def test_what_was_waived_is_nothing_else_any_more(done_on, last_on_time):
    assert stand(done_on, last_on_time, date(2024, 12, 20), date(2024, 12, 11)) is Standing.WAIVED


@pytest.mark.parametrize(
    ("standing", "returned", "words"),
    [
        (Standing.DONE_ON_TIME, False, "đã nộp, đúng hạn"),
        (Standing.DONE_LATE, True, "đã nộp, quá hạn; bị trả lại, đang sửa"),  # the first submission stays
        (Standing.WAIVED, False, "được miễn"),
        (Standing.WAIVED, True, "được miễn"),  # nobody asks for the correction either
    ],
)
def test_a_standing_is_said_in_words(standing, returned, words):
    assert say_standing(standing, returned=returned) == words


@pytest.mark.parametrize(
    ("standing", "due", "today", "returned", "shown"),
    [
        (Standing.DONE_ON_TIME, LAST, date(2024, 12, 20), False, Colour.GREEN),
        (Standing.DONE_LATE, LAST, date(2024, 12, 20), False, Colour.GREEN),  # the word says late; nothing is left
        (Standing.OPEN, LAST, date(2024, 11, 29), False, Colour.GREEN),  # six working days before
        (Standing.OPEN, LAST, date(2024, 12, 2), False, Colour.AMBER),  # five
        (Standing.OPEN, LAST, LAST, False, Colour.AMBER),
        (Standing.OVERDUE, LAST, date(2024, 12, 10), False, Colour.RED),
        (Standing.NO_DEADLINE, None, date(2024, 12, 10), False, Colour.GREY),
        (Standing.WAIVED, LAST, date(2024, 12, 10), True, Colour.GREY),
        (Standing.DONE_ON_TIME, None, date(2024, 12, 10), True, Colour.AMBER),  # back for correction, no day given
        (Standing.DONE_ON_TIME, date(2024, 12, 16), date(2024, 12, 16), True, Colour.AMBER),
        (Standing.DONE_ON_TIME, date(2024, 12, 16), date(2024, 12, 17), True, Colour.RED),
    ],
)
def test_a_colour_says_what_is_left_to_do(standing, due, today, returned, shown):
    assert colour(standing, due, today, DAYS, returned=returned) is shown


def test_five_working_days_reach_across_tet():
    due = date(2024, 2, 19)  # Monday; offices rest from 8 to 14 February
    assert colour(Standing.OPEN, due, date(2024, 2, 2), DAYS) is Colour.GREEN  # six: 5, 6, 7, 15, 16, 19
    assert colour(Standing.OPEN, due, date(2024, 2, 5), DAYS) is Colour.AMBER


def test_a_colour_never_stands_without_its_word():
    words = say_standing(Standing.OVERDUE)
    assert say_colour(colour(Standing.OVERDUE, LAST, date(2024, 12, 10), DAYS), words) == "đỏ: chưa nộp, quá hạn"
