"""The portal as one application: its pages, and one plain page for whatever goes wrong, without a word of how."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from notices.links import UnusableLink
from notices.refusals import UnknownContact
from office.store import StoreUnusable, reading
from portal.acknowledge import acknowledge_pages
from portal.desk import Desk
from portal.digests import digest_pages
from portal.guard import NotSignedIn, lead_to_entrance
from portal.static_files import static_files

RETRY_AFTER = "30"  # seconds
_log = logging.getLogger(__name__)


def make_app(desk: Desk) -> FastAPI:
    """The application of one office."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for pages in (acknowledge_pages, digest_pages):
        app.include_router(pages(desk))
    app.include_router(static_files(desk.headers))
    _add_health(app, desk)
    _answer_errors(app, desk)
    return app


def _add_health(app: FastAPI, desk: Desk) -> None:
    @app.api_route("/healthz", methods=["GET", "HEAD"])
    def health() -> Response:
        with reading(desk.store) as connection:
            connection.execute(text("SELECT 1"))
        return PlainTextResponse("ok\n", headers=desk.headers)


def _answer_errors(app: FastAPI, desk: Desk) -> None:
    def gone(request: Request, _error: Exception) -> Response:
        # Forged, revoked, never made: one answer for all, so that it tells nothing.
        return desk.answer(request, "trouble", 404, code=404)

    def refused(request: Request, error: Exception) -> Response:
        code = error.status_code if isinstance(error, HTTPException) else 400
        headers = dict(getattr(error, "headers", None) or {})
        return desk.answer(request, "trouble", code, headers, code=code)

    def busy(request: Request, error: Exception) -> Response:
        # Errors of SQLAlchemy repeat what was typed; ours do not.
        reason = error if isinstance(error, StoreUnusable) else type(error).__name__
        _log.error("Cơ sở dữ liệu không trả lời: %s", reason, extra={"action": "store.unusable"})
        return desk.answer(request, "trouble", 503, {"Retry-After": RETRY_AFTER}, code=503)

    def broken(request: Request, _error: Exception) -> Response:
        return desk.answer(request, "trouble", 500, code=500)  # the server logs the traceback after this

    def strange(request: Request, error: Exception) -> Response:
        assert isinstance(error, NotSignedIn)  # noqa: S101 - that is what it is registered for
        return lead_to_entrance(request, error)

    answers: dict[Callable[[Request, Exception], Response], tuple[type[Exception], ...]] = {
        gone: (UnusableLink, UnknownContact),
        strange: (NotSignedIn,),
        refused: (HTTPException, ClientDisconnect),
        busy: (StoreUnusable, SQLAlchemyError),
        broken: (Exception,),
    }
    for answer, kinds in answers.items():
        for kind in kinds:
            app.add_exception_handler(kind, answer)
