"""An agency's own calendar shows its own deadline; everybody else's stays as it was."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import insert, select, update

from calendars.kept_events import needs_renewal
from calendars.publishing import publish
from calendars.subscribed_feeds import FeedBuilder, Recipe
from calendars.subscription_options import Options
from models.feed import Feed, Fragment
from models.occurrence import Duty, Occurrence
from planning.submissions import Recorded, extend_duty, mark_done, return_duty, waive_duty
from tests.calendars.test_publishing import (  # the year its calendars are published from; begin is the fixture
    DAYS,
    ONE,
    TODAY,
    begin,
    files,
)
from tests.calendars.test_subscriptions import AT, EVERY_STYLE, build

__all__ = ["begin"]
UNTIL = date(2024, 12, 20)
BY = Recorded("Lò Thị Hoa", AT, "chờ số liệu")
DUTY, OTHER = "P1/viec-1/2024/SYT", "P1/viec-1/2024/SNV"


@pytest.fixture
def owed(begin):
    with begin() as connection:
        row = {"occurrence": "P1/viec-1/2024", "withdrawn": False, "handover": False}
        connection.execute(insert(Duty), [row | {"id": one, "agency": one[-3:]} for one in (DUTY, OTHER)])
    return begin


def event(body):
    (found,) = [part for part in Calendar.from_ical(body).subcomponents if str(part.get("uid")) == ONE]
    return found


def told(body):
    lines = body.replace(b"\r\n ", b"").splitlines()
    return [line for line in lines if not line.startswith((b"DTSTAMP", b"LAST-MODIFIED"))]


def test_more_time_moves_only_the_agencys_own_file(owed, tmp_path):
    publish(owed, tmp_path, TODAY, DAYS)
    before = files(tmp_path)
    with owed() as connection:
        extend_duty(connection, DUTY, UNTIL, BY, DAYS)
        assert needs_renewal(connection, TODAY, EVERY_STYLE[:1])
    publish(owed, tmp_path, TODAY, DAYS)
    after = files(tmp_path)
    own = event(after["agency/SYT.ics"])
    assert (own["dtstart"].dt, own["sequence"]) == (UNTIL, 1)
    assert "gia hạn đến 20/12/2024; nên xong 20/12/2024" in own["description"]
    assert own["dtstamp"].dt > event(before["agency/SYT.ics"])["dtstamp"].dt
    others = [name for name in before if name.endswith(".ics") and name != "agency/SYT.ics"]
    assert [told(after[name]) for name in others] == [told(before[name]) for name in others]
    assert publish(owed, tmp_path, TODAY, DAYS).written == 0


def test_a_subscription_tells_each_agency_its_own_standing(owed):
    with owed() as connection:
        extend_duty(connection, DUTY, UNTIL, BY, DAYS)
        mark_done(connection, OTHER, TODAY, BY)
    late, done, everything = (
        Recipe(owner, Options(language="en", alarm_minutes=30)) for owner in ("agency/SYT", "agency/SNV", "all")
    )
    made = build(owed, late, done, everything)
    seen = {one: event(made[one.key].body) for one in (late, done, everything)}
    assert [seen[one]["summary"] for one in seen] == ["DUE: Báo cáo 1", "HANDED IN: Báo cáo 1", "DUE: Báo cáo 1"]
    assert [str(seen[one]["dtstart"].dt) for one in seen] == ["2024-12-20", "2024-12-09", "2024-12-09"]
    assert [len(seen[one].walk("VALARM")) for one in seen] == [1, 0, 1]
    assert "extended to 20 December 2024" in seen[late]["description"]


def test_each_decision_is_seen_and_marks_the_agencys_calendar(owed):
    recipe = Recipe("agency/SYT", Options(tasks=True))
    seen = []
    for decide in (
        lambda connection: mark_done(connection, DUTY, TODAY, BY),
        lambda connection: return_duty(connection, DUTY, BY, UNTIL),
        lambda connection: waive_duty(connection, DUTY, BY),
    ):
        with owed() as connection:
            mark = connection.scalar(select(Feed.changed).where(Feed.name == "agency/SYT"))
            decide(connection)
        task = event(build(owed, recipe)[recipe.key].body)
        with owed() as connection:
            assert connection.scalar(select(Feed.changed).where(Feed.name == "agency/SYT")) > mark
        seen.append((task["status"], task["sequence"], str(task["summary"])))
    assert seen == [
        ("COMPLETED", 0, "ĐÃ NỘP: Báo cáo 1"),
        ("NEEDS-ACTION", 1, "HẠN: Báo cáo 1"),
        ("CANCELLED", 2, "ĐƯỢC MIỄN: Báo cáo 1"),
    ]


def test_what_nobody_owes_any_more_is_the_common_event_again(owed):
    recipe = Recipe("agency/SYT", Options())
    with owed() as connection:
        extend_duty(connection, DUTY, UNTIL, BY, DAYS)
    build(owed, recipe)
    with owed() as connection:
        connection.execute(update(Duty).where(Duty.id == DUTY).values(withdrawn=True))
        (feed,) = FeedBuilder().build(connection, [recipe])
        assert event(feed.body)["dtstart"].dt == UNTIL - timedelta(days=11)
        assert needs_renewal(connection, TODAY, EVERY_STYLE[:1])
    build(owed, recipe)
    with owed() as connection:
        assert not connection.scalars(select(Fragment.variant).where(Fragment.variant.like("%@%"))).all()
        connection.execute(update(Occurrence).values(placing="unspecified", last_on_time=None))
    assert ONE.encode() not in build(owed, recipe)[recipe.key].body
