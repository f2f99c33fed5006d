"""The processes ``dondoc run`` starts: marked as this office's, tied to its life, logged, and all ended.

Ended by the kernel when ``dondoc run`` is killed outright, by ``stop`` when it ends, and by the next start
for whatever still got away. A process is ours when it carries the office's mark in its environment, which
its own children inherit: flow runs too, whose numbers we never learn. Nothing is ever ended by its name.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from uuid import uuid4

from models.errors import DonDocError
from office.settings import PROJECT

MARK = "DONDOC_STARTED_BY"
LARGEST_LOG = 5_000_000  # bytes; an older log is kept once


class AlreadyRunning(DonDocError):
    """Another ``dondoc run`` has this home."""

    exit_code = 2


class HomeUnusable(DonDocError):
    """The office's home cannot be written."""

    exit_code = 2


class ChildEnded(DonDocError):
    """Something we need ended by itself; ``name`` says which child."""

    exit_code = 2

    def __init__(self, sentence: str, *, name: str, help: str = "") -> None:
        self.name = name
        super().__init__(sentence, help=help)


@dataclass(frozen=True)
class Child:
    """One started process; ``title`` is Vietnamese, ``patience`` the seconds it gets to end by itself."""

    name: str
    title: str
    process: subprocess.Popen[bytes]
    log: Path
    patience: float


@dataclass
class Children:
    """This office's processes. Taking the home's lock comes first: it makes us the only ``dondoc run`` here."""

    home: Path
    started: list[Child] = field(default_factory=list)
    lock: IO[str] | None = None
    mark: str = ""

    def take_home(self) -> None:
        """Lock the home until this process ends, however it ends. Raises AlreadyRunning, HomeUnusable."""
        try:
            for folder in (self.home / "logs", self.home / "prefect"):
                folder.mkdir(parents=True, exist_ok=True)
            self.lock = (self.home / "run.lock").open("a+", encoding="utf-8")
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.mark = self._sign_in(self.lock)
        except BlockingIOError:
            raise AlreadyRunning(
                f"Một lệnh 'dondoc run' khác đang chạy với thư mục {self.home}{self._who()}.",
                help="Hãy dừng lệnh ấy trước, hoặc đặt DONDOC_HOME thành thư mục khác.",
            ) from None
        except OSError as error:
            raise HomeUnusable(
                f"Không ghi được vào thư mục {self.home}: {error.strerror}.",
                help="Hãy kiểm tra quyền ghi và chỗ trống trên đĩa, hoặc đặt DONDOC_HOME.",
            ) from error

    def _sign_in(self, lock: IO[str]) -> str:
        # A copied home shares the identifier, a container may share the path: the mark is made of both.
        lock.seek(0)
        identifier = _said(lock.read()).get("identifier") or uuid4().hex
        lock.truncate(0)
        lock.write(json.dumps({"identifier": identifier, "pid": os.getpid()}) + "\n")
        lock.flush()
        return f"{identifier}:{self.home}"

    def _who(self) -> str:
        pid = _said((self.home / "run.lock").read_text(encoding="utf-8")).get("pid")
        return f" (tiến trình {pid})" if pid else ""

    @property
    def own(self) -> dict[str, str]:
        """The variables that make a process ours: the mark, and a place for temporary files inside the home."""
        return {MARK: self.mark, "TMPDIR": str(self.home / "tmp")}

    def end_left_overs(self) -> int:
        """End what a killed ``dondoc run`` of this home left running, and its temporary files; returns how many."""
        ended = 0
        until = time.monotonic() + 10
        while (found := list(_marked(f"{MARK}={self.mark}".encode()))) and time.monotonic() < until:
            ended += sum(_kill(pid, f"{MARK}={self.mark}".encode()) for pid in found)
            time.sleep(0.05)
        shutil.rmtree(self.home / "tmp", ignore_errors=True)
        (self.home / "tmp").mkdir(exist_ok=True)
        return ended

    def start(
        self, name: str, title: str, command: Sequence[str], environment: Mapping[str, str], patience: float
    ) -> Child:
        """Start ``command`` in the project's folder, in a session of its own, with its words in a log file."""
        log = self.home / "logs" / f"{name}.log"
        with self._writable(log) as words:
            process = subprocess.Popen(  # noqa: S603  a command of ours, without a shell
                [sys.executable, "-m", "office.tied", "--to", str(os.getpid()), *command],
                cwd=PROJECT, env={**environment, **self.own}, stdin=subprocess.DEVNULL, stdout=words,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        child = Child(name, title, process, log, patience)
        self.started.append(child)
        return child

    def _writable(self, log: Path) -> IO[bytes]:
        try:
            if log.exists() and log.stat().st_size > LARGEST_LOG:
                log.replace(log.with_suffix(".log.1"))
            return log.open("ab")
        except OSError as error:
            raise HomeUnusable(
                f"Không ghi được nhật ký {log}: {error.strerror}.", help="Hãy kiểm tra quyền ghi và chỗ trống trên đĩa."
            ) from error

    def look(self) -> None:
        """Raise ChildEnded, one sentence, if a child is gone."""
        for child in self.started:
            code = child.process.poll()
            if code is not None:
                last = _last_words(child.log)
                raise ChildEnded(
                    f"{child.title} đã dừng đột ngột (mã {code}).",
                    name=child.name,
                    help=f"Xem nhật ký {child.log}" + (f"; dòng cuối: {last}" if last else "."),
                )

    def stop(self) -> None:
        """End everything that was started, the last first, and whatever they started themselves."""
        for child in reversed(self.started):
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
                try:
                    child.process.wait(child.patience)
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()
        self.started.clear()
        if self.mark:
            self.end_left_overs()


def _said(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _last_words(log: Path) -> str:
    with log.open("rb") as words:
        words.seek(max(0, log.stat().st_size - 4000))
        lines = words.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:300]


def _marked(mark: bytes) -> Iterator[int]:
    """The numbers of running processes with ``mark`` in their environment, except this one (Linux)."""
    for entry in Path("/proc").glob("[0-9]*"):
        if entry.name != str(os.getpid()) and _carries(int(entry.name), mark):
            yield int(entry.name)


def _carries(pid: int, mark: bytes) -> bool:
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # gone, or another user's
        return False


def _kill(pid: int, mark: bytes) -> bool:
    # The handle keeps the number from meaning another process between looking and ending.
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not _carries(pid, mark):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
