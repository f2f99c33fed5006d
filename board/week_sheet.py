"""Lịch công tác tuần: all seven days, what is due in them, what runs and has no date. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from board.sheet_entries import SheetEntry
from board.sheet_rows import COLUMNS, LASTING_NOTE, MAIN, due_rows, held_rows, window_rows
from board.sheets import NOTHING, Head, Row, Section, Sheet, fill
from calendars.wording import say_short


def lay_week(entries: Sequence[SheetEntry], monday: date, head: Head, footnotes: tuple[str, ...] = ()) -> Sheet:
    """The week that begins on ``monday``; its number is the ISO week's."""
    sunday = monday + timedelta(days=6)
    year, week, _ = monday.isocalendar()
    return Sheet(
        f"week/{year}-W{week:02d}",
        "LỊCH CÔNG TÁC TUẦN",
        f"Tuần {week}, từ ngày {say_short(monday)} đến ngày {say_short(sunday)}",
        head,
        COLUMNS,
        MAIN,
        (
            Section("", tuple(_seven_days(entries, monday))),
            fill("Hạn trong tuần", tuple(due_rows(entries)), COLUMNS, MAIN),
            fill("Dự kiến, chưa ấn định ngày", tuple(window_rows(entries)), COLUMNS, MAIN),
        ),
        (LASTING_NOTE, *footnotes),
    )


def _seven_days(entries: Sequence[SheetEntry], monday: date) -> list[Row]:
    found: list[Row] = []
    for number in range(7):
        day = monday + timedelta(days=number)
        nothing = Row(f"day/{day}", (day, "", NOTHING, "", "", "", ""), filler=True)
        found += list(held_rows(entries, day, day)) or [nothing]
    return found
