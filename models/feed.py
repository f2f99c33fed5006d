"""Published calendars: the kept bytes of each event and which calendars have to be written again."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class Fragment(SQLModel, table=True):
    """The bytes of one occurrence as of ``revised_at``; rendered once for each revision and each ``variant``.

    ``variant`` says how: "vi" is the published calendars' event; calendars.components.Style names the others.
    "vi@SYT" is what that agency alone sees of its own deadline (calendars.own_events).
    """

    occurrence: str = Field(primary_key=True, foreign_key="occurrence.id")
    variant: str = Field(primary_key=True, default="vi")
    revised_at: datetime = Field(sa_type=UtcInstant)
    event: bytes


class Feed(SQLModel, table=True):
    """One published calendar; ``name`` is its path without ".ics" ("agency/BDT", "all").

    ``stale`` is set by whoever changes an occurrence in it and cleared once the file is written.
    ``digest`` is the SHA-256 of the file's bytes; ``created_on`` dates the notice event of an empty
    calendar. ``changed`` grows with every mark, over all calendars together: whoever remembers the last number it
    saw finds what has changed since.
    """

    name: str = Field(primary_key=True)
    title: str
    created_on: date
    stale: bool = True
    changed: int = Field(default=0, index=True)
    digest: str | None = None
    events: int = 0
