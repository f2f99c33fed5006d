"""When a message may reach a person: quiet hours and days off defer it, and never drop it."""

from datetime import UTC, date, datetime, time

import pytest

from calendars.working_days import DayOverride, WorkingDays
from models.kinds import Post
from models.notice import NoticeKind
from notices.hours import ZONE, due_at, earliest, useful_until
from notices.recipients import Person

DAYS = WorkingDays()
DIGEST = time(7, 30)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def person(quiet_from=time(18), quiet_to=time(6)):
    return Person("hoa", "Hoa", "A", Post.FOCAL, "vi", quiet_from, quiet_to, True, None, None, ())


NIGHT, NOON, NONE = person(), person(time(11, 30), time(13, 30)), person(time(0), time(0))
FROM_MIDNIGHT = person(time(0), time(7))


@pytest.mark.parametrize(
    ("who", "asked", "found"),
    [
        (NIGHT, "2024-12-02T08:00", "2024-12-02T08:00"),
        (NIGHT, "2024-12-02T05:59", "2024-12-02T06:00"),
        (NIGHT, "2024-12-02T06:00", "2024-12-02T06:00"),  # the last quiet minute is over
        (NIGHT, "2024-12-02T17:59", "2024-12-02T17:59"),
        (NIGHT, "2024-12-02T18:00", "2024-12-03T06:00"),
        (NIGHT, "2024-12-06T23:00", "2024-12-09T06:00"),  # Friday night to Monday
        (NIGHT, "2024-12-07T10:00", "2024-12-09T06:00"),
        (NIGHT, "2024-02-07T19:00", "2024-02-15T06:00"),  # over Tết
        (NIGHT, "2024-05-03T19:00", "2024-05-04T06:00"),  # a Saturday that is worked
        (NOON, "2024-12-02T12:00", "2024-12-02T13:30"),
        (NOON, "2024-12-02T23:00", "2024-12-02T23:00"),
        (NONE, "2024-12-02T03:00", "2024-12-02T03:00"),
        (FROM_MIDNIGHT, "2024-12-02T03:00", "2024-12-02T07:00"),
        (FROM_MIDNIGHT, "2024-12-07T03:00", "2024-12-09T07:00"),
    ],
)
def test_the_first_hour_somebody_may_be_reached(who, asked, found):
    assert earliest(at(asked), who, DAYS) == at(found)


def test_the_servers_own_zone_does_not_matter():
    assert earliest(datetime(2024, 12, 1, 17, 30, tzinfo=UTC), NIGHT, DAYS) == at("2024-12-02T06:00")


def test_a_day_off_decided_late_defers_too():
    off = WorkingDays([DayOverride(date(2024, 12, 2), False, "1/QĐ")])
    assert earliest(at("2024-12-02T08:00"), NIGHT, off) == at("2024-12-03T06:00")


@pytest.mark.parametrize(
    ("who", "planned", "urgent", "found"),
    [
        (NIGHT, "2024-12-02T06:40", False, "2024-12-02T07:30"),  # waits for the digest
        (NIGHT, "2024-12-02T06:40", True, "2024-12-02T06:40"),
        (NIGHT, "2024-12-02T10:00", False, "2024-12-02T10:00"),
        (NIGHT, "2024-12-02T10:00:59", True, "2024-12-02T10:00"),
        (NIGHT, "2024-12-02T19:00", True, "2024-12-03T06:00"),
        # whatever defers it to another day, it joins the digest of that morning
        (NIGHT, "2024-12-02T19:00", False, "2024-12-03T07:30"),
        (NIGHT, "2024-12-07T06:40", False, "2024-12-09T07:30"),
        (NONE, "2024-12-07T06:40", False, "2024-12-09T07:30"),
        (NONE, "2024-12-07T06:40", True, "2024-12-09T00:00"),
        (person(time(18), time(8)), "2024-12-02T06:40", False, "2024-12-02T08:00"),  # nobody is woken by a digest
    ],
)
def test_when_a_notice_is_to_be_sent(who, planned, urgent, found):
    assert due_at(at(planned), who, DAYS, DIGEST, None, urgent=urgent) == at(found)


def test_what_waiting_would_make_useless_goes_at_once():
    tonight = at("2024-12-09T23:59:59")
    assert due_at(at("2024-12-09T19:00"), NIGHT, DAYS, DIGEST, tonight, urgent=True) == at("2024-12-09T19:00")
    assert due_at(at("2024-12-09T06:40"), NIGHT, DAYS, DIGEST, tonight, urgent=False) == at("2024-12-09T07:30")


@pytest.mark.parametrize(
    ("kind", "last", "until"),
    [
        (NoticeKind.REMINDER, date(2024, 12, 9), "2024-12-09T23:59:59"),
        (NoticeKind.EVENT, date(2024, 12, 16), "2024-12-16T23:59:59"),
        (NoticeKind.WINDOW, date(2024, 12, 31), "2024-12-31T23:59:59"),
        (NoticeKind.REMINDER, None, "2025-01-01T08:00"),
        (NoticeKind.OVERDUE, date(2024, 12, 9), "2025-01-01T08:00"),
        (NoticeKind.LETTER, None, "2025-01-01T08:00"),
        (NoticeKind.CHAIR_LIST, None, "2024-12-09T08:00"),
    ],
)
def test_until_when_a_notice_helps(kind, last, until):
    assert useful_until(kind, last, at("2024-12-02T08:00")) == at(until)
