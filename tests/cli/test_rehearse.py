"""The notices of a year before any is sent: a table, a spreadsheet a person can filter, JSON."""

import json
from datetime import date, datetime, time

import openpyxl
import pytest

from cli.output import console
from cli.rehearse import rehearse_year
from models.errors import DonDocError
from tests.notices.offices import POLICY, contacts

ITEMS = """\
  - {id: BC, line: 1, title: "=1+1 Báo cáo năm", kind: report, when: trước ngày 10/12/2027, lead: [B, D],
     recipients: [BAN]}
  - {id: BM, line: 2, title: Kế hoạch mật, kind: report, when: trước ngày 20/12/2027, lead: [B], secret: true}
"""
HEADINGS = [
    "Ngày", "Giờ", "Loại", "Người nhận", "Chức trách", "Cơ quan", "Kênh", "Việc", "Bước", "Mã", "Ghi chú",
]  # fmt: skip


@pytest.fixture
def office(write_programmes, monkeypatch, tmp_path):
    """Two papers of 2027, a year whose holidays nobody has decided; D's head has no verified channel."""
    folder = write_programmes(ITEMS, first="2027-01-01", last="2027-12-31")
    (folder / "contacts.yaml").write_text(
        contacts(D_head={"channels": "[{kind: mail, address: d@example.vn}]"}), encoding="utf-8"
    )
    (folder / "policies" / "default.yaml").write_text(POLICY, encoding="utf-8")
    for name, value in (("HOME", tmp_path / "nha"), ("PROGRAMMES", folder), ("NOW", "2027-01-04T08:00")):
        monkeypatch.setenv(f"DONDOC_{name}", str(value))
    monkeypatch.setattr(console, "width", 200)
    return tmp_path


def test_a_rehearsed_year_is_a_table_one_can_filter(office, capsys):
    file = office / "diễn thử.xlsx"
    rehearse_year(2027, file, as_json=False)
    shown = capsys.readouterr().out
    assert "Lịch nghỉ lễ, Tết năm 2027 là tạm tính" in shown
    assert len(shown.splitlines()) < 12  # what is in the file is not printed too
    assert "Năm 2027, nếu không ai nộp gì: " in shown
    book = openpyxl.load_workbook(file)
    sheet = book["Thông báo 2027"]
    rows = list(sheet.iter_rows(min_row=2))
    assert [cell.value for cell in sheet[1]] == HEADINGS
    assert sheet.auto_filter.ref == f"A1:K{len(rows) + 1}"
    assert sheet.freeze_panes == "A2"
    assert f"Đã ghi {len(rows)} dòng vào {file}." in shown
    for row in rows:
        assert isinstance(row[0].value, datetime)
        assert (row[0].is_date, row[0].number_format, row[1].number_format) == (True, "dd/mm/yyyy", "hh:mm")
    assert all(cell.data_type != "f" for row in rows for cell in row)  # a title is text, whatever it begins with
    first = [cell.value for cell in rows[0]]
    assert first[2:9] == [
        "Nhắc hạn", "Ông B.focal", "Đầu mối", "Sở B", "thư", "=1+1 Báo cáo năm", "trước hạn 30 ngày làm việc",
    ]  # fmt: skip
    assert (first[0].date(), first[1]) == (date(2027, 10, 27), time(7, 30))  # 24 November is a day off since 2026
    # a secret matter has no title and no agency
    assert {(row[5].value, row[7].value) for row in rows if row[9].value.startswith("P/BM")} == {("", "Việc mật")}
    missing = [(row[3].value, row[6].value, row[10].value) for row in rows if row[6].value == "—"]
    assert missing == [("Ông D.head", "—", "Ông D.head chưa có kênh liên lạc nào đã kiểm tra.")]


def test_the_same_for_machines(office, capsys):
    rehearse_year(2027, None, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown["year"] == 2027
    assert "tạm tính" in shown["provisional"]
    assert shown["notices"][0]["title"] == "=1+1 Báo cáo năm"
    assert shown["notices"][0]["at"].endswith("T07:30:00+07:00")
    assert (shown["notices"][0]["step"], shown["notices"][0]["step_name"]) == (
        "before-30",
        "trước hạn 30 ngày làm việc",
    )
    kinds = [one["kind"] for one in shown["notices"]]
    assert {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)} == {
        "Nhắc hạn": 15, "Báo quá hạn": 3, "Nêu nơi chưa gửi": 1, "Công văn chờ duyệt": 2, "Công văn chưa ai duyệt": 2,
        "Danh sách Trưởng ban": 1,
    }  # fmt: skip


def test_what_cannot_be_rehearsed_or_written_is_said_in_a_sentence(office):
    with pytest.raises(DonDocError, match="Năm 2028 không có thông báo nào để diễn thử"):
        rehearse_year(2028, None, as_json=False)
    for out in (office / "không có" / "x.xlsx", office):
        with pytest.raises(DonDocError, match="Không ghi được tệp"):
            rehearse_year(2027, out, as_json=False)
    assert not (office / "nha" / "dondoc.db").exists()
