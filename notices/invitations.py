"""Holds a connection: who is invited to what is held on a day, once asked to, and who hears when it changes.

Key: that of every notice. The step of an invitation carries the SEQUENCE of its calendar entry, so pressing twice
doubles nothing, and another day, hour or place is a new one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, select

from calendars.working_days import WorkingDays
from models.audit import append_audit
from models.errors import DonDocError
from models.kinds import HELD_ON_A_DAY, ChannelKind, Placing, Target
from models.notice import STATE_NAMES, NoticeKind, NoticeState
from models.occurrence import Status
from models.turn import await_turn
from notices.contact_book import read_contact_book
from notices.filing import Wanted, file_notices
from notices.hours import ZONE
from notices.last_told import LastTold, read_day
from notices.parties import read_parties
from notices.recipients import ContactBook, Meant, Parties, say_nobody
from notices.subjects import invitation_step
from notices.tables import AGENCIES, NOTICES, OCCURRENCES, PROGRAMMES

PARTS: dict[Target, str] = {
    Target.LEAD: "Chủ trì",
    Target.PARTICIPANTS: "Phối hợp",
    Target.INSPECTED: "Được kiểm tra",
}
TEAM = "Đoàn kiểm tra"


class ImpossibleInvitation(DonDocError):
    """Nobody can be invited to this; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Invitee:
    """One person to be invited, or in ``lacking`` why an agency's cannot be; ``agency`` and ``part`` are words.

    ``state`` says where the invitation to the matter as it stands now is; empty before it was asked for. ``by_mail``
    is False for those whom only a short text reaches, without a calendar entry.
    """

    agency: str
    part: str
    name: str = ""
    state: str = ""
    by_mail: bool = False
    lacking: str = ""
    meant: Meant | None = None

    @property
    def is_new(self) -> bool:
        """Whether asking would invite this person."""
        return not (self.lacking or self.state)

    @property
    def standing(self) -> str:
        """Where this person's invitation stands, in Vietnamese."""
        if self.lacking:
            return f"không mời được: {self.lacking}"
        if self.state:
            return f"đã mời: {self.state}"
        return "sẽ mời" if self.by_mail else "sẽ mời bằng tin ngắn, không có địa chỉ thư nên không kèm mục lịch"


# ------------------------------------------------------------ asked for by a person


def why_not_to_invite(connection: Connection, occurrence: str, today: date) -> str | None:
    """Why nobody can be invited to it on ``today``, in Vietnamese; None when people can. Raises ImpossibleInvitation.

    That it does not exist is the error; everything else is an answer.
    """
    return _why_not(_occurrence(connection, occurrence), today)


def read_invitees(connection: Connection, occurrence: str, today: date) -> list[Invitee]:
    """Everybody who takes part, each person once, substitutes in the place of those who are away on ``today``."""
    row = _occurrence(connection, occurrence)
    book, names = read_contact_book(connection), _names(connection)
    invited = _invited(connection, occurrence, invitation_step(row.sequence))
    found: dict[str, Invitee] = {}
    for part, meant in _parts(book, read_parties(connection, [occurrence])[occurrence], row.team, today):
        one = _invitee(meant, part, book, names, invited, today)
        found.setdefault(one.meant.key if one.meant else meant.key, one)
    return list(found.values())


def invite(connection: Connection, occurrence: str, by: str, days: WorkingDays, at: datetime) -> int:
    """Invites everybody who has no invitation to the matter as it stands now; how many. ``at`` is the office's time.

    Part of the caller's transaction. Raises ImpossibleInvitation.
    """
    await_turn(connection)
    row, today = _occurrence(connection, occurrence), at.astimezone(ZONE).date()
    if why := _why_not(row, today):
        raise ImpossibleInvitation(why, help="Mời được cuộc họp, hội nghị, kiểm tra đã ấn định ngày, chưa diễn ra.")
    if not by.strip():
        raise ImpossibleInvitation("Thiếu người gửi giấy mời.", help="Ghi họ tên.")
    new = [one.meant for one in read_invitees(connection, occurrence, today) if one.is_new and one.meant]
    filed, _ = file_notices(connection, [_wanted(row, meant, today) for meant in new], days, at)
    if filed:
        append_audit(connection, at, by.strip(), "invitation.asked", occurrence, {"notices": filed})
    return filed


def _occurrence(connection: Connection, occurrence: str) -> Row[Any]:
    asked = select(OCCURRENCES, PROGRAMMES.c.draft).join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
    row = connection.execute(asked.where(OCCURRENCES.c.id == occurrence)).first()
    if row is None:
        raise ImpossibleInvitation(f"Không có việc {occurrence}.", help="Xem mã việc ở «dondoc agenda --json».")
    return row


def _why_not(row: Row[Any], today: date) -> str | None:
    if row.secret:
        return "Việc mật không mời qua thư: giấy mời ghi tên việc."
    if row.status == Status.CANCELLED:
        return "Việc này đã hủy nên không gửi giấy mời."
    if row.kind not in HELD_ON_A_DAY or row.placing == Placing.DEADLINE:
        return "Việc này không tổ chức vào một ngày nên không có giấy mời."
    if row.placing != Placing.FIXED:
        return "Chưa ấn định ngày nên chưa gửi được giấy mời."
    if row.done_on is not None or (row.last or row.first) < today:
        return "Việc này đã qua nên không gửi giấy mời nữa."
    return "Chương trình còn là dự thảo nên chưa gửi giấy mời." if row.draft else None


