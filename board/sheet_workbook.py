"""A sheet as an Excel file: real dates, titles repeated on each page, one page wide. Pure: values in, bytes out.

The same sheet is the same file, byte for byte. Whatever begins with "=", "+", "-" or "@" is written as text.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import cache
from io import BytesIO
from typing import Any

import xlsxwriter

from board.sheet_changes import Mark, MarkedCell, Printed
from board.sheets import Column
from calendars.wording import say_day

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A4 = 9
CHARACTERS_ACROSS, CHARACTERS_DOWN = 150, 100  # of a landscape and a portrait page in this font
MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
Look = dict[str, Any]  # as XlsxWriter names the parts of a format
BASE: Look = {"font_name": "Times New Roman", "font_size": 12, "text_wrap": True, "valign": "top"}
CENTRED: Look = {"align": "center"}
BOLD: Look = {"bold": True}
BOXED: Look = {"border": 1}
MARKED: dict[Mark, Look] = {
    Mark.ADDED: {"bold": True, "italic": True, "underline": 1, "bg_color": "#FFF2CC"},
    Mark.CHANGED: {"bold": True, "italic": True, "underline": 1, "bg_color": "#FFF2CC"},
    Mark.REMOVED: {"font_strikeout": True, "bg_color": "#EDEDED"},
}


def write_workbook(printed: Printed) -> bytes:
    """The XLSX, with one worksheet."""
    saved = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(saved, options) as book:
        book.set_properties(
            {
                "title": " ".join(filter(None, (printed.sheet.title, printed.sheet.subtitle, printed.adjustment))),
                "author": printed.sheet.head.issuer,
                "created": datetime.combine(printed.day, time()),  # no hour is meant, only the day
            }
        )
        _Page(book, printed).write()
    return saved.getvalue()


class _Page:
    """The one worksheet, written from top to bottom; ``line`` is the next empty one."""

    def __init__(self, book: Any, printed: Printed) -> None:
        self.printed, self.sheet = printed, printed.sheet
        self.book, self.page = book, book.add_worksheet(self.sheet.key.replace("/", " "))
        self.right = len(self.sheet.columns) - 1
        self.middle = self.right // 2
        self.line = 0
        self.format = cache(self._format)

    def write(self) -> None:
        """Head, title, table, notes and signature."""
        self._settle_page()
        self._write_head()
        self._write_title()
        self._write_columns()
        for section in self.printed.sections:
            if section.title:
                self._across(section.title, BOLD | BOXED)
            for row in section.rows:
                for place, (column, cell) in enumerate(zip(self.sheet.columns, row.cells, strict=True)):
                    self._write_cell(place, column, cell)
                self.line += 1
        for note in self.printed.footnotes:
            self._across(note, {"italic": True})
        self._write_signature()

    def _settle_page(self) -> None:
        self.page.set_paper(A4)
        self.page.set_landscape() if self.sheet.wide else self.page.set_portrait()
        self.page.fit_to_pages(1, 0)  # one page across, as many down as it takes
        self.page.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.6)
        self.page.set_footer("&CTrang &P/&N")
        across = CHARACTERS_ACROSS if self.sheet.wide else CHARACTERS_DOWN
        shares = sum(column.share for column in self.sheet.columns)
        for place, column in enumerate(self.sheet.columns):
            self.page.set_column(place, place, max(8, across * column.share / shares))

    def _write_head(self) -> None:
        head = self.sheet.head
        place_and_day = f"{head.place}, {say_day(self.printed.day)}"
        self._two(head.issuer_above.upper(), MOTTO[0], {}, BOLD)
        self._two(head.issuer.upper(), MOTTO[1], BOLD, BOLD)
        self._two("", place_and_day, {}, {"italic": True})
        self.line += 1

    def _write_title(self) -> None:
        for words, look in (
            (self.printed.warning, BOLD),
            (self.sheet.title, BOLD | {"font_size": 14}),
            (self.sheet.subtitle, BOLD),
            (self.printed.adjustment, {"italic": True}),
        ):
            if words:
                self._across(words, CENTRED | look)
        self.line += 1

    def _write_columns(self) -> None:
        for place, column in enumerate(self.sheet.columns):
            look = BOLD | BOXED | CENTRED | {"valign": "vcenter", "bg_color": "#F2F2F2"}
            self._text(place, column.title, look)
        self.page.repeat_rows(self.line)
        self.line += 1
        self.page.freeze_panes(self.line, 0)

    def _write_cell(self, place: int, column: Column, cell: MarkedCell) -> None:
        look = BOXED | (MARKED[cell.mark] if cell.mark else {})
        if isinstance(cell.value, str):
            self._text(place, cell.in_words, look)
            return
        word = f' "{cell.word}"' if cell.word else ""  # the value stays a date or a number, its look says the word
        if isinstance(cell.value, date):
            day = "[$-42A]dddd, dd/mm/yyyy" if column.weekday else "dd/mm/yyyy"
            look |= {"num_format": day + word, "align": "left"}
            self.page.write_datetime(self.line, place, datetime.combine(cell.value, time()), self._look(look))
        else:
            self.page.write_number(self.line, place, cell.value, self._look(look | {"num_format": f"0{word}"}))

    def _write_signature(self) -> None:
        head = self.sheet.head
        self.line += 1
        titles = head.signer_title.splitlines()
        for number, left in enumerate(("Nơi nhận:", *(f"- {one}" for one in head.recipient_lines))):
            right = titles[number] if number < len(titles) else ""
            self._two(left, right, {"align": "left"} | ({"italic": True} if not number else {}), BOLD)

    def _two(self, left: str, right: str, left_look: Look, right_look: Look) -> None:
        """One line in two halves, as the head and the foot of an official paper have them."""
        self._merge(0, self.middle, left, CENTRED | left_look)
        self._merge(self.middle + 1, self.right, right, CENTRED | right_look)
        self.line += 1

    def _across(self, words: str, look: Look) -> None:
        self._merge(0, self.right, words, look)
        # merged cells do not grow with their text, so the height is counted out here
        across = CHARACTERS_ACROSS if self.sheet.wide else CHARACTERS_DOWN
        self.page.set_row(self.line, 17 * (1 + len(words) // across))
        self.line += 1

    def _merge(self, first: int, last: int, words: str, look: Look) -> None:
        # the words are written apart: merge_range would take "=1+1" for a formula
        self.page.merge_range(self.line, first, self.line, last, "", self._look(look))
        self._text(first, words, look)

    def _text(self, place: int, words: str, look: Look) -> None:
        if words:
            self.page.write_string(self.line, place, words, self._look(look))
        else:
            self.page.write_blank(self.line, place, None, self._look(look))

    def _look(self, look: Look) -> Any:
        return self.format(tuple(sorted(look.items())))

    def _format(self, look: tuple[tuple[str, Any], ...]) -> Any:
        return self.book.add_format(BASE | dict(look))
