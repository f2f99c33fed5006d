"""What an expanded year is made of: occurrences with everyone in them, and what waits for a decision. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from models.kinds import SECRET_TITLE, Placing
from models.occurrence import Status


@dataclass(frozen=True, slots=True)
class Tie:
    """An agency's part in an occurrence (models.kinds.Role); ``named_as`` is what the paper calls it."""

    agency: str
    role: str
    named_as: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """What one agency owes for the occurrence."""

    agency: str
    named_as: str | None = None
    handover: bool = False


@dataclass(frozen=True, slots=True)
class PlannedOccurrence:
    """An item in one period, as it holds; the fields are those of models.occurrence.Occurrence."""

    id: str
    programme: str
    item: str
    period: str
    line: int
    kind: str
    title: str
    placing: str
    year_first: int
    year_last: int
    certainty: str | None = None
    first: date | None = None
    last: date | None = None
    starts: time | None = None
    ends: time | None = None
    duration_days: int | None = None
    named_date: date | None = None
    last_on_time: date | None = None
    work_by: date | None = None
    included: bool | None = None
    active_from: date | None = None
    tentative: bool = False
    assumed: bool = False
    phrase: str | None = None
    why: str = ""
    fixed_by: str | None = None
    place: str | None = None
    team: str | None = None
    round: int | None = None
    product: str | None = None
    headcount: int | None = None
    headcount_about: bool = False
    budget_central: int | None = None
    budget_local: int | None = None
    note: str | None = None
    rolls_up: bool = False
    marked_on: date | None = None
    opens_on: date | None = None
    policy: str = "default"
    secret: bool = False
    status: str = Status.PLANNED.value
    cancelled_on: date | None = None
    ties: tuple[Tie, ...] = ()
    duties: tuple[Owed, ...] = ()
    needs: tuple[tuple[str, bool], ...] = ()

    @property
    def shown_title(self) -> str:
        """Its title as anybody may read it."""
        return SECRET_TITLE if self.secret else self.title

    @property
    def dated(self) -> bool:
        """Whether it stands on the calendar: a deadline, a day or a window."""
        return self.placing in (Placing.DEADLINE, Placing.WINDOW, Placing.FIXED)

    @property
    def called_off(self) -> bool:
        """Whether somebody cancelled it, though the paper has it."""
        return self.status == Status.CANCELLED

    @property
    def evaluated_on(self) -> date:
        """The day whose agencies are meant: the deadline itself, or the first day the paper binds."""
        day = self.last_on_time or max(filter(None, (self.first, self.active_from)), default=None)
        return day or date(self.year_first, 1, 1)


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """Something a person must decide; ``kind`` groups them, ``sentence`` and ``help`` are Vietnamese.

    ``between`` are the occurrences that get in each other's way, when that is the matter; it is not kept.
    """

    kind: str
    programme: str
    item: str | None
    sentence: str
    help: str = ""
    between: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedYearOf:
    """One programme's year: what happens, what waits for a decision."""

    programme: str
    year: int
    occurrences: tuple[PlannedOccurrence, ...]
    decisions: tuple[OpenDecision, ...]
