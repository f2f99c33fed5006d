"""Clauses that come back: "hằng quý", "ngày 25 hằng tháng", "trước ngày 15 của tháng cuối quý". Pure."""

from __future__ import annotations

from dataclasses import replace

from calendars import stretches
from calendars.clauses import FREQUENCY_WORDS, HOURS, Clause
from calendars.context import Context
from calendars.office_hours import hours_of
from calendars.once import bounded, dated
from calendars.pieces import (
    Bound,
    Every,
    Length,
    OnWeekday,
    Open,
    PeriodDay,
    Periodic,
    Point,
    Range,
    Unclear,
    WholePeriod,
)
from calendars.vocabulary import WEEKDAY_NAMES
from models.timing import (
    Certainty,
    DayOfPeriod,
    DayOfYear,
    Frequency,
    Hours,
    Lasting,
    MonthsOfYear,
    Recurring,
    Single,
    Unspecified,
    Weekday,
    Window,
)


def period_day(clause: Clause, context: Context) -> Single:
    """What "ngày 25 của tháng cuối quý" states: a rule, or one day when the quarter is named."""
    named = clause.all(PeriodDay)
    if len({one.on for one in named}) > 1:
        raise Unclear("Nêu hai ngày khác nhau của kỳ.", "Nối bằng “và”.")
    named_day, every = named[0], clause.every()
    if clause.has(OnWeekday):
        raise Unclear("Thứ trong tuần của một tháng chưa đọc được.", "Viết từng ngày, ví dụ 'ngày 03/6/2024'.")
    clause.allow(PeriodDay, Every, Point, Bound, Periodic, *HOURS)
    if points := clause.all(Point):
        return _day_in(named_day, points[0], clause, context)
    bound = clause.bound()
    frequency = named_day.every
    if every and (frequency is None or not named_day.firm):
        frequency = every.every
    elif every and frequency is not every.every:
        raise Unclear(
            f"“{named_day.words}” không khớp với “hằng {FREQUENCY_WORDS[every.every]}”.",
            "Nêu cùng một kỳ, ví dụ 'hằng quý, trước ngày 15 của tháng cuối quý'.",
        )
    if frequency is None or (not named_day.firm and not every):
        context.note("Không suy ra được kỳ: cần người quyết định.")
        word = FREQUENCY_WORDS[frequency] if frequency else "quý"
        return Unspecified(
            f"“{named_day.words}”: chưa rõ là của tháng, quý hay năm nào;"
            f" nếu lặp lại thì viết 'hằng {word}, {named_day.words}'."
        )
    if every and every.first_months == 6 and frequency is Frequency.HALF:
        month = {"first": 1, "last": 6, "next": 7}[named_day.on.month]
        length = stretches.last_day(2023, month)
        day = DayOfYear(min(named_day.on.day or length, length), month)
        context.note("“6 tháng” trong chế độ báo cáo là 6 tháng đầu năm: mỗi năm một lần.")
        return _recur(Frequency.YEAR, 1, day, bound, hours_of(clause, bound), context)
    interval = every.interval if every else 1
    context.note(
        f"Lặp lại mỗi {FREQUENCY_WORDS[frequency]}, vào ngày nêu trong kỳ; tháng thiếu ngày thì lấy ngày cuối tháng."
    )
    return _recur(frequency, interval, named_day.on, bound, hours_of(clause, bound), context)


def _day_in(period_day: PeriodDay, point: Point, clause: Clause, context: Context) -> Single:
    """As "ngày 15 của tháng cuối quý" + "II/2024": one day, not a recurrence."""
    fitting = {Frequency.MONTH: "month", Frequency.YEAR: "year"}.get(period_day.every or Frequency.QUARTER, "quarter")
    if point.unit != fitting or clause.has(Every):
        raise Unclear(f"“{period_day.words}” không khớp với mốc nêu kèm.", "Nêu thẳng ngày, ví dụ 'ngày 20/6/2024'.")
    stretch = context.window(point)
    place = period_day.on.month
    month = stretch.first if place == "first" else stretch.last
    if place == "next":
        month = stretches.add_months(stretch.last, 1)
    day = (
        stretches.clamp_day(month.year, month.month, 0)
        if period_day.on.day == 0
        else stretches.civil_day(month.year, month.month, period_day.on.day)
    )
    context.note("Ngày nêu theo tháng đầu, tháng cuối của kỳ đã rõ năm.")
    return bounded(Window(day, day, Certainty.EXACT), clause, context)


