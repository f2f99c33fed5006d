"""Links nobody gave, addresses nobody wrote, cookies an attacker chose: answered without a word, changing nothing."""

import random
import re
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import create_engine

from models.account import Session
from models.columns import table_of
from notices.links import Links
from office.clock import Clock
from office.settings import Settings
from portal.acknowledge import TRAP
from portal.app import make_app
from portal.desk import Desk
from portal.sign_in import MOST_OF_A_PLACE
from tests.notices.told_rows import AT
from tests.portal.agency_office import read_code
from tests.portal.attacked_office import AttackedOffice
from tests.portal.office_door import SECRET, hash_cheaply
from tests.portal.test_attacks_markup import EVERY_FORM, Seen
from tests.portal.test_attacks_roles import ACTS, PAGES

ENVELOPE = "9f2c" * 8
KINDS = ("da-nhan", "thoi-gop", "vao")


def made_by(links, kind):
    """The token of a link of a kind."""
    ways = {
        "da-nhan": (links.acknowledge, ENVELOPE),
        "thoi-gop": (links.unsubscribe, "hoa"),
        "vao": (links.agency, "hoa", 1),
    }
    make, *about = ways[kind]
    return make(*about).rpartition("/")[2]


def forgeries(office, kind):
    """Tokens that are nearly right: other signs, another purpose, another office, another way to write the same."""
    token, dice = made_by(office.links, kind), random.Random(kind)
    for place in dice.sample(range(len(token)), 25):
        yield token[:place] + chr(ord(token[place]) ^ 1) + token[place + 1 :]
    yield made_by(Links("một khóa khác cũng đủ dài, thật đấy", ""), kind)
    yield from (made_by(office.links, other) for other in KINDS if other != kind)
    yield from (token[:-1], token + "A", token + "=", token.upper(), token.rpartition(".")[0] + ".", "." + token)
    yield "x" * 600


@pytest.mark.parametrize("kind", KINDS)
def test_a_forged_link_opens_nothing_and_tells_nothing(attacked_office, kind):
    office, browser = attacked_office, attacked_office.browser()
    tokens, gone = list(forgeries(office, kind)), browser.get(f"/{kind}/x")
    before = office.state()
    for token in tokens:
        address = f"/{kind}/{quote(token)}"
        filled = {"name": "Lò Thị Hoa", "code": office.links.challenge(token), TRAP: ""}
        for page in (browser.get(address), browser.post(address, data=filled)):
            assert (token, page.status_code, page.text) == (token, 404, gone.text)
    stop = {"List-Unsubscribe": "One-Click"}
    assert {browser.post(f"/{kind}/{quote(token)}", data=stop).status_code for token in tokens} == {404}
    assert office.changed_since(before) == set()


def test_a_link_opens_its_own_agency_and_stops_its_own_digests(attacked_office):
    office, browser = attacked_office, attacked_office.browser()
    link = office.gate("khac")
    browser.post(link, data={"code": read_code(browser.get(link).text), TRAP: ""})
    assert browser.get("/co-quan/nhiem-vu/P/BC/2024/B").status_code == 200
    assert browser.get("/co-quan/nhiem-vu/P/BC/2024/A").status_code == 404
    before = office.state()
    stop = office.links.unsubscribe("khac")
    assert browser.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert office.changed_since(before) == {"digestrefusal", "auditentry"}
    assert ["khac" in row for row in office.state()["digestrefusal"]] == [True]


def test_a_link_that_was_used_opens_again_for_who_holds_it_but_never_under_a_cookie_somebody_chose(attacked_office):
    office, browser, link = attacked_office, attacked_office.browser(), attacked_office.gate()
    planted = "x" * 43
    browser.cookies.set("dondoc", planted)
    code, tokens = read_code(browser.get(link).text), [planted]
    for _ in range(2):
        page = browser.post(link, data={"code": code, TRAP: ""})
        [cookie] = page.headers.get_list("set-cookie")
        token, _, rest = cookie.partition("=")[2].partition(";")
        assert rest.strip().split("; ") == ["HttpOnly", "Path=/", "SameSite=lax"]
        tokens.append(token)
    assert len(set(tokens)) == 3
    entered = [
        httpx.get(f"{office.address}/co-quan", headers={"cookie": f"dondoc={one}"}).status_code for one in tokens
    ]
    assert entered == [303, 303, 200]  # the planted one never opens, and entering again ended the session before
    with office.engine.connect() as connection:
        digests = [row.digest for row in connection.execute(table_of(Session).select())]
    assert not set(tokens) & set(digests)


ODD = [
    "../../../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5cwin.ini", "%00", "a%00b", "%ff%fe",
    "%ed%a0%80", "9" * 30, "2147483648", "-1", "a" * 4000, "%3Cscript%3Exyzzy()%3C/script%3E", "%27%20OR%201=1--",
    "P/BC/2024/A/..", "%0d%0aSet-Cookie:%20a=b", "//xau.example", "%F0%9F%98%80",
]  # fmt: skip


@pytest.fixture
def office(engine, serve, tmp_path, monkeypatch):
    """On either database: what one takes for text or a number the other may not."""
    hash_cheaply(monkeypatch)
    office = AttackedOffice(engine, serve, tmp_path)
    office.found()
    yield office
    office.close()


