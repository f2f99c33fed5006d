"""Who is at the door, and whether they may go on: sessions by cookie, roles, and the token every form carries."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote, urlencode

from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.account import AccountRole
from models.errors import DonDocError
from office.sessions import Visitor, end_session, find_session, note_request, open_session
from portal.desk import Desk
from portal.forms import read_form
from portal.masks import unmasked

COOKIE = "dondoc"
CSRF = "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN = "/dang-nhap"
NEW_PASSWORD = "/doi-mat-khau"  # noqa: S105 - an address
ASK_LINK = "/xin-lien-ket"
DECIDES = (AccountRole.SECRETARIAT, AccountRole.ADMINISTRATOR)  # who may change something
READS = tuple(AccountRole)


class NotSignedIn(DonDocError):
    """Nobody we know, at a page only some may see; ``to`` is where they may enter."""

    def __init__(self, to: str) -> None:
        self.to = to
        super().__init__("Cần đăng nhập.")


def visitor_of(desk: Desk, request: Request) -> Visitor | None:
    """Whose session the request's cookie opens; looked up once for each request."""
    if not hasattr(request.state, "visitor"):
        request.state.visitor = _find(desk, request.cookies.get(cookie_name(desk)))
    found: Visitor | None = request.state.visitor
    return found


def of_the_office(desk: Desk, *roles: AccountRole) -> Callable[[Request], Visitor]:
    """A FastAPI dependency: the visitor, when their role is one of ``roles`` (any, unless given).

    A stranger is led to the sign-in page and back; another role is answered 403. Whoever must choose a new password
    first is led there.
    """

    def check(request: Request) -> Visitor:
        visitor = visitor_of(desk, request)
        if visitor is None or visitor.role is None:
            raise NotSignedIn(SIGN_IN)
        if visitor.role not in (roles or READS):
            raise HTTPException(403)
        if visitor.must_change and request.url.path != NEW_PASSWORD:
            raise NotSignedIn(NEW_PASSWORD)
        return visitor

    return check


def of_an_agency(desk: Desk) -> Callable[[Request], Visitor]:
    """A FastAPI dependency: the visitor, when a personal link let them in; ``contact`` and ``agency`` are set."""

    def check(request: Request) -> Visitor:
        visitor = visitor_of(desk, request)
        if visitor is None or visitor.agency is None:
            raise NotSignedIn(ASK_LINK)
        return visitor

    return check


async def read_checked_form(request: Request, visitor: Visitor) -> dict[str, str]:
    """What ``visitor`` sent, once it is certain that a page of ours made them send it.

    Raises HTTPException 403 without the session's own token or from a page elsewhere, and what ``read_form`` raises.
    """
    check_origin(request)
    form = await read_form(request)
    check_csrf(form.get(CSRF, ""), visitor)
    return form


def check_csrf(given: str, visitor: Visitor) -> None:
    """Raises HTTPException 403 when a form does not carry its session's token."""
    if not hmac.compare_digest(unmasked(given), visitor.csrf.encode()):
        raise HTTPException(403)


def check_origin(request: Request) -> None:
    """Raises HTTPException 403 for a form some other site's page sent; a browser says where from."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403)


def new_form_key() -> str:
    """A key for a form that must count once, however often its button is pressed."""
    return uuid.uuid4().hex


def is_https(desk: Desk) -> bool:
    """Whether browsers reach us by TLS; only then may a cookie be kept from plain HTTP."""
    return desk.settings.portal_address.startswith("https:")


def cookie_name(desk: Desk, name: str = COOKIE) -> str:
    """What a cookie is called: with TLS browsers promise by its prefix that no other site or page of HTTP set it."""
    return f"__Host-{name}" if is_https(desk) else name


def give_cookie(desk: Desk, response: Response, name: str, value: str, lasts: timedelta | None = None) -> None:
    """A cookie for this site only, never for a script; without ``lasts`` until the browser is closed."""
    seconds = None if lasts is None else int(lasts.total_seconds())
    response.set_cookie(
        cookie_name(desk, name), value, seconds, path="/", secure=is_https(desk), httponly=True, samesite="lax"
    )


def let_in(
    desk: Desk,
    response: Response,
    *,
    account: str | None = None,
    contact: str | None = None,
    instead_of: Request | None = None,
) -> None:
    """Opens a session and gives its cookie. ``instead_of`` ends one before."""
    with desk.writing() as connection:
        if instead_of and (before := instead_of.cookies.get(cookie_name(desk))):
            end_session(connection, before)
        token = open_session(connection, desk.really(), account=account, contact=contact)
    give_cookie(desk, response, COOKIE, token)


def let_out(desk: Desk, request: Request, response: Response) -> None:
    """Ends the session."""
    if token := request.cookies.get(cookie_name(desk)):
        with desk.writing() as connection:
            end_session(connection, token)
    response.delete_cookie(cookie_name(desk), path="/", secure=is_https(desk), httponly=True, samesite="lax")


def lead_to_entrance(request: Request, error: NotSignedIn) -> Response:
    """Where a stranger is sent; after signing in they come back to the page they asked for."""
    back = request.url.path if request.method in SAFE else "/"
    if back != "/" and request.url.query:
        back += f"?{request.url.query}"
    suffix = f"?{urlencode({'next': back}, quote_via=quote, safe='/')}" if error.to == SIGN_IN and back != "/" else ""
    return RedirectResponse(error.to + suffix, 303)


def _find(desk: Desk, token: str | None) -> Visitor | None:
    if not token:
        return None
    really = desk.really()
    with desk.reading() as connection:
        found = find_session(connection, token, really, desk.today())
    if found is None:
        return None
    if not found.noted:
        with desk.writing() as connection:
            note_request(connection, token, really)
    return found.visitor
