"""What follows when rungs have fired: who is told once, what is set in motion, and what is let go. Pure.

Messages collapse: after an outage of any length those of the latest day stand for the others and say so. Acts (a
letter, the chair's list, the yearly rating) do not: each happens once, however late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from models.kinds import Action

MESSAGES = frozenset({Action.REMIND, Action.ESCALATE, Action.NAME_MISSING})
ESCALATES = frozenset(Action) - {Action.REMIND}


@dataclass(frozen=True, slots=True)
class Fired:
    """A rung whose day has come."""

    step: str
    action: Action
    targets: str
    urgent: bool
    fires_on: date


@dataclass(frozen=True, slots=True)
class Subject:
    """How the subject of the rungs stands; ``last`` is its last day on time, or the last day of its event or window.

    ``escalates`` is False for drafts and for days nobody wrote down: then there are reminders only. ``began`` is
    the day the office began to use the program.
    """

    open: bool
    last: date
    escalates: bool = True
    began: date = date.min


@dataclass(frozen=True, slots=True)
class Consequence:
    """``told`` are the messages of the latest day, standing also for ``missed`` others; ``acts`` are what else to do.

    Several are told when the ladder tells several people on one day. ``outcomes`` says of every fired rung what
    became of it.
    """

    told: tuple[Fired, ...] = ()
    missed: int = 0
    acts: tuple[Fired, ...] = ()
    outcomes: dict[str, str] = field(default_factory=dict)


def follow(fired: Sequence[Fired], subject: Subject, today: date, last_run: date) -> Consequence:
    """What becomes of the rungs that fired up to ``today`` and of which nothing has come yet.

    Rungs after ``last_run`` were missed while nobody planned; earlier ones lay in the past when the subject
    became known, so that nobody missed them.
    """
    outcomes: dict[str, str] = {}
    messages: list[Fired] = []
    acts: list[Fired] = []
    for rung in sorted(fired, key=lambda rung: rung.fires_on):
        if not subject.open:
            outcomes[rung.step] = "closed"
        elif rung.fires_on < subject.began or subject.last < subject.began:
            outcomes[rung.step] = "inherited"  # not ours to remind of, and nobody recorded who had handed in
        elif rung.action in ESCALATES and not subject.escalates:
            outcomes[rung.step] = "not_escalated"
        elif rung.action is Action.REMIND and today > subject.last:
            outcomes[rung.step] = "too_late"
        elif rung.action in MESSAGES:
            outcomes[rung.step] = "collapsed"
            messages.append(rung)
        else:
            outcomes[rung.step] = "listed" if rung.action is Action.LIST_FOR_CHAIR else "done"
            acts.append(rung)
    if not messages:
        return Consequence(acts=tuple(acts), outcomes=outcomes)
    told = tuple(rung for rung in messages if rung.fires_on == messages[-1].fires_on)
    outcomes |= {rung.step: "told" for rung in told}
    late = [rung for rung in fired if rung.action in MESSAGES and rung.fires_on > last_run]
    missed = sum(outcomes[rung.step] in ("collapsed", "too_late") for rung in late)
    return Consequence(told, missed, tuple(acts), outcomes)
