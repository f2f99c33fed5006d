"""The few files every page loads, read once: the style, its base, and htmx."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response

FOLDER = Path(__file__).resolve().parent / "static"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file; its address carries the digest, so a browser may keep it for a year."""

    content: bytes
    media_type: str
    digest: str


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return StaticFile(content, media_type, hashlib.sha256(content).hexdigest())


STATIC = {path.name: _read(path) for path in sorted(FOLDER.glob("*.*")) if path.suffix in (".css", ".js", ".svg")}


def static_files(headers: dict[str, str]) -> APIRouter:
    """``/static/{name}``; ``headers`` are those of every answer."""
    router = APIRouter()

    @router.api_route("/static/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    def give(name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(404)
        file = STATIC[name]
        kept = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{file.digest}"'}
        return Response(file.content, media_type=file.media_type, headers=headers | kept)

    return router
