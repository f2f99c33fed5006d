"""The portal's diary: one line of JSON for each event and each request, without addresses, tokens or queries.

A request is told by the pattern of its path ("/da-nhan/{token}"), never by the path itself: what stands in it may be
somebody's key.
"""

from __future__ import annotations

import logging
import sys
import time

from pythonjsonlogger.json import JsonFormatter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNKNOWN = "(không có trang này)"
_log = logging.getLogger(__name__)


def keep_diary() -> None:
    """Everything logged goes to standard error as lines of JSON, with the ``action`` to count by."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(action)s %(message)s",
            defaults={"action": ""},
            rename_fields={"asctime": "at", "levelname": "level", "name": "by", "message": "said"},
            json_ensure_ascii=False,
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for loud in ("alembic", "httpx", "multipart", "python_multipart", "uvicorn"):
        logging.getLogger(loud).setLevel(logging.WARNING)


class Diary:
    """An ASGI application that writes down how each request to ``app`` went."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on; the line is written once the answer has been sent, or has failed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, size = time.perf_counter(), 0, 0

        async def noting(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            took = round((time.perf_counter() - began) * 1000)
            facts = {"method": scope["method"], "path": _pattern(scope), "status": status, "bytes": size, "ms": took}
            _log.info("%s %s", facts["method"], facts["path"], extra={"action": "request"} | facts)


def _pattern(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else UNKNOWN
