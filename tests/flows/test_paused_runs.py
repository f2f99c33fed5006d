"""A matter that waits for a person has one run that waits with it, whatever became of those before."""

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import pytest
from prefect.states import Cancelled, Completed, Crashed, Paused, Scheduled

from flows import paused_runs


@pytest.fixture
def server(monkeypatch):
    """Runs by their keys, as a server keeps them; start with it what it has, or begins."""
    runs = {}

    async def arun_deployment(name, *, parameters, timeout, as_subflow, idempotency_key):
        return runs.setdefault(idempotency_key, SimpleNamespace(id=uuid4(), state=Scheduled()))

    monkeypatch.setattr(paused_runs, "arun_deployment", arun_deployment)
    return runs


def start():
    asyncio.run(paused_runs.start_once("Duyệt công văn", "duyet-cong-van", "letter-1-1", {}))


def test_a_run_that_waits_is_the_only_one(server):
    start()
    server["letter-1-1"].state = Paused()
    start()
    assert list(server) == ["letter-1-1"]


def test_each_that_ended_is_followed_by_one_more_under_a_key_that_does_not_grow(server):
    for ended in (Crashed(), Cancelled(), Completed()):
        start()
        *_, newest = server.values()
        newest.state = ended
    for _ in range(2):
        start()
    first, second, third, _ = (run.id for run in server.values())
    assert list(server) == ["letter-1-1", *(f"letter-1-1-after-{run}" for run in (first, second, third))]
