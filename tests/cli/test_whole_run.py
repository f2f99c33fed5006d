"""``dondoc run`` with everything real, and killed outright at a dozen places: the end is always the same.

Compared are the rows of our own database and the published files, byte by byte.
"""

import hashlib
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from cli.prefect_server import PrefectServer

# Where the power goes out: after which line of the progress, and up to how many seconds later.
PLACES = [
    ("reading the papers", " 1/10 ", 0.2),
    ("planning the first year", " 2/10 ", 0.3),
    ("planning the later years", " 2/10 ", 1.2),
    ("the server begins", " 3/10 ", 0.8),
    ("the server makes its database", " 3/10 ", 4.0),
    ("registering the flows", " 4/10 ", 0.5),
    ("registering the schedules", " 4/10 ", 2.0),
    ("the worker begins", " 7/10 ", 0.05),
    ("the roll-out is asked for", " 8/10 ", 0.5),
    ("the roll-out runs", " 8/10 ", None),  # as soon as Prefect calls it running
    ("notices are planned", " 10/10 ", 5.0),
    ("notices are sent", " 10/10 ", 9.0),
]
# What tells how often it was tried, and by the machine's clock: different after kills, and it must be.
OF_THE_ATTEMPTS = {"attempt", "auditentry", "passage"}
LINK_BY_THE_MACHINE = ("issued_at", "ends_at")  # a personal link lasts from the machine's own moment it was made
OF_ONE_ATTEMPT = (
    "id",
    "attempts",
    "rendered",  # it holds the link, signed with the key of its own home
    "reference",
    "reason",
    "planned_at",
    "accepted_at",
    "due_at",
    "lease",
    "lease_until",
)


NOT_COMPARED = {"notice": OF_ONE_ATTEMPT, "personallink": LINK_BY_THE_MACHINE}


def rows(home) -> dict[str, list]:
    """Every row of every table of ours, in an order of its own, without what only tells of attempts."""
    with closing(sqlite3.connect(home.folder / "dondoc.db")) as connection:
        connection.row_factory = sqlite3.Row
        names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        kept = {name: connection.execute(f"select * from {name}").fetchall() for name in names - OF_THE_ATTEMPTS}
    return {
        name: sorted(
            ({key: row[key] for key in dict(row) if key not in NOT_COMPARED.get(name, ())} for row in found),
            key=repr,
        )
        for name, found in kept.items()
    }


def differing(ours: dict[str, list], theirs: dict[str, list]) -> str:
    """What the rows of two offices do not share: how many, or in which columns; "" when they are the same."""
    assert ours.keys() == theirs.keys()
    said = [
        f"{name}: {len(ours[name])} and {len(theirs[name])} rows"
        for name in ours
        if len(ours[name]) != len(theirs[name])
    ]
    for name in ours:
        for one, other in zip(ours[name], theirs[name], strict=False):
            if one != other:
                said.append(f"{name}: { {key: (one[key], other[key]) for key in one if one[key] != other[key]} }")
    return "\n".join(said[:6])


def mails(home) -> dict[str, int]:
    """How many copies of each mail the sink has, by Message-ID."""
    return Counter(path.name.split("-")[1].removesuffix(".eml") for path in (home.folder / "mail").glob("*.eml"))


def files(folder: Path) -> dict[str, str]:
    """Every file by its path, with the digest of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def run_to_the_end(home) -> str:
    code, said, errors = home.run("--once").finish(400)
    assert (code, errors) == (0, ""), said
    assert home.processes() == {}
    return said


def asked_for(home) -> list[str]:
    """How the runs ended that ``dondoc run`` asked for itself."""
    with closing(sqlite3.connect(home.folder / "prefect" / "prefect.db")) as connection:
        return [kind for (kind,) in connection.execute("select state_type from flow_run where tags like '%khoi-dong%'")]


def is_running(home) -> bool:
    which = {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}, "limit": 1}
    return bool(PrefectServer(f"http://127.0.0.1:{home.port}").ask("POST", "/flow_runs/filter", which))


@pytest.fixture(scope="module")
def undisturbed(new_home):
    """An office whose first start nothing disturbed, and what it said."""
    home = new_home("chưa bị ngắt")
    return home, run_to_the_end(home)


def test_a_first_start_plans_publishes_and_shows_where_to_look(undisturbed):
    home, said = undisturbed
    assert "Scheduled" in said
    assert "→ Completed" in said
    assert str(home.folder / "published" / "index.html") in said
    assert "09/12/2024" in said
    assert (home.folder / "published" / "index.html").is_file()
    assert asked_for(home) == ["COMPLETED"] * 3  # the roll-out, planning, sending
    assert {path.name for path in home.folder.iterdir()} >= {"dondoc.db", "prefect", "logs", "published", "run.lock"}
    assert set(mails(home).values()) == {1}
    assert "thông báo của hôm nay" in said


def test_a_second_start_goes_on_with_what_is_there_and_changes_nothing(undisturbed):
    home, _ = undisturbed
    before = rows(home), files(home.folder / "published")
    said = run_to_the_end(home)
    assert "không có gì thay đổi" in said
    assert "giữ nguyên" in said
    assert (rows(home), files(home.folder / "published")) == before


def test_killed_at_every_place_it_ends_as_if_never_killed(undisturbed, new_home):
    home, chance = new_home("bị ngắt nhiều lần"), random.Random(20241202)
    for place, words, latest in PLACES:
        running = home.run("--once")
        running.read_until(words)
        if latest is None:
            home.wait_until(lambda: is_running(home))
        else:
            time.sleep(chance.uniform(0, latest))
        running.kill()
        assert running.process.returncode == -signal.SIGKILL, f"{place}: it had ended before the kill"
        home.wait_until(lambda: home.processes() == {})  # the kernel ends server, worker and flow run

    run_to_the_end(home)
    same, _ = undisturbed
    assert differing(rows(home), rows(same)) == ""
    assert files(home.folder / "published") == files(same.folder / "published")
    assert set(asked_for(home)) == {"COMPLETED", "CANCELLED"}  # the interrupted ones were called off
    assert set(mails(home)) == set(mails(same))
    assert sum(mails(home).values()) <= len(mails(same)) + len(PLACES)  # at most one copy more for each kill
