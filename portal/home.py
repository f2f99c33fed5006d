"""The first page: the two ways in; who is already in is led to their own page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from models.account import AccountRole
from office.sessions import Visitor
from portal.desk import Desk
from portal.guard import visitor_of
from portal.languages import language_of


def home_pages(desk: Desk) -> APIRouter:
    """``/``."""
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"])
    def home(request: Request) -> Response:
        visitor = visitor_of(desk, request)
        if visitor is not None:
            asked = f"?lang={language_of(request)}" if "lang" in request.query_params else ""
            return RedirectResponse(home_of(visitor) + asked, 303)
        return desk.answer(request, "account/home")

    return router


def home_of(visitor: Visitor) -> str:
    """Where a visitor's day begins."""
    return "/co-quan" if visitor.role is None else home_of_role(visitor.role)


def home_of_role(role: AccountRole) -> str:
    """Where the day of somebody of the office begins."""
    return "/truong-ban" if role == AccountRole.CHAIR else "/thu-ky"