def test_no_path_leads_anywhere_else(office):
    """Every part of every address replaced by what was never there: no error of ours, no file, no header, no markup."""
    browsers = {name: office.who(name) for name in ("hoa", "lan", "an", "nobody")}
    fields = {name: {"csrf": office.csrf(browser)} for name, browser in browsers.items()}
    before, asked = office.state("session"), 0
    for table in (PAGES, ACTS):
        for pattern, (_, allowed, *_) in table.items():
            if "{" not in pattern:
                continue
            who = next(name for name in ("nobody", "hoa", "lan", "an") if name in allowed)
            for odd in ODD:
                if ":int}" in pattern and not odd.isdigit():
                    continue
                address = odd.join(re.split(r"\{[^}]*\}", pattern))
                if table is PAGES:
                    page = browsers[who].get(address)
                else:
                    files = {"files": [("files", ("", b""))]} if "/nop/" in pattern else {}
                    page = browsers[who].post(address, data=fields[who], **files)
                asked += 1
                assert page.status_code < 500, (pattern, odd)
                assert "set-cookie" not in page.headers
                assert "root:" not in page.text
                assert (pattern, Seen(page.text).bad) == (pattern, [])
                assert page.headers.get("location", "/").startswith("/")
                assert not page.headers.get("location", "/").startswith(("//", "/\\"))
    assert asked > 300
    assert office.state("session") == before


@pytest.mark.parametrize("odd", ["\0", "a\0b@x.vn", "9" * 30, "\u202e\ufeff\x7f", "2024-02-30"])
def test_no_field_of_a_form_breaks_the_office(office, forms_of, odd):
    sent = 0
    for name, addresses in EVERY_FORM.items():
        browser = office.who(name)
        for address in addresses:
            for form, fields in forms_of(browser.get(address).text if "{" not in address else ""):
                if form.get("action") == "/dang-xuat" or form.get("method") != "post":
                    continue
                named = {one["name"]: one.get("value", "") for one in fields if "name" in one}
                typed = {field: value if field in ("csrf", "form") else odd for field, value in named.items()}
                files = {"files": [("files", ("", b""))]} if form.get("enctype") == "multipart/form-data" else {}
                page = browser.post(form.get("action") or address, data=typed, **files)
                assert page.status_code < 500, (address, form)
                sent += 1
    assert sent > 12


ELSEWHERE = ["//xau.example", "https://xau.example", "/\\xau.example", "/%0d%0aX: y", "javascript:x"]


@pytest.mark.parametrize("next", ELSEWHERE)
def test_signing_in_leads_nowhere_else(attacked_office, next):
    for who in ("nobody", "lan"):
        page = attacked_office.who(who).get("/dang-nhap", params={"next": next, "lang": "en"})
        assert not re.search(r"^(//|/\\|https?:|javascript:)", page.headers.get("location", ""))
        assert (page.status_code, Seen(page.text).bad) == (200 if who == "nobody" else 303, [])
        assert "xau.example" not in page.headers.get("location", "")


@pytest.mark.parametrize("kind", ["vao", "thoi-gop"])
def test_wrong_links_never_reach_the_database_and_are_not_written_down(serve, tmp_path, caplog, kind):
    links, dice = Links(SECRET, ""), random.Random(7)
    store = create_engine(f"sqlite:///{tmp_path / 'never-opened.db'}")
    desk = Desk(Settings(home=tmp_path), Clock(held=AT), store, links, SECRET)
    caplog.set_level("INFO")
    with httpx.Client(base_url=serve(lambda _address: make_app(desk))) as client:
        for number in range(500):
            token = f"{dice.randbytes(12).hex()}.{dice.randbytes(32).hex()}"
            answer = client.post if number % 10 == 0 else client.get
            assert answer(f"/{kind}/{token}").status_code == 404
    assert not (tmp_path / "never-opened.db").exists()
    said = [one.getMessage() for one in caplog.records if one.name == "uvicorn.error"]
    assert not [line for line in said if kind in line]
    assert {one.name for one in caplog.records} <= {"httpx", "uvicorn.error"}  # the one who asks, and the start


def test_three_hundred_wrong_passwords(attacked_office, monkeypatch, caplog):
    browser, tried = attacked_office.browser(), []
    monkeypatch.setattr("portal.sign_in.is_password", lambda _hash, given: tried.append(given) and False)
    caplog.set_level("DEBUG", logger="portal")
    form = re.search(r'name="form" value="([^"]*)"', browser.get("/dang-nhap").text)[1]
    codes = [
        browser.post("/dang-nhap", data={"form": form, "name": f"lan{n}@x", "password": f"đoán-{n}"}).status_code
        for n in range(300)
    ]
    assert (codes[:MOST_OF_A_PLACE], set(codes[MOST_OF_A_PLACE:])) == ([422] * MOST_OF_A_PLACE, {429})
    assert len(tried) == MOST_OF_A_PLACE  # the slow part is not done for who is sent away
    assert "đoán" not in caplog.text
    assert "lan7" not in caplog.text
