"""A drafted letter waits on the screen for a person: suspended, asked again when the form lacks something, decided."""

import json
import os
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from models.columns import table_of
from models.notice import AuditEntry, Letter, Notice
from notices.letters import decide_letter
from notices.planning import plan_notices
from office.settings import VIETNAM
from office.store import open_store, reading, writing
from planning.check import read_definitions
from planning.opening import open_due
from planning.people import read_contacts, store_contacts
from planning.yearbook import plan_year

ROOT = Path(__file__).resolve().parents[2]
PYTHON = [sys.executable, "-m"]
LETTERS, NOTICES, AUDIT = table_of(Letter), table_of(Notice), table_of(AuditEntry)
THIRD_DAY_LATE = datetime(2024, 12, 12, 6, 40, tzinfo=VIETNAM)


@pytest.fixture
def letter(real_server, tmp_path):
    """The environment of an office three working days after 9 December 2024, in which nobody has reported."""
    home = tmp_path / "Văn phòng"
    store = open_store(f"sqlite:///{home / 'dondoc.db'}")
    definitions = read_definitions(ROOT / "programmes")
    contacts = read_contacts(ROOT / "programmes" / "contacts.example.yaml", definitions.directory)
    with writing(store) as connection:
        plan_year(connection, definitions, 2024, date(2024, 1, 1))
        store_contacts(connection, contacts)
        open_due(connection, THIRD_DAY_LATE.date())
        planned = plan_notices(
            connection, definitions.ladders, definitions.working_days, THIRD_DAY_LATE, THIRD_DAY_LATE, date(2024, 1, 1)
        )
    store.dispose()
    (number,) = planned.letters
    environment = real_server.environment | {
        "DONDOC_HOME": str(home),
        "DONDOC_NOW": "2024-12-12T08:00",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    return number, environment, home


@pytest.fixture
def worker(real_server, letter, tmp_path):
    """A worker of that office, ended after the test; the server knows no letter of an office before it."""
    _, environment, _ = letter
    assert real_server.register(unscheduled(tmp_path))[0] == 0
    for earlier in runs(real_server):
        real_server.api.ask("DELETE", f"/flow_runs/{earlier['id']}")
    command = [*PYTHON, "office.tied", "--to", str(os.getpid()), *PYTHON, "prefect", "worker", "start"]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--pool", "dondoc", "--type", "process", "--limit", "1"],
            cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    yield tmp_path / "worker.log"
    process.terminate()
    process.wait(60)


def unscheduled(folder: Path) -> Path:
    """prefect.yaml without its schedules: at whatever hour the test runs, the worker does only what it asks for."""
    said = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    for deployment in said["deployments"]:
        deployment.pop("schedules", None)
    file = folder / "prefect.yaml"
    file.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return file


def runs(server, *states: str) -> list[dict]:
    """The runs about letters that are in one of these states, or all."""
    which = {"deployments": {"name": {"any_": ["duyet-cong-van"]}}, "limit": 50}
    if states:
        which["flow_runs"] = {"state": {"type": {"any_": states}}}
    return server.api.ask("POST", "/flow_runs/filter", which)


def until(is_so, log: Path):
    end = time.monotonic() + 300  # for a hung machine only
    while not (found := is_so()):
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.3)
    return found


def fill_in(server, run: str, **form: str) -> None:
    """What the screen does when a person presses Resume."""
    script = (
        "import asyncio, sys, json, uuid\n"
        "from prefect.flow_runs import aresume_flow_run\n"
        "asyncio.run(aresume_flow_run(uuid.UUID(sys.argv[1]), run_input=json.loads(sys.argv[2])))\n"
    )
    subprocess.run([sys.executable, "-c", script, run, json.dumps(form)], env=server.environment, check=True, cwd=ROOT)


def read(home: Path, query):
    store = open_store(f"sqlite:///{home / 'dondoc.db'}")
    with reading(store) as connection:
        found = connection.execute(query).all()
    store.dispose()
    return found


def test_a_letter_is_suspended_asked_again_and_signed_by_a_named_person(real_server, letter, worker):
    number, _, home = letter
    real_server.api.start_run("don-doc-qua-han", "thu")
    (paused,) = until(lambda: runs(real_server, "PAUSED"), worker)
    assert paused["name"] == f"Công văn {number}, lần 1"
    assert (home / "letters" / f"du-thao-{number}-lan-1.docx").is_file()

    # ended by mistake on the screen while the letter still waits: chasing again starts the next run
    ended = {"state": {"type": "CANCELLED", "name": "Cancelled"}, "force": True}
    real_server.api.ask("POST", f"/flow_runs/{paused['id']}/set_state", ended)
    real_server.api.start_run("don-doc-qua-han", "thu")
    (again,) = until(lambda: runs(real_server, "PAUSED"), worker)
    assert (again["name"], again["id"] == paused["id"]) == (paused["name"], False)
    mistaken, paused = paused, again

    # returned by command: the run that waits on the screen is called off, and the next round waits instead
    store = open_store(f"sqlite:///{home / 'dondoc.db'}")
    with writing(store) as connection:
        decide_letter(connection, number, "return", "Chị Lan", THIRD_DAY_LATE, remark="Sửa trích yếu")
    store.dispose()
    real_server.api.start_run("don-doc-qua-han", "thu")
    until(lambda: {run["id"] for run in runs(real_server, "CANCELLED")} == {mistaken["id"], paused["id"]}, worker)
    (paused,) = until(lambda: runs(real_server, "PAUSED"), worker)
    assert paused["name"] == f"Công văn {number}, lần 2"

    fill_in(real_server, paused["id"], decision="Duyệt", name="Nguyễn Văn A", number="", signer="", remark="")
    until(lambda: read(home, select(AUDIT).where(AUDIT.c.action == "letter.not_decided")), worker)
    (again,) = until(lambda: runs(real_server, "PAUSED"), worker)
    assert again["id"] == paused["id"]

    real_server.api.start_run("don-doc-qua-han", "thu")  # chasing again starts no second run
    fill_in(
        real_server, paused["id"], decision="Duyệt", name="Nguyễn Văn A", number="12/CV-BCĐ", signer="Trần Thị B",
        remark="",
    )  # fmt: skip
    (done,) = until(lambda: runs(real_server, "COMPLETED"), worker)
    assert done["state"]["name"] == "Đã quyết định"
    ((decided_by, signed, signer, digest),) = read(
        home, select(LETTERS.c.decided_by, LETTERS.c.number, LETTERS.c.signer, LETTERS.c.digest)
    )
    assert (decided_by, signed, signer) == ("Nguyễn Văn A", "12/CV-BCĐ", "Trần Thị B")
    assert len(digest) == 64
    assert len(read(home, select(NOTICES.c.id).where(NOTICES.c.kind == "letter"))) == 46  # head and focal of 23
    assert len(runs(real_server, "COMPLETED")) == 1
    assert runs(real_server, "PAUSED") == []
    (page,) = real_server.api.ask(
        "POST", "/artifacts/latest/filter", {"artifacts": {"key": {"any_": [f"cong-van-{number}"]}}}
    )
    assert ("đã có quyết định" in page["data"], page["flow_run_id"]) == (True, done["id"])
