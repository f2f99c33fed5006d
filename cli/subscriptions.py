"""The commands ``subscriptions``: calendars people subscribe to are listed, made, given a new address and ended."""

from __future__ import annotations

from collections.abc import Sequence

from calendars.subscription_options import Options
from calendars.subscriptions import (
    Subscribed,
    create_subscription,
    find_subscription,
    list_subscriptions,
    revoke_subscription,
    rotate_subscription,
)
from calendars.wording import Language
from cli.office import Office, open_office
from cli.output import print_json, say, typed
from models.errors import DonDocError
from models.subscription import WindowStyle
from office.clock import real_instant
from office.secret import link_secret
from office.settings import VIETNAM
from office.store import reading, writing


def show_subscriptions(*, as_json: bool) -> None:
    """Every subscription, without any address: nobody can see one again."""
    office = open_office()
    with reading(office.store) as connection:
        found = list_subscriptions(connection)
    if as_json:
        print_json(found)
        return
    for one in found:
        say(f"{one.id}. {one.title} ({one.owner_title}), {_standing(one)}")
    if not found:
        say("Chưa có lịch đăng ký nào.")


def add_subscription(
    owner: str,
    title: str,
    by: str,
    *,
    kinds: Sequence[str] = (),
    programmes: Sequence[str] = (),
    roles: Sequence[str] = (),
    language: str = "vi",
    windows: str = "marker",
    hide_cancelled: bool = False,
    tasks: bool = False,
    alarm: int | None = None,
) -> None:
    """Makes one and says its address, once."""
    office = open_office()
    options = Options(
        tuple(kinds),
        tuple(programmes),
        tuple(roles),
        _language(language),
        _windows(windows),
        not hide_cancelled,
        tasks,
        alarm,
    )
    with writing(office.store) as connection:
        new = create_subscription(
            connection,
            typed(owner),
            typed(title),
            options,
            typed(by),
            office.clock.now(),
            real_instant(),
            link_secret(office.settings),
        )
    say(f"Đã tạo lịch đăng ký số {new.id}. Địa chỉ chỉ hiện một lần này:")
    say(_address(office, new.token))


def renew_address(number: int, by: str) -> None:
    """A new address, said once; the one before leads to it for 30 days."""
    office = open_office()
    with writing(office.store) as connection:
        token = rotate_subscription(
            connection, number, typed(by), office.clock.now(), real_instant(), link_secret(office.settings)
        )
    say(f"Lịch đăng ký số {number} có địa chỉ mới, chỉ hiện một lần này; địa chỉ cũ dẫn sang đây trong 30 ngày:")
    say(_address(office, token))


def end_subscription(number: int, by: str) -> None:
    """Takes the address back; for 60 days it says so."""
    office = open_office()
    with writing(office.store) as connection:
        one = find_subscription(connection, number)
        revoke_subscription(connection, number, typed(by), office.clock.now(), real_instant())
    say(f"Đã thu hồi lịch đăng ký số {number} ({one.title}).")


def _address(office: Office, token: str) -> str:
    return f"{office.settings.portal_address}/lich/{token}.ics"


def _standing(one: Subscribed) -> str:
    if one.revoked_at:
        return "đã thu hồi"
    asked = f"hỏi lần cuối {one.asked_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if one.asked_at else "chưa ai hỏi"
    return f"do {one.created_by} tạo, {asked}"


def _windows(name: str) -> WindowStyle:
    if name not in set(WindowStyle):
        raise DonDocError(f"Không có cách hiện «{name}».", help="Chọn marker, span hoặc hide.")
    return WindowStyle(name)


def _language(name: str) -> Language:
    if name == "en":
        return "en"
    if name != "vi":
        raise DonDocError(f"Không có ngôn ngữ «{name}».", help="Chọn vi hoặc en.")
    return "vi"
