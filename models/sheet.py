"""Published sheets: what stood on each edition, so that the next one can mark what has changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcInstant


class SheetEdition(SQLModel, table=True):
    """One published edition of one sheet, append-only; ``number`` 0 is the first, N is "Điều chỉnh lần N".

    ``sheet`` is its key ("week/2024-W49", "year/2024"), ``content`` the rows as JSON and ``digest`` their SHA-256.
    """

    id: int | None = Field(default=None, primary_key=True)
    sheet: str = Field(index=True)
    number: int
    content: str
    digest: str
    by: str
    published_at: datetime = Field(sa_type=UtcInstant)

    __table_args__ = (UniqueConstraint("sheet", "number", name="uq_sheet_edition"),)
