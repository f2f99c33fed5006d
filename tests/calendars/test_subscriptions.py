"""Subscriptions: made, renewed, changed and taken back, and what their calendars hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from calendars.components import Style
from calendars.kept_events import needs_renewal, renew_events
from calendars.publishing import mark_stale, publish
from calendars.subscribed_feeds import FeedBuilder, Recipe, changed_feeds, farewell, wanted_styles
from calendars.subscription_options import Options, UnusableOptions
from calendars.subscriptions import (
    MOST_OF_A_CONTACT,
    UnknownSubscription,
    UnusableSubscription,
    change_options,
    create_subscription,
    digest_of,
    find_subscription,
    list_subscriptions,
    note_requests,
    present_token,
    revoke_subscription,
    rotate_subscription,
    seed_of,
    seed_token,
)
from models.agency import Agency
from models.audit import AUDIT, verify_audit
from models.feed import Feed, Fragment
from models.occurrence import Occurrence
from models.subscription import Subscription, WindowStyle
from tests.calendars.test_publishing import (  # the year its calendars are published from; begin is the fixture
    DAYS,
    ONE,
    THREE,
    TODAY,
    TWO,
    begin,
    files,
    revise,
)

__all__ = ["begin"]
AT = datetime(2024, 12, 2, 3, tzinfo=UTC)
REALLY = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
SECRET = "khóa dùng để thử, đủ dài và luôn như nhau"
EVERY_STYLE = [Style(language, spans=spans, tasks=tasks) for language in ("vi", "en")
               for spans, tasks in ((False, False), (True, False), (False, True))]  # fmt: skip


def create(connection, owner="agency/SYT", title="Điện thoại", options=None, **more):
    return create_subscription(
        connection, owner, title, options or Options(), "Lò Thị Hoa", AT, more.pop("really", REALLY), SECRET, **more
    )


def row_of(connection, number):
    return connection.execute(select(Subscription.__table__).where(Subscription.id == number)).mappings().one()


def build(begin, *recipes):
    renew_events(begin, TODAY, DAYS, EVERY_STYLE)
    with begin() as connection:
        return {feed.key: feed for feed in FeedBuilder().build(connection, recipes)}


def read(begin, owner, **options):
    recipe = Recipe(owner, Options(**options))
    return Calendar.from_ical(build(begin, recipe)[recipe.key].body)


def uids(begin, owner, **options):
    made = read(begin, owner, **options)
    return [str(part["uid"]) for part in made.subcomponents if part.name in ("VEVENT", "VTODO")]


# ---------------------------------------------------------------- objects


def test_the_token_is_told_once_and_only_its_digest_is_kept(begin):
    with begin() as connection:
        new = create(connection)
        row = row_of(connection, new.id)
        lines = connection.execute(select(AUDIT.c.action, AUDIT.c.subject, AUDIT.c.details)).all()
    assert (len(new.token), row["digest"]) == (43, digest_of(new.token))
    assert new.token not in f"{dict(row)} {lines}"
    assert [tuple(line) for line in lines] == [
        ("subscription.create", f"subscription/{new.id}", '{"owner":"agency/SYT"}')
    ]
    assert seed_token(SECRET, seed_of(row)) == new.token != seed_token("khóa khác", seed_of(row))


def test_a_new_address_and_the_one_before_it(begin):
    with begin() as connection:
        new = create(connection)
        fresh = rotate_subscription(connection, new.id, "Lò Thị Hoa", AT, REALLY + timedelta(days=1), SECRET)
        row = row_of(connection, new.id)
        assert present_token(connection, new.id, SECRET) == fresh != new.token
        assert (row["digest"], row["digest_before"]) == (digest_of(fresh), digest_of(new.token))
        assert row["before_until"] == REALLY + timedelta(days=31)
        assert find_subscription(connection, new.id).renewed_at == REALLY + timedelta(days=1)


def test_what_was_taken_back_cannot_be_renewed_or_changed(begin):
    with begin() as connection:
        new = create(connection)
        revoke_subscription(connection, new.id, "Lò Thị Hoa", AT, REALLY)
        assert find_subscription(connection, new.id).revoked_at == REALLY
        for act in (
            lambda: rotate_subscription(connection, new.id, "x", AT, REALLY, SECRET),
            lambda: revoke_subscription(connection, new.id, "x", AT, REALLY),
            lambda: change_options(connection, new.id, "x", Options(), "x", AT),
        ):
            with pytest.raises(UnknownSubscription):
                act()
        actions = list(connection.scalars(select(AUDIT.c.action).order_by(AUDIT.c.id)))
        assert actions == ["subscription.create", "subscription.revoke"]
        assert verify_audit(connection).broken_at is None


def test_a_button_pressed_twice_makes_one(begin):
    with begin() as connection:
        first = create(connection)
        assert create(connection, really=REALLY + timedelta(seconds=5)) == first
        assert create(connection, title="Máy tính").id != first.id
        assert create(connection, really=REALLY + timedelta(minutes=3)).id != first.id


def test_a_number_given_again_has_another_address(begin):
    with begin() as connection:
        first = create(connection)
        connection.execute(Subscription.__table__.delete())  # an older copy was brought back
        again = create(connection, really=REALLY + timedelta(microseconds=1))
    assert again.id == first.id
    assert again.token != first.token


def test_a_contact_sees_only_their_own_and_has_at_most_twenty(begin):
    with begin() as connection:
        office = create(connection)
        for number in range(MOST_OF_A_CONTACT):
            create(connection, title=f"Lịch {number}", contact="hoa")
        with pytest.raises(UnusableSubscription, match="nhiều nhất 20"):
            create(connection, title="một lịch nữa", contact="hoa")
        own = list_subscriptions(connection, "hoa")
        assert (len(own), {one.contact for one in own}) == (MOST_OF_A_CONTACT, {"hoa"})
        assert len(list_subscriptions(connection)) == MOST_OF_A_CONTACT + 1
        with pytest.raises(UnknownSubscription):
            find_subscription(connection, office.id, "hoa")
        revoke_subscription(connection, own[0].id, "x", AT, REALLY)
        create(connection, title="một lịch nữa", contact="hoa")


def test_there_is_no_such_calendar(begin):
    with begin() as connection:
        for owner in ("agency/KHONG", "programme/KHONG", "../x", "", "all/x"):
            with pytest.raises(UnusableSubscription):
                create(connection, owner)


def test_an_agency_nothing_concerns_yet_can_subscribe_all_the_same(begin):
    with begin() as connection:
        connection.execute(
            Agency.__table__.insert(),
            {"code": "MOI", "name": "Sở Mới", "short": "x", "level": "province", "kind": "department",
             "is_group": False, "open": False},
        )  # fmt: skip
        create(connection, "agency/MOI")
    made = read(begin, "agency/MOI")
    assert [event["summary"] for event in made.events] == ["Lịch này chưa có ngày nào được ấn định: Sở Mới"]


def test_options_nobody_can_use(begin):
    unusable = (
        Options(roles=("lead",)),  # of everything: nobody's own part
        Options(kinds=("không có",)),
        Options(programmes=("P9",)),
        Options(language="fr"),
        Options(alarm_minutes=-1),
        Options(alarm_minutes=99_999),
    )
    with begin() as connection:
        for options in unusable:
            with pytest.raises(UnusableOptions):
                create(connection, "all", options=options)


def test_a_subscription_has_a_title_of_one_line(begin):
    with begin() as connection:
        for title in ("", " \n ", "x" * 101):
            with pytest.raises(UnusableSubscription):
                create(connection, title=title)


def test_options_come_back_as_they_were_given(begin):
    options = Options(("report", "inspection"), ("P1",), ("lead",), "en", WindowStyle.SPAN, False, False, 960)
    with begin() as connection:
        kept = find_subscription(connection, create(connection, options=options).id).options
        assert kept == replace(options, kinds=("inspection", "report"))
        number = create(connection, title="Khác").id
        change_options(connection, number, "Khác nữa", options, "x", AT)
        changed = find_subscription(connection, number)
    assert (changed.title, changed.options) == ("Khác nữa", kept)


def test_who_asked_is_added_up(begin):
    with begin() as connection:
        new = create(connection)
        note_requests(connection, [(digest_of(new.token), 3, REALLY, "khal\x00/0.11"), ("0" * 64, 9, REALLY, "")])
        note_requests(connection, [(digest_of(new.token), 2, REALLY + timedelta(hours=1), "khal/0.11")])
        found = find_subscription(connection, new.id)
    assert (found.asked, found.asked_at, found.asked_by) == (5, REALLY + timedelta(hours=1), "khal/0.11")


# ---------------------------------------------------------------- marks


def marks(connection):
    return dict(connection.execute(select(Feed.name, Feed.changed)).tuples().all())


def test_marks_grow_over_all_calendars_together(begin):
    with begin() as connection:
        last, names = changed_feeds(connection, -1)
        assert set(names) == set(marks(connection))
        mark_stale(connection, "agency/SYT", "agency/SNV")
        assert changed_feeds(connection, last) == (last + 1, ["agency/SNV", "agency/SYT"])
        assert changed_feeds(connection, last + 1) == (last + 1, [])
        # an older copy of the database was brought back
        assert set(changed_feeds(connection, last + 9)[1]) == set(names)


def test_a_subscription_marks_its_calendar_and_leaves_the_published_file(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    before = files(tmp_path / "out")
    with begin() as connection:
        last, _ = changed_feeds(connection, -1)
        create(connection)
        assert changed_feeds(connection, last)[1] == ["agency/SYT"]
        assert not connection.scalar(select(Feed.stale).where(Feed.name == "agency/SYT"))
    publish(begin, tmp_path / "out", TODAY, DAYS)
    assert files(tmp_path / "out") == before


def test_a_revised_event_marks_every_calendar_it_stands_in(begin):
    renew_events(begin, TODAY, DAYS)
    with begin() as connection:
        last, _ = changed_feeds(connection, -1)
    revise(begin, 2, last_on_time=TODAY)
    renew_events(begin, TODAY, DAYS)
    with begin() as connection:
        assert set(changed_feeds(connection, last)[1]) == {
            "all", "programme/P1", "kind/report", "agency/BDT", "agency/BCD"
        }  # fmt: skip


# ---------------------------------------------------------------- what stands in a calendar


HOLDS = [
    ("all", {}, [ONE, TWO, THREE]),
    ("all", {"kinds": ("inspection",)}, [THREE]),
    ("all", {"kinds": ("inspection", "report")}, [ONE, TWO, THREE]),
    ("all", {"windows": WindowStyle.HIDE}, [ONE, TWO]),
    ("all", {"windows": WindowStyle.SPAN}, [ONE, TWO, THREE]),
    ("all", {"tasks": True}, [ONE, TWO, THREE]),
    ("agency/BDT", {}, [ONE, TWO]),
    ("agency/BDT", {"roles": ("lead",)}, [TWO]),
    ("agency/BDT", {"roles": ("recipient",)}, [ONE]),
    ("agency/SYT", {"roles": ("inspected",)}, [THREE]),
    ("agency/NHAN", {"roles": ("lead",)}, [ONE]),  # by a duty alone
    ("agency/NHAN", {"roles": ("recipient",)}, ["agency.NHAN.empty@dondoc"]),
    ("all", {"programmes": ("P3",)}, ["all.empty@dondoc"]),
    ("programme/P3", {}, ["programme.P3.13-1-0.empty@dondoc"]),
    ("programme/P3", {"tasks": True}, ["programme.P3.13-1-0.empty@dondoc"]),
]


def test_filters(begin):
    recipes = [Recipe(owner, Options(**options)) for owner, options, _ in HOLDS]
    built = build(begin, *recipes)
    found = [Calendar.from_ical(built[recipe.key].body).subcomponents for recipe in recipes]
    assert [[str(part["uid"]) for part in parts if part.name != "VTIMEZONE"] for parts in found] == [
        expected for _, _, expected in HOLDS
    ]


def test_the_plain_calendar_is_the_published_one_to_the_byte(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    recipe = Recipe("agency/SYT", Options())
    assert build(begin, recipe)[recipe.key].body == (tmp_path / "out/agency/SYT.ics").read_bytes()


def test_a_window_over_its_whole_stretch(begin):
    (event,) = read(begin, "kind/inspection", windows=WindowStyle.SPAN).events
    assert (str(event["dtstart"].dt), str(event["dtend"].dt)) == ("2024-04-01", "2024-07-01")
    assert (event["transp"], event["status"]) == ("TRANSPARENT", "TENTATIVE")


def test_in_english_the_papers_words_stay(begin):
    made = read(begin, "agency/STC", language="en")
    assert made["prodid"] == "-//dondoc//calendars//EN"
    (event,) = made.events
    assert (event["summary"], [str(one) for one in event["categories"].cats]) == ("DUE: Báo cáo 1", ["Report"])
    assert event["description"].splitlines() == [
        "Due: before 10 December 2024; last day 9 December 2024; work done by 9 December 2024",
        "Lead: Các sở, ban, ngành (02 cơ quan, đơn vị); Sở Tài chính (văn bản ghi: Sở Kế hoạch và Đầu tư)",
        "Recipients: Ban Dân tộc",
        "Programme: Chương trình hành động (số 351/QĐ-UBND ngày 18/02/2022), line 101",
        "Code: P1/viec-1/2024",
    ]


def test_tasks_are_ticked_off(begin):
    revise(begin, 1, done_on=TODAY)
    tasks = {str(task["uid"]): task for task in read(begin, "all", tasks=True).walk("VTODO")}
    assert [tasks[one]["status"] for one in (ONE, TWO, THREE)] == ["COMPLETED", "NEEDS-ACTION", "NEEDS-ACTION"]
    assert str(tasks[TWO]["due"].dt) == "2024-12-09"
    assert [str(tasks[THREE][name].dt) for name in ("dtstart", "due")] == ["2024-04-01", "2024-06-30"]
    revise(begin, 3, placing="fixed", first=TODAY, last=TODAY)  # one goes to it, one does not tick it off
    assert uids(begin, "all", tasks=True) == [ONE, TWO]


def test_an_alarm_rings_for_what_is_still_to_come(begin):
    revise(begin, 1, done_on=TODAY)
    revise(begin, 3, status="cancelled", cancelled_on=TODAY)
    one, two, three = read(begin, "all", alarm_minutes=960).events
    assert ([len(part.walk("VALARM")) for part in (one, two, three)]) == [0, 1, 0]
    (alarm,) = two.walk("VALARM")
    assert (alarm["action"], alarm["trigger"].dt, alarm["description"]) == (
        "DISPLAY", timedelta(minutes=-960), "Nhắc việc"
    )  # fmt: skip
    (task, *_) = [task for task in read(begin, "all", alarm_minutes=30, tasks=True).walk("VTODO") if task["uid"] == TWO]
    assert task.walk("VALARM")[0]["trigger"].params["RELATED"] == "END"


def test_what_was_called_off_can_be_hidden(begin):
    revise(begin, 2, status="cancelled", cancelled_on=TODAY)
    assert uids(begin, "all") == [ONE, TWO, THREE]
    assert uids(begin, "all", cancelled=False) == [ONE, THREE]


def test_only_what_is_asked_for_is_rendered_and_once(begin):
    with begin() as connection:
        assert wanted_styles(connection) == {Style()}
        create(connection, options=Options(windows=WindowStyle.SPAN))
        number = create(connection, "all", options=Options(language="en", tasks=True)).id
        styles = wanted_styles(connection)
        assert styles == {Style(), Style(spans=True), Style("en", tasks=True)}
        assert needs_renewal(connection, TODAY, styles)
    assert renew_events(begin, TODAY, DAYS, styles) == 3 + 1 + 3  # a span is a window's only
    assert renew_events(begin, TODAY, DAYS, styles) == 0
    revise(begin, 1, last_on_time=TODAY)
    assert renew_events(begin, TODAY, DAYS, styles) == 2
    with begin() as connection:
        assert not needs_renewal(connection, TODAY, styles)
        variants = connection.scalars(select(Fragment.variant).where(Fragment.occurrence == "P1/viec-3/2024"))
        assert sorted(variants) == ["en-task", "vi", "vi-span"]
        revoke_subscription(connection, number, "x", AT, REALLY)
        assert wanted_styles(connection) == {Style(), Style(spans=True)}


def test_one_that_loses_its_day_leaves_every_calendar(begin):
    assert uids(begin, "all", language="en") == [ONE, TWO, THREE]
    with begin() as connection:
        connection.execute(update(Occurrence).where(Occurrence.item == "viec-1").values(placing="waiting"))
    assert uids(begin, "all", language="en") == [TWO, THREE]
    assert uids(begin, "all", tasks=True) == [TWO, THREE]


def test_equal_wishes_share_their_bytes(begin):
    one, same, other = Recipe("all", Options()), Recipe("all", Options()), Recipe("all", Options(cancelled=False))
    assert one.key == same.key != other.key


def test_a_withdrawn_address_says_so(begin):
    with begin() as connection:
        new = create(connection, options=Options(language="en"))
        revoke_subscription(connection, new.id, "x", AT, REALLY)
        feed = farewell(row_of(connection, new.id), "Sở Y tế")
    (event,) = Calendar.from_ical(feed.body).events
    assert event["summary"] == "This calendar's address has been withdrawn: Sở Y tế"
    assert (str(event["dtstart"].dt), event["dtstamp"].dt) == ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC))
