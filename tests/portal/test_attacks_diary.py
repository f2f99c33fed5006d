"""After a day at the portal neither its diary, nor the audit, nor its files hold an address, a token or a password."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from notices.links import Links
from office.clock import real_instant
from office.personal_links import generation_of
from office.secret import read_or_make_secret
from office.store import open_store, writing
from portal.acknowledge import TRAP
from tests.portal.agency_office import read_code
from tests.portal.attacked_office import PDF, AttackedOffice
from tests.portal.office_door import PASSWORD, hash_cheaply
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
WRONG, NEW = "một mật khẩu đoán mò", "chín con suối chảy về xuôi"
TYPED = ("moi.dia.chi@example.vn", "0912345678", "https://example.vn/ho-so-rieng", "Tên Tệp Riêng", "Ghi chú riêng 77")


@pytest.fixture
def running(tmp_path, monkeypatch):
    """The portal as a process before an office on SQLite; what it says goes to ``said``."""
    hash_cheaply(monkeypatch)
    engine, address = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}"), f"http://127.0.0.1:{free_port()}"
    office = AttackedOffice(engine, lambda make: make(address), tmp_path)
    office.found()
    office.tell(envelope="9f2c" * 8)
    links = Links(read_or_make_secret(tmp_path / "links.key"), "")
    with writing(engine) as connection:
        gate = links.agency("hoa", generation_of(connection, "hoa", real_instant()))
    engine.dispose()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DONDOC_")} | {
        "DONDOC_HOME": str(tmp_path), "DONDOC_PROGRAMMES": str(tmp_path / "programmes"), "DONDOC_AT": "2024-12-02",
        "DONDOC_PORTAL_PORT": address.rpartition(":")[2],
    }  # fmt: skip
    with (tmp_path / "said").open("wb") as said:
        command = [sys.executable, "-m", "portal.serve"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    wait_until_open(process, address)
    yield Day(address, links, gate, process)
    process.kill()
    process.wait()


def wait_until_open(process, address):
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None
        assert time.monotonic() < end
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)


class Day:
    """A day's visitors; ``secrets`` are the tokens and what else they must not find again."""

    def __init__(self, address, links, gate, process):
        self.address, self.links, self.gate, self.process = address, links, gate, process
        self.secrets = {PASSWORD, WRONG, NEW, *TYPED, "hoa@example.vn", gate.rpartition("/")[2]}

    def browser(self):
        return httpx.Client(base_url=self.address, timeout=60)

    def send(self, browser, page, to=None, files=None, code=303, **typed):
        """The form of a page with its hidden fields and what is typed."""
        kept = {name: unescape(value) for name, value in HIDDEN.findall(browser.get(page).text)}
        self.secrets |= {kept[name] for name in ("csrf", "form") if name in kept}
        answer = browser.post(to or page, data=kept | typed, files=files)
        self.secrets |= {value for value in browser.cookies.values() if len(value) > 20}
        assert answer.status_code == code, answer.text
        return answer

    def secretary(self):
        with self.browser() as lan:
            self.send(lan, "/dang-nhap", code=422, name="lan", password=WRONG)
            self.send(lan, "/dang-nhap", name="lan", password=PASSWORD)
            self.send(lan, "/doi-mat-khau", now=PASSWORD, new=NEW, again=NEW)
            self.subscribe(lan, "/thu-ky/lich", owner="all")
            contacts = "/thu-ky/danh-muc/nguoi-lien-he"
            verified = {"act": "kiem-tra", "kind": "mail", "address": TYPED[0]}
            self.send(lan, f"{contacts}?co-quan=A", f"{contacts}/hoa", **verified)
            self.send(lan, f"{contacts}?co-quan=B", f"{contacts}/khac", act="lien-ket")
            self.send(lan, f"{contacts}?co-quan=B", f"{contacts}/khac", act="thu-hoi", why="Đã đổi người")
            page = lan.get("/thu-ky/tep/1")
            assert page.content == PDF

    def subscribe(self, browser, base, **typed):
        made = self.send(browser, base, title="Lịch riêng", **typed).headers["location"]
        token = re.search(r"/lich/([\w.-]+)\.ics", browser.get(made).text)[1]
        self.secrets.add(token)
        assert browser.get(f"/lich/{token}x.ics").status_code == 404
        self.send(browser, made.removesuffix("/dia-chi"), made.replace("/dia-chi", "/doi-dia-chi"))
        token = re.search(r"/lich/([\w.-]+)\.ics", browser.get(made).text)[1]
        self.secrets.add(token)
        end = time.monotonic() + 30
        while browser.get(f"/lich/{token}.ics").status_code != 200:
            assert time.monotonic() < end
        self.send(browser, made.removesuffix("/dia-chi"), made.replace("/dia-chi", "/thu-hoi"))

    def agency(self):
        with self.browser() as hoa:
            hoa.post(self.gate, data={"code": "1111"})
            assert hoa.post(self.gate, data={"code": read_code(hoa.get(self.gate).text)}).status_code == 303
            files = {"files": (f"{TYPED[3]}.pdf", PDF)}
            done = {"how": "phan", "name": "Lò Thị Hoa", "link": TYPED[2], "note": TYPED[4]}
            self.send(hoa, "/co-quan/nop/P/BC/2024/A", files=files, **done)
            person = {"what": "sua", "name": "Lò Thị Hoa", "mail": TYPED[0], "sms": TYPED[1], "zalo": ""}
            person |= {"quiet_from": "18:00", "quiet_to": "07:00", "language": "vi", "digest": "co"}
            self.send(hoa, "/co-quan/danh-ba/hoa", **person)
            self.subscribe(hoa, "/co-quan/lich")

    def stranger(self):
        with self.browser() as nobody:
            for link in (self.links.acknowledge("9f2c" * 8), self.links.unsubscribe("hoa")):
                self.secrets.add(link.rpartition("/")[2])
                code = read_code(nobody.get(link).text)
                nobody.post(link, data={"name": "Lò Thị Hoa", "code": "1"})
                assert nobody.post(link, data={"name": "Lò Thị Hoa", "code": code}).status_code == 200
                nobody.get(f"{link}?note={TYPED[4]}", headers={"referer": TYPED[2], "user-agent": TYPED[0]})
            page = nobody.get("/xin-lien-ket").text
            self.send(nobody, "/xin-lien-ket", code=422, address="hoa@example.vn")
            key = re.search(r'name="key" value="([^"]*)"', page)[1]
            asked = {"key": key, "code": read_code(page), "address": "hoa@example.vn", TRAP: ""}
            assert nobody.post("/xin-lien-ket", data=asked).status_code == 200
            nobody.get(f"/{TYPED[0]}/{TYPED[1]}")
            nobody.get("/dang-nhap", params={"next": f"/{TYPED[0]}"})


