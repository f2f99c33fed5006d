"""What many tests need: a real database of either kind, and small definitions to plan from."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine

from office.store import open_store

# shared machines are slow by fits: only wrong answers fail, never slow ones
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _postgres_programs() -> Path | None:
    """The newest server on the machine; Debian keeps its programs off the PATH."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if candidates:
        return candidates[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a real PostgreSQL, started for this run and stopped after it."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine (apt-get install postgresql)")
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
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    run(str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    yield f"postgresql+psycopg://dondoc@127.0.0.1:{port}"
    run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request, tmp_path):
    """The address of an empty database: the same tests run on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'dondoc.db'}"
    server = request.getfixturevalue("postgres_server")
    name = f"test_{uuid4().hex}"
    maintenance = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    maintenance.dispose()
    return f"{server}/{name}"


@pytest.fixture
def engine(database_url):
    """A database with our tables, migrated the way a first start does it."""
    engine = open_store(database_url)
    yield engine
    engine.dispose()
