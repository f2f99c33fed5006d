"""The alarm when nobody plans any more; ``dondoc run`` and ``dondoc watch`` raise the same one without Prefect."""

from __future__ import annotations

import asyncio
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.desk import at_the_desk, name_run


@flow(name="Canh chừng", flow_run_name=name_run)
async def watch_silence() -> State[Any]:
    """Fails, and tells whoever is to be told, when nothing has been planned for 26 hours."""
    with at_the_desk() as desk:
        said = await asyncio.to_thread(desk.notices.watch)
    return Failed(message=said) if said else Completed(message="Vẫn rà soát đều.")
