"""The page that lists the published calendars, in Vietnamese; values in, bytes out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from calendars.feeds import EVERYTHING
from models.alphabet import alphabetical

INDEX = "index.html"
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
GROUP_TITLES = {
    EVERYTHING: "Tất cả",
    "programme": "Theo chương trình",
    "agency": "Theo cơ quan, đơn vị",
    "team": "Theo đoàn kiểm tra",
    "kind": "Theo loại việc",
}
_TEMPLATE = "pages/calendars.html.j2"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the page; ``events`` counts the events that have a day."""

    title: str
    name: str
    events: int


def stamp_index(listed: Iterable[Listed], banner: str | None) -> str:
    """A digest of what the page depends on; it stands in the page's head, to tell whether it changed."""
    digest = hashlib.sha256((TEMPLATES / _TEMPLATE).read_bytes())
    digest.update(repr((banner, [astuple(line) for line in _in_order(listed)])).encode())
    return digest.hexdigest()


def render_index(listed: Iterable[Listed], banner: str | None) -> bytes:
    """The page; ``banner`` is a sentence on top, for instance that the clock is a demonstration's."""
    lines = _in_order(listed)
    groups = [
        (title, [line for line in lines if line.name.partition("/")[0] == group])
        for group, title in GROUP_TITLES.items()
    ]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = environment.get_template(_TEMPLATE)
    return page.render(stamp=stamp_index(lines, banner), banner=banner, groups=groups).encode()


def _in_order(listed: Iterable[Listed]) -> list[Listed]:
    """By title; the name decides between two of the same."""
    return sorted(listed, key=lambda line: (alphabetical(line.title), line.name))
