"""Keeps the shelf of subscribed calendars fresh: one thread asks the database what changed, and rebuilds only that.

While the database is away what stands on the shelf is served on; the thread asks again, ever less often.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import SQLAlchemyError

from calendars.kept_events import needs_renewal, renew_events
from calendars.membership import batches
from calendars.subscribed_feeds import FeedBuilder, Recipe, changed_feeds, farewell, wanted_styles
from calendars.subscription_options import read_options
from calendars.subscriptions import FAREWELL, note_requests, seed_of
from calendars.working_days import WorkingDays
from models.columns import table_of
from models.errors import DonDocError
from models.feed import Feed
from models.subscription import Subscription
from portal.desk import Desk
from portal.feed_shelf import Address, FeedShelf
from portal.feeds import FeedDoor

SECONDS_BETWEEN = 1.0
LONGEST_WAIT = 10.0  # seconds between two tries while the database is away
COUNTED_EVERY = 30.0  # seconds between two notes of who asked; as often empty programmes' notices are looked at
OWNERS_AT_ONCE = 100
_log = logging.getLogger(__name__)
_feed, _subscription = table_of(Feed), table_of(Subscription)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one look did: events rendered, calendars rebuilt, and the bytes of those that changed (packed)."""

    rendered: int = 0
    rebuilt: int = 0
    written: int = 0


class FeedRefresher:
    """Looks every second; ``wake`` makes it look at once. ``door`` is asked who asked, once there is one."""

    def __init__(self, desk: Desk, shelf: FeedShelf, *, interval: float = SECONDS_BETWEEN) -> None:
        self._desk, self.shelf, self._interval = desk, shelf, interval
        self.door: FeedDoor | None = None
        self._seen = -1
        self._counted_at = self._fresh_at = float("-inf")
        self._days: WorkingDays | None = None
        self._unsaid: list[tuple[str, int, datetime, str]] = []
        self._awake, self._ended = threading.Event(), threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)

    def start(self) -> None:
        """From now on, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and waits for it."""
        self._ended.set()
        self._awake.set()
        self._thread.join(timeout=30)
        with suppress(DonDocError, SQLAlchemyError):
            self.note_asked()

    def wake(self) -> None:
        """Something of ours changed: it shall be seen at once."""
        self._awake.set()

    def seconds_since_fresh(self) -> float:
        """How long ago the shelf was last known to be what the database says."""
        return time.monotonic() - self._fresh_at

    def refresh_once(self) -> Refreshed:
        """Brings the shelf up to date. Raises StoreUnusable and SQLAlchemyError while the database is away."""
        with self._one_at_a_time:
            rendered = self._renew()
            with self._desk.reading() as connection:
                last, names = changed_feeds(connection, self._seen)
            is_time = time.monotonic() - self._counted_at >= COUNTED_EVERY
            rebuilt, written = self._rebuild({*names, *(self._empty_programmes() if is_time else ())})
            if names:
                self._drop_unknown()
            self._seen = last
            if is_time:
                self.note_asked()
            self._fresh_at = time.monotonic()
        return Refreshed(rendered, rebuilt, written)

    def note_asked(self) -> None:
        """Writes down who asked for what; what could not be written is kept for the next time."""
        self._counted_at = time.monotonic()
        self._unsaid += self.door.take_asked() if self.door else []
        if self._unsaid:
            with self._desk.writing() as connection:
                note_requests(connection, self._unsaid)
            self._unsaid = []

    def _renew(self) -> int:
        today = self._desk.today()
        with self._desk.reading() as connection:
            styles = wanted_styles(connection)
            if not needs_renewal(connection, today, styles):
                return 0
        return renew_events(self._desk.writing, today, self._working_days(), styles)

    def _working_days(self) -> WorkingDays:
        """Those of the programmes' folder; while somebody has left a mistake in it, those before."""
        try:
            self._days = self._desk.definitions.working_days
        except DonDocError:
            if self._days is None:
                raise
        return self._days

    def _rebuild(self, names: Iterable[str]) -> tuple[int, int]:
        builder, rebuilt, written = FeedBuilder(), 0, 0
        for batch in batches(sorted(names), OWNERS_AT_ONCE):
            with self._desk.reading() as connection:
                rows = _subscriptions(connection, batch)
                recipes = {Recipe(row.owner, read_options(row._mapping)) for row in rows if row.revoked_at is None}
                feeds = list(builder.build(connection, recipes)) if recipes else []
            feeds += [farewell(row._mapping, row.owner_title) for row in rows if row.revoked_at is not None]
            written += self.shelf.put(feeds, self._desk.really().timestamp())
            self.shelf.point(_addresses(rows))  # after the bytes, so that no address is without
            rebuilt += len(feeds)
        return rebuilt, written

    def _empty_programmes(self) -> list[str]:
        """Their notices count decisions, and those mark no calendar."""
        with self._desk.reading() as connection:
            query = select(_feed.c.name).where(_feed.c.name.startswith("programme/"), _feed.c.events == 0)
            return list(connection.scalars(query))

    def _drop_unknown(self) -> None:
        """What no subscription has any more; without any, the database is more likely the wrong one."""
        with self._desk.reading() as connection:
            rows = _subscriptions(connection, None)
        if rows:
            self.shelf.keep_only(_addresses(rows).keys(), {_key(row) for row in rows})

    def _run(self) -> None:
        wait, is_away = 0.0, False
        while not self._ended.is_set():
            self._awake.wait(wait)
            self._awake.clear()
            if self._ended.is_set():
                return
            try:
                self.refresh_once()
                wait = self._interval
                if is_away:
                    _log.info("Lịch đăng ký lại theo kịp cơ sở dữ liệu.", extra={"action": "feeds.back"})
                is_away = False
            except (DonDocError, SQLAlchemyError, OSError) as error:
                wait = min(LONGEST_WAIT, max(self._interval, wait * 2))
                if not is_away:
                    self._tell(error)
                is_away = True
            except (
                Exception
            ):  # a mistake of ours must not end the thread: it would be looked at only when feeds are old
                wait = LONGEST_WAIT
                _log.exception("Không làm mới được lịch đăng ký.", extra={"action": "feeds.broken"})

    def _tell(self, error: Exception) -> None:
        # Errors of SQLAlchemy repeat what was in the rows; ours do not.
        reason = error if isinstance(error, DonDocError) else type(error).__name__
        _log.warning("Lịch đăng ký tạm chưa làm mới được: %s", reason, extra={"action": "feeds.away"})


