"""Letters on their way to a person: each draft gets one suspended run; a run nobody needs any more is called off."""

from __future__ import annotations

from flows.decide_letter import show_decided
from flows.desk import Desk
from flows.paused_runs import call_off, paused_runs, start_once
from notices.letters import letters_waiting

FLOW, DEPLOYMENT = "Duyệt công văn", "duyet-cong-van"
DECIDED = "Công văn đã có người quyết định."


async def put_letters_to_a_person(desk: Desk) -> None:
    """Starts a run for each draft that waits; the key makes the same draft in the same round one run, however often."""
    paused = await paused_runs(DEPLOYMENT)  # read before the letters: one drafted meanwhile has its run left alone
    with desk.reading() as connection:
        waiting = letters_waiting(connection)
    for letter in waiting:
        if letter.agencies:
            key = f"letter-{letter.id}-{letter.round}"
            await start_once(FLOW, DEPLOYMENT, key, {"letter": letter.id, "round": letter.round})
    drafts = {(letter.id, letter.round) for letter in waiting}
    for run in paused:  # one about a letter somebody decided by command
        if (run.parameters.get("letter"), run.parameters.get("round")) not in drafts:
            await call_off(run, DECIDED)
            await show_decided(desk, int(run.parameters["letter"]), DECIDED)
