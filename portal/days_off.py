"""Days off and days worked by decision: what holds, which years are still a forecast, and what a change would move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from calendars.working_days import DayOverride, WorkingDays
from models.errors import DonDocError
from office.sessions import Visitor
from planning.agenda import planned_years
from planning.amendments import Basis
from planning.effects import Effect, preview
from planning.fixing import amend_day
from portal.desk import Desk
from portal.feed_refresher import wake_feeds
from portal.guard import DECIDES, new_form_key, of_the_office, read_checked_form
from portal.typed import read_day, read_line

ADDRESS = "/thu-ky/danh-muc/ngay-nghi"
DECIDED = {"lam": True, "nghi": False, "nhu-cu": None}  # worked, off, as the file says


@dataclass(frozen=True, slots=True)
class OverrideLine:
    """One day decided otherwise than the calendar says; ``on_screen`` when it was recorded here, not in a file."""

    override: DayOverride
    explained: str
    on_screen: bool


def day_off_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/danh-muc/ngay-nghi``: the list, the preview of a change, and the change."""
    router = APIRouter()
    reader, decider = Depends(of_the_office(desk)), Depends(of_the_office(desk, *DECIDES))

    @router.get(ADDRESS)
    def show(request: Request, visitor: Visitor = reader) -> Response:
        return _page(desk, request, visitor, {})

    @router.post(ADDRESS)
    async def change(request: Request, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_change, desk, request, visitor, form)

    return router


def _page(desk: Desk, request: Request, visitor: Visitor, form: Mapping[str, str], *mistakes: str) -> Response:
    definitions, today = desk.definitions, desk.today()
    with desk.reading() as connection:
        years = sorted({*planned_years(connection), today.year, today.year + 1})
    days, on_screen = definitions.working_days, definitions.amendments.days
    overrides = {one.day: one for one in (*definitions.overrides, *definitions.amendments.overrides)}
    return desk.answer(
        request,
        "secretariat/desk/days_off",
        422 if mistakes else 200,
        provisional=[reason for year in years if (reason := days.provisional_reason(year))],
        lines=[OverrideLine(overrides[day], days.explain(day), day in on_screen) for day in sorted(overrides)],
        form=form,
        mistakes=mistakes,
        decides=visitor.role in DECIDES,
        done=request.query_params.get("done", ""),
    )


def _change(desk: Desk, request: Request, visitor: Visitor, form: dict[str, str]) -> Response:
    if form.get("decided", "") not in DECIDED:
        raise HTTPException(400)
    days = desk.definitions.working_days
    try:
        day, deed = _deed(desk, visitor, form)
        if form.get("step") != "ghi":
            return _preview(desk, request, form, preview(desk.writing, deed), days, day)
        with desk.writing() as connection:
            deed(connection)
            desk.notices.plan(connection)
    except DonDocError as error:
        return _page(desk, request, visitor, form, str(error))
    wake_feeds(request)
    return RedirectResponse(f"{ADDRESS}?done={form['decided']}", 303)


def _deed(desk: Desk, visitor: Visitor, form: Mapping[str, str]) -> tuple[date, Callable[[Connection], Effect]]:
    """The day and the change, to be tried or done; both read the same fields."""
    day = read_day(form, "day", "ngày")
    document, why = read_line(form, "document", "văn bản", most=200), read_line(form, "why", "lý do", most=300)
    basis = Basis(visitor.name, document, why, read_line(form, "key", "mã của biểu mẫu") or None)
    working, definitions, today, at = DECIDED[form["decided"]], desk.definitions, desk.today(), desk.now()
    inclusive = desk.settings.before_is_inclusive

    def deed(connection: Connection) -> Effect:
        return amend_day(
            connection, definitions, day, working, basis, today, at, before_is_inclusive=inclusive
        )  # fmt: skip

    return day, deed


def _preview(
    desk: Desk, request: Request, form: dict[str, str], effect: Effect, days: WorkingDays, day: date
) -> Response:
    return desk.answer(
        request,
        "secretariat/desk/day_off_effect",
        day=day,
        before=days.explain(day),
        effect=effect,
        moved=[one for one in effect.moved if one.details],
        form=form,
        key=new_form_key(),
    )
