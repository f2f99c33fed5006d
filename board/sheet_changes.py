"""What differs between two editions of a sheet, marked line by line and cell by cell, never by colour alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from board.sheets import Row, Section, Sheet, Value


class Mark(StrEnum):
    """What happened to a line or a cell since the edition before."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


MARK_WORDS: dict[Mark, str] = {Mark.ADDED: "(mới)", Mark.CHANGED: "(sửa)", Mark.REMOVED: "(bỏ)"}
WHAT_MARKS_MEAN = (
    "Thay đổi so với bản công bố trước được in đậm, nghiêng, gạch chân kèm chữ (mới) hoặc (sửa); "
    "việc đã bỏ được gạch ngang kèm chữ (bỏ) và không còn ở bản sau."
)
UNPUBLISHED = "BẢN CHƯA CÔNG BỐ"


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """One cell: its value, the same in words, how it is marked, and the word that is added to it (often none)."""

    value: Value
    text: str
    mark: Mark | None = None
    word: str = ""

    @property
    def in_words(self) -> str:
        """With the mark's word behind it, as people read it: "Hội trường B (sửa)"."""
        return " ".join(filter(None, (self.text, self.word)))


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """One line; ``mark`` is that of the whole line."""

    cells: tuple[MarkedCell, ...]
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class MarkedSection:
    """The lines of one section, those that were removed still among them."""

    title: str
    rows: tuple[MarkedRow, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """A sheet ready for paper: edition ``number`` of ``day``, marked against the edition before.

    What was not ``published`` says so on the paper.
    """

    sheet: Sheet
    sections: tuple[MarkedSection, ...]
    number: int
    day: date
    published: bool

    @property
    def adjustment(self) -> str:
        """As "(Điều chỉnh lần 2)"; empty for the first edition."""
        return f"(Điều chỉnh lần {self.number})" if self.number else ""

    @property
    def warning(self) -> str:
        """What stands above the title until it is published."""
        return "" if self.published else UNPUBLISHED

    @property
    def is_marked(self) -> bool:
        """Whether anything differs from the edition before."""
        return any(cell.mark for section in self.sections for row in section.rows for cell in row.cells)

    @property
    def footnotes(self) -> tuple[str, ...]:
        """The sheet's own, and what the marks mean when there are any."""
        return (*self.sheet.footnotes, *((WHAT_MARKS_MEAN,) if self.is_marked else ()))


def mark_changes(now: Sheet, last: Sheet | None) -> tuple[MarkedSection, ...]:
    """The sections of ``now`` with everything marked that ``last`` did not say so; without ``last`` nothing is."""
    if last is None:
        return tuple(MarkedSection(one.title, tuple(_plain(now, row) for row in one.rows)) for one in now.sections)
    before = {row.key: _by_column(last, row) for row in _lines(last)}
    kept = {row.key for row in _lines(now)}
    titles = {section.title for section in now.sections}
    # a section that went as a whole still says once what was in it
    emptied = [Section(one.title, ()) for one in last.sections if one.title not in titles and _gone(one, kept)]
    return tuple(_mark_section(now, last, section, before, kept) for section in (*now.sections, *emptied))


def _gone(section: Section, kept: set[str]) -> list[Row]:
    return [row for row in section.rows if not row.filler and row.key not in kept]


def _lines(sheet: Sheet) -> list[Row]:
    return [row for section in sheet.sections for row in section.rows if not row.filler]


def _mark_section(
    now: Sheet, last: Sheet, section: Section, before: Mapping[str, Mapping[str, Value]], kept: set[str]
) -> MarkedSection:
    rows = [(row.key, _mark_row(now, row, before)) for row in section.rows]
    old = [row for one in last.sections if one.title == section.title for row in one.rows]
    for place, row in enumerate(old):
        if not row.filler and row.key not in kept:
            at = _place_of(row, {one.key for one in old[:place]}, rows)
            rows.insert(at, (row.key, _removed(now, last, row)))
    return MarkedSection(section.title, tuple(row for _, row in rows))


def _place_of(row: Row, above: set[str], rows: Sequence[tuple[str, MarkedRow]]) -> int:
    """Where a removed line goes: on its day, else behind the line it stood behind, else on top."""
    day = row.cells[0]
    return max(
        (
            number
            for number, (key, one) in enumerate(rows, 1)
            if (_is_by(one.cells[0].value, day) if isinstance(day, date) else key in above)
        ),
        default=0,
    )


def _is_by(value: Value, day: date) -> bool:
    return isinstance(value, date) and value <= day


def _plain(sheet: Sheet, row: Row) -> MarkedRow:
    cells = zip(sheet.columns, row.cells, strict=True)
    return MarkedRow(tuple(MarkedCell(value, column.say(value)) for column, value in cells))


def _mark_row(sheet: Sheet, row: Row, before: Mapping[str, Mapping[str, Value]]) -> MarkedRow:
    if row.filler:
        return _plain(sheet, row)
    if row.key not in before:
        return _whole(sheet, row.cells, Mark.ADDED)
    old = before[row.key]
    cells = tuple(
        MarkedCell(value, column.say(value))
        if old.get(column.key, "") == value
        else MarkedCell(value, column.say(value), Mark.CHANGED, MARK_WORDS[Mark.CHANGED])
        for column, value in zip(sheet.columns, row.cells, strict=True)
    )
    return MarkedRow(cells, Mark.CHANGED if any(cell.mark for cell in cells) else None)


def _removed(now: Sheet, last: Sheet, row: Row) -> MarkedRow:
    old = _by_column(last, row)
    return _whole(now, tuple(old.get(column.key, "") for column in now.columns), Mark.REMOVED)


def _whole(sheet: Sheet, values: tuple[Value, ...], mark: Mark) -> MarkedRow:
    """A line marked as a whole: its word stands once, in the column that says what it is about."""
    cells = tuple(
        MarkedCell(value, column.say(value), mark, MARK_WORDS[mark] if column.key == sheet.main else "")
        for column, value in zip(sheet.columns, values, strict=True)
    )
    return MarkedRow(cells, mark)


def _by_column(sheet: Sheet, row: Row) -> dict[str, Value]:
    return {column.key: value for column, value in zip(sheet.columns, row.cells, strict=True)}
