"""The pages of sheets: chosen, looked at as they would be printed, downloaded, published, and every edition kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from board.editions import (
    NoSuchEdition,
    digest_of,
    list_editions,
    newest_editions,
    print_edition,
    print_now,
    publish_edition,
    read_edition,
)
from board.sheet_changes import Printed
from board.sheet_files import MEDIA_TYPES, attach, write_file
from board.sheet_making import make_sheet
from board.sheet_periods import (
    FIRST_YEAR,
    LAST_YEAR,
    SHEET_NAMES,
    Period,
    SheetKind,
    UnreadablePeriod,
    period_of,
    read_period,
)
from board.sheet_workbook import MOTTO
from board.sheets import Head
from models.errors import DonDocError
from office.sessions import Visitor
from portal.desk import Desk
from portal.guard import DECIDES, of_the_office, read_checked_form
from portal.typed import read_number

ADDRESSES: dict[str, SheetKind] = {
    "tuan": SheetKind.WEEK,
    "thang": SheetKind.MONTH,
    "kiem-tra": SheetKind.INSPECTIONS,
    "nam": SheetKind.YEAR,
    "tien-do": SheetKind.BOARD,
}
SLUGS: dict[SheetKind, str] = {kind: slug for slug, kind in ADDRESSES.items()}
FIRST_OF_YEAR = {SheetKind.WEEK: "W01", SheetKind.MONTH: "01"}  # of the kinds a year has many periods of
FILES = ("docx", "xlsx")
EDITION = "lan-"
MOST_EDITIONS = 30  # so many sheets stand on the first page
DONE = ("cong-bo", "khong-doi")


class MeanwhileChanged(DonDocError):
    """What would be published is not what was looked at."""

    def __init__(self) -> None:
        super().__init__(
            "Nội dung vừa thay đổi sau khi trang này được mở, nên chưa công bố.", help="Xem lại rồi bấm Công bố."
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """One sheet that was published: its name, where it stands, and its last edition."""

    name: str
    subtitle: str
    address: str
    number: int
    by: str
    day: str


def sheet_pages(desk: Desk) -> APIRouter:
    """``/bieu``, ``/bieu/{kind}/{period}`` with its files, and ``/bieu/{kind}/{period}/lan-{number}``."""
    router = APIRouter()
    reads, decides = Depends(of_the_office(desk)), Depends(of_the_office(desk, *DECIDES))

    @router.api_route("/bieu", methods=["GET", "HEAD"])
    def choose(request: Request, loai: str = "", ky: str = "", nam: str = "", _visitor: Visitor = reads) -> Response:
        if not loai:
            return _list_page(desk, request, nam)
        return _lead_to(desk, request, loai, ky.strip())

    @router.api_route("/bieu/{slug}/{name}", methods=["GET", "HEAD"])
    def show(request: Request, slug: str, name: str, done: str = "", visitor: Visitor = reads) -> Response:
        text, form = _split(name)
        period = _period(slug, text)
        if form:
            return _file(_printed_now(desk, period), form, desk.headers)
        return _sheet_page(desk, request, visitor, period, done=done if done in DONE else "")

    @router.post("/bieu/{slug}/{name}")
    async def publish(request: Request, slug: str, name: str, visitor: Visitor = decides) -> Response:
        period = _period(slug, name)
        form = await read_checked_form(request, visitor)
        return await run_in_threadpool(_publish, desk, request, visitor, period, form.get("seen", ""))

    @router.api_route("/bieu/{slug}/{period}/{name}", methods=["GET", "HEAD"])
    def show_edition(request: Request, slug: str, period: str, name: str, visitor: Visitor = reads) -> Response:
        text, form = _split(name)
        which = _period(slug, period)
        printed = _printed_edition(desk, which, text)
        if form:
            return _file(printed, form, desk.headers)
        return _sheet_page(desk, request, visitor, which, printed=printed)

    return router


def address_of(period: Period) -> str:
    """Where the sheet of a period stands: "/bieu/tuan/2024-W49"."""
    return f"/bieu/{SLUGS[period.kind]}/{period.name}"


def periods_of(kind: SheetKind, year: int) -> list[Period]:
    """The weeks or months with a day in a year, the first first; none of a kind whose periods are years themselves."""
    if kind not in FIRST_OF_YEAR:
        return []
    found: list[Period] = []
    one: Period | None = read_period(kind, f"{year}-{FIRST_OF_YEAR[kind]}")
    if one and one.first > date(year, 1, 1):
        one = one.before or one
    while one and one.first.year <= year:
        found.append(one)
        one = one.after
    return found


# ---- the first page ---------------------------------------------------------------------------------


def _list_page(
    desk: Desk, request: Request, asked: str = "", status: int = 200, mistakes: tuple[str, ...] = ()
) -> Response:
    """What may be looked at: the present periods, those of a year (``asked``, else the present one), the published."""
    today = desk.today()
    year = _read_year(asked) or today.year
    with desk.reading() as connection:
        editions = newest_editions(connection, MOST_EDITIONS)
    published = [
        Listed(
            SHEET_NAMES[period.kind], one.sheet.subtitle, address_of(period), one.number, one.by, f"{one.day:%d/%m/%Y}"
        )
        for one in editions
        for period in (_period_of_key(one.sheet.key),)
    ]
    return desk.answer(
        request,
        "sheets/list",
        status,
        current=[period_of(kind, today) for kind in ADDRESSES.values()],
        year=year,
        years=[one for one in sorted({year - 1, year, year + 1, today.year}) if FIRST_YEAR <= one <= LAST_YEAR],
        choices=[(SLUGS[kind], periods_of(kind, year), period_of(kind, today)) for kind in FIRST_OF_YEAR],
        yearly=[read_period(kind, str(year)) for kind in SheetKind if kind not in FIRST_OF_YEAR],
        names=SHEET_NAMES,
        address_of=address_of,
        published=published,
        mistakes=mistakes,
    )


def _lead_to(desk: Desk, request: Request, slug: str, text: str) -> Response:
    if slug not in ADDRESSES:
        raise HTTPException(404)
    try:
        period = read_period(ADDRESSES[slug], text) if text else period_of(ADDRESSES[slug], desk.today())
    except UnreadablePeriod as error:
        return _list_page(desk, request, status=422, mistakes=(str(error),))
    return RedirectResponse(address_of(period), 303)


def _read_year(text: str) -> int | None:
    """None for what is no year: then nothing was asked."""
    try:
        return read_period(SheetKind.YEAR, text).first.year
    except UnreadablePeriod:
        return None


# ---- one sheet --------------------------------------------------------------------------------------


def _sheet_page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    period: Period,
    status: int = 200,
    *,
    printed: Printed | None = None,
    mistakes: tuple[str, ...] = (),
    done: str = "",
) -> Response:
    """A sheet as it stands now, or ``printed``, one of its editions."""
    shown = printed or _printed_now(desk, period)
    with desk.reading() as connection:
        editions = list_editions(connection, period.key)
    here = address_of(period)
    return desk.answer(
        request,
        "sheets/sheet",
        status,
        printed=shown,
        motto=MOTTO,
        name=SHEET_NAMES[period.kind],
        address=here,
        files=f"{here}/{EDITION}{shown.number}" if printed else here,
        is_old=printed is not None,
        editions=[(one, f"{here}/{EDITION}{one.number}") for one in editions],
        period=period,
        slug=SLUGS[period.kind],
        choices=periods_of(period.kind, int(period.name[:4])),
        address_of=address_of,
        may_publish=visitor.role in DECIDES and printed is None and not shown.published,
        seen=digest_of(shown.sheet),
        mistakes=mistakes,
        done=done,
    )


def _publish(desk: Desk, request: Request, visitor: Visitor, period: Period, seen: str) -> Response:
    """Publishes what was looked at and nothing else; pressed twice it says that nothing is new."""
    now = desk.now()
    with desk.writing() as connection:
        sheet = make_sheet(connection, period, head_of(desk), now.date())
        changed = digest_of(sheet) != seen
        published = None if changed else publish_edition(connection, sheet, visitor.name, now)
    if published is None:
        return _sheet_page(desk, request, visitor, period, 422, mistakes=(str(MeanwhileChanged()),))
    return RedirectResponse(f"{address_of(period)}?done={DONE[0] if published.is_new else DONE[1]}", 303)


def head_of(desk: Desk) -> Head:
    """Who issues and signs, as the office's settings say."""
    settings = desk.settings
    return Head(
        settings.letter_issuer_above, settings.letter_issuer, settings.letter_place, settings.letter_signer_title
    )


