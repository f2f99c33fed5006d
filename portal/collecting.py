"""Collecting reports: who has sent what, when, how late, what is missing, and the consolidation that waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from board.collection import Collection, Consolidation, DutyStanding, find_collection, find_consolidation
from board.collections import Part, read_collections, read_parts, read_remark
from board.duties import late_by
from board.overview import DUTIES, NOT_COUNTED_NAMES
from board.standing import Standing
from calendars.wording import Language, say_due
from calendars.working_days import WorkingDays
from models.timing import DueDays
from office.sessions import Visitor
from portal.desk import Desk
from portal.duties import read_asked, read_filters
from portal.guard import DECIDES, of_the_office
from portal.languages import language_of

TONES = {Standing.DONE_ON_TIME: "green", Standing.DONE_LATE: "amber", Standing.OVERDUE: "red"}


@dataclass(frozen=True, slots=True)
class Line:
    """One agency of the board; ``late`` is in working days, ``part`` what came only in part."""

    standing: DutyStanding
    late: int
    tone: str
    part: Part | None

    @property
    def in_words(self) -> str:
        """The standing, in Vietnamese, with how late it is."""
        return self.standing.say(partial=self.part is not None, late=self.late)


def collecting_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/thu-bao-cao`` and one page for each collection."""
    router = APIRouter()
    reader = Depends(of_the_office(desk))

    @router.get("/thu-ky/thu-bao-cao")
    def overview(request: Request, visitor: Visitor = reader) -> Response:
        return _overview(desk, request)

    @router.get("/thu-ky/thu-bao-cao/{occurrence:path}")
    def one(request: Request, occurrence: str, visitor: Visitor = reader) -> Response:
        return _page(desk, request, occurrence, visitor)

    return router


def _overview(desk: Desk, request: Request) -> Response:
    asked, today = read_asked(request, desk), desk.today()
    with desk.reading() as connection:
        lines = read_collections(connection, asked.year, today, asked.programme or None)
        filters = read_filters(connection)
    return desk.answer(
        request,
        "secretariat/desk/collections",
        coming=[line for line in lines if not line.is_over(today)],
        over=[line for line in lines if line.is_over(today)],
        why=NOT_COUNTED_NAMES,
        asked=asked,
        filters=filters,
    )


def _page(desk: Desk, request: Request, occurrence: str, visitor: Visitor) -> Response:
    today, days = desk.today(), desk.definitions.working_days
    with desk.reading() as connection:
        collection = find_collection(connection, occurrence, today)
        if collection is None:
            raise HTTPException(404)
        consolidation = find_consolidation(connection, occurrence, today)
        waits_for = consolidation.waits_for if consolidation else ()
        shown = [occurrence, *(needed.occurrence for needed in waits_for)]
        parts = read_parts(connection, DUTIES.c.occurrence.in_(shown))
        remark = read_remark(connection, occurrence, today)
    return desk.answer(
        request,
        "secretariat/desk/collection",
        collection=collection,
        lines=_lines(collection, parts, today, days),
        remark=NOT_COUNTED_NAMES[remark] if remark else "",
        due=lambda one: _say_due(one, language_of(request)),
        days_left=lambda one: days.between(today, one.last_on_time),
        consolidation=consolidation,
        waited=[(needed, _lines(needed, parts, today, days)) for needed in waits_for],
        decides=visitor.role in DECIDES,
    )


def _say_due(one: Collection | Consolidation, language: Language) -> str:
    return say_due(DueDays(one.named_date, one.last_on_time, one.work_by), language, included=one.included)


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
