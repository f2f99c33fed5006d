"""The chair's month: one sheet to print with what is coming, what is late and what waits for a decision."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from board.matters import pressing, read_matters
from board.month import ONE_DAY, Coming, month_after, month_before, read_month
from notices.letters import letters_waiting
from office.sessions import Visitor
from office.settings import FIRST_YEAR, LAST_YEAR
from planning.more_time import requests_waiting
from portal.approvals import waited_on
from portal.desk import Desk
from portal.guard import of_the_office

# what fits one A4 sheet; the rest is counted, and is one link away
MOST_COMING, MOST_NEXT, MOST_LATE, MOST_NAMES, MOST_WAITING = 8, 4, 5, 8, 3
NAMED = ("fix_date", "team")  # of the year's open matters what a chair asks for; the others are counted together
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
        matters = read_matters(connection, first.year, today)
        letters, requests = letters_waiting(connection), requests_waiting(connection)
    soon = pressing(matters, max(first, today), month_after(month.next) - ONE_DAY)
    waiting = {kind: number for kind, number in soon.items() if kind.kind in NAMED}
    over = month.next <= today  # of a month that is over everything is shown
    return desk.answer(
        request,
        "secretariat/desk/chair",
        month=month,
        letters=letters,
        requests=requests,
        waited=waited_on(desk),
        waiting=waiting,
        others=sum(len(kind.matters) for kind in matters) - sum(waiting.values()),
        coming=_first_what_has_a_day(one for one in month.this_month if over or one.day >= today),
        next_coming=_first_what_has_a_day(month.next_month),
        every_week=_every_week(month.this_month + month.next_month),
        before=month_before(first),
        after=month_after(first),
        most_coming=MOST_COMING,
        most_next=MOST_NEXT,
        most_late=MOST_LATE,
        most_names=MOST_NAMES,
        most_waiting=MOST_WAITING,
        committee=desk.settings.letter_issuer,
    )


def _first_what_has_a_day(coming: Iterable[Coming]) -> list[Coming]:
    """After what has a day comes what waits for one, then what runs through a month or a quarter, then the year's."""
    return sorted((one for one in coming if not one.weekly), key=lambda one: (not one.fixed, one.long, not one.to_fix))


def _every_week(coming: Iterable[Coming]) -> list[tuple[str, tuple[str, ...]]]:
    """Title and leads of what comes back every week, each once."""
    return list(dict.fromkeys((one.title, one.lead) for one in coming if one.weekly))
