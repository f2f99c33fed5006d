"""The page that stops digests: digits to type for people, one POST for mail programs (RFC 8058).

Looking stops nothing, and neither does a scanner that submits the form it finds here.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from notices.refusals import has_refused_digests, refuse_digests
from office.store import reading, writing
from portal.acknowledge import TRAP, read_digits, say_digits
from portal.desk import Desk
from portal.forms import read_form
from portal.languages import language_of

FIELD, ONE_CLICK = "List-Unsubscribe", "One-Click"  # RFC 8058 §3.1, to the letter
_log = logging.getLogger(__name__)


def digest_pages(desk: Desk) -> APIRouter:
    """``/thoi-gop/{token}``."""
    router = APIRouter()

    @router.api_route("/thoi-gop/{token}", methods=["GET", "HEAD"])
    def show(request: Request, token: str) -> Response:
        return _page(desk, request, token)

    @router.post("/thoi-gop/{token}")
    async def stop(request: Request, token: str) -> Response:
        desk.links.read_unsubscribe(token)
        form = await read_form(request)
        if form.get(FIELD) != ONE_CLICK and (mistakes := _mistakes(desk, token, form)):
            return await run_in_threadpool(_page, desk, request, token, mistakes)
        return await run_in_threadpool(_stop, desk, request, token)

    return router


def _stop(desk: Desk, request: Request, token: str) -> Response:
    now = desk.now()
    with writing(desk.store) as connection:
        refuse_digests(connection, desk.links.read_unsubscribe(token), now.date(), now)
    _log.info("Một người nhận thôi nhận thư gộp.", extra={"action": "digest.refuse"})
    return _page(desk, request, token)


def _mistakes(desk: Desk, token: str, form: dict[str, str]) -> list[str]:
    found = ["trap"] if form.get(TRAP) else []
    right = read_digits(form.get("code", "")) == desk.links.challenge(token)
    return found if right else [*found, "code"]


def _page(desk: Desk, request: Request, token: str, mistakes: Sequence[str] = ()) -> Response:
    contact = desk.links.read_unsubscribe(token)
    with reading(desk.store) as connection:
        refused = has_refused_digests(connection, contact)
    digits = say_digits(desk.links.challenge(token), language_of(request))
    status = 422 if mistakes else 200
    return desk.answer(request, "digests", status, refused=refused, mistakes=mistakes, trap=TRAP, digits=digits)
