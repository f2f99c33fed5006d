"""One occurrence becomes one VEVENT or VTODO (RFC 5545 §3.6); pure: knows values and working days, no clock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from icalendar import Component, Event, Todo

from calendars.event_words import Say, say_kind, words_in
from calendars.wording import Language, say_day, say_window
from models.kinds import SECRET_TITLE, ItemKind, Placing
from models.occurrence import Status
from models.timing import Certainty, Window

TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DATED = (Placing.DEADLINE, Placing.WINDOW, Placing.FIXED)
TOMBSTONE_DAYS = 30  # so long what was called off is still published
UNNAMED = "(không có tên)"  # libical takes an empty SUMMARY or NAME for an error and drops it
MOST_NAMES = 30  # an item that names a whole province's 120 bodies one by one would fill a phone's screen

_ONE_DAY = timedelta(days=1)
# First and last month of a stretch of one year → how the paper calls it, the year to follow.
_NAMED_SPANS = {
    **{(month, month): f"Tháng {month}/" for month in range(1, 13)},
    **{(quarter * 3 - 2, quarter * 3): f"Quý {roman}/" for quarter, roman in enumerate(("I", "II", "III", "IV"), 1)},
    (1, 6): "6 tháng đầu năm ",
    (7, 12): "6 tháng cuối năm ",
    (1, 12): "Năm ",
}
# Line separators to str.splitlines and to some clients' line readers, though not to RFC 5545.
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, lone surrogates, code points that are no characters, and the invisible marks that turn the
# rest of a line around on a screen (right-to-left letters themselves stay).
_NEVER = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
    + "]"
)


class SchedulingDays(Protocol):
    """The smallest part of ``calendars.working_days.WorkingDays`` that an event needs."""

    def first_in(self, window: Window, *, schedulable: bool = False) -> date | None:
        """The first working (and not merely swapped) day of ``window``; None when it has none."""


@dataclass(frozen=True, slots=True)
class Style:
    """How an occurrence is rendered: in which language, a window over its whole stretch, as a task to be ticked off."""

    language: Language = "vi"
    spans: bool = False
    tasks: bool = False

    @property
    def variant(self) -> str:
        """The name its bytes are kept under (models.feed.Fragment): "vi", "en-span", "vi-task"."""
        return self.language + ("-task" if self.tasks else "-span" if self.spans else "")


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What a VEVENT needs: an occurrence's own columns (same names) and the names people know things by.

    ``programme_name`` is how the paper is cited, ``draft`` whether it still lacks number or date,
    ``team_name`` the inspection team. ``leads``, ``participants``, ``inspected`` and ``recipients`` are
    display names, a group being one name. ``revised_at`` is aware; budgets are million VND. Of a ``secret``
    one only its days and its code are told: calendars are handed to agencies. ``extended_to``, ``correct_by`` and
    ``waived_on`` are one agency's own, in what that agency alone sees.
    """

    id: str
    line: int
    kind: str
    title: str
    placing: str
    revised_at: datetime
    certainty: str | None = None
    first: date | None = None
    last: date | None = None
    starts: time | None = None
    ends: time | None = None
    duration_days: int | None = None
    named_date: date | None = None
    last_on_time: date | None = None
    work_by: date | None = None
    included: bool | None = None
    active_from: date | None = None
    tentative: bool = False
    assumed: bool = False
    phrase: str | None = None
    why: str = ""
    fixed_by: str | None = None
    place: str | None = None
    round: int | None = None
    product: str | None = None
    headcount: int | None = None
    headcount_about: bool = False
    budget_central: int | None = None
    budget_local: int | None = None
    note: str | None = None
    secret: bool = False
    done_on: date | None = None
    status: str = Status.PLANNED
    sequence: int = 0
    programme_name: str = ""
    draft: bool = False
    team_name: str | None = None
    leads: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    inspected: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    extended_to: date | None = None
    correct_by: date | None = None
    waived_on: date | None = None

    @property
    def is_cancelled(self) -> bool:
        """Whether the occurrence was called off; it then stays as a tombstone for a while."""
        return self.status == Status.CANCELLED

    @property
    def is_certain(self) -> bool:
        """Whether the paper is signed and says so without "dự kiến" and without our assumption."""
        return not (self.draft or self.tentative or self.assumed or self.placing == Placing.WINDOW)


def uid(occurrence: str) -> str:
    """The UID (RFC 5545 §3.8.4.7) of an occurrence's event: the same for its whole life.

    A dot inside a code becomes "~", which no code may hold, so that two ids never share one UID.
    """
    return occurrence.replace(".", "~").replace("/", ".") + "@dondoc"


