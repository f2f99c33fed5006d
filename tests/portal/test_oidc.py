"""Sign-in through an identity provider: a real one over HTTP vouches, forgers do not, and nobody gets an account."""

from urllib.parse import urlsplit

import pytest

from models.account import Account, AccountRole, Session
from models.columns import table_of
from models.notice import AuditEntry
from office.accounts import Change, deactivate
from office.store import open_store, writing
from tests.portal.identity_provider import CLIENT, SECRET, STRANGE_KEY, IdentityProvider
from tests.portal.office_door import MACHINE, Door, hash_cheaply, hidden

NOW = int(MACHINE.timestamp())
ACCOUNTS, SESSIONS, AUDIT = table_of(Account), table_of(Session), table_of(AuditEntry)
UNTRUSTED, DOWN, UNKNOWN = "Không tin được", "không trả lời đúng", "chưa có tài khoản"


@pytest.fixture
def provider(serve):
    return IdentityProvider(serve)


@pytest.fixture
def door(provider, serve, tmp_path, monkeypatch):
    hash_cheaply(monkeypatch)
    monkeypatch.setenv("KHOA_OIDC", SECRET)
    chosen = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": "env:KHOA_OIDC"}
    engine = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    door = Door(engine, serve, tmp_path, **chosen)
    door.add(provider_subject="sub-1")
    yield door
    door.close()
    engine.dispose()


def go(browser, next=""):
    """To the provider and back, as a browser follows; gives the portal's answer."""
    begun = browser.get("/dang-nhap/oidc", params={"next": next} if next else None)
    return browser.get(back(browser, begun))


def back(browser, begun):
    """The path the provider sends the browser back to; the server of a test listens on another port than it says."""
    there = urlsplit(browser.get(begun.headers["location"]).headers["location"])
    assert f"{there.scheme}://{there.netloc}" == "http://127.0.0.1:8410"
    return f"{there.path}?{there.query}"


def refused(page, status, words):
    return (page.status_code, words in page.text, "dondoc" in page.cookies) == (status, True, False)


def test_whom_the_provider_vouches_for_is_in_by_the_account_that_names_them(door, provider):
    page = door.browser().get("/dang-nhap", params={"next": "/quan-tri"})
    assert 'href="/dang-nhap/oidc?next=/quan-tri"' in page.text
    browser = door.browser()
    entered = go(browser, "/quan-tri")
    assert (entered.status_code, entered.headers["location"]) == (303, "/quan-tri")
    assert browser.get("/quan-tri").status_code == 200
    assert "dondoc-oidc" not in browser.cookies
    provider.claims = {"sub": "sub-2"}
    assert refused(go(door.browser()), 403, UNKNOWN)


@pytest.mark.parametrize("role", [AccountRole.ADMINISTRATOR, AccountRole.SECRETARIAT])
@pytest.mark.parametrize("must_change", [True, False])
def test_a_user_name_opens_no_account_since_many_may_choose_theirs(door, provider, role, must_change):
    door.add("binh", role, must_change=must_change)
    before = door.rows(ACCOUNTS)
    for name in ("binh", "Binh", "an"):
        provider.claims = {"sub": "sub-2", "preferred_username": name, "email": "binh", "email_verified": True}
        assert refused(go(door.browser()), 403, UNKNOWN)
    assert door.rows(ACCOUNTS) == before


def test_an_administrator_writes_on_a_new_account_whom_the_provider_vouches_for(door, provider):
    an = door.signed_in("an")
    person = {"name": "lan", "shown": "Lò Thị Lan", "role": "administrator", "subject": "Lan@tinh.example.vn"}
    assert an.post("/quan-tri", data={"csrf": hidden(an.get("/quan-tri"), "csrf")} | person).status_code == 200
    provider.claims = {"sub": "sub-3", "email": "lan@tinh.example.vn", "email_verified": True}
    lan = door.browser()
    assert go(lan).headers["location"] == "/doi-mat-khau"  # made for somebody who has not come yet


def write_on(browser, name, subject):
    """The administrator's form on an account; the portal's answer."""
    csrf = hidden(browser.get("/quan-tri"), "csrf")
    return browser.post(f"/quan-tri/{name}/danh-tinh", data={"csrf": csrf, "subject": subject})


def test_an_administrator_writes_on_an_account_there_is_whom_the_provider_vouches_for(door, provider):
    door.add("binh", AccountRole.SECRETARIAT)
    an, binh = door.signed_in("an"), door.browser()
    provider.claims = {"sub": "sub-2", "email": "binh@tinh.example.vn", "email_verified": True}
    assert refused(go(binh), 403, UNKNOWN)
    done = write_on(an, "binh", "Binh@tinh.example.vn")
    assert (done.status_code, done.headers["location"]) == (303, "/quan-tri?done=linked")
    page = an.get("/quan-tri?done=linked").text
    assert "Đã đổi người ở nơi cấp danh tính được vào bằng tài khoản ấy." in page
    assert 'name="subject" value="binh@tinh.example.vn"' in page
    assert go(binh).headers["location"] == "/thu-ky"
    write_on(an, "binh", "")
    assert binh.get("/thu-ky").headers["location"].startswith("/dang-nhap")
    assert refused(go(binh), 403, UNKNOWN)
    assert [(row.actor, row.action, row.subject, row.details) for row in door.rows(AUDIT)[-2:]] == [
        ("Nguyễn Văn An", "account.linked", "binh", "{}"),
        ("Nguyễn Văn An", "account.unlinked", "binh", "{}"),
    ]


