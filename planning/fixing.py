"""Holds a connection: a date fixed or moved, a matter called off or taken back, a team or event named, a day decided.

Each records one amendment, plans the years it touches again, and seals it in the audit: one transaction of the
caller's, who then plans the notices. A form pressed twice does it once (Basis.key).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, Row, select

from calendars.wording import say_short
from models.amendment import AmendmentKind
from models.columns import table_of
from models.kinds import ItemKind, Placing
from models.occurrence import PlannedYear, Status
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
from planning.on_screen import CalledOff, DateOnScreen, DayOnScreen, TeamOnScreen
from planning.overruled import is_outside, item_code
from planning.planned import PlannedOccurrence
from planning.yearbook import YearChanges, plan_year

YEARS = table_of(PlannedYear)


@dataclass(frozen=True, slots=True)
class Fix:
    """A day for an occurrence, as it was typed. ``deadline`` and ``included`` are the paper's own when not given.

    Of a deadline ``first`` is the day named. Without ``document`` a reason is asked for, and always when the day
    leaves the stretch the paper gives.
    """

    occurrence: str
    first: date
    last: date | None = None
    starts: time | None = None
    ends: time | None = None
    place: str | None = None
    document: str = ""
    why: str = ""
    by: str = ""
    key: str | None = None
    deadline: bool | None = None
    included: bool | None = None

    @property
    def basis(self) -> Basis:
        """Who recorded it, and what it rests on."""
        return Basis(self.by, self.document, self.why, self.key)


def fix_date(
    connection: Connection,
    definitions: Definitions,
    fix: Fix,
    today: date,
    at: datetime,
    *,
    before_is_inclusive: bool = False,
) -> Effect:
    """Fixes the day of an event, or moves it or a deadline. Raises ImpossibleAmendment."""
    work = _Work(connection, definitions, today, at, before_is_inclusive)
    if work.is_repeated(fix.basis):
        return Effect(repeated=True)
    paper = work.paper(fix.occurrence)
    if fix.occurrence in work.definitions.amendments.called_off:
        raise ImpossibleAmendment(f"{fix.occurrence} đã hủy.", help="Khôi phục trước, rồi ấn định ngày.")
    content = _content(fix, paper)
    _need_grounds(fix, content, paper)
    return work.amend(AmendmentKind.DATE, fix.occurrence, content, fix.basis)


@dataclass(frozen=True, slots=True)
class HoursAndPlace:
    """The hours and the place a fixed event has; they stay when only its day moves."""

    starts: time | None = None
    ends: time | None = None
    place: str | None = None


def read_hours_and_place(connection: Connection, occurrence: str) -> HoursAndPlace:
    """As it stands now; nothing for what has no day yet, and for deadlines."""
    own = select(OCCURRENCES.c.starts, OCCURRENCES.c.ends, OCCURRENCES.c.place)
    fixed = (OCCURRENCES.c.id == occurrence, OCCURRENCES.c.placing == Placing.FIXED.value)
    row = connection.execute(own.where(*fixed)).first()
    return HoursAndPlace() if row is None else HoursAndPlace(row.starts, row.ends, row.place)


def cancel_occurrence(
    connection: Connection,
    definitions: Definitions,
    occurrence: str,
    basis: Basis,
    today: date,
    at: datetime,
    *,
    before_is_inclusive: bool = False,
) -> Effect:
    """Calls it off: it stays in the calendars as cancelled, and nobody owes it. Raises ImpossibleAmendment."""
    work = _Work(connection, definitions, today, at, before_is_inclusive)
    if work.is_repeated(basis):
        return Effect(repeated=True)
    work.paper(occurrence)
    if occurrence in work.definitions.amendments.called_off:
        raise ImpossibleAmendment(f"{occurrence} đã hủy từ trước.", help="Không cần hủy lần nữa.")
    _need_document_or_reason(basis)
    return work.amend(AmendmentKind.CANCEL, occurrence, CalledOff(), basis)


def restore_occurrence(
    connection: Connection,
    definitions: Definitions,
    occurrence: str,
    basis: Basis,
    today: date,
    at: datetime,
    *,
    before_is_inclusive: bool = False,
) -> Effect:
    """Takes back that it was called off; else the day that was fixed; else the team; else what it waited for.

    Raises ImpossibleAmendment.
    """
    work = _Work(connection, definitions, today, at, before_is_inclusive)
    if work.is_repeated(basis):
        return Effect(repeated=True)
    kind = work.recorded_last(occurrence)
    if kind is None:
        raise ImpossibleAmendment(
            f"Chưa ghi gì trên màn hình cho {occurrence}.",
            help="Đang theo đúng văn bản; không có gì để khôi phục.",
        )
    return work.amend(kind, occurrence, None, basis)


def record_event(
    connection: Connection,
    definitions: Definitions,
    occurrence: str,
    on: date,
    basis: Basis,
    today: date,
    at: datetime,
    *,
    before_is_inclusive: bool = False,
) -> Effect:
    """What a matter waited for took place ``on`` that day: its term is counted from there, or a day is to be fixed.

    It holds for the line of the paper, so for every term counted from it. Raises ImpossibleAmendment.
    """
    work = _Work(connection, definitions, today, at, before_is_inclusive)
    if work.is_repeated(basis):
        return Effect(repeated=True)
    if occurrence in work.definitions.amendments.called_off:
        raise ImpossibleAmendment(f"{occurrence} đã hủy.", help="Khôi phục trước, rồi ghi sự việc.")
    if work.paper(occurrence, happened=False).placing != Placing.WAITING:
        raise ImpossibleAmendment(f"{occurrence} không chờ sự việc nào.", help="Muốn đổi ngày thì ấn định ngày.")
    try:
        happened = HappenedDefinition(on=on, document=basis.document)
    except ValidationError:
        raise ImpossibleAmendment(
            "Thiếu văn bản của sự việc, hoặc ngày không dùng được.",
            help="Ghi số, ngày văn bản đã có; ngày từ năm 1900 đến năm 2100.",
        ) from None
    return work.amend(AmendmentKind.EVENT, occurrence, happened, basis)


def name_team(
    connection: Connection,
    definitions: Definitions,
    occurrence: str,
    team: str | None,
    basis: Basis,
    today: date,
    at: datetime,
    *,
    before_is_inclusive: bool = False,
) -> Effect:
    """Gives an inspection to a team; None takes back that it was given to one. Raises ImpossibleAmendment."""
    work = _Work(connection, definitions, today, at, before_is_inclusive)
    if work.is_repeated(basis):
        return Effect(repeated=True)
    if work.paper(occurrence).kind != ItemKind.INSPECTION:
        raise ImpossibleAmendment(f"{occurrence} không phải cuộc kiểm tra.", help="Chỉ phân công đoàn cho kiểm tra.")
    if occurrence in work.definitions.amendments.called_off:
        raise ImpossibleAmendment(f"{occurrence} đã hủy.", help="Khôi phục trước, rồi phân công đoàn.")
    _need_document_or_reason(basis)
    if team is None:
        if occurrence not in work.definitions.amendments.teams:
            raise ImpossibleAmendment(f"Chưa phân công đoàn nào trên màn hình cho {occurrence}.")
        return work.amend(AmendmentKind.TEAM, occurrence, None, basis)
    agency = definitions.directory.agencies.get(team)
    if agency is None or agency.kind != "team":
        raise ImpossibleAmendment(f"Không có đoàn {team}.", help="Chọn một đoàn trong agencies.yaml.")
    return work.amend(AmendmentKind.TEAM, occurrence, TeamOnScreen(team=team), basis)


def amend_day(
    connection: Connection,
    definitions: Definitions,
    day: date,
    working: bool | None,
    basis: Basis,
    today: date,
    at: datetime,
    *,
    before_is_inclusive: bool = False,
) -> Effect:
    """Decides whether a day is worked; None takes the decision back. Raises ImpossibleAmendment.

    Every planned year from today's on is planned again, since terms run over from one year to the next.
    """
    work = _Work(connection, definitions, today, at, before_is_inclusive)
    if work.is_repeated(basis):
        return Effect(repeated=True)
    if working is None and day not in work.definitions.amendments.days:
        raise ImpossibleAmendment(f"Chưa ghi gì trên màn hình cho ngày {say_short(day)}.")
    _need_document_or_reason(basis)
    content = None if working is None else DayOnScreen(working=working)
    return work.amend(AmendmentKind.DAY, day.isoformat(), content, basis)


class _Work:
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
            clashes=tuple(self._clashes(mine, changes)),
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

    def _clashes(self, mine: Sequence[str], changes: Sequence[YearChanges]) -> Iterator[str]:
        """What else the same agencies have on the new days, and what the year's plan suggests about it."""
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
                if decision.kind == "clash" and row.title in decision.sentence and not row.secret
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


