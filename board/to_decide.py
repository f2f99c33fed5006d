"""Holds a connection: what waits for a decision, one by one: letters to be signed, requests for more time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from board.overdue import LETTER_DUTIES, LETTERS
from board.overview import AGENCIES, DUTIES, OCCURRENCES, SHOWN_TITLE
from models.notice import LetterState
from models.waiting_requests import REQUESTS, STILL_WAITS


@dataclass(frozen=True, slots=True)
class DraftedLetter:
    """A letter that waits for its signature; ``agencies`` is how many it names."""

    number: int
    title: str
    drafted_on: date
    agencies: int


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request for more time that nobody has answered; ``until`` is the last day that is asked for."""

    number: int
    title: str
    agency: str
    until: date


def read_drafted_letters(connection: Connection) -> list[DraftedLetter]:
    """The letters nobody has decided about, the oldest first."""
    drafted = (
        select(
            LETTERS.c.id,
            LETTERS.c.drafted_on,
            SHOWN_TITLE.label("title"),
            func.count(LETTER_DUTIES.c.duty).label("named"),
        )
        .join(OCCURRENCES, OCCURRENCES.c.id == LETTERS.c.occurrence)
        .outerjoin(LETTER_DUTIES, LETTER_DUTIES.c.letter == LETTERS.c.id)
        .where(LETTERS.c.state == LetterState.DRAFTED.value)
        .group_by(LETTERS.c.id, LETTERS.c.drafted_on, OCCURRENCES.c.title, OCCURRENCES.c.secret)
        .order_by(LETTERS.c.id)
    )
    return [DraftedLetter(row.id, row.title, row.drafted_on, row.named) for row in connection.execute(drafted)]


def read_requests(connection: Connection) -> list[WaitingRequest]:
    """The requests for more time nobody has answered and somebody can still grant, the oldest first."""
    agency = func.coalesce(AGENCIES.c.name, REQUESTS.c.agency).label("name")
    waiting = (
        select(REQUESTS.c.id, REQUESTS.c.until, SHOWN_TITLE.label("title"), agency)
        .join(DUTIES, DUTIES.c.id == REQUESTS.c.duty)
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .outerjoin(AGENCIES, AGENCIES.c.code == REQUESTS.c.agency)
        .where(STILL_WAITS)
        .order_by(REQUESTS.c.id)
    )
    return [WaitingRequest(row.id, row.title, row.name, row.until) for row in connection.execute(waiting)]
