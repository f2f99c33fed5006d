"""When a message may reach a person: outside quiet hours and days off, the digest in the morning. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from calendars.working_days import WorkingDays
from models.notice import NoticeKind
from notices.recipients import Person

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY_END = time(23, 59, 59)
ONE_DAY = timedelta(days=1)
OF_THEIR_DAY = (NoticeKind.REMINDER, NoticeKind.EVENT, NoticeKind.WINDOW, NoticeKind.INVITATION)
USEFUL_DAYS = 30  # of what has no last day of its own: an overdue notice, a letter, a rating


def earliest(at: datetime, person: Person, days: WorkingDays) -> datetime:
    """The first instant from ``at`` (aware) on that lies on a working day and outside the person's quiet hours."""
    here = at.astimezone(ZONE)
    if not days.is_working(here.date()):
        here = datetime.combine(days.on_or_after(here.date()), time(), ZONE)
    if not _is_quiet(here.time(), person):
        return here
    opens = datetime.combine(here.date(), person.quiet_to, ZONE)
    if opens >= here:
        return opens
    return datetime.combine(days.next(here.date()), _day_begins(person), ZONE)


def _is_quiet(hour: time, person: Person) -> bool:
    begins, ends = person.quiet_from, person.quiet_to
    if begins <= ends:
        return begins <= hour < ends
    return hour >= begins or hour < ends


def _day_begins(person: Person) -> time:
    return person.quiet_to if person.quiet_from > person.quiet_to else time()


def due_at(
    now: datetime, person: Person, days: WorkingDays, digest_at: time, useful_until: datetime | None, *, urgent: bool
) -> datetime:
    """When a notice planned at ``now`` is to be sent; one that waiting would make useless goes at once.

    What is not urgent waits for the digest's hour, also on the working day to which a day off puts it: all of one
    morning then make one message. Seconds do not count: a day that is replayed begins anew with each command.
    """
    here = now.astimezone(ZONE).replace(second=0, microsecond=0)
    found = earliest(here, person, days)
    if not urgent:
        found = earliest(max(found, datetime.combine(found.date(), digest_at, ZONE)), person, days)
    return here if useful_until is not None and found > useful_until else found


def not_disturbing(at: datetime, person: Person, days: WorkingDays, useful_until: datetime | None) -> datetime:
    """``at``, or the first instant after it that disturbs nobody; ``at`` where waiting would make it useless."""
    found = earliest(at, person, days)
    return at if useful_until is not None and found > useful_until else found


def useful_until(kind: NoticeKind, last: date | None, now: datetime) -> datetime:
    """Until when the notice helps anybody: a reminder to the end of its last day, an event to that of its day."""
    if kind in OF_THEIR_DAY and last is not None:
        return datetime.combine(last, DAY_END, ZONE)
    length = 7 if kind is NoticeKind.CHAIR_LIST else USEFUL_DAYS
    return now + length * ONE_DAY
