"""The page that stops digests: one button for people, one POST for mail programs (RFC 8058). Looking stops nothing."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from notices.refusals import has_refused_digests, refuse_digests
from office.store import reading, writing
from portal.desk import Desk
from portal.forms import read_form

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
        if form.get(FIELD) != ONE_CLICK:
            return await run_in_threadpool(_page, desk, request, token, 422)
        return await run_in_threadpool(_stop, desk, request, token)

    return router


def _stop(desk: Desk, request: Request, token: str) -> Response:
    now = desk.now()
    with writing(desk.store) as connection:
        refuse_digests(connection, desk.links.read_unsubscribe(token), now.date(), now)
    _log.info("Một người nhận thôi nhận thư gộp.", extra={"action": "digest.refuse"})
    return desk.answer(request, "digests", refused=True)


def _page(desk: Desk, request: Request, token: str, status: int = 200) -> Response:
    contact = desk.links.read_unsubscribe(token)
    with reading(desk.store) as connection:
        refused = has_refused_digests(connection, contact)
    return desk.answer(request, "digests", status, refused=refused)
