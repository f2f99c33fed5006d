"""What the form of a subscription offers, and how its fields and a subscription's options say the same; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calendars.subscription_options import Options
from models.kinds import KIND_NAMES, Role
from models.subscription import WindowStyle
from portal.typed import read_number

ALARMS = (30, 60, 960, 2400)  # minutes; 960 before a whole day's beginning is 8 in the morning of the day before


def choices_of(calendars: Sequence[tuple[str, str]], *, for_agency: bool) -> dict[str, Any]:
    """What may be chosen: kinds, programmes, alarms, and of an agency's calendar the parts it may have."""
    programmes = [(name.partition("/")[2], title) for name, title in calendars if name.startswith("programme/")]
    return {
        "kinds": list(KIND_NAMES.items()),
        "programmes": programmes,
        "roles": list(Role) if for_agency else [],
        "alarms": ALARMS,
    }


def read_options(form: Mapping[str, str]) -> Options:
    """What the form's fields say; checked where they are kept."""
    windows = form.get("windows", "")
    return Options(
        kinds=tuple(filter(None, form.get("kinds", "").split(","))),
        programmes=tuple(filter(None, form.get("programmes", "").split(","))),
        roles=tuple(role for role in Role if form.get(f"role.{role}")),
        language="en" if form.get("language") == "en" else "vi",
        windows=WindowStyle(windows) if windows in set(WindowStyle) else WindowStyle.MARKER,
        cancelled=form.get("cancelled", "show") != "hide",
        tasks=form.get("tasks") == "tasks",
        alarm_minutes=read_number(form.get("alarm", ""), 6),
    )


def as_typed(title: str, options: Options) -> dict[str, str]:
    """The fields of a form that says these options."""
    return {
        "title": title,
        "kinds": ",".join(options.kinds),
        "programmes": ",".join(options.programmes),
        "language": options.language,
        "windows": options.windows.value,
        "cancelled": "show" if options.cancelled else "hide",
        "tasks": "tasks" if options.tasks else "",
        "alarm": "" if options.alarm_minutes is None else str(options.alarm_minutes),
    } | {f"role.{role}": "1" for role in options.roles}
