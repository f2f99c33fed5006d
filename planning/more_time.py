"""Holds a connection: an agency asks for more time, the secretariat grants it or not, each once.

A granted request is an extension like any other (a new due version). One about a due day that is no longer the
present one, or a duty nobody waits for any more, was overtaken: it is not shown, and nobody can decide about it.
Key: UNIQUE(extensionrequest.key), the form's own; and one request of a duty waits at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from calendars.components import TIME_ZONE
from calendars.wording import say_short
from calendars.working_days import WorkingDays
from models.agency import Agency
from models.audit import AUDIT, append_audit
from models.columns import table_of
from models.errors import DonDocError
from models.kinds import SECRET_TITLE
from models.submission import RequestState
from models.turn import await_turn
from models.waiting_requests import REQUESTS, STILL_WAITS
from planning.agenda import DUTIES, OCCURRENCES
from planning.handing_in import read_owed, version_of
from planning.submissions import Recorded, extend_duty
from planning.typed_text import one_line, some_lines

AGENCIES = table_of(Agency)
LONGEST = timedelta(days=92)  # more than a quarter is another plan, not more time
SHORTEST_WHY, LONGEST_WHY = 5, 1000
OFFICE = "Đôn Đốc"
UNRECORDED = "request.not_decided"


class ImpossibleRequest(DonDocError):
    """There is nothing to ask more time for, or not so much of it."""


class UnknownRequest(DonDocError):
    """There is no request of this number."""


class UndecidableRequest(DonDocError):
    """The decision lacks something: who decides, or why not."""


class RequestAlreadyDecided(DonDocError):
    """Somebody has decided otherwise, or there is nothing left to decide; a decision is never overwritten."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A form as it was sent; ``until`` is the last day that is asked for. For the rest see HandedIn."""

    duty: str
    by: str
    until: date
    why: str
    key: str
    contact: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request nobody has answered. ``last_on_time`` is the present last day.

    Of a ``secret`` matter the title is its code; who asks, and why, is for the secretariat's own page alone.
    """

    number: int
    duty: str
    occurrence: str
    agency: str
    agency_name: str
    title: str
    last_on_time: date
    until: date
    why: str
    by: str
    at: datetime
    secret: bool


@dataclass(frozen=True, slots=True)
class ToldRequest:
    """One request as its agency's page tells it; ``state`` is one of RequestState."""

    number: int
    at: datetime
    by: str
    until: date
    why: str
    state: str
    decided_by: str | None
    granted_until: date | None
    remark: str


# ---- asking --------------------------------------------------------------------------------------


def ask_more_time(connection: Connection, asked: Asked, at: datetime) -> int:
    """Records the request, at the office's time ``at``; returns its number, the same when the form is sent twice.

    Raises UnknownDuty, UnusableText, ImpossibleRequest, and ImpossibleDecision for a duty nobody owes any more.
    """
    at = at.astimezone(TIME_ZONE)
    by = one_line(asked.by, "họ tên người xin", least=2, most=100)
    why = some_lines(asked.why, "lý do", least=SHORTEST_WHY, most=LONGEST_WHY)
    key = one_line(asked.key, "mã của biểu mẫu", least=8, most=100)
    await_turn(connection)
    duty = read_owed(connection, asked.duty, asked.agency)
    if (number := _asked_before(connection, key, duty.id)) is not None:
        return number
    settle_overtaken(connection, at)
    _check(connection, duty, asked.until, at.date())
    row = {"duty": duty.id, "version": version_of(duty), "agency": duty.agency, "contact": asked.contact}
    row |= {"by": by, "at": at, "until": asked.until, "why": why, "state": RequestState.WAITING.value}
    number = _insert_new(connection, row | {"remark": "", "key": key})
    append_audit(connection, at, by, "request.made", f"request/{number}", {"duty": duty.id, "until": asked.until})
    return number


def _asked_before(connection: Connection, key: str, duty: str) -> int | None:
    row = connection.execute(select(REQUESTS.c.id, REQUESTS.c.duty).where(REQUESTS.c.key == key)).first()
    if row is not None and row.duty != duty:
        raise ImpossibleRequest("Biểu mẫu này đã dùng cho việc khác.", help="Mở lại trang của việc rồi gửi.")
    return row.id if row else None


