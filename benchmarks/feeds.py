"""A calendar of 500 events by one worker, against a bare Starlette handler with the same bytes, and against Radicale.

Answers a second and their ratios within one run: whole, whole as gzip, and unchanged (304). The portal is the office's
own (portal.serve, uvicorn in one process); Starlette is served the same way and sends the same headers; Radicale keeps
the same 500 events. Rounds take turns, each server on one core and wrk on another; the ratio by seconds of the
server's own CPU stays true on a machine that does other work too. Run: python benchmarks/feeds.py [rounds]
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert

from benchmarks.publishing import KINDS, REVISED, TODAY, fields
from calendars.membership import touch_feeds
from calendars.subscription_options import Options
from calendars.subscriptions import create_subscription
from models.occurrence import Occurrence
from models.programme import Programme
from office.secret import link_secret
from office.settings import Settings
from office.store import open_store, writing
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[1]
EVENTS, ROUNDS, CONNECTIONS = 500, 5, 8
LONG = 3  # seconds of a round for who answers ten times a second; one for the others
RADICALE, RADICALE_HOME = "Radicale==3.9.0", ROOT / ".venvs/radicale"
RIGHTS = "[everybody]\nuser: .*\ncollection: .*\npermissions: RrWw\n"
PLAIN: dict[str, str] = {}
GZIP = {"Accept-Encoding": "gzip"}
CORES = sorted(os.sched_getaffinity(0))  # the first is the server's, the last wrk's
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """One process, and where the calendar is to be had from it."""

    port: int
    path: str
    process: int = 0

    def seconds(self) -> float:
        """How much of a processor's time it has used."""
        used = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(used[11]) + int(used[12])) / TICKS


@dataclass(frozen=True)
class Load:
    """What wrk got in a round: answers a second, and answers for a second of the server's own time."""

    rate: float
    efficiency: float


def main(rounds: int) -> None:
    """Starts the three, makes sure that they answer alike, and prints the ratios."""
    if shutil.which("wrk") is None:
        print("not measured: wrk is not installed (apt-get install wrk)")
        return
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder, ExitStack() as servers:
        home = Path(folder)
        place = Server(free_port(), f"/lich/{make_office(home)}.ics")
        ours = servers.enter_context(running(partial(serve_portal, home, place.port), place))
        answers = {name: ask(ours, asked) for name, asked in requests_of(ours).items()}
        size, packed = (len(answers[name][2]) for name in ("200", "200 gzip"))
        print(f"one calendar: {answers['200'][2].count(b'BEGIN:VEVENT')} events, {size:,} bytes, {packed:,} as gzip")
        place = Server(free_port(), "/lich.ics")
        bare = servers.enter_context(running(partial(serve_bare, place.port, answers), place))
        compare("Starlette", ours, bare, requests_of(ours), rounds)
        if (program := radicale()) is not None:
            place = Server(free_port(), "/ban/lich/")
            peer = servers.enter_context(running(partial(serve_radicale, program, home, place.port), place, 404))
            put(peer, answers["200"][2])
            own = {"200": PLAIN, "200 gzip": GZIP}
            compare("Radicale", ours, peer, own, min(rounds, 3), LONG)


def requests_of(server: Server) -> dict[str, Mapping[str, str]]:
    """What is asked, by name; the third has the bytes already."""
    tag = ask(server, PLAIN)[1]["etag"]
    return {"200": PLAIN, "200 gzip": GZIP, "304": {"If-None-Match": tag}}


def compare(
    name: str, ours: Server, peer: Server, requests: Mapping[str, Mapping[str, str]], rounds: int, seconds: int = 1
) -> None:
    """Rounds in turn; the median of the ratios of neighbours."""
    for what, asked in requests.items():
        mine, theirs = ask(ours, asked), ask(peer, asked)
        assert mine[0] == theirs[0] == int(what[:3]), (mine[0], theirs[0])
        pairs = [(load(ours, asked), load(peer, asked, seconds)) for _ in range(rounds)]
        rates = sorted(one.rate / another.rate for one, another in pairs)
        efficiency = median(one.efficiency / another.efficiency for one, another in pairs)
        print(
            f"{what:8}: portal {median(one.rate for one, _ in pairs):8,.0f}/s, "
            f"{name} {median(one.rate for _, one in pairs):8,.1f}/s, portal/{name} {median(rates):.2f} "
            f"({rates[0]:.2f} to {rates[-1]:.2f}); by the server's own seconds {efficiency:.2f}",
            flush=True,
        )


# ---------------------------------------------------------------- the office


def make_office(home: Path) -> str:
    """A programme of 500 matters and one subscription to it; its token."""
    settings = Settings(home=home)
    store = open_store(settings.database_url)
    with writing(store) as connection:
        paper = {"code": "P00", "short": "x", "issuer": "x", "source": "x", "standing_agency": "x", "items": EVENTS}
        paper |= {"title": "Chương trình công tác năm 2024", "policy": "default", "draft": False}
        connection.execute(insert(Programme), paper | {"first": TODAY, "last": TODAY.replace(month=12, day=31)})
        connection.execute(insert(Occurrence), [matter(number) for number in range(EVENTS)])
        touch_feeds(connection, {"programme/P00": paper["title"]}, TODAY)
        made = create_subscription(
            connection, "programme/P00", "Điện thoại", Options(), "Hoa", REVISED, datetime.now(REVISED.tzinfo),
            link_secret(settings),
        )  # fmt: skip
    store.dispose()
    return made.token


