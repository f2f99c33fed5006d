"""Commands on accounts: who may sign in, and new passwords. None is an option of a command: others would see it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from cli.office import Office, open_office
from cli.output import print_json, say, typed
from models.account import ROLE_TITLES, AccountRole
from models.errors import DonDocError
from office.accounts import (
    FIRST,
    Change,
    activate,
    create_account,
    deactivate,
    first_password,
    list_accounts,
    read_name,
    read_role,
    set_password,
)
from office.clock import real_instant
from office.passwords import check_password, hash_password, make_password
from office.store import reading, writing

if TYPE_CHECKING:
    from sqlalchemy import Connection

BY = "dondoc accounts"  # who holds the machine


def show_accounts(*, as_json: bool) -> None:
    """Names, roles and standing; never what is kept of passwords."""
    with reading(open_office().store) as connection:
        accounts = list_accounts(connection)
    if as_json:
        shown = ("name", "shown", "role", "active", "must_change")
        print_json({"accounts": [{name: getattr(one, name) for name in shown} for one in accounts]})
        return
    if not accounts:
        say("Chưa có tài khoản nào: «dondoc accounts first».")
    for one in accounts:
        standing = "" if one.active else ", đã khóa"
        standing += ", chờ đổi mật khẩu lần đầu" if one.active and one.must_change else ""
        say(f"{one.name}: {one.shown}, {ROLE_TITLES[one.role]}{standing}")


def add_account(name: str, shown: str, role: str, *, generate: bool) -> None:
    """A new account, with a password typed twice or a random one said once."""
    chosen: AccountRole = read_role(role)
    office, name = open_office(), read_name(typed(name))
    password = _new_password(name, generate=generate)
    hashed = hash_password(password)
    with writing(office.store) as connection:
        create_account(connection, name, typed(shown), chosen, hashed, _change(office), must_change=generate)
    say(f"Đã lập tài khoản {name} ({ROLE_TITLES[chosen]}).")
    _say_once(password, generate=generate)


def give_password(name: str, *, generate: bool) -> None:
    """Another password; whoever is signed in with the account is out."""
    office, name = open_office(), typed(name)
    password = _new_password(name, generate=generate)
    hashed = hash_password(password)
    with writing(office.store) as connection:
        set_password(connection, name, hashed, _change(office), must_change=generate)
    say(f"Đã đặt mật khẩu mới cho {name}; mọi nơi đang dùng tài khoản này phải đăng nhập lại.")
    _say_once(password, generate=generate)


def shut_account(name: str) -> None:
    """Nobody enters by it any more."""
    _do(deactivate, typed(name))
    say(f"Đã khóa tài khoản {typed(name)}; người đang dùng đã bị đăng xuất.")


def open_account(name: str) -> None:
    """It opens again."""
    _do(activate, typed(name))
    say(f"Đã mở lại tài khoản {typed(name)}.")


def make_first() -> None:
    """The first account of an office, when there is none."""
    office = open_office()
    with writing(office.store) as connection:
        made = first_password(connection, _change(office))
    if made is None:
        raise DonDocError("Đã có tài khoản.", help=f"Quên mật khẩu thì «dondoc accounts password {FIRST} --generate».")
    say(f"Tài khoản đầu tiên: {made[0]}")
    _say_once(made[1], generate=True)


def _do(deed: Callable[[Connection, str, Change], None], name: str) -> None:
    office = open_office()
    with writing(office.store) as connection:
        deed(connection, name, _change(office))


def _new_password(name: str, *, generate: bool) -> str:
    if generate:
        return make_password()
    if not sys.stdin.isatty():
        raise DonDocError("Mật khẩu chỉ gõ được ở cửa sổ lệnh.", help="Thêm --generate để máy đặt một mật khẩu.")
    first = check_password(getpass.getpass("Mật khẩu mới (không hiện khi gõ): "), name)
    if check_password(getpass.getpass("Gõ lại: "), name) != first:
        raise DonDocError("Hai lần gõ không giống nhau.", help="Chạy lại lệnh.")
    return first


def _say_once(password: str, *, generate: bool) -> None:
    if generate:
        say(f"Mật khẩu, chỉ in một lần này: {password}")
        say("Lần đăng nhập đầu phải đổi mật khẩu.")


def _change(office: Office) -> Change:
    return Change(BY, office.clock.now(), real_instant())
