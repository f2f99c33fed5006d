"""Planning with a million open steps of which a thousand are due, against ten thousand open of which as many are due.

What is due, the people and the agencies are the same in both: planning should cost what has come due, not what is
stored. On SQLite and on a real PostgreSQL, every time on a fresh copy. Run: python benchmarks/notice_planning.py
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Connection, create_engine, insert

from calendars.working_days import WorkingDays
from models.kinds import Action, ChannelKind, ItemKind, Placing, Post, Role, Target
from notices.hours import ZONE
from notices.ladder import follow_calendar
from notices.planning import Planning, plan_notices
from notices.tables import AGENCIES, CONTACTS, DUTIES, OCCURRENCES, PROGRAMMES, RUNGS, TIES, WAYS
from office.store import open_store, writing
from planning.check import read_definitions
from tests.postgres import postgres_programs, private_postgres

PROGRAMMES_FOLDER = Path(__file__).resolve().parents[1] / "programmes"
FEW, MANY, DUE, ROUNDS = 10_000, 1_000_000, 1_000, 5
OWING, STEPS = 10, 10  # agencies of one occurrence, open steps of one duty
BODIES = 200  # agencies there are
NOW = datetime(2024, 3, 11, 7, 0, tzinfo=ZONE)  # a Monday: the chair's list is due as well
TODAY, BEGAN = NOW.date(), date(2024, 1, 2)
# what the steps that are due do, in turn
ACTIONS = (*[Action.REMIND] * 6, Action.ESCALATE, Action.DRAFT_LETTER, Action.MARK_RATING, Action.LIST_FOR_CHAIR)
Copies = Callable[[int], AbstractContextManager[str]]


def main() -> None:
    """Prints the medians of rounds that take turns, and their ratio."""
    ladders = read_definitions(PROGRAMMES_FOLDER).ladders
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder:
        for steps in (FEW, MANY):
            store(f"sqlite:///{folder}/{steps}.db", steps, ladders["default"])
        measure("SQLite", partial(copied_file, Path(folder)), ladders)
    programs = postgres_programs()
    if programs is None:
        print("PostgreSQL: not measured, its programs are not installed (apt-get install postgresql)")
        return
    with private_postgres(programs) as server:
        for steps in (FEW, MANY):
            execute(server, f"CREATE DATABASE steps_{steps}")
            store(f"{server}/steps_{steps}", steps, ladders["default"])
        measure("PostgreSQL", partial(copied_database, server), ladders)


def measure(name: str, copies: Copies, ladders: dict[str, str]) -> None:
    """One kind of database: both sizes in turn, each planned on a copy of its own."""
    plan_copy(copies, FEW, ladders)  # what only the first planning of a process costs
    few, many = [], []
    for _ in range(ROUNDS):
        few.append(plan_copy(copies, FEW, ladders))
        many.append(plan_copy(copies, MANY, ladders))
    small, large = median(seconds for seconds, _ in few), median(seconds for seconds, _ in many)
    assert {done for _, done in few} == {done for _, done in many}
    done = few[0][1]
    print(
        f"{name}: {done.notices} notices and {len(done.letters)} letters of {DUE:,} steps due among {FEW:,}: "
        f"{small:.2f} s, among {MANY:,}: {large:.2f} s, ratio {large / small:.2f}  (aim 1.5)"
    )


def plan_copy(copies: Copies, steps: int, ladders: dict[str, str]) -> tuple[float, Planning]:
    """Seconds of one planning with its commit, and what it did."""
    days = WorkingDays()
    with copies(steps) as url:
        engine = open_store(url)
        begun = perf_counter()
        with writing(engine) as connection:
            done = plan_notices(connection, ladders, days, NOW, NOW, BEGAN)
        seconds = perf_counter() - begun
        engine.dispose()
    return seconds, done


# ---------------------------------------------------------------- copies


@contextmanager
def copied_file(folder: Path, steps: int) -> Iterator[str]:
    """The address of a copy of the SQLite file."""
    copy = folder / "copy.db"
    shutil.copyfile(folder / f"{steps}.db", copy)
    yield f"sqlite:///{copy}"
    copy.unlink()


@contextmanager
def copied_database(server: str, steps: int) -> Iterator[str]:
    """The address of a copy of the PostgreSQL database, on disk before anything is measured."""
    execute(server, f"CREATE DATABASE copy TEMPLATE steps_{steps}", "CHECKPOINT")
    yield f"{server}/copy"
    execute(server, "DROP DATABASE copy")


def execute(server: str, *statements: str) -> None:
    """Statements no transaction may hold."""
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


# ---------------------------------------------------------------- what is stored


def store(url: str, steps: int, ladder: str) -> None:
    """So many open steps of duties, ten each; one occurrence in so many has steps that are due today."""
    engine = open_store(url)
    occurrences = steps // STEPS // OWING
    apart = occurrences * OWING // DUE
    with writing(engine) as connection:
        store_office(connection)
        follow_calendar(connection, WorkingDays(), NOW, NOW)  # the ladders were laid by the calendar of today
        for first in range(0, occurrences, 100):
            some = range(first, min(first + 100, occurrences))
            connection.execute(insert(OCCURRENCES), [occurrence(n, turn(n, apart), ladder) for n in some])
            connection.execute(insert(TIES), [row for n in some for row in ties(n)])
            connection.execute(insert(DUTIES), [row for n in some for row in duties(n)])
            connection.execute(insert(RUNGS), [row for n in some for row in rungs(n, turn(n, apart))])
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")  # what an office's own server has long done by itself
    engine.dispose()


def turn(number: int, apart: int) -> int | None:
    """Which of those that are due an occurrence is; None for what is not."""
    return number // apart if number % apart == 0 else None


def store_office(connection: Connection) -> None:
    """One programme; the agencies, each with two people; the chair and the secretariat."""
    paper = {"code": "CT-01", "short": "CT", "title": "Chương trình công tác", "number": "1/CTr", "issuer": "BCD"}
    paper |= {"source": "x", "standing_agency": "BCD", "collector": "BCD", "policy": "default", "draft": False}
    days = {"issued": BEGAN, "first": date(2024, 1, 1), "last": date(2024, 12, 31)}
    connection.execute(insert(PROGRAMMES), paper | days)
    codes = ["BCD", *(body(number) for number in range(BODIES))]
    same = {"level": "province", "kind": "department", "is_group": False, "open": False}
    connection.execute(insert(AGENCIES), [{"code": code, "name": f"Sở {code}", "short": code} | same for code in codes])
    posts = [(code, post) for code in codes for post in (Post.FOCAL, Post.HEAD)]
    posts += [("BCD", Post.CHAIR), ("BCD", Post.SECRETARIAT)]
    people = [{"code": f"{code}.{post}", "name": f"Ông {code}", "agency": code, "post": post} for code, post in posts]
    hours = {"language": "vi", "quiet_from": time(21), "quiet_to": time(6), "digest": True}
    connection.execute(insert(CONTACTS), [person | hours for person in people])
    way = {"position": 0, "kind": ChannelKind.MAIL, "verified_on": BEGAN}
    ways = [{"contact": one["code"], "address": f"{one['code']}@example.vn".lower()} | way for one in people]
    connection.execute(insert(WAYS), ways)


def body(number: int) -> str:
    """An agency's code."""
    return f"CQ-{number % BODIES:03d}"


