"""Publishing 3,500 calendars of a synthetic national year: 34 provinces × 120 agencies × 60 items.

Every item names the 120 agencies of its province, so 2,040 events stand in 244,800 places. Ratios within
one run: rendering an event against icalendar writing a bare one; publishing everything against writing
the same bytes as plain files, and as files forced to disk and renamed one by one; publishing after one
item moved against publishing everything. Run: python benchmarks/publishing.py [calendars]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from icalendar import Event
from sqlalchemy import Connection, insert, update

from calendars.components import CalendarEntry, render_event
from calendars.feeds import feed_names
from calendars.publishing import mark_stale, publish, touch_feeds
from calendars.working_days import WorkingDays
from models.agency import Agency
from models.kinds import KIND_NAMES
from models.occurrence import Duty, Occurrence, OccurrenceAgency
from models.programme import Programme
from office.store import open_store, writing

PROVINCES, AGENCIES, ITEMS, CALENDARS = 34, 120, 60, 3_500
ROUNDS = 3
TODAY, REVISED = date(2024, 1, 2), datetime(2024, 1, 2, tzinfo=UTC)
KINDS = ("report", "inspection", "training", "conference")
DAYS = WorkingDays()


def main(calendars: int) -> None:
    """Measure and print."""
    rendering()
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as place:
        home = Path(place)
        begin = partial(writing, open_store(f"sqlite:///{home / 'dondoc.db'}"))
        with begin() as connection:
            store_year(connection, calendars)
        full, done = timed(lambda: publish(begin, home / "published", TODAY, DAYS))
        content = {path: path.read_bytes() for path in (home / "published").rglob("*.ics")}
        size = sum(map(len, content.values()))
        print(
            f"publish everything: {done.written:,} calendars, {size / 1e6:,.0f} MB, "
            f"{done.rendered:,} events rendered, {full:.2f} s"
        )
        compare_with_disk(home, full, list(content.values()))
        nothing = median(timed(lambda: publish(begin, home / "published", TODAY, DAYS))[0] for _ in range(ROUNDS))
        print(f"publish again, nothing changed: 1/{full / nothing:.0f} of everything")
        times = []
        for day in range(1, ROUNDS + 1):
            with begin() as connection:
                moved = move_one(connection, day)
            one, done = timed(lambda: publish(begin, home / "published", TODAY, DAYS))
            times.append(one)
        touched = [before for path, before in content.items() if path.read_bytes() != before]
        print(
            f"one item moved: {done.rendered} event rendered, {done.written} files written, {len(touched)} differ, of "
            f"{moved} calendars it stands in: 1/{full / median(times):.0f} of everything "
            f"(those files are 1/{size / sum(map(len, touched)):.0f} of the bytes)"
        )


def compare_with_disk(home: Path, full: float, contents: list[bytes]) -> None:
    """What the disk alone takes for the same bytes, in this very run."""
    for words, write in (
        ("as plain files", write_plainly),
        ("each forced to disk and renamed", write_safely),
    ):
        alone = median(
            timed(partial(write, home / f"{write.__name__}-{number}", contents))[0] for number in range(ROUNDS)
        )
        print(f"the same bytes {words}: {alone:.2f} s, publishing costs {full / alone:.1f} ×")


def rendering() -> None:
    """Events per second, against icalendar writing an event that has only what RFC 5545 demands."""
    entries = [
        CalendarEntry(**fields(0, item), leads=("Các sở, ban, ngành (120 cơ quan)",)) for item in range(ITEMS)
    ] * 10
    bare = [bare_event(entry) for entry in entries]
    ours, _ = timed(lambda: [render_event(entry, DAYS) for entry in entries])
    theirs, _ = timed(lambda: [event.to_ical() for event in bare])
    size = sum(len(render_event(entry, DAYS)) for entry in entries) / sum(len(event.to_ical()) for event in bare)
    print(
        f"render: {len(entries) / ours:,.0f} events/s; icalendar writes {len(entries) / theirs:,.0f} bare ones/s: "
        f"{ours / theirs:.1f} × the time for {size:.1f} × the bytes"
    )


def bare_event(entry: CalendarEntry) -> Event:
    """The least that is an event."""
    event = Event()
    event.add("uid", entry.id)
    event.add("dtstamp", entry.revised_at)
    event.add("dtstart", entry.first or entry.last_on_time)
    event.add("summary", entry.title)
    return event


# ---------------------------------------------------------------- the year


def fields(province: int, item: int) -> dict[str, Any]:
    """An item's own columns: a deadline, a window, a fixed day or hours, in turn."""
    day = TODAY + timedelta(days=5 * item)
    common = {
        "id": f"P{province:02}/viec-{item:02}/2024", "line": 100 + item, "kind": KINDS[item % 4],
        "title": f"Báo cáo kết quả thực hiện nhiệm vụ số {item} của các chương trình mục tiêu quốc gia",
        "revised_at": REVISED, "phrase": f"ngày {day:%d/%m/%Y}", "product": "Báo cáo kết quả", "tentative": False,
        "assumed": False, "why": "Ngày nêu trong văn bản.", "headcount_about": False, "sequence": 0,
        "placing": "fixed", "certainty": "exact", "first": day, "last": day,
        "named_date": None, "last_on_time": None, "work_by": None, "included": None,
    }  # fmt: skip
    if item % 4 == 0:
        due = {"named_date": day, "last_on_time": day, "work_by": day, "included": True, "first": None, "last": None}
        return common | {"placing": "deadline"} | due
    if item % 4 == 1:
        return common | {"placing": "window", "certainty": "quarter", "last": day + timedelta(days=90)}
    return common


