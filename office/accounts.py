"""Holds a connection: the accounts of the office's people. Every change is one line of the audit, no password in it.

A password is hashed by office.passwords before a transaction begins: it takes long on purpose, and nobody waits.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from models.account import ROLE_TITLES, Account, AccountRole
from models.audit import append_audit
from models.columns import table_of
from models.errors import DonDocError
from office.passwords import hash_password, make_password
from office.sessions import end_sessions_of

ACCOUNTS = table_of(Account)
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
LONGEST_SUBJECT = 255  # characters (OpenID Connect Core §2, ``sub``)
FIRST, FIRST_SHOWN = "thu-ky", "Thư ký"


class UnusableAccount(DonDocError):
    """A name, a title or a role no account can have."""


class AccountExists(DonDocError):
    """The name is taken."""


class UnknownAccount(DonDocError):
    """No account has this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"Không có tài khoản «{name}».", help="Xem «dondoc accounts list».")


class LastAdministrator(DonDocError):
    """Nobody would be left who could look after the accounts."""

    def __init__(self) -> None:
        super().__init__(
            "Đây là tài khoản quản trị cuối cùng còn dùng.", help="Giao quyền quản trị cho một tài khoản khác trước."
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes an account, and when: ``at`` is the office's time, ``really`` the machine's."""

    by: str
    at: datetime
    really: datetime


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """One account as it stands. ``password`` is its hash, empty for one that enters only by the provider."""

    name: str
    shown: str
    role: AccountRole
    active: bool
    must_change: bool
    password: str = field(repr=False)
    provider_subject: str | None
    password_set_at: datetime | None


def list_accounts(connection: Connection) -> list[KnownAccount]:
    """All of them, by name."""
    return [_known(row) for row in connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.name))]


def find_account(connection: Connection, name: str) -> KnownAccount | None:
    """The account of this name; None for a name nobody has, or could have."""
    if not NAME.fullmatch(name):
        return None
    row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name)).first()
    return None if row is None else _known(row)


def find_by_subject(connection: Connection, subject: str) -> KnownAccount | None:
    """The account whose person the identity provider calls ``subject``."""
    row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.provider_subject == subject)).first()
    return None if row is None else _known(row)


def create_account(
    connection: Connection,
    name: str,
    shown: str,
    role: AccountRole,
    hashed: str,
    change: Change,
    *,
    provider_subject: str | None = None,
    must_change: bool = True,
) -> None:
    """A new account. The first of an office must be an administrator's: nobody else could make the second.

    Raises UnusableAccount, AccountExists.
    """
    row: dict[str, Any] = {"name": read_name(name), "shown": read_shown(shown), "role": role, "password": hashed}
    if (
        role != AccountRole.ADMINISTRATOR
        and not connection.execute(select(func.count()).select_from(ACCOUNTS)).scalar()
    ):
        raise UnusableAccount("Tài khoản đầu tiên phải là tài khoản quản trị.", help="Chọn vai trò quản trị.")
    row |= {"provider_subject": read_subject(provider_subject), "active": True, "must_change": must_change}
    row |= {"created_at": change.really, "password_set_at": change.really if hashed else None}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(ACCOUNTS).values(row).on_conflict_do_nothing().returning(ACCOUNTS.c.name)
    if connection.execute(new).first() is None:
        raise AccountExists("Tên đăng nhập hoặc mã ở nơi cấp danh tính đã có người dùng.", help="Chọn tên khác.")
    append_audit(connection, change.at, change.by, "account.created", name, {"role": role})


def set_password(connection: Connection, name: str, hashed: str, change: Change, *, must_change: bool = False) -> None:
    """Another password; whoever is signed in with this account is out. Raises UnknownAccount."""
    values = {"password": hashed, "must_change": must_change, "password_set_at": change.really}
    _change(connection, name, values)
    end_sessions_of(connection, account=name)
    append_audit(connection, change.at, change.by, "account.password", name, {"must_change": must_change})


def rename(connection: Connection, name: str, shown: str, change: Change) -> bool:
    """Decisions name the person so from now on, earlier ones as they did. False when it is the name they have.

    Raises UnknownAccount, UnusableAccount.
    """
    words, account = read_shown(shown), _existing(connection, name)
    if account.shown == words:
        return False
    _change(connection, name, {"shown": words})
    append_audit(connection, change.at, change.by, "account.renamed", name, {"before": account.shown, "after": words})
    return True


def renew_hash(connection: Connection, account: KnownAccount, hashed: str) -> None:
    """The same password, kept more dearly; nothing if it was changed meanwhile."""
    here = (ACCOUNTS.c.name == account.name, ACCOUNTS.c.password == account.password)
    connection.execute(update(ACCOUNTS).where(*here).values(password=hashed))


def change_role(connection: Connection, name: str, role: AccountRole, change: Change) -> None:
    """What the account may do from its next request on. Raises UnknownAccount, LastAdministrator."""
    if role != AccountRole.ADMINISTRATOR:
        _leave_an_administrator(connection, name)
    _change(connection, name, {"role": role})
    append_audit(connection, change.at, change.by, "account.role", name, {"role": role})


def link_to_provider(connection: Connection, name: str, subject: str, change: Change) -> bool:
    """From now on whom the provider calls ``subject``, and no other, enters by this account; nobody by an empty one.

    Where there was another before, whoever is signed in is out. False when it is the one the account has.
    Raises UnknownAccount, UnusableAccount, and AccountExists when it is another account's.
    """
    words, account = read_subject(subject), _existing(connection, name)
    if account.provider_subject == words:
        return False
    try:
        _change(connection, name, {"provider_subject": words})
    except IntegrityError:
        raise AccountExists(
            "Mã hoặc địa chỉ thư này đã thuộc một tài khoản khác.", help="Xóa nó ở tài khoản kia trước."
        ) from None
    if account.provider_subject:
        end_sessions_of(connection, account=name)
    # Without the subject: it may be somebody's mail address.
    append_audit(connection, change.at, change.by, "account.linked" if words else "account.unlinked", name, {})
    return True


def deactivate(connection: Connection, name: str, change: Change) -> None:
    """Nobody enters by it any more, and who is in is out. Raises UnknownAccount, LastAdministrator."""
    _leave_an_administrator(connection, name)
    _change(connection, name, {"active": False})
    end_sessions_of(connection, account=name)
    append_audit(connection, change.at, change.by, "account.deactivated", name, {})


def activate(connection: Connection, name: str, change: Change) -> None:
    """It opens again, with the password it had. Raises UnknownAccount."""
    _change(connection, name, {"active": True})
    append_audit(connection, change.at, change.by, "account.activated", name, {})


def end_all_sessions(connection: Connection, name: str, change: Change) -> None:
    """Whoever is signed in with this account has to sign in again. Raises UnknownAccount."""
    _existing(connection, name)
    end_sessions_of(connection, account=name)
    append_audit(connection, change.at, change.by, "account.sessions_ended", name, {})


def first_password(connection: Connection, change: Change) -> tuple[str, str] | None:
    """The name and password of an office's first account, made now and said only here; None when there is one."""
    if connection.execute(select(ACCOUNTS.c.name).limit(1)).first() is not None:
        return None
    password = make_password()
    create_account(connection, FIRST, FIRST_SHOWN, AccountRole.ADMINISTRATOR, hash_password(password), change)
    return FIRST, password


def read_name(name: str) -> str:
    """What a person signs in with. Raises UnusableAccount."""
    if not NAME.fullmatch(name):
        raise UnusableAccount(
            "Tên đăng nhập chỉ gồm chữ thường không dấu, chữ số và . - _, từ 2 đến 40 ký tự.",
            help="Ví dụ: thu-ky, nguyen.van.an.",
        )
    return name


def read_shown(shown: str) -> str:
    """How decisions name the person. Raises UnusableAccount."""
    words = unicodedata.normalize("NFC", " ".join(shown.split()))
    if not 2 <= len(words) <= 100 or not words.isprintable() or not any(map(str.isalpha, words)):
        raise UnusableAccount("Họ và tên cần từ 2 đến 100 ký tự, có chữ cái.", help="Ví dụ: Nguyễn Văn An.")
    return words


def read_subject(subject: str | None) -> str | None:
    """What the provider calls the person: its own code as written, or a mail address, whose case does not count.

    None for an empty one. Raises UnusableAccount.
    """
    words = (subject or "").strip()
    if len(words) > LONGEST_SUBJECT or not words.isprintable() or ("@" in words and " " in words):
        raise UnusableAccount(
            f"Mã hoặc địa chỉ thư ở nơi cấp danh tính dài nhất {LONGEST_SUBJECT} ký tự, địa chỉ thư không có dấu cách.",
            help="Chép đúng một mã hoặc một địa chỉ, ví dụ: lan@tinh.example.vn.",
        )
    return (words.lower() if "@" in words else words) or None


def read_role(role: str) -> AccountRole:
    """What an account may do. Raises UnusableAccount."""
    try:
        return AccountRole(role)
    except ValueError:
        known = ", ".join(f"{one} ({title})" for one, title in ROLE_TITLES.items())
        raise UnusableAccount("Không có vai trò ấy.", help=f"Các vai trò: {known}.") from None


def _existing(connection: Connection, name: str) -> KnownAccount:
    account = find_account(connection, name)
    if account is None:
        raise UnknownAccount(name)
    return account


def _change(connection: Connection, name: str, values: dict[str, Any]) -> None:
    if not connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(values)).rowcount:
        raise UnknownAccount(name)


def _leave_an_administrator(connection: Connection, name: str) -> None:
    # Locked, so that of two administrators who dismiss each other at the same moment one remains.
    ruling = select(ACCOUNTS.c.name).where(ACCOUNTS.c.role == AccountRole.ADMINISTRATOR, ACCOUNTS.c.active)
    names = list(connection.execute(ruling.order_by(ACCOUNTS.c.name).with_for_update()).scalars())
    if names == [name]:
        raise LastAdministrator


def _known(row: Row[Any]) -> KnownAccount:
    values = row._asdict()
    fields = KnownAccount.__dataclass_fields__
    return KnownAccount(
        **({key: value for key, value in values.items() if key in fields} | {"role": AccountRole(row.role)})
    )
