"""Makes Prefect's server agree with prefect.yaml: ``python -m flows.register``, as often as one likes.

``prefect deploy`` leaves behind whatever the file no longer says; here the file is the truth. A deployment
that already agrees is not touched, so its planned runs keep their ids. What a person switched off on the
screen stays off, unless the file says otherwise.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.deployments import Deployment, read_deployments
from models.errors import DonDocError
from office.prefect_environment import prefect_environment
from office.settings import PROJECT, read_settings
from planning.check import Definitions, read_definitions

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.responses import DeploymentResponse


class UnregistrableFlow(DonDocError):
    """A deployment names a flow that does not exist or does not take its parameters."""


class ServerAway(DonDocError):
    """Prefect's server does not answer."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Registered:
    """What one registration did, by the names of deployments."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


async def register(deployments: tuple[Deployment, ...]) -> Registered:
    """Bring pool, deployments and schedules of the server into agreement with ``deployments``.

    Raises UnregistrableFlow before anything is changed, ServerAway when nobody answers.
    """
    import httpx
    from prefect import get_client

    flows = {deployment.name: _load_flow(deployment) for deployment in deployments}
    try:
        async with get_client() as client:
            await _agree_on_pools(client, {deployment.work_pool.name for deployment in deployments})
            return await _agree_on_deployments(client, deployments, flows)
    except httpx.TransportError as error:
        raise ServerAway(
            f"Máy chủ Prefect ở {os.environ.get('PREFECT_API_URL')} không trả lời.",
            help="Hãy chạy 'dondoc run' trước.",
        ) from error


def _load_flow(deployment: Deployment) -> Flow[..., Any]:
    from prefect import Flow
    from prefect.exceptions import ParameterBindError, ParameterTypeError, SignatureMismatchError

    module, _, function = deployment.entrypoint.rpartition(".")
    try:
        flow = getattr(importlib.import_module(module), function)
    except (ModuleNotFoundError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name != module:
            raise  # the flow is there, something it needs is not: a fault of ours, shown whole
        flow = None
    if not isinstance(flow, Flow):
        raise UnregistrableFlow(
            f"prefect.yaml: «{deployment.name}» gọi {deployment.entrypoint}, nhưng không có luồng ấy.",
            help="Ghi đường dẫn dạng flows.tên_tệp.tên_hàm.",
        )
    for schedule in deployment.schedules:
        try:
            flow.validate_parameters(deployment.parameters | schedule.parameters)
        except (ParameterBindError, ParameterTypeError, SignatureMismatchError) as error:
            raise UnregistrableFlow(
                f"prefect.yaml: «{deployment.name}», lịch «{schedule.slug}» có tham số không hợp với luồng.",
                help=str(error),
            ) from error
    return flow


async def _agree_on_pools(client: PrefectClient, names: set[str]) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectNotFound

    template = _how_a_run_starts()
    for name in sorted(names):
        try:
            pool = await client.read_work_pool(name)
        except ObjectNotFound:
            await client.create_work_pool(WorkPoolCreate(name=name, type="process", base_job_template=template))
        else:
            if pool.base_job_template != template:
                await client.update_work_pool(name, WorkPoolUpdate(base_job_template=template))


def _how_a_run_starts() -> dict[str, Any]:
    from prefect.workers.process import ProcessWorker

    template = ProcessWorker.get_default_base_job_template()
    defaults = template["variables"]["properties"]
    # Without a command of our own each run starts Python twice (once to find a workspace, once to run in it),
    # in a session of its own that outlives a killed worker. Tied, it ends with the worker.
    python = sys.executable
    defaults["command"]["default"] = shlex.join([python, "-m", "office.tied", python, "-m", "prefect.engine"])
    defaults["working_dir"]["default"] = str(PROJECT)
    return template


async def _agree_on_deployments(
    client: PrefectClient, deployments: tuple[Deployment, ...], flows: dict[str, Flow[..., Any]]
) -> Registered:
    before = await _registered(client, {deployment.work_pool.name for deployment in deployments})
    done: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    kept = set()
    for deployment in deployments:
        flow_id = await client.create_flow(flows[deployment.name])  # returns the one that exists
        existing = before.get((str(flow_id), deployment.name))
        kept.add((str(flow_id), deployment.name))
        wanted = _as_prefect_says(deployment, flows[deployment.name], existing)
        if existing is not None and _as_registered(existing) == wanted:
            done["unchanged"].append(deployment.name)
            continue
        await _write(client, flow_id, deployment.name, wanted)
        done["added" if existing is None else "changed"].append(deployment.name)
    for key in sorted(before.keys() - kept):
        await client.delete_deployment(before[key].id)
    removed = sorted(before[key].name for key in before.keys() - kept)
    return Registered(removed=tuple(removed), **{what: tuple(names) for what, names in done.items()})


async def _registered(client: PrefectClient, pools: set[str]) -> dict[tuple[str, str], DeploymentResponse]:
    from prefect.client.schemas.filters import WorkPoolFilter, WorkPoolFilterName
    from prefect.client.schemas.sorting import DeploymentSort

    ours = WorkPoolFilter(name=WorkPoolFilterName(any_=sorted(pools)))
    # Limit and order are given: Prefect's client would send null, which FastAPI from 0.151 on refuses.
    found = await client.read_deployments(work_pool_filter=ours, limit=200, offset=0, sort=DeploymentSort.NAME_ASC)
    return {(str(deployment.flow_id), deployment.name): deployment for deployment in found}


def _as_prefect_says(
    deployment: Deployment, flow: Flow[..., Any], existing: DeploymentResponse | None
) -> dict[str, Any]:
    """What the server should answer for this deployment."""
    from prefect.utilities.callables import parameter_schema

    switched = {schedule.slug: schedule.active for schedule in existing.schedules} if existing else {}
    return {
        "entrypoint": deployment.entrypoint,
        "description": deployment.description,
        "tags": sorted(deployment.tags),
        "parameters": deployment.parameters,
        "parameter_openapi_schema": parameter_schema(flow).model_dump(exclude_unset=True),
        "enforce_parameter_schema": True,
        "pull_steps": [],
        "job_variables": {},
        "work_pool_name": deployment.work_pool.name,
        "schedules": {
            schedule.slug: {
                "cron": schedule.cron,
                "timezone": schedule.timezone,
                "parameters": schedule.parameters,
                "active": switched.get(schedule.slug, True) if schedule.active is None else schedule.active,
            }
            for schedule in deployment.schedules
        },
    }


def _as_registered(existing: DeploymentResponse) -> dict[str, Any]:
    """What the server does answer."""
    return {
        "entrypoint": existing.entrypoint,
        "description": existing.description,
        "tags": sorted(existing.tags),
        "parameters": existing.parameters,
        "parameter_openapi_schema": existing.parameter_openapi_schema,
        "enforce_parameter_schema": existing.enforce_parameter_schema,
        "pull_steps": existing.pull_steps,
        "job_variables": existing.job_variables,
        "work_pool_name": existing.work_pool_name,
        "schedules": {
            schedule.slug: {
                "cron": getattr(schedule.schedule, "cron", None),
                "timezone": getattr(schedule.schedule, "timezone", None),
                "parameters": schedule.parameters,
                "active": schedule.active,
            }
            for schedule in existing.schedules
        },
    }


async def _write(client: PrefectClient, flow_id: Any, name: str, wanted: dict[str, Any]) -> None:
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import CronSchedule

    schedules = [
        DeploymentScheduleCreate(
            slug=slug,
            schedule=CronSchedule(cron=said["cron"], timezone=said["timezone"]),
            parameters=said["parameters"],
            active=said["active"],
        )
        for slug, said in wanted["schedules"].items()
    ]
    # One request replaces everything, schedules too, and drops the runs planned by the old ones.
    await client.create_deployment(flow_id, name, **{**wanted, "schedules": schedules})


def unknown_programmes(deployments: Iterable[Deployment], definitions: Definitions) -> list[str]:
    """Programmes the schedules name and the folder does not have: their runs would only say that there is nothing."""
    named = {
        str(schedule.parameters["programme"])
        for deployment in deployments
        for schedule in deployment.schedules
        if "programme" in schedule.parameters
    }
    return sorted(named - set(definitions.programmes))


def main(files: list[str]) -> int:
    """Register prefect.yaml, or the one file given, and say what changed; the exit code is the error's."""
    try:
        settings = read_settings()
        os.environ.update(prefect_environment(settings))  # before Prefect is imported: it reads them then
        file = Path(files[0]) if files else settings.deployments
        deployments = read_deployments(file)
        strangers = unknown_programmes(deployments, read_definitions(settings.programmes))
        done = asyncio.run(register(deployments))
    except DonDocError as error:
        print(f"Lỗi: {error}", file=sys.stderr)
        return error.exit_code
    words = {"added": "mới", "changed": "đã đổi", "unchanged": "giữ nguyên", "removed": "đã bỏ"}
    counts = (f"{len(getattr(done, what))} {word}" for what, word in words.items() if getattr(done, what))
    print(f"Luồng triển khai: {', '.join(counts)}.")
    if strangers:
        print(
            f"Chú ý: {file.name} nêu {', '.join(strangers)}, không có trong thư mục chương trình. "
            "Chép tệp ấy, ghi mã chương trình của cơ quan, rồi đặt DONDOC_DEPLOYMENTS là tệp mới."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
