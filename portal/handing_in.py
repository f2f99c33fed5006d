"""Handing in: the form with its files, the receipt, and one's own files back; never shown in place.

The rooms decide what may be handed in (planning.handing_in) and which files are taken (planning.kept_files).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse

from board.handed_in import SentIn, read_submission
from models.errors import DonDocError
from notices.answers import file_receipt
from office.sessions import Visitor
from planning.handing_in import FiledFile, HandedIn, UnknownDuty, UnknownFile, find_file, hand_in
from planning.kept_files import (
    LARGEST_FILE,
    LARGEST_SUBMISSION,
    MOST_FILES,
    KeptFile,
    UnkeptFile,
    check_file,
    check_together,
    keep,
    place_of,
)  # fmt: skip
from portal.desk import Desk
from portal.guard import CSRF, check_csrf, check_origin, new_form_key, of_an_agency
from portal.own_duty import find_own, row_number
from portal.throttle import Throttle
from portal.typed import read_day_if_any
from portal.uploads import SpooledFile, Upload, receive_upload

LIMITS: dict[str, Any] = {  # as the pages say them, in MB
    "most_files": MOST_FILES,
    "largest_file": LARGEST_FILE // 1024**2,
    "largest_all": LARGEST_SUBMISSION // 1024**2,
}
MOST_AN_HOUR, HOUR = 60, 3600  # forms of one agency, in so many seconds: a leaked link must not fill the disk
WHOLE, PART = "du", "phan"
PDF = "application/pdf"
# A downloaded file that a browser shows nevertheless is no page of ours: no script, no form, no cookie.
FILE_POLICY = "default-src 'none'; sandbox"
_log = logging.getLogger(__name__)


class UnchosenHow(DonDocError):
    """Neither "whole" nor "a part" was chosen."""

    def __init__(self) -> None:
        super().__init__("Chưa chọn nộp đầy đủ hay một phần.", help="Chọn một trong hai.")


def handing_in_pages(desk: Desk) -> APIRouter:
    """``/co-quan/nop/{duty}``, ``/co-quan/bien-nhan/{number}`` and ``/co-quan/tep/{number}``."""
    router, here = APIRouter(), Depends(of_an_agency(desk))
    forms = Throttle(MOST_AN_HOUR, HOUR)

    @router.api_route("/co-quan/nop/{duty:path}", methods=["GET", "HEAD"])
    def show(request: Request, duty: str, visitor: Visitor = here) -> Response:
        return _form(desk, request, visitor, duty)

    @router.post("/co-quan/nop/{duty:path}")
    async def take(request: Request, duty: str, visitor: Visitor = here) -> Response:
        check_origin(request)
        await run_in_threadpool(find_own, desk, visitor, duty)  # before a byte of a file is taken
        agency, now = visitor.agency or "", time.monotonic()
        if not forms.is_open(agency, now):
            headers = {"Retry-After": str(HOUR)}
            return desk.answer(request, "agency/too_often", 429, headers, duty=duty, most=MOST_AN_HOUR)
        forms.count(agency, now)
        try:
            async with receive_upload(request, desk.settings.files_folder) as upload:
                check_csrf(upload.fields.get(CSRF, ""), visitor)
                return await run_in_threadpool(_take, desk, request, visitor, duty, upload)
        except HTTPException as error:
            if error.status_code != 413:
                raise
            return desk.answer(request, "agency/too_large", 413, dict(error.headers or {}), duty=duty, **LIMITS)

    @router.api_route("/co-quan/bien-nhan/{number:int}", methods=["GET", "HEAD"])
    def receipt(request: Request, number: int, visitor: Visitor = here) -> Response:
        return _receipt(desk, request, visitor, row_number(number))

    @router.api_route("/co-quan/tep/{number:int}", methods=["GET", "HEAD"])
    def download(number: int, visitor: Visitor = here) -> Response:
        with desk.reading() as connection:
            try:
                file = find_file(connection, row_number(number), visitor.agency)
            except UnknownFile:
                raise HTTPException(404) from None
        return send_file(desk, file)

    return router


def send_file(desk: Desk, file: FiledFile) -> Response:
    """A kept file as a download. Raises HTTPException 404 when it lies there no more."""
    try:
        path = place_of(desk.settings.files_folder, file.stored)
    except UnkeptFile:
        _log.error("Tệp số %d không còn trong kho.", file.number, extra={"action": "file.lost"})
        raise HTTPException(404) from None
    kind = PDF if file.media_type == PDF else "application/octet-stream"
    headers = desk.headers | {"Content-Security-Policy": FILE_POLICY}
    return FileResponse(path, media_type=kind, filename=file.name, headers=headers)


def _form(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    duty: str,
    typed: Mapping[str, str] | None = None,
    mistakes: Sequence[str] = (),
) -> Response:
    """The form; one whose mistakes are shown is answered 422, with everything that was typed but the files."""
    given = dict(typed or {})
    return desk.answer(
        request,
        "agency/hand_in",
        422 if mistakes else 200,
        one=find_own(desk, visitor, duty),
        key=given.get("key") or new_form_key(),
        typed={"how": "", "number": "", "date": "", "link": "", "note": "", "name": visitor.name} | given,
        mistakes=mistakes,
        **LIMITS,
    )


def _take(desk: Desk, request: Request, visitor: Visitor, duty: str, upload: Upload) -> Response:
    try:
        number = _hand_in(desk, visitor, duty, upload)
    except UnknownDuty:
        raise HTTPException(404) from None
    except DonDocError as error:
        _log.info("Biểu mẫu nộp chưa đúng, không ghi gì.", extra={"action": "hand_in.refused"})
        return _form(desk, request, visitor, duty, upload.fields, [str(error)])
    _log.info("Cơ quan nộp, biên nhận số %d.", number, extra={"action": "hand_in"})
    return RedirectResponse(f"/co-quan/bien-nhan/{number}", 303, desk.headers)


def _hand_in(desk: Desk, visitor: Visitor, duty: str, upload: Upload) -> int:
    handed = _handed(visitor, duty, upload.fields)
    files = _keep(desk, upload.files)
    with desk.writing() as connection:
        receipt = hand_in(connection, replace(handed, files=files), desk.now())
        if not receipt.repeated:
            file_receipt(connection, receipt.submission, desk.now())
    return receipt.submission


def _handed(visitor: Visitor, duty: str, fields: Mapping[str, str]) -> HandedIn:
    how = fields.get("how", "")
    if how not in (WHOLE, PART):
        raise UnchosenHow
    return HandedIn(
        duty,
        fields.get("name", ""),
        how == WHOLE,
        fields.get("key", ""),
        visitor.contact,
        fields.get("number", ""),
        read_day_if_any(fields, "date", "ngày văn bản"),
        fields.get("link", ""),
        fields.get("note", ""),
        agency=visitor.agency,
    )


def _keep(desk: Desk, files: Sequence[SpooledFile]) -> tuple[KeptFile, ...]:
    """All of them looked at before the first is kept."""
    checked = [check_file(file.name, file.path) for file in files]
    check_together(checked)
    folder = desk.settings.files_folder
    return tuple(keep(folder, file.path, one) for file, one in zip(files, checked, strict=True))


def _receipt(desk: Desk, request: Request, visitor: Visitor, number: int) -> Response:
    with desk.reading() as connection:
        sent = read_submission(connection, number, visitor.agency or "")
    if sent is None:
        raise HTTPException(404)
    own = find_own(desk, visitor, sent.duty)
    last = own.extended_to or own.last_on_time
    return desk.answer(request, "agency/receipt", sent=sent, one=own, last=last, late=_late(desk, sent, last))


def _late(desk: Desk, sent: SentIn, last: date | None) -> int | None:
    """Working days after the last day on time; None when it was in time, or nothing is said of a day."""
    if last is None or sent.on <= last:
        return None
    return desk.definitions.working_days.between(last, sent.on)
