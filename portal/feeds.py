"""The door of subscribed calendars, ``/lich/{token}.ics``: answers from the shelf, before any page, without a database.

A calendar that is known never answers an error: one 503 makes some clients drop it until they are started again.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from calendars.subscriptions import seed_token
from portal.desk import Desk
from portal.feed_answers import Answers, plain_answer, takes_gzip
from portal.feed_shelf import Address, FeedShelf
from portal.throttle import Throttle, client_of

PREFIX, SUFFIX = "/lich/", ".ics"
WRONG_TOKENS, WITHIN = 30, 600.0  # of one client, in so many seconds

_NOTHING = {"type": "http.response.body", "body": b""}
_ALLOW = (b"allow", b"GET, HEAD")
_UNKNOWN = plain_answer(404, "Không có lịch này.\n".encode())
_SLOWER = plain_answer(429, "Hỏi sai quá nhiều lần. Hãy thử lại sau.\n".encode(), (b"retry-after", b"600"))
_GONE = plain_answer(410, "Địa chỉ lịch này đã thu hồi.\n".encode())
_NOT_ALLOWED = plain_answer(405, "Lịch chỉ để đọc.\n".encode(), _ALLOW)


@dataclass(slots=True)
class Asked:
    """How often one address was asked since the last count, when last, and by which program."""

    count: int
    at: datetime
    client: str


class FeedDoor:
    """An ASGI application before ``app``: what is no calendar's address goes on to it."""

    def __init__(self, app: ASGIApp, shelf: FeedShelf, desk: Desk) -> None:
        self._app, self._shelf, self._desk = app, shelf, desk
        self._throttle = Throttle(WRONG_TOKENS, WITHIN)
        self._asked: dict[str, Asked] = {}
        self.answered: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            await self._say(_NOT_ALLOWED, method, send)
            return
        path: str = scope["path"]
        token = path[len(PREFIX) : -len(SUFFIX)] if path.endswith(SUFFIX) else ""
        # Looked up by digest: how long that takes tells nothing about the tokens there are.
        digest = sha256(token.encode(errors="surrogatepass"))
        address = self._shelf.addresses.get(digest.digest())
        if address is None:
            await self._refuse(scope, send)
        elif address.seed is not None or address.gone_at is not None:
            await self._answer_ended(address, digest.hexdigest(), scope, send)
        else:
            await self._answer(address.key, digest.hexdigest(), scope, send)

    def take_asked(self) -> list[tuple[str, int, datetime, str]]:
        """What was asked since the last time: digest, how often, when last, by which program."""
        asked, self._asked = self._asked, {}
        return [(digest, one.count, one.at, one.client) for digest, one in asked.items()]

    async def _answer(self, key: str, digest: str, scope: Scope, send: Send) -> None:
        kept = self._shelf.feeds.get(key)
        if kept is None:  # the address came before its bytes
            await self._refuse(scope, send)
            return
        none_match = since = client = None
        packed = False
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                none_match = value if none_match is None else none_match + b"," + value
            elif name == b"accept-encoding":
                packed = takes_gzip(value)
            elif name == b"if-modified-since":
                since = value
            elif name == b"user-agent":
                client = value
        self._note(digest, client)
        answers: Answers = kept.answers
        if (none_match is not None or since is not None) and answers.is_fresh(none_match, since):
            self.answered[304] += 1
            await send(answers.unchanged_packed if packed else answers.unchanged)
            await send(_NOTHING)
            return
        if scope["method"] == "HEAD":
            body: bytes | None = b""
        else:
            body = kept.packed if packed else kept.plain
            if body is None:
                body = self._shelf.bytes_of(key, packed=packed)
        if body is None:
            await self._refuse(scope, send)
            return
        self.answered[200] += 1
        await send(answers.whole_packed if packed else answers.whole)
        await send({"type": "http.response.body", "body": body})

    async def _answer_ended(self, address: Address, digest: str, scope: Scope, send: Send) -> None:
        """A withdrawn address says so for a while and is then gone; a former one leads to the present one."""
        now = self._desk.really().timestamp()
        if address.gone_at is not None:
            if now >= address.gone_at:
                await self._say(_GONE, scope["method"], send)
            else:
                await self._answer(address.key, digest, scope, send)
        elif address.seed is None or (address.leads_until is not None and now >= address.leads_until):
            await self._refuse(scope, send)
        else:
            token = seed_token(self._desk.secret, address.seed)
            # whole, as the links people were given: not every calendar program takes a path for an address
            present = f"{self._desk.settings.portal_address}{PREFIX}{token}{SUFFIX}"
            moved = plain_answer(308, "Lịch đã có địa chỉ mới.\n".encode(), (b"location", present.encode()))
            await self._say(moved, scope["method"], send)

    async def _refuse(self, scope: Scope, send: Send) -> None:
        """Forged, cut, or never made: one answer for all, and fewer of them for who keeps guessing."""
        now, client = time.monotonic(), client_of(self._desk, Request(scope))
        is_open = self._throttle.is_open(client, now)
        if is_open:
            self._throttle.count(client, now)
        await self._say(_UNKNOWN if is_open else _SLOWER, scope["method"], send)

    async def _say(self, answer: tuple[dict[str, Any], dict[str, Any]], method: str, send: Send) -> None:
        start, body = answer
        self.answered[start["status"]] += 1
        await send(start)
        await send(_NOTHING if method == "HEAD" else body)

    def _note(self, digest: str, client: bytes | None) -> None:
        asked = self._asked.get(digest)
        if asked is None:
            asked = self._asked[digest] = Asked(0, self._desk.really(), "")
        asked.count += 1
        asked.at = self._desk.really()
        asked.client = (client or b"").decode("latin-1")
