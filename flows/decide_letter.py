"""One formal letter waits for a person: suspended with a form, on the screen, until somebody decides."""

from __future__ import annotations

from typing import Any, Literal

from markupsafe import Markup
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.states import Completed
from pydantic import Field

from flows.desk import Desk, at_the_desk, key_of
from models.errors import DonDocError
from models.notice import LetterState
from notices.letters import (
    Decision,
    LetterAlreadyDecided,
    WaitingLetter,
    count_refusals,
    letters_waiting,
    note_refusal,
)

PATIENCE = 60 * 24 * 3600  # seconds: two months; the secretariat is told long before
WORDS: dict[str, Decision] = {"Duyệt": "approve", "Trả lại": "return", "Không gửi": "waive"}
BECAME = {
    LetterState.APPROVED: "Đã duyệt: công văn sẽ gửi các cơ quan còn quá hạn ở lượt gửi tới.",
    LetterState.DRAFTED: "Đã trả lại: soạn lần sau.",
    LetterState.WAIVED: "Không gửi.",
}


class LetterForm(RunInput):
    """What the screen asks; every field has its Vietnamese title. Who decides is asked: Prefect knows no persons."""

    decision: Literal["Duyệt", "Trả lại", "Không gửi"] = Field(default="Duyệt", title="Quyết định")
    name: str = Field(default="", title="Họ tên người quyết định (bắt buộc)")
    number: str = Field(default="", title="Số công văn (khi duyệt)")
    signer: str = Field(default="", title="Họ tên người ký (khi duyệt)")
    signer_title: str = Field(default="", title="Quyền hạn, chức vụ người ký (để trống nếu như thường lệ)")
    remark: str = Field(default="", title="Ý kiến (khi trả lại thì bắt buộc)")


@flow(name="Duyệt công văn", flow_run_name="Công văn {letter}, lần {round}")
async def decide_letter(letter: int, round: int) -> State[Any]:
    """Shows the draft, suspends, and records what the form says.

    On resume Prefect runs the body again from the top: everything before the suspension is repeatable, and the form
    of each attempt has a key of its own. What cannot be recorded (no name, no number) is asked again, with the reason.
    """
    with at_the_desk() as desk:
        if not await _show(desk, letter, round):
            await _show_if_decided(desk, letter)
            return Completed(name="Không còn chờ", message=f"Công văn {letter}, lần {round} đã có người quyết định.")
        while True:
            with desk.reading() as connection:
                refused = count_refusals(connection, letter, round)
            form = await asuspend_flow_run(LetterForm, timeout=PATIENCE, key=f"letter-{letter}-{round}-{refused}")
            try:
                state = desk.notices.decide(
                    letter,
                    WORDS[form.decision],
                    form.name,
                    number=form.number,
                    signer=form.signer,
                    remark=form.remark,
                    round=round,
                    signer_title=form.signer_title,
                )
            except LetterAlreadyDecided as decided:
                return Completed(name="Không còn chờ", message=str(decided))
            except DonDocError as why:
                with desk.writing() as connection:
                    note_refusal(connection, letter, round, str(why), desk.clock.now())
                await _show(desk, letter, round, remark=str(why))
                continue
            await show_decided(desk, letter, BECAME[state])
            return Completed(name="Đã quyết định", message=BECAME[state])


async def _show(desk: Desk, letter: int, round: int, remark: str = "") -> bool:
    """Publishes what is to be decided; False when it waits no longer."""
    with desk.reading() as connection:
        waiting = next((one for one in letters_waiting(connection) if (one.id, one.round) == (letter, round)), None)
    if waiting is None:
        return False
    await _publish(desk, waiting, remark)
    return True


async def _show_if_decided(desk: Desk, letter: int) -> None:
    """Somebody decided elsewhere while this run waited; a returned letter's next round has the page."""
    with desk.reading() as connection:
        again = any(one.id == letter for one in letters_waiting(connection))
    if not again:
        await show_decided(desk, letter, "Công văn đã có người quyết định.")


async def _publish(desk: Desk, letter: WaitingLetter, remark: str) -> None:
    desk.notices.write_drafts()
    draft = desk.settings.letters_folder / f"du-thao-{letter.id}-lan-{letter.round}.docx"
    await desk.show(key_of("cong-van", letter.id), "letter.md.j2", letter=letter, draft=Markup(draft), remark=remark)  # noqa: S704  the office's own path, shown as code


async def show_decided(desk: Desk, letter: int, said: str) -> None:
    """The page of a letter nobody has to decide about any more."""
    await desk.show(key_of("cong-van", letter), "letter_decided.md.j2", letter=letter, said=said)
