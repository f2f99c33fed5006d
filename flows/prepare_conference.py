"""The preparation of a conference month, a month ahead: what is planned, who prepares, what should be ready first."""

from __future__ import annotations

from prefect import flow

from flows.desk import at_the_desk, key_of, name_run
from models.kinds import ItemKind
from planning.agenda import Entry, read_agenda


@flow(name="Chuẩn bị hội nghị", flow_run_name=name_run)
async def prepare_conference(programme: str, month: int) -> None:
    """Shows the conferences of ``month`` (1–12) in the run's own year, or in the next when the month has passed."""
    with at_the_desk() as desk:
        year = desk.today.year + (month < desk.today.month)
        with desk.reading() as connection:
            agenda = read_agenda(connection, desk.today, year=year, programme=programme)
        conferences = [one for one in agenda if one.kind == ItemKind.CONFERENCE and _is_within(one, month)]
        by_id = {one.id: one for one in agenda}
        await desk.show(
            key_of("hoi-nghi", programme, month),
            "conference.md.j2",
            programme=programme,
            year=year,
            month=month,
            conferences=[
                (one, [by_id[need] for need in (*one.depends_on, *one.depends_on_proposed) if need in by_id])
                for one in conferences
            ],
        )


def _is_within(entry: Entry, month: int) -> bool:
    """Whether all of it lies in the month; what may be held any time of the year is not prepared by the month."""
    return bool(entry.first and entry.last and entry.first.month == month == entry.last.month)
