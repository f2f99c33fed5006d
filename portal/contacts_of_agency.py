"""The people of the visitor's own agency: who hears what by which channel, seen and amended by themselves.

A new address is used only once the secretariat has verified it (planning.contact_amendments); how the office
reaches somebody through a secret of its own is neither shown nor changed here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy import Connection

from models.errors import DonDocError
from models.kinds import POST_NAMES
from models.turn import await_turn
from office.sessions import Visitor
from planning.contact_amendments import amend_contact, amend_substitution, contact_as_written, read_stored_contacts
from planning.definitions import ContactDefinition, ContactsDefinition
from portal.contact_form import (
    LANGUAGES,
    POSTS,
    UnusableForm,
    new_contact,
    read_contact,
    read_end,
    read_substitution,
    shown_channels,
    typed_of,
)  # fmt: skip
from portal.desk import Desk
from portal.guard import new_form_key, of_an_agency, read_checked_form
from portal.own_duty import safe_word

HERE = "/co-quan/danh-ba"
DONE = ("sua", "them", "thay", "thoi")  # what the page may say was done
_log = logging.getLogger(__name__)


def contact_pages(desk: Desk) -> APIRouter:
    """``/co-quan/danh-ba`` and ``/co-quan/danh-ba/{code}``."""
    router, here = APIRouter(), Depends(of_an_agency(desk))

    @router.api_route(HERE, methods=["GET", "HEAD"])
    def show(request: Request, visitor: Visitor = here) -> Response:
        return _list(desk, request, visitor)

    @router.post(HERE)
    async def add(request: Request, visitor: Visitor = here) -> Response:
        form = await read_checked_form(request, visitor)
        deed = _substitute if form.get("what") == "thay" else _add
        return await run_in_threadpool(_do, desk, request, visitor, form, deed, None)

    @router.api_route(HERE + "/{code}", methods=["GET", "HEAD"])
    def show_one(request: Request, code: str, visitor: Visitor = here) -> Response:
        return _one(desk, request, visitor, code)

    @router.post(HERE + "/{code}")
    async def change(request: Request, code: str, visitor: Visitor = here) -> Response:
        form = await read_checked_form(request, visitor)
        deed = _end if form.get("what") == "thoi" else _change
        return await run_in_threadpool(_do, desk, request, visitor, form, deed, code)

    return router


Deed = Callable[[Desk, Connection, Visitor, Mapping[str, str], str | None], str]


def _do(
    desk: Desk, request: Request, visitor: Visitor, form: Mapping[str, str], deed: Deed, code: str | None
) -> Response:
    """Records what the form asks and leads back; a form that cannot be recorded is shown again as it was typed."""
    try:
        with desk.writing() as connection:
            done = deed(desk, connection, visitor, form, code)
    except (DonDocError, ValidationError) as error:
        sentence = str(error) if isinstance(error, DonDocError) else str(UnusableForm())
        if code is None:
            return _list(desk, request, visitor, form, [sentence])
        return _one(desk, request, visitor, code, form, [sentence])
    _log.info("Cơ quan sửa danh bạ của mình.", extra={"action": f"contacts.{done}"})
    return RedirectResponse(f"{HERE}?done={done}", 303, desk.headers)


def _add(desk: Desk, connection: Connection, visitor: Visitor, form: Mapping[str, str], _code: str | None) -> str:
    contact = new_contact(form, visitor.agency or "", desk.today())
    await_turn(connection)
    there = contact_as_written(connection, contact.code)
    if there is not None and there.agency != visitor.agency:
        raise UnusableForm  # added here once, and moved to another agency since
    amend_contact(connection, contact, visitor.name, desk.now(), form.get("key"))
    return "them"


def _change(desk: Desk, connection: Connection, visitor: Visitor, form: Mapping[str, str], code: str | None) -> str:
    contact = read_contact(form, _as_written(connection, visitor, code or ""))
    amend_contact(connection, contact, visitor.name, desk.now(), form.get("key"))
    return "sua"


def _end(desk: Desk, connection: Connection, visitor: Visitor, form: Mapping[str, str], code: str | None) -> str:
    contact = read_end(form, _as_written(connection, visitor, code or ""), desk.today())
    amend_contact(connection, contact, visitor.name, desk.now(), form.get("key"))
    return "thoi"


def _substitute(
    desk: Desk, connection: Connection, visitor: Visitor, form: Mapping[str, str], _code: str | None
) -> str:
    own = {one.code for one in _own(read_stored_contacts(connection), visitor)}
    if not {form.get("contact"), form.get("substitute")} <= own:
        raise HTTPException(404)  # somebody of another agency is nobody here
    substitution = read_substitution(form, desk.today())
    amend_substitution(connection, substitution, visitor.name, desk.now(), form.get("key"))
    return "thay"


def _own(contacts: ContactsDefinition, visitor: Visitor) -> list[ContactDefinition]:
    return [one for one in contacts.contacts if one.agency == visitor.agency]


def _find(connection: Connection, visitor: Visitor, code: str) -> ContactDefinition:
    """Raises HTTPException 404 for somebody of another agency, and for nobody."""
    found = next((one for one in _own(read_stored_contacts(connection), visitor) if one.code == code), None)
    if found is None:
        raise HTTPException(404)
    return found


def _as_written(connection: Connection, visitor: Visitor, code: str) -> ContactDefinition:
    """The contact without the addresses that are only kept until a new one is verified."""
    stored = _find(connection, visitor, code)  # first whether it is one of theirs
    return contact_as_written(connection, code) or stored


def _list(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    typed: Mapping[str, str] | None = None,
    mistakes: Sequence[str] = (),
) -> Response:
    with desk.reading() as connection:
        contacts = read_stored_contacts(connection)
    own = _own(contacts, visitor)
    names = {one.code: one.name for one in own}
    today = desk.today()
    return desk.answer(
        request,
        "agency/contacts",
        422 if mistakes else 200,
        people=[(one, shown_channels(one)) for one in own if one.valid_to is None or one.valid_to >= today],
        substitutions=[one for one in contacts.substitutions if one.contact in names and one.last >= today],
        names=names,
        **_form_values(typed, mistakes),
        done=safe_word(request, DONE),
    )


def _one(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    code: str,
    typed: Mapping[str, str] | None = None,
    mistakes: Sequence[str] = (),
) -> Response:
    with desk.reading() as connection:
        written, stored = _as_written(connection, visitor, code), _find(connection, visitor, code)
    return desk.answer(
        request,
        "agency/contact",
        422 if mistakes else 200,
        person=stored,
        channels=shown_channels(stored),
        **_form_values(typed_of(written) | _as_typed(typed), mistakes),
    )


def _form_values(typed: Mapping[str, str] | None, mistakes: Sequence[str]) -> dict[str, Any]:
    given = _as_typed(typed)
    return {
        "typed": typed_of(None) | given,
        "mistakes": mistakes,
        "key": given.get("key") or new_form_key(),
        "posts": POSTS,
        "post_names": POST_NAMES,
        "languages": LANGUAGES,
    }


def _as_typed(form: Mapping[str, str] | None) -> dict[str, str]:
    """A box that was not ticked is not sent at all."""
    return {} if form is None else {"digest": "", **form}
