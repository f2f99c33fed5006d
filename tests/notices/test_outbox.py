"""The outbox: what is planned is accepted, or failed where a person sees it; nothing is forgotten, nothing doubled."""

import subprocess
import sys
import threading
from collections import Counter
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import select

from models.audit import verify_audit
from notices import outbox, post_office
from notices.channel import Outcome, Verdict
from notices.hours import ZONE
from notices.outbox import (
    EVERYTHING,
    INTERRUPTED,
    MOST_INTERRUPTED,
    ClockRunsBehind,
    NoSuchNotice,
    claim,
    hold,
    note_channel,
    resume,
    retry,
)
from notices.register import to_decide
from notices.tables import DUTIES, LETTER_DUTIES, LETTERS, NOTICES
from office.store import open_store, writing
from tests.notices.small_office import (
    DAYS,
    ROOT,
    WHOLE,
    SmallOffice,
    add_office,
    add_report,
    at,
    over_mail,
    quoted_duties,
)

TODAY = date(2024, 3, 4)  # a Monday
MAIL = {"focal": ("mail",)}
AWAY = Outcome(Verdict.TRY_AGAIN, detail="Chưa chuyển được cho máy chủ thư.")
SILENT = Outcome(Verdict.UNKNOWN, detail="Máy chủ thư không trả lời.")
REFUSED = Outcome(Verdict.REJECTED, detail="550 5.1.1 không có hộp thư này")
ACCEPTED = Outcome(Verdict.ACCEPTED, "W1", "250 đã nhận")


@pytest.fixture
def make_office(engine):
    """An office with so many agencies, of which each owes each report; ``due`` is the reports' last day by name."""

    def make(agencies=1, due=None, *, posts=MAIL, digest=True, **given):
        with writing(engine) as connection:
            codes = add_office(connection, agencies, posts=posts, digest=lambda _number: digest)
            for name, day in (due or {"R": DAYS.add(TODAY, 5)}).items():
                add_report(connection, name, day, codes)
        office = SmallOffice(engine, at(TODAY), **given)
        office.plan()
        return office

    return make


def after(office, **span):
    return office.at + timedelta(**span)


def seen_by_a_person(office):
    with office.reading() as connection:
        return {(line.title, line.recipient, line.state.value, line.reason) for line in to_decide(connection)}


def decide(office, what, *given):
    with office.writing() as connection:
        what(connection, *given, "Hoa", *(("Chờ ý kiến",) if what is hold else ()), office.at)


# ---------------------------------------------------------------- claim, send, mark


def test_a_planned_notice_is_claimed_sent_and_marked_once(make_office):
    office = make_office(3)
    assert office.send().accepted == 3
    assert office.send() == office.send()
    assert [(row.state, row.reference, row.attempts) for row in office.notices()] == [("accepted", "W1", 1)] * 3
    assert office.attempts() == {row.id: ["accepted"] for row in office.notices()}
    assert len(set(office.channel.keys)) == 3


def test_what_one_person_is_told_in_a_morning_is_one_message_and_stays_that_message(make_office):
    """Its notices and its Message-ID are fixed by the first attempt; what is filed later goes by itself."""
    office = make_office(1, {"R1": DAYS.add(TODAY, 5), "R2": DAYS.add(TODAY, 5)})
    office.channel.answer = lambda _message: AWAY
    office.send()
    with office.writing() as connection:
        add_report(connection, "R3", DAYS.add(TODAY, 5), ["A1"])
    office.plan()
    office.channel.answer = lambda _message: ACCEPTED
    office.send(after(office, hours=1))
    told = [(message.key, "R1" in message.text, "R3" in message.text) for message in office.channel.told]
    first, again, other = sorted(told, key=lambda one: one[2])
    assert first == again == (first[0], True, False)
    assert other[2]
    assert other[0] != first[0]
    assert office.states() == {"accepted": 3}


def test_what_a_dead_sender_held_comes_back_when_its_lease_has_run_out(make_office):
    office = make_office(2)
    with office.writing() as connection:
        assert len(claim(connection, office.at, most=20, lease_seconds=900)) == 2
    office.send()
    assert office.channel.told == []
    office.expire_leases()
    office.send()
    assert office.attempts() == {row.id: [INTERRUPTED, "accepted"] for row in office.notices()}
    assert [row.attempts for row in office.notices()] == [2, 2]


