"""What one notice is about at the moment of sending: plain values the wording is made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from models.notice import NoticeKind


@dataclass(frozen=True, slots=True)
class Late:
    """One overdue duty, as a list names it: ``late`` in working days."""

    agency: str
    title: str
    last_on_time: date
    late: int


@dataclass(frozen=True, slots=True)
class TakenFile:
    """One file of a receipt: ``size`` in bytes, ``digest`` SHA-256; of a secret matter it has no name."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a receipt (kind RECEIPT) vouches for; ``at`` is the office's time.

    ``late`` is None without a deadline or for a correction handed in again, -1 when it was on time, else the
    working days after the last one (0: late, but by no working day yet). ``document`` names the paper.
    """

    number: int
    at: datetime
    complete: bool
    late: int | None = None
    document: str = ""
    link: str = ""
    files: tuple[TakenFile, ...] = ()

    def without_names(self) -> Taken:
        """When it was handed in and the digests, which tell nothing to whoever has not got the files."""
        files = tuple(TakenFile("", file.size, file.digest) for file in self.files)
        return Taken(self.number, self.at, self.complete, self.late, files=files)


@dataclass(frozen=True, slots=True)
class Request:
    """A request for more time: asked by whom, until when and why; the answer, once there is one.

    ``granted_until`` is None for a refusal and while nobody has ``decided_by``.
    """

    number: int
    by: str
    at: datetime
    until: date
    why: str
    decided_by: str = ""
    granted_until: date | None = None
    remark: str = ""

    def without_words(self) -> Request:
        """The days alone."""
        return replace(self, by="", why="", decided_by="", remark="")


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter; names are Vietnamese, days in Asia/Ho_Chi_Minh.

    ``days_left`` counts working days from today to ``work_by`` (deadlines) or to ``first`` (events), 0 on
    the day, negative after it. For a deadline ``named_date``, ``included``, ``last_on_time`` and ``work_by``
    are given; for an event or window ``first`` and ``last``, with ``when`` the stretch in words ("Quý II/2024",
    "16/12/2024, 14h00"). ``missing`` names the agencies a collector or consolidator still waits for.
    ``missed`` counts earlier steps that an outage swallowed and this notice stands for. ``assumed`` says that
    the paper names no day, ``held`` that it is held on a day (a meeting, a visit) rather than done by then.
    ``duty`` is the code to quote. ``link`` acknowledges the whole message, so all matters of one message carry
    the same. A ``secret`` matter has no title, document or place here: they were left out before it was made.
    After an extension or a return ``named_date`` is the new day. ``what`` says what changed (kind CHANGED; a
    cancelled matter has no days here), ``before`` what the reader had been told, and ``about`` what a letter is
    about (its number, who signed). Of an invitation ``fixed_by`` is the paper that fixed the day, and ``called_off``
    says that what its reader was invited to is not held then. ``taken`` and ``request`` are what receipts and requests
    for more time say.
    """

    kind: NoticeKind
    title: str
    programme: str
    document: str = ""
    agency: str | None = None
    leads: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    named_date: date | None = None
    included: bool | None = None
    last_on_time: date | None = None
    work_by: date | None = None
    first: date | None = None
    last: date | None = None
    starts: time | None = None
    when: str = ""
    place: str = ""
    product: str = ""
    days_left: int = 0
    missing: tuple[str, ...] = ()
    late: tuple[Late, ...] = ()
    missed: int = 0
    held: bool = False
    draft: bool = False
    assumed: bool = False
    extended: bool = False
    returned: bool = False
    secret: bool = False
    duty: str = ""
    link: str = ""
    what: str = ""
    before: str = ""
    about: str = ""
    fixed_by: str = ""
    called_off: bool = False
    taken: Taken | None = None
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Addressed:
    """Who a message goes to and who signs it: names, the reader's language ("vi" or "en"), the day it is sent.

    ``instead_of`` is the person a substitute stands in for. ``banner`` is the sentence a shifted clock wants
    shown. ``unsubscribe`` is the address that stops digests, ``agency_page`` opens the page of the reader's agency.
    """

    name: str
    sender: str
    today: date
    language: str = "vi"
    instead_of: str | None = None
    banner: str | None = None
    unsubscribe: str | None = None
    agency_page: str | None = None


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in words: ``subject`` says first what is due and when.

    ``short`` is one SMS, ``pasted`` the two lines for a Zalo group, ``parameters`` fill a Zalo template.
    """

    subject: str
    text: str
    html: str
    short: str
    pasted: str
    parameters: dict[str, str]
