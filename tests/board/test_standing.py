"""The four official boxes, and the fifth for what has no deadline."""

from datetime import date

import pytest

from board.standing import Standing, stand

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
