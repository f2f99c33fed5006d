"""What a page asks of Prefect: which runs wait for a person, and that one of them goes on."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from office.prefect_api import PausedRun, PrefectApi, PrefectRefused

SINCE = "2024-12-12T01:00:00Z"
RUNS = [
    {"id": f"run-{number}", "name": f"Công văn {number}", "parameters": {"letter": number}}
    | {"state": {"timestamp": SINCE}}
    for number in range(3)
]


@pytest.fixture
def prefect():
    """A server with three waiting runs that gives two at a time; ``status`` is what it answers to a resumption.

    As the real one it takes only what carries the token it gave to that client.
    """
    asked = []

    class Prefect(BaseHTTPRequestHandler):
        status = "ACCEPT"

        def do_GET(self):
            client = self.path.removeprefix("/api/csrf-token?client=")
            self.answer(200, {"token": f"token of {client}", "client": client})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.headers["prefect-csrf-token"] != f"token of {self.headers['prefect-csrf-client']}":
                return self.answer(403, {"detail": "Invalid CSRF token or client identifier."})
            asked.append((self.path, body))
            page = RUNS[body["offset"] : body["offset"] + 2] if "offset" in body else {"status": Prefect.status}
            return self.answer(200, page)

        def answer(self, code, said):
            answer = json.dumps(said).encode()
            self.send_response(code)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments):
            pass

    listening = HTTPServer(("127.0.0.1", 0), Prefect)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield PrefectApi(f"http://127.0.0.1:{listening.server_port}", patience=0, timeout=5), asked, Prefect
    listening.shutdown()
    listening.server_close()


def test_every_waiting_run_is_found_page_by_page(prefect):
    server, asked, _ = prefect
    assert server.find_paused_runs("duyet-cong-van") == [
        PausedRun(run["id"], run["name"], run["parameters"], datetime(2024, 12, 12, 1, tzinfo=UTC)) for run in RUNS
    ]
    assert {path for path, _ in asked} == {"/api/flow_runs/filter"}
    assert asked[0][1]["deployments"] == {"name": {"any_": ["duyet-cong-van"]}}


@pytest.mark.parametrize(("status", "went_on"), [("ACCEPT", True), ("ABORT", False)])
def test_a_run_goes_on_with_its_form_unless_it_waits_no_longer(prefect, status, went_on):
    server, asked, handler = prefect
    handler.status = status
    assert server.resume("run-1", {"decision": "Duyệt"}) is went_on
    assert asked == [("/api/flow_runs/run-1/resume", {"run_input": {"decision": "Duyệt"}})]


def test_a_form_prefect_does_not_take_is_said(prefect):
    server, _, handler = prefect
    handler.status = "REJECT"
    with pytest.raises(PrefectRefused, match="không nhận nội dung"):
        server.resume("run-1", {"decision": "?"})


def test_nobody_there_is_a_sentence():
    with pytest.raises(PrefectRefused, match="không trả lời"):
        PrefectApi("http://127.0.0.1:1", patience=0, timeout=1).find_paused_runs("duyet-cong-van")
