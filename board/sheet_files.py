"""The files a sheet is handed out as, and what they are called. Pure."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from board import sheet_document, sheet_workbook
from board.sheet_changes import Printed
from board.sheet_document import write_document
from board.sheet_page import write_page
from board.sheet_periods import SHEET_NAMES, SheetKind
from board.sheet_workbook import write_workbook

MEDIA_TYPES: dict[str, str] = {
    "docx": sheet_document.MEDIA_TYPE,
    "xlsx": sheet_workbook.MEDIA_TYPE,
    "html": "text/html; charset=utf-8",
}
_WRITERS: dict[str, Callable[[Printed], bytes]] = {
    "docx": write_document,
    "xlsx": write_workbook,
    "html": lambda printed: write_page(printed).encode(),
}


def write_file(printed: Printed, form: str) -> bytes:
    """The sheet as "docx", "xlsx" or "html" (one that needs nothing else)."""
    return _WRITERS[form](printed)


def name_file(printed: Printed, form: str) -> str:
    """As "Lịch công tác tuần 2024-W49, điều chỉnh lần 2.docx"; what is not published says so."""
    kind, _, period = printed.sheet.key.partition("/")
    number = f", điều chỉnh lần {printed.number}" if printed.number else ""
    draft = "" if printed.published else " (chưa công bố)"
    return f"{SHEET_NAMES[SheetKind(kind)]} {period}{number}{draft}.{form}"


def attach(printed: Printed, form: str) -> str:
    """The Content-Disposition of a download (RFC 6266): a name for every program, and the Vietnamese one."""
    plain = f"{printed.sheet.key.replace('/', '-')}-{printed.number}.{form}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name_file(printed, form))}"
