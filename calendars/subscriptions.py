"""Holds a connection: subscriptions are made, given a new address, changed and taken back; each with its audit line.

An address's token is computed from the office's secret and never stored: only its SHA-256 is. Whoever reads the
database can therefore open no calendar, and the address before a rotation can still lead to the present one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update

from calendars.components import clean_line
from calendars.feeds import EVERYTHING, check_name
from calendars.membership import mark_subscribed, touch_feeds
from calendars.subscription_options import Options, check_options, read_options
from models.agency import Agency
from models.alphabet import alphabetical
from models.audit import append_audit
from models.columns import table_of
from models.errors import DonDocError
from models.feed import Feed
from models.programme import Programme
from models.subscription import Subscription
from models.turn import await_turn

LEADS_ON = timedelta(days=30)  # so long the address before a rotation leads to the present one
FAREWELL = timedelta(days=60)  # so long a withdrawn address still says so
SAME_PRESS = timedelta(minutes=2)  # the same wish again so soon is the same button pressed twice
MOST_OF_A_CONTACT = 20
LONGEST_TITLE = 100

_subscription, _feed, _agency, _programme = (table_of(model) for model in (Subscription, Feed, Agency, Programme))


class UnknownSubscription(DonDocError):
    """No such subscription, or not one of this person's."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Không có lịch đăng ký số {number}.", help="Xem danh sách lịch đăng ký.")


class UnusableSubscription(DonDocError):
    """A subscription that cannot be made: no such calendar, no title, too many already."""


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """A subscription and its address's token, which is told only now."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One subscription as a list shows it; ``owner_title`` is the calendar's name. Instants are the machine's."""

    id: int
    owner: str
    owner_title: str
    contact: str | None
    title: str
    options: Options
    created_at: datetime
    created_by: str
    renewed_at: datetime
    revoked_at: datetime | None
    asked_at: datetime | None
    asked_by: str | None
    asked: int


def create_subscription(
    connection: Connection,
    owner: str,
    title: str,
    options: Options,
    by: str,
    at: datetime,
    really: datetime,
    secret: str,
    contact: str | None = None,
) -> NewSubscription:
    """A new subscription of ``owner``'s calendar; ``at`` is the office's time, ``really`` the machine's.

    Pressed twice within two minutes it is made once. Raises UnusableSubscription and UnusableOptions.
    """
    await_turn(connection)
    _open_calendar(connection, owner, at.date())
    shown = _check_title(title)
    checked = check_options(owner, options, connection.scalars(select(_programme.c.code)).all())
    if (same := _pressed_before(connection, owner, shown, checked, by, contact, really)) is not None:
        return NewSubscription(same["id"], token_of(secret, same))
    _refuse_too_many(connection, contact)
    # counted here, in our turn: the token is computed from the number before there is a row
    number = connection.execute(select(func.coalesce(func.max(_subscription.c.id), 0) + 1)).scalar_one()
    row = {"id": number, "owner": owner, "contact": contact, "title": shown, "generation": 1}
    row |= checked.as_columns() | {"created_at": really, "created_by": by, "asked": 0}
    token = token_of(secret, row)
    connection.execute(insert(_subscription), row | {"digest": digest_of(token)})
    mark_subscribed(connection, owner)
    append_audit(connection, at, by, "subscription.create", f"subscription/{number}", {"owner": owner})
    return NewSubscription(number, token)


def list_subscriptions(connection: Connection, contact: str | None = None) -> list[Subscribed]:
    """Every subscription, or one contact's; those that were taken back come last."""
    query = _shown()
    if contact is not None:
        query = query.where(_subscription.c.contact == contact)
    ordered = query.order_by(_subscription.c.revoked_at.is_not(None), _subscription.c.id)
    return [_subscribed(row) for row in connection.execute(ordered).mappings()]


def find_subscription(connection: Connection, number: int, contact: str | None = None) -> Subscribed:
    """One subscription; of a contact only their own. Raises UnknownSubscription."""
    query = _shown().where(_subscription.c.id == number)
    if contact is not None:
        query = query.where(_subscription.c.contact == contact)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownSubscription(number)
    return _subscribed(row)


def list_calendars(connection: Connection) -> list[tuple[str, str]]:
    """Name and title of every calendar one can subscribe to, by group and title; everything comes first."""
    rows = connection.execute(select(_feed.c.name, _feed.c.title)).tuples()
    return sorted(rows, key=lambda row: (row[0] != EVERYTHING, row[0].partition("/")[0], alphabetical(row[1]), row[0]))


def rotate_subscription(
    connection: Connection, number: int, by: str, at: datetime, really: datetime, secret: str
) -> str:
    """A new address; the one before leads to it for 30 days. Returns its token. Raises UnknownSubscription."""
    row = _lock(connection, number)
    fresh = {"generation": row["generation"] + 1, "digest_before": row["digest"], "before_until": really + LEADS_ON}
    token = token_of(secret, {**row, **fresh})
    _change(connection, row, fresh | {"digest": digest_of(token)})
    append_audit(connection, at, by, "subscription.rotate", f"subscription/{number}", {"owner": row["owner"]})
    return token


def revoke_subscription(connection: Connection, number: int, by: str, at: datetime, really: datetime) -> None:
    """Its address shows nothing any more but one event that says so. Raises UnknownSubscription."""
    row = _lock(connection, number)
    _change(connection, row, {"revoked_at": really})
    append_audit(connection, at, by, "subscription.revoke", f"subscription/{number}", {"owner": row["owner"]})