def test_a_sender_that_knows_itself_alone_waits_for_no_lease(make_office):
    office = make_office(1)
    with office.writing() as connection:
        claim(connection, office.at, most=20, lease_seconds=900)
        (again,) = claim(connection, office.at, most=20, lease_seconds=900, alone=True)
    assert again.notices[0].attempts == 2


def test_a_paid_message_nobody_knows_about_is_not_sent_again_by_itself(make_office):
    office = make_office(1, posts={"focal": ("sms",)})
    with office.writing() as connection:
        claim(connection, office.at, most=20, lease_seconds=900)
    office.expire_leases()
    office.send()
    assert office.channel.told == []
    ((title, recipient, state, _),) = seen_by_a_person(office)
    assert (title, recipient, state) == ("Báo cáo R", "Bà A1 focal", "unknown")
    decide(office, retry, office.notices()[0].id)
    office.send()
    assert office.attempts() == {1: [INTERRUPTED, "accepted"]}


@pytest.mark.parametrize(("channel", "state"), [("mail", "pending"), ("sms", "unknown")])
def test_an_acceptance_that_comes_after_the_lease_still_counts(make_office, channel, state):
    """While one sender waited for the answer another took the message back, but has not begun with it."""
    office = make_office(1, posts={"focal": (channel,)})

    def slow(_message):
        office.expire_leases()
        decide(office, hold, EVERYTHING)
        with office.writing() as connection:
            assert claim(connection, office.at, most=20, lease_seconds=900) == []
        assert office.states() == {state: 1}
        return ACCEPTED

    office.channel.answer = slow
    office.send()
    decide(office, resume, EVERYTHING)
    office.send()
    assert office.states() == {"accepted": 1}
    assert len(office.channel.told) == 1
    assert office.attempts() == {1: [INTERRUPTED, "accepted"]}


def test_who_lost_the_lease_to_a_sender_that_has_begun_changes_nothing(make_office):
    office = make_office(1)
    other = SmallOffice(office.engine, office.at)

    def lose(_message):
        office.expire_leases()
        assert other.send().accepted == 1
        return REFUSED

    office.channel.answer = lose
    office.send()
    assert [(row.state, row.fallback_of) for row in office.notices()] == [("accepted", None)]
    assert office.attempts() == {1: [INTERRUPTED, "accepted", "rejected"]}
    assert office.channel.keys == other.channel.keys


def test_what_a_slow_server_leaves_no_time_for_is_given_back_uncounted(make_office, monkeypatch):
    """Half the lease is for sending: whoever claims it afterwards must not meet the first sender."""
    office = make_office(5)
    clock = iter(range(0, 10**6, 400))
    monkeypatch.setattr(post_office, "monotonic", lambda: next(clock))
    office.send()
    assert office.states() == {"accepted": 5}
    assert {row.attempts for row in office.notices()} == {1}
    assert len(office.channel.told) == 5


def test_a_limited_sending_sends_no_more_than_it_was_told(make_office):
    office = make_office(30)
    assert office.send(most=25).accepted == 25
    assert office.states() == {"accepted": 25, "planned": 5}


# ---------------------------------------------------------------- held, let go, of no use any more


def test_everything_held_waits_and_then_goes(make_office):
    office = make_office(3)
    decide(office, hold, EVERYTHING)
    office.send()
    assert office.states() == {"planned": 3}
    decide(office, resume, EVERYTHING)
    office.send()
    assert office.states() == {"accepted": 3}


def test_one_notice_held_does_not_hold_the_rest_of_its_digest_and_goes_later_by_itself(make_office):
    office = make_office(1, dict.fromkeys(("R1", "R2", "R3"), DAYS.add(TODAY, 5)))
    decide(office, hold, "1")
    office.send()
    assert office.states() == {"accepted": 2, "planned": 1}
    decide(office, resume, "1")
    office.send()
    assert office.states() == {"accepted": 3}
    assert len(set(office.channel.keys)) == 2


def test_a_notice_held_after_its_message_was_sealed_goes_under_a_message_id_of_its_own(make_office):
    """A second message of the same Message-ID would be thrown away as a copy of the first, and the notice with it."""
    office = make_office(1, dict.fromkeys(("R1", "R2"), DAYS.add(TODAY, 5)))
    office.channel.answer = lambda _message: AWAY
    office.send()
    decide(office, hold, "1")
    office.channel.answer = lambda _message: ACCEPTED
    office.send(after(office, hours=1))
    decide(office, resume, "1")
    office.send()
    assert office.states() == {"accepted": 2}
    first, rest, held = office.channel.told
    assert first.key == rest.key != held.key
    assert "R2" in rest.subject
    assert "R1" in held.subject
    assert [row.envelope for row in office.notices()] == [held.key, rest.key]


