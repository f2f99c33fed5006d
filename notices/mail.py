"""Sends mail over one kept SMTP connection and says, stage by stage, what became of it."""

from __future__ import annotations

import html
import io
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import quote, unquote, urlsplit
from uuid import uuid4

from apprise.common import NotifyType
from apprise.manager_plugins import NotificationManager
from apprise.plugins import base as apprise_base
from apprise.url import PrivacyMode

from models.errors import DonDocError
from notices.channel import Message, Outcome, Verdict
from notices.mime import UnusableAddress, build_mail, mask_addresses, masked_address, usable_address

SCHEMES = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}
KEEP_SECONDS = 30  # firewalls forget silent connections, and a forgotten one costs a whole timeout to notice
PIECE = 1 << 16
SERVICE_CLOSING = 421
# Refused for who we are (RFC 4954 §6) or for what was said before (503), not for what this mail is.
NOT_ABOUT_THE_MAIL = frozenset({503, 530, 534, 535, 538})
REFERENCES = (
    re.compile(r"(?:queued as|kept as|InternalId=|\bid=)\s*<?([^\s<>,\]]+)", re.IGNORECASE),  # Postfix, Exchange, Exim
    re.compile(r"^2\.\d\.\d (\S+) Message accepted"),  # Sendmail
    re.compile(r"\bOK\s+(\d{6,} \S+)", re.IGNORECASE),  # Gmail
)


class UnreadableMailServer(DonDocError):
    """The setting that names the mail server cannot be used; it may hold a password, so it is not repeated."""

    def __init__(self, sentence: str) -> None:
        super().__init__(
            sentence, help="Viết như smtp+starttls://tai-khoan@may-chu:587, smtps://tai-khoan@may-chu:465."
        )


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mail leaves the office. ``timeout`` in seconds is for one whole attempt; ``domain`` ends Message-IDs."""

    host: str
    port: int
    security: str  # "none", "starttls", "tls"
    sender_address: str
    sender_name: str
    domain: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30
    dsn: bool = False


def read_mail_server(
    url: str,
    *,
    sender_address: str,
    sender_name: str,
    password: str = "",
    domain: str = "",
    timeout: float = 30,
    dsn: bool = False,
) -> MailServer:
    """Reads ``smtp://host:25``, ``smtp+starttls://user@host:587`` or ``smtps://user@host:465``.

    ``domain`` is the sender's unless given. Raises UnreadableMailServer, and UnusableAddress for the sender.
    """
    security, host, port, user = _read_address(url)
    sender = usable_address(sender_address)
    if not sender.isascii():
        raise UnusableAddress(sender_address, "địa chỉ người gửi phải là chữ không dấu")
    domain = usable_address(f"thu@{domain}").partition("@")[2] if domain else sender.partition("@")[2]
    if bool(user) != bool(password):
        raise UnreadableMailServer("Máy chủ thư cần cả tài khoản lẫn mật khẩu, hoặc không có cả hai.")
    if not (user + password).isascii():
        raise UnreadableMailServer("Tài khoản và mật khẩu của máy chủ thư phải là chữ không dấu.")
    if password and security == "none" and host not in {"127.0.0.1", "::1", "localhost"}:
        raise UnreadableMailServer("Mật khẩu không gửi qua kết nối không mã hóa (smtp://).")
    return MailServer(host, port, security, sender, sender_name, domain, user, password, timeout, dsn)


def _read_address(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url.strip())
        security, usual_port = SCHEMES[parts.scheme]
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port or usual_port
    except (KeyError, ValueError):
        raise UnreadableMailServer("Không đọc được địa chỉ máy chủ thư.") from None
    if parts.password is not None:
        raise UnreadableMailServer("Mật khẩu của máy chủ thư không viết trong địa chỉ mà đặt ở mục riêng.")
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise UnreadableMailServer("Địa chỉ máy chủ thư chỉ gồm cách nối, tài khoản, tên máy và cổng.")
    return security, host, port, unquote(parts.username or "")


class _Refused(Exception):
    """A reply that does not let us go on."""

    def __init__(self, code: int, text: bytes) -> None:
        self.code = code
        self.text = f"{code} {text.decode('utf-8', 'replace')}"
        super().__init__(self.text)


def _expect(reply: tuple[int, bytes], hundred: int = 2) -> None:
    if reply[0] // 100 != hundred:
        raise _Refused(*reply)


class _Line(smtplib.SMTP):
    """An SMTP connection on which one attempt has one deadline, however slowly the other side drips."""

    def __init__(self, server: MailServer, tls: ssl.SSLContext | None, deadline: float) -> None:
        self.deadline = deadline
        self.used_at = monotonic()
        self._wrap_at_once = tls
        super().__init__(server.host, server.port, local_hostname=server.domain, timeout=server.timeout)

    def remaining(self) -> float:
        """Seconds left for this attempt; raises TimeoutError when there are none."""
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), self.remaining())
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return plain if self._wrap_at_once is None else self._wrap_at_once.wrap_socket(plain, server_hostname=host)

    def send(self, s: Any) -> None:
        """Sends text or bytes piece by piece: a slow reader must not stretch the deadline."""
        sent = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        for start in range(0, len(sent), PIECE):
            if self.sock:
                self.sock.settimeout(self.remaining())
            super().send(sent[start : start + PIECE])

    def getreply(self) -> tuple[int, bytes]:
        """A reply, read with what is left of the time."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Ear(self))
        reply = super().getreply()
        self.used_at = monotonic()
        return reply