def name(number: int) -> str:
    """An occurrence's id."""
    return f"CT-01/bao-cao-{number:05d}/2024"


def occurrence(number: int, turn: int | None, ladder: str) -> dict[str, Any]:
    """A report; what is due today and more than a reminder has been late for a while."""
    late = turn is not None and ACTIONS[turn % len(ACTIONS)] is not Action.REMIND
    last = TODAY + timedelta(days=-10 if late else 30)
    return {
        "id": name(number), "programme": "CT-01", "item": f"bao-cao-{number:05d}", "period": "2024", "line": number,
        "kind": ItemKind.REPORT, "title": f"Báo cáo kết quả thực hiện nhiệm vụ số {number} của chương trình",
        "placing": Placing.DEADLINE, "certainty": "exact", "named_date": last, "last_on_time": last, "work_by": last,
        "included": True, "tentative": False, "assumed": False, "headcount_about": False, "rolls_up": False,
        "why": "Ngày nêu trong văn bản.", "opens_on": BEGAN, "opened_on": BEGAN, "year_first": 2024,
        "year_last": 2024, "policy": "default", "ladder": ladder, "secret": False, "due_version": 1,
        "rungs_stale": False, "status": "planned", "sequence": 0, "revised_at": NOW,
    }  # fmt: skip


def ties(number: int) -> Iterator[dict[str, Any]]:
    """The agencies that have to send it."""
    for agency in owing(number):
        yield {"occurrence": name(number), "agency": agency, "role": Role.LEAD}


def duties(number: int) -> Iterator[dict[str, Any]]:
    """What each of them owes."""
    for agency in owing(number):
        yield {
            "id": f"{name(number)}/{agency}", "occurrence": name(number), "agency": agency, "handover": False,
            "withdrawn": False, "due_version": 1,
        }  # fmt: skip


def owing(number: int) -> Iterator[str]:
    """The agencies of an occurrence; whoever is due today is the same however much is stored."""
    return (body(number * OWING + each) for each in range(OWING))


def rungs(number: int, turn: int | None) -> Iterator[dict[str, Any]]:
    """Ten open steps of each duty over the coming months; of what is due, the first is today."""
    for agency in owing(number):
        for step in range(STEPS):
            due = turn is not None and step == 0
            yield {
                "subject": f"{name(number)}/{agency}", "version": "1.1", "step": f"step-{step}",
                "occurrence": name(number), "agency": agency, "urgent": False, "working_days": step,
                "action": ACTIONS[turn % len(ACTIONS)] if turn is not None and due else Action.REMIND,
                "targets": Target.FOCAL, "fires_on": TODAY if due else TODAY + timedelta(7 + 20 * step + number % 20),
            }  # fmt: skip


if __name__ == "__main__":
    main()