def clean(text: str) -> str:
    """NFC text without controls (RFC 5545 §3.3.11 allows none but a line break) and without turning marks.

    A backslash becomes "/": icalendar 7.3 and some clients read an escaped one before "n" as a line break.
    """
    broken = _BREAKS.sub("\n", text).replace("\\", "/").replace("\t", " ")
    return unicodedata.normalize("NFC", _NEVER.sub("", broken))


def clean_line(text: str) -> str:
    """``clean`` text on one line, without spaces at its ends or doubled inside."""
    return " ".join(clean(text).split())


def render_event(entry: CalendarEntry, days: SchedulingDays, style: Style = PLAIN) -> bytes:
    """The component's bytes, CRLF and folded at 75 octets; the same entry, days and style always give the same bytes.

    Raises what ``make_event`` raises.
    """
    rendered: bytes = make_event(entry, days, style).to_ical()
    return rendered


def make_event(entry: CalendarEntry, days: SchedulingDays, style: Style = PLAIN) -> Component:
    """The component itself, to which others may add.

    Raises ValueError for an occurrence that has no day on a calendar (waiting, ad hoc …), and for a fixed event
    as a task: one goes to it, one does not tick it off.
    """
    say = words_in(style.language)
    made: Component = Todo() if style.tasks else Event()
    made.add("uid", uid(entry.id))
    made.add("sequence", entry.sequence)
    made.add("dtstamp", entry.revised_at)
    made.add("last-modified", entry.revised_at)
    made.add("summary", _summary(entry, say, style.language))
    made.add("description", "\n".join(_description(entry, say, style.language)))
    if style.tasks:
        _put_due(made, entry)
    else:
        _put_when(made, entry, days, spans=style.spans)
    if place := clean_line("" if entry.secret else entry.place or ""):
        made.add("location", place)
    made.add("categories", [say_kind(entry.kind, style.language)])
    if style.tasks:
        _put_progress(made, entry)
    else:
        _put_standing(made, entry)
    return made


def _put_standing(event: Component, entry: CalendarEntry) -> None:
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED" if entry.is_certain else "TENTATIVE")
    busy = entry.placing == Placing.FIXED and not entry.is_cancelled
    event.add("transp", "OPAQUE" if busy else "TRANSPARENT")


def _put_progress(task: Component, entry: CalendarEntry) -> None:
    """STATUS of a VTODO (RFC 5545 §3.8.1.11); COMPLETED is an instant in UTC, here the day's midnight."""
    if entry.is_cancelled or entry.waived_on:
        task.add("status", "CANCELLED")
    elif entry.done_on:
        task.add("status", "COMPLETED")
        task.add("completed", datetime.combine(entry.done_on, time(), TIME_ZONE).astimezone(UTC))
        task.add("percent-complete", 100)
    else:
        task.add("status", "NEEDS-ACTION")


# ---------------------------------------------------------------- when


def _put_when(event: Component, entry: CalendarEntry, days: SchedulingDays, *, spans: bool) -> None:
    """DTSTART and DTEND (exclusive for whole days, RFC 5545 §3.6.1)."""
    first, last = _days(entry, days, spans=spans)
    hours = _hours(entry, one_day=first == last)
    if hours is None:
        event.add("dtstart", first)
        event.add("dtend", last + _ONE_DAY)
        return
    starts, ends = hours
    event.add("dtstart", datetime.combine(first, starts, TIME_ZONE))
    if ends is not None:
        event.add("dtend", datetime.combine(last, ends, TIME_ZONE))


def _put_due(task: Component, entry: CalendarEntry) -> None:
    """DUE, the last day itself; of a window also DTSTART, which must be earlier (RFC 5545 §3.8.2.3)."""
    if entry.placing == Placing.DEADLINE and entry.last_on_time:
        task.add("due", entry.last_on_time)
        return
    if entry.placing != Placing.WINDOW or entry.first is None:
        raise ValueError(f"{entry.id} is no task with a last day ({entry.placing})")
    last = entry.last or entry.first
    if entry.first < last:
        task.add("dtstart", entry.first)
    task.add("due", last)


def _days(entry: CalendarEntry, days: SchedulingDays, *, spans: bool) -> tuple[date, date]:
    """First and last day of the event, both included."""
    if entry.placing == Placing.DEADLINE and entry.last_on_time:
        return entry.last_on_time, entry.last_on_time
    if entry.placing == Placing.FIXED and entry.first:
        return entry.first, entry.last or entry.first
    if entry.placing == Placing.WINDOW and entry.first:
        if spans:
            return entry.first, entry.last or entry.first
        marker = marker_day(entry.first, entry.last or entry.first, entry.active_from, days)
        return marker, marker
    raise ValueError(f"{entry.id} has no day on a calendar ({entry.placing})")


