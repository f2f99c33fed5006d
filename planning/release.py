"""Holds a connection: freezes versions of a programme and says what differs from the version before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from models.columns import table_of
from models.programme import Release
from planning.definitions import ProgrammeDefinition

RELEASES = table_of(Release)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs; ``item`` is "" for the document itself, ``before`` or ``after`` "" for nothing."""

    item: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Released:
    """Version ``number`` of a programme; ``new`` is False when nothing had changed and no version was made."""

    programme: str
    number: int
    new: bool
    differences: tuple[Difference, ...]


def release(connection: Connection, programme: ProgrammeDefinition, at: datetime) -> Released:
    """Freezes ``programme`` as its next version at the instant ``at``, unless it equals the last one.

    UNIQUE(programme, number) keeps two commands from making the same version.
    """
    content = json.dumps(programme.model_dump(mode="json", exclude_none=True), ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    last = connection.execute(
        select(RELEASES).where(RELEASES.c.programme == programme.code).order_by(RELEASES.c.number.desc()).limit(1)
    ).first()
    if last is not None and last.digest == digest:
        return Released(programme.code, last.number, False, ())
    number = 1 if last is None else last.number + 1
    row = {
        "programme": programme.code,
        "number": number,
        "content": content,
        "digest": digest,
        "released_at": at,
    }
    connection.execute(insert(RELEASES), row)
    before = json.loads(last.content) if last is not None else None
    return Released(programme.code, number, True, compare(before, json.loads(content)) if before else ())


def compare(before: dict[str, Any], after: dict[str, Any]) -> tuple[Difference, ...]:
    """What differs between two frozen versions, in the order of the paper: the document, then item by item."""
    found = _fields(
        "",
        {k: v for k, v in before.items() if k != "items"},
        {k: v for k, v in after.items() if k != "items"},
    )
    old = {item["id"]: item for item in before["items"]}
    new = {item["id"]: item for item in after["items"]}
    for code in dict.fromkeys([*old, *new]):
        if code not in new:
            found.append(Difference(code, "", old[code]["title"], ""))
        elif code not in old:
            found.append(Difference(code, "", "", new[code]["title"]))
        else:
            found += _fields(code, old[code], new[code])
    return tuple(found)


def _fields(item: str, before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    return [
        Difference(item, name, _text(before.get(name)), _text(after.get(name)))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
