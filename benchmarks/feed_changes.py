"""One matter that stands in all of 3,500 subscribed calendars moves: how long until every one is fresh.

Twice, in a year of 34 provinces × 120 agencies × 60 matters: as one province would subscribe (its 121 calendars in
four ways: subscriptions with the same wishes share their bytes), and 3,500 agencies of all provinces, no two with the
same bytes, that have the matter in common. Ratios within one run: against rendering and building everything from
nothing, against only packing the same bytes, and against only writing them to disk. Then over HTTP: the portal runs
in a process of its own and nobody wakes it. Run: python benchmarks/feed_changes.py [subscriptions]
"""

from __future__ import annotations

import gzip
import hashlib
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Connection, Engine, delete, insert, update

from benchmarks.feeds import Server, running, serve_portal
from benchmarks.publishing import AGENCIES, PROVINCES, TODAY, fields, store_year, ties, timed, write_safely
from calendars.membership import feeds_of, mark_stale
from calendars.subscription_options import Options
from calendars.subscriptions import digest_of, token_of
from models.feed import Fragment
from models.occurrence import Occurrence, OccurrenceAgency
from models.subscription import Subscription, WindowStyle
from notices.links import Links
from office.clock import Clock
from office.secret import link_secret
from office.settings import Settings
from office.store import open_store, writing
from portal.desk import Desk
from portal.feed_refresher import FeedRefresher, Refreshed
from portal.feed_shelf import FeedShelf
from tests.postgres import free_port

SUBSCRIPTIONS, ROUNDS = 3_500, 3
MATTER = fields(0, 2)  # a fixed day in the first province
WAYS = (
    Options(),
    Options(alarm_minutes=1_440),
    Options(language="en"),
    Options(windows=WindowStyle.HIDE, cancelled=False),
)
Wishes = Sequence[tuple[str, Options]]


