"""The command ``explain``: how one phrase is read, and which days follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from calendars.due_days import settle_deadline
from calendars.phrases import read_phrase
from calendars.wording import say_certainty, say_day, say_hours, say_timing, say_weekday, say_window
from calendars.working_days import WorkingDays
from cli.office import open_office
from cli.output import console, plain, print_json
from models.timing import Deadline, DueDays, Hours, Lasting, Recurring, Several, Single, Window
from planning.check import read_overrides
from planning.periods import periods_of, place_in


def explain_phrase(phrase: str, year: int, *, as_json: bool) -> None:
    """Reads the phrase as the paper of ``year`` would mean it. Raises calendars.phrases.UnreadablePhrase."""
    office = open_office()
    days = WorkingDays(read_overrides(office.settings.programmes))
    reading = read_phrase(phrase, year=year)
    parts = reading.timing.parts if isinstance(reading.timing, Several) else (reading.timing,)
    found = [day for part in parts for day in _days(part, year, days, office.settings.before_is_inclusive)]
    if as_json:
        meaning = [{"type": type(part).__name__, **plain(part)} for part in parts]
        print_json(
            {
                **plain(reading),
                "timing": meaning,
                "year": year,
                "meaning": say_timing(reading.timing),
                "days": found,
            }
        )
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Cụm từ", reading.phrase)
    table.add_row("Nghĩa", say_timing(reading.timing))
    table.add_row("Quy tắc", reading.rule)
    if reading.assumed_year:
        table.add_row("Năm", f"cụm từ không nêu năm: lấy năm {year} của văn bản")
    if reading.tentative:
        table.add_row("Dự kiến", f"chờ {reading.fixed_by} ấn định" if reading.fixed_by else "chưa chắc chắn")
    for day in found:
        for name, value in day.items():
            if name in _LABELS and value:
                table.add_row(_LABELS[name], str(value))
    if not found:
        table.add_row("Ngày", "không có ngày nào; chương trình không tự đặt ra ngày")
    console.print(table)


_LABELS = {
    "in_words": "Trong năm",
    "named": "Ngày nêu trong văn bản",
    "last": "Ngày cuối còn đúng hạn",
    "work": "Ngày làm việc nên xong",
    "why": "Vì sao",
    "provisional": "Lưu ý",
}


def _days(part: Single, year: int, days: WorkingDays, before_is_inclusive: bool) -> Iterator[dict[str, Any]]:
    match part:
        case Recurring():
            for period in periods_of(part.every, part.interval, year):
                place = place_in(period, part)
                if isinstance(place, Deadline):
                    yield _deadline(place, days, before_is_inclusive)
                elif part.on is not None or part.every.value not in ("week", "month"):
                    yield _window(place)
        case Deadline():
            yield _deadline(part, days, before_is_inclusive)
        case Window():
            yield _window(part)
        case Lasting(within=Window() as window):
            yield _window(window)


def _deadline(deadline: Deadline, days: WorkingDays, before_is_inclusive: bool) -> dict[str, Any]:
    due: DueDays = settle_deadline(deadline, days, before_is_inclusive=before_is_inclusive)
    provisional = days.is_provisional(due.last_on_time.year)
    return {
        "named_date": due.named_date.isoformat(),
        "last_on_time": due.last_on_time.isoformat(),
        "work_by": due.work_by.isoformat(),
        "named": _say(due.named_date),
        "last": f"{_say(due.last_on_time)}, {_until(deadline)}",
        "work": _say(due.work_by),
        "why": due.why,
        "provisional": "lịch nghỉ của năm này còn tạm tính" if provisional else None,
    }


def _until(deadline: Deadline) -> str:
    if deadline.hour is None:
        return "đến 23h59"
    return f"{'đến' if deadline.included else 'trước'} {say_hours(Hours(deadline.hour))}"


def _window(window: Window) -> dict[str, Any]:
    hours = f", {say_hours(window.hours)}" if window.hours else ""
    return {
        "first": window.first.isoformat(),
        "last_day": window.last.isoformat(),
        "in_words": f"{say_window(window)}: từ {_say(window.first)} đến {_say(window.last)}{hours}"
        if window.first != window.last
        else f"{_say(window.first)}{hours}",
        "certainty": say_certainty(window.certainty),
    }


def _say(day: Any) -> str:
    return f"{say_weekday(day)}, {say_day(day)}"
