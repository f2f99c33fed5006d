"""Holds a connection: which steps of the ladders have a target nobody can be reached for, before it is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, or_, select

from calendars.wording import Language
from calendars.working_days import WorkingDays
from models.alphabet import alphabetical
from models.kinds import POST_NAMES, SECRET_TITLE, Post, Target
from models.occurrence import Status
from notices.contact_book import read_contact_book
from notices.escalation import ESCALATES, MESSAGES
from notices.ladder import Laddered, lay_ladders
from notices.parties import read_parties
from notices.recipients import NOBODY, ContactBook, Meant
from notices.rules import Step, read_ladder
from notices.steps import say_step
from notices.tables import AGENCIES, DUTIES, OCCURRENCES, PROGRAMMES, batches


@dataclass(frozen=True, slots=True)
class Gap:
    """One post that cannot be told: whose, what is lacking, at which steps, and one matter it would be about.

    ``steps`` are codes as the policy has them, ``step_names`` the same in words.
    """

    agency: str
    lacks: str
    steps: tuple[str, ...]
    step_names: tuple[str, ...]
    example: str


def find_gaps(
    connection: Connection, ladders: Mapping[str, str], days: WorkingDays, today: date, language: Language = "vi"
) -> list[Gap]:
    """Every rung still to come whose target has no verified channel, by agency and what it lacks.

    ``ladders`` are the policies as JSON by code, ``language`` is that of the steps' names.
    """
    book = read_contact_book(connection)
    names = {row.code: row.name for row in connection.execute(select(AGENCIES.c.code, AGENCIES.c.name))}
    found: dict[tuple[str, str], tuple[dict[tuple[str, str], None], str]] = defaultdict(lambda: ({}, ""))
    for title, step, meant in _asked(connection, ladders, days, book, today):
        if gap := _lack(meant, names):
            steps, example = found[gap]
            found[gap] = ({**steps, (step.name, say_step(step, language)): None}, example or title)
    return [_gap(*key, steps, example) for key, (steps, example) in sorted(found.items(), key=_by_agency)]


def _by_agency(one: tuple[tuple[str, str], Any]) -> tuple[Any, ...]:
    agency, lacks = one[0]
    return alphabetical(agency), alphabetical(lacks), agency, lacks


def _gap(agency: str, lacks: str, steps: Iterable[tuple[str, str]], example: str) -> Gap:
    """Each code and each name once: a code may stand in several ladders, and several steps may fall on one day."""
    codes, names = (tuple(dict.fromkeys(said)) for said in zip(*steps, strict=True))
    return Gap(agency, lacks, codes, names, example)


def _asked(
    connection: Connection, ladders: Mapping[str, str], days: WorkingDays, book: ContactBook, today: date
) -> Iterator[tuple[str, Step, Meant]]:
    """What each rung to come is about, and everyone it would be told to."""
    rows = connection.execute(_to_come(today)).mappings().all()
    duties = _duties(connection, [row["id"] for row in rows])
    parties = read_parties(connection, [row["id"] for row in rows])
    for row in rows:
        text = row["ladder"] or ladders.get(row["policy"], "")
        if not text:
            continue
        title = SECRET_TITLE if row["secret"] else row["title"]
        ladder = read_ladder(text)
        for subject in lay_ladders(row, duties[row["id"]], ladder, days):
            around = replace(parties[row["id"]], agency=subject.agency)
            for step in _steps(row, subject, today):
                for target in step.targets:
                    yield from ((title, step, meant) for meant in book.find(target, around, today))


def _to_come(today: date) -> Select[Any]:
    """What is planned and not over, with whether its programme is a draft."""
    return (
        select(OCCURRENCES, PROGRAMMES.c.draft)
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .where(OCCURRENCES.c.status == Status.PLANNED.value, PROGRAMMES.c.last >= today)
        .where(or_(OCCURRENCES.c.last_on_time >= today, OCCURRENCES.c.last >= today))
        .order_by(OCCURRENCES.c.id)
    )


def _duties(connection: Connection, occurrences: Sequence[str]) -> dict[str, list[RowMapping]]:
    found: dict[str, list[RowMapping]] = defaultdict(list)
    for some in batches(occurrences):
        for duty in connection.execute(select(DUTIES).where(DUTIES.c.occurrence.in_(some))).mappings():
            found[duty["occurrence"]].append(duty)
    return found


def _steps(row: RowMapping, subject: Laddered, today: date) -> Iterator[Step]:
    """The subject's rungs to come, as the planner will tell them: drafts and bodies that ended, to the secretariat."""
    for step in (laid.step for laid in subject.laid if subject.owed and laid.fires_on >= today):
        if step.action in ESCALATES and (row["draft"] or row["assumed"]):
            continue
        aside = step.action in MESSAGES and (row["draft"] or subject.handover)
        yield replace(step, targets=(Target.SECRETARIAT,)) if aside else step


def _lack(meant: Meant, names: Mapping[str, str]) -> tuple[str, str] | None:
    """The agency and what it lacks; None when the recipient can be reached."""
    agency = names.get(meant.agency or "", meant.agency or "Văn phòng Ban Chỉ đạo")
    if meant.person is None:
        post = meant.key.removeprefix(NOBODY).partition(":")[0]
        return agency, f"chưa có {POST_NAMES[Post(post)].lower()}"
    return None if meant.person.ways else (agency, f"{meant.person.name} chưa có kênh đã kiểm tra")
