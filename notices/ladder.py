"""Holds a connection: lays the rungs of what is open, and lays them anew when dates or members change.

Keys: a rung is one step of one due version of one subject, so laying twice changes nothing. A new due version
leaves the old rungs where they are, settled as replaced: what was promised and when stays on record.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select, update

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
from notices.tables import DUTIES, OCCURRENCES, PASSAGES, PROGRAMMES, RUNGS, batches, insert_missing


@dataclass(frozen=True, slots=True)
class Redated:
    """A subject still owed that has another due version than people were told, or that nobody asks for any more.

    ``decided`` says that a person decided about this one agency's duty: more time, a correction, a waiver.
    ``aside`` says that its agency is not told of its own: the programme is a draft, or the body has ended.
    """

    subject: str
    version: str
    occurrence: str
    agency: str | None
    decided: bool
    aside: bool


def follow_calendar(connection: Connection, days: WorkingDays, now: datetime, really: datetime) -> None:
    """Marks the ladders with rungs to come as stale when other days are worked than at the last planning.

    A decision about a holiday moves rungs though no due day moves. What is known is the digest of this year and
    the next, kept as the one passage ``days/…``.
    """
    first, last = date(now.year, 1, 1), date(now.year + 1, 12, 31)
    worked = "".join("01"[days.is_working(first + timedelta(number))] for number in range((last - first).days + 1))
    name = f"days/{first.year}-{hashlib.sha256(worked.encode()).hexdigest()[:16]}"
    known = list(connection.execute(select(PASSAGES.c.name).where(PASSAGES.c.name.startswith("days/"))).scalars())
    if known == [name]:
        return
    connection.execute(delete(PASSAGES).where(PASSAGES.c.name.in_(known)))
    insert_missing(connection, PASSAGES, [{"name": name, "at": now, "really_at": really}])
    to_come = select(RUNGS.c.occurrence).where(RUNGS.c.settled_on.is_(None))
    connection.execute(update(OCCURRENCES).where(OCCURRENCES.c.id.in_(to_come)).values(rungs_stale=True))


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
        for subject in lay_ladders(row, duties[row["id"]], read_ladder(text), days):
            new += _settle(connection, row, subject, known[subject.id], today)
            versions = {rung["version"] for rung in known[subject.id]}
            if versions and subject.version not in versions and subject.owed:
                aside = row["draft"] or subject.handover
                redated.append(Redated(subject.id, subject.version, row["id"], subject.agency, subject.decided, aside))
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
class Laddered:
    """One subject with its rungs; ``owed`` while it has not been handed in: what is done needs no news of its day."""

    id: str
    version: str
    owed: bool
    laid: tuple[Laid, ...]
    agency: str | None = None
    decided: bool = False
    handover: bool = False


def lay_ladders(row: RowMapping, duties: Sequence[RowMapping], ladder: Ladder, days: WorkingDays) -> Iterator[Laddered]:
    """The duties of a deadline, each with its own due day, and the occurrence itself; what is off has no rungs."""
    live = row["status"] == Status.PLANNED.value and is_laddered(row["placing"]) and not row["rolls_up"]
    for duty in duties:
        asked = live and row["placing"] == Placing.DEADLINE and not duty["withdrawn"] and duty["waived_on"] is None
        yield Laddered(
            duty["id"],
            f"{row['due_version']}.{duty['due_version']}",
            duty["done_on"] is None or duty["returned_on"] is not None,
            tuple(_laid_for_duty(row, duty, ladder, days) if asked else ()),
            duty["agency"],
            duty["due_version"] > 1,
            duty["handover"],
        )
    own = _laid_for_occurrence(row, duties, ladder, days) if live else []
    yield Laddered(row["id"], str(row["due_version"]), row["done_on"] is None, tuple(own))


def _laid_for_duty(row: RowMapping, duty: RowMapping, ladder: Ladder, days: WorkingDays) -> list[Laid]:
    if duty["returned_on"] is not None:
        if duty["correct_by"] is None:
            return []
        return rungs_of_duty(ladder, days.on_or_before(duty["correct_by"]), days, correcting=True)
    extended = duty["extended_to"]
    return rungs_of_duty(ladder, days.on_or_before(extended) if extended else row["work_by"], days)


def _laid_for_occurrence(
    row: RowMapping, duties: Sequence[RowMapping], ladder: Ladder, days: WorkingDays
) -> list[Laid]:
    if row["placing"] == Placing.DEADLINE:
        several = sum(not duty["withdrawn"] for duty in duties) > 1
        return rungs_of_collection(ladder, row["work_by"], days) if several else []
    if row["placing"] == Placing.FIXED:
        return rungs_of_event(ladder, row["first"], days)
    if row["certainty"] == Certainty.PERIOD and row["kind"] not in HELD_ON_A_DAY:
        return []  # what goes on for years is nobody's appointment
    return rungs_of_window(ladder, row["first"], row["last"], days, row["active_from"])


def _settle(
    connection: Connection, row: RowMapping, subject: Laddered, known: Sequence[RowMapping], today: date
) -> list[dict[str, Any]]:
    """Makes the stored rungs of one subject agree with ``subject``; returns those to be inserted.

    Rungs of the same version that have not fired follow a changed holiday, and those that were closed while an
    agency was left out wait again once it is back.
    """
    wanted = {laid.step.name: laid for laid in subject.laid}
    ours = {rung["step"]: rung for rung in known if rung["version"] == subject.version}
    for rung in known:
        here = (RUNGS.c.subject == subject.id, RUNGS.c.version == rung["version"], RUNGS.c.step == rung["step"])
        asked = wanted.get(rung["step"]) if rung["version"] == subject.version else None
        if rung["settled_on"] is None and asked is None:
            why = "replaced" if subject.laid else "closed"
            connection.execute(update(RUNGS).where(*here).values(settled_on=today, outcome=why))
        elif rung["settled_on"] is None and asked and asked.fires_on != rung["fires_on"]:
            connection.execute(update(RUNGS).where(*here).values(fires_on=asked.fires_on))
        elif rung["outcome"] == "closed" and asked and subject.owed:
            again = {"settled_on": None, "outcome": None, "fires_on": asked.fires_on}
            connection.execute(update(RUNGS).where(*here).values(**again))
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
            "settled_on": None,
            "outcome": None,
        }
        for name, laid in wanted.items()
        if name not in ours
    ]
