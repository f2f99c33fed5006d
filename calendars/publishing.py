"""Works on transactions handed in: writes the calendars that changed, and the page that lists them.

Why it may be killed at any moment and run again: a calendar's ``stale`` mark is cleared in the very
transaction that read its events, and that transaction ends only after the file stands under its name.
Whoever changes an occurrence meanwhile waits, or marks the calendar again afterwards; what was killed
is still marked; and the bytes depend on nothing but the rows.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Column, ColumnElement, Connection, and_, bindparam, delete, func, select, update

from calendars.components import DATED, PLAIN, SchedulingDays
from calendars.feeds import Backlog, join_feed, notice_event
from calendars.index_page import INDEX, Listed, render_index, stamp_index
from calendars.kept_events import Shelf, are_settled, renew_events
from calendars.membership import Transactions, batches, lock_feeds, mark_stale, members, next_mark, touch_feeds
from calendars.own_events import own_events
from calendars.published_folder import only_publisher, take_stock, write_files
from models.columns import table_of
from models.errors import DonDocError
from models.feed import Feed, Fragment
from models.occurrence import Decision, Occurrence
from models.programme import Programme

__all__ = ["FolderUnusable", "Published", "mark_stale", "publish", "restale_all", "touch_feeds"]

REASONS = {
    errno.ENOSPC: "đĩa đã đầy",
    errno.EDQUOT: "đã dùng hết dung lượng được cấp",
    errno.EROFS: "thư mục chỉ cho đọc",
    errno.EACCES: "không có quyền ghi",
    errno.EPERM: "không có quyền ghi",
    errno.ENOTDIR: "chỗ ấy đang là một tệp",
    errno.EEXIST: "chỗ ấy đang là một tệp",
}
FILES_AT_ONCE = 100  # so many files are written under one write lock: well under a second for others to wait

_feed, _fragment, _programme, _decision, _occurrence = (
    table_of(model) for model in (Feed, Fragment, Programme, Decision, Occurrence)
)


class FolderUnusable(DonDocError):
    """The folder of published calendars cannot be written; what stood in it still stands."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Published:
    """What one publication did: calendars written or left as they were, strays removed, events rendered."""

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    rendered: int = 0


def publish(
    begin: Transactions, folder: Path, today: date, days: SchedulingDays, *, banner: str | None = None
) -> Published:
    """Brings ``folder`` up to date with the rows, writing only what changed.

    ``begin`` opens one short writing transaction after another (``engine.begin``); the caller must hold
    none. ``banner`` is a sentence on top of the page of calendars. Only one publication works on a
    folder at a time; another waits for it. Raises FolderUnusable when the folder cannot be written:
    every file in it is then still whole, and the next publication goes on.
    """
    try:
        with only_publisher(folder):
            return _publish(begin, folder, today, days, banner)
    except OSError as error:
        reason = REASONS.get(error.errno or 0, error.strerror or str(error))
        raise FolderUnusable(
            f"Không ghi được lịch vào thư mục {folder}: {reason}.",
            help="Giải phóng đĩa hoặc cấp quyền ghi rồi chạy lại; các tệp lịch đang có vẫn nguyên vẹn.",
        ) from error


def restale_all(connection: Connection) -> None:
    """Renders every event and writes every calendar again at the next publication. Does not commit.

    For a new way of rendering, or holidays that changed. Clients that go by DTSTAMP
    (RFC 5545 §3.8.7.2) see a changed event only when its occurrence was revised too.
    """
    connection.execute(update(_feed).values(stale=True, changed=next_mark(connection)))
    connection.execute(delete(_fragment))


def _publish(begin: Transactions, folder: Path, today: date, days: SchedulingDays, banner: str | None) -> Published:
    rendered, written = renew_events(begin, today, days), 0
    with begin() as connection:
        known = connection.execute(select(_feed.c.name, _feed.c.stale, _feed.c.events).order_by(_feed.c.name)).all()
    present, removed = take_stock(folder, {name for name, _, _ in known})
    waiting = [name for name, stale, events in known if stale or name not in present or _tells_backlog(name, events)]
    shelf = Shelf()
    for batch in batches(waiting, FILES_AT_ONCE):
        while (fresh := _write_batch(begin, folder, batch, present, today, shelf)) is None:
            shelf.clear()
            rendered += renew_events(begin, today, days)
        written += fresh
    _write_index(begin, folder, banner)
    return Published(written, len(known) - written, removed, rendered)


