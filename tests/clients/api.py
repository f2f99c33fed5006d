"""schemathesis asks a running portal everything its OpenAPI description allows, and more: never a 5xx.

FastAPI describes addresses; what forms hold is told to schemathesis by the pages that show them, and what an address
may name (a duty, a letter) by what the pages link to, beside whatever schemathesis thinks of.
"""

import json
import os
import re
import subprocess
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path
from typing import Any

from served_office import ServedOffice, served_office
from site_map import SiteMap

from models.account import Account, AccountRole
from models.columns import table_of
from models.personal_links import next_generation
from notices.links import Links
from office.clock import read_clock, real_instant
from office.secret import link_secret
from office.sessions import open_session
from office.settings import Settings, read_settings
from office.store import open_store, writing
from planning.more_time import Asked, ask_more_time
from portal.app import make_app
from portal.desk import Desk
from portal.guard import COOKIE

LATE = "2024-12-27T08:00"  # reports are late by then, and letters wait for a decision
CONTACT = "BDT.focal"
AGENCYS_DUTY = "DB-351-2022/S2-03/2024/BDT"
BEGINS = {"agency": "/co-quan", "secretariat": "/thu-ky", "stranger": "/dang-nhap"}
ONLY = {"agency": "^/(co-quan|vao|xin-lien-ket)"}  # elsewhere an agency's people are strangers
SEED, MOST_EXAMPLES = "20241202", "3"
SHOWN = 400  # letters of what schemathesis says when it does not name a request


class Door:
    """The office's own rooms, opened beside the portal: its description, sessions and links."""

    def __init__(self, office: ServedOffice) -> None:
        settings = _settings(office)
        secret = link_secret(settings)
        self.links = Links(secret, office.address)
        self._store = open_store(settings.database_url)
        self.desk = Desk(settings, read_clock(settings), self._store, self.links, secret)

    def describe(self) -> dict[str, Any]:
        """What the application says of itself."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # GET and HEAD of one page share a function, and its name
            return json.loads(json.dumps(make_app(self.desk).openapi()))

    def sign_in(self, who: str) -> str:
        """The cookie of a new session; empty for a stranger."""
        with writing(self._store) as connection:
            if who == "stranger":
                return ""
            if who == "agency":
                self.generation = next_generation(connection, CONTACT, real_instant())
                token = open_session(connection, real_instant(), contact=CONTACT)
            else:
                token = open_session(connection, real_instant(), account=who)
        return f"{COOKIE}={token}"

    def add_accounts(self) -> None:
        """One that may do everything, and another for it to work on."""
        table = table_of(Account)
        rows = [
            {"name": "secretariat", "shown": "Thư ký", "role": AccountRole.ADMINISTRATOR},
            {"name": "truong-ban", "shown": "Trưởng ban", "role": AccountRole.CHAIR},
        ]
        with writing(self._store) as connection:
            standing = {"password": "", "active": True, "must_change": False, "created_at": real_instant()}
            connection.execute(table.insert(), [row | standing for row in rows])

    def ask_more_time(self) -> None:
        """A request the secretariat has to decide."""
        asked = Asked(AGENCYS_DUTY, "Lò Thị Hoa", date(2025, 1, 6), "Chờ số liệu các huyện", "asked-by-check", CONTACT)
        with writing(self._store) as connection:
            ask_more_time(connection, asked, self.desk.now())

    def personal_links(self) -> list[str]:
        """Signed addresses as they stand in mails."""
        return [
            self.links.agency(CONTACT, self.generation),
            self.links.unsubscribe(CONTACT),
            self.links.acknowledge("no-such-envelope"),
        ]

    def close(self) -> None:
        self._store.dispose()


def ask_everything(programs: Path) -> tuple[int, list[str]]:
    """How many runs found nothing, and what the others found; ``programs`` is where schemathesis is installed."""
    passed, failed = 0, list[str]()
    with tempfile.TemporaryDirectory() as place, served_office(Path(place), LATE) as office:
        door = _prepare(office)
        for who in BEGINS:
            begun = time.monotonic()
            told, counted = _ask(office, door, who, programs)
            failed += [f"schemathesis as {who}: {line}" for line in told]
            passed += not told
            print(f"schemathesis as {who}: {counted} ({time.monotonic() - begun:.1f} s)")
        failed += [f"the portal's log: {line}" for line in _mistakes(office)]
        door.close()
    return passed, failed


def _prepare(office: ServedOffice) -> Door:
    """Something of everything, so that every form is shown: late reports, changed dates, a request, a subscription."""
    office.command("notices", "plan")
    office.decide("fix", "DB-BCD-2024/S0-03/2024", "--first", "2024-12-30")
    office.decide("cancel", "DB-351-2022/S2-08/2024")
    office.subscribe("agency/BDT")
    door = Door(office)
    door.add_accounts()
    door.ask_more_time()
    return door


def _ask(office: ServedOffice, door: Door, who: str, programs: Path) -> tuple[list[str], str]:
    """What went wrong when ``who`` asked everything, and how much was asked."""
    cookie = door.sign_in(who)
    site = SiteMap(office, cookie, door.describe(), spared=who)
    site.walk(BEGINS[who], "/", *(door.personal_links() if who == "stranger" else ()))
    described = office.home / f"{who}.json"
    described.write_text(json.dumps(site.description(), ensure_ascii=False))
    said, code = _run(programs, office, described, cookie, ONLY.get(who, "."))
    told = site.broken + (re.findall(r"curl -X .*", said) or [said[-SHOWN:]] if code else [])
    if cookie and office.get(office.address + BEGINS[who], Cookie=cookie).address != office.address + BEGINS[who]:
        told.append("was signed out on the way")
    cases = re.search(r"Test cases:\s+(\d+) generated", said)
    if not cases:
        told.append("nothing was asked")
    return told, f"{site.pages} pages walked, {cases[1] if cases else 0} requests"


def _run(programs: Path, office: ServedOffice, described: Path, cookie: str, only: str) -> tuple[str, int]:
    command = [
        programs / "bin/schemathesis", "run", described, "--url", office.address,
        "--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing", "--max-examples", MOST_EXAMPLES,
        "--seed", SEED, "--generation-database", "none", "--no-shrink", "--request-timeout", "30", "--no-color",
        "--warnings", "off", "--max-redirects", "0", "--include-path-regex", only,
        *(["--header", f"Cookie: {cookie}"] if cookie else []),
    ]  # fmt: skip
    done = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=office.home,
        env={**os.environ, "no_proxy": "127.0.0.1", "PYTHONUTF8": "1", "COLUMNS": "200"},
    )  # fmt: skip
    return done.stdout, done.returncode


def _mistakes(office: ServedOffice) -> list[str]:
    """What the portal logged as a mistake of its own: the last line of each traceback, once."""
    lines = (json.loads(line) for line in office.log.read_text().splitlines() if line.startswith("{"))
    return sorted({line["exc_info"].strip().rpartition("\n")[2] for line in lines if line.get("exc_info")})


def _settings(office: ServedOffice) -> Settings:
    return read_settings(
        home=office.home, published=office.home / "published", now=office.moment, portal_port=office.port
    )
