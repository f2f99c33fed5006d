"""Reads what a form sends, within limits, in a time that grows with its length and no faster.

The standard library's reader of mails does not: over one header of 32 KB it sits for seconds, and everybody waits.
"""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from fastapi import HTTPException, Request
from python_multipart.multipart import Field, FormParser, parse_options_header

LARGEST = 32 * 1024  # bytes of a whole body: 2,000 letters of Vietnamese as browsers send them, and more
MOST_FIELDS = 20
LONGEST_KIND = 300  # characters of Content-Type; a browser's boundary makes 70
PATIENCE = 10.0  # seconds for a body to arrive
POLITE = 1024 * 1024  # bytes of a body that is taken in and thrown away, so that a browser reads our answer
# PostgreSQL keeps no NUL. The sign for what cannot be said stands for it, which no check of what is typed lets pass.
NUL, SUBSTITUTE = "\0", "\x1a"


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; of several with one name the first.

    Raises HTTPException: 413 too large, 408 too slow, 415 not a form, 400 not readable.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _read_body(request)
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    kind = kind_of(request)
    try:
        match kind.partition(";")[0].strip().lower():
            case "application/x-www-form-urlencoded":
                return _read_encoded(body)
            case "multipart/form-data":  # RFC 8058 asks mail programs to send this one
                return _read_parts(kind, body)
    except ValueError:  # the parser's own errors and text that is not UTF-8 are that too
        raise HTTPException(400) from None
    raise HTTPException(415)


def kind_of(request: Request) -> str:
    """Its Content-Type. Raises HTTPException 415 for one longer than any browser sends."""
    kind = request.headers.get("content-type", "")
    if len(kind) > LONGEST_KIND:
        raise HTTPException(415)
    return kind


async def _read_body(request: Request) -> bytes:
    # Counted while it arrives: Content-Length may be missing, or lie.
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise HTTPException(413, headers={} if _ends_soon(request) else {"Connection": "close"})
    return body


def _ends_soon(request: Request) -> bool:
    """Whether what is still to come is little; else we hang up, or the server would read it all to the end."""
    length = request.headers.get("content-length", "")
    return length.isascii() and length.isdecimal() and int(length) <= POLITE


def plain(typed: str) -> str:
    """What was typed, as either database can keep it."""
    return typed.replace(NUL, SUBSTITUTE)


def _read_encoded(body: bytes) -> dict[str, str]:
    fields = parse_qs(
        body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MOST_FIELDS
    )
    return {name: plain(values[0]) for name, values in fields.items()}


def _read_parts(kind: str, body: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    ended = False

    def take(field: Field) -> None:
        fields.setdefault((field.field_name or b"").decode(), plain((field.value or b"").decode()))
        if len(fields) > MOST_FIELDS:
            raise ValueError("too many fields")

    def end() -> None:
        nonlocal ended
        ended = True

    boundary = parse_options_header(kind)[1].get(b"boundary", b"")
    parser = FormParser("multipart/form-data", take, None, end, boundary)  # a file among the parts is none of ours
    parser.write(body)
    if not boundary or not ended:
        raise ValueError("no boundary, or cut off before its last one")
    return fields
