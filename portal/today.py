"""The secretariat's day: what is late, what comes due this week, what waits for a decision, how the outbox is."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter, Depends, Request, Response

from board.month import read_coming
from board.overdue import count_overdue, read_overdue
from board.registers import count_untried
from board.to_decide import read_drafted_letters, read_requests
from board.waiting import LETTERS_WAITING, read_waiting
from models.notice import TO_DECIDE, WAITING
from notices.outbox import EVERYTHING
from notices.register import count_states, read_holds
from office.sessions import Visitor
from planning.agenda import planned_years
from portal.desk import Desk
from portal.guard import of_the_office

WEEK, MONTH = timedelta(days=7), timedelta(days=31)
MOST = 12  # of each list; the whole of it is one link away


def today_pages(desk: Desk) -> APIRouter:
    """``/thu-ky``."""
    router = APIRouter()
    reader = Depends(of_the_office(desk))

    @router.get("/thu-ky")
    def show(request: Request, visitor: Visitor = reader) -> Response:
        return _page(desk, request)

    return router


def _page(desk: Desk, request: Request) -> Response:
    today, days = desk.today(), desk.definitions.working_days
    new_year = date(today.year, 1, 1)
    with desk.reading() as connection:
        coming = read_coming(connection, today, today + MONTH)
        counted = count_states(connection)
        return desk.answer(
            request,
            "secretariat/desk/today",
            late=read_overdue(connection, today, days, first=new_year),
            left_over=count_overdue(connection, today, new_year),
            due=[one for one in coming if one.deadline and one.day <= today + WEEK],
            events=[one for one in coming if one.fixed and not one.deadline],
            letters=read_drafted_letters(connection),
            requests=read_requests(connection),
            waiting=[one for one in read_waiting(connection, today.year) if one.name != LETTERS_WAITING],
            untried=count_untried(connection, today),
            trouble=sum(number for state, number in counted.items() if state in TO_DECIDE),
            unsent=sum(number for state, number in counted.items() if state in WAITING),
            held=any(hold.scope == EVERYTHING for hold in read_holds(connection)),
            planned=today.year in planned_years(connection),
            prefect=desk.settings.prefect_address,
            most=MOST,
        )
