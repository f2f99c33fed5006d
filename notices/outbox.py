"""Holds a connection: the outbox. Rows are claimed under a lease, sent by whoever holds it, and each marked.

The order is the promise: claim and commit, send outside any transaction, mark each. Never marked before sending
(what dies in between would be lost), never a whole batch at once (what dies in between would be doubled). A lease
runs by the database's clock, which all senders share; ``now`` is the office's time (aware).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from models.audit import append_audit
from models.errors import DonDocError
from models.kinds import PAID
from models.notice import SENT, TO_DECIDE, WAITING, NoticeState
from notices.channel import Outcome, Verdict
from notices.retries import Next
from notices.tables import ATTEMPTS, HOLDS, NOTICES, batches, insert_missing

EVERYTHING = "*"
# written out in the statement, as the index of what waits is only used for the very words of its condition
STILL_WAITING: BindParameter[Any] = bindparam("waiting", WAITING, expanding=True, literal_execute=True)
PAST_WAITING = [state.value for state in NoticeState if state.value not in WAITING]
MOST_INTERRUPTED = 20  # a mail that ends its sender again and again is a person's business
INTERRUPTED = "interrupted"  # the outcome of an attempt whose sender was never heard of again
UNSURE = (NoticeState.PENDING.value, NoticeState.UNKNOWN.value)  # after a claim that was taken back
TOO_LATE = "Chưa gửi được thì đã hết lúc còn ích."
TOO_LATE_TO_REPEAT = "Không rõ tin đã đi chưa; đã hết lúc còn ích nên không gửi lại."
USEFUL = timedelta(days=30)  # of what a person sends again; then it is a person's business once more
BACKWARDS = timedelta(minutes=5)  # clocks that are set right move by less


class ClockRunsBehind(DonDocError):
    """The office's clock stands before something that has already happened."""

    exit_code = 2


class NoSuchNotice(DonDocError):
    """There is no notice with this number, or it is not in a state for what was asked."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one message carries: its notices (rows), all to one recipient by one channel, held under ``lease``."""

    key: str
    lease: str
    channel: str
    recipient: str
    notices: tuple[Row[Any], ...]

    @property
    def numbers(self) -> list[int]:
        """The notices' numbers."""
        return [row.id for row in self.notices]


def check_clock(connection: Connection, now: datetime) -> None:
    """Raises ClockRunsBehind when ``now`` lies before the newest attempt by more than a few minutes."""
    newest = connection.execute(select(func.max(ATTEMPTS.c.at))).scalar()
    if newest is not None and now < newest - BACKWARDS:
        raise ClockRunsBehind(
            f"Đồng hồ chỉ {now:%H:%M %d/%m/%Y}, sớm hơn lần gửi gần nhất "
            f"({newest.astimezone(now.tzinfo):%H:%M %d/%m/%Y}): không gửi gì.",
            help="Chỉnh lại đồng hồ của máy; muốn xem lại một ngày cũ thì đặt DONDOC_HOME thành thư mục khác.",
        )


def claim(
    connection: Connection, now: datetime, *, most: int, lease_seconds: float, alone: bool = False
) -> list[Envelope]:
    """Takes up to ``most`` messages that are due, each with all the notices it carries; to be committed at once.

    Two senders never get the same: on PostgreSQL the first notice of a message is its lock (SKIP LOCKED), SQLite has
    one writer. What an earlier sender never marked comes back first: once its lease has run out, or at once when the
    caller is ``alone`` (it holds the lock that every sender of this database takes). Nobody is ever waited for, so
    that sender and planner cannot block each other. What has stopped being of use meanwhile is left to a person.
    """
    clock = _database_clock(connection)
    _take_back(connection, datetime.max.replace(tzinfo=UTC) if alone else clock, now)
    held = set(connection.execute(select(HOLDS.c.scope)).scalars())
    if EVERYTHING in held:
        return []
    numbers = [int(scope) for scope in held]
    lapsed = _let_lapse(connection, now, numbers)
    found = _take(connection, now, clock, numbers, most, lease_seconds)
    if lapsed:
        append_audit(connection, now, "Đôn Đốc", "notices.lapsed", f"day/{now:%Y-%m-%d}", {"notices": lapsed})
    return found


