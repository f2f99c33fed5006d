"""Holds a connection: formal letters (công văn đôn đốc), drafted for a person to decide about.

Nothing leaves from here. A letter is about one occurrence and names the agencies that were late, each with the due
version it was late by. Key: UNIQUE(occurrence, drafted_on), so that drafting twice changes nothing. Who has sent in
the meantime, or was given more time, drops out of a draft; what was approved stays as it was signed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from calendars.due_days import ONE_DAY
from calendars.wording import say_day
from calendars.working_days import WorkingDays
from models.audit import AUDIT, append_audit
from models.due_version import DUTY_VERSION
from models.errors import DonDocError
from models.kinds import Role
from models.notice import LetterState
from models.occurrence import Status
from models.turn import await_turn
from notices.letter_document import LateAgency, LetterText
from notices.mime import OFFICE_ZONE, on_one_line
from notices.tables import AGENCIES, DUTIES, LETTER_DUTIES, LETTERS, OCCURRENCES, PROGRAMMES, TIES, batches

Decision = Literal["approve", "return", "waive"]
OFFICE = "Đôn Đốc"  # who the audit says drafted it
LONGEST_ABOUT = 100  # characters of a title that still fit under a letter's number
REFUSED = "letter.not_decided"
ANSWER_DAYS = 2  # working days a draft waits where no ladder says so


class UnknownLetter(DonDocError):
    """There is no letter of this number."""


class UndecidableLetter(DonDocError):
    """The decision lacks something: who decides, the number, who signs, or what to mend."""


class LetterAlreadyDecided(DonDocError):
    """Somebody has decided otherwise; a decision is never overwritten."""


class NothingToUrge(DonDocError):
    """No agency of the letter is late any more."""


@dataclass(frozen=True, slots=True)
class LateDuty:
    """A duty on the rung where a letter is drafted; ``version`` is that of its due day, as rungs have it."""

    occurrence: str
    duty: str
    version: str
    agency: str


@dataclass(frozen=True, slots=True)
class OfficeOnLetters:
    """What every letter of this office says of it; ``signer_title`` may have several lines."""

    issuer_above: str
    issuer: str
    place: str
    signer_title: str


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A draft nobody has decided about. ``agencies`` are the names still late: none means there is nothing to urge.

    ``title`` is the code alone for a secret matter. ``remark`` is what whoever returned it asked for.
    """

    id: int
    occurrence: str
    title: str
    round: int
    drafted_on: date
    agencies: tuple[str, ...] = ()
    remark: str = ""


# ---- which duties a letter may name ----------------------------------------------------------------


def _is_owed() -> ColumnElement[bool]:
    """Still open, by a day somebody wrote down in a signed paper, and of a body that exists to answer."""
    return and_(
        ~DUTIES.c.withdrawn,
        ~DUTIES.c.handover,
        DUTIES.c.waived_on.is_(None),
        or_(DUTIES.c.done_on.is_(None), DUTIES.c.returned_on.is_not(None)),
        OCCURRENCES.c.status == Status.PLANNED.value,
        OCCURRENCES.c.last_on_time.is_not(None),
        ~OCCURRENCES.c.assumed,
        ~PROGRAMMES.c.draft,
    )


def _open_rows(connection: Connection, letters: Sequence[int], today: date | None = None) -> list[Row[Any]]:
    """The duties of these letters still owed by the very day they were late by, with their agencies' names.

    ``today`` keeps those whose last day is over: a letter drafted on a day that is looked ahead to urges nobody yet.
    """
    still = _named().where(LETTER_DUTIES.c.version == DUTY_VERSION, _is_owed())
    rows: list[Row[Any]] = []
    for some in batches(letters):
        rows += connection.execute(still.where(LETTER_DUTIES.c.letter.in_(some)))
    return rows if today is None else [row for row in rows if _last_day(row) < today]


def _named() -> Select[Any]:
    """What letters say of the agencies they name."""
    facts = (DUTIES.c.extended_to, DUTIES.c.returned_on, DUTIES.c.correct_by, OCCURRENCES.c.last_on_time)
    return (
        select(LETTER_DUTIES, func.coalesce(AGENCIES.c.name, LETTER_DUTIES.c.agency).label("name"), *facts)
        .join(DUTIES, DUTIES.c.id == LETTER_DUTIES.c.duty)
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .outerjoin(AGENCIES, AGENCIES.c.code == LETTER_DUTIES.c.agency)
        .order_by(LETTER_DUTIES.c.letter, LETTER_DUTIES.c.duty)
    )