def change_options(connection: Connection, number: int, title: str, options: Options, by: str, at: datetime) -> None:
    """Another title or other options under the same address. Raises UnknownSubscription, UnusableOptions."""
    row = _lock(connection, number)
    known = connection.scalars(select(_programme.c.code)).all()
    columns = check_options(row["owner"], options, known).as_columns() | {"title": _check_title(title)}
    if all(row[name] == value for name, value in columns.items()):
        return
    _change(connection, row, columns)
    append_audit(connection, at, by, "subscription.change", f"subscription/{number}", {"owner": row["owner"]})


def present_token(connection: Connection, number: int, secret: str) -> str:
    """The token a subscription's address has now; to be shown only right after it was made.

    Raises UnknownSubscription.
    """
    row = connection.execute(select(_subscription).where(_subscription.c.id == number)).mappings().first()
    if row is None:
        raise UnknownSubscription(number)
    return token_of(secret, row)


def token_of(secret: str, row: RowMapping | dict[str, Any]) -> str:
    """The 256-bit token of a subscription's present address, in 43 characters.

    The instant it was made is part of it: after an older copy of the database is brought back, a number may be
    given a second time, and its address must not be the first one's.
    """
    return seed_token(secret, seed_of(row))


def seed_of(row: RowMapping | dict[str, Any]) -> str:
    """What a token is computed from, together with the secret; of no use without it."""
    return f"{row['id']} {row['created_at'].timestamp():.6f} {row['generation']}"


def seed_token(secret: str, seed: str) -> str:
    """The token that belongs to a seed."""
    digest = hmac.digest(secret.encode(), b"dondoc.subscription\0" + seed.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def note_requests(connection: Connection, asked: Sequence[tuple[str, int, datetime, str]]) -> None:
    """Adds up who asked for which calendar: digest of the token, how often, when last, and the client's own name."""
    for digest, count, asked_at, client in asked:
        connection.execute(
            update(_subscription)
            .where(_subscription.c.digest == digest)
            .values(asked=_subscription.c.asked + count, asked_at=asked_at, asked_by=clean_line(client)[:200] or None)
        )


def _open_calendar(connection: Connection, owner: str, today: date) -> None:
    """Makes sure that the calendar is there: that of an agency nothing concerns yet is made now, empty."""
    try:
        known = connection.scalar(select(_feed.c.name).where(_feed.c.name == check_name(owner)))
    except ValueError:
        known = None
    group, _, code = owner.partition("/")
    name = connection.scalar(select(_agency.c.name).where(_agency.c.code == code)) if group == "agency" else None
    if known is None and name is not None:
        touch_feeds(connection, {owner: name}, today)
    elif known is None:
        raise UnusableSubscription(f"Không có lịch «{owner}».", help="Chọn một lịch trong danh sách.")


def _check_title(title: str) -> str:
    shown = clean_line(title)
    if not 1 <= len(shown) <= LONGEST_TITLE:
        raise UnusableSubscription(
            "Lịch đăng ký cần một tên.", help=f"Ghi từ 1 đến {LONGEST_TITLE} ký tự, ví dụ: Điện thoại của tôi."
        )
    return shown


def _pressed_before(
    connection: Connection,
    owner: str,
    title: str,
    options: Options,
    by: str,
    contact: str | None,
    really: datetime,
) -> RowMapping | None:
    same = {"owner": owner, "title": title, "contact": contact, "created_by": by, "generation": 1, "revoked_at": None}
    query = select(_subscription).where(_subscription.c.created_at > really - SAME_PRESS)
    for name, value in (same | options.as_columns()).items():
        query = query.where(_subscription.c[name].is_(None) if value is None else _subscription.c[name] == value)
    return connection.execute(query).mappings().first()


def _refuse_too_many(connection: Connection, contact: str | None) -> None:
    if contact is None:
        return
    own = select(func.count()).where(_subscription.c.contact == contact, _subscription.c.revoked_at.is_(None))
    if connection.execute(own).scalar_one() >= MOST_OF_A_CONTACT:
        raise UnusableSubscription(
            f"Mỗi người liên hệ có nhiều nhất {MOST_OF_A_CONTACT} lịch đăng ký.",
            help="Thu hồi một lịch không dùng nữa rồi tạo lại.",
        )


def _lock(connection: Connection, number: int) -> RowMapping:
    """The row of a subscription that is in use, held until the transaction ends. Raises UnknownSubscription."""
    await_turn(connection)
    query = select(_subscription).where(_subscription.c.id == number, _subscription.c.revoked_at.is_(None))
    row = connection.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise UnknownSubscription(number)
    return row


def _change(connection: Connection, row: RowMapping, values: dict[str, Any]) -> None:
    connection.execute(update(_subscription).where(_subscription.c.id == row["id"]).values(**values))
    mark_subscribed(connection, row["owner"])


def _shown() -> Select[Any]:
    titles = func.coalesce(_feed.c.title, _subscription.c.owner).label("owner_title")
    return select(_subscription, titles).outerjoin(_feed, _feed.c.name == _subscription.c.owner)


def _subscribed(row: RowMapping) -> Subscribed:
    plain = ("id", "owner", "owner_title", "contact", "title", "created_at", "created_by", "revoked_at")
    asked = ("asked_at", "asked_by", "asked")
    renewed = row["before_until"] - LEADS_ON if row["before_until"] else row["created_at"]
    return Subscribed(**{name: row[name] for name in (*plain, *asked)}, options=read_options(row), renewed_at=renewed)
