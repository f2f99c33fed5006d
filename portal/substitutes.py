"""Who stands in for whom, as the secretariat keeps it: for a time, added and made shorter or longer."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from models.alphabet import alphabetical
from models.errors import DonDocError
from office.sessions import Visitor
from planning.contact_amendments import amend_substitution, read_stored_contacts
from portal.contact_form import UnusableForm, read_substitution
from portal.desk import Desk
from portal.guard import DECIDES, new_form_key, of_the_office, read_checked_form

ADDRESS = "/thu-ky/danh-muc/nguoi-thay"


def substitute_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/danh-muc/nguoi-thay``."""
    router, decider = APIRouter(), Depends(of_the_office(desk, *DECIDES))

    @router.get(ADDRESS)
    def show(request: Request, visitor: Visitor = decider) -> Response:
        return _page(desk, request, {"contact": request.query_params.get("nguoi", "")})

    @router.post(ADDRESS)
    async def record(request: Request, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_record, desk, request, visitor, form)

    return router


def _record(desk: Desk, request: Request, visitor: Visitor, form: Mapping[str, str]) -> Response:
    """Both forms of the page send the same: one with the same person and first day is replaced."""
    try:
        substitution = read_substitution(form, desk.today())
        with desk.writing() as connection:
            amend_substitution(connection, substitution, visitor.name, desk.now(), form.get("key"))
    except (DonDocError, ValidationError) as error:
        sentence = str(error) if isinstance(error, DonDocError) else str(UnusableForm())
        return _page(desk, request, form, sentence)
    return RedirectResponse(f"{ADDRESS}?done=thay", 303)


def _page(desk: Desk, request: Request, typed: Mapping[str, str], mistake: str = "") -> Response:
    today, directory = desk.today(), desk.definitions.directory
    with desk.reading() as connection:
        contacts = read_stored_contacts(connection)
    agencies = {one.agency: directory.name(one.agency) if one.agency else "" for one in contacts.contacts}
    people = {
        one.code: f"{one.name} ({agencies[one.agency]})" if one.agency else one.name
        for one in sorted(
            contacts.contacts, key=lambda one: (alphabetical(agencies[one.agency]), alphabetical(one.name), one.code)
        )
        if (one.valid_to or today) >= today
    }
    return desk.answer(
        request,
        "secretariat/desk/substitutes",
        422 if mistake else 200,
        people=people,
        leaves=[one for one in contacts.substitutions if one.last >= today],
        typed=typed,
        mistakes=[mistake] if mistake else [],
        key=typed.get("key") or new_form_key(),
        new_key=new_form_key,
        done=request.query_params.get("done") == "thay",
    )
