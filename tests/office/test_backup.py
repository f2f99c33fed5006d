"""The whole office in one file, on either database, and an office made again that sends nothing by itself."""

import json
import stat
import zipfile
from datetime import datetime

import pytest
from sqlalchemy import MetaData, select, text

from models.audit import append_audit, verify_audit
from models.columns import table_of
from models.notice import Hold, Notice
from office.backup import MANIFEST, back_up
from office.restore import OfficeNotEmpty, UnusableBackup, restore
from office.settings import VIETNAM
from office.store import open_store, reading, writing
from tests.notices.told_rows import ENVELOPE, add_contact, add_notice, add_report

AT = datetime(2024, 12, 2, 8, tzinfo=VIETNAM)
LATER = datetime(2024, 12, 3, 9, tzinfo=VIETNAM)


@pytest.fixture
def home(tmp_path):
    """An office's home with a key, a letter, a submitted file and an upload still arriving; and its papers."""
    home = tmp_path / "home"
    for name, content in {
        "links.key": "k" * 64, "letters/cong-van-1.docx": "docx", "files/ab/0123": "tệp", "files/.incoming/x": "dở",
    }.items():  # fmt: skip
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(content)
    (home / "links.key").chmod(0o600)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "p.yaml").write_text("code: P\n")
    return home


@pytest.fixture
def office(engine):
    """A database in use."""
    with writing(engine) as connection:
        add_report(connection)
        add_contact(connection)
        add_notice(connection)
        append_audit(connection, AT, "Hoa", "duty.done", "P/1/2024/A", {"việc": 1})
    return engine


def rows(engine):
    """Everything in the database but what a restoration adds."""
    stored = MetaData()
    stored.reflect(engine)
    with reading(engine) as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in stored.sorted_tables
            if table.name not in ("hold", "auditentry", "feed", "alembic_version")
        }


def test_an_office_is_made_again_as_it_was_and_holds_everything(office, home, tmp_path):
    file = tmp_path / "backups" / "b.zip"
    done = back_up(office, home, tmp_path / "papers", file, AT)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (done.files, done.rows > 5) == (4, True)
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}")
    again = restore(fresh, tmp_path / "new", tmp_path / "papers", file, "Hoa", LATER)
    assert (again.made_at, again.rows, again.files, again.papers) == (AT, done.rows, 3, None)
    assert rows(fresh) == rows(office)
    with reading(fresh) as connection:
        hold = connection.execute(select(table_of(Hold))).one()
        assert (hold.scope, hold.by, hold.since) == ("*", "Hoa", LATER)
        assert verify_audit(connection).lines == 2
    assert (tmp_path / "new" / "files" / "ab" / "0123").read_text() == "tệp"
    assert (tmp_path / "new" / "links.key").read_text() == "k" * 64
    assert stat.S_IMODE((tmp_path / "new" / "links.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert not (tmp_path / "new" / "files" / ".incoming").exists()
    fresh.dispose()


def test_a_backup_of_sqlite_becomes_an_office_on_either_database(engine, home, tmp_path):
    source = open_store(f"sqlite:///{tmp_path / 'source.db'}")
    with writing(source) as connection:
        add_report(connection)
        add_contact(connection)
        add_notice(connection)
    back_up(source, home, tmp_path / "papers", tmp_path / "b.zip", AT)
    restore(engine, tmp_path / "new", tmp_path / "papers", tmp_path / "b.zip", "Hoa", LATER)
    assert rows(engine) == rows(source)
    source.dispose()
    with writing(engine) as connection:  # new rows are counted on from the old ones
        known = connection.execute(select(table_of(Notice).c.id)).scalars().all()
        connection.execute(text("update notice set envelope = null"))
        add_notice(connection, envelope=f"{ENVELOPE}2", step="D-2")
        assert max(connection.execute(select(table_of(Notice).c.id)).scalars()) == max(known) + 1


def test_nothing_is_restored_over_an_office(office, home, tmp_path):
    back_up(office, home, tmp_path / "papers", tmp_path / "b.zip", AT)
    before = rows(office)
    with pytest.raises(OfficeNotEmpty, match="không khôi phục đè lên"):
        restore(office, tmp_path / "new", tmp_path / "papers", tmp_path / "b.zip", "Hoa", LATER)
    assert rows(office) == before
    assert not (tmp_path / "new").exists()


def test_another_offices_key_is_never_replaced(office, home, tmp_path):
    back_up(office, home, tmp_path / "papers", tmp_path / "b.zip", AT)
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "links.key").write_text("x" * 64)
    with pytest.raises(OfficeNotEmpty, match="khóa ký liên kết khác"):
        restore(fresh, tmp_path / "new", tmp_path / "papers", tmp_path / "b.zip", "Hoa", LATER)
    fresh.dispose()


def test_papers_that_differ_are_laid_beside(office, home, tmp_path):
    back_up(office, home, tmp_path / "papers", tmp_path / "b.zip", AT)
    (tmp_path / "papers" / "p.yaml").write_text("code: Q\n")
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}")
    again = restore(fresh, tmp_path / "new", tmp_path / "papers", tmp_path / "b.zip", "Hoa", LATER)
    assert (again.papers / "p.yaml").read_text() == "code: P\n"
    assert (tmp_path / "papers" / "p.yaml").read_text() == "code: Q\n"
    fresh.dispose()


