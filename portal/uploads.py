"""Receives a form with files: counted while it arrives, stopped at the limit, spooled where nothing serves it from.

Content-Length may be missing, or lie; a name may be a path. Only the bytes that came count, and only names of ours
are written to disk. Whatever happens, nothing is left behind.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from planning.kept_files import INCOMING, LARGEST_SUBMISSION, MOST_FILES
from portal.forms import kind_of, plain

LARGEST = LARGEST_SUBMISSION + 256 * 1024  # bytes of a whole body: the files and what lies around them
LARGEST_FIELD = 16 * 1024  # bytes of one typed field
MOST_FIELDS = 20
MOST_PARTS = MOST_FIELDS + 2 * MOST_FILES  # a few files too many are refused with a sentence, not cut off
PATIENCE_FOR_ALL = 1200.0  # seconds: 60 MB over half a megabit a second
PATIENCE_FOR_A_PIECE = 20.0  # seconds without a byte
# A browser shows our answer only once it has sent everything: so much is taken in for that, thrown away, not kept.
POLITE = 4 * LARGEST


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """One file as it came: ``name`` as its sender calls it, the bytes at ``path`` until the form is dealt with."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Upload:
    """The fields of a form, of several with one name the first, and its files in their order."""

    fields: dict[str, str]
    files: tuple[SpooledFile, ...]


@asynccontextmanager
async def receive_upload(request: Request, folder: Path) -> AsyncIterator[Upload]:
    """A form with files, spooled under ``folder`` and removed at the end of the ``with``.

    Raises HTTPException: 413 too large (before a byte is read when it says so), 408 too slow, 415 not such a form,
    400 not readable.
    """
    receiver = _Receiver(folder / INCOMING)
    try:
        yield await _receive(request, receiver)
    finally:
        receiver.clear()


async def _receive(request: Request, receiver: _Receiver) -> Upload:
    try:
        if (_length(request) or 0) > LARGEST:
            raise HTTPException(413)
        parser = MultipartParser(_boundary(request), receiver.callbacks())  # type: ignore[arg-type]  # its TypedDict is private
        async with asyncio.timeout(PATIENCE_FOR_ALL):
            await _feed(request, parser)
        parser.finalize()
        if not receiver.ended:
            raise HTTPException(400)
        return receiver.upload()
    except HTTPException as error:
        raise _refusal(request, error.status_code) from None
    except TimeoutError:
        raise _refusal(request, 408) from None
    except (FormParserError, ValueError):  # ValueError: text that is not UTF-8
        raise _refusal(request, 400) from None


def _length(request: Request) -> int | None:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None


def _refusal(request: Request, code: int) -> HTTPException:
    """Hangs up on whoever would go on sending: the server itself would read it all to the end."""
    length = _length(request)
    ends_soon = code != 408 and length is not None and length <= POLITE
    return HTTPException(code, headers={} if ends_soon else {"Connection": "close"})


async def _feed(request: Request, parser: MultipartParser) -> None:
    came, pieces = 0, request.stream().__aiter__()
    while True:
        async with asyncio.timeout(PATIENCE_FOR_A_PIECE):
            piece = await anext(pieces, None)
        if piece is None:
            return
        came += len(piece)
        if came > LARGEST:
            raise HTTPException(413)
        await run_in_threadpool(parser.write, piece)  # the disk must not hold up everybody else


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(kind_of(request))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise HTTPException(415)
    return boundary


@dataclass
class _Part:
    """One part while it arrives: a typed field, or a file with its stream."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    filename: str | None = None
    typed: bytearray = field(default_factory=bytearray)
    path: Path | None = None
    stream: BinaryIO | None = None
    empty: bool = True


class _Receiver:
    """What the parser calls, in this order for each part: begin, headers, data, end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fields: dict[str, str] = {}
        self._files: list[SpooledFile] = []
        self._spooled: list[_Part] = []
        self._part, self._parts = _Part(), 0
        self._header, self._value = bytearray(), bytearray()
        self.ended = False

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._take,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def upload(self) -> Upload:
        return Upload(self._fields, tuple(self._files))

    def clear(self) -> None:
        """Closes and removes every spooled file."""
        for part in self._spooled:
            if part.stream:
                part.stream.close()
            if part.path:
                with suppress(FileNotFoundError):
                    part.path.unlink()

    def _begin(self) -> None:
        self._part, self._parts = _Part(), self._parts + 1
        if self._parts > MOST_PARTS:
            raise HTTPException(413)

    def _end_header(self) -> None:
        self._part.headers[bytes(self._header).lower()] = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _open(self) -> None:
        _, options = parse_options_header(self._part.headers.get(b"content-disposition", b"").decode("latin-1"))
        self._part.name = options.get(b"name", b"").decode()
        if b"filename" in options:
            self._part.filename = options[b"filename"].decode()
            self._spool()

    def _spool(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, path = tempfile.mkstemp(dir=self._folder)  # readable by us alone; the sender's name is never a path
        self._part.stream, self._part.path = os.fdopen(handle, "wb"), Path(path)
        self._spooled.append(self._part)

    def _take(self, data: bytes, start: int, end: int) -> None:
        self._part.empty = False
        if self._part.stream:
            self._part.stream.write(data[start:end])
        else:
            self._part.typed += data[start:end]
            if len(self._part.typed) > LARGEST_FIELD:
                raise HTTPException(413)

    def _end(self) -> None:
        part = self._part
        if part.stream and part.path:
            part.stream.close()
            if part.filename or not part.empty:  # a browser sends an empty part for a field without a file
                self._files.append(SpooledFile(part.filename or "", part.path))
        elif part.name:
            self._fields.setdefault(part.name, plain(bytes(part.typed).decode()))

    def _finish(self) -> None:
        self.ended = True
