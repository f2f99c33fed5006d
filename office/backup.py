"""Works on an engine: the whole office in one file, and an office made again from it.

One zip file: every table as lines of JSON, read in one consistent view; the papers, letters and submitted files;
the key that signs links. It is the same whichever database it came from, so it also moves an office from SQLite to
PostgreSQL. What is restored is held: nothing goes out until a person has looked and lets it, for what was sent after
the backup is not known to it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import IO, Any

from alembic import command
from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError

from models.audit import append_audit
from models.errors import DonDocError
from office.store import known_revisions, migrations_on, revision_of, say_unusable

FORMAT = 1
MANIFEST = "dondoc.json"
ALL = "*"  # the hold on everything (models.notice.Hold)
LEFT_OUT = frozenset({"alembic_version", "session"})  # a session belongs to a browser and a day
ROWS_AT_ONCE = 1_000
UNFINISHED = ".incoming"  # uploads that are still arriving
KEPT = ("letters", "files")  # folders of an office's home
KEY = "links.key"


class UnusableBackup(DonDocError):
    """The file is no backup of ours, is damaged, or was made by a newer version."""


class OfficeNotEmpty(DonDocError):
    """There is an office already where one was to be restored."""


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


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored; ``papers`` is where the backup's papers lie when they differ from the office's own."""

    made_at: datetime
    rows: int
    files: int
    papers: Path | None


# ---------------------------------------------------------------- into a file


def back_up(store: Engine, home: Path, papers: Path, to: Path, at: datetime) -> BackedUp:
    """Writes everything to ``to``, whole or not at all, readable by its owner only. Raises BackupNotWritten.

    ``home`` is the office's folder, ``papers`` its programmes; ``at`` is the office's time (aware).
    """
    try:
        with _whole_file(to) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
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
def _whole_file(to: Path) -> Iterator[IO[bytes]]:
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
            tables = {table.name: _write_table(connection, table, archive) for table in _tables(connection)}
            return {"revision": revision_of(connection), "tables": tables}
    except DBAPIError as error:
        raise say_unusable(store, error) from None


@contextmanager
def _one_view(store: Engine) -> Iterator[Connection]:
    """Everything as of one instant; SQLite's reading transactions are that anyway."""
    options = {"isolation_level": "REPEATABLE READ"} if store.dialect.name == "postgresql" else {}
    with store.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def _tables(connection: Connection) -> list[Table]:
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
    for name, path in [*_files("papers", papers), *_home_files(home)]:
        content = path.read_bytes()
        archive.writestr(name, content)
        yield name, hashlib.sha256(content).hexdigest()


def _home_files(home: Path) -> Iterator[tuple[str, Path]]:
    if (home / KEY).exists():
        yield f"home/{KEY}", home / KEY
    for folder in KEPT:
        yield from _files(f"home/{folder}", home / folder)


