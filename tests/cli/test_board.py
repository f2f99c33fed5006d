"""``dondoc board`` as the secretary reads it: the two by two, the rate with its denominator, who is late."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest

import cli.board
from cli.board import show_board
from models.errors import DonDocError
from office.settings import VIETNAM
from office.store import open_store, writing
from planning.check import read_definitions
from planning.submissions import Recorded, mark_done
from planning.yearbook import plan_year

REPORTS = "DB-351-2022/S2-02/2024"


@pytest.fixture
def office(tmp_path, monkeypatch):
    """The five programmes of 2024 on the day after the reports were due; two came in time, one late."""
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path))
    monkeypatch.setenv("DONDOC_NOW", "2024-12-10T08:00")
    monkeypatch.setattr(cli.board.console, "width", 200)
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    recorded = Recorded("Chị Lan", datetime(2024, 12, 10, 8, tzinfo=VIETNAM))
    with writing(store) as connection:
        plan_year(connection, read_definitions(Path("programmes")), 2024, date(2024, 3, 4))
        for agency, day in (("SYT", 9), ("STC", 9), ("SNV", 10)):
            assert mark_done(connection, f"{REPORTS}/{agency}", date(2024, 12, day), recorded)
    store.dispose()


def cells(said: str, first: str) -> list[str]:
    line = next(line for line in said.splitlines() if line.startswith(f"│ {first}"))
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_the_board_prints_the_official_table_and_the_rate_with_its_denominator(office, capsys):
    show_board("agency", None, None, as_json=False)
    said = capsys.readouterr().out
    assert cells(said, "Đã hoàn thành") == ["Đã hoàn thành", "2", "1"]
    assert cells(said, "Chưa hoàn thành") == ["Chưa hoàn thành", "1", "20"]
    assert "Tỷ lệ hoàn thành 3/23 (13,0 %), không tính 1 việc chưa đến hạn.\n" in said
    assert "28 việc không tính vì chương trình còn là dự thảo.\n" in said
    assert "Cơ quan có dưới 3 việc đến hạn không được xếp hạng.\n" in said
    assert "Việc quá hạn (20 việc, 20 cơ quan)" in said
    assert cells(said, "Sở Xây dựng (1)")[2:] == [f"{REPORTS}/SXD", "09/12/2024", "1 ngày làm việc", "chưa báo"]


def test_a_programme_without_deadlines_says_so(office, capsys):
    show_board("occurrence", 2024, "ML-GN-2024", as_json=False)
    said = capsys.readouterr().out
    assert "Chưa có việc nào đến hạn.\n" in said
    assert "Không có việc nào quá hạn.\n" in said


def test_a_machine_reads_the_same_numbers(office, capsys):
    show_board("programme", 2024, None, as_json=True)
    found = json.loads(capsys.readouterr().out)
    (row,) = found["rows"]
    assert row == {"code": "DB-351-2022", "name": "Quyết định 351/QĐ-UBND", "rank": None, "first_due": "2024-12-09"} | {
        "done_on_time": 2, "done_late": 1, "open_in_time": 1, "open_overdue": 20, "no_deadline": 0, "waived": 0,
        "no_deadline_done": 0, "returned": 0, "done": 3, "due": 23, "completion": 3 / 23, "punctuality": 2 / 23,
    }  # fmt: skip
    assert found["uncounted"] == [{"reason": "draft", "number": 28}]
    assert len(found["overdue"]) == 20


@pytest.mark.parametrize(
    ("by", "year", "programme", "sentence"),
    [
        ("nguoi", 2024, None, "Không đếm theo «nguoi» được."),
        ("agency", 2024, "KHONG-CO", "Không có chương trình KHONG-CO."),
        ("agency", 2031, None, "Năm 2031 chưa được lập."),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_sentence(office, by, year, programme, sentence):
    with pytest.raises(DonDocError) as refused:
        show_board(by, year, programme, as_json=False)
    assert refused.value.sentence == sentence
    assert refused.value.help
