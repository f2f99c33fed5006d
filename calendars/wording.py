"""The way back: days, stretches and rules as a Vietnamese office writes them; English where asked.

Papers say "ngày 05 tháng 7 năm 2024" (a leading zero for days under 10 and months 1-2), screens say
dd/mm/yyyy, hours are 14h00, quarters are Roman. What `say_timing` says in Vietnamese of a rule with
a date, `phrases.read_phrase` reads back. Pure.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from calendars import stretches
from calendars.vocabulary import WEEKDAY_NAMES
from models.timing import (
    AdHoc,
    Certainty,
    Continuous,
    DayOfPeriod,
    DayOfYear,
    Deadline,
    DueDays,
    External,
    Frequency,
    Hours,
    Lasting,
    MonthsOfYear,
    NoDate,
    Recurring,
    Relative,
    Several,
    Single,
    Timing,
    Unspecified,
    Waiting,
    Weekday,
    Window,
)

Language = Literal["vi", "en"]

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

ROMAN = ("", "I", "II", "III", "IV")
_MONTHS = (
    "", "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_CERTAINTIES: dict[Certainty, tuple[str, str]] = {
    Certainty.EXACT: ("đúng ngày", "exact"),
    Certainty.WEEK: ("trong tuần", "within the week"),
    Certainty.MONTH: ("trong tháng", "within the month"),
    Certainty.QUARTER: ("trong quý", "within the quarter"),
    Certainty.HALF: ("trong 6 tháng", "within the half-year"),
    Certainty.YEAR: ("trong năm", "within the year"),
    Certainty.PERIOD: ("trong giai đoạn", "within the period"),
}
_EVERY: dict[Frequency, tuple[str, str]] = {
    Frequency.WEEK: ("hằng tuần", "every week"),
    Frequency.MONTH: ("hằng tháng", "every month"),
    Frequency.QUARTER: ("hằng quý", "every quarter"),
    Frequency.HALF: ("6 tháng một lần", "every half-year"),
    Frequency.YEAR: ("hằng năm", "every year"),
}
_UNITS: dict[str, tuple[str, str]] = {
    "day": ("ngày", "days"), "working_day": ("ngày làm việc", "working days"), "week": ("tuần", "weeks"),
    "month": ("tháng", "months"), "quarter": ("quý", "quarters"), "year": ("năm", "years"),
}  # fmt: skip


def _pick(vietnamese: str, english: str, language: Language) -> str:
    return vietnamese if language == "vi" else english


# ---- days and hours ---------------------------------------------------------------------------


def say_day(day: date, language: Language = "vi") -> str:
    """As "ngày 05 tháng 7 năm 2024", as papers are dated."""
    return _pick(
        f"ngày {say_day_and_month(day)} năm {day.year}", f"{day.day} {_MONTHS[day.month]} {day.year}", language
    )


def say_day_and_month(day: date) -> str:
    """As "05 tháng 7", "18 tháng 02": the zero keeps a 1 or 2 from being added to by hand."""
    return f"{day.day:02d} tháng {_month(day.month)}"


def _month(month: int) -> str:
    return f"{month:02d}" if month <= 2 else str(month)


def say_instant(at: datetime, language: Language = "vi") -> str:
    """As "14h05 ngày 02/12/2024", in Vietnam; "14:05, 02/12/2024" in English."""
    here = at.astimezone(_ZONE)
    return f"{_hour(here.time(), language)}{_pick(' ngày', ',', language)} {say_short(here.date())}"


def say_short(day: date) -> str:
    """As "05/07/2024", as screens show it."""
    return f"{day:%d/%m/%Y}"


def say_weekday(day: date, language: Language = "vi") -> str:
    """As "thứ Sáu"."""
    return _pick(WEEKDAY_NAMES[day.isoweekday()], _DAYS[day.isoweekday()], language)


def say_hours(hours: Hours, language: Language = "vi") -> str:
    """As "14h00", "7h30-11h30"; "14:00" in English."""
    if hours.ends is None:
        return _hour(hours.starts, language)
    return f"{_hour(hours.starts, language)}-{_hour(hours.ends, language)}"


def _hour(hour: time, language: Language) -> str:
    return _pick(f"{hour.hour}h{hour.minute:02d}", f"{hour.hour}:{hour.minute:02d}", language)


# ---- stretches --------------------------------------------------------------------------------


def say_window(window: Window, language: Language = "vi") -> str:
    """As "Quý II/2024", "tháng 3/2024", "năm 2024", "giai đoạn 2021-2025", "tuần 04/3–10/3/2024"; without hours."""
    first, last = window.first, window.last
    if first == last:
        return _pick(f"ngày {say_short(first)}", say_day(first, "en"), language)
    if window.certainty is Certainty.EXACT:
        return _say_span(first, last, language)
    if window.certainty is Certainty.WEEK:
        return _pick("tuần ", "week ", language) + _short_span(first, last)
    return _say_months(first, last, language) or _say_span(first, last, language)


def _say_span(first: date, last: date, language: Language) -> str:
    begins, ends = say_short(first), say_short(last)
    return _pick(f"từ ngày {begins} đến ngày {ends}", f"{begins} to {ends}", language)


def _short_span(first: date, last: date) -> str:
    beginning = f"{first.day:02d}/{_month(first.month)}" + (f"/{first.year}" if first.year != last.year else "")
    return f"{beginning}–{last.day:02d}/{_month(last.month)}/{last.year}"


def _say_months(first: date, last: date, language: Language) -> str | None:
    """Whole months by their shortest name; None when the stretch does not consist of whole months."""
    if first.day != 1 or last != stretches.clamp_day(last.year, last.month, 0):
        return None
    if first.year != last.year:
        if (first.month, last.month) == (1, 12):
            return _pick(f"giai đoạn {first.year}-{last.year}", f"{first.year}-{last.year}", language)
        return _pick(
            f"từ tháng {_month(first.month)}/{first.year} đến tháng {_month(last.month)}/{last.year}",
            f"{_MONTHS[first.month]} {first.year} to {_MONTHS[last.month]} {last.year}",
            language,
        )
    return _months_of_one_year(first.month, last.month, str(first.year), language)


def _months_of_one_year(first: int, last: int, year: str, language: Language) -> str:
    names: dict[tuple[int, int], tuple[str, str]] = {
        (1, 12): (f"năm {year}", year),
        (1, 6): (f"6 tháng đầu năm {year}", f"first half of {year}"),
        (7, 12): (f"6 tháng cuối năm {year}", f"second half of {year}"),
        (1, 9): (f"9 tháng đầu năm {year}", f"first nine months of {year}"),
        **{(n * 3 - 2, n * 3): (f"Quý {ROMAN[n]}/{year}", f"Q{n} {year}") for n in range(1, 5)},
        **{(n, n): (f"tháng {_month(n)}/{year}", f"{_MONTHS[n]} {year}") for n in range(1, 13)},
    }
    run = (f"từ tháng {_month(first)} đến tháng {_month(last)}/{year}", f"{_MONTHS[first]} to {_MONTHS[last]} {year}")
    return _pick(*names.get((first, last), run), language)


_KEY = re.compile(
    r"^(\d{4})(?:-(?:(Q)([1-4])|(H)([12])|(W)(\d{2})|(\d{2})(?:-(\d{2}))?|(\d{4})|(\d{2})-(\d{4})-(\d{2})))?$"
)


def say_period(key: str, language: Language = "vi") -> str:
    """A period's key in words: "2024-Q2" is "Quý II/2024"; a key of another shape comes back as it is."""
    match = _KEY.match(key)
    if match is None:
        return key
    year = int(match[1])
    if match[6]:
        return _week(year, int(match[7]), language) or key
    if match[11]:
        return _months_between(year, int(match[11]), int(match[12]), int(match[13]), language) or key
    try:
        return say_window(_stretch_of_key(year, match), language)
    except (stretches.ImpossibleDay, ValueError):
        return key


