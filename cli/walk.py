"""The command ``walk``: a whole year, a day at a time, printed as a diary; the office's own database is not touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from calendars.wording import say_day, say_weekday
from cli.office import open_office
from cli.output import say
from models.errors import DonDocError
from models.kinds import Placing
from office.store import open_store, reading, writing
from planning.agenda import Entry, read_agenda, say_when
from planning.opening import open_due
from planning.yearbook import plan_year


def walk_year(year: int) -> None:
    """Plans ``year`` into a database in memory and sweeps it day by day, as the daily flow would."""
    office = open_office()
    store = open_store("sqlite://")
    first, last = date(year, 1, 1), date(year, 12, 31)
    with writing(store) as connection:
        plan_year(connection, office.definitions, year, first, before_is_inclusive=office.settings.before_is_inclusive)
    with reading(store) as connection:
        entries = {one.id: one for one in read_agenda(connection, first, year=year)}
    if not entries:
        raise DonDocError(f"Năm {year} không có việc nào để đi qua.", help="Chọn năm mà một chương trình nói đến.")
    with writing(store) as connection:
        before = open_due(connection, first - timedelta(days=1))
    say(f"Nhật ký năm {year}: {len(before)} việc đã mở từ trước.")
    opened = 0
    for day in _days(first, last):
        with writing(store) as connection:
            opening = open_due(connection, day)
        opened += len(opening)
        lines = [*_opening(opening, entries), *_falling_on(day, entries.values())]
        if lines:
            say(f"\n{say_weekday(day).capitalize()}, {say_day(day)}")
            for line in lines:
                say(f"  {line}")
    due = sum(one.last_on_time is not None for one in entries.values())
    undated = sum(not one.dated for one in entries.values())
    say(f"\nHết năm {year}: {opened} việc mở trong năm, {due} việc có hạn, {undated} việc không có ngày.")


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _opening(ids: list[str], entries: dict[str, Entry]) -> Iterator[str]:
    for one in (entries[each] for each in ids):
        yield f"mở: {one.title} ({say_when(one)})"


def _falling_on(day: date, entries: Iterable[Entry]) -> Iterator[str]:
    for one in entries:
        if one.last_on_time == day:
            yield f"HẾT HẠN: {one.title} ({len(one.duties)} cơ quan)"
        elif one.placing == Placing.FIXED and one.first == day:
            yield f"DIỄN RA: {one.title}"
