"""Holds a connection: puts what is to be told into the outbox, with channel and hour, and takes out what is settled.

Key: UNIQUE(subject, version, step, recipient, channel): filing twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, tuple_, update

from calendars.working_days import WorkingDays
from models.kinds import ChannelKind
from models.notice import TO_DECIDE, WAITING, NoticeKind, NoticeState
from notices.hours import due_at, useful_until
from notices.recipients import Meant, Person, Way, say_nobody
from notices.rules import read_ladder
from notices.subjects import notices_with_facts, why_settled
from notices.tables import AGENCIES, NOTICES, OCCURRENCES, batches, insert_missing

GATHERED = frozenset({ChannelKind.MAIL})  # channels on which several matters share one message
DIGEST_AT = time(7, 30)  # of what belongs to no ladder
# what no later step stands for
KEPT = tuple(
    kind.value
    for kind in (
        NoticeKind.CHANGED,
        NoticeKind.RATING,
        NoticeKind.LETTER,
        NoticeKind.LETTER_WAITING,
        NoticeKind.LETTER_SILENT,
        NoticeKind.RECEIPT,
        NoticeKind.REQUEST_WAITING,
        NoticeKind.REQUEST_ANSWERED,
        NoticeKind.LINK,
        NoticeKind.INVITATION,
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to tell one recipient; ``last`` is the last day it is of use, None when it has none of its own.

    ``awaited``: its reader has just asked for it, so that it comes by itself and no quiet hours hold it.
    """

    subject: str
    version: str
    step: str
    kind: NoticeKind
    meant: Meant
    fires_on: date
    occurrence: str | None = None
    agency: str | None = None
    last: date | None = None
    urgent: bool = False
    missed: int = 0
    awaited: bool = False


def file_notices(connection: Connection, wanted: Sequence[Wanted], days: WorkingDays, now: datetime) -> tuple[int, int]:
    """Files what is new; what nobody can receive is filed as failed, for a person to see. Returns both numbers."""
    if not wanted:
        return 0, 0
    names = {row.code: row.name for row in connection.execute(select(AGENCIES.c.code, AGENCIES.c.name))}
    hours = _digest_hours(connection, wanted)
    rows = [_row(one, names, hours.get(one.occurrence or "", DIGEST_AT), days, now) for one in wanted]
    fresh = insert_missing(connection, NOTICES, rows)
    _supersede_earlier(connection, rows)
    return fresh, sum(row["state"] in TO_DECIDE for row in rows)


def _digest_hours(connection: Connection, wanted: Sequence[Wanted]) -> dict[str, time]:
    """The hour of each occurrence's own ladder."""
    found: dict[str, time] = {}
    for some in batches(sorted({one.occurrence for one in wanted if one.occurrence})):
        ladders = select(OCCURRENCES.c.id, OCCURRENCES.c.ladder).where(OCCURRENCES.c.id.in_(some))
        for row in connection.execute(ladders.where(OCCURRENCES.c.ladder.is_not(None))):
            found[row.id] = read_ladder(row.ladder).digest_at
    return found


def _row(one: Wanted, names: dict[str, str], digest_at: time, days: WorkingDays, now: datetime) -> dict[str, Any]:
    person = one.meant.person
    way = _way(person, one.kind) if person else None
    until = useful_until(one.kind, one.last, now)
    due, reason = now, None
    if person is None:
        reason = say_nobody(one.meant.key, names)
    elif way is None:
        reason = f"{person.name} chưa có kênh liên lạc nào đã kiểm tra."
    else:
        due = now if one.awaited else due_at(now, person, days, digest_at, until, urgent=one.urgent)
    channel = way.kind if way else "none"
    gathers = person is not None and person.digest and channel in GATHERED and not (one.urgent or one.awaited)
    alone = "|".join((one.subject, one.version, one.step, one.meant.key, channel))
    return {
        "subject": one.subject,
        "version": one.version,
        "step": one.step,
        "recipient": one.meant.key,
        "channel": channel,
        "occurrence": one.occurrence,
        "agency": one.agency,
        "kind": one.kind.value,
        "target": one.meant.target.value,
        "fires_on": one.fires_on,
        "missed": one.missed,
        "urgent": one.urgent,
        "bundle": f"{one.meant.key}|{channel}|{due:%Y-%m-%d}" if gathers else alone,
        "state": (NoticeState.PLANNED if way else NoticeState.FAILED).value,
        "due_at": due,
        "useful_until": until,
        "attempts": 0,
        "reason": reason,
        "planned_at": now,
        "link_revoked": False,
    }


