"""Cuts a row of pieces into clauses, and gives each what its neighbours state for all.

"Trước ngày 30/6 và 31/12 hằng năm" is two clauses with one "trước" and one "hằng năm". Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from calendars.pieces import (
    UNTIL_THE_END,
    Bound,
    Clock,
    ClockRange,
    Counted,
    DayPart,
    Every,
    Free,
    HalfDay,
    Ky,
    Later,
    Length,
    Mark,
    OnWeekday,
    Open,
    PeriodDay,
    Periodic,
    Piece,
    Point,
    Range,
    Separator,
    Times,
    Unclear,
    WholePeriod,
    place_in_year,
)
from models.timing import (
    Frequency,
)

T = TypeVar("T")

TIMES = (Point, Range, Open, PeriodDay)
HOURS = (Clock, ClockRange, DayPart, HalfDay)

FREQUENCY_WORDS = {
    Frequency.WEEK: "tuần", Frequency.MONTH: "tháng", Frequency.QUARTER: "quý", Frequency.HALF: "6 tháng",
    Frequency.YEAR: "năm",
}  # fmt: skip


@dataclass(slots=True)
class Clause:
    """The pieces between two separators, and the separator in front."""

    joined_by: str
    pieces: list[Piece]

    def all(self, kind: type[T]) -> list[T]:
        """The pieces of this kind, in their order."""
        return [piece for piece in self.pieces if isinstance(piece, kind)]

    def one(self, kind: type[T]) -> T | None:
        """The only piece of its kind; two of a kind in one clause contradict each other."""
        found = self.all(kind)
        if len(found) > 1 and any(other != found[0] for other in found):
            raise Unclear("Cụm từ nêu hai mốc khác nhau mà không nối bằng “và”, “hoặc” hay dấu phẩy.")
        return found[0] if found else None

    def need(self, kind: type[T]) -> T:
        """The only piece of its kind; Unclear when there is none."""
        found = self.one(kind)
        if found is None:
            raise Unclear("Không nêu mốc thời gian.")
        return found

    def allow(self, *kinds: type[object]) -> None:
        """Every piece must have a part in the meaning: Unclear when one of another kind would be dropped."""
        if any(not isinstance(piece, kinds) for piece in self.pieces):
            raise Unclear("Các phần của cụm từ không hợp với nhau.", "Tách thành hai cụm từ hoặc bỏ phần thừa.")
        bounds = [index for index, piece in enumerate(self.pieces) if isinstance(piece, Bound)]
        if bounds and bounds[-1] == len(self.pieces) - 1:
            raise Unclear("“trước”, “chậm nhất”, “đến” không đi với mốc nào ở sau.", "Viết 'trước ngày 15/6'.")

    def bound(self) -> Bound | None:
        """As "Chậm nhất trước ngày …": when a bound excludes the day, the stricter one holds."""
        kinds = {bound.kind for bound in self.all(Bound)}
        if "after" in kinds and len(kinds) > 1:
            raise Unclear("“sau” và “trước”, “chậm nhất” cùng đi với một ngày.", "Viết 'từ … đến …'.")
        return next(
            (one for kind in ("before", "latest", "to", "after") for one in self.all(Bound) if one.kind == kind), None
        )

    def every(self) -> Every | None:
        """As "báo cáo tháng … hằng tháng": the firm one, unless they differ."""
        found = self.all(Every)
        firm = [every for every in found if every.firm] or found
        if firm and firm[0].every is Frequency.YEAR and self.has(Bound) and self.has(Point):
            return firm[0]  # "báo cáo 6 tháng trước ngày 15/6 hằng năm": which report, and how often
        if any(every.every is not firm[0].every for every in found):
            raise Unclear("Cụm từ nêu hai chu kỳ khác nhau.", "Nối bằng “và” hoặc dấu phẩy.")
        return firm[0] if firm else None

    def has(self, *kinds: type[object]) -> bool:
        """Whether a piece of one of these kinds is there."""
        return any(isinstance(piece, kinds) for piece in self.pieces)

    def without(self, *kinds: type[object]) -> Clause:
        """A copy without the pieces of these kinds."""
        return Clause(self.joined_by, [piece for piece in self.pieces if not isinstance(piece, kinds)])

    def only(self, *kinds: type[object]) -> bool:
        """Whether there are pieces, and none of another kind."""
        return bool(self.pieces) and all(isinstance(piece, kinds) for piece in self.pieces)


def clauses_of(row: list[Piece], *, reports: bool) -> list[Clause]:
    """The clauses, complete each for itself. ``reports``: the phrase speaks of reports, so "quý" alone is a period."""
    clauses = _merge(_as_reports(_split(row)))
    _check_choices(clauses)
    _share(clauses)
    _check_reports(clauses, reports)
    return clauses


def _split(row: list[Piece]) -> list[Clause]:
    if row and isinstance(row[-1], Separator) and row[-1].kind in {"and", "or"}:
        raise Unclear("Cụm từ bị bỏ dở.")
    clauses = [Clause("", [])]
    for piece in row:
        if isinstance(piece, Separator):
            clauses.append(Clause(piece.kind, []))
        else:
            clauses[-1].pieces.append(piece)
    return [clause for clause in clauses if clause.pieces]


def _as_reports(clauses: list[Clause]) -> list[Clause]:
    """As "Hằng quý, 6 tháng, hết năm": in a list of periods a length or a year's end is a period too."""
    for index, clause in enumerate(clauses):
        lengths = clause.all(Length)
        if len(lengths) == 1 and clause.only(Length, Mark, Periodic):
            length = lengths[0]
            others = clauses[:index] + clauses[index + 1 :]
            period = _report_period(length, others, periodic=clause.has(Periodic))
            if period:
                clause.pieces = [*clause.all(Mark), period]
        points = clause.all(Point)
        if len(points) == 1 and clause.only(Point, Mark) and any(earlier.has(Every) for earlier in clauses[:index]):
            clause.pieces = [Every(Frequency.YEAR)] if _is_year_end(points[0]) else clause.pieces
    return clauses


