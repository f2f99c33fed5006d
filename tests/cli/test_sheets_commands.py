"""``dondoc sheet``: files to print, and editions, as a secretary types them."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from board.sheet_periods import UnreadablePeriod
from cli.sheets import UnwritableSheet, make_sheet_file
from models.errors import DonDocError
from office.store import open_store, writing
from planning.check import read_definitions
from planning.yearbook import plan_year


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The five programmes of 2024, planned once."""
    home = tmp_path_factory.mktemp("office")
    store = open_store(f"sqlite:///{home / 'dondoc.db'}")
    with writing(store) as connection:
        plan_year(connection, read_definitions(Path("programmes")), 2024, date(2024, 3, 4))
    store.dispose()
    return home


@pytest.fixture
def sheet(home, monkeypatch):
    """Runs the command on Monday, 2 December 2024."""
    monkeypatch.setenv("DONDOC_HOME", str(home))
    monkeypatch.setenv("DONDOC_NOW", "2024-12-02T08:00")

    def run(kind, period, out=None, by=None, *, publish=False):
        make_sheet_file(kind, period, out, by, publish=publish)

    return run


@pytest.mark.parametrize(
    ("kind", "period", "title", "words"),
    [
        ("week", "2024-W49", "LỊCH CÔNG TÁC TUẦN", "Thứ Hai, 02/12/2024"),
        ("month", "2024-12", "LỊCH CÔNG TÁC THÁNG", "Trước 10/12/2024, ngày cuối 09/12/2024"),
        ("inspections", "2024", "CHƯƠNG TRÌNH KIỂM TRA, GIÁM SÁT", "Đoàn 1"),
        ("year", "2024", "CHƯƠNG TRÌNH CÔNG TÁC NĂM", "Trong quý IV"),
        ("board", "2024", "TÌNH HÌNH THỰC HIỆN NHIỆM VỤ", "Tổng số"),
    ],
)
def test_each_sheet_of_the_five_programmes_is_written_for_word(sheet, tmp_path, capsys, kind, period, title, words):
    out = tmp_path / "bieu.docx"
    sheet(kind, period, out)
    document = Document(str(out))
    assert title in [paragraph.text for paragraph in document.paragraphs]
    assert words in "\n".join(cell.text for row in document.tables[1].rows for cell in row.cells)
    assert f"{period} (chưa công bố)» vào {out}.\n" in capsys.readouterr().out


def test_the_other_forms_follow_the_files_name(sheet, tmp_path):
    sheet("month", "2024-12", tmp_path / "thang.XLSX")
    dates = [row[0].value for row in openpyxl.load_workbook(tmp_path / "thang.XLSX").worksheets[0].iter_rows()]
    assert date(2024, 12, 9) in [value.date() for value in dates if isinstance(value, datetime)]
    sheet("week", "2024-W49", tmp_path / "tuan.html")
    page = (tmp_path / "tuan.html").read_text(encoding="utf-8")
    assert "<h2>LỊCH CÔNG TÁC TUẦN</h2>" in page
    assert 'class="banner"' in page  # a held clock is said on the screen


def test_publishing_twice_says_that_nothing_is_new(sheet, capsys):
    for _ in range(2):
        sheet("week", "2024-W50", by=" Chị Lan ", publish=True)
    assert capsys.readouterr().out == (
        "Đã công bố week/2024-W50: bản đầu.\n"
        "Nội dung week/2024-W50 không khác bản công bố gần nhất (bản đầu) nên không có bản mới.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        (("week", "2024-W53"), {"out": Path("x.docx")}, UnreadablePeriod, "2024-W49"),
        (("day", "2024"), {"out": Path("x.docx")}, DonDocError, "week, month, inspections, year, board"),
        (("week", "2024-W49"), {"out": Path("x.pdf")}, DonDocError, "«.pdf»"),
        (("week", "2024-W49"), {}, DonDocError, "Chưa rõ cần làm gì"),
        (("week", "2024-W49"), {"publish": True, "by": "  "}, DonDocError, "Thiếu tên người công bố"),
        (("week", "2024-W49"), {"out": Path("no/such/folder/x.docx")}, UnwritableSheet, "Không ghi được"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(sheet, arguments, options, error, words):
    with pytest.raises(error, match=words):
        sheet(*arguments, **options)