def _stretch_of_key(year: int, match: re.Match[str]) -> Window:
    if match[2]:
        return stretches.quarter_of(year, int(match[3]))
    if match[4]:
        return stretches.months_of(year, int(match[5]) * 6 - 5, int(match[5]) * 6)
    if match[9]:
        day = stretches.civil_day(year, int(match[8]), int(match[9]))
        return Window(day, day, Certainty.EXACT)
    if match[8]:
        return stretches.months_of(year, int(match[8]), int(match[8]))
    if match[10]:
        return stretches.years_of(year, int(match[10]))
    return stretches.year_of(year)


def _week(year: int, number: int, language: Language) -> str | None:
    try:
        first, last = date.fromisocalendar(year, number, 1), date.fromisocalendar(year, number, 7)
    except ValueError:
        return None
    return say_window(Window(first, last, Certainty.WEEK), language)


def _months_between(year: int, month: int, last_year: int, last_month: int, language: Language) -> str | None:
    try:
        first = stretches.civil_day(year, month, 1)
        last = stretches.clamp_day(last_year, stretches.civil_day(last_year, last_month, 1).month, 0)
    except stretches.ImpossibleDay:
        return None
    return say_window(Window(first, last, Certainty.PERIOD), language)


def say_certainty(certainty: Certainty, language: Language = "vi") -> str:
    """As "trong quý": how exactly the paper fixes the time."""
    return _pick(*_CERTAINTIES[certainty], language)


