"""What a subscription holds of its owner's calendar, and how: options are checked, and kept as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping

from calendars.components import Style
from calendars.wording import Language
from models.errors import DonDocError
from models.kinds import ItemKind, Role
from models.subscription import WindowStyle

LONGEST_ALARM = 40_320  # minutes: four weeks


class UnusableOptions(DonDocError):
    """Options that no calendar could be made of."""


@dataclass(frozen=True, slots=True)
class Options:
    """``kinds``, ``programmes`` and ``roles`` narrow the owner's calendar; an empty one lets everything through.

    ``roles`` are the owning agency's own parts in a matter; owing a report counts as leading it. ``cancelled``
    keeps what was called off for its 30 days; ``tasks`` gives a list of tasks instead of events.
    """

    kinds: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    language: Language = "vi"
    windows: WindowStyle = WindowStyle.MARKER
    cancelled: bool = True
    tasks: bool = False
    alarm_minutes: int | None = None

    @property
    def style(self) -> Style:
        """How its components are rendered."""
        spans = self.windows == WindowStyle.SPAN and not self.tasks
        return Style(self.language, spans=spans, tasks=self.tasks)

    @property
    def styles(self) -> tuple[Style, ...]:
        """Every style whose bytes it needs: spans are windows only, everything else is plain."""
        return (Style(self.language), self.style) if self.style.spans else (self.style,)

    def as_columns(self) -> dict[str, Any]:
        """As models.subscription.Subscription keeps them."""
        filters = {name: list(getattr(self, name)) for name in ("kinds", "programmes", "roles") if getattr(self, name)}
        return {
            "filters": json.dumps(filters, sort_keys=True, separators=(",", ":")),
            "language": self.language,
            "windows": str(self.windows),
            "cancelled": self.cancelled,
            "tasks": self.tasks,
            "alarm_minutes": self.alarm_minutes,
        }


def read_options(row: RowMapping | Mapping[str, Any]) -> Options:
    """The options of a kept subscription."""
    filters = {name: tuple(values) for name, values in json.loads(row["filters"]).items()}
    return Options(
        **filters,
        language="en" if row["language"] == "en" else "vi",
        windows=WindowStyle(row["windows"]),
        cancelled=row["cancelled"],
        tasks=row["tasks"],
        alarm_minutes=row["alarm_minutes"],
    )


def check_options(owner: str, options: Options, programmes: Iterable[str]) -> Options:
    """The same options, each filter sorted and once. Raises UnusableOptions; ``programmes`` are the known codes."""
    if options.language not in ("vi", "en"):
        raise UnusableOptions(f"Không có ngôn ngữ «{options.language}».", help="Chọn vi hoặc en.")
    kinds = _known("loại việc", options.kinds, ItemKind)
    papers = _known("chương trình", options.programmes, programmes)
    roles = _known("vai", options.roles, Role)
    if roles and not owner.startswith("agency/"):
        raise UnusableOptions(
            "Chỉ lịch của một cơ quan mới lọc được theo vai.", help="Bỏ chọn vai, hoặc chọn lịch của cơ quan."
        )
    if options.alarm_minutes is not None and not 0 <= options.alarm_minutes <= LONGEST_ALARM:
        raise UnusableOptions("Số phút nhắc trước không dùng được.", help=f"Ghi từ 0 đến {LONGEST_ALARM} phút.")
    return Options(
        kinds, papers, roles, options.language, WindowStyle(options.windows), options.cancelled, options.tasks,
        options.alarm_minutes,
    )  # fmt: skip


def _known(what: str, asked: Iterable[str], known: Iterable[str] | type[StrEnum]) -> tuple[str, ...]:
    names = {str(name) for name in known}
    if unknown := sorted(set(asked) - names):
        raise UnusableOptions(f"Không có {what} «{unknown[0]}».", help="Chọn trong danh sách.")
    return tuple(sorted(set(asked)))
