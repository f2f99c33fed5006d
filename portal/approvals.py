"""What waits for a decision: letters to sign, requests for more time, open matters of the year.

A decision is recorded in our database first; then the run that waits for it on Prefect's screen is let go on. When
Prefect does not answer the decision stands, and the chase flow calls that run off at its next turn.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from board.answered import read_answered, read_signed
from board.matters import Matter, read_matters
from board.registers import count_untried
from models.errors import DonDocError
from notices.answers import file_answer
from notices.letter_document import MEDIA_TYPE
from notices.letters import Decision, letters_waiting
from office.prefect_api import PrefectApi, PrefectRefused
from office.sessions import Visitor
from office.settings import VIETNAM
from planning.agenda import PROGRAMMES
from planning.more_time import WaitingRequest, grant_request, refuse_request, requests_waiting
from planning.typed_text import one_line
from portal.desk import Desk
from portal.guard import DECIDES, of_the_office, read_checked_form
from portal.typed import read_day, read_line, read_number

_log = logging.getLogger(__name__)
# Prefect's worker breaks off when a run goes on whose first process has not ended yet; the chase flow ends it later.
SETTLES = timedelta(seconds=30)
PATIENCE = 5.0  # seconds: somebody is looking at the page meanwhile
LETTERS, REQUESTS = "duyet-cong-van", "duyet-gia-han"  # the deployments whose runs wait (prefect.yaml)
DECISIONS: dict[str, Decision] = {"duyet": "approve", "tra-lai": "return", "khong-gui": "waive"}
IN_FORM: dict[Decision, str] = {"approve": "Duyệt", "return": "Trả lại", "waive": "Không gửi"}  # as the flow asks

# an open matter is decided on a page of its own where there is one, else on its occurrence's
DECIDED_ON = {"fix_date": "an-dinh", "team": "doan", "waiting": "su-viec"}
OF_A_LETTER = {"number": "số văn bản", "signer": "người ký", "remark": "ghi chú"}
ANSWERS = {"cho": "Cho gia hạn", "khong": "Không cho gia hạn"}


@dataclass(frozen=True, slots=True)
class Refused:
    """What could not be recorded: about which letter or request, what was typed, and why."""

    about: str
    form: Mapping[str, str]
    sentence: str


def approval_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/duyet``, the drafts to read, and where decisions are sent."""
    router = APIRouter()
    reader, decider = Depends(of_the_office(desk)), Depends(of_the_office(desk, *DECIDES))

    @router.get("/thu-ky/duyet")
    def show(request: Request, visitor: Visitor = reader) -> Response:
        return _page(desk, request, visitor)

    @router.get("/thu-ky/duyet/cong-van/{letter:int}/du-thao.docx")
    def draft(letter: int, visitor: Visitor = reader) -> Response:
        return _draft(desk, letter)

    @router.post("/thu-ky/duyet/cong-van/{letter:int}")
    async def decide(request: Request, letter: int, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_decide_letter, desk, request, visitor, letter, form)

    @router.post("/thu-ky/duyet/gia-han/{number:int}")
    async def answer(request: Request, number: int, visitor: Visitor = decider) -> Response:
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_answer_request, desk, request, visitor, number, form)

    return router


def _page(desk: Desk, request: Request, visitor: Visitor, refused: Refused | None = None) -> Response:
    today = desk.today()
    about = read_number(request.query_params.get("so", ""), 9)
    with desk.reading() as connection:
        letters, requests = letters_waiting(connection), requests_waiting(connection)
        kinds = read_matters(connection, today.year, today)
        untried = count_untried(connection, today)
        signed = read_signed(connection, about) if about else None
        answered = read_answered(connection, about) if about else None
        papers = dict(connection.execute(select(PROGRAMMES.c.code, PROGRAMMES.c.short)).tuples().all())
    return desk.answer(
        request,
        "secretariat/desk/approvals",
        422 if refused else 200,
        letters=letters,
        requests=requests,
        waited=waited_on(desk),
        kinds=kinds,
        opened=request.query_params.get("mo", ""),
        where=lambda matter: _where(matter, today.year, decides=visitor.role in DECIDES),
        signed=signed,
        answered=answered,
        papers=papers,
        untried=untried,
        refused=refused,
        decides=visitor.role in DECIDES,
        signer_title=desk.settings.letter_signer_title,
        done=request.query_params.get("done", ""),
        later="luong" in request.query_params,
        prefect=desk.settings.prefect_address,
    )