def _printed_now(desk: Desk, period: Period) -> Printed:
    with desk.reading() as connection:
        return print_now(connection, make_sheet(connection, period, head_of(desk), desk.today()), desk.today())


def _printed_edition(desk: Desk, period: Period, name: str) -> Printed:
    number = read_number(name.removeprefix(EDITION), 6) if name.startswith(EDITION) else None
    if number is None:
        raise HTTPException(404)
    try:
        with desk.reading() as connection:
            return print_edition(connection, read_edition(connection, period.key, number))
    except NoSuchEdition:
        raise HTTPException(404) from None


def _file(printed: Printed, form: str, headers: Mapping[str, str]) -> Response:
    disposition = {"Content-Disposition": attach(printed, form)}
    return Response(write_file(printed, form), media_type=MEDIA_TYPES[form], headers={**headers, **disposition})


def _split(name: str) -> tuple[str, str]:
    """As ("2024-W49", "docx"); the second is empty for the page itself."""
    text, dot, form = name.rpartition(".")
    return (text, form) if dot and form in FILES else (name, "")


def _period(slug: str, text: str) -> Period:
    if slug not in ADDRESSES:
        raise HTTPException(404)
    try:
        return read_period(ADDRESSES[slug], text)
    except UnreadablePeriod:
        raise HTTPException(404) from None


def _period_of_key(key: str) -> Period:
    kind, _, name = key.partition("/")
    return read_period(SheetKind(kind), name)