class FeedNumbers(Collector):
    """For Prometheus: calendars on the shelf, how fresh they are, and answers by status."""

    def __init__(self, refresher: FeedRefresher) -> None:
        self._refresher = refresher

    def describe(self) -> Iterable[Metric]:
        """Nothing is read before the first question."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The numbers, none of which asks the database."""
        yield GaugeMetricFamily("dondoc_feeds", "Calendars on the shelf.", value=len(self._refresher.shelf.feeds))
        age = self._refresher.seconds_since_fresh()
        yield GaugeMetricFamily("dondoc_feeds_age_seconds", "How long ago the shelf was up to date.", value=age)
        answered = CounterMetricFamily("dondoc_feed_answers", "Answers to calendar programs.", labels=["status"])
        door = self._refresher.door
        for status, count in sorted(door.answered.items()) if door else ():
            answered.add_metric([str(status)], count)
        yield answered


def wake_feeds(request: Request) -> None:
    """Lets the calendars follow at once after a page changed something; without a refresher nothing happens."""
    wake: Callable[[], None] | None = getattr(request.app.state, "wake_feeds", None)
    if wake is not None:
        wake()


def _subscriptions(connection: Connection, owners: Sequence[str] | None) -> list[Row[Any]]:
    query = select(_subscription, _feed.c.title.label("owner_title")).join(_feed, _feed.c.name == _subscription.c.owner)
    if owners is not None:
        query = query.where(_subscription.c.owner.in_(owners))
    return list(connection.execute(query))


def _key(row: Row[Any]) -> str:
    if row.revoked_at is not None:
        return f"revoked/{row.id}"
    return Recipe(row.owner, read_options(row._mapping)).key


def _addresses(rows: Iterable[Row[Any]]) -> Mapping[str, Address]:
    """Digest → what stands behind it; of a withdrawn subscription the former address says so, too."""
    found: dict[str, Address] = {}
    for row in rows:
        gone_at = (row.revoked_at + FAREWELL).timestamp() if row.revoked_at else None
        found[row.digest] = Address(_key(row), gone_at)
        if row.digest_before and (row.revoked_at is None or row.before_until > row.revoked_at):
            seed = None if row.revoked_at else seed_of(row._mapping)
            found[row.digest_before] = Address(_key(row), gone_at, seed, row.before_until.timestamp())
    return found
