"""The command ``walk``: a whole year, a day at a time, printed as a diary of who heard what; no office is touched.

Every day is lived as the flows live it: sweep, plan and send in the morning, then what people do, and plan and send
again. The courier delivers nothing and remembers everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from sqlalchemy import Connection, Engine

from board.overview import read_board
from calendars.wording import say_day, say_weekday
from cli.board import print_board
from cli.office import open_office
from cli.output import say
from cli.scenarios import SCENARIOS, Scenario, find_scenario
from models.alphabet import alphabetical
from models.errors import DonDocError
from models.kinds import ChannelKind, Placing
from notices.channel import Message, Outcome, Verdict
from notices.links import Links
from notices.planning import plan_notices
from notices.post_office import PostOffice, send_due
from notices.wording import Wording
from office.settings import VIETNAM, Settings
from office.store import open_store, reading, writing
from planning.agenda import Entry, read_agenda, say_when
from planning.check import Definitions
from planning.opening import open_due
from planning.people import read_contacts, store_contacts
from planning.yearbook import plan_year

OPENS, MORNING, NOON, AFTERNOON = time(6, 40), time(8, 0), time(10, 0), time(10, 30)
ON_ONE_LINE = 3  # recipients of one message; more are named on a line of their own


@dataclass
class Courier:
    """A channel that delivers nothing and remembers everything; mail to ``closed`` addresses is refused."""

    closed: frozenset[str] = frozenset()
    told: list[Message] = field(default_factory=list)
    refused: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        """Accepts the message, unless its mailbox is closed."""
        if message.to in self.closed:
            self.refused.append(message)
            return Outcome(Verdict.REJECTED, detail="550 5.1.1 không có hộp thư này")
        self.told.append(message)
        return Outcome(Verdict.ACCEPTED, reference=f"W{len(self.told)}", detail="250 đã nhận")

    def close(self) -> None:
        """Nothing is kept open."""


@dataclass(frozen=True, slots=True)
class Post:
    """What one sending brought: messages that were told, and those a mailbox refused."""

    told: tuple[Message, ...] = ()
    refused: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One day lived: occurrences opened (ids), the morning's post, what people did (lines), what followed from it."""

    day: date
    opened: tuple[str, ...] = ()
    morning: Post = Post()
    happened: tuple[str, ...] = ()
    afternoon: Post = Post()

    @property
    def told(self) -> tuple[Message, ...]:
        """Everything told on the day, in its order."""
        return self.morning.told + self.afternoon.told


@dataclass
class Walk:
    """A year in one database, lived a day at a time; it may be put down on any day and taken up again."""

    settings: Settings
    definitions: Definitions
    store: Engine
    scenario: Scenario
    courier: Courier
    began: date
    at: datetime = field(init=False)

    def begin(self) -> None:
        """Plans the year, files the contacts and opens what had begun before; doing it again changes nothing."""
        contacts = read_contacts(self.settings.contacts_file, self.definitions.directory)
        inclusive = self.settings.before_is_inclusive
        with self.writing() as connection:
            plan_year(connection, self.definitions, self.began.year, self.began, before_is_inclusive=inclusive)
            store_contacts(connection, contacts)
            self.scenario.prepare(connection, self.began.year)
            open_due(connection, self.began - timedelta(days=1))

    def live(self, day: date) -> Day:
        """Sweep, plan and send; what people do; and once more when they did anything."""
        if not self.scenario.is_running(day):
            return Day(day)
        self._turn_to(day, OPENS)
        with self.writing() as connection:
            opened = open_due(connection, day)
            self.plan(connection)
        self._turn_to(day, MORNING)
        morning = self.send()
        self._turn_to(day, NOON)
        with self.writing() as connection:
            happened = self.scenario.happen(connection, self.at)
            if happened:
                self.plan(connection)
        self._turn_to(day, AFTERNOON)
        afternoon = self.send() if happened else Post()
        return Day(day, tuple(opened), morning, tuple(happened), afternoon)

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent view of the database."""
        return reading(self.store)

    def writing(self) -> AbstractContextManager[Connection]:
        """One writing transaction."""
        return writing(self.store)

    def _turn_to(self, day: date, hour: time) -> None:
        self.at = datetime.combine(day, hour, VIETNAM)

    def plan(self, connection: Connection) -> None:
        """Plans what has come due by the walk's own hour."""
        plan_notices(
            connection, self.definitions.ladders, self.definitions.working_days, self.at, self.at, began=self.began
        )

    def send(self) -> Post:
        """Sends what is due by the walk's own hour."""
        told, refused = len(self.courier.told), len(self.courier.refused)
        send_due(self.post_office)
        return Post(tuple(self.courier.told[told:]), tuple(self.courier.refused[refused:]))

    @cached_property
    def post_office(self) -> PostOffice:
        """The office as it sends: every channel is the courier's."""
        return PostOffice(
            reading=self.reading,
            writing=self.writing,
            channels=dict.fromkeys(ChannelKind, self.courier),
            wording=Wording(self.settings.templates),
            links=Links("nhật ký thử: liên kết không dẫn đến đâu", self.settings.portal_address),
            days=self.definitions.working_days,
            now=lambda: self.at,
            sender=self.settings.secretariat_name,
        )


