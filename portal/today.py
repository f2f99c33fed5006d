"""The secretariat's day: what is late, what comes due this week, what waits for a decision, how the outbox is."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter, Depends, Request, Response

from board.late import by_matter
from board.matters import pressing, read_matters
from board.month import read_coming
from board.overdue import count_left_over, read_overdue
from board.registers import count_untried
from models.notice import TO_DECIDE, WAITING
from notices.letters import letters_waiting
from notices.outbox import EVERYTHING
from notices.register import count_states, read_holds
from office.sessions import Visitor
from planning.agenda import planned_years
from planning.more_time import requests_waiting
from portal.approvals import waited_on
from portal.desk import Desk
from portal.guard import DECIDES, of_the_office

WEEK, MONTH = timedelta(days=7), timedelta(days=31)
MOST, MOST_NAMES = 12, 40  # of each list, and of the agencies late with one matter; all are one link away


def today_pages(desk: Desk) -> APIRouter:
    """``/thu-ky``."""
    router = APIRouter()
    reader = Depends(of_the_office(desk))

    @router.get("/thu-ky")
    def show(request: Request, visitor: Visitor = reader) -> Response:
        return _page(desk, request, visitor)

    return router


def _page(desk: Desk, request: Request, visitor: Visitor) -> Response:
    today, days = desk.today(), desk.definitions.working_days
    new_year = date(today.year, 1, 1)
    with desk.reading() as connection:
        coming = read_coming(connection, today, today + MONTH)
        to_fix = [one for one in coming if one.to_fix and one.day <= today + MONTH]
        matters = read_matters(connection, today.year, today)
        soon = pressing(matters, today, today + MONTH)
        counted = count_states(connection)
        return desk.answer(
            request,
            "secretariat/desk/today",
            late=by_matter(read_overdue(connection, today, days, first=new_year)),
            left_over=count_left_over(connection, today, new_year),
            due=[one for one in coming if one.deadline and one.day <= today + WEEK],
            events=[one for one in coming if one.fixed and not one.deadline],
            to_fix=[one for one in to_fix if not one.long],
            of_the_year=sum(one.long for one in to_fix),
            letters=letters_waiting(connection),
            requests=requests_waiting(connection),
            waited=waited_on(desk),
            waiting=soon,
            others=sum(len(kind.matters) for kind in matters) - sum(soon.values()),
            untried=count_untried(connection, today),
            trouble=sum(number for state, number in counted.items() if state in TO_DECIDE),
            unsent=sum(number for state, number in counted.items() if state in WAITING),
            held=any(hold.scope == EVERYTHING for hold in read_holds(connection)),
            decides=visitor.role in DECIDES,
            planned=today.year in planned_years(connection),
            prefect=desk.settings.prefect_address,
            most=MOST,
            most_names=MOST_NAMES,
        )