@dataclass(frozen=True)
class Took:
    """Seconds on the wall, and of this process's own CPU: the second stay true on a machine that is busy otherwise."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of CPU)"


def took(work: Callable[[], Any]) -> tuple[Took, Any]:
    """How long some work took, and what it returned."""
    before = time.process_time()
    wall, result = timed(work)
    return Took(wall, time.process_time() - before), result


def main(subscriptions: int) -> None:
    """One year, read by two kinds of readers."""
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder:
        settings = Settings(home=Path(folder))
        store = open_store(settings.database_url)
        with writing(store) as connection:
            store_year(connection, PROVINCES * AGENCIES + 100)
        province = [*(f"agency/P00-{number:03}" for number in range(AGENCIES)), "programme/P00"]
        measure("one province", settings, store, share_out(province, subscriptions))
        nation = [f"agency/P{province:02}-{number:03}" for province in range(PROVINCES) for number in range(AGENCIES)]
        with writing(store) as connection:
            others = [owner.removeprefix("agency/") for owner in nation[AGENCIES:]]
            connection.execute(insert(OccurrenceAgency), list(ties([MATTER], others, "GP00")))
        measure("34 provinces", settings, store, list(islice(zip(nation, cycle(WAYS)), subscriptions)))
        store.dispose()


def share_out(owners: Sequence[str], subscriptions: int) -> Wishes:
    """Every calendar in the first way, in the second, and so on, over again until there are enough."""
    return list(islice(cycle((owner, way) for way in WAYS for owner in owners), subscriptions))


def measure(name: str, settings: Settings, store: Engine, wishes: Wishes) -> None:
    """In this process, against what the machine allows, and then over HTTP."""
    secret = link_secret(settings)
    with writing(store) as connection:
        connection.execute(delete(Fragment))
        tokens = subscribe(connection, wishes, secret)
    desk = Desk(settings, Clock(), store, Links(secret, "http://x"), secret)
    shelf = FeedShelf(settings.home / f"{name}.db")
    refresher = FeedRefresher(desk, shelf)
    whole, made = took(refresher.refresh_once)
    print(
        f"{name}: {len(wishes):,} subscriptions, {len(shelf.feeds):,} calendars with bytes of their own; "
        f"{made.rendered:,} events rendered and everything built from nothing: {whole}"
    )
    moved, done, changed = move(desk, shelf, refresher)
    assert changed == len(shelf.feeds), (changed, len(shelf.feeds))
    print(
        f"  one matter moved: {done.rendered} events rendered, {changed:,} bodies, {done.written / 1e6:.1f} MB as gzip "
        f"written, all fresh after {moved}: 1/{whole.cpu / moved.cpu:.1f} of everything"
    )
    compare(settings.home / f"{name} alone", shelf, moved)
    shelf.close()
    over_http(settings, desk, tokens)


def move(desk: Desk, shelf: FeedShelf, refresher: FeedRefresher) -> tuple[Took, Refreshed, int]:
    """The median of some moves, what the last one did, and how many bodies it changed."""
    times = []
    for _ in range(ROUNDS):
        before = {key: kept.etag for key, kept in shelf.feeds.items()}
        move_matter(desk)
        time_, done = took(refresher.refresh_once)
        times.append(time_)
    middle = Took(median(one.wall for one in times), median(one.cpu for one in times))
    return middle, done, sum(kept.etag != before[key] for key, kept in shelf.feeds.items())


def compare(folder: Path, shelf: FeedShelf, refreshing: Took) -> None:
    """What cannot be saved: packing the bytes, and putting them on disk."""
    bodies = [shelf.bytes_of(key, packed=False) or b"" for key in shelf.feeds]
    packing, packed = took(lambda: [pack(body) for body in bodies])
    disk, _ = took(partial(write_safely, folder, [b"".join(packed)]))
    print(
        f"  gzip and SHA-256 of these {sum(map(len, bodies)) / 1e6:,.0f} MB alone: {packing}, refreshing costs "
        f"{refreshing.cpu / packing.cpu:.1f} × its CPU; the packed bytes forced to disk as one file: "
        f"{disk.wall:.3f} s, refreshing takes {refreshing.wall / disk.wall:,.0f} × that"
    )


def pack(body: bytes) -> bytes:
    """As the shelf packs a body it has never seen."""
    hashlib.sha256(body).hexdigest()
    return gzip.compress(body, 6, mtime=0)


def over_http(settings: Settings, desk: Desk, tokens: Sequence[str]) -> None:
    """From the commit until every address answers with the new tag."""
    paths = [f"/lich/{token}.ics" for token in tokens]
    server = Server(free_port(), paths[-1])
    with running(partial(serve_portal, settings.home, server.port), server):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        asking, before = took(lambda: {path: tag_of(connection, path) for path in paths})
        move_matter(desk)
        first, last, longest = await_new_tags(connection, before)
        connection.close()
    print(
        f"  over HTTP: the first of {len(paths):,} addresses was fresh after {first:.2f} s, all after {last:.2f} s "
        f"(the portal looks once a second; asking all of them takes {asking.wall:.2f} s); no answer took longer than "
        f"{longest * 1000:.0f} ms meanwhile",
        flush=True,
    )


def await_new_tags(connection: HTTPConnection, before: dict[str, str]) -> tuple[float, float, float]:
    """Seconds until the first and the last address was fresh, and the longest time one answer took."""
    begun, first, longest, pending = time.perf_counter(), 0.0, 0.0, deque(before)
    while pending:
        asked = time.perf_counter()
        tag = tag_of(connection, pending[0])
        longest = max(longest, time.perf_counter() - asked)
        if tag == before[pending[0]]:
            time.sleep(0.002)
            continue
        pending.popleft()
        first = first or time.perf_counter() - begun
    return first, time.perf_counter() - begun, longest


# ---------------------------------------------------------------- the office


def subscribe(connection: Connection, wishes: Wishes, secret: str) -> list[str]:
    """Instead of all there were, one subscription for each wish; their tokens, by calendar."""
    connection.execute(delete(Subscription))
    made, tokens = [], []
    for number, (owner, options) in enumerate(sorted(wishes, key=lambda wish: wish[0]), 1):
        row = {
            "id": number,
            "owner": owner,
            "title": f"Lịch {number}",
            "generation": 1,
            "created_by": "Hoa",
            "asked": 0,
        }
        row |= options.as_columns() | {"created_at": datetime.now(UTC)}
        tokens.append(token_of(secret, row))
        made.append(row | {"digest": digest_of(tokens[-1])})
    connection.execute(insert(Subscription), made)
    mark_stale(connection, *{owner for owner, _ in wishes})
    return tokens


def move_matter(desk: Desk) -> None:
    """By a day, every time another one."""
    now = datetime.now(UTC)
    day = TODAY + timedelta(days=now.microsecond % 200)
    with desk.writing() as connection:
        moved = update(Occurrence).where(Occurrence.id == MATTER["id"])
        connection.execute(moved.values(first=day, last=day, revised_at=now, sequence=Occurrence.sequence + 1))
        mark_stale(connection, *feeds_of(connection, [MATTER["id"]]))


def tag_of(connection: HTTPConnection, path: str) -> str:
    """The tag of a calendar's present bytes."""
    connection.request("HEAD", path)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    return answer.headers["ETag"]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SUBSCRIPTIONS)
