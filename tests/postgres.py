"""A real PostgreSQL of one's own, started for one run and stopped after it: for tests and for benchmarks."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def private_postgres(programs: Path, *settings: str) -> Iterator[str]:
    """The server's address, to which ``/name`` of a database is added; ``settings`` are as in postgresql.conf."""
    folder = Path(tempfile.mkdtemp(prefix="dondoc-pg-"))
    account: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        owner = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
        shutil.chown(folder, owner)
        account = ["runuser", "-u", owner, "--"]
    port = free_port()

    def run(*command: str) -> None:
        subprocess.run([*account, *command], check=True, capture_output=True, cwd=folder)

    data = str(folder / "data")
    run(str(programs / "initdb"), "-D", data, "-U", "dondoc", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1" + "".join(f" -c {one}" for one in settings)
    run(str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://dondoc@127.0.0.1:{port}"
    finally:
        run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