def recurring(clause: Clause, context: Context) -> list[Single]:
    """What a clause with "hằng …", "… một lần" states."""
    every = clause.every() or clause.need(Every)
    clause.allow(Every, Bound, Point, Range, Open, OnWeekday, Length, Periodic, WholePeriod, *HOURS)
    bound, hours = clause.bound(), hours_of(clause, clause.bound())
    points = [point for point in clause.all(Point) if point.unit not in {"year", "years"}]
    ranges, lengths = clause.all(Range), clause.all(Length)
    if bound and bound.kind == "after":
        raise Unclear("“sau …” đi với “hằng …” không cho một hạn.", "Viết 'trước ngày …' hoặc 'ngày … hằng năm'.")
    if not every.firm and (points or clause.has(Range)):
        _check_report_day(every, points)
        return [dated(clause.without(Every, Periodic), context)]  # "báo cáo 6 tháng: trước ngày 15/6"
    if every.first_months and points:
        _check_report_day(every, points)
        every = Every(Frequency.YEAR)  # "6 tháng (trước ngày 15/6)": the report of the first half, every year
    if clause.has(Open):
        raise Unclear("“từ …” đi với “hằng …” không rõ quan hệ.", "Nêu riêng chu kỳ và giai đoạn.")
    if clause.has(Point, Range, WholePeriod) and not points:
        context.note("Khoảng thời gian nêu kèm là giới hạn của việc lặp lại.")
    weekday = clause.one(OnWeekday)
    extra: list[Single] = [Lasting(length.in_days(), length.unit == "working_day") for length in lengths]
    if weekday:
        if every.every is not Frequency.WEEK or points:
            raise Unclear("Thứ trong tuần chỉ đi với “hằng tuần”.", "Viết 'thứ Sáu hằng tuần'.")
        context.note(f"Lặp lại vào {WEEKDAY_NAMES[weekday.number]} hằng tuần.")
        return [_recur(Frequency.WEEK, every.interval, Weekday(weekday.number), bound, hours, context), *extra]
    if len(points) > 1 or (ranges and points) or len(ranges) > 1:
        raise Unclear("Nhiều ngày trong một kỳ mà không nối bằng “và”.", "Viết 'ngày 15 và ngày 30 hằng tháng'.")
    if ranges and all(end is None or end.unit not in {"year", "years"} for end in (ranges[0].begins, ranges[0].ends)):
        return [_range_of_year(ranges[0], every, bound, hours, context), *extra]
    if not points:
        if bound and not clause.has(Range, WholePeriod, Point):
            raise Unclear(
                f"Có “trước”, “chậm nhất” nhưng không nêu ngày nào của {FREQUENCY_WORDS[every.every]}.",
                f"Viết 'trước ngày 15 hằng {FREQUENCY_WORDS[every.every]}' hoặc 'trước ngày 10/12 hằng năm'.",
            )
        if hours:
            raise Unclear("Có giờ nhưng không có ngày.", "Viết '14h00 thứ Sáu hằng tuần'.")
        if every.first_months:
            context.note(f"“{every.first_months} tháng” trong chế độ báo cáo là {every.first_months} tháng đầu năm.")
            months = MonthsOfYear(1, every.first_months)
            return [_recur(Frequency.YEAR, 1, months, None, hours, context), *extra]
        context.note(f"Lặp lại mỗi {_interval_words(every)}; không nêu ngày nên cả kỳ là khoảng thực hiện.")
        return [_recur(every.every, every.interval, None, None, hours, context), *extra]
    return [_on_point(points[0], every, bound, hours, context), *extra]


def _check_report_day(every: Every, points: list[Point]) -> None:
    """A yearly report due in January may belong to the next year: only days near the period's end are sure."""
    months = {Frequency.HALF: {5, 6, 7, 11, 12}, Frequency.YEAR: {10, 11, 12}}.get(every.every, set())
    if ends := every.quarter * 3 or (9 if every.first_months == 9 else 0):
        months = {ends - 1, ends, ends + 1} - {13}
    for point in points:
        if point.needs_year() and not point.shift and point.month not in months:
            word = FREQUENCY_WORDS[every.every]
            raise Unclear(
                f"Không rõ báo cáo {word} nào phải gửi vào ngày đó.",
                "Ghi rõ năm, ví dụ 'trước ngày 15/01/2025', hoặc 'trước ngày 15 của tháng cuối quý'.",
            )


