"""Silence chased: who is late with what, by agency, and the letters that wait; every working morning."""

from __future__ import annotations

from prefect import flow

from flows.chase_letters import put_letters_to_a_person
from flows.chase_requests import put_requests_to_a_person
from flows.desk import at_the_desk, name_run


@flow(name="Đôn đốc việc quá hạn", flow_run_name=name_run)
async def show_overdue() -> None:
    """Shows the overdue list with what each agency was last told, and puts drafted letters to a person."""
    with at_the_desk() as desk:
        board, overdue = desk.read_board()
        await desk.show("qua-han", "overdue.md.j2", overdue=overdue, board=board)
        await put_letters_to_a_person(desk)
        await put_requests_to_a_person(desk)
