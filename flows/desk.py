"""What every flow works with: its own date, the checked definitions, the database, and a page to show.

A flow's date is the day it was scheduled for, through the office's clock, never "now": a late or
repeated run does the work of its own day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from prefect import runtime
from prefect.artifacts import acreate_markdown_artifact
from sqlalchemy import Connection, Engine

from board.overdue import AgencyOverdue, read_overdue
from board.overview import Board, read_board
from calendars.wording import say_day, say_short, say_weekday
from models.kinds import DECISION_NAMES, KIND_NAMES, PLACING_NAMES, ItemKind, Placing
from models.notice import STATE_NAMES, NoticeState
from notices.desk import NoticeDesk, open_desk
from office.clock import Clock, read_clock, real_instant
from office.secret import link_secret
from office.settings import Settings, read_settings
from office.store import open_store, reading, writing
from planning.agenda import say_when
from planning.amendments import read_amendments, read_office_definitions
from planning.check import Definitions
from planning.contact_amendments import merged_contacts
from planning.people import read_channels, read_contacts, store_contacts
from planning.yearbook import say_details

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "artifacts"


def _in_a_cell(text: object) -> Markup:
    """Text that cannot leave its cell: Markdown and HTML signs from a programme's file stay letters."""
    if isinstance(text, Markup):  # what a macro of ours has already written
        return text
    signs = "".join(_SAFE_SIGNS.get(sign, sign) for sign in str("" if text is None else text))
    return Markup(" ".join(signs.split()))  # noqa: S704 - every sign of Markdown and HTML has just been taken away


_SAFE_SIGNS = {"<": "&lt;", ">": "&gt;", "&": "&amp;"} | {sign: f"\\{sign}" for sign in "\\`*_[]|#"}

_pages = Environment(
    loader=FileSystemLoader(TEMPLATES),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=True,  # so that what a macro returns is told apart from a programme's text
    finalize=_in_a_cell,
)
_filters: dict[str, Callable[..., object]] = {
    "short": say_short,
    "kind": lambda kind: KIND_NAMES[ItemKind(kind)],
    "placing": lambda placing: PLACING_NAMES[Placing(placing)],
    "decision": lambda kind: DECISION_NAMES.get(kind, kind),
    "when": say_when,
    "details": say_details,
    "notice_state": lambda state: STATE_NAMES[NoticeState(state)],
}
_pages.filters.update(_filters)


@dataclass(frozen=True)
class Desk:
    """One run's view of the office on ``today`` (Asia/Ho_Chi_Minh)."""

    settings: Settings
    clock: Clock
    today: date
    store: Engine

    @cached_property
    def definitions(self) -> Definitions:
        """Everything on paper, checked, with what people recorded on top. Raises InvalidDefinition."""
        with self.reading() as connection:
            return read_office_definitions(self.settings.programmes, connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database."""
        with reading(self.store) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writing transaction, committed at the end."""
        with writing(self.store) as connection:
            yield connection

    @cached_property
    def notices(self) -> NoticeDesk:
        """Planning, sending and deciding with this office's settings. Raises what opening them raises."""
        return open_desk(
            self.settings,
            self.definitions,
            self.clock,
            reading=self.reading,
            writing=self.writing,
            really=real_instant,
            secret=link_secret(self.settings),
            paid=read_channels(self.settings.channels_path),
        )

    def refresh_people(self, connection: Connection) -> None:
        """Brings the contacts to what contacts.yaml and the screens say; in the caller's transaction."""
        from_file = read_contacts(self.settings.contacts_file, self.definitions.directory)
        store_contacts(connection, merged_contacts(from_file, read_amendments(connection)))

    def read_board(self) -> tuple[Board, list[AgencyOverdue]]:
        """This year's official 2×2 by agency, and who is late with what."""
        first, last = date(self.today.year, 1, 1), date(self.today.year, 12, 31)
        with self.reading() as connection:
            board = read_board(connection, self.today, first=first, last=last)
            late = read_overdue(connection, self.today, self.definitions.working_days, first=first, last=last)
        return board, late

    async def show(self, key: str, template: str, **values: Any) -> None:
        """Publishes ``templates/artifacts/template`` under the fixed ``key`` ([a-z0-9-]), the clock's banner on top."""
        page = _pages.get_template(template).render(
            today=self.today,
            today_in_words=f"{say_weekday(self.today)}, {say_day(self.today)}",
            banner=self.clock.banner(),
            calendars=Markup(self.settings.published / "index.html"),  # noqa: S704 - the office's own path, shown as code
            **values,
        )
        title = next(line.lstrip("# ") for line in page.splitlines() if line.startswith("# "))
        await acreate_markdown_artifact(page, key=key, description=title)


@contextmanager
def at_the_desk() -> Iterator[Desk]:
    """Opens the office for one run and closes it after. Raises DonDocError with a sentence for the secretariat."""
    settings = read_settings()
    clock = read_clock(settings)
    store = open_store(settings.database_url)
    try:
        yield Desk(settings, clock, logical_today(clock), store)
    finally:
        store.dispose()


def logical_today(clock: Clock) -> date:
    """The day this run is about: its scheduled start in Viet Nam, shifted as the office's clock is."""
    scheduled = runtime.flow_run.scheduled_start_time
    return clock.today() if scheduled is None else clock.logical(scheduled).date()


def name_run() -> str:
    """A run's name in the flow UI: what it is about and its own day, "DB-BCD-2024, 2, 01/10/2024"."""
    about = [str(value) for value in runtime.flow_run.parameters.values() if value is not None]
    return ", ".join([*about, say_short(logical_today(read_clock(read_settings())))])


def key_of(*parts: object) -> str:
    """A fixed artifact key: lower-case letters, digits and hyphens."""
    joined = "-".join(str(part) for part in parts).lower()
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in joined)
