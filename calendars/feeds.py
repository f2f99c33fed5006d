"""What stands in one published calendar: header, time zone and kept events joined; pure bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Event
from icalendar.parser import Contentline, Parameters
from icalendar.prop import vText

from calendars.components import UNNAMED, clean_line

EVERYTHING = "all"
GROUPS = ("programme", "agency", "team", "kind")

_NAME = re.compile(rf"{EVERYTHING}|(?:{'|'.join(GROUPS)})/[A-Za-z0-9_.\-]+")

# RFC 7986 §5 (NAME, REFRESH-INTERVAL) with the X- properties older clients read instead. PRODID is ASCII
# and holds no version: an upgrade alone must not change a calendar. No METHOD: with one, libical demands
# an ORGANIZER in every event. No UID: icalendar's own is random and vdirsyncer takes the feed for one item.
_TOP = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dondoc//calendars//VI\r\nCALSCALE:GREGORIAN\r\n"
_HEAD = (
    b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n"
    b"X-PUBLISHED-TTL:PT1H\r\n"
    b"X-WR-TIMEZONE:Asia/Ho_Chi_Minh\r\n"
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
_BOTTOM = b"END:VCALENDAR\r\n"


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


def join_feed(title: str, events: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a calendar's bytes; ``events`` are VEVENTs in the order they shall stand, at least one.

    The title loses its line breaks: icalendar raises for one in a calendar's name.
    """
    yield _TOP
    yield _text_line("NAME", title)
    yield _text_line("X-WR-CALNAME", title)
    yield _HEAD
    yield from events
    yield _BOTTOM


def notice_event(name: str, title: str, created_on: date, backlog: Backlog | None = None) -> bytes:
    """The one event of an empty calendar, for without any event Evolution keeps the old ones for ever.

    It stands on the day the calendar began and is stamped with it, so its bytes need no clock. Its UID
    carries the counts it tells, because a client ignores a changed text under an unchanged stamp.
    """
    event = Event()
    counts = f".{backlog.items}-{backlog.undated}-{backlog.decisions}" if backlog else ""
    event.add("uid", f"{name.replace('.', '~').replace('/', '.')}{counts}.empty@dondoc")
    event.add("dtstamp", datetime(created_on.year, created_on.month, created_on.day, tzinfo=UTC))
    event.add("summary", f"Lịch này chưa có ngày nào được ấn định: {clean_line(title)}")
    event.add("description", "\n".join(_say_backlog(backlog)))
    event.add("dtstart", created_on)
    event.add("dtend", created_on + timedelta(days=1))
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    rendered: bytes = event.to_ical()
    return rendered


def _say_backlog(backlog: Backlog | None) -> Iterator[str]:
    yield "Chưa có việc nào trong lịch này được ấn định ngày. Khi có ngày, lịch tự cập nhật."
    if backlog and backlog.items:
        undated = f", trong đó {backlog.undated} việc chưa có thời gian cụ thể" if backlog.undated else ""
        yield f"Chương trình có {backlog.items} việc{undated}."
    if backlog and backlog.decisions:
        yield f"Có {backlog.decisions} nội dung đang chờ người có thẩm quyền quyết định."


def _text_line(name: str, text: str) -> bytes:
    """One property of type TEXT, escaped and folded (RFC 5545 §3.1, §3.3.11), with its CRLF."""
    line = Contentline.from_parts(name, Parameters(), vText(clean_line(text) or UNNAMED))
    return bytes(line.to_ical()) + b"\r\n"
