"""Answers of a calendar's address, made ready once for each change of its bytes (RFC 9110 §8.8, §13, §12.5.3); pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

CALENDAR_TYPE = b"text/calendar; charset=utf-8"
MAX_AGE = 900  # seconds a client may keep a calendar without asking
# No trace of an address in caches others read, in referrers and in indexes.
SILENT = (
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_TAG = re.compile(rb'(?:W/)?"([^"]*)"')

Start = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """The beginnings of answers as ASGI wants them: whole and unchanged, plain and as gzip."""

    tags: frozenset[bytes]
    tag: bytes
    packed_tag: bytes
    modified: int
    whole: Start
    whole_packed: Start
    unchanged: Start
    unchanged_packed: Start

    def is_fresh(self, if_none_match: bytes | None, if_modified_since: bytes | None) -> bool:
        """Whether the client has these bytes already; If-Modified-Since counts only without If-None-Match."""
        if if_none_match is not None:
            if if_none_match in (self.tag, self.packed_tag):
                return True
            if if_none_match.strip() == b"*":
                return True
            return not self.tags.isdisjoint(_TAG.findall(if_none_match))
        return if_modified_since is not None and _seconds(if_modified_since) >= self.modified


def prepare_answers(etag: str, modified: int, owner: str, title: str, size: int, packed_size: int) -> Answers:
    """Everything that can be known before anybody asks; ``modified`` in seconds since 1970."""
    tag, packed_tag = f'"{etag}"'.encode(), f'"{etag}.gz"'.encode()
    common = (
        (b"cache-control", b"private, max-age=%d" % MAX_AGE),
        (b"vary", b"Accept-Encoding"),
        (b"last-modified", formatdate(modified, usegmt=True).encode()),
        *SILENT,
    )
    file = (b"content-disposition", _name_file(owner, title))
    shape = (b"content-type", CALENDAR_TYPE)
    plain_size, gzip_size = ((b"content-length", b"%d" % number) for number in (size, packed_size))
    gzipped = (b"content-encoding", b"gzip")
    return Answers(
        tags=frozenset((etag.encode(), f"{etag}.gz".encode())),
        tag=tag,
        packed_tag=packed_tag,
        modified=modified,
        whole=_start(200, (b"etag", tag), shape, plain_size, file, *common),
        whole_packed=_start(200, (b"etag", packed_tag), shape, gzipped, gzip_size, file, *common),
        unchanged=_start(304, (b"etag", tag), *common),
        unchanged_packed=_start(304, (b"etag", packed_tag), *common),
    )


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: bytes) -> bool:
    """Whether a client that says this takes gzip, and would not rather have it plain (RFC 9110 §12.5.3)."""
    qualities: dict[bytes, float] = {}
    for part in accept_encoding.lower().split(b","):
        name, _, parameters = part.partition(b";")
        qualities[name.strip()] = _quality(parameters)
    given = [qualities[name] for name in (b"gzip", b"x-gzip") if name in qualities]
    wanted = max(given) if given else qualities.get(b"*", 0.0)
    return wanted > 0 and wanted >= qualities.get(b"identity", 0.0)


def plain_answer(status: int, body: bytes, *more: tuple[bytes, bytes]) -> tuple[Start, Start]:
    """A short answer in plain text that nobody keeps: its beginning and its body."""
    head = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)))
    start = _start(status, *head, (b"cache-control", b"no-store"), *SILENT, *more)
    return start, {"type": "http.response.body", "body": body}


def _start(status: int, *headers: tuple[bytes, bytes]) -> Start:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def _name_file(owner: str, title: str) -> bytes:
    """Two names (RFC 6266): one in ASCII for everybody, and the calendar's own for who reads UTF-8."""
    plain = f"dondoc-{owner.replace('/', '-')}.ics"
    own = quote(f"{title[:80].replace('/', '-')}.ics", safe="")
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{own}".encode()


def _quality(parameters: bytes) -> float:
    for parameter in parameters.split(b";"):
        name, _, value = parameter.partition(b"=")
        if name.strip() == b"q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


@lru_cache(maxsize=1024)
def _seconds(http_date: bytes) -> float:
    """Seconds since 1970 of a date in a header; a date nobody can read lies before everything."""
    try:
        return parsedate_to_datetime(http_date.decode("ascii")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return float("-inf")
