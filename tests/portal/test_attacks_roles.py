"""Every route of the portal, who may open it, and what everybody else is answered; a new route must be written here."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from notices.links import Links
from office.settings import Settings
from portal.app import make_app
from portal.desk import Desk
from tests.portal.office_door import SECRET

EVERYBODY = frozenset({"nobody", "hoa", "truong", "lan", "an"})
AGENCY = frozenset({"hoa"})
OFFICE, DECIDES, ADMINISTRATOR = frozenset({"truong", "lan", "an"}), frozenset({"lan", "an"}), frozenset({"an"})
DRAFT = "/thu-ky/duyet/cong-van/{letter:int}/du-thao.docx"
ROLES = ("nobody", "hoa", "truong", "lan", "an")

# What is opened by looking: pattern → an address, who sees it, and how it is answered.
PAGES = {
    "/": ("/", EVERYBODY, (200, 303)),
    "/dang-nhap": ("/dang-nhap", EVERYBODY, (200, 303)),
    "/dang-nhap/oidc": ("/dang-nhap/oidc", EVERYBODY, (404,)),  # an office without a provider
    "/dang-nhap/oidc/ve": ("/dang-nhap/oidc/ve?code=x&state=x", EVERYBODY, (404,)),
    "/doi-mat-khau": ("/doi-mat-khau", OFFICE, (200,)),
    "/quan-tri": ("/quan-tri", ADMINISTRATOR, (200,)),
    "/da-nhan/{token}": ("{acknowledge}", EVERYBODY, (200,)),
    "/thoi-gop/{token}": ("{unsubscribe}", EVERYBODY, (200,)),
    "/vao/{token}": ("{gate}", EVERYBODY, (200,)),
    "/xin-lien-ket": ("/xin-lien-ket", EVERYBODY, (200,)),
    "/co-quan": ("/co-quan", AGENCY, (200,)),
    "/co-quan/nhiem-vu/{duty:path}": ("/co-quan/nhiem-vu/P/BC/2024/A", AGENCY, (200,)),
    "/co-quan/nop/{duty:path}": ("/co-quan/nop/P/BC/2024/A", AGENCY, (200,)),
    "/co-quan/bien-nhan/{number:int}": ("/co-quan/bien-nhan/{submission}", AGENCY, (404,)),  # another agency's
    "/co-quan/tep/{number:int}": ("/co-quan/tep/1", AGENCY, (404,)),
    "/co-quan/xin-gia-han/{duty:path}": ("/co-quan/xin-gia-han/P/BC/2024/A", AGENCY, (200,)),
    "/co-quan/danh-ba": ("/co-quan/danh-ba", AGENCY, (200,)),
    "/co-quan/danh-ba/{code}": ("/co-quan/danh-ba/minh", AGENCY, (200,)),
    "/co-quan/lich": ("/co-quan/lich", AGENCY, (200,)),
    "/co-quan/lich/{number:int}": ("/co-quan/lich/{agency/A}", AGENCY, (200,)),
    "/co-quan/lich/{number:int}/dia-chi": ("/co-quan/lich/{agency/A}/dia-chi", AGENCY, (200,)),
    "/thu-ky": ("/thu-ky", OFFICE, (200,)),
    "/thu-ky/nam": ("/thu-ky/nam", OFFICE, (200,)),
    "/thu-ky/nam/{year:int}": ("/thu-ky/nam/2024", OFFICE, (200,)),
    "/thu-ky/viec/{occurrence:path}": ("/thu-ky/viec/P/BC/2024", OFFICE, (200,)),
    "/thu-ky/nhiem-vu": ("/thu-ky/nhiem-vu", OFFICE, (200,)),
    "/thu-ky/nhiem-vu/{agency}": ("/thu-ky/nhiem-vu/A", OFFICE, (200,)),
    "/thu-ky/nhiem-vu/{agency}/{act}/{occurrence:path}": ("/thu-ky/nhiem-vu/A/da-nop/P/BC/2024", DECIDES, (200,)),
    "/thu-ky/thu-bao-cao": ("/thu-ky/thu-bao-cao", OFFICE, (200,)),
    "/thu-ky/thu-bao-cao/{occurrence:path}": ("/thu-ky/thu-bao-cao/P/BC/2024", OFFICE, (200,)),
    "/thu-ky/duyet": ("/thu-ky/duyet", OFFICE, (200,)),
    DRAFT: ("/thu-ky/duyet/cong-van/{letter}/du-thao.docx", OFFICE, (200,)),
    "/thu-ky/hop-gui": ("/thu-ky/hop-gui", OFFICE, (200,)),
    "/thu-ky/hop-gui/{notice:int}": ("/thu-ky/hop-gui/{notice}", OFFICE, (200,)),
    "/thu-ky/dieu-chinh": ("/thu-ky/dieu-chinh", OFFICE, (200,)),
    "/thu-ky/dieu-chinh/tai-ve": ("/thu-ky/dieu-chinh/tai-ve", OFFICE, (200,)),
    "/thu-ky/danh-muc": ("/thu-ky/danh-muc", OFFICE, (200,)),
    "/thu-ky/danh-muc/co-quan": ("/thu-ky/danh-muc/co-quan", OFFICE, (200,)),
    "/thu-ky/danh-muc/chuong-trinh": ("/thu-ky/danh-muc/chuong-trinh", OFFICE, (200,)),
    "/thu-ky/danh-muc/nguoi-lien-he": ("/thu-ky/danh-muc/nguoi-lien-he", OFFICE, (200,)),
    "/thu-ky/danh-muc/ngay-nghi": ("/thu-ky/danh-muc/ngay-nghi", OFFICE, (200,)),
    "/thu-ky/danh-muc/nguoi-lien-he-moi": ("/thu-ky/danh-muc/nguoi-lien-he-moi", DECIDES, (200,)),
    "/thu-ky/danh-muc/nguoi-lien-he/{code}/sua": ("/thu-ky/danh-muc/nguoi-lien-he/hoa/sua", DECIDES, (200,)),
    "/thu-ky/danh-muc/nguoi-thay": ("/thu-ky/danh-muc/nguoi-thay", DECIDES, (200,)),
    "/thu-ky/an-dinh/{occurrence:path}": ("/thu-ky/an-dinh/P/KT/2024", DECIDES, (200,)),
    "/thu-ky/huy/{occurrence:path}": ("/thu-ky/huy/P/KT/2024", DECIDES, (200,)),
    "/thu-ky/khoi-phuc/{occurrence:path}": ("/thu-ky/khoi-phuc/P/TH/2024", DECIDES, (200,)),
    "/thu-ky/doan/{occurrence:path}": ("/thu-ky/doan/P/KT/2024", DECIDES, (200,)),
    "/thu-ky/su-viec/{occurrence:path}": ("/thu-ky/su-viec/P/HN/2024", DECIDES, (200, 404)),
    "/thu-ky/moi/{occurrence:path}": ("/thu-ky/moi/P/HN/2024", DECIDES, (200,)),
    "/thu-ky/tep/{number:int}": ("/thu-ky/tep/1", OFFICE, (200,)),
    "/thu-ky/lich": ("/thu-ky/lich", OFFICE, (200,)),
    "/thu-ky/lich/{number:int}": ("/thu-ky/lich/{all}", DECIDES, (200,)),
    "/thu-ky/lich/{number:int}/dia-chi": ("/thu-ky/lich/{all}/dia-chi", DECIDES, (200,)),
    "/truong-ban": ("/truong-ban", OFFICE, (200,)),
    "/bieu": ("/bieu", OFFICE, (200,)),
    "/bieu/{slug}/{name}": ("/bieu/tuan/2024-W49", OFFICE, (200,)),
    "/bieu/{slug}/{period}/{name}": ("/bieu/tuan/2024-W49/lan-0", OFFICE, (404,)),  # nobody has published
    "/static/{name}": ("/static/portal.css", EVERYBODY, (200,)),
    "/healthz": ("/healthz", EVERYBODY, (200,)),
    "/readyz": ("/readyz", EVERYBODY, (200,)),
    "/metrics": ("/metrics", EVERYBODY, (200,)),
}  # fmt: skip
# What changes something when a form says so: pattern → an address, and who may send it.
ACTS = {
    "/doi-mat-khau": ("/doi-mat-khau", OFFICE),
    "/quan-tri": ("/quan-tri", ADMINISTRATOR),
    "/quan-tri/{name}/{deed}": ("/quan-tri/truong/vai-tro", ADMINISTRATOR),
    "/co-quan/nhiem-vu/{duty:path}": ("/co-quan/nhiem-vu/P/BC/2024/A", AGENCY),
    "/co-quan/nop/{duty:path}": ("/co-quan/nop/P/BC/2024/A", AGENCY),
    "/co-quan/xin-gia-han/{duty:path}": ("/co-quan/xin-gia-han/P/BC/2024/A", AGENCY),
    "/co-quan/danh-ba": ("/co-quan/danh-ba", AGENCY),
    "/co-quan/danh-ba/{code}": ("/co-quan/danh-ba/minh", AGENCY),
    "/co-quan/lich": ("/co-quan/lich", AGENCY),
    "/co-quan/lich/{number:int}": ("/co-quan/lich/{agency/A}", AGENCY),
    "/co-quan/lich/{number:int}/doi-dia-chi": ("/co-quan/lich/{agency/A}/doi-dia-chi", AGENCY),
    "/co-quan/lich/{number:int}/thu-hoi": ("/co-quan/lich/{agency/A}/thu-hoi", AGENCY),
    "/thu-ky/nhiem-vu/{agency}/{act}/{occurrence:path}": ("/thu-ky/nhiem-vu/A/da-nop/P/BC/2024", DECIDES),
    "/thu-ky/duyet/cong-van/{letter:int}": ("/thu-ky/duyet/cong-van/{letter}", DECIDES),
    "/thu-ky/duyet/gia-han/{number:int}": ("/thu-ky/duyet/gia-han/{request}", DECIDES),
    "/thu-ky/hop-gui": ("/thu-ky/hop-gui", DECIDES),
    "/thu-ky/hop-gui/{notice:int}": ("/thu-ky/hop-gui/{notice}", DECIDES),
    "/thu-ky/danh-muc/nguoi-lien-he/{contact}": ("/thu-ky/danh-muc/nguoi-lien-he/hoa", DECIDES),
    "/thu-ky/danh-muc/ngay-nghi": ("/thu-ky/danh-muc/ngay-nghi", DECIDES),
    "/thu-ky/danh-muc/nguoi-lien-he-moi": ("/thu-ky/danh-muc/nguoi-lien-he-moi", DECIDES),
    "/thu-ky/danh-muc/nguoi-lien-he/{code}/sua": ("/thu-ky/danh-muc/nguoi-lien-he/hoa/sua", DECIDES),
    "/thu-ky/danh-muc/nguoi-thay": ("/thu-ky/danh-muc/nguoi-thay", DECIDES),
    "/thu-ky/an-dinh/{occurrence:path}": ("/thu-ky/an-dinh/P/KT/2024", DECIDES),
    "/thu-ky/huy/{occurrence:path}": ("/thu-ky/huy/P/KT/2024", DECIDES),
    "/thu-ky/khoi-phuc/{occurrence:path}": ("/thu-ky/khoi-phuc/P/TH/2024", DECIDES),
    "/thu-ky/doan/{occurrence:path}": ("/thu-ky/doan/P/KT/2024", DECIDES),
    "/thu-ky/su-viec/{occurrence:path}": ("/thu-ky/su-viec/P/HN/2024", DECIDES),
    "/thu-ky/moi/{occurrence:path}": ("/thu-ky/moi/P/HN/2024", DECIDES),
    "/thu-ky/lich": ("/thu-ky/lich", DECIDES),
    "/thu-ky/lich/{number:int}": ("/thu-ky/lich/{all}", DECIDES),
    "/thu-ky/lich/{number:int}/doi-dia-chi": ("/thu-ky/lich/{all}/doi-dia-chi", DECIDES),
    "/thu-ky/lich/{number:int}/thu-hoi": ("/thu-ky/lich/{all}/thu-hoi", DECIDES),
    "/bieu/{slug}/{name}": ("/bieu/tuan/2024-W49", DECIDES),
}
# What a form changes without a session: a signed link and digits said in words stand for its token, and at the
# entrance a note tied to the browser. tests/portal/test_scanner.py and test_sign_in.py try each. Leaving needs the
# session's token where there is a session.
WITHOUT_A_SESSION = {
    "/dang-nhap", "/dang-xuat", "/da-nhan/{token}", "/thoi-gop/{token}", "/vao/{token}", "/xin-lien-ket",
}  # fmt: skip
SHUT = {
    "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
}  # fmt: skip


def routes_of(routes):
    """Every route, also of the routers within; each as (pattern, methods)."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router.routes)
        else:
            yield route.path, route.methods


