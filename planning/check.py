"""Reads the whole folder of programmes and finds every mistake at once; nothing is used before all of it is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from calendars.working_days import DayOverride, WorkingDays
from models.errors import DonDocError
from planning.check_agencies import check_agencies, check_holidays
from planning.check_policy import check_policy
from planning.check_programme import check_programme
from planning.definitions import AgenciesDefinition, HolidaysDefinition, PolicyDefinition, ProgrammeDefinition
from planning.directory import Directory
from planning.on_screen import Amendments
from planning.yaml_files import InvalidDefinition, Problem, Shape, Source, read_definition

# files of the folder that are not programmes, besides every "*.example.yaml"
NOT_PROGRAMMES = frozenset({"agencies.yaml", "contacts.yaml", "channels.yaml"})
EXAMPLE = ".example.yaml"


@dataclass(frozen=True)
class Definitions:
    """Everything on paper, checked: programmes by code, the directory of agencies, policies and day overrides.

    ``amendments`` are what people recorded on a screen on top of it (planning.amendments.amended).
    """

    programmes: Mapping[str, ProgrammeDefinition]
    directory: Directory
    policies: Mapping[str, PolicyDefinition]
    overrides: tuple[DayOverride, ...]
    amendments: Amendments = field(default_factory=Amendments)

    @cached_property
    def ladders(self) -> dict[str, str]:
        """The policies by code, as JSON: the copy an occurrence carries."""
        return {code: policy.model_dump_json() for code, policy in self.policies.items()}

    @cached_property
    def working_days(self) -> WorkingDays:
        """The working days of Viet Nam with this folder's overrides; what was recorded on a screen wins."""
        return WorkingDays((*self.overrides, *self.amendments.overrides))


def read_definitions(folder: Path) -> Definitions:
    """The whole folder. Raises InvalidDefinition with every problem of every file, DonDocError without a folder."""
    if not folder.is_dir():
        raise DonDocError(
            f"Không có thư mục chương trình {folder}.",
            help="Đặt DONDOC_PROGRAMMES là thư mục chứa agencies.yaml.",
        )
    problems: list[Problem] = []
    directory = Directory(AgenciesDefinition.model_construct(agencies=()))
    programmes: dict[str, ProgrammeDefinition] = {}
    policies: dict[str, PolicyDefinition] = {}
    if found := _read(folder / "agencies.yaml", AgenciesDefinition, problems):
        definition, source = found
        directory = Directory(definition)
        problems += check_agencies(definition, source)
    agencies_are_right = not problems
    for path in sorted(folder.glob("policies/*.yaml")):
        if policy := _read(path, PolicyDefinition, problems):
            problems += check_policy(*policy, policies)
            policies[policy[0].code] = policy[0]
    overrides = _read_overrides(folder, problems)
    for path in sorted(folder.glob("*.yaml")):
        if path.name in NOT_PROGRAMMES or path.name.endswith(EXAMPLE):
            continue
        if programme := _read(path, ProgrammeDefinition, problems):
            problems += check_programme(*programme, directory if agencies_are_right else None, policies)
            if programme[0].code in programmes:
                problems.append(
                    programme[1].problem(
                        ("code",), f"Mã chương trình {programme[0].code} đã có ở tệp khác.", "Đặt mã khác."
                    )
                )
            programmes[programme[0].code] = programme[0]
    if problems:
        raise InvalidDefinition(problems)
    return Definitions(programmes, directory, policies, overrides)


def read_overrides(folder: Path) -> tuple[DayOverride, ...]:
    """Only the days decided otherwise. Raises InvalidDefinition with every problem of their files."""
    problems: list[Problem] = []
    overrides = _read_overrides(folder, problems)
    if problems:
        raise InvalidDefinition(problems)
    return overrides


def _read_overrides(folder: Path, problems: list[Problem]) -> tuple[DayOverride, ...]:
    overrides: dict[date, DayOverride] = {}
    for path in sorted(folder.glob("holidays/*.yaml")):
        if holidays := _read(path, HolidaysDefinition, problems):
            problems += check_holidays(*holidays, set(overrides))
            overrides |= {
                day.day: DayOverride(day.day, day.working, day.document, day.entered_by, day.note or "")
                for day in holidays[0].overrides
            }
    return tuple(overrides.values())


def _read(path: Path, shape: type[Shape], problems: list[Problem]) -> tuple[Shape, Source] | None:
    try:
        return read_definition(path, shape)
    except InvalidDefinition as error:
        problems.extend(error.problems)
        return None
