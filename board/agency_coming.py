"""Holds a connection: what one agency leads, takes part in or is inspected in, and that is not over yet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from board.overview import OCCURRENCES, PROGRAMMES, SHOWN_TITLE
from calendars.wording import Language, say_hours, say_period, say_window
from models.columns import table_of
from models.kinds import HELD_ON_A_DAY, Placing, Role
from models.occurrence import OccurrenceAgency, Status
from models.timing import Certainty, Hours, Window

PARTS = table_of(OccurrenceAgency)
AHEAD = timedelta(days=366)  # how much is shown of what is to come
ROLES = (Role.LEAD.value, Role.PARTICIPANT.value, Role.INSPECTED.value)


@dataclass(frozen=True, slots=True)
class AgencyComing:
    """What an agency leads, takes part in or is inspected in, with its days; ``fixed`` when they are certain.

    ``held`` says that people meet on a day: a conference, an inspection, a training.
    """

    occurrence: str
    period: str
    title: str
    programme: str
    role: Role
    held: bool
    fixed: bool
    tentative: bool
    cancelled: bool
    place: str | None
    window: Window
    hours: Hours | None

    def period_in(self, language: Language) -> str:
        """Which of an item's many it is, as "năm 2024", "Quý II/2024"."""
        return say_period(self.period, language)

    def when_in(self, language: Language) -> str:
        """As "16/12/2024, 08h00", "Quý IV/2024"."""
        return say_when(self.window, self.hours, language)


def read_agency_coming(connection: Connection, agency: str, today: date) -> tuple[AgencyComing, ...]:
    """What ``agency`` has a part in and is not over, within a year from ``today``, by its days; each once."""
    rows = connection.execute(
        select(OCCURRENCES, SHOWN_TITLE.label("shown"), PROGRAMMES.c.short, PARTS.c.role)
        .join(PARTS, PARTS.c.occurrence == OCCURRENCES.c.id)
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .where(
            PARTS.c.agency == agency,
            PARTS.c.role.in_(ROLES),
            OCCURRENCES.c.placing.in_((Placing.FIXED.value, Placing.WINDOW.value)),
            ~OCCURRENCES.c.rolls_up,
            OCCURRENCES.c.last >= today,
            OCCURRENCES.c.first <= today + AHEAD,
        )
        .order_by(OCCURRENCES.c.first, OCCURRENCES.c.last, OCCURRENCES.c.id, PARTS.c.role)
    )
    found: dict[str, list[AgencyComing]] = defaultdict(list)
    for row in rows:
        found[row.id].append(_coming(row))
    return tuple(min(parts, key=lambda one: ROLES.index(one.role)) for parts in found.values())


def _coming(row: Row[Any]) -> AgencyComing:
    return AgencyComing(
        row.id,
        row.period,
        row.shown,
        row.short,
        Role(row.role),
        row.kind in HELD_ON_A_DAY,
        row.placing == Placing.FIXED,
        row.tentative,
        row.status == Status.CANCELLED,
        None if row.secret else row.place,
        window_of(row),
        hours_of(row),
    )


def window_of(row: Row[Any]) -> Window:
    """Its days."""
    return Window(row.first, row.last, Certainty(row.certainty or Certainty.PERIOD))


def hours_of(row: Row[Any]) -> Hours | None:
    """Its hours; None while none is fixed."""
    return Hours(row.starts, row.ends) if row.starts else None


def say_when(window: Window | None, hours: Hours | None, language: Language) -> str:
    """As "16/12/2024, 08h00", "Quý IV/2024"; "" without days."""
    if window is None:
        return ""
    said = say_window(window, language)
    return f"{said}, {say_hours(hours, language)}" if hours else said
