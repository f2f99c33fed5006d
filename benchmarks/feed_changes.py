"""One matter that stands in all of 3,500 subscribed calendars moves: how long until every one is fresh.

Twice: as people of one province would subscribe (its 123 calendars, in a few ways: some hundred different contents,
which subscriptions share), and with 3,500 different contents (every agency of 34 provinces, one matter for all).
Ratios within one run: against rendering and building everything from nothing, against gzip and SHA-256 of the same
bytes alone, and against writing them to disk. Last, over HTTP as calendar programs see it, from another process.
Run: python benchmarks/feed_changes.py [subscriptions]
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import Engine, delete, insert, select, update

from benchmarks.feeds import running, serve_portal
from benchmarks.publishing import AGENCIES, KINDS, PROVINCES, REVISED, TODAY, fields, store_year, timed
from calendars.membership import feeds_of, mark_stale
from calendars.subscription_options import Options
from calendars.subscriptions import digest_of, token_of
from models.feed import Feed, Fragment
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
MATTER = fields(0, 2)["id"]  # a fixed day in the first province
WAYS = (
    Options(),
    Options(alarm_minutes=1_440),
    Options(language="en"),
    Options(windows=WindowStyle.HIDE, cancelled=False),
)


def main(subscriptions: int) -> None:
    """Both offices, one after the other."""
    province = [f"agency/P00-{number:03}" for number in range(AGENCIES)]
    province += ["all", "programme/P00", f"kind/{KINDS[2]}"]
    nation = [f"agency/P{one:02}-{number:03}" for number in range(AGENCIES) for one in range(PROVINCES)]
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder:
        measure("one province", Path(folder) / "one", 1, [(owner, way) for way in WAYS for owner in province], subscriptions)
        measure("the nation", Path(folder) / "all", PROVINCES, zip(nation, cycle(WAYS)), subscriptions)
