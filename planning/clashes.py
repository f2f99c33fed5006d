"""Where one year's occurrences get in each other's way; suggestions only, nothing is moved. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from models.kinds import ItemKind, Placing, Role
from planning.planned import OpenDecision, PlannedOccurrence

VAGUE = frozenset({"quarter", "half", "year", "period"})


@dataclass(frozen=True, slots=True)
class Clash:
    """An inspection window that runs into ``others``; ``finish_by`` is the end of the month before the first."""

    inspection: PlannedOccurrence
    others: tuple[PlannedOccurrence, ...]
    finish_by: date


def find_clashes(occurrences: Sequence[PlannedOccurrence]) -> Iterator[Clash]:
    """Inspection windows with a conference of the same programme, or a report of those inspected, in their last part.

    The inspected cannot both receive a team and close a report; and a conference wants the round's results.
    """
    occurrences = [one for one in occurrences if not one.called_off]
    inspections = [one for one in occurrences if one.kind == ItemKind.INSPECTION and _is_vague(one)]
    conferences = [one for one in occurrences if one.kind == ItemKind.CONFERENCE and one.first]
    reports = [one for one in occurrences if one.kind == ItemKind.REPORT and one.last_on_time and not one.assumed]
    owing = {report.id: {duty.agency for duty in report.duties} for report in reports}
    for inspection in inspections:
        inspected = {tie.agency for tie in inspection.ties if tie.role == Role.INSPECTED}
        others = [
            *(one for one in conferences if one.programme == inspection.programme and _late_in(inspection, one.first)),
            *(one for one in reports if inspected & owing[one.id] and _late_in(inspection, one.last_on_time)),
        ]
        if others:
            earliest = min(day for one in others if (day := one.last_on_time or one.first))
            yield Clash(inspection, tuple(others), earliest.replace(day=1) - timedelta(days=1))


def clash_decisions(occurrences: Sequence[PlannedOccurrence], today: date) -> Iterator[OpenDecision]:
    """Each clash as a suggestion for the secretariat, as long as it can still be followed."""
    for clash in find_clashes(occurrences):
        if clash.finish_by < today:
            continue
        named = "; ".join(dict.fromkeys(one.shown_title for one in clash.others))
        yield OpenDecision(
            "clash",
            clash.inspection.programme,
            clash.inspection.item,
            f"Gợi ý: kết thúc «{clash.inspection.shown_title}» chậm nhất ngày {clash.finish_by:%d/%m/%Y} "
            f"vì cuối kỳ còn: {named}.",
            "Chỉ là gợi ý; ngày kiểm tra do Giấy mời ấn định.",
            between=(clash.inspection.id, *(one.id for one in clash.others)),
        )


def _is_vague(one: PlannedOccurrence) -> bool:
    return one.placing == Placing.WINDOW and one.certainty in VAGUE


def _late_in(inspection: PlannedOccurrence, day: date | None) -> bool:
    first, last = inspection.first, inspection.last
    return bool(day and first and last and first < day <= last and (day.year, day.month) > (first.year, first.month))