def _files(prefix: str, folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and UNFINISHED not in inside.parts:
            yield f"{prefix}/{inside.as_posix()}", path


# ---------------------------------------------------------------- out of a file


def restore(store: Engine, home: Path, papers: Path, backup: Path, by: str, at: datetime) -> Restored:
    """Makes the office of ``backup`` again in an empty database and home; everything to be sent is then held.

    The database's part is one transaction: stopped at any moment, it can be run again. Raises UnusableBackup (nothing
    was changed), OfficeNotEmpty, StoreUnusable.
    """
    with _opened(backup) as (archive, manifest):
        _check_files(archive, manifest)
        _require_room(home, archive, manifest)
        try:
            with store.connect().execution_options(dondoc_writes=True) as connection, connection.begin():
                _require_empty(connection, home)
                _fill(connection, archive, manifest)
                written = _write_home(home, archive, manifest)
                _hold_everything(connection, backup.name, by, at)
        except DBAPIError as error:
            raise say_unusable(store, error) from None
        rows = sum(table["rows"] for table in manifest["tables"].values())
        beside = _write_papers(home, papers, archive, manifest)
        return Restored(datetime.fromisoformat(manifest["made_at"]), rows, written, beside)


@contextmanager
def _opened(backup: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    try:
        with zipfile.ZipFile(backup) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["format"] > FORMAT or manifest["revision"] not in known_revisions():
                raise UnusableBackup(
                    f"Bản sao lưu {backup.name} do phiên bản Đôn Đốc mới hơn tạo ra.",
                    help="Dùng phiên bản Đôn Đốc mới hơn để khôi phục.",
                )
            yield archive, manifest
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "không phải bản sao lưu của Đôn Đốc, hoặc đã hỏng"
        raise UnusableBackup(f"Không đọc được bản sao lưu {backup}: {reason}.", help="Dùng một bản khác.") from error


def _check_files(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Every byte is as it was written, before anything is changed."""
    wanted = {f"tables/{name}.jsonl": table["digest"] for name, table in manifest["tables"].items()}
    for name, digest in (wanted | manifest["files"]).items():
        found = hashlib.sha256()
        with archive.open(name) as stream:
            while piece := stream.read(1 << 20):
                found.update(piece)
        if found.hexdigest() != digest:
            raise UnusableBackup(f"Trong bản sao lưu, phần {name} đã bị thay đổi.", help="Dùng một bản khác.")


def _require_room(home: Path, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    for name in manifest["files"]:
        if ".." in Path(name).parts or name.startswith("/"):
            raise UnusableBackup(f"Bản sao lưu có tên tệp không dùng được: {name}.", help="Dùng một bản khác.")
    key = home / KEY
    ours = f"home/{KEY}"
    if key.exists() and ours in manifest["files"] and key.read_bytes() != archive.read(ours):
        raise OfficeNotEmpty(
            f"Thư mục {home} đã có khóa ký liên kết khác với bản sao lưu.",
            help="Khôi phục vào một DONDOC_HOME trống; liên kết đã gửi chỉ mở được bằng khóa cũ.",
        )


def _require_empty(connection: Connection, home: Path) -> None:
    for table in _tables(connection):
        if connection.execute(select(func.count()).select_from(table)).scalar():
            raise OfficeNotEmpty(
                f"Cơ sở dữ liệu đã có dữ liệu (bảng {table.name}), không khôi phục đè lên.",
                help=f"Đặt DONDOC_HOME là một thư mục trống thay cho {home}, và DONDOC_DATABASE_URL trống nếu có.",
            )


def _fill(connection: Connection, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """The tables as they were at the backup's version, their rows, and then on to the present version."""
    config = migrations_on(connection)
    if inspect(connection).has_table("alembic_version"):
        command.downgrade(config, "base")
    command.upgrade(config, manifest["revision"])
    for table in _tables(connection):
        if table.name in manifest["tables"]:
            with archive.open(f"tables/{table.name}.jsonl") as lines:
                _insert(connection, table, lines)
    command.upgrade(config, "head")


def _insert(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append({name: _typed(table, name, value) for name, value in json.loads(line).items()})
        if len(batch) == ROWS_AT_ONCE:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    _count_on(connection, table)


def _typed(table: Table, name: str, value: Any) -> Any:
    """What JSON could not say, again as the column has it."""
    if value is None:
        return None
    kind = table.c[name].type.python_type
    if kind is bytes:
        return base64.b64decode(value)
    return kind.fromisoformat(value) if kind in (date, datetime, time) else value


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows by a counter of its own, which knows nothing of rows put in with their numbers."""
    if connection.dialect.name != "postgresql" or "id" not in table.c or table.c.id.type.python_type is not int:
        return
    highest = connection.execute(select(func.max(table.c.id))).scalar()
    counter = connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar()
    if highest and counter:
        connection.execute(select(func.setval(counter, highest)))


def _hold_everything(connection: Connection, name: str, by: str, at: datetime) -> None:
    """Nothing goes out until a person lets it; calendars are written again. The audit says who restored what."""
    tables = MetaData()
    tables.reflect(connection, only=["hold", "feed"])
    why = f"khôi phục từ bản sao lưu {name}: xem những gì đã gửi sau khi sao lưu rồi mới cho gửi tiếp"
    hold = tables.tables["hold"]
    connection.execute(hold.delete().where(hold.c.scope == ALL))
    since = at.astimezone(UTC).replace(tzinfo=None)  # as the column keeps it
    connection.execute(hold.insert(), {"scope": ALL, "by": by, "why": why, "since": since})
    connection.execute(update(tables.tables["feed"]).values(stale=True))
    append_audit(connection, at, by, "office.restored", "office", {"backup": name})


def _write_home(home: Path, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> int:
    """The key, letters and files; before the rows are committed, as when they were first made."""
    names = [name for name in manifest["files"] if name.startswith("home/")]
    for name in names:
        _write(home / name.removeprefix("home/"), archive, name)
    return len(names)


def _write_papers(home: Path, papers: Path, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> Path | None:
    """The backup's papers, beside the office's own, when they differ: which of them holds, a person decides."""
    names = {name: digest for name, digest in manifest["files"].items() if name.startswith("papers/")}
    own = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in _files("papers", papers)}
    if own == names:
        return None
    beside = home / "papers-of-the-backup"
    shutil.rmtree(beside, ignore_errors=True)
    for name in names:
        _write(beside / name.removeprefix("papers/"), archive, name)
    return beside


def _write(path: Path, archive: zipfile.ZipFile, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _whole_file(path) as stream, archive.open(name) as content:
        shutil.copyfileobj(content, stream)
