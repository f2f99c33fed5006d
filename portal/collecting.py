"""Collecting reports: who has sent what, when, how late, what is missing, and the consolidation that waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from board.collection import Collection, DutyStanding, find_collection, find_consolidation
from board.collections import Part, read_collections, read_parts
from board.duties import late_by
from board.standing import Standing
from calendars.working_days import WorkingDays
from office.sessions import Visitor
from portal.desk import Desk
from portal.duties import read_asked, read_filters
from portal.guard import DECIDES, of_the_office

TONES = {Standing.DONE_ON_TIME: "green", Standing.DONE_LATE: "amber", Standing.OVERDUE: "red"}


@dataclass(frozen=True, slots=True)
class Line:
    """One agency of the board; ``late`` is in working days, ``part`` what came only in part."""

    standing: DutyStanding
    late: int
    tone: str
    part: Part | None


def collecting_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/thu-bao-cao`` and one page for each collection."""
    router = APIRouter()
    reader = Depends(of_the_office(desk))

    @router.get("/thu-ky/thu-bao-cao")
    def overview(request: Request, visitor: Visitor = reader) -> Response:
        asked = read_asked(request, desk)
        with desk.reading() as connection:
            lines = read_collections(connection, asked.year, asked.programme or None)
            filters = read_filters(connection)
        return desk.answer(request, "secretariat/desk/collections", lines=lines, asked=asked, filters=filters)

    @router.get("/thu-ky/thu-bao-cao/{occurrence:path}")
    def one(request: Request, occurrence: str, visitor: Visitor = reader) -> Response:
        return _page(desk, request, occurrence, visitor)

    return router


def _page(desk: Desk, request: Request, occurrence: str, visitor: Visitor) -> Response:
    today, days = desk.today(), desk.definitions.working_days
    with desk.reading() as connection:
        collection = find_collection(connection, occurrence, today)
        if collection is None:
            raise HTTPException(404)
        consolidation = find_consolidation(connection, occurrence, today)
        parts = {occurrence: read_parts(connection, occurrence)}
        for needed in consolidation.waits_for if consolidation else ():
            parts[needed.occurrence] = read_parts(connection, needed.occurrence)
    return desk.answer(
        request,
        "secretariat/desk/collection",
        collection=collection,
        lines=_lines(collection, parts[occurrence], today, days),
        consolidation=consolidation,
        waited=[
            (needed, _lines(needed, parts[needed.occurrence], today, days))
            for needed in (consolidation.waits_for if consolidation else ())
        ],
        decides=visitor.role in DECIDES,
    )


def _lines(collection: Collection, parts: Mapping[str, Part], today: date, days: WorkingDays) -> list[Line]:
    """Who is missing first, then the last to come first."""
    lines = [
        Line(
            one,
            late_by(one.standing, one.last_on_time, one.done_on, today, days),
            "amber" if one.returned_on else TONES.get(one.standing, "grey"),
            parts.get(one.duty),
        )
        for one in collection.duties
    ]
    return sorted(lines, key=lambda line: (not line.standing.is_open, -line.late))  # and these by name, as they come