def test_notices_of_one_message_that_a_person_sends_again_one_by_one_both_arrive(make_office):
    office = make_office(1, dict.fromkeys(("R1", "R2"), DAYS.add(TODAY, 5)))
    office.channel.answer = lambda _message: REFUSED
    office.send()
    office.channel.answer = lambda _message: ACCEPTED
    for number in (1, 2):
        decide(office, retry, number)
        office.send()
    assert office.states() == {"accepted": 2}
    assert len(set(office.channel.keys[1:])) == 2


def test_what_is_not_of_use_any_more_is_not_sent_but_shown(make_office):
    """The machine stood still from before the first attempt until after the last day."""
    office = make_office(1)
    office.send(at(DAYS.add(TODAY, 6)))
    assert office.channel.told == []
    assert seen_by_a_person(office) == {("Báo cáo R", "Bà A1 focal", "failed", outbox.TOO_LATE)}
    decide(office, retry, 1)
    office.send()
    assert office.states() == {"accepted": 1}


def test_what_may_have_arrived_and_is_of_no_use_any_more_is_unknown_not_failed(make_office):
    office = make_office(1)
    with office.writing() as connection:
        claim(connection, office.at, most=20, lease_seconds=900)
    office.expire_leases()
    office.send(at(DAYS.add(TODAY, 6)))
    assert office.channel.told == []
    assert seen_by_a_person(office) == {("Báo cáo R", "Bà A1 focal", "unknown", outbox.TOO_LATE_TO_REPEAT)}


def test_only_what_a_person_has_to_decide_about_is_sent_again_by_hand(make_office):
    office = make_office(1)
    with pytest.raises(NoSuchNotice, match="không ở trạng thái gửi lại được"):
        decide(office, retry, 1)
    with pytest.raises(NoSuchNotice, match="Không có thông báo số 7"):
        decide(office, hold, "7")
    with pytest.raises(NoSuchNotice, match="Không có gì đang tạm giữ"):
        decide(office, resume, "1")


# ---------------------------------------------------------------- planners and senders at once


def at_once(*works):
    """Runs each in a thread of its own, all begun together; what they raised."""
    raised, start = [], threading.Barrier(len(works))

    def run(work):
        start.wait(30)
        try:
            work()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return raised


def offices_on(url, stack, number, **given):
    """Offices that share nothing but the database."""
    engines = [open_store(url) for _ in range(number)]
    for engine in engines:
        stack.callback(engine.dispose)
    return [SmallOffice(engine, at(TODAY), **given) for engine in engines]


def test_two_planners_at_once_file_each_notice_once(engine, database_url):
    with writing(engine) as connection:
        codes = add_office(connection, 40)
        owed = {duty for name in "RST" for duty in add_report(connection, name, DAYS.add(TODAY, 5), codes)}
    planned = []
    with ExitStack() as stack:
        first, second = offices_on(database_url, stack, 2)
        assert at_once(*(lambda one=one: planned.append(one.plan().notices) for one in (first, second))) == []
        assert sorted(planned) == [0, len(owed)]
        assert Counter(row.subject for row in first.notices()) == Counter(owed)


@pytest.mark.parametrize("senders", [2, 3])
def test_senders_at_once_double_nothing(make_office, database_url, senders):
    office = make_office(40, dict.fromkeys(("R1", "R2"), DAYS.add(TODAY, 5)))
    with ExitStack() as stack:
        offices = offices_on(database_url, stack, senders)
        assert at_once(*(one.send for one in offices)) == []
        keys = Counter(key for one in offices for key in one.channel.keys)
    assert set(keys.values()) == {1}
    assert set(keys) == {row.envelope for row in office.notices()}
    assert office.states() == {"accepted": 80}
    with office.reading() as connection:
        assert verify_audit(connection).broken_at is None


@pytest.mark.parametrize("senders", [2, pytest.param(3, marks=pytest.mark.hard)])
def test_sending_processes_at_once_double_nothing(make_office, database_url, sink, tmp_path, senders):
    office = make_office(30)
    program = [sys.executable, str(Path(__file__).with_name("sending_process.py")), "--database", database_url]
    with sink() as server:
        asked = ["--port", str(server.port), "--now", office.at.isoformat(), "--to-the-end", "--lease", "600"]
        processes = [
            subprocess.Popen([*program, *asked], cwd=ROOT, stdout=subprocess.DEVNULL, env={"PYTHONPATH": str(ROOT)})
            for _ in range(senders)
        ]
        assert [process.wait(120) for process in processes] == [0] * senders
        received = Counter(message.key for message in server.messages)
    assert set(received.values()) == {1}
    assert set(received) == {row.envelope for row in office.notices()}
    assert office.states() == {"accepted": 30}


