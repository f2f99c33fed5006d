"""The year's page: a strip where windows, days, deadlines and clashes are seen at once, and its twin in words."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from board.year import YearChoices, YearMarks, read_choices, read_marks
from models.kinds import KIND_NAMES, ItemKind
from office.sessions import Visitor
from office.settings import FIRST_YEAR, LAST_YEAR
from planning.agenda import Entry, read_agenda
from portal.desk import Desk
from portal.guard import DECIDES, of_the_office
from portal.year_strip import Axis, days_of, draw_strip, part_long
from portal.year_table import find_nearest, write_table

MONTHS, QUARTERS = range(1, 13), range(1, 5)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the year was narrowed to; empty for everything."""

    programme: str = ""
    agency: str = ""
    kind: str = ""
    quarter: int | None = None
    month: int | None = None

    def axis(self, year: int) -> Axis:
        """The days shown; a month says more than a quarter."""
        first, last = 1, 12
        if self.month:
            first = last = self.month
        elif self.quarter:
            first, last = self.quarter * 3 - 2, self.quarter * 3
        return Axis(date(year, first, 1), date(year, last, monthrange(year, last)[1]))

    def address(self, year: int, **instead: str) -> str:
        """The page of ``year`` narrowed the same way, but for what is given instead."""
        own = {"programme": self.programme, "agency": self.agency, "kind": self.kind}
        own |= {"quarter": str(self.quarter or ""), "month": str(self.month or "")} | instead
        asked = urlencode({name: value for name, value in own.items() if value})
        return f"/thu-ky/nam/{year}" + (f"?{asked}" if asked else "")


def year_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/nam`` and ``/thu-ky/nam/{year}``."""
    router = APIRouter()
    reader = Depends(of_the_office(desk))

    @router.get("/thu-ky/nam")
    def this_year(request: Request, visitor: Visitor = reader) -> Response:
        return _page(desk, request, visitor, desk.today().year)

    @router.get("/thu-ky/nam/{year:int}")
    def some_year(request: Request, year: int, visitor: Visitor = reader) -> Response:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise HTTPException(404)
        return _page(desk, request, visitor, year)

    return router


def _page(desk: Desk, request: Request, visitor: Visitor, year: int) -> Response:
    asked, today = _narrow(request), desk.today()
    with desk.reading() as connection:
        entries = read_agenda(
            connection,
            today,
            year=year,
            agency=asked.agency or None,
            programme=asked.programme or None,
            cancelled=True,
        )
        marks, choices = read_marks(connection, year), read_choices(connection, year)
    axis = asked.axis(year)
    shown = [one for one in entries if _is_shown(one, asked, axis)]
    groups = write_table(shown, marks, year, today)
    lines = [line for group in groups for line in group.lines]
    pointed, long = part_long(shown)
    return desk.answer(
        request,
        "secretariat/dates/year",
        year=year,
        asked=asked,
        choices=choices,
        kinds=[(kind, KIND_NAMES[ItemKind(kind)]) for kind in choices.kinds],
        neighbours=_neighbours(year, choices),
        strip=draw_strip(pointed, marks, axis, today),
        long_strip=draw_strip(long, marks, axis, today),
        groups=groups,
        nearest=find_nearest(groups, today if axis.shows(today, today) else axis.first),
        to_fix=[line for line in lines if line.fixable],
        clashing=[line for line in lines if line.clashes],
        waiting=_count_waiting(marks, asked),
        decides=visitor.role in DECIDES,
        months=MONTHS,
        quarters=QUARTERS,
    )


def _narrow(request: Request) -> Narrowed:
    """What the form asks; what it cannot mean is nothing asked."""
    given = request.query_params
    return Narrowed(
        given.get("programme", ""),
        given.get("agency", ""),
        given.get("kind", ""),
        _number(given.get("quarter", ""), QUARTERS),
        _number(given.get("month", ""), MONTHS),
    )


def _number(text: str, among: range) -> int | None:
    return next((number for number in among if text == str(number)), None)


def _is_shown(entry: Entry, asked: Narrowed, axis: Axis) -> bool:
    """What has no date is shown where the whole year is."""
    if asked.kind and entry.kind != asked.kind:
        return False
    days = days_of(entry)
    if days is None:
        return not (asked.month or asked.quarter)
    return axis.shows(*days)


def _neighbours(year: int, choices: YearChoices) -> list[int]:
    return sorted({*choices.years, year - 1, year, year + 1} & set(range(FIRST_YEAR, LAST_YEAR + 1)))


def _count_waiting(marks: YearMarks, asked: Narrowed) -> list[tuple[str, int]]:
    """By kind, how much waits for a person, of the programme that is shown."""
    names = [one.name for one in marks.open_matters if asked.programme in ("", one.programme)]
    return list(Counter(names).items())
