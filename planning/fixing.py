"""Holds a connection: a date fixed or moved, a matter called off or taken back, a team or event named, a day decided.

Each records one amendment, plans the years it touches again, and seals it in the audit: one transaction of the
caller's, who then plans the notices. A form pressed twice does it once (Basis.key).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from pydantic import ValidationError
from sqlalchemy import Connection, select

from calendars.wording import say_short
from models.amendment import AmendmentKind
from models.kinds import ItemKind, Placing
from planning.amending import Amending
from planning.amendments import Basis, ImpossibleAmendment
from planning.check import Definitions
from planning.definitions import HappenedDefinition
from planning.effects import OCCURRENCES, Effect
from planning.on_screen import CalledOff, DateOnScreen, DayOnScreen, TeamOnScreen
from planning.overruled import is_outside
from planning.planned import PlannedOccurrence


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
    work = Amending(connection, definitions, today, at, before_is_inclusive)
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
    work = Amending(connection, definitions, today, at, before_is_inclusive)
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
    work = Amending(connection, definitions, today, at, before_is_inclusive)
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
    work = Amending(connection, definitions, today, at, before_is_inclusive)
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
    work = Amending(connection, definitions, today, at, before_is_inclusive)
    if work.is_repeated(basis):
        return Effect(repeated=True)
    if work.paper(occurrence).kind != ItemKind.INSPECTION:
        raise ImpossibleAmendment(f"{occurrence} không phải cuộc kiểm tra.", help="Chỉ phân công đoàn cho kiểm tra.")
    if occurrence in work.definitions.amendments.called_off:
        raise ImpossibleAmendment(f"{occurrence} đã hủy.", help="Khôi phục trước, rồi phân công đoàn.")
    _need_document_or_reason(basis)
    if team is None:
        if occurrence not in work.definitions.amendments.teams:
            raise ImpossibleAmendment(
                f"Chưa phân công đoàn nào trên màn hình cho {occurrence}.", help="Không có gì để bỏ."
            )
        return work.amend(AmendmentKind.TEAM, occurrence, None, basis)
    agency = definitions.directory.agencies.get(team)
    if agency is None or agency.kind != "team":
        raise ImpossibleAmendment(f"Không có đoàn {team}.", help="Chọn một đoàn có trong danh mục cơ quan.")
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
    work = Amending(connection, definitions, today, at, before_is_inclusive)
    if work.is_repeated(basis):
        return Effect(repeated=True)
    if working is None and day not in work.definitions.amendments.days:
        raise ImpossibleAmendment(f"Chưa ghi gì trên màn hình cho ngày {say_short(day)}.", help="Không có gì để bỏ.")
    _need_document_or_reason(basis)
    content = None if working is None else DayOnScreen(working=working)
    return work.amend(AmendmentKind.DAY, day.isoformat(), content, basis)


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
