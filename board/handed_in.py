"""Holds a connection: what has been handed in for duties, the time asked for, and the letters received."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, select

from board.overdue import LETTER_DUTIES, LETTERS
from calendars.components import TIME_ZONE
from calendars.wording import Language
from models.columns import table_of
from models.notice import LetterState
from models.submission import ExtensionRequest, RequestState, Submission, SubmittedFile

SUBMISSIONS, FILES, REQUESTS = table_of(Submission), table_of(SubmittedFile), table_of(ExtensionRequest)
One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file that was handed in; ``name`` is only ever text, ``size`` in bytes, ``digest`` SHA-256."""

    number: int
    name: str
    size: int
    digest: str

    def size_in(self, language: Language) -> str:
        """As "35 byte", "12 kB", "1,2 MB"; a part of a unit counts as a whole one, so that no file has none."""
        if self.size < 1024:
            return f"{self.size} byte" if language == "vi" else f"{self.size} bytes"
        if self.size < 1024**2:
            return f"{ceil(self.size / 1024)} kB"
        megabytes = f"{ceil(self.size * 10 / 1024**2) / 10} MB"
        return megabytes.replace(".", ",") if language == "vi" else megabytes


@dataclass(frozen=True, slots=True)
class SentIn:
    """One handing-in, complete or partial."""

    number: int
    duty: str
    at: datetime
    by: str
    complete: bool
    document_number: str | None
    document_date: date | None
    link: str | None
    note: str
    files: tuple[SentFile, ...]

    @property
    def on(self) -> date:
        """The day it was handed in, in Vietnam."""
        return self.at.astimezone(TIME_ZONE).date()


@dataclass(frozen=True, slots=True)
class AskedTime:
    """A request for more time, and its answer."""

    number: int
    at: datetime
    by: str
    until: date
    why: str
    state: RequestState
    decided_at: datetime | None
    granted_until: date | None
    remark: str

    @property
    def waits(self) -> bool:
        """Whether nobody has answered yet."""
        return self.state is RequestState.WAITING


@dataclass(frozen=True, slots=True)
class ReceivedLetter:
    """A signed công văn đôn đốc about a duty; one that only waits for a signature is nobody's to see."""

    number: str
    signed_at: datetime | None


def read_sent_in(connection: Connection, duties: Sequence[str], agency: str) -> dict[str, tuple[SentIn, ...]]:
    """What ``agency`` handed in for each duty, the newest first."""
    which = SUBMISSIONS.c.duty.in_(duties), SUBMISSIONS.c.agency == agency
    rows = connection.execute(select(SUBMISSIONS).where(*which).order_by(SUBMISSIONS.c.id.desc())).all()
    return _by_duty((row.duty, one) for row, one in zip(rows, _with_files(connection, rows), strict=True))


def read_submission(connection: Connection, number: int, agency: str) -> SentIn | None:
    """One handing-in of ``agency``; None when it has none of that number."""
    which = SUBMISSIONS.c.id == number, SUBMISSIONS.c.agency == agency
    found = _with_files(connection, connection.execute(select(SUBMISSIONS).where(*which)).all())
    return found[0] if found else None


def read_asked(connection: Connection, duties: Sequence[str], agency: str) -> dict[str, tuple[AskedTime, ...]]:
    """The requests for more time about each duty, the newest first."""
    which = REQUESTS.c.duty.in_(duties), REQUESTS.c.agency == agency
    rows = connection.execute(select(REQUESTS).where(*which).order_by(REQUESTS.c.id.desc()))
    return _by_duty((row.duty, _asked(row)) for row in rows)


def read_letters(connection: Connection, duties: Sequence[str]) -> dict[str, tuple[ReceivedLetter, ...]]:
    """The signed letters about each duty, the newest first."""
    rows = connection.execute(
        select(LETTER_DUTIES.c.duty, LETTERS.c.number, LETTERS.c.decided_at)
        .join(LETTERS, LETTERS.c.id == LETTER_DUTIES.c.letter)
        .where(LETTER_DUTIES.c.duty.in_(duties), LETTERS.c.state == LetterState.APPROVED.value)
        .order_by(LETTERS.c.id.desc())
    )
    return _by_duty((row.duty, ReceivedLetter(row.number or "", row.decided_at)) for row in rows)


def _with_files(connection: Connection, rows: Sequence[Row[Any]]) -> list[SentIn]:
    files: dict[int, list[SentFile]] = defaultdict(list)
    which = FILES.c.submission.in_([row.id for row in rows])
    for row in connection.execute(select(FILES).where(which).order_by(FILES.c.id)):
        files[row.submission].append(SentFile(row.id, row.name, row.size, row.digest))
    return [
        SentIn(
            row.id,
            row.duty,
            row.at,
            row.by,
            row.complete,
            row.document_number,
            row.document_date,
            row.link,
            row.note,
            tuple(files[row.id]),
        )
        for row in rows
    ]


def _asked(row: Row[Any]) -> AskedTime:
    return AskedTime(
        row.id,
        row.at,
        row.by,
        row.until,
        row.why,
        RequestState(row.state),
        row.decided_at,
        row.granted_until,
        row.remark,
    )


def _by_duty(pairs: Iterable[tuple[str, One]]) -> dict[str, tuple[One, ...]]:
    found: dict[str, list[One]] = defaultdict(list)
    for duty, one in pairs:
        found[duty].append(one)
    return {duty: tuple(ones) for duty, ones in found.items()}
