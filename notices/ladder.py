"""Holds a connection: lays the rungs of what is open, and lays them anew when dates or members change.

Keys: a rung is one step of one due version of one subject, so laying twice changes nothing. A new due version
leaves the old rungs where they are, settled as replaced: what was promised and when stays on record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from calendars.working_days import WorkingDays
from models.errors import DonDocError
from models.kinds import HELD_ON_A_DAY, Placing
from models.occurrence import Status
from models.timing import Certainty
from notices.rules import (
    Ladder,
    Laid,
    is_laddered,
    read_ladder,
    rungs_of_collection,
    rungs_of_duty,
    rungs_of_event,
    rungs_of_window,
)
from notices.tables import DUTIES, OCCURRENCES, PROGRAMMES, RUNGS, batches, insert_missing


@dataclass(frozen=True, slots=True)
class Redated:
    """A subject that has another due version than people were told, or that nobody asks for any more.

    ``decided`` says that a person decided about this one agency's duty: more time, a correction, a waiver.
    ``draft`` says that its programme binds nobody yet.
    """

    subject: str
    version: str
    occurrence: str
    agency: str | None
    decided: bool
    draft: bool


def lay_rungs(connection: Connection, ladders: Mapping[str, str], days: WorkingDays, today: date) -> list[Redated]:
    """Lays the ladders of every occurrence marked stale; ``ladders`` are the policies as JSON by code.

    The policy is copied onto the occurrence the first time, so that a later edit never changes what was promised.
    Returns the subjects whose due version is new, for the planner to tell those who know the old one.
    """
    found = select(OCCURRENCES, PROGRAMMES.c.draft).join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
    stale = connection.execute(found.where(OCCURRENCES.c.rungs_stale)).mappings().all()
    redated: list[Redated] = []
    for some in batches(stale):
        redated += _lay_some(connection, some, ladders, days, today)
    return redated


def _lay_some(
    connection: Connection,
    occurrences: Sequence[RowMapping],
    ladders: Mapping[str, str],
    days: WorkingDays,
    today: date,
) -> list[Redated]:
    ids = [row["id"] for row in occurrences]
    duties: dict[str, list[RowMapping]] = defaultdict(list)
    for duty in connection.execute(select(DUTIES).where(DUTIES.c.occurrence.in_(ids))).mappings():
        duties[duty["occurrence"]].append(duty)
    known: dict[str, list[RowMapping]] = defaultdict(list)
    for rung in connection.execute(select(RUNGS).where(RUNGS.c.occurrence.in_(ids))).mappings():
        known[rung["subject"]].append(rung)
    new: list[dict[str, Any]] = []
    redated: list[Redated] = []
    for row in occurrences:
        text = row["ladder"] or _ladder_of(row, ladders)
        for subject in _subjects(row, duties[row["id"]], read_ladder(text), days):
            new += _settle(connection, row, subject, known[subject.id], today)
            if any(rung["version"] != subject.version for rung in known[subject.id]) and not any(
                rung["version"] == subject.version for rung in known[subject.id]
            ):
                redated.append(
                    Redated(subject.id, subject.version, row["id"], subject.agency, subject.decided, row["draft"])
                )
        connection.execute(
            update(OCCURRENCES).where(OCCURRENCES.c.id == row["id"]).values(ladder=text, rungs_stale=False)
        )
    insert_missing(connection, RUNGS, new)
    return redated


def _ladder_of(row: RowMapping, ladders: Mapping[str, str]) -> str:
    if row["policy"] not in ladders:
        raise DonDocError(
            f"Không có chính sách nhắc việc «{row['policy']}» của {row['id']}.",
            help="Khôi phục tệp trong policies/ rồi chạy lại.",
        )
    return ladders[row["policy"]]


@dataclass(frozen=True, slots=True)
class _Subject:
    id: str
    version: str
    agency: str | None
    decided: bool
    laid: tuple[Laid, ...]


def _subjects(row: RowMapping, duties: Sequence[RowMapping], ladder: Ladder, days: WorkingDays) -> Iterator[_Subject]:
    """The duties of a deadline, each with its own due day, and the occurrence itself; what is off has no rungs."""
    live = row["status"] == Status.PLANNED.value and is_laddered(row["placing"]) and not row["rolls_up"]
    if row["placing"] == Placing.DEADLINE:
        for duty in duties:
            owed = live and not duty["withdrawn"] and duty["waived_on"] is None
            laid = _laid_for_duty(row, duty, ladder, days) if owed else []
            version = f"{row['due_version']}.{duty['due_version']}"
            yield _Subject(duty["id"], version, duty["agency"], duty["due_version"] > 1, tuple(laid))
    own = _laid_for_occurrence(row, duties, ladder, days) if live else []
    yield _Subject(row["id"], str(row["due_version"]), None, False, tuple(own))


def _laid_for_duty(row: RowMapping, duty: RowMapping, ladder: Ladder, days: WorkingDays) -> list[Laid]:
    if duty["returned_on"] is not None:
        if duty["correct_by"] is None:
            return []
        return rungs_of_duty(ladder, days.on_or_before(duty["correct_by"]), days, correcting=True)
    return rungs_of_duty(ladder, duty["work_by"] or row["work_by"], days)


def _laid_for_occurrence(
    row: RowMapping, duties: Sequence[RowMapping], ladder: Ladder, days: WorkingDays
) -> list[Laid]:
    if row["placing"] == Placing.DEADLINE:
        return rungs_of_collection(ladder, row["work_by"], days) if len(duties) > 1 else []
    if row["placing"] == Placing.FIXED:
        return rungs_of_event(ladder, row["first"], days)
    if row["certainty"] == Certainty.PERIOD and row["kind"] not in HELD_ON_A_DAY:
        return []  # what goes on for years is nobody's appointment
    first = max(filter(None, (row["first"], row["active_from"])))
    return rungs_of_window(ladder, first, row["last"], days)


def _settle(
    connection: Connection, row: RowMapping, subject: _Subject, known: Sequence[RowMapping], today: date
) -> list[dict[str, Any]]:
    """Makes the stored rungs of one subject agree with ``subject``; returns those to be inserted.

    Rungs of the same version that have not fired follow a changed holiday. When people already know an older
    version, what the new one would have said by today is past: the change itself is told.
    """
    wanted = {laid.step.name: laid for laid in subject.laid}
    ours = {rung["step"]: rung for rung in known if rung["version"] == subject.version}
    waiting = [rung for rung in known if rung["settled_on"] is None]
    for rung in waiting:
        here = (RUNGS.c.subject == subject.id, RUNGS.c.version == rung["version"], RUNGS.c.step == rung["step"])
        if rung["version"] != subject.version or rung["step"] not in wanted:
            why = "replaced" if subject.laid else "closed"
            connection.execute(update(RUNGS).where(*here).values(settled_on=today, outcome=why))
        elif wanted[rung["step"]].fires_on != rung["fires_on"]:
            moved = wanted[rung["step"]].fires_on
            connection.execute(update(RUNGS).where(*here).values(fires_on=moved))
    renewed = any(rung["version"] != subject.version for rung in known)
    return [
        {
            "subject": subject.id,
            "version": subject.version,
            "step": name,
            "occurrence": row["id"],
            "agency": subject.agency,
            "action": laid.step.action.value,
            "targets": " ".join(laid.step.targets),
            "working_days": laid.step.working_days,
            "urgent": laid.step.urgent,
            "fires_on": laid.fires_on,
            "settled_on": today if renewed and laid.fires_on <= today else None,
            "outcome": "past" if renewed and laid.fires_on <= today else None,
        }
        for name, laid in wanted.items()
        if name not in ours
    ]
