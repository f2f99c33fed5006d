"""Holds a connection: the collection of a group's reports, and the consolidation that waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select

from board.standing import Standing, say_standing, stand
from calendars.wording import say_short
from models.agency import Agency
from models.alphabet import alphabetical
from models.columns import table_of
from models.kinds import SECRET_TITLE
from models.occurrence import Duty, Need, Occurrence, Status

OCCURRENCES, NEEDS, DUTIES, AGENCIES = table_of(Occurrence), table_of(Need), table_of(Duty), table_of(Agency)


@dataclass(frozen=True, slots=True)
class DutyStanding:
    """One agency's report and where it stands; ``last_on_time`` is its own, after an extension.

    ``correct_by`` is the day a returned one is to be back by, when such a day was given.
    """

    duty: str
    agency: str
    agency_name: str
    handover: bool
    standing: Standing
    done_on: date | None
    document: str | None
    last_on_time: date
    extended: bool = False
    returned_on: date | None = None
    correct_by: date | None = None

    @property
    def in_words(self) -> str:
        """The standing, in Vietnamese; an extension and a return with their day."""
        return self.say()

    def say(self, *, partial: bool = False, late: int = 0) -> str:
        """As ``in_words``, with what board.standing.say_standing adds."""
        words = say_standing(self.standing, returned=self.returned_on is not None, partial=partial, late=late)
        if self.returned_on and self.correct_by:
            return f"{words}, nộp lại đến {say_short(self.correct_by)}"
        extended = self.extended and self.standing is not Standing.WAIVED
        return f"{words} (gia hạn đến {say_short(self.last_on_time)})" if extended else words

    @property
    def is_open(self) -> bool:
        """Whether something is still to be sent: nothing has come, or it was sent back for correction."""
        return self.standing is not Standing.WAIVED and (self.done_on is None or self.returned_on is not None)


@dataclass(frozen=True, slots=True)
class Collection:
    """One occurrence's duties on a day; days are in Asia/Ho_Chi_Minh."""

    occurrence: str
    title: str
    named_date: date
    last_on_time: date
    work_by: date
    included: bool | None
    today: date
    duties: tuple[DutyStanding, ...]

    @property
    def missing(self) -> tuple[DutyStanding, ...]:
        """Who has still to send it, a returned one included; whoever was let off is not missing."""
        return tuple(duty for duty in self.duties if duty.is_open)

    @property
    def asked(self) -> tuple[DutyStanding, ...]:
        """Whom it is asked of: everyone but those who were let off."""
        return tuple(duty for duty in self.duties if duty.standing is not Standing.WAIVED)

    @property
    def days_left(self) -> int:
        """Calendar days to the last day on time; negative once it has passed."""
        return (self.last_on_time - self.today).days


@dataclass(frozen=True, slots=True)
class Consolidation:
    """A report made of others': its own deadline and the collections it waits for."""

    title: str
    named_date: date
    last_on_time: date
    work_by: date
    included: bool | None
    today: date
    waits_for: tuple[Collection, ...]

    @property
    def missing(self) -> tuple[DutyStanding, ...]:
        """Everyone whose report it still waits for."""
        return tuple(duty for collection in self.waits_for for duty in collection.missing)


def read_collection(connection: Connection, programme: str, item: str, today: date) -> Collection | None:
    """The collection of ``item`` whose plan is ``today``'s year; None when that year has none."""
    row = _occurrence_of(connection, programme, item, today)
    return None if row is None else _collection(connection, row, today)


def read_consolidation(connection: Connection, programme: str, item: str, today: date) -> Consolidation | None:
    """The consolidation of ``item`` in ``today``'s year; it waits for stated dependencies, not for proposed ones."""
    row = _occurrence_of(connection, programme, item, today)
    return None if row is None else _consolidation(connection, row, today)


def _consolidation(connection: Connection, row: Row[Any], today: date) -> Consolidation:
    needed = (
        select(OCCURRENCES)
        .join(NEEDS, NEEDS.c.needs == OCCURRENCES.c.id)
        .where(NEEDS.c.occurrence == row.id, ~NEEDS.c.proposed, OCCURRENCES.c.last_on_time.is_not(None))
        .order_by(OCCURRENCES.c.id)
    )
    waits_for = tuple(_collection(connection, found, today) for found in connection.execute(needed))
    return Consolidation(
        _title(row), row.named_date, row.last_on_time, row.work_by, row.included, today, waits_for
    )  # fmt: skip


def find_collection(connection: Connection, occurrence: str, today: date) -> Collection | None:
    """The collection of one occurrence; None for what is no report with a deadline, or was called off."""
    row = _find(connection, occurrence)
    return None if row is None else _collection(connection, row, today)


def find_consolidation(connection: Connection, occurrence: str, today: date) -> Consolidation | None:
    """The consolidation of one occurrence, as ``read_consolidation``; None when it waits for nothing."""
    row = _find(connection, occurrence)
    found = None if row is None else _consolidation(connection, row, today)
    return found if found is not None and found.waits_for else None


def _find(connection: Connection, occurrence: str) -> Row[Any] | None:
    return connection.execute(
        select(OCCURRENCES).where(
            OCCURRENCES.c.id == occurrence,
            OCCURRENCES.c.last_on_time.is_not(None),
            OCCURRENCES.c.status == Status.PLANNED.value,
        )
    ).first()


def _occurrence_of(connection: Connection, programme: str, item: str, today: date) -> Row[Any] | None:
    """Of several in a year the next one due, or the last when all are over."""
    found = connection.execute(
        select(OCCURRENCES)
        .where(
            OCCURRENCES.c.programme == programme,
            OCCURRENCES.c.item == item,
            OCCURRENCES.c.year_first <= today.year,
            OCCURRENCES.c.year_last >= today.year,
            OCCURRENCES.c.last_on_time.is_not(None),
            OCCURRENCES.c.status == Status.PLANNED.value,
        )
        .order_by(OCCURRENCES.c.last_on_time)
    ).all()
    return next((row for row in found if row.last_on_time >= today), found[-1] if found else None)


def _collection(connection: Connection, row: Row[Any], today: date) -> Collection:
    duties = connection.execute(
        select(DUTIES, func.coalesce(AGENCIES.c.name, DUTIES.c.agency).label("name"))
        .outerjoin(AGENCIES, AGENCIES.c.code == DUTIES.c.agency)
        .where(DUTIES.c.occurrence == row.id, ~DUTIES.c.withdrawn)
    )
    return Collection(
        row.id,
        _title(row),
        row.named_date,
        row.last_on_time,
        row.work_by,
        row.included,
        today,
        tuple(_duty_standing(duty, row.last_on_time, today) for duty in sorted(duties, key=_by_name)),
    )


def _by_name(duty: Row[Any]) -> tuple[Any, ...]:
    return alphabetical(duty.name), duty.agency


def _title(row: Row[Any]) -> str:
    return SECRET_TITLE if row.secret else str(row.title)


def _duty_standing(duty: Row[Any], last_on_time: date, today: date) -> DutyStanding:
    last = duty.extended_to or last_on_time
    return DutyStanding(
        duty.id,
        duty.agency,
        duty.name,
        duty.handover,
        stand(duty.done_on, last, today, duty.waived_on),
        duty.done_on,
        duty.document,
        last,
        duty.extended_to is not None,
        duty.returned_on,
        duty.correct_by,
    )
