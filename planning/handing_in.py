"""Holds a connection: what agencies hand in for their duties, whole or in part, and one file of it.

Key: UNIQUE(submission.key), the form's own: a button pressed twice hands in once and gives the same receipt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from calendars.components import TIME_ZONE
from calendars.wording import say_short
from models.audit import append_audit
from models.columns import table_of
from models.errors import DonDocError
from models.occurrence import Status
from models.submission import RequestState, Submission, SubmittedFile
from models.turn import await_turn
from models.waiting_requests import REQUESTS
from planning.agenda import DUTIES, OCCURRENCES
from planning.kept_files import KeptFile, check_together
from planning.submissions import ImpossibleDecision, Recorded, mark_done
from planning.typed_text import one_line, some_lines

SUBMISSIONS, SUBMITTED_FILES = table_of(Submission), table_of(SubmittedFile)
LONGEST_LINK = 500
A_LINK = re.compile(r"https://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(:\d{1,5})?([/?#][!-~]*)?")


class UnknownDuty(DonDocError):
    """Nobody owes such a duty, or it is another agency's: both are answered alike."""


class UnusableSubmission(DonDocError):
    """What was filled in does not make a handing-in."""


class UnknownFile(DonDocError):
    """There is no such file, or it is another agency's: both are answered alike."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A form as it was sent: ``complete`` or only a part, with at least a numbered document, a link or files.

    ``agency`` is whose page it came from; None: the secretariat records it for them. ``contact`` is the code of who
    holds the link, ``by`` the name typed. ``key`` is the form's own.
    """

    duty: str
    by: str
    complete: bool
    key: str
    contact: str | None = None
    document_number: str = ""
    document_date: date | None = None
    link: str = ""
    note: str = ""
    files: tuple[KeptFile, ...] = ()
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was recorded. ``done_on`` is the day the duty counts as done, None while it is open.

    ``repeated``: the same form had been sent before, and nothing was recorded now.
    """

    submission: int
    duty: str
    complete: bool
    at: datetime
    done_on: date | None
    digests: tuple[str, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class FiledFile:
    """One file that was handed in; ``stored`` is where it lies (planning.kept_files.place_of)."""

    number: int
    duty: str
    agency: str
    name: str
    media_type: str
    size: int
    digest: str
    stored: str


def hand_in(connection: Connection, handed: HandedIn, at: datetime) -> Receipt:
    """Records it, at the office's time ``at``; a complete one makes the duty done, or its correction.

    In the caller's transaction. Raises UnknownDuty, UnusableSubmission, UnusableText, UnusableFile, and
    ImpossibleDecision for a duty that is waived or not asked for any more.
    """
    at = at.astimezone(TIME_ZONE)
    handed_row = _row(handed, at)
    await_turn(connection)
    duty = read_owed(connection, handed.duty, handed.agency)
    row = handed_row | {"agency": duty.agency, "version": version_of(duty)}
    number = _insert_new(connection, row)
    if number is None:
        return _repeated(connection, row["key"], duty)
    files = [_file_row(number, file) for file in handed.files]
    if files:
        connection.execute(insert(SUBMITTED_FILES), files)
    document = _say_document(row["document_number"], row["document_date"])
    if handed.complete:
        _overtake(connection, handed.duty, at)
        mark_done(connection, handed.duty, at.date(), Recorded(row["by"], at, row["note"], document or None))
    details = {"submission": number, "complete": handed.complete, "document": document, "link": bool(row["link"])}
    details |= {"files": [{"digest": file.digest, "size": file.size} for file in handed.files]}
    append_audit(connection, at, row["by"], "duty.handed_in", handed.duty, details)
    return _receipt(connection, number)


def _row(handed: HandedIn, at: datetime) -> dict[str, Any]:
    """The form's fields, cleaned and checked together."""
    check_together(handed.files)
    number = one_line(handed.document_number, "số văn bản", most=100)
    link = _checked_link(handed.link)
    if bool(number) != (handed.document_date is not None):
        missing = "ngày văn bản" if number else "số văn bản"
        raise UnusableSubmission(f"Chưa ghi {missing}.", help="Ghi cả số và ngày, hoặc để trống cả hai.")
    if handed.document_date is not None and handed.document_date > at.date():
        raise UnusableSubmission(
            f"Ngày văn bản {say_short(handed.document_date)} chưa đến.", help="Ghi ngày đã ký văn bản."
        )
    if not (number or link or handed.files):
        raise UnusableSubmission(
            "Chưa có gì để nộp.", help="Ghi số và ngày văn bản, dán một đường dẫn, hoặc chọn ít nhất một tệp."
        )
    return {
        "duty": handed.duty,
        "contact": handed.contact,
        "by": one_line(handed.by, "họ tên người nộp", least=2, most=100),
        "at": at,
        "complete": handed.complete,
        "document_number": number or None,
        "document_date": handed.document_date,
        "link": link or None,
        "note": some_lines(handed.note, "ghi chú", most=2000),
        "key": one_line(handed.key, "mã của biểu mẫu", least=8, most=100),
    }


