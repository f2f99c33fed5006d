"""The daily sweep: plans what the papers say now, opens what is due to begin, refreshes the calendars."""

from __future__ import annotations

from datetime import date, timedelta

from prefect import flow

from calendars.publishing import publish
from flows.desk import at_the_desk, name_run
from flows.roll_out_programme import show_changes
from office.clock import real_instant
from planning.agenda import Entry, read_agenda
from planning.kept_files import sweep_orphans
from planning.opening import open_due
from planning.yearbook import YearChanges, plan_year

A_DAY = timedelta(days=1)  # a submission under way is done by then


@flow(name="Rà soát hằng ngày", flow_run_name=name_run)
async def sweep_day() -> None:
    """One day's sweep, computed from the database and the run's own date: a missed day is made up for by the next."""
    with at_the_desk() as desk:
        inclusive = desk.settings.before_is_inclusive
        planned: list[YearChanges] = []
        for year in (desk.today.year, desk.today.year + 1):
            with desk.writing() as connection:
                planned.append(plan_year(connection, desk.definitions, year, desk.today, before_is_inclusive=inclusive))
        if changed := [changes for changes in planned if changes]:
            await show_changes(desk, changed)
        with desk.writing() as connection:
            opened = set(open_due(connection, desk.today))
        days, banner = desk.definitions.working_days, desk.clock.banner()
        published = publish(desk.writing, desk.settings.published, desk.today, days, banner=banner)
        with desk.reading() as connection:
            sweep_orphans(connection, desk.settings.files_folder, real_instant() - A_DAY)
            agenda = read_agenda(connection, desk.today, year=desk.today.year)
            opening = [one for one in agenda if one.id in opened and _is_not_over(one, desk.today)]
            coming = read_agenda(connection, desk.today, year=desk.today.year, month=desk.today.month)
        current = [one for one in coming if not one.history]
        await desk.show(
            "hom-nay",
            "day.md.j2",
            opened=opening,
            coming=[one for one in current if one.last_on_time and _is_not_over(one, desk.today)],
            held=[one for one in current if not one.last_on_time and _is_not_over(one, desk.today)],
            published=published,
            changed=sum(len(changes.changes) for changes in planned),
        )


def _is_not_over(entry: Entry, today: date) -> bool:
    """What began and ended while nobody swept is opened in the database, but is no news any more."""
    last = entry.last_on_time or entry.last
    return last is not None and last >= today
