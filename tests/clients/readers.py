"""Reads every .ics of a folder with one calendar program; prints {calendars, problems} as JSON.

usage: python readers.py (icalendar|vobject|libical|khal|vdirsyncer) FOLDER
Runs in an environment of its own that holds those programs and nothing of ours.
"""

import contextlib
import ctypes
import ctypes.util
import datetime as dt
import functools
import http.server
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

ZONE = "Asia/Ho_Chi_Minh"
Seen = list[tuple[str, str, str]]  # UID, start (a day, or an instant in UTC), summary


def say_start(start: dt.date) -> str:
    if not isinstance(start, dt.datetime):
        return start.isoformat()
    if start.tzinfo is None:
        raise ValueError(f"{start} has no time zone")
    return start.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%MZ")


def folder_of(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix()[:-4]: path for path in sorted(folder.rglob("*.ics"))}


def one_by_one(read: Callable[[bytes, list[str]], Seen], folder: Path) -> dict:
    calendars, problems = {}, {}
    for name, path in folder_of(folder).items():
        found: list[str] = []
        try:
            calendars[name] = read(path.read_bytes(), found)
        except Exception as error:  # whatever a client raises is what it has against the file
            found.append(f"{type(error).__name__}: {error}")
        if found:
            problems[name] = found
    return {"calendars": calendars, "problems": problems}


# ---------------------------------------------------------------- icalendar


def with_icalendar(content: bytes, problems: list[str]) -> Seen:
    import icalendar

    calendar = icalendar.Calendar.from_ical(content)
    if calendar.to_ical() != content:
        problems.append("written again, it is another file")
    problems += [str(error) for component in calendar.walk() for error in component.errors]
    for line in content.split(b"\r\n"):
        text = line.decode()  # raises when a line was folded inside a character
        if len(line) > 75:
            problems.append(f"line of {len(line)} octets: {text[:30]}")
        if any(unicodedata.category(character) == "Cc" for character in text):
            problems.append(f"control character: {text[:30]!r}")
        if not unicodedata.is_normalized("NFC", text):
            problems.append(f"not NFC: {text[:30]}")
    uids = [str(event["uid"]) for event in calendar.events]
    if len(set(uids)) != len(uids):
        problems.append("a UID stands twice")
    for event in calendar.events:
        if "dtend" in event and not event["dtstart"].dt < event["dtend"].dt:
            problems.append(f"{event['uid']} ends before it starts")
    return [(str(one["uid"]), say_start(one["dtstart"].dt), str(one["summary"])) for one in calendar.events]


# ---------------------------------------------------------------- vobject


def with_vobject(content: bytes, problems: list[str]) -> Seen:
    import vobject

    calendars = list(vobject.readComponents(content.decode(), validate=True))
    if len(calendars) != 1:
        raise ValueError(f"{len(calendars)} calendars in one file")
    calendars[0].validate(raiseException=True)
    events = calendars[0].contents.get("vevent", [])
    for event in events:
        event.validate(raiseException=True)
        if "dtend" in event.contents and not event.dtstart.value < event.dtend.value:
            problems.append(f"{event.uid.value} ends before it starts")
    return [(event.uid.value, say_start(event.dtstart.value), event.summary.value) for event in events]


# ---------------------------------------------------------------- libical


