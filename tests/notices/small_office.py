"""A small office in a real database: agencies with their people, reports they owe, and a clock that can be set."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from calendars.working_days import WorkingDays
from models.agency import Agency
from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.kinds import ChannelKind
from models.occurrence import Duty, Occurrence
from models.programme import Programme
from notices.channel import Message, Outcome, Verdict
from notices.links import Links
from notices.mail import MailChannel, MailServer
from notices.planning import Planning, plan_notices
from notices.post_office import PostOffice, Sent, send_due
from notices.tables import ATTEMPTS, NOTICES
from notices.wording import Wording
from office.settings import VIETNAM
from office.store import reading, writing

ROOT = Path(__file__).resolve().parent.parent.parent
DAYS = WorkingDays()
CODE = re.compile(r"P/\w+/2024/\w+")  # of a duty, as mails quote it
# one step: whoever was not told on the day is told later, and nothing later stands for it
ONE_STEP = [{"step": "before-5", "working_days": -5, "to": ["focal"]}]
WHOLE = [
    {"step": "before-10", "working_days": -10, "to": ["focal"]},
    {"step": "before-5", "working_days": -5, "to": ["focal"]},
    {"step": "before-2", "working_days": -2, "to": ["focal"]},
    {"step": "on-the-day", "working_days": 0, "to": ["focal"], "urgent": True},
    {"step": "late-1", "working_days": 1, "to": ["head"], "action": "escalate", "urgent": True},
    {"step": "missing-1", "working_days": 1, "to": ["collector"], "action": "name_missing"},
    {"step": "late-3", "working_days": 3, "to": ["secretariat"], "action": "draft_letter"},
    {"step": "late-7", "working_days": 7, "to": ["chair"], "action": "list_for_chair"},
    {"step": "late-30", "working_days": 30, "to": ["secretariat"], "action": "mark_rating"},
]


def at(day: date, hour: int = 8, minute: int = 0) -> datetime:
    """An instant of the office."""
    return datetime.combine(day, time(hour, minute), VIETNAM)


def ladders(steps: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The policies by code, as plan_notices takes them."""
    return {"default": json.dumps({"code": "default", "deadlines": steps, "events": [], "windows": []})}


def add_all(connection: Connection, model: type, rows: Iterable[dict[str, Any]]) -> None:
    """Rows with the model's own defaults, in one statement."""
    if values := [model(**row).model_dump() for row in rows]:
        connection.execute(insert(table_of(model)), values)


def add_office(
    connection: Connection,
    agencies: int,
    *,
    posts: Mapping[str, Sequence[str]] = MappingProxyType({"focal": ("mail",)}),
    digest: Callable[[int], bool] = lambda _number: True,
) -> list[str]:
    """Agencies A1, A2, … and BAN, which collects; ``posts`` are each agency's people and their channels.

    ``digest`` says of the people of an agency, by its number from 0, whether they want digests. Returns the agencies'
    codes.
    """
    codes = [f"A{number}" for number in range(1, agencies + 1)]
    body = {"level": "province", "kind": "department"}
    add_all(connection, Agency, [body | {"code": c, "name": f"Sở {c}", "short": c} for c in [*codes, "BAN"]])
    programme = {"code": "P", "short": "Chương trình P", "title": "Chương trình P", "number": "1/KH", "issuer": "BAN"}
    span = {"issued": date(2024, 1, 1), "first": date(2024, 1, 1), "last": date(2024, 12, 31)}
    about = {"source": "p", "standing_agency": "BAN", "collector": "BAN", "policy": "default", "draft": False}
    add_all(connection, Programme, [programme | span | about])
    people = [(code, post, kinds, digest(number)) for number, code in enumerate(codes) for post, kinds in posts.items()]
    people += [("BAN", post, ("mail",), True) for post in ("focal", "secretariat", "chair")]
    quiet = {"quiet_from": time(21), "quiet_to": time(6)}
    add_all(
        connection,
        Contact,
        [
            quiet | {"code": f"{code}.{post}", "name": f"Bà {code} {post}", "agency": code, "post": post, "digest": own}
            for code, post, _, own in people
        ],
    )
    verified = {"verified_on": date(2024, 1, 2)}
    add_all(
        connection,
        ContactChannel,
        [
            verified
            | {"contact": f"{code}.{post}", "position": position, "kind": kind, "address": _address(kind, code, post)}
            for code, post, kinds, _ in people
            for position, kind in enumerate(kinds)
        ],
    )
    return codes


def _address(kind: str, code: str, post: str) -> str:
    """Mail addresses are ASCII; a telephone number or a Zalo user is whatever the couriers of these tests take."""
    return f"{code}.{post}@example.vn".lower() if kind == "mail" else f"{kind}:{code}.{post}"


