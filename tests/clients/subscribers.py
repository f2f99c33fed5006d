"""Real programs that subscribe over HTTP: vdirsyncer fetches every calendar into folders, khal shows what is there."""

import datetime as dt
import json
import os
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ZONE = "Asia/Ho_Chi_Minh"
FIRST, LAST = "2015-01-01", "2030-12-31"  # khal lists what lies between
FIELDS = ("calendar", "start-long-full", "all-day", "title", "status")
# far from Vietnam: a program that falls back on the machine's own zone gives itself away
ABROAD = {"TZ": "America/Los_Angeles", "no_proxy": "127.0.0.1", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, order=True)
class Shown:
    """One event as khal shows it; ``start`` is a day, or a day and an hour in Vietnam."""

    start: str
    title: str
    status: str


class Subscribers:
    """Both programs with configurations of their own under ``home``; ``programs`` is where they are installed.

    A calendar of ``tasks`` is kept in one file, for khal shows no tasks; every other one in a folder of events.
    """

    def __init__(self, programs: Path, home: Path, addresses: dict[str, str], tasks: tuple[str, ...] = ()) -> None:
        self._programs, self._home, self._tasks = programs, home, tasks
        self._events = [name for name in addresses if name not in tasks]
        for name in self._events:
            (home / name).mkdir(parents=True)
        self._write_vdirsyncer(addresses)
        self._write_khal()
        self._run("vdirsyncer", "-c", str(home / "vdirsyncer.conf"), "discover")

    def sync(self) -> str:
        """Fetches everything once; what vdirsyncer has against it, which it says without fetching less of the rest."""
        try:
            self._run("vdirsyncer", "-c", str(self._home / "vdirsyncer.conf"), "sync")
        except RuntimeError as error:
            return str(error)
        return ""

    def shown(self) -> dict[str, list[Shown]]:
        """Calendar → what khal lists of it."""
        fields = (word for field in FIELDS for word in ("--json", field))
        listed = self._run("khal", "-c", str(self._home / "khal.conf"), "list", *fields, FIRST, LAST)
        found: dict[str, set[Shown]] = defaultdict(set)
        for line in filter(None, map(str.strip, listed.splitlines())):
            for event in json.loads(line):
                is_day = event["all-day"] in ("True", True)
                start = event["start-long-full"][:10] if is_day else event["start-long-full"]
                found[event["calendar"]].add(Shown(start, event["title"], event["status"].strip()))
        return {name: sorted(found[name]) for name in self._events}

    def kept_files(self) -> dict[Path, object]:
        """Every file vdirsyncer keeps, and what shows that it was written: its time, of a list of tasks its content."""
        found: dict[Path, object] = {}
        for name in self._events:
            found |= {path: path.stat().st_mtime_ns for path in (self._home / name).glob("*.ics")}
        # a single file is written each time, whether anything changed or not
        return found | {self.file_of(name): self.file_of(name).read_bytes() for name in self._tasks}

    def file_of(self, calendar: str) -> Path:
        """The one file a calendar of tasks is kept in."""
        return self._home / f"{calendar}.ics"

    def _write_vdirsyncer(self, addresses: dict[str, str]) -> None:
        parts = [f'[general]\nstatus_path = "{self._home / "status"}"']
        for name, address in addresses.items():
            one_file = name in self._tasks
            kept = (
                f'type = "singlefile"\npath = "{self.file_of(name)}"'
                if one_file
                else f'type = "filesystem"\npath = "{self._home / name}"\nfileext = ".ics"'
            )
            parts.append(
                f'[pair {name}]\na = "{name}_web"\nb = "{name}_kept"\ncollections = null\n'
                f'[storage {name}_web]\ntype = "http"\nurl = "{address}"\n[storage {name}_kept]\n{kept}'
            )
        (self._home / "vdirsyncer.conf").write_text("\n".join(parts) + "\n")

    def _write_khal(self) -> None:
        calendars = "\n".join(f"[[{name}]]\npath = {self._home / name}\ntype = calendar" for name in self._events)
        days = "".join(f"{key} = %Y-%m-%d\n" for key in ("dateformat", "longdateformat"))
        hours = "".join(f"{key} = %Y-%m-%d %H:%M\n" for key in ("datetimeformat", "longdatetimeformat"))
        (self._home / "khal.conf").write_text(
            f"[calendars]\n{calendars}\n[locale]\nlocal_timezone = {ZONE}\ndefault_timezone = {ZONE}\n"
            f"timeformat = %H:%M\n{days}{hours}[sqlite]\npath = {self._home / 'khal.db'}\n"
        )

    def _run(self, program: str, *words: str) -> str:
        done = subprocess.run(
            [self._programs / "bin" / program, *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False,
            env={**os.environ, **ABROAD},
        )  # fmt: skip
        if done.returncode or re.search(r"^(error|critical)", done.stdout, re.MULTILINE):
            raise RuntimeError(f"{program} {words[2]}: {done.stdout.strip()[-1000:]}")
        return done.stdout


def stated(content: bytes) -> list[Shown]:
    """What a calendar's own bytes state, as khal should show it."""
    import icalendar

    zone = dt.timezone(dt.timedelta(hours=7))
    found = set()
    for event in icalendar.Calendar.from_ical(content).events:
        start = event["dtstart"].dt
        hour = isinstance(start, dt.datetime)
        told = start.astimezone(zone).strftime("%Y-%m-%d %H:%M") if hour else start.isoformat()
        found.add(Shown(told, str(event["summary"]), str(event.get("status", ""))))
    return sorted(found)