class IcalTime(ctypes.Structure):
    """``struct icaltimetype`` of libical 3."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        ("is_date", ctypes.c_int),
        ("is_daylight", ctypes.c_int),
        ("zone", ctypes.c_void_p),
    ]


@functools.cache
def libical() -> ctypes.CDLL:
    library = ctypes.CDLL(ctypes.util.find_library("ical"))
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for name, result, *arguments in (
        ("icalparser_parse_string", pointer, text),
        ("icalcomponent_count_errors", ctypes.c_int, pointer),
        ("icalrestriction_check", ctypes.c_int, pointer),
        ("icalcomponent_as_ical_string", text, pointer),
        ("icalcomponent_string_to_kind", ctypes.c_int, text),
        ("icalcomponent_isa", ctypes.c_int, pointer),
        ("icalcomponent_count_components", ctypes.c_int, pointer, ctypes.c_int),
        ("icalcomponent_get_first_component", pointer, pointer, ctypes.c_int),
        ("icalcomponent_get_next_component", pointer, pointer, ctypes.c_int),
        ("icalcomponent_get_uid", text, pointer),
        ("icalcomponent_get_summary", text, pointer),
        ("icalcomponent_get_dtstart", IcalTime, pointer),
        ("icaltime_is_valid_time", ctypes.c_int, IcalTime),
        ("icaltime_is_null_time", ctypes.c_int, IcalTime),
        ("icaltime_as_timet_with_zone", ctypes.c_long, IcalTime, pointer),
        ("icalcomponent_free", None, pointer),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def with_libical(content: bytes, problems: list[str]) -> Seen:
    ical = libical()
    calendar = ical.icalparser_parse_string(content)
    if not calendar:
        raise ValueError("cannot be parsed")
    if ical.icalcomponent_isa(calendar) != ical.icalcomponent_string_to_kind(b"VCALENDAR"):
        problems.append("not one calendar")
    is_right = ical.icalrestriction_check(calendar)
    if ical.icalcomponent_count_errors(calendar) or not is_right:
        told = re.findall(
            r"X-LIC-ERROR[^\r\n]*(?:\r?\n [^\r\n]*)*", ical.icalcomponent_as_ical_string(calendar).decode()
        )
        problems += told or ["breaks a restriction of RFC 5545"]
    kind = ical.icalcomponent_string_to_kind(b"VEVENT")
    seen: Seen = []
    event = ical.icalcomponent_get_first_component(calendar, kind)
    while event:
        start = ical.icalcomponent_get_dtstart(event)
        if ical.icaltime_is_null_time(start) or not ical.icaltime_is_valid_time(start):
            problems.append("an event without a valid DTSTART")
        elif start.is_date:
            day = dt.date(start.year, start.month, start.day)
            seen.append(_libical_event(ical, event, day))
        else:
            moment = dt.datetime.fromtimestamp(ical.icaltime_as_timet_with_zone(start, start.zone), dt.UTC)
            seen.append(_libical_event(ical, event, moment))
        event = ical.icalcomponent_get_next_component(calendar, kind)
    ical.icalcomponent_free(calendar)
    return seen


def _libical_event(ical: ctypes.CDLL, event: int, start: dt.date) -> tuple[str, str, str]:
    uid, summary = ical.icalcomponent_get_uid(event), ical.icalcomponent_get_summary(event)
    return (uid or b"").decode(), say_start(start), (summary or b"").decode()


# ---------------------------------------------------------------- khal


def with_khal(folder: Path) -> dict:
    """Imports every file into a calendar of its own, then lists them all."""
    import logging

    from khal.cli import main_khal

    logging.getLogger("khal").addHandler(logging.NullHandler())
    calendars = folder_of(folder)
    names = {f"c{number:05}": name for number, name in enumerate(calendars)}
    listing: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in calendars}
    problems: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        config = [f"[[{short}]]\npath = {home / short}\ntype = calendar" for short in names]
        locale = f"local_timezone = {ZONE}\ndefault_timezone = {ZONE}\ntimeformat = %H:%M\n" + "".join(
            f"{key} = {value}\n"
            for key, value in {
                "dateformat": "%Y-%m-%d",
                "longdateformat": "%Y-%m-%d",
                "datetimeformat": "%Y-%m-%d %H:%M",
                "longdatetimeformat": "%Y-%m-%d %H:%M",
            }.items()
        )
        (home / "config").write_text(
            "[calendars]\n" + "\n".join(config) + f"\n[locale]\n{locale}[sqlite]\npath = {home / 'khal.db'}\n"
        )
        for short in names:
            (home / short).mkdir()

        def run(*arguments: str) -> str:
            output = io.StringIO()
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                try:
                    main_khal.main(["-c", str(home / "config"), *arguments], standalone_mode=False)
                except SystemExit as ended:
                    if ended.code:
                        raise ValueError(output.getvalue().strip() or "khal failed") from None
            return output.getvalue()

        for short, name in names.items():
            try:
                run("import", "--batch", "-a", short, str(calendars[name]))
                stated = len(re.findall(rb"^BEGIN:VEVENT", calendars[name].read_bytes(), re.MULTILINE))
                if stated != (kept := len(list((home / short).glob("*.ics")))):
                    problems[name] = [f"{stated} events written, {kept} imported"]
            except Exception as error:  # whatever khal raises is what it has against the file
                problems[name] = [f"{type(error).__name__}: {error}"]
        days = sorted(
            re.findall(r"DTSTART[^:\r\n]*:(\d{8})", "".join(path.read_text() for path in home.glob("c*/*.ics")))
        )
        if days:
            first, last = (f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in (days[0], days[-1]))
            fields = ("calendar", "uid", "start-long-full", "all-day", "title")
            # not --once: that shows an event of several calendars in one of them only
            listed = run("list", *(part for field in fields for part in ("--json", field)), first, last)
            for line in filter(None, map(str.strip, listed.splitlines())):
                for event in json.loads(line):
                    start = event["start-long-full"]
                    if event["all-day"] in ("False", False):
                        moment = dt.datetime.strptime(start, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - khal's local time
                        start = say_start(moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=7))))
                    listing[names[event["calendar"]]][event["uid"]] = (start, event["title"])
        seen = {
            name: [(uid, start.removesuffix(" 00:00"), title) for uid, (start, title) in found.items()]
            for name, found in listing.items()
        }
    return {"calendars": {name: found for name, found in seen.items() if name not in problems}, "problems": problems}


# ---------------------------------------------------------------- vdirsyncer


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the folder as a web server would, without a log."""

    extensions_map: ClassVar = {".ics": "text/calendar"}

    def log_message(self, *_: object) -> None:
        return