def _take(
    connection: Connection, now: datetime, clock: datetime, held: Sequence[int], most: int, lease_seconds: float
) -> list[Envelope]:
    bundles, ids = _lock(connection, now, held, most)
    if not ids:
        return []
    lease = uuid4().hex
    taken = (
        update(NOTICES)
        .where(NOTICES.c.id.in_(ids))
        .values(
            state=NoticeState.SENDING.value,
            lease=lease,
            lease_until=clock + timedelta(seconds=lease_seconds),
            attempts=NOTICES.c.attempts + 1,
        )
        .returning(NOTICES)
    )
    grouped: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(taken):
        grouped[row.bundle].append(row)
    accepted = _accepted(connection, [row.envelope for rows in grouped.values() for row in rows if row.envelope])
    found = [
        _enclose(sorted(grouped[bundle], key=lambda row: row.id), lease, accepted)
        for bundle in bundles
        if bundle in grouped
    ]
    fresh = [
        {"which": row.id, "sealed": envelope.key}
        for envelope in found
        for row in envelope.notices
        if row.envelope != envelope.key
    ]
    if fresh:
        sealed = update(NOTICES).where(NOTICES.c.id == bindparam("which"))
        connection.execute(sealed.values(envelope=bindparam("sealed"), bundle=bindparam("sealed")), fresh)
    return found


def _due(now: datetime, held: Sequence[int]) -> ColumnElement[bool]:
    return and_(NOTICES.c.state.in_(STILL_WAITING), NOTICES.c.due_at <= now, NOTICES.c.id.not_in(held))


def _due_in_bundle(now: datetime, held: Sequence[int], table: FromClause = NOTICES) -> ColumnElement[bool]:
    """The same, said so that the index of bundles has to answer.

    A server that last counted when nothing waited would take the other, and compare each of thousands with each.
    """
    return and_(table.c.state.not_in(PAST_WAITING), table.c.due_at <= now, table.c.id.not_in(held))


def _lock(connection: Connection, now: datetime, held: Sequence[int], most: int) -> tuple[list[str], list[int]]:
    """Up to ``most`` messages, whole, with their notices; one of which somebody is changing a notice waits."""
    other = NOTICES.alias()
    earlier = select(other.c.id).where(
        other.c.bundle == NOTICES.c.bundle, other.c.id < NOTICES.c.id, _due_in_bundle(now, held, other)
    )
    first = select(NOTICES.c.bundle).where(_due(now, held), ~earlier.exists())
    first = first.order_by(NOTICES.c.due_at, NOTICES.c.id).limit(most)
    bundles = list(connection.execute(first.with_for_update(skip_locked=True)).scalars())
    if not bundles:
        return [], []
    carried = select(NOTICES.c.id, NOTICES.c.bundle).where(NOTICES.c.bundle.in_(bundles), _due_in_bundle(now, held))
    locked = {row.id: row.bundle for row in connection.execute(carried.with_for_update(skip_locked=True))}
    in_part = {row.bundle for row in connection.execute(carried) if row.id not in locked}
    return bundles, [number for number, bundle in locked.items() if bundle not in in_part]


def _accepted(connection: Connection, sealed: Sequence[str]) -> dict[str, set[int]]:
    """Which notices went with those of these messages that a channel has accepted before."""
    found: dict[str, set[int]] = defaultdict(set)
    for some in batches(sorted(set(sealed))):
        went = (
            select(ATTEMPTS.c.envelope, ATTEMPTS.c.notice)
            .join(NOTICES, and_(NOTICES.c.id == ATTEMPTS.c.notice, NOTICES.c.envelope == ATTEMPTS.c.envelope))
            .where(NOTICES.c.envelope.in_(some), ATTEMPTS.c.outcome == Verdict.ACCEPTED.value)
        )
        for row in connection.execute(went):
            found[row.envelope].add(row.notice)
    return found


def _enclose(rows: Sequence[Row[Any]], lease: str, accepted: Mapping[str, set[int]]) -> Envelope:
    """At the first attempt the message is sealed: its key and the notices it carries stay the same from then on.

    What was held back or failed while the rest of its message was accepted goes under a key of its own: a second
    message of the same key would be thrown away as a copy.
    """
    sealed: str | None = rows[0].envelope
    went = accepted.get(sealed or "", set())
    if sealed is None or (went and any(row.id not in went for row in rows)):
        keys = ["|".join((row.subject, row.version, row.step, row.recipient, row.channel)) for row in rows]
        sealed = hashlib.sha256("\n".join([*keys, *filter(None, [sealed])]).encode()).hexdigest()[:32]
    return Envelope(sealed, lease, rows[0].channel, rows[0].recipient, tuple(rows))


