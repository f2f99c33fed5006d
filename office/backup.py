"""Works on an engine: the whole office in one file; office.restore makes an office from it again.

One zip file: every table as lines of JSON, read in one consistent view; the papers, letters and submitted files;
the key that signs links. It is the same whichever database it came from, so it also moves an office from SQLite to
PostgreSQL.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, MetaData, Table, select
from sqlalchemy.exc import DBAPIError

from models.errors import DonDocError
from office.store import revision_of, say_unusable

FORMAT = 1
MANIFEST = "dondoc.json"
LEFT_OUT = frozenset({"alembic_version", "session"})  # a session belongs to a browser and a day
ROWS_AT_ONCE = 1_000
UNFINISHED = "."  # what is still arriving has a name, or lies in a folder, that begins so
KEPT = ("letters", "files")  # folders of an office's home
KEY = "links.key"


class BackupNotWritten(DonDocError):
    """The backup could not be written; a half one is not left behind."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What one backup holds: rows by table, files, and the digest (SHA-256) of the whole file."""

    path: Path
    rows: int
    files: int
    size: int
    digest: str


def back_up(store: Engine, home: Path, papers: Path, to: Path, at: datetime) -> BackedUp:
    """Writes everything to ``to``, whole or not at all, readable by its owner only. Raises BackupNotWritten.

    ``home`` is the office's folder, ``papers`` its programmes; ``at`` is the office's time (aware).
    """
    try:
        with whole_file(to) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            manifest = _write_tables(store, archive) | {"format": FORMAT, "made_at": at.isoformat()}
            # files after the rows that name them: each was on disk before its row was committed
            manifest["files"] = dict(_write_files(archive, home, papers))
            archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        digest = hashlib.sha256()
        with to.open("rb") as written:
            while piece := written.read(1 << 20):
                digest.update(piece)
        rows = sum(table["rows"] for table in manifest["tables"].values())
        return BackedUp(to, rows, len(manifest["files"]), to.stat().st_size, digest.hexdigest())
    except OSError as error:
        raise BackupNotWritten(
            f"Không ghi được bản sao lưu {to}: {error.strerror}.", help="Kiểm tra quyền ghi và chỗ trống trên đĩa."
        ) from error


@contextmanager
def whole_file(to: Path) -> Iterator[IO[bytes]]:
    """A file to be written that stands under its name only when all of it is on the disk; its owner's alone."""
    to.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}-")  # mkstemp: mode 0600
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(half, to)
    except BaseException:
        Path(half).unlink(missing_ok=True)
        raise


def _write_tables(store: Engine, archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        with _one_view(store) as connection:
            tables = {table.name: _write_table(connection, table, archive) for table in tables_of(connection)}
            return {"revision": revision_of(connection), "tables": tables}
    except DBAPIError as error:
        raise say_unusable(store, error) from None


@contextmanager
def _one_view(store: Engine) -> Iterator[Connection]:
    """Everything as of one instant; SQLite's reading transactions are that anyway."""
    options = {"isolation_level": "REPEATABLE READ"} if store.dialect.name == "postgresql" else {}
    with store.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def tables_of(connection: Connection) -> list[Table]:
    """The tables as the database has them, those that others point at first."""
    stored = MetaData()
    stored.reflect(connection)
    return [table for table in stored.sorted_tables if table.name not in LEFT_OUT]


def _write_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> dict[str, Any]:
    digest, number = hashlib.sha256(), 0
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as lines:
        rows = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS_AT_ONCE)
        for row in connection.execute(rows).mappings():
            line = json.dumps(dict(row), ensure_ascii=False, default=_plain).encode() + b"\n"
            digest.update(line)
            lines.write(line)
            number += 1
    return {"rows": number, "digest": digest.hexdigest()}


def _plain(value: object) -> str:
    if isinstance(value, (date, time)):  # a datetime is a date too
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(value).decode()
    raise TypeError(f"no column of ours holds {type(value).__name__}")


def _write_files(archive: zipfile.ZipFile, home: Path, papers: Path) -> Iterator[tuple[str, str]]:
    """Name in the archive → SHA-256 of each file."""
    for name, path in [*files_in("papers", papers), *_home_files(home)]:
        content = path.read_bytes()
        archive.writestr(name, content)
        yield name, hashlib.sha256(content).hexdigest()


def _home_files(home: Path) -> Iterator[tuple[str, Path]]:
    if (home / KEY).exists():
        yield f"home/{KEY}", home / KEY
    for folder in KEPT:
        yield from files_in(f"home/{folder}", home / folder)


def files_in(prefix: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Name in the archive and place of everything in a folder, but for what is still arriving."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(UNFINISHED) for part in inside.parts):
            yield f"{prefix}/{inside.as_posix()}", path
