"""Holds a connection: receipts, requests, their answers and links become notices where they are made.

A door calls one of these right after what it answers for. Key: that of every notice; its subject is the submission or
the request, so that each is told once to each recipient however often this runs.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from calendars.working_days import WorkingDays
from models.due_version import DUTY_VERSION
from models.errors import DonDocError
from models.kinds import Target
from models.notice import NoticeKind
from models.submission import RequestState
from notices.answered import REQUEST, SUBMISSION
from notices.contact_book import read_contact_book
from notices.filing import Wanted, file_notices
from notices.hours import ZONE
from notices.parties import read_parties
from notices.recipients import ContactBook, Meant, Parties
from notices.tables import DUTIES, OCCURRENCES, REQUESTS, SUBMISSIONS

AT_ONCE = WorkingDays()  # what is awaited waits for no working day, so that nobody looks into these


class NobodyToAnswer(DonDocError):
    """No contact has this code."""


def file_receipt(connection: Connection, submission: int, at: datetime) -> int:
    """Files the receipt of a submission, for who handed it in (the focal contact when nobody is known).

    Returns how many notices are new. ``at`` is the office's time, here and below.
    """
    row = connection.execute(select(SUBMISSIONS).where(SUBMISSIONS.c.id == submission)).one()
    book = read_contact_book(connection)
    meant = _asker(book, row, at) or book.find(Target.FOCAL, Parties(agency=row.agency), _day(at))
    return _file(
        connection,
        f"{SUBMISSION}{submission}",
        row,
        NoticeKind.RECEIPT,
        meant,
        AT_ONCE,
        at,
        step="receipt",
        awaited=True,
    )


def file_request(connection: Connection, request: int, at: datetime, days: WorkingDays) -> int:
    """Tells the secretariat that an agency asks for more time; returns how many notices are new."""
    row = connection.execute(select(REQUESTS).where(REQUESTS.c.id == request)).one()
    occurrence = row.duty.rpartition("/")[0]
    parties = read_parties(connection, [occurrence])[occurrence]
    meant = read_contact_book(connection).find(Target.SECRETARIAT, parties, _day(at))
    return _file(connection, f"{REQUEST}{request}", row, NoticeKind.REQUEST_WAITING, meant, days, at, step="waiting")


def file_answer(connection: Connection, request: int, at: datetime, days: WorkingDays) -> int:
    """Tells who asked, and the agency's focal contact, whether there is more time; nothing while nobody has decided.

    To be called before anything is planned: who hears it here is not told the new day a second time.
    """
    row = connection.execute(select(REQUESTS).where(REQUESTS.c.id == request)).one()
    if row.state not in (RequestState.GRANTED.value, RequestState.REFUSED.value):
        return 0
    book = read_contact_book(connection)
    focal = book.find(Target.FOCAL, Parties(agency=row.agency), _day(at))
    meant = {one.key: one for one in [*_asker(book, row, at), *focal]}
    return _file(
        connection, f"{REQUEST}{request}", row, NoticeKind.REQUEST_ANSWERED, list(meant.values()), days, at,
        step="answer", urgent=True,
    )  # fmt: skip


def file_link(connection: Connection, contact: str, at: datetime) -> int:
    """A mail that carries the contact's present link to their agency's page; one a minute at most.

    Raises NobodyToAnswer.
    """
    person = read_contact_book(connection).people.get(contact)
    if person is None:
        raise NobodyToAnswer(f"Không có người nhận {contact}.", help="Xem danh sách người nhận.")
    wanted = Wanted(
        subject=f"link/{contact}",
        version="1",
        step=f"link-{at.astimezone(ZONE):%Y-%m-%d-%H-%M}",
        kind=NoticeKind.LINK,
        meant=Meant(Target.FOCAL, person.code, person, person.agency),
        fires_on=_day(at),
        agency=person.agency,
        awaited=True,
    )
    return file_notices(connection, [wanted], AT_ONCE, at)[0]


def _asker(book: ContactBook, row: Row[Any], at: datetime) -> list[Meant]:
    """Whose link it came by, while that contact is in post and can be reached."""
    person = book.people.get(row.contact or "")
    if person is None or not person.ways or not person.in_post(_day(at)):
        return []
    return [Meant(Target.FOCAL, person.code, person, row.agency)]


def _file(
    connection: Connection,
    subject: str,
    row: Row[Any],
    kind: NoticeKind,
    meant: list[Meant],
    days: WorkingDays,
    at: datetime,
    **more: Any,
) -> int:
    """Notices about the duty of ``row``, told at its present due version."""
    found = select(OCCURRENCES.c.id, DUTY_VERSION.label("version")).where(DUTIES.c.id == row.duty)
    duty = connection.execute(found.join(DUTIES, DUTIES.c.occurrence == OCCURRENCES.c.id)).one()
    wanted = [
        Wanted(
            subject,
            duty.version,
            kind=kind,
            meant=one,
            fires_on=_day(at),
            occurrence=duty.id,
            agency=row.agency,
            **more,
        )
        for one in meant
    ]
    return file_notices(connection, wanted, days, at)[0]


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()
