"""The database opens itself, stays on one version, and says in a sentence why it cannot be used."""

import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, insert, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from models.amendment import Amendment
from models.audit import append_audit
from models.columns import table_of
from models.notice import Attempt, DutyDecision, Notice
from models.sheet import SheetEdition
from models.submission import Submission, SubmittedFile
from office.settings import VIETNAM
from office.store import MIGRATIONS, StoreUnusable, open_store, reading, writing


def test_the_migrations_make_exactly_the_tables_of_the_models(engine):
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


AT = datetime(2024, 12, 2, 8, tzinfo=VIETNAM)


def write_one_of_each(engine):
    """A line in each table that is only ever added to."""
    key = {"subject": "P/1/2024/A", "version": "1.1", "step": "D-5", "recipient": "a", "channel": "mail"}
    rest = {"kind": "reminder", "target": "focal", "fires_on": AT.date(), "missed": 0, "urgent": False, "bundle": "b"}
    state = {"state": "accepted", "due_at": AT, "attempts": 1, "planned_at": AT, "link_revoked": False}
    attempt = {"notice": 1, "envelope": "e", "number": 1, "at": AT, "channel": "mail", "outcome": "accepted"}
    decision = {"duty": "P/1/2024/A", "what": "done", "on": date(2024, 12, 2), "by": "Hoa", "why": "", "at": AT}
    named = {"document": "", "why": "", "by": "Hoa", "at": AT}
    amendment = {"kind": "cancel", "subject": "P/1/2024", "content": "{}", "key": None} | named
    submission = {"id": 1, "duty": "P/1/2024/A", "version": "1.1", "agency": "A", "by": "Hoa", "at": AT}
    file = {
        "submission": 1,
        "name": "a.pdf",
        "media_type": "application/pdf",
        "size": 3,
        "digest": "0",
        "stored": "0/0",
    }
    edition = {"sheet": "year/2024", "number": 0, "content": "{}", "digest": "0", "by": "Hoa", "published_at": AT}
    with writing(engine) as connection:
        connection.execute(insert(table_of(Notice)), {"id": 1} | key | rest | state)
        connection.execute(insert(table_of(Amendment)), amendment)
        connection.execute(insert(table_of(Submission)), submission | {"complete": True, "note": "", "key": "k"})
        connection.execute(insert(table_of(SubmittedFile)), file)
        connection.execute(insert(table_of(SheetEdition)), edition)
        connection.execute(insert(table_of(Attempt)), attempt | {"reference": "", "detail": ""})
        connection.execute(insert(table_of(DutyDecision)), decision)
        append_audit(connection, AT, "Hoa", "duty.done", "P/1/2024/A", {})


ADDED_TO = ["auditentry", "attempt", "dutydecision", "amendment", "submission", "submittedfile", "sheetedition"]


@pytest.mark.parametrize("table", ADDED_TO)
def test_what_was_written_down_is_neither_changed_nor_taken_out(engine, table):
    write_one_of_each(engine)
    with reading(engine) as connection:
        written = connection.execute(text(f"select * from {table}")).all()
    changes = [f"update {table} set id = id + 1", f"delete from {table}", f"delete from {table} where id = 1"]
    if engine.dialect.name == "postgresql":
        changes += [f"truncate {table} cascade", "truncate notice cascade"]
    else:
        changes += [f"insert or replace into {table} select * from {table}"]
    for change in changes:
        with pytest.raises(IntegrityError, match="append-only"), writing(engine) as connection:
            connection.execute(text(change))
    with reading(engine) as connection:
        assert connection.execute(text(f"select * from {table}")).all() == written


def test_more_can_always_be_written_down(engine):
    write_one_of_each(engine)
    with writing(engine) as connection:
        for table in ("attempt", "dutydecision"):
            columns = [column.name for column in SQLModel.metadata.tables[table].columns if column.name != "id"]
            names = ", ".join(f'"{name}"' for name in columns)
            connection.execute(text(f"insert into {table} ({names}) select {names} from {table}"))
            assert connection.execute(text(f"select count(*) from {table}")).scalar() == 2
        assert append_audit(connection, AT, "Hoa", "duty.done", "P/1/2024/B", {}) == 2


