"""Holds a connection: stores a planned year, says what changed, and tells the calendars which of them are stale.

Everything of one year is one transaction of the caller's. Planning twice changes nothing: the keys
(occurrence ``programme/item/period``, duty ``occurrence/agency``) keep that promise.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, select, update

from calendars.feeds import feed_names
from calendars.publishing import touch_feeds
from models.columns import table_of
from models.kinds import FIELD_NAMES, KIND_NAMES, PLACING_NAMES, ItemKind
from models.occurrence import Decision, Duty, Need, Occurrence, OccurrenceAgency, PlannedYear, Status
from planning.check import Definitions
from planning.clashes import clash_decisions
from planning.expansion import expand
from planning.planned import OpenDecision, PlannedOccurrence
from planning.registers import insert_many, store_agencies, store_programmes

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

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
_COMPARED = tuple(
    field.name for field in dataclasses.fields(PlannedOccurrence) if field.name not in ("id", "ties", "duties", "needs")
)


OCCURRENCES, TIES, NEEDS = table_of(Occurrence), table_of(OccurrenceAgency), table_of(Need)
DUTIES, DECISIONS, YEARS = table_of(Duty), table_of(Decision), table_of(PlannedYear)


@dataclass(frozen=True, slots=True)
class Change:
    """One occurrence that is new, different or gone; ``details`` names the fields that differ, old and new."""

    what: str  # "added", "changed" or "withdrawn"
    occurrence: str
    title: str
    details: tuple[tuple[str, str, str], ...] = ()


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
    """Expands every programme for ``year`` and stores the result.

    What the papers no longer ask for is cancelled, not deleted. ``today`` (Asia/Ho_Chi_Minh) dates the
    revision: its midnight, or a second after the occurrence's last revision when that is later.
    """
    planned = [
        expand(definitions, programme, year, before_is_inclusive=before_is_inclusive)
        for programme in definitions.programmes.values()
    ]
    occurrences = [occurrence for one in planned for occurrence in one.occurrences]
    decisions = (*(decision for one in planned for decision in one.decisions), *clash_decisions(occurrences))
    renamed = store_agencies(connection, definitions)
    renamed_programmes = store_programmes(connection, definitions)
    book = _Yearbook(connection, definitions, year, today)
    changes = book.store(occurrences, renamed, renamed_programmes)
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
        self.in_year = and_(OCCURRENCES.c.year_first <= year, OCCURRENCES.c.year_last >= year)

    def store(
        self, wanted: Sequence[PlannedOccurrence], renamed: set[str], renamed_programmes: set[str]
    ) -> YearChanges:
        stored = self._rows_by_occurrence()
        ties, needs, duties = self._ties(), self._needs(), self._duties()
        changes: list[Change] = []
        new: list[PlannedOccurrence] = []
        touched: dict[str, set[str]] = {}  # occurrence → agencies whose calendars must be written again
        for occurrence in wanted:
            row = stored.pop(occurrence.id, None)
            if row is None:
                new.append(occurrence)
                changes.append(Change("added", occurrence.id, occurrence.title))
                continue
            details = _differences(row, occurrence)
            wanted_ties = {(tie.agency, tie.role, tie.named_as) for tie in occurrence.ties}
            known_ties = ties.get(occurrence.id, set())
            reconnected = set(occurrence.needs) != needs.get(occurrence.id, set())
            named_anew = row["programme"] in renamed_programmes or any(tie[0] in renamed for tie in wanted_ties)
            if details or wanted_ties != known_ties or reconnected or named_anew:
                self._revise(row, _values(occurrence), moved=any(name in MOVING for name, _, _ in details))
                touched[occurrence.id] = {tie[0] for tie in wanted_ties | known_ties}
                if wanted_ties != known_ties:
                    details = (*details, *_tie_differences(known_ties, wanted_ties, self.definitions))
                if details or reconnected:
                    changes.append(Change("changed", occurrence.id, occurrence.title, details))
        for row in stored.values():  # what is left was asked for once and is not any more
            if row["status"] != Status.CANCELLED:
                self._revise(row, {"status": Status.CANCELLED.value, "cancelled_on": self.today}, moved=True)
                touched[row["id"]] = {tie[0] for tie in ties.get(row["id"], set())}
                changes.append(Change("withdrawn", row["id"], row["title"]))
        self._insert(new, touched)
        self._replace_ties([one for one in wanted if one.id in touched])
        added, withdrawn = self._settle_duties(wanted, duties, set(stored))
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

    def _rows_by_occurrence(self) -> dict[str, dict[str, Any]]:
        rows = self.connection.execute(select(OCCURRENCES).where(self.in_year)).mappings()
        return {row["id"]: dict(row) for row in rows}

    def _of_the_year(self, table: Table) -> Iterator[Any]:
        join = table.join(OCCURRENCES, OCCURRENCES.c.id == table.c.occurrence)
        yield from self.connection.execute(select(table).select_from(join).where(self.in_year))

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

    def _revised_at(self, before: datetime | None) -> datetime:
        midnight = datetime(self.today.year, self.today.month, self.today.day, tzinfo=ZONE)
        return midnight if before is None else max(midnight, before + timedelta(seconds=1))

    def _revise(self, row: dict[str, Any], values: dict[str, Any], *, moved: bool) -> None:
        values = {
            **values,
            "revised_at": self._revised_at(row["revised_at"]),
            "sequence": row["sequence"] + moved,
        }
        self.connection.execute(update(OCCURRENCES).where(OCCURRENCES.c.id == row["id"]).values(**values))

    def _insert(self, new: Sequence[PlannedOccurrence], touched: dict[str, set[str]]) -> None:
        revised_at = self._revised_at(None)
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
        self,
        wanted: Sequence[PlannedOccurrence],
        known: dict[str, tuple[str | None, bool, bool]],
        gone: set[str],
    ) -> tuple[int, int]:
        """New duties are added, changed ones updated, those nobody owes any more withdrawn: kept, not asked for."""
        missing: list[dict[str, Any]] = []
        for occurrence in wanted:
            for owed in occurrence.duties:
                duty = f"{occurrence.id}/{owed.agency}"
                before, after = known.pop(duty, None), (owed.named_as, owed.handover, False)
                row = {"named_as": owed.named_as, "handover": owed.handover, "withdrawn": False}
                if before is None:
                    missing.append({"id": duty, "occurrence": occurrence.id, "agency": owed.agency, **row})
                elif before != after:
                    self.connection.execute(update(DUTIES).where(DUTIES.c.id == duty).values(**row))
        insert_many(self.connection, DUTIES, missing)
        leaving = [{"which": duty} for duty, (_, _, withdrawn) in known.items() if not withdrawn]
        if leaving:
            self.connection.execute(
                update(DUTIES).where(DUTIES.c.id == bindparam("which")).values(withdrawn=True), leaving
            )
        return len(missing), len(leaving)

    def _touch_feeds(
        self,
        wanted: Sequence[PlannedOccurrence],
        gone: dict[str, dict[str, Any]],
        touched: dict[str, set[str]],
    ) -> None:
        facts = {one.id: (one.programme, one.kind, one.team) for one in wanted}
        facts |= {row["id"]: (row["programme"], row["kind"], row["team"]) for row in gone.values()}
        names: dict[str, str] = {}
        for occurrence, agencies in touched.items():
            programme, kind, team = facts[occurrence]
            for name in feed_names(programme, kind, team, agencies):
                names.setdefault(name, feed_title(name, self.definitions))
        for programme in self.definitions.programmes:  # a programme without a single date has its (empty) calendar too
            names.setdefault(f"programme/{programme}", feed_title(f"programme/{programme}", self.definitions))
        untouched = {f"programme/{code}" for code in self.definitions.programmes} - {
            f"programme/{facts[one][0]}" for one in touched
        }
        touch_feeds(
            self.connection,
            {name: title for name, title in names.items() if name not in untouched},
            self.today,
        )
        touch_feeds(self.connection, {name: names[name] for name in untouched}, self.today, stale=False)


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


def feed_title(name: str, definitions: Definitions) -> str:
    """What a calendar is called, in Vietnamese."""
    group, _, code = name.partition("/")
    match group:
        case "programme" if code in definitions.programmes:
            return definitions.programmes[code].short
        case "agency" | "team":
            return definitions.directory.name(code)
        case "kind":
            return KIND_NAMES[ItemKind(code)]
        case "all":
            return "Tất cả các việc"
        case _:
            return code


def _values(occurrence: PlannedOccurrence) -> dict[str, Any]:
    return {name: getattr(occurrence, name) for name in _COMPARED} | {
        "status": Status.PLANNED.value,
        "cancelled_on": None,
    }


def _differences(row: dict[str, Any], occurrence: PlannedOccurrence) -> tuple[tuple[str, str, str], ...]:
    values = _values(occurrence)
    return tuple((name, _say(row[name]), _say(value)) for name, value in values.items() if row[name] != value)


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
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _store_decisions(connection: Connection, year: int, decisions: Sequence[OpenDecision]) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for decision in decisions:
        stem = f"{decision.programme}/{decision.item or ''}/{decision.kind}"
        number = sum(1 for known in rows if known.rpartition("#")[0] == stem) + 1 if f"{stem}#1" in rows else 1
        rows[f"{stem}#{number}"] = {"id": f"{stem}#{number}", "year": year, **dataclasses.asdict(decision)}
    connection.execute(delete(DECISIONS).where(DECISIONS.c.year == year))
    insert_many(connection, DECISIONS, rows.values())
