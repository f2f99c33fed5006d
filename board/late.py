"""What is overdue, matter by matter instead of agency by agency: who has still to send it, and what was done. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from board.overdue import AgencyOverdue


@dataclass(frozen=True, slots=True)
class LateTogether:
    """Agencies that are late with one matter in the same way: for as many working days, and urged alike.

    ``correcting``: theirs came, was sent back, and is not back. ``agencies`` are codes and names.
    """

    late: int
    correcting: bool
    steps: str
    agencies: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LateMatter:
    """One overdue matter and who is late with it, those longest late first."""

    occurrence: str
    title: str
    together: tuple[LateTogether, ...]

    @property
    def number(self) -> int:
        """How many agencies are late with it."""
        return sum(len(one.agencies) for one in self.together)


def by_matter(overdue: Iterable[AgencyOverdue]) -> list[LateMatter]:
    """What is longest overdue first, then what most are late with."""
    titles: dict[str, str] = {}
    found: dict[str, dict[tuple[int, bool, str], list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for agency in overdue:
        for duty in agency.duties:
            occurrence = duty.duty.rpartition("/")[0]
            titles[occurrence] = duty.title
            found[occurrence][duty.late, duty.correcting, duty.steps].append((agency.agency, agency.name))
    matters = [
        LateMatter(
            occurrence,
            titles[occurrence],
            tuple(
                LateTogether(*how, tuple(agencies))
                for how, agencies in sorted(ways.items(), key=lambda way: -way[0][0])
            ),
        )
        for occurrence, ways in found.items()
    ]
    return sorted(matters, key=lambda one: (-one.together[0].late, -one.number, one.occurrence))
