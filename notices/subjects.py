"""What rungs and notices are about, as it stands now: is anybody still waiting for it, until when, which due version.

Reads nothing itself: it words the selects that bring the facts along, and answers from one row of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, RowMapping, Select, Table, select

from models.kinds import Placing
from models.notice import NoticeKind
from models.occurrence import Status
from notices.tables import DUTIES, NOTICES, OCCURRENCES, PROGRAMMES, RUNGS

_FACTS = {
    "o": (OCCURRENCES, [column.name for column in OCCURRENCES.c]),
    "p": (PROGRAMMES, ["code", "short", "title", "number", "issued", "draft", "standing_agency", "collector"]),
    "d": (DUTIES, [column.name for column in DUTIES.c]),
}
_LABELLED = [source.c[name].label(f"{key}_{name}") for key, (source, names) in _FACTS.items() for name in names]

OF_THE_SUBJECT = frozenset(
    {
        NoticeKind.REMINDER,
        NoticeKind.OVERDUE,
        NoticeKind.EVENT,
        NoticeKind.WINDOW,
        NoticeKind.MISSING,
        NoticeKind.RATING,
        NoticeKind.LETTER,
        NoticeKind.CHANGED,
        NoticeKind.INVITATION,
    }
)


def rungs_with_facts(*which: ColumnElement[bool]) -> Select[Any]:
    """Rungs with their occurrence (columns ``o_…``), its programme (``p_…``) and the duty, if it is one (``d_…``)."""
    return _with_facts(RUNGS, which)


def notices_with_facts(*which: ColumnElement[bool]) -> Select[Any]:
    """The same for notices; those that are about no occurrence (the chair's list, the alarm) are not among them."""
    return _with_facts(NOTICES, which)


def _with_facts(table: Table, which: Sequence[ColumnElement[bool]]) -> Select[Any]:
    return (
        select(table, *_LABELLED)
        .join(OCCURRENCES, OCCURRENCES.c.id == table.c.occurrence)
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .outerjoin(DUTIES, DUTIES.c.id == table.c.subject)
        .where(*which)
    )


def current_version(row: RowMapping) -> str:
    """The due version of the subject as it stands now."""
    return f"{row['o_due_version']}.{row['d_due_version']}" if row["d_id"] else str(row["o_due_version"])


def is_open(row: RowMapping) -> bool:
    """Whether anybody still waits for it."""
    if row["o_status"] != Status.PLANNED:
        return False
    if row["d_id"] is None:
        return row["o_done_on"] is None
    if row["d_withdrawn"] or row["d_waived_on"] is not None:
        return False
    return row["d_done_on"] is None or row["d_returned_on"] is not None


def is_correcting(row: RowMapping) -> bool:
    """Whether it was handed in and sent back."""
    return row["d_id"] is not None and row["d_returned_on"] is not None


def last_day(row: RowMapping) -> date | None:
    """The last day on time, or of an event the day it begins, or of a window its end; None when it has no time."""
    if row["o_placing"] == Placing.DEADLINE:
        asked: date | None = row["d_correct_by"] if is_correcting(row) else row["d_extended_to"]
        return asked or cast("date | None", row["o_last_on_time"])
    return cast("date | None", row["o_first" if row["o_placing"] == Placing.FIXED else "o_last"])


def why_settled(row: RowMapping) -> str | None:
    """Why a notice need not be sent any more, in Vietnamese; None when it must be."""
    if row["acknowledged_at"] is not None:
        return "Người nhận đã báo nhận."
    if row["kind"] not in OF_THE_SUBJECT:
        return None
    if row["kind"] == NoticeKind.INVITATION:
        return _why_not_invited(row)
    if row["version"] != current_version(row):
        return "Thời hạn đã thay đổi."
    if row["kind"] != NoticeKind.CHANGED and not is_open(row):
        return "Việc đã xong hoặc không phải làm nữa."
    return None


def invitation_step(sequence: int) -> str:
    """The step of an invitation names the SEQUENCE of its calendar entry, which grows with day, hour and place."""
    return f"invitation-{sequence}"


def _why_not_invited(row: RowMapping) -> str | None:
    if row["step"] != invitation_step(row["o_sequence"]):
        return "Ngày, giờ hoặc nơi họp đã thay đổi."
    return "Việc đã thành việc mật." if row["o_secret"] else None
