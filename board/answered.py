"""Holds a connection: what was just decided about a letter or a request, for the page that confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from board.overdue import LETTER_DUTIES, LETTERS
from board.overview import AGENCIES
from models.notice import LetterState
from models.submission import RequestState
from models.waiting_requests import REQUESTS


@dataclass(frozen=True, slots=True)
class SignedLetter:
    """A letter somebody signed off: its number in the office's register, and how many agencies it goes to."""

    number: str
    agencies: int


@dataclass(frozen=True, slots=True)
class AnsweredRequest:
    """A request somebody answered; ``until`` is the last day that was granted, None when it was refused."""

    agency: str
    until: date | None


def read_signed(connection: Connection, letter: int) -> SignedLetter | None:
    """None for a letter that nobody has signed."""
    number = select(LETTERS.c.number).where(
        LETTERS.c.id == letter, LETTERS.c.state == LetterState.APPROVED.value, LETTERS.c.number.is_not(None)
    )
    named = select(func.count()).where(LETTER_DUTIES.c.letter == letter)
    found = connection.execute(number).scalar_one_or_none()
    return None if found is None else SignedLetter(found, connection.execute(named).scalar_one())


def read_answered(connection: Connection, request: int) -> AnsweredRequest | None:
    """None for a request that nobody has answered."""
    row = connection.execute(
        select(REQUESTS.c.granted_until, func.coalesce(AGENCIES.c.name, REQUESTS.c.agency).label("name"))
        .outerjoin(AGENCIES, AGENCIES.c.code == REQUESTS.c.agency)
        .where(REQUESTS.c.id == request)
        .where(REQUESTS.c.state.in_((RequestState.GRANTED.value, RequestState.REFUSED.value)))
    ).first()
    return None if row is None else AnsweredRequest(row.name, row.granted_until)
