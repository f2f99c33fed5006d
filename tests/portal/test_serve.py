"""``python -m portal.serve``: opens, answers, survives a busy database, ends when told, and keeps links to itself."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from notices.links import Links
from office.secret import read_or_make_secret
from office.store import open_store, reading, writing
from portal.serve import SECONDS_FOR_THE_STORE, keep_nobody_waiting, listen
from tests.notices.told_rows import ENVELOPE, acknowledgements, add_contact, add_notice, add_report
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "portal.serve"]


@pytest.fixture
def office(tmp_path):
    """The environment of an office with one notice told; its home and port are in it."""
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    with writing(store) as connection:
        add_report(connection)
        add_contact(connection)
        add_notice(connection)
    store.dispose()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DONDOC_")}
    settings = {
        "DONDOC_HOME": str(tmp_path), "DONDOC_PORTAL_PORT": str(free_port()), "DONDOC_AT": "2024-12-02"
    }  # fmt: skip
    return clean | settings


@pytest.fixture
def running(office, tmp_path):
    """The portal as a process; what it says goes to ``said``."""
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(COMMAND, cwd=ROOT, env=office, stdout=said, stderr=said)
    address = f"http://127.0.0.1:{office['DONDOC_PORTAL_PORT']}"
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None, (tmp_path / "said").read_text()
        assert time.monotonic() < end
        try:
            if httpx.get(f"{address}/healthz", timeout=5).status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.05)
    yield process, Links(read_or_make_secret(tmp_path / "links.key"), address)
    if process.poll() is None:
        process.kill()
    process.wait()


def person(links):
    return {"name": "Lò Thị Hoa", "code": links.challenge(links.acknowledge(ENVELOPE).rpartition("/")[2])}


def test_it_answers_with_the_offices_clock_and_key_and_writes_no_link_down(running, tmp_path):
    process, links = running
    link = links.acknowledge(ENVELOPE)
    assert "Đồng hồ minh họa: hôm nay là thứ Hai, 02/12/2024" in httpx.get(link).text
    assert httpx.post(link, data={"name": "Lò Thị Hoa", "code": "1"}).status_code == 422
    page = httpx.post(link, data=person(links))
    assert (page.status_code, "02/12/2024." in page.text) == (200, True)
    assert "server" not in page.headers
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    said = (tmp_path / "said").read_text()
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert {"action": "acknowledge", "said": "Báo nhận 1 thông báo."}.items() <= next(
        line for line in lines if line["action"] == "acknowledge"
    ).items()
    requests = {(line["method"], line["path"], line["status"]) for line in lines if line["action"] == "request"}
    assert {("GET", "/da-nhan/{token}", 200), ("POST", "/da-nhan/{token}", 422)} <= requests
    for hidden in (link.rpartition("/")[2], "Hoa", "Traceback"):
        assert hidden not in said
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    with reading(store) as connection:
        assert len(acknowledgements(connection)) == 1
    store.dispose()


def test_small_answers_are_sent_at_once():
    # asyncio sets TCP_NODELAY only on a socket that says it is TCP; without it each answer waits 40 ms
    with listen(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_page_waits_seconds_for_a_busy_database_where_a_command_waits_a_minute(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    asked = "PRAGMA busy_timeout"
    with reading(store) as connection:
        assert connection.exec_driver_sql(asked).scalar() == 60_000
    keep_nobody_waiting(store)
    with reading(store) as connection:
        assert connection.exec_driver_sql(asked).scalar() == SECONDS_FOR_THE_STORE * 1000
    store.dispose()


def test_a_busy_database_is_a_sentence_and_nothing_is_lost_or_half_done(running, tmp_path):
    _, links = running
    link = links.acknowledge(ENVELOPE)
    busy = sqlite3.connect(tmp_path / "dondoc.db", isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    page = httpx.post(link, data=person(links), timeout=60)
    assert (page.status_code, "Hệ thống đang bận" in page.text) == (503, True)
    assert "Lò Thị Hoa" not in page.text
    assert httpx.get(link).status_code == 200  # reading does not wait for a writer
    busy.execute("ROLLBACK")
    busy.close()
    assert httpx.post(link, data=person(links), timeout=60).status_code == 200


def test_a_taken_port_is_one_sentence(office):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(office["DONDOC_PORTAL_PORT"])))
        other.listen()
        done = subprocess.run(COMMAND, cwd=ROOT, env=office, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Lỗi: Không mở được cổng {office['DONDOC_PORTAL_PORT']} cho cổng Đôn Đốc")
    assert "DONDOC_PORTAL_PORT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda home: (home / "links.key").touch(0o600), "quá ngắn"),
        (lambda home: (home / "dondoc.db").write_text("không phải cơ sở dữ liệu " * 100), "Không dùng được cơ sở dữ"),
        (lambda home: (home / "clock.json").write_text("{"), "Không đọc được đồng hồ"),
    ],
    ids=["key", "database", "clock"],
)
def test_an_office_that_cannot_be_opened_is_one_sentence(office, tmp_path, spoil, sentence):
    spoil(tmp_path)
    office.pop("DONDOC_AT")
    done = subprocess.run(COMMAND, cwd=ROOT, env=office, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.startswith("Lỗi: "), sentence in done.stderr) == (2, True, True)
    assert "Traceback" not in done.stderr
