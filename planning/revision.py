"""When a change counts from: the instant that becomes DTSTAMP and LAST-MODIFIED; pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def next_revision(today: date, before: datetime | None = None) -> datetime:
    """The midnight of ``today`` in Viet Nam, or a second after ``before`` when that is later: it only ever grows.

    Midnight and not the present instant: a run that was killed and started again writes the same bytes.
    """
    midnight = datetime(today.year, today.month, today.day, tzinfo=ZONE)
    return midnight if before is None else max(midnight, before + timedelta(seconds=1))
