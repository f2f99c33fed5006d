"""The agency's own page: what it owes and how that stands, one duty with its story, and the button to acknowledge.

Everything is read for the visitor's agency only; what is another's is answered like what never was.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from board.agency_work import AgencyWork, Owed, Section, read_agency_work, read_owed
from board.duty_story import read_duty_story
from models.turn import await_turn
from notices.acknowledgement import acknowledge_subject
from notices.told import NOTICES, read_notices, say_kind
from office.sessions import Visitor
from portal.desk import Desk
from portal.guard import of_an_agency, read_checked_form
from portal.own_duty import address_of, find_own, safe_word

DONE = ("nhan", "xin")  # what a page may say was done
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """One section of the page."""

    name: Section
    duties: tuple[Owed, ...]


def agency_pages(desk: Desk) -> APIRouter:
    """``/co-quan`` and ``/co-quan/nhiem-vu/{duty}``."""
    router, here = APIRouter(), Depends(of_an_agency(desk))

    @router.api_route("/co-quan", methods=["GET", "HEAD"])
    def work(request: Request, visitor: Visitor = here) -> Response:
        return _work(desk, request, visitor)

    @router.api_route("/co-quan/nhiem-vu/{duty:path}", methods=["GET", "HEAD"])
    def one_duty(request: Request, duty: str, visitor: Visitor = here) -> Response:
        return _duty(desk, request, visitor, duty)

    @router.post("/co-quan/nhiem-vu/{duty:path}")
    async def acknowledge(request: Request, duty: str, visitor: Visitor = here) -> Response:
        await read_checked_form(request, visitor)
        return await run_in_threadpool(_acknowledge, desk, visitor, duty)

    return router


def _work(desk: Desk, request: Request, visitor: Visitor) -> Response:
    days = desk.definitions.working_days
    with desk.reading() as connection:
        work = read_agency_work(connection, visitor.agency or "", desk.today(), days)
        unanswered = _unanswered(connection, visitor, work)
    return desk.answer(
        request,
        "agency/work",
        work=work,
        sections=[Shown(section, work.of(section)) for section in Section],
        unanswered=unanswered,
    )


def _unanswered(connection: Connection, visitor: Visitor, work: AgencyWork) -> frozenset[str]:
    """The duties about which the visitor has been told something they have not acknowledged."""
    duties = [one.duty for one in work.owed if one.is_open]
    return _open_notices(connection, visitor, duties)


def _open_notices(connection: Connection, visitor: Visitor, duties: list[str]) -> frozenset[str]:
    which = (
        NOTICES.c.subject.in_(duties),
        NOTICES.c.sent_to == visitor.contact,
        NOTICES.c.acknowledged_at.is_(None),
    )
    return frozenset(one.subject for one in read_notices(connection, *which) if one.is_open)


def _duty(desk: Desk, request: Request, visitor: Visitor, duty: str) -> Response:
    days = desk.definitions.working_days
    with desk.reading() as connection:
        own = read_owed(connection, duty, visitor.agency or "", desk.today(), days)
        if own is None:
            raise HTTPException(404)
        story = read_duty_story(connection, duty, visitor.agency or "")
        unanswered = _open_notices(connection, visitor, [duty])
    return desk.answer(
        request,
        "agency/duty",
        one=own,
        story=story,
        unanswered=unanswered,
        done=safe_word(request, DONE),
        say_kind=say_kind,
    )


def _acknowledge(desk: Desk, visitor: Visitor, duty: str) -> Response:
    find_own(desk, visitor, duty)
    with desk.writing() as connection:
        await_turn(connection)
        count = acknowledge_subject(connection, duty, visitor.contact or "", visitor.name, desk.now())
    _log.info("Báo nhận %d thông báo trên trang của cơ quan.", count, extra={"action": "acknowledge"})
    return RedirectResponse(f"{address_of('nhiem-vu', duty)}?done=nhan", 303, desk.headers)
