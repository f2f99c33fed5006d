"""Lịch công tác tháng: the days something is held on, what is due, what runs and has no date. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from board.sheet_entries import SheetEntry
from board.sheet_rows import COLUMNS, LASTING_NOTE, MAIN, due_rows, held_rows, window_rows
from board.sheets import Head, Sheet, fill
from calendars.wording import say_short


def lay_month(
    entries: Sequence[SheetEntry], first: date, last: date, head: Head, footnotes: tuple[str, ...] = ()
) -> Sheet:
    """The month from ``first`` to ``last``, both included."""
    return Sheet(
        f"month/{first:%Y-%m}",
        "LỊCH CÔNG TÁC THÁNG",
        f"Tháng {first.month} năm {first.year}, từ ngày {say_short(first)} đến ngày {say_short(last)}",
        head,
        COLUMNS,
        MAIN,
        (
            fill("Việc đã có ngày", tuple(held_rows(entries, first, last)), COLUMNS, MAIN),
            fill("Hạn trong tháng", tuple(due_rows(entries)), COLUMNS, MAIN),
            fill("Dự kiến, chưa ấn định ngày", tuple(window_rows(entries)), COLUMNS, MAIN),
        ),
        (LASTING_NOTE, *footnotes),
        wide=True,
    )
