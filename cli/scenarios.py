"""What people do in the year that ``walk`` lives: all report on time, nobody does, or some do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, select, update

from calendars.wording import say_short
from calendars.working_days import WorkingDays
from models.agency import Agency
from models.columns import table_of
from models.contact import ContactChannel, Substitution
from models.errors import DonDocError
from models.kinds import SECRET_TITLE, Placing
from models.occurrence import Duty, Occurrence, Status
from notices.letters import decide_letter, letters_waiting
from notices.signed_letters import send_signed_letter
from planning.registers import insert_many
from planning.submissions import Recorded, extend_duty, mark_done

WAYS, LEAVES = table_of(ContactChannel), table_of(Substitution)
AGENCIES, DUTIES, OCCURRENCES = table_of(Agency), table_of(Duty), table_of(Occurrence)

SECRETARY = "Thư ký (nhật ký thử)"
CLOSED_MAILBOX = "hop-thu-da-dong@khong-con.example.vn"
NEAR = timedelta(days=60)

# in the troubled year, by their place among the members of a collection
TWO_DAYS_LATE, AFTER_THE_LETTER, NEVER, EXTENDED, BOUNCING, ON_LEAVE = range(6)
LATE_BY = {TWO_DAYS_LATE: 2, AFTER_THE_LETTER: 5}


@dataclass(frozen=True, slots=True)
class Owing:
    """One agency's duty in a collection of several (``alone`` otherwise), ``rank`` by its code; ``due`` is work_by.

    ``agency`` and ``title`` are as people read them.
    """

    duty: str
    agency: str
    title: str
    rank: int
    alone: bool
    last_on_time: date
    due: date
    extended_to: date | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way a year may go; ``code`` is "on_time", "silent" or "late"."""

    code: str
    days: WorkingDays

    def prepare(self, connection: Connection, year: int) -> None:
        """In the troubled year one mailbox is closed and one person is on leave, in the largest collection."""
        members = _largest_collection(connection) if self.code == "late" else []
        if len(members) <= ON_LEAVE:
            return
        closed = (WAYS.c.contact == f"{members[BOUNCING]}.focal", WAYS.c.kind == "mail")
        connection.execute(update(WAYS).where(*closed).values(address=CLOSED_MAILBOX))
        away = f"{members[ON_LEAVE]}.focal"
        if connection.execute(select(LEAVES).where(LEAVES.c.contact == away)).first() is None:
            leave = {"first": date(year, 11, 18), "last": date(year, 12, 15)}
            insert_many(connection, LEAVES, [leave | {"contact": away, "substitute": f"{members[ON_LEAVE]}.head"}])

    @property
    def closed(self) -> frozenset[str]:
        """Mail addresses nobody can be reached at."""
        return frozenset({CLOSED_MAILBOX} if self.code == "late" else ())

    def is_running(self, day: date) -> bool:
        """Whether anything runs at all: in the troubled year not for two weeks over Tết."""
        if self.code != "late":
            return True
        days = (date(day.year, 1, 15) + timedelta(days=number) for number in range(60))
        tet = next(one for one in days if "Nguyên Đán" in self.days.explain(one))
        return not tet - timedelta(days=3) <= day < tet + timedelta(days=11)

    def happen(self, connection: Connection, at: datetime) -> list[str]:
        """What people do on this day, recorded as the commands record it; each as a Vietnamese line."""
        lines = [line for owing in _owing(connection, at.date()) for line in self._act(connection, owing, at)]
        if self.code == "late":
            lines += self._sign_letters(connection, at)
        return lines

    def _act(self, connection: Connection, owing: Owing, at: datetime) -> Iterator[str]:
        today = at.date()
        asks = self.code == "late" and owing.rank == EXTENDED and not owing.alone
        if asks and owing.extended_to is None:
            if today == self.days.add(owing.due, -1):
                until = owing.last_on_time + timedelta(days=7)
                extend_duty(connection, owing.duty, until, Recorded(SECRETARY, at, why="Xin lùi"), self.days)
                yield f"GIA HẠN: {owing.agency} đến hết ngày {say_short(until)} ({owing.title})"
        elif today == self._hands_in(owing):
            recorded = Recorded(SECRETARY, at, document="Báo cáo (nhật ký thử)")
            if mark_done(connection, owing.duty, today, recorded):
                yield f"NỘP: {owing.agency} ({owing.title})"

    def _hands_in(self, owing: Owing) -> date | None:
        """The day on which it is handed in: spread over the two weeks before, or late, or never."""
        late = self.code == "late" and not owing.alone
        if self.code == "silent" or (late and owing.rank == NEVER):
            return None
        if late and owing.rank in LATE_BY:
            return self.days.add(owing.due, LATE_BY[owing.rank])
        if owing.extended_to is not None:
            return self.days.on_or_before(owing.extended_to)
        return self.days.add(owing.due, -(owing.rank % 10))

    def _sign_letters(self, connection: Connection, at: datetime) -> Iterator[str]:
        for letter in letters_waiting(connection):
            if letter.agencies and self.days.between(letter.drafted_on, at.date()) >= 1:
                decide_letter(
                    connection, letter.id, "approve", SECRETARY, at, number=f"{letter.id}/BCĐ", signer="Trưởng Ban"
                )
                send_signed_letter(connection, letter.id, self.days, at)
                yield f"KÝ: công văn đôn đốc {letter.id}/BCĐ ({'; '.join(letter.agencies)})"


