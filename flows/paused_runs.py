"""Runs that wait for a person on Prefect's screen: started once for each matter, called off when nobody needs them."""

from __future__ import annotations

from typing import Any

from prefect import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled


async def start_once(flow: str, deployment: str, key: str, parameters: dict[str, Any]) -> None:
    """Starts a run; ``key`` makes it one run, however often this is called, until that run has ended.

    A matter that still waits though its run has ended (its process died, somebody pressed Cancel) gets the next one.
    An office may leave the deployment out and decide by command or on the portal; the secretariat was told by mail.
    """
    this = key
    try:
        while (run := await _run(f"{flow}/{deployment}", this, parameters)).state and run.state.is_final():
            this = f"{key}-after-{run.id}"
    except ObjectNotFound:
        return


async def _run(deployment: str, key: str, parameters: dict[str, Any]) -> FlowRun:
    """The one run of ``key``, begun now or earlier."""
    return await arun_deployment(deployment, parameters=parameters, timeout=0, as_subflow=False, idempotency_key=key)


async def paused_runs(deployment: str) -> list[FlowRun]:
    """The runs of a deployment that wait for somebody."""
    async with get_client() as client:
        return await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
            ),
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[deployment])),
        )


async def call_off(run: FlowRun, why: str) -> None:
    """Ends a run that would wait on the screen for ever."""
    async with get_client() as client:
        await client.set_flow_run_state(run.id, Cancelled(message=why))
