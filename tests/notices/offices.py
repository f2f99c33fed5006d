"""A small office for tests: papers, people, and days that are lived as the flows live them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from models.kinds import ChannelKind
from notices.channel import Message, Outcome, Verdict
from notices.hours import ZONE
from notices.links import Links
from notices.planning import Planning, plan_notices
from notices.post_office import PostOffice, send_due
from notices.tables import ATTEMPTS, LETTERS, NOTICES, PASSAGES, RUNGS
from notices.wording import Wording
from office.store import reading, writing
from planning.check import read_definitions
from planning.opening import open_due
from planning.people import read_contacts, store_contacts
from planning.submissions import Recorded
from planning.yearbook import plan_year

ROOT = Path(__file__).resolve().parents[2]
WORDING = Wording(ROOT / "templates" / "notices")  # its templates are read once
POLICY = (ROOT / "programmes" / "policies" / "default.yaml").read_text(encoding="utf-8")
PEOPLE = {
    "A.focal": "A", "A.head": "A", "B.focal": "B", "B.head": "B", "C.focal": "C", "C.head": "C", "D.focal": "D",
    "D.head": "D", "BAN.focal": "BAN", "BAN.head": "BAN", "TK": "", "TB": "",
}  # fmt: skip
POSTS = {"focal": "focal", "head": "head", "TK": "secretariat", "TB": "chair"}


def contact(code: str, agency: str, **more: str) -> str:
    """One line of contacts.yaml, with a verified mailbox; ``more`` is YAML and replaces what is usual."""
    usual = {
        "code": code,
        "name": f"Ông {code}",
        **({"agency": agency} if agency else {}),
        "post": POSTS[code.rpartition(".")[2]],
        "channels": f"[{{kind: mail, address: {code}@example.vn, verified: 2024-01-02}}]",
    }
    return "  - {" + ", ".join(f"{name}: {said}" for name, said in (usual | more).items()) + "}\n"


def contacts(substitutions: str = "", **changed: dict[str, str] | None) -> str:
    """The file; ``changed`` by code with _ for the dot: other fields, or None for a contact who is not there."""
    lines = [
        contact(code, agency, **(changed.get(code.replace(".", "_")) or {}))
        for code, agency in PEOPLE.items()
        if changed.get(code.replace(".", "_"), {}) is not None
    ]
    return "contacts:\n" + "".join(lines) + substitutions


@dataclass
class Courier:
    """Accepts everything but what goes to ``closed`` addresses, and remembers it."""

    closed: set[str] = field(default_factory=set)
    told: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        if message.to in self.closed:
            return Outcome(Verdict.REJECTED, detail="550 không có hộp thư này")
        self.told.append(message)
        return Outcome(Verdict.ACCEPTED, reference=f"T{len(self.told)}", detail="250")

    def close(self) -> None:
        """Nothing is kept open."""


class Office:
    """One database and one folder of papers, which may change from one day to the next."""

    def __init__(self, engine: Engine, write: Any, began: date) -> None:
        self.engine, self.write, self.began = engine, write, began
        self.courier = Courier()
        self.at = datetime.combine(began, datetime.min.time(), ZONE)
        self.people = contacts()

    def paper(
        self, items: str, *, day: date, policy: str = POLICY, extra: dict[str, str] | None = None, **options: Any
    ):
        """Writes the programme and plans its year on ``day``; ``extra`` are more files of the folder."""
        folder = self.write(items, **options)
        (folder / "policies" / "default.yaml").write_text(policy, encoding="utf-8")
        for name, content in (extra or {}).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8")
        (folder / "contacts.yaml").write_text(self.people, encoding="utf-8")
        self.definitions = read_definitions(folder)
        self.folder = folder
        with writing(self.engine) as connection:
            plan_year(connection, self.definitions, day.year, day)
            self.refresh_people(connection)

    def refresh_people(self, connection: Any) -> None:
        """As contacts.yaml says."""
        (self.folder / "contacts.yaml").write_text(self.people, encoding="utf-8")
        store_contacts(connection, read_contacts(self.folder / "contacts.yaml", self.definitions.directory))

    def plan(self, day: date, hour: str = "06:40") -> Planning:
        """Opens what begins and plans."""
        self.at = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZONE)
        with writing(self.engine) as connection:
            open_due(connection, day)
            return plan_notices(
                connection, self.definitions.ladders, self.definitions.working_days, self.at, self.at, self.began
            )

    def send(self, day: date, hour: str = "08:00") -> list[tuple[str, str]]:
        """Sends what is due; (recipient, subject) of each message."""
        self.at = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZONE)
        before = len(self.courier.told)
        send_due(self.post_office())
        return [(one.to.removesuffix("@example.vn"), one.subject) for one in self.courier.told[before:]]

    def post_office(self) -> PostOffice:
        """Every channel is the courier's."""
        return PostOffice(
            reading=lambda: reading(self.engine),
            writing=lambda: writing(self.engine),
            channels=dict.fromkeys(ChannelKind, self.courier),
            wording=WORDING,
            links=Links("thử", "https://dondoc.example.vn"),
            days=self.definitions.working_days,
            now=lambda: self.at,
            sender="Thư ký",
        )

    def live(self, day: date) -> list[tuple[str, str]]:
        """A morning: planned at 6:40, sent at 8:00."""
        self.plan(day)
        return self.send(day)

    def live_until(self, first: date, last: date) -> dict[date, list[tuple[str, str]]]:
        """Every day from ``first`` to ``last``; the days on which anybody was told anything."""
        lived = {day: self.live(day) for day in days_between(first, last)}
        return {day: told for day, told in lived.items() if told}

    def decide(self, what: Any, *arguments: Any, day: date, hour: str = "10:00", **more: Any) -> list[tuple[str, str]]:
        """What a person records, with the planning that follows it in the same transaction, and the sending."""
        at = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZONE)
        with writing(self.engine) as connection:
            what(connection, *arguments, Recorded("Chị Lan", at, "Có công văn"), **more)
            plan_notices(connection, self.definitions.ladders, self.definitions.working_days, at, at, self.began)
        return self.send(day, "10:30")

    # ---- what the tables say

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        with reading(self.engine) as connection:
            return [tuple(row) for row in connection.execute(statement)]

    def notices(self, *which: Any) -> list[tuple[str, str, str]]:
        """(step, recipient, state), oldest first."""
        columns = (NOTICES.c.step, NOTICES.c.recipient, NOTICES.c.state)
        return self.rows(
            select(*columns).where(*which).order_by(NOTICES.c.fires_on, NOTICES.c.step, NOTICES.c.recipient)
        )

    def rungs(self, subject: str, version: str | None = None) -> dict[str, tuple[date, str | None]]:
        """step → (day, what became of it)."""
        found = select(RUNGS.c.step, RUNGS.c.fires_on, RUNGS.c.outcome).where(RUNGS.c.subject == subject)
        if version is not None:
            found = found.where(RUNGS.c.version == version)
        return {step: (day, became) for step, day, became in self.rows(found.order_by(RUNGS.c.fires_on, RUNGS.c.step))}

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that planning and sending write."""
        found = {t.name: self.rows(select(t).order_by(*t.primary_key)) for t in (RUNGS, NOTICES, LETTERS, ATTEMPTS)}
        found["passages"] = self.rows(select(PASSAGES.c.name, PASSAGES.c.at).order_by(PASSAGES.c.name))
        return found

    def count(self, table: Any) -> int:
        return self.rows(select(func.count()).select_from(table))[0][0]


def days_between(first: date, last: date) -> Iterator[date]:
    """Each day, both included."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
