"""The ladder as an occurrence keeps it, and the day on which each of its rungs fires. Pure.

Working days are counted from the last working day still on time (deadlines) or from the day itself (events).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from typing import Any

from calendars.working_days import WorkingDays
from models.kinds import Action, Placing, Target

SHORTEST_WINDOW = timedelta(days=27)  # a weekly routine needs no reminder that its week has begun


@dataclass(frozen=True, slots=True)
class Step:
    """One rung before it has a day; ``at`` is "due", for events "day", for windows "start", "middle" or "end"."""

    name: str
    working_days: int
    targets: tuple[Target, ...]
    action: Action = Action.REMIND
    urgent: bool = False
    at: str = "due"


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who hears what, when. ``digest_at`` is the office's hour; a drafted letter waits ``letter_answer_days``."""

    code: str
    deadlines: tuple[Step, ...]
    events: tuple[Step, ...]
    windows: tuple[Step, ...]
    digest_at: time = time(7, 30)
    letter_answer_days: int = 2


@dataclass(frozen=True, slots=True)
class Laid:
    """A rung with its day."""

    step: Step
    fires_on: date


@cache
def read_ladder(text: str) -> Ladder:
    """The ladder from the JSON an occurrence carries (the policy's own shape); many occurrences share one."""
    policy: Mapping[str, Any] = json.loads(text)
    return Ladder(
        policy["code"],
        tuple(map(_step, policy["deadlines"])),
        tuple(_step(written, "day") for written in policy["events"]),
        tuple(map(_step, policy["windows"])),
        time.fromisoformat(policy.get("digest_at", "07:30")),
        policy.get("letter_answer_days", 2),
    )


def _step(written: Mapping[str, Any], at: str = "due") -> Step:
    return Step(
        written["step"],
        written["working_days"],
        tuple(Target(target) for target in written["to"]),
        Action(written.get("action", Action.REMIND)),
        written.get("urgent", False),
        written.get("at", at),
    )


def rungs_of_duty(ladder: Ladder, work_by: date, days: WorkingDays, *, correcting: bool = False) -> list[Laid]:
    """One agency's rungs; what is asked back for correction is reminded of, not escalated: it was handed in once."""
    return [
        Laid(step, days.add(work_by, step.working_days))
        for step in ladder.deadlines
        if step.action is not Action.NAME_MISSING and not (correcting and step.action is not Action.REMIND)
    ]


def rungs_of_collection(ladder: Ladder, work_by: date, days: WorkingDays) -> list[Laid]:
    """The rungs of a whole collection: naming to the collector who is missing."""
    steps = (step for step in ladder.deadlines if step.action is Action.NAME_MISSING)
    return [Laid(step, days.add(work_by, step.working_days)) for step in steps]


def rungs_of_event(ladder: Ladder, first: date, days: WorkingDays) -> list[Laid]:
    """The rungs before a conference or an inspection that has its day."""
    return [Laid(step, days.add(first, step.working_days)) for step in ladder.events]


def rungs_of_window(
    ladder: Ladder, first: date, last: date, days: WorkingDays, issued: date | None = None
) -> list[Laid]:
    """The rungs of a stretch nobody has fixed a day in.

    A paper ``issued`` later than ``first`` binds from then on: what is left of a month is reminded of, however
    short. Of rungs that fall on one day the first stands, and none falls outside the stretch.
    """
    if last - first < SHORTEST_WINDOW:
        return []
    begins = max(first, issued or first)
    found = sorted((_in_window(step, begins, last, days) for step in ladder.windows), key=lambda laid: laid.fires_on)
    return list(_one_a_day(laid for laid in found if begins <= laid.fires_on <= last))


def _in_window(step: Step, first: date, last: date, days: WorkingDays) -> Laid:
    base = {"start": first, "middle": first + (last - first) // 2, "end": last}[step.at]
    counted = days.add(base, step.working_days)
    return Laid(step, days.on_or_after(counted) if step.at != "end" else days.on_or_before(counted))


def _one_a_day(found: Iterator[Laid]) -> Iterator[Laid]:
    last: date | None = None
    for laid in found:
        if laid.fires_on != last:
            yield laid
        last = laid.fires_on


def is_laddered(placing: str) -> bool:
    """Whether anybody is ever reminded of it: what has no time at all is not."""
    return placing in (Placing.DEADLINE, Placing.FIXED, Placing.WINDOW)
