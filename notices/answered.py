"""Holds a connection: what receipts and requests for more time say, read as they stand when a notice is sent.

Their notices have ``submission/12`` and ``request/3`` as subject, never the duty: whoever acknowledges a receipt has
not acknowledged the duty. The duty is the occurrence's of the notice's agency.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, and_, select

from calendars.wording import say_short
from calendars.working_days import WorkingDays
from models.notice import NoticeKind
from models.waiting_requests import STILL_WAITS
from notices.hours import ZONE
from notices.matter import Request, Taken, TakenFile
from notices.tables import DECIDED, DUTIES, OCCURRENCES, REQUESTS, SUBMISSIONS, SUBMITTED_FILES

SUBMISSION, REQUEST = "submission/", "request/"
OF_A_REQUEST = frozenset({NoticeKind.REQUEST_WAITING, NoticeKind.REQUEST_ANSWERED})
OF_AN_ANSWER = OF_A_REQUEST | {NoticeKind.RECEIPT}


def number_of(subject: str) -> int:
    """The number at a subject's end."""
    return int(subject.rpartition("/")[2])


def with_its_duty(connection: Connection, row: RowMapping) -> Any:
    """The facts of such a notice (notices.subjects) with those of the duty it is about (``d_…``)."""
    here = and_(DUTIES.c.occurrence == row["occurrence"], DUTIES.c.agency == row["agency"])
    duty = connection.execute(select(DUTIES).where(here)).mappings().one()
    return dict(row) | {f"d_{name}": value for name, value in duty.items()}


def is_waiting(connection: Connection, row: RowMapping) -> bool:
    """Whether the request of this notice still needs an answer: the due day it asks about is the present one."""
    still = (
        select(REQUESTS.c.id)
        .join(DUTIES, DUTIES.c.id == REQUESTS.c.duty)
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .where(REQUESTS.c.id == number_of(row["subject"]), STILL_WAITS)
    )
    return connection.execute(still).first() is not None


def read_request(connection: Connection, row: RowMapping) -> Request:
    """The request of a notice about one, with its answer."""
    asked = connection.execute(select(REQUESTS).where(REQUESTS.c.id == number_of(row["subject"]))).one()
    return Request(
        asked.id, asked.by, asked.at, asked.until, asked.why, asked.decided_by or "", asked.granted_until, asked.remark
    )


def read_taken(connection: Connection, row: RowMapping, days: WorkingDays) -> Taken:
    """What the receipt vouches for; ``row`` is of ``with_its_duty``."""
    number = number_of(row["subject"])
    handed = connection.execute(select(SUBMISSIONS).where(SUBMISSIONS.c.id == number)).one()
    files = connection.execute(
        select(SUBMITTED_FILES).where(SUBMITTED_FILES.c.submission == number).order_by(SUBMITTED_FILES.c.id)
    )
    day = f" ngày {say_short(handed.document_date)}" if handed.document_date else ""
    return Taken(
        number,
        handed.at,
        handed.complete,
        _late(connection, handed, row["d_extended_to"] or row["o_last_on_time"], days),
        f"số {handed.document_number}{day}" if handed.document_number else "",
        handed.link or "",
        tuple(TakenFile(file.name, file.size, file.digest) for file in files),
    )


def _late(connection: Connection, handed: Row[Any], last: date | None, days: WorkingDays) -> int | None:
    """As notices.matter.Taken says; on time is judged by the first submission, so a later one is not judged again."""
    back = select(DECIDED.c.id).where(DECIDED.c.duty == handed.duty, DECIDED.c.what == "returned")
    back = back.where(DECIDED.c.at <= handed.at)
    on = handed.at.astimezone(ZONE).date()
    if last is None or connection.execute(back).first() is not None:
        return None
    return -1 if on <= last else max(days.between(days.on_or_before(last), on), 0)
