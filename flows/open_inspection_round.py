"""The opening of an inspection round: who goes where, what is still missing, and what it runs into."""

from __future__ import annotations

from prefect import flow

from flows.desk import at_the_desk, key_of, name_run
from models.kinds import ItemKind
from planning.agenda import read_agenda, read_decisions


@flow(name="Mở đợt kiểm tra", flow_run_name=name_run)
async def open_inspection_round(programme: str, round: int) -> None:
    """Shows round ``round`` of ``programme`` in the run's own year."""
    with at_the_desk() as desk:
        year = desk.today.year
        with desk.reading() as connection:
            found = [
                one
                for one in read_agenda(connection, desk.today, year=year, programme=programme)
                if one.kind == ItemKind.INSPECTION and one.round == round
            ]
            items = {one.item for one in found}
            waiting = [one for one in read_decisions(connection, year, programme) if one.item in items]
        await desk.show(
            key_of("dot-kiem-tra", programme, round),
            "inspection_round.md.j2",
            programme=programme,
            year=year,
            round=round,
            inspections=found,
            waiting=waiting,
        )
