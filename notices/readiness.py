"""Holds a connection: which steps of the ladders have a target nobody can be reached for, before it is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from models.contact import POST_NAMES, Post, Target
from models.kinds import Placing
from models.notice import Action
from models.occurrence import Status
from notices.contact_book import read_contact_book
from notices.parties import read_parties
from notices.recipients import NOBODY, ContactBook, Meant, Parties
from notices.rules import Ladder, Step, read_ladder
from notices.tables import AGENCIES, DUTIES, OCCURRENCES, PROGRAMMES


@dataclass(frozen=True, slots=True)
class Gap:
    """One post that cannot be told: whose, what is lacking, at which steps, and one matter it would be about."""

    agency: str
    lacks: str
    steps: tuple[str, ...]
    example: str


def find_gaps(connection: Connection, ladders: Mapping[str, str], today: date) -> list[Gap]:
    """Every step of what is still to come (drafts go to the secretariat alone) whose target has no verified channel."""
    book = read_contact_book(connection)
    names = {row.code: row.name for row in connection.execute(select(AGENCIES.c.code, AGENCIES.c.name))}
    rows = connection.execute(_to_come(today)).all()
    parties = read_parties(connection, {row.id for row in rows})
    read: dict[str, Ladder] = {}
    found: dict[tuple[str, str], tuple[dict[str, None], str]] = defaultdict(lambda: ({}, ""))
    for row in rows:
        text = row.ladder or ladders.get(row.policy, "")
        if not text:
            continue
        ladder = read.setdefault(text, read_ladder(text))
        for step, meant in _asked(row, ladder, replace(parties[row.id], agency=row.agency), book, today):
            if gap := _lack(meant, names):
                steps, example = found[gap]
                found[gap] = ({**steps, step.name: None}, example or row.title)
    return [Gap(*key, tuple(steps), example) for key, (steps, example) in sorted(found.items())]


def _to_come(today: date) -> Select[Any]:
    """What is planned from today on, with who owes it: a row for each duty, one for what nobody owes."""
    owed = and_(DUTIES.c.occurrence == OCCURRENCES.c.id, ~DUTIES.c.withdrawn, DUTIES.c.done_on.is_(None))
    facts = [OCCURRENCES.c[name] for name in ("id", "placing", "title", "policy", "ladder")]
    return (
        select(*facts, DUTIES.c.agency, PROGRAMMES.c.draft)
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .outerjoin(DUTIES, owed)
        .where(OCCURRENCES.c.status == Status.PLANNED.value, ~OCCURRENCES.c.rolls_up, PROGRAMMES.c.last >= today)
        .where(or_(OCCURRENCES.c.last_on_time >= today, OCCURRENCES.c.last >= today))
    )


def _asked(
    row: Row[Any], ladder: Ladder, parties: Parties, book: ContactBook, today: date
) -> Iterator[tuple[Step, Meant]]:
    """Each step of the matter with everyone it would be told to."""
    for step in _steps(row.placing, ladder):
        if row.draft and step.action is not Action.REMIND:
            continue
        for target in (Target.SECRETARIAT,) if row.draft else step.targets:
            for meant in book.find(target, parties, today):
                yield step, meant


def _steps(placing: str, ladder: Ladder) -> tuple[Step, ...]:
    ladders = {Placing.DEADLINE: ladder.deadlines, Placing.FIXED: ladder.events, Placing.WINDOW: ladder.windows}
    return ladders.get(Placing(placing), ())


def _lack(meant: Meant, names: Mapping[str, str]) -> tuple[str, str] | None:
    """The agency and what it lacks; None when the recipient can be reached."""
    agency = names.get(meant.agency or "", meant.agency or "Văn phòng Ban Chỉ đạo")
    if meant.person is None:
        post = meant.key.removeprefix(NOBODY).partition(":")[0]
        return agency, f"chưa có {POST_NAMES[Post(post)].lower()}"
    return None if meant.person.ways else (agency, f"{meant.person.name} chưa có kênh đã kiểm tra")
