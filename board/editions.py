"""Holds a connection: published sheets, append-only, and what a sheet looks like against its last edition."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from board.sheet_changes import Printed, mark_changes
from board.sheets import Sheet, read_sheet, write_sheet
from calendars.components import TIME_ZONE
from models.audit import append_audit
from models.columns import table_of
from models.errors import DonDocError
from models.sheet import SheetEdition
from models.turn import await_turn

EDITIONS = table_of(SheetEdition)


class NoSuchEdition(DonDocError):
    """Nothing was published under this number."""

    def __init__(self, sheet: str, number: int) -> None:
        super().__init__(f"Biểu {sheet} không có bản công bố số {number}.", help="Xem các bản đã công bố ở trang Biểu.")


@dataclass(frozen=True, slots=True)
class Edition:
    """One published edition as it was; ``number`` 0 is the first, N is "Điều chỉnh lần N"."""

    sheet: Sheet
    number: int
    digest: str
    by: str
    published_at: datetime

    @property
    def day(self) -> date:
        """The day it was published, in Vietnam."""
        return self.published_at.astimezone(TIME_ZONE).date()


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing came to; not ``is_new`` when the last edition, ``number``, already said all of it."""

    number: int
    is_new: bool


def digest_of(sheet: Sheet) -> str:
    """The SHA-256 of everything on a sheet; two sheets with the same one are the same edition."""
    return hashlib.sha256(write_sheet(sheet).encode()).hexdigest()


def publish_edition(connection: Connection, sheet: Sheet, by: str, at: datetime) -> Published:
    """Freezes ``sheet`` as its next edition; what says the same as the last edition is not published again.

    The unique key is (sheet, number): two who press the button at once publish once.
    """
    await_turn(connection)
    last = last_edition(connection, sheet.key)
    digest = digest_of(sheet)
    if last and last.digest == digest:
        return Published(last.number, is_new=False)
    number = last.number + 1 if last else 0
    row = {"sheet": sheet.key, "number": number, "content": write_sheet(sheet), "digest": digest}
    connection.execute(insert(EDITIONS), row | {"by": by, "published_at": at})
    append_audit(connection, at, by, "sheet.published", sheet.key, {"number": number, "digest": digest})
    return Published(number, is_new=True)


def last_edition(connection: Connection, key: str) -> Edition | None:
    """The newest edition of a sheet; None before the first."""
    row = connection.execute(
        select(EDITIONS).where(EDITIONS.c.sheet == key).order_by(EDITIONS.c.number.desc()).limit(1)
    ).first()
    return _edition(row) if row else None


def read_edition(connection: Connection, key: str, number: int) -> Edition:
    """One edition as it was. Raises NoSuchEdition."""
    row = connection.execute(select(EDITIONS).where(EDITIONS.c.sheet == key, EDITIONS.c.number == number)).first()
    if row is None:
        raise NoSuchEdition(key, number)
    return _edition(row)


def list_editions(connection: Connection, key: str) -> list[Edition]:
    """Every edition of a sheet, newest first."""
    rows = connection.execute(select(EDITIONS).where(EDITIONS.c.sheet == key).order_by(EDITIONS.c.number.desc()))
    return [_edition(row) for row in rows]


def newest_editions(connection: Connection, most: int) -> list[Edition]:
    """The last edition of each sheet, those published last on top, at most so many."""
    newest = select(EDITIONS.c.sheet, func.max(EDITIONS.c.number).label("number")).group_by(EDITIONS.c.sheet).subquery()
    rows = connection.execute(
        select(EDITIONS)
        .join(newest, (newest.c.sheet == EDITIONS.c.sheet) & (newest.c.number == EDITIONS.c.number))
        .order_by(EDITIONS.c.id.desc())
        .limit(most)
    )
    return [_edition(row) for row in rows]


def print_now(connection: Connection, sheet: Sheet, today: date) -> Printed:
    """The sheet as it stands: the last edition when it says the same, else what the next one would be."""
    last = last_edition(connection, sheet.key)
    if last is None:
        return Printed(sheet, mark_changes(sheet, None), 0, today, published=False)
    if last.digest == digest_of(sheet):
        return print_edition(connection, last)
    return Printed(sheet, mark_changes(sheet, last.sheet), last.number + 1, today, published=False)


def print_edition(connection: Connection, edition: Edition) -> Printed:
    """An edition as it was published, marked against the one before it."""
    key, number = edition.sheet.key, edition.number
    before = read_edition(connection, key, number - 1).sheet if number else None
    return Printed(edition.sheet, mark_changes(edition.sheet, before), number, edition.day, published=True)


def _edition(row: Row[Any]) -> Edition:
    return Edition(read_sheet(row.content), row.number, row.digest, row.by, row.published_at)
