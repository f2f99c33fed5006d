"""The five kinds of sheets and the periods they are made for: which days, what is before, what comes after. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from models.errors import DonDocError

FIRST_YEAR, LAST_YEAR = 2000, 2100


class SheetKind(StrEnum):
    """What is printed; the value begins the keys of its editions."""

    WEEK = "week"
    MONTH = "month"
    INSPECTIONS = "inspections"
    YEAR = "year"
    BOARD = "board"


SHEET_NAMES: dict[SheetKind, str] = {
    SheetKind.WEEK: "Lịch công tác tuần",
    SheetKind.MONTH: "Lịch công tác tháng",
    SheetKind.INSPECTIONS: "Chương trình kiểm tra, giám sát",
    SheetKind.YEAR: "Chương trình công tác năm",
    SheetKind.BOARD: "Tình hình thực hiện nhiệm vụ",
}


class UnreadablePeriod(DonDocError):
    """No period of this kind is written so."""

    def __init__(self, kind: SheetKind, text: str) -> None:
        examples = {SheetKind.WEEK: "2024-W49 (tuần 49 năm 2024)", SheetKind.MONTH: "2024-12"}
        super().__init__(
            f"{SHEET_NAMES[kind]}: không có kỳ nào là «{text}».", help=f"Viết như {examples.get(kind, '2024')}."
        )


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a kind, its days from ``first`` to ``last`` both included; ``name`` is how it is written."""

    kind: SheetKind
    name: str
    first: date
    last: date

    @property
    def key(self) -> str:
        """The key of its sheet, as editions keep it."""
        return f"{self.kind}/{self.name}"

    @property
    def before(self) -> Period | None:
        """The one before; None at the end of the years we know."""
        return _period_or_none(self.kind, self.first - timedelta(days=1))

    @property
    def after(self) -> Period | None:
        """The one after; None at the end of the years we know."""
        return _period_or_none(self.kind, self.last + timedelta(days=1))


def read_period(kind: SheetKind, text: str) -> Period:
    """As "2024-W49", "2024-12", "2024". Raises UnreadablePeriod, also for week 53 of a year with 52."""
    shape, make = _SHAPES.get(kind, (r"(\d{4})", _year))
    match = re.fullmatch(shape, text, re.ASCII)
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise UnreadablePeriod(kind, text)
    try:
        return make(kind, *map(int, match.groups()))
    except ValueError:
        raise UnreadablePeriod(kind, text) from None


def period_of(kind: SheetKind, day: date) -> Period:
    """The period ``day`` lies in. Raises UnreadablePeriod beyond the years we know."""
    if kind is SheetKind.WEEK:
        year, week, _ = day.isocalendar()
        return read_period(kind, f"{year}-W{week:02d}")
    return read_period(kind, f"{day:%Y-%m}" if kind is SheetKind.MONTH else str(day.year))


def _period_or_none(kind: SheetKind, day: date) -> Period | None:
    try:
        return period_of(kind, day)
    except UnreadablePeriod:
        return None


def _week(kind: SheetKind, year: int, week: int) -> Period:
    monday = date.fromisocalendar(year, week, 1)
    return Period(kind, f"{year}-W{week:02d}", monday, monday + timedelta(days=6))


def _month(kind: SheetKind, year: int, month: int) -> Period:
    first = date(year, month, 1)
    after = date(year + month // 12, month % 12 + 1, 1)
    return Period(kind, f"{first:%Y-%m}", first, after - timedelta(days=1))


def _year(kind: SheetKind, year: int) -> Period:
    return Period(kind, str(year), date(year, 1, 1), date(year, 12, 31))


_SHAPES: dict[SheetKind, tuple[str, Callable[..., Period]]] = {
    SheetKind.WEEK: (r"(\d{4})-W(\d{2})", _week),
    SheetKind.MONTH: (r"(\d{4})-(\d{2})", _month),
}
