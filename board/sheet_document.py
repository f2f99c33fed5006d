"""A sheet as a Word file in the form of Decree 30/2020/NĐ-CP. Pure: values in, bytes out.

The same sheet is the same file, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from board.sheet_changes import Mark, MarkedCell, Printed
from board.sheet_workbook import MOTTO
from calendars.wording import say_day

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "Times New Roman"
ZIP_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can tell
PROPERTY_CHARACTERS = 255  # python-docx refuses longer ones
SHORT_SIDE, LONG_SIDE = Mm(210), Mm(297)
LEFT, OTHER = Mm(25), Mm(18)
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
TEXT, SMALL = Pt(13), Pt(12)


def write_document(printed: Printed) -> bytes:
    """The DOCX."""
    document = Document()
    width = _settle_page(document, printed)
    _write_head(document, printed, width)
    for words, size, look in (
        (printed.warning, TEXT, {"bold": True}),
        (printed.sheet.title, Pt(14), {"bold": True}),
        (printed.sheet.subtitle, TEXT, {"bold": True}),
        (printed.adjustment, TEXT, {"italic": True}),
    ):
        if words:
            _say(document.add_paragraph(), words, CENTRE, size, **look)
    document.add_paragraph()
    _write_table(document, printed, width)
    for note in printed.footnotes:
        _say(document.add_paragraph(), note, None, SMALL, italic=True)
    document.add_paragraph()
    _write_signature(document, printed, width)
    document.add_paragraph()  # Word ends a document with a paragraph, never with a table
    _settle_properties(document, printed)
    saved = BytesIO()
    document.save(saved)
    return _settle_archive(saved.getvalue())


def _settle_page(document: Any, printed: Printed) -> int:
    """A4 with the decree's margins and font; returns the width between the margins."""
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, TEXT
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    style.paragraph_format.space_after = Pt(0)
    page = document.sections[0]
    page.page_width, page.page_height = (LONG_SIDE, SHORT_SIDE) if printed.sheet.wide else (SHORT_SIDE, LONG_SIDE)
    page.orientation = WD_ORIENT.LANDSCAPE if printed.sheet.wide else WD_ORIENT.PORTRAIT
    page.left_margin, page.right_margin, page.top_margin, page.bottom_margin = LEFT, OTHER, OTHER, OTHER
    return int(page.page_width - LEFT - OTHER)


def _write_head(document: Any, printed: Printed, width: int) -> None:
    head = printed.sheet.head
    left, right = _two_halves(document, (width * 2 // 5, width * 3 // 5))
    _say(left.paragraphs[0], head.issuer_above.upper(), CENTRE, SMALL)
    _say(left.add_paragraph(), head.issuer.upper(), CENTRE, SMALL, bold=True)
    _say(right.paragraphs[0], MOTTO[0], CENTRE, SMALL, bold=True)
    _say(right.add_paragraph(), MOTTO[1], CENTRE, TEXT, bold=True)
    _say(right.add_paragraph(), f"{head.place}, {say_day(printed.day)}", CENTRE, TEXT, italic=True)
    document.add_paragraph()


def _write_table(document: Any, printed: Printed, width: int) -> None:
    columns = printed.sheet.columns
    shares = sum(column.share for column in columns)
    widths = [width * column.share // shares for column in columns]
    table = document.add_table(1, len(columns), "Table Grid")
    table.autofit = False
    for column, one in zip(table.columns, widths, strict=True):
        column.width = one
    _write_titles(table.rows[0], [column.title for column in columns])
    for section in printed.sections:
        if section.title:
            cells = table.add_row().cells
            _say(cells[0].merge(cells[-1]).paragraphs[0], section.title, None, SMALL, bold=True)
        for row in section.rows:
            _write_row(table.add_row(), row.cells)
    for line in table.rows:
        for cell, one in zip(line._tr.tc_lst, widths, strict=False):
            if cell.grid_span == 1:
                cell.width = one


def _write_titles(row: Any, titles: Iterable[str]) -> None:
    _property(row, "w:tblHeader")  # repeated on each page
    _property(row, "w:cantSplit")
    for cell, title in zip(row.cells, titles, strict=True):
        _say(cell.paragraphs[0], title, CENTRE, SMALL, bold=True)


def _write_row(row: Any, cells: Iterable[MarkedCell]) -> None:
    _property(row, "w:cantSplit")
    for cell, marked in zip(row.cells, cells, strict=True):
        align = RIGHT if isinstance(marked.value, int) else None
        _say(cell.paragraphs[0], marked.in_words, align, SMALL, **_look(marked.mark))


def _look(mark: Mark | None) -> dict[str, bool]:
    if mark is Mark.REMOVED:
        return {"strike": True}
    return dict.fromkeys(("bold", "italic", "underline"), True) if mark else {}


def _write_signature(document: Any, printed: Printed, width: int) -> None:
    head = printed.sheet.head
    left, right = _two_halves(document, (width // 2, width - width // 2))
    _say(left.paragraphs[0], "Nơi nhận:", None, SMALL, bold=True, italic=True)
    for one in head.recipient_lines:
        _say(left.add_paragraph(), f"- {one}", None, Pt(11))
    first, *others = head.signer_title.splitlines() or [""]
    _say(right.paragraphs[0], first, CENTRE, TEXT, bold=True)
    for line in others:
        _say(right.add_paragraph(), line, CENTRE, TEXT, bold=True)


def _two_halves(document: Any, widths: tuple[int, int]) -> tuple[Any, Any]:
    table = document.add_table(1, 2)
    table.autofit = False
    _property(table.rows[0], "w:cantSplit")
    for column, cell, width in zip(table.columns, table.rows[0].cells, widths, strict=True):
        column.width = cell.width = width
    return tuple(table.rows[0].cells)


def _say(paragraph: Any, words: str, align: Any, size: Any, *, strike: bool = False, **look: bool) -> None:
    paragraph.alignment = align
    run = paragraph.add_run(words)
    run.font.size, run.font.strike = size, strike or None
    for name, holds in look.items():
        setattr(run, name, holds)


def _property(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _settle_properties(document: Any, printed: Printed) -> None:
    midnight = datetime.combine(printed.day, time(), UTC)  # no hour is meant, only the day
    properties = document.core_properties
    title = " ".join(filter(None, (printed.sheet.title, printed.sheet.subtitle, printed.adjustment)))
    properties.title = title[:PROPERTY_CHARACTERS]
    properties.author = properties.last_modified_by = printed.sheet.head.issuer[:PROPERTY_CHARACTERS]
    properties.comments = ""
    properties.created = properties.modified = midnight
    properties.revision = 1
    properties.language = "vi-VN"


def _settle_archive(content: bytes) -> bytes:
    """The same parts under one fixed time; a ZIP otherwise tells the second it was written in."""
    settled = BytesIO()
    with ZipFile(BytesIO(content)) as parts, ZipFile(settled, "w") as archive:
        for name in parts.namelist():
            archive.writestr(ZipInfo(name, ZIP_BEGINNING), parts.read(name), ZIP_DEFLATED)
    return settled.getvalue()
