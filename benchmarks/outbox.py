"""Notices a second through the outbox (claimed together, each marked), against the commits the same disk allows.

Ratios within one run, for one sender and for two, on SQLite and on a real PostgreSQL, both as safe as an office's:
the limit is as many single-row updates by primary key, each committed by the driver alone, from as many processes.
Nothing is sent. On SQLite an office has one sender only: two show what its one writer does to them.
Run by hand: python benchmarks/outbox.py
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from threading import Barrier
from time import monotonic
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Engine, func, insert, select

from models.kinds import ChannelKind, Target
from models.notice import NoticeKind, NoticeState
from notices.channel import Outcome, Verdict
from notices.outbox import Sending, audit_attempt, claim, mark
from notices.post_office import AT_ONCE, LEASE_SECONDS
from notices.retries import Next
from notices.tables import ATTEMPTS, NOTICES
from office.store import open_store, reading, writing
from tests.postgres import postgres_programs, private_postgres

NOW = datetime(2024, 3, 11, 1, 30, tzinfo=UTC)
ROWS, ROUNDS = 1_000, 5
ACCEPTED = Outcome(Verdict.ACCEPTED, reference="250 2.0.0 Ok: queued as 4F2A1")


def main() -> None:
    """Prints the medians of rounds that take turns, and the ratios between them."""
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder:
        measure("SQLite", f"sqlite:///{folder}/dondoc.db")
    programs = postgres_programs()
    if programs is None:
        print("PostgreSQL: not measured, its programs are not installed (apt-get install postgresql)")
        return
    with private_postgres(programs) as server:
        measure("PostgreSQL", f"{server}/postgres")


def measure(name: str, url: str) -> None:
    """One database, with one sender and with two."""
    for senders in (1, 2):
        rounds = [rates(url, plan_rows(url), senders) for _ in range(ROUNDS)]
        limit, outbox = (median(column) for column in zip(*rounds, strict=True))
        ratio = median(ours / most for most, ours in rounds)
        print(
            f"{name}, {senders} sender{'s'[: senders - 1]}: outbox {outbox:6,.0f} rows/s, "
            f"single-row commits {limit:6,.0f}/s, outbox/limit {ratio:.2f}"
        )


def plan_rows(url: str) -> range:
    """So many new notices that are due, each a message of its own; their numbers."""
    engine = open_store(url)
    with writing(engine) as connection:
        last = connection.execute(select(func.coalesce(func.max(NOTICES.c.id), 0))).scalar_one()
        numbers = range(last + 1, last + 1 + ROWS)
        connection.execute(insert(NOTICES), [notice(number) for number in numbers])
    engine.dispose()
    return numbers


def check_marked(url: str, rows: range) -> None:
    """Each was marked, and none twice."""
    engine = open_store(url)
    with reading(engine) as connection:
        marked = connection.execute(select(ATTEMPTS.c.notice).where(ATTEMPTS.c.notice >= rows.start)).scalars()
        assert sorted(marked) == list(rows)
    engine.dispose()


def notice(number: int) -> dict[str, Any]:
    """A reminder as planning files it."""
    subject = f"CT-01/bao-cao-{number}/2024/SYT"
    return {
        "id": number, "subject": subject, "version": "1.1", "step": "before-5", "recipient": "syt.dau-moi",
        "channel": ChannelKind.MAIL.value, "occurrence": subject.rpartition("/")[0], "agency": "SYT",
        "kind": NoticeKind.REMINDER.value, "target": Target.FOCAL.value, "fires_on": NOW.date(), "missed": 0,
        "urgent": True, "bundle": f"{subject}|1.1|before-5|syt.dau-moi|mail", "state": NoticeState.PLANNED.value,
        "due_at": NOW, "attempts": 0, "planned_at": NOW, "link_revoked": False,
    }  # fmt: skip


def claim_and_mark(engine: Engine, _rows: range) -> None:
    """What a sender does around the sending, until nothing is due: claim and commit, then mark each and commit."""
    while True:
        with writing(engine) as connection:
            envelopes = claim(connection, NOW, most=AT_ONCE, lease_seconds=LEASE_SECONDS)
        if not envelopes:
            return
        for envelope in envelopes:
            sending = Sending(envelope.channel, envelope.recipient, envelope.key * 2)
            with writing(engine) as connection:
                marked = mark(connection, envelope, sending, ACCEPTED, Next(NoticeState.ACCEPTED), NOW)
                became = dict.fromkeys(marked, NoticeState.ACCEPTED)
                audit_attempt(connection, envelope, sending, ACCEPTED, became, NOW)


def commit_each(engine: Engine, rows: range) -> None:
    """The least a sender could write down: one column of one row, by the driver alone."""
    connection = engine.raw_connection()
    cursor = connection.cursor()
    for number in rows:
        cursor.execute(f"UPDATE notice SET missed = 1 WHERE id = {number}")
        connection.commit()  # SQLite, where we say BEGIN ourselves, has done so already
    connection.close()


# ---------------------------------------------------------------- processes


def rates(url: str, rows: range, senders: int) -> list[float]:
    """Rows a second of so many processes that begin together: committed by the driver alone, then by the outbox."""
    together = get_context("spawn")
    with together.Manager() as shared, together.Pool(senders) as pool:
        begin = shared.Barrier(senders, timeout=60)
        spans = pool.starmap(one_sender, [(url, rows[turn::senders], begin) for turn in range(senders)], 1)
    check_marked(url, rows)
    works = zip(*spans, strict=True)
    return [len(rows) / (max(end for _, end in work) - min(begun for begun, _ in work)) for work in works]


def one_sender(url: str, rows: range, begin: Barrier) -> list[tuple[float, float]]:
    """When one process began and ended each, by the clock all processes share."""
    engine = open_store(url)
    spans = []
    for work in (commit_each, claim_and_mark):
        begin.wait()
        begun = monotonic()
        work(engine, rows)
        spans.append((begun, monotonic()))
    engine.dispose()
    return spans


if __name__ == "__main__":
    main()
