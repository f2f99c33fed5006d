"""Asking for more time: until when and why; the secretariat decides, and the old day holds until then."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from models.errors import DonDocError
from notices.answers import file_request
from office.sessions import Visitor
from planning.handing_in import UnknownDuty
from planning.more_time import LONGEST_WHY, Asked, ask_more_time
from portal.desk import Desk
from portal.guard import new_form_key, of_an_agency, read_checked_form
from portal.own_duty import address_of, find_own
from portal.typed import read_day

_log = logging.getLogger(__name__)


def more_time_pages(desk: Desk) -> APIRouter:
    """``/co-quan/xin-gia-han/{duty}``."""
    router, here = APIRouter(), Depends(of_an_agency(desk))

    @router.api_route("/co-quan/xin-gia-han/{duty:path}", methods=["GET", "HEAD"])
    def show(request: Request, duty: str, visitor: Visitor = here) -> Response:
        return _form(desk, request, visitor, duty)

    @router.post("/co-quan/xin-gia-han/{duty:path}")
    async def ask(request: Request, duty: str, visitor: Visitor = here) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_ask, desk, request, visitor, duty, form)

    return router


def _form(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    duty: str,
    typed: Mapping[str, str] | None = None,
    mistakes: Sequence[str] = (),
) -> Response:
    given = dict(typed or {})
    return desk.answer(
        request,
        "agency/more_time",
        422 if mistakes else 200,
        one=find_own(desk, visitor, duty),
        key=given.get("key") or new_form_key(),
        typed={"until": "", "why": "", "name": visitor.name} | given,
        mistakes=mistakes,
        longest_why=LONGEST_WHY,
    )


def _ask(desk: Desk, request: Request, visitor: Visitor, duty: str, form: dict[str, str]) -> Response:
    find_own(desk, visitor, duty)
    try:
        number = _record(desk, visitor, duty, form)
    except UnknownDuty:
        raise HTTPException(404) from None
    except DonDocError as error:
        return _form(desk, request, visitor, duty, form, [str(error)])
    _log.info("Cơ quan xin gia hạn, số %d.", number, extra={"action": "request.made"})
    return RedirectResponse(f"{address_of('nhiem-vu', duty)}?done=xin", 303, desk.headers)


def _record(desk: Desk, visitor: Visitor, duty: str, form: Mapping[str, str]) -> int:
    asked = Asked(
        duty,
        form.get("name", ""),
        read_day(form, "until", "ngày xin gia hạn đến"),
        form.get("why", ""),
        form.get("key", ""),
        visitor.contact,
        visitor.agency,
    )
    days = desk.definitions.working_days
    with desk.writing() as connection:
        number = ask_more_time(connection, asked, desk.now())
        file_request(connection, number, desk.now(), days)
    return number
