"""Every page of the portal: where it stands in the lived-in office, who may look at it, and what its forms answer."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

from starlette.routing import Match

from notices.links import Links
from office.settings import Settings
from portal.app import make_app
from portal.desk import Desk
from tests.portal.test_attacks_roles import PAGES as WHO_MAY_LOOK

SECRET = "chỉ để biết có những địa chỉ nào"
# the people of the attacks' table are these roles here
PEOPLE = {"nobody": "nobody", "hoa": "agency", "truong": "chair", "lan": "secretariat", "an": "administrator"}
ROLES = tuple(PEOPLE.values())
# what is no page: programs ask it, or a browser keeps it as a file
NO_PAGES = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/static/{name}",
    "/dang-nhap/oidc",
    "/dang-nhap/oidc/ve",
    "/co-quan/tep/{number:int}",
    "/thu-ky/tep/{number:int}",
    "/thu-ky/duyet/cong-van/{letter:int}/du-thao.docx",
    "/thu-ky/dieu-chinh/tai-ve",
}
REPORT, INSPECTION, AWAITS = "DB-351-2022/S2-02/2024", "DB-BCD-2024/S0-07/2024", "DB-351-2022/S2-I.11/2021-2025"
# Pattern → its addresses; what stands in braces is filled with what tests/journeys/lived_office.py has made.
PAGES = {
    "/": ["/"],
    "/dang-nhap": ["/dang-nhap"],
    "/doi-mat-khau": ["/doi-mat-khau"],
    "/quan-tri": ["/quan-tri"],
    "/da-nhan/{token}": ["{acknowledge}", "{acknowledged}"],
    "/thoi-gop/{token}": ["{unsubscribe}", "{unsubscribed}"],
    "/vao/{token}": ["{gate}"],
    "/xin-lien-ket": ["/xin-lien-ket"],
    "/co-quan": ["/co-quan"],
    "/co-quan/nhiem-vu/{duty:path}": ["/co-quan/nhiem-vu/{duty}"],
    "/co-quan/nop/{duty:path}": ["/co-quan/nop/{duty}"],
    "/co-quan/bien-nhan/{number:int}": ["{receipt}"],
    "/co-quan/xin-gia-han/{duty:path}": ["/co-quan/xin-gia-han/{duty}"],
    "/co-quan/danh-ba": ["/co-quan/danh-ba"],
    "/co-quan/danh-ba/{code}": ["/co-quan/danh-ba/{contact}"],
    "/co-quan/lich": ["/co-quan/lich"],
    "/co-quan/lich/{number:int}": ["{own_calendar}"],
    "/co-quan/lich/{number:int}/dia-chi": ["{own_calendar}/dia-chi"],
    "/thu-ky": ["/thu-ky"],
    "/thu-ky/nam": ["/thu-ky/nam"],
    "/thu-ky/nam/{year:int}": ["/thu-ky/nam/2024", "/thu-ky/nam/2024?month=12"],
    "/thu-ky/viec/{occurrence:path}": ["/thu-ky/viec/{fixed}?done=fixed", "/thu-ky/viec/{report}"],
    "/thu-ky/nhiem-vu": ["/thu-ky/nhiem-vu"],
    "/thu-ky/nhiem-vu/{agency}": ["/thu-ky/nhiem-vu/{agency}"],
    "/thu-ky/nhiem-vu/{agency}/{act}/{occurrence:path}": [
        f"/thu-ky/nhiem-vu/{{agency}}/{act}/{{report}}" for act in ("da-nop", "gia-han", "tra-lai", "mien")
    ],
    "/thu-ky/thu-bao-cao": ["/thu-ky/thu-bao-cao"],
    "/thu-ky/thu-bao-cao/{occurrence:path}": ["/thu-ky/thu-bao-cao/{report}"],
    "/thu-ky/duyet": ["/thu-ky/duyet"],
    "/thu-ky/hop-gui": ["/thu-ky/hop-gui", "/thu-ky/hop-gui?xem="],
    "/thu-ky/hop-gui/{notice:int}": ["{notice}"],
    "/thu-ky/danh-muc": ["/thu-ky/danh-muc"],
    "/thu-ky/danh-muc/co-quan": ["/thu-ky/danh-muc/co-quan"],
    "/thu-ky/danh-muc/chuong-trinh": ["/thu-ky/danh-muc/chuong-trinh"],
    "/thu-ky/danh-muc/nguoi-lien-he": ["/thu-ky/danh-muc/nguoi-lien-he?co-quan={agency}"],
    "/thu-ky/danh-muc/ngay-nghi": ["/thu-ky/danh-muc/ngay-nghi"],
    "/thu-ky/danh-muc/nguoi-lien-he-moi": ["/thu-ky/danh-muc/nguoi-lien-he-moi?co-quan={agency}"],
    "/thu-ky/danh-muc/nguoi-lien-he/{code}/sua": ["/thu-ky/danh-muc/nguoi-lien-he/{contact}/sua"],
    "/thu-ky/danh-muc/nguoi-thay": ["/thu-ky/danh-muc/nguoi-thay"],
    "/thu-ky/an-dinh/{occurrence:path}": ["/thu-ky/an-dinh/{fixed}"],
    "/thu-ky/huy/{occurrence:path}": ["/thu-ky/huy/{fixed}"],
    "/thu-ky/khoi-phuc/{occurrence:path}": ["/thu-ky/khoi-phuc/{fixed}"],
    "/thu-ky/doan/{occurrence:path}": ["/thu-ky/doan/{inspection}"],
    "/thu-ky/su-viec/{occurrence:path}": ["/thu-ky/su-viec/{awaits}"],
    "/thu-ky/moi/{occurrence:path}": ["/thu-ky/moi/{signed}", "/thu-ky/moi/{fixed}"],
    "/thu-ky/lich": ["/thu-ky/lich"],
    "/thu-ky/lich/{number:int}": ["{calendar}"],
    "/thu-ky/lich/{number:int}/dia-chi": ["{calendar}/dia-chi"],
    "/thu-ky/dieu-chinh": ["/thu-ky/dieu-chinh", "/thu-ky/dieu-chinh?nam=2024&loai=ngay"],
    "/truong-ban": ["/truong-ban"],
    "/bieu": ["/bieu"],
    "/bieu/{slug}/{name}": ["/bieu/tuan/2024-W51", "/bieu/thang/2024-12", "/bieu/nam/2024"],
    "/bieu/{slug}/{period}/{name}": ["/bieu/nam/2024/lan-0"],
}


@dataclass(frozen=True)
class Answer:
    """What a page's form, the first one unless told, answers to ``fields``.

    Digits said in words are typed where it should succeed.
    """

    role: str
    address: str
    status: int
    fields: dict = field(default_factory=dict)
    form: str = "main form[method=post]"


NEW_ACCOUNT = "form[action='/quan-tri']"
GROUNDS = {"document": "Giấy mời số 31/GM-BCĐ"}
ANSWERS = [
    Answer("nobody", "/dang-nhap", 422),
    Answer("nobody", "{acknowledge}", 422),
    Answer("nobody", "{unsubscribe}", 422),
    Answer("nobody", "{gate}", 422),
    Answer("nobody", "/xin-lien-ket", 422),
    Answer("nobody", "/xin-lien-ket", 200, {"address": "khong-ai@example.vn"}),
    Answer("agency", "/co-quan/nop/{duty}", 422),
    Answer("agency", "/co-quan/xin-gia-han/{duty}", 422),
    Answer("agency", "/co-quan/danh-ba/{contact}", 422, {"name": ""}),
    Answer("agency", "/co-quan/lich", 422),
    Answer("secretariat", "/doi-mat-khau", 422),
    Answer("secretariat", "/thu-ky/an-dinh/{fixed}", 200, {"first": "2024-12-26", **GROUNDS}),
    Answer("secretariat", "/thu-ky/an-dinh/{fixed}", 422),
    Answer("secretariat", "/thu-ky/huy/{fixed}", 200, GROUNDS),
    Answer("secretariat", "/thu-ky/huy/{fixed}", 422),
    Answer("secretariat", "/thu-ky/doan/{inspection}", 422),
    Answer("secretariat", "/thu-ky/danh-muc/ngay-nghi", 200, {"day": "2024-12-26", **GROUNDS}),
    Answer("secretariat", "/thu-ky/danh-muc/ngay-nghi", 422),
    Answer("secretariat", "/thu-ky/danh-muc/nguoi-lien-he-moi", 422),
    Answer("secretariat", "/thu-ky/danh-muc/nguoi-thay", 422),
    Answer("secretariat", "/thu-ky/nhiem-vu/{agency}/gia-han/{report}", 422),
    Answer("secretariat", "/thu-ky/lich", 422),
    Answer("administrator", "/quan-tri", 422, form=NEW_ACCOUNT),
    Answer("administrator", "/quan-tri", 200, {"name": "moi-{language}", "shown": "Người mới"}, NEW_ACCOUNT),
]
# Who meets what went wrong, where, and how it is answered.
TROUBLES = [
    ("nobody", "/khong-co-trang-nay", 404),
    ("nobody", "/da-nhan/khong-phai-lien-ket", 404),
    ("nobody", "/dang-xuat", 405),
    ("nobody", "{replaced_gate}", 410),
    ("agency", "{revoked_calendar}/dia-chi", 410),
    ("chair", "/thu-ky/huy/{fixed}", 403),
    ("secretariat", "/quan-tri", 403),
    ("administrator", "/thu-ky/hop-gui/999999", 404),
]


@cache
def routes():
    """Every route of the application, as it would run in an office."""
    desk = Desk(Settings(home=Path("/nowhere")), None, None, Links(SECRET, "http://nowhere"), SECRET)
    return tuple(_flat(make_app(desk).routes))


def _flat(some):
    for one in some:
        inner = getattr(one, "original_router", None)
        if inner is None:
            yield one
        else:
            yield from _flat(inner.routes)


def patterns():
    """The patterns of everything that is opened by looking, pages or not."""
    return {one.path for one in routes() if "GET" in (one.methods or ())}


def pages_of(role, rows):
    """The addresses of the pages somebody may look at, filled with ``rows``."""
    for pattern, addresses in PAGES.items():
        _, people, _ = WHO_MAY_LOOK[pattern]
        if role in {PEOPLE[one] for one in people}:
            yield from (fill(address, rows) for address in addresses)


def fill(address, rows):
    """An address with what stands in braces, its path quoted as the pages' own links are."""
    for name, value in rows.items():
        address = address.replace(f"{{{name}}}", value if value.startswith("/") else quote(value))
    assert "{" not in address, address
    return address


def leads_somewhere(link):
    """Whether a link to the portal is one of its addresses."""
    scope = {"type": "http", "path": urlsplit(link).path, "method": "GET"}
    return any(one.matches(scope)[0] == Match.FULL for one in routes())