@pytest.fixture
def office(attacked_office):
    return attacked_office


@pytest.fixture
def addresses(office):
    """What the tables' addresses say, with the numbers of this office's rows."""
    rows = office.rows
    links = {"acknowledge": office.links.acknowledge("9f2c" * 8), "unsubscribe": office.links.unsubscribe("hoa")}
    rows |= {"gate": office.gate(), **{name: link.removeprefix(office.address) for name, link in links.items()}}

    def say(address):
        for name, value in rows.items():
            address = address.replace(f"{{{name}}}", str(value))
        assert "{" not in address
        return address

    return say


def test_every_route_is_in_the_table():
    links = Links(SECRET, "http://testserver")
    app = make_app(Desk(Settings(home=Path("nowhere")), None, create_engine("sqlite://"), links, SECRET))
    found = list(routes_of(app.routes))
    assert {path for path, methods in found if "GET" in methods} == set(PAGES)
    assert {path for path, methods in found if "POST" in methods} == ACTS.keys() | WITHOUT_A_SESSION
    assert set().union(*(methods for _, methods in found)) == {"GET", "HEAD", "POST"}


def refused(page, role, allowed):
    """Whether somebody who may not was answered as their kind is."""
    if allowed == AGENCY:
        return (page.status_code, page.headers.get("location")) == (303, "/xin-lien-ket")
    if role in ("nobody", "hoa"):
        return (page.status_code, page.headers.get("location", "").partition("?")[0]) == (303, "/dang-nhap")
    return page.status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_who_may_look_and_that_looking_changes_nothing(office, addresses, role):
    browser = office.who(role)
    browser.get("/", follow_redirects=True)  # the session's hour is noted
    before = office.state()
    for pattern, (address, allowed, codes) in PAGES.items():
        for page in (browser.get(addresses(address)), browser.head(addresses(address))):
            if role in allowed:
                assert page.status_code in (*codes, 405), pattern
                assert page.headers.get("location", "/").partition("?")[0] not in ("/dang-nhap", "/xin-lien-ket")
            else:
                assert refused(page, role, allowed) or page.status_code == 405, pattern
            check_doors(page, pattern)
    assert office.changed_since(before) == set()