def damage(file, change):
    """The same zip with one part or the manifest changed."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def newer(parts):
    parts[MANIFEST] = json.dumps(json.loads(parts[MANIFEST]) | {"revision": "9999"}).encode()


def called(name):
    """With one more file, under this name, and the right digest."""

    def change(parts):
        manifest = json.loads(parts[MANIFEST])
        manifest["files"][name] = manifest["files"]["home/links.key"]
        parts[MANIFEST] = json.dumps(manifest).encode()
        parts[name] = parts["home/links.key"]

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda parts: parts.update({"tables/notice.jsonl": b""}), "phần tables/notice.jsonl đã bị thay đổi"),
        (lambda parts: parts.update({"home/links.key": b"x"}), "phần home/links.key đã bị thay đổi"),
        (lambda parts: parts.pop(MANIFEST), "không phải bản sao lưu"),
        (newer, "phiên bản Đôn Đốc mới hơn"),
        *[
            (called(name), "tên tệp không dùng được")
            for name in (
                "home/../../x",
                "home/files/../../x",
                "papers/../x",
                "/x",
                "home//x",
                "home/files//x",
                "papers//x",
                "x",
                "home/dondoc.db",
                "home/links.key/x",
                "home/files",
                "home/files/.incoming/x",
            )
        ],
    ],
)
def test_a_damaged_backup_changes_nothing(home, tmp_path, change, sentence):
    store = open_store(f"sqlite:///{tmp_path / 'source.db'}")
    with writing(store) as connection:
        add_report(connection)
        add_contact(connection)
        add_notice(connection)
    back_up(store, home, tmp_path / "papers", tmp_path / "b.zip", AT)
    store.dispose()
    damage(tmp_path / "b.zip", change)
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}")
    with pytest.raises(UnusableBackup, match=sentence):
        restore(fresh, tmp_path / "new", tmp_path / "papers", tmp_path / "b.zip", "Hoa", LATER)
    assert not any(rows(fresh).values())
    assert not (tmp_path / "new").exists()
    fresh.dispose()


def test_what_is_no_backup_at_all_is_said(tmp_path, engine):
    (tmp_path / "b.zip").write_text("không phải zip")
    for file in (tmp_path / "b.zip", tmp_path / "missing.zip"):
        with pytest.raises(UnusableBackup, match="Không đọc được bản sao lưu"):
            restore(engine, tmp_path / "new", tmp_path, file, "Hoa", LATER)