# ---------------------------------------------------------------- the clock


def test_a_clock_two_hours_fast_and_right_again_loses_and_doubles_nothing(make_office):
    office = make_office(4)
    assert office.send(at(TODAY, 10), most=2).accepted == 2
    with pytest.raises(ClockRunsBehind, match="Đồng hồ chỉ 08:00"):
        office.send(at(TODAY, 8))
    with pytest.raises(ClockRunsBehind):
        office.send(at(TODAY, 9, 54))
    assert office.states() == {"accepted": 2, "planned": 2}
    assert office.send(at(TODAY, 9, 56)).accepted == 2
    assert office.states() == {"accepted": 4}
    assert len(set(office.channel.keys)) == 4


def test_a_clock_two_hours_slow_sends_later_and_nothing_twice(make_office):
    office = make_office(4)
    office.send(at(TODAY, 6))
    assert office.channel.told == []
    office.plan(at(TODAY, 6))
    office.send(at(TODAY, 8))
    assert office.states() == {"accepted": 4}
    assert len(office.channel.told) == 4


def test_a_planner_with_a_slow_clock_takes_nothing_back(make_office):
    office = make_office(2)
    office.send()
    office.plan(at(TODAY, 6))
    office.plan(at(DAYS.previous(TODAY)))
    assert office.states() == {"accepted": 2}


# ---------------------------------------------------------------- outages

BEGIN = date(2024, 5, 6)
REPORTS = {f"R{number}": DAYS.add(BEGIN, 12 + 3 * number) for number in range(3)}
BUSY = DAYS.add(max(REPORTS.values()), 8)  # after it only Mondays matter: chair's lists, and the yearly rating
END = DAYS.add(max(REPORTS.values()), 36)
EVERY_DAY = [
    day
    for day in (BEGIN + timedelta(days=number) for number in range((END - BEGIN).days + 1))
    if (day <= BUSY and DAYS.is_working(day)) or day.weekday() == 0
]
BEFORE, AROUND, AFTER = (DAYS.add(REPORTS["R1"], number) for number in (-6, -1, 2))


def outage_of(length, begins):
    return {begins + timedelta(days=number) for number in range(length)}


def what_should_be_told(due, running):
    """(step, how many it stands for besides itself) by the days on which somebody planned: worked out by hand."""
    told = set()
    fires = {DAYS.add(due, step["working_days"]): step["step"] for step in WHOLE if step.get("action") is None}
    fires[DAYS.add(due, 1)] = "late-1"
    planned_on = [(next(day for day in running if day >= fired), fired, step) for fired, step in sorted(fires.items())]
    for planned, group in groupby(planned_on, key=lambda one: one[0]):
        steps = [step for _, _, step in group]
        if planned > due:
            steps = steps if "late-1" in steps else []  # a reminder of what was due yesterday helps nobody
        if steps:
            told.add((steps[-1], len(steps) - 1))
    return told


@pytest.mark.parametrize(
    ("length", "begins"),
    [
        (1, BEFORE),
        (3, AROUND),
        (14, BEFORE),
        *(pytest.param(*one, marks=pytest.mark.hard) for one in ((1, AROUND), (1, AFTER), (3, BEFORE), (3, AFTER))),
        *(pytest.param(14, begins, marks=pytest.mark.hard) for begins in (AROUND, AFTER)),
    ],
)
def test_an_outage_loses_nothing_and_tells_everybody_once_by_the_latest_step(make_office, length, begins):
    office = make_office(
        2, REPORTS, posts={"focal": ("mail",), "head": ("mail",)}, steps=WHOLE,
    )  # fmt: skip
    running = [day for day in EVERY_DAY if day not in outage_of(length, begins)]
    office.at = at(BEGIN)
    for day in running:
        office.plan(at(day, 7))
        office.send(at(day))
    assert set(office.states()) == {"accepted"}
    told = office.notices()
    for name, due in REPORTS.items():
        for duty in (f"P/{name}/2024/A1", f"P/{name}/2024/A2"):
            steps = [
                (row.step, row.missed) for row in told if row.subject == duty and row.kind in ("reminder", "overdue")
            ]
            assert (duty, sorted(steps)) == (duty, sorted(what_should_be_told(due, running)))
        assert [row.kind for row in told if row.subject == f"P/{name}/2024"] == ["missing"]
    with office.reading() as connection:
        letters = connection.execute(select(LETTERS.c.occurrence)).scalars().all()
        named = connection.execute(select(LETTER_DUTIES.c.duty)).scalars().all()
        rated = connection.execute(select(DUTIES.c.rated_on)).scalars().all()
        assert verify_audit(connection).broken_at is None
    assert sorted(letters) == sorted(f"P/{name}/2024" for name in REPORTS)
    assert sorted(named) == sorted(f"P/{name}/2024/{code}" for name in REPORTS for code in ("A1", "A2"))
    assert None not in rated
    weeks = Counter(row.subject for row in told if row.kind == "chair_list")
    assert set(weeks.values()) == {1}
    assert len(weeks) == len({day.isocalendar()[1] for day in running if _something_listed_before(day)})