def _content(fix: Fix, paper: PlannedOccurrence) -> DateOnScreen:
    deadline = fix.deadline if fix.deadline is not None else paper.placing == Placing.DEADLINE
    if fix.last is not None and fix.last < fix.first:
        raise ImpossibleAmendment(
            f"Ngày cuối {say_short(fix.last)} trước ngày đầu {say_short(fix.first)}.", help="Sửa lại một trong hai."
        )
    one_day = (fix.last or fix.first) == fix.first
    if fix.ends is not None and (fix.starts is None or (one_day and fix.ends <= fix.starts)):
        raise ImpossibleAmendment("Giờ kết thúc không sau giờ bắt đầu.", help="Ghi cả hai giờ, giờ bắt đầu trước.")
    if deadline and (fix.last or fix.starts or fix.ends):
        raise ImpossibleAmendment("Một hạn chỉ có một ngày.", help="Bỏ ngày cuối và giờ.")
    included = fix.included if fix.included is not None else paper.included is not False
    try:
        return DateOnScreen(
            first=fix.first, last=fix.last, starts=fix.starts, ends=fix.ends, place=fix.place or None,
            deadline=deadline, included=included,
        )  # fmt: skip
    except ValidationError:
        raise ImpossibleAmendment(
            "Ngày, giờ hoặc nơi ghi không dùng được.", help="Ghi ngày từ năm 1900 đến năm 2100, nơi không quá 2000 chữ."
        ) from None


def _need_grounds(fix: Fix, content: DateOnScreen, paper: PlannedOccurrence) -> None:
    _need_document_or_reason(fix.basis)
    if not content.deadline and is_outside(content.first, content.last, paper) and not fix.why.strip():
        stretch = f"{paper.first:%d/%m/%Y}–{paper.last:%d/%m/%Y}"
        raise ImpossibleAmendment(
            f"Ngày {say_short(content.first)} nằm ngoài khoảng văn bản nêu ({stretch}).", help="Ghi lý do."
        )


def _need_document_or_reason(basis: Basis) -> None:
    if not basis.document.strip() and not basis.why.strip():
        raise ImpossibleAmendment("Thiếu căn cứ.", help="Ghi số, ngày văn bản (giấy mời), hoặc lý do.")


def _plain(content: BaseModel | None) -> dict[str, Any]:
    return {} if content is None else content.model_dump(exclude_none=True)
