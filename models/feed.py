"""Published calendars: the kept bytes of each event and which calendars have to be written again."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class Fragment(SQLModel, table=True):
    """The VEVENT bytes of one occurrence as of ``revised_at``; rendered once for each revision."""

    occurrence: str = Field(primary_key=True, foreign_key="occurrence.id")
    revised_at: datetime = Field(sa_type=UtcInstant)
    event: bytes


class Feed(SQLModel, table=True):
    """One published calendar; ``name`` is its path without ".ics" ("agency/BDT", "all").

    ``stale`` is set by whoever changes an occurrence in it and cleared once the file is written.
    ``digest`` is the SHA-256 of the file's bytes; ``created_on`` dates the notice event of an empty
    calendar.
    """

    name: str = Field(primary_key=True)
    title: str
    created_on: date
    stale: bool = True
    digest: str | None = None
    events: int = 0
