"""What a printed sheet is made of: a head, columns, sections of rows with keys of their own, notes. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from calendars.wording import say_short

Value = str | int | date
NOTHING = "—"
WEEKDAYS = ("", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
RECIPIENTS = ("Thành viên Ban Chỉ đạo", "Các cơ quan có tên trên đây", "Lưu: VT")


@dataclass(frozen=True, slots=True)
class Head:
    """Who issues a sheet and who signs it, as Decree 30/2020/NĐ-CP places them.

    ``signer_title`` has one line for each line of the paper ("TL. TRƯỞNG BAN"); ``recipients`` stand at the bottom.
    """

    issuer_above: str
    issuer: str
    place: str
    signer_title: str
    recipients: tuple[str, ...] = RECIPIENTS

    @property
    def recipient_lines(self) -> tuple[str, ...]:
        """As the decree has them: "Thành viên Ban Chỉ đạo;", "Lưu: VT."."""
        return (*(f"{one};" for one in self.recipients[:-1]), *(f"{one}." for one in self.recipients[-1:]))


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``share`` is its part of the width. A day in it is said with its weekday when ``weekday`` is set."""

    key: str
    title: str
    share: int
    weekday: bool = False

    def say(self, value: Value) -> str:
        """A value of this column in words: "Thứ Hai, 02/12/2024", "02/12/2024", "12"."""
        if not isinstance(value, date):
            return str(value)
        return f"{WEEKDAYS[value.isoweekday()]}, {say_short(value)}" if self.weekday else say_short(value)


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``key`` says what it is about and stays when its words change; a ``filler`` is about nothing."""

    key: str
    cells: tuple[Value, ...]
    filler: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together; without a ``title`` they follow the columns' titles at once."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as it stands. ``key`` names it ("week/2024-W49"), ``main`` the column that says what a line is about.

    A ``wide`` one is printed across.
    """

    key: str
    title: str
    subtitle: str
    head: Head
    columns: tuple[Column, ...]
    main: str
    sections: tuple[Section, ...]
    footnotes: tuple[str, ...] = ()
    wide: bool = False


def fill(title: str, rows: tuple[Row, ...], columns: tuple[Column, ...], main: str) -> Section:
    """A section that says with a dash that nothing stands in it."""
    nothing = tuple(NOTHING if column.key == main else "" for column in columns)
    return Section(title, rows or (Row(f"none/{title}", nothing, filler=True),))


def write_sheet(sheet: Sheet) -> str:
    """As JSON, always the same text for the same sheet."""
    return json.dumps(
        asdict(sheet), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=lambda day: {"day": str(day)}
    )


def read_sheet(content: str) -> Sheet:
    """What ``write_sheet`` wrote."""
    kept = json.loads(content, object_hook=_read_day)
    sections = tuple(
        Section(one["title"], tuple(Row(row["key"], tuple(row["cells"]), row["filler"]) for row in one["rows"]))
        for one in kept["sections"]
    )
    head = kept["head"] | {"recipients": tuple(kept["head"]["recipients"])}
    return Sheet(
        **kept
        | {
            "head": Head(**head),
            "columns": tuple(Column(**column) for column in kept["columns"]),
            "sections": sections,
            "footnotes": tuple(kept["footnotes"]),
        }
    )


def _read_day(found: dict[str, Any]) -> dict[str, Any] | date:
    return date.fromisoformat(found["day"]) if found.keys() == {"day"} else found
