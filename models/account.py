"""Who may enter: the secretariat's accounts, the links of agencies' people, and open sessions of both."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class AccountRole(StrEnum):
    """What an account may do: decide, only read, or look after the accounts as well."""

    SECRETARIAT = "secretariat"
    CHAIR = "chair"
    ADMINISTRATOR = "administrator"


ROLE_TITLES: dict[AccountRole, str] = {
    AccountRole.SECRETARIAT: "Thư ký",
    AccountRole.CHAIR: "Trưởng ban (chỉ xem)",
    AccountRole.ADMINISTRATOR: "Quản trị",
}


class Account(SQLModel, table=True):
    """One person of the office. ``name`` is what they sign in with, ``shown`` how decisions name them.

    ``password`` is an argon2 hash, empty for one who signs in only through the identity provider
    (``provider_subject``). ``must_change`` asks for a new password first. Instants are the machine's.
    """

    name: str = Field(primary_key=True)
    shown: str
    role: str
    password: str = ""
    provider_subject: str | None = Field(default=None, unique=True)
    active: bool = True
    must_change: bool = False
    created_at: datetime = Field(sa_type=UtcInstant)
    password_set_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class Session(SQLModel, table=True):
    """One open session, of an ``account`` or of an agency's ``contact``; instants are the machine's.

    The cookie's token is kept only as its SHA-256. ``csrf`` is what every form of this session must carry.
    """

    digest: str = Field(primary_key=True)
    account: str | None = Field(default=None, index=True)
    contact: str | None = Field(default=None, index=True)
    csrf: str
    opened_at: datetime = Field(sa_type=UtcInstant)
    seen_at: datetime = Field(sa_type=UtcInstant)
    ends_at: datetime = Field(sa_type=UtcInstant, index=True)


class PersonalLink(SQLModel, table=True):
    """The link by which a contact opens their agency's page; only ``generation`` of it opens, until ``ends_at``.

    A new link is the next generation: the one before stops at once. Instants are the machine's.
    """

    contact: str = Field(primary_key=True)
    generation: int = 1
    issued_at: datetime = Field(sa_type=UtcInstant)
    ends_at: datetime = Field(sa_type=UtcInstant)
    revoked: bool = False
