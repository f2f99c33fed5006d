"""A signed (or drafted) document and its frozen versions."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class Programme(SQLModel, table=True):
    """One document. It is a draft while number or date of issue is missing; ``last`` counts a recorded extension."""

    code: str = Field(primary_key=True)
    short: str
    title: str
    number: str | None = None
    issued: date | None = None
    issuer: str
    source: str
    first: date
    last: date
    standing_agency: str
    collector: str | None = None
    policy: str
    draft: bool
    items: int = 0


class Release(SQLModel, table=True):
    """Version ``number`` of a programme, frozen: its definition as JSON and the digest of that text."""

    programme: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    content: str
    digest: str
    released_at: datetime = Field(sa_type=UtcInstant)