def _something_listed_before(day):
    """A chair's list is made on the first working day of a week, of what was late before that week."""
    monday = day - timedelta(days=day.weekday())
    listed = DAYS.add(min(REPORTS.values()), 7)
    return listed < monday and day >= DAYS.on_or_after(monday)


def test_a_reminder_planned_on_a_day_off_and_overtaken_before_it_left_is_counted_by_the_next(make_office):
    """Nobody planned until the holidays of 30/4 and 1/5; the person works again on the day the report is due."""
    office = make_office(1, {"R": date(2024, 5, 2)}, steps=WHOLE)
    office.plan(at(date(2024, 4, 30)))
    office.send()
    assert office.channel.told == []
    office.plan(at(date(2024, 5, 2), 7))
    office.send(at(date(2024, 5, 2)))
    rows = [(row.step, row.state, row.missed) for row in office.notices()]
    assert rows == [("before-2", "superseded", 2), ("on-the-day", "accepted", 3)]


# ---------------------------------------------------------------- mail servers that misbehave


def test_a_refusal_goes_to_the_next_channel_of_the_same_person(make_office, sink):
    office = make_office(2, posts={"focal": ("mail", "sms")})
    with sink(mode="refuse") as server, over_mail(office, server.port):
        office.send()
    assert server.messages == []
    rows = [(row.recipient, row.channel, row.state, row.fallback_of) for row in office.notices()]
    assert rows == [
        ("A1.focal", "mail", "failed", None),
        ("A2.focal", "mail", "failed", None),
        ("A1.focal", "sms", "accepted", 1),
        ("A2.focal", "sms", "accepted", 2),
    ]


def test_a_refusal_goes_to_the_next_person_when_there_is_no_other_channel(make_office, sink):
    office = make_office(1, posts={"focal": ("mail",), "deputy": ("zalo",), "head": ("mail",)})
    with sink(mode="refuse") as server, over_mail(office, server.port):
        office.send()
    rows = [(row.recipient, row.channel, row.state, row.fallback_of) for row in office.notices()]
    assert rows == [("A1.focal", "mail", "failed", None), ("A1.deputy", "zalo", "accepted", 1)]


def test_where_everybody_is_refused_the_notice_stays_before_a_person(make_office, sink):
    office = make_office(1, posts={"focal": ("mail",), "head": ("mail",)})
    with sink(mode="refuse") as server, over_mail(office, server.port):
        office.send()
        office.send(after(office, days=1))
    assert {one[:3] for one in seen_by_a_person(office)} == {
        ("Báo cáo R", "Bà A1 focal", "failed"),
        ("Báo cáo R", "Bà A1 head", "failed"),
    }
    assert all("550" in one[3] for one in seen_by_a_person(office))


def test_a_greylisting_server_gets_the_same_mail_again_after_a_pause(make_office, sink):
    office = make_office(3)
    with sink(mode="greylist") as server, over_mail(office, server.port):
        assert office.send().try_again == 3
        assert office.send() == post_office.Sent()
        assert office.send(after(office, minutes=8)).accepted == 3
        assert office.send() == post_office.Sent()
    assert Counter(message.key for message in server.messages) == {row.envelope: 1 for row in office.notices()}
    assert office.attempts() == {row.id: ["try_again", "accepted"] for row in office.notices()}