def _report_period(length: Length, others: list[Clause], *, periodic: bool) -> Every | None:
    """A bare "6 tháng" reports on the first half, as the yearly report does on the second.

    "định kỳ 6 tháng" comes every half, unless a yearly report stands beside it.
    """
    if length.unit != "month" or length.after:
        return None
    if length.amount == 6:
        yearly = any(_is_yearly(other) for other in others)
        return Every(Frequency.HALF, first_months=6 if yearly or not periodic else 0)
    if length.amount == 9 and others:
        return Every(Frequency.YEAR, first_months=9)
    return Every(Frequency.QUARTER) if length.amount == 3 and (periodic or others) else None


def _is_yearly(clause: Clause) -> bool:
    years = any(every.every is Frequency.YEAR for every in clause.all(Every))
    return years or any(_is_year_end(point) for point in clause.all(Point))


def _is_year_end(point: Point) -> bool:
    return point in {
        Point("year"),
        Point("year_edge", edge="last"),
        Point("year_edge", edge="last", number=UNTIL_THE_END),
    }


def _check_choices(clauses: list[Clause]) -> None:
    """Both of "định kỳ hoặc đột xuất" hold; of "tháng 6 hoặc tháng 7" only one does, and nobody knows which."""
    for first, second in pairwise(clauses):
        if second.joined_by == "or" and all(one.has(Point, Range) and not one.has(Every) for one in (first, second)):
            raise Unclear("Hai mốc thời gian nối bằng “hoặc”: không rõ mốc nào.", "Viết một mốc, hoặc 'từ … đến …'.")


def _check_reports(clauses: list[Clause], reports: bool) -> None:
    """A bare "quý" or "tháng" is a period only in a list of periods or after "báo cáo", "định kỳ"."""
    for clause in clauses:
        for every in clause.all(Every):
            listed = sum(other.has(Every) for other in clauses) > 1
            if not every.firm and not (reports or listed or clause.has(Periodic, Bound)):
                word = FREQUENCY_WORDS[every.every]
                raise Unclear(f"“{word}” không nêu là {word} nào.", f"Viết 'hằng {word}' hoặc nêu rõ {word} nào.")


def _merge(clauses: list[Clause]) -> list[Clause]:
    out: list[Clause] = []
    for clause in clauses:
        if out and clause.joined_by == "/" and (out[-1].has(*TIMES) or clause.has(*TIMES)):
            raise Unclear("Dấu “/” giữa hai mốc thời gian không rõ nghĩa.", "Nối bằng “và” hoặc “đến”.")
        if out and clause.joined_by in {",", ":"} and _belong_together(out[-1], clause):
            out[-1].pieces += clause.pieces
        elif out and clause.joined_by == ":" and out[-1].has(*TIMES) and clause.has(*TIMES):
            raise Unclear(
                "Hai bên dấu hai chấm đều là mốc thời gian, không rõ mốc nào là thời gian thực hiện.",
                "Chỉ chép phần thời gian thực hiện.",
            )
        else:
            out.append(clause)
    return out


