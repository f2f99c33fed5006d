"""Clauses that happen once: a day, a stretch, a range, and the deadline a bound makes of them. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from calendars import stretches
from calendars.clauses import HOURS, Clause
from calendars.context import Context
from calendars.office_hours import hours_of
from calendars.pieces import (
    UNTIL_THE_END,
    Bound,
    Clock,
    OnWeekday,
    Open,
    Point,
    Range,
    Unclear,
    WholePeriod,
)
from calendars.vocabulary import WEEKDAY_NAMES
from models.timing import Certainty, Deadline, Hours, NoDate, Single, Unspecified, Waiting, Window


def dated(clause: Clause, context: Context) -> Single:
    """The window or deadline a clause with a day, a stretch or a period states."""
    clause.allow(Point, Range, Open, WholePeriod, Bound, OnWeekday, *HOURS)
    if clause.has(WholePeriod):
        clause.allow(WholePeriod, Bound)
        return _whole_period(clause, context)
    if opened := clause.one(Open):
        return _open(opened, clause, context)
    if span := clause.one(Range):
        if clause.has(Point):
            raise Unclear("Vừa có khoảng thời gian vừa có mốc khác.", "Tách thành hai dòng.")
        return _ranged(span, clause, context)
    return _pointed(clause.need(Point), clause, context)


def _whole_period(clause: Clause, context: Context) -> Single:
    if context.period is None:
        context.note("Cả giai đoạn, nhưng văn bản không nêu giai đoạn nào.")
        return Unspecified("“cả giai đoạn” nhưng chưa biết giai đoạn của văn bản.")
    context.note("Đọc là cả giai đoạn của văn bản.")
    return bounded(replace(context.period, hours=None), clause, context)


def _open(opened: Open, clause: Clause, context: Context) -> Single:
    clause.allow(Open, OnWeekday, *HOURS)
    first = context.window(opened.begins)
    if clause.has(*HOURS) and first.first == first.last:
        return bounded(first, clause, context)
    context.note("Chỉ nêu ngày bắt đầu; không tự đặt ngày kết thúc.")
    start = Unspecified(f"chỉ nêu ngày bắt đầu ({first.first:%d/%m/%Y}), không nêu ngày kết thúc.")
    context.starts.add(start)
    return start


def _ranged(span: Range, clause: Clause, context: Context) -> Single:
    ends = context.window(span.ends)
    if span.begins is None:
        if context.issued is None:
            context.note("Từ ngày ký (chưa có) đến ngày được nêu: chỉ hạn cuối là rõ.")
            return Deadline(ends.last, included=True, certainty=ends.certainty)
        begins = Window(context.issued, context.issued, Certainty.EXACT)
    else:
        begins = context.window(span.begins)
    if ends.last < begins.first:
        raise Unclear(
            f"Kết thúc ({ends.last:%d/%m/%Y}) trước khi bắt đầu ({begins.first:%d/%m/%Y}).",
            "Ghi rõ năm ở cả hai đầu, ví dụ 'từ tháng 11/2024 đến tháng 02/2025'.",
        )
    bound = clause.bound()
    if bound and bound.kind in {"before", "after"}:
        raise Unclear("“trước”, “sau” không đi với một khoảng “từ … đến …”.", "Viết 'trước ngày …' hoặc 'từ … đến …'.")
    context.note("Khoảng thời gian gồm cả ngày đầu và ngày cuối.")
    return bounded(Window(begins.first, ends.last, _size(begins, ends)), clause, context)


def _size(begins: Window, ends: Window) -> Certainty:
    if begins.certainty is ends.certainty is Certainty.EXACT:
        return Certainty.EXACT
    if {begins.certainty, ends.certainty} <= {Certainty.YEAR, Certainty.PERIOD}:
        return Certainty.YEAR if begins.first.year == ends.last.year else Certainty.PERIOD
    whole = begins.first.day == 1 and ends.last == stretches.clamp_day(ends.last.year, ends.last.month, 0)
    if whole and begins.first.year == ends.last.year:
        return stretches.size_of_months(begins.first.month, ends.last.month)
    return Certainty.PERIOD


def _pointed(point: Point, clause: Clause, context: Context) -> Single:
    bound = clause.bound()
    if point.unit == "quarter" and point.edge:
        if not (bound and bound.kind in {"latest", "to"} and point.edge == "last"):
            clause.allow(Point, Bound)
            context.note("Không có quy định nào đổi đầu, giữa, cuối quý ra ngày.")
            return Unspecified("“đầu, giữa, cuối quý”: Điều 146 Bộ luật Dân sự 2015 chỉ quy định cho tháng và năm.")
        point = replace(point, edge=None)  # however late "cuối quý" is, it ends with the quarter
    if (
        point.unit == "year_edge"
        and point.number == UNTIL_THE_END
        and (bound is None or bound.kind in {"to", "latest"})
    ):
        clause.allow(Point, Bound)
        whole = context.window(replace(point, unit="year", edge=None))
        context.note("“Hết năm”: chậm nhất hết ngày 31/12.")
        return Deadline(whole.last, included=True, certainty=Certainty.YEAR)
    stretch = context.window(point)
    context.note(_rule_of(point))
    if point.unit == "week":
        context.tentative = True
    if point.tet:
        return _tet(stretch, clause, bound, context)
    if bound and bound.kind == "to" and not bound.whole and point.unit == "year":
        clause.allow(Point, Bound)
        return _aim(stretch, context)
    return bounded(stretch, clause, context)


def _tet(stretch: Window, clause: Clause, bound: Bound | None, context: Context) -> Single:
    if context.issued and stretch.first < context.issued and context.assumed_year:
        return Unspecified(f"Tết Nguyên đán {stretch.first:%d/%m/%Y} đã qua khi ký văn bản; cần ghi rõ Tết năm nào.")
    if bound is None:
        clause.allow(Point)
        return Unspecified("dịp Tết Nguyên đán: văn bản không nêu từ ngày nào đến ngày nào.")
    if bound.kind == "after":
        return Waiting(f"sau Tết Nguyên đán ({stretch.first:%d/%m/%Y})")
    return bounded(stretch, clause, context)


def _aim(stretch: Window, context: Context) -> Single:
    """As "đến năm 2025" states an aim; in a later document it can only quote an older one."""
    if stretch.last.year < context.year:
        return NoDate(
            "past_target", f"mục tiêu đến năm {stretch.last.year} của một văn bản trước đây, không phải hạn mới."
        )
    context.note("“đến năm …” là mục tiêu: chậm nhất hết ngày 31/12 của năm đó.")
    certainty = Certainty.YEAR if stretch.last.year == context.year else Certainty.PERIOD
    return Deadline(stretch.last, included=True, certainty=certainty)


def _rule_of(point: Point) -> str:
    if point.tet:
        return "Tết Nguyên đán là ngày mùng một tháng giêng âm lịch (lịch Việt Nam, múi giờ UTC+7)."
    if point.lunar:
        return "Ngày âm lịch đổi ra dương lịch theo lịch Việt Nam (UTC+7); năm nêu ra là năm âm lịch."
    if point.edge and point.unit == "month":
        return "Đầu, giữa, cuối tháng là ngày 1, ngày 15, ngày cuối tháng (khoản 2 Điều 146 Bộ luật Dân sự 2015)."
    return _POINT_RULES[point.unit]


_POINT_RULES = {
    "day": "Ngày được nêu rõ.",
    "month": "Tháng không nêu ngày: đọc là cả tháng.",
    "months": "Các tháng không nêu ngày: đọc từ ngày đầu đến ngày cuối của các tháng đó.",
    "quarter": "Quý không nêu ngày: đọc là cả quý (I: tháng 1-3, II: 4-6, III: 7-9, IV: 10-12).",
    "year": "Năm không nêu ngày: đọc là cả năm dương lịch.",
    "years": "Giai đoạn: từ 01/01 năm đầu đến 31/12 năm cuối.",
    "year_edge": "Đầu, giữa, cuối năm là ngày 01/01, 30/6, 31/12 (khoản 3 Điều 146 Bộ luật Dân sự 2015).",
    "half_month": "Nửa tháng là mười lăm ngày (điểm d khoản 1 Điều 146 Bộ luật Dân sự 2015).",
    "ten_days": "Thượng tuần, trung tuần, hạ tuần là ngày 1-10, 11-20, 21 đến cuối tháng.",
    "week": "Tuần của tháng: từ thứ Hai, tính cho tháng có ngày thứ Năm (theo ISO 8601);"
    " pháp luật không quy định, cần xác nhận.",
}


def bounded(stretch: Window, clause: Clause, context: Context) -> Single:
    """The window itself, or the deadline a bound makes of it."""
    bound = clause.bound()
    hours = hours_of(clause, bound)
    if clause.has(*HOURS) and stretch.certainty is not Certainty.EXACT:
        raise Unclear("Có giờ nhưng không có ngày.", "Viết '14h00 ngày 16/01/2024'.")
    weekday = clause.one(OnWeekday)
    if weekday:
        _check_weekday(stretch, weekday)
    if bound is None:
        return replace(stretch, hours=hours)
    if bound.kind == "after":
        context.note("Chỉ nêu mốc bắt đầu, không nêu hạn: chờ đến sau mốc đó.")
        hour = f"{hours.starts:%Hh%M} " if hours else ""
        return Waiting(f"sau {hour}ngày {stretch.last:%d/%m/%Y}")
    if bound.kind == "before":
        return _before(stretch, hours, clause, context)
    context.note("Hạn gồm cả ngày được nêu.")
    return Deadline(stretch.last, included=True, certainty=stretch.certainty, hour=_last_hour(clause, hours))


def _before(stretch: Window, hours: Hours | None, clause: Clause, context: Context) -> Deadline:
    clock = clause.one(Clock)
    if clock and clock.hour == 24:
        context.note("Trước 24 giờ của ngày được nêu: gồm trọn ngày đó.")
        return Deadline(stretch.last, included=True, certainty=stretch.certainty)
    if hours:
        context.note("“Trước … giờ” không gồm giờ được nêu; ngày được nêu vẫn còn trong hạn đến giờ đó.")
        return Deadline(stretch.first, included=False, certainty=stretch.certainty, hour=hours.starts)
    context.note("“Trước” không gồm ngày được nêu: hạn là 24 giờ ngày liền trước.")
    return Deadline(stretch.first, included=False, certainty=stretch.certainty)


def _last_hour(clause: Clause, hours: Hours | None) -> time | None:
    if hours is None:
        return None
    return hours.starts if clause.has(Clock) else hours.ends


def _check_weekday(stretch: Window, weekday: OnWeekday) -> None:
    if stretch.first != stretch.last:
        raise Unclear("Thứ trong tuần đi với một khoảng nhiều ngày.", "Viết ngày cụ thể.")
    real = stretch.first.isoweekday()
    if real != weekday.number:
        raise Unclear(
            f"Ngày {stretch.first:%d/%m/%Y} là {WEEKDAY_NAMES[real]}, không phải {WEEKDAY_NAMES[weekday.number]}.",
            "Sửa lại thứ hoặc ngày cho khớp.",
        )
