"""What a person typed into a form's field, as a line, a day or a choice; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date

from calendars.wording import say_short
from models.errors import DonDocError
from notices.mime import on_one_line


class Unreadable(DonDocError):
    """A field that must be filled was not, or not with what it asks for."""


def read_line(form: Mapping[str, str], field: str, wanted: str = "", longest: int = 500) -> str:
    """The field on one line, in NFC. Raises Unreadable for an empty one when ``wanted`` says what it should hold."""
    text = on_one_line(unicodedata.normalize("NFC", form.get(field, "")))
    if wanted and not text:
        raise Unreadable(f"Chưa ghi {wanted}.")
    if len(text) > longest:
        raise Unreadable(f"Nội dung dài quá {longest} ký tự.", help="Ghi ngắn hơn; phần còn lại để trong văn bản.")
    return text


def read_day(form: Mapping[str, str], field: str, wanted: str) -> date:
    """The day in the field. Raises Unreadable naming it as ``wanted``."""
    text = form.get(field, "").strip()
    if not text:
        raise Unreadable(f"Chưa ghi {wanted}.", help="Chọn một ngày trên lịch, hoặc gõ như 2024-12-09.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"Không hiểu {wanted} «{text}».", help="Gõ như 2024-12-09.") from None


def require_past(day: date, today: date, wanted: str) -> None:
    """Raises Unreadable for a day that has not come, or lies so far back that the year must be a slip."""
    if day > today:
        raise Unreadable(f"{wanted} {say_short(day)} chưa đến.", help="Ghi ngày đã nộp thật.")
    if day.year < today.year - 10:
        raise Unreadable(f"{wanted} {say_short(day)} quá xa.", help="Kiểm tra lại năm.")
