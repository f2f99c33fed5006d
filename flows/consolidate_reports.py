"""The consolidated report: waits for the reports it is made of, and names the agencies still missing."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from board.collection import read_consolidation
from flows.desk import at_the_desk, key_of, name_run


@flow(name="Tổng hợp báo cáo", flow_run_name=name_run)
async def consolidate_reports(programme: str, item: str) -> State[Any]:
    """Shows whether ``item`` of the run's own year can begin; scheduled daily between the two deadlines.

    Ends as "Chờ báo cáo" while a report is missing, with the names, and as "Đủ báo cáo" when all are in:
    the next day's run asks again, so a missed or repeated run changes nothing.
    """
    with at_the_desk() as desk:
        with desk.reading() as connection:
            consolidation = read_consolidation(connection, programme, item, desk.today)
        await desk.show(
            key_of("tong-hop", programme, item),
            "consolidation.md.j2",
            programme=programme,
            item=item,
            year=desk.today.year,
            consolidation=consolidation,
        )
    if consolidation is None:
        return Completed(name="Không có kỳ báo cáo", message=f"Năm {desk.today.year} không có kỳ báo cáo này.")
    if consolidation.missing:
        names = ", ".join(duty.agency_name for duty in consolidation.missing)
        return Completed(name="Chờ báo cáo", message=f"Còn thiếu {len(consolidation.missing)} cơ quan: {names}.")
    return Completed(name="Đủ báo cáo", message="Đã đủ báo cáo; có thể tổng hợp.")
