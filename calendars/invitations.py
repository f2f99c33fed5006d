"""One occurrence becomes one invitation to one person (RFC 5546, RFC 6047); pure bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

from icalendar import vCalAddress

from calendars.components import CalendarEntry, SchedulingDays, Style, clean_line, make_event
from calendars.feeds import BOTTOM, TOP, ZONE_OF_ALL
from calendars.wording import Language
from models.kinds import Placing
from models.occurrence import Status

REQUEST, CANCEL = "REQUEST", "CANCEL"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody with a mail address, as it goes on the wire."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Guest:
    """Whose calendar it is for; ``leads`` says that their agency holds it."""

    mailbox: Mailbox
    leads: bool
    language: Language = "vi"


def method_of(entry: CalendarEntry) -> str:
    """What calendar programs are asked to do with it (RFC 5546 §3.2): take it or bring it up to date, or strike it."""
    return CANCEL if entry.is_cancelled else REQUEST


def without_its_day(entry: CalendarEntry, told: date) -> CalendarEntry:
    """The entry of what has no fixed day any more: off on the day its guests were invited to.

    A CANCEL may go without DTSTART (RFC 5545 §3.6.1), but Outlook passes such an event over.
    """
    if entry.placing == Placing.FIXED:
        return entry
    return replace(entry, placing=Placing.FIXED, status=Status.CANCELLED, first=told, last=told, starts=None, ends=None)


def render_invitation(entry: CalendarEntry, days: SchedulingDays, organizer: Mailbox, guest: Guest) -> bytes:
    """The whole calendar object: the very event of the feeds, its METHOD, who invites, and this one guest.

    The same UID, SEQUENCE and DTSTAMP as in the feeds, so that neither clock nor chance is in its bytes. One guest
    alone: nobody's address is handed to the others.
    """
    event = make_event(entry, days, Style(guest.language))
    event.add("organizer", _address(organizer))
    role = "CHAIR" if guest.leads else "REQ-PARTICIPANT"
    event.add("attendee", _address(guest.mailbox, role, "NEEDS-ACTION", rsvp=True))
    method = f"METHOD:{method_of(entry)}\r\n".encode()
    return b"".join((TOP[guest.language], method, ZONE_OF_ALL, event.to_ical(), BOTTOM))


def _address(
    mailbox: Mailbox, role: str | None = None, partstat: str | None = None, *, rsvp: bool | None = None
) -> vCalAddress:
    """A mail address as a URI (RFC 6068); its name without what RFC 6868 would write in a way Outlook does not read."""
    name = clean_line(mailbox.name).replace('"', "'").replace("^", "")
    address = quote(mailbox.address, safe="@!$'*+-/=^_`{|}~.")
    return vCalAddress.new(address, cn=name or None, role=role, partstat=partstat, rsvp=rsvp)