def check_doors(page, pattern):
    """What every answer says, whoever asked and whatever it is; only files of ours may be kept."""
    assert {name: page.headers.get(name) for name in SHUT} == SHUT, pattern
    policy = page.headers.get("content-security-policy", "")
    assert policy.startswith("default-src 'none'"), pattern
    assert "unsafe" not in policy
    kept = page.headers["cache-control"]
    assert kept.startswith("public") if pattern.startswith("/static/") and page.is_success else kept == "no-store"


@pytest.mark.parametrize("role", ROLES)
def test_without_the_sessions_token_nothing_changes_whoever_asks(office, addresses, role):
    browser, other = office.who(role), office.who("an" if role == "hoa" else "hoa")
    mine, theirs = office.csrf(browser), office.csrf(other)
    before = office.state()
    for pattern, (address, allowed) in ACTS.items():
        here = addresses(address)
        files = {"files": [("files", ("", b""))]} if "/nop/" in pattern else {}
        tries = [{"csrf": ""}, {"csrf": "x" * 43}, {"csrf": theirs}, {"x": "y"}]
        pages = [browser.post(here, data=one, **files) for one in (tries if role in allowed else tries[2:3])]
        elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://xau.example"}
        pages.append(browser.post(here, data={"csrf": mine}, headers=elsewhere, **files))
        for page in pages:
            assert page.status_code == 403 if role in allowed else refused(page, role, allowed), pattern
            check_doors(page, pattern)
    assert office.changed_since(before) == set()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_act(office, addresses, role):
    browser = office.who(role)
    fields = {"csrf": office.csrf(browser)}
    before = office.state()
    for pattern, (address, allowed) in ACTS.items():
        files = {"files": [("files", ("", b""))]} if "/nop/" in pattern else {}
        page = browser.post(addresses(address), data=fields, **files)
        if role not in allowed:
            assert refused(page, role, allowed), pattern
            continue
        assert page.status_code in (200, 303, 400, 409, 422), pattern
        assert page.headers.get("location", "/").partition("?")[0] not in ("/dang-nhap", "/xin-lien-ket")
        check_doors(page, pattern)
    if role in ("nobody", "truong"):
        assert office.changed_since(before) == set()