SCENARIOS = {
    "on_time": "mọi cơ quan nộp trong hạn",
    "silent": "không cơ quan nào nộp",
    "late": "có cơ quan nộp muộn, có người nghỉ, có thư bị trả lại, có gia hạn, hai tuần Tết máy không chạy",
}


def find_scenario(code: str, days: WorkingDays) -> Scenario:
    """The scenario of that name. Raises DonDocError."""
    wanted = code.replace("-", "_")
    if wanted not in SCENARIOS:
        raise DonDocError(f"Không có kịch bản «{code}».", help=f"Các kịch bản: {', '.join(SCENARIOS)}.")
    return Scenario(wanted, days)


def _owing(connection: Connection, today: date) -> list[Owing]:
    """What is still to be handed in around this day, each with its place among the members of its collection."""
    found = connection.execute(
        select(
            DUTIES, OCCURRENCES.c.title, OCCURRENCES.c.secret, OCCURRENCES.c.last_on_time,
            OCCURRENCES.c.work_by.label("due"), AGENCIES.c.name,
        )
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .join(AGENCIES, AGENCIES.c.code == DUTIES.c.agency)
        .where(OCCURRENCES.c.placing == Placing.DEADLINE.value, OCCURRENCES.c.status == Status.PLANNED.value)
        .where(OCCURRENCES.c.last_on_time.between(today - NEAR, today + NEAR), OCCURRENCES.c.opened_on.is_not(None))
        .where(~DUTIES.c.withdrawn, DUTIES.c.waived_on.is_(None))
        .order_by(DUTIES.c.occurrence, DUTIES.c.agency)
    )  # fmt: skip
    owing: list[Owing] = []
    for _, group in groupby(found, key=lambda row: row.occurrence):
        rows = list(group)
        owing += [
            Owing(
                row.id,
                row.name,
                SECRET_TITLE if row.secret else row.title,
                rank,
                len(rows) == 1,
                row.last_on_time,
                row.due,
                row.extended_to,
            )
            for rank, row in enumerate(rows)
            if row.done_on is None
        ]
    return owing


def _largest_collection(connection: Connection) -> list[str]:
    """The agencies of the signed programmes' largest collection, by code."""
    found = connection.execute(
        select(DUTIES.c.occurrence, DUTIES.c.agency)
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .where(OCCURRENCES.c.placing == Placing.DEADLINE.value, ~OCCURRENCES.c.tentative)
        .order_by(DUTIES.c.occurrence, DUTIES.c.agency)
    )
    groups = ([row.agency for row in group] for _, group in groupby(found, key=lambda row: row.occurrence))
    return max(groups, key=len, default=[])
