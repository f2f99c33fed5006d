"""What is told to whom: rungs of a ladder, notices, attempts, acknowledgements, letters, and the audit."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class NoticeKind(StrEnum):
    """What a notice says; each has its template."""

    REMINDER = "reminder"  # a duty is coming due
    OVERDUE = "overdue"  # a duty is late: to the head
    EVENT = "event"  # a conference or inspection with its day
    WINDOW = "window"  # a stretch nobody has fixed a day in
    MISSING = "missing"  # to the collector: who has not sent
    RATING = "rating"  # to the secretariat: marked for the yearly rating
    LETTER_WAITING = "letter_waiting"  # to the secretariat: a letter waits for a signature
    LETTER_SILENT = "letter_silent"  # to the secretariat: nobody has decided about a letter in its time
    LETTER = "letter"  # the signed letter itself, attached
    CHAIR_LIST = "chair_list"  # the chair's weekly list
    CHANGED = "changed"  # what was told before is cancelled or has another day
    RECEIPT = "receipt"  # to whoever handed in: what was taken, with digests
    REQUEST_WAITING = "request_waiting"  # to the secretariat: an agency asks for more time
    REQUEST_ANSWERED = "request_answered"  # to the agency: whether it has more time
    LINK = "link"  # to a contact who asked: a new link to their agency's page
    INVITATION = "invitation"  # to a meeting, as an entry calendars take; also that it moved or is off


class NoticeState(StrEnum):
    """Where a notice stands. Accepted by a channel is not delivered, delivered is not acknowledged."""

    PLANNED = "planned"
    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"


STATE_NAMES: dict[NoticeState, str] = {
    NoticeState.PLANNED: "chờ đến giờ",
    NoticeState.PENDING: "chờ gửi lại",
    NoticeState.SENDING: "đang gửi",
    NoticeState.ACCEPTED: "máy chủ đã nhận",
    NoticeState.DELIVERED: "đã vào hộp thư",
    NoticeState.BOUNCED: "bị trả lại",
    NoticeState.FAILED: "không gửi được",
    NoticeState.UNKNOWN: "chưa rõ kết quả",
    NoticeState.SUPERSEDED: "được thông báo sau thay thế",
    NoticeState.CANCELLED: "thôi gửi",
}

WAITING = (NoticeState.PLANNED.value, NoticeState.PENDING.value)  # may still be sent
SENT = (NoticeState.ACCEPTED.value, NoticeState.DELIVERED.value)
STILL_WAITS = text(f"state IN {WAITING}")  # the condition of an index: whoever wants it must say the very same
TO_DECIDE = (NoticeState.FAILED.value, NoticeState.UNKNOWN.value, NoticeState.BOUNCED.value)


class Rung(SQLModel, table=True):
    """One step of the ladder for one subject, with its day; laid when the occurrence opens.

    ``subject`` is a duty (``occurrence/agency``) or an occurrence. ``version`` is that of its due day: a
    new date or an extension lays new rungs and leaves the old. ``settled_on`` is empty until the rung has
    been acted on; the index makes "due and not settled" cost what is due, not what is stored.
    """

    subject: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    occurrence: str = Field(index=True)
    agency: str | None = None
    action: str
    targets: str  # models.kinds.Target, separated by blanks
    working_days: int
    urgent: bool = False
    fires_on: date
    settled_on: date | None = None
    outcome: str | None = Field(default=None, index=True)

    __table_args__ = (Index("ix_rung_due", "settled_on", "fires_on"),)


class Notice(SQLModel, table=True):
    """One thing to tell one recipient by one channel; the unique key makes planning twice change nothing.

    ``recipient`` is the contact meant (a substitute may receive it: ``sent_to``), or ``?focal:SYT`` when
    nobody holds that post. ``bundle`` groups what one message may carry; ``envelope`` fixes, at the first
    attempt, which notices one message does carry, and gives it its Message-ID. ``due_at`` is when it is
    next to be tried, ``told`` the time it spoke of, in words, ``useful_until`` when it stops being of use
    (office time, UTC). ``lease`` and ``lease_until`` (the database's clock) belong to the sender that holds
    it.
    """

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    version: str
    step: str
    recipient: str
    channel: str
    occurrence: str | None = Field(default=None, index=True)
    agency: str | None = None
    kind: str
    target: str
    fires_on: date
    missed: int = 0
    urgent: bool = False
    bundle: str = Field(index=True)
    envelope: str | None = Field(default=None, index=True)
    state: str
    due_at: datetime = Field(sa_type=UtcInstant)
    useful_until: datetime | None = Field(default=None, sa_type=UtcInstant)
    attempts: int = 0
    lease: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcInstant)
    sent_to: str | None = None
    sent_by: str | None = None
    rendered: str | None = None
    told: str | None = None
    reference: str | None = None
    reason: str | None = None
    fallback_of: int | None = None
    planned_at: datetime = Field(sa_type=UtcInstant)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    link_revoked: bool = False

    __table_args__ = (
        UniqueConstraint("subject", "version", "step", "recipient", "channel", name="uq_notice_key"),
        Index("ix_notice_due", "state", "due_at"),
        Index("ix_notice_waiting", "due_at", "id", sqlite_where=STILL_WAITS, postgresql_where=STILL_WAITS),
    )


class Attempt(SQLModel, table=True):
    """One attempt to send one notice, append-only. ``at`` is the office's time; replies carry no addresses."""

    id: int | None = Field(default=None, primary_key=True)
    notice: int = Field(index=True, foreign_key="notice.id")
    envelope: str
    number: int
    at: datetime = Field(sa_type=UtcInstant, index=True)
    channel: str
    sent_to: str | None = None
    outcome: str
    reference: str = ""
    detail: str = ""


class Acknowledgement(SQLModel, table=True):
    """Somebody who holds the mailbox said so; possession of a link is not identity."""

    notice: int = Field(primary_key=True, foreign_key="notice.id")
    subject: str = Field(index=True)
    version: str
    contact: str
    at: datetime = Field(sa_type=UtcInstant)
    typed_name: str
    way: str  # "link" or "command"


class LetterState(StrEnum):
    """Where a formal letter stands; only an approved one leaves."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    WAIVED = "waived"


class Letter(SQLModel, table=True):
    """One công văn đôn đốc about one occurrence, for the agencies late on ``drafted_on``.

    ``round`` grows each time it comes back from being returned; ``told_on`` is the day the secretariat
    was told that nobody had decided. ``digest`` is the SHA-256 of the DOCX that was approved.
    """

    id: int | None = Field(default=None, primary_key=True)
    occurrence: str = Field(index=True)
    drafted_on: date
    round: int = 1
    state: str = LetterState.DRAFTED
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    remark: str | None = None
    number: str | None = None
    signer: str | None = None
    digest: str | None = None
    told_on: date | None = None

    __table_args__ = (UniqueConstraint("occurrence", "drafted_on", name="uq_letter_key"),)


class LetterDuty(SQLModel, table=True):
    """A duty a letter is about, with the due version it was late by."""

    letter: int = Field(primary_key=True, foreign_key="letter.id")
    duty: str = Field(primary_key=True)
    version: str
    agency: str


class DutyDecision(SQLModel, table=True):
    """What a person recorded about a duty, append-only: done, extended, returned for correction, waived."""

    id: int | None = Field(default=None, primary_key=True)
    duty: str = Field(index=True)
    what: str
    on: date
    until: date | None = None
    by: str
    why: str = ""
    document: str | None = None
    at: datetime = Field(sa_type=UtcInstant)


class Hold(SQLModel, table=True):
    """Sending is held: ``scope`` is "*" for everything or a notice's number."""

    scope: str = Field(primary_key=True)
    by: str
    why: str
    since: datetime = Field(sa_type=UtcInstant)


BEGAN = "began"


class Passage(SQLModel, table=True):
    """When recurring work was last completed: ``at`` by the office's clock, ``really_at`` by the machine's.

    The one called BEGAN stays at the day the office began.
    """

    name: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcInstant)
    really_at: datetime = Field(sa_type=UtcInstant)


class AuditEntry(SQLModel, table=True):
    """One line of the audit, append-only; ``digest`` covers the line and the digest before it.

    ``at`` is the office's time as ISO 8601 text and ``details`` canonical JSON, so that the digest can
    be computed again from the very bytes stored.
    """

    id: int = Field(primary_key=True)
    at: str
    actor: str
    action: str
    subject: str = Field(index=True)
    details: str
    digest: str
