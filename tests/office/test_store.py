"""The database opens itself, stays on one version, and says in a sentence why it cannot be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from office.store import StoreUnusable, open_store, reading, writing


def test_the_migrations_make_exactly_the_tables_of_the_models(engine):
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_opening_twice_changes_nothing(database_url):
    open_store(database_url).dispose()
    engine = open_store(database_url)
    with reading(engine) as connection:
        assert connection.execute(text("select count(*) from alembic_version")).scalar() == 1
    engine.dispose()


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