@pytest.mark.parametrize(("mode", "timeout"), [("slow", 0.3), ("drop_after_data", 20)])
def test_mail_that_nobody_knows_about_goes_once_more_under_the_same_message_id_and_then_to_a_person(
    make_office, sink, mode, timeout
):
    office = make_office(2)
    with sink(mode=mode, seconds=2) as server, over_mail(office, server.port, timeout):
        for _ in range(4):
            office.send()
            office.at = after(office, hours=5)
    assert Counter(message.key for message in server.messages) == {row.envelope: 2 for row in office.notices()}
    assert office.attempts() == {row.id: ["unknown", "unknown"] for row in office.notices()}
    assert {one[:3] for one in seen_by_a_person(office)} == {
        ("Báo cáo R", "Bà A1 focal", "unknown"),
        ("Báo cáo R", "Bà A2 focal", "unknown"),
    }


def test_after_a_day_without_the_server_what_is_still_of_use_goes_and_the_rest_is_named(make_office, sink):
    """One reminder is of a report due today, one of a report due in a week; both to the same person, in one mail."""
    steps = [{"step": f"before-{days}", "working_days": -days, "to": ["focal"]} for days in (0, 5)]
    office = make_office(1, {"R1": TODAY, "R2": DAYS.add(TODAY, 5)}, steps=steps)
    with sink() as server:
        port = server.port
    with over_mail(office, port):
        for hours in range(24):
            office.send(at(TODAY) + timedelta(hours=hours))
    assert office.states() == {"failed": 1, "pending": 1}
    assert all(set(outcomes) == {"try_again"} for outcomes in office.attempts().values())
    with sink(port=port) as server, over_mail(office, port):
        office.plan(at(DAYS.next(TODAY), 9))
        office.send(at(DAYS.next(TODAY), 13))
    assert [quoted_duties(message.content) for message in server.messages] == [{"P/R2/2024/A1"}]
    assert {one[:3] for one in seen_by_a_person(office)} == {("Báo cáo R1", "Bà A1 focal", "failed")}
    assert all("Chưa chuyển được" in one[3] for one in seen_by_a_person(office))


# ---- found by reading --------------------------------------------------------------------------------


class Answers:
    """Gives its answers in turn, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def send(self, message):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def close(self):
        """Nothing is kept open."""


def test_a_retry_disturbs_nobody_in_quiet_hours(make_office):
    office = make_office(agencies=1, channel=Answers(Outcome(Verdict.TRY_AGAIN, detail="451 not now")))
    office.plan()
    office.send(office.at.replace(hour=20, minute=58))
    hour = office.notices()[0].due_at.astimezone(ZONE)
    assert (hour.hour, hour.minute) == (6, 0)  # five minutes later it would be past 21:00
    assert hour.date() > office.at.date()


def test_one_failure_gives_back_what_was_not_begun(make_office):
    class Breaks(Answers):
        def send(self, message):
            raise KeyboardInterrupt

    office = make_office(agencies=5, channel=Breaks())
    office.plan()
    with pytest.raises(KeyboardInterrupt):
        office.send()
    assert office.states() == Counter(pending=4, sending=1)


def test_a_mail_that_ends_its_sender_again_and_again_is_left_to_a_person(make_office):
    office = make_office(agencies=1)
    office.plan()
    for _ in range(MOST_INTERRUPTED + 2):
        with office.writing() as connection:
            claim(connection, office.at, most=1, lease_seconds=1)
        office.expire_leases()
    assert office.states() == Counter(unknown=1)


def test_a_substitute_reached_by_sms_is_not_sent_a_second_one_by_itself(make_office):
    """The notice was filed for mail; what was on its way when the sender died was a paid message."""
    office = make_office(agencies=1)
    office.plan()
    with office.writing() as connection:
        [envelope] = claim(connection, office.at, most=1, lease_seconds=1)
        note_channel(connection, envelope, "sms")
    office.expire_leases()
    with office.writing() as connection:
        assert claim(connection, office.at, most=1, lease_seconds=1) == []
    assert office.states() == Counter(unknown=1)


def test_what_a_person_sends_again_is_a_persons_business_again_in_the_end(make_office):
    office = make_office(agencies=1, channel=Answers(Outcome(Verdict.REJECTED, detail="550 no such mailbox")))
    office.plan()
    office.send()
    [failed] = office.notices(NOTICES.c.state == "failed")
    with office.writing() as connection:
        retry(connection, failed.id, "Chị Lan", office.at)
    [again] = office.notices(NOTICES.c.id == failed.id)
    assert again.useful_until - office.at == timedelta(days=30)
