"""Items × year → occurrences, duties and open decisions. Pure: no session, no clock, no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from calendars.components import marker_day
from calendars.due_days import settle_deadline
from calendars.working_days import WorkingDays
from models.kinds import ItemKind, Placing, Role
from models.timing import Certainty, Reading
from planning.check import Definitions
from planning.decisions import beyond_the_period, list_decisions, unmatched_fixes
from planning.definitions import (
    EventStepDefinition,
    FixedDefinition,
    ItemDefinition,
    PolicyDefinition,
    ProgrammeDefinition,
    StepDefinition,
)
from planning.directory import Directory, Party
from planning.overruled import overrule, unmatched_events, with_event
from planning.placing import Placed, place_item, read_item_phrase
from planning.planned import Owed, PlannedOccurrence, PlannedYearOf, Tie

# when people should begin: so many working days before a deadline, or before the day of an event
OPENS_BEFORE_DEADLINE, OPENS_BEFORE_EVENT = 30, 15


def expand(
    definitions: Definitions, programme: ProgrammeDefinition, year: int, *, before_is_inclusive: bool = False
) -> PlannedYearOf:
    """One programme in one year.

    Beyond the paper's period nothing is planned; what the paper calls "hằng năm" is then listed as a
    decision. ``before_is_inclusive`` is the office's reading of "trước ngày" (see calendars.due_days).
    """
    if year < programme.period.first.year or year > programme.last_day.year:
        return PlannedYearOf(programme.code, year, (), tuple(beyond_the_period(programme, year)))
    days, directory = definitions.working_days, definitions.directory
    items = {item.id: item for item in programme.items}
    owing_parents = _parents_whose_children_owe(programme)
    occurrences: list[PlannedOccurrence] = []
    on_paper: list[PlannedOccurrence] = []
    for item in programme.items:
        if item.kind is ItemKind.HEADING:
            continue
        whole = with_event(_inherit(item, items), programme.code, definitions.amendments)
        reading = read_item_phrase(programme, whole, _reading_year(programme, year))
        all_placed = place_item(programme, whole, reading, year, days)
        for placed in all_placed:
            occurrence = _occurrence(programme, whole, reading, placed, days, before_is_inclusive)
            occurrence = _fix(occurrence, whole, alone=len(all_placed) == 1, draft=programme.draft)
            on_paper.append(occurrence)
            occurrence = overrule(
                occurrence,
                definitions.amendments,
                days,
                draft=programme.draft,
                before_is_inclusive=before_is_inclusive,
            )
            occurrence = replace(
                occurrence,
                opens_on=_opens_on(occurrence, definitions.policies[occurrence.policy], days),
                marked_on=_marked_on(occurrence, days),
            )
            occurrences.append(_engage(occurrence, whole, directory, rolls_up=item.id in owing_parents))
    occurrences = [_connect(occurrence, items, programme, days) for occurrence in occurrences]
    decisions = (
        *list_decisions(programme, occurrences, directory, year),
        *unmatched_fixes(programme, on_paper, year),
        *unmatched_events(programme, definitions.amendments),
    )
    return PlannedYearOf(programme.code, year, tuple(occurrences), decisions)


def _reading_year(programme: ProgrammeDefinition, year: int) -> int:
    """The year a phrase without one means: the document's own; check refuses it when the document has several."""
    return programme.period.first.year if programme.period.first.year == programme.last_day.year else year


def _inherit(item: ItemDefinition, items: dict[str, ItemDefinition]) -> ItemDefinition:
    """An empty row takes its parent's lead, time and product; a row with children may take their leads."""
    if item.inherits and item.parent:
        parent = _inherit(items[item.parent], items)
        missing = {
            name: getattr(parent, name)
            for name in ("when", "lead", "participants", "product", "recipients")
            if not getattr(item, name)
        }
        return item.model_copy(update=missing)
    if item.lead_from_children and not item.lead:
        leads = [code for child in items.values() if child.parent == item.id for code in child.lead]
        return item.model_copy(update={"lead": tuple(dict.fromkeys(leads))})
    return item


