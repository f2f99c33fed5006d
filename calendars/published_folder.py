"""The folder of published files: who may write in it, and how a file appears in it whole or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from calendars.feeds import EVERYTHING, GROUPS

_PART = ".part"


@contextmanager
def only_publisher(folder: Path) -> Iterator[None]:
    """Holds the folder, made if need be, against other publications; they wait.

    The lock is on the folder itself: it ends with the process and leaves no file behind.
    """
    for group in GROUPS:
        (folder / group).mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def take_stock(folder: Path, known: Collection[str]) -> tuple[set[str], int]:
    """Names of the known calendars whose files are there, and how many files of unknown ones were removed.

    Half-written files are removed too. Without any known calendar nothing is: an empty database is
    more likely the wrong one than the end of all calendars.
    """
    present: set[str] = set()
    removed = 0
    for group in ("", *GROUPS):
        for entry in os.scandir(folder / group):
            name = f"{group}/{entry.name}".lstrip("/").removesuffix(".ics")
            is_ours = entry.name.endswith(".ics") and (bool(group) or name == EVERYTHING)
            if entry.name.startswith(".") and entry.name.endswith(_PART):
                os.unlink(entry)
            elif is_ours and name in known:
                present.add(name)
            elif is_ours and known:
                os.unlink(entry)
                removed += 1
    return present, removed


def write_files(folder: Path, files: Mapping[str, Sequence[bytes]]) -> None:
    """Each file (path → pieces) whole or not at all: written beside its place, forced to disk, then renamed.

    Raises OSError, after removing what was half-written.
    """
    parts = {folder / path: (folder / path).with_name(f".{Path(path).name}{_PART}") for path in files}
    try:
        for part, pieces in zip(parts.values(), files.values(), strict=True):
            _write_part(part, pieces)
        for path, part in parts.items():
            os.replace(part, path)
        for place in sorted({path.parent for path in parts}):
            _sync_folder(place)
    except BaseException:  # an interrupted publication, too, leaves no half-written file
        for part in parts.values():
            part.unlink(missing_ok=True)
        raise


def _write_part(part: Path, pieces: Sequence[bytes]) -> None:
    with part.open("wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