def with_vdirsyncer(folder: Path) -> dict:
    """Subscribes to every file over HTTP and keeps it in a folder, twice; the second time nothing may move."""
    calendars = folder_of(folder)
    names = {f"c{number:05}": name for number, name in enumerate(calendars)}
    seen: dict[str, Seen] = {}
    problems: dict[str, list[str]] = {}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        config = [f'[general]\nstatus_path = "{home / "status"}"']
        for short, name in names.items():
            (home / short).mkdir()
            config.append(
                f'[pair {short}]\na = "{short}_web"\nb = "{short}_kept"\ncollections = null\n'
                f'[storage {short}_web]\ntype = "http"\nurl = "http://127.0.0.1:{server.server_port}/{name}.ics"\n'
                f'[storage {short}_kept]\ntype = "filesystem"\npath = "{home / short}"\nfileext = ".ics"'
            )
        (home / "config").write_text("\n".join(config))

        def run(command: str) -> str:
            vdirsyncer = Path(sys.executable).with_name("vdirsyncer")
            done = subprocess.run(
                [vdirsyncer, "-c", home / "config", command],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                env={**os.environ, "no_proxy": "127.0.0.1"}, check=False,
            )  # fmt: skip
            return done.stdout

        run("discover")
        told = run("sync")
        before = {path: path.stat().st_mtime_ns for path in home.glob("c*/*.ics")}
        again = run("sync")
        after = {path: path.stat().st_mtime_ns for path in home.glob("c*/*.ics")}
        for short, name in names.items():
            found = [line for line in told.splitlines() if line.startswith("error") and short in line]
            if {k: v for k, v in before.items() if k.parent.name == short} != {
                k: v for k, v in after.items() if k.parent.name == short
            } or re.search(rf"Copying .*{short}_", again):
                found.append("the second synchronisation moved something")
            try:
                kept = [_kept_event(path) for path in sorted((home / short).glob("*.ics"))]
                stated = len(re.findall(rb"^BEGIN:VEVENT", calendars[name].read_bytes(), re.MULTILINE))
                if len(kept) != stated:
                    found.append(f"{stated} events written, {len(kept)} kept")
                seen[name] = kept
            except Exception as error:  # whatever is wrong with what was kept
                found.append(f"{type(error).__name__}: {error}")
            if found:
                problems[name] = found
    server.shutdown()
    return {"calendars": seen, "problems": problems}


def _kept_event(path: Path) -> tuple[str, str, str]:
    """One event as vdirsyncer keeps it: for a subscription it puts a hash in the place of every UID."""
    import icalendar

    (event,) = icalendar.Calendar.from_ical(path.read_bytes()).events
    return "", say_start(event["dtstart"].dt), str(event["summary"])


READERS = {
    "icalendar": functools.partial(one_by_one, with_icalendar),
    "vobject": functools.partial(one_by_one, with_vobject),
    "libical": functools.partial(one_by_one, with_libical),
    "khal": with_khal,
    "vdirsyncer": with_vdirsyncer,
}

if __name__ == "__main__":
    print(json.dumps(READERS[sys.argv[1]](Path(sys.argv[2]).resolve())))
