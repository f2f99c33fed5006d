"""Holds a connection: the audit's chain, one line after the other, each sealed together with the one before it.

Whoever changes something writes its line in the same transaction. Changing or taking out a line breaks every
seal after it; that the newest lines are still there, only a digest noted elsewhere can prove.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from models.columns import table_of
from models.notice import AuditEntry

AUDIT = table_of(AuditEntry)
BEGINNING = "0" * 64
CHAIN_LOCK = 20240409  # PostgreSQL: one writer at a time; SQLite has only one anyway


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """The whole chain read again: how many lines hold, counted from the first on, and the digest of the last of them.

    ``broken_at`` is the number of the first line that does not hold; ``missing`` says that it is not there, else
    it was changed, swapped or put in.
    """

    lines: int
    digest: str
    broken_at: int | None = None
    missing: bool = False


def append_audit(
    connection: Connection, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> int:
    """One line; ``at`` is the office's time, ``details`` hold no address and no secret. Returns its number.

    Raises ValueError for a naive ``at``.
    """
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")
    last = connection.execute(select(AUDIT.c.id, AUDIT.c.digest).order_by(AUDIT.c.id.desc()).limit(1)).first()
    number, before = (last.id + 1, last.digest) if last else (1, BEGINNING)
    line = {
        "id": number,
        "at": at.isoformat(),
        "actor": actor,
        "action": action,
        "subject": subject,
        "details": json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str),
    }
    connection.execute(insert(AUDIT), line | {"digest": _seal(before, line)})
    return number


def verify_audit(connection: Connection) -> AuditCheck:
    """Computes every seal again, from the first line on. That lines are gone from the end, this cannot see."""
    before, held = BEGINNING, 0
    with connection.execute(select(AUDIT).order_by(AUDIT.c.id).execution_options(yield_per=1000)) as lines:
        for line in lines.mappings():
            if line["id"] != held + 1 or line["digest"] != _seal(before, line):
                return AuditCheck(held, before, min(line["id"], held + 1), missing=line["id"] > held + 1)
            before, held = line["digest"], held + 1
    return AuditCheck(held, before)


def find_digest(connection: Connection, digest: str) -> int | None:
    """The number of the line that ends with ``digest``, a digest noted elsewhere; None when the chain has lost it."""
    found: int | None = connection.execute(select(AUDIT.c.id).where(AUDIT.c.digest == digest)).scalar()
    return found


def _seal(before: str, line: Mapping[str, Any] | RowMapping) -> str:
    written = json.dumps(
        [before, *(line[name] for name in ("id", "at", "actor", "action", "subject", "details"))], ensure_ascii=False
    )
    return hashlib.sha256(written.encode()).hexdigest()
