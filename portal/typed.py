"""What a person typed into a form's field or an address, as a line, a day or a number; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from calendars.wording import say_short
from models.errors import DonDocError
from planning.typed_text import one_line

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)  # as far as the calendar's tables go
WRITTEN = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")  # by people: 9/12/2024
SENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")  # by browsers: 2024-12-09


class Unreadable(DonDocError):
    """A field does not hold what it asks for."""


def read_line(form: Mapping[str, str], field: str, name: str, *, required: bool = False, most: int = 500) -> str:
    """The field on one line; ``name`` is what the form calls it. Raises planning.typed_text.UnusableText."""
    return one_line(form.get(field, ""), name, least=1 if required else 0, most=most)


def read_day(form: Mapping[str, str], field: str, name: str) -> date:
    """The day in the field, as browsers send it or people write it. Raises Unreadable calling it ``name``."""
    text = form.get(field, "").strip()
    if not text:
        raise Unreadable(f"Chưa ghi {name}.", help="Chọn một ngày trên lịch, hoặc ghi như 09/12/2024.")
    day = _as_day(text)
    if day is None or not EARLIEST <= day <= LATEST:
        raise Unreadable(f"Không đọc được {name}.", help="Ghi như 09/12/2024.")
    return day


def read_day_if_any(form: Mapping[str, str], field: str, name: str) -> date | None:
    """As read_day; None for a field left empty."""
    return read_day(form, field, name) if form.get(field, "").strip() else None


def read_number(text: str, digits: int) -> int | None:
    """A whole number of at most so many ASCII digits; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def require_past(day: date, today: date, name: str) -> None:
    """Raises Unreadable for a day that has not come, or lies so far back that the year must be a slip."""
    if day > today:
        raise Unreadable(f"{name} {say_short(day)} chưa đến.", help="Ghi ngày đã nộp thật.")
    if day.year < today.year - 10:
        raise Unreadable(f"{name} {say_short(day)} quá xa.", help="Kiểm tra lại năm.")


def _as_day(text: str) -> date | None:
    written, sent = WRITTEN.fullmatch(text), SENT.fullmatch(text)
    parts = written.groups()[::-1] if written else sent.groups() if sent else ()
    try:
        return date(*map(int, parts)) if parts else None
    except ValueError:
        return None
