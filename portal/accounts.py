"""One's own password, and for the administrator everybody's account."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from models.account import ROLE_TITLES, AccountRole
from models.errors import DonDocError
from office.accounts import (
    Change,
    activate,
    change_role,
    create_account,
    deactivate,
    end_all_sessions,
    find_account,
    link_to_provider,
    list_accounts,
    read_role,
    read_shown,
    rename,
    set_password,
)
from office.passwords import check_password, hash_password, is_password, make_password
from office.sessions import Visitor
from portal.desk import Desk
from portal.guard import NEW_PASSWORD, let_in, of_the_office, read_checked_form
from portal.home import home_of
from portal.sign_in import MOST_WRONG, TOO_OFTEN, WITHIN
from portal.throttle import Throttle

ACCOUNTS = "/quan-tri"
DONE = frozenset({"role", "renamed", "linked", "deactivated", "activated", "ended"})
_log = logging.getLogger(__name__)


def account_pages(desk: Desk) -> APIRouter:
    """``/doi-mat-khau``, ``/quan-tri`` and what its buttons do."""
    router = APIRouter()
    tries = Throttle(MOST_WRONG, WITHIN)
    somebody = Depends(of_the_office(desk))
    administrator = Depends(of_the_office(desk, AccountRole.ADMINISTRATOR))

    @router.api_route(NEW_PASSWORD, methods=["GET", "HEAD"])
    def ask(request: Request, done: str = "", visitor: Visitor = somebody) -> Response:
        return _show_own(desk, request, visitor, done=done == "changed" and not visitor.must_change)

    @router.post(NEW_PASSWORD)
    async def change(request: Request, visitor: Visitor = somebody) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_change_own, desk, request, visitor, form, tries)

    @router.api_route(ACCOUNTS, methods=["GET", "HEAD"])
    def show(request: Request, done: str = "", visitor: Visitor = administrator) -> Response:
        return _show_all(desk, request, done=done if done in DONE else "")

    @router.post(ACCOUNTS)
    async def create(request: Request, visitor: Visitor = administrator) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_create, desk, request, visitor, form)

    @router.post(ACCOUNTS + "/{name}/{deed}")
    async def act(request: Request, name: str, deed: str, visitor: Visitor = administrator) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_act, desk, request, visitor, name, deed, form)

    return router


def _change_own(desk: Desk, request: Request, visitor: Visitor, form: dict[str, str], tries: Throttle) -> Response:
    name, now = str(visitor.account), time.monotonic()
    if not tries.is_open(name, now):
        return _show_own(desk, request, visitor, {"now": TOO_OFTEN}, 429)
    with desk.reading() as connection:
        account = find_account(connection, name)
    if account is None or not is_password(account.password, form.get("now", "")):
        tries.count(name, now)
        return _show_own(desk, request, visitor, {"now": "Mật khẩu hiện nay không đúng."}, 422)
    shown = form.get("shown", visitor.name) if visitor.must_change else visitor.name
    mistakes = _mistakes(form, name, shown)
    if mistakes:
        return _show_own(desk, request, visitor, mistakes, 422, shown=shown)
    hashed = hash_password(form["new"])
    with desk.writing() as connection:
        rename(connection, name, shown, _change(desk, visitor))
        set_password(connection, name, hashed, Change(read_shown(shown), desk.now(), desk.really()))
    response = RedirectResponse(f"{NEW_PASSWORD}?done=changed", 303)
    let_in(desk, response, account=name)
    _log.info("Đổi mật khẩu: %s.", name, extra={"action": "account.password"})
    return response


def _mistakes(form: dict[str, str], name: str, shown: str) -> dict[str, str]:
    new = form.get("new", "")
    try:
        read_shown(shown)
    except DonDocError as error:
        return {"shown": str(error)}
    try:
        check_password(new, name)
    except DonDocError as error:
        return {"new": str(error)}
    if new == form.get("now"):
        return {"new": "Mật khẩu mới phải khác mật khẩu hiện nay."}
    return {} if new == form.get("again") else {"again": "Hai lần gõ mật khẩu mới không giống nhau."}


def _show_own(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    mistakes: dict[str, str] | None = None,
    status: int = 200,
    *,
    done: bool = False,
    shown: str | None = None,
) -> Response:
    """``shown`` is the name as it was just typed, at the first sign-in; the one the account has before that."""
    return desk.answer(
        request,
        "account/password",
        status,
        mistakes=mistakes or {},
        done=done,
        forced=visitor.must_change,
        home=home_of(visitor),
        account=visitor.account,
        shown=visitor.name if shown is None else shown,
    )


def _create(desk: Desk, request: Request, visitor: Visitor, form: dict[str, str]) -> Response:
    name, password = form.get("name", "").strip(), make_password()
    hashed = hash_password(password)
    try:
        role = read_role(form.get("role", ""))
        with desk.writing() as connection:
            create_account(
                connection,
                name,
                form.get("shown", ""),
                role,
                hashed,
                _change(desk, visitor),
                provider_subject=form.get("subject"),
            )
    except DonDocError as error:
        return _show_all(desk, request, status=422, mistakes=[str(error)], typed=form)
    _log.info("Lập tài khoản %s.", name, extra={"action": "account.created"})
    return _show_all(desk, request, made=(name, password))


def _act(desk: Desk, request: Request, visitor: Visitor, name: str, deed: str, form: dict[str, str]) -> Response:
    if deed == "mat-khau":
        return _give_password(desk, request, visitor, name)
    change = _change(desk, visitor)
    deeds: dict[str, tuple[str, Callable[[Connection], object]]] = {
        "vai-tro": ("role", lambda c: change_role(c, name, read_role(form.get("role", "")), change)),
        "ho-ten": ("renamed", lambda c: rename(c, name, form.get("shown", ""), change)),
        "danh-tinh": ("linked", lambda c: link_to_provider(c, name, form.get("subject", ""), change)),
        "khoa": ("deactivated", lambda c: deactivate(c, name, change)),
        "mo": ("activated", lambda c: activate(c, name, change)),
        "ket-thuc": ("ended", lambda c: end_all_sessions(c, name, change)),
    }
    if deed not in deeds:
        raise HTTPException(404)
    done, work = deeds[deed]
    try:
        with desk.writing() as connection:
            work(connection)
    except DonDocError as error:
        return _show_all(desk, request, status=422, mistakes=[str(error)])
    return RedirectResponse(f"{ACCOUNTS}?done={done}", 303)


def _give_password(desk: Desk, request: Request, visitor: Visitor, name: str) -> Response:
    """A new one, shown once and changed at the next sign-in."""
    password = make_password()
    hashed = hash_password(password)
    try:
        with desk.writing() as connection:
            set_password(connection, name, hashed, _change(desk, visitor), must_change=True)
    except DonDocError as error:
        return _show_all(desk, request, status=422, mistakes=[str(error)])
    return _show_all(desk, request, made=(name, password))


def _show_all(
    desk: Desk,
    request: Request,
    *,
    status: int = 200,
    done: str = "",
    mistakes: list[str] | None = None,
    typed: dict[str, str] | None = None,
    made: tuple[str, str] | None = None,
) -> Response:
    """``made`` is a name and the password just given to it: shown in this one answer, which nothing keeps."""
    with desk.reading() as connection:
        accounts = list_accounts(connection)
    return desk.answer(
        request,
        "account/accounts",
        status,
        accounts=accounts,
        roles=ROLE_TITLES,
        done=done,
        mistakes=mistakes or [],
        typed=typed or {},
        made=made,
        provider=bool(desk.settings.oidc_issuer),
    )


def _change(desk: Desk, visitor: Visitor) -> Change:
    return Change(visitor.name, desk.now(), desk.really())
