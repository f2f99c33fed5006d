"""Letters on their way to a person: each draft gets one suspended run; a run nobody needs any more is called off."""

from __future__ import annotations

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

from flows.decide_letter import show_decided
from flows.desk import Desk
from notices.letters import WaitingLetter, letters_waiting

FLOW, DEPLOYMENT = "Duyệt công văn", "duyet-cong-van"
DECIDED = "Công văn đã có người quyết định."


async def put_letters_to_a_person(desk: Desk) -> None:
    """Starts a run for each draft that waits; the key makes the same draft in the same round one run, however often."""
    paused = await _paused_runs()  # read before the letters: one drafted meanwhile has its run left alone
    with desk.reading() as connection:
        waiting = letters_waiting(connection)
    for letter in waiting:
        if letter.agencies:
            await _start(letter)
    await _call_off_decided(desk, paused, {(letter.id, letter.round) for letter in waiting})


async def _start(letter: WaitingLetter) -> None:
    try:
        await arun_deployment(
            f"{FLOW}/{DEPLOYMENT}",
            parameters={"letter": letter.id, "round": letter.round},
            timeout=0,
            as_subflow=False,
            idempotency_key=f"letter-{letter.id}-{letter.round}",
        )
    except ObjectNotFound:
        return  # an office may leave the deployment out and decide by command; the secretariat has been told by mail


async def _paused_runs() -> list[FlowRun]:
    async with get_client() as client:
        return await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
            ),
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[DEPLOYMENT])),
        )


async def _call_off_decided(desk: Desk, paused: list[FlowRun], waiting: set[tuple[int, int]]) -> None:
    """Runs about letters somebody decided by command would wait on the screen for ever."""
    async with get_client() as client:
        for run in paused:
            if (run.parameters.get("letter"), run.parameters.get("round")) not in waiting:
                await client.set_flow_run_state(run.id, Cancelled(message=DECIDED))
                await show_decided(desk, int(run.parameters["letter"]), DECIDED)
