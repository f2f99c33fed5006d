"""Holds a connection: stores a planned year, says what changed, and tells the calendars which of them are stale.

Everything of one year is one transaction of the caller's. Planning twice changes nothing: the keys
(occurrence ``programme/item/period``, duty ``occurrence/agency``) keep that promise.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, insert, or_, select, update

from calendars.feeds import feed_names
from calendars.publishing import touch_feeds
from models.agency import Agency
from models.columns import table_of
from models.kinds import FIELD_NAMES, KIND_NAMES, PLACING_NAMES, SECRET_TITLE, ItemKind
from models.occurrence import Decision, Duty, Need, Occurrence, OccurrenceAgency, PlannedYear, Status
from models.programme import Programme
from models.turn import await_turn
from planning.amendments import amended, read_amendments
from planning.check import Definitions
from planning.clashes import clash_decisions
from planning.expansion import expand
from planning.overruled import unmatched_amendments
from planning.planned import OpenDecision, PlannedOccurrence
from planning.registers import insert_many, store_agencies, store_programmes
from planning.revision import next_revision
from planning.submissions import settle_done

KEYS_AT_ONCE = 500  # in one IN (…): far below what either database allows

# a change of one of these moves the entry in a reader's calendar: SEQUENCE + 1 (RFC 5545 §3.8.7.4)
MOVING = frozenset(
    {
        "placing",
        "certainty",
        "first",
        "last",
        "starts",
        "ends",
        "named_date",
        "last_on_time",
        "place",
        "marked_on",
        "tentative",
        "status",
    }
)
# a change of one of these is a new due version: what people were told before no longer holds
REDATING = frozenset({"placing", "first", "last", "starts", "ends", "named_date", "last_on_time", "status"})
# of these the rungs of the ladder are made
LADDERED = REDATING | {"work_by", "tentative", "assumed", "policy", "rolls_up"}
# what is told of a secret matter that changed: its days and its standing, nothing of its content
TOLD_OF_SECRETS = REDATING | {"work_by", "tentative", "secret"}
_COMPARED = tuple(
    field.name for field in dataclasses.fields(PlannedOccurrence) if field.name not in ("id", "ties", "duties", "needs")
)


OCCURRENCES, TIES, NEEDS = table_of(Occurrence), table_of(OccurrenceAgency), table_of(Need)
DUTIES, DECISIONS, YEARS = table_of(Duty), table_of(Decision), table_of(PlannedYear)
AGENCIES, PROGRAMMES = table_of(Agency), table_of(Programme)


Details = tuple[tuple[str, str, str], ...]  # field, old, new


@dataclass(frozen=True, slots=True)
class Change:
    """One occurrence that is new, different or gone; ``details`` names the fields that differ, old and new."""

    what: str  # "added", "changed" or "withdrawn"
    occurrence: str
    title: str
    details: Details = ()


@dataclass(frozen=True, slots=True)
class YearChanges:
    """What planning a year changed in the database, and what it still leaves to a person."""

    year: int
    changes: tuple[Change, ...]
    unchanged: int
    duties_added: int
    duties_withdrawn: int
    decisions: tuple[OpenDecision, ...]

    def __bool__(self) -> bool:
        return bool(self.changes or self.duties_added or self.duties_withdrawn)


def plan_year(
    connection: Connection,
    definitions: Definitions,
    year: int,
    today: date,
    *,
    before_is_inclusive: bool = False,
) -> YearChanges:
    """Expands every programme for ``year``, with what people recorded on top, and stores the result.

    What holds on top is read here, in its turn, whatever ``definitions`` were read with: a run that began before
    somebody fixed a date cannot undo it. What the papers no longer ask for is cancelled, not deleted. ``today``
    (Asia/Ho_Chi_Minh) dates the revision: its midnight, or a second after the occurrence's last revision when
    that is later.
    """
    await_turn(connection)
    definitions = amended(definitions, read_amendments(connection))
    planned = [
        expand(definitions, programme, year, before_is_inclusive=before_is_inclusive)
        for programme in definitions.programmes.values()
    ]
    occurrences = [occurrence for one in planned for occurrence in one.occurrences]
    decisions = (
        *(decision for one in planned for decision in one.decisions),
        *clash_decisions(occurrences, today),
        *unmatched_amendments(definitions.amendments, occurrences, year),
    )
    renamed = store_agencies(connection, definitions)
    renamed_programmes = store_programmes(connection, definitions)
    book = _Yearbook(connection, definitions, year, today)
    changes = book.store(occurrences, renamed | renamed_programmes)
    _store_decisions(connection, year, decisions)
    if connection.execute(select(YEARS.c.year).where(YEARS.c.year == year)).first() is None:
        connection.execute(insert(YEARS), {"year": year})
    return dataclasses.replace(changes, decisions=decisions)


class _Yearbook:
    """One year's rows: what is stored, what is wanted, and the statements between them."""

    def __init__(self, connection: Connection, definitions: Definitions, year: int, today: date) -> None:
        self.connection = connection
        self.definitions = definitions
        self.year = year
        self.today = today
        self.concerned = and_(OCCURRENCES.c.year_first <= year, OCCURRENCES.c.year_last >= year)
        self.left: set[str] = set()  # calendars an occurrence has left: its old kind, its old team

    def store(self, wanted: Sequence[PlannedOccurrence], renamed: set[str]) -> YearChanges:
        """Makes the rows say what ``wanted`` says; ``renamed`` are codes whose shown name is new."""
        stored = self._rows_by_occurrence(wanted)
        ties, needs, duties = self._ties(), self._needs(), self._duties()
        changes: list[Change] = []
        new: list[PlannedOccurrence] = []
        touched: dict[str, set[str]] = {}  # occurrence → agencies whose calendars must be written again
        for occurrence in wanted:
            row = stored.pop(occurrence.id, None)
            if row is None:
                new.append(occurrence)
                changes.append(Change("added", occurrence.id, occurrence.shown_title))
                continue
            details = _differences(row, occurrence)
            wanted_ties = {(tie.agency, tie.role, tie.named_as) for tie in occurrence.ties}
            known_ties = ties.get(occurrence.id, set())
            reconnected = set(occurrence.needs) != needs.get(occurrence.id, set())
            named_anew = row["programme"] in renamed or any({tie[0], tie[2]} & renamed for tie in wanted_ties)
            if details or wanted_ties != known_ties or reconnected or named_anew:
                self._revise(row, _values(occurrence), {name for name, _, _ in details})
                touched[occurrence.id] = {tie[0] for tie in wanted_ties | known_ties}
                self.left |= set(feed_names(row["programme"], row["kind"], row["team"], ()))
                if wanted_ties != known_ties:
                    details = (*details, *_tie_differences(known_ties, wanted_ties, self.definitions))
                if details or reconnected:
                    changes.append(
                        Change("changed", occurrence.id, occurrence.shown_title, _tellable(occurrence, details))
                    )
        for row in stored.values():  # what is left was asked for once and is not any more
            if row["status"] != Status.CANCELLED:
                self._revise(row, {"status": Status.CANCELLED.value, "cancelled_on": self.today}, {"status"})
                touched[row["id"]] = {tie[0] for tie in ties.get(row["id"], set())}
                title = SECRET_TITLE if row["secret"] else row["title"]
                changes.append(Change("withdrawn", row["id"], title))
        self._insert(new, touched)
        self._replace_ties([one for one in wanted if one.id in touched])
        added, withdrawn = self._settle_duties(wanted, duties)
        self._reopen(wanted)
        self._touch_feeds(wanted, stored, touched)
        return YearChanges(
            self.year,
            tuple(changes),
            len(wanted) - len([c for c in changes if c.what != "withdrawn"]),
            added,
            withdrawn,
            (),
        )

    # ------------------------------------------------------------ what is stored

    def _rows_by_occurrence(self, wanted: Sequence[PlannedOccurrence]) -> dict[str, dict[str, Any]]:
        """The year's rows, and those of other years that are wanted now: a paper's period may have been prolonged."""
        stored = self._rows(self.concerned)
        elsewhere: dict[str, dict[str, Any]] = {}
        missing = [one.id for one in wanted if one.id not in stored]
        for start in range(0, len(missing), KEYS_AT_ONCE):
            elsewhere |= self._rows(OCCURRENCES.c.id.in_(missing[start : start + KEYS_AT_ONCE]))
        if elsewhere:
            self.concerned = or_(self.concerned, OCCURRENCES.c.id.in_(list(elsewhere)))
        return stored | elsewhere

    def _rows(self, condition: ColumnElement[bool]) -> dict[str, dict[str, Any]]:
        rows = self.connection.execute(select(OCCURRENCES).where(condition)).mappings()
        return {row["id"]: dict(row) for row in rows}

    def _of_the_year(self, table: Table) -> Iterator[Any]:
        join = table.join(OCCURRENCES, OCCURRENCES.c.id == table.c.occurrence)
        yield from self.connection.execute(select(table).select_from(join).where(self.concerned))

    def _ties(self) -> dict[str, set[tuple[str, str, str | None]]]:
        found: dict[str, set[tuple[str, str, str | None]]] = defaultdict(set)
        for row in self._of_the_year(TIES):
            found[row.occurrence].add((row.agency, row.role, row.named_as))
        return found

    def _needs(self) -> dict[str, set[tuple[str, bool]]]:
        found: dict[str, set[tuple[str, bool]]] = defaultdict(set)
        for row in self._of_the_year(NEEDS):
            found[row.occurrence].add((row.needs, row.proposed))
        return found

    def _duties(self) -> dict[str, tuple[str | None, bool, bool]]:
        return {row.id: (row.named_as, row.handover, row.withdrawn) for row in self._of_the_year(DUTIES)}

    # ------------------------------------------------------------ what is written

    def _revise(self, row: dict[str, Any], values: dict[str, Any], differing: set[str]) -> None:
        values = {
            **values,
            "revised_at": next_revision(self.today, row["revised_at"]),
            "sequence": row["sequence"] + bool(differing & MOVING),
            "due_version": row["due_version"] + bool(differing & REDATING),
            "rungs_stale": row["rungs_stale"] or (row["opened_on"] is not None and bool(differing & LADDERED)),
        }
        self.connection.execute(update(OCCURRENCES).where(OCCURRENCES.c.id == row["id"]).values(**values))

    def _insert(self, new: Sequence[PlannedOccurrence], touched: dict[str, set[str]]) -> None:
        revised_at = next_revision(self.today)
        insert_many(
            self.connection,
            OCCURRENCES,
            ({"id": one.id, **_values(one), "sequence": 0, "revised_at": revised_at} for one in new),
        )
        touched.update({one.id: {tie.agency for tie in one.ties} for one in new})

    def _replace_ties(self, occurrences: Sequence[PlannedOccurrence]) -> None:
        ids = [{"which": one.id} for one in occurrences]
        for table in (TIES, NEEDS):
            if ids:
                self.connection.execute(delete(table).where(table.c.occurrence == bindparam("which")), ids)
        insert_many(
            self.connection,
            TIES,
            (
                {"occurrence": one.id, "agency": tie.agency, "role": tie.role, "named_as": tie.named_as}
                for one in occurrences
                for tie in one.ties
            ),
        )
        insert_many(
            self.connection,
            NEEDS,
            (
                {"occurrence": one.id, "needs": needs, "proposed": proposed}
                for one in occurrences
                for needs, proposed in one.needs
            ),
        )

    def _settle_duties(
        self, wanted: Sequence[PlannedOccurrence], known: dict[str, tuple[str | None, bool, bool]]
    ) -> tuple[int, int]:
        """New duties are added, changed ones updated, those nobody owes any more withdrawn: kept, not asked for."""
        missing: list[dict[str, Any]] = []
        back: set[str] = set()
        for occurrence in wanted:
            for owed in occurrence.duties:
                duty = f"{occurrence.id}/{owed.agency}"
                before, after = known.pop(duty, None), (owed.named_as, owed.handover, False)
                row = {"named_as": owed.named_as, "handover": owed.handover, "withdrawn": False}
                if before is None:
                    missing.append({"id": duty, "occurrence": occurrence.id, "agency": owed.agency, **row})
                elif before != after:
                    self.connection.execute(update(DUTIES).where(DUTIES.c.id == duty).values(**row))
                    back |= {occurrence.id} if before[2] else set()
        insert_many(self.connection, DUTIES, missing)
        leaving = [{"which": duty} for duty, (_, _, withdrawn) in known.items() if not withdrawn]
        left = {row["which"].rpartition("/")[0] for row in leaving}
        self._mark_rungs({row["occurrence"] for row in missing} | left | back)
        if leaving:
            self.connection.execute(
                update(DUTIES).where(DUTIES.c.id == bindparam("which")).values(withdrawn=True), leaving
            )
        return len(missing), len(leaving)

    def _mark_rungs(self, occurrences: set[str]) -> None:
        """Their members have changed: the ladders of those already open are laid anew."""
        opened = update(OCCURRENCES).where(OCCURRENCES.c.id == bindparam("which"), OCCURRENCES.c.opened_on.is_not(None))
        if occurrences:
            self.connection.execute(opened.values(rungs_stale=True), [{"which": one} for one in sorted(occurrences)])

    def _reopen(self, wanted: Sequence[PlannedOccurrence]) -> None:
        """What was done is open again when a member has been added, and done when the last missing one has left."""
        owing = {one.id for one in wanted if one.duties}
        some_done = select(DUTIES.c.occurrence).where(DUTIES.c.done_on.is_not(None)).distinct()
        for (occurrence,) in self.connection.execute(some_done).all():
            if occurrence in owing:
                settle_done(self.connection, occurrence, self.today)

    def _touch_feeds(
        self,
        wanted: Sequence[PlannedOccurrence],
        gone: dict[str, dict[str, Any]],
        touched: dict[str, set[str]],
    ) -> None:
        facts = {one.id: (one.programme, one.kind, one.team) for one in wanted}
        facts |= {row["id"]: (row["programme"], row["kind"], row["team"]) for row in gone.values()}
        stale = {name for one, agencies in touched.items() for name in feed_names(*facts[one], agencies)} | self.left
        # a programme without a single date has its (empty) calendar too
        others = {f"programme/{code}" for code in self.definitions.programmes} - stale
        shown = _shown_names(self.connection)
        touch_feeds(self.connection, {name: feed_title(name, shown) for name in stale}, self.today)
        touch_feeds(self.connection, {name: feed_title(name, shown) for name in others}, self.today, stale=False)