def _database_clock(connection: Connection) -> datetime:
    at = connection.execute(select(func.current_timestamp())).scalar_one()
    return (
        (at if at.tzinfo else at.replace(tzinfo=UTC))
        if isinstance(at, datetime)
        else datetime.fromisoformat(at).replace(tzinfo=UTC)
    )


def _take_back(connection: Connection, clock: datetime, now: datetime) -> None:
    """What a sender claimed and never marked: mail goes again under the same Message-ID, paid channels ask a person."""
    lost = select(NOTICES).where(NOTICES.c.state == NoticeState.SENDING.value, NOTICES.c.lease_until < clock)
    rows = connection.execute(lost.with_for_update(skip_locked=True)).all()
    for row in rows:
        left_alone = bool(PAID & {row.channel, row.sent_by}) or _interruptions(connection, row.id) >= MOST_INTERRUPTED
        state = NoticeState.UNKNOWN if left_alone else NoticeState.PENDING
        reason = "Máy dừng giữa lúc gửi: không rõ tin đã đi chưa." if left_alone else "Máy dừng giữa lúc gửi: gửi lại."
        here = update(NOTICES).where(NOTICES.c.id == row.id, NOTICES.c.lease == row.lease)
        connection.execute(here.values(state=state.value, lease=None, lease_until=None, due_at=now, reason=reason))
        _record(connection, [row], row.envelope, now, INTERRUPTED, None, Outcome(Verdict.UNKNOWN, detail=reason))


def _interruptions(connection: Connection, number: int) -> int:
    asked = select(func.count()).where(ATTEMPTS.c.notice == number, ATTEMPTS.c.outcome == INTERRUPTED)
    return int(connection.execute(asked).scalar_one())


def _let_lapse(connection: Connection, now: datetime, held: Sequence[int]) -> list[int]:
    """What could not be sent while it was of use: a person is told instead, and whether it may have arrived."""
    over = select(NOTICES.c.id).where(_due(now, held), NOTICES.c.useful_until < now)
    lapsed = list(connection.execute(over.with_for_update(skip_locked=True)).scalars())
    for some in batches(lapsed):
        these = NOTICES.c.id.in_(some)
        for which, state, reason in (
            (may_have_left(), NoticeState.UNKNOWN, TOO_LATE_TO_REPEAT),
            (NOTICES.c.state.in_(WAITING), NoticeState.FAILED, TOO_LATE),  # the rest
        ):
            connection.execute(update(NOTICES).where(these, which).values(state=state.value, reason=reason))
    return lapsed


def is_held(connection: Connection, numbers: Sequence[int]) -> bool:
    """Whether somebody has held everything, or one of these notices, since they were claimed."""
    scopes = [EVERYTHING, *map(str, numbers)]
    return connection.execute(select(HOLDS.c.scope).where(HOLDS.c.scope.in_(scopes))).first() is not None


def give_back(connection: Connection, envelope: Envelope) -> None:
    """Returns a claim of which nothing was sent, uncounted: the sender is stopping, or it was held meanwhile."""
    here = and_(NOTICES.c.lease == envelope.lease, NOTICES.c.envelope == envelope.key)
    connection.execute(
        update(NOTICES)
        .where(here, NOTICES.c.state == NoticeState.SENDING.value)
        .values(state=NoticeState.PENDING.value, lease=None, lease_until=None, attempts=NOTICES.c.attempts - 1)
    )


@dataclass(frozen=True, slots=True)
class Sending:
    """How one message was sent: by which channel in the end, to which contact, and the SHA-256 of its words."""

    channel: str
    sent_to: str | None = None
    rendered: str | None = None


