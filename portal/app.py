"""The portal as one application: its pages, and one plain page for whatever goes wrong, without a word of how."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress

from fastapi import Depends, FastAPI, Request, Response
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect

from notices.links import UnusableLink
from notices.refusals import UnknownContact
from office.store import StoreUnusable
from portal.accounts import account_pages
from portal.acknowledge import acknowledge_pages
from portal.agency import agency_pages
from portal.agency_gate import ask_link_pages, gate_pages
from portal.approvals import approval_pages
from portal.chair import chair_pages
from portal.changes import change_pages
from portal.collecting import collecting_pages
from portal.contacts_of_agency import contact_pages
from portal.days_off import day_off_pages
from portal.desk import Desk
from portal.digests import digest_pages
from portal.duties import duty_pages
from portal.fixing import fixing_pages
from portal.guard import NotSignedIn, lead_to_entrance, visitor_of
from portal.handing_in import handing_in_pages
from portal.home import home_pages
from portal.impossible import refuse_the_impossible
from portal.inviting import inviting_pages
from portal.more_time import more_time_pages
from portal.occurrence import occurrence_pages
from portal.office_contacts import office_contact_pages
from portal.oidc import oidc_pages
from portal.operations import operation_pages
from portal.outbox import outbox_pages
from portal.registers import register_pages
from portal.sheets import sheet_pages
from portal.shut_doors import ShutDoors
from portal.sign_in import sign_in_pages
from portal.static_files import static_files
from portal.submitted_files import submitted_file_pages
from portal.subscriptions import subscription_pages
from portal.substitutes import substitute_pages
from portal.today import today_pages
from portal.year import year_pages

RETRY_AFTER = "30"  # seconds
_log = logging.getLogger(__name__)


def make_app(desk: Desk, numbers: Iterable[Collector] = ()) -> FastAPI:
    """The application of one office; ``numbers`` are told at ``/metrics`` beside its own."""
    checks = [Depends(refuse_the_impossible)]
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, dependencies=checks)
    for pages in (
        home_pages,
        sign_in_pages,
        oidc_pages,
        account_pages,
        acknowledge_pages,
        digest_pages,
        gate_pages,
        ask_link_pages,
        agency_pages,
        handing_in_pages,
        more_time_pages,
        contact_pages,
        year_pages,
        occurrence_pages,
        today_pages,
        duty_pages,
        collecting_pages,
        approval_pages,
        outbox_pages,
        register_pages,
        office_contact_pages,
        substitute_pages,
        day_off_pages,
        change_pages,
        chair_pages,
        fixing_pages,
        inviting_pages,
        submitted_file_pages,
        sheet_pages,
        subscription_pages,
    ):
        app.include_router(pages(desk))
    # Lines are slow and pages long. What a page repeats of its address stands beside no secret that is written twice
    # in the same way (portal.masks), so lengths of packed answers tell nobody anything.
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)
    app.add_middleware(ShutDoors, headers=desk.headers)  # redirects are answers too
    app.include_router(static_files(desk.headers))
    app.include_router(operation_pages(desk, numbers))
    _answer_errors(app, desk)
    return app


def _answer_errors(app: FastAPI, desk: Desk) -> None:
    def recognise(request: Request) -> None:
        # Whoever is signed in keeps their name and their way on where no page is; without a database nobody is known.
        with suppress(StoreUnusable, SQLAlchemyError):
            visitor_of(desk, request)

    def gone(request: Request, _error: Exception) -> Response:
        # Forged, revoked, never made: one answer for all, so that it tells nothing.
        recognise(request)
        return desk.answer(request, "trouble", 404, code=404)

    def refused(request: Request, error: Exception) -> Response:
        code = error.status_code if isinstance(error, HTTPException) else 400
        headers = dict(getattr(error, "headers", None) or {})
        recognise(request)
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