def store_year(connection: Connection, calendars: int) -> None:
    """Everything a planned year would have stored, and so many calendars."""
    bodies = {"short": "x", "level": "province", "kind": "department", "open": False}
    paper = {"short": "x", "issuer": "x", "source": "x", "first": date(2024, 1, 1), "last": date(2024, 12, 31)}
    paper |= {"standing_agency": "x", "policy": "default", "draft": False, "items": ITEMS}
    rest = {
        "programme": "",
        "item": "",
        "period": "2024",
        "year_first": 2024,
        "year_last": 2024,
        "rolls_up": False,
        "status": "planned",
    }
    titles = {"all": "Tất cả"} | {f"kind/{kind}": name for kind, name in KIND_NAMES.items() if kind in KINDS}
    for province in range(PROVINCES):
        code = f"P{province:02}"
        titles[f"programme/{code}"] = f"Chương trình công tác năm 2024 tỉnh {province}"
        agencies = [f"{code}-{number:03}" for number in range(AGENCIES)]
        group = {"code": f"G{code}", "name": f"Các sở, ban, ngành tỉnh {province}", "is_group": True} | bodies
        named = [{"code": agency, "name": f"Sở {agency}", "is_group": False} | bodies for agency in agencies]
        connection.execute(insert(Agency), [group, *named])
        connection.execute(insert(Programme), paper | {"code": code, "title": titles[f"programme/{code}"]})
        own = [fields(province, item) for item in range(ITEMS)]
        connection.execute(insert(Occurrence), [one | rest | {"programme": code} for one in own])
        connection.execute(insert(OccurrenceAgency), list(ties(own, agencies, f"G{code}")))
        connection.execute(insert(Duty), list(duties(own, agencies)))
    wanted = [f"agency/P{province:02}-{number:03}" for province in range(PROVINCES) for number in range(AGENCIES)]
    titles |= {name: f"Sở {name}" for name in wanted[: calendars - len(titles)]}
    touch_feeds(connection, titles, TODAY)


def ties(own: list[dict[str, Any]], agencies: list[str], group: str) -> Iterator[dict[str, Any]]:
    """Each item's agencies, named by the paper as their group."""
    for one in own:
        for agency in agencies:
            yield {"occurrence": one["id"], "agency": agency, "role": "lead", "named_as": group}


def duties(own: list[dict[str, Any]], agencies: list[str]) -> Iterator[dict[str, Any]]:
    """What each agency owes for the items with a deadline."""
    for one in own:
        if one["placing"] == "deadline":
            for agency in agencies:
                yield {
                    "id": f"{one['id']}/{agency}", "occurrence": one["id"], "agency": agency,
                    "handover": False, "withdrawn": False,
                }  # fmt: skip


def move_one(connection: Connection, by: int) -> int:
    """Moves the first province's first fixed item by some days; how many calendars it stands in."""
    item = fields(0, 2)
    moved = {key: item[key] + timedelta(days=by) for key in ("first", "last", "revised_at")}
    connection.execute(update(Occurrence).where(Occurrence.id == item["id"]).values(**moved, sequence=by))
    names = feed_names("P00", item["kind"], None, [f"P00-{number:03}" for number in range(AGENCIES)])
    mark_stale(connection, *names)
    return len(names)


# ---------------------------------------------------------------- what the disk can do


def write_plainly(folder: Path, contents: list[bytes]) -> None:
    """Left to the system to put on disk when it likes."""
    folder.mkdir()
    for number, content in enumerate(contents):
        (folder / f"{number}.ics").write_bytes(content)


def write_safely(folder: Path, contents: list[bytes]) -> None:
    """Whole or not at all, as publishing promises."""
    folder.mkdir()
    for number, content in enumerate(contents):
        with (folder / f"{number}.part").open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(folder / f"{number}.part", folder / f"{number}.ics")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what the work returned; what earlier work left to be written is out of the way first."""
    os.sync()
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CALENDARS)