def mark(
    connection: Connection, envelope: Envelope, sending: Sending, outcome: Outcome, following: Next, at: datetime
) -> list[int]:
    """Writes down what became of one message; the attempt is kept whatever happened to the lease meanwhile.

    Returns the notices that now stand as ``following`` says, none when somebody else has taken the message over; an
    acceptance is then still noted unless another is sending it, so that it does not go out twice and nobody is asked
    about it. To be followed by ``audit_attempt``, in the same transaction and last in it.
    """
    _record(connection, envelope.notices, envelope.key, at, outcome.verdict.value, sending, outcome)
    ours: ColumnElement[bool] = NOTICES.c.lease == envelope.lease
    if outcome.verdict is Verdict.ACCEPTED:
        ours = or_(ours, and_(NOTICES.c.envelope == envelope.key, NOTICES.c.state.in_(UNSURE)))
    values: dict[str, Any] = {
        "state": following.state.value,
        "lease": None,
        "lease_until": None,
        "sent_to": sending.sent_to,
        "rendered": sending.rendered,
        "reason": None if following.state is NoticeState.ACCEPTED else outcome.detail,
    }
    if outcome.reference:
        values["reference"] = outcome.reference
    if following.due_at is not None:
        values["due_at"] = following.due_at
    if following.state is NoticeState.ACCEPTED:
        values["accepted_at"] = at
    here = update(NOTICES).where(NOTICES.c.id.in_(envelope.numbers), ours)
    return sorted(connection.execute(here.values(**values).returning(NOTICES.c.id)).scalars())


def audit_attempt(
    connection: Connection,
    envelope: Envelope,
    sending: Sending,
    outcome: Outcome,
    became: Mapping[int, NoticeState],
    at: datetime,
) -> None:
    """The attempt's lines in the audit; ``became`` says how the notices stand that were still ours.

    Last in its transaction: whoever holds the audit's lock waits for no row.
    """
    for number in envelope.numbers:
        said = {"envelope": envelope.key, "rendered": sending.rendered}
        if number in became:
            said["state"] = became[number].value
        append_audit(connection, at, "Đôn Đốc", f"notice.{outcome.verdict.value}", f"notice/{number}", said)


def note_channel(connection: Connection, envelope: Envelope, channel: str) -> None:
    """A substitute is reached by another channel than the one it was filed for: if this is cut short, it matters."""
    here = and_(NOTICES.c.id.in_(envelope.numbers), NOTICES.c.lease == envelope.lease)
    connection.execute(update(NOTICES).where(here).values(sent_by=channel))


def drop(connection: Connection, envelope: Envelope, why: dict[int, str], at: datetime) -> None:
    """Ends claimed notices nobody needs any more, with nothing sent; ``why`` by number, in Vietnamese."""
    here = and_(NOTICES.c.id == bindparam("which"), NOTICES.c.lease == envelope.lease)
    ended: dict[str, Any] = {
        "state": NoticeState.CANCELLED.value,
        "lease": None,
        "lease_until": None,
        "reason": bindparam("said"),
    }
    connection.execute(
        update(NOTICES).where(here).values(**ended), [{"which": number, "said": said} for number, said in why.items()]
    )
    for number, said in why.items():
        append_audit(connection, at, "Đôn Đốc", "notice.cancelled", f"notice/{number}", {"why": said})


def _record(
    connection: Connection,
    rows: Iterable[Row[Any]],
    envelope: str,
    at: datetime,
    verdict: str,
    sending: Sending | None,
    outcome: Outcome,
) -> None:
    lines = [
        {
            "notice": row.id,
            "envelope": envelope,
            "number": row.attempts,
            "at": at,
            "channel": sending.channel if sending else row.channel,
            "sent_to": sending.sent_to if sending else None,
            "outcome": verdict,
            "reference": outcome.reference,
            "detail": outcome.detail,
        }
        for row in rows
    ]
    connection.execute(insert(ATTEMPTS), lines)


def may_have_left() -> ColumnElement[bool]:
    """Whether a notice may have reached somebody, whatever became of it since."""
    maybe = [INTERRUPTED, Verdict.UNKNOWN.value, Verdict.ACCEPTED.value]
    went = select(ATTEMPTS.c.id).where(ATTEMPTS.c.notice == NOTICES.c.id, ATTEMPTS.c.outcome.in_(maybe))
    return went.exists()


def unknown_attempts(connection: Connection, number: int) -> int:
    """How often nobody knew whether the notice had been taken over, the channel having been asked to the end."""
    asked = select(func.count()).where(ATTEMPTS.c.notice == number, ATTEMPTS.c.outcome == Verdict.UNKNOWN.value)
    return int(connection.execute(asked).scalar_one())


