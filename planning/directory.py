"""Who is meant by a name in the paper on a given day: groups, validity and succession; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from planning.definitions import AgenciesDefinition, AgencyDefinition, GroupDefinition


@dataclass(frozen=True, slots=True)
class Party:
    """One body that is meant; ``named_as`` is the group or older body the paper names instead of it.

    ``handover`` is True for a body that had ended by that day without exactly one successor: a person
    must say who answers for it.
    """

    agency: str
    named_as: str | None = None
    handover: bool = False


@dataclass(frozen=True, slots=True)
class Parties:
    """Everyone meant, in the paper's order and each once, and the open groups nobody has named yet."""

    members: tuple[Party, ...]
    open_groups: tuple[str, ...] = ()


class Directory:
    """All bodies and groups, to be asked who a code means on a day."""

    def __init__(self, definition: AgenciesDefinition) -> None:
        self.agencies: dict[str, AgencyDefinition] = {agency.code: agency for agency in definition.agencies}
        self.groups: dict[str, GroupDefinition] = {group.code: group for group in definition.groups}
        self.succession = definition.succession
        self._successions = {source: change for change in definition.succession for source in change.source}
        self._known: dict[tuple[tuple[str, ...], date], Parties] = {}

    def __contains__(self, code: str) -> bool:
        return code in self.agencies or code in self.groups

    def name(self, code: str) -> str:
        """The full name of a body or group; the code itself when it is unknown."""
        known = self.agencies.get(code) or self.groups.get(code)
        return known.name if known else code

    def resolve(self, codes: Iterable[str], day: date) -> Parties:
        """Everyone the codes mean on ``day``; a body met twice counts once."""
        asked = (tuple(codes), day)
        if asked not in self._known:
            self._known[asked] = self._resolve(*asked)
        return self._known[asked]

    def _resolve(self, codes: tuple[str, ...], day: date) -> Parties:
        members: dict[str, Party] = {}
        open_groups: dict[str, None] = {}
        for code in codes:
            self._collect(code, day, None, members, open_groups)
        return Parties(tuple(members.values()), tuple(open_groups))

    def _collect(
        self,
        code: str,
        day: date,
        named_as: str | None,
        members: dict[str, Party],
        open_groups: dict[str, None],
    ) -> None:
        group = self.groups.get(code)
        if group is None:
            party = self._on(code, day, named_as)
            members.setdefault(party.agency, party)
        elif group.open:
            open_groups[code] = None
        else:
            for entry in group.entries:
                if (entry.valid_from or day) <= day <= (entry.valid_to or day) and self._exists_by(entry.code, day):
                    self._collect(entry.code, day, named_as or code, members, open_groups)

    def _exists_by(self, code: str, day: date) -> bool:
        agency = self.agencies.get(code)
        return agency is None or agency.valid_from is None or agency.valid_from <= day

    def _on(self, code: str, day: date, named_as: str | None) -> Party:
        """``code`` itself while it exists, then its only successor; with none or several, itself to be handed over."""
        agency = self.agencies[code]
        if agency.valid_to is None or day <= agency.valid_to:
            return Party(code, named_as)
        change = self._successions.get(code)
        if change is None or len(change.successors) != 1 or change.on > day:
            return Party(code, named_as, handover=True)
        return self._on(change.successors[0].code, day, code)
