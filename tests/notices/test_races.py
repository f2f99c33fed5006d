"""Things happen while others are happening: what a person decides counts from the moment it is recorded."""

import random
import threading
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from calendars.working_days import WorkingDays
from models.audit import verify_audit
from models.errors import DonDocError
from notices import post_office
from notices.acknowledgement import acknowledge
from notices.channel import Outcome, Verdict
from notices.outbox import EVERYTHING, NoSuchNotice, claim, hold, resume, retry
from notices.reports import Reported, read_reports
from notices.subjects import current_version, is_open, rungs_with_facts
from notices.tables import HOLDS, NOTICES, OCCURRENCES
from office.store import open_store, reading, writing
from planning.submissions import Recorded, extend_duty, mark_done, return_duty, waive_duty
from tests.notices.small_office import DAYS, WHOLE, SmallOffice, add_office, add_report, at

TODAY = date(2024, 3, 4)  # a Monday
DUE = DAYS.add(TODAY, 5)
LATER = DAYS.add(DUE, 10)
ACCEPTED = Outcome(Verdict.ACCEPTED, "W1", "250 đã nhận")
SILENT = Outcome(Verdict.UNKNOWN, detail="Máy chủ thư không trả lời.")
FIVE = [f"P/R/2024/A{number}" for number in range(1, 6)]


@pytest.fixture
def make_office(engine):
    """Five agencies that owe one report in five working days, and have just been reminded to."""

    def make(*, posts=None, digest=True, reports=("R",)):
        with writing(engine) as connection:
            codes = add_office(connection, 5, posts=posts or {"focal": ("mail",)}, digest=lambda _number: digest)
            for name in reports:
                add_report(connection, name, DUE, codes)
        office = SmallOffice(engine, at(TODAY))
        office.plan()
        return office

    return make


def by_hoa(office):
    return Recorded("Hoa", office.at, why="Có công văn")


def extend(connection, duty, office):
    extend_duty(connection, duty, LATER, by_hoa(office), DAYS)


def submit(connection, duty, office):
    assert mark_done(connection, duty, office.at.date(), by_hoa(office))


def waive(connection, duty, office):
    waive_duty(connection, duty, by_hoa(office))


def change_all(office, change):
    with office.writing() as connection:
        for duty in FIVE:
            change(connection, duty, office)


@contextmanager
def between_claim_and_send(monkeypatch, happens):
    """``happens`` once, when the first claim has been committed and nothing has been worded yet."""
    reads, left = post_office.read_contact_book, [happens]

    def read(connection):
        if left:
            left.pop()()
        return reads(connection)

    with monkeypatch.context() as patched:
        patched.setattr(post_office, "read_contact_book", read)
        yield


CHANGES = pytest.mark.parametrize("change", [extend, submit, waive])


@CHANGES
def test_what_changed_between_claim_and_send_is_not_told_any_more(make_office, monkeypatch, change):
    office = make_office()
    with between_claim_and_send(monkeypatch, lambda: change_all(office, change)):
        assert office.send().let_go == 5
    assert office.channel.told == []
    assert office.states() == {"cancelled": 5}
    assert all(row.reason for row in office.notices())


@CHANGES
def test_what_changed_while_the_first_was_being_sent_is_not_told_to_the_others(make_office, change):
    office = make_office()

    def answer(_message):
        if len(office.channel.told) == 1:
            change_all(office, change)
        return ACCEPTED

    office.channel.answer = answer
    office.send()
    assert len(office.channel.told) == 1
    assert office.states() == {"accepted": 1, "cancelled": 4}


def test_who_was_told_the_old_day_in_that_moment_hears_of_the_new_one(make_office):
    """The mail was worded before the extension was recorded, and accepted after it."""
    office = make_office()

    def answer(_message):
        if len(office.channel.told) == 1:
            change_all(office, extend)
        return ACCEPTED

    office.channel.answer = answer
    office.send()
    office.plan(office.at + timedelta(minutes=1))
    office.send()
    told = {row.subject: row.state for row in office.notices(NOTICES.c.kind == "changed")}
    assert told == dict.fromkeys(FIVE, "accepted")
    (first,) = office.notices(NOTICES.c.kind == "reminder", NOTICES.c.state == "accepted")
    assert first.version == "1.1"


