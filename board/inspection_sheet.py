"""Chương trình kiểm tra, giám sát of a year: round, time, team, who is inspected, and how far it has come. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from board.sheet_entries import SheetEntry
from board.sheet_rows import say_names, say_note, say_stretch
from board.sheets import Column, Head, Row, Sheet, Value, fill
from models.kinds import ItemKind, Placing

MAIN = "what"
COLUMNS = (
    Column("round", "Đợt", 6),
    Column("when", "Thời gian", 18),
    Column(MAIN, "Nội dung", 32),
    Column("team", "Đoàn", 14),
    Column("lead", "Trưởng đoàn, chủ trì", 16),
    Column("inspected", "Đơn vị được kiểm tra", 24),
    Column("state", "Tình trạng", 14),
    Column("note", "Ghi chú", 18),
)
KINDS = (ItemKind.INSPECTION, ItemKind.SUPERVISION)


def lay_inspections(
    entries: Sequence[SheetEntry], year: int, head: Head, today: date, footnotes: tuple[str, ...] = ()
) -> Sheet:
    """The year's inspections and supervisions in their order, as they stand on ``today``."""
    rows = tuple(_row(entry, today) for entry in entries if entry.kind in KINDS)
    return Sheet(
        f"inspections/{year}",
        "CHƯƠNG TRÌNH KIỂM TRA, GIÁM SÁT",
        f"Năm {year}",
        head,
        COLUMNS,
        MAIN,
        (fill("", rows, COLUMNS, MAIN),),
        footnotes,
        wide=True,
    )


def say_state(entry: SheetEntry, today: date) -> str:
    """How far it has come: held, fixed, or still without a date."""
    if entry.done_on:
        return "Đã xong"
    over = bool(entry.last and entry.last < today)
    if entry.placing == Placing.FIXED:
        return "Đã qua ngày ấn định" if over else "Đã ấn định ngày"
    if entry.placing == Placing.DEADLINE:
        return "Theo hạn"
    return "Đã qua, chưa ấn định ngày" if over else "Chưa ấn định ngày"


def _row(entry: SheetEntry, today: date) -> Row:
    number: Value = entry.round or ""
    length = f", {entry.duration_days:02d} ngày" if entry.duration_days and entry.placing == Placing.WINDOW else ""
    return Row(
        entry.id,
        (
            number,
            say_stretch(entry) + length,
            entry.title,
            entry.team,
            say_names(tuple(one for one in entry.leads if one != entry.team)),
            say_names(entry.inspected or entry.participants),
            say_state(entry, today),
            say_note(entry),
        ),
    )
