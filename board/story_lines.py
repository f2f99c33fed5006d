"""What a story is made of: one line for each thing that happened, with its files and its notices. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoryFile:
    """One file that was handed in."""

    number: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class StoryNotice:
    """One notice: whom it was meant for, where it stands in words, and who said it had been received."""

    number: int
    name: str
    agency: str
    state: str
    accepted_at: datetime | None
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that happened: what, by whom, from what to what, and what it rests on."""

    at: datetime
    what: str
    who: str = ""
    before: str = ""
    after: str = ""
    document: str = ""
    why: str = ""
    link: str = ""
    files: tuple[StoryFile, ...] = ()
    notices: tuple[StoryNotice, ...] = ()
