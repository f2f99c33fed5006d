"""Reads what mail servers report about mail of ours (RFC 3464), from a folder or from a mailbox."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Protocol

from models.errors import DonDocError
from notices.mime import mask_addresses, on_one_line

# "expanded" hands the mail on to a list, beyond which nothing is reported: to us that is relayed (RFC 3464 §2.3.3).
ACTIONS = {name: name for name in ("failed", "delayed", "delivered", "relayed")} | {"expanded": "relayed"}
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463 §2
KEY = re.compile(r"<?([0-9a-f]{32,64})(?:@[^<>@\s]*>?)?")
XTEXT = re.compile(r"\+([0-9A-F]{2})")
READ = "read"


class UnreachableMailbox(DonDocError):
    """The mailbox or folder that reports come to cannot be read."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the message ``key`` at one recipient; ``diagnostic`` holds no address.

    ``action`` is "failed", "delayed", "delivered" or "relayed", ``status`` as in RFC 3463 ("5.1.1") or empty.
    """

    key: str
    action: str
    status: str
    diagnostic: str


def read_bounces(messages: Iterable[bytes]) -> list[Report]:
    """The reports in ``messages``, in their order. Mail that is no report, or none about ours, says nothing."""
    return [report for raw in messages for report in _read_one(raw)]


def _read_one(raw: bytes) -> list[Report]:
    try:
        mail = message_from_bytes(raw)
    except (TypeError, ValueError):  # what the standard library makes of a broken boundary parameter (RFC 2231)
        return []
    if mail.get_content_type() != "multipart/report":
        return []  # also when one is enclosed: a forwarded report was somebody else's
    parts = _inside(mail)
    groups = next((_inside(part) for part in parts if part.get_content_type() == "message/delivery-status"), [])
    key = next(filter(None, [*map(_envelope, groups[:1]), *map(_returned, parts)]), None)
    if key is None:
        return []
    return [report for group in groups[1:] if (report := _read_group(key, group))]


def _read_group(key: str, group: Message) -> Report | None:
    action = ACTIONS.get(_field(group, "Action").lower().partition(" ")[0])
    if action is None:
        return None
    status = STATUS.search(_field(group, "Status"))
    named = [_field(group, name).partition(";")[2].strip() for name in ("Final-Recipient", "Original-Recipient")]
    said = _field(group, "Diagnostic-Code")
    words = said.partition(";")[2].strip() or said
    return Report(key, action, status[0] if status else "", mask_addresses(words, *named))


def _envelope(group: Message) -> str | None:
    """The key from Original-Envelope-Id, which is xtext (RFC 3461 §4)."""
    written = _field(group, "Original-Envelope-Id")
    return _key(XTEXT.sub(lambda found: chr(int(found[1], 16)), written))


def _returned(part: Message) -> str | None:
    """The key from Message-ID, in a part that returns the mail or its headers."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        return next((_key(_field(mail, "Message-ID")) for mail in _inside(part)), None)
    if kind == "text/rfc822-headers":
        content = part.get_payload(decode=True)
        headers = BytesParser().parsebytes(content, headersonly=True) if isinstance(content, bytes) else Message()
        return _key(_field(headers, "Message-ID"))
    return None


def _key(written: str) -> str | None:
    found = KEY.fullmatch(written.lower())  # some servers shout ENVID
    return found[1] if found else None


def _field(group: Message, name: str) -> str:
    return on_one_line(str(group.get(name, "")))


def _inside(mail: Message) -> list[Message]:
    """The parts, or nothing where a broken mail has text instead."""
    payload = mail.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


class Reports(Protocol):
    """A place reports come to. What is not marked read comes again: mark it when what it said is stored."""

    def unread(self) -> Iterator[tuple[str, bytes]]:
        """Each message with the name to mark it by."""

    def mark_read(self, name: str) -> None:
        """It has been dealt with."""