def say_details(change: Change) -> list[str]:
    """What differs, in words a secretary knows: "từ ngày: 01/07/2024 → 12/07/2024"."""
    return [
        f"{FIELD_NAMES[name]}: {_in_words(old)} → {_in_words(new)}"
        for name, old, new in change.details
        if name in FIELD_NAMES
    ]


def _in_words(value: str) -> str:
    words = {
        **{placing.value: name for placing, name in PLACING_NAMES.items()},
        "True": "có",
        "False": "không",
        "": "—",
    }
    words |= {Status.PLANNED.value: "theo kế hoạch", Status.CANCELLED.value: "đã hủy"}
    return words.get(value, value)


def feed_title(name: str, shown: Mapping[str, str]) -> str:
    """What a calendar is called, in Vietnamese; ``shown`` are the names of bodies and programmes by code."""
    group, _, code = name.partition("/")
    if group == "kind":
        return KIND_NAMES[ItemKind(code)]
    return shown.get(code, code) if code else "Tất cả các việc"


def _shown_names(connection: Connection) -> dict[str, str]:
    """Names as stored: a body or programme that is no longer in the files still has its name here."""
    bodies = connection.execute(select(AGENCIES.c.code, AGENCIES.c.name))
    programmes = connection.execute(select(PROGRAMMES.c.code, PROGRAMMES.c.short))
    return {row[0]: row[1] for row in (*bodies, *programmes)}


