"""Holds a connection: whoever plans notices, or changes what they are planned from, waits here for their turn."""

from __future__ import annotations

from sqlalchemy import Connection

TURN = 20240410


def await_turn(connection: Connection) -> None:
    """On PostgreSQL one transaction after the other from here on, to its end; SQLite has one writer anyway.

    To be called before the first row is changed: no change then falls between what a planner has read and what it
    writes, and nobody holds rows or the audit while waiting for somebody who waits for those. Senders take no turn.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")
