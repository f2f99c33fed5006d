"""What a row of pieces means: each clause becomes a timing, and the timings one answer.

Pure: takes pieces and the document's year, period and day of issue; knows neither the grammar nor
today. Anything that could mean two things is refused with `Unclear`, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from calendars import stretches
from calendars.clauses import HOURS, TIMES, Clause, clauses_of
from calendars.context import Context
from calendars.gluing import glue
from calendars.once import dated
from calendars.pieces import (
    Aside,
    Bound,
    Counted,
    Every,
    Free,
    HalfDay,
    Ky,
    Later,
    Length,
    Link,
    Mark,
    OnWeekday,
    Open,
    PeriodDay,
    Periodic,
    Piece,
    Point,
    Range,
    Times,
    Unclear,
    WholePeriod,
    WithinTerm,
)
from calendars.recurrence import period_day, recurring
from models.timing import (
    Certainty,
    Continuous,
    Deadline,
    Lasting,
    NoDate,
    Several,
    Single,
    Timing,
    Unspecified,
    Waiting,
    Window,
)


def meaning_of(pieces: list[Piece], context: Context) -> Timing:
    """The timing a row of pieces states; notes go to the context. Unclear or ImpossibleDay otherwise."""
    reports = any(isinstance(piece, Aside) and piece.report for piece in pieces)
    row = glue([piece for piece in pieces if not isinstance(piece, Aside)])
    clauses = clauses_of(row, reports=reports)
    return _combine([timing for clause in clauses for timing in _resolve(clause, context)], clauses, context)


# ---- one clause -------------------------------------------------------------------------------


def _resolve(clause: Clause, context: Context) -> list[Single]:
    _note_marks(clause, context)
    frees = [_noted(free, context) for free in clause.all(Free)]
    rest = Clause(clause.joined_by, [p for p in clause.pieces if not isinstance(p, (Free, Mark, Later))])
    if frees and rest.only(Periodic):
        return frees  # "định kỳ theo quy định"
    if any(isinstance(free, Continuous) for free in frees) and rest.only(*TIMES, WholePeriod):
        context.note("Khoảng thời gian nêu kèm chỉ là giới hạn của việc thường xuyên.")
        return frees
    if not rest.pieces:
        return frees
    return frees + _resolve_dated(rest, context)


def _note_marks(clause: Clause, context: Context) -> None:
    for piece in clause.pieces:
        if piece == Mark("tentative"):
            context.tentative = True
        elif piece == Mark("urgent"):
            context.urgent = True
        elif isinstance(piece, Later):
            context.tentative = True
            context.fixed_by = piece.fixed_by or context.fixed_by


def _noted(free: Free, context: Context) -> Single:
    context.note(free.rule)
    return free.timing


def _resolve_dated(clause: Clause, context: Context) -> list[Single]:
    if counted := clause.one(Counted):
        clause.allow(Counted, WithinTerm, Periodic, Bound)
        context.note("Thời hạn tính từ một sự kiện; ngày xảy ra sự kiện không tính (Điều 147 Bộ luật Dân sự 2015).")
        return [counted.relative]
    if clause.has(Times):
        clause.allow(Times, Periodic)
        context.note("Chỉ nêu số lần trong kỳ, không nêu ngày: cần người quyết định.")
        return [_times(clause)]
    if clause.has(Ky):
        clause.allow(Ky, Point, WholePeriod)
        return [_ky(clause, context)]
    if clause.has(Link):
        return [_signed(clause, context)]
    if clause.has(PeriodDay):
        return [period_day(clause, context)]
    if clause.has(Every):
        return recurring(clause, context)
    if clause.has(Length):
        return _lasting(clause, context)
    if clause.has(*TIMES, WholePeriod):
        return [dated(clause, context)]
    if clause.only(Periodic):
        context.note("“Định kỳ” không nêu chu kỳ: cần người quyết định.")
        return [Unspecified("“định kỳ” nhưng văn bản không nêu chu kỳ (tháng, quý hay năm).")]
    if clause.has(OnWeekday):
        raise Unclear(
            "Thứ trong tuần không đi với ngày nào.", "Viết 'thứ Hai hằng tuần' hoặc 'thứ Hai ngày 02/12/2024'."
        )
    if clause.only(HalfDay):
        context.note("Nửa ngày, không nêu ngày nào.")
        return [Unspecified("một buổi (nửa ngày), không nêu ngày nào.")]
    if clause.has(*HOURS):
        raise Unclear("Chỉ có giờ, không có ngày.", "Viết '14h00 ngày 16/01/2024'.")
    raise Unclear("Không nêu mốc thời gian.")


def _times(clause: Clause) -> Unspecified:
    return Unspecified(f"“{clause.all(Times)[0].words}”: nêu số lần nhưng không nêu ngày của từng lần.")


def _ky(clause: Clause, context: Context) -> Single:
    ky = clause.need(Ky)
    if any(point.unit != "years" for point in clause.all(Point)):
        raise Unclear("“đầu kỳ”, “cuối kỳ” đi với mốc khác.", "Viết 'đầu kỳ giai đoạn 2021-2025' hoặc nêu ngày.")
    own = [context.window(point) for point in clause.all(Point) if point.unit == "years"]
    period = own[0] if own else context.period
    if ky.edge == "mid" or period is None or period.first.year == period.last.year:
        context.note(f"“{ky.words}”: văn bản không nêu ngày, cần người quyết định.")
        return Unspecified(f"“{ky.words}”: không có quy định nào đổi ra ngày; cần nhập ngày cụ thể.")
    context.tentative = True
    context.note("“đầu kỳ”, “cuối kỳ” đọc là năm đầu, năm cuối của giai đoạn; ngày cụ thể phải nhập.")
    return stretches.year_of(period.first.year if ky.edge == "first" else period.last.year)


def _signed(clause: Clause, context: Context) -> Single:
    if not clause.only(Link):
        raise Unclear(
            "“kể từ ngày ký” đi với mốc khác mà không rõ quan hệ.", "Viết 'từ ngày ký đến hết ngày 31/12/2024'."
        )
    if context.issued is None:
        context.note("Tính từ ngày ký nhưng văn bản chưa có ngày ký.")
        return Waiting("ngày ký văn bản")
    context.note("Kể từ ngày ký: đọc là ngày ký văn bản.")
    return Window(context.issued, context.issued, Certainty.EXACT)


# ---- lasting ----------------------------------------------------------------------------------


def _lasting(clause: Clause, context: Context) -> list[Single]:
    length = clause.need(Length)
    clause.allow(Length, WithinTerm, Point, Range, Open, WholePeriod, Bound, OnWeekday, *HOURS)
    bound = clause.bound()
    if bound and bound.kind in {"before", "after"} and clause.pieces.index(length) > clause.pieces.index(bound):
        raise Unclear(
            "Một độ dài đứng sau “trước ngày …”, “sau ngày …”: không rõ là tính lùi, tính tới hay là kéo dài.",
            "Viết thẳng ngày, hoặc '05 ngày trước khi …'.",
        )
    days = length.in_days()
    if not clause.has(*TIMES) and (clause.has(WithinTerm) or length.after or clause.has(Bound)):
        context.note("Thời hạn không nêu tính từ ngày nào: cần người quyết định.")
        return [Unspecified(f"Thời hạn {length.amount} ngày không nêu tính từ sự kiện nào.")]
    if clause.has(*HOURS) and not clause.has(*TIMES):
        raise Unclear("Có giờ nhưng không có ngày.", "Viết '14h00 ngày 16/01/2024'.")
    lasting = Lasting(days, length.unit == "working_day")
    rest = clause.without(Length, WithinTerm)
    context.note(f"Kéo dài {days} ngày; không nêu ngày bắt đầu.")
    if not rest.pieces:
        return [lasting]
    if not rest.has(*TIMES, WholePeriod):
        raise Unclear("Thời lượng đi với mốc không đọc được.", "Viết '02 ngày trong tháng 6/2024'.")
    timing = dated(rest, context)
    if not isinstance(timing, Window):
        return [lasting, timing]
    room = (timing.last - timing.first).days + 1
    if days > room:
        raise Unclear(f"{days} ngày không nằm trọn trong khoảng {room} ngày được nêu.")
    if timing.certainty is Certainty.EXACT and room == days:
        return [timing]  # "02 ngày, từ ngày 15/6 đến ngày 16/6/2024": the days themselves
    return [replace(lasting, within=timing)]


# ---- several clauses --------------------------------------------------------------------------


def _combine(timings: list[Single], clauses: list[Clause], context: Context) -> Timing:
    kept = list(dict.fromkeys(_lasting_within(_innermost(timings))))
    if any(isinstance(one, Deadline) for one in kept):
        # "bắt đầu từ tháng 3, hoàn thành trước 30/11": only the end is owed; the start stays in the rule
        kept = [one for one in kept if one not in context.starts]
    if len(kept) > 1:
        kept = [one for one in kept if not (isinstance(one, NoDate) and one.kind == "orientation")]
    if not kept:
        return _nothing(clauses, context)
    if len(kept) == 1:
        return kept[0]
    return Several(tuple(kept))


def _nothing(clauses: Iterable[Clause], context: Context) -> Single:
    if any(clause.has(Later) for clause in clauses):
        context.note("Thời gian sẽ được thông báo sau: chờ văn bản ấn định.")
        return Waiting(context.fixed_by or "thông báo cụ thể")
    if context.urgent:
        context.note("Chỉ nêu mức khẩn, không nêu ngày.")
        return Unspecified("chỉ nêu mức khẩn (ngay, kịp thời, khẩn trương), không nêu thời hạn.")
    if context.tentative:
        context.note("Chỉ ghi là dự kiến, không nêu thời gian.")
        return Unspecified("chỉ ghi là dự kiến, không nêu thời gian.")
    raise Unclear("Không nêu mốc thời gian.")


def _innermost(timings: list[Single]) -> list[Single]:
    """As "giai đoạn 2021-2030, giai đoạn 2021-2025": of two nested periods the inner one governs."""
    periods = [one for one in timings if isinstance(one, Window) and one.certainty is Certainty.PERIOD]
    outer = {
        one
        for one in periods
        for inner in periods
        if one != inner and one.first <= inner.first and inner.last <= one.last
    }
    return [one for one in timings if one not in outer]


def _lasting_within(timings: list[Single]) -> list[Single]:
    """As "mỗi lớp trong 02 ngày; trong năm 2024": a length and one window belong together."""
    lengths = [one for one in timings if isinstance(one, Lasting) and one.within is None]
    windows = [one for one in timings if isinstance(one, Window)]
    if len(timings) == 2 and len(lengths) == 1 and len(windows) == 1:
        return [replace(lengths[0], within=windows[0])]
    return timings