def add_report(connection: Connection, name: str, due: date, agencies: Sequence[str]) -> list[str]:
    """A report that has been opened, owed by each of ``agencies`` by ``due``, a working day; returns the duties."""
    occurrence = f"P/{name}/2024"
    values = {
        "id": occurrence, "programme": "P", "item": name, "period": "2024", "line": 1, "kind": "report",
        "title": f"Báo cáo {name}", "placing": "deadline", "named_date": due, "last_on_time": due, "work_by": due,
        "included": True, "year_first": 2024, "year_last": 2024, "revised_at": at(date(2024, 1, 2)),
        "opens_on": date(2024, 1, 2), "opened_on": date(2024, 1, 2), "rungs_stale": True,
    }  # fmt: skip
    add_all(connection, Occurrence, [values])
    duties = [f"{occurrence}/{code}" for code in agencies]
    add_all(
        connection,
        Duty,
        [{"id": f"{occurrence}/{code}", "occurrence": occurrence, "agency": code} for code in agencies],
    )
    return duties


@dataclass
class Courier:
    """A channel that remembers what it was given; ``answer`` says what becomes of it, and may do things meanwhile."""

    answer: Callable[[Message], Outcome] = lambda _message: Outcome(Verdict.ACCEPTED, "W1", "250 đã nhận")
    told: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        """Remembers, then answers."""
        self.told.append(message)
        return self.answer(message)

    def close(self) -> None:
        """Nothing is kept open."""

    @property
    def keys(self) -> list[str]:
        """The Message-ID of every copy, in order."""
        return [message.key for message in self.told]


@dataclass
class SmallOffice:
    """One planner and sender on ``engine`` with a clock (``at``); several may work on one database."""

    engine: Engine
    at: datetime
    channel: Any = field(default_factory=Courier)
    steps: Sequence[dict[str, Any]] = field(default_factory=lambda: ONE_STEP)
    lease_seconds: float = 900
    alone: bool = False
    channels: dict[ChannelKind, Any] = field(default_factory=dict)
    wording: Wording = field(default_factory=lambda: Wording(ROOT / "templates" / "notices"))

    def reading(self):
        return reading(self.engine)

    def writing(self):
        return writing(self.engine)

    def plan(self, now: datetime | None = None) -> Planning:
        """One planning in its own transaction."""
        self.at = now or self.at
        with self.writing() as connection:
            return self.plan_in(connection)

    def plan_in(self, connection: Connection) -> Planning:
        """One planning in the caller's transaction."""
        return plan_notices(connection, ladders(self.steps), DAYS, self.at, self.at, began=date(2024, 1, 2))

    def send(self, now: datetime | None = None, *, most: int | None = None) -> Sent:
        """Sends until nothing is due."""
        self.at = now or self.at
        return send_due(self.post_office(), most=most)

    def post_office(self) -> PostOffice:
        """The office as it sends."""
        return PostOffice(
            reading=self.reading,
            writing=self.writing,
            channels=dict.fromkeys(ChannelKind, self.channel) | self.channels,
            wording=self.wording,
            links=Links("một bí mật chỉ dùng để thử", "http://127.0.0.1:1"),
            days=DAYS,
            now=lambda: self.at,
            sender="Thư ký",
            lease_seconds=self.lease_seconds,
            alone=self.alone,
        )

    def notices(self, *which: Any) -> list[Any]:
        """The notices, oldest first."""
        with self.reading() as connection:
            return list(connection.execute(select(NOTICES).where(*which).order_by(NOTICES.c.id)))

    def expire_leases(self) -> None:
        """As if every sender that holds something had died long ago."""
        with self.writing() as connection:
            held = update(NOTICES).where(NOTICES.c.lease_until.is_not(None))
            connection.execute(held.values(lease_until=datetime(2000, 1, 1, tzinfo=UTC)))

    def states(self) -> Counter[str]:
        """How many notices stand where."""
        return Counter(row.state for row in self.notices())

    def attempts(self) -> dict[int, list[str]]:
        """The outcomes of each notice's attempts, in order."""
        found: dict[int, list[str]] = defaultdict(list)
        with self.reading() as connection:
            for row in connection.execute(select(ATTEMPTS).order_by(ATTEMPTS.c.id)):
                found[row.notice].append(row.outcome)
        return dict(found)


def mail_channel(port: int, now: Callable[[], datetime], timeout: float = 20) -> MailChannel:
    """The real channel, to a sink on this machine."""
    server = MailServer("127.0.0.1", port, "none", "don-doc@example.vn", "Đôn Đốc", "example.vn", timeout=timeout)
    return MailChannel(server, now)


def over_mail(office: SmallOffice, port: int, timeout: float = 20) -> closing[MailChannel]:
    """Makes the office send over the real channel for the length of a block."""
    channel = mail_channel(port, lambda: office.at, timeout)
    office.channels = {ChannelKind.MAIL: channel}
    return closing(channel)


def read_mail(content: bytes) -> EmailMessage:
    """One mail as it was received."""
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def quoted_duties(content: bytes) -> set[str]:
    """The codes of the duties a mail is about."""
    body = read_mail(content).get_body(("plain",))
    assert body is not None
    return set(CODE.findall(body.get_content()))
