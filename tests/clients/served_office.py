"""An office of its own in a temporary folder: ``dondoc`` as a command, and its portal as a process on a free port."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).resolve().parents[2]
YEAR, MOMENT = "2024", "2024-12-02T08:00"
SECONDS_TO_OPEN, SECONDS_TO_FOLLOW = 60, 30
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    address: str  # after redirects


@dataclass(frozen=True)
class ServedOffice:
    """``home`` is its folder, ``address`` where its portal answers."""

    home: Path
    port: int
    moment: str = MOMENT  # its clock stands still
    by: ClassVar = ("--by", "Kiểm tra lịch")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the portal says."""
        return self.home / "portal.log"

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DONDOC_")}
        return clean | {
            "DONDOC_HOME": str(self.home),
            "DONDOC_PUBLISHED": str(self.home / "published"),
            "DONDOC_NOW": self.moment,
            "DONDOC_PORTAL_PORT": str(self.port),
            "PYTHONUTF8": "1",
        }

    def command(self, *words: str) -> str:
        """What ``dondoc`` says. Raises RuntimeError with its complaint."""
        dondoc = Path(sys.executable).with_name("dondoc")
        done = subprocess.run(
            [dondoc, *words], check=False, capture_output=True, text=True, cwd=ROOT, env=self.environment
        )
        if done.returncode:
            raise RuntimeError(f"dondoc {' '.join(words)}: {(done.stderr or done.stdout).strip()[-300:]}")
        return done.stdout

    def decide(self, *words: str) -> None:
        """A command that changes a date, agreed to at once."""
        self.command(*words, *self.by, "--why", "Kiểm tra", "--yes")

    def subscribe(self, owner: str, *options: str) -> str:
        """The address of a new subscription."""
        return _address_in(self.command("subscriptions", "add", owner, owner, *self.by, *options))

    def rotate(self, number: int) -> str:
        return _address_in(self.command("subscriptions", "rotate", str(number), *self.by))

    def get(self, address: str, **headers: str) -> Answer:
        """One GET, redirects followed; ``If_None_Match`` stands for the header of that name."""
        asked = urllib.request.Request(
            address, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        try:
            with _opener.open(asked, timeout=30) as got:
                return Answer(got.status, {k.lower(): v for k, v in got.headers.items()}, got.read(), got.url)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read(), error.url)

    def answered(self, status: int) -> int:
        """How many calendar requests the portal says it answered so."""
        told = self.get(f"{self.address}/metrics").body.decode()
        found = re.search(rf'^dondoc_feed_answers_total{{status="{status}"}} (\S+)', told, re.MULTILINE)
        return int(float(found[1])) if found else 0

    def await_change(self, address: str, etag: str) -> bool:
        """Whether what ``address`` shows becomes something else before long."""
        end = time.monotonic() + SECONDS_TO_FOLLOW
        while time.monotonic() < end:
            if self.get(address).headers.get("etag", "") not in ("", etag):
                return True
            time.sleep(0.2)
        return False


@contextmanager
def served_office(home: Path, moment: str = MOMENT) -> Iterator[ServedOffice]:
    """Plans the year with the programmes shipped and opens the portal; everything ends with the ``with``."""
    office = ServedOffice(home, free_port(), moment)
    office.command("plan", YEAR)
    with office.log.open("wb") as log:
        portal = subprocess.Popen(
            [sys.executable, "-m", "portal.serve"], cwd=ROOT, env=office.environment, stdout=log, stderr=log
        )
    try:
        _await_portal(office, portal)
        yield office
    finally:
        portal.send_signal(signal.SIGTERM)
        try:
            portal.wait(30)
        except subprocess.TimeoutExpired:
            portal.kill()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _await_portal(office: ServedOffice, portal: subprocess.Popen) -> None:
    end = time.monotonic() + SECONDS_TO_OPEN
    while time.monotonic() < end and portal.poll() is None:
        try:
            if office.get(f"{office.address}/healthz").status == 200:
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise RuntimeError(f"the portal does not open:\n{office.log.read_text()[-2000:]}")


def _address_in(told: str) -> str:
    return re.search(r"http://\S+/lich/\S+\.ics", told)[0]
