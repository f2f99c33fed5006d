"""Which team an inspection may be given to, and what a form says of it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from models.alphabet import alphabetical
from planning.check import Definitions
from planning.definitions import AgencyDefinition
from portal.typed import read_line

NOBODY = "-"  # the choice of taking back which team it was given to; no agency is called so


def teams_to_choose(definitions: Definitions, given: str | None, today: date) -> list[AgencyDefinition]:
    """The teams that exist today, and the one it was given to, by name."""
    teams = [one for one in definitions.directory.agencies.values() if one.kind == "team"]
    there = [one for one in teams if one.code == given or _exists(one, today)]
    return sorted(there, key=lambda one: (alphabetical(one.name), one.code))


def read_team(form: Mapping[str, str]) -> str | None:
    """The team's code, or None for nobody. Raises UnusableText when nothing was chosen."""
    code = read_line(form, "team", "đoàn", required=True, most=60)
    return None if code == NOBODY else code


def say_change(definitions: Definitions, given: str | None, form: Mapping[str, str]) -> tuple[str, str]:
    """The teams before and after, by name; empty for none."""
    before, after = (definitions.directory.name(code) if code else "" for code in (given, read_team(form)))
    return before, after


def _exists(team: AgencyDefinition, today: date) -> bool:
    return (team.valid_from or today) <= today <= (team.valid_to or today)