def _names(connection: Connection) -> dict[str, str]:
    return {row.code: row.name for row in connection.execute(select(AGENCIES.c.code, AGENCIES.c.name))}


def _parts(book: ContactBook, parties: Parties, team: str | None, today: date) -> Iterator[tuple[str, Meant]]:
    for target, part in PARTS.items():
        yield from ((part, meant) for meant in book.find(target, parties, today))
    if team:
        yield from ((TEAM, meant) for meant in book.find(Target.PARTICIPANTS, Parties(participants=(team,)), today))


def _invitee(
    meant: Meant, part: str, book: ContactBook, names: dict[str, str], invited: dict[str, str], today: date
) -> Invitee:
    agency = names.get(meant.agency or "", meant.agency or "")
    if meant.person is None:
        return Invitee(agency, part, lacking=say_nobody(meant.key, names))
    person = book.receiver(meant.person, today)
    if not person.ways:
        return Invitee(agency, part, person.name, lacking=f"{person.name} chưa có kênh liên lạc nào đã kiểm tra.")
    by_mail = person.way(ChannelKind.MAIL) is not None
    asked = Meant(meant.target, person.code, person, meant.agency)
    return Invitee(agency, part, person.name, invited.get(person.code, ""), by_mail, meant=asked)


def _invited(connection: Connection, occurrence: str, step: str) -> dict[str, str]:
    """Who has an invitation of this step → where it is, in words; of several channels the last."""
    asked = select(NOTICES.c.recipient, NOTICES.c.state).where(
        NOTICES.c.occurrence == occurrence, NOTICES.c.kind == NoticeKind.INVITATION.value, NOTICES.c.step == step
    )
    rows = connection.execute(asked.order_by(NOTICES.c.id))
    return {row.recipient: STATE_NAMES[NoticeState(row.state)] for row in rows}


def _wanted(row: Row[Any], meant: Meant, today: date) -> Wanted:
    return Wanted(
        subject=row.id,
        version=str(row.due_version),
        step=invitation_step(row.sequence),
        kind=NoticeKind.INVITATION,
        meant=meant,
        fires_on=today,
        occurrence=row.id,
        agency=meant.agency,
        last=row.first if _holds(row) else None,
        urgent=True,
    )


# ------------------------------------------------------------ followed by every planning


def invite_again(connection: Connection, book: Callable[[], ContactBook], today: date) -> list[Wanted]:
    """For all who were invited to what has another day, hour or place since, or is off: the new invitation.

    What is over by now is left to the ordinary notice of a change. ``book`` is read when somebody is to be told.
    """
    found: list[Wanted] = []
    for row, rows in _outdated(connection, today):
        step, by_person = invitation_step(row.sequence), defaultdict[str, list[Row[Any]]](list)
        for one in rows:
            by_person[one.recipient].append(one)
        for recipient, theirs in by_person.items():
            person = book().people.get(recipient)
            if person and all(one.step != step for one in theirs) and (_holds(row) or _has_it_ahead(theirs, today)):
                meant = Meant(Target(theirs[-1].target), recipient, person, theirs[-1].agency)
                found.append(_wanted(row, meant, today))
    return found


def _outdated(connection: Connection, today: date) -> Iterator[tuple[Row[Any], Sequence[Row[Any]]]]:
    """What was invited to with another SEQUENCE and is not over, with the invitations; asked of few, by their year."""
    last_year = today.year - 1  # what was put off over the turn of the year still belongs to the old one's plan
    held = OCCURRENCES.c.kind.in_(sorted(HELD_ON_A_DAY)), OCCURRENCES.c.year_last >= last_year
    asked = (
        select(NOTICES, OCCURRENCES.c.sequence)
        .join(OCCURRENCES, OCCURRENCES.c.id == NOTICES.c.occurrence)
        .where(*held, ~OCCURRENCES.c.secret, NOTICES.c.kind == NoticeKind.INVITATION.value)
    )
    invited: dict[str, list[Row[Any]]] = defaultdict(list)
    for one in connection.execute(asked.order_by(NOTICES.c.id)):
        invited[one.occurrence].append(one)
    for occurrence, rows in invited.items():
        newest = {one.recipient: one.step for one in rows}
        if set(newest.values()) == {invitation_step(rows[0].sequence)}:
            continue
        row = _occurrence(connection, occurrence)
        if row.done_on is None and not (_holds(row) and (row.last or row.first) < today):
            yield row, rows


def _holds(row: Row[Any]) -> bool:
    return bool(row.status == Status.PLANNED and row.placing == Placing.FIXED)


def _has_it_ahead(theirs: Sequence[Row[Any]], today: date) -> bool:
    """Whether the person's calendar may show it to come: the last that left named such a day, or one is being sent."""
    day = read_day(next((one.told for one in reversed(theirs) if one.told), ""))
    return (day is not None and day >= today) or theirs[-1].state == NoticeState.SENDING


# ------------------------------------------------------------ at the moment of sending


def is_held(row: RowMapping) -> bool:
    """Whether the matter of a notice takes place on a day (row of notices.subjects.notices_with_facts)."""
    return bool(row["o_status"] == Status.PLANNED and row["o_placing"] == Placing.FIXED)


def why_known(row: RowMapping, told: LastTold | None, time: str) -> str | None:
    """Why an invitation tells its reader nothing new, in Vietnamese; ``time`` is what it would tell."""
    if not is_held(row):
        return None if told and told.day else "Người nhận không có lịch nào phải bỏ."
    return "Thời gian lại như người nhận đã biết." if told and told.time == time else None
