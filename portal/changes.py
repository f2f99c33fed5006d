"""Everything recorded on a screen in a year, by kind and by who, each with the page where it is changed again."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response

from board.change_words import CHANGE_NAMES
from board.changes import Change, Wanted, count_changes, read_changes, read_who_changed
from board.changes_sheet import changes_sheet
from board.sheet_workbook import MEDIA_TYPE, write_workbook
from models.amendment import AmendmentKind
from office.sessions import Visitor
from planning.agenda import planned_years
from portal.days_off import ADDRESS as DAYS_OFF
from portal.desk import Desk
from portal.duties import read_asked
from portal.guard import DECIDES, of_the_office
from portal.office_contacts import LIST as CONTACTS
from portal.office_contacts import ONE as CONTACT
from portal.sheets import head_of
from portal.substitutes import ADDRESS as SUBSTITUTES
from portal.typed import read_number

ADDRESS = "/thu-ky/dieu-chinh"
FILE = ADDRESS + "/tai-ve"
MOST = 100  # lines of one page
SLUGS: dict[str, AmendmentKind] = {
    "ngay": AmendmentKind.DATE,
    "huy": AmendmentKind.CANCEL,
    "doan": AmendmentKind.TEAM,
    "su-viec": AmendmentKind.EVENT,
    "ngay-nghi": AmendmentKind.DAY,
    "nguoi-lien-he": AmendmentKind.CONTACT,
    "nguoi-thay": AmendmentKind.SUBSTITUTION,
}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the address asks for: the year, a kind by its ``slug`` and a person, empty for all of them."""

    year: int
    slug: str
    by: str

    @property
    def wanted(self) -> Wanted:
        """The same for the select behind it."""
        return Wanted(self.year, SLUGS.get(self.slug), self.by)

    def address(self, path: str, **more: str) -> str:
        """``path`` narrowed the same way."""
        own = {"nam": str(self.year), "loai": self.slug, "nguoi": self.by} | more
        return f"{path}?{urlencode({name: value for name, value in own.items() if value})}"


def change_pages(desk: Desk) -> APIRouter:
    """``/thu-ky/dieu-chinh`` and, as an Excel file, ``/thu-ky/dieu-chinh/tai-ve``."""
    router = APIRouter()
    reader = Depends(of_the_office(desk))

    @router.get(ADDRESS)
    def show(request: Request, visitor: Visitor = reader) -> Response:
        return _page(desk, request, visitor)

    @router.get(FILE)
    def download(request: Request, visitor: Visitor = reader) -> Response:
        return _file(desk, request)

    return router


def _page(desk: Desk, request: Request, visitor: Visitor) -> Response:
    asked, today = _narrow(desk, request), desk.today()
    with desk.reading() as connection:
        total = count_changes(connection, asked.wanted)
        pages = max(1, -(-total // MOST))
        number = min(_page_number(request), pages)
        changes = read_changes(connection, asked.wanted, today, most=MOST, skip=(number - 1) * MOST)
        people = read_who_changed(connection, asked.year)
        years = sorted({*planned_years(connection), today.year, asked.year})
    return desk.answer(
        request,
        "secretariat/desk/changes",
        asked=asked,
        kinds=[(slug, CHANGE_NAMES[kind]) for slug, kind in SLUGS.items()],
        people=[(name, name) for name in people],
        years=years,
        lines=[(one, _where(one, decides=visitor.role in DECIDES)) for one in changes],
        total=total,
        number=number,
        pages=pages,
        turned=lambda other: asked.address(ADDRESS, trang=str(other)),
        file=asked.address(FILE),
    )


def _file(desk: Desk, request: Request) -> Response:
    asked, today = _narrow(desk, request), desk.today()
    with desk.reading() as connection:
        changes = read_changes(connection, asked.wanted, today)
    content = write_workbook(changes_sheet(changes, asked.wanted, head_of(desk), today))
    named = f"attachment; filename=\"dieu-chinh-{asked.year}.xlsx\"; filename*=UTF-8''"
    named += quote(f"Điều chỉnh trong năm {asked.year}.xlsx")
    return Response(content, media_type=MEDIA_TYPE, headers={**desk.headers, "Content-Disposition": named})


def _narrow(desk: Desk, request: Request) -> Narrowed:
    """What the form asks; a kind that is none is nothing asked."""
    given = request.query_params
    slug = given.get("loai", "")
    return Narrowed(read_asked(request, desk).year, slug if slug in SLUGS else "", given.get("nguoi", ""))


def _page_number(request: Request) -> int:
    return read_number(request.query_params.get("trang", ""), 6) or 1


def _where(change: Change, *, decides: bool) -> str:
    """The page where it is changed again or taken back, or where somebody who only reads sees it; empty for none."""
    match change.kind:
        case AmendmentKind.DAY:
            return DAYS_OFF
        case AmendmentKind.CONTACT if decides:
            return CONTACT.replace("{code}", quote(change.subject, safe=""))
        case AmendmentKind.SUBSTITUTION if decides:
            return SUBSTITUTES
        case AmendmentKind.CONTACT | AmendmentKind.SUBSTITUTION:
            return f"{CONTACTS}#{quote(change.subject.partition('/')[0])}"
        case _:
            return f"/thu-ky/viec/{quote(change.occurrence)}" if change.occurrence else ""