def matter(number: int) -> dict[str, Any]:
    """One occurrence of the year's, with an event of its own: a report or a fixed day."""
    item = number % 35 * 2
    own = {"id": f"P00/viec-{number:03}/2024", "line": 100 + number, "kind": KINDS[item % 4]}
    rest = {"programme": "P00", "item": "", "period": "2024", "year_first": 2024, "year_last": 2024}
    title = f"Báo cáo kết quả thực hiện nhiệm vụ số {number} của các chương trình mục tiêu quốc gia"
    return fields(0, item) | own | rest | {"title": title, "rolls_up": False, "status": "planned"}


# ---------------------------------------------------------------- the servers


def serve_portal(home: Path, port: int) -> None:
    """The portal as an office runs it."""
    from portal.serve import serve

    serve(Settings(home=home, portal_port=port))


def serve_bare(port: int, answers: Mapping[str, tuple[int, Mapping[str, str], bytes]]) -> None:
    """The same bytes and headers from one handler that knows nothing."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from portal.serve import listen

    def response_of(name: str) -> Callable[[], Response]:
        status, headers, body = answers[name]
        return partial(Response, body, status, {key: headers[key] for key in headers if key != "date"})

    whole, packed, unchanged = map(response_of, ("200", "200 gzip", "304"))
    tag = answers["304"][1]["etag"]

    async def calendar(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return unchanged()
        return packed() if request.headers.get("accept-encoding") == "gzip" else whole()

    app = Starlette(routes=[Route("/lich.ics", calendar)])
    config = uvicorn.Config(app, access_log=False, log_config=None, server_header=False, proxy_headers=False)
    uvicorn.Server(config).run(sockets=[listen(port)])


def serve_radicale(program: Path, home: Path, port: int) -> None:
    """Radicale with its own storage in files; everybody may do everything."""
    (home / "rights").write_text(RIGHTS)
    (home / "radicale/collection-root/ban").mkdir(parents=True)  # a user, under whom calendars may stand
    os.dup2(1, 2)  # it tells its settings before it heeds them
    kept = ["--storage-filesystem-folder", home / "radicale", "--rights-type", "from_file", "--rights-file"]
    rest = ["--auth-type", "none", "--logging-level", "critical", "--hosts", f"127.0.0.1:{port}"]
    os.execv(program, ["radicale", *map(str, [*kept, home / "rights", *rest, "--config", ""])])


@contextmanager
def running(serve: Callable[[], None], server: Server, begins_with: int = 200) -> Iterator[Server]:
    """A server in a process of its own on the first core, until the block ends; it answers when the block begins."""
    process = get_context("spawn").Process(target=pinned, args=(serve,), daemon=True)
    process.start()
    try:
        wait_for(server, begins_with)
        yield replace(server, process=process.pid or 0)
    finally:
        process.terminate()
        process.join(10)


def pinned(serve: Callable[[], None]) -> None:
    """Serves on the first core, silently."""
    os.sched_setaffinity(0, CORES[:1])
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    serve()


def wait_for(server: Server, status: int) -> None:
    """Until it answers so; a calendar nobody has put there yet is not found."""
    for _ in range(300):
        with suppress(ConnectionError):
            if ask(server, PLAIN)[0] == status:
                return
        time.sleep(0.1)
    raise SystemExit(f"no answer {status} on port {server.port}")


def radicale() -> Path | None:
    """Radicale's program, installed into an environment of its own; None where that cannot be done."""
    program = RADICALE_HOME / "bin/radicale"
    if not program.exists():
        try:
            venv.create(RADICALE_HOME, clear=True, with_pip=True)
            install = [RADICALE_HOME / "bin/python", "-m", "pip", "install", "--quiet", RADICALE]
            subprocess.run(install, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            print(f"Radicale: not measured, {RADICALE} could not be installed")
            return None
    return program


# ---------------------------------------------------------------- asking


def ask(server: Server, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
    """One answer: status, headers in small letters, body."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("GET", server.path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def put(server: Server, calendar: bytes) -> None:
    """Gives a CalDAV server the whole calendar, and makes sure that it gives back as many events."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("PUT", server.path, calendar, {"Content-Type": "text/calendar; charset=utf-8"})
    answer = connection.getresponse()
    assert answer.status == 201, (answer.status, answer.read())
    connection.close()
    assert ask(server, PLAIN)[2].count(b"BEGIN:VEVENT") == calendar.count(b"BEGIN:VEVENT")


def load(server: Server, headers: Mapping[str, str], seconds: int = 1) -> Load:
    """What wrk gets from a server in a short while."""
    lines = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", *lines]
    address = f"http://127.0.0.1:{server.port}{server.path}"
    pin, before = partial(os.sched_setaffinity, 0, CORES[-1:]), server.seconds()
    run = subprocess.run([*command, address], check=True, capture_output=True, text=True, preexec_fn=pin)
    used = server.seconds() - before
    assert not re.search("Non-2xx|Socket errors", run.stdout), run.stdout
    rate, count = re.search(r"Requests/sec:\s+([\d.]+)", run.stdout), re.search(r"(\d+) requests in", run.stdout)
    assert rate, run.stdout
    assert count, run.stdout
    return Load(float(rate[1]), int(count[1]) / used)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
