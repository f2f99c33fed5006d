"""What people recorded on a screen in a year as a sheet, to be kept or sorted in Excel. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from board.change_words import CHANGE_NAMES
from board.changes import Change, Wanted
from board.sheet_changes import Printed, mark_changes
from board.sheets import Column, Head, Row, Sheet, fill
from calendars.components import TIME_ZONE

COLUMNS = (
    Column("day", "Ngày", 10),
    Column("time", "Giờ", 6),
    Column("who", "Người ghi", 14),
    Column("kind", "Loại", 14),
    Column("what", "Điều chỉnh", 46),
    Column("document", "Văn bản", 16),
    Column("why", "Lý do", 20),
    Column("fate", "Hiện nay", 14),
)


def changes_sheet(changes: Sequence[Change], wanted: Wanted, head: Head, today: date) -> Printed:
    """The sheet as it stands ``today``, in the order of ``changes``."""
    narrowed = ", ".join(filter(None, (wanted.kind and CHANGE_NAMES[wanted.kind], wanted.by)))
    sheet = Sheet(
        f"changes/{wanted.year}",
        "ĐIỀU CHỈNH TRONG NĂM",
        f"Năm {wanted.year}{f' ({narrowed})' if narrowed else ''}",
        head,
        COLUMNS,
        "what",
        (fill("", tuple(_row(number, one) for number, one in enumerate(changes)), COLUMNS, "what"),),
        wide=True,
    )
    return Printed(sheet, mark_changes(sheet, None), 0, today, published=True)


def _row(number: int, change: Change) -> Row:
    at = change.at.astimezone(TIME_ZONE)
    cells = (at.date(), f"{at:%H:%M}", change.who, CHANGE_NAMES[change.kind], change.words.sentence)
    return Row(str(number), (*cells, change.document, change.why, change.in_words))
