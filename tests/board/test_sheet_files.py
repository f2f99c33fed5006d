"""The Word and Excel files of a sheet, read back the way Word and Excel read them."""

import unicodedata
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
from docx import Document

from board.sheet_changes import WHAT_MARKS_MEAN, Printed, mark_changes
from board.sheet_files import attach, name_file, write_file
from board.sheets import Row, Section
from tests.board.sheet_samples import moved, week

DAY = date(2024, 12, 2)


def printed(now=None, last=None, number=0, published=True):
    sheet = now or week()
    return Printed(sheet, mark_changes(sheet, last), number, DAY, published)


ADJUSTED = printed(moved(), week(), 2)


def document_of(one):
    return Document(BytesIO(write_file(one, "docx")))


def page_of(one):
    return openpyxl.load_workbook(BytesIO(write_file(one, "xlsx"))).worksheets[0]


def words_of(page):
    return [[cell.value for cell in row if cell.value is not None] for row in page.iter_rows()]


def test_a_word_file_has_the_form_of_the_decree():
    document = document_of(ADJUSTED)
    head, table, foot = document.tables
    assert [cell.text for cell in head.rows[0].cells] == [
        "UBND TỈNH ĐIỆN BIÊN\nBAN CHỈ ĐẠO",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nĐiện Biên, ngày 02 tháng 12 năm 2024",
    ]
    said = [paragraph.text for paragraph in document.paragraphs if paragraph.text]
    assert said == [
        "LỊCH CÔNG TÁC TUẦN", "Tuần 49, từ ngày 02/12/2024 đến ngày 08/12/2024", "(Điều chỉnh lần 2)",
        *ADJUSTED.footnotes,
    ]  # fmt: skip
    assert WHAT_MARKS_MEAN in said
    assert foot.rows[0].cells[0].text.splitlines()[:2] == ["Nơi nhận:", "- Thành viên Ban Chỉ đạo;"]
    assert foot.rows[0].cells[1].text == "TL. TRƯỞNG BAN\nCHÁNH VĂN PHÒNG"
    assert table.rows[0]._tr.trPr.xpath("w:tblHeader")  # repeated on each page
    assert document.styles["Normal"].font.name == "Times New Roman"
    assert round(document.sections[0].page_width.mm) == 210


def test_a_word_file_marks_changes_in_its_letters_too():
    table = document_of(ADJUSTED).tables[1]
    looks = {}
    for row in table.rows[1:]:
        run = next(iter(row.cells[2].paragraphs[0].runs))
        looks[run.text] = (run.bold, run.italic, run.underline, run.font.strike)
    assert looks["Tập huấn (mới)"] == (True, True, True, None)
    assert looks["Báo cáo năm (bỏ)"] == (None, None, None, True)
    assert looks["Hội nghị tổng kết"] == (None, None, None, None)  # only its day and its place differ


def test_what_is_not_published_says_so():
    assert "BẢN CHƯA CÔNG BỐ" in [one.text for one in document_of(printed(published=False)).paragraphs]
    assert ["BẢN CHƯA CÔNG BỐ"] in words_of(page_of(printed(published=False)))
    assert ["BẢN CHƯA CÔNG BỐ"] not in words_of(page_of(printed()))


def test_an_excel_file_holds_real_dates_and_repeats_its_titles():
    page = page_of(ADJUSTED)
    titles = next(row for row in page.iter_rows() if row[0].value == "Thứ, ngày")
    assert page.print_title_rows == f"${titles[0].row}:${titles[0].row}"
    assert page.freeze_panes == f"A{titles[0].row + 1}"
    assert (page.page_setup.orientation, page.page_setup.fitToHeight) == ("portrait", 0)  # as many pages as it takes
    assert page.sheet_properties.pageSetUpPr.fitToPage  # and one across
    changed = next(row for row in page.iter_rows() if row[5].value == "Hội trường B (sửa)")
    assert isinstance(changed[0].value, datetime)
    assert changed[0].value.date() == date(2024, 12, 6)
    assert changed[0].number_format == '[$-42A]dddd, dd/mm/yyyy "(sửa)"'
    assert changed[5].font.b
    assert changed[5].fill.fgColor.rgb == "FFFFF2CC"
    gone = next(row for row in page.iter_rows() if row[2].value == "Báo cáo năm (bỏ)")
    assert gone[2].font.strike


def test_a_wide_sheet_lies_across():
    wide = printed(replace(week(), wide=True))
    assert page_of(wide).page_setup.orientation == "landscape"
    assert round(document_of(wide).sections[0].page_width.mm) == 297


@pytest.mark.parametrize("text", ["=1+1", "+84 900", "-5", "@SUM(A1)", "=cmd|'/c calc'!A1", "{=A1}"])
def test_nothing_typed_becomes_a_formula(text):
    whole = week()
    row = Row("x", (text,) * len(whole.columns))
    sheet = replace(
        whole, title=text, subtitle=text, footnotes=(text,), sections=(Section(text, (row,)),),
        head=replace(whole.head, issuer=text, signer_title=text),
    )  # fmt: skip
    kinds = {cell.data_type for row in page_of(printed(sheet)).iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s"}


@pytest.mark.parametrize("form", ["docx", "xlsx", "html"])
def test_the_same_sheet_is_the_same_file(form):
    assert write_file(ADJUSTED, form) == write_file(printed(moved(), week(), 2), form)


def test_the_files_letters_are_composed():
    words = [str(word) for line in words_of(page_of(ADJUSTED)) for word in line]
    words += [cell.text for row in document_of(ADJUSTED).tables[1].rows for cell in row.cells]
    assert all(unicodedata.is_normalized("NFC", word) for word in words)


def test_a_page_to_print_escapes_what_was_typed_and_marks_with_words():
    sheet = replace(moved(), sections=(Section("", (Row("x", ("<b>", *[""] * 6)),)),))
    assert "<td>&lt;b&gt;</td>" in write_file(printed(sheet), "html").decode()
    page = write_file(ADJUSTED, "html").decode()
    assert '<span class="changed">Hội trường B (sửa)</span>' in page
    assert "<del>Báo cáo năm</del> (bỏ)" in page


def test_a_downloads_name_says_edition_and_period():
    assert name_file(ADJUSTED, "docx") == "Lịch công tác tuần 2024-W49, điều chỉnh lần 2.docx"
    assert name_file(printed(published=False), "xlsx") == "Lịch công tác tuần 2024-W49 (chưa công bố).xlsx"
    assert attach(printed(), "xlsx") == (
        'attachment; filename="week-2024-W49-0.xlsx"; '
        "filename*=UTF-8''L%E1%BB%8Bch%20c%C3%B4ng%20t%C3%A1c%20tu%E1%BA%A7n%202024-W49.xlsx"
    )
