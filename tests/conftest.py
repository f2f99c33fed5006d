"""What many tests need: a real database of either kind, and small definitions to plan from."""

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine
from xdist.scheduler import LoadFileScheduling

from office.store import open_store
from planning.check import read_definitions
from tests.postgres import CARELESS, postgres_programs, private_postgres

# shared machines are slow by fits: only wrong answers fail, never slow ones
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


TOGETHER = ("tests/flows/", "tests/journeys/")  # folders whose tests share one running system


def pytest_xdist_make_scheduler(config, log):
    """A file's tests stay with one worker, and so do those of a folder that starts something large for all of them."""

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return next((folder for folder in TOGETHER if nodeid.startswith(folder)), super()._split_scope(nodeid))

    return ByFile(config, log)


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a real PostgreSQL, started for this run and stopped after it."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine (apt-get install postgresql)")
    with private_postgres(programs, *CARELESS) as server:
        yield server


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


AGENCIES = """\
agencies:
  - {code: A, name: Sở A, short: A, level: province, kind: department, valid_to: 2025-02-28}
  - {code: B, name: Sở B, short: B, level: province, kind: department}
  - {code: C, name: Sở C, short: C, level: province, kind: department, valid_to: 2025-06-30}
  - {code: D, name: Sở D, short: D, level: province, kind: department, valid_from: 2025-03-01}
  - {code: BAN, name: Ban Chỉ đạo, short: BCĐ, level: province, kind: steering}
  - {code: DOAN1, name: Đoàn 1, short: Đoàn 1, level: province, kind: team}
groups:
  - {code: G_MOT, name: Các sở, members: [A, B]}
  - {code: G_HAI, name: Các sở và địa phương, members: [G_MOT, C, B]}
  - {code: G_MO, name: Các cơ quan liên quan, open: true}
succession:
  - {on: 2025-03-01, change: rename, source: [A], successors: [{code: D}], basis: Sắp xếp}
  - {on: 2025-07-01, change: end, source: [C], basis: Kết thúc cấp huyện}
"""
POLICY = """\
code: default
name: Mặc định
deadlines: [{step: D-5, working_days: -5, to: [focal]}]
events: [{step: E-5, working_days: -5, to: [lead]}]
windows: [{step: W-start, at: start, to: [lead]}]
"""


@pytest.fixture
def write_programmes(tmp_path):
    """Writes a small folder of programmes; returns it. ``items`` is the YAML of the items of one programme, P."""
    folder = tmp_path / "programmes"

    def write(
        items: str,
        *,
        head: str = "",
        first: str = "2024-01-01",
        last: str = "2024-12-31",
        number: str = "1/KH",
    ) -> Path:
        (folder / "policies").mkdir(parents=True, exist_ok=True)
        (folder / "agencies.yaml").write_text(AGENCIES, encoding="utf-8")
        (folder / "policies" / "default.yaml").write_text(POLICY, encoding="utf-8")
        signed = f"number: {number}, issued: {first}, " if number else ""
        (folder / "p.yaml").write_text(
            f"code: P\nshort: Chương trình P\ndocument: {{title: Chương trình P, {signed}issuer: BAN, source: p}}\n"
            f"period: {{first: {first}, last: {last}}}\nstanding_agency: A\n{head}items:\n{items}",
            encoding="utf-8",
        )
        return folder

    return write


@pytest.fixture
def definitions(write_programmes):
    """The checked definitions of ``write_programmes``' folder."""

    def define(items: str, **options: str):
        return read_definitions(write_programmes(items, **options))

    return define
