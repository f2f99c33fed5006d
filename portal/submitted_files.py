"""What agencies handed in, as the office downloads it: always an attachment, never shown in place."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import select

from office.sessions import Visitor
from planning.kept_files import SUBMITTED_FILES, UnkeptFile, place_of
from portal.desk import Desk
from portal.guard import of_the_office

LARGEST_NUMBER = 2**31 - 1  # of either database
_log = logging.getLogger(__name__)


def submitted_file_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/tep/{number}``."""
    router = APIRouter()
    reader = Depends(of_the_office(desk))

    @router.get("/thu-ky/tep/{number:int}")
    def give(request: Request, number: int, visitor: Visitor = reader) -> Response:
        return _give(desk, number)

    return router


def _give(desk: Desk, number: int) -> Response:
    if number > LARGEST_NUMBER:
        raise HTTPException(404)
    with desk.reading() as connection:
        row = connection.execute(select(SUBMITTED_FILES).where(SUBMITTED_FILES.c.id == number)).first()
    if row is None:
        raise HTTPException(404)
    try:
        place = place_of(desk.settings.files_folder, row.stored)
    except UnkeptFile as error:
        _log.error("Tệp số %d: %s", number, error, extra={"action": "file.missing"})
        raise HTTPException(404) from None
    return FileResponse(place, 200, desk.headers, row.media_type, filename=row.name)
