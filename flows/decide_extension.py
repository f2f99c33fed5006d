"""One request for more time waits for a person: suspended with a form, on the screen, until somebody answers."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.states import Completed
from pydantic import Field

from flows.desk import Desk, at_the_desk, key_of
from models.errors import DonDocError
from notices.answers import file_answer
from planning.more_time import (
    RequestAlreadyDecided,
    count_unrecorded,
    grant_request,
    note_unrecorded,
    refuse_request,
    requests_waiting,
)

PATIENCE = 60 * 24 * 3600  # seconds: two months, as for letters
GRANT, REFUSE = "Cho gia hạn", "Không cho gia hạn"
BECAME = {
    GRANT: "Đã cho gia hạn: cơ quan được báo ở lượt gửi tới.",
    REFUSE: "Không cho gia hạn: cơ quan được báo ở lượt gửi tới.",
}


class ExtensionForm(RunInput):
    """What the screen asks; every field has its Vietnamese title. Who decides is asked: Prefect knows no persons."""

    decision: Literal["Cho gia hạn", "Không cho gia hạn"] = Field(default="Cho gia hạn", title="Quyết định")
    name: str = Field(default="", title="Họ tên người quyết định (bắt buộc)")
    until: date | None = Field(default=None, title="Gia hạn đến hết ngày (để trống: như cơ quan xin)")
    remark: str = Field(default="", title="Ý kiến (khi không cho thì bắt buộc)")


@flow(name="Duyệt gia hạn", flow_run_name="Yêu cầu gia hạn {request}")
async def decide_extension(request: int) -> State[Any]:
    """Shows the request, suspends, and records what the form says.

    On resume Prefect runs the body again from the top: everything before the suspension is repeatable, and the form
    of each attempt has a key of its own. What cannot be recorded (no name, a day too early) is asked again.
    """
    with at_the_desk() as desk:
        if not await _show(desk, request):
            return Completed(name="Không còn chờ", message=f"Yêu cầu gia hạn {request} không còn chờ trả lời.")
        while True:
            with desk.reading() as connection:
                refused = count_unrecorded(connection, request)
            form = await asuspend_flow_run(ExtensionForm, timeout=PATIENCE, key=f"extension-{request}-{refused}")
            try:
                _record(desk, request, form)
            except RequestAlreadyDecided as decided:
                await show_answered(desk, request, str(decided))
                return Completed(name="Không còn chờ", message=str(decided))
            except DonDocError as why:
                with desk.writing() as connection:
                    note_unrecorded(connection, request, str(why), desk.clock.now())
                await _show(desk, request, remark=str(why))
                continue
            await show_answered(desk, request, BECAME[form.decision])
            return Completed(name="Đã quyết định", message=BECAME[form.decision])


def _record(desk: Desk, request: int, form: ExtensionForm) -> None:
    """The decision, the agency's answer and the new day's ladder: one transaction."""
    days, notices, now = desk.definitions.working_days, desk.notices, desk.clock.now()
    with desk.writing() as connection:
        if form.decision == GRANT:
            grant_request(connection, request, form.until, form.name, form.remark, now, days)
        else:
            refuse_request(connection, request, form.name, form.remark, now)
        file_answer(connection, request, now, days)
        notices.plan(connection)


async def _show(desk: Desk, request: int, remark: str = "") -> bool:
    """Publishes what is to be decided; False when it waits no longer."""
    with desk.reading() as connection:
        waiting = next((one for one in requests_waiting(connection) if one.number == request), None)
    if waiting is None:
        return False
    await desk.show(key_of("gia-han", request), "extension.md.j2", request=waiting, remark=remark)
    return True


async def show_answered(desk: Desk, request: int, said: str) -> None:
    """The page of a request nobody has to decide about any more."""
    await desk.show(key_of("gia-han", request), "extension_decided.md.j2", request=request, said=said)
