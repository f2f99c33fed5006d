"""Requests for more time on their way to a person: each gets one suspended run, called off when nobody needs it."""

from __future__ import annotations

from flows.decide_extension import show_answered
from flows.desk import Desk
from flows.paused_runs import call_off, paused_runs, start_once
from planning.more_time import requests_waiting, settle_overtaken

FLOW, DEPLOYMENT = "Duyệt gia hạn", "duyet-gia-han"
ANSWERED = "Yêu cầu gia hạn không còn chờ trả lời."


async def put_requests_to_a_person(desk: Desk) -> None:
    """Starts a run for each request that waits; its number makes it one run, however often."""
    paused = await paused_runs(DEPLOYMENT)  # read before the requests: one made meanwhile has its run left alone
    with desk.writing() as connection:
        settle_overtaken(connection, desk.clock.now())
        waiting = requests_waiting(connection)
    for request in waiting:
        await start_once(FLOW, DEPLOYMENT, f"extension-{request.number}", {"request": request.number})
    numbers = {request.number for request in waiting}
    for run in paused:  # one about a request answered on the portal, or overtaken
        if run.parameters.get("request") not in numbers:
            await call_off(run, ANSWERED)
            await show_answered(desk, int(run.parameters["request"]), ANSWERED)
