"""What is asked of Prefect's server over plain HTTP, by ``run`` and by the portal: importing Prefect costs seconds."""

from __future__ import annotations

import json
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
TIMEOUT = 30.0  # seconds
MOST_RUNS = 200  # the most Prefect gives at once


class PrefectRefused(DonDocError):
    """Prefect's server does not answer, or not with what was asked for."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class PausedRun:
    """A run that waits for a person, what it is about, and since when (the machine's time)."""

    id: str
    name: str
    parameters: dict[str, Any]
    since: datetime


@dataclass(frozen=True)
class PrefectApi:
    """One server, ``address`` like ``http://127.0.0.1:4200``.

    ``patience``: seconds in which a busy server is asked again; ``timeout``: seconds one answer may take.
    """

    address: str
    patience: float = PATIENCE
    timeout: float = TIMEOUT

    def is_healthy(self) -> bool:
        """Whether it answers."""
        try:
            return self._ask("GET", "/health") is True
        except (URLError, OSError, ValueError):
            return False

    def find_paused_runs(self, deployment: str) -> list[PausedRun]:
        """The runs of ``deployment`` that are suspended until somebody fills their form. Raises PrefectRefused."""
        wanted = {
            "flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}},
            "deployments": {"name": {"any_": [deployment]}},
            "limit": MOST_RUNS,
            "sort": "ID_DESC",
        }
        found: list[dict[str, Any]] = []
        while page := self.ask("POST", "/flow_runs/filter", wanted | {"offset": len(found)}):
            found += page
        return [
            PausedRun(str(run["id"]), run["name"], run["parameters"], datetime.fromisoformat(run["state"]["timestamp"]))
            for run in found
        ]

    def resume(self, run: str, run_input: dict[str, Any]) -> bool:
        """Lets a suspended run go on with its form filled in; False when it does not wait (any more).

        The server keeps the form under the key of this suspension and checks it against the flow's own model.
        Raises PrefectRefused when it does not accept the form, or does not answer.
        """
        answer = self.ask("POST", f"/flow_runs/{run}/resume", {"run_input": run_input})
        if answer["status"] == "REJECT":
            raise PrefectRefused(
                "Máy chủ Prefect không nhận nội dung quyết định.", help="Xem lượt chạy ấy trên màn hình luồng."
            )
        return bool(answer["status"] == "ACCEPT")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request under ``/api``; JSON both ways. Raises PrefectRefused.

        503 is Prefect's word for "my SQLite was locked, nothing was done": it is asked again while patience lasts.
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
        end = time.monotonic() + self.patience
        while True:
            try:
                return self._ask(method, path, body)
            except HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > end:
                    raise
            time.sleep(0.5)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} | ({} if method == "GET" else self._token())
        request = Request(f"{self.address}/api{path}", data, headers, method=method)  # noqa: S310  http, of our own port
        try:
            with _opener.open(request, timeout=self.timeout) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as refused:
            refused.close()  # the error is the answer itself, and holds its connection as long as it lives
            raise

    def _token(self) -> dict[str, str]:
        """What goes with everything but a look; a page of another origin cannot read it, so it cannot send it."""
        client = uuid4().hex
        given = self._ask("GET", f"/csrf-token?client={client}")
        return {"Prefect-Csrf-Client": client, "Prefect-Csrf-Token": given["token"]}