def _parents_whose_children_owe(programme: ProgrammeDefinition) -> set[str]:
    """Items whose duties are their children's: some child has a lead of its own, or inherits this one's."""
    return {item.parent for item in programme.items if item.parent and (item.lead or item.inherits)}


def _occurrence(
    programme: ProgrammeDefinition,
    item: ItemDefinition,
    reading: Reading | None,
    placed: Placed,
    days: WorkingDays,
    before_is_inclusive: bool,
) -> PlannedOccurrence:
    issued = programme.document.issued
    window = placed.window
    occurrence = PlannedOccurrence(
        id=f"{programme.code}/{item.id}/{placed.period}",
        programme=programme.code,
        item=item.id,
        period=placed.period,
        line=item.line,
        kind=item.kind.value,
        title=item.title,
        placing=placed.placing.value,
        year_first=placed.years[0],
        year_last=placed.years[1],
        tentative=programme.draft or bool(reading and reading.tentative),
        assumed=placed.assumed,
        phrase=item.when,
        why=_why(reading, placed),
        fixed_by=reading.fixed_by if reading else None,
        duration_days=placed.duration_days,
        active_from=issued if issued and window and issued > window.first else None,
        team=item.team,
        round=item.round,
        product=item.product,
        place=item.place,
        headcount=item.headcount,
        headcount_about=item.headcount_about,
        budget_central=item.budget.central if item.budget else None,
        budget_local=item.budget.local if item.budget else None,
        note=item.note,
        policy=item.policy or programme.policy,
        secret=item.secret,
    )
    due = placed.due
    if placed.deadline:
        due = settle_deadline(placed.deadline, days, before_is_inclusive=before_is_inclusive)
    if due:
        return replace(
            occurrence,
            certainty=(placed.deadline.certainty if placed.deadline else Certainty.EXACT).value,
            named_date=due.named_date,
            last_on_time=due.last_on_time,
            work_by=due.work_by,
            included=placed.deadline.included if placed.deadline else True,
            first=window.first if window else None,
            last=window.last if window else None,
            why=" ".join(filter(None, (occurrence.why, f"{due.why[:1].upper()}{due.why[1:]}."))),
        )
    if window:
        hours = window.hours
        return replace(
            occurrence,
            certainty=window.certainty.value,
            first=window.first,
            last=window.last,
            starts=hours.starts if hours else None,
            ends=hours.ends if hours else None,
        )
    return occurrence


def _why(reading: Reading | None, placed: Placed) -> str:
    """How the phrase was read and what follows; a deadline's three days and an undated remark say it themselves."""
    undated = placed.window is None and placed.due is None
    if placed.deadline or (undated and placed.remark):
        return placed.remark
    return " ".join(filter(None, (reading.rule if reading else "", placed.remark)))


def _opens_on(occurrence: PlannedOccurrence, policy: PolicyDefinition, days: WorkingDays) -> date | None:
    """The day it begins to matter, in time for its ladder: never before the paper was issued or its window begins."""
    if occurrence.work_by:
        day = days.add(occurrence.work_by, -_days_ahead(policy.deadlines, OPENS_BEFORE_DEADLINE))
    elif occurrence.first and occurrence.placing == Placing.FIXED:
        day = days.add(occurrence.first, -_days_ahead(policy.events, OPENS_BEFORE_EVENT))
    else:
        return max(filter(None, (occurrence.first, occurrence.active_from)), default=None)
    return max(day, occurrence.active_from or day)


def _days_ahead(steps: Sequence[StepDefinition | EventStepDefinition], usual: int) -> int:
    """Working days before; more than usual when the ladder begins earlier."""
    return max([usual, *(-step.working_days for step in steps)])


def _marked_on(occurrence: PlannedOccurrence, days: WorkingDays) -> date | None:
    if occurrence.placing != Placing.WINDOW or not occurrence.first or not occurrence.last:
        return None
    return marker_day(occurrence.first, occurrence.last, occurrence.active_from, days)


