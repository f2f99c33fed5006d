"""Makes one mail out of a message, and says which addresses cannot be written to. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from email.header import Header
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, SMTPUTF8, Policy
from email.utils import format_datetime, quote
from pathlib import PurePath
from unicodedata import category
from urllib.parse import quote as percent
from zoneinfo import ZoneInfo

from models.errors import DonDocError
from notices.channel import Attachment, Invitation, Message

OFFICE_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LOCAL_PART_OCTETS = 64  # RFC 5321 §4.5.3.1.1
ADDRESS_OCTETS = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
NAME_CHARACTERS = 80  # percent-encoded (9 for one Vietnamese letter) it still fits one line of 998 (RFC 5322 §2.1.1)
REPLY_CHARACTERS = 1000
INVITATION_FILE = "giay-moi.ics"
KEY = re.compile(r"[0-9a-f]{32,64}")
MEDIA_TYPE = re.compile(r"([\w.+-]+)/([\w.+-]+)((?:; *[\w-]+=[\w.+-]+)*)", re.ASCII)
IN_ADDRESS = r"[^\s<>\"(),:;@\[\]]"
ADDRESS = re.compile(rf'(?:"[^"\r\n]*"|{IN_ADDRESS}+)@(\[[^\]\s]*\]|{IN_ADDRESS}*)')


class UnusableAddress(DonDocError):
    """No mail can be written to this address; the sentence shows it masked."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"Không gửi thư được đến {masked_address(address)}: {why}.", help="Sửa địa chỉ trong danh bạ của cơ quan."
        )


class _Ready(str):
    """A header whose text and wire form are both settled: the standard library writes it as it is.

    Its own folding breaks long addresses of web pages into encoded words, and Outlook cannot read how it
    splits file names.
    """

    __slots__ = ("name", "wire")
    name: str
    wire: str

    def __new__(cls, name: str, text: str, wire: str) -> _Ready:
        header = super().__new__(cls, text)
        header.name, header.wire = name, wire
        return header

    def fold(self, *, policy: Policy) -> str:
        """The header's lines."""
        return f"{self.name}: {self.wire}{policy.linesep}"


def on_one_line(text: str) -> str:
    """``text`` without control characters, line ends or broken surrogates: each run of them becomes one blank."""
    kept = "".join(" " if category(letter) in {"Cc", "Zl", "Zp", "Cs"} else letter for letter in text)
    return " ".join(kept.split())


def masked_address(address: str) -> str:
    """Enough to recognise an address by, not to write to it: ``v***@sxd.example.vn``."""
    local, at, domain = on_one_line(address).rpartition("@")
    return f"{local[:1]}***@{domain}" if at else "***"


def mask_addresses(text: str, *known: str) -> str:
    """``text`` as one line of a reply's length, with ``***`` for the local parts of addresses and of ``known`` ones."""
    shown = ADDRESS.sub(r"***@\1", on_one_line(text[:REPLY_CHARACTERS]))
    for address in known:
        local = address.rpartition("@")[0]
        if local:
            shown = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "***", shown, flags=re.IGNORECASE)
    return shown


def usable_address(address: str) -> str:
    """The address as it goes on the wire, its domain in ASCII (IDNA).

    Raises UnusableAddress. A local part that is not ASCII passes: whether it can be used, the server says.
    """
    local, at, domain = address.rpartition("@")
    if any(category(letter) in {"Cc", "Zl", "Zp", "Zs", "Cs"} for letter in address):
        raise UnusableAddress(address, "địa chỉ có khoảng trắng hoặc ký tự điều khiển")
    if not (at and local and domain):
        raise UnusableAddress(address, "địa chỉ phải có dạng tên@tên-miền")
    if re.search(r"[<>\"(),:;@\\\[\]]", local):
        raise UnusableAddress(address, "phần trước @ có ký tự không dùng được")
    if len(local.encode()) > LOCAL_PART_OCTETS:
        raise UnusableAddress(address, f"phần trước @ dài hơn {LOCAL_PART_OCTETS} ký tự")
    wire = f"{local}@{_ascii_domain(address, domain)}"
    if len(wire.encode()) > ADDRESS_OCTETS:
        raise UnusableAddress(address, f"địa chỉ dài hơn {ADDRESS_OCTETS} ký tự")
    return wire


def _ascii_domain(address: str, domain: str) -> str:
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError:
        raise UnusableAddress(address, "tên miền không hợp lệ") from None
    if not re.fullmatch(r"[\w.-]+", ascii_domain, re.ASCII) or ascii_domain.startswith("."):
        raise UnusableAddress(address, "tên miền không hợp lệ")
    return ascii_domain


