"""Calendars people subscribe to over HTTP: whose, with which options, and by which secret address."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class WindowStyle(StrEnum):
    """How a stretch nobody has fixed a day in stands in a subscription."""

    MARKER = "marker"  # one day, the first working one
    SPAN = "span"
    HIDE = "hide"


class Subscription(SQLModel, table=True):
    """One subscription. ``owner`` is a published calendar's name ("agency/BDT", "programme/DB-351-2022", "all").

    ``filters`` is JSON (calendars.subscriptions has its shape) and narrows what the owner's calendar holds.
    ``contact`` is the agency's person who made it, empty for the secretariat's. The address's token has 256 bits
    and is kept as its SHA-256 (``digest``); after a rotation the one before (``digest_before``) leads to the new one
    until ``before_until``. ``alarm_minutes`` before the beginning a client rings; empty: never.
    """

    id: int | None = Field(default=None, primary_key=True)
    owner: str = Field(index=True)
    contact: str | None = Field(default=None, index=True)
    title: str
    filters: str = "{}"
    language: str = "vi"
    windows: str = WindowStyle.MARKER
    cancelled: bool = True
    tasks: bool = False
    alarm_minutes: int | None = None
    generation: int = 1
    digest: str = Field(unique=True)
    digest_before: str | None = Field(default=None, unique=True)
    before_until: datetime | None = Field(default=None, sa_type=UtcInstant)
    created_at: datetime = Field(sa_type=UtcInstant)
    created_by: str
    revoked_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    asked_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    asked_by: str | None = None  # the client's own words for itself
    asked: int = 0