def _belong_together(first: Clause, second: Clause) -> bool:
    """Whether a comma only breathes: "thứ Hai, ngày 02/12", "hằng quý, trước ngày 15 tháng cuối quý"."""
    if first.only(Mark) or second.only(Mark, Later):
        return True
    if second.joined_by == ":" and first.only(Every) and not any(every.firm for every in first.all(Every)):
        return True  # "báo cáo quý: …" names the report
    if first.has(Free, Later, Counted) or second.has(Free, Later, Counted):
        return False
    if first.has(Periodic) and not first.has(Every, *TIMES):
        return second.has(Bound)
    if first.has(*TIMES) == second.has(*TIMES):
        return not first.has(*TIMES) and _hours_and_weekday(first, second)
    timed, other = (first, second) if first.has(*TIMES) else (second, first)
    if other.only(Bound, Mark):
        return True  # "hạn báo cáo: trước 15/6"
    if other.has(Ky, WholePeriod, Times) or (other.has(Bound) and timed.has(Bound)):
        return False
    every = other.all(Every)
    if every and (timed.has(Every) or any(p.year is not None and p.unit != "years" for p in timed.all(Point))):
        return False
    if every and not every[0].firm and not timed.has(Bound):
        return False
    return not any(timed.has(type(piece)) for piece in other.pieces if not isinstance(piece, Mark))


def _hours_and_weekday(first: Clause, second: Clause) -> bool:
    """As "01 buổi, từ 14h00", "14h00, thứ Sáu hằng tuần": hours may stand before their day."""
    return (
        first.only(*HOURS, Mark)
        and second.has(*HOURS, OnWeekday)
        and not ((first.has(Clock) and second.has(Clock)) or (first.has(DayPart) and second.has(DayPart)))
    )


def _share(clauses: list[Clause]) -> None:
    """What one clause of a list states for all: the bound forwards, year, month and "hằng" backwards."""
    pairs = [pair for pair in pairwise(clauses) if pair[1].joined_by != ";"]
    for first, second in pairs:
        if second.only(Point) and any(point.unit == "day" and point.month is None for point in first.all(Point)):
            second.pieces += [piece for piece in first.pieces if isinstance(piece, HOURS)]  # "7h30 các ngày 10, 11/6"
    for first, second in reversed(pairs):
        _share_back(first, second)
    for first, second in pairs:
        _share_forward(first, second)


def _share_back(first: Clause, second: Clause) -> None:
    later = second.all(Point)
    if first.only(*HOURS) and second.has(*HOURS) and later:
        first.pieces += later  # "sáng và chiều ngày 15/6"
    every = [one for one in second.all(Every) if one.firm]
    yearless = first.has(Point) and all(point.needs_year() for point in first.all(Point))
    if every and not any(one.firm for one in first.all(Every)) and second.has(Point, PeriodDay, OnWeekday):
        own = any(day.firm and day.every for day in first.all(PeriodDay))  # "ngày 20 tháng cuối quý" says it itself
        first.pieces += every if yearless or (first.has(PeriodDay, OnWeekday) and not own) else []
    if (
        second.has(PeriodDay)
        and first.only(Point)
        and all(point.unit == "quarter" for point in first.all(Point) + later)
    ):
        first.pieces += [piece for piece in second.pieces if isinstance(piece, (PeriodDay, Bound))]
    for index, piece in enumerate(first.pieces):
        if isinstance(piece, Point) and later:
            first.pieces[index] = _completed(piece, later[0])


def _completed(point: Point, later: Point) -> Point:
    if point.unit == "day" and point.month is None and later.unit == "day":
        point = replace(point, month=later.month, lunar=point.lunar or later.lunar)
    if not point.needs_year() or point.shift or later.unit == "year" or (later.year is None and not later.shift):
        return point
    runs_on = place_in_year(point) < place_in_year(later)
    if later.shift and not runs_on:
        return point  # "05/7 và 05/01 năm sau": only the second is of the next year
    if later.shift or not runs_on:
        raise Unclear("Không rõ năm của mốc đứng trước.", "Ghi rõ năm cho từng mốc.")
    return replace(point, year=later.year)


def _share_forward(first: Clause, second: Clause) -> None:
    bound = first.bound()
    if (
        bound
        and not second.has(Bound)
        and second.only(Point, PeriodDay, Every, Mark, OnWeekday)
        and (second.has(Point, PeriodDay, OnWeekday))
    ):
        second.pieces.insert(0, bound)
    earlier = first.all(Point)
    for index, piece in enumerate(second.pieces):
        if not (isinstance(piece, Point) and earlier):
            continue
        if piece.unit == "day" and piece.month is None and earlier[-1].unit == "day":
            piece = replace(piece, month=earlier[-1].month)
        same = {piece.unit, earlier[-1].unit} <= {"day", "month", "quarter", "months"}
        if piece.needs_year() and not piece.shift and same and not second.has(Every):
            piece = replace(piece, year=earlier[-1].year, shift=earlier[-1].shift)
        second.pieces[index] = piece
