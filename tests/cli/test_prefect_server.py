"""What is asked of Prefect's server is asked again while its database is busy, and is still one request."""

import dataclasses
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cli.prefect_server import PrefectServer
from office import prefect_api
from office.prefect_api import PrefectRefused


@pytest.fixture
def busy(monkeypatch):
    """A server that answers 503 so many times first; ``asked`` remembers the bodies it was sent."""
    monkeypatch.setattr(prefect_api.time, "sleep", lambda _seconds: None)
    asked: list[dict] = []

    class Busy(BaseHTTPRequestHandler):
        refusals = 2

        def do_GET(self):
            self.answer(200, {"token": "t"})

        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            busy = "idempotency_key" in asked[-1] and len(asked) <= 1 + Busy.refusals
            self.answer(503 if busy else 200, {"id": "run"} if "tags" in asked[-1] else [{"id": "d"}])

        def answer(self, code, said):
            answer = json.dumps(said).encode()
            self.send_response(code)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments):
            pass

    listening = HTTPServer(("127.0.0.1", 0), Busy)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield PrefectServer(f"http://127.0.0.1:{listening.server_port}"), asked, Busy
    listening.shutdown()
    listening.server_close()


def test_a_busy_database_is_asked_again_with_the_same_key(busy):
    server, asked, _ = busy
    assert server.start_run("trien-khai-nam", "khoi-dong") == "run"
    keys = [body["idempotency_key"] for body in asked if "idempotency_key" in body]
    assert (len(keys), len(set(keys))) == (3, 1)


def test_patience_ends_in_a_sentence(busy):
    server, _, handler = busy
    handler.refusals = 10**6
    with pytest.raises(PrefectRefused, match="mã 503") as refused:
        dataclasses.replace(server, patience=0.05).start_run("trien-khai-nam", "khoi-dong")
    assert refused.value.__cause__.fp.isclosed()  # the connection does not wait for the collector
