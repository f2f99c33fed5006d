"""The registers: agencies with their successors, contacts and how they are reached, substitutes, programmes."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection, select

from board.registers import AGENCIES, CONTACTS, read_agencies, read_contacts, read_leaves, read_programmes
from calendars.subscriptions import list_subscriptions, revoke_subscription
from models.audit import append_audit
from models.errors import DonDocError
from models.turn import await_turn
from notices.answers import file_link
from notices.readiness import find_gaps
from office.personal_links import renew, revoke
from office.sessions import Visitor
from planning.contact_amendments import verify_channel
from portal.desk import Desk
from portal.guard import DECIDES, new_form_key, of_the_office, read_checked_form
from portal.languages import language_of
from portal.typed import read_line

ACTS = ("kiem-tra", "lien-ket", "thu-hoi")  # verified, a new link, the link taken back
ADDRESS = "/thu-ky/danh-muc/nguoi-lien-he"


def register_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/danh-muc`` and a page for each register; days off have a file of their own."""
    router = APIRouter()
    reader, decider = Depends(of_the_office(desk)), Depends(of_the_office(desk, *DECIDES))

    @router.get("/thu-ky/danh-muc")
    def overview(request: Request, visitor: Visitor = reader) -> Response:
        return desk.answer(request, "secretariat/desk/registers")

    @router.get("/thu-ky/danh-muc/co-quan")
    def agencies(request: Request, visitor: Visitor = reader) -> Response:
        with desk.reading() as connection:
            lines = read_agencies(connection)
        return desk.answer(request, "secretariat/desk/agencies", lines=lines)

    @router.get("/thu-ky/danh-muc/chuong-trinh")
    def programmes(request: Request, visitor: Visitor = reader) -> Response:
        with desk.reading() as connection:
            lines = read_programmes(connection)
        return desk.answer(request, "secretariat/desk/programmes", lines=lines, prefect=desk.settings.prefect_address)

    @router.get(ADDRESS)
    def contacts(request: Request, visitor: Visitor = reader) -> Response:
        return _contacts(desk, request, visitor)

    @router.post(ADDRESS + "/{contact}")
    async def act(request: Request, contact: str, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_act, desk, request, visitor, contact, form)

    return router


def _contacts(desk: Desk, request: Request, visitor: Visitor, *mistakes: str) -> Response:
    agency = request.query_params.get("co-quan") or None
    definitions, today = desk.definitions, desk.today()
    with desk.reading() as connection:
        name = connection.execute(select(AGENCIES.c.name).where(AGENCIES.c.code == agency)).scalar() if agency else ""
        everybody, leaves = read_contacts(connection), read_leaves(connection, today)
        gaps = (
            []
            if agency
            else find_gaps(connection, definitions.ladders, definitions.working_days, today, language_of(request))
        )
    if name is None:
        raise HTTPException(404)
    contacts = [one for one in everybody if agency in (None, one.agency)]
    return desk.answer(
        request,
        "secretariat/desk/contacts",
        422 if mistakes else 200,
        agency=agency,
        name=name,
        agencies={one.agency: one.agency_name for one in everybody if one.agency},
        contacts=contacts,
        untried=[one for one in contacts if one.untried and (one.valid_to or today) >= today],
        leaves=leaves,
        gaps=gaps,
        key=new_form_key(),
        decides=visitor.role in DECIDES,
        mistakes=mistakes,
        done=request.query_params.get("done", ""),
    )


def _act(desk: Desk, request: Request, visitor: Visitor, contact: str, form: dict[str, str]) -> Response:
    act = form.get("act", "")
    if act not in ACTS:
        raise HTTPException(400)
    try:
        with desk.writing() as connection:
            await_turn(connection)
            agency = _agency_of(connection, contact)
            if act == "kiem-tra":
                _verify(connection, desk, contact, visitor.name, form)
            elif act == "lien-ket":
                renew(connection, contact, desk.really())
                file_link(connection, contact, desk.now())
                append_audit(connection, desk.now(), visitor.name, "link.renewed", f"contact/{contact}", {})
            else:
                why = read_line(form, "why", "lý do", required=True)
                _end_calendars(connection, desk, contact, visitor.name)
                revoke(connection, contact)
                append_audit(connection, desk.now(), visitor.name, "link.revoked", f"contact/{contact}", {"why": why})
    except DonDocError as error:
        return _contacts(desk, request, visitor, str(error))
    return RedirectResponse(f"{ADDRESS}?co-quan={agency}&done={act}#{contact}", 303)


def _verify(connection: Connection, desk: Desk, contact: str, by: str, form: Mapping[str, str]) -> None:
    kind, address = read_line(form, "kind", "kênh", required=True), form.get("address", "")
    key = read_line(form, "key", "mã của biểu mẫu") or None
    verify_channel(connection, contact, kind, address, desk.today(), by, desk.now(), key)


def _end_calendars(connection: Connection, desk: Desk, contact: str, by: str) -> None:
    """Whoever had the link may have made calendars by it, whose addresses would go on opening."""
    for one in list_subscriptions(connection, contact):
        if one.revoked_at is None:
            revoke_subscription(connection, one.id, by, desk.now(), desk.really())


def _agency_of(connection: Connection, contact: str) -> str:
    """Raises HTTPException 404 for somebody who is not in the book."""
    row = connection.execute(select(CONTACTS.c.agency).where(CONTACTS.c.code == contact)).first()
    if row is None:
        raise HTTPException(404)
    return row.agency or ""