@pytest.mark.parametrize("lost", ["claimed", "silent"])
def test_who_may_have_been_told_the_old_day_hears_of_the_new_one(make_office, lost):
    """The sender died, or nobody answered; before it was tried again, the report's own day had moved."""
    office = make_office()
    if lost == "claimed":
        with office.writing() as connection:
            claim(connection, office.at, most=20, lease_seconds=900)
        office.expire_leases()
    else:
        office.channel.answer = lambda _message: SILENT
        office.send()
        office.channel.answer = lambda _message: ACCEPTED
    with office.writing() as connection:
        moved = {"last_on_time": LATER, "work_by": LATER, "named_date": LATER, "due_version": 2, "rungs_stale": True}
        connection.execute(OCCURRENCES.update().values(**moved))
    office.send(office.at + timedelta(hours=1))
    assert office.states() == {"cancelled": 5}
    office.plan()
    office.send()
    told = {row.subject: row.state for row in office.notices(NOTICES.c.kind == "changed")}
    assert told == dict.fromkeys(FIVE, "accepted")


def test_what_is_handed_in_while_its_reminder_is_being_marked_stays_handed_in(make_office):
    office = make_office()

    def answer(message):
        with office.writing() as connection:
            submit(connection, next(duty for duty in FIVE if duty in message.text), office)
        return ACCEPTED

    office.channel.answer = answer
    office.send()
    assert office.states() == {"accepted": 5}
    office.plan(at(DUE))
    office.send()
    assert office.states() == {"accepted": 5}


# ---------------------------------------------------------------- acknowledged meanwhile


def test_a_mail_acknowledged_before_it_would_be_repeated_is_not_repeated(make_office):
    """Nobody answered after the mail; its reader did."""
    office = make_office()
    office.channel.answer = lambda _message: SILENT
    office.send()
    with office.writing() as connection:
        for key in office.channel.keys:
            assert acknowledge(connection, key, "Lò Thị Hoa", office.at, "link") == 1
    office.channel.answer = lambda _message: ACCEPTED
    office.send(office.at + timedelta(hours=1))
    assert len(office.channel.told) == 5
    assert office.states() == {"cancelled": 5}
    assert all(row.acknowledged_at for row in office.notices())


@pytest.mark.parametrize(
    ("moment", "repeated", "states"),
    [("before", 0, {"cancelled": 5}), ("meanwhile", 1, {"accepted": 1, "cancelled": 4})],
)
def test_what_is_acknowledged_while_it_is_being_repeated_is_repeated_no_further(
    make_office, monkeypatch, moment, repeated, states
):
    office = make_office()
    office.channel.answer = lambda _message: SILENT
    office.send()
    first = list(office.channel.keys)
    office.at += timedelta(hours=1)

    def acknowledge_all():
        with office.writing() as connection:
            for key in first:
                acknowledge(connection, key, "Lò Thị Hoa", office.at, "link")

    def answer(_message):
        if moment == "meanwhile" and len(office.channel.told) == 6:
            acknowledge_all()
        return ACCEPTED

    office.channel.answer = answer
    with between_claim_and_send(monkeypatch, acknowledge_all if moment == "before" else lambda: None):
        office.send()
    assert len(office.channel.told) == 5 + repeated
    assert office.states() == states
    assert all(row.acknowledged_at for row in office.notices())


# ---------------------------------------------------------------- held and let go while sending


def test_everything_held_while_sending_stops_after_the_message_in_hand(make_office):
    office = make_office()

    def answer(_message):
        if len(office.channel.told) == 2:
            with office.writing() as connection:
                hold(connection, EVERYTHING, "Hoa", "Sai mẫu thư", office.at)
        return ACCEPTED

    office.channel.answer = answer
    office.send()
    assert office.states() == {"accepted": 2, "pending": 3}
    with office.writing() as connection:
        resume(connection, EVERYTHING, "Hoa", office.at)
    office.send()
    assert office.states() == {"accepted": 5}
    assert {row.attempts for row in office.notices()} == {1}
    assert len(set(office.channel.keys)) == 5


def test_one_notice_held_between_claim_and_send_waits_and_the_rest_of_its_message_goes(make_office, monkeypatch):
    office = make_office(reports=("R", "S"))
    (held,) = office.notices(NOTICES.c.subject == "P/S/2024/A3")

    def hold_one():
        with office.writing() as connection:
            hold(connection, str(held.id), "Hoa", "Chờ ý kiến", office.at)

    with between_claim_and_send(monkeypatch, hold_one):
        office.send()
    assert office.states() == {"accepted": 9, "pending": 1}
    with office.writing() as connection:
        resume(connection, str(held.id), "Hoa", office.at)
    office.send()
    assert office.states() == {"accepted": 10}
    assert len(set(office.channel.keys)) == 6
    assert "Báo cáo S" in office.channel.told[-1].subject