def migrate(engine, way, revision):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect().execution_options(dondoc_writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        way(config, revision)


def fill(connection, table, **given):
    """A row of any version's ``table``: what must be there and is not ``given`` is 0, a moment or a word."""
    stored = Table(table, MetaData(), autoload_with=connection)
    words = {int: 0, bool: False, str: "x", datetime: datetime(2024, 1, 1)}  # noqa: DTZ001 - stored as UTC without zone
    needed = {column.name: words[column.type.python_type] for column in stored.columns if not column.nullable}
    connection.execute(insert(stored), needed | given)


def test_an_office_in_use_goes_to_this_version_and_back_and_forth_again(engine):
    """Also with rows in tables that others point at: SQLite does not let such a table be made anew."""
    migrate(engine, command.downgrade, "0001")
    with writing(engine) as connection:
        fill(connection, "occurrence", id="P/1/2024", opened_on=date(2024, 12, 2))
        fill(connection, "occurrence", id="P/2/2024")
        fill(connection, "duty", id="P/1/2024/A", occurrence="P/1/2024", done_by="Hoa")
    for way, revision in ((command.upgrade, "head"), (command.downgrade, "0001"), (command.upgrade, "head")):
        migrate(engine, way, revision)
        if revision == "head":
            write_one_of_each(engine)
        with reading(engine) as connection:
            assert connection.execute(text("select id, done_by from duty")).all() == [("P/1/2024/A", "Hoa")]
    with reading(engine) as connection:
        stale = connection.execute(text("select id, rungs_stale, due_version from occurrence order by id")).all()
        assert stale == [("P/1/2024", True, 1), ("P/2/2024", False, 1)]
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    with pytest.raises(IntegrityError, match="append-only"), writing(engine) as connection:
        connection.execute(text("delete from auditentry"))


def test_opening_twice_changes_nothing(database_url):
    open_store(database_url).dispose()
    engine = open_store(database_url)
    with reading(engine) as connection:
        assert connection.execute(text("select count(*) from alembic_version")).scalar() == 1
    engine.dispose()


def test_a_folder_made_for_it_is_shut_to_others(tmp_path):
    open_store(f"sqlite:///{tmp_path / 'nhà' / 'dondoc.db'}").dispose()
    assert (tmp_path / "nhà").stat().st_mode & 0o777 == 0o700


def test_a_database_of_a_newer_version_is_refused(database_url):
    engine = open_store(database_url)
    with writing(engine) as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreUnusable, match="phiên bản Đôn Đốc mới hơn") as caught:
        open_store(database_url)
    assert caught.value.exit_code == 2


def test_nothing_is_half_written_when_the_work_fails(engine):
    with pytest.raises(RuntimeError), writing(engine) as connection:
        connection.execute(text("insert into plannedyear (year) values (2024)"))
        raise RuntimeError
    with reading(engine) as connection:
        assert connection.execute(text("select count(*) from plannedyear")).scalar() == 0


def test_a_file_that_is_no_database_is_a_sentence(tmp_path):
    path = tmp_path / "dondoc.db"
    path.write_bytes(b"day la thu, khong phai co so du lieu" * 100)
    with pytest.raises(StoreUnusable, match="không phải cơ sở dữ liệu"):
        open_store(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "tep").write_text("")
    with pytest.raises(StoreUnusable, match="Không tạo được thư mục dữ liệu"):
        open_store(f"sqlite:///{tmp_path / 'tep' / 'con' / 'dondoc.db'}")


def test_a_server_that_is_away_is_a_sentence_without_the_password():
    with pytest.raises(StoreUnusable) as caught:
        open_store("postgresql+psycopg://office:bi-mat@127.0.0.1:1/dondoc")
    assert "bi-mat" not in str(caught.value)
    assert "Kiểm tra DONDOC_DATABASE_URL" in str(caught.value)


def test_a_database_someone_else_keeps_locked_is_a_sentence(tmp_path):
    url = f"sqlite:///{tmp_path / 'dondoc.db'}"
    first, second = open_store(url), open_store(url)
    with writing(first), pytest.raises(StoreUnusable, match="Một lệnh khác đang ghi"):
        with second.connect() as impatient:
            impatient.exec_driver_sql("PRAGMA busy_timeout=50")
        with writing(second):
            pass
    first.dispose()
    second.dispose()


def test_a_full_disk_is_a_sentence_and_leaves_the_database_whole(tmp_path):
    """A file-size limit is a disk that is full, as far as SQLite can tell."""
    script = """
import sys
from office.store import open_store, writing
from sqlalchemy import text
engine = open_store(sys.argv[1])
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
with writing(engine) as connection:
    for number in range(200_000):
        connection.execute(text("insert into plannedyear (year) values (:n)"), {"n": number})
"""
    url = f"sqlite:///{tmp_path / 'dondoc.db'}"
    ran = subprocess.run(
        [sys.executable, "-c", script, url],
        capture_output=True, text=True, cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    assert "StoreUnusable" in ran.stderr
    assert "Đĩa" in ran.stderr
    engine = open_store(url)
    with reading(engine) as connection:
        assert connection.execute(text("select count(*) from plannedyear")).scalar() == 0
    engine.dispose()
