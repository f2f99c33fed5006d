"""Duties agency by agency: the official two by two, each agency's duties, and what a person records about one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection, select

from board.duties import OwedDuty, find_duty, read_duties
from board.overview import AGENCIES, read_board
from calendars.working_days import WorkingDays
from models.alphabet import alphabetical
from models.errors import DonDocError
from office.sessions import Visitor
from office.settings import FIRST_YEAR, LAST_YEAR
from planning.agenda import PROGRAMMES, planned_years
from planning.submissions import (
    ImpossibleDecision,
    Recorded,
    extend_duty,
    mark_done,
    return_duty,
    waive_duty,
)
from portal.desk import Desk
from portal.feed_refresher import wake_feeds
from portal.guard import DECIDES, of_the_office, read_checked_form
from portal.typed import read_day, read_day_if_any, read_line, require_past

ACTS = ("da-nop", "gia-han", "tra-lai", "mien")  # of an address: done, extended, returned, waived


@dataclass(frozen=True, slots=True)
class Asked:
    """Which year, and of which programme (empty for all), a page is about."""

    year: int
    programme: str

    @property
    def days(self) -> tuple[date, date]:
        """The year's first and last day."""
        return date(self.year, 1, 1), date(self.year, 12, 31)


def duty_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/nhiem-vu``, ``/{agency}`` under it, and under that a small page for each act."""
    router = APIRouter()
    reader, decider = Depends(of_the_office(desk)), Depends(of_the_office(desk, *DECIDES))
    address = "/thu-ky/nhiem-vu/{agency}/{act}/{occurrence:path}"

    @router.get("/thu-ky/nhiem-vu")
    def overview(request: Request, visitor: Visitor = reader) -> Response:
        return _overview(desk, request)

    @router.get("/thu-ky/nhiem-vu/{agency}")
    def of_agency(request: Request, agency: str, visitor: Visitor = reader) -> Response:
        return _agency(desk, request, agency, visitor)

    @router.get(address)
    def ask(request: Request, agency: str, act: str, occurrence: str, visitor: Visitor = decider) -> Response:
        return _form(desk, request, _find(desk, agency, act, occurrence), agency, act, {})

    @router.post(address)
    async def record(request: Request, agency: str, act: str, occurrence: str, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_record, desk, request, visitor, (agency, act, occurrence), form)

    return router


def read_asked(request: Request, desk: Desk) -> Asked:
    """What the address asks for; the office's own year unless it names one."""
    typed = request.query_params.get("nam", "")
    year = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) == 4 else desk.today().year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise HTTPException(404)
    return Asked(year, request.query_params.get("chuong-trinh", ""))


def read_filters(connection: Connection) -> dict[str, Any]:
    """What the form above such a page offers: planned years and programmes."""
    programmes = select(PROGRAMMES.c.code, PROGRAMMES.c.short)
    shown = sorted(connection.execute(programmes), key=lambda row: (alphabetical(row.short), row.code))
    return {"years": planned_years(connection), "programmes": shown}


def _overview(desk: Desk, request: Request) -> Response:
    asked = read_asked(request, desk)
    first, last = asked.days
    with desk.reading() as connection:
        programme = asked.programme or None
        board = read_board(connection, desk.today(), first=first, last=last, programme=programme)
        return desk.answer(
            request, "secretariat/desk/duties", board=board, asked=asked, filters=read_filters(connection)
        )


def _agency(desk: Desk, request: Request, agency: str, visitor: Visitor) -> Response:
    asked, today = read_asked(request, desk), desk.today()
    first, last = asked.days
    days = desk.definitions.working_days
    with desk.reading() as connection:
        name = connection.execute(select(AGENCIES.c.name).where(AGENCIES.c.code == agency)).scalar()
        duties = read_duties(
            connection, agency, today, days, first=first, last=last, programme=asked.programme or None
        )  # fmt: skip
        board = read_board(connection, today, first=first, last=last, programme=asked.programme or None)
        filters = read_filters(connection)
    if name is None and not duties:
        raise HTTPException(404)
    return desk.answer(
        request,
        "secretariat/desk/agency",
        agency=agency,
        name=name or agency,
        duties=duties,
        row=next((row for row in board.rows if row.code == agency), None),
        asked=asked,
        filters=filters,
        decides=visitor.role in DECIDES,
        done=request.query_params.get("done", ""),
    )


def _find(desk: Desk, agency: str, act: str, occurrence: str) -> OwedDuty:
    if act not in ACTS:
        raise HTTPException(404)
    days = desk.definitions.working_days
    with desk.reading() as connection:
        found = find_duty(connection, f"{occurrence}/{agency}", desk.today(), days)
    if found is None:
        raise HTTPException(404)
    return found


def _form(
    desk: Desk, request: Request, duty: OwedDuty, agency: str, act: str, form: dict[str, str], *mistakes: str
) -> Response:
    return desk.answer(
        request,
        "secretariat/desk/record",
        422 if mistakes else 200,
        duty=duty,
        agency=agency,
        act=act,
        form=form,
        mistakes=mistakes,
    )


def _record(
    desk: Desk, request: Request, visitor: Visitor, about: tuple[str, str, str], form: dict[str, str]
) -> Response:
    agency, act, _rest = about
    duty, days = _find(desk, *about), desk.definitions.working_days
    try:
        why = read_line(form, "why", "lý do", required=act != "da-nop")
        recorded = Recorded(visitor.name, desk.now(), why, read_line(form, "document", "văn bản") or None)
        with desk.writing() as connection:
            _write(connection, act, duty.duty, form, recorded, days)
            desk.notices.plan(connection)  # whoever knows the old day hears of the new one with the next sending
    except DonDocError as error:
        return _form(desk, request, duty, agency, act, form, str(error))
    wake_feeds(request)
    year = duty.last_on_time.year if duty.last_on_time else desk.today().year
    return RedirectResponse(f"/thu-ky/nhiem-vu/{agency}?nam={year}&done={act}", 303)


def _write(
    connection: Connection, act: str, duty: str, form: dict[str, str], recorded: Recorded, days: WorkingDays
) -> None:
    """One line about the duty; what follows for notices is planned by the next planning."""
    match act:
        case "da-nop":
            on = read_day(form, "on", "ngày nộp")
            require_past(on, recorded.today, "Ngày nộp")
            if not mark_done(connection, duty, on, recorded):
                raise ImpossibleDecision(f"{duty} đã ghi nhận rồi, hoặc đã được miễn.")
        case "gia-han":
            extend_duty(connection, duty, read_day(form, "until", "hạn mới"), recorded, days)
        case "tra-lai":
            return_duty(connection, duty, recorded, read_day_if_any(form, "until", "ngày nộp lại"))
        case "mien":
            waive_duty(connection, duty, recorded)