def walk_year(year: int, scenario: str, programme: str | None) -> None:
    """Plans ``year`` into a database in memory, lives it day by day, and ends with the board."""
    office = open_office()
    definitions = office.paper
    if programme is not None:
        if programme not in definitions.programmes:
            raise DonDocError(
                f"Không có chương trình {programme}.", help=f"Các mã đang có: {', '.join(definitions.programmes)}."
            )
        definitions = replace(definitions, programmes={programme: definitions.programmes[programme]})
    chosen = find_scenario(scenario, definitions.working_days)
    first, last = date(year, 1, 1), date(year, 12, 31)
    courier = Courier(chosen.closed)
    walk = Walk(office.settings, definitions, open_store("sqlite://"), chosen, courier, first)
    walk.begin()
    with walk.reading() as connection:
        entries = {one.id: one for one in read_agenda(connection, first, year=year)}
    if not entries:
        raise DonDocError(f"Năm {year} không có việc nào để đi qua.", help="Chọn năm mà một chương trình nói đến.")
    say(f"Nhật ký năm {year}: {SCENARIOS[chosen.code]}.")
    opened = 0
    for number in range((last - first).days + 1):
        lived = walk.live(first + timedelta(days=number))
        opened += len(lived.opened)
        for line in say_lived(lived, entries):
            say(line)
    due = sum(one.last_on_time is not None for one in entries.values())
    undated = sum(not one.dated for one in entries.values())
    say(
        f"\nHết năm {year}: {opened} việc mở trong năm, {due} việc có hạn, {undated} việc không có ngày; "
        f"{len(courier.told)} tin đã gửi.\n"
    )
    with walk.reading() as connection:
        print_board(read_board(connection, last, first=first, last=last), f"Năm {year}")


def say_lived(lived: Day, entries: dict[str, Entry]) -> Iterator[str]:
    """The day's lines in the diary; none for a day on which nothing happened."""
    lines = [
        *_opening(lived.opened, entries),
        *_post(lived.morning),
        *(f"  {line}" for line in lived.happened),
        *_post(lived.afternoon),
        *_falling_on(lived.day, entries.values()),
    ]
    if lines:
        yield f"\n{say_weekday(lived.day).capitalize()}, {say_day(lived.day)}"
        yield from lines


def _opening(ids: Iterable[str], entries: dict[str, Entry]) -> Iterator[str]:
    for one in (entries[each] for each in ids if each in entries):
        yield f"  mở: {one.title} ({say_when(one)})"


def _post(post: Post) -> Iterator[str]:
    yield from _gathered(post.told, "→")
    yield from _gathered(post.refused, "✗ bị trả lại:")


def _gathered(messages: Iterable[Message], sign: str) -> Iterator[str]:
    """The same words to many are said once: who heard them, and what the subject says."""
    readers: dict[str, list[str]] = defaultdict(list)
    for message in messages:
        readers[message.subject].append(message.to_name)
    for subject, names in readers.items():
        if len(names) <= ON_ONE_LINE:
            yield f"  {sign} {'; '.join(names)}: {subject}"
        else:
            yield f"  {sign} {len(names)} người: {subject}"
            yield f"      {'; '.join(sorted(names, key=lambda name: (alphabetical(name), name)))}"


def _falling_on(day: date, entries: Iterable[Entry]) -> Iterator[str]:
    for one in entries:
        if one.last_on_time == day:
            yield f"  HẾT HẠN: {one.title} ({len(one.duties)} cơ quan)"
        elif one.placing == Placing.FIXED and one.first == day:
            yield f"  DIỄN RA: {one.title}"
