"""Holds a connection: what time a person was last told of a matter, so that a change can say what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, or_, select, update

from models.notice import NoticeKind, NoticeState
from notices.outbox import may_have_left
from notices.tables import NOTICES, RUNGS

NEVER_LEFT = (NoticeState.CANCELLED.value, NoticeState.SUPERSEDED.value)


@dataclass(frozen=True, slots=True)
class LastTold:
    """The newest notice a person may have of a matter: in ``time`` what it said, "" when that was not written down."""

    time: str
    at: datetime

    @property
    def day(self) -> date | None:
        """The first day it said a matter is held on."""
        return read_day(self.time)


def read_day(time: str) -> date | None:
    """The first day of a time that was told: of an event it begins with it, of all else with a word."""
    if not time[:1].isdigit():
        return None
    day, month, year = map(int, time[:10].split("/"))
    return date(year, month, day)


def note_told(connection: Connection, said: Mapping[int, str]) -> None:
    """Writes down what time each notice told; nothing of those that told none."""
    rows = [{"which": number, "said": time} for number, time in said.items() if time]
    if rows:
        connection.execute(
            update(NOTICES).where(NOTICES.c.id == bindparam("which")).values(told=bindparam("said")), rows
        )


def read_last_told(connection: Connection, row: RowMapping) -> LastTold | None:
    """What the recipient of this notice heard before it; an answer about more time tells of the same matter.

    Before an invitation only an earlier one counts: whoever was merely told has no entry in their calendar.
    """
    answered = and_(
        NOTICES.c.kind == NoticeKind.REQUEST_ANSWERED.value,
        NOTICES.c.occurrence == row["occurrence"],
        NOTICES.c.agency == row["agency"],
    )
    earlier = (
        select(NOTICES)
        .where(or_(NOTICES.c.subject == row["subject"], answered), NOTICES.c.recipient == row["recipient"])
        .where(NOTICES.c.id < row["id"], _is_another(row), NOTICES.c.attempts > 0)
        .where(or_(NOTICES.c.state.not_in(NEVER_LEFT), may_have_left()))
    )
    found = connection.execute(earlier.order_by(NOTICES.c.id.desc()).limit(1)).first()
    return None if found is None else LastTold(found.told or "", found.accepted_at or found.planned_at)


def _is_another(row: RowMapping) -> ColumnElement[bool]:
    if row["kind"] == NoticeKind.INVITATION:
        return and_(NOTICES.c.kind == NoticeKind.INVITATION.value, NOTICES.c.step != row["step"])
    other: ColumnElement[bool] = NOTICES.c.version != row["version"]
    return other


def stands_for_a_reminder(connection: Connection, row: RowMapping) -> bool:
    """Whether a reminder may have been left out because this notice of a change tells as much."""
    fired = select(RUNGS.c.step).where(RUNGS.c.subject == row["subject"], RUNGS.c.version == row["version"])
    return connection.execute(fired.where(RUNGS.c.outcome.in_(("told", "changed"))).limit(1)).first() is not None
