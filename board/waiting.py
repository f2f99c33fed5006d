"""Holds a connection: how many things of each kind wait for a person to decide."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from models.columns import table_of
from models.kinds import DECISION_NAMES
from models.notice import Letter, LetterState
from models.occurrence import Decision, Occurrence

DECISIONS, LETTERS, OCCURRENCES = table_of(Decision), table_of(Letter), table_of(Occurrence)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of decision, named in Vietnamese, and how many of it wait."""

    name: str
    number: int


def read_waiting(connection: Connection, year: int, programme: str | None = None) -> list[Waiting]:
    """What waits in ``year``, letters to be decided about first, then as a secretary would ask."""
    kinds = select(DECISIONS.c.kind, func.count().label("number")).where(DECISIONS.c.year == year)
    letters = (
        select(func.count())
        .select_from(LETTERS.join(OCCURRENCES, OCCURRENCES.c.id == LETTERS.c.occurrence))
        .where(
            LETTERS.c.state == LetterState.DRAFTED.value,
            OCCURRENCES.c.year_first <= year,
            OCCURRENCES.c.year_last >= year,
        )
    )
    if programme is not None:
        kinds = kinds.where(DECISIONS.c.programme == programme)
        letters = letters.where(OCCURRENCES.c.programme == programme)
    found = {row.kind: row.number for row in connection.execute(kinds.group_by(DECISIONS.c.kind))}
    unsigned = connection.execute(letters).scalar_one()
    waiting = [Waiting("Công văn đôn đốc chờ duyệt", unsigned)] if unsigned else []
    return waiting + [Waiting(name, found[kind]) for kind, name in DECISION_NAMES.items() if kind in found]
