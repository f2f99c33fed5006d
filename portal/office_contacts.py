"""Contacts as the secretariat keeps them: anybody of any agency, or of the office itself, added, changed, ended.

An address the secretariat says it has tried is used at once; any other waits as one an agency wrote down. To one
that waits they may send a trial mail from here, and see what the mail server said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy import Connection

from board.registers import read_contacts
from models.alphabet import alphabetical
from models.errors import DonDocError
from models.kinds import POST_NAMES
from notices.trial import NoTrial, find_untried_mail, read_trial, send_trial
from office.sessions import Visitor
from planning.contact_amendments import amend_contact, contact_as_written, read_stored_contacts, verify_channel
from planning.definitions import AgencyDefinition, ContactDefinition
from portal.contact_form import (
    ALL_POSTS,
    UnusableForm,
    new_contact,
    read_end,
    read_placed,
    read_verified,
    shown_channels,
    typed_of,
)  # fmt: skip
from portal.desk import Desk
from portal.guard import DECIDES, new_form_key, of_the_office, read_checked_form

LIST = "/thu-ky/danh-muc/nguoi-lien-he"
NEW = "/thu-ky/danh-muc/nguoi-lien-he-moi"
ONE = LIST + "/{code}/sua"

Typed = Mapping[str, str]
Deed = Callable[[Desk, Connection, Visitor, Typed, str], tuple[str, ContactDefinition]]


def office_contact_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/danh-muc/nguoi-lien-he-moi`` and ``/thu-ky/danh-muc/nguoi-lien-he/{code}/sua``."""
    router, decider = APIRouter(), Depends(of_the_office(desk, *DECIDES))

    @router.get(NEW)
    def ask_new(request: Request, visitor: Visitor = decider) -> Response:
        return _page(desk, request, "", {"agency": request.query_params.get("co-quan", "")})

    @router.post(NEW)
    async def add(request: Request, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_do, desk, request, visitor, form, _add, "")

    @router.get(ONE)
    def ask(request: Request, code: str, visitor: Visitor = decider) -> Response:
        return _page(desk, request, code, {})

    @router.post(ONE)
    async def change(request: Request, code: str, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        if form.get("what") == "thu":
            return await run_in_threadpool(_try_address, desk, request, visitor, code)
        deed = _end if form.get("what") == "thoi" else _change
        return await run_in_threadpool(_do, desk, request, visitor, form, deed, code)

    return router


def _do(desk: Desk, request: Request, visitor: Visitor, form: Typed, deed: Deed, code: str) -> Response:
    """Records what the form asks and leads back to the person; what cannot be is shown again as it was typed."""
    try:
        with desk.writing() as connection:
            done, contact = deed(desk, connection, visitor, form, code)
    except (DonDocError, ValidationError) as error:
        sentence = str(error) if isinstance(error, DonDocError) else str(UnusableForm())
        return _page(desk, request, code, {"digest": "", **form}, sentence)
    where = urlencode({"co-quan": contact.agency or "", "done": done})
    return RedirectResponse(f"{LIST}?{where}#{contact.code}", 303)


def _try_address(desk: Desk, request: Request, visitor: Visitor, code: str) -> Response:
    """One mail to the address that waits to be verified; what the server said is on the page this leads to."""
    try:
        send_trial(desk.notices, code, visitor.name)
    except NoTrial as error:
        return _page(desk, request, code, {}, str(error))
    return RedirectResponse(ONE.replace("{code}", quote(code, safe="")) + "#thu-thu", 303)


def _add(
    desk: Desk, connection: Connection, visitor: Visitor, form: Typed, _code: str
) -> tuple[str, ContactDefinition]:
    contact = new_contact(form, form.get("agency") or None, desk.today(), ALL_POSTS)
    return "them", _verify(desk, connection, visitor, form, _record(desk, connection, visitor, form, contact))


def _change(
    desk: Desk, connection: Connection, visitor: Visitor, form: Typed, code: str
) -> tuple[str, ContactDefinition]:
    contact = read_placed(form, _find(connection, code))
    return "sua", _verify(desk, connection, visitor, form, _record(desk, connection, visitor, form, contact))


def _end(desk: Desk, connection: Connection, visitor: Visitor, form: Typed, code: str) -> tuple[str, ContactDefinition]:
    contact = read_end(form, _find(connection, code), desk.today())
    return "thoi", _record(desk, connection, visitor, form, contact)


def _record(
    desk: Desk, connection: Connection, visitor: Visitor, form: Typed, contact: ContactDefinition
) -> ContactDefinition:
    directory = desk.definitions.directory
    return amend_contact(connection, contact, visitor.name, desk.now(), form.get("key"), directory=directory)


def _verify(
    desk: Desk, connection: Connection, visitor: Visitor, form: Typed, contact: ContactDefinition
) -> ContactDefinition:
    """Each address that was ticked as tried, unless it is in use already."""
    key, by, today, at = form.get("key", ""), visitor.name, desk.today(), desk.now()
    for kind in read_verified(form):
        way = next((one for one in contact.channels if one.kind is kind and one.verified is None), None)
        if way is not None:
            verify_channel(connection, contact.code, kind, way.address, today, by, at, f"{key}-{kind}")
    return contact


def _find(connection: Connection, code: str) -> ContactDefinition:
    """The contact as it was last written. Raises HTTPException 404 for nobody."""
    found = contact_as_written(connection, code)
    if found is None:
        raise HTTPException(404)
    return found


def _page(desk: Desk, request: Request, code: str, typed: Typed, mistake: str = "") -> Response:
    """The form of somebody new (without ``code``) or of a contact, with what was ``typed`` over it."""
    person, channels, values = None, [], typed_of(None)
    untried, trial, line = None, None, None
    if code:
        with desk.reading() as connection:
            person = _find(connection, code)
            stored = next(one for one in read_stored_contacts(connection).contacts if one.code == code)
            [line] = read_contacts(connection, code)
            untried = find_untried_mail(connection, code)
            trial = read_trial(connection, code, untried, desk.secret) if untried else None
        channels, values = shown_channels(stored), typed_of(person)
    values |= typed
    return desk.answer(
        request,
        "secretariat/desk/contact",
        422 if mistake else 200,
        person=person,
        line=line,
        really=desk.really(),
        channels=channels,
        untried=untried,
        trial=trial,
        typed=values,
        mistakes=[mistake] if mistake else [],
        key=typed.get("key") or new_form_key(),
        posts=ALL_POSTS,
        post_names=POST_NAMES,
        agencies=_agencies(desk, values["agency"]),
    )


def _agencies(desk: Desk, chosen: str) -> list[AgencyDefinition]:
    """Those that have not ended, and the one that is chosen, by name."""
    today, known = desk.today(), desk.definitions.directory.agencies.values()
    there = [one for one in known if one.code == chosen or (one.valid_to or today) >= today]
    return sorted(there, key=lambda one: (alphabetical(one.name), one.code))