def _say_document(number: str | None, day: date | None) -> str:
    """As "số 5/BC-SYT ngày 02/12/2024"; "" without a number."""
    return f"số {number}{f' ngày {say_short(day)}' if day else ''}" if number else ""


def _checked_link(typed: str) -> str:
    link = typed.strip()
    if link and (len(link) > LONGEST_LINK or not A_LINK.fullmatch(link)):
        raise UnusableSubmission(
            "Đường dẫn không dùng được.",
            help=f"Chép cả đường dẫn bắt đầu bằng https://, không dấu cách, tối đa {LONGEST_LINK} ký tự.",
        )
    return link


def _insert_new(connection: Connection, row: dict[str, Any]) -> int | None:
    """Its number; None when a form with this key has been recorded already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(SUBMISSIONS).values(row).on_conflict_do_nothing(index_elements=["key"])
    number: int | None = connection.execute(statement.returning(SUBMISSIONS.c.id)).scalar_one_or_none()
    return number


def _file_row(submission: int, file: KeptFile) -> dict[str, Any]:
    names = ("name", "media_type", "size", "digest", "stored")
    return {"submission": submission} | {name: getattr(file, name) for name in names}


def _repeated(connection: Connection, key: str, duty: Row[Any]) -> Receipt:
    """The receipt given before; a key that was used for something else tells nothing of it."""
    here = (SUBMISSIONS.c.key == key, SUBMISSIONS.c.duty == duty.id)
    number = connection.execute(select(SUBMISSIONS.c.id).where(*here)).scalar_one_or_none()
    if number is None:
        raise UnusableSubmission("Biểu mẫu này đã dùng cho việc khác.", help="Mở lại trang của việc rồi nộp.")
    return _receipt(connection, number, repeated=True)


def _receipt(connection: Connection, number: int, *, repeated: bool = False) -> Receipt:
    found = select(SUBMISSIONS, DUTIES.c.done_on, DUTIES.c.returned_on).join(DUTIES, DUTIES.c.id == SUBMISSIONS.c.duty)
    row = connection.execute(found.where(SUBMISSIONS.c.id == number)).one()
    files = select(SUBMITTED_FILES.c.digest).where(SUBMITTED_FILES.c.submission == number)
    digests = connection.execute(files.order_by(SUBMITTED_FILES.c.id)).scalars().all()
    done_on = None if row.returned_on else row.done_on
    return Receipt(number, row.duty, row.complete, row.at, done_on, tuple(digests), repeated)


def _overtake(connection: Connection, duty: str, at: datetime) -> None:
    """Whoever has handed in needs no more time."""
    waiting = update(REQUESTS).where(REQUESTS.c.duty == duty, REQUESTS.c.state == RequestState.WAITING.value)
    connection.execute(waiting.values(state=RequestState.OVERTAKEN.value, decided_at=at))


# ---- the duty ------------------------------------------------------------------------------------


def read_owed(connection: Connection, duty: str, agency: str | None) -> Row[Any]:
    """The duty's row with its occurrence's days (``last_on_time``, ``occurrence_version``), of ``agency`` if given.

    Raises UnknownDuty, and ImpossibleDecision when it is waived or not asked for any more.
    """
    days = (OCCURRENCES.c.last_on_time, OCCURRENCES.c.due_version.label("occurrence_version"), OCCURRENCES.c.status)
    found = select(DUTIES, *days).join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
    row = connection.execute(found.where(DUTIES.c.id == duty)).first()
    if row is None or agency not in (None, row.agency):
        raise UnknownDuty("Không có nhiệm vụ này.", help="Mở lại trang của cơ quan và chọn nhiệm vụ trong danh sách.")
    if row.withdrawn or row.status == Status.CANCELLED.value:
        raise ImpossibleDecision("Nhiệm vụ này không còn trong chương trình.", help="Không còn gì phải nộp.")
    if row.waived_on is not None:
        raise ImpossibleDecision(
            f"Cơ quan đã được miễn nhiệm vụ này ngày {say_short(row.waived_on)}.", help="Không còn gì phải nộp."
        )
    return row


def version_of(duty: Row[Any]) -> str:
    """The due version of a row of ``read_owed``, as rungs have it."""
    return f"{duty.occurrence_version}.{duty.due_version}"


# ---- reading -------------------------------------------------------------------------------------


def find_file(connection: Connection, number: int, agency: str | None) -> FiledFile:
    """One file by its number; ``agency`` keeps it to what this agency has handed in. Raises UnknownFile."""
    found = (
        select(SUBMITTED_FILES, SUBMISSIONS.c.duty, SUBMISSIONS.c.agency)
        .join(SUBMISSIONS, SUBMISSIONS.c.id == SUBMITTED_FILES.c.submission)
        .where(SUBMITTED_FILES.c.id == number)
    )
    if agency is not None:
        found = found.where(SUBMISSIONS.c.agency == agency)
    row = connection.execute(found).first()
    if row is None:
        raise UnknownFile("Không có tệp này.", help="Mở lại trang của nhiệm vụ và chọn tệp trong danh sách.")
    return FiledFile(row.id, row.duty, row.agency, row.name, row.media_type, row.size, row.digest, row.stored)
