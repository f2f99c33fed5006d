"""The command on where things stand: the official two by two, the agencies in their order, and what is overdue."""

from __future__ import annotations

import dataclasses
from datetime import date
from fractions import Fraction
from typing import Any, cast, get_args

from rich.table import Table

from board.overdue import AgencyOverdue, read_overdue
from board.overview import Board, By, TwoByTwo, read_board
from calendars.wording import say_short
from cli.office import Office, open_office
from cli.output import console, print_json, say
from models.errors import DonDocError
from office.store import reading
from planning.agenda import planned_years

BY_NAMES: dict[By, str] = {"agency": "Cơ quan", "programme": "Chương trình", "occurrence": "Việc"}


def show_board(by: str, year: int | None, programme: str | None, *, as_json: bool) -> None:
    """The counts of a year by agency, programme or occurrence, as they stand today, and who is late with what."""
    if by not in get_args(By):
        raise DonDocError(f"Không đếm theo «{by}» được.", help=f"Viết --by {', '.join(BY_NAMES)}.")
    office = open_office()
    _require_programme(office, programme)
    today = office.clock.today()
    year = year or today.year
    first, last = date(year, 1, 1), date(year, 12, 31)
    with reading(office.store) as connection:
        if year not in planned_years(connection):
            raise DonDocError(f"Năm {year} chưa được lập.", help=f"Chạy «dondoc plan {year}» trước.")
        board = read_board(connection, today, first=first, last=last, programme=programme, by=cast(By, by))
        overdue = read_overdue(connection, today, office.definitions.working_days, programme, first=first, last=last)
    if as_json:
        print_json({"year": year} | _plain(board) | {"overdue": overdue})
        return
    whose = f", {office.definitions.programmes[programme].short}" if programme else ""
    print_board(board, f"Năm {year}{whose}, tính đến {say_short(today)}")
    _show_overdue(overdue)


def print_board(board: Board, title: str) -> None:
    """The official table, then its rows."""
    _show_two_by_two(title, board)
    _show_rows(board)


def _require_programme(office: Office, programme: str | None) -> None:
    known = office.definitions.programmes
    if programme is not None and programme not in known:
        raise DonDocError(f"Không có chương trình {programme}.", help=f"Các mã đang có: {', '.join(known)}.")


def _show_two_by_two(title: str, board: Board) -> None:
    counts = board.total
    table = Table(title=title, title_justify="left")
    table.add_column("")
    table.add_column("Đúng hạn, trong hạn", justify="right")
    table.add_column("Quá hạn", justify="right")
    table.add_row("Đã hoàn thành", str(counts.done_on_time), str(counts.done_late))
    table.add_row("Chưa hoàn thành", str(counts.open_in_time), str(counts.open_overdue))
    console.print(table)
    say(f"{counts.in_words}.")
    if counts.no_deadline_done:
        say(f"Trong {counts.no_deadline} việc không hạn, {counts.no_deadline_done} việc đã xong.")
    if counts.returned:
        say(f"{counts.returned} việc đã nộp bị trả lại, đang sửa.")
    if board.left_out:
        say(f"{board.left_out}.")


def _show_rows(board: Board) -> None:
    if not board.rows:
        return
    table = Table(title=f"Theo {BY_NAMES[board.by].lower()}", title_justify="left")
    if board.by == "agency":
        table.add_column("Hạng", justify="right")
    table.add_column(BY_NAMES[board.by], overflow="fold", ratio=5)
    for heading in ("Xong đúng hạn", "Xong quá hạn", "Còn trong hạn", "Còn quá hạn", "Không hạn", "Được miễn"):
        table.add_column(heading, justify="right", ratio=1)
    table.add_column("Tỷ lệ hoàn thành", justify="right", ratio=2)
    for row in board.rows:
        rank = [str(row.rank or "—")] if board.by == "agency" else []
        name = row.name if board.by == "agency" else f"{row.name} ({row.code})"
        table.add_row(*rank, name, *map(str, _numbers(row.counts)), row.counts.rate)
    console.print(table)
    if any(row.rank is None for row in board.rows) and board.by == "agency":
        say(f"Cơ quan có dưới {board.smallest} việc đến hạn không được xếp hạng.")


def _numbers(counts: TwoByTwo) -> tuple[int, ...]:
    return (
        counts.done_on_time, counts.done_late, counts.open_in_time, counts.open_overdue,
        counts.no_deadline, counts.waived,
    )  # fmt: skip


def _show_overdue(overdue: list[AgencyOverdue]) -> None:
    number = sum(len(agency.duties) for agency in overdue)
    if not number:
        say("Không có việc nào quá hạn.")
        return
    table = Table(title=f"Việc quá hạn ({number} việc, {len(overdue)} cơ quan)", title_justify="left")
    for heading, share in (
        ("Cơ quan", 3),
        ("Việc", 5),
        ("Mã việc", 4),
        ("Ngày cuối", 2),
        ("Quá hạn", 2),
        ("Đã đôn đốc", 3),
    ):
        table.add_column(heading, overflow="fold", ratio=share)
    for agency in overdue:
        for place, duty in enumerate(agency.duties):
            name = "" if place else f"{agency.name} ({len(agency.duties)})"
            late = f"{duty.late} ngày làm việc"
            table.add_row(name, duty.title, duty.duty, duty.last_in_words, late, duty.steps)
        table.add_section()
    console.print(table)
    if correcting := sum(duty.correcting for agency in overdue for duty in agency.duties):
        say(f"Trong đó {correcting} việc đã nộp, bị trả lại và quá ngày nộp lại; bảng trên vẫn tính theo lần nộp đầu.")


def _plain(board: Board) -> dict[str, Any]:
    """The board for machines, its rates with the numbers they are made of."""
    rows = [
        {"code": row.code, "name": row.name, "rank": row.rank, "first_due": row.first_due, **_counts(row.counts)}
        for row in board.rows
    ]
    return {
        "by": board.by,
        "first": board.first,
        "last": board.last,
        "today": board.today,
        "smallest": board.smallest,
        "total": _counts(board.total),
        "rows": rows,
        "uncounted": board.uncounted,
    }


def _counts(counts: TwoByTwo) -> dict[str, Any]:
    return dataclasses.asdict(counts) | {
        "done": counts.done,
        "due": counts.due,
        "completion": _number(counts.completion),
        "punctuality": _number(counts.punctuality),
    }


def _number(rate: Fraction | None) -> float | None:
    return None if rate is None else float(rate)