def _values(occurrence: PlannedOccurrence) -> dict[str, Any]:
    return {name: getattr(occurrence, name) for name in _COMPARED}


def _differences(row: dict[str, Any], occurrence: PlannedOccurrence) -> Details:
    values = _values(occurrence)
    return tuple((name, _say(row[name]), _say(value)) for name, value in values.items() if row[name] != value)


def _tellable(occurrence: PlannedOccurrence, details: Details) -> Details:
    """What differs, as far as it may be read."""
    return tuple(one for one in details if one[0] in TOLD_OF_SECRETS) if occurrence.secret else details


def _tie_differences(
    known: set[tuple[str, str, str | None]],
    wanted: set[tuple[str, str, str | None]],
    definitions: Definitions,
) -> Iterator[tuple[str, str, str]]:
    for agency, role, _ in sorted(known - wanted, key=str):
        yield role, definitions.directory.name(agency), ""
    for agency, role, _ in sorted(wanted - known, key=str):
        yield role, "", definitions.directory.name(agency)


def _say(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, time):
        return f"{value.hour}h{value:%M}"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _store_decisions(connection: Connection, year: int, decisions: Sequence[OpenDecision]) -> None:
    numbers: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    for decision in decisions:
        stem = f"{decision.programme}/{decision.item or ''}/{decision.kind}"
        numbers[stem] += 1
        kept = dataclasses.asdict(decision)
        del kept["between"]  # computed anew by each planning
        rows.append({"id": f"{stem}#{numbers[stem]}", "year": year, **kept})
    connection.execute(delete(DECISIONS).where(DECISIONS.c.year == year))
    insert_many(connection, DECISIONS, rows)
