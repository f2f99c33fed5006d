"""Sending: what is due leaves, what servers reported is taken in, and what a person must decide is shown."""

from __future__ import annotations

import asyncio
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.desk import at_the_desk, name_run
from notices.post_office import Sent
from notices.register import to_decide
from notices.reports import Reported

MINUTES = 10  # between two runs, as prefect.yaml has them


@flow(name="Gửi thông báo", flow_run_name=name_run)
async def send_notices() -> State[Any]:
    """One batch after the other until nothing is due; the next run goes on where a killed one stopped."""
    with at_the_desk() as desk:
        # in a thread of its own: a slow mail server must not keep Prefect's heartbeat waiting
        reported = await asyncio.to_thread(desk.notices.read_reports)
        sent = await asyncio.to_thread(desk.notices.send)
        if sent is None:
            return Completed(name="Đang có lượt gửi khác", message="Lượt ấy gửi cả phần này.")
        # once an hour at least: a notice may have lapsed, or somebody may have decided, with nothing sent
        if sent != Sent() or reported != Reported() or desk.clock.now().minute < MINUTES:
            with desk.reading() as connection:
                lines = to_decide(connection)
            await desk.show("thong-bao-cho-quyet-dinh", "to_decide.md.j2", lines=lines, sent=sent, reported=reported)
    said = f"{sent.accepted} thư, tin máy chủ đã nhận, {sent.try_again} sẽ gửi lại, {sent.rejected} bị từ chối."
    return Completed(message=said)
