"""Works on transactions handed in: what mail servers report of our mail, stored before it is marked read."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from calendars.working_days import WorkingDays
from notices.bounces import Report, Reports, messages_in_folder, messages_in_mailbox, read_bounces
from notices.contact_book import read_contact_book
from notices.outbox import is_being_sent, note_bounce, note_delivery
from notices.post_office import Transactions, file_elsewhere

DELIVERED = "delivered"  # not "relayed": handed to a server that reports nothing more (RFC 3464 §2.3.3)


@dataclass(frozen=True, slots=True)
class Reported:
    """How many notices are now known to be delivered and bounced, and how many of those go elsewhere."""

    delivered: int = 0
    bounced: int = 0
    elsewhere: int = 0


def open_reports(place: str, password: str) -> AbstractContextManager[Reports]:
    """The folder, or the mailbox of an address like ``imaps://user@host:993/INBOX``."""
    if "://" not in place:
        return messages_in_folder(Path(place))
    parts = urlsplit(place)
    return messages_in_mailbox(
        parts.hostname or "",
        unquote(parts.username or ""),
        password,
        port=parts.port or 993,
        mailbox=unquote(parts.path.strip("/")) or "INBOX",
    )


def read_reports(reports: Reports, writing: Transactions, days: WorkingDays, now: datetime) -> Reported:
    """Takes in every report that has come; killed before marking one read, it takes that one in again in vain.

    A report about a message that is just being sent stays unread until the next time.
    """
    delivered = bounced = elsewhere = 0
    for name, raw in reports.unread():
        early = False
        for report in read_bounces([raw]):
            with writing() as connection:
                if is_being_sent(connection, report.key):
                    early = True
                    continue
                if report.action == DELIVERED:
                    delivered += len(note_delivery(connection, report.key, now, _said(report)))
                elif report.action == "failed":
                    numbers = note_bounce(connection, report.key, now, _said(report))
                    bounced += len(numbers)
                    elsewhere += file_elsewhere(connection, numbers, read_contact_book(connection), days, now)
        if not early:
            reports.mark_read(name)
    return Reported(delivered, bounced, elsewhere)


def _said(report: Report) -> str:
    return f"{report.status} {report.diagnostic}".strip()
