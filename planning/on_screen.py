"""What people recorded on a screen on top of the papers, and which of it holds: shapes only, pure.

An amendment's content is JSON of one of the shapes here or of planning.definitions; who recorded it, when, why
and by which document stand beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Generic, TypeVar

from pydantic import BaseModel

from calendars.working_days import DayOverride
from planning.definitions import (
    Code,
    ContactChannelDefinition,
    ContactDefinition,
    Day,
    Definition,
    HappenedDefinition,
    Hour,
    SubstitutionDefinition,
    Text,
)

Content = TypeVar("Content", bound=BaseModel)


class DateOnScreen(Definition):
    """The day of an occurrence: of an event, ``first`` to ``last``; of a ``deadline``, ``first`` is the day named.

    ``included`` says of a deadline whether the named day itself is on time.
    """

    first: Day
    last: Day | None = None
    starts: Hour | None = None
    ends: Hour | None = None
    place: Text | None = None
    deadline: bool = False
    included: bool = True


class CalledOff(Definition):
    """The occurrence does not take place; there is nothing more to say."""


class TeamOnScreen(Definition):
    """The team an inspection was given to."""

    team: Code


class DayOnScreen(Definition):
    """Whether the day is worked."""

    working: bool


class ContactOnScreen(Definition):
    """A contact as it is from now on; ``kept`` are verified addresses still used until the new ones are verified."""

    contact: ContactDefinition
    kept: tuple[ContactChannelDefinition, ...] = ()

    @property
    def whole(self) -> ContactDefinition:
        """The contact with every channel that may be used, new ones first."""
        return self.contact.model_copy(update={"channels": (*self.contact.channels, *self.kept)})


@dataclass(frozen=True, slots=True)
class Held(Generic[Content]):
    """One amendment that holds: its content, the document it rests on, why, by whom and when (aware)."""

    content: Content
    document: str
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Amendments:
    """Everything that holds, by subject; ``newest`` is the number of the last line read, whatever it says.

    ``events`` are by item (programme/item): what it waited for took place.
    """

    dates: Mapping[str, Held[DateOnScreen]] = field(default_factory=dict)
    called_off: Mapping[str, Held[CalledOff]] = field(default_factory=dict)
    teams: Mapping[str, Held[TeamOnScreen]] = field(default_factory=dict)
    days: Mapping[date, Held[DayOnScreen]] = field(default_factory=dict)
    contacts: Mapping[str, Held[ContactOnScreen]] = field(default_factory=dict)
    substitutions: Mapping[str, Held[SubstitutionDefinition]] = field(default_factory=dict)
    events: Mapping[str, Held[HappenedDefinition]] = field(default_factory=dict)
    newest: int = 0

    @property
    def overrides(self) -> tuple[DayOverride, ...]:
        """The days decided on a screen, as the working days take them."""
        return tuple(
            DayOverride(day, held.content.working, held.document or held.by, held.by, held.why)
            for day, held in self.days.items()
        )

    @property
    def occurrences(self) -> tuple[str, ...]:
        """Every occurrence something was recorded about, each once."""
        return tuple(sorted({*self.dates, *self.called_off, *self.teams}))

    def as_on_paper(self) -> Amendments:
        """Without anything about occurrences: what the paper says, by the working days and the events that hold."""
        return replace(self, dates={}, called_off={}, teams={})


def write_content(content: BaseModel) -> str:
    """The content as it is kept: hours as in the papers' files, nothing that says nothing."""
    written = content.model_dump(by_alias=True, exclude_none=True)
    return json.dumps(written, ensure_ascii=False, sort_keys=True, default=_write_value)


def _write_value(value: object) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)