# ---------------------------------------------------------------- reports and retries


class Mailbox:
    """Reports that have come."""

    def __init__(self, *reports):
        self.reports = dict(enumerate(reports))

    def unread(self):
        yield from list(self.reports.items())

    def mark_read(self, name):
        del self.reports[name]


def bounce(key):
    """What a mail server sends back (RFC 3464)."""
    return (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nNo such user.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example.vn\n"
        f"Original-Envelope-Id: {key}\n\n"
        "Final-Recipient: rfc822; a1.focal@example.vn\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    ).encode()


def test_a_bounce_that_is_reported_twice_counts_once(make_office):
    office = make_office(posts={"focal": ("mail", "sms")})
    office.send()
    key = office.notices()[0].envelope
    assert read_reports(Mailbox(bounce(key), bounce(key)), office.writing, WorkingDays(), office.at) == Reported(
        0, 1, 1
    )
    assert read_reports(Mailbox(bounce(key)), office.writing, WorkingDays(), office.at) == Reported(0, 0, 0)
    office.send()
    assert office.states() == {"accepted": 5, "bounced": 1}
    assert [(row.channel, row.fallback_of) for row in office.notices()][5:] == [("sms", 1)]


def test_a_bounce_reported_before_the_acceptance_is_marked_is_read_again_afterwards(make_office):
    office = make_office()
    mailbox = Mailbox()

    def answer(message):
        if not mailbox.reports:
            mailbox.reports = {1: bounce(message.key)}
            assert read_reports(mailbox, office.writing, WorkingDays(), office.at) == Reported(0, 0, 0)
        return ACCEPTED

    office.channel.answer = answer
    office.send()
    assert office.states() == {"accepted": 5}
    assert read_reports(mailbox, office.writing, WorkingDays(), office.at).bounced == 1
    assert mailbox.reports == {}
    assert office.states() == {"accepted": 4, "bounced": 1}


def test_an_unknown_one_that_a_person_sends_again_goes_once_more_under_its_message_id(make_office):
    office = make_office(posts={"focal": ("zalo",)})
    office.channel.answer = lambda _message: SILENT
    office.send()
    assert office.states() == {"unknown": 5}
    office.channel.answer = lambda _message: ACCEPTED
    with office.writing() as connection:
        retry(connection, 1, "Hoa", office.at)
    with pytest.raises(NoSuchNotice, match="không ở trạng thái"), office.writing() as connection:
        retry(connection, 1, "Hoa", office.at)
    office.send()
    assert office.states() == {"accepted": 1, "unknown": 4}
    assert office.channel.keys[0] == office.channel.keys[5]


def test_what_a_person_sends_again_is_not_sent_when_its_acceptance_comes_late(make_office):
    office = make_office(posts={"focal": ("zalo",)})

    def answer(_message):
        if len(office.channel.told) == 1:
            with office.writing() as connection:
                hold(connection, EVERYTHING, "Hoa", "Chờ", office.at)
            office.expire_leases()
            with office.writing() as connection:
                claim(connection, office.at, most=20, lease_seconds=900)
                retry(connection, 1, "Hoa", office.at)
                resume(connection, EVERYTHING, "Hoa", office.at)
        return ACCEPTED

    office.channel.answer = answer
    office.send(most=1)
    assert office.notices()[0].state == "accepted"
    office.send()
    assert len(set(office.channel.keys)) == len(office.channel.keys)


def test_a_notice_that_is_being_sent_cannot_be_sent_again_by_hand(make_office):
    office = make_office()
    asked = []

    def answer(_message):
        with office.writing() as connection:
            try:
                retry(connection, 1, "Hoa", office.at)
            except NoSuchNotice as refused:
                asked.append(refused)
        return ACCEPTED

    office.channel.answer = answer
    office.send()
    assert len(asked) == 5
    assert office.states() == {"accepted": 5}


# ---------------------------------------------------------------- everything at once


@pytest.mark.parametrize("rounds", [10, pytest.param(150, marks=pytest.mark.hard)])
def test_planner_senders_and_people_all_at_once_neither_block_each_other_nor_lose_anything(
    engine, database_url, rounds
):
    """Each works in its own transactions; people decide and acknowledge whatever comes to hand."""
    with writing(engine) as connection:
        codes = add_office(connection, 12, posts={"focal": ("mail",), "head": ("mail",)})
        duties = [
            duty
            for number in range(6)
            for duty in add_report(connection, f"R{number}", DAYS.add(TODAY, 2 * number - 3), codes)
        ]
    raised, done = [], threading.Event()
    with ExitStack() as stack:
        engines = [open_store(database_url) for _ in range(6)]
        for one in engines:
            stack.callback(one.dispose)
        offices = [SmallOffice(one, at(TODAY), steps=WHOLE) for one in engines]
        works = [
            *(lambda one=one: one.plan() for one in offices[:2]),
            *(lambda one=one: one.send() for one in offices[2:4]),
            *(_Person(one, duties, random.Random(number)).act for number, one in enumerate(offices[4:])),
        ]

        def repeat(work):
            try:
                for _ in range(rounds):
                    if done.is_set():
                        return
                    work()
            except Exception as error:
                raised.append(error)
                done.set()

        threads = [threading.Thread(target=repeat, args=[work]) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
        assert raised == []
        keys = [key for one in offices for key in one.channel.keys]
    office = SmallOffice(engine, at(TODAY, 9), steps=WHOLE)
    with office.writing() as connection:
        if connection.execute(select(HOLDS.c.scope)).first():
            connection.execute(HOLDS.delete())
    office.plan()
    office.send()
    keys += office.channel.keys
    assert len(set(keys)) == len(keys)
    assert set(office.states()) <= {"accepted", "cancelled", "superseded"}
    with reading(engine) as connection:
        assert verify_audit(connection).broken_at is None
        assert connection.execute(select(OCCURRENCES.c.id).where(OCCURRENCES.c.rungs_stale)).all() == []
        rungs = connection.execute(rungs_with_facts()).mappings().all()
    laid = {row["subject"] for row in rungs if row["version"] == current_version(row)}
    open_now = {row["subject"] for row in rungs if row["d_id"] and is_open(row)}
    assert open_now <= laid
    assert all(
        row["settled_on"] for row in rungs if row["fires_on"] <= TODAY and row["version"] == current_version(row)
    )
    told = {(row.subject, row.version, row.step) for row in office.notices()}
    assert {(r["subject"], r["version"], r["step"]) for r in rungs if r["outcome"] == "told"} <= told
    in_sink = set(keys)
    assert all(row.envelope in in_sink for row in office.notices(NOTICES.c.state == "accepted"))


class _Person:
    """Somebody at the office who records what comes in, in no order."""

    def __init__(self, office, duties, chance):
        self.office, self.duties, self.chance = office, duties, chance
        self.until = LATER

    def act(self):
        what = self.chance.choice((self._extend, self._submit, self._return, self._acknowledge, self._hold))
        with self.office.writing() as connection, _allowed(connection):
            what(connection, self.chance.choice(self.duties))
            if what not in (self._acknowledge, self._hold) and self.chance.random() < 0.5:
                self.office.plan_in(connection)  # as the commands do, in the same transaction

    def _extend(self, connection, duty):
        self.until += timedelta(days=1)
        extend_duty(connection, duty, self.until, by_hoa(self.office), DAYS)

    def _submit(self, connection, duty):
        mark_done(connection, duty, self.office.at.date(), by_hoa(self.office))

    def _return(self, connection, duty):
        return_duty(connection, duty, by_hoa(self.office), self.until)

    def _acknowledge(self, connection, duty):
        sent = select(NOTICES.c.envelope).where(NOTICES.c.subject == duty, NOTICES.c.envelope.is_not(None))
        envelopes = connection.execute(sent).scalars().all()
        if envelopes:
            acknowledge(connection, envelopes[-1], "Lò Thị Hoa", self.office.at, "link")

    def _hold(self, connection, _duty):
        if self.chance.random() < 0.5:
            hold(connection, EVERYTHING, "Hoa", "Chờ", self.office.at)
        else:
            resume(connection, EVERYTHING, "Hoa", self.office.at)


@contextmanager
def _allowed(connection):
    """What does not fit a duty as it stands is refused with a sentence; nothing else may go wrong."""
    try:
        with connection.begin_nested():
            yield
    except DonDocError as refused:
        if refused.exit_code == 2:  # the database itself
            raise
