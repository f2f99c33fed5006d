"""Reads what a form sends, within limits; a library for it would be one more thing to trust with strangers' bytes."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import parse_qs

from fastapi import HTTPException, Request

LARGEST = 32 * 1024  # bytes of a whole body: 2,000 letters of Vietnamese as browsers send them, and more
MOST_FIELDS = 20
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
    kind = request.headers.get("content-type", "")
    try:
        match kind.partition(";")[0].strip().lower():
            case "application/x-www-form-urlencoded":
                return _read_encoded(body)
            case "multipart/form-data":  # RFC 8058 asks mail programs to send this one
                return _read_parts(kind, body)
    except (ValueError, LookupError):  # LookupError: a charset nobody has heard of
        raise HTTPException(400) from None
    raise HTTPException(415)


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
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1")
    message = message_from_bytes(head + body, EmailMessage, policy=policy.HTTP)
    fields: dict[str, str] = {}
    for part in message.iter_parts():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields.setdefault(name, plain(content.decode()))
    return fields
