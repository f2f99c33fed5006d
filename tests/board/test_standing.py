"""The four official boxes, what has no deadline, and what was waived."""

from datetime import date

import pytest

from board.standing import Standing, say_standing, stand

LAST = date(2024, 12, 9)


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
    ("standing", "words"),
    [
        (Standing.OPEN, "đã nộp một phần, trong hạn"),
        (Standing.OVERDUE, "đã nộp một phần, quá hạn 5 ngày làm việc"),
        (Standing.NO_DEADLINE, "đã nộp một phần, không hạn"),
        (Standing.DONE_ON_TIME, "đã nộp, đúng hạn"),  # complete: there is no part any more
        (Standing.DONE_LATE, "đã nộp, quá hạn 5 ngày làm việc"),
        (Standing.WAIVED, "được miễn"),
    ],
)
def test_what_came_in_part_and_how_late_it_is_are_said_too(standing, words):
    assert say_standing(standing, partial=True, late=5) == words
