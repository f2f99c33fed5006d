"""Holds a connection: all that happened about one duty, as its agency may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, func, or_, select

from board.handed_in import SUBMISSIONS, AskedTime, SentIn, read_asked, read_letters, read_sent_in
from board.overdue import ANSWERS, NOTICES
from models.columns import table_of
from models.contact import Contact
from models.notice import SENT, DutyDecision

DECIDED, CONTACTS = table_of(DutyDecision), table_of(Contact)


class Happened(StrEnum):
    """What a line of a duty's story says."""

    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    SENT_IN = "sent_in"
    ASKED = "asked"
    ANSWERED = "answered"
    LETTER = "letter"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class DutyStoryLine:
    """One thing that happened: ``who`` did it, ``until`` a new day.

    ``words`` are a NoticeKind's, a letter's number, or what was decided ("done", "extended").
    """

    at: datetime
    what: Happened
    who: str = ""
    words: str = ""
    until: date | None = None
    sent_in: SentIn | None = None
    asked: AskedTime | None = None


def read_duty_story(connection: Connection, duty: str, agency: str) -> tuple[DutyStoryLine, ...]:
    """All that happened about one duty of ``agency``, the newest first."""
    lines = [
        *_told(connection, duty, agency),
        *_acknowledged(connection, duty, agency),
        *_decided(connection, duty),
        *(
            DutyStoryLine(one.at, Happened.SENT_IN, one.by, sent_in=one)
            for one in read_sent_in(connection, [duty], agency).get(duty, ())
        ),
        *(line for one in read_asked(connection, [duty], agency).get(duty, ()) for line in _lines_of(one)),
        *(
            DutyStoryLine(one.signed_at, Happened.LETTER, words=one.number)
            for one in read_letters(connection, [duty]).get(duty, ())
            if one.signed_at
        ),
    ]
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True))


def _told(connection: Connection, duty: str, agency: str) -> list[DutyStoryLine]:
    """What was told to people of this agency, and left."""
    rows = connection.execute(
        select(NOTICES.c.kind, NOTICES.c.accepted_at, CONTACTS.c.name)
        .join(CONTACTS, CONTACTS.c.code == func.coalesce(NOTICES.c.sent_to, NOTICES.c.recipient))
        .where(
            NOTICES.c.subject == duty,
            CONTACTS.c.agency == agency,
            NOTICES.c.state.in_(SENT),
            NOTICES.c.accepted_at.is_not(None),
        )
    )
    return [DutyStoryLine(row.accepted_at, Happened.TOLD, row.name, row.kind) for row in rows]


def _acknowledged(connection: Connection, duty: str, agency: str) -> list[DutyStoryLine]:
    rows = connection.execute(
        select(ANSWERS.c.at, ANSWERS.c.typed_name)
        .join(CONTACTS, CONTACTS.c.code == ANSWERS.c.contact)
        .where(ANSWERS.c.subject == duty, CONTACTS.c.agency == agency)
        .distinct()
    )
    return [DutyStoryLine(row.at, Happened.ACKNOWLEDGED, row.typed_name) for row in rows]


def _decided(connection: Connection, duty: str) -> list[DutyStoryLine]:
    """What was decided; a complete submission is told by itself, unless the secretariat recorded it."""
    handed_in = select(SUBMISSIONS.c.id).where(SUBMISSIONS.c.duty == DECIDED.c.duty, SUBMISSIONS.c.at == DECIDED.c.at)
    rows = connection.execute(
        select(DECIDED).where(DECIDED.c.duty == duty, or_(DECIDED.c.what != "done", ~handed_in.exists()))
    )
    return [DutyStoryLine(row.at, Happened.DECIDED, row.why, row.what, row.until) for row in rows]


def _lines_of(asked: AskedTime) -> list[DutyStoryLine]:
    lines = [DutyStoryLine(asked.at, Happened.ASKED, asked.by, asked=asked)]
    if asked.decided_at is not None:
        lines.append(DutyStoryLine(asked.decided_at, Happened.ANSWERED, asked=asked))
    return lines