def marker_day(first: date, last: date, active_from: date | None, days: SchedulingDays) -> date:
    """The window's first working day since the paper binds, or simply its first day when none is worked."""
    opening = min(max(first, active_from or first), last)
    return days.first_in(Window(opening, last, Certainty.EXACT), schedulable=True) or opening


def _hours(entry: CalendarEntry, *, one_day: bool) -> tuple[time, time | None] | None:
    """Clock times of a fixed event; None for a whole-day one.

    Several days of which only the opening hour is known are whole days: we invent no closing hour.
    """
    if entry.placing != Placing.FIXED or entry.starts is None:
        return None
    if not one_day:
        return (entry.starts, entry.ends) if entry.ends else None
    return entry.starts, entry.ends if entry.ends and entry.ends > entry.starts else None


# ---------------------------------------------------------------- the words


def _summary(entry: CalendarEntry, say: Say, language: Language) -> str:
    title = say(SECRET_TITLE) if entry.secret else clean_line(entry.title) or say(UNNAMED)
    if entry.is_cancelled:
        return say("ĐÃ HỦY: {title}", title=title)
    marks = [say("[Dự thảo]")] if entry.draft else []
    if entry.placing == Placing.WINDOW:
        marks.append(say("[Dự kiến {when}]", when=_short_stretch(entry, language)))
    elif entry.placing == Placing.DEADLINE:
        marks.append(say(_mark_deadline(entry)))
    elif entry.tentative and not entry.draft:
        marks.append(say("[Dự kiến]"))
    return " ".join([*marks, title])


def _mark_deadline(entry: CalendarEntry) -> str:
    if entry.waived_on:
        return "ĐƯỢC MIỄN:"
    return "ĐÃ NỘP:" if entry.done_on else "HẠN (giả định):" if entry.assumed else "HẠN:"


def _description(entry: CalendarEntry, say: Say, language: Language) -> Iterator[str]:
    for label, text in _facts(entry, say, language):
        if text and (line := clean_line(text)):
            yield f"{say(label)}: {line}"


def _facts(entry: CalendarEntry, say: Say, language: Language) -> Iterator[tuple[str, str | None]]:
    """Label and text of every line of the description, in reading order."""
    if entry.placing == Placing.DEADLINE:
        yield "Hạn", _say_deadline(entry, say, language)
    else:
        yield "Thời gian", _say_stretch(entry, say, language)
    yield "Giờ", _say_hours(entry, say, language)
    yield from (() if entry.secret else _content(entry, say, language))
    # Also because vdirsyncer takes two events of a subscription that differ in nothing but UID for one.
    yield "Mã việc", entry.id


def _content(entry: CalendarEntry, say: Say, language: Language) -> Iterator[tuple[str, str | None]]:
    """What the paper says of the matter beside its days: nothing of this is told of a secret one."""
    paper = entry.programme_name or entry.id.split("/")[0]
    yield "Kéo dài", say("{days} ngày", days=f"{entry.duration_days:02}") if entry.duration_days else None
    yield "Văn bản ghi", f"“{clean_line(entry.phrase)}”" if entry.phrase else None
    yield "Theo", entry.fixed_by if entry.placing == Placing.FIXED else None
    yield "Còn thiếu", "; ".join(_missing(entry, say))
    yield "Chủ trì", _say_names(entry.leads, say)
    yield "Phối hợp", _say_names(entry.participants, say)
    yield "Được kiểm tra", _say_names(entry.inspected, say)
    yield "Nơi nhận", _say_names(entry.recipients, say)
    yield "Đoàn kiểm tra", entry.team_name
    yield "Đợt", str(entry.round) if entry.round else None
    yield "Sản phẩm", entry.product
    yield "Số người", _say_headcount(entry, say, language)
    yield "Kinh phí", _say_budget(entry, say, language)
    yield "Ghi chú", entry.note
    yield "Chương trình", say("{paper}, dòng {line}", paper=paper, line=entry.line)
    yield "Tình trạng", say("chương trình còn là dự thảo, chưa có số và ngày ban hành") if entry.draft else None
    yield "Cách tính", entry.why


def _missing(entry: CalendarEntry, say: Say) -> Iterator[str]:
    """What the paper leaves open and a person must still fill in."""
    if entry.is_cancelled:
        return
    if entry.placing == Placing.WINDOW:
        yield say("ngày cụ thể (sẽ có theo {source})", source=entry.fixed_by) if entry.fixed_by else say("ngày cụ thể")
    if not entry.leads:
        yield say("cơ quan chủ trì")
    if entry.kind == ItemKind.INSPECTION:
        if not entry.team_name:
            yield say("đoàn kiểm tra")
        if not entry.inspected:
            yield say("đơn vị được kiểm tra")


