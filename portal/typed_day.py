"""A day as a form sends it; pure."""

from __future__ import annotations

import re
from datetime import date

from models.errors import DonDocError

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)  # as far as the calendar's tables go


class UnreadableDay(DonDocError):
    """What was typed is no day."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Không đọc được {name}.", help="Ghi như 09/12/2024.")


def read_day(typed: str, name: str) -> date:
    """A day as browsers send it (2024-12-09) or people write it (9/12/2024); ``name`` is what the form calls it.

    Raises UnreadableDay.
    """
    text = typed.strip()
    written = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text)
    sent = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    if written is None and sent is None:
        raise UnreadableDay(name)
    parts = [int(part) for part in (written.groups()[::-1] if written else sent.groups() if sent else ())]
    try:
        day = date(*parts)
    except ValueError:
        raise UnreadableDay(name) from None
    if not EARLIEST <= day <= LATEST:
        raise UnreadableDay(name)
    return day
