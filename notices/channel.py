"""The port every channel fits: one message in, one outcome out. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What became of one attempt, as far as the channel says."""

    ACCEPTED = "accepted"  # the channel took it over; not yet delivered, not yet read
    REJECTED = "rejected"  # for good: another channel or another person must be tried
    TRY_AGAIN = "try_again"  # not now
    UNKNOWN = "unknown"  # it may or may not have been taken over


@dataclass(frozen=True, slots=True)
class Outcome:
    """``reference`` is the channel's own number for it, ``detail`` its reply; neither holds an address."""

    verdict: Verdict
    reference: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; ``name`` may be Vietnamese."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Invitation:
    """A calendar entry for the reader's own calendar program (RFC 6047); ``method`` is the METHOD in ``content``."""

    method: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient, fully worded.

    ``key`` is 32 or more hexadecimal digits, the same at every attempt; Message-ID is made of it. ``to`` is
    a mail address, a telephone number, a Zalo user or an Apprise address, never logged. ``short`` is the one-
    paragraph text for SMS, ``parameters`` the values of a Zalo template. ``unsubscribe`` is the address
    of RFC 8058, only for digests. ``invitation`` goes with mail alone.
    """

    key: str
    to: str
    to_name: str
    subject: str
    text: str
    html: str
    short: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    invitation: Invitation | None = None
    unsubscribe: str | None = None
    language: str = "vi"


class Channel(Protocol):
    """A way to send. ``send`` never raises for what the other side does: that is an outcome."""

    def send(self, message: Message) -> Outcome:
        """One attempt, within the channel's own timeout."""

    def close(self) -> None:
        """Ends a kept connection, if any."""
