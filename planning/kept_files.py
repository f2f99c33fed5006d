"""Files that agencies hand in: looked at before they are taken, then kept under names of ours.

Knows files and folders, no database but for the sweep. What a file is, its content says, never its name or what the
browser claims. Nothing is ever unpacked or shown in place: a document is read by whoever downloads it.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from models.columns import table_of
from models.errors import DonDocError
from models.submission import SubmittedFile
from planning.file_content import MEDIA_TYPES, UnusableFile, kind_of
from planning.typed_text import visible

SUBMITTED_FILES = table_of(SubmittedFile)

# A scanned report of some hundred pages has 25 MB; a mail server of the province takes no more either.
LARGEST_FILE = 25 * 1024 * 1024
MOST_FILES = 10
LARGEST_SUBMISSION = 60 * 1024 * 1024
LONGEST_NAME = 150
AT_ONCE = 1024 * 1024  # bytes read at a time
EXTENSIONS = {".jpeg": "jpg"} | {f".{kind}": kind for kind in MEDIA_TYPES}
STORED = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
HALF = ".half-"
INCOMING = ".incoming"  # the folder of what is still arriving


class UnkeptFile(DonDocError):
    """A file could not be written, or is not there any more."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be taken: ``name`` cleaned, ``size`` in bytes, ``digest`` SHA-256 in hexadecimal."""

    name: str
    media_type: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class KeptFile(CheckedFile):
    """A file as it lies in the folder, under ``stored``."""

    stored: str


def check_file(name: str, path: Path) -> CheckedFile:
    """Looks at the upload that lies at ``path`` and that its sender calls ``name``. Raises UnusableFile."""
    shown = clean_name(name)
    size = path.stat().st_size
    if size == 0:
        raise UnusableFile(f"Tệp «{shown}» trống.", help="Chọn lại tệp.")
    if size > LARGEST_FILE:
        raise too_large(shown)
    kind = kind_of(shown, path)
    named = EXTENSIONS.get(Path(shown).suffix.lower())
    if named != kind:
        raise UnusableFile(
            f"Tệp «{shown}» thật ra là tệp {kind.upper()}.", help=f"Đổi đuôi tên tệp thành .{kind} rồi gửi lại."
        )
    return CheckedFile(shown, MEDIA_TYPES[kind], size, _digest(path))


def check_together(files: Sequence[CheckedFile]) -> None:
    """Whether so many and so much may be handed in at once. Raises UnusableFile."""
    if len(files) > MOST_FILES:
        raise UnusableFile(
            f"Mỗi lần nộp tối đa {MOST_FILES} tệp, nay có {len(files)}.", help="Gộp bớt tệp hoặc nộp thành nhiều lần."
        )
    if sum(file.size for file in files) > LARGEST_SUBMISSION:
        raise UnusableFile(
            f"Các tệp của một lần nộp tối đa {LARGEST_SUBMISSION // 1024**2} MB.",
            help="Giảm độ phân giải bản quét hoặc nộp thành nhiều lần.",
        )


def too_large(name: str) -> UnusableFile:
    """The refusal of one file, for whoever counts its bytes while they arrive."""
    return UnusableFile(
        f"Tệp «{name}» lớn hơn {LARGEST_FILE // 1024**2} MB.",
        help="Giảm độ phân giải bản quét, chia nhỏ tệp, hoặc gửi đường dẫn.",
    )


def clean_name(name: str) -> str:
    """How a sender calls a file, as it may be shown: its last part, composed, without signs nobody sees."""
    last = re.split(r"[/\\]", visible(name))[-1]
    text = " ".join(last.split()).strip(" .") or "tệp"
    suffix = Path(text).suffix[:10]
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - len(suffix)].rstrip() + suffix


def keep(folder: Path, path: Path, checked: CheckedFile) -> KeptFile:
    """Copies what was checked into ``folder`` under a name of ours, whole or not at all. Raises UnkeptFile.

    Written before the rows that name it: when their transaction fails the file is swept away (``sweep_orphans``).
    """
    name = secrets.token_hex(16)
    stored = f"{name[:2]}/{name}"
    try:
        _write(folder / stored, path, checked.digest)
    except OSError as error:
        raise UnkeptFile(
            f"Không ghi được tệp «{checked.name}»: {error.strerror}.", help="Báo người quản trị xem chỗ trống trên đĩa."
        ) from error
    return KeptFile(checked.name, checked.media_type, checked.size, checked.digest, stored)


def _write(to: Path, source: Path, digest: str) -> None:
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, half = tempfile.mkstemp(dir=to.parent, prefix=HALF)  # mkstemp makes it ours alone (0600)
    try:
        with os.fdopen(handle, "wb") as stream, source.open("rb") as read:
            shutil.copyfileobj(read, stream, AT_ONCE)
            stream.flush()
            os.fsync(stream.fileno())
        if _digest(Path(half)) != digest:
            raise OSError(0, "tệp đã đổi sau khi được kiểm tra")
        os.replace(half, to)
    except BaseException:
        os.unlink(half)  # on a full disk every half would make it fuller
        raise
    _settle(to.parent)


def _settle(folder: Path) -> None:
    """The folder's own entry survives a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def place_of(folder: Path, stored: str) -> Path:
    """Where a kept file lies. Raises UnkeptFile when it is not there."""
    path = folder / stored
    if not STORED.fullmatch(stored) or not path.is_file():
        raise UnkeptFile("Tệp đã nộp không còn trong kho.", help="Báo người quản trị khôi phục từ bản sao lưu.")
    return path


def sweep_orphans(connection: Connection, folder: Path, older_than: datetime) -> int:
    """Takes away files no submission names, last written before ``older_than`` (machine time); returns how many.

    ``older_than`` lies at least a day back, so that a submission under way keeps its files.
    """
    old = sorted(_written_before(folder, older_than.astimezone(UTC).timestamp()))
    swept = 0
    for start in range(0, len(old), 500):
        some = old[start : start + 500]
        names = [f"{path.parent.name}/{path.name}" for path in some]
        named = select(SUBMITTED_FILES.c.stored).where(SUBMITTED_FILES.c.stored.in_(names))
        kept = set(connection.execute(named).scalars())
        for path, name in zip(some, names, strict=True):
            if name not in kept:
                with suppress(FileNotFoundError):  # somebody else swept too
                    path.unlink()
                    swept += 1
    return swept


def _written_before(folder: Path, instant: float) -> Iterator[Path]:
    """Our own files alone: whatever else a person has put there stays."""
    for path in (*folder.glob("??/*"), *folder.glob(f"{INCOMING}/*")):
        half = path.name.startswith(HALF) or path.parent.name == INCOMING  # left by a process that was killed
        ours = half or STORED.fullmatch(f"{path.parent.name}/{path.name}")
        with suppress(FileNotFoundError):
            if ours and path.stat().st_mtime < instant:
                yield path


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
