"""Holds a connection: at which version of its paper and date an occurrence is, and what of it a person recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from models.amendment import Amendment, AmendmentKind
from models.columns import table_of
from models.notice import WAITING, Notice
from models.occurrence import Occurrence
from models.programme import Release

OCCURRENCES, RELEASES, AMENDMENTS, NOTICES = (
    table_of(Occurrence),
    table_of(Release),
    table_of(Amendment),
    table_of(Notice),
)
RECORDED = (AmendmentKind.DATE, AmendmentKind.CANCEL, AmendmentKind.TEAM, AmendmentKind.EVENT)


@dataclass(frozen=True, slots=True)
class Version:
    """``release`` is the programme's newest (None before the first), ``due`` grows with every new date.

    ``years`` are the first and last whose plan shows it, ``waiting`` how many notices about it have not been sent yet.
    ``date_recorded``, ``called_off``, ``team_recorded`` and ``event_recorded`` say that a person fixed its day,
    cancelled it, gave it to a team, or recorded what it waits for, on top of the paper.
    """

    release: int | None
    due: int
    revised_at: datetime
    years: tuple[int, int]
    waiting: int
    date_recorded: bool
    called_off: bool
    team_recorded: bool
    event_recorded: bool

    def year_shown(self, today: date) -> int:
        """The year it is looked at in: today's, or the nearest that shows it."""
        return min(max(today.year, self.years[0]), self.years[1])

    @property
    def to_take_back(self) -> str:
        """What of it is taken back first, as planning.fixing does it: the amendment's kind, empty for nothing."""
        recorded = {
            AmendmentKind.CANCEL: self.called_off,
            AmendmentKind.DATE: self.date_recorded,
            AmendmentKind.TEAM: self.team_recorded,
            AmendmentKind.EVENT: self.event_recorded,
        }
        return next((kind.value for kind, holds in recorded.items() if holds), "")


def read_version(connection: Connection, occurrence: str) -> Version | None:
    """None when there is no such occurrence."""
    row = connection.execute(select(OCCURRENCES).where(OCCURRENCES.c.id == occurrence)).first()
    if row is None:
        return None
    newest = select(func.max(RELEASES.c.number)).where(RELEASES.c.programme == row.programme)
    subjects = (occurrence, f"{row.programme}/{row.item}")  # an event is recorded of the line
    recorded = select(AMENDMENTS.c.kind, AMENDMENTS.c.content).where(AMENDMENTS.c.subject.in_(subjects))
    unsent = select(func.count()).where(NOTICES.c.occurrence == occurrence, NOTICES.c.state.in_(WAITING))
    held = {one.kind: bool(one.content) for one in connection.execute(recorded.order_by(AMENDMENTS.c.id))}
    return Version(
        connection.execute(newest).scalar(),
        row.due_version,
        row.revised_at,
        (row.year_first, row.year_last),
        connection.execute(unsent).scalar_one(),
        *(held.get(kind.value, False) for kind in RECORDED),
    )