def build_mail(message: Message, sender_name: str, sender_address: str, at: datetime, domain: str) -> EmailMessage:
    """The whole mail: text and HTML, attachments, and the headers of RFC 3834 and RFC 8058. ``at`` is aware.

    Message-ID is ``<key@domain>``, so that a second copy is known for one. Raises UnusableAddress.
    """
    if not KEY.fullmatch(message.key):
        raise ValueError("a message's key is 32 to 64 hexadecimal digits")
    to = usable_address(message.to)
    # 7bit: not every server on the way takes eight bits, and a signature would not survive being re-encoded
    mail = EmailMessage(policy=(SMTP if to.isascii() else SMTPUTF8).clone(cte_type="7bit"))
    for header in (
        _mailbox("From", sender_name, usable_address(sender_address)),
        _mailbox("To", message.to_name, to),
        _text("Subject", message.subject),
        _plain("Date", format_datetime(at.astimezone(OFFICE_ZONE))),
        _plain("Message-ID", f"<{message.key}@{domain}>"),
        _plain("Auto-Submitted", "auto-generated"),
        *_unsubscribing(message.unsubscribe),
    ):
        mail[header.name] = header
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    if message.invitation is not None:
        _offer(mail, message.invitation)
    for attachment in message.attachments:
        _attach(mail, attachment)
    mail["Content-Language"] = _plain("Content-Language", on_one_line(message.language))  # last: bodies clear it
    _settle_boundaries(mail, message.key)
    return mail


def _offer(mail: EmailMessage, invitation: Invitation) -> None:
    """The entry twice: as an alternative for programs that act on it (RFC 6047 §2.4), as a file for all others.

    ``method`` has to be the entry's own, or Outlook shows a plain mail; base64 keeps its line ends as they are.
    """
    entry = invitation.content.decode()
    mail.add_alternative(entry, subtype="calendar", charset="utf-8", cte="base64", params={"method": invitation.method})
    _attach(mail, Attachment(INVITATION_FILE, "application/ics", invitation.content))


def _settle_boundaries(mail: EmailMessage, key: str) -> None:
    """From the key, not by chance: a second copy is the first one, byte for byte. ``=_`` is in no encoded body."""
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number}_{key}")


def _plain(name: str, value: str) -> _Ready:
    return _Ready(name, value, value)


def _text(name: str, text: str) -> _Ready:
    """Any text: short ASCII as it is, anything else as encoded words (RFC 2047), none longer than 75."""
    line = on_one_line(text)
    if line.isascii() and len(name) + len(line) < 70 and "=?" not in line:
        return _plain(name, line)
    return _Ready(name, line, Header(line, "utf-8", maxlinelen=75, header_name=name).encode(linesep="\r\n"))


def _mailbox(name: str, called: str, address: str) -> _Ready:
    shown = _text(name, called)
    if not shown:
        return _plain(name, address)
    display = f'"{quote(shown)}"' if shown.wire == shown else shown.wire
    return _Ready(name, f"{shown} <{address}>", f"{display}\r\n <{address}>")


def _unsubscribing(address: str | None) -> tuple[_Ready, ...]:
    """RFC 8058; only digests carry it, a duty cannot be unsubscribed from."""
    if address is None:
        return ()
    link = percent(address, safe="!#$%&'()*+,-./:;=?@[]_~")
    return (_plain("List-Unsubscribe", f"<{link}>"), _plain("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    """The name twice: RFC 2231 in one piece for those who follow it, encoded words in Content-Type for Outlook."""
    kind = MEDIA_TYPE.fullmatch(attachment.media_type)
    main, sub, parameters = kind.groups() if kind else ("application", "octet-stream", "")
    name = _file_name(attachment.name)
    mail.add_attachment(attachment.content, maintype=main, subtype=sub)
    part: MIMEPart = list(mail.iter_attachments())[-1]
    words = _text("Content-Type", name).wire
    del part["Content-Type"], part["Content-Disposition"]
    part["Content-Type"] = _plain("Content-Type", f'{main}/{sub}{parameters};\r\n name="{words}"')
    given = f'filename="{name}"' if name.isascii() else f"filename*=utf-8''{percent(name, safe='')}"
    part["Content-Disposition"] = _plain("Content-Disposition", f"attachment;\r\n {given}")


def _file_name(name: str) -> str:
    """The last part of a path, without characters no file system likes; a long one keeps its ending."""
    line = re.sub(r'["\\/:*?<>|]', "_", on_one_line(name)) or "tep-dinh-kem"
    ending = PurePath(line).suffix[-10:]
    return line if len(line) <= NAME_CHARACTERS else line[: NAME_CHARACTERS - len(ending)].rstrip() + ending
