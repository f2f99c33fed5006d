"""The only file that asks what time it is: one clock, in Vietnam, real, shifted or held still.

A demonstration (``DONDOC_AT=2024-12-02``) begins at eight in the morning of its day and runs on from there, so
that an office at work is seen whatever the hour is. ``dondoc run`` writes the shift to ``clock.json`` in the
office's home, so that every other command agrees on the day, during the demonstration and after it. Starting
again with the same day runs on from the stored shift: a demonstration that began on Monday and is restarted on
Wednesday stands at its own Wednesday, as its database does. Another day, "today", or removing the file begins
anew.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from models.errors import DonDocError
from office.settings import VIETNAM, Settings

BEGINS_AT = time(8)  # a demonstration's first hour: morning, and outside everybody's quiet hours
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class UnreadableClock(DonDocError):
    """``clock.json`` cannot be read or written; ``file`` says which one."""

    exit_code = 2

    def __init__(self, sentence: str, *, file: Path, help: str = "") -> None:
        self.file = file
        super().__init__(sentence, help=help)


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the office's time; ``shift`` is added to the real one, ``held`` stops it at an instant (Vietnam)."""

    shift: timedelta = timedelta()
    held: datetime | None = None

    def now(self) -> datetime:
        """The office's present instant, aware, Asia/Ho_Chi_Minh."""
        return self.held or datetime.now(VIETNAM) + self.shift

    def today(self) -> date:
        """The office's day in Vietnam; at 17:00 UTC it is already tomorrow."""
        return self.now().date()

    def logical(self, scheduled: datetime) -> datetime:
        """The office's instant for a run Prefect had planned at ``scheduled`` (aware, usually UTC).

        06:30 in Vietnam is the day before in UTC, so the zone comes first. A held clock is the replay
        of one moment: every run belongs to it.
        """
        if scheduled.tzinfo is None:
            raise ValueError("scheduled must be aware")
        return self.held or scheduled.astimezone(VIETNAM) + self.shift

    def began(self) -> date | None:
        """The day a demonstration pretends its office began: that year's first; None for an office that is real."""
        return date(self.today().year, 1, 1) if self.held or self.shift else None

    def banner(self) -> str | None:
        """One Vietnamese sentence for everything shown while the clock is not the real one; else None."""
        if self.held:
            return f"Đồng hồ đứng yên lúc {self.held:%H:%M}, {_in_words(self.held.date())}."
        if not self.shift:
            return None
        real = datetime.now(VIETNAM)
        shown = (real + self.shift).date()
        return f"Đồng hồ minh họa: hôm nay là {_in_words(shown)} (ngày thật: {_in_words(real.date())})."


def _in_words(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]}, {day:%d/%m/%Y}"


def real_instant() -> datetime:
    """The machine's own instant, aware, UTC: for Prefect, whose schedules stay on the real calendar."""
    return datetime.now(UTC)


def read_clock(settings: Settings) -> Clock:
    """The clock every command shares: the setting, else what ``dondoc run`` stored, else the real one.

    Raises ``UnreadableClock``.
    """
    if settings.now:
        return Clock(held=settings.now)
    if settings.at == "today":
        return Clock()
    stored = _read_file(_file(settings))
    if stored and settings.at in (None, stored[0]):
        return Clock(shift=stored[1])
    if settings.at is None:
        return Clock()
    return Clock(shift=datetime.combine(settings.at, BEGINS_AT, VIETNAM) - datetime.now(VIETNAM))


def set_clock(settings: Settings) -> Clock:
    """Read the clock and store it for every other command of this office; only ``dondoc run`` does this.

    The file is replaced as a whole: a reader sees the old clock or the new one. Raises ``UnreadableClock``.
    """
    clock = read_clock(settings)
    file = _file(settings)
    if settings.at == "today":
        file.unlink(missing_ok=True)
    elif settings.at and not settings.now:
        kept = {"at": settings.at.isoformat(), "shift_seconds": clock.shift.total_seconds()}
        _replace(file, json.dumps(kept) + "\n")
    return clock


def _file(settings: Settings) -> Path:
    return settings.home / "clock.json"


def _read_file(file: Path) -> tuple[date, timedelta] | None:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        shift = timedelta(
            days=int(kept.get("shift_days", 0)), seconds=float(kept.get("shift_seconds", 0))
        )  # 0.1.0: days
        if not shift:
            raise ValueError("no shift")
        return date.fromisoformat(kept["at"]), shift
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise UnreadableClock(
            f"Không đọc được đồng hồ đã lưu trong tệp {file}.",
            file=file,
            help="Hãy xóa tệp này rồi chạy lại 'dondoc run'.",
        ) from error


def _replace(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".clock-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(draft, file)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UnreadableClock(
            f"Không ghi được đồng hồ vào thư mục {file.parent}: {error.strerror}.",
            file=file,
            help="Hãy kiểm tra quyền ghi và chỗ trống trên đĩa.",
        ) from error
