"""The office's entrance: sign in with a name and a password, and sign out."""

from __future__ import annotations

import hmac
import logging
import re
import secrets
import time
from datetime import timedelta

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from office.accounts import KnownAccount, find_account, renew_hash
from office.passwords import hash_password, is_outdated, is_password
from office.sessions import Visitor
from portal.desk import Desk
from portal.forms import read_form
from portal.guard import (
    NEW_PASSWORD,
    SIGN_IN,
    check_origin,
    cookie_name,
    give_cookie,
    let_in,
    let_out,
    read_checked_form,
    visitor_of,
)
from portal.home import home_of, home_of_role
from portal.short_lived import ShortLived
from portal.throttle import Throttle, client_of

MOST_WRONG, WITHIN = 10, 15 * 60  # wrong passwords for one name, from all strange devices or one known; seconds
MOST_OF_A_PLACE = 30  # from one address, whatever the names: a whole house may sit behind it
KNOWN = "dondoc-may"  # the cookie of a device from which a name has signed in before
KNOWN_LASTS = timedelta(days=180)
BEGUN = "dondoc-vao"  # the cookie that ties the form to the browser it was shown to
FORM_LASTS = timedelta(hours=1)
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."
TOO_OFTEN = "Đã sai quá nhiều lần. Hãy đợi 15 phút rồi thử lại."
STALE = "Trang đăng nhập mở đã lâu, hoặc trình duyệt không nhận cookie. Hãy đăng nhập lại ở đây."
_log = logging.getLogger(__name__)


def sign_in_pages(desk: Desk) -> APIRouter:
    """``/dang-nhap``, ``/dang-xuat``."""
    router = APIRouter()
    entrance = Entrance(desk)

    def find(request: Request) -> Visitor | None:
        return visitor_of(desk, request)

    anybody = Depends(find)

    @router.api_route(SIGN_IN, methods=["GET", "HEAD"])
    def show(request: Request, next: str = "", visitor: Visitor | None = anybody) -> Response:
        if visitor is not None and visitor.role is not None:
            return RedirectResponse(own_path(next) or home_of(visitor), 303)
        return entrance.show(request, next=next)

    @router.post(SIGN_IN)
    async def enter(request: Request) -> Response:
        check_origin(request)
        return await run_in_threadpool(entrance.enter, request, await read_form(request))

    @router.post("/dang-xuat")
    async def leave(request: Request, visitor: Visitor | None = anybody) -> Response:
        response = RedirectResponse("/", 303)
        if visitor is not None:
            await read_checked_form(request, visitor)
            await run_in_threadpool(let_out, desk, request, response)
        return response

    return router


class Entrance:
    """The sign-in form, and the counts of what was typed wrongly.

    A device from which a name has signed in is counted by itself: nobody who guesses elsewhere shuts it out.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._forms = ShortLived(desk.secret, "sign-in", FORM_LASTS)
        self._devices = ShortLived(desk.secret, "device", KNOWN_LASTS)
        self._names, self._places = Throttle(MOST_WRONG, WITHIN), Throttle(MOST_OF_A_PLACE, WITHIN)

    def show(self, request: Request, mistake: str = "", status: int = 200, name: str = "", next: str = "") -> Response:
        """The form, tied to this browser; what was typed, except the password, is kept."""
        begun = request.cookies.get(cookie_name(self._desk, BEGUN), "")
        begun = begun if re.fullmatch(r"[A-Za-z0-9_-]{43}", begun) else secrets.token_urlsafe(32)
        token = self._forms.write({"begun": begun}, self._desk.really())
        headers = {"Retry-After": str(WITHIN)} if status == 429 else None
        response = show_sign_in(
            self._desk, request, status, headers, mistake=mistake, name=name, next=own_path(next), form_token=token
        )
        give_cookie(self._desk, response, BEGUN, begun, FORM_LASTS)
        return response

    def enter(self, request: Request, form: dict[str, str]) -> Response:
        """Lets in whoever knows an account's password; the answer does not tell which of the two was wrong."""
        name, next = form.get("name", "").strip().lower(), form.get("next", "")
        if not self._is_ours(request, form.get("form", "")):
            return self.show(request, STALE, 422, name, next)
        # Counted before the slow part, so that guesses sent at once do not all slip through.
        now, counts = time.monotonic(), self._counts(request, name)
        if not all(throttle.is_open(key, now) for throttle, key in counts):
            _log.warning("Đăng nhập sai quá nhiều lần.", extra={"action": "sign_in.throttled"})
            return self.show(request, TOO_OFTEN, 429, name, next)
        for throttle, key in counts:
            throttle.count(key, now)
        account = self._recognise(name, form.get("password", ""))
        if account is None:
            _log.info("Đăng nhập không đúng.", extra={"action": "sign_in.refused"})
            return self.show(request, WRONG, 422, name, next)
        for throttle, key in counts:
            throttle.take_back(key, now)
        response = welcome(self._desk, request, account, next)
        note = self._devices.write({"name": name, "device": secrets.token_urlsafe(16)}, self._desk.really())
        give_cookie(self._desk, response, KNOWN, note, KNOWN_LASTS)
        return response

    def _counts(self, request: Request, name: str) -> list[tuple[Throttle, str]]:
        note = self._devices.read(request.cookies.get(cookie_name(self._desk, KNOWN), ""), self._desk.really())
        if note is not None and note["name"] == name:
            return [(self._names, note["device"])]
        return [(self._names, name), (self._places, client_of(self._desk, request))]

    def _is_ours(self, request: Request, token: str) -> bool:
        # Else another site could sign somebody in under an account of its own, and read what they do there.
        signed = self._forms.read(token, self._desk.really())
        begun = request.cookies.get(cookie_name(self._desk, BEGUN), "")
        return signed is not None and hmac.compare_digest(signed["begun"].encode(), begun.encode())

    def _recognise(self, name: str, password: str) -> KnownAccount | None:
        with self._desk.reading() as connection:
            account = find_account(connection, name)
        if not is_password(account.password if account and account.active else "", password) or account is None:
            return None
        if is_outdated(account.password):
            hashed = hash_password(password)
            with self._desk.writing() as connection:
                renew_hash(connection, account, hashed)
        return account


def welcome(desk: Desk, request: Request, account: KnownAccount, next: str) -> Response:
    """A session under a new token; on to the page they asked for, unless a new password comes first."""
    to = NEW_PASSWORD if account.must_change else own_path(next) or home_of_role(account.role)
    response = RedirectResponse(to, 303)
    let_in(desk, response, account=account.name, instead_of=request)
    _log.info("Đăng nhập: %s.", account.name, extra={"action": "sign_in"})
    return response


def show_sign_in(
    desk: Desk,
    request: Request,
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    mistake: str = "",
    name: str = "",
    next: str = "",
    form_token: str = "",
) -> Response:
    """The page of the entrance; without ``form_token`` only a way back to it, for a sign-in that failed elsewhere."""
    return desk.answer(
        request,
        "account/sign_in",
        status,
        headers,
        mistakes=[mistake] if mistake else [],
        name=name,
        next=next,
        form_token=form_token,
        provider=desk.settings.oidc_name if desk.settings.oidc_issuer else "",
    )


def own_path(address: str) -> str:
    """``address`` when it is a path of ours; empty for anything a browser might take for another site's."""
    if not re.fullmatch(r"/(?![/\\])[^\\\s]*", address) or not address.isprintable() or address == "/":
        return ""
    return address
