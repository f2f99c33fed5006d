"""What follows one attempt: later again, elsewhere, or a person."""

from datetime import datetime, timedelta

import pytest

from models.notice import NoticeState
from notices.channel import Outcome, Verdict
from notices.hours import ZONE
from notices.retries import FIRST_PAUSE, LONGEST_PAUSE, Next, follow_up, pause_after

NOW = datetime(2024, 12, 2, 8, tzinfo=ZONE)
KEY = "0000" + "ab" * 14
LATER = NOW + timedelta(days=7)
SOON = NOW + timedelta(minutes=5)
ACCEPTED, FAILED, UNKNOWN = Next(NoticeState.ACCEPTED), NoticeState.FAILED, NoticeState.UNKNOWN


@pytest.mark.parametrize(
    ("verdict", "channel", "unknown", "until", "expected"),
    [
        (Verdict.ACCEPTED, "mail", 0, LATER, ACCEPTED),
        (Verdict.ACCEPTED, "mail", 0, NOW - timedelta(days=1), ACCEPTED),  # late, but there
        (Verdict.REJECTED, "mail", 0, LATER, Next(FAILED, elsewhere=True)),
        (Verdict.REJECTED, "sms", 0, LATER, Next(FAILED, elsewhere=True)),
        (Verdict.TRY_AGAIN, "mail", 0, LATER, Next(NoticeState.PENDING, SOON)),
        (Verdict.TRY_AGAIN, "sms", 0, LATER, Next(NoticeState.PENDING, SOON)),
        (Verdict.TRY_AGAIN, "mail", 0, None, Next(NoticeState.PENDING, SOON)),
        (Verdict.TRY_AGAIN, "mail", 0, SOON, Next(NoticeState.PENDING, SOON)),  # just in time
        (Verdict.TRY_AGAIN, "mail", 0, SOON - timedelta(seconds=1), Next(FAILED, elsewhere=True)),
        (Verdict.UNKNOWN, "mail", 1, LATER, Next(NoticeState.PENDING, SOON)),  # the same Message-ID once more
        (Verdict.UNKNOWN, "mail", 2, LATER, Next(UNKNOWN)),
        (Verdict.UNKNOWN, "apprise", 1, LATER, Next(NoticeState.PENDING, SOON)),
        (Verdict.UNKNOWN, "sms", 1, LATER, Next(UNKNOWN)),  # what costs money is not sent twice by itself
        (Verdict.UNKNOWN, "zalo", 1, LATER, Next(UNKNOWN)),
        (Verdict.UNKNOWN, "mail", 1, NOW, Next(UNKNOWN)),  # may have arrived: not elsewhere as well
    ],
)
def test_what_follows_an_attempt(verdict, channel, unknown, until, expected):
    assert follow_up(Outcome(verdict), channel, 1, unknown, NOW, until, KEY) == expected


def test_pauses_grow_from_five_minutes_to_four_hours():
    minutes = [pause_after(attempts, KEY) / timedelta(minutes=1) for attempts in range(1, 9)]
    assert minutes == [5, 10, 20, 40, 80, 160, 240, 240]
    assert pause_after(10_000, KEY) == LONGEST_PAUSE


def test_not_all_come_back_at_once_and_each_at_the_same_moment_whenever_asked():
    pauses = [pause_after(1, f"{number:04x}") for number in (0, 0x8000, 0xFFFF)]
    assert pauses == sorted(set(pauses))
    assert pauses[0] == FIRST_PAUSE
    assert pauses[2] == FIRST_PAUSE * 1.25
    assert pause_after(1, "8000ffff") == pause_after(1, "8000")
    assert pause_after(1, "") == FIRST_PAUSE
