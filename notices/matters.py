"""Holds a connection: what notices are about at the moment of sending, as the plain values their wording is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, RowMapping, select

from calendars.components import CalendarEntry
from calendars.event_entries import read_entries
from calendars.invitations import without_its_day
from calendars.wording import say_hours, say_short, say_window
from calendars.working_days import WorkingDays
from models.amendment import AmendmentKind
from models.kinds import HELD_ON_A_DAY, SECRET_TITLE, Placing, Role
from models.notice import LetterState, NoticeKind
from models.occurrence import Status
from models.timing import Certainty, Hours, Window
from notices.answered import OF_A_REQUEST, OF_AN_ANSWER, is_waiting, read_request, read_taken, with_its_duty
from notices.invitations import is_held, why_known
from notices.last_told import LastTold, read_last_told, stands_for_a_reminder
from notices.letters import letters_waiting, open_duties_of
from notices.matter import Late, Matter
from notices.planning import listed_for_chair
from notices.subjects import OF_THE_SUBJECT, is_correcting, is_open, last_day, notices_with_facts, why_settled
from notices.tables import AGENCIES, AMENDMENTS, DECIDED, DUTIES, LETTERS, NEEDS, NOTICES, OCCURRENCES, TIES

CALLED_OFF, DROPPED = "Việc này đã hủy.", "Việc này không còn trong chương trình."
SECRET_AGENCY = "Một cơ quan"  # noqa: S105  and in a list instead of whose it is


@dataclass(frozen=True, slots=True)
class Found:
    """One notice as it stands: its matter, or in ``settled`` why it need not be sent any more.

    ``time`` is what it tells about the time of its matter, to be compared when that changes. ``event`` is what an
    invitation puts into its reader's calendar.
    """

    number: int
    matter: Matter | None
    settled: str | None = None
    time: str = ""
    event: CalendarEntry | None = None


def read_matters(
    connection: Connection, numbers: Sequence[int], days: WorkingDays, today: date, *, resettle: bool = True
) -> list[Found]:
    """The matters of notices (by number, in their order); working days are counted from ``today``.

    ``resettle`` asks again whether anybody still needs them; a preview does not.
    """
    reader = _Reader(connection, days, today)
    about = {row["id"]: row for row in connection.execute(notices_with_facts(NOTICES.c.id.in_(numbers))).mappings()}
    others = {row["id"]: row for row in connection.execute(select(NOTICES).where(NOTICES.c.id.in_(numbers))).mappings()}
    return [
        reader.read(about[number], resettle=resettle) if number in about else reader.read_other(others[number])
        for number in numbers
        if number in others
    ]


class _Reader:
    """Reads matters on one day, looking each name up once."""

    def __init__(self, connection: Connection, days: WorkingDays, today: date) -> None:
        self.connection = connection
        self.days = days
        self.today = today
        self.names = {row.code: row.name for row in connection.execute(select(AGENCIES.c.code, AGENCIES.c.name))}

    def read(self, row: RowMapping, *, resettle: bool) -> Found:
        """A notice about an occurrence."""
        if resettle and (settled := why_settled(row) or self._why_nothing_to_say(row)):
            return Found(row["id"], None, settled)
        matter = self._secret(row) if row["o_secret"] else self._open(row)
        return Found(row["id"], matter, time=self._time(row), event=self._event(row))

    def _why_nothing_to_say(self, row: RowMapping) -> str | None:
        """Since it was planned others may have sent or been given more time, or the old day may hold again."""
        if row["kind"] == NoticeKind.MISSING and not self._missing(row):
            return "Không còn cơ quan nào quá hạn."
        if row["kind"] in (NoticeKind.LETTER_WAITING, NoticeKind.LETTER_SILENT):
            return self._letter_settled(row)
        if row["kind"] == NoticeKind.CHANGED and self._is_as_told(row):
            return "Thời gian lại như người nhận đã biết."
        if row["kind"] == NoticeKind.INVITATION:
            return why_known(row, read_last_told(self.connection, row), self._time(row))
        if row["kind"] == NoticeKind.REQUEST_WAITING and not is_waiting(self.connection, row):
            return "Yêu cầu gia hạn không còn chờ trả lời."
        return None

    def read_other(self, row: RowMapping) -> Found:
        """A notice about no single occurrence: a chair's list, or a link."""
        if row["kind"] == NoticeKind.LINK:
            return Found(row["id"], Matter(NoticeKind.LINK, "", ""))
        late = self._late(listed_for_chair(self.connection, self.today, row["agency"]))
        if not late:
            return Found(row["id"], None, "Không còn việc quá hạn nào trong danh sách.")
        return Found(row["id"], Matter(NoticeKind.CHAIR_LIST, "", "", late=late))

    def _open(self, row: RowMapping) -> Matter:
        kind = NoticeKind(row["kind"])
        row = with_its_duty(self.connection, row) if kind in OF_AN_ANSWER else row
        last = last_day(row)
        deadline = row["o_placing"] == Placing.DEADLINE
        own = is_correcting(row) or (row["d_id"] is not None and row["d_extended_to"] is not None)
        work_by = self._work_by(row, last, own=own)
        counted = work_by if deadline else row["o_first"]
        invites = kind is NoticeKind.INVITATION
        cancelled = not is_held(row) if invites else row["o_status"] == Status.CANCELLED
        late = self._late_of_letter(row) if kind in _OF_A_LETTER else ()
        what, before, why = self._change(row) if kind in _OF_A_CHANGE else ("", "", "")
        return Matter(
            kind=kind,
            title=row["o_title"],
            programme=row["p_short"],
            document=self._document(row),
            agency=self.names.get(row["agency"], row["agency"]) if row["agency"] else None,
            leads=tuple(self._tied(row["occurrence"], Role.LEAD)),
            recipients=tuple(self._tied(row["occurrence"], Role.RECIPIENT)),
            named_date=None if cancelled or not deadline else last if own else row["o_named_date"],
            included=None if cancelled or not deadline else own or row["o_included"],
            last_on_time=None if cancelled or not deadline else last,
            work_by=None if cancelled or not deadline else work_by,
            first=None if cancelled or deadline else row["o_first"],
            last=None if cancelled or deadline else row["o_last"],
            starts=row["o_starts"],
            when="" if cancelled else self._when(row),
            place=row["o_place"] or "",
            product=row["o_product"] or "",
            days_left=-max((one.late for one in late), default=-self._left(None if cancelled else counted)),
            missing=tuple(self._missing(row)),
            late=late,
            missed=row["missed"],
            held=row["o_kind"] in HELD_ON_A_DAY,
            draft=row["p_draft"],
            assumed=row["o_assumed"],
            extended=row["d_id"] is not None and row["d_extended_to"] is not None,
            returned=is_correcting(row),
            duty=row["d_id"] or row["occurrence"],
            what=what,
            before=before,
            about=self._about(row) if kind in _OF_A_LETTER else why,
            fixed_by=(row["o_fixed_by"] or "") if invites else "",
            called_off=invites and cancelled,
            taken=read_taken(self.connection, row, self.days) if kind is NoticeKind.RECEIPT else None,
            request=read_request(self.connection, row) if kind in OF_A_REQUEST else None,
        )

    def _secret(self, row: RowMapping) -> Matter:
        """Nothing but that something is due, and when: the rest stands on paper."""
        whole = self._open(row)
        return Matter(
            kind=whole.kind,
            title=SECRET_TITLE,
            programme="",
            named_date=whole.named_date,
            included=whole.included,
            last_on_time=whole.last_on_time,
            work_by=whole.work_by,
            first=whole.first,
            last=whole.last,
            starts=whole.starts,
            when=whole.when,
            days_left=whole.days_left,
            missed=whole.missed,
            held=whole.held,
            draft=whole.draft,
            assumed=whole.assumed,
            extended=whole.extended,
            returned=whole.returned,
            secret=True,
            duty=whole.duty,
            taken=whole.taken.without_names() if whole.taken else None,
            request=whole.request.without_words() if whole.request else None,
        )

    def _left(self, day: date | None) -> int:
        return 0 if day is None else self.days.between(self.today, day)

    def _work_by(self, row: RowMapping, last: date | None, *, own: bool) -> date | None:
        if own and last is not None:
            return self.days.on_or_before(last)
        found: date | None = row["o_work_by"]
        return found

    def _document(self, row: RowMapping) -> str:
        if not row["p_number"] or not row["p_issued"]:
            return str(row["p_title"])
        return f"{row['p_title']} (số {row['p_number']} ngày {say_short(row['p_issued'])})"

    def _when(self, row: RowMapping) -> str:
        first, last = row["o_first"], row["o_last"]
        if first is None or last is None or row["o_placing"] == Placing.DEADLINE:
            return ""
        if row["o_placing"] == Placing.WINDOW:
            return say_window(Window(first, last, Certainty(row["o_certainty"] or Certainty.PERIOD)))
        hours = f", {say_hours(Hours(row['o_starts'], row['o_ends']))}" if row["o_starts"] else ""
        return f"{say_short(first)}{f' – {say_short(last)}' if last != first else ''}{hours}"

    def _tied(self, occurrence: str, role: Role) -> list[str]:
        named = select(TIES.c.agency).where(TIES.c.occurrence == occurrence, TIES.c.role == role.value)
        return [self.names.get(code, code) for code in self.connection.execute(named.order_by(TIES.c.agency)).scalars()]

    def _missing(self, row: RowMapping) -> list[str]:
        """Who has not sent yet: of the collection itself, or of those the consolidation is made of."""
        if row["kind"] == NoticeKind.MISSING:
            return self._owing([row["occurrence"]], overdue=True)
        if row["kind"] not in (NoticeKind.REMINDER, NoticeKind.OVERDUE):
            return []
        needs = select(NEEDS.c.needs).where(NEEDS.c.occurrence == row["occurrence"], ~NEEDS.c.proposed)
        return self._owing(list(self.connection.execute(needs).scalars()), overdue=False)

    def _owing(self, occurrences: Iterable[str], *, overdue: bool) -> list[str]:
        open_duties = (
            select(DUTIES.c.agency, DUTIES.c.extended_to, OCCURRENCES.c.last_on_time)
            .join(OCCURRENCES, OCCURRENCES.c.id == DUTIES.c.occurrence)
            .where(DUTIES.c.occurrence.in_(list(occurrences)), OCCURRENCES.c.last_on_time.is_not(None))
            .where(OCCURRENCES.c.status == Status.PLANNED.value)
            .where(~DUTIES.c.withdrawn, DUTIES.c.waived_on.is_(None))
            .where(DUTIES.c.done_on.is_(None))
        )
        rows = self.connection.execute(open_duties)
        found = {row.agency for row in rows if not overdue or (row.extended_to or row.last_on_time) < self.today}
        return sorted(self.names.get(code, code) for code in found)

    # ------------------------------------------------------------ what has changed

    def _event(self, row: RowMapping) -> CalendarEntry | None:
        if row["kind"] != NoticeKind.INVITATION:
            return None
        [entry] = read_entries(self.connection, [row["occurrence"]])
        told = read_last_told(self.connection, row)
        day = told.day if told else None
        return without_its_day(entry, day) if day else entry

    def _is_as_told(self, row: RowMapping) -> bool:
        """Whether the change was taken back before anybody heard of it, and no reminder relies on its being told."""
        told = read_last_told(self.connection, row)
        return (
            told is not None and told.time == self._time(row) != "" and not stands_for_a_reminder(self.connection, row)
        )

    def _change(self, row: RowMapping) -> tuple[str, str, str]:
        """What has changed, what the reader had been told, and why it changed; nothing of a first invitation."""
        told, time = read_last_told(self.connection, row), self._time(row)
        if told is None and row["kind"] == NoticeKind.INVITATION:
            return "", "", ""
        if told and told.time and told.time == time:
            return f"Vẫn như đã báo: {time.rstrip('.')}.", "", ""
        before = told.time if told else ""
        return self._what(row, before), before, self._reason(row, told)

    def _time(self, row: RowMapping) -> str:
        """The time of the matter as a notice tells it, or that it is not asked for any more; "" without any."""
        if row["kind"] not in OF_THE_SUBJECT and row["kind"] != NoticeKind.REQUEST_ANSWERED:
            return ""
        row = with_its_duty(self.connection, row) if row["kind"] == NoticeKind.REQUEST_ANSWERED else row
        last = last_day(row)
        if decided := self._decided(row):
            return decided
        if row["o_placing"] == Placing.DEADLINE:
            return f"ngày cuối {say_short(last)}" if last else ""
        when = self._when(row)
        if row["o_placing"] == Placing.WINDOW:
            return f"dự kiến {when}" if when else ""
        return ", ".join(filter(None, (when, "" if row["o_secret"] else row["o_place"])))

    def _decided(self, row: RowMapping) -> str:
        """Of what nobody waits for as before: why, in one Vietnamese sentence."""
        if row["o_status"] == Status.CANCELLED:
            return CALLED_OFF if self._is_called_off(row) else DROPPED
        if row["kind"] == NoticeKind.INVITATION and not is_held(row):
            return "Không tổ chức vào ngày đã mời; có ngày mới thì mời lại."
        if row["d_id"] and row["d_waived_on"]:
            return "Cơ quan không phải thực hiện việc này nữa."
        if is_correcting(row):
            until = f", nộp lại chậm nhất {say_short(row['d_correct_by'])}" if row["d_correct_by"] else ""
            return f"Bị trả lại để sửa{until}."
        if row["d_id"] and row["d_done_on"]:
            return "Đã nộp."
        return ""

    def _is_called_off(self, row: RowMapping) -> bool:
        """Whether a person called it off; what no paper has any more is cancelled too."""
        kind = (AMENDMENTS.c.subject == row["occurrence"], AMENDMENTS.c.kind == AmendmentKind.CANCEL.value)
        newest = select(AMENDMENTS.c.content).where(*kind).order_by(AMENDMENTS.c.id.desc()).limit(1)
        return bool(self.connection.execute(newest).scalar())

    def _what(self, row: RowMapping, before: str) -> str:
        """What has changed since the reader was told ``before``, in one Vietnamese sentence."""
        last = last_day(row)
        if decided := self._decided(row):
            return decided
        if row["d_id"] and row["d_extended_to"]:
            return f"Đã gia hạn đến hết ngày {say_short(row['d_extended_to'])}."
        if row["o_placing"] == Placing.FIXED:
            by = f" theo {row['o_fixed_by']}" if row["o_fixed_by"] else ""
            return f"{self._verb(row, before)}: {self._when(row)}{by}."
        if row["o_placing"] == Placing.WINDOW:
            return f"Thời gian mới: dự kiến {self._when(row)}."
        return f"Hạn mới: ngày cuối {say_short(last)}." if last else "Thời gian đã thay đổi."

    def _verb(self, row: RowMapping, before: str) -> str:
        """A day takes the place of another only where one had been told: all else told begins with a word."""
        if before in (CALLED_OFF, DROPPED):
            return "Tổ chức lại"
        if not before[:1].isdigit():
            return "Đã ấn định"
        return "Đổi giờ, nơi họp" if before.startswith(say_short(row["o_first"])) else "Đổi ngày"

    # ------------------------------------------------------------ letters and lists

    def _letter_settled(self, row: RowMapping) -> str | None:
        """A letter somebody has decided about, or that has nobody left to urge, needs no further asking."""
        waiting = {letter.id: letter for letter in letters_waiting(self.connection)}
        letter = waiting.get(_letter_of(row))
        if letter is None or str(letter.round) != row["version"]:
            return "Công văn đã có người quyết định."
        return None if letter.agencies else "Không còn cơ quan nào để đôn đốc."

    def _reason(self, row: RowMapping, told: LastTold | None) -> str:
        """Why a person decided as they did, by which document, and who: nobody mends what is unsaid."""
        amended = self._amended(row, told)
        if amended is not None:
            document = "" if amended["document"] == row["o_fixed_by"] else amended["document"]
            return _say_reason(amended["why"], document, amended["by"])
        last = select(DECIDED).where(DECIDED.c.duty == row["d_id"]).order_by(DECIDED.c.id.desc()).limit(1)
        decided = self.connection.execute(last).mappings().first() if row["d_id"] else None
        if decided is None or row["o_status"] == Status.CANCELLED:
            return ""
        return _say_reason(decided["why"], decided["document"], decided["by"])

    def _amended(self, row: RowMapping, told: LastTold | None) -> RowMapping | None:
        """What was recorded about the day itself since the reader was told, unless the duty was decided about later."""
        if told is None:
            return None
        kinds = (AmendmentKind.DATE.value, AmendmentKind.CANCEL.value)
        here = (AMENDMENTS.c.subject == row["occurrence"], AMENDMENTS.c.kind.in_(kinds), AMENDMENTS.c.at > told.at)
        newest = select(AMENDMENTS).where(*here).order_by(AMENDMENTS.c.id.desc()).limit(1)
        found = self.connection.execute(newest).mappings().first()
        later = select(DECIDED.c.id).where(
            DECIDED.c.duty == row["d_id"], DECIDED.c.at > (found["at"] if found else told.at)
        )
        return None if self.connection.execute(later.limit(1)).first() else found

    def _about(self, row: RowMapping) -> str:
        letter = self.connection.execute(select(LETTERS).where(LETTERS.c.id == _letter_of(row))).mappings().first()
        if letter is None:
            return ""
        if letter["state"] == LetterState.APPROVED:
            return f"Công văn số {letter['number']}, người ký {letter['signer']}"
        return f"Công văn đôn đốc số {letter['id']}, dự thảo ngày {say_short(letter['drafted_on'])}"

    def _late_of_letter(self, row: RowMapping) -> tuple[Late, ...]:
        """The agencies a draft would urge, each late by its own day; a signed letter names them itself."""
        if row["kind"] == NoticeKind.LETTER:
            return ()
        urged = [duty for duty, _, _ in open_duties_of(self.connection, _letter_of(row))]
        found = []
        for duty in self.connection.execute(select(DUTIES).where(DUTIES.c.id.in_(urged)).order_by(DUTIES.c.id)):
            last = (duty.returned_on and duty.correct_by) or duty.extended_to or row["o_last_on_time"]
            late = self.days.between(self.days.on_or_before(last), self.today)
            found.append(Late(self.names.get(duty.agency, duty.agency), row["o_title"], last, late))
        return tuple(found)

    def _late(self, rows: Sequence[RowMapping]) -> tuple[Late, ...]:
        found = [
            Late(
                SECRET_AGENCY if row["o_secret"] else self.names.get(row["agency"], row["agency"]),
                SECRET_TITLE if row["o_secret"] else row["o_title"],
                last,
                self.days.between(self.days.on_or_before(last), self.today),
            )
            for row in rows
            if (last := last_day(row)) is not None and is_open(row)
        ]
        return tuple(sorted(found, key=lambda late: (-late.late, late.agency, late.title)))


_OF_A_CHANGE = frozenset({NoticeKind.CHANGED, NoticeKind.INVITATION})
_OF_A_LETTER = frozenset({NoticeKind.LETTER_WAITING, NoticeKind.LETTER_SILENT, NoticeKind.LETTER})


def _say_reason(why: str | None, document: str | None, by: str) -> str:
    """The grounds and who decided; "" without grounds, since a name is no reason."""
    grounds = [ground for ground in (why, document) if ground]
    return "; ".join((*grounds, f"người quyết định: {by}")) if grounds else ""


def _letter_of(row: RowMapping | Mapping[str, str]) -> int:
    """The letter's number: ``letter/3`` is the subject of what the secretariat hears, ``letter-3`` a step of a duty."""
    text = row["subject"] if row["subject"].startswith("letter/") else row["step"]
    return int(text.replace("-", "/").rpartition("/")[2])
