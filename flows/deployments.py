"""Reads prefect.yaml the strict way: Prefect ignores an unknown key in silence, we say where it stands.

Knows the file only, not Prefect's server; ``flows.register`` brings the two together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from planning.yaml_files import InvalidDefinition, Problem, Source, read_definition

HELP = "Prefect bỏ qua khóa lạ mà không báo, nên ở đây chỉ nhận những khóa đã có trong tệp mẫu."

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class Part(BaseModel):
    """A frozen part of the file that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Schedule(Part):
    """When a deployment runs: a cron line in Vietnam's zone; without ``active`` a switch stays as it is."""

    slug: Slug
    cron: Annotated[str, StringConstraints(pattern=r"^\S+( \S+){4}$")]
    timezone: Literal["Asia/Ho_Chi_Minh"]
    parameters: dict[str, Any] = Field(default_factory=dict)
    active: bool | None = None


class WorkPool(Part):
    """Which pool's worker runs it."""

    name: Slug


class Deployment(Part):
    """One flow made ready to run; ``entrypoint`` is a dotted path, never ``file.py:function``."""

    # A file path would load the flow under its bare stem and put flows/ first on sys.path.
    name: Slug
    description: Text
    entrypoint: Annotated[str, StringConstraints(pattern=r"^flows\.[a-z_0-9]+\.[a-z_0-9]+$")]
    work_pool: WorkPool
    tags: tuple[Text, ...] = ()
    parameters: dict[str, Any] = Field(default_factory=dict)
    schedules: tuple[Schedule, ...] = ()


class DeploymentsFile(Part):
    """The whole prefect.yaml; ``pull`` is written and empty, since the code is already here."""

    name: Text
    pull: Annotated[tuple[Any, ...], Field(max_length=0)]
    deployments: Annotated[tuple[Deployment, ...], Field(min_length=1)]


def read_deployments(file: Path) -> tuple[Deployment, ...]:
    """The deployments as written. Raises InvalidDefinition with every problem, each with its line."""
    try:
        checked, source = read_definition(file, DeploymentsFile)
    except InvalidDefinition as error:
        raise InvalidDefinition(_with_our_help(error.problems)) from None
    if problems := list(_said_twice(checked, source)):
        raise InvalidDefinition(problems)
    # The strict reader keeps every scalar as text; parameters need their numbers back.
    return DeploymentsFile.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))).deployments


def _with_our_help(problems: Iterable[Problem]) -> Iterator[Problem]:
    for problem in problems:
        ours = HELP if "README" in problem.help else problem.help
        yield dataclasses.replace(problem, help=ours)


def _said_twice(checked: DeploymentsFile, source: Source) -> Iterator[Problem]:
    names: set[str] = set()
    for number, deployment in enumerate(checked.deployments):
        place = ("deployments", number)
        if deployment.name in names:
            yield source.problem(place, f"Có hai luồng triển khai cùng tên «{deployment.name}».", "Đổi một tên.")
        names.add(deployment.name)
        slugs: set[str] = set()
        for position, schedule in enumerate(deployment.schedules):
            if schedule.slug in slugs:
                where = (*place, "schedules", position)
                yield source.problem(where, f"Có hai lịch chạy cùng slug «{schedule.slug}».", "Đổi một slug.")
            slugs.add(schedule.slug)
