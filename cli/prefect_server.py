"""What ``dondoc run`` asks of Prefect's server: its port, its runs, and which of them to take up or call off."""

from __future__ import annotations

import errno
import json
import socket
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from models.errors import DonDocError
from office.prefect_api import PrefectApi, PrefectRefused

UNFINISHED = ["PENDING", "RUNNING", "CANCELLING"]


class PortTaken(DonDocError):
    """Another program listens where Prefect's server should."""

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
class PrefectServer(PrefectApi):
    """The server as whoever starts it sees it."""

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