def test_what_is_written_down_names_no_secret(running, tmp_path):
    running.agency()
    running.secretary()
    running.stranger()
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(30)
    secrets = {one for one in running.secrets if len(one) > 5}
    assert len(secrets) > 18
    said = (tmp_path / "said").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert {"sign_in", "hand_in", "agency.enter", "subscription.create", "request"} <= {
        line["action"] for line in lines
    }
    database = sqlite3.connect(tmp_path / "dondoc.db")
    audit = "\n".join(map(str, database.execute("SELECT * FROM auditentry")))
    sessions = "\n".join(map(str, database.execute("SELECT digest, opened_at FROM session")))
    dump = "\n".join(database.iterdump())
    database.close()
    feeds = b"".join(path.read_bytes() for path in tmp_path.glob("feeds.db*")).decode("latin-1")
    assert all(one in dump for one in TYPED)  # it was recorded where it belongs
    for secret in secrets:
        assert secret not in said, secret
        assert secret not in audit, secret
        assert secret not in sessions + feeds, secret
    never = {PASSWORD, WRONG, NEW} | {one for one in secrets if len(one) > 40 and "@" not in one}
    kept = {row for row in never if row in dump}
    assert not kept - csrf_of(dump), kept
    assert "Traceback" not in said
    assert urlsplit(running.gate).path not in said


def csrf_of(dump):
    """A session's own token stands in its row, beside the digest of what opens it: forms are checked against it."""
    return set(
        re.findall(r"INSERT INTO \"?session\"? VALUES\('[^']*',(?:'[^']*'|NULL),(?:'[^']*'|NULL),'([^']*)'", dump)
    )
