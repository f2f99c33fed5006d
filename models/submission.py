"""What agencies hand in and ask for: submissions with their files, and requests for more time."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class Submission(SQLModel, table=True):
    """One handing-in for a duty, append-only; a ``complete`` one makes the duty done, a partial one does not.

    It names a document (number, date), a ``link``, or files. ``by`` is the name typed, ``contact`` whose link or
    account it was (empty: the secretariat recorded it). ``version`` is that of the due day, as rungs have it. ``at``
    is the office's time. ``key`` is the form's own: a button pressed twice hands in once.
    """

    id: int | None = Field(default=None, primary_key=True)
    duty: str = Field(index=True)
    version: str
    agency: str = Field(index=True)
    contact: str | None = None
    by: str
    at: datetime = Field(sa_type=UtcInstant)
    complete: bool
    document_number: str | None = None
    document_date: date | None = None
    link: str | None = None
    note: str = ""
    key: str = Field(unique=True)


class SubmittedFile(SQLModel, table=True):
    """One file of a submission, append-only; it lies under ``stored``, a name of ours, outside every web root.

    ``name`` is how the sender called it, cleaned, only ever shown as text; ``size`` in bytes, ``digest`` SHA-256.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission: int = Field(index=True, foreign_key="submission.id")
    name: str
    media_type: str
    size: int
    digest: str
    stored: str = Field(unique=True)


class RequestState(StrEnum):
    """Where a request for more time stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"  # handed in, extended otherwise or waived before anybody answered


class ExtensionRequest(SQLModel, table=True):
    """An agency asks for more time for a duty, until ``until``; the secretariat decides.

    ``version`` is that of the due day it was asked about. ``granted_until`` may differ from what was asked.
    """

    id: int | None = Field(default=None, primary_key=True)
    duty: str = Field(index=True)
    version: str
    agency: str = Field(index=True)
    contact: str | None = None
    by: str
    at: datetime = Field(sa_type=UtcInstant)
    until: date
    why: str
    state: str = Field(default=RequestState.WAITING, index=True)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    granted_until: date | None = None
    remark: str = ""
    key: str = Field(unique=True)
