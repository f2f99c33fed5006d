"""An occurrence with its whole story: its dates, who is in it, what it waits for, who has read the newest date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy import Connection

from board.overview import BoardRow, read_board
from board.story import read_story
from board.versions import Version, read_version
from board.year import read_choices, read_marks
from calendars.wording import say_certainty, say_short
from models.kinds import HELD_ON_A_DAY, ROLE_NAMES, ItemKind, Placing, Role
from models.occurrence import Status
from models.timing import Certainty
from notices.invitations import why_not_to_invite
from office.sessions import Visitor
from office.settings import FIRST_YEAR, LAST_YEAR
from planning.agenda import Entry, Named, read_agenda
from planning.effects import who_has_read
from portal.desk import Desk
from portal.flow_links import links_into_flows
from portal.guard import DECIDES, of_the_office
from portal.year_table import Line, write_line

# what a page that led here may say it did
DONE = ("fixed", "moved", "cancelled", "restored", "team", "happened", "invited")


@dataclass(frozen=True, slots=True)
class Matter:
    """One occurrence as a page shows it, with its version, the year it is shown in, and its programme's others.

    ``cancelled_on`` is the day it was called off.
    """

    line: Line
    version: Version
    year: int
    others: dict[str, Entry]
    cancelled_on: date | None = None

    @property
    def entry(self) -> Entry:
        """The occurrence."""
        return self.line.entry

    @property
    def when(self) -> str:
        """When it takes place, in Vietnamese; of what does not, when it was called off and when it was to be."""
        if not self.cancelled:
            return self.line.when
        on = f" ngày {say_short(self.cancelled_on)}" if self.cancelled_on else ""
        return f"đã hủy{on} (trước là: {self.line.when})"

    @property
    def needs(self) -> list[tuple[str, Entry | None, bool]]:
        """What it waits for; the last says that we inferred it and the paper does not say."""
        said = [(need, self.others.get(need), False) for need in self.entry.depends_on]
        return said + [(need, self.others.get(need), True) for need in self.entry.depends_on_proposed]

    @property
    def cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.entry.status == Status.CANCELLED

    @property
    def movable(self) -> bool:
        """Whether a day may be recorded for it: it takes place, and its programme has not ended."""
        return not self.cancelled and not self.entry.history

    @property
    def has_day(self) -> bool:
        """Whether it has a day or a deadline already, so that another one moves it."""
        return self.entry.placing in (Placing.FIXED, Placing.DEADLINE)

    @property
    def awaits_event(self) -> bool:
        """Whether its time is counted from something that has not been recorded, or was recorded on a screen."""
        return self.movable and (self.entry.placing == Placing.WAITING or self.version.event_recorded)

    @property
    def held(self) -> bool:
        """Whether it is held on a day: people are invited to it, and nobody hands anything in for it."""
        return self.entry.kind in HELD_ON_A_DAY

    @property
    def takes_team(self) -> bool:
        """Whether it is given to a team: the inspections are."""
        return self.movable and self.entry.kind == ItemKind.INSPECTION

    @property
    def parts(self) -> list[tuple[str, tuple[Named, ...]]]:
        """Who has which part in it, in words."""
        entry = self.entry
        groups = (entry.lead, entry.participants, entry.inspected, entry.recipients)
        return [(ROLE_NAMES[role], bodies) for role, bodies in zip(Role, groups, strict=True) if bodies]


def occurrence_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/viec/{occurrence}``."""
    router = APIRouter()
    reader = Depends(of_the_office(desk))

    @router.get("/thu-ky/viec/{occurrence:path}")
    def show(request: Request, occurrence: str, visitor: Visitor = reader) -> Response:
        return _page(desk, request, visitor, occurrence)

    return router


def read_matter(connection: Connection, desk: Desk, occurrence: str) -> Matter:
    """The occurrence with what a page needs of it. Raises HTTPException 404 when there is none."""
    version = read_version(connection, occurrence)
    if version is None:
        raise HTTPException(404)
    programme = occurrence.partition("/")[0]
    others = {entry.id: entry for entry in read_agenda(connection, desk.today(), programme=programme, cancelled=True)}
    year = version.year_shown(desk.today())
    marks = read_marks(connection, year)
    entry = others[occurrence]
    clashes = marks.clashes().get((entry.programme, entry.item), [])
    line = write_line(entry, marks, clashes, desk.today())
    return Matter(line, version, year, others, marks.cancelled.get(occurrence))


def _page(desk: Desk, request: Request, visitor: Visitor, occurrence: str) -> Response:
    done = request.query_params.get("done", "")
    with desk.reading() as connection:
        matter = read_matter(connection, desk, occurrence)
        values: dict[str, Any] = {
            "story": read_story(connection, occurrence),
            "readers": sorted(who_has_read(connection, occurrence), key=lambda told: told.acknowledged_at is not None),
            "counts": _read_counts(connection, desk, matter.entry),
            "why_not_invite": why_not_to_invite(connection, occurrence, desk.today()),
            "teams": read_choices(connection, matter.year).teams,
        }
    entry = matter.entry
    return desk.answer(
        request,
        "secretariat/dates/occurrence",
        matter=matter,
        done=done if done in DONE else "",
        certainty=say_certainty(Certainty(entry.certainty)) if entry.certainty and not matter.cancelled else "",
        flows=links_into_flows(desk.settings.prefect_address, entry),
        decides=visitor.role in DECIDES,
        **values,
    )


def _read_counts(connection: Connection, desk: Desk, entry: Entry) -> BoardRow | None:
    """The official boxes of its duties; None for what is counted nowhere."""
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    board = read_board(connection, desk.today(), first=first, last=last, programme=entry.programme, by="occurrence")
    return next((row for row in board.rows if row.code == entry.id), None)
