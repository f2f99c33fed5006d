"""A sheet as one HTML page to print, that needs no other file. Pure: values in, text out."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from board.sheet_changes import Printed
from board.sheet_workbook import MOTTO
from calendars.wording import say_day

PAGES = Path(__file__).resolve().parent.parent / "templates" / "pages"


def write_page(printed: Printed, banner: str | None = None) -> str:
    """The page; ``banner`` is a sentence on top, for instance that the clock is a demonstration's."""
    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["day"] = say_day
    return environment.get_template("sheets/alone.html.j2").render(printed=printed, banner=banner, motto=MOTTO)