def open_duties_of(connection: Connection, letter: int) -> list[tuple[str, str, str]]:
    """(duty, version, agency's code) of those still late: whom the signed letter is sent to."""
    return [(row.duty, row.version, row.agency) for row in _open_rows(connection, [letter])]


# ---- drafting --------------------------------------------------------------------------------------


def draft_letters(connection: Connection, late: Sequence[LateDuty], today: date, at: datetime) -> list[int]:
    """One draft for each occurrence with duties no letter asks for yet; returns the numbers of the new ones.

    What is not owed (any more), and what is owed under a draft programme, by an assumed day or by a body that
    ended, is passed over. A letter of today that nobody has decided about takes in what comes later.
    """
    wanted: dict[str, list[LateDuty]] = defaultdict(list)
    for some in batches(late):
        for one in _to_urge(connection, some, today):
            wanted[one.occurrence].append(one)
    drafted = [_draft(connection, occurrence, wanted[occurrence], today, at) for occurrence in sorted(wanted)]
    return [number for number in drafted if number is not None]


def _to_urge(connection: Connection, late: Sequence[LateDuty], today: date) -> list[LateDuty]:
    duties = [one.duty for one in late]
    owed = (
        select(DUTIES.c.id, DUTY_VERSION)
        .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .where(DUTIES.c.id.in_(duties), _is_owed())
    )
    # A waived letter asks for nothing, but not on the very day: whoever waived it would be asked again at once.
    asked = (
        select(LETTER_DUTIES.c.duty, LETTER_DUTIES.c.version)
        .join(LETTERS, LETTERS.c.id == LETTER_DUTIES.c.letter)
        .where(LETTER_DUTIES.c.duty.in_(duties))
        .where(or_(LETTERS.c.state != LetterState.WAIVED.value, LETTERS.c.drafted_on >= today))
    )
    open_now = {tuple(row) for row in connection.execute(owed)} - {tuple(row) for row in connection.execute(asked)}
    return [one for one in late if (one.duty, one.version) in open_now]


def _draft(connection: Connection, occurrence: str, late: Sequence[LateDuty], today: date, at: datetime) -> int | None:
    """The number of a new letter; None when these duties joined one that is there, or another planner was faster."""
    number, is_new = _letter_of_day(connection, occurrence, today)
    rows = [{"letter": number, "duty": one.duty, "version": one.version, "agency": one.agency} for one in late]
    added = [row["agency"] for row in rows if _insert_new(connection, LETTER_DUTIES, row, LETTER_DUTIES.c.agency)]
    if added:
        action = "letter.drafted" if is_new else "letter.added"
        append_audit(connection, at, OFFICE, action, _subject(number), {"occurrence": occurrence, "agencies": added})
    return number if is_new else None


def _letter_of_day(connection: Connection, occurrence: str, today: date) -> tuple[int, bool]:
    """Today's letter about the occurrence, and whether it is new.

    When today's has been decided about already, the next day's key is taken: the rung that asked is settled
    tonight and asks only once.
    """
    day = today
    while True:
        row = {"occurrence": occurrence, "drafted_on": day, "round": 1, "state": LetterState.DRAFTED.value}
        if number := _insert_new(connection, LETTERS, row, LETTERS.c.id):
            return int(number), True
        here = and_(LETTERS.c.occurrence == occurrence, LETTERS.c.drafted_on == day)
        known = connection.execute(select(LETTERS.c.id, LETTERS.c.state).where(here).with_for_update()).one()
        if known.state == LetterState.DRAFTED.value:
            return int(known.id), False
        day += ONE_DAY


