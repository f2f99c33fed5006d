"""The outbox as a secretary looks after it: how much waits, since when, what is held, what a person must decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from board.story_notices import say_recipient
from models.errors import DonDocError
from models.notice import STATE_NAMES, TO_DECIDE, WAITING, NoticeState
from notices.channels import NAMES
from notices.evidence import read_proof, say_answer, say_at, say_chain, say_facts
from notices.outbox import EVERYTHING, NoSuchNotice, hold, resume, retry
from notices.register import count_states, oldest_waiting, read_holds, read_register
from office.sessions import Visitor
from portal.desk import Desk
from portal.guard import DECIDES, of_the_office, read_checked_form
from portal.languages import language_of
from portal.typed import read_line

ACTS = ("gui-lai", "giu", "di-tiep")  # again, hold, go on
MOST = 200  # lines of one list
CHANNELS = {"none": "không có kênh"} | {kind.value: name for kind, name in NAMES.items()}
LISTS = {"cho": WAITING, "quyet-dinh": TO_DECIDE, "": tuple(NoticeState)}


def outbox_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/hop-gui`` and ``/thu-ky/hop-gui/{notice}``, each with what a person may do there."""
    router = APIRouter()
    reader, decider = Depends(of_the_office(desk)), Depends(of_the_office(desk, *DECIDES))

    @router.get("/thu-ky/hop-gui")
    def show(request: Request, visitor: Visitor = reader) -> Response:
        return _health(desk, request, visitor)

    @router.post("/thu-ky/hop-gui")
    async def act_on_all(request: Request, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_act, desk, request, visitor, None, form)

    @router.get("/thu-ky/hop-gui/{notice:int}")
    def show_one(request: Request, notice: int, visitor: Visitor = reader) -> Response:
        return _proof(desk, request, visitor, notice)

    @router.post("/thu-ky/hop-gui/{notice:int}")
    async def act_on_one(request: Request, notice: int, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_act, desk, request, visitor, notice, form)

    return router


def _health(
    desk: Desk, request: Request, visitor: Visitor, form: Mapping[str, str] | None = None, *mistakes: str
) -> Response:
    which = request.query_params.get("xem", "quyet-dinh")
    states = LISTS.get(which, TO_DECIDE)
    with desk.reading() as connection:
        counted = count_states(connection)
        return desk.answer(
            request,
            "secretariat/desk/outbox",
            422 if mistakes else 200,
            counted=[(STATE_NAMES[state], counted[state], _tone(state)) for state in NoticeState if state in counted],
            oldest=oldest_waiting(connection),
            holds=read_holds(connection),
            everything=EVERYTHING,
            lines=read_register(connection, states=states, most=MOST + 1, language=language_of(request)),
            called=lambda recipient: say_recipient(recipient, None),
            channels=CHANNELS,
            which=which if which in LISTS else "quyet-dinh",
            most=MOST,
            now=desk.now(),
            form=form or {},
            mistakes=mistakes,
            decides=visitor.role in DECIDES,
            done=request.query_params.get("done", ""),
        )


def _tone(state: NoticeState) -> str:
    if state in TO_DECIDE:
        return "red"
    return "green" if state in (NoticeState.ACCEPTED, NoticeState.DELIVERED) else "grey"


def _proof(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    notice: int,
    form: Mapping[str, str] | None = None,
    *mistakes: str,
) -> Response:
    with desk.reading() as connection:
        try:
            proof = read_proof(connection, notice)
        except NoSuchNotice:
            raise HTTPException(404) from None
        held = any(hold.scope == str(notice) for hold in read_holds(connection))
    return desk.answer(
        request,
        "secretariat/desk/notice",
        422 if mistakes else 200,
        proof=proof,
        facts=[(label, words) for label, words in say_facts(proof) if words],
        at=say_at,
        answered=say_answer(proof.acknowledged),
        chain=say_chain(proof.chain),
        made_at=desk.now(),
        acts=_acts(proof.state, held=held, reachable=proof.channel_kind != "none") if visitor.role in DECIDES else (),
        form=form or {},
        mistakes=mistakes,
        done=request.query_params.get("done", ""),
    )


def _acts(state: NoticeState, *, held: bool, reachable: bool) -> tuple[str, ...]:
    """What a person may do about a notice as it stands."""
    again = ("gui-lai",) if state in TO_DECIDE and reachable else ()
    if held:
        return (*again, "di-tiep")
    return (*again, "giu") if state in WAITING else again


def _act(desk: Desk, request: Request, visitor: Visitor, notice: int | None, form: dict[str, str]) -> Response:
    act = form.get("act", "")
    if act not in ACTS or (notice is None and act == "gui-lai"):
        raise HTTPException(400)
    try:
        why = read_line(form, "why", "lý do", required=True)
        with desk.writing() as connection:
            _write(connection, act, notice, by=visitor.name, why=why, at=desk.now())
    except DonDocError as error:
        if notice is None:
            return _health(desk, request, visitor, form, str(error))
        return _proof(desk, request, visitor, notice, form, str(error))
    address = "/thu-ky/hop-gui" if notice is None else f"/thu-ky/hop-gui/{notice}"
    return RedirectResponse(f"{address}?done={act}", 303)


def _write(connection: Connection, act: str, notice: int | None, *, by: str, why: str, at: datetime) -> None:
    scope = EVERYTHING if notice is None else str(notice)
    match act:
        case "giu":
            hold(connection, scope, by, why, at)
        case "di-tiep":
            resume(connection, scope, by, at, why)
        case _:
            retry(connection, int(scope), by, at, why)
