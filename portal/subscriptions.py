"""Pages where calendars are subscribed to, by the secretariat and by agencies: made, shown once, changed, ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from calendars.subscription_options import Options
from calendars.subscriptions import (
    MOST_OF_A_CONTACT,
    Subscribed,
    UnknownSubscription,
    change_options,
    create_subscription,
    find_subscription,
    list_calendars,
    list_subscriptions,
    present_token,
    revoke_subscription,
    rotate_subscription,
)
from models.errors import DonDocError
from office.sessions import Visitor
from portal.desk import Desk
from portal.feed_links import links_of
from portal.feed_refresher import wake_feeds
from portal.guard import DECIDES, of_an_agency, of_the_office, read_checked_form
from portal.subscription_form import as_typed, choices_of, read_options

SHOWN_FOR = timedelta(minutes=15)  # after it was made an address is shown so long, to whoever may make one
DONE = ("doi", "thu-hoi")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where these pages stand: the office's see everything, an agency's only its visitor's own."""

    desk: Desk
    base: str
    may_read: Callable[[Request], Visitor]
    may_change: Callable[[Request], Visitor]


def subscription_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/lich`` and ``/co-quan/lich``."""
    router, agency = APIRouter(), of_an_agency(desk)
    _add_pages(router, _Place(desk, "/thu-ky/lich", of_the_office(desk), of_the_office(desk, *DECIDES)))
    _add_pages(router, _Place(desk, "/co-quan/lich", agency, agency))
    return router


def _add_pages(router: APIRouter, place: _Place) -> None:
    reader, decider = Depends(place.may_read), Depends(place.may_change)

    @router.api_route(place.base, methods=["GET", "HEAD"])
    def show_all(request: Request, visitor: Visitor = reader) -> Response:
        return _list(place, request, visitor)

    @router.api_route(f"{place.base}/{{number:int}}", methods=["GET", "HEAD"])
    def show_one(request: Request, number: int, visitor: Visitor = decider) -> Response:
        return _one(place, request, _find(place, visitor, number))

    @router.api_route(f"{place.base}/{{number:int}}/dia-chi", methods=["GET", "HEAD"])
    def show_address(request: Request, number: int, visitor: Visitor = decider) -> Response:
        return _address(place, request, _find(place, visitor, number))

    @router.post(place.base)
    async def create(request: Request, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_create, place, request, visitor, form)

    @router.post(f"{place.base}/{{number:int}}")
    async def change(request: Request, number: int, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_change, place, request, visitor, number, form)

    @router.post(f"{place.base}/{{number:int}}/doi-dia-chi")
    async def rotate(request: Request, number: int, visitor: Visitor = decider) -> Response:
        await read_checked_form(request, visitor)
        return await run_in_threadpool(_rotate, place, request, visitor, number)

    @router.post(f"{place.base}/{{number:int}}/thu-hoi")
    async def revoke(request: Request, number: int, visitor: Visitor = decider) -> Response:
        await read_checked_form(request, visitor)
        return await run_in_threadpool(_revoke, place, request, visitor, number)


# ---------------------------------------------------------------- what is shown


def _list(
    place: _Place,
    request: Request,
    visitor: Visitor,
    typed: Mapping[str, str] | None = None,
    mistakes: Sequence[str] = (),
) -> Response:
    with place.desk.reading() as connection:
        found = list_subscriptions(connection, visitor.contact)
        calendars = list_calendars(connection)
    done = request.query_params.get("done")
    return place.desk.answer(
        request,
        "subscriptions/list",
        422 if mistakes else 200,
        base=place.base,
        found=found,
        may_change=visitor.agency is not None or visitor.role in DECIDES,
        most=MOST_OF_A_CONTACT if visitor.contact else None,
        done=done if done in DONE else None,
        mistakes=mistakes,
        typed=as_typed("", Options()) | dict(typed or {}),
        owner=(typed or {}).get("owner", ""),
        calendars=calendars,
        **choices_of(calendars, for_agency=True),
    )


def _one(
    place: _Place,
    request: Request,
    one: Subscribed,
    typed: Mapping[str, str] | None = None,
    mistakes: Sequence[str] = (),
) -> Response:
    with place.desk.reading() as connection:
        calendars = list_calendars(connection)
    return place.desk.answer(
        request,
        "subscriptions/one",
        422 if mistakes else 200,
        base=place.base,
        one=one,
        done="doi" if request.query_params.get("done") == "doi" else None,
        mistakes=mistakes,
        typed=as_typed("", Options()) | dict(typed) if typed is not None else as_typed(one.title, one.options),
        **choices_of(calendars, for_agency=one.owner.startswith("agency/")),
    )


def _address(place: _Place, request: Request, one: Subscribed) -> Response:
    """The address, while it was just made; later nobody sees it again."""
    is_new = one.revoked_at is None and place.desk.really() - one.renewed_at < SHOWN_FOR
    links = None
    if is_new:
        with place.desk.reading() as connection:
            token = present_token(connection, one.id, place.desk.secret)
        links = links_of(place.desk.settings.portal_address, token, one.owner_title)
    return place.desk.answer(
        request, "subscriptions/address", 200 if is_new else 410, base=place.base, one=one, links=links,
        was_renewed=one.renewed_at > one.created_at,
    )  # fmt: skip


def _find(place: _Place, visitor: Visitor, number: int) -> Subscribed:
    """One the visitor may see; an agency's only their own. Raises HTTPException 404."""
    try:
        with place.desk.reading() as connection:
            return find_subscription(connection, number, visitor.contact)
    except UnknownSubscription:
        raise HTTPException(404) from None


