"""The sender is killed, the disk is full, the database is locked: nothing planned is lost, and little goes twice.

The mail server of these tests is a process of its own that keeps every mail as a file before it replies: what it
has, was sent. Between its reply and our commit there is always a moment; whoever is killed then sends one more copy,
under the same Message-ID.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from models.audit import verify_audit
from notices.channel import Outcome, Verdict
from notices.outbox import INTERRUPTED
from office.store import StoreUnusable, open_store, reading, writing
from tests.notices.sending_process import BEGUN, POINTS
from tests.notices.small_office import (
    DAYS,
    ROOT,
    SmallOffice,
    add_office,
    add_report,
    at,
    quoted_duties,
)

FIRST = date(2024, 3, 4)  # a Monday
KILLED = -9
ACCEPTED = Outcome(Verdict.ACCEPTED, "W1", "250 đã nhận")
PATIENCE = 600  # seconds; only a hang is longer, on any machine


@pytest.fixture
def keeping_sink(sink_program, tmp_path):
    """A mail server in a process of its own: its port, and the folder of what it has taken over."""
    folder = tmp_path / "sink"
    with process(*sink_program, "--folder", str(folder)) as server:
        yield int(server.stdout.readline()), folder


@contextmanager
def process(*command, **environment):
    """A program of this test, ended with it."""
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment
    )
    try:
        with started.stdout:
            yield started
    finally:
        started.kill()
        started.wait()


def sending(url, port, now, *more, point=""):
    program = str(Path(__file__).with_name("sending_process.py"))
    asked = ("--database", url, "--port", str(port), "--now", now.isoformat(), *more)
    return process(sys.executable, program, *asked, DONDOC_TEST_POINT=point)


def kill_at(point, url, port, now, chance, *more):
    """One life of a sender that ends in SIGKILL, at the point or at any moment; how it ended."""
    asked = "" if point == "random" else f"{point}:{1 if 'plan' in point or 'claim' in point else chance.randint(1, 4)}"
    with sending(url, port, now, *more, point=asked) as sender:
        assert sender.stdout.readline().strip() == BEGUN
        if point == "random":
            time.sleep(chance.uniform(0, 0.4))
            sender.kill()
        return sender.wait(PATIENCE)


def received(folder):
    """How many copies of each message the server has, and which duties they tell of."""
    copies, told = Counter(), defaultdict(set)
    for file in folder.glob("*.eml"):
        key = file.stem.partition("-")[2]
        copies[key] += 1
        told[key] |= quoted_duties(file.read_bytes())
    return copies, told


SHORT = ("after_claim", "random", "after_data", "before_mark_commit", "in_planning", "random")
LONG = (*POINTS * 3, *("random",) * (40 - 3 * len(POINTS)))


@pytest.mark.parametrize("deaths", [SHORT, pytest.param(LONG, marks=pytest.mark.hard)], ids=lambda them: str(len(them)))
def test_a_sender_killed_again_and_again_loses_nothing_and_repeats_at_most_one_message_each_time(
    engine, database_url, keeping_sink, deaths
):
    port, folder = keeping_sink
    alone = ["--alone"] if engine.dialect.name == "sqlite" else []  # PostgreSQL waits for leases to run out
    chance = random.Random(20240318)
    chance.shuffle(lives := list(deaths))
    with writing(engine) as connection:
        agencies = add_office(connection, 150, digest=lambda number: number % 3 != 0)
    owed, ended = set(), []
    for number, point in enumerate(lives):  # each finds two new reports of the same agencies: some have both in a mail
        asked = [agencies[(number * 6 + step) % len(agencies)] for step in range(6)]
        with writing(engine) as connection:
            for which in "ab":
                owed |= set(add_report(connection, f"R{number}{which}", DAYS.add(FIRST, 5), asked))
        now = at(FIRST) + timedelta(minutes=10 * number)
        ended.append(kill_at(point, database_url, port, now, chance, *alone))
    with sending(database_url, port, at(FIRST, 16), "--to-the-end", *alone) as last:
        assert last.wait(PATIENCE) == 0

    office = SmallOffice(engine, at(FIRST, 16))
    notices, attempts = office.notices(), office.attempts()
    copies, told = received(folder)
    extra = copies.total() - len(copies)
    interrupted = sum(outcomes.count(INTERRUPTED) for outcomes in attempts.values())
    print(f"{ended.count(KILLED)} kills, {len(notices)} notices, {len(copies)} messages, {extra} copies", end=", ")
    print(f"{interrupted} interrupted attempts, {len(owed - set().union(*told.values()))} lost")
    assert ended == [KILLED] * len(lives)
    assert {row.subject for row in notices} == owed
    assert office.states() == {"accepted": len(owed)}
    assert all(row.reference for row in notices)
    envelopes = defaultdict(set)
    for row in notices:
        envelopes[row.envelope].add(row.subject)
    assert envelopes == told
    assert extra <= len(lives)
    assert all(attempts[row.id] == [INTERRUPTED] * (row.attempts - 1) + ["accepted"] for row in notices)
    assert all(copies[row.envelope] <= row.attempts for row in notices)
    with reading(engine) as connection:
        assert verify_audit(connection).broken_at is None


# ---------------------------------------------------------------- a database that cannot be written


def test_a_full_disk_is_a_sentence_and_nothing_is_lost_once_there_is_room(tmp_path, keeping_sink):
    """SQLite: an office's database is a file on the office's disk."""
    (port, folder), url = keeping_sink, f"sqlite:///{tmp_path / 'dondoc.db'}"
    engine = open_store(url)
    with writing(engine) as connection:
        add_report(connection, "R", DAYS.add(FIRST, 5), add_office(connection, 100))
    office = SmallOffice(engine, at(FIRST))
    office.plan()
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with sending(url, port, at(FIRST), "--to-the-end", "--room", "60000") as sender:
        assert sender.wait(PATIENCE) == 2
        assert "Đĩa" in sender.stdout.read()
    sent = len(received(folder)[0])
    assert 0 < sent < 100
    with sending(url, port, at(FIRST), "--to-the-end") as sender:
        assert sender.wait(PATIENCE) == 0
    copies, _ = received(folder)
    assert office.states() == {"accepted": 100}
    assert set(copies) == {row.envelope for row in office.notices()}
    assert copies.total() <= 101
    engine.dispose()


@contextmanager
def locked(engine):
    """Somebody else keeps the outbox to themselves."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE notice")
        yield


