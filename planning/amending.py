"""Holds a connection: one amendment in its transaction: recorded, the years it touches planned again, sealed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, Row, select

from calendars.wording import say_short
from models.amendment import AmendmentKind
from models.columns import table_of
from models.kinds import Placing
from models.occurrence import Decision, PlannedYear, Status
from models.turn import await_turn
from planning.amendments import Basis, ImpossibleAmendment, amended, is_recorded, read_amendments, record, seal
from planning.busy import read_busy
from planning.check import Definitions
from planning.definitions import HappenedDefinition
from planning.effects import (
    OCCURRENCES,
    TIES,
    Effect,
    StaleFeed,
    count_waiting,
    feeds_of,
    moved_by,
    read_hearing,
    read_times,
    read_told_of,
)
from planning.expansion import expand
from planning.free_days import remark_on_days
from planning.overruled import is_outside, item_code
from planning.planned import PlannedOccurrence
from planning.yearbook import YearChanges, plan_year

YEARS, DECISIONS = table_of(PlannedYear), table_of(Decision)


class Amending:
    """One amendment in its transaction, from the turn that is waited for to the effect."""

    def __init__(
        self, connection: Connection, definitions: Definitions, today: date, at: datetime, before_is_inclusive: bool
    ) -> None:
        await_turn(connection)
        self.connection = connection
        self.definitions = amended(definitions, read_amendments(connection))
        self.today = today
        self.at = at
        self.before_is_inclusive = before_is_inclusive

    def is_repeated(self, basis: Basis) -> bool:
        """Whether the form was taken before."""
        return basis.key is not None and is_recorded(self.connection, basis.key)

    def recorded_last(self, occurrence: str) -> AmendmentKind | None:
        """What of that which holds is taken back first; None when nothing was recorded."""
        holding = self.definitions.amendments
        kinds = {
            AmendmentKind.CANCEL: holding.called_off,
            AmendmentKind.DATE: holding.dates,
            AmendmentKind.TEAM: holding.teams,
            AmendmentKind.EVENT: holding.events,
        }
        return next((kind for kind, held in kinds.items() if self._subject(kind, occurrence) in held), None)

    def paper(self, occurrence: str, *, happened: bool = True) -> PlannedOccurrence:
        """The occurrence as the paper has it, or as it was before anything it waits for took place.

        Raises ImpossibleAmendment when no paper has it (any more).
        """
        row = self._row(occurrence)
        programme = self.definitions.programmes.get(row.programme) if row else None
        if row and programme:
            on_paper = self.definitions.amendments.as_on_paper()
            only_paper = replace(self.definitions, amendments=on_paper if happened else replace(on_paper, events={}))
            year = expand(only_paper, programme, row.year_first, before_is_inclusive=self.before_is_inclusive)
            if found := next((one for one in year.occurrences if one.id == occurrence), None):
                return found
        raise ImpossibleAmendment(
            f"Không có việc {occurrence} trong văn bản nào đã lập.", help="Xem mã việc ở «dondoc agenda --json»."
        )

    def amend(self, kind: AmendmentKind, about: str, content: BaseModel | None, basis: Basis) -> Effect:
        """Records, plans again, seals; and says what came of it. ``about`` is an occurrence, or a day."""
        about_a_day = kind is AmendmentKind.DAY
        mine, subject = [] if about_a_day else [about], self._subject(kind, about)
        before, feeds = read_times(self.connection, mine), feeds_of(self.connection, mine)
        suggested = set(self.connection.execute(select(DECISIONS.c.sentence)).scalars())
        record(self.connection, kind, subject, content, basis, self.at)
        changes = tuple(self._plan(year) for year in self._years(about, about_a_day=about_a_day))
        after = read_times(self.connection, mine)
        moved = moved_by(changes)
        touched = [one.occurrence for one in moved]
        redated = [one.occurrence for one in moved if one.redated]
        effect = Effect(
            before=before.get(about, ""),
            after=after.get(about, ""),
            changes=changes,
            moved=moved,
            feeds=self._feeds(feeds, touched),
            clashes=tuple(self._clashes(mine, changes, suggested)),
            told=tuple(read_told_of(self.connection, redated, earlier=1)),
            superseded=count_waiting(self.connection, redated),
            will_hear=() if about_a_day else read_hearing(self.connection, about, self.today),
            remarks=(*_remark_on_event(content, self.today), *self._remarks(mine)),
        )
        said = {"before": effect.before, "after": effect.after} if mine else {"changed": len(moved)}
        seal(self.connection, kind, subject, basis, self.at, {"taken_back": content is None, **_plain(content), **said})
        return effect

    def _plan(self, year: int) -> YearChanges:
        return plan_year(
            self.connection, self.definitions, year, self.today, before_is_inclusive=self.before_is_inclusive
        )

    def _subject(self, kind: AmendmentKind, about: str) -> str:
        """An event is recorded of the line of the paper, everything else of what it is about."""
        row = self._row(about) if kind is AmendmentKind.EVENT else None
        return item_code(row.programme, row.item) if row is not None else about

    def _years(self, about: str, *, about_a_day: bool) -> list[int]:
        planned = self.connection.execute(select(YEARS.c.year).order_by(YEARS.c.year)).scalars().all()
        if about_a_day:
            return [year for year in planned if year >= self.today.year]
        row = self._row(about)
        return [year for year in planned if row is not None and row.year_first <= year <= row.year_last]

    def _row(self, occurrence: str) -> Row[Any] | None:
        return self.connection.execute(select(OCCURRENCES).where(OCCURRENCES.c.id == occurrence)).first()

    def _feeds(self, before: dict[str, str], touched: Sequence[str]) -> tuple[StaleFeed, ...]:
        if not touched:
            return ()
        return tuple(StaleFeed(*one) for one in sorted((before | feeds_of(self.connection, touched)).items()))

    def _clashes(self, mine: Sequence[str], changes: Sequence[YearChanges], suggested: set[str]) -> Iterator[str]:
        """What else the same agencies have on the new days, and what the year's plan suggests only since the change."""
        for occurrence in mine:
            row = self._row(occurrence)
            if row is None or row.status == Status.CANCELLED or row.placing != Placing.FIXED:
                continue
            ties = select(TIES.c.agency).where(TIES.c.occurrence == occurrence)
            agencies = set(self.connection.execute(ties).scalars())
            for busy in read_busy(self.connection, row.first, row.last, occurrence):
                if busy.agencies & agencies:
                    yield busy.what
            yield from (
                decision.sentence
                for year in changes
                for decision in year.decisions
                if occurrence in decision.between and decision.sentence not in suggested and not row.secret
            )

    def _remarks(self, mine: Sequence[str]) -> Iterator[str]:
        days = self.definitions.working_days
        for occurrence in mine:
            row = self._row(occurrence)
            if row is None or row.status == Status.CANCELLED:
                continue
            if row.placing == Placing.FIXED:
                yield from remark_on_days(row.first, row.last, self.today, days)
                if is_outside(row.first, row.last, self.paper(occurrence)):
                    yield "Nằm ngoài khoảng văn bản nêu."
            elif row.last_on_time and row.last_on_time < self.today:
                yield f"Hạn {say_short(row.last_on_time)} đã qua."
            if row.done_on:
                yield f"Việc này đã xong ngày {say_short(row.done_on)}."


def _remark_on_event(content: BaseModel | None, today: date) -> Iterator[str]:
    """A term may be counted back from a day to come; more often such a day is a slip."""
    if isinstance(content, HappenedDefinition) and content.on > today:
        yield f"Ngày {say_short(content.on)} chưa đến."


def _plain(content: BaseModel | None) -> dict[str, Any]:
    return {} if content is None else content.model_dump(exclude_none=True)