def _say_deadline(entry: CalendarEntry, say: Say, language: Language) -> str:
    named = entry.named_date or entry.last_on_time
    word = "chậm nhất ngày {day}" if entry.included or entry.named_date is None else "trước ngày {day}"
    parts = [
        say(word, day=_say_day(named, language)),
        say(
            "gia hạn đến {day}" if entry.extended_to else "ngày cuối {day}", day=_say_day(entry.last_on_time, language)
        ),
    ]
    if entry.work_by:
        parts.append(say("nên xong {day}", day=_say_day(entry.work_by, language)))
    if entry.assumed:
        parts.append(say("ngày này là giả định, văn bản không nêu ngày"))
    if entry.correct_by:
        parts.append(say("trả lại để sửa, nộp lại chậm nhất {day}", day=_say_day(entry.correct_by, language)))
    return "; ".join(parts)


def _say_stretch(entry: CalendarEntry, say: Say, language: Language) -> str:
    if entry.first is None:
        return ""
    first, last = _say_day(entry.first, language), _say_day(entry.last or entry.first, language)
    days = say("từ {first} đến {last}", first=first, last=last) if last != first else first
    if entry.placing == Placing.FIXED or entry.certainty in (None, Certainty.EXACT):
        said = days
    else:
        said = f"{_short_stretch(entry, language)} ({days})"
    if entry.active_from and entry.active_from > entry.first:
        said = say("{said}; có hiệu lực từ {day}", said=said, day=_say_day(entry.active_from, language))
    return said


def _short_stretch(entry: CalendarEntry, language: Language) -> str:
    """A window in the fewest words: "Tháng 3/2024", "Quý II/2024", "6 tháng đầu năm 2024"."""
    if entry.first is None:
        return ""
    first, last = entry.first, entry.last or entry.first
    if language == "en":
        return say_window(Window(first, last, Certainty.PERIOD), "en")
    is_whole_months = first.day == 1 and (last + _ONE_DAY).day == 1
    if is_whole_months and first.year == last.year:
        span = (first.month, last.month)
        return f"{_NAMED_SPANS.get(span) or f'Tháng {first.month}-{last.month}/'}{first.year}"
    if is_whole_months and (first.month, last.month) == (1, 12):
        return f"Giai đoạn {first.year}-{last.year}"
    return _say_day(first) if first == last else f"{_say_day(first)}-{_say_day(last)}"


def _say_hours(entry: CalendarEntry, say: Say, language: Language) -> str | None:
    starts, ends = _say_time(entry.starts, language), _say_time(entry.ends, language)
    if entry.starts is None:
        return say("trước {hour}", hour=ends) if entry.ends else None
    return f"{starts}-{ends}" if entry.ends else say("từ {hour}", hour=starts)


def _say_names(names: tuple[str, ...], say: Say) -> str:
    told = "; ".join(names[:MOST_NAMES])
    if len(names) <= MOST_NAMES:
        return told
    return say("{names}; và {count} cơ quan, đơn vị khác", names=told, count=len(names) - MOST_NAMES)


def _say_headcount(entry: CalendarEntry, say: Say, language: Language) -> str | None:
    if entry.headcount is None:
        return None
    sentence = "khoảng {number} người" if entry.headcount_about else "{number} người"
    return say(sentence, number=_say_number(entry.headcount, language))


def _say_budget(entry: CalendarEntry, say: Say, language: Language) -> str | None:
    central, local = entry.budget_central or 0, entry.budget_local or 0
    if not central + local:
        return None
    parts = [
        f"{say(name)} {_say_number(part, language)}"
        for name, part in (("trung ương", central), ("địa phương", local))
        if part
    ]
    whole = _say_number(central + local, language)
    return say("{sum} triệu đồng ({parts})", sum=whole, parts=", ".join(parts))


def _say_number(number: int, language: Language) -> str:
    return f"{number:,}" if language == "en" else f"{number:,}".replace(",", ".")


def _say_day(day: date | None, language: Language = "vi") -> str:
    if day is None:
        return ""
    return say_day(day, "en") if language == "en" else f"{day:%d/%m}/{day.year:04}"


def _say_time(moment: time | None, language: Language) -> str:
    if moment is None:
        return ""
    return f"{moment:%H:%M}" if language == "en" else f"{moment:%H}h{moment:%M}"