# ---- due --------------------------------------------------------------------------------------


def say_due(due: DueDays, language: Language = "vi", *, included: bool | None = None) -> str:
    """As "trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024".

    ``included`` tells "chậm nhất" from "trước" where the days cannot: an office that counts the
    named day of "trước ngày" in. Without it the days decide.
    """
    if included is None:
        included = due.last_on_time >= due.named_date
    return _pick(
        f"{'chậm nhất' if included else 'trước'} {say_short(due.named_date)}, ngày cuối {say_short(due.last_on_time)}, "
        f"nên xong {say_short(due.work_by)}",
        f"{'by' if included else 'before'} {say_short(due.named_date)}, last day {say_short(due.last_on_time)}, "
        f"work done by {say_short(due.work_by)}",
        language,
    )


# ---- rules ------------------------------------------------------------------------------------


def say_timing(timing: Timing, language: Language = "vi") -> str:
    """Any timing in words; Vietnamese rules with dates are read back by ``read_phrase`` as the same timing."""
    if isinstance(timing, Several):
        return "; ".join(_say_single(part, language) for part in timing.parts)
    return _say_single(timing, language)


def _say_single(timing: Single, language: Language) -> str:
    match timing:
        case Window():
            return _say_window_and_hours(timing, language)
        case Deadline():
            return _say_deadline(timing, language)
        case Recurring():
            return _say_recurring(timing, language)
        case Lasting():
            return _say_lasting(timing, language)
        case Relative():
            return _say_relative(timing, language)
        case Waiting(trigger):
            return _pick(f"chờ: {trigger}", f"waiting for: {trigger}", language)
        case External(source):
            return _pick(f"theo {source}", f"according to: {source}", language)
        case Continuous():
            return _pick("thường xuyên", "continuous", language)
        case AdHoc():
            return _pick("đột xuất theo yêu cầu", "on request", language)
        case Unspecified(why):
            return _pick(f"chưa rõ thời gian: {why}", f"time not stated: {why}", language)
        case NoDate(why=why):
            return _pick(f"không phải thời gian thực hiện: {why}", f"not a time to do something: {why}", language)


def _say_window_and_hours(window: Window, language: Language) -> str:
    if window.hours is None:
        return say_window(window, language)
    return f"{say_hours(window.hours, language)} {say_window(window, language)}"


def _say_deadline(deadline: Deadline, language: Language) -> str:
    named = deadline.named
    hour = _hour(deadline.hour, language) + " " if deadline.hour else ""
    if deadline.certainty in {Certainty.EXACT, Certainty.WEEK}:
        word = _pick("chậm nhất", "by", language) if deadline.included else _pick("trước", "before", language)
        return f"{word} {hour}" + _pick(f"ngày {say_short(named)}", say_day(named, "en"), language)
    if deadline.certainty is Certainty.PERIOD and deadline.included and (named.month, named.day) == (12, 31):
        return _pick(f"đến năm {named.year}", f"by {named.year}", language)
    stretch = say_window(_stretch_of(deadline), language)
    if deadline.included:
        return _pick(f"đến hết {stretch}", f"by the end of {stretch}", language)
    return _pick(f"trước {stretch}", f"before {stretch}", language)


def _stretch_of(deadline: Deadline) -> Window:
    """The month, quarter … whose beginning or end the deadline is; the day itself when it fits none."""
    named = deadline.named
    months = {Certainty.MONTH: 1, Certainty.QUARTER: 3, Certainty.HALF: 6, Certainty.YEAR: 12}.get(deadline.certainty)
    if months:
        first = (named.month - 1) // months * months + 1
        whole = stretches.months_of(named.year, first, first + months - 1)
        if named == (whole.last if deadline.included else whole.first):
            return whole
    return Window(named, named, Certainty.EXACT)


