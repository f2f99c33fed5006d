"""The chair's month: one sheet to print with what is coming, what is late and what waits for a decision."""

from __future__ import annotations

import re
from datetime import date

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from board.month import month_after, month_before, read_month
from office.sessions import Visitor
from office.settings import FIRST_YEAR, LAST_YEAR
from portal.desk import Desk
from portal.guard import of_the_office

# what fits one A4 sheet; the rest is counted, and is one link away
MOST_COMING, MOST_LATE, MOST_WAITING = 16, 8, 6
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
    days = desk.definitions.working_days
    with desk.reading() as connection:
        month = read_month(connection, first, desk.today(), days)
    return desk.answer(
        request,
        "secretariat/work/chair",
        month=month,
        before=month_before(first),
        after=month_after(first),
        most_coming=MOST_COMING,
        most_late=MOST_LATE,
        most_waiting=MOST_WAITING,
        committee=desk.settings.letter_issuer,
    )
