"""Chương trình công tác năm, by month and quarter: each thing where its time is narrowest. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from board.sheet_entries import SheetEntry
from board.sheet_rows import say_names, say_stretch
from board.sheets import Column, Head, Row, Section, Sheet, fill
from calendars.wording import ROMAN
from models.kinds import KIND_NAMES, ItemKind

MAIN = "what"
COLUMNS = (
    Column("when", "Thời gian", 20),
    Column("kind", "Loại việc", 12),
    Column(MAIN, "Nội dung", 36),
    Column("lead", "Chủ trì", 18),
    Column("with", "Phối hợp, thành phần", 20),
    Column("place", "Địa điểm", 12),
    Column("programme", "Chương trình", 18),
)
LONGER = "Kéo dài nhiều quý, cả năm"


def lay_year(entries: Sequence[SheetEntry], year: int, head: Head, footnotes: tuple[str, ...] = ()) -> Sheet:
    """The year's programme; a quarter's own section holds what runs over several of its months."""
    return Sheet(
        f"year/{year}",
        "CHƯƠNG TRÌNH CÔNG TÁC NĂM",
        f"Năm {year}",
        head,
        COLUMNS,
        MAIN,
        tuple(_sections(entries, year)),
        footnotes,
        wide=True,
    )


def _sections(entries: Sequence[SheetEntry], year: int) -> Iterator[Section]:
    rows: dict[str, list[Row]] = {}
    for entry in entries:
        rows.setdefault(_title_of(entry, year), []).append(_row(entry))
    for month in range(1, 13):
        yield fill(_month(month), tuple(rows.get(_month(month), ())), COLUMNS, MAIN)
        if month % 3 == 0 and (found := rows.get(_quarter(month // 3))):
            yield Section(_quarter(month // 3), tuple(found))
    if found := rows.get(LONGER):
        yield Section(LONGER, tuple(found))


def _title_of(entry: SheetEntry, year: int) -> str:
    first = entry.last_on_time or max(entry.first or date.min, date(year, 1, 1))
    last = entry.last_on_time or min(entry.last or first, date(year, 12, 31))
    if first.month == last.month:
        return _month(first.month)
    quarters = (first.month + 2) // 3, (last.month + 2) // 3
    return _quarter(quarters[0]) if quarters[0] == quarters[1] else LONGER


def _month(month: int) -> str:
    return f"Tháng {month}"


def _quarter(number: int) -> str:
    return f"Trong quý {ROMAN[number]}"


def _row(entry: SheetEntry) -> Row:
    parties = say_names(entry.participants or entry.inspected)
    when, kind = say_stretch(entry), KIND_NAMES[ItemKind(entry.kind)]
    return Row(entry.id, (when, kind, entry.title, say_names(entry.leads), parties, entry.place, entry.programme))
