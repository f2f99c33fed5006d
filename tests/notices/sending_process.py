"""The program that is killed: plans and sends again and again, until it is killed or has nothing left to do.

``python tests/notices/sending_process.py --database URL --port SINK --now ISO [--to-the-end]``. With DONDOC_TEST_POINT
set to ``after_data:3`` it kills itself where it comes to that point for the third time. The points lie around the
product's own functions, which know nothing of them. ``--alone`` is for one sender at a time, as offices with SQLite
have it; with ``--room BYTES`` no more than that fits on the disk.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, make_url, select

from models.errors import DonDocError
from models.notice import WAITING, NoticeState
from notices import post_office
from notices.channel import Channel, Message, Outcome
from notices.tables import NOTICES
from office.store import open_store, writing
from tests.notices.small_office import SmallOffice, mail_channel

# what a transaction does → the points just before and just after it is committed
AROUND = {
    "claim": ("in_claim", "after_claim"),
    "mark": ("before_mark_commit", "after_mark"),
    "plan": ("in_planning", "after_planning"),
}
POINTS = ("before_send", "after_data", *(point for both in AROUND.values() for point in both))
BEGUN = "begun"  # printed when it starts to work


@dataclass
class Points:
    """Where this process kills itself, and after coming there how often."""

    name: str
    left: int
    doing: str = ""

    def reach(self, name: str) -> None:
        """Dies, or goes on."""
        if name and name == self.name:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def noting(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, after which its transaction is known to do ``what``."""

        def noted(*given: Any, **named: Any) -> Any:
            found = function(*given, **named)
            self.doing = what
            return found

        return noted


@dataclass
class Watched:
    """A channel with a point on either side."""

    channel: Channel
    points: Points

    def send(self, message: Message) -> Outcome:
        """One attempt."""
        self.points.reach("before_send")
        outcome = self.channel.send(message)
        self.points.reach("after_data")
        return outcome

    def close(self) -> None:
        """Ends the connection."""
        self.channel.close()


class Office(SmallOffice):
    """An office whose transactions have points."""

    points: Points

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writing transaction."""
        self.points.doing = ""
        with writing(self.engine) as connection:
            yield connection
            before, after = AROUND.get(self.points.doing, ("", ""))
            self.points.reach(before)
        self.points.reach(after)

    def plan(self, now: datetime | None = None) -> Any:
        """One planning."""
        with self.writing() as connection:
            self.plan_in(connection)
            self.points.doing = "plan"

    def is_idle(self) -> bool:
        """Whether nothing is left to send."""
        left = NOTICES.c.state.in_([*WAITING, NoticeState.SENDING.value])
        with self.reading() as connection:
            return connection.execute(select(NOTICES.c.id).where(left).limit(1)).first() is None


def main() -> None:
    """Works at one instant of the office's clock; the lease is short so that what was killed comes back soon."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--now", type=datetime.fromisoformat, required=True)
    parser.add_argument("--to-the-end", action="store_true")
    parser.add_argument("--lease", type=float, default=1)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--room", type=int)
    asked = parser.parse_args()
    name, _, times = os.environ.get("DONDOC_TEST_POINT", "").partition(":")
    points = Points(name, int(times or 1))
    post_office.claim = points.noting("claim", post_office.claim)
    post_office.mark = points.noting("mark", post_office.mark)
    channel = Watched(mail_channel(asked.port, lambda: asked.now), points)
    office = Office(open_store(asked.database), asked.now, channel, lease_seconds=asked.lease, alone=asked.alone)
    office.points = points
    print(BEGUN, flush=True)
    if asked.room is not None:
        _limit_files(Path(make_url(asked.database).database or ""), asked.room)
    try:
        while not (asked.to_the_end and office.is_idle()):
            office.plan()
            office.send()
            time.sleep(0.02)
    except DonDocError as unusable:
        print(unusable)
        raise SystemExit(unusable.exit_code) from None
    finally:
        channel.close()
        office.engine.dispose()


def _limit_files(database: Path, room: int) -> None:
    """A limit to the size of files is a full disk, as far as SQLite can tell."""
    largest = max(file.stat().st_size for file in database.parent.glob(f"{database.name}*"))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + room, largest + room))


if __name__ == "__main__":
    main()
