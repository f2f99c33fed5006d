"""Sign-in through the province's identity provider: it says who somebody is, the office's own accounts what they may.

Accounts are never made here, and none is opened but by what an administrator wrote on it: the provider's ``sub`` for
the person, or their verified mail address. A user name is no proof (OpenID Connect Core §5.7): many may choose theirs.
"""

from __future__ import annotations

import hmac
import logging
import os
import secrets
from datetime import timedelta

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.errors import DonDocError
from notices.references import resolve
from office.accounts import KnownAccount, find_by_subject
from portal.desk import Desk
from portal.guard import cookie_name, give_cookie
from portal.provider import Provider, ProviderDown, UntrustedAnswer
from portal.short_lived import ShortLived
from portal.sign_in import own_path, show_sign_in, welcome

BEGINS, COMES_BACK = "/dang-nhap/oidc", "/dang-nhap/oidc/ve"
UNDER_WAY = "dondoc-oidc"  # the cookie that remembers one sign-in while the provider looks at the person
LASTS = timedelta(minutes=10)
_log = logging.getLogger(__name__)


class UnknownPerson(DonDocError):
    """The provider vouches for somebody who has no account here."""

    def __init__(self) -> None:
        super().__init__(
            "Người này chưa có tài khoản ở Đôn Đốc, hoặc tài khoản đã khóa.", help="Nhờ người quản trị lập tài khoản."
        )


def oidc_pages(desk: Desk) -> APIRouter:
    """``/dang-nhap/oidc`` and the page the provider sends people back to."""
    router = APIRouter()
    notes = ShortLived(desk.secret, "oidc", LASTS)
    providers: list[Provider] = []

    def provider() -> Provider:
        if not desk.settings.oidc_issuer:
            raise HTTPException(404)
        if not providers:
            providers.append(open_provider(desk))
        return providers[0]

    @router.get(BEGINS)
    def begin(request: Request, next: str = "") -> Response:
        fresh = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        try:
            to = provider().entrance(**fresh)
        except DonDocError as error:
            return _refuse(desk, request, error)
        response = RedirectResponse(to, 303, desk.headers)
        note = notes.write(fresh | {"next": own_path(next)}, desk.really())
        give_cookie(desk, response, UNDER_WAY, note, LASTS)
        return response

    @router.get(COMES_BACK)
    def come_back(request: Request, state: str = "", code: str = "") -> Response:
        note = notes.read(request.cookies.get(cookie_name(desk, UNDER_WAY), ""), desk.really())
        try:
            account, next = _identify(desk, provider(), note, state, code)
            response = welcome(desk, request, account, next)
        except DonDocError as error:
            response = _refuse(desk, request, error)
        give_cookie(desk, response, UNDER_WAY, "", timedelta())  # a second answer to the same question is none
        return response

    return router


def open_provider(desk: Desk) -> Provider:
    """The provider of the office's settings. Raises UnresolvedReference."""
    chosen = desk.settings
    secret = resolve(chosen.oidc_client_secret, os.environ) if chosen.oidc_client_secret else ""
    return Provider(chosen.oidc_issuer, chosen.oidc_client_id, secret, chosen.portal_address + COMES_BACK)


def _identify(
    desk: Desk, provider: Provider, note: dict[str, str] | None, state: str, code: str
) -> tuple[KnownAccount, str]:
    if note is None or not hmac.compare_digest(note["state"].encode(), state.encode()):
        raise UntrustedAnswer("state")
    if not code:
        raise UntrustedAnswer("no code")  # the person or the provider said no
    person = provider.identify(code, note["nonce"], note["verifier"], desk.really())
    with desk.reading() as connection:
        found = [find_by_subject(connection, one) for one in (person.subject, person.mail) if one]
    account = next(filter(None, found), None)
    if account is None or not account.active:
        raise UnknownPerson
    return account, note["next"]


def _refuse(desk: Desk, request: Request, error: DonDocError) -> Response:
    reason = error.reason if isinstance(error, UntrustedAnswer) else type(error).__name__
    _log.warning("Đăng nhập qua nơi cấp danh tính không được: %s.", reason, extra={"action": "sign_in.oidc_refused"})
    codes: dict[type[DonDocError], int] = {ProviderDown: 502, UntrustedAnswer: 400, UnknownPerson: 403}
    return show_sign_in(desk, request, codes.get(type(error), 503), mistake=str(error))
