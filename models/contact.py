"""People and mailboxes: who answers for an agency, by which channels, who stands in for them and when."""

from __future__ import annotations

from datetime import date, time

from sqlmodel import Field, SQLModel


class Contact(SQLModel, table=True):
    """One person or mailbox; ``agency`` is empty for the office's own secretariat.

    ``quiet_from``/``quiet_to`` are the hours (Asia/Ho_Chi_Minh) in which nothing is sent. ``valid_from``
    and ``valid_to`` are the first and last day in the post.
    """

    code: str = Field(primary_key=True)
    name: str
    agency: str | None = Field(default=None, index=True)
    post: str
    language: str = "vi"
    quiet_from: time
    quiet_to: time
    digest: bool = True
    valid_from: date | None = None
    valid_to: date | None = None


class ContactChannel(SQLModel, table=True):
    """One way to reach a contact; position 0 is tried first.

    ``address`` is a mail address, a telephone number, or for Apprise a reference to where its address
    is kept (``env:NAME`` or ``file:/path``), since such an address carries a secret.
    """

    contact: str = Field(primary_key=True, foreign_key="contact.code")
    position: int = Field(primary_key=True)
    kind: str
    address: str
    verified_on: date | None = None


class Substitution(SQLModel, table=True):
    """``substitute`` hears what ``contact`` would, from ``first`` to ``last``, both included."""

    contact: str = Field(primary_key=True, foreign_key="contact.code")
    first: date = Field(primary_key=True)
    last: date
    substitute: str


class DigestRefusal(SQLModel, table=True):
    """A contact who wants no digest: every notice then comes by itself. Duties cannot be refused."""

    contact: str = Field(primary_key=True)
    since: date
