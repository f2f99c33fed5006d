"""Real mail servers for tests, well-behaved and otherwise; also ``python tests/notices/sinks.py --folder DIR``.

In a test: ``with sink(mode="greylist") as server: …`` and look at ``server.port``, ``server.messages`` and
``server.connections``. As a program it prints its port, then keeps every mail as a file before it replies, and
so outlives a sender that is killed.
"""

# ruff: noqa: N802  the names of commands are aiosmtpd's

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

# What a mode does at which moment: a reply, "close" or "stall"; "." is the moment after the final dot.
MODES: dict[str, dict[str, str]] = {
    "accept": {},
    "discard": {},  # keeps nothing: for measuring
    "refuse": {"RCPT": "550 5.1.1 <{address}>: no such mailbox here"},
    "greylist": {},  # 451 the first time for each Message-ID and recipient
    "slow": {},  # keeps the mail, then sleeps for ``seconds`` before its last reply
    "drop_after_data": {".": "close"},  # keeps the mail, then closes without a word
    "no_starttls": {},  # what a server without a certificate is anyway
}


@dataclass(frozen=True)
class Received:
    """One mail with its envelope; options are as they came (``RET=HDRS``)."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    sender_options: tuple[str, ...] = ()
    recipient_options: tuple[str, ...] = ()
    encrypted: bool = False
    login: str = ""

    @property
    def key(self) -> str:
        """The part of Message-ID before @."""
        found = re.match(r"<([^@>]+)", str(message_from_bytes(self.content)["Message-ID"]).strip())
        return re.sub(r"[^\w.-]", "_", found[1]) if found else "no-id"


@dataclass
class Sink:
    """A server on 127.0.0.1. ``at`` says what it does at a command, as in MODES; ``idle`` is its patience, seconds."""

    mode: str = "accept"
    folder: Path | None = None
    seconds: float = 2
    at: dict[str, str] = field(default_factory=dict)
    security: str = "none"  # "starttls", "tls"
    certificate: Path | None = None
    login: tuple[str, str] | None = None
    dsn: bool = False
    smtputf8: bool = False
    idle: float = 300
    port: int = 0
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    messages: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.at = MODES[self.mode] | self.at
        self._seen: set[tuple[str, str]] = set()
        self._live: set[asyncio.BaseTransport] = set()
        self._stored = len(list(self.folder.glob("*.eml"))) if self.folder else 0

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serves until ``stop``; ``ready`` is called when the port is open."""
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        context = self._context()
        starttls = context if self.security == "starttls" else None
        server = await self._loop.create_server(
            lambda: _Server(self, starttls),
            "127.0.0.1",
            self.port,
            ssl=context if self.security == "tls" else None,
        )
        self.port = server.sockets[0].getsockname()[1]
        ready()
        await self._stopping.wait()
        server.close()
        self._close_all()
        await server.wait_closed()
        await asyncio.sleep(0.01)  # lets the closed connections say so

    def stop(self) -> None:
        """Ends ``serve``; from any thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)

    def close_connections(self) -> None:
        """Hangs up on everybody, as a server does that has waited long enough; returns when it is done."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)

    async def _hang_up(self) -> None:
        self._close_all()
        while self._live:
            await asyncio.sleep(0.005)

    def _close_all(self) -> None:
        for transport in list(self._live):
            transport.abort() if self._stopping.is_set() else transport.close()

    def _context(self) -> ssl.SSLContext | None:
        if self.certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context

    async def take(self, received: Received) -> str | None:
        """What happens after the final dot: the reply, or None to hang up."""
        seen = (received.key, *received.recipients)
        if self.mode == "greylist" and seen not in self._seen:
            self._seen.add(seen)
            return "451 4.7.1 greylisted, come back later"
        what = self.at.get(".", "")
        if what and what not in {"close", "stall"}:
            return what
        name = self._keep(received) if self.mode != "discard" else "nothing"
        if self.mode == "slow" or what == "stall":
            await asyncio.sleep(self.seconds)
        return None if what == "close" else f"250 2.0.0 Ok: queued as {name}"

    def _keep(self, received: Received) -> str:
        self._stored += 1
        name = f"{self._stored:06d}-{received.key}"
        if self.folder is not None:
            store(self.folder / f"{name}.eml", received.content)
        self.messages.append(received)
        return name


def store(path: Path, content: bytes) -> None:
    """On the disk, whole, when this returns."""
    half = path.with_suffix(".half")
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


