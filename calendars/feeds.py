"""What stands in one published calendar: header, time zone and kept events joined; pure bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Component, Event, Todo
from icalendar.parser import Contentline, Parameters
from icalendar.prop import vText

from calendars.components import UNNAMED, clean_line
from calendars.event_words import Say, words_in
from calendars.wording import Language

EVERYTHING = "all"
GROUPS = ("programme", "agency", "team", "kind")

_NAME = re.compile(rf"{EVERYTHING}|(?:{'|'.join(GROUPS)})/[A-Za-z0-9_.\-]+")

# RFC 7986 §5 (NAME, REFRESH-INTERVAL) with the X- properties older clients read instead. PRODID is ASCII
# and holds no version: an upgrade alone must not change a calendar. No METHOD: with one, libical demands
# an ORGANIZER in every event. No UID: icalendar's own is random and vdirsyncer takes the feed for one item.
TOP = {
    language: b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dondoc//calendars//%s\r\nCALSCALE:GREGORIAN\r\n" % code
    for language, code in (("vi", b"VI"), ("en", b"EN"))
}
_REFRESHED = b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\nX-WR-TIMEZONE:Asia/Ho_Chi_Minh\r\n"
ZONE_OF_ALL = (
    b"BEGIN:VTIMEZONE\r\n"
    b"TZID:Asia/Ho_Chi_Minh\r\n"
    b"BEGIN:STANDARD\r\n"
    b"DTSTART:19700101T000000\r\n"
    b"TZNAME:+07\r\n"
    b"TZOFFSETFROM:+0700\r\n"
    b"TZOFFSETTO:+0700\r\n"
    b"END:STANDARD\r\n"
    b"END:VTIMEZONE\r\n"
)
BOTTOM = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class Backlog:
    """Why a programme's calendar may be empty: its lines, those without a day, and decisions still owed."""

    items: int
    undated: int
    decisions: int


def check_name(name: str) -> str:
    """The name itself; ValueError for one that could not be a path of ours ("agency/BDT", "all")."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a calendar's name: {name!r}")
    return name


def feed_names(programme: str, kind: str, team: str | None, agencies: Iterable[str]) -> tuple[str, ...]:
    """Every calendar an occurrence stands in; ``agencies`` are codes with a role in it or a duty for it."""
    teams = [f"team/{team}"] if team else []
    bodies = [f"agency/{code}" for code in sorted(set(agencies))]
    return (EVERYTHING, f"programme/{programme}", f"kind/{kind}", *teams, *bodies)


def join_feed(title: str, events: Iterable[bytes], language: Language = "vi") -> Iterator[bytes]:
    """The pieces of a calendar's bytes; ``events`` are components in the order they shall stand, at least one.

    The title loses its line breaks: icalendar raises for one in a calendar's name.
    """
    yield TOP[language]
    yield _text_line("NAME", title)
    yield _text_line("X-WR-CALNAME", title)
    yield _REFRESHED
    yield ZONE_OF_ALL
    yield from events
    yield BOTTOM


def notice_event(
    name: str,
    title: str,
    created_on: date,
    backlog: Backlog | None = None,
    *,
    language: Language = "vi",
    as_task: bool = False,
) -> bytes:
    """The one event of an empty calendar, for without any event Evolution keeps the old ones for ever.

    It stands on the day the calendar began and is stamped with it, so its bytes need no clock. Its UID
    carries the counts it tells, because a client ignores a changed text under an unchanged stamp.
    """
    say = words_in(language)
    counts = f".{backlog.items}-{backlog.undated}-{backlog.decisions}" if backlog else ""
    uid = f"{name.replace('.', '~').replace('/', '.')}{counts}.empty@dondoc"
    summary = say("Lịch này chưa có ngày nào được ấn định: {title}", title=clean_line(title))
    return _notice(uid, created_on, summary, "\n".join(_say_backlog(backlog, say)), as_task=as_task)


def farewell_event(number: int, title: str, revoked_on: date, *, language: Language, as_task: bool) -> bytes:
    """The one event of a subscription whose address was withdrawn: its reader learns why nothing comes any more."""
    say = words_in(language)
    summary = say("Địa chỉ lịch này đã thu hồi: {title}", title=clean_line(title))
    text = say("Lịch này không cập nhật nữa. Hãy xóa lịch khỏi chương trình lịch, rồi xin địa chỉ mới nếu còn cần.")
    return _notice(f"subscription.{number}.revoked@dondoc", revoked_on, summary, text, as_task=as_task)


def with_alarm(component: bytes, minutes: int, language: Language) -> bytes:
    """The component with a VALARM as its last part, so many minutes before it begins; a task: before it ends.

    Spliced into the kept bytes: relative and without any word of the occurrence, it is the same for all.
    """
    body, end, rest = component.rpartition(b"END:V")
    related = ";RELATED=END" if rest.startswith(b"TODO") else ""
    alarm = (
        f"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER{related}:-PT{minutes}M\r\n"
        f"DESCRIPTION:{words_in(language)('Nhắc việc')}\r\nEND:VALARM\r\n"
    )
    return body + alarm.encode() + end + rest


def _notice(uid: str, on: date, summary: str, text: str, *, as_task: bool) -> bytes:
    event: Component = Todo() if as_task else Event()
    event.add("uid", uid)
    event.add("dtstamp", datetime(on.year, on.month, on.day, tzinfo=UTC))
    event.add("summary", summary)
    event.add("description", text)
    event.add("dtstart", on)
    if as_task:
        event.add("status", "NEEDS-ACTION")
    else:
        event.add("dtend", on + timedelta(days=1))
        event.add("status", "CONFIRMED")
        event.add("transp", "TRANSPARENT")
    rendered: bytes = event.to_ical()
    return rendered


def _say_backlog(backlog: Backlog | None, say: Say) -> Iterator[str]:
    yield say("Chưa có việc nào trong lịch này được ấn định ngày. Khi có ngày, lịch tự cập nhật.")
    if backlog and backlog.items:
        sentence = "Chương trình có {items} việc."
        if backlog.undated:
            sentence = "Chương trình có {items} việc, trong đó {undated} việc chưa có thời gian cụ thể."
        yield say(sentence, items=backlog.items, undated=backlog.undated)
    if backlog and backlog.decisions:
        yield say("Có {decisions} nội dung đang chờ người có thẩm quyền quyết định.", decisions=backlog.decisions)


def _text_line(name: str, text: str) -> bytes:
    """One property of type TEXT, escaped and folded (RFC 5545 §3.1, §3.3.11), with its CRLF."""
    line = Contentline.from_parts(name, Parameters(), vText(clean_line(text) or UNNAMED))
    return bytes(line.to_ical()) + b"\r\n"
