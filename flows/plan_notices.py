"""Planning of notices: everything that has come due up to now goes into the outbox, and letters are put to a person."""

from __future__ import annotations

from prefect import flow

from flows.chase_letters import put_letters_to_a_person
from flows.chase_requests import put_requests_to_a_person
from flows.desk import at_the_desk, name_run
from models.notice import WAITING
from notices.register import count_states, read_register
from planning.opening import open_due


@flow(name="Lập thông báo", flow_run_name=name_run, retries=2, retry_delay_seconds=60)
async def plan_notices() -> None:
    """Plans up to the present, not to the run's own day: of several runs missed, the first makes up for all."""
    with at_the_desk() as desk:
        with desk.writing() as connection:
            desk.refresh_people(connection)
            open_due(connection, desk.clock.today())
            planned = desk.notices.plan(connection)
        with desk.reading() as connection:
            today = read_register(connection, day=desk.clock.today())
            waiting = read_register(connection, states=WAITING)
            states = count_states(connection)
        await desk.show(
            "thong-bao-hom-nay", "notices.md.j2", planned=planned, lines=today, waiting=waiting, states=states
        )
        desk.notices.write_drafts()
        await put_letters_to_a_person(desk)
        await put_requests_to_a_person(desk)
