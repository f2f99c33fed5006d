"""Holds a connection: from rungs that have fired to what is told, once each, whatever was missed.

Computed over everything that fired up to now and of which nothing has come yet, never over "due today": an outage
of any length loses nothing. All of one planning is one transaction of the caller's; planning twice, or two planners
at once, change nothing, by the keys of rungs, notices and letters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, or_, select, update

from calendars.working_days import WorkingDays
from models.audit import append_audit
from models.kinds import Action, Placing, Target
from models.notice import BEGAN, NoticeKind
from models.turn import await_turn
from notices.contact_book import read_contact_book
from notices.escalation import Fired, Subject, follow
from notices.filing import Wanted, file_notices, let_go_of_settled
from notices.hours import ZONE
from notices.invitations import invite_again
from notices.ladder import Redated, follow_calendar, lay_rungs
from notices.last_told import NEVER_LEFT
from notices.letters import LateDuty, WaitingLetter, draft_letters, letters_waiting, mark_told, unanswered
from notices.outbox import may_have_left
from notices.parties import read_parties
from notices.recipients import ContactBook, Meant, Parties
from notices.rules import read_ladder
from notices.subjects import current_version, is_open, last_day, rungs_with_facts
from notices.tables import DUTIES, NOTICES, OCCURRENCES, PASSAGES, PROGRAMMES, RUNGS, batches, insert_missing

# passages: when the office began, up to when has been planned and sent, and when the chairs' lists were last made
PLANNED, SENT, LISTED = "planned", "sent", "listed"
ACTOR = "Đôn Đốc"


@dataclass(frozen=True, slots=True)
class Planning:
    """What one planning did: notices new in the outbox, those let go, letters drafted, notices nobody can receive."""

    notices: int = 0
    let_go: int = 0
    letters: tuple[int, ...] = ()
    undeliverable: int = 0


def plan_notices(
    connection: Connection,
    ladders: Mapping[str, str],
    days: WorkingDays,
    now: datetime,
    really: datetime,
    began: date | None = None,
) -> Planning:
    """Plans everything that has come due by ``now`` (office time, aware); ``ladders`` are the policies as JSON by code.

    ``really`` is the machine's own instant, kept for the alarm. ``began`` is the day the office began to use the
    program, that of the first planning unless given: what was over before is never escalated.
    """
    here = now.astimezone(ZONE)
    await_turn(connection)
    planner = _Planner(connection, days, here, *_since(connection, here, really, began))
    follow_calendar(connection, days, here, really)
    planner.follow_invitations()
    planner.tell_changes(lay_rungs(connection, ladders, days, here.date()))
    planner.follow_rungs()
    planner.list_for_chair(really)
    let_go = let_go_of_settled(connection)  # before filing: what is said of an old day stands for nothing new
    filed = planner.file()
    planner.chase_letters()  # from here on the audit's lock is held, so what others may hold is behind us
    planner.mark_ratings()
    filed += planner.file()
    pass_by(connection, PLANNED, here, really)
    found = Planning(filed, len(let_go), tuple(planner.letters), planner.undeliverable)
    if found != Planning(undeliverable=planner.undeliverable):
        said = {"notices": filed, "let_go": let_go, "letters": planner.letters}
        append_audit(connection, here, ACTOR, "notices.planned", f"day/{here:%Y-%m-%d}", said)
    return found


def _since(connection: Connection, now: datetime, really: datetime, began: date | None) -> tuple[date, date]:
    """The day the office began, and the day up to which has been planned before: the first planning missed nothing."""
    first = datetime.combine(began, now.timetz()) if began else now
    insert_missing(connection, PASSAGES, [{"name": BEGAN, "at": first, "really_at": really}])
    passages = {row.name: row.at.astimezone(ZONE).date() for row in connection.execute(select(PASSAGES))}
    return passages[BEGAN], passages.get(PLANNED, now.date())


def pass_by(connection: Connection, name: str, at: datetime, really: datetime) -> None:
    """Notes that recurring work was completed; ``at`` only ever grows."""
    insert_missing(connection, PASSAGES, [{"name": name, "at": at, "really_at": really}])
    here = update(PASSAGES).where(PASSAGES.c.name == name)
    connection.execute(here.values(really_at=really))
    connection.execute(here.where(PASSAGES.c.at < at).values(at=at))


class _Planner:
    """One planning: what it found, to be filed at the end."""

    def __init__(self, connection: Connection, days: WorkingDays, now: datetime, began: date, last_run: date) -> None:
        self.connection = connection
        self.days = days
        self.now = now
        self.today = now.date()
        self.began = began
        self.last_run = last_run
        self.wanted: list[Wanted] = []
        self.late: list[LateDuty] = []
        self.rated: list[tuple[str, str]] = []
        self.changed: set[tuple[str, str]] = set()
        self.invited: set[tuple[str, str]] = set()
        self.letters: list[int] = []
        self.undeliverable = 0

    @cached_property
    def book(self) -> ContactBook:
        """Everybody who may be told; read when somebody is to be."""
        return read_contact_book(self.connection)

    # ------------------------------------------------------------ what has fired

    def follow_rungs(self) -> None:
        """Every rung whose day has come and of which nothing has come yet."""
        due = rungs_with_facts(RUNGS.c.settled_on.is_(None), RUNGS.c.fires_on <= self.today)
        subjects: dict[tuple[str, str], list[RowMapping]] = defaultdict(list)
        for row in self.connection.execute(due.order_by(RUNGS.c.subject, RUNGS.c.fires_on)).mappings():
            subjects[row["subject"], row["version"]].append(row)
        parties = read_parties(self.connection, {rows[0]["occurrence"] for rows in subjects.values()})
        outcomes: list[dict[str, Any]] = []
        for rows in subjects.values():
            self._follow(rows, parties[rows[0]["occurrence"]], outcomes)
        if outcomes:
            here = and_(
                RUNGS.c.subject == bindparam("whose"),
                RUNGS.c.version == bindparam("which"),
                RUNGS.c.step == bindparam("rung"),
            )
            settled = update(RUNGS).where(here).values(settled_on=self.today, outcome=bindparam("became"))
            self.connection.execute(settled, outcomes)

    def _follow(self, rows: Sequence[RowMapping], parties: Parties, outcomes: list[dict[str, Any]]) -> None:
        row = rows[0]
        fired = [Fired(r["step"], Action(r["action"]), r["targets"], r["urgent"], r["fires_on"]) for r in rows]
        consequence = follow(fired, self._subject(row), self.today, self.last_run)
        parties = replace(parties, agency=row["agency"])
        for rung in consequence.told:
            if not self._tell(row, rung, _kind(rung.action, row["o_placing"]), parties, consequence.missed):
                consequence.outcomes[rung.step] = "changed"
        for step, became in consequence.outcomes.items():
            outcomes.append({"whose": row["subject"], "which": row["version"], "rung": step, "became": became})
        for act in consequence.acts:
            if act.action is Action.DRAFT_LETTER:
                self.late.append(LateDuty(row["occurrence"], row["subject"], row["version"], row["agency"]))
            elif act.action is Action.MARK_RATING:
                self.rated.append((row["subject"], act.step))
                self._tell(row, act, NoticeKind.RATING, parties, 0)

    def _subject(self, row: RowMapping) -> Subject:
        return Subject(
            open=is_open(row) and row["version"] == current_version(row),
            last=last_day(row) or date.max,
            escalates=not (row["p_draft"] or row["o_assumed"]),
            began=self.began,
        )

    def _tell(self, row: RowMapping, rung: Fired, kind: NoticeKind, parties: Parties, missed: int) -> bool:
        """Whether anybody is told; who is told today that the day has changed needs no reminder of the new one."""
        targets = [Target(target) for target in rung.targets.split()]
        aside = row["p_draft"] or row["d_handover"]  # a draft binds nobody; a body that has ended cannot answer
        if aside or not any(self.book.find(target, parties, self.today) for target in targets):
            targets = [Target.SECRETARIAT]  # also where the paper names nobody whom the step could mean
        spared = self.changed if rung.action is Action.REMIND else set()
        told = [
            Wanted(
                subject=row["subject"],
                version=row["version"],
                step=rung.step,
                kind=kind,
                meant=meant,
                fires_on=rung.fires_on,
                occurrence=row["occurrence"],
                agency=row["agency"] or meant.agency,
                last=last_day(row),
                urgent=rung.urgent and not aside,
                missed=missed,
            )
            for target in targets
            for meant in self.book.find(target, parties, self.today)
            if (row["subject"], meant.key) not in spared
        ]
        self.wanted += told
        return bool(told)

    def mark_ratings(self) -> None:
        """What has been late so long that it counts in the yearly rating."""
        for duty, step in self.rated:
            self.connection.execute(update(DUTIES).where(DUTIES.c.id == duty).values(rated_on=self.today))
            append_audit(self.connection, self.now, ACTOR, "duty.rated", duty, {"step": step})

    def file(self) -> int:
        """Files what has been found so far; returns how many notices are new."""
        new, undeliverable = file_notices(self.connection, self.wanted, self.days, self.now)
        self.wanted = []
        self.undeliverable += undeliverable
        return new

    # ------------------------------------------------------------ what has changed

    def follow_invitations(self) -> None:
        """Whoever was invited hears of another day, hour or place by a new invitation, and of a change nothing more."""
        again = invite_again(self.connection, lambda: self.book, self.today)
        self.invited = {(one.subject, one.meant.key) for one in again}
        self.wanted += again

    def tell_changes(self, redated: Sequence[Redated]) -> None:
        """Those who were told an older due day hear of the new one, and so does the agency whose own day it is."""
        for some in batches(redated):
            told = select(NOTICES.c.subject, NOTICES.c.recipient, NOTICES.c.target).where(
                NOTICES.c.subject.in_([one.subject for one in some]),
                or_(NOTICES.c.state.not_in(NEVER_LEFT), may_have_left()),
                NOTICES.c.attempts > 0,
            )
            known: dict[str, dict[str, str]] = defaultdict(dict)
            for row in self.connection.execute(told):
                known[row.subject][row.recipient] = row.target
            answered = self._answered(some)
            for one in some:
                self._tell_change(one, known[one.subject], answered)

    def _answered(self, redated: Sequence[Redated]) -> set[tuple[str, str, str]]:
        """(duty, version, recipient) of those who hear of the new day as the answer to their request for more time."""
        told = select(NOTICES.c.occurrence, NOTICES.c.agency, NOTICES.c.version, NOTICES.c.recipient).where(
            NOTICES.c.occurrence.in_({one.occurrence for one in redated}),
            NOTICES.c.kind == NoticeKind.REQUEST_ANSWERED.value,
        )
        return {(f"{row.occurrence}/{row.agency}", row.version, row.recipient) for row in self.connection.execute(told)}

    def _tell_change(self, one: Redated, known: Mapping[str, str], answered: set[tuple[str, str, str]]) -> None:
        people = self.book.people
        meant = {
            code: Meant(Target(target), code, people[code], one.agency)
            for code, target in known.items()
            if code in people
        }
        if one.decided and not one.aside:
            focal = self.book.find(Target.FOCAL, Parties(agency=one.agency), self.today)
            meant = {each.key: each for each in focal} | meant
        self.changed |= {(one.subject, key) for key in meant}
        self.wanted += [
            Wanted(
                one.subject,
                one.version,
                "changed",
                NoticeKind.CHANGED,
                each,
                self.today,
                one.occurrence,
                one.agency,
                urgent=True,
            )
            for each in meant.values()
            if (one.subject, one.version, each.key) not in answered and (one.subject, each.key) not in self.invited
        ]

    # ------------------------------------------------------------ letters and the chair

    def chase_letters(self) -> None:
        """Letters are drafted; the secretariat hears that one waits for a signature, and later that nobody decided.

        Not of one whose agencies have all sent meanwhile: there is nothing to urge any more.
        """
        self.letters += draft_letters(self.connection, self.late, self.today, self.now)
        waiting = [letter for letter in letters_waiting(self.connection) if letter.agencies]
        for letter in waiting:
            self._tell_secretariat(letter, NoticeKind.LETTER_WAITING, "waiting")
        for letter in unanswered(self.connection, self.today, self.days, self._answer_days(waiting)):
            if letter.agencies:
                self._tell_secretariat(letter, NoticeKind.LETTER_SILENT, "silent")
                mark_told(self.connection, letter.id, self.today)

    def _answer_days(self, letters: Sequence[WaitingLetter]) -> dict[str, int]:
        ladders = select(OCCURRENCES.c.id, OCCURRENCES.c.ladder).where(
            OCCURRENCES.c.id.in_({letter.occurrence for letter in letters}), OCCURRENCES.c.ladder.is_not(None)
        )
        return {row.id: read_ladder(row.ladder).letter_answer_days for row in self.connection.execute(ladders)}

    def _tell_secretariat(self, letter: WaitingLetter, kind: NoticeKind, step: str) -> None:
        parties = read_parties(self.connection, [letter.occurrence])[letter.occurrence]
        self.wanted += [
            Wanted(
                f"letter/{letter.id}",
                str(letter.round),
                step,
                kind,
                meant,
                self.today,
                letter.occurrence,
                urgent=kind is NoticeKind.LETTER_SILENT,
            )
            for meant in self.book.find(Target.SECRETARIAT, parties, self.today)
        ]

    def list_for_chair(self, really: datetime) -> None:
        """Once a week, on its first working day or at the first planning after it, to each committee's chair."""
        monday = self.today - timedelta(days=self.today.weekday())
        if self.today < self.days.on_or_after(monday):
            return
        last = self.connection.execute(select(PASSAGES.c.at).where(PASSAGES.c.name == LISTED)).scalar()
        if last is not None and last.astimezone(ZONE).date() >= monday:
            return
        week = "{}-W{:02d}".format(*monday.isocalendar())
        standing = {row["p_standing_agency"] for row in listed_for_chair(self.connection, monday)}
        self.wanted += [
            Wanted(f"board/{week}/{agency}", "1", "chair", NoticeKind.CHAIR_LIST, meant, monday, agency=agency)
            for agency in sorted(standing)
            for meant in self.book.find(Target.CHAIR, Parties(standing=agency), self.today)
        ]
        pass_by(self.connection, LISTED, self.now, really)


def _kind(action: Action, placing: str) -> NoticeKind:
    if action is Action.ESCALATE:
        return NoticeKind.OVERDUE
    if action is Action.NAME_MISSING:
        return NoticeKind.MISSING
    return {Placing.FIXED.value: NoticeKind.EVENT, Placing.WINDOW.value: NoticeKind.WINDOW}.get(
        placing, NoticeKind.REMINDER
    )


def listed_for_chair(connection: Connection, before: date, standing: str | None = None) -> list[RowMapping]:
    """The open duties put on the chair's list by rungs that fired before the day, with their facts.

    ``standing`` keeps those of the programmes that this standing agency looks after.
    """
    listed = rungs_with_facts(RUNGS.c.outcome == "listed", RUNGS.c.fires_on < before)
    if standing is not None:
        listed = listed.where(PROGRAMMES.c.standing_agency == standing)
    rows = connection.execute(listed.order_by(RUNGS.c.subject)).mappings()
    return [row for row in rows if is_open(row) and row["version"] == current_version(row)]
