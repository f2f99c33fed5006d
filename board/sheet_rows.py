"""The lines a week's and a month's sheet share: what is held on a day, what is due, what still has no date. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta

from board.sheet_entries import SheetEntry
from board.sheets import NOTHING, Column, Row, Value
from calendars.wording import say_due, say_hours, say_window
from models.kinds import Placing
from models.timing import Certainty, DueDays, Hours, Window

MOST_NAMES = 12  # of a whole province's bodies named one by one the line keeps the first
MAIN = "what"
COLUMNS = (
    Column("day", "Thứ, ngày", 13, weekday=True),
    Column("hour", "Buổi, giờ", 10),
    Column(MAIN, "Nội dung", 30),
    Column("lead", "Chủ trì", 13),
    Column("with", "Thành phần", 16),
    Column("place", "Địa điểm", 12),
    Column("note", "Ghi chú", 16),
)
LASTING = (Certainty.YEAR, Certainty.PERIOD)
LASTING_NOTE = "Việc kéo dài cả năm hoặc cả giai đoạn, chưa ấn định ngày: xem Chương trình công tác năm."


def held_rows(entries: Iterable[SheetEntry], first: date, last: date) -> Iterator[Row]:
    """What has its day, by day and hour; what lasts several days stands on each of them."""
    found = []
    for entry in entries:
        if entry.placing != Placing.FIXED or entry.first is None:
            continue
        until = entry.last or entry.first
        for number in range((until - entry.first).days + 1):
            day = entry.first + timedelta(days=number)
            if first <= day <= last:
                found.append((day, entry.starts or time.min, number, entry))
    for day, _, number, entry in sorted(found, key=lambda one: (one[0], one[1], one[3].id)):
        # the first day keeps the occurrence's own key, so that a moved one reads as changed
        yield Row(f"{entry.id}#{number + 1}" if number else entry.id, (day, say_session(entry), *_rest(entry)))


def due_rows(entries: Iterable[SheetEntry]) -> Iterator[Row]:
    """Deadlines on their last day on time; the note gives the day the paper names as well."""
    for entry in entries:
        if entry.placing == Placing.DEADLINE and entry.last_on_time:
            yield Row(entry.id, (entry.last_on_time, "Hạn", *_rest(entry, entry.recipients)))


def window_rows(entries: Iterable[SheetEntry]) -> Iterator[Row]:
    """What runs now and still has no date; what lasts the year stands in the year's sheet (``LASTING_NOTE``)."""
    for entry in entries:
        if entry.placing == Placing.WINDOW and entry.certainty not in LASTING:
            yield Row(entry.id, (say_stretch(entry), "", *_rest(entry)))


def _rest(entry: SheetEntry, others: tuple[str, ...] = ()) -> tuple[Value, ...]:
    parties = entry.participants or entry.inspected or others
    return entry.title, say_names(entry.leads), say_names(parties), entry.place, say_note(entry)


def say_stretch(entry: SheetEntry) -> str:
    """When, as a sheet says it: "Quý IV/2024", "từ ngày … đến ngày …", or both dates of a deadline."""
    if entry.last_on_time:
        return say_both_dates(entry)
    if entry.first is None:
        return NOTHING
    last = entry.last or entry.first
    hours = f", {say_hours(Hours(entry.starts, entry.ends))}" if entry.starts else ""
    return _capital(say_window(Window(entry.first, last, Certainty(entry.certainty or Certainty.EXACT)))) + hours


def say_both_dates(entry: SheetEntry) -> str:
    """As "trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024"."""
    if not (entry.named_date and entry.last_on_time and entry.work_by):
        return NOTHING
    due = DueDays(entry.named_date, entry.last_on_time, entry.work_by)
    return say_due(due, included=entry.included) + (" (giả định)" if entry.assumed else "")


def say_session(entry: SheetEntry) -> str:
    """As "Sáng, 8h00-11h30"; empty while no hour is fixed."""
    if entry.starts is None:
        return ""
    part = "Sáng" if entry.starts.hour < 12 else "Chiều" if entry.starts.hour < 18 else "Tối"
    return f"{part}, {say_hours(Hours(entry.starts, entry.ends))}"


def say_names(names: tuple[str, ...]) -> str:
    """As "Sở A; Sở B"; of too many the first and how many more."""
    rest = len(names) - MOST_NAMES
    return "; ".join(names[:MOST_NAMES]) + (f" và {rest} cơ quan khác" if rest > 0 else "")


def say_note(entry: SheetEntry) -> str:
    """Both dates of a deadline, who has more time, what fixed the day, and the programme that asks for it."""
    dates = say_both_dates(entry) if entry.last_on_time else ""
    more_time = say_more_time(entry.extended)
    tentative = "dự kiến" if entry.tentative and entry.placing == Placing.FIXED else ""
    fixed = f"ấn định theo {entry.fixed_by}" if entry.fixed_by else ""
    return _capital("; ".join(filter(None, (dates, more_time, tentative, fixed, entry.programme))))


def say_more_time(extended: tuple[tuple[str, date], ...]) -> str:
    """As "gia hạn: Sở Y tế đến 20/12, Sở Nội vụ đến 25/12"; of too many the first and how many more."""
    if not extended:
        return ""
    rest = len(extended) - MOST_NAMES
    told = ", ".join(f"{agency} đến {until:%d/%m}" for agency, until in extended[:MOST_NAMES])
    return f"gia hạn: {told}" + (f" và {rest} cơ quan khác" if rest > 0 else "")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
