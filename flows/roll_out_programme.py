"""The yearly roll-out: the paper becomes the year, and the year becomes calendars."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from prefect import flow

from calendars.publishing import publish
from flows.desk import Desk, at_the_desk, key_of, name_run
from models.errors import DonDocError
from models.kinds import DECISION_NAMES
from planning.agenda import Entry, read_agenda, read_decisions
from planning.yearbook import YearChanges, plan_year


@flow(name="Triển khai chương trình năm", flow_run_name=name_run)
async def roll_out_programme(programme: str | None = None, year: int | None = None) -> None:
    """Plans ``year`` (the run's own year when absent), publishes the calendars and shows one programme, or all."""
    with at_the_desk() as desk:
        year = year or desk.today.year
        if programme is not None and programme not in desk.definitions.programmes:
            raise DonDocError(
                f"Không có chương trình {programme} trong {desk.settings.programmes}.",
                help="Sửa lịch chạy trong tệp DONDOC_DEPLOYMENTS cho khớp với các chương trình của cơ quan.",
            )
        with desk.writing() as connection:
            changes = plan_year(
                connection,
                desk.definitions,
                year,
                desk.today,
                before_is_inclusive=desk.settings.before_is_inclusive,
            )
        publish(
            desk.writing,
            desk.settings.published,
            desk.today,
            desk.definitions.working_days,
            banner=desk.clock.banner(),
        )
        for code in [programme] if programme else list(desk.definitions.programmes):
            await show_year(desk, code, year)
        await show_decisions(desk, year)
        if changes:
            await show_changes(desk, [changes])


async def show_year(desk: Desk, code: str, year: int) -> None:
    """The programme's year, month by month, and what has no date."""
    with desk.reading() as connection:
        entries = read_agenda(connection, desk.today, year=year, programme=code)
        waiting = read_decisions(connection, year, code)
    dated = sorted((one for one in entries if one.dated), key=lambda one: _month(one, year))
    months = [(month, list(group)) for month, group in groupby(dated, key=lambda one: _month(one, year))]
    await desk.show(
        key_of("chuong-trinh", code),
        "programme_year.md.j2",
        programme=desk.definitions.programmes[code],
        year=year,
        months=months,
        undated=[one for one in entries if not one.dated],
        waiting=waiting,
        history=desk.definitions.programmes[code].last_day < desk.today,
    )


def _month(entry: Entry, year: int) -> int:
    """The month it is listed under; what began in an earlier year is listed first, under January."""
    return entry.day.month if entry.day and entry.day.year == year else 1


async def show_decisions(desk: Desk, year: int) -> None:
    """What waits for a person."""
    with desk.reading() as connection:
        waiting = read_decisions(connection, year)
    grouped = [(kind, found) for kind in DECISION_NAMES if (found := [one for one in waiting if one.kind == kind])]
    await desk.show("viec-cho-quyet-dinh", "decisions.md.j2", year=year, groups=grouped)


async def show_changes(desk: Desk, years: Sequence[YearChanges]) -> None:
    """What planning these years changed; the page before stays when nothing did."""
    words = {"added": "mới", "changed": "đổi", "withdrawn": "hủy"}
    await desk.show("thay-doi", "changes.md.j2", years=years, words=words)
