"""Holds a connection: reads what a sheet of one period is about and lays it out."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from board.board_sheet import lay_board
from board.inspection_sheet import lay_inspections
from board.month_sheet import lay_month
from board.overview import read_board
from board.sheet_entries import read_entries, say_unplanned
from board.sheet_periods import Period, SheetKind
from board.sheets import Head, Sheet
from board.week_sheet import lay_week
from board.year_sheet import lay_year


def make_sheet(connection: Connection, period: Period, head: Head, today: date) -> Sheet:
    """The sheet of ``period`` as it stands on ``today`` (Asia/Ho_Chi_Minh)."""
    first, last = period.first, period.last
    notes = say_unplanned(connection, first, last)
    if period.kind is SheetKind.BOARD:
        agencies = read_board(connection, today, first=first, last=last)
        programmes = read_board(connection, today, first=first, last=last, by="programme")
        return lay_board(agencies, programmes, head, notes)
    entries = read_entries(connection, first, last)
    match period.kind:
        case SheetKind.WEEK:
            return lay_week(entries, first, head, notes)
        case SheetKind.MONTH:
            return lay_month(entries, first, last, head, notes)
        case SheetKind.INSPECTIONS:
            return lay_inspections(entries, first.year, head, today, notes)
    return lay_year(entries, first.year, head, notes)