# ---------------------------------------------------------------- what is done


def _create(place: _Place, request: Request, visitor: Visitor, form: dict[str, str]) -> Response:
    desk = place.desk
    owner = f"agency/{visitor.agency}" if visitor.agency else form.get("owner", "")
    try:
        options = read_options(form)
        with desk.writing() as connection:
            new = create_subscription(
                connection, owner, form.get("title", ""), options, visitor.name, desk.now(), desk.really(),
                desk.secret, visitor.contact,
            )  # fmt: skip
    except DonDocError as error:
        return _list(place, request, visitor, form, [str(error)])
    _log.info("Tạo lịch đăng ký số %d.", new.id, extra={"action": "subscription.create"})
    wake_feeds(request)
    return _led_to(place, f"/{new.id}/dia-chi")


def _change(place: _Place, request: Request, visitor: Visitor, number: int, form: dict[str, str]) -> Response:
    one = _find(place, visitor, number)
    try:
        options = read_options(form)
        with place.desk.writing() as connection:
            change_options(connection, number, form.get("title", ""), options, visitor.name, place.desk.now())
    except DonDocError as error:
        return _one(place, request, one, form, [str(error)])
    wake_feeds(request)
    return _led_to(place, f"/{number}?done=doi")


def _rotate(place: _Place, request: Request, visitor: Visitor, number: int) -> Response:
    desk = place.desk
    if (refusal := _refuse_ended(place, request, visitor, number)) is not None:
        return refusal
    with desk.writing() as connection:
        rotate_subscription(connection, number, visitor.name, desk.now(), desk.really(), desk.secret)
    _log.info("Đổi địa chỉ lịch đăng ký số %d.", number, extra={"action": "subscription.rotate"})
    wake_feeds(request)
    return _led_to(place, f"/{number}/dia-chi")


def _revoke(place: _Place, request: Request, visitor: Visitor, number: int) -> Response:
    desk = place.desk
    if (refusal := _refuse_ended(place, request, visitor, number)) is not None:
        return refusal
    with desk.writing() as connection:
        revoke_subscription(connection, number, visitor.name, desk.now(), desk.really())
    _log.info("Thu hồi lịch đăng ký số %d.", number, extra={"action": "subscription.revoke"})
    wake_feeds(request)
    return _led_to(place, "?done=thu-hoi")


def _refuse_ended(place: _Place, request: Request, visitor: Visitor, number: int) -> Response | None:
    """A button pressed again after the subscription was ended shows how things stand; nothing more happens."""
    one = _find(place, visitor, number)
    return _one(place, request, one) if one.revoked_at is not None else None


def _led_to(place: _Place, rest: str) -> Response:
    return RedirectResponse(place.base + rest, 303, place.desk.headers)
