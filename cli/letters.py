"""Commands on formal letters: which wait for a decision, and the decision."""

from __future__ import annotations

from typing import cast, get_args

from cli.office import open_office
from cli.output import print_json, say, typed
from models.errors import DonDocError
from models.notice import LetterState
from notices.letters import Decision, letters_waiting
from office.settings import read_lines
from office.store import reading

BECAME = {
    LetterState.APPROVED: "đã duyệt; thư gửi các cơ quan còn quá hạn đã vào hộp gửi đi",
    LetterState.DRAFTED: "trả lại, soạn lần sau",
    LetterState.WAIVED: "không gửi",
}


def show_waiting(*, as_json: bool) -> None:
    """The drafts, each written anew as a Word file."""
    office = open_office()
    office.desk.write_drafts()
    with reading(office.store) as connection:
        waiting = letters_waiting(connection)
    if as_json:
        print_json({"letters": waiting})
        return
    if not waiting:
        say("Không có công văn nào chờ duyệt.")
    else:
        say("Sửa tay trong tệp dự thảo không được giữ: muốn đổi lời thì sửa mẫu trong templates/letters.")
    for letter in waiting:
        say(f"Công văn {letter.id}, lần {letter.round}, soạn ngày {letter.drafted_on:%d/%m/%Y}: {letter.title}")
        if letter.remark:
            say(f"  Ý kiến lần trước: {letter.remark}")
        if letter.agencies:
            say(f"  {len(letter.agencies)} cơ quan còn quá hạn: {'; '.join(letter.agencies)}")
            say(f"  Dự thảo: {office.settings.letters_folder / f'du-thao-{letter.id}-lan-{letter.round}.docx'}")
        else:
            say(f"  Không còn cơ quan nào quá hạn: «dondoc letter {letter.id} waive».")


def decide(letter: int, decision: str, by: str, number: str, signer: str, remark: str, signer_title: str = "") -> None:
    """Records the decision; a signed letter goes out at the next sending.

    ``signer_title`` is the signer's own, its lines with "|" between them; empty for the office's.
    """
    if decision not in get_args(Decision):
        raise DonDocError(f"Không có quyết định «{decision}».", help="Viết approve, return hoặc waive.")
    office = open_office()
    office.require_present()
    state = office.desk.decide(
        letter, cast(Decision, decision), typed(by), number=typed(number), signer=typed(signer),
        signer_title=_lines(signer_title), remark=typed(remark),
    )  # fmt: skip
    say(f"Công văn {letter}: {BECAME[state]}.")


def _lines(title: str) -> str:
    if not title:
        return ""
    try:
        return read_lines(typed(title))
    except ValueError:
        raise DonDocError(
            "Chức danh người ký có dòng trống.", help='Viết --signer-title "KT. TRƯỞNG BAN|PHÓ TRƯỞNG BAN".'
        ) from None
