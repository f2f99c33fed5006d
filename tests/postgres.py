"""A real PostgreSQL of one's own, started for one run and stopped after it: for tests and for benchmarks."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

CARELESS = ("fsync=off", "full_page_writes=off")  # enough for tests; what is measured is as safe as an office's


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def postgres_programs() -> Path | None:
    """Where the newest server on the machine has its programs; Debian keeps them off the PATH."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if candidates:
        return candidates[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


class PrivatePostgres:
    """One server with its folder and port; it can be stopped and started again as often as a test wants."""

    def __init__(self, programs: Path, settings: Sequence[str]) -> None:
        self._programs, self._folder = programs, Path(tempfile.mkdtemp(prefix="dondoc-pg-"))
        self._account: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            owner = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
            shutil.chown(self._folder, owner)
            self._account = ["runuser", "-u", owner, "--"]
        port = free_port()
        self.address = f"postgresql+psycopg://dondoc@127.0.0.1:{port}"
        self._data = str(self._folder / "data")
        self._options = f"-p {port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self._options += "".join(f" -c {one}" for one in settings)
        self._run("initdb", "-U", "dondoc", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self._run("pg_ctl", "-w", "-l", str(self._folder / "log"), "-o", self._options, "start")

    def stop(self, how: str = "fast") -> None:
        """Stops it: "fast" ends every connection in order, "immediate" as if the machine fell over."""
        self._run("pg_ctl", "-w", "-m", how, "stop")

    def remove(self) -> None:
        """Takes its files away."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *rest: str) -> None:
        command = [*self._account, str(self._programs / program), "-D", self._data, *rest]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder)


@contextmanager
def stoppable_postgres(programs: Path, *settings: str) -> Iterator[PrivatePostgres]:
    """A server that is running, and may be stopped and started meanwhile; ``settings`` are as in postgresql.conf."""
    server = PrivatePostgres(programs, settings)
    server.start()
    try:
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # a test may have stopped it
            server.stop("immediate")
        server.remove()


@contextmanager
def private_postgres(programs: Path, *settings: str) -> Iterator[str]:
    """The server's address, to which ``/name`` of a database is added; ``settings`` are as in postgresql.conf."""
    with stoppable_postgres(programs, *settings) as server:
        yield server.address