def waited_on(desk: Desk) -> Callable[[WaitingRequest], int]:
    """How many working days a request has waited for its answer."""
    days, today = desk.definitions.working_days, desk.today()
    return lambda asked: days.between(asked.at.astimezone(VIETNAM).date(), today)


def _where(matter: Matter, year: int, *, decides: bool) -> str:
    """Where it is decided, or looked at by who only reads: the occurrence it is about, else its programme's year.

    Empty when nowhere here.
    """
    if len(matter.occurrences) == 1:
        page = DECIDED_ON.get(matter.kind, "viec") if decides else "viec"
        return f"/thu-ky/{page}/{quote(matter.occurrences[0])}"
    return f"/thu-ky/nam/{year}?{urlencode({'programme': matter.programme})}" if matter.occurrences else ""


def _draft(desk: Desk, letter: int) -> Response:
    """The draft as it stands now, written anew: agencies drop out of it as they send."""
    with desk.reading() as connection:
        waiting = next((one for one in letters_waiting(connection) if one.id == letter), None)
    if waiting is None:
        raise HTTPException(404)
    path = desk.settings.letters_folder / f"du-thao-{letter}-lan-{waiting.round}.docx"
    if path not in desk.notices.write_drafts():
        raise HTTPException(404)
    shown = {"Content-Disposition": f'attachment; filename="{path.name}"'}
    return Response(path.read_bytes(), media_type=MEDIA_TYPE, headers=desk.headers | shown)


def _decide_letter(desk: Desk, request: Request, visitor: Visitor, letter: int, form: dict[str, str]) -> Response:
    decision = DECISIONS.get(form.get("decision", ""))
    round = read_number(form.get("round", ""), 5)
    if decision is None or round is None:
        raise HTTPException(400)
    try:
        given = {field: read_line(form, field, name, most=300) for field, name in OF_A_LETTER.items()}
        title = read_title(form)
        desk.notices.decide(letter, decision, visitor.name, **given, round=round, signer_title=title)
    except DonDocError as error:
        return _page(desk, request, visitor, Refused(f"letter-{letter}", form, str(error)))
    filled = {"decision": IN_FORM[decision], "name": visitor.name, **given, "signer_title": title}
    went_on = go_on(desk, LETTERS, {"letter": letter, "round": round}, filled)
    return _decided(form["decision"], letter, went_on)


def read_title(form: Mapping[str, str]) -> str:
    """The signer's title, each line of it on one line; empty for the office's usual one."""
    lines = form.get("signer_title", "").replace("\r", "\n").split("\n")
    return "\n".join(line for one in lines if (line := one_line(one, "chức vụ người ký", most=200)))


def _answer_request(desk: Desk, request: Request, visitor: Visitor, number: int, form: dict[str, str]) -> Response:
    decision = form.get("decision", "")
    if decision not in ANSWERS:
        raise HTTPException(400)
    remark, at, days = form.get("remark", ""), desk.now(), desk.definitions.working_days
    try:
        with desk.writing() as connection:
            if decision == "cho":
                grant_request(connection, number, read_day(form, "until", "hạn mới"), visitor.name, remark, at, days)
            else:
                refuse_request(connection, number, visitor.name, remark, at)
            file_answer(connection, number, at, days)
            desk.notices.plan(connection)  # its reminders follow the new day from now on
    except DonDocError as error:
        return _page(desk, request, visitor, Refused(f"request-{number}", form, str(error)))
    filled = {"decision": ANSWERS[decision], "name": visitor.name, "until": form.get("until") or None, "remark": remark}
    return _decided(decision, number, go_on(desk, REQUESTS, {"request": number}, filled))


def _decided(word: str, about: int, went_on: bool) -> Response:
    return RedirectResponse(f"/thu-ky/duyet?done={word}&so={about}{'' if went_on else '&luong=sau'}", 303)


def go_on(desk: Desk, deployment: str, about: dict[str, Any], filled: dict[str, Any]) -> bool:
    """Lets the runs of ``deployment`` that wait about this go on with the form filled in; False when one could not.

    A run that goes on finds it decided and ends. Nothing waits there when an office decides by command alone.
    """
    went_on = True
    prefect = PrefectApi(desk.settings.prefect_address, patience=PATIENCE, timeout=PATIENCE)
    try:
        for run in prefect.find_paused_runs(deployment):
            if about.items() <= run.parameters.items():
                settled = desk.really() - run.since >= SETTLES
                went_on = settled and prefect.resume(run.id, filled) and went_on
    except PrefectRefused as error:
        _log.warning("Lượt chạy đang chờ chưa được cho đi tiếp: %s", error, extra={"action": "prefect.refused"})
        return False
    return went_on
