"""A ``dondoc run`` to start, kill and look after, in a home of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def until(is_so, *, seconds: float = 60, what: str = "it") -> None:
    """Wait for something that must come; the limit is for a hung machine only."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.02)


def free_ports(number: int) -> list[int]:
    """So many ports nobody listens on."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(number)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


class Running:
    """One started command and what it says, line by line."""

    def __init__(self, command: list[str], environment: dict[str, str], **options) -> None:
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )
        self.lines: list[str] = []

    def read_until(self, words: str) -> str:
        """Read on to the line with ``words``."""
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if words in line:
                return self.lines[-1]
        raise AssertionError(f"ended without saying {words!r}: {self.lines} {self.process.stderr.read()}")

    def finish(self, seconds: float = 120) -> tuple[int, str, str]:
        """The exit code, everything said, and the errors."""
        said, errors = self.process.communicate(timeout=seconds)
        return self.process.returncode, "\n".join(self.lines) + said, errors

    def kill(self) -> None:
        """As the power button would: nothing runs after it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Home:
    """One office's home, its environment, and the processes that carry its mark."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Running] = []
        self.port, mail, portal = free_ports(3)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DONDOC_", "PREFECT_"))}
        self.environment = kept | {
            "DONDOC_HOME": str(folder),
            "DONDOC_PUBLISHED": str(folder / "published"),
            "DONDOC_PREFECT_PORT": str(self.port),
            "DONDOC_MAIL_PORT": str(mail),
            "DONDOC_PORTAL_PORT": str(portal),
            "DONDOC_NOW": "2024-12-02T08:00",
        }

    def run(self, *arguments: str, steps: str = "", **options) -> Running:
        """Start ``dondoc run``, with ``steps`` (Python that makes STEPS) in the place of the real ones."""
        script = "from cli.main import app\n"
        if steps:
            script = f"import sys, cli.run\nfrom cli.run import Step\n{steps}\ncli.run.STEPS = STEPS\n" + script
            script = (
                "import cli.run\ncli.run.show_where_to_look = lambda *_, **__: print('SẴN SÀNG', flush=True)\n" + script
            )
        command = [sys.executable, "-c", f"{script}app(['run', *{list(arguments)!r}], prog_name='dondoc')"]
        running = Running(command, self.environment, **options)
        self.started.append(running)
        return running

    def wait_until(self, is_so) -> None:
        """Wait for something that must come."""
        until(is_so)

    def processes(self) -> dict[int, str]:
        """Running processes with this home's mark: number → command line."""
        found = {}
        lock = self.folder / "run.lock"
        if not lock.exists() or not (text := lock.read_text(encoding="utf-8")):
            return found
        mark = f"DONDOC_STARTED_BY={json.loads(text)['identifier']}:{self.folder}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found


@pytest.fixture
def home(tmp_path):
    """A home that ends what was started in it, however the test ends."""
    home = Home(tmp_path / "Văn phòng")
    yield home
    _close(home)


@pytest.fixture(scope="module")
def new_home(tmp_path_factory):
    """Makes homes that several tests share."""
    homes = []

    def make(name: str) -> Home:
        homes.append(Home(tmp_path_factory.mktemp("homes") / name))
        return homes[-1]

    yield make
    for home in homes:
        _close(home)


def _close(home: Home) -> None:
    for running in home.started:
        if running.process.poll() is None:
            running.kill()
        running.process.stdout.close()
        running.process.stderr.close()
    until(lambda: not _end(home.processes()), what="processes to end")


def _end(processes: dict[int, str]) -> dict[int, str]:
    for number in processes:
        os.kill(number, signal.SIGKILL)
    return processes
