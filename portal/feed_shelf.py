"""The last good bytes of every subscribed calendar, in memory and in one small file of the office's home.

The file is the portal's own: with it calendars are served while the database is away, also after a restart. It can
be deleted at any time, and is then filled again. Tokens do not stand in it, only what the database has too.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from calendars.subscribed_feeds import SubscribedFeed
from models.errors import DonDocError
from portal.feed_answers import Answers, prepare_answers

BYTES_IN_MEMORY = 200_000_000
_TABLES = """
CREATE TABLE IF NOT EXISTS body (
  key TEXT PRIMARY KEY, etag TEXT NOT NULL, modified INTEGER NOT NULL, owner TEXT NOT NULL, title TEXT NOT NULL,
  packed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS address (
  digest TEXT PRIMARY KEY, key TEXT NOT NULL, gone_at REAL, seed TEXT, leads_until REAL
);
"""
_log = logging.getLogger(__name__)


class ShelfUnusable(DonDocError):
    """The file of calendars cannot be opened."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Address:
    """What stands behind one token: the key of a calendar, or the ``seed`` of the token it leads to.

    After ``gone_at`` it is gone, after ``leads_until`` it is unknown; both are seconds of the machine's time.
    """

    key: str
    gone_at: float | None = None
    seed: str | None = None
    leads_until: float | None = None


@dataclass(slots=True)
class Kept:
    """One calendar: its prepared answers, and its bytes while they are in memory."""

    etag: str
    modified: int
    answers: Answers
    plain: bytes | None = None
    packed: bytes | None = None


class FeedShelf:
    """Calendars by key and addresses by the SHA-256 of their tokens; one thread puts, any may take."""

    def __init__(self, file: Path, *, bytes_in_memory: int = BYTES_IN_MEMORY) -> None:
        self.feeds: dict[str, Kept] = {}
        self.addresses: dict[bytes, Address] = {}
        self._limit, self._size = bytes_in_memory, 0
        self._lock = threading.Lock()
        self._file = _open(file)
        self._load()

    def close(self) -> None:
        """No more is put or read from the file."""
        with self._lock:
            self._file.close()

    def bytes_of(self, key: str, *, packed: bool) -> bytes | None:
        """A calendar's bytes, plain or as gzip, from the file when they are not in memory."""
        kept = self.feeds.get(key)
        if kept is None:
            return None
        found = kept.packed if packed else kept.plain
        return found if found is not None else self._fetch(key, kept, packed=packed)

    def put(self, feeds: Iterable[SubscribedFeed], now: float) -> int:
        """Puts calendars whose bytes changed in the place of the old ones; how many bytes were written to the file."""
        rows = [row for feed in feeds if (row := self._put(feed, now)) is not None]
        if rows:
            with self._lock, _noting_failure(), self._file:
                self._file.executemany("INSERT OR REPLACE INTO body VALUES (?, ?, ?, ?, ?, ?)", rows)
        return sum(len(row[5]) for row in rows)

    def point(self, found: Mapping[str, Address]) -> None:
        """These addresses, by the digest in hexadecimal, stand for this now."""
        changed = {one: to for one, to in found.items() if self.addresses.get(bytes.fromhex(one)) != to}
        if not changed:
            return
        self.addresses |= {bytes.fromhex(digest): address for digest, address in changed.items()}
        rows = [(digest, one.key, one.gone_at, one.seed, one.leads_until) for digest, one in changed.items()]
        with self._lock, _noting_failure(), self._file:
            self._file.executemany("INSERT OR REPLACE INTO address VALUES (?, ?, ?, ?, ?)", rows)

    def keep_only(self, digests: Collection[str], keys: Collection[str]) -> None:
        """Forgets every other address and calendar: nobody has them any more."""
        over = [digest.hex() for digest in self.addresses if digest.hex() not in digests]
        unread = [key for key in self.feeds if key not in keys]
        if not over and not unread:
            return
        for digest in over:
            self.addresses.pop(bytes.fromhex(digest), None)
        for key in unread:
            self._forget_bytes(self.feeds.pop(key))
        with self._lock, _noting_failure(), self._file:
            self._file.executemany("DELETE FROM address WHERE digest = ?", [(digest,) for digest in over])
            self._file.executemany("DELETE FROM body WHERE key = ?", [(key,) for key in unread])

    def _put(self, feed: SubscribedFeed, now: float) -> tuple[str, str, int, str, str, bytes] | None:
        etag, before = hashlib.sha256(feed.body).hexdigest(), self.feeds.get(feed.key)
        if before is not None and before.etag == etag:
            return None
        # Last-Modified has whole seconds and must grow, or a client that goes by it alone misses the second change.
        modified = max(int(now), before.modified + 1) if before else int(now)
        packed = gzip.compress(feed.body, 6, mtime=0)
        self.feeds[feed.key] = self._keep(
            etag, modified, feed.owner, feed.title, len(feed.body), packed, plain=feed.body
        )
        if before:
            self._forget_bytes(before)
        return feed.key, etag, modified, feed.owner, feed.title, packed

    def _keep(
        self, etag: str, modified: int, owner: str, title: str, size: int, packed: bytes, *, plain: bytes
    ) -> Kept:
        answers = prepare_answers(etag, modified, owner, title, size, len(packed))
        kept = Kept(etag, modified, answers, plain, packed)
        self._size += size + len(packed)
        if self._size > self._limit:
            self._make_room()
        return kept

    def _make_room(self) -> None:
        """Half of the bytes in memory go; the file has them."""
        for kept in list(self.feeds.values()):
            if self._size <= self._limit // 2:
                return
            self._forget_bytes(kept)

    def _forget_bytes(self, kept: Kept) -> None:
        self._size -= len(kept.plain or b"") + len(kept.packed or b"")
        kept.plain = kept.packed = None

    def _fetch(self, key: str, kept: Kept, *, packed: bool) -> bytes | None:
        with self._lock:
            query = self._file.execute("SELECT packed FROM body WHERE key = ? AND etag = ?", (key, kept.etag))
            row = query.fetchone()
        if row is None:
            return None
        bytes_: bytes = row[0]
        return bytes_ if packed else gzip.decompress(bytes_)

    def _load(self) -> None:
        query = self._file.execute("SELECT key, etag, modified, owner, title, packed FROM body")
        for key, etag, modified, owner, title, packed in query:
            plain = gzip.decompress(packed)
            self.feeds[key] = self._keep(etag, modified, owner, title, len(plain), packed, plain=plain)
        for digest, *rest in self._file.execute("SELECT digest, key, gone_at, seed, leads_until FROM address"):
            self.addresses[bytes.fromhex(digest)] = Address(*rest)


@contextmanager
def _noting_failure() -> Iterator[None]:
    """A full disk stops no calendar: memory has the new bytes, and the file is filled again after a restart."""
    try:
        yield
    except sqlite3.Error as error:
        _log.error("Không ghi được tệp lịch giữ sẵn: %s", error, extra={"action": "feeds.unkept"})


def _open(file: Path) -> sqlite3.Connection:
    """The file with its tables; a spoilt one is thrown away, for everything in it can be made again.

    Raises ShelfUnusable.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _prepare(file)
    except (OSError, sqlite3.OperationalError) as error:  # no place, no right: throwing away would not help
        raise ShelfUnusable(
            f"Không mở được tệp lịch giữ sẵn {file}: {error}.", help="Kiểm tra chỗ trống và quyền ghi của thư mục."
        ) from None
    except sqlite3.DatabaseError:
        for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            path.unlink(missing_ok=True)
        return _prepare(file)


def _prepare(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=5, check_same_thread=False)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            with closing(connection.execute(f"PRAGMA {pragma}")) as answer:
                answer.fetchall()
        connection.executescript(_TABLES)
    except BaseException:
        connection.close()
        raise
    return connection