def _way(person: Person, kind: NoticeKind) -> Way | None:
    """The first way to reach the person; an invitation goes by mail where it can, as only mail carries its entry."""
    mail = person.way(ChannelKind.MAIL) if kind is NoticeKind.INVITATION else None
    return mail or next(iter(person.ways), None)


def _supersede_earlier(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """A later step of the same due version to the same recipient stands for earlier ones that have not left yet."""
    keys = sorted({(row["subject"], row["recipient"]) for row in rows if row["kind"] not in KEPT})
    for some in batches(keys):
        waiting = (
            select(NOTICES)
            .where(NOTICES.c.subject.in_({subject for subject, _ in some}))  # by the key, not by all that waits
            .where(tuple_(NOTICES.c.subject, NOTICES.c.recipient).in_(some))
            .where(NOTICES.c.state.in_(WAITING), NOTICES.c.kind.not_in(KEPT))
        )
        found: dict[tuple[str, str, str], list[Row[Any]]] = defaultdict(list)
        for row in connection.execute(waiting.order_by(NOTICES.c.fires_on, NOTICES.c.id)):
            found[row.subject, row.version, row.recipient].append(row)
        gone: dict[int, str] = {}
        standing: list[dict[str, int]] = []
        for them in found.values():
            latest = them[-1]
            earlier = [row for row in them if row.fires_on < latest.fires_on]
            if earlier:
                gone |= dict.fromkeys((row.id for row in earlier), "Thông báo sau thay thế.")
                missed = latest.missed + sum(row.missed + 1 for row in earlier)
                standing.append({"which": latest.id, "stands_for": missed})
        settle_notices(connection, gone, NoticeState.SUPERSEDED)
        free = set(_not_in_hand(connection, [one["which"] for one in standing]))
        if standing := [one for one in standing if one["which"] in free]:
            here = update(NOTICES).where(NOTICES.c.id == bindparam("which"))
            connection.execute(here.values(missed=bindparam("stands_for")), standing)


def let_go_of_settled(connection: Connection) -> list[int]:
    """Takes out what has not left yet about things done, waived, moved or called off; returns their numbers.

    The sender asks again at the moment of sending; this keeps the list of what waits true.
    """
    waiting = connection.execute(notices_with_facts(NOTICES.c.state.in_(WAITING))).mappings()
    gone = {row["id"]: why for row in waiting if (why := why_settled(row))}
    settle_notices(connection, gone, NoticeState.CANCELLED)
    return sorted(gone)


def settle_notices(connection: Connection, why: Mapping[int, str], state: NoticeState) -> None:
    """Ends notices that still wait, each with its reason in Vietnamese."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, said in why.items():
        numbers[said].append(number)
    for said, them in numbers.items():
        for some in batches(them):
            here = update(NOTICES).where(NOTICES.c.id.in_(_not_in_hand(connection, some)))
            connection.execute(here.values(state=state.value, reason=said))


def _not_in_hand(connection: Connection, numbers: Sequence[int]) -> Sequence[int]:
    """Those that still wait; one that somebody has in hand is passed over: its sender asks again if it is needed."""
    still = select(NOTICES.c.id).where(NOTICES.c.id.in_(numbers), NOTICES.c.state.in_(WAITING))
    return connection.execute(still.with_for_update(skip_locked=True)).scalars().all()