def _interval_words(every: Every) -> str:
    return f"{every.interval} {FREQUENCY_WORDS[every.every]}" if every.interval > 1 else FREQUENCY_WORDS[every.every]


def _on_point(point: Point, every: Every, bound: Bound | None, hours: Hours | None, context: Context) -> Single:
    if point.lunar:
        shown = context.window(point).first
        raise Unclear(
            "Ngày âm lịch hằng năm rơi vào ngày dương lịch khác nhau mỗi năm.",
            f"Viết ngày dương lịch của từng năm; năm {context.year} là ngày {shown:%d/%m/%Y}.",
        )
    if every.every is Frequency.MONTH and point.unit == "day" and point.month is None:
        if not 1 <= (point.day or 0) <= 31:
            raise stretches.ImpossibleDay(f"Không có ngày {point.day}.")
        context.note(
            "Lặp lại hằng tháng; tháng thiếu ngày thì lấy ngày cuối tháng (khoản 3 Điều 148 Bộ luật Dân sự 2015)."
        )
        on_day = DayOfPeriod(point.day or 0, "last")
        return _recur(Frequency.MONTH, every.interval, on_day, bound, hours, context)
    if every.every is not Frequency.YEAR or point.year is not None:
        raise Unclear(
            "Ngày nêu ra không phải là ngày của kỳ lặp lại.",
            "Viết 'ngày 15 hằng tháng', 'ngày 15 của tháng cuối quý' hoặc 'ngày 10/12 hằng năm'.",
        )
    # A leap year tells whether the day exists at all; 29/2 is clamped in the other years.
    stretch = replace(point, shift=0).window(2024)
    context.note("Lặp lại hằng năm vào ngày, tháng nêu trong cụm từ.")
    if bound is None and stretch.first != stretch.last:
        on: DayOfYear | MonthsOfYear = MonthsOfYear(stretch.first.month, stretch.last.month, point.shift)
        if hours:
            raise Unclear("Có giờ nhưng không có ngày.", "Viết '14h00 ngày 20/11 hằng năm'.")
        if stretch != stretches.months_of(2024, stretch.first.month, stretch.last.month):
            raise Unclear("Khoảng ngày hằng năm phải là tháng hoặc quý trọn vẹn.", "Viết 'tháng 6 hằng năm'.")
    else:
        day = stretch.first if bound and bound.kind == "before" else stretch.last
        on = DayOfYear(day.day, day.month, point.shift)
    return _recur(Frequency.YEAR, every.interval, on, bound, hours, context)


def _range_of_year(span: Range, every: Every, bound: Bound | None, hours: Hours | None, context: Context) -> Single:
    if bound or span.begins is None or every.every is not Frequency.YEAR or span.ends.year is not None:
        raise Unclear("Khoảng thời gian không lặp lại được như vậy.", "Viết 'từ tháng 9 đến tháng 12 hằng năm'.")
    first, last = span.begins.window(2024), span.ends.window(2024)
    if first.first > last.last or first.first.day != 1 or last.last != stretches.clamp_day(2024, last.last.month, 0):
        raise Unclear(
            "Khoảng thời gian hằng năm phải gồm các tháng trọn vẹn.", "Viết 'từ tháng 9 đến tháng 12 hằng năm'."
        )
    context.note("Lặp lại hằng năm trong các tháng nêu ra.")
    return _recur(
        Frequency.YEAR, every.interval, MonthsOfYear(first.first.month, last.last.month), None, hours, context
    )


def _recur(
    every: Frequency,
    interval: int,
    on: DayOfYear | DayOfPeriod | MonthsOfYear | Weekday | None,
    bound: Bound | None,
    hours: Hours | None,
    context: Context,
) -> Recurring:
    if bound and bound.kind == "before":
        context.note("“Trước” không gồm ngày được nêu.")
    return Recurring(
        every, interval, on, due=bound is not None, included=not (bound and bound.kind == "before"), hours=hours
    )