@pytest.mark.parametrize(
    ("name", "subject", "sentence"),
    [
        ("binh", "sub-1", "đã thuộc một tài khoản khác"),
        ("binh", "lan@tinh.example.vn, an@tinh.example.vn", "địa chỉ thư không có dấu cách"),
        ("ai", "sub-2", "Không có tài khoản «ai»"),
    ],
)
def test_what_cannot_be_written_on_an_account_is_a_sentence(door, name, subject, sentence):
    door.add("binh", AccountRole.SECRETARIAT)
    before = door.rows(ACCOUNTS)
    page = write_on(door.signed_in("an"), name, subject)
    assert (page.status_code, sentence in page.text, door.rows(ACCOUNTS)) == (422, True, before)


def test_an_account_may_be_tied_to_a_verified_mail_address(door, provider):
    door.add("binh", AccountRole.CHAIR, provider_subject="Binh@tinh.example.vn")
    mail = {"sub": "sub-2", "email": "binh@Tinh.example.vn"}
    for verified, status in ((False, 403), ("true", 403), (True, 303)):
        provider.claims = mail | {"email_verified": verified}
        assert go(door.browser()).status_code == status


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "khác"},
        {"iss": "https://ai-do.example.vn"},
        {"aud": "cổng khác"},
        {"aud": [CLIENT, "cổng khác"]},
        {"azp": "cổng khác"},
        {"exp": NOW - 61},
        {"iat": NOW + 3600},
        {"sub": 7},
        {"nonce": None},
    ],
    ids=str,
)
def test_an_answer_that_is_not_for_this_sign_in_is_refused(door, provider, claims):
    provider.claims = claims
    assert refused(go(door.browser()), 400, UNTRUSTED)
    assert door.rows(SESSIONS) == []


def test_an_answer_another_key_signed_or_none_is_refused(door, provider):
    provider.key = STRANGE_KEY
    assert refused(go(door.browser()), 400, UNTRUSTED)
    provider._say = lambda nonce, address: "eyJhbGciOiJub25lIn0.e30."
    assert refused(go(door.browser()), 400, UNTRUSTED)
    provider._say = lambda nonce, address: None
    assert refused(go(door.browser()), 400, UNTRUSTED)


def test_an_answer_is_taken_once_and_only_by_the_browser_that_asked(door):
    mine, theirs = door.browser(), door.browser()
    address = back(mine, mine.get("/dang-nhap/oidc"))
    theirs.get("/dang-nhap/oidc")
    assert refused(theirs.get(address), 400, UNTRUSTED)
    assert refused(door.browser().get(address), 400, UNTRUSTED)
    cookie = mine.cookies["dondoc-oidc"]
    assert mine.get(address).status_code == 303
    mine.cookies.set("dondoc-oidc", cookie)
    assert refused(mine.get(address), 400, UNTRUSTED)
    refusing = door.browser()
    state = refusing.get("/dang-nhap/oidc").headers["location"].split("&state=")[1].partition("&")[0]
    assert refused(refusing.get(f"/dang-nhap/oidc/ve?error=access_denied&state={state}"), 400, UNTRUSTED)


def test_a_sign_in_that_took_too_long_begins_anew(door):
    browser = door.browser()
    address = back(browser, browser.get("/dang-nhap/oidc"))
    door.later(minutes=10)
    assert refused(browser.get(address), 400, UNTRUSTED)


@pytest.mark.parametrize("claims", [{}, {"preferred_username": None}, {"email": "an"}])
def test_a_person_without_an_account_gets_none(door, provider, claims):
    provider.claims = {"sub": "nguoi-la"} | claims
    assert refused(go(door.browser()), 403, UNKNOWN)
    assert [row.name for row in door.rows(ACCOUNTS)] == ["an"]


def test_a_locked_account_stays_locked(door):
    go(door.browser())
    door.add("binh")
    with writing(door.engine) as connection:
        deactivate(connection, "an", Change("thử", door.now(), door.really))
    assert refused(go(door.browser()), 403, UNKNOWN)


def test_a_provider_that_does_not_answer_is_a_sentence_and_passwords_still_work(door, provider):
    provider.down = "discovery"
    page = door.browser().get("/dang-nhap/oidc")
    assert refused(page, 502, DOWN)
    assert 'href="/dang-nhap"' in page.text
    provider.down = "token"
    assert refused(go(door.browser()), 502, DOWN)
    provider.down = None
    assert go(door.browser()).status_code == 303
    assert door.signed_in("an").get("/quan-tri").status_code == 200


@pytest.mark.parametrize(
    "told", [{"issuer": "https://ai-do.example.vn"}, {"jwks_uri": "file:///etc/passwd"}, {"token_endpoint": 3}]
)
def test_a_provider_that_speaks_of_another_is_none(door, provider, told):
    provider.told = told
    assert refused(door.browser().get("/dang-nhap/oidc"), 502, DOWN)


def test_nobody_is_led_to_another_site_by_this_way_either(door):
    assert go(door.browser(), "//xau.example").headers["location"] == "/thu-ky"


def test_a_secret_that_is_not_where_it_should_be_is_a_sentence(door, monkeypatch):
    monkeypatch.delenv("KHOA_OIDC")
    page = door.browser().get("/dang-nhap/oidc")
    assert (page.status_code, "KHOA_OIDC" in page.text) == (503, True)


def test_an_office_without_a_provider_has_no_such_door(serve, tmp_path, monkeypatch):
    hash_cheaply(monkeypatch)
    engine = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    door = Door(engine, serve, tmp_path)
    assert [door.browser().get(one).status_code for one in ("/dang-nhap/oidc", "/dang-nhap/oidc/ve")] == [404, 404]
    assert "/dang-nhap/oidc" not in door.browser().get("/dang-nhap").text
    door.add()
    assert 'name="subject"' not in door.signed_in("an").get("/quan-tri").text
    door.close()
    engine.dispose()
