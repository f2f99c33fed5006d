"""Addresses no row of either database can have, answered like every page that is not there."""

from __future__ import annotations

from fastapi import HTTPException, Request

LARGEST_NUMBER = 2**31 - 1  # an integer of PostgreSQL's


async def refuse_the_impossible(request: Request) -> None:
    """A FastAPI dependency. Raises HTTPException 404 for a NUL, which PostgreSQL never keeps, or too large a number."""
    parts = [*request.path_params.values(), *request.query_params.values()]
    if any("\0" in part if isinstance(part, str) else part > LARGEST_NUMBER for part in parts):
        raise HTTPException(404)