@pytest.mark.parametrize("role", ["hoa", "truong", "an"])
def test_leaving_needs_the_sessions_token(office, role):
    browser = office.who(role)
    for wrong in ({"csrf": ""}, {"csrf": "x" * 43}, {"x": "y"}):
        assert browser.post("/dang-xuat", data=wrong).status_code == 403
    assert browser.get("/").status_code == 303  # still in


def test_what_is_another_agencys_is_answered_like_what_never_was(office, addresses):
    theirs = {"P/BC/2024/A": "P/BC/2024/B", "danh-ba/minh": "danh-ba/khac", "{agency/A}": "{agency/B}"}
    browser = office.who("hoa")
    fields = {"csrf": office.csrf(browser), "how": "du", "name": "Hoa", "until": "2024-12-20", "why": "Chờ số liệu"}
    fields |= {"link": "https://example.vn/", "what": "sua", "key": "x" * 32, "title": "Lịch", "kinds": ""}
    before = office.state()
    for table, send in ((PAGES, browser.get), (ACTS, lambda here, **files: browser.post(here, data=fields, **files))):
        mine = {pattern: address for pattern, (address, allowed, *_) in table.items() if allowed == AGENCY}
        for pattern, address in mine.items():
            if "{" not in pattern:
                continue
            other = address
            for own, foreign in theirs.items():
                other = other.replace(own, foreign)
            assert other != address or pattern.endswith(("tep/{number:int}", "bien-nhan/{number:int}")), pattern
            files = {"files": [("files", ("", b""))]} if "/nop/" in pattern and table is ACTS else {}
            assert send(addresses(other), **files).status_code == 404, pattern
    assert office.changed_since(before) == set()
