"""A real HTTP gateway for tests: it keeps every request and answers, hangs, drips or drops as it is told."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    content: bytes

    @property
    def json(self):
        return json.loads(self.content)

    @property
    def form(self):
        return dict(parse_qsl(self.content.decode(), keep_blank_values=True))


@dataclass
class HttpGateway:
    """``mode`` is "answer", "hang" (not a word), "drip" (a header without end), "drop" (closes) or "half" (an answer
    that breaks off)."""

    status: int = 200
    answer: object = field(default_factory=dict)  # bytes as they are, anything else as JSON
    mode: str = "answer"
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[Received] = field(default_factory=list)
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def content(self):
        return self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()


def _handler(gateway):
    class Handler(BaseHTTPRequestHandler):
        def take(self):
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            gateway.requests.append(Received(self.command, parts.path, query, headers, content))
            self.close_connection = True
            getattr(self, gateway.mode)()

        do_GET = do_POST = take  # noqa: N815  # names of http.server

        def answer(self, missing=0):
            content = gateway.content
            self.send_response(gateway.status)
            for name, value in gateway.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content) + missing))
            self.end_headers()
            self.wfile.write(content)

        def half(self):
            self.answer(missing=10)

        def drop(self):
            pass

        def hang(self):
            gateway.closing.wait()

        def drip(self):
            with suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
                while not gateway.closing.wait(0.02):
                    self.wfile.write(b".")

        def log_message(self, *_):
            pass

    return Handler


@contextmanager
def http_gateway(certificate: Path | None = None, **told):
    """A gateway on a free port of this machine, over TLS with a ``certificate``; ``told`` fills HttpGateway."""
    gateway = HttpGateway(**told)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(gateway))
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    gateway.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gateway
    finally:
        gateway.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def free_port():
    """A port nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]
