"""Holds a connection: the agencies around occurrences, by what they have to do with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from models.kinds import Role
from notices.recipients import Parties
from notices.tables import OCCURRENCES, PROGRAMMES, TIES, batches


def read_parties(connection: Connection, occurrences: Iterable[str]) -> dict[str, Parties]:
    """For each occurrence its parties; the collector is who receives it, else the programme's."""
    found: dict[str, Parties] = {}
    for some in batches(sorted(occurrences)):
        ties: dict[tuple[str, str], list[str]] = defaultdict(list)
        for tie in connection.execute(select(TIES).where(TIES.c.occurrence.in_(some)).order_by(TIES.c.agency)):
            ties[tie.occurrence, tie.role].append(tie.agency)
        programmes = (
            select(OCCURRENCES.c.id, PROGRAMMES.c.standing_agency, PROGRAMMES.c.collector)
            .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
            .where(OCCURRENCES.c.id.in_(some))
        )
        for row in connection.execute(programmes):
            found[row.id] = Parties(
                leads=tuple(ties[row.id, Role.LEAD]),
                participants=tuple(ties[row.id, Role.PARTICIPANT]),
                inspected=tuple(ties[row.id, Role.INSPECTED]),
                collectors=tuple(ties[row.id, Role.RECIPIENT]) or tuple(filter(None, [row.collector])),
                standing=row.standing_agency,
            )
    return found