def _insert_new(connection: Connection, row: dict[str, Any]) -> int:
    """Its number, also when the same form has just come in by another door."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(REQUESTS).values(row).on_conflict_do_nothing(index_elements=["key"]))
    return int(connection.execute(select(REQUESTS.c.id).where(REQUESTS.c.key == row["key"])).scalar_one())


def present_last_day(duty: Row[Any]) -> date | None:
    """The last day by which a row of ``read_owed`` is now asked for; None when it has none."""
    asked: date | None = (duty.returned_on and duty.correct_by) or duty.extended_to or duty.last_on_time
    return asked


def _check(connection: Connection, duty: Row[Any], until: date, today: date) -> None:
    last = present_last_day(duty)
    if duty.done_on is not None and duty.returned_on is None:
        raise ImpossibleRequest(f"Nhiệm vụ này đã nộp ngày {say_short(duty.done_on)}.", help="Không cần gia hạn.")
    if last is None:
        raise ImpossibleRequest("Nhiệm vụ này không có hạn nên không gia hạn được.", help="Chỉ gia hạn việc có hạn.")
    if until <= last:
        raise ImpossibleRequest(
            f"Ngày xin {say_short(until)} không sau hạn đang có {say_short(last)}.", help="Chọn một ngày muộn hơn."
        )
    if until < today:
        raise ImpossibleRequest(f"Ngày xin {say_short(until)} đã qua.", help="Chọn một ngày từ hôm nay trở đi.")
    latest = max(last, today) + LONGEST
    if until > latest:
        raise ImpossibleRequest(
            f"Ngày xin {say_short(until)} quá xa: muộn nhất là {say_short(latest)}.", help="Chọn một ngày sớm hơn."
        )
    waiting = select(REQUESTS.c.at).where(REQUESTS.c.duty == duty.id, REQUESTS.c.state == RequestState.WAITING.value)
    if (before := connection.execute(waiting).scalar()) is not None:
        raise ImpossibleRequest(
            f"Đã có một yêu cầu gia hạn gửi ngày {say_short(before.astimezone(TIME_ZONE).date())}, đang chờ trả lời.",
            help="Chờ thư ký trả lời rồi hãy gửi yêu cầu khác.",
        )


# ---- deciding ------------------------------------------------------------------------------------


def grant_request(
    connection: Connection, number: int, until: date | None, by: str, remark: str, at: datetime, days: WorkingDays
) -> bool:
    """More time until ``until`` (what was asked for when None); False when just that was decided before.

    Raises UnknownRequest, UndecidableRequest, RequestAlreadyDecided, ImpossibleDecision.
    """
    at, by, remark = _given(by, remark, at)
    await_turn(connection)
    row = _read(connection, number)
    until = until or row.until
    if (row.state, row.granted_until) == (RequestState.GRANTED.value, until):
        return False
    _check_waits(connection, row)
    _decide(connection, number, RequestState.GRANTED, by, remark, at, until)
    why = "; ".join(filter(None, (f"cơ quan xin gia hạn: {' '.join(row.why.splitlines())}", remark)))
    extend_duty(connection, row.duty, until, Recorded(by, at, why), days)
    append_audit(connection, at, by, "request.granted", f"request/{number}", {"duty": row.duty, "until": until})
    return True


def refuse_request(connection: Connection, number: int, by: str, remark: str, at: datetime) -> bool:
    """No more time, and why; False when that was decided before. Raises as grant_request does."""
    at, by, remark = _given(by, remark, at)
    await_turn(connection)
    row = _read(connection, number)
    if row.state == RequestState.REFUSED.value:
        return False
    _check_waits(connection, row)
    if not remark:
        raise UndecidableRequest("Không cho gia hạn mà chưa ghi vì sao.", help="Ghi lý do để cơ quan biết.")
    _decide(connection, number, RequestState.REFUSED, by, remark, at)
    append_audit(connection, at, by, "request.refused", f"request/{number}", {"duty": row.duty})
    return True


def _given(by: str, remark: str, at: datetime) -> tuple[datetime, str, str]:
    who = one_line(by, "họ tên người quyết định", most=100)
    if not who:
        raise UndecidableRequest("Chưa ghi ai quyết định.", help="Ghi họ tên người quyết định.")
    return at.astimezone(TIME_ZONE), who, some_lines(remark, "ý kiến", most=LONGEST_WHY)


def _read(connection: Connection, number: int) -> Row[Any]:
    row = connection.execute(select(REQUESTS).where(REQUESTS.c.id == number).with_for_update()).first()
    if row is None:
        raise UnknownRequest(f"Không có yêu cầu gia hạn {number}.", help="Xem các yêu cầu đang chờ duyệt.")
    return row


def _check_waits(connection: Connection, row: Row[Any]) -> None:
    if row.state in (RequestState.GRANTED.value, RequestState.REFUSED.value):
        became = "cho" if row.state == RequestState.GRANTED.value else "không cho"
        day = say_short(row.decided_at.astimezone(TIME_ZONE).date())
        raise RequestAlreadyDecided(f"{row.decided_by} đã quyết định {became} gia hạn (yêu cầu {row.id}), ngày {day}.")
    if row.state == RequestState.OVERTAKEN.value or not _still_waits(connection, row.id):
        raise RequestAlreadyDecided(
            f"Yêu cầu gia hạn {row.id} không còn cần trả lời: việc đã nộp, đã có hạn khác hoặc không phải làm nữa.",
            help="Cần đổi hạn thì gia hạn ở trang của việc.",
        )


def _decide(
    connection: Connection, number: int, state: RequestState, by: str, remark: str, at: datetime,
    until: date | None = None,
) -> None:  # fmt: skip
    decided = {"state": state.value, "decided_by": by, "decided_at": at, "remark": remark, "granted_until": until}
    connection.execute(update(REQUESTS).where(REQUESTS.c.id == number).values(decided))


# ---- what waits ----------------------------------------------------------------------------------


def requests_waiting(connection: Connection) -> list[WaitingRequest]:
    """The requests nobody has answered and that still ask about the present due day, the oldest first."""
    return [
        WaitingRequest(
            row.id, row.duty, row.occurrence, row.agency, row.agency_name,
            f"{SECRET_TITLE}, mã {row.occurrence}" if row.secret else row.title,
            present_last_day(row) or row.until, row.until, row.why, row.by, row.at, row.secret,
        )
        for row in connection.execute(_waiting().order_by(REQUESTS.c.id))
    ]  # fmt: skip


def requests_of(connection: Connection, duty: str) -> list[ToldRequest]:
    """Everything that was asked about a duty, the newest first; an overtaken one says so."""
    still = {row.id for row in connection.execute(_waiting().where(REQUESTS.c.duty == duty))}
    rows = connection.execute(select(REQUESTS).where(REQUESTS.c.duty == duty).order_by(REQUESTS.c.id.desc()))
    return [
        ToldRequest(
            row.id, row.at, row.by, row.until, row.why,
            RequestState.OVERTAKEN.value if row.state == RequestState.WAITING and row.id not in still else row.state,
            row.decided_by, row.granted_until, row.remark,
        )
        for row in rows
    ]  # fmt: skip


def settle_overtaken(connection: Connection, at: datetime) -> int:
    """Marks the requests that need no answer any more; returns how many. Nobody is told: it was answered otherwise."""
    still = select(_waiting().subquery().c.id)
    gone = update(REQUESTS).where(REQUESTS.c.state == RequestState.WAITING.value, REQUESTS.c.id.not_in(still))
    return connection.execute(gone.values(state=RequestState.OVERTAKEN.value, decided_at=at)).rowcount


def _still_waits(connection: Connection, number: int) -> bool:
    return connection.execute(_waiting().where(REQUESTS.c.id == number)).first() is not None


def _waiting() -> Any:
    """Requests with their duty's days, those alone that somebody can still grant."""
    duty = (DUTIES.c.occurrence, DUTIES.c.returned_on, DUTIES.c.correct_by, DUTIES.c.extended_to)
    matter = (OCCURRENCES.c.title, OCCURRENCES.c.secret, OCCURRENCES.c.last_on_time)
    return (
        select(REQUESTS, func.coalesce(AGENCIES.c.name, REQUESTS.c.agency).label("agency_name"), *duty, *matter)
        .join(DUTIES, DUTIES.c.id == REQUESTS.c.duty)
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .outerjoin(AGENCIES, AGENCIES.c.code == REQUESTS.c.agency)
        .where(STILL_WAITS)
    )


# ---- what could not be recorded ------------------------------------------------------------------


def note_unrecorded(connection: Connection, number: int, why: str, at: datetime) -> None:
    """Somebody filled the form in a way that could not be recorded; the next attempt has a form of its own."""
    append_audit(connection, at, OFFICE, UNRECORDED, f"request/{number}", {"why": why})


def count_unrecorded(connection: Connection, number: int) -> int:
    """How many forms about this request could not be recorded."""
    lines = select(func.count()).where(AUDIT.c.subject == f"request/{number}", AUDIT.c.action == UNRECORDED)
    return int(connection.execute(lines).scalar_one())
