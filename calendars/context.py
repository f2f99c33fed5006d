"""The document's own data while one of its phrases is read, and what is noted on the way. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from calendars.pieces import (
    Point,
)
from models.timing import (
    Single,
    Window,
)


@dataclass(slots=True)
class Context:
    """The document's own data, and what is noted on the way to a Reading."""

    year: int
    period: Window | None = None
    issued: date | None = None
    assumed_year: bool = False
    tentative: bool = False
    urgent: bool = False
    fixed_by: str | None = None
    starts: set[Single] = field(default_factory=set)  # beginnings without an end
    rules: list[str] = field(default_factory=list)

    def note(self, rule: str) -> None:
        """Adds a sentence to the rule of the Reading, once."""
        if rule not in self.rules:
            self.rules.append(rule)

    def window(self, point: Point) -> Window:
        """The point's days; the document's year is used, and noted, when the point has none."""
        if point.needs_year():
            self.assumed_year = True
        return point.window(self.year)
