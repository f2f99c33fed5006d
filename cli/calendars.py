"""The command ``publish``: writes the calendars that changed."""

from __future__ import annotations

from calendars.publishing import publish
from cli.office import open_office
from cli.output import print_json, say
from office.store import writing


def publish_calendars(*, as_json: bool) -> None:
    """Writes what changed; a second run writes nothing."""
    office = open_office()
    folder = office.settings.published
    published = publish(
        lambda: writing(office.store),
        folder,
        office.clock.today(),
        office.definitions.working_days,
        banner=office.clock.banner(),
    )
    if as_json:
        print_json(published)
        return
    say(f"Đã ghi {published.written} lịch, {published.unchanged} lịch giữ nguyên; mục lục: {folder / 'index.html'}")
