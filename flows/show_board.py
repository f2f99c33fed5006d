"""The chair's weekly board: the official 2×2, who is late, and what waits for a decision."""

from __future__ import annotations

from prefect import flow

from board.waiting import read_waiting
from flows.desk import at_the_desk, name_run


@flow(name="Bảng tuần của Trưởng ban", flow_run_name=name_run)
async def show_board() -> None:
    """Shows this year's board as of the run's own day."""
    with at_the_desk() as desk:
        board, overdue = desk.read_board()
        with desk.reading() as connection:
            waiting = read_waiting(connection, desk.today.year)
        await desk.show("bang-tuan", "board.md.j2", board=board, overdue=overdue, waiting=waiting)
