"""A duty of the visitor's own agency: found, or answered like one that never was."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from fastapi import HTTPException, Request

from board.agency_work import Owed, read_owed
from office.sessions import Visitor
from portal.desk import Desk

LARGEST_NUMBER = 2**31 - 1  # an integer of PostgreSQL's


def find_own(desk: Desk, visitor: Visitor, duty: str) -> Owed:
    """The duty as it stands. Raises HTTPException 404 for another agency's, and for none."""
    days = desk.definitions.working_days
    with desk.reading() as connection:
        own = read_owed(connection, duty, visitor.agency or "", desk.today(), days)
    if own is None:
        raise HTTPException(404)
    return own


def address_of(page: str, duty: str) -> str:
    """As ``/co-quan/nop/P/BC/2024/SYT``."""
    return f"/co-quan/{page}/{quote(duty)}"


def row_number(number: int) -> int:
    """A number as a row may have it. Raises HTTPException 404 for one no database would look up."""
    if number > LARGEST_NUMBER:
        raise HTTPException(404)
    return number


def safe_word(request: Request, words: Sequence[str]) -> str:
    """What was done, as the address says it; "" unless it is one of ``words``."""
    word = request.query_params.get("done", "")
    return word if word in words else ""
