"""What a person recorded on a screen on top of the papers' files: dates, called-off matters, days off, contacts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class AmendmentKind(StrEnum):
    """What was amended; ``Amendment.subject`` is then an occurrence, a day, a contact or the like.

    Of ``EVENT`` it is the item (programme/item) that waited for it.
    """

    DATE = "date"
    CANCEL = "cancel"
    TEAM = "team"
    EVENT = "event"
    DAY = "day"
    CONTACT = "contact"
    SUBSTITUTION = "substitution"


class Amendment(SQLModel, table=True):
    """One amendment, append-only: of each (kind, subject) the newest holds.

    ``content`` is the JSON of what holds from now on (planning.amendments has the shapes); "" takes the
    amendment back, and what the file says holds again. ``document`` is the paper it rests on. ``key`` is the
    form's own, so that a button pressed twice records once.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str = Field(index=True)
    content: str = ""
    document: str = ""
    why: str = ""
    by: str
    at: datetime = Field(sa_type=UtcInstant)
    key: str | None = Field(default=None, unique=True)