class _Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]] if server.sink.dsn else responses

    async def handle_DATA(self, server, session, envelope):
        received = Received(
            sender=envelope.mail_from,
            recipients=tuple(to.encode("utf-8", "surrogateescape").decode() for to in envelope.rcpt_tos),
            content=envelope.original_content,
            sender_options=server.sender_options,
            recipient_options=server.recipient_options,
            encrypted=server.transport.get_extra_info("cipher") is not None,
            login=session.auth_data or "",
        )
        reply = await server.sink.take(received)
        if reply is None:
            server.transport.close()
            await asyncio.sleep(3600)  # cancelled as soon as the connection is closed
        return reply


class _Server(SMTP):
    """One connection; learns DSN, which aiosmtpd does not know, and misbehaves as its sink says."""

    def __init__(self, sink: Sink, starttls: ssl.SSLContext | None) -> None:
        self.sink = sink
        self.sender_options: tuple[str, ...] = ()
        self.recipient_options: tuple[str, ...] = ()
        super().__init__(
            _Handler(),
            hostname="sink.test",
            ident="sink",
            enable_SMTPUTF8=sink.smtputf8,
            tls_context=starttls,
            timeout=sink.idle,
            authenticator=self._knows if sink.login else None,
            auth_require_tls=starttls is not None,
            auth_exclude_mechanism=None if sink.login else ["PLAIN", "LOGIN"],
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport):
        if self._original_transport is None:
            self.sink.connections += 1
        self.sink._live.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error):
        self.sink._live -= {self.transport, self._original_transport}
        super().connection_lost(error)

    def _knows(self, server, session, envelope, mechanism, data):
        success = (data.login.decode(), data.password.decode()) == self.sink.login
        return AuthResult(success=success, handled=False, auth_data=data.login.decode())

    async def _misbehaves(self, command: str, arg: str | None) -> bool:
        self.sink.commands.append(command)
        what = self.sink.at.get(command)
        if what == "close":
            self.transport.close()
        elif what == "stall":
            await asyncio.sleep(self.sink.seconds)
        elif what:
            await self.push(what.replace("{address}", (arg or "").partition("<")[2].partition(">")[0]))
        return what is not None

    async def smtp_EHLO(self, arg):
        if not await self._misbehaves("EHLO", arg):
            await super().smtp_EHLO(arg)

    async def smtp_MAIL(self, arg):
        if await self._misbehaves("MAIL", arg):
            return
        if self.sink.login and not self.session.authenticated:
            await self.push("530 5.7.0 Authentication required")
            return
        plain, self.sender_options = self._without_dsn(arg, ("RET=", "ENVID="))
        await super().smtp_MAIL(plain)

    async def smtp_RCPT(self, arg):
        if not await self._misbehaves("RCPT", arg):
            plain, self.recipient_options = self._without_dsn(arg, ("NOTIFY=", "ORCPT="))
            await super().smtp_RCPT(plain)

    async def smtp_DATA(self, arg):
        if not await self._misbehaves("DATA", arg):
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg):
        if not await self._misbehaves("RSET", arg):
            await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg):
        self.sink.commands.append("QUIT")
        await super().smtp_QUIT(arg)

    def _without_dsn(self, arg: str, known: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        words = arg.split(" ")
        options = tuple(word for word in words if self.sink.dsn and word.startswith(known))
        return " ".join(word for word in words if word not in options), options


@contextmanager
def sink(mode: str = "accept", folder: Path | None = None, **options) -> Iterator[Sink]:
    """A server in a thread of its own, for the length of the block."""
    server, ready = Sink(mode, folder, **options), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(ready.set)), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield server
    finally:
        server.stop()
        thread.join(30)


def wait_for(happened: Callable[[], bool]) -> None:
    """Until it has; a minute at most."""
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 and localhost that vouches for itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sink.test")])
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "sink.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + signed.public_bytes(Encoding.PEM))
    return path


def main() -> None:
    """Serves until SIGTERM; the first line printed is the port."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--mode", choices=MODES, default="accept")
    parser.add_argument("--seconds", type=float, default=2)
    asked = parser.parse_args()
    if asked.folder is not None:
        asked.folder.mkdir(parents=True, exist_ok=True)
    server = Sink(asked.mode, asked.folder, seconds=asked.seconds, port=asked.port)
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    asyncio.run(server.serve(lambda: print(server.port, flush=True)))


if __name__ == "__main__":
    main()