# ---------------------------------------------------------------- what a person does


def retry(connection: Connection, number: int, by: str, at: datetime, why: str = "") -> None:
    """Sends a notice that failed, bounced or is unknown once more, at the next sending. Raises NoSuchNotice."""
    again = connection.execute(
        update(NOTICES)
        .where(NOTICES.c.id == number, NOTICES.c.state.in_(TO_DECIDE), NOTICES.c.channel != "none")
        .values(
            state=NoticeState.PENDING.value,
            due_at=at.replace(second=0, microsecond=0),
            useful_until=at + USEFUL,
            reason=f"{by} cho gửi lại.",
        )
    )
    if again.rowcount != 1:
        raise _not_so(connection, number, "không ở trạng thái gửi lại được", "Xem «dondoc notices show».")
    append_audit(connection, at, by, "notice.retried", f"notice/{number}", {"why": why} if why else {})


def hold(connection: Connection, scope: str, by: str, why: str, at: datetime) -> None:
    """Holds everything ("*") or one notice back; holding twice keeps the first reason. Raises NoSuchNotice."""
    if scope != EVERYTHING:
        _require(connection, scope)
    row = {"scope": scope, "by": by, "why": why, "since": at}
    if insert_missing(connection, HOLDS, [row]):
        append_audit(connection, at, by, "notices.held", _subject(scope), {"why": why})


def resume(connection: Connection, scope: str, by: str, at: datetime, why: str = "") -> None:
    """Lets what was held go on. Raises NoSuchNotice when nothing was."""
    if connection.execute(delete(HOLDS).where(HOLDS.c.scope == scope)).rowcount != 1:
        raise NoSuchNotice("Không có gì đang tạm giữ như vậy.", help="Xem «dondoc notices list».")
    append_audit(connection, at, by, "notices.resumed", _subject(scope), {"why": why} if why else {})


def _subject(scope: str) -> str:
    return "notices" if scope == EVERYTHING else f"notice/{scope}"


def _require(connection: Connection, number: str) -> None:
    if (
        not number.isdecimal()
        or connection.execute(select(NOTICES.c.id).where(NOTICES.c.id == int(number))).first() is None
    ):
        raise NoSuchNotice(f"Không có thông báo số {number}.", help="Xem số ở «dondoc notices list».")


def _not_so(connection: Connection, number: int, what: str, help: str) -> NoSuchNotice:
    _require(connection, str(number))
    return NoSuchNotice(f"Thông báo số {number} {what}.", help=help)


# ---------------------------------------------------------------- what the other side reports later


def is_being_sent(connection: Connection, envelope: str) -> bool:
    """Whether a sender has the message in hand: what is reported of it can only be noted once it is marked."""
    sending = NOTICES.c.state == NoticeState.SENDING.value
    return connection.execute(select(NOTICES.c.id).where(NOTICES.c.envelope == envelope, sending)).first() is not None


def note_delivery(connection: Connection, envelope: str, at: datetime, detail: str) -> list[int]:
    """A report says the mail is in the mailbox; returns the notices it carried."""
    return _note(connection, envelope, NoticeState.DELIVERED, at, detail, {"delivered_at": at, "reason": None})


def note_bounce(connection: Connection, envelope: str, at: datetime, detail: str) -> list[int]:
    """A report says the mail could not be delivered; returns the notices it carried."""
    return _note(connection, envelope, NoticeState.BOUNCED, at, detail, {"reason": detail})


def _note(
    connection: Connection, envelope: str, state: NoticeState, at: datetime, detail: str, values: dict[str, Any]
) -> list[int]:
    may_become = (*SENT, NoticeState.UNKNOWN.value, NoticeState.PENDING.value)
    changed = connection.execute(
        update(NOTICES)
        .where(NOTICES.c.envelope == envelope, NOTICES.c.state.in_(may_become), NOTICES.c.state != state.value)
        .values(state=state.value, **values)
        .returning(NOTICES.c.id)
    )
    numbers = sorted(changed.scalars())
    for number in numbers:
        append_audit(connection, at, "Đôn Đốc", f"notice.{state.value}", f"notice/{number}", {"reply": detail})
    return numbers