def _fix(occurrence: PlannedOccurrence, item: ItemDefinition, *, alone: bool, draft: bool) -> PlannedOccurrence:
    """The date an invitation fixed, on the same occurrence: same id, so the same entry in everybody's calendar.

    ``alone`` says that the item has no other occurrence this year, so that a date without period can be meant.
    """
    fixed = next((one for one in item.fixed if _fixes(one, occurrence, alone=alone)), None)
    if fixed is None:
        return occurrence
    outside = ""
    if occurrence.first and occurrence.last and not occurrence.first <= fixed.first <= occurrence.last:
        outside = f" Chú ý: nằm ngoài khoảng văn bản nêu ({occurrence.first:%d/%m/%Y}–{occurrence.last:%d/%m/%Y})."
    return replace(
        occurrence,
        placing=Placing.FIXED.value,
        certainty=Certainty.EXACT.value,
        first=fixed.first,
        last=fixed.last or fixed.first,
        starts=fixed.starts,
        ends=fixed.ends,
        place=fixed.place or occurrence.place,
        fixed_by=fixed.by,
        tentative=draft,  # the invitation is what "dự kiến" was waiting for
        active_from=None,
        why=f"{occurrence.why} Ngày ấn định theo {fixed.by}.{outside}".strip(),
    )


def _fixes(fixed: FixedDefinition, occurrence: PlannedOccurrence, *, alone: bool) -> bool:
    if occurrence.placing == Placing.DEADLINE:
        return False  # a deadline is the paper's; only another paper changes it
    if fixed.period is not None:
        return fixed.period == occurrence.period
    return alone and occurrence.year_first <= fixed.first.year <= occurrence.year_last


def _engage(
    occurrence: PlannedOccurrence,
    item: ItemDefinition,
    directory: Directory,
    *,
    rolls_up: bool,
) -> PlannedOccurrence:
    """Who has a part in it and who owes it, as the agencies stood on the day it is about."""
    day = occurrence.evaluated_on
    leads = directory.resolve(item.lead, day)
    receiving = directory.resolve([code for code in item.recipients if code in directory.agencies], day)
    collectors = {party.agency for party in receiving.members}
    ties: dict[tuple[str, str], Tie] = {}

    def tie(parties: Sequence[Party], role: Role) -> None:
        for party in parties:
            ties.setdefault((party.agency, role.value), Tie(party.agency, role.value, party.named_as))

    several = len(leads.members) > 1
    owing = [party for party in leads.members if not (several and party.agency in collectors)]
    tie(owing, Role.LEAD)
    tie(directory.resolve(item.participants, day).members, Role.PARTICIPANT)
    tie(directory.resolve(item.inspected, day).members, Role.INSPECTED)
    tie(receiving.members, Role.RECIPIENT)
    if occurrence.team:
        tie(directory.resolve([occurrence.team], day).members, Role.LEAD)
    nothing_owed = rolls_up or occurrence.called_off
    duties = () if nothing_owed else tuple(Owed(party.agency, party.named_as, party.handover) for party in owing)
    return replace(occurrence, ties=tuple(ties.values()), duties=duties, rolls_up=rolls_up)


def _connect(
    occurrence: PlannedOccurrence,
    items: dict[str, ItemDefinition],
    programme: ProgrammeDefinition,
    days: WorkingDays,
) -> PlannedOccurrence:
    """Its dependencies: on the other item's occurrence of the same period when there is one, else on all of them.

    All of them means of all its own years, so that it says the same whichever year is planned.
    """
    needs: dict[str, bool] = {}
    for need in items[occurrence.item].depends_on:
        other = _inherit(items[need.item], items)
        periods = dict.fromkeys(
            placed.period
            for year in range(occurrence.year_first, occurrence.year_last + 1)
            for placed in place_item(
                programme, other, read_item_phrase(programme, other, _reading_year(programme, year)), year, days
            )
        )
        same = [occurrence.period] if occurrence.period in periods else list(periods)
        needs.update({f"{programme.code}/{other.id}/{period}": need.proposed for period in same})
    return replace(occurrence, needs=tuple(needs.items()))