class _Ear(io.RawIOBase):
    """Reads a line's socket, never past its deadline."""

    def __init__(self, line: _Line) -> None:
        self.line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        sock = self.line.sock
        if sock is None:
            return 0
        sock.settimeout(self.line.remaining())
        return sock.recv_into(buffer)


@dataclass(frozen=True, slots=True)
class _Letter:
    """What goes on the wire for one message."""

    key: str
    to: str
    content: bytes


class MailChannel:
    """A channel (``notices.channel.Channel``) that keeps one connection open; for one thread at a time.

    ``now`` gives the instant for Date. Until the final dot nothing is handed over, so every failure before
    it is "try again" or a refusal; only silence after it is "unknown".
    """

    def __init__(self, server: MailServer, now: Callable[[], datetime]) -> None:
        self.server = server
        self.now = now
        self._line: _Line | None = None

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()  # once: reading the machine's certificates takes longer than a mail

    def send(self, message: Message) -> Outcome:
        """One attempt to hand ``message`` to the server, within the server's timeout (looking up its name apart)."""
        try:
            return self._attempt(message)
        except BaseException:
            self._drop()  # interrupted in mid-sentence: the next mail must not hear this one's answer
            raise

    def _attempt(self, message: Message) -> Outcome:
        try:
            letter = self._write(message)
            line = self._begin(letter, monotonic() + self.server.timeout)
            _expect(line.rcpt(letter.to, self._recipient_options(line, letter)))
            _expect(line.docmd("data"), 3)
            line.send(letter.content)
        except UnusableAddress as unusable:
            return Outcome(Verdict.REJECTED, detail=unusable.sentence)
        except _Refused as refused:
            self._clear()
            return _refusal(refused, message)
        except OSError as error:
            self._drop()
            return Outcome(Verdict.TRY_AGAIN, detail=f"Chưa chuyển được cho máy chủ thư: {_shown(error, message)}")
        return self._final_reply(line, message)

    def close(self) -> None:
        """Takes leave of the server, if there is a connection."""
        if self._line is not None:
            self._line.deadline = monotonic() + 1
            with suppress(OSError):
                self._line.putcmd("quit")  # its answer changes nothing
        self._drop()

    def _write(self, message: Message) -> _Letter:
        server = self.server
        mail = build_mail(message, server.sender_name, server.sender_address, self.now(), server.domain)
        dotted = re.sub(rb"(?m)^\.", b"..", mail.as_bytes())  # RFC 5321 §4.5.2
        return _Letter(message.key, usable_address(message.to), dotted + b".\r\n")

    def _begin(self, letter: _Letter, deadline: float) -> _Line:
        """MAIL FROM on the kept connection, else on a new one: nothing was sent yet, so this doubles nothing."""
        if self._line is not None and monotonic() - self._line.used_at < KEEP_SECONDS:
            with suppress(smtplib.SMTPServerDisconnected):
                self._line.deadline = deadline
                reply = self._line.mail(self.server.sender_address, self._mail_options(self._line, letter))
                if reply[0] != SERVICE_CLOSING:
                    _expect(reply)
                    return self._line
        self.close()
        line = self._connect(deadline)
        _expect(line.mail(self.server.sender_address, self._mail_options(line, letter)))
        return line

    def _connect(self, deadline: float) -> _Line:
        server = self.server
        try:
            line = _Line(server, self._tls if server.security == "tls" else None, deadline)
            self._line = line
            if server.security == "starttls":
                line.ehlo_or_helo_if_needed()
                line.starttls(context=self._tls)  # raises when it is not offered: never in clear
            line.ehlo_or_helo_if_needed()
            if server.user:
                line.login(server.user, server.password)
        except smtplib.SMTPResponseException as refused:
            # Whatever it is, it was not said about this mail.
            raise ConnectionError(f"{refused.smtp_code} {_text(refused.smtp_error)}") from None
        return line

    def _mail_options(self, line: _Line, letter: _Letter) -> list[str]:
        options = [f"SIZE={len(letter.content)}"] if line.has_extn("size") else []
        if not letter.to.isascii():
            if not line.has_extn("smtputf8"):
                raise UnusableAddress(letter.to, "máy chủ thư không nhận địa chỉ có dấu")
            options.append("SMTPUTF8")
        if self.server.dsn and line.has_extn("dsn"):
            options += ["RET=HDRS", f"ENVID={letter.key}"]
        return options

    def _recipient_options(self, line: _Line, letter: _Letter) -> list[str]:
        """RFC 3461: tell us of success and of failure, and name the recipient we wrote to."""
        if not (self.server.dsn and line.has_extn("dsn")):
            return []
        named = [f"ORCPT=rfc822;{_xtext(letter.to)}"] if letter.to.isascii() else []
        return ["NOTIFY=SUCCESS,FAILURE", *named]

    def _final_reply(self, line: _Line, message: Message) -> Outcome:
        try:
            code, text = line.getreply()
        except OSError as error:
            self._drop()
            shown = _shown(error, message)
            return Outcome(Verdict.UNKNOWN, detail=f"Thư đã gửi hết nhưng máy chủ thư không trả lời: {shown}")
        reply = _Refused(code, text)
        if code // 100 in {4, 5}:
            if code == SERVICE_CLOSING:
                self._drop()
            return _refusal(reply, message)
        if code // 100 != 2:
            self._drop()
            return Outcome(Verdict.UNKNOWN, detail=mask_addresses(reply.text, message.to))
        shown = mask_addresses(reply.text, message.to)
        return Outcome(Verdict.ACCEPTED, reference=_reference(shown), detail=shown)

    def _clear(self) -> None:
        """Ends the refused transaction so that the connection can be kept."""
        try:
            if self._line is not None:
                _expect(self._line.rset())
        except (OSError, _Refused):
            self._drop()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


