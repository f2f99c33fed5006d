"""The chair's month: one sheet to print with what is coming, what is late and what waits for a decision."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from board.month import Coming, month_after, month_before, read_month
from office.sessions import Visitor
from office.settings import FIRST_YEAR, LAST_YEAR
from portal.desk import Desk
from portal.guard import of_the_office

# what fits one A4 sheet; the rest is counted, and is one link away
MOST_COMING, MOST_NEXT, MOST_LATE, MOST_WAITING = 8, 4, 5, 3
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


def chair_pages(desk: Desk) -> APIRouter:
    """``/truong-ban``; ``?thang=2024-12`` looks at another month."""
    router = APIRouter()
    reader = Depends(of_the_office(desk))

    @router.get("/truong-ban")
    def show(request: Request, visitor: Visitor = reader) -> Response:
        return _page(desk, request, _asked(request, desk.today()))

    return router


def _asked(request: Request, today: date) -> date:
    """The first day of the month the address names, or of this one."""
    typed = request.query_params.get("thang", "")
    if not typed:
        return today.replace(day=1)
    found = _MONTH.fullmatch(typed)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise HTTPException(404)
    return date(int(found[1]), int(found[2]), 1)


def _page(desk: Desk, request: Request, first: date) -> Response:
    days, today = desk.definitions.working_days, desk.today()
    with desk.reading() as connection:
        month = read_month(connection, first, today, days)
    over = month.next <= today  # of a month that is over everything is shown
    return desk.answer(
        request,
        "secretariat/desk/chair",
        month=month,
        coming=_first_what_has_a_day(one for one in month.this_month if over or one.day >= today),
        next_coming=_first_what_has_a_day(month.next_month),
        before=month_before(first),
        after=month_after(first),
        most_coming=MOST_COMING,
        most_next=MOST_NEXT,
        most_late=MOST_LATE,
        most_waiting=MOST_WAITING,
        committee=desk.settings.letter_issuer,
    )


def _first_what_has_a_day(coming: Iterable[Coming]) -> list[Coming]:
    """What nobody has chosen a day for comes after everything that has one; it is what a full sheet leaves out."""
    return sorted(coming, key=lambda one: not one.fixed)
