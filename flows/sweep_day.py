"""The daily sweep: opens what is due and refreshes the calendars."""

from __future__ import annotations

from prefect import flow, runtime

from office.clock import read_clock
from office.settings import read_settings


@flow(name="Rà soát hằng ngày")
async def sweep_day() -> str:
    """Sweep the day of the run's own schedule, in the office's time; returns that day (ISO)."""
    clock = read_clock(read_settings())
    return clock.logical(runtime.flow_run.scheduled_start_time).date().isoformat()
