"""Holds a connection: records what people decide on a screen, and reads back what of it holds.

The table is append-only: of each kind and subject the newest line holds, and one without content takes the
others back. Planning reads it for itself, so that no run of it can undo what somebody recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, RowMapping, func, insert, select

from models.amendment import Amendment, AmendmentKind
from models.audit import append_audit
from models.columns import table_of
from models.errors import DonDocError
from models.turn import await_turn
from planning.check import Definitions, read_definitions
from planning.definitions import HappenedDefinition, SubstitutionDefinition
from planning.on_screen import (
    Amendments,
    CalledOff,
    ContactOnScreen,
    Content,
    DateOnScreen,
    DayOnScreen,
    Held,
    TeamOnScreen,
    write_content,
)

AMENDMENTS = table_of(Amendment)


class ImpossibleAmendment(DonDocError):
    """What was to be recorded does not fit what there is."""


class UnreadableAmendment(DonDocError):
    """What stands in the table is not what its kind asks for: somebody else wrote there, or another version of ours."""

    exit_code = 2

    def __init__(self, number: int, kind: str, subject: str) -> None:
        self.number, self.kind, self.subject = number, kind, subject
        super().__init__(
            f"Không đọc được điều chỉnh số {number} ({kind}, {subject}) trong cơ sở dữ liệu.",
            help="Khôi phục bản sao lưu, hoặc dùng đúng phiên bản đã ghi.",
        )


@dataclass(frozen=True, slots=True)
class Basis:
    """Who records it, the document it rests on, why; ``key`` is the form's own, so that twice records once."""

    by: str
    document: str = ""
    why: str = ""
    key: str | None = None


def record(
    connection: Connection,
    kind: AmendmentKind,
    subject: str,
    content: BaseModel | None,
    basis: Basis,
    at: datetime,
) -> bool:
    """One line; None takes back what was recorded before. False when the form's key has recorded it already.

    ``at`` is the office's time, aware. The audit's line is ``seal``, to be written last. Raises ImpossibleAmendment.
    """
    if not basis.by.strip():
        raise ImpossibleAmendment("Thiếu người ghi nhận.", help="Ghi họ và tên người quyết định.")
    await_turn(connection)
    if basis.key is not None and is_recorded(connection, basis.key):
        return False
    line = {"document": basis.document, "why": basis.why, "by": basis.by, "at": at, "key": basis.key}
    written = "" if content is None else write_content(content)
    connection.execute(insert(AMENDMENTS), {"kind": kind.value, "subject": subject, "content": written, **line})
    return True


def is_recorded(connection: Connection, key: str) -> bool:
    """Whether the form with this key has been taken before."""
    return connection.execute(select(AMENDMENTS.c.id).where(AMENDMENTS.c.key == key)).first() is not None


def seal(
    connection: Connection,
    kind: AmendmentKind,
    subject: str,
    basis: Basis,
    at: datetime,
    details: Mapping[str, Any],
) -> None:
    """The audit's line about an amendment; ``details`` hold no address."""
    line = {"document": basis.document, "why": basis.why, **details}
    append_audit(connection, at, basis.by, f"amendment.{kind.value}", subject, line)


def newest_amendment(connection: Connection) -> int:
    """The number of the last line: whoever keeps definitions reads them again when it has grown. 0 without any."""
    return connection.execute(select(func.max(AMENDMENTS.c.id))).scalar() or 0


def read_amendments(connection: Connection) -> Amendments:
    """Everything that holds. Raises UnreadableAmendment."""
    newest = select(func.max(AMENDMENTS.c.id)).group_by(AMENDMENTS.c.kind, AMENDMENTS.c.subject)
    rows = connection.execute(select(AMENDMENTS).where(AMENDMENTS.c.id.in_(newest))).mappings().all()
    holding = [row for row in rows if row["content"]]

    def of(kind: AmendmentKind, shape: type[Content]) -> dict[str, Held[Content]]:
        return {row["subject"]: _held(row, shape) for row in holding if row["kind"] == kind}

    return Amendments(
        of(AmendmentKind.DATE, DateOnScreen),
        of(AmendmentKind.CANCEL, CalledOff),
        of(AmendmentKind.TEAM, TeamOnScreen),
        {date.fromisoformat(day): held for day, held in of(AmendmentKind.DAY, DayOnScreen).items()},
        of(AmendmentKind.CONTACT, ContactOnScreen),
        of(AmendmentKind.SUBSTITUTION, SubstitutionDefinition),
        of(AmendmentKind.EVENT, HappenedDefinition),
        newest=max((row["id"] for row in rows), default=0),
    )


def _held(row: RowMapping, shape: type[Content]) -> Held[Content]:
    try:
        content = shape.model_validate_json(row["content"])
    except ValidationError:
        raise UnreadableAmendment(row["id"], row["kind"], row["subject"]) from None
    return Held(content, row["document"], row["why"], row["by"], row["at"])


def amended(definitions: Definitions, amendments: Amendments) -> Definitions:
    """The papers with what holds on top; amendments they were read with before are forgotten."""
    return definitions if definitions.amendments == amendments else replace(definitions, amendments=amendments)


def read_office_definitions(folder: Path, connection: Connection) -> Definitions:
    """The whole folder with what holds on top. Raises planning.yaml_files.InvalidDefinition, DonDocError."""
    return amended(read_definitions(folder), read_amendments(connection))
