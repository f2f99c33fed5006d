"""Joins neighbouring pieces: "rằm" + "tháng 7", "quý II" + "năm 2024", "từ" … "đến" …; pieces in, pieces out. Pure."""

from __future__ import annotations

from dataclasses import replace

from calendars import stretches
from calendars.pieces import (
    Bound,
    Clock,
    ClockRange,
    DayPart,
    Every,
    Free,
    Link,
    Mark,
    Modifier,
    Number,
    OnWeekday,
    Open,
    PeriodDay,
    Piece,
    Point,
    Range,
    Separator,
    Unclear,
    place_in_year,
    with_year,
)
from models.timing import (
    DayOfPeriod,
    Frequency,
    Unspecified,
)


def glue(row: list[Piece]) -> list[Piece]:
    """The row with every pair that belongs together made one piece. Unclear when a piece has no partner."""
    row = _drop_outer_phase(row)
    for step in (
        _mark_lunar,
        _apply_modifiers,
        _give_numbers_units,
        _join_day_and_month,
        _join_year,
        _join_clocks,
        _join_ranges,
    ):
        row = step(row)
    return row


def _drop_outer_phase(row: list[Piece]) -> list[Piece]:
    """As "giai đoạn 2021-2030, giai đoạn I: từ năm 2021 đến năm 2025": the inner phase governs."""
    for index, piece in enumerate(row):
        if piece == Mark("phase"):
            outer, inner = row[:index], row[index + 1 :]
            if all(isinstance(one, (Point, Separator)) for one in outer):
                if not any(isinstance(one, Point) for one in inner):
                    raise Unclear("Giai đoạn không nêu năm.", "Viết 'giai đoạn 2021-2025'.")
                return [one for one in inner[:1] if not isinstance(one, Separator)] + inner[1:]
    return [piece for piece in row if piece != Mark("phase")]


def _mark_lunar(row: list[Piece]) -> list[Piece]:
    out: list[Piece] = []
    for piece in row:
        if isinstance(piece, Mark) and piece.kind in {"lunar", "leap"}:
            days = [(index, one) for index, one in enumerate(out) if isinstance(one, Point) and one.unit != "year"]
            if not days:
                raise Unclear("“âm lịch”, “nhuận” không đi với ngày, tháng nào.", "Viết 'ngày 10/3 âm lịch'.")
            index, point = days[-1]
            out[index] = replace(point, lunar=True, leap=point.leap or piece.kind == "leap")
        else:
            out.append(piece)
    return out


def _apply_modifiers(row: list[Piece]) -> list[Piece]:
    out: list[Piece] = []
    for piece in row:
        before = out[-1] if out else None
        if isinstance(before, Modifier):
            out[-1] = _modified(before, piece)
        else:
            out.append(piece)
    if out and isinstance(out[-1], Modifier):
        raise Unclear("Không rõ đầu, giữa hay cuối của tháng nào.", "Viết 'cuối tháng 6/2024'.")
    return out


def _modified(modifier: Modifier, piece: Piece) -> Piece:
    if isinstance(piece, Point) and piece.unit == "month":
        if modifier.unit == "edge":
            return replace(piece, edge=modifier.edge)
        return replace(piece, unit=modifier.unit, number=modifier.number)
    if isinstance(piece, Point) and piece.unit == "quarter" and modifier.unit == "edge":
        return replace(piece, edge=modifier.edge)
    if isinstance(piece, Every) and modifier.unit == "edge" and modifier.edge:
        if piece.every is Frequency.MONTH:
            day = {"first": 1, "mid": 15, "last": 0}[modifier.edge]
            place = DayOfPeriod(day, "first" if modifier.edge == "first" else "last")
            words = {"first": "đầu tháng", "mid": "giữa tháng", "last": "cuối tháng"}[modifier.edge]
            return PeriodDay(place, Frequency.MONTH, words, firm=piece.firm)
        if piece.firm:
            return piece  # "cuối mỗi quý": no article makes it a day, so only the quarter is kept
        return Free(
            Unspecified("“đầu, giữa, cuối quý”: Điều 146 Bộ luật Dân sự 2015 chỉ quy định cho tháng và năm."),
            "Không có quy định nào đổi đầu, giữa, cuối quý ra ngày.",
        )
    raise Unclear("Không rõ đầu, giữa hay cuối của khoảng thời gian nào.", "Viết 'cuối tháng 6/2024'.")


def _give_numbers_units(row: list[Piece]) -> list[Piece]:
    """As "tháng 3, 7 và 12": the unit stands at the neighbour, before or after."""
    out: list[Piece] = []
    for index, piece in enumerate(row):
        out.append(_numbered(piece, out, row[index + 1 :]) if isinstance(piece, Number) else piece)
    return out


def _numbered(number: Number, before: list[Piece], after: list[Piece]) -> Piece:
    for piece in reversed(before):
        if isinstance(piece, OnWeekday) and 2 <= number.value <= 7:
            return OnWeekday(number.value - 1)
        if isinstance(piece, Point) and piece.unit in {"day", "month", "quarter"}:
            return _like(piece, number.value)
        if not isinstance(piece, (Separator, Link)):
            break
    for piece in after:
        if isinstance(piece, (Point, Range)):
            first = piece.begins if isinstance(piece, Range) else piece
            if first is not None and first.unit == "day":
                return Point("day", day=number.value)
            break
        if not isinstance(piece, (Separator, Link, Number)):
            break
    raise Unclear(f"Số {number.value} không có đơn vị.", "Viết rõ 'ngày', 'tháng', 'quý' trước con số.")


