"""What ``dondoc run`` asks Prefect's server, over plain HTTP: importing Prefect would cost seconds."""

from __future__ import annotations

import errno
import json
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener
from uuid import uuid4

from models.errors import DonDocError

# The server is on this machine, whatever proxy the person's environment names.
_opener = build_opener(ProxyHandler({}))
PATIENCE = 60.0  # seconds
UNFINISHED = ["PENDING", "RUNNING", "CANCELLING"]


class PortTaken(DonDocError):
    """Another program listens where Prefect's server should."""

    exit_code = 2


class PrefectRefused(DonDocError):
    """Prefect's server answers, but not with what was asked for."""

    exit_code = 2


def require_free_port(port: int, variable: str = "DONDOC_PREFECT_PORT") -> None:
    """Raise PortTaken if anyone listens on ``port`` of 127.0.0.1; ``variable`` is the setting that names it."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(
                f"Cổng {port} trên máy này đang có chương trình khác dùng.",
                help=f"Hãy dừng chương trình ấy, hoặc đặt {variable} thành số khác, ví dụ {port + 1}.",
            ) from None


def is_listening(port: int) -> bool:
    """Whether somebody answers on ``port`` of 127.0.0.1."""
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class PrefectServer:
    """One server, ``address`` like ``http://127.0.0.1:4200``."""

    address: str

    def is_healthy(self) -> bool:
        """Whether it answers."""
        try:
            return self._ask("GET", "/health") is True
        except (URLError, OSError, ValueError):
            return False

    def deployment(self, name: str) -> dict[str, Any]:
        """The registered deployment ``name``. Raises PrefectRefused."""
        wanted = {"deployments": {"name": {"any_": [name]}}, "limit": 1}
        found = self.ask("POST", "/deployments/filter", wanted)
        if not found:
            raise PrefectRefused(f"Máy chủ Prefect chưa có luồng triển khai '{name}'.", help="Xem tệp prefect.yaml.")
        deployment: dict[str, Any] = found[0]
        return deployment

    def start_run(self, deployment: str, tag: str) -> str:
        """Ask for one run of ``deployment`` now, marked with ``tag``; returns its id."""
        found = self.deployment(deployment)
        # the key: asked again after a 503 it is still one run
        body = {"state": {"type": "SCHEDULED"}, "tags": [tag], "idempotency_key": uuid4().hex}
        run = self.ask("POST", f"/deployments/{found['id']}/create_flow_run", body)
        return str(run["id"])

    def state(self, run: str) -> dict[str, Any]:
        """The present state of a run: ``type``, ``name``, ``message``."""
        state: dict[str, Any] = self.ask("GET", f"/flow_runs/{run}")["state"]
        return state

    def take_up_interrupted_runs(self, tag: str) -> int:
        """Plan again what was running when the worker was last killed; returns how many runs.

        Only while no worker runs: every unfinished run is then without a process. A run keeps the moment
        it was first planned for, so it does the work of its own day. Runs with ``tag``, our own at an
        earlier start, are called off instead: this start asks for a new one.
        """
        again = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Bị ngắt giữa chừng, chạy lại."}
        off = {"type": "CANCELLED", "name": "Cancelled", "message": "Lần khởi động trước bị ngắt."}
        which = {"state": {"type": {"any_": [*UNFINISHED, "SCHEDULED"]}}, "tags": {"all_": [tag]}}
        ours = {run["id"] for run in self._runs(which)}
        unfinished = {run["id"] for run in self._runs({"state": {"type": {"any_": UNFINISHED}}})}
        for run in ours:
            self._set_state(run, off)
        for run in unfinished - ours:
            self._set_state(run, again)
        return len(unfinished - ours)

    def call_off_overtaken_runs(self, now: datetime) -> int:
        """After a time switched off: of the runs a schedule missed before ``now``, keep only the last.

        Every flow computes from the database and its date, so the last does what all the others would have
        done; a month of missed mornings would otherwise run one after the other. Returns how many are off.
        """
        missed = self._runs(
            {"state": {"type": {"any_": ["SCHEDULED"]}}, "expected_start_time": {"before_": now.isoformat()}}
        )
        off = {"type": "CANCELLED", "name": "Cancelled", "message": "Lỡ khi máy tắt; lượt sau của lịch này làm thay."}
        last: dict[str, dict[str, Any]] = {}
        overtaken = []
        for run in sorted((run for run in missed if run["auto_scheduled"]), key=lambda run: run["expected_start_time"]):
            key = json.dumps([run["deployment_id"], run["parameters"]], sort_keys=True)
            if key in last:
                overtaken.append(last[key]["id"])
            last[key] = run
        for each in overtaken:
            self._set_state(each, off)
        return len(overtaken)

    def _runs(self, which: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = {"flow_runs": which, "limit": 200, "sort": "ID_DESC"}
        while answer := self.ask("POST", "/flow_runs/filter", page | {"offset": len(found)}):
            found += answer
        return found

    def _set_state(self, run: str, state: dict[str, Any]) -> None:
        self.ask("POST", f"/flow_runs/{run}/set_state", {"state": state, "force": True})

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request under ``/api``; JSON both ways. Raises PrefectRefused.

        503 is Prefect's word for "my SQLite was locked, nothing was done": it is asked again for a minute.
        """
        try:
            return self._ask_until_answered(method, path, body)
        except HTTPError as error:
            raise PrefectRefused(
                f"Máy chủ Prefect từ chối yêu cầu {path} (mã {error.code}).", help="Xem nhật ký của máy chủ."
            ) from error
        except (URLError, OSError, ValueError) as error:
            raise PrefectRefused(
                f"Máy chủ Prefect ở {self.address} không trả lời.", help="Xem nhật ký của máy chủ."
            ) from error

    def _ask_until_answered(self, method: str, path: str, body: object) -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self._ask(method, path, body)
            except HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > end:
                    raise
            time.sleep(0.5)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(  # noqa: S310  always http, the address is made of our own port
            f"{self.address}/api{path}", data, {"content-type": "application/json"}, method=method
        )
        with _opener.open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")
