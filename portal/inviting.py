"""Invitations to what is held on a day: the page names everybody first, its button sends."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from notices.invitations import ImpossibleInvitation, invite, read_invitees, why_not_to_invite
from office.sessions import Visitor
from portal.desk import Desk
from portal.guard import DECIDES, of_the_office, read_checked_form
from portal.occurrence import read_matter


def inviting_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/moi/{occurrence}``."""
    router = APIRouter()
    decider = Depends(of_the_office(desk, *DECIDES))

    @router.get("/thu-ky/moi/{occurrence:path}")
    def ask(request: Request, occurrence: str, visitor: Visitor = decider) -> Response:
        return _ask(desk, request, occurrence)

    @router.post("/thu-ky/moi/{occurrence:path}")
    async def send(request: Request, occurrence: str, visitor: Visitor = decider) -> Response:
        await read_checked_form(request, visitor)
        return await run_in_threadpool(_send, desk, request, occurrence, visitor)

    return router


def _ask(desk: Desk, request: Request, occurrence: str, status: int = 200) -> Response:
    with desk.reading() as connection:
        matter = read_matter(connection, desk, occurrence)
        why_not = why_not_to_invite(connection, occurrence, desk.today())
        people = [] if why_not else read_invitees(connection, occurrence, desk.today())
    return desk.answer(
        request,
        "secretariat/dates/invite",
        status,
        matter=matter,
        why_not=why_not,
        people=people,
        new=sum(one.is_new for one in people),
    )


def _send(desk: Desk, request: Request, occurrence: str, visitor: Visitor) -> Response:
    """Pressed again it invites whoever has come to it since; nobody twice."""
    with desk.reading() as connection:
        read_matter(connection, desk, occurrence)  # one there is not is answered as everywhere
    try:
        with desk.writing() as connection:
            invite(connection, occurrence, visitor.name, desk.definitions.working_days, desk.now())
    except ImpossibleInvitation:
        return _ask(desk, request, occurrence, 422)  # the page says why
    return RedirectResponse(f"/thu-ky/viec/{quote(occurrence)}?done=invited", 303)
