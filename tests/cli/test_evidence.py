"""The commands about evidence: a proof sheet on the screen, on paper and for machines, and the audit's check."""

import json
from datetime import datetime

import pytest
import typer
from sqlalchemy import text
from sqlmodel import SQLModel

from cli.evidence import UnwritableProof, show_proof, verify
from models.audit import append_audit
from notices.outbox import NoSuchNotice
from office.settings import VIETNAM, read_settings
from office.store import open_store, writing

AT = datetime(2024, 12, 2, 8, tzinfo=VIETNAM)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An office of its own with one notice and three lines of audit."""
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DONDOC_NOW", "2024-12-02T08:00")
    engine = open_store(read_settings().database_url)
    key = {"subject": "chair/2024-W49", "version": "1", "step": "weekly", "recipient": "TB", "channel": "mail"}
    rest = {"kind": "chair_list", "target": "chair", "fires_on": AT.date(), "bundle": "b", "state": "planned"}
    with writing(engine) as connection:
        notices = SQLModel.metadata.tables["notice"]
        connection.execute(
            notices.insert(), key | rest | {"due_at": AT, "planned_at": AT, "missed": 0, "attempts": 0}
            | {"urgent": False, "link_revoked": False},
        )  # fmt: skip
        for number in range(3):
            append_audit(connection, AT, "Hoa", "notice.note", "notice/1", {"số": number})
        digests = list(connection.execute(text("select digest from auditentry order by id")).scalars())
    yield engine, digests
    engine.dispose()


def break_line(engine, number):
    with writing(engine) as connection:
        connection.execute(text("drop trigger auditentry_no_update"))
        connection.execute(text(f"update auditentry set actor = 'Đức' where id = {number}"))


def test_a_proof_on_the_screen(store, capsys):
    show_proof(1, out=None, as_json=False)
    said = capsys.readouterr()
    assert "Thông báo số: 1\nLoại: Danh sách gửi Trưởng ban\n" in said.out
    assert 'notice.note {"số":2}' in said.out
    assert "Đồng hồ đứng yên" in said.err


def test_a_proof_for_machines(store, capsys):
    show_proof(1, out=None, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["notice"], shown["state"], shown["planned_at"]) == (1, "planned", "2024-12-02T08:00:00+07:00")
    assert [line["digest"] for line in shown["audit"]] == store[1]


@pytest.mark.parametrize("named", ["phieu.html", ""])
def test_a_proof_on_paper_in_a_file_or_a_folder(store, tmp_path, capsys, named):
    show_proof(1, out=tmp_path / named if named else tmp_path, as_json=False)
    path = tmp_path / (named or "thong-bao-1.html")
    assert capsys.readouterr().out == f"Đã ghi phiếu chứng cứ: {path}\n"
    page = path.read_text(encoding="utf-8")
    assert "Phiếu chứng cứ thông báo số 1" in page
    assert "Đồng hồ đứng yên" in page


def test_a_folder_that_is_not_there_is_a_sentence(store, tmp_path):
    with pytest.raises(UnwritableProof, match="Không ghi được") as caught:
        show_proof(1, out=tmp_path / "không có" / "phieu.html", as_json=False)
    assert caught.value.exit_code == 2


def test_an_unknown_number_is_a_sentence(store):
    with pytest.raises(NoSuchNotice, match="Không có thông báo số 2"):
        show_proof(2, out=None, as_json=False)


def test_an_audit_that_holds_tells_the_digest_to_note(store, capsys):
    verify(as_json=False)
    said = capsys.readouterr().out
    assert f"Nhật ký nguyên vẹn: 3 dòng, mã dòng cuối {store[1][2]}." in said
    assert "Ghi lại mã này ở nơi khác" in said


def test_a_broken_audit_ends_with_1_and_names_the_line(store, capsys):
    break_line(store[0], 2)
    with pytest.raises(typer.Exit) as ended:
        verify(as_json=False)
    assert ended.value.exit_code == 1
    said = capsys.readouterr().out
    assert "dòng 2 không khớp với dòng trước; chỉ 1 dòng đầu đáng tin" in said
    assert "Ghi lại" not in said


def test_a_broken_audit_for_machines(store, capsys):
    break_line(store[0], 2)
    with pytest.raises(typer.Exit):
        verify(as_json=True, noted=store[1][2])
    assert json.loads(capsys.readouterr().out) == {
        "ok": False, "lines": 1, "digest": store[1][0], "broken_at": 2, "missing": False, "noted_at": None,
    }  # fmt: skip


def test_a_noted_digest_is_found_again(store, capsys):
    verify(as_json=False, noted=f" {store[1][1].upper()} ")
    assert "Mã đã ghi lại là của dòng 2" in capsys.readouterr().out


def test_a_noted_digest_that_is_gone_ends_with_1(store, capsys):
    with writing(store[0]) as connection:
        connection.execute(text("drop trigger auditentry_no_delete"))
        connection.execute(text("delete from auditentry where id = 3"))
    verify(as_json=False)
    with pytest.raises(typer.Exit) as ended:
        verify(as_json=False, noted=store[1][2])
    assert ended.value.exit_code == 1
    assert "có dòng đã bị bớt hoặc bị thay" in capsys.readouterr().out
