"""The quarterly report of the new-rural programme: its period, its assumed day, and what it also stands for."""

from __future__ import annotations

from prefect import flow

from flows.desk import at_the_desk, key_of, name_run
from planning.agenda import read_agenda


@flow(name="Báo cáo quý nông thôn mới", flow_run_name=name_run)
async def report_new_rural_quarter(programme: str, item: str) -> None:
    """Shows the report of the quarter the run's own day lies in."""
    with at_the_desk() as desk:
        quarter = f"{desk.today.year}-Q{(desk.today.month + 2) // 3}"
        with desk.reading() as connection:
            entries = read_agenda(connection, desk.today, year=desk.today.year, programme=programme)
        await desk.show(
            key_of("bao-cao-quy", programme, item),
            "quarter_report.md.j2",
            programme=programme,
            quarter=quarter,
            reports=[one for one in entries if one.item == item and one.period == quarter],
            reviews=[one for one in entries if one.item != item and one.period == quarter],
        )
