"""Signed notes a browser keeps until a time in them: a form begun, a sign-in under way, a device known."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

LONGEST = 4096  # characters; a cookie holds no more


class ShortLived:
    """Makes and reads notes for one ``purpose``; a note for another, or older than ``lasts``, is none."""

    def __init__(self, secret: str, purpose: str, lasts: timedelta) -> None:
        options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeSerializer(secret, salt=f"dondoc.{purpose}", signer_kwargs=options)
        self.lasts = lasts

    def write(self, values: dict[str, str], really: datetime) -> str:
        """``values`` signed, for a cookie or a hidden field; anybody may read them, nobody change them."""
        return str(self._serializer.dumps(values | {"until": (really + self.lasts).isoformat()}))

    def read(self, note: str, really: datetime) -> dict[str, str] | None:
        """What was signed; None for anything else."""
        if len(note) > LONGEST:
            return None
        try:
            values: dict[str, str] = self._serializer.loads(note)
        except BadData:
            return None
        return values if datetime.fromisoformat(values.pop("until")) > really else None
