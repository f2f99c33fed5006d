"""The collection of a group's reports: who has sent, who has not, and how many days are left."""

from __future__ import annotations

from prefect import flow

from board.collection import Collection, read_collection
from flows.desk import at_the_desk, key_of, name_run


@flow(name="Thu báo cáo", flow_run_name=name_run)
async def collect_reports(programme: str, item: str) -> None:
    """Shows the collection of ``item`` in the run's own year."""
    with at_the_desk() as desk:
        with desk.reading() as connection:
            collection: Collection | None = read_collection(connection, programme, item, desk.today)
        await desk.show(
            key_of("thu-bao-cao", programme, item),
            "collection.md.j2",
            programme=programme,
            item=item,
            year=desk.today.year,
            collection=collection,
        )
