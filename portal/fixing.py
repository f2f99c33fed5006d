"""A date, a team or an event recorded, a matter cancelled or taken back: choose, look at what it does, confirm.

The preview does the deed and takes it back, so nothing is recorded before the second button, and what it showed is
what happens. The form carries everything; its key makes a button pressed twice record once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from models.errors import DonDocError
from models.kinds import Placing
from office.sessions import Visitor
from planning.amendments import Basis
from planning.effects import Effect, preview
from planning.fixing import (
    cancel_occurrence,
    fix_date,
    name_team,
    read_hours_and_place,
    record_event,
    restore_occurrence,
)
from portal.chosen_day import KEPT, read_fix, read_key, read_proposals
from portal.desk import Desk
from portal.feed_refresher import wake_feeds
from portal.guard import DECIDES, new_form_key, of_the_office, read_checked_form
from portal.occurrence import Matter, read_matter
from portal.team import read_team, say_change, teams_to_choose
from portal.typed import read_day, read_line

Deed = Callable[[Connection], Effect]
Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a person may do to an occurrence: where, the page that asks, and the word said afterwards."""

    path: str
    page: str
    done: str


FIX = Act("an-dinh", "fix", "fixed")
CANCEL = Act("huy", "cancel", "cancelled")
RESTORE = Act("khoi-phuc", "restore", "restored")
TEAM = Act("doan", "team", "team")
EVENT = Act("su-viec", "event", "happened")


def fixing_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/an-dinh/…``, ``/thu-ky/huy/…``, ``/thu-ky/khoi-phuc/…``, ``/thu-ky/doan/…``, ``/thu-ky/su-viec/…``."""
    router = APIRouter()
    for act in (FIX, CANCEL, RESTORE, TEAM, EVENT):
        _add(router, desk, act)
    return router


def _add(router: APIRouter, desk: Desk, act: Act) -> None:
    decider = Depends(of_the_office(desk, *DECIDES))
    address = f"/thu-ky/{act.path}/{{occurrence:path}}"

    @router.get(address)
    def ask(request: Request, occurrence: str, visitor: Visitor = decider) -> Response:
        return _ask(desk, request, act, occurrence, {})

    @router.post(address)
    async def decide(request: Request, occurrence: str, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_decide, desk, request, act, occurrence, visitor, form)


def _decide(desk: Desk, request: Request, act: Act, occurrence: str, visitor: Visitor, form: Typed) -> Response:
    """The first button shows, the second does; a third leads back to the form with everything typed in it."""
    if form.get("step") == "edit":
        return _ask(desk, request, act, occurrence, form)
    try:
        deed = _deed(desk, act, occurrence, visitor, form)
        if form.get("step") != "confirm":
            return _show(desk, request, act, occurrence, form, preview(desk.writing, deed))
        with desk.writing() as connection:
            deed(connection)
            desk.notices.plan(connection)  # whoever knows the old day hears of the new one with the next sending
    except DonDocError as error:
        if error.exit_code != 1:
            raise  # the machine's trouble, not the person's
        return _ask(desk, request, act, occurrence, form, error)
    wake_feeds(request)
    return RedirectResponse(f"/thu-ky/viec/{quote(occurrence)}?done={_say_done(act, form)}", 303)


def _say_done(act: Act, form: Typed) -> str:
    """A date that took the place of another was moved; the preview knew, and its form says so."""
    return "moved" if act is FIX and form.get("again") else act.done


def _deed(desk: Desk, act: Act, occurrence: str, visitor: Visitor, form: Typed) -> Deed:
    """What the form asks for, ready to be done. Raises Unreadable."""
    definitions, today, now = desk.definitions, desk.today(), desk.now()
    do, asked = _read_deed(act, occurrence, visitor.name, form)
    inclusive = desk.settings.before_is_inclusive
    return lambda connection: do(connection, definitions, *asked, today, now, before_is_inclusive=inclusive)


def _read_deed(act: Act, occurrence: str, by: str, form: Typed) -> tuple[Callable[..., Effect], tuple[object, ...]]:
    """Which deed of planning.fixing it is, and what is typed of it."""
    if act is FIX:
        return fix_date, (read_fix(form, occurrence, by),)
    basis = Basis(by, read_line(form, "document", "văn bản"), read_line(form, "why", "lý do"), read_key(form))
    if act is TEAM:
        return name_team, (occurrence, read_team(form), basis)
    if act is EVENT:
        return record_event, (occurrence, read_day(form, "on", "ngày sự việc xảy ra"), basis)
    return (cancel_occurrence if act is CANCEL else restore_occurrence), (occurrence, basis)


def _ask(
    desk: Desk, request: Request, act: Act, occurrence: str, typed: Typed, error: DonDocError | None = None
) -> Response:
    with desk.reading() as connection:
        matter = read_matter(connection, desk, occurrence)
        held = read_hours_and_place(connection, occurrence)
        stretch, proposals = read_proposals(connection, desk, matter) if act is FIX else (None, [])
    if error is None and not typed and not _possible(act, matter):
        raise HTTPException(404)
    return desk.answer(
        request,
        f"secretariat/dates/{act.page}",
        422 if error else 200,
        matter=matter,
        typed=typed,
        mistakes=[str(error)] if error else [],
        stretch=stretch,
        held=held,
        proposals=proposals,
        deadline=matter.entry.placing == Placing.DEADLINE,
        teams=teams_to_choose(desk.definitions, matter.entry.team, desk.today()) if act is TEAM else [],
        key=typed.get("key") or new_form_key(),
    )


def _possible(act: Act, matter: Matter) -> bool:
    if act is RESTORE:
        return matter.version.to_take_back != ""
    if act is TEAM:
        return matter.takes_team
    return matter.awaits_event if act is EVENT else matter.movable


def _show(desk: Desk, request: Request, act: Act, occurrence: str, typed: Typed, effect: Effect) -> Response:
    with desk.reading() as connection:
        matter = read_matter(connection, desk, occurrence)
    return desk.answer(
        request,
        "secretariat/dates/confirm",
        act=act,
        matter=matter,
        effect=effect,
        teams=say_change(desk.definitions, matter.entry.team, typed) if act is TEAM else None,
        others=[one for one in effect.moved if one.occurrence != occurrence and one.details],
        kept={name: typed[name] for name in KEPT if name in typed},
        document=read_line(typed, "document", "văn bản"),
        why=read_line(typed, "why", "lý do"),
        place=read_line(typed, "place", "nơi"),
        key=typed.get("key") or new_form_key(),
    )