def _say_lasting(lasting: Lasting, language: Language) -> str:
    days = f"{lasting.days:02d} " + _pick(*_UNITS["working_day" if lasting.working else "day"], language)
    if lasting.within is None:
        return days
    return f"{days} {_pick('trong', 'within', language)} {_say_window_and_hours(lasting.within, language)}"


# Events that begin like a happening take "sau khi", names of things take "sau".
_HAPPENING = re.compile(
    r"^(?:kết thúc|có|nhận|được|tổ chức|ban hành|hoàn thành|phê duyệt|chốt|khai mạc|hết|ký|"
    r"bắt đầu|họp|xảy ra|thông qua)\b"
)


def _say_relative(relative: Relative, language: Language) -> str:
    amount = f"{relative.amount:02d} " + _pick(*_UNITS[relative.unit], language)
    side = _pick("sau", "after", language) if relative.after else _pick("trước", "before", language)
    when = " khi" if language == "vi" and _HAPPENING.match(relative.event) else ""
    return f"{amount} {side}{when} {relative.event}"


def _say_recurring(rule: Recurring, language: Language) -> str:
    word = _bound_word(rule, language)
    every = _say_every(rule, language)
    day = _say_recurring_day(rule, language)
    if not day:
        return every if not rule.hours else f"{say_hours(rule.hours, language)} {every}"
    hours = f"{say_hours(rule.hours, language)} " if rule.hours else ""
    if language == "en":
        return f"{every}: {word}{hours}{day}"
    simple = isinstance(rule.on, Weekday) or (
        rule.every in {Frequency.MONTH, Frequency.YEAR}
        and not (isinstance(rule.on, DayOfPeriod) and (rule.on.month == "next" or rule.every is Frequency.YEAR))
        and not getattr(rule.on, "years_later", 0)
    )
    if simple and rule.interval == 1:
        return f"{word}{hours}{day} {every}"
    return f"{every}, {word}{hours}{day}"


def _bound_word(rule: Recurring, language: Language) -> str:
    if not rule.due:
        return ""
    return _pick("chậm nhất ", "by ", language) if rule.included else _pick("trước ", "before ", language)


def _say_every(rule: Recurring, language: Language) -> str:
    if rule.interval == 1:
        return _pick(*_EVERY[rule.every], language)
    months = {Frequency.QUARTER: 3, Frequency.HALF: 6}.get(rule.every)
    if months:
        return _pick(f"{rule.interval * months} tháng một lần", f"every {rule.interval * months} months", language)
    unit = {Frequency.WEEK: "week", Frequency.MONTH: "month"}.get(rule.every, "year")
    return _pick(f"{rule.interval} {_UNITS[unit][0]} một lần", f"every {rule.interval} {_UNITS[unit][1]}", language)


def _say_recurring_day(rule: Recurring, language: Language) -> str:
    match rule.on:
        case None:
            return ""
        case Weekday(number):
            return _pick(WEEKDAY_NAMES[number], _DAYS[number], language)
        case DayOfYear(day, month, later):
            said = _pick(f"ngày {day:02d} tháng {_month(month)}", f"{day} {_MONTHS[month]}", language)
            return said + (_pick(" năm sau", " of the next year", language) if later else "")
        case MonthsOfYear(first, last, later):
            said = _months_of_one_year(first, last, "", language).rstrip("/ ")
            return said + (_pick(" năm sau", " of the next year", language) if later else "")
        case DayOfPeriod():
            return _say_day_of_period(rule.on, rule.every, language)


def _say_day_of_period(on: DayOfPeriod, every: Frequency, language: Language) -> str:
    day = _pick("cuối cùng", "last day", language) if on.day == 0 else f"{on.day:02d}"
    if every is Frequency.MONTH:
        here = _pick(f"ngày {day}", f"day {day}" if on.day else day, language)
        return here + (_pick(" của tháng sau", " of the next month", language) if on.month == "next" else "")
    if language == "en":
        place = {"first": "its first month", "last": "its last month", "next": "the month after it"}[on.month]
        return f"{day if on.day == 0 else 'day ' + day} of {place}"
    if every is Frequency.QUARTER:
        return f"ngày {day} của tháng " + {"first": "đầu quý", "last": "cuối quý", "next": "đầu quý sau"}[on.month]
    return f"ngày {day} của tháng " + {"first": "đầu kỳ", "last": "cuối kỳ", "next": "sau kỳ báo cáo"}[on.month]