def _like(point: Point, value: int) -> Point:
    if point.unit == "day":
        return Point("day", day=value)
    if point.unit == "month":
        return Point("month", month=value)
    if not 1 <= value <= 4:
        raise stretches.ImpossibleDay(f"Không có quý {value}: một năm có 4 quý.")
    return Point("quarter", number=value)


def _join_day_and_month(row: list[Piece]) -> list[Piece]:
    """As "rằm" + "tháng 7", "mùng 5" + "tháng giêng"."""
    out: list[Piece] = []
    for piece in row:
        before = out[-1] if out else None
        if (
            isinstance(piece, Point)
            and piece.unit == "month"
            and isinstance(before, Point)
            and before.unit == "day"
            and before.month is None
        ):
            out[-1] = replace(piece, unit="day", day=before.day, lunar=before.lunar or piece.lunar)
        else:
            out.append(piece)
    return out


def _join_year(row: list[Piece]) -> list[Piece]:
    """As "quý II, năm 2024": a year right after a yearless point, with or without a comma, is its year."""
    out: list[Piece] = []
    for piece in row:
        if isinstance(piece, Point) and piece.unit == "year":
            index = len(out) - 1
            if index >= 1 and out[index] == Separator(","):
                index -= 1
            before = out[index] if index >= 0 else None
            beside = index == len(out) - 1  # "cả năm" + "2024" must touch; "quý II, năm 2024" need not
            if (
                isinstance(before, Point)
                and before.needs_year()
                and not before.shift
                and (beside or before.unit != "year")
            ):
                out[index:] = [with_year(before, piece)]
                continue
        out.append(piece)
    return out


def _join_clocks(row: list[Piece]) -> list[Piece]:
    out: list[Piece] = []
    for piece in row:
        if isinstance(piece, Clock) and len(out) >= 2 and isinstance(out[-2], Clock) and _is_link(out[-1]):
            begins = out[-2]
            del out[-2:]
            if out and out[-1] == Link("from"):
                out.pop()
            out.append(ClockRange(begins, piece))
        else:
            out.append(piece)
    return out


def _is_link(piece: Piece) -> bool:
    return isinstance(piece, Link) and piece.kind in {"to", "dash"}


def _join_ranges(row: list[Piece]) -> list[Piece]:
    out: list[Piece] = []
    for piece in row:
        if not isinstance(piece, Point):
            out.append(piece)
            continue
        if both := _with_hours_on_both_ends(out, piece):
            del out[-4:]
            _pop_from(out)
            out += both
        elif out and _is_link(out[-1]) and len(out) >= 2 and isinstance(first := out[-2], Point):
            del out[-2:]
            _pop_from(out)
            out.append(_range(first, piece))
        elif _signed_before(out):
            del out[-2:]
            out.append(Range(None, piece))
        else:
            out.append(piece)
    return _settle_links(out)


def _signed_before(out: list[Piece]) -> bool:
    return len(out) >= 2 and _is_link(out[-1]) and out[-2] == Link("signed")


def _with_hours_on_both_ends(out: list[Piece], last: Point) -> list[Piece]:
    """As "từ 7h30 ngày 15/6 đến 17h00 ngày 16/6": clock, day, đến, clock, and now a day; [] for anything else."""
    if len(out) < 4:
        return []
    starts, begins, link, ends = out[-4:]
    if isinstance(starts, Clock) and isinstance(begins, Point) and _is_link(link) and isinstance(ends, Clock):
        return [ClockRange(starts, ends), _range(begins, last)]
    return []


def _pop_from(out: list[Piece]) -> None:
    if out and out[-1] == Link("from"):
        out.pop()


def _range(first: Point, last: Point) -> Range:
    """Both ends complete: the day takes its month, and either end its year, from the other."""
    if first.unit == "day" and first.month is None and last.unit == "day":
        first = replace(first, month=last.month)
    if last.unit == "day" and last.month is None and first.unit == "day":
        last = replace(last, month=first.month)
    if first.needs_year() and not first.shift:
        if not (last.shift == 1 and _wraps(first, last)):  # "từ tháng 11 đến tháng 2 năm sau" begins this year
            first = replace(first, year=last.year, shift=last.shift)
    elif last.needs_year() and not last.shift:
        last = replace(last, year=first.year, shift=first.shift)
    if last.lunar and first.unit == last.unit:
        first = replace(first, lunar=True)
    return Range(first, last)


def _wraps(first: Point, last: Point) -> bool:
    named = all(point.unit in {"day", "month", "quarter"} and not point.lunar for point in (first, last))
    return named and place_in_year(first) > place_in_year(last)


def _settle_links(row: list[Piece]) -> list[Piece]:
    """What is left of "từ", "đến", "-" after the ranges are made."""
    out: list[Piece] = []
    for index, piece in enumerate(row):
        following = row[index + 1] if index + 1 < len(row) else None
        if not isinstance(piece, Link):
            if out and out[-1] == Link("from") and isinstance(piece, Point):
                # "từ năm 2021-2025", "từ tháng 3-5": the point already has both ends
                out[-1] = piece if piece.unit in {"years", "months"} else Open(piece)
            else:
                out.append(piece)
        elif piece.kind == "to":
            out.append(Bound("to", whole=piece.whole))
        elif piece.kind == "now":
            continue  # "từ nay đến …": only the end binds
        elif piece.kind == "from":
            if isinstance(following, Point):
                out.append(piece)
            elif not isinstance(following, (Clock, ClockRange, DayPart, Range)):
                raise Unclear("“từ …” không nêu mốc bắt đầu đọc được.", "Viết 'từ ngày 10/6 đến ngày 14/6/2024'.")
        elif piece.kind == "dash":
            if 0 < index < len(row) - 1:
                raise Unclear("Dấu “-” không nối hai mốc thời gian cùng loại.", "Viết 'từ … đến …'.")
        else:
            out.append(piece)
    return out
