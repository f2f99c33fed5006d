"""Commands about the paper: check it, plan a year from it, freeze a version of it."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.table import Table

from cli.office import Office, open_office
from cli.output import console, plain, print_json, say
from models.errors import DonDocError
from office.store import reading, writing
from planning.agenda import read_agenda
from planning.check import Definitions
from planning.definitions import ContactsDefinition
from planning.people import read_channels, read_contacts
from planning.release import Released, release
from planning.yaml_files import InvalidDefinition, Problem
from planning.yearbook import YearChanges, plan_year, say_details

WORDS = {"added": "mới", "changed": "đổi", "withdrawn": "hủy"}


def check_definitions(*, as_json: bool) -> None:
    """Every problem of every file, contacts and channels too; exit 1 when there is one."""
    office = open_office()
    try:
        definitions, contacts = _read_everything(office)
    except InvalidDefinition as error:
        if as_json:
            print_json({"ok": False, "problems": plain(error.problems)})
        else:
            for problem in error.problems:
                say(str(problem))
            say(f"{len(error.problems)} lỗi.", style="red")
        raise typer.Exit(1) from None
    items = sum(len(programme.items) for programme in definitions.programmes.values())
    summary = {
        "programmes": len(definitions.programmes), "items": items, "agencies": len(definitions.directory.agencies),
        "groups": len(definitions.directory.groups), "overrides": len(definitions.overrides),
        "contacts": len(contacts.contacts),
    }  # fmt: skip
    if as_json:
        print_json({"ok": True, "problems": [], **summary})
        return
    say(
        "Không có lỗi: {programmes} chương trình, {items} mục, {agencies} cơ quan, {groups} nhóm, "
        "{overrides} ngày nghỉ, làm bù ghi riêng, {contacts} đầu mối liên hệ.".format(**summary)
    )


def _read_everything(office: Office) -> tuple[Definitions, ContactsDefinition]:
    """The paper and the people. Raises InvalidDefinition with the problems of all files together."""
    problems: list[Problem] = []
    definitions, contacts = None, ContactsDefinition()
    try:
        definitions = office.paper
    except InvalidDefinition as error:
        problems += error.problems
    try:
        contacts = read_contacts(office.settings.contacts_file, definitions.directory if definitions else None)
    except InvalidDefinition as error:
        problems += error.problems
    try:
        read_channels(office.settings.channels_path)
    except InvalidDefinition as error:
        problems += error.problems
    if definitions is None or problems:
        raise InvalidDefinition(problems)
    return definitions, contacts


def plan_years(years: Sequence[int], *, as_json: bool) -> None:
    """Plans the years, each in one transaction, and shows what changed."""
    office = open_office()
    found = [_plan(office, year) for year in dict.fromkeys(years)]
    if as_json:
        shown = [_year_as_json(office, changes) for changes in found]
        print_json(shown[0] if len(shown) == 1 else shown)
        return
    for changes in found:
        _show_changes(changes)


def _plan(office: Office, year: int) -> YearChanges:
    definitions = office.definitions
    with writing(office.store) as connection:
        return plan_year(
            connection,
            definitions,
            year,
            office.clock.today(),
            before_is_inclusive=office.settings.before_is_inclusive,
        )


def _year_as_json(office: Office, changes: YearChanges) -> dict[str, object]:
    with reading(office.store) as connection:
        entries = read_agenda(connection, office.clock.today(), year=changes.year)
    return {
        "year": changes.year,
        "today": office.clock.today().isoformat(),
        "demonstration": office.clock.banner(),
        "changes": plain(changes.changes),
        "unchanged": changes.unchanged,
        "duties_added": changes.duties_added,
        "duties_withdrawn": changes.duties_withdrawn,
        "occurrences": plain(entries),
        "decisions": plain(changes.decisions),
        "warnings": [decision.sentence for decision in changes.decisions if decision.kind in ("no_date", "draft")],
    }


def _show_changes(changes: YearChanges) -> None:
    if not changes:
        say(f"Năm {changes.year}: không có gì thay đổi ({changes.unchanged} việc).")
    else:
        table = Table(title=f"Năm {changes.year}: những gì thay đổi", title_justify="left")
        for heading in ("", "Việc", "Mã", "Khác"):
            table.add_column(heading, overflow="fold")
        for change in changes.changes:
            table.add_row(WORDS[change.what], change.title, change.occurrence, "; ".join(say_details(change)))
        console.print(table)
        say(
            f"Năm {changes.year}: {len(changes.changes)} việc thay đổi, {changes.unchanged} việc giữ nguyên; "
            f"{changes.duties_added} nhiệm vụ mới, {changes.duties_withdrawn} nhiệm vụ rút lại."
        )
    for decision in changes.decisions:
        if decision.kind == "no_date":
            say(f"Chú ý, {decision.programme}: {decision.sentence}", style="yellow")
    say(f"{len(changes.decisions)} việc chờ quyết định: xem «dondoc decisions --year {changes.year}».")


def release_programme(code: str, *, as_json: bool) -> None:
    """Freezes a version and shows what differs from the one before."""
    office = open_office()
    programme = office.definitions.programmes.get(code)
    if programme is None:
        known = ", ".join(office.definitions.programmes)
        raise DonDocError(f"Không có chương trình {code}.", help=f"Các mã đang có: {known}.")
    with writing(office.store) as connection:
        released = release(connection, programme, office.clock.now())
    if as_json:
        print_json(released)
    else:
        _show_release(released)


def _show_release(released: Released) -> None:
    if not released.new:
        say(f"{released.programme}: không có gì thay đổi so với phiên bản {released.number}.")
        return
    say(f"{released.programme}: đã chốt phiên bản {released.number}.")
    if released.number == 1:
        return
    table = Table(title=f"Khác phiên bản {released.number - 1}", title_justify="left")
    for heading in ("Mục", "Khóa", "Trước", "Nay"):
        table.add_column(heading, overflow="fold")
    for difference in released.differences:
        table.add_row(
            difference.item or "(văn bản)",
            difference.field or "cả mục",
            difference.before or "—",
            difference.after or "—",
        )
    console.print(table)