def _tells_backlog(name: str, events: int) -> bool:
    """Whether it is a programme's empty calendar, whose notice counts decisions: those mark nothing."""
    return events == 0 and name.startswith("programme/")


def _write_batch(
    begin: Transactions,
    folder: Path,
    names: Sequence[str],
    present: Collection[str],
    today: date,
    shelf: Shelf,
) -> int | None:
    """Writes these calendars and clears their marks; how many, or None when an event is outdated.

    The marks are locked and cleared before anything is read, so whatever changes later marks them again.
    """
    with begin() as connection:
        lock_feeds(connection)
        connection.execute(update(_feed).where(_feed.c.name.in_(names)).values(stale=False))
        content = members(connection, names)
        everything: set[str] = set().union(*content.values())
        if not are_settled(connection, everything, today):
            connection.execute(update(_feed).where(_feed.c.name.in_(names)).values(stale=True))
            return None
        shelf.fetch(connection, everything)
        own = own_events(connection, PLAIN, names)
        calendars = _compose(connection, {name: shelf.events(content.get(name, ()), own[name]) for name in names})
        changed = [calendar for calendar in calendars if calendar.is_changed or calendar.name not in present]
        write_files(folder, {f"{calendar.name}.ics": calendar.pieces for calendar in changed})
        _remember(connection, changed)
    return len(changed)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """One calendar ready to be written; ``is_changed`` against what was written last."""

    name: str
    pieces: list[bytes]
    events: int
    digest: str
    is_changed: bool


def _remember(connection: Connection, calendars: Sequence[_Calendar]) -> None:
    """Keeps what was written: digest and number of events."""
    this = update(_feed).where(_feed.c.name == bindparam("which"))
    facts = this.values(digest=bindparam("written"), events=bindparam("counted"))
    rows = [{"which": one.name, "written": one.digest, "counted": one.events} for one in calendars]
    if rows:
        connection.execute(facts, rows)


def _compose(connection: Connection, content: dict[str, list[bytes]]) -> list[_Calendar]:
    """Name → events becomes calendars; one without events gets its notice."""
    backlogs = backlogs_of(connection, [name for name, events in content.items() if not events])
    rows = select(_feed.c.name, _feed.c.title, _feed.c.created_on, _feed.c.digest, _feed.c.events)
    calendars = []
    for name, title, created_on, digest, count in connection.execute(rows.where(_feed.c.name.in_(content))):
        events = content[name]
        pieces = list(join_feed(title, events or [notice_event(name, title, created_on, backlogs.get(name))]))
        fresh = _digest(pieces)
        is_changed = (digest, count) != (fresh, len(events))
        calendars.append(_Calendar(name, pieces, len(events), fresh, is_changed))
    return calendars


def backlogs_of(connection: Connection, names: Iterable[str]) -> dict[str, Backlog]:
    """What the notice in an empty programme's calendar tells; other calendars have none."""
    codes = [code for group, _, code in (name.partition("/") for name in names) if group == "programme"]
    if not codes:
        return {}
    waiting = _count_by_programme(connection, _decision.c.id, _decision.c.programme.in_(codes))
    is_undated = _occurrence.c.placing.not_in(DATED)
    undated = _count_by_programme(connection, _occurrence.c.item, and_(_occurrence.c.programme.in_(codes), is_undated))
    items = select(_programme.c.code, _programme.c["items"]).where(_programme.c.code.in_(codes))
    return {
        f"programme/{code}": Backlog(total, undated.get(code, 0), waiting.get(code, 0))
        for code, total in connection.execute(items)
    }


def _count_by_programme(connection: Connection, what: Column[str], condition: ColumnElement[bool]) -> dict[str, int]:
    """Programme → how many different values of a column of its rows."""
    programme = what.table.c.programme
    query = select(programme, func.count(what.distinct())).where(condition).group_by(programme)
    return dict(connection.execute(query).tuples().all())


def _write_index(begin: Transactions, folder: Path, banner: str | None) -> None:
    with begin() as connection:
        rows = connection.execute(select(_feed.c.title, _feed.c.name, _feed.c.events)).tuples().all()
    listed = [Listed(*row) for row in rows]
    page = folder / INDEX
    if not page.exists() or stamp_index(listed, banner).encode() not in _first_bytes(page):
        write_files(folder, {INDEX: [render_index(listed, banner)]})


def _first_bytes(page: Path) -> bytes:
    with page.open("rb") as file:
        return file.read(200)


def _digest(pieces: Iterable[bytes]) -> str:
    """SHA-256 of the bytes, in hexadecimal."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
