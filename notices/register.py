"""Holds a connection: reads the outbox for whoever looks at it: what waits, what left, what a person must decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from calendars.wording import Language
from models.kinds import SECRET_TITLE
from models.notice import STATE_NAMES, TO_DECIDE, WAITING, NoticeState
from notices.hours import ZONE
from notices.steps import say_step_of
from notices.tables import CONTACTS, HOLDS, NOTICES, OCCURRENCES


@dataclass(frozen=True, slots=True)
class Line:
    """One notice of the register; instants are aware, ``recipient`` a name (or why there is none).

    ``step`` is its code as the policy has it, ``step_name`` the same in words.
    """

    id: int
    state: NoticeState
    kind: str
    subject: str
    step: str
    step_name: str
    title: str
    recipient: str
    channel: str
    due_at: datetime
    fires_on: date
    attempts: int
    reason: str
    held: bool
    acknowledged: bool

    @property
    def in_words(self) -> str:
        """The state in Vietnamese."""
        return STATE_NAMES[self.state] + (", đang tạm giữ" if self.held else "")


def read_register(
    connection: Connection,
    *,
    states: Sequence[str] = (),
    day: date | None = None,
    subject: str | None = None,
    most: int = 1000,
    language: Language = "vi",
) -> list[Line]:
    """Notices, the newest first; ``day`` keeps those that were due or sent on that day in Viet Nam.

    ``language`` is that of the steps' names.
    """
    held = set(connection.execute(select(HOLDS.c.scope)).scalars())
    found = (
        select(
            NOTICES, func.coalesce(CONTACTS.c.name, NOTICES.c.recipient).label("name"), OCCURRENCES.c.title,
            OCCURRENCES.c.secret, OCCURRENCES.c.ladder,
        )
        .outerjoin(CONTACTS, CONTACTS.c.code == NOTICES.c.recipient)
        .outerjoin(OCCURRENCES, OCCURRENCES.c.id == NOTICES.c.occurrence)
        .order_by(NOTICES.c.id.desc())
        .limit(most)
    )  # fmt: skip
    if states:
        found = found.where(NOTICES.c.state.in_(list(states)))
    if subject is not None:
        found = found.where(NOTICES.c.subject.startswith(subject, autoescape=True))
    if day is not None:
        first = datetime.combine(day, time(), ZONE)
        then = func.coalesce(NOTICES.c.accepted_at, NOTICES.c.due_at)
        found = found.where(then >= first, then < first + timedelta(days=1))
    return [
        Line(
            row.id,
            NoticeState(row.state),
            row.kind,
            row.subject,
            row.step,
            say_step_of(row.kind, row.step, row.ladder, language),
            SECRET_TITLE if row.secret else row.title or "",
            row.name,
            row.channel,
            row.due_at.astimezone(ZONE),
            row.fires_on,
            row.attempts,
            row.reason or "",
            row.state in WAITING and ("*" in held or str(row.id) in held),
            row.acknowledged_at is not None,
        )
        for row in connection.execute(found)
    ]


def count_states(connection: Connection) -> dict[NoticeState, int]:
    """How many notices are in each state."""
    counted = select(NOTICES.c.state, func.count()).group_by(NOTICES.c.state)
    return {NoticeState(state): number for state, number in connection.execute(counted)}


@dataclass(frozen=True, slots=True)
class Held:
    """What is held back: everything (``scope`` "*") or the notice of that number; by whom, why, since when."""

    scope: str
    by: str
    why: str
    since: datetime


def read_holds(connection: Connection) -> list[Held]:
    """What is held back, the longest first."""
    rows = connection.execute(select(HOLDS).order_by(HOLDS.c.since, HOLDS.c.scope))
    return [Held(row.scope, row.by, row.why, row.since.astimezone(ZONE)) for row in rows]


def oldest_waiting(connection: Connection) -> datetime | None:
    """Since when the notice that has waited longest could have been sent; None when nothing waits."""
    waiting = select(func.min(NOTICES.c.due_at)).where(NOTICES.c.state.in_(WAITING))
    oldest: datetime | None = connection.execute(waiting).scalar()
    return oldest and oldest.astimezone(ZONE)


def to_decide(connection: Connection) -> list[Line]:
    """What failed, bounced or is unknown: each waits for a person."""
    return read_register(connection, states=TO_DECIDE)