@pytest.fixture
def impatient(engine, database_url):
    """An engine on the same database that does not wait for others as long as an office's does."""
    more = "?options=-c%20lock_timeout%3D100" if engine.dialect.name == "postgresql" else ""
    opened = open_store(database_url + more)
    if not more:
        event.listen(opened, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=100"))
        opened.dispose()
    yield opened
    opened.dispose()


@pytest.fixture
def office(engine, impatient):
    with writing(engine) as connection:
        add_report(connection, "R", DAYS.add(FIRST, 5), add_office(connection, 5))
    office = SmallOffice(engine, at(FIRST))
    office.plan()
    office.engine = impatient
    return office


def test_a_database_locked_before_the_claim_is_a_sentence_and_nothing_has_left(engine, office):
    with locked(engine), pytest.raises(StoreUnusable, match="Không dùng được cơ sở dữ liệu"):
        office.send()
    assert office.channel.told == []
    office.send()
    assert office.states() == {"accepted": 5}
    assert len(office.channel.told) == 5


def test_a_database_locked_between_sending_and_marking_costs_one_more_copy_and_loses_nothing(engine, office):
    with ExitStack() as until_the_error:

        def lock(message):
            if len(office.channel.told) == 2:
                until_the_error.enter_context(locked(engine))
            return ACCEPTED

        office.channel.answer = lock
        with pytest.raises(StoreUnusable, match="Không dùng được cơ sở dữ liệu"):
            office.send()
    office.channel.answer = lambda _message: ACCEPTED
    assert office.states() == {"accepted": 1, "sending": 4}
    office.expire_leases()
    office.send()
    assert office.states() == {"accepted": 5}
    assert sorted(Counter(office.channel.keys).values()) == [1, 1, 1, 1, 2]


def test_a_planner_that_finds_the_database_locked_plans_the_next_time(engine, office):
    with writing(engine) as connection:
        duties = add_report(connection, "S", DAYS.add(FIRST, 5), ["A1", "A2"])
    with locked(engine), pytest.raises(StoreUnusable):
        office.plan()
    office.plan()
    office.send()
    assert {row.subject for row in office.notices()} >= set(duties)
    assert office.states() == {"accepted": 7}
