"""Reads every published calendar with seven real calendar programs, and compares what they see.

usage: python tests/clients/check.py [FOLDER …]
Without a folder: calendars/published, and the reviewed files of tests/calendars/golden, which have hours,
cancellations and hostile text that a published year may lack. Then a running office: real programs subscribe to it
over HTTP (over_http.py), and schemathesis asks its portal everything (api.py).

Installs what it needs apart from ours: Python programs in .venvs/clients-py, JavaScript ones in
.venvs/clients-node, libical from the system's packages. Runs in the project's own environment. Ends with the
line 'N passed, N failed'; exit code 1 when something failed, 2 when something cannot be installed.
"""

import ctypes.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from api import ask_everything
from over_http import follow

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PYTHON_HOME, NODE_HOME = ROOT / ".venvs/clients-py", ROOT / ".venvs/clients-node"
IN_PYTHON = ("icalendar", "vobject", "libical", "khal", "vdirsyncer")
IN_NODE = ("ical.js", "node-ical")
KEEPS_NO_UIDS = {"vdirsyncer"}  # a subscription's UIDs are replaced by hashes there, on purpose
REFERENCE = "icalendar"
FOLDERS = (ROOT / "calendars/published", ROOT / "tests/calendars/golden")
NODE_AT_LEAST = (18, 17)  # what the pinned packages and readers.mjs ask for; Debian 12 has 18.20
SHOWN = 40  # lines of what is wrong


class CannotInstall(Exception):
    """Something is missing that only a person can put here; the text says what and how."""


# ---------------------------------------------------------------- installing


def install() -> None:
    """Brings the environments up to what is pinned; does nothing when they are."""
    if not ctypes.util.find_library("ical"):
        install_packages("libical", "libical3t64", "libical3")
    if not shutil.which("npm"):
        install_packages("Node.js and npm", "npm")
    version = subprocess.run(["node", "--version"], check=False, capture_output=True, text=True).stdout.strip()
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < NODE_AT_LEAST:
        raise CannotInstall(f"Node.js {version or 'is missing'}: these checks need 18.17 or newer.")
    pinned = (HERE / "requirements.txt").read_text()
    if not is_current(PYTHON_HOME, pinned):
        venv.create(PYTHON_HOME, clear=True, with_pip=True)
        quietly([PYTHON_HOME / "bin/python", "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"])
        (PYTHON_HOME / "installed").write_text(pinned)
    pinned = (HERE / "package.json").read_text()
    if not is_current(NODE_HOME, pinned):
        shutil.rmtree(NODE_HOME, ignore_errors=True)
        NODE_HOME.mkdir(parents=True)
        (NODE_HOME / "package.json").write_text(pinned)
        quietly(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=NODE_HOME)
        (NODE_HOME / "installed").write_text(pinned)


def is_current(home: Path, pinned: str) -> bool:
    installed = home / "installed"
    return installed.exists() and installed.read_text() == pinned


def install_packages(what: str, *candidates: str) -> None:
    """The first of the candidate Debian packages that exists; only root may, and only with apt-get."""
    help = f"{what} is missing: install it ('apt-get install {candidates[-1]}') and run this again."
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotInstall(help)
    subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
    for package in candidates:
        done = subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
            check=False, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )  # fmt: skip
        if done.returncode == 0:
            return
    raise CannotInstall(help)


def quietly(command: list, **options: object) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    if done.returncode:
        raise CannotInstall(f"{command[0]} failed:\n{(done.stderr or done.stdout).strip()[-2000:]}")


# ---------------------------------------------------------------- reading


def read_all(folder: Path) -> dict[str, dict]:
    """Client → what it saw in every calendar, and what it has against it."""
    clients = IN_PYTHON + IN_NODE
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(clients, pool.map(lambda client: read(client, folder), clients), strict=True))


def read(client: str, folder: Path) -> dict:
    if client in IN_PYTHON:
        command = [PYTHON_HOME / "bin/python", HERE / "readers.py", client, folder]
    else:
        command = ["node", HERE / "readers.mjs", client, folder]
    begun = time.monotonic()
    # a time zone far from Vietnam: a reader that falls back on the machine's own gives itself away
    zone = {"TZ": "America/Los_Angeles"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=NODE_HOME, env=os.environ | zone)
    if done.returncode:
        return {"calendars": {}, "problems": {"(all)": [done.stderr.strip()[-2000:]]}, "seconds": 0.0}
    return json.loads(done.stdout) | {"seconds": time.monotonic() - begun}


def differences(seen: dict[str, dict]) -> list[str]:
    """Where a client does not see the events that the reference sees; empty when all agree."""
    found = []
    for client, result in seen.items():
        for name, events in result["calendars"].items():
            others = seen[REFERENCE]["calendars"].get(name)
            if others is None:
                continue  # the reference cannot read it at all and has said so
            mine, theirs = ({said(event, client) for event in side} for side in (events, others))
            if mine != theirs or len(events) != len(others):
                only = sorted(mine ^ theirs)[:2]
                found.append(f"{name}: {client} sees {len(events)} events, {REFERENCE} {len(others)}; {only}")
    return found


