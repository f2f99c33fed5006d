"""PostgreSQL is stopped while the portal runs: calendars go on, pages say a sentence, and everything comes back."""

import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from html import unescape
from pathlib import Path

import httpx
import pytest
from icalendar import Calendar

from calendars.subscription_options import Options
from calendars.subscriptions import create_subscription
from office.clock import real_instant
from office.secret import read_or_make_secret
from office.sessions import open_session
from office.store import open_store, writing
from tests.portal.attacked_office import HELD, NOW, AttackedOffice
from tests.portal.office_door import hash_cheaply
from tests.postgres import CARELESS, free_port, postgres_programs, stoppable_postgres

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
SENTENCE = "Hệ thống đang bận"


class Running:
    """The portal as a process before a server of its own, a subscription, and a secretary who is in."""

    def __init__(self, home, server):
        self.home, self.server, self.process = home, server, None
        self.address = f"http://127.0.0.1:{free_port()}"
        url = f"{server.address}/postgres"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DONDOC_")}
        self.environment = clean | {
            "DONDOC_HOME": str(home), "DONDOC_DATABASE_URL": url, "DONDOC_PROGRAMMES": str(home / "programmes"),
            "DONDOC_PORTAL_PORT": self.address.rpartition(":")[2], "DONDOC_AT": "2024-12-02",
        }  # fmt: skip
        engine = open_store(url)
        AttackedOffice(engine, lambda make: make(self.address), home).found()
        secret = read_or_make_secret(home / "links.key")
        with writing(engine) as connection:
            session = open_session(connection, real_instant(), account="lan")
            new = create_subscription(connection, "all", "Lịch", Options(), "Lan", NOW, real_instant(), secret)
        engine.dispose()
        self.feed = f"/lich/{new.token}.ics"
        self.lan = httpx.Client(base_url=self.address, timeout=120, cookies={"dondoc": session})

    def start(self):
        with (self.home / "said").open("ab") as said:
            command = [sys.executable, "-m", "portal.serve"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=said, stderr=said)
        self.until(lambda: self.get("/healthz") == 200)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)

    def get(self, path):
        """How a page is answered; None while nobody listens."""
        try:
            return self.lan.get(path).status_code
        except httpx.TransportError:
            return None

    def until(self, is_so, seconds=60):
        end = time.monotonic() + seconds
        while not is_so():
            assert self.process.poll() is None, (self.home / "said").read_text()
            assert time.monotonic() < end
            time.sleep(0.05)

    def fix_the_date(self):
        """Three clicks on the page: the form, what would change, and yes."""
        page = self.lan.get(f"/thu-ky/an-dinh/{HELD}")
        typed = {"first": "2024-12-19", "starts": "08:00", "place": "Hội trường", "document": "12/GM", "why": "Thử"}
        for _ in range(2):
            kept = {name: unescape(value) for name, value in HIDDEN.findall(page.text)}
            page = self.lan.post(f"/thu-ky/an-dinh/{HELD}", data=kept | typed)
            typed |= {"step": "confirm"}
        assert page.status_code == 303, page.text


@pytest.fixture
def running(tmp_path, monkeypatch):
    programs = postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine (apt-get install postgresql)")
    hash_cheaply(monkeypatch)
    with stoppable_postgres(programs, *CARELESS) as server:
        running = Running(tmp_path, server)
        running.start()
        yield running
        running.stop()
        running.lan.close()


def is_served(running, before):
    """The same bytes under the same tag, and nothing for who has them."""
    after = running.lan.get(running.feed)
    unchanged = running.lan.get(running.feed, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.content, after.headers["etag"]) == (200, before.content, before.headers["etag"])
    assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("how", "seconds"), [("fast", 1), ("immediate", 1), pytest.param("fast", 60, marks=pytest.mark.hard)]
)
def test_the_portal_stays_up_without_its_database_and_recovers_by_itself(running, how, seconds):
    running.until(lambda: running.get(running.feed) == 200)
    before = running.lan.get(running.feed)
    assert (running.get("/thu-ky"), running.get("/readyz")) == (200, 200)

    running.server.stop(how)
    end = time.monotonic() + seconds
    while True:
        is_served(running, before)
        page = running.lan.get("/thu-ky")
        assert (page.status_code, page.headers["retry-after"], SENTENCE in page.text) == (503, "30", True)
        assert [running.get(path) for path in ("/healthz", "/readyz", "/xin-lien-ket")] == [200, 503, 200]
        if time.monotonic() > end:
            break
        time.sleep(0.2)
    if how == "fast":
        running.stop()
        running.start()  # begun while the database is away
        is_served(running, before)
        assert (running.get("/thu-ky"), running.get("/readyz")) == (503, 503)

    running.server.start()
    running.until(lambda: running.get("/readyz") == 200, 30)
    running.until(lambda: running.get("/thu-ky") == 200, 30)
    is_served(running, before)
    running.fix_the_date()
    running.until(lambda: running.lan.get(running.feed).content != before.content, 30)
    days = {event["dtstart"].dt for event in Calendar.from_ical(running.lan.get(running.feed).content).events}
    assert date(2024, 12, 19) in {getattr(day, "date", lambda day=day: day)() for day in days}
    said = (running.home / "said").read_text()
    assert "Traceback" not in said
    assert running.feed.partition("/lich/")[2].removesuffix(".ics") not in said
