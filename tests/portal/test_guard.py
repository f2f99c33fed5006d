"""Who may go on: TLS keeps cookies to itself, forms carry their session's token, and guesses are counted."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from models.account import AccountRole, Session
from models.columns import table_of
from office.settings import Settings
from office.store import open_store
from portal.guard import NotSignedIn, cookie_name, lead_to_entrance
from portal.masks import unmasked
from portal.throttle import Throttle, client_of
from tests.portal.office_door import PASSWORD, Door, hash_cheaply, hidden, sign_in


@pytest.fixture
def door(serve, tmp_path, monkeypatch):
    hash_cheaply(monkeypatch)
    engine = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    door = Door(engine, serve, tmp_path, public_address="https://dondoc.example.vn")
    door.add()
    yield door
    door.close()
    engine.dispose()


def test_with_tls_a_cookie_is_never_sent_without_it_and_no_other_site_can_set_it(door):
    browser = door.browser()
    page = browser.get("/dang-nhap")
    begun = page.headers["set-cookie"].partition(";")[0]
    fields = {"form": hidden(page, "form"), "name": "an", "password": "sai"}
    assert browser.post("/dang-nhap", data=fields).status_code == 422  # the browser kept it from plain HTTP
    entered = browser.post("/dang-nhap", data=fields | {"password": PASSWORD}, headers={"cookie": begun})
    session, known = entered.headers.get_list("set-cookie")
    assert (known.partition("=")[0], known.rpartition("; ")[2]) == ("__Host-dondoc-may", "Secure")
    name, _, rest = session.partition("=")
    assert (name, begun.partition("=")[0]) == ("__Host-dondoc", "__Host-dondoc-vao")
    assert rest.split("; ")[1:] == ["HttpOnly", "Path=/", "SameSite=lax", "Secure"]
    token = rest.partition(";")[0]
    asked = [browser.get("/quan-tri", headers={"cookie": f"{one}={token}"}) for one in ("__Host-dondoc", "dondoc")]
    assert [page.status_code for page in asked] == [200, 303]
    out = browser.post(
        "/dang-xuat", data={"csrf": hidden(asked[0], "csrf")}, headers={"cookie": f"__Host-dondoc={token}"}
    )
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert "Secure" in out.headers["set-cookie"]
    assert browser.get("/quan-tri", headers={"cookie": f"__Host-dondoc={token}"}).status_code == 303


@pytest.fixture
def plain_door(serve, tmp_path, monkeypatch):
    hash_cheaply(monkeypatch)
    engine = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    door = Door(engine, serve, tmp_path)
    door.add()
    yield door
    door.close()
    engine.dispose()


@pytest.mark.parametrize("address", ["/doi-mat-khau", "/quan-tri", "/quan-tri/an/khoa", "/quan-tri/an/mat-khau"])
def test_a_form_without_its_sessions_own_token_does_nothing(plain_door, address):
    browser, other = plain_door.signed_in("an"), plain_door.signed_in("an")
    theirs, mine = (hidden(one.get("/quan-tri"), "csrf") for one in (other, browser))
    assert theirs != mine
    for sent in ({}, {"csrf": ""}, {"csrf": theirs}, {"csrf": "ê"}):
        assert browser.post(address, data=sent or {"x": "y"}).status_code == 403
    sent = {"data": {"csrf": mine}, "headers": {"sec-fetch-site": "same-site"}}
    assert browser.post(address, **sent).status_code == 403
    assert sign_in(plain_door.browser(), "an").status_code == 303


def test_a_sessions_token_is_written_anew_on_every_page(plain_door):
    """Packed pages beside a guess in their address would tell by their length one that stays the same."""
    browser = plain_door.signed_in("an")
    shown = [hidden(browser.get("/quan-tri"), "csrf") for _ in range(3)]
    [kept] = [row.csrf for row in plain_door.rows(table_of(Session))]
    assert {unmasked(one) for one in shown} == {kept.encode()}
    assert not any(one[at : at + 8] in other for one in shown for other in [kept, *shown] if other is not one
                   for at in range(len(one) - 7))  # fmt: skip
    assert [browser.post("/dang-xuat", data={"csrf": one}).status_code for one in (kept, shown[0])] == [403, 303]


@pytest.mark.parametrize("given", ["", "=", "a", "x" * 43, "x" * 116, "ê" * 20])
def test_what_no_page_wrote_is_no_token(given):
    assert unmasked(given) != b"x" * 43


def test_a_role_opens_only_its_own_doors(plain_door):
    plain_door.add("binh", AccountRole.CHAIR)
    page = plain_door.signed_in("binh").get("/quan-tri")
    assert (page.status_code, "Không được phép" in page.text) == (403, True)
    assert plain_door.browser().get("/quan-tri").headers["location"] == "/dang-nhap?next=/quan-tri"


@pytest.mark.parametrize(
    ("method", "path", "query", "to"),
    [
        ("GET", "/thu-ky/nam/2024", "month=12&lang=en", "/dang-nhap?next=/thu-ky/nam/2024%3Fmonth%3D12%26lang%3Den"),
        ("GET", "/thu-ky/viec/a&next=//b", "", "/dang-nhap?next=/thu-ky/viec/a%26next%3D//b"),
        ("POST", "/thu-ky/huy/a", "", "/dang-nhap"),
        ("GET", "/", "", "/dang-nhap"),
    ],
)
def test_a_stranger_comes_back_to_the_page_they_asked_for(method, path, query, to):
    request = SimpleNamespace(method=method, url=SimpleNamespace(path=path, query=query))
    assert lead_to_entrance(request, NotSignedIn("/dang-nhap")).headers["location"] == to
    assert lead_to_entrance(request, NotSignedIn("/xin-lien-ket")).headers["location"] == "/xin-lien-ket"


def test_a_throttle_opens_again_after_its_time_for_each_key_alone():
    throttle = Throttle(2, 60)
    throttle.count("a", 0)
    assert throttle.is_open("a", 1)
    throttle.count("a", 10)
    assert [throttle.is_open("a", now) for now in (10, 59, 60)] == [False, False, True]
    assert throttle.is_open("b", 10)
    throttle.take_back("a", 10)
    throttle.take_back("a", 11)
    throttle.take_back("c", 11)
    assert throttle.is_open("a", 10)


def test_a_throttle_forgets_the_oldest_key_when_strangers_flood_it():
    throttle = Throttle(1, 60, keys=3)
    for now, key in enumerate(("a", "b", "a", "c", "d" * 100_000)):
        throttle.count(key, now)
    assert [throttle.is_open(key, 5) for key in ("a", "b", "c", "d" * 100_000)] == [False, True, False, False]


def test_many_at_once_are_all_counted():
    throttle = Throttle(1000, 60)
    with ThreadPoolExecutor(8) as people:
        list(people.map(lambda n: throttle.count("a", float(n % 50)), range(999)))
    assert throttle.is_open("a", 50)
    throttle.count("a", 50)
    assert not throttle.is_open("a", 50)


@pytest.mark.parametrize(
    ("peer", "hops", "counted"),
    [
        ("127.0.0.1", ["10.0.0.1, 192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", ["10.0.0.1", "192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("192.0.2.9", ["10.0.0.1"], "192.0.2.9"),
        ("127.0.0.1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::"),
        ("127.0.0.1", ["::ffff:192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", ["203.0.113.7:5001"], "203.0.113.7"),
        ("127.0.0.1", ["[2001:db8:1:2:3:4:5:6]:5001"], "2001:db8:1:2::"),
        ("127.0.0.1", ["không phải địa chỉ"], "không phải địa chỉ"),
    ],
)
def test_only_our_own_proxy_says_on_whose_behalf_it_asks(peer, hops, counted):
    headers = SimpleNamespace(getlist=lambda name: hops)
    request = SimpleNamespace(client=SimpleNamespace(host=peer), headers=headers)
    assert client_of(SimpleNamespace(settings=Settings(trusted_proxy="127.0.0.1")), request) == counted
    nobody = SimpleNamespace(client=None, headers=headers)
    assert client_of(SimpleNamespace(settings=Settings()), nobody) == ""


def test_without_tls_a_cookie_has_a_plain_name():
    desk = SimpleNamespace(settings=Settings())
    assert (cookie_name(desk), cookie_name(desk, "lang")) == ("dondoc", "lang")