def said(event: list[str], client: str) -> tuple[str, str, str]:
    uid, start, summary = event
    return ("" if client in KEEPS_NO_UIDS else uid, start, summary)


# ---------------------------------------------------------------- can it fail?

GOOD = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//dondoc//calendars//VI\r
CALSCALE:GREGORIAN\r
BEGIN:VEVENT\r
SUMMARY:Họp\r
DTSTART;VALUE=DATE:20241209\r
DTEND;VALUE=DATE:20241210\r
DTSTAMP:20240101T000000Z\r
UID:a@dondoc\r
END:VEVENT\r
END:VCALENDAR\r
"""
BROKEN = {
    "cut": GOOD[: GOOD.index("UID:")],
    "no-start": GOOD.replace("DTSTART;VALUE=DATE:20241209\r\n", ""),
    "no-such-day": GOOD.replace("20241209", "20241345"),
    "ends-first": GOOD.replace("20241210", "20241201"),
    "method": GOOD.replace("CALSCALE:GREGORIAN", "METHOD:REQUEST"),
    "decomposed": GOOD.replace("Họp", "Ho\u0323p"),
    "twice": GOOD.replace("END:VCALENDAR\r\n", GOOD[GOOD.index("BEGIN:VEVENT") :]),
    "no-uid": GOOD.replace("UID:a@dondoc\r\n", ""),
}


def self_test() -> list[str]:
    """What would mean that this check cannot fail: a client that accepts every broken file, or a blind comparison."""
    wrong = []
    with tempfile.TemporaryDirectory() as place:
        for name, text in {"good": GOOD, **BROKEN}.items():
            (Path(place) / f"{name}.ics").write_bytes(text.encode())
        seen = read_all(Path(place))
    for client, result in seen.items():
        noticed = sorted(set(result["problems"]) & set(BROKEN))
        print(f"self-test  {client:<11} objects to {len(noticed)} of {len(BROKEN)} broken files: {', '.join(noticed)}")
        if not noticed:
            wrong.append(f"self-test: {client} accepts every broken file")
        if "good" in result["problems"]:
            wrong.append(f"self-test: {client} objects to the good file: {result['problems']['good']}")
    good = {client: {"calendars": {"good": result["calendars"].get("good", [])}} for client, result in seen.items()}
    if differences(good):
        wrong.append(f"self-test: {differences(good)[0]}")
    for client in seen:
        uid, start, summary = seen[client]["calendars"]["good"][0]
        for other in ([], [[uid, "2024-12-08", summary]], [[uid, start, "Hop"]]):
            if not differences(good | {client: {"calendars": {"good": other}}}):
                wrong.append(f"self-test: that {client} sees {other} goes unnoticed")
    return wrong


# ---------------------------------------------------------------- all of it


def check(folder: Path) -> tuple[int, list[str]]:
    """How many checks passed in one folder, and what failed."""
    names = {path.relative_to(folder).as_posix()[:-4] for path in folder.rglob("*.ics")}
    if not names:
        return 0, [f"there is no .ics file in {folder}"]
    seen, passed, failed = read_all(folder), 0, []
    print(f"{folder}:")
    for client, result in seen.items():
        problems = {name: told for name, told in result["problems"].items() if told}
        unread = names - set(result["calendars"]) - set(problems)
        failed += [f"{client}: {name}: {told[0]}" for name, told in problems.items()]
        failed += [f"{client}: {name}: was not read" for name in sorted(unread)]
        passed += len(names - set(problems) - unread)
        events = sum(map(len, result["calendars"].values()))
        print(
            f"{client:<11} {len(result['calendars'])} calendars, {events} events, "
            f"{len(problems) + len(unread)} with problems ({result['seconds']:.1f} s)"
        )
    disagreeing = differences(seen)
    print(f"agreement   {len(seen) - 1} clients see what {REFERENCE} sees, with {len(disagreeing)} exceptions")
    return passed + len(names) - len({line.partition(":")[0] for line in disagreeing}), failed + disagreeing


def check_served() -> tuple[int, list[str]]:
    """The same of an office that is running: followed over HTTP, read as it was fetched, and asked everything."""
    try:
        with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor() as pool:
            asking = pool.submit(ask_everything, PYTHON_HOME)  # an office of its own, at the same time
            right, wrong = follow(PYTHON_HOME, Path(place))
            read, unlike = check(Path(place))
            asked, broken = asking.result()
    except RuntimeError as error:  # an office that does not open, a program that does not run
        return 0, [str(error)]
    return right + read + asked, wrong + unlike + broken


def main() -> int:
    """Run everything; the exit code."""
    folders = [Path(given).resolve() for given in sys.argv[1:]] or list(FOLDERS)
    try:
        install()
    except CannotInstall as error:
        print(error, file=sys.stderr)
        return 2
    failed = self_test()
    passed = len(IN_PYTHON + IN_NODE) if not failed else 0
    for folder in folders:
        right, wrong = check(folder)
        passed, failed = passed + right, failed + wrong
    if not sys.argv[1:]:
        right, wrong = check_served()
        passed, failed = passed + right, failed + wrong
    for line in failed[:SHOWN]:
        print(f"FAILED {line[:400]}")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