def _refusal(refused: _Refused, message: Message) -> Outcome:
    for_good = 500 <= refused.code < 600 and refused.code not in NOT_ABOUT_THE_MAIL
    verdict = Verdict.REJECTED if for_good else Verdict.TRY_AGAIN
    return Outcome(verdict, detail=mask_addresses(refused.text, message.to))


def _reference(reply: str) -> str:
    """The server's own number for the mail; the whole reply when it is in no form we know."""
    found = next((found for form in REFERENCES if (found := form.search(reply.partition(" ")[2]))), None)
    return found[1] if found else reply


def _shown(error: OSError, message: Message) -> str:
    return mask_addresses(str(error) or type(error).__name__, message.to)


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply


def _xtext(text: str) -> str:
    """RFC 3461 §4."""
    return "".join(letter if "!" <= letter <= "~" and letter not in "+=" else f"+{ord(letter):02X}" for letter in text)


# Apprise is annotated in part, and in ways its own plugins contradict: it is taken as it comes.
_NotifyBase: Any = apprise_base.NotifyBase
_Manager: Any = NotificationManager


class MailPlugin(_NotifyBase):  # type: ignore[misc]  # see above
    """The same mail for Apprise: ``dondocmail://host:25/to@example.vn?from=office@example.vn&name=Office``.

    ``dondocmails://user:password@host/…`` is TLS from the start, with ``security=starttls`` after STARTTLS.
    One mail to one recipient, and True only when the server accepted it. Known to Apprise after ``register``.
    """

    service_name = "Đôn Đốc"
    service_url = "https://www.rfc-editor.org/rfc/rfc5321"
    protocol = "dondocmail"
    secure_protocol = "dondocmails"
    request_rate_per_sec = 0
    templates = (
        "{schema}://{host}/{to}",
        "{schema}://{host}:{port}/{to}",
        "{schema}://{user}:{password}@{host}/{to}",
        "{schema}://{user}:{password}@{host}:{port}/{to}",
    )
    template_tokens: ClassVar[dict[str, dict[str, object]]] = {
        "host": {"name": "Host", "type": "string", "required": True},
        "port": {"name": "Port", "type": "int", "min": 1, "max": 65535},
        "user": {"name": "User", "type": "string"},
        "password": {"name": "Password", "type": "string", "private": True},
        "to": {"name": "To", "type": "string", "required": True},
    }
    template_args: ClassVar[dict[str, Any]] = _NotifyBase.template_args | {
        "from": {"name": "From", "type": "string", "required": True, "map_to": "sender"},
        "name": {"name": "Name", "type": "string", "map_to": "sender_name"},
        "security": {"name": "Security", "type": "choice:string", "values": ("none", "starttls", "tls")},
    }
    now: ClassVar[Callable[[], datetime]]

    @classmethod
    def register(cls, now: Callable[[], datetime]) -> None:
        """Makes Apprise know both schemas; ``now`` gives the instant for Date. May be done again."""
        cls.now = now
        manager = _Manager()
        if cls.protocol not in manager:
            manager.add(cls)

    def __init__(self, to: str, sender: str, sender_name: str = "", security: str = "", **options: Any) -> None:
        super().__init__(**options)
        usable_address(to)
        self.to, self.security = to, security or ("tls" if self.secure else "none")
        scheme = next(scheme for scheme, (kind, _) in SCHEMES.items() if kind == self.security)
        login = f"{quote(self.user, safe='')}@" if self.user else ""
        self.server = read_mail_server(
            f"{scheme}://{login}{self.host}:{self.port or SCHEMES[scheme][1]}",
            sender_address=sender,
            sender_name=sender_name,
            password=self.password or "",
        )

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **_: Any) -> bool:
        """One mail over a connection of its own."""
        page = f"<p>{html.escape(body)}</p>".replace("\n", "<br>\n")
        channel = MailChannel(self.server, type(self).now)
        try:
            outcome = channel.send(Message(uuid4().hex, self.to, "", title, body, page, body))
        finally:
            channel.close()
        return outcome.verdict is Verdict.ACCEPTED

    def url(self, privacy: bool = False, *_: Any, **__: Any) -> str:
        """The address it was made from; with ``privacy`` neither password nor recipient can be read."""
        server, schema = self.server, self.secure_protocol if self.secure else self.protocol
        password = self.pprint(server.password, privacy, mode=PrivacyMode.Secret, safe="")
        login = f"{quote(server.user, safe='')}:{password}@" if server.user else ""
        to = quote(masked_address(self.to) if privacy else self.to, safe="")
        own = {"from": server.sender_address, "name": server.sender_name, "security": self.security}
        asked = self.urlencode(own | self.url_parameters(privacy=privacy))
        return f"{schema}://{login}{server.host}:{server.port}/{to}?{asked}"

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        """What ``__init__`` takes, or None when it is no such address."""
        found: dict[str, Any] | None = _NotifyBase.parse_url(url)
        if not found:
            return None
        asked = {name: unquote(value) for name, value in found["qsd"].items()}
        to = next(iter(_NotifyBase.split_path(found["fullpath"])), "")
        own = {"to": to, "sender": asked.get("from", ""), "sender_name": asked.get("name", "")}
        return found | own | {"security": asked.get("security", "")}
