"""Holds a connection: what happened to an occurrence's duties: decided, handed in, more time asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from board.story_lines import StoryFile, StoryLine
from calendars.wording import say_short
from models.agency import Agency
from models.columns import table_of
from models.notice import DutyDecision
from models.occurrence import Duty
from models.submission import ExtensionRequest, RequestState, Submission, SubmittedFile

DUTIES, AGENCIES, DECIDED = table_of(Duty), table_of(Agency), table_of(DutyDecision)
SUBMISSIONS, FILES, REQUESTS = table_of(Submission), table_of(SubmittedFile), table_of(ExtensionRequest)

OF_A_DUTY = {
    "done": "Ghi nhận đã nộp",
    "extended": "Gia hạn",
    "returned": "Trả lại để sửa",
    "waived": "Miễn, không yêu cầu nữa",
}
OF_A_REQUEST = {
    RequestState.WAITING: "đang chờ quyết định",
    RequestState.GRANTED: "đã đồng ý",
    RequestState.REFUSED: "không đồng ý",
    RequestState.OVERTAKEN: "không còn cần quyết định",
}


def tell_duties(connection: Connection, occurrence: str) -> Iterator[StoryLine]:
    """Everything about its duties, in no order."""
    owed = (
        select(DUTIES.c.id, AGENCIES.c.short)
        .outerjoin(AGENCIES, AGENCIES.c.code == DUTIES.c.agency)
        .where(DUTIES.c.occurrence == occurrence)
    )
    names = {row.id: row.short or row.id.rpartition("/")[2] for row in connection.execute(owed)}
    ours = select(DUTIES.c.id).where(DUTIES.c.occurrence == occurrence)
    for row in connection.execute(select(DECIDED).where(DECIDED.c.duty.in_(ours))):
        yield _tell_decision(row, names[row.duty])
    files = _read_files(connection, ours)
    for row in connection.execute(select(SUBMISSIONS).where(SUBMISSIONS.c.duty.in_(ours))):
        yield _tell_submission(row, names[row.duty], files.get(row.id, ()))
    for row in connection.execute(select(REQUESTS).where(REQUESTS.c.duty.in_(ours))):
        yield from _tell_request(row, names[row.duty])


def _tell_decision(row: Row[Any], agency: str) -> StoryLine:
    day = f", ngày {say_short(row.on)}" if row.what == "done" else ""
    until = f", đến {say_short(row.until)}" if row.until else ""
    what = f"{agency}: {OF_A_DUTY.get(row.what, row.what)}{day}{until}"
    return StoryLine(row.at, what, row.by, document=row.document or "", why=row.why)


def _read_files(connection: Connection, duties: Select[Any]) -> dict[int, tuple[StoryFile, ...]]:
    submissions = select(SUBMISSIONS.c.id).where(SUBMISSIONS.c.duty.in_(duties))
    found: dict[int, tuple[StoryFile, ...]] = {}
    for row in connection.execute(select(FILES).where(FILES.c.submission.in_(submissions)).order_by(FILES.c.id)):
        found[row.submission] = (*found.get(row.submission, ()), StoryFile(row.id, row.name, row.size))
    return found


def _tell_submission(row: Row[Any], agency: str, files: tuple[StoryFile, ...]) -> StoryLine:
    what = f"{agency}: {'Nộp đủ' if row.complete else 'Nộp một phần'}"
    dated = f", ngày {say_short(row.document_date)}" if row.document_date else ""
    document = f"{row.document_number or ''}{dated}".removeprefix(", ")
    return StoryLine(row.at, what, row.by, document=document, why=row.note, link=row.link or "", files=files)


def _tell_request(row: Row[Any], agency: str) -> Iterator[StoryLine]:
    answer = OF_A_REQUEST[RequestState(row.state)]
    what = f"{agency}: Xin gia hạn đến {say_short(row.until)}"
    yield StoryLine(row.at, f"{what} ({answer})", row.by, why=row.why)
    if row.decided_at:
        granted = f" đến {say_short(row.granted_until)}" if row.granted_until else ""
        reply = f"{agency}: Trả lời xin gia hạn: {answer}{granted}"
        yield StoryLine(row.decided_at, reply, row.decided_by or "", why=row.remark)
