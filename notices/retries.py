"""What follows one attempt: sent, tried again later, handed to another channel, or left to a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.kinds import PAID
from models.notice import NoticeState
from notices.channel import Outcome, Verdict

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=4)
MOST_UNKNOWN = 2  # a mail that may have arrived is sent once more, no oftener: it has the same Message-ID


@dataclass(frozen=True, slots=True)
class Next:
    """``due_at`` is given when it is tried again; ``elsewhere`` asks for another channel or person."""

    state: NoticeState
    due_at: datetime | None = None
    elsewhere: bool = False


def follow_up(
    outcome: Outcome, channel: str, attempts: int, unknown: int, now: datetime, useful_until: datetime | None, key: str
) -> Next:
    """``attempts`` counts this one too, and so does ``unknown``, those whose outcome nobody knows.

    A retry never begins after ``useful_until``: a reminder of what was due yesterday helps nobody, and a person
    is told instead.
    """
    match outcome.verdict:
        case Verdict.ACCEPTED:
            return Next(NoticeState.ACCEPTED)
        case Verdict.REJECTED:
            return Next(NoticeState.FAILED, elsewhere=True)
        case Verdict.UNKNOWN:
            if channel in PAID or unknown >= MOST_UNKNOWN:
                return Next(NoticeState.UNKNOWN)
        case Verdict.TRY_AGAIN:
            pass
    again = now + pause_after(attempts, key)
    if useful_until is not None and again > useful_until:
        # what may have arrived is not sent elsewhere as well: a person looks
        known = outcome.verdict is Verdict.TRY_AGAIN
        return Next(NoticeState.FAILED if known else NoticeState.UNKNOWN, elsewhere=known)
    return Next(NoticeState.PENDING, due_at=again)


def pause_after(attempts: int, key: str) -> timedelta:
    """Growing from five minutes to four hours; up to a quarter more by ``key``, so that not all come back at once."""
    pause = min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return pause * (1 + int(key[:4] or "0", 16) / 0xFFFF / 4)
