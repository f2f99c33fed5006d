"""A real Prefect server on a free port, with a home and a person's HOME of its own."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.prefect_server import PrefectServer

ROOT = Path(__file__).resolve().parents[2]
PYTHON = [sys.executable, "-m"]


@dataclass
class RealServer:
    """Prefect's server as an office starts it, and the registration run against it."""

    api: PrefectServer
    environment: dict[str, str]
    person: Path
    agrees_with: Path | None = None

    def register(self, file: Path) -> tuple[int, str]:
        """Exit code and everything said by ``python -m flows.register FILE``."""
        done = subprocess.run(
            [*PYTHON, "flows.register", str(file)],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.agrees_with = None if done.returncode else file
        return done.returncode, done.stdout + done.stderr

    def scheduled(self, deployment: str | None = None) -> list[dict]:
        """Every run that is planned and has not begun."""
        which = {
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
            "limit": 200,
            "sort": "EXPECTED_START_TIME_ASC",
        }
        if deployment:
            which["deployments"] = {"name": {"any_": [deployment]}}
        found: list[dict] = []
        while page := self.api.ask("POST", "/flow_runs/filter", which | {"offset": len(found)}):
            found += page
        return found


@pytest.fixture(scope="package")
def real_server(tmp_path_factory):
    from office.prefect_environment import environment_for_prefect
    from office.settings import read_settings

    folder = tmp_path_factory.mktemp("prefect") / "Văn phòng số 1"
    person = folder / "person"
    person.mkdir(parents=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    settings = read_settings(home=str(folder / "home"), prefect_port=port)
    settings.prefect_home.mkdir(parents=True)
    environment = environment_for_prefect(settings) | {
        "DONDOC_HOME": str(settings.home), "DONDOC_PREFECT_PORT": str(port), "HOME": str(person),
    }  # fmt: skip
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*PYTHON, "office.tied", "--to", str(os.getpid()), *PYTHON, "flows.serve_screen"],
            cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    server = RealServer(PrefectServer(settings.prefect_address), environment, person)
    end = time.monotonic() + 180
    while not server.api.is_healthy():
        assert process.poll() is None, (folder / "server.log").read_text()
        assert time.monotonic() < end, (folder / "server.log").read_text()
        time.sleep(0.1)
    yield server
    process.terminate()
    process.wait(60)
