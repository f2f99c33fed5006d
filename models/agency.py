"""Bodies that owe, take part, are inspected or receive; groups of them; who succeeded whom, and when."""

from __future__ import annotations

from datetime import date

from sqlmodel import Field, SQLModel


class Agency(SQLModel, table=True):
    """One body, or one group of bodies (``is_group``); ``valid_to`` is its last day."""

    code: str = Field(primary_key=True)
    name: str
    short: str
    level: str
    kind: str
    parent: str | None = None
    place: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    is_group: bool = False
    open: bool = False


class Membership(SQLModel, table=True):
    """A body (or a smaller group) belongs to a group, possibly only between two days, both included."""

    group: str = Field(primary_key=True)
    member: str = Field(primary_key=True)
    valid_from: date | None = None
    valid_to: date | None = None


class Succession(SQLModel, table=True):
    """``source`` became (part of) ``successor`` on ``on``; an empty successor means nobody was named."""

    source: str = Field(primary_key=True)
    successor: str = Field(primary_key=True, default="")
    on: date = Field(primary_key=True)
    change: str
    function: str | None = None
    basis: str
