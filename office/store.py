"""The database: one engine, its settings for SQLite and PostgreSQL, and the check that its tables are ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from models.errors import DonDocError

SECONDS_TO_CONNECT = 10
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class StoreUnusable(DonDocError):
    """The database cannot be opened, written or understood."""

    exit_code = 2


class StoreAway(StoreUnusable):
    """The database's server does not answer, for now."""


def open_store(url: str) -> Engine:
    """An engine whose tables are up to date; older tables are migrated.

    Raises StoreUnusable when the database was made by a newer version, or cannot be reached or written.
    """
    engine = reach_store(url)
    try:
        bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One writing transaction, committed at the end; on SQLite it takes the write lock at once (BEGIN IMMEDIATE).

    Raises StoreUnusable for a full disk, a read-only file or a database locked for too long; nothing is
    then half-written.
    """
    try:
        with engine.connect().execution_options(dondoc_writes=True) as connection, connection.begin():
            yield connection
    except (IntegrityError, ProgrammingError):
        raise  # a mistake of ours, not of the machine
    except DBAPIError as error:
        raise say_unusable(engine, error) from None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database."""
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        raise say_unusable(engine, error) from None


def reach_store(url: str) -> Engine:
    """An engine that has not asked the database anything yet; ``bring_up_to_date`` comes before its first use."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        # a server whose machine is gone answers nothing at all: nobody waits for that longer than this
        patience = {} if "connect_timeout" in address.query else {"connect_timeout": SECONDS_TO_CONNECT}
        return create_engine(address, pool_pre_ping=True, connect_args=patience)
    if address.database and address.database != ":memory:":
        folder = Path(address.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreUnusable(
                f"Không tạo được thư mục dữ liệu {folder}: {error.strerror}.",
                help="Kiểm tra quyền ghi, hoặc đặt DONDOC_HOME.",
            ) from None
    engine = create_engine(address)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; the driver's own begins too late
    cursor = connection.cursor()
    for pragma in ("busy_timeout=60000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("dondoc_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def migrations_on(connection: Connection) -> Config:
    """Alembic's settings for the migrations, on a connection whose transaction they become part of."""
    config = _migrations()
    config.attributes["connection"] = connection
    return config


def revision_of(connection: Connection) -> str | None:
    """The version of the database's tables; None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def known_revisions() -> frozenset[str]:
    """Every version of the tables this program knows."""
    scripts = ScriptDirectory.from_config(_migrations())
    return frozenset(script.revision for script in scripts.walk_revisions())


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def bring_up_to_date(engine: Engine) -> None:
    """Migrates older tables. Raises StoreUnusable, StoreAway."""
    try:
        _migrate(engine)
    except DBAPIError as error:
        raise say_unusable(engine, error) from None


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        current = revision_of(connection)
    if current == ScriptDirectory.from_config(_migrations()).get_current_head():
        return
    if current is not None and current not in known_revisions():
        raise StoreUnusable(
            f"Cơ sở dữ liệu do phiên bản Đôn Đốc mới hơn tạo ra (bản {current}).",
            help="Dùng phiên bản Đôn Đốc mới hơn, hoặc khôi phục bản sao lưu cũ.",
        )
    # two commands may start at the same moment: the write lock lets one migrate and the other find it done
    with engine.connect().execution_options(dondoc_writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20240318)")
        command.upgrade(migrations_on(connection), "head")


def say_unusable(engine: Engine, error: Exception) -> StoreUnusable:
    """What the database's driver says, as a sentence with what would help; passwords are not repeated."""
    reason = (str(getattr(error, "orig", error)).strip() or type(error).__name__).splitlines()[0]
    where = engine.url.render_as_string(hide_password=True)
    known = {
        "disk is full": "Đĩa đã đầy: giải phóng chỗ trống rồi chạy lại; chưa có gì bị ghi dở.",
        "No space left": "Đĩa đã đầy: giải phóng chỗ trống rồi chạy lại; chưa có gì bị ghi dở.",
        "disk I/O error": "Đĩa đầy hoặc hỏng: kiểm tra chỗ trống rồi chạy lại; chưa có gì bị ghi dở.",
        "readonly": "Không có quyền ghi: kiểm tra quyền của tệp và thư mục.",
        "locked": "Một lệnh khác đang ghi: đợi lệnh ấy xong rồi chạy lại.",
        "unable to open": "Không mở được tệp: kiểm tra đường dẫn và quyền.",
        "not a database": "Tệp này không phải cơ sở dữ liệu: kiểm tra đường dẫn.",
    }
    help = next(
        (words for sign, words in known.items() if sign in reason),
        "Kiểm tra DONDOC_DATABASE_URL và máy chủ cơ sở dữ liệu.",
    )
    away = engine.dialect.name == "postgresql" and isinstance(error, OperationalError)
    return (StoreAway if away else StoreUnusable)(f"Không dùng được cơ sở dữ liệu {where}: {reason}.", help=help)
