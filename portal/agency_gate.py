"""The gate of an agency's page: a personal link opens it for a person who reads, and a new link is asked for here.

Looking changes nothing, and neither does a program that submits every form: the digits are said in words. A new
link goes to the registered mailbox only, and the page never says whether an address is registered.
"""

from __future__ import annotations

import logging
import time

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask

from models.errors import DonDocError
from models.turn import await_turn
from notices.answers import file_link
from office.personal_links import agency_and_post, contacts_with_mail, opens, prolong
from portal.acknowledge import TRAP, read_digits, say_digits
from portal.desk import Desk
from portal.forms import read_form
from portal.guard import ASK_LINK, check_origin, let_in, new_form_key
from portal.languages import language_of
from portal.throttle import Throttle, client_of

QUARTER, HOUR = 900.0, 3600.0  # seconds
WRONG_DIGITS = 10  # of one link in a quarter of an hour
ASKED_BY_ONE_CLIENT = 20  # in an hour; a whole office may sit behind one address
ASKED_FOR_ONE_CONTACT = 3  # in an hour
LONGEST_ADDRESS = 254  # characters, RFC 5321 §4.5.3.1
_log = logging.getLogger(__name__)


def gate_pages(desk: Desk) -> APIRouter:
    """``/vao/{token}``."""
    router, wrong = APIRouter(), Throttle(WRONG_DIGITS, QUARTER)

    @router.api_route("/vao/{token}", methods=["GET", "HEAD"])
    def show(request: Request, token: str) -> Response:
        return _gate(desk, request, token)

    @router.post("/vao/{token}")
    async def enter(request: Request, token: str) -> Response:
        desk.links.read_agency(token)  # a stranger's body is not even read
        check_origin(request)
        if not wrong.is_open(token, time.monotonic()):
            raise HTTPException(429)
        form = await read_form(request)
        if mistakes := _mistakes(desk, token, form):
            wrong.count(token, time.monotonic())
            return await run_in_threadpool(_gate, desk, request, token, mistakes, form)
        return await run_in_threadpool(_enter, desk, request, token)

    return router


def ask_link_pages(desk: Desk) -> APIRouter:
    """``/xin-lien-ket``."""
    router = APIRouter()
    clients, contacts = Throttle(ASKED_BY_ONE_CLIENT, HOUR), Throttle(ASKED_FOR_ONE_CONTACT, HOUR)

    @router.api_route(ASK_LINK, methods=["GET", "HEAD"])
    def show(request: Request) -> Response:
        return _ask(desk, request)

    @router.post(ASK_LINK)
    async def ask(request: Request) -> Response:
        check_origin(request)
        client = client_of(desk, request)
        if not clients.is_open(client, time.monotonic()):
            raise HTTPException(429)
        form = await read_form(request)
        if mistakes := [*_mistakes(desk, form.get("key", ""), form), *_no_address(form)]:
            return await run_in_threadpool(_ask, desk, request, mistakes, form)
        clients.count(client, time.monotonic())
        response = desk.answer(request, "agency/ask_link", asked=True)
        # After the answer: how long it takes would tell whether the address is registered.
        response.background = BackgroundTask(_write_and_send, desk, form["address"], contacts)
        return response

    return router


def _mistakes(desk: Desk, about: str, form: dict[str, str]) -> list[str]:
    found = ["trap"] if form.get(TRAP) else []
    right = read_digits(form.get("code", "")) == desk.links.challenge(about)
    return found if right else [*found, "code"]


def _no_address(form: dict[str, str]) -> list[str]:
    address = form.get("address", "").strip()
    return [] if "@" in address and len(address) <= LONGEST_ADDRESS else ["address"]


def _gate(
    desk: Desk, request: Request, token: str, mistakes: list[str] | None = None, form: dict[str, str] | None = None
) -> Response:
    """The form that lets in; what has ended or was replaced says so and nothing else."""
    names = _names(desk, token)
    if names is None:
        return desk.answer(request, "agency/link_ended", 410)
    return desk.answer(
        request,
        "agency/gate",
        422 if mistakes else 200,
        agency=names[0],
        post=names[1],
        mistakes=mistakes or [],
        trap=TRAP,
        digits=say_digits(desk.links.challenge(token), language_of(request)),
        typed_code=(form or {}).get("code", ""),
    )


def _names(desk: Desk, token: str) -> tuple[str, str] | None:
    contact, generation = desk.links.read_agency(token)
    with desk.reading() as connection:
        if not opens(connection, contact, generation, desk.really()):
            return None
        return agency_and_post(connection, contact, desk.today())


def _enter(desk: Desk, request: Request, token: str) -> Response:
    if _names(desk, token) is None:
        return desk.answer(request, "agency/link_ended", 410)
    contact, _ = desk.links.read_agency(token)
    response = RedirectResponse("/co-quan", 303, desk.headers)
    let_in(desk, response, contact=contact, instead_of=request)
    _log.info("Một đầu mối vào trang của cơ quan.", extra={"action": "agency.enter"})
    return response


def _ask(
    desk: Desk, request: Request, mistakes: list[str] | None = None, form: dict[str, str] | None = None
) -> Response:
    key, typed = new_form_key(), form or {}
    return desk.answer(
        request,
        "agency/ask_link",
        422 if mistakes else 200,
        asked=False,
        key=key,
        trap=TRAP,
        digits=say_digits(desk.links.challenge(key), language_of(request)),
        mistakes=mistakes or [],
        typed_address=typed.get("address", ""),
    )


def _write_and_send(desk: Desk, address: str, throttle: Throttle) -> None:
    """At once, for somebody is waiting before their mailbox; what could not leave leaves with the next sending."""
    try:
        if _file_links(desk, address, throttle):
            desk.notices.send()
    except (DonDocError, SQLAlchemyError) as error:
        reason = error if isinstance(error, DonDocError) else type(error).__name__  # else it repeats the address
        _log.warning("Chưa gửi được ngay: %s", reason, extra={"action": "agency.link.later"})


def _file_links(desk: Desk, address: str, throttle: Throttle) -> bool:
    """The link to everybody whose verified address this is, not more than a few an hour; False when to nobody.

    Who only knows an address shuts nobody out by asking: a link that opens now goes on opening.
    """
    now = time.monotonic()
    with desk.reading() as connection:
        found = contacts_with_mail(connection, address, desk.today())
    asked = [contact for contact in found if throttle.is_open(contact, now)]
    if not asked:
        return False
    with desk.writing() as connection:
        await_turn(connection)
        for contact in asked:
            prolong(connection, contact, desk.really())
            file_link(connection, contact, desk.now())
    for contact in asked:
        throttle.count(contact, now)
    _log.info("Gửi liên kết mới cho %d đầu mối.", len(asked), extra={"action": "agency.link"})
    return True