@contextmanager
def _reaching(what: str, help: str) -> Iterator[None]:
    """Around our own reading only: what the caller does with a message fails under its own name."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error, UnicodeError) as error:
        raise UnreachableMailbox(f"Không đọc được {what}.", help=help) from error


class _Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def reaching(self) -> AbstractContextManager[None]:
        return _reaching(f"thư mục thư trả lại {self.folder}", "Kiểm tra đường dẫn và quyền ghi của thư mục.")

    def unread(self) -> Iterator[tuple[str, bytes]]:
        for name in self._names():
            content = self._read(name)
            if content is not None:
                yield name, content

    def _read(self, name: str) -> bytes | None:
        with self.reaching(), suppress(FileNotFoundError):  # a mail program may move it while we look
            return (self.folder / name).read_bytes()
        return None

    def _names(self) -> list[str]:
        with self.reaching():
            next(self.folder.iterdir(), None)  # says so when there is no such folder; glob does not
            new = [*self.folder.glob("new/*"), *self.folder.glob("cur/*"), *self.folder.glob("*.eml")]
            return sorted(path.relative_to(self.folder).as_posix() for path in new if path.is_file())

    def mark_read(self, name: str) -> None:
        path, kept = self.folder / name, self.folder / READ
        with self.reaching(), suppress(FileNotFoundError):  # marked before
            kept.mkdir(exist_ok=True)
            path.rename(_free(kept / path.name))


def _free(path: Path) -> Path:
    """``path``, or with a number when something of that name was kept before."""
    number, free = 2, path
    while free.exists():
        free, number = path.with_name(f"{path.stem}-{number}{path.suffix}"), number + 1
    return free


def messages_in_folder(folder: Path) -> AbstractContextManager[Reports]:
    """The messages of a Maildir, or the ``.eml`` files of a plain folder; those read move to ``read/`` in it.

    Its methods raise UnreachableMailbox when there is no such folder or it cannot be used.
    """
    return nullcontext(_Folder(folder))


class _Mailbox:
    """An open IMAP mailbox; messages are named by UID, which outlives a changed order."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self.where = f"{host}:{port}"
        context = ssl.create_default_context()
        with self.reaching():
            self.connection = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=timeout)

    def reaching(self) -> AbstractContextManager[None]:
        return _reaching(
            f"hộp thư nhận thư trả lại ở {self.where}",
            "Kiểm tra tên máy, tài khoản, mật khẩu và chứng thư của máy chủ IMAP.",
        )

    def open(self, user: str, password: str, mailbox: str) -> None:
        with self.reaching():
            self.connection.login(user, password)
            said, _ = self.connection.select(f'"{mailbox}"')
            if said != "OK":
                raise imaplib.IMAP4.error("SELECT")

    def close(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self.connection.logout()
        with suppress(OSError):
            self.connection.shutdown()  # logout leaves the socket open when the other side is gone

    def unread(self) -> Iterator[tuple[str, bytes]]:
        for uid in (self._ask("SEARCH", "UNSEEN")[0] or b"").decode().split():
            # a plain BODY[] would mark it read before it is dealt with
            yield from ((uid, part[1]) for part in self._ask("FETCH", uid, "(BODY.PEEK[])") if isinstance(part, tuple))

    def mark_read(self, name: str) -> None:
        self._ask("STORE", name, "+FLAGS.SILENT", r"(\Seen)")

    def _ask(self, command: str, *arguments: str) -> list[Any]:
        with self.reaching():
            said, answer = self.connection.uid(command, *arguments)
            if said != "OK":
                raise imaplib.IMAP4.error(command)
            return answer


@contextmanager
def messages_in_mailbox(
    host: str, user: str, password: str, *, port: int = 993, mailbox: str = "INBOX", timeout: float = 30
) -> Iterator[Reports]:
    r"""The unseen messages of an IMAP mailbox, always over TLS; those read are marked ``\Seen``.

    ``timeout`` in seconds is for each answer. Raises UnreachableMailbox, later too when the connection is lost.
    """
    box = _Mailbox(host, port, timeout)
    try:
        box.open(user, password, mailbox)
        yield box
    finally:
        box.close()
