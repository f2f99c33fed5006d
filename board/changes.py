"""Holds a connection: everything people recorded on a screen in a year, newest first, and what became of each.

Sentences are Vietnamese. No address is among them, and of a secret matter nothing that tells its content.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, func, select

from board.change_words import Known, Words, say_change
from board.overview import SHOWN_TITLE
from board.versions import RECORDED
from calendars.components import TIME_ZONE
from models.agency import Agency
from models.alphabet import alphabetical
from models.amendment import Amendment, AmendmentKind
from models.columns import UtcInstant, table_of
from models.contact import Contact
from models.occurrence import Occurrence, Status

AMENDMENTS, OCCURRENCES = table_of(Amendment), table_of(Occurrence)
AGENCIES, CONTACTS = table_of(Agency), table_of(Contact)
ITEM = OCCURRENCES.c.programme + "/" + OCCURRENCES.c.item  # as an event's subject names it


class Fate(StrEnum):
    """What became of something recorded."""

    STANDS = "stands"
    CHANGED = "changed"
    TAKEN_BACK = "taken_back"
    CALLED_OFF = "called_off"
    OVER = "over"
    GONE = "gone"


FATE_NAMES: dict[Fate, str] = {
    Fate.STANDS: "còn hiệu lực",
    Fate.CHANGED: "có điều chỉnh sau",
    Fate.TAKEN_BACK: "đã rút lại",
    Fate.CALLED_OFF: "việc đã hủy",
    Fate.OVER: "đã hết thời gian",
    Fate.GONE: "văn bản không còn việc này",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which amendments: those recorded in ``year`` (in Vietnam), of one ``kind`` and by one person if given."""

    year: int
    kind: AmendmentKind | None = None
    by: str = ""

    def among(self, table: FromClause) -> list[ColumnElement[bool]]:
        """The conditions, on the amendments or on what has their columns."""
        began, ended = (datetime(year, 1, 1, tzinfo=TIME_ZONE) for year in (self.year, self.year + 1))
        conditions = [table.c.at >= began, table.c.at < ended]
        if self.kind:
            conditions.append(table.c.kind == self.kind.value)
        return [*conditions, table.c.by == self.by] if self.by else conditions


@dataclass(frozen=True, slots=True)
class Change:
    """One amendment. ``occurrence`` is where its story is told, empty for days and people, and where there is none.

    ``fate`` is what became of it; ``later`` the instant another one about the same followed, if one did.
    """

    at: datetime
    who: str
    kind: AmendmentKind
    subject: str
    occurrence: str
    words: Words
    document: str
    why: str
    fate: Fate
    later: datetime | None

    @property
    def in_words(self) -> str:
        """What became of it, in Vietnamese."""
        return FATE_NAMES[self.fate]


def count_changes(connection: Connection, wanted: Wanted) -> int:
    """How many there are."""
    return connection.execute(select(func.count()).where(*wanted.among(AMENDMENTS))).scalar_one()


def read_who_changed(connection: Connection, year: int) -> list[str]:
    """Everybody who recorded something in the year, by name."""
    names = select(AMENDMENTS.c.by).where(*Wanted(year).among(AMENDMENTS)).distinct()
    return sorted(connection.execute(names).scalars(), key=alphabetical)


def read_changes(
    connection: Connection, wanted: Wanted, today: date, *, most: int | None = None, skip: int = 0
) -> list[Change]:
    """Newest first; at most ``most`` after the first ``skip``."""
    same: dict[str, Any] = {"partition_by": (AMENDMENTS.c.kind, AMENDMENTS.c.subject), "order_by": AMENDMENTS.c.id}
    told = select(
        AMENDMENTS,
        func.lag(AMENDMENTS.c.content).over(**same).label("before"),
        func.lead(AMENDMENTS.c.content).over(**same).label("after"),
        func.lead(AMENDMENTS.c.at, type_=UtcInstant()).over(**same).label("later"),
    ).subquery()
    lines = select(told).where(*wanted.among(told)).order_by(told.c.id.desc()).limit(most).offset(skip)
    rows = connection.execute(lines).all()
    matters, names = _read_matters(connection, rows), _read_names(connection)
    return [_change(row, matters.get(row.subject), names, today) for row in rows]


def _read_matters(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, Row[Any]]:
    """The occurrences by what amendments call them; of an event the line's first."""
    own = (OCCURRENCES.c.id, OCCURRENCES.c.phrase, OCCURRENCES.c.secret, OCCURRENCES.c.status)
    facts = select(*own, ITEM.label("line"), SHOWN_TITLE.label("title")).order_by(OCCURRENCES.c.id.desc())
    lines = {row.subject for row in rows if row.kind == AmendmentKind.EVENT}
    subjects = {row.subject for row in rows} - lines
    by_line = {row.line: row for row in connection.execute(facts.where(ITEM.in_(lines)))}
    return by_line | {row.id: row for row in connection.execute(facts.where(OCCURRENCES.c.id.in_(subjects)))}


def _read_names(connection: Connection) -> dict[str, str]:
    """Teams and people by their codes."""
    teams = select(AGENCIES.c.code, AGENCIES.c.name).where(AGENCIES.c.kind == "team")
    people = select(CONTACTS.c.code, CONTACTS.c.name)
    named = (connection.execute(some).tuples() for some in (people, teams))
    return {code: name for some in named for code, name in some}


def _change(row: Row[Any], matter: Row[Any] | None, names: dict[str, str], today: date) -> Change:
    kind, content = AmendmentKind(row.kind), _read(row.content)
    secret = matter is not None and matter.secret
    name = matter.title if matter else names.get(row.subject, row.subject)
    phrase = (matter.phrase or "") if matter else ""
    known = Known(row.subject, name, row.at.astimezone(TIME_ZONE).date(), phrase, secret, names)
    return Change(
        at=row.at,
        who=row.by,
        kind=kind,
        subject=row.subject,
        occurrence=matter.id if matter else "",
        words=say_change(kind, _read(row.before), content, known),
        document="" if secret else row.document,
        why="" if secret else row.why,
        fate=_fate(row, kind, matter, content, today),
        later=row.later,
    )


def _fate(
    row: Row[Any], kind: AmendmentKind, matter: Row[Any] | None, content: dict[str, Any] | None, today: date
) -> Fate:
    if row.later is not None:
        return Fate.CHANGED if row.after else Fate.TAKEN_BACK
    if kind is AmendmentKind.SUBSTITUTION and content:
        return Fate.OVER if date.fromisoformat(content["last"]) < today else Fate.STANDS
    if kind not in RECORDED:
        return Fate.STANDS
    if matter is None:
        return Fate.GONE
    overruled = kind is not AmendmentKind.CANCEL and content and matter.status == Status.CANCELLED
    return Fate.CALLED_OFF if overruled else Fate.STANDS


def _read(content: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(content) if content else None
    return found
