"""What the tables share: instants stored in UTC that come back aware, and the way from a model to its table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Table
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel


class UtcInstant(TypeDecorator[datetime]):
    """An aware datetime, kept as naive UTC; a naive one is refused (which zone would it be in?)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Aware → naive UTC; raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Naive UTC → aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for Core statements: set-based work goes past the object layer."""
    return SQLModel.metadata.tables[str(model.__tablename__)]
