"""When nobody plans any more somebody is told, by the machine's own clock, once a day."""

from datetime import UTC, datetime, timedelta

import pytest

from models.kinds import ChannelKind
from notices.alarm import note_raised, raise_alarm, say_silence
from notices.planning import PLANNED, SENT, pass_by
from office.store import writing

LAST = datetime(2024, 12, 1, 23, 40, tzinfo=UTC)  # 6:40 on Monday, 2 December, in Viet Nam


@pytest.fixture
def planned(engine):
    with writing(engine) as connection:
        pass_by(connection, PLANNED, LAST.replace(year=2023), LAST)  # a shifted clock alarms nobody
    return engine


def test_an_office_that_never_planned_has_nothing_to_be_silent_about(engine):
    with writing(engine) as connection:
        assert say_silence(connection, LAST) is None


@pytest.mark.parametrize(("hours", "silent"), [(1, False), (24, False), (26, False), (26.01, True), (72, True)])
def test_a_sweep_may_be_two_hours_late(planned, hours, silent):
    with writing(planned) as connection:
        said = say_silence(connection, LAST + timedelta(hours=hours))
    assert (said is not None) == silent
    if silent:
        assert said.startswith(f"Đôn Đốc đã {int(hours)} giờ chưa rà soát (lần cuối 06:40 02/12/2024)")


def test_the_alarm_is_raised_until_somebody_has_it_and_then_once_a_day(planned):
    at = LAST + timedelta(hours=30)
    with writing(planned) as connection:
        kind, message = raise_alarm(connection, "Không rà soát.", "truc@so.vn", at)
        again = raise_alarm(connection, "Không rà soát.", "truc@so.vn", at + timedelta(minutes=5))
        note_raised(connection, at)
        spared = [raise_alarm(connection, "Không rà soát.", "truc@so.vn", at + timedelta(hours=h)) for h in (1, 23)]
        tomorrow = raise_alarm(connection, "Không rà soát.", "env:ALARM", at + timedelta(hours=24))
    assert (kind, message.to, message.subject) == (ChannelKind.MAIL, "truc@so.vn", "Báo động: Đôn Đốc không chạy")
    assert "Không rà soát." in message.text
    assert again == (kind, message)  # the same Message-ID within the hour
    assert spared == [None, None]
    assert tomorrow[0] is ChannelKind.APPRISE
    assert tomorrow[1].key != message.key


def test_who_plans_and_never_sends_is_silent_too(engine):
    now = LAST
    with writing(engine) as connection:
        pass_by(connection, SENT, now - timedelta(hours=30), now - timedelta(hours=30))
        pass_by(connection, PLANNED, now, now)
        assert say_silence(connection, now).startswith("Đôn Đốc đã 30 giờ chưa gửi")
        pass_by(connection, SENT, now, now)
        assert say_silence(connection, now) is None
