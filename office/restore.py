"""Works on an engine: an office made again from a backup (office.backup), into an empty database and home.

What is restored is held: nothing goes out until a person has looked and lets it, for what was sent after the backup
is not known to it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError

from models.audit import append_audit
from models.errors import DonDocError
from office.backup import FORMAT, KEPT, KEY, MANIFEST, ROWS_AT_ONCE, files_in, tables_of, whole_file
from office.store import known_revisions, migrations_on, say_unusable

ALL = "*"  # the hold on everything (models.notice.Hold)
# The files back_up writes, and no other: "home//etc/x" would become /etc/x.
OURS = re.compile(rf"home/{re.escape(KEY)}|(papers|home/({'|'.join(KEPT)}))(/[^/.][^/]*)+")


class UnusableBackup(DonDocError):
    """The file is no backup of ours, is damaged, or was made by a newer version."""


class OfficeNotEmpty(DonDocError):
    """There is an office already where one was to be restored."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored; ``papers`` is where the backup's papers lie when they differ from the office's own."""

    made_at: datetime
    rows: int
    files: int
    papers: Path | None


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
        if not OURS.fullmatch(name):
            raise UnusableBackup(f"Bản sao lưu có tên tệp không dùng được: {name}.", help="Dùng một bản khác.")
    key = home / KEY
    ours = f"home/{KEY}"
    if key.exists() and ours in manifest["files"] and key.read_bytes() != archive.read(ours):
        raise OfficeNotEmpty(
            f"Thư mục {home} đã có khóa ký liên kết khác với bản sao lưu.",
            help="Khôi phục vào một DONDOC_HOME trống; liên kết đã gửi chỉ mở được bằng khóa cũ.",
        )


def _require_empty(connection: Connection, home: Path) -> None:
    for table in tables_of(connection):
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
    for table in tables_of(connection):
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
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = [name for name in manifest["files"] if name.startswith("home/")]
    for name in names:
        _write(home / name.removeprefix("home/"), archive, name)
    return len(names)


def _write_papers(home: Path, papers: Path, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> Path | None:
    """The backup's papers, beside the office's own, when they differ: which of them holds, a person decides."""
    names = {name: digest for name, digest in manifest["files"].items() if name.startswith("papers/")}
    own = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files_in("papers", papers)}
    if own == names:
        return None
    beside = home / "papers-of-the-backup"
    shutil.rmtree(beside, ignore_errors=True)
    for name in names:
        _write(beside / name.removeprefix("papers/"), archive, name)
    return beside


def _write(path: Path, archive: zipfile.ZipFile, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as stream, archive.open(name) as content:
        shutil.copyfileobj(content, stream)