def _insert_new(connection: Connection, table: Table, row: Mapping[str, Any], key: Column[Any]) -> Any:
    """Inserts the row and gives its ``key`` back; None when a unique key holds it already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(row).on_conflict_do_nothing().returning(key)
    return connection.execute(statement).scalar_one_or_none()


# ---- deciding --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Given:
    """A decision as it was handed in."""

    decision: Decision
    by: str
    number: str
    signer: str
    remark: str
    round: int | None = None


def decide_letter(
    connection: Connection,
    letter: int,
    decision: Decision,
    by: str,
    at: datetime,
    *,
    number: str | None = None,
    signer: str | None = None,
    signer_title: str | None = None,
    remark: str = "",
    digest: str | None = None,
    round: int | None = None,
) -> LetterState:
    """Records what a person decided about a draft, once; ``at`` is the office's time (aware). Returns how it stands.

    ``approve`` needs the letter's number and who signs; ``digest`` is the SHA-256 of the DOCX that was signed.
    From then on the letter names those who were still late. ``return`` needs a remark: the letter is drafted anew
    in the next round. ``round`` is that of the draft which was decided about, when it is known. The same decision
    again changes nothing. Raises UnknownLetter, UndecidableLetter,
    LetterAlreadyDecided, NothingToUrge.
    """
    who, number, signer, remark = (on_one_line(text or "") for text in (by, number, signer, remark))
    given = _Given(decision, who, number, signer, remark, round)
    if not given.by:
        raise UndecidableLetter("Chưa ghi ai quyết định về công văn.", help="Ghi họ tên người quyết định.")
    await_turn(connection)
    row = _read(connection, letter, for_update=True)
    if _is_repeated(row, given):
        return LetterState(row.state)
    if row.state != LetterState.DRAFTED.value:
        raise _already_decided(row)
    if round not in (None, row.round):
        raise LetterAlreadyDecided(
            f"{row.decided_by} đã trả lại công văn {letter}; nay là lần {row.round}.", help="Xem dự thảo lần sau."
        )
    decided = {"decided_by": given.by, "decided_at": at, "remark": given.remark or None}
    details: dict[str, Any] = {"round": row.round, "remark": given.remark}
    match decision:
        case "approve":
            details |= _approve(connection, row, given, at.astimezone(OFFICE_ZONE).date())
            details |= {"signer_title": signer_title, "digest": digest}
            decided |= {"number": given.number, "signer": given.signer, "digest": digest}
            action, state = "letter.approved", LetterState.APPROVED
        case "return":
            if not given.remark:
                raise UndecidableLetter(
                    f"Trả lại công văn {letter} mà chưa ghi phải sửa gì.", help="Ghi ý kiến để thư ký sửa."
                )
            decided |= {"round": row.round + 1, "told_on": None}
            action, state = "letter.returned", LetterState.DRAFTED
        case "waive":
            action, state = "letter.waived", LetterState.WAIVED
    connection.execute(update(LETTERS).where(LETTERS.c.id == letter).values(**decided, state=state.value))
    append_audit(connection, at, given.by, action, _subject(letter), details)
    return state


def _is_repeated(row: Row[Any], given: _Given) -> bool:
    """Whether exactly this was decided before: somebody pressed twice, or a command ran again.

    A returned letter is a draft again, so there it is the same person with the same remark.
    """
    match given.decision:
        case "approve":
            said = given.number in {"", row.number} and given.signer in {"", row.signer}
            return row.state == LetterState.APPROVED.value and said
        case "waive":
            return bool(row.state == LetterState.WAIVED.value)
        case "return":
            said = (given.by, given.remark) == (row.decided_by, row.remark) and given.round in (None, row.round - 1)
            return row.state == LetterState.DRAFTED.value and said


def _approve(connection: Connection, row: Row[Any], given: _Given, today: date) -> dict[str, Any]:
    """Takes out of the letter whoever is not late any more; returns what the audit is to say."""
    missing = [name for name, text in (("số công văn", given.number), ("người ký", given.signer)) if not text]
    if missing:
        raise UndecidableLetter(
            f"Chưa duyệt được công văn {row.id}: thiếu {' và '.join(missing)}.",
            help="Ghi số đã lấy ở sổ công văn đi và họ tên người ký.",
        )
    named = select(LETTER_DUTIES.c.duty, LETTER_DUTIES.c.agency).where(LETTER_DUTIES.c.letter == row.id)
    still = {one.duty for one in _open_rows(connection, [row.id], today)}
    if not still:
        raise _nothing_to_urge(row.id)
    everybody = connection.execute(named.order_by(LETTER_DUTIES.c.duty)).all()
    gone = [one.duty for one in everybody if one.duty not in still]
    for some in batches(gone):
        here = and_(LETTER_DUTIES.c.letter == row.id, LETTER_DUTIES.c.duty.in_(some))
        connection.execute(delete(LETTER_DUTIES).where(here))
    return {
        "number": given.number,
        "signer": given.signer,
        "agencies": [one.agency for one in everybody if one.duty in still],
        "left_out": [one.agency for one in everybody if one.duty not in still],
    }


def _already_decided(row: Row[Any]) -> LetterAlreadyDecided:
    day = say_day(row.decided_at.astimezone(OFFICE_ZONE).date())
    if row.state == LetterState.WAIVED.value:
        return LetterAlreadyDecided(f"{row.decided_by} đã quyết định không gửi công văn {row.id}, {day}.")
    return LetterAlreadyDecided(
        f"{row.decided_by} đã duyệt công văn {row.id} (số {row.number}, {row.signer} ký), {day}.",
        help="Cần nói khác thì soạn công văn mới.",
    )


def _nothing_to_urge(letter: int) -> NothingToUrge:
    return NothingToUrge(
        f"Công văn {letter} không còn cơ quan nào để đôn đốc: đã nộp, được gia hạn hoặc không phải làm nữa.",
        help="Chọn không gửi công văn này.",
    )


def _subject(letter: int) -> str:
    return f"letter/{letter}"


# ---- reading ---------------------------------------------------------------------------------------


def _read(connection: Connection, letter: int, *, for_update: bool = False) -> Row[Any]:
    found = select(LETTERS).where(LETTERS.c.id == letter)
    row = connection.execute(found.with_for_update() if for_update else found).first()
    if row is None:
        raise UnknownLetter(f"Không có công văn {letter}.", help="Xem các công văn đang chờ duyệt.")
    return row


def read_letter(
    connection: Connection, letter: int, today: date, days: WorkingDays, office: OfficeOnLetters
) -> LetterText:
    """What the letter says: a draft as of ``today``, with those still late; an approved one as of the day it was.

    The file that was signed is the one to keep and to send (its digest is in the letter's row): a decision made
    afterwards about an agency may change what is read here. Raises UnknownLetter, NothingToUrge.
    """
    row = _read(connection, letter)
    signed = row.state == LetterState.APPROVED.value
    as_of = row.decided_at.astimezone(OFFICE_ZONE).date() if signed else today
    late = _signed_rows(connection, letter) if signed else _open_rows(connection, [letter], today)
    if not late:
        raise _nothing_to_urge(letter)
    matter = _matter_of(connection, row.occurrence)
    return LetterText(
        issuer_above=office.issuer_above,
        issuer=office.issuer,
        place=office.place,
        about=_about(matter),
        addressees=tuple(one.name for one in late),
        programme="" if matter.secret else matter.programme_title,
        document="" if matter.secret else _cite(matter),
        title=_title(matter),
        named_date=matter.named_date,
        included=_is_included(matter),
        last_on_time=matter.last_on_time,
        as_of=as_of,
        late=tuple(LateAgency(one.name, days.between(_last_day(one), as_of), _note(one)) for one in late),
        signer_title=office.signer_title,
        recipients=_recipients(connection, row.occurrence, matter.collector),
        number=row.number if signed else None,
        dated=as_of if signed else None,
        signer=row.signer if signed else None,
        draft=not signed,
        remark="" if signed else row.remark or "",
    )


def _signed_rows(connection: Connection, letter: int) -> Sequence[Row[Any]]:
    return connection.execute(_named().where(LETTER_DUTIES.c.letter == letter)).all()


def _matter_of(connection: Connection, occurrence: str) -> Row[Any]:
    """The occurrence with its programme and the name of the body that issued it."""
    programme = (PROGRAMMES.c.number, PROGRAMMES.c.issued, PROGRAMMES.c.short, PROGRAMMES.c.collector)
    found = (
        select(OCCURRENCES, *programme, PROGRAMMES.c.title.label("programme_title"), AGENCIES.c.name.label("issued_by"))
        .join(PROGRAMMES, PROGRAMMES.c.code == OCCURRENCES.c.programme)
        .outerjoin(AGENCIES, AGENCIES.c.code == PROGRAMMES.c.issuer)
        .where(OCCURRENCES.c.id == occurrence)
    )
    return connection.execute(found).one()


def _title(matter: Row[Any]) -> str:
    """A secret matter is known to the addressee by its code."""
    return f"mã {matter.id}" if matter.secret else str(matter.title)


def _about(matter: Row[Any]) -> str:
    title = _title(matter)
    if len(title) > LONGEST_ABOUT:
        return f"đôn đốc thực hiện nhiệm vụ theo {matter.short}"
    return f"đôn đốc thực hiện nhiệm vụ “{title}”"


def _cite(matter: Row[Any]) -> str:
    """As "văn bản số 351/QĐ-UBND ngày 18 tháng 02 năm 2022 của Ủy ban nhân dân tỉnh Điện Biên"."""
    parts = [f"số {matter.number}" if matter.number else "", say_day(matter.issued) if matter.issued else ""]
    said = " ".join(filter(None, parts))
    return f"văn bản {said}" + (f" của {matter.issued_by}" if matter.issued_by else "") if said else ""


def _is_included(matter: Row[Any]) -> bool:
    """Whether the named day itself is on time; where the plan does not say, its days do."""
    if matter.included is None:
        return bool(matter.last_on_time >= matter.named_date)
    return bool(matter.included)


def _recipients(connection: Connection, occurrence: str, collector: str | None) -> tuple[str, ...]:
    """The names of the bodies the paper sends the result to; where it names none, of whoever collects."""
    named = select(AGENCIES.c.name).join(TIES, TIES.c.agency == AGENCIES.c.code)
    here = and_(TIES.c.occurrence == occurrence, TIES.c.role == Role.RECIPIENT.value)
    found = connection.execute(named.where(here).order_by(AGENCIES.c.code)).scalars().all()
    collects = select(AGENCIES.c.name).where(AGENCIES.c.code == collector)
    return tuple(found or connection.execute(collects).scalars())


def _last_day(row: Row[Any]) -> date:
    """The last day on time that the letter is about; the first version of a duty was never moved."""
    first: date = row.last_on_time
    moved: date | None = (row.returned_on and row.correct_by) or row.extended_to
    return first if row.version.endswith(".1") or moved is None else moved


def _note(row: Row[Any]) -> str:
    """What the table says beside an agency whose days are its own."""
    if row.version.endswith(".1"):
        return ""
    if row.returned_on is not None:
        back = f"đã trả lại {say_day(row.returned_on)} để hoàn thiện"
        return back + (f", nộp lại chậm nhất {say_day(row.correct_by)}" if row.correct_by else "")
    return f"đã gia hạn đến hết {say_day(row.extended_to)}" if row.extended_to else ""


# ---- waiting ---------------------------------------------------------------------------------------


def letters_waiting(connection: Connection) -> list[WaitingLetter]:
    """The drafts nobody has decided about, oldest first."""
    return _waiting(connection, _drafts(connection))


def unanswered(
    connection: Connection, today: date, days: WorkingDays, answer_days: Mapping[str, int] | int = ANSWER_DAYS
) -> list[WaitingLetter]:
    """Drafts that have waited longer than ``answer_days`` working days and of which nobody was told yet.

    ``answer_days`` may differ by occurrence. A returned draft waits from the day it came back.
    """
    return _waiting(
        connection,
        [
            row
            for row in _drafts(connection)
            if row.told_on is None and days.between(_since(row), today) > _allowed(row.occurrence, answer_days)
        ],
    )


def mark_told(connection: Connection, letter: int, today: date) -> None:
    """The secretariat was told that nobody has decided; once in each round."""
    here = and_(LETTERS.c.id == letter, LETTERS.c.told_on.is_(None))
    connection.execute(update(LETTERS).where(here).values(told_on=today))


def _drafts(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(
        select(LETTERS, OCCURRENCES.c.title, OCCURRENCES.c.secret)
        .join(OCCURRENCES, OCCURRENCES.c.id == LETTERS.c.occurrence)
        .where(LETTERS.c.state == LetterState.DRAFTED.value)
        .order_by(LETTERS.c.id)
    ).all()


def _since(row: Row[Any]) -> date:
    since: date = row.decided_at.astimezone(OFFICE_ZONE).date() if row.decided_at else row.drafted_on
    return since


def _allowed(occurrence: str, answer_days: Mapping[str, int] | int) -> int:
    return answer_days if isinstance(answer_days, int) else answer_days.get(occurrence, ANSWER_DAYS)


def _waiting(connection: Connection, drafts: Sequence[Row[Any]]) -> list[WaitingLetter]:
    agencies: dict[int, list[str]] = defaultdict(list)
    for row in _open_rows(connection, [draft.id for draft in drafts]):
        agencies[row.letter].append(row.name)
    return [
        WaitingLetter(
            draft.id,
            draft.occurrence,
            f"mã {draft.occurrence}" if draft.secret else draft.title,
            draft.round,
            draft.drafted_on,
            tuple(agencies[draft.id]),
            draft.remark or "",
        )
        for draft in drafts
    ]


# ---- what could not be recorded --------------------------------------------------------------------


def note_refusal(connection: Connection, letter: int, round: int, why: str, at: datetime) -> None:
    """Somebody filled the form in a way that could not be recorded; the next attempt has a form of its own."""
    append_audit(connection, at, OFFICE, REFUSED, _subject(letter), {"round": round, "why": why})


def count_refusals(connection: Connection, letter: int, round: int) -> int:
    """How many forms about this round could not be recorded."""
    lines = select(AUDIT.c.details).where(AUDIT.c.subject == _subject(letter), AUDIT.c.action == REFUSED)
    return sum(json.loads(details)["round"] == round for details in connection.execute(lines).scalars())
