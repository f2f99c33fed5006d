"""The office's entrance: who knows a password gets in, a guesser learns nothing, and nobody is led astray."""

import pytest
from argon2 import PasswordHasher

import office.passwords
from models.account import Account, AccountRole, Session
from models.columns import table_of
from models.notice import AuditEntry
from office.store import open_store
from portal.sign_in import KNOWN_LASTS, MOST_OF_A_PLACE, MOST_WRONG, STALE, TOO_OFTEN, WRONG, own_path
from tests.portal.office_door import PASSWORD, Door, hash_cheaply, hidden, sign_in

ACCOUNTS, SESSIONS, AUDIT = table_of(Account), table_of(Session), table_of(AuditEntry)
OTHER = "bảy con ngựa về bản"


@pytest.fixture
def door(serve, tmp_path, monkeypatch):
    hash_cheaply(monkeypatch)
    engine = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    door = Door(engine, serve, tmp_path, trusted_proxy="127.0.0.1")
    door.add()
    yield door
    door.close()
    engine.dispose()


def test_the_first_page_shows_both_ways_in(door):
    page = door.browser().get("/")
    assert (page.status_code, 'href="/xin-lien-ket"' in page.text, 'href="/dang-nhap"' in page.text) == (
        200,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("role", "home"),
    [(AccountRole.SECRETARIAT, "/thu-ky"), (AccountRole.ADMINISTRATOR, "/thu-ky"), (AccountRole.CHAIR, "/truong-ban")],
)
def test_everybody_is_led_to_their_own_page(door, role, home):
    door.add("binh", role)
    browser = door.browser()
    assert sign_in(browser, " BINH ").headers["location"] == home
    assert browser.get("/").headers["location"] == home
    assert browser.get("/dang-nhap").headers["location"] == home


def test_the_sessions_cookie_is_for_this_site_only_and_new_at_every_sign_in(door):
    browser = door.browser()
    browser.cookies.set("dondoc", "x" * 43)  # one an attacker chose
    fields = {"form": hidden(browser.get("/dang-nhap"), "form"), "name": "an", "password": PASSWORD}
    tokens = []
    for _ in range(2):
        cookie, _device = browser.post("/dang-nhap", data=fields).headers.get_list("set-cookie")
        name, _, rest = cookie.partition("=")
        assert (name, rest.split("; ")[1:]) == ("dondoc", ["HttpOnly", "Path=/", "SameSite=lax"])
        tokens.append(rest.partition(";")[0])
    assert len({*tokens, "x" * 43}) == 3
    entered = [door.browser().get("/quan-tri", headers={"cookie": f"dondoc={one}"}).status_code for one in tokens]
    assert entered == [303, 200]  # the second sign-in ended the first one's session
    assert len(door.rows(SESSIONS)) == 1


@pytest.mark.parametrize(("name", "password"), [("an", "sai"), ("an", ""), ("khong-co-ai", PASSWORD), ("Ôi", PASSWORD)])
def test_an_unknown_name_is_answered_as_a_wrong_password(door, name, password):
    browser = door.browser()
    page = sign_in(browser, name, password)
    assert (page.status_code, WRONG in page.text, "dondoc" in browser.cookies) == (422, True, False)
    assert f'value="{name.lower()}"' in page.text
    assert door.rows(SESSIONS) == []


def test_whoever_is_locked_out_stays_out(door):
    door.add("binh", AccountRole.SECRETARIAT)
    browser = door.signed_in("binh")
    administrator = door.signed_in("an")
    asked = administrator.get("/quan-tri")
    assert "Người này bị đăng xuất ngay và không vào được nữa, cho đến khi mở lại." in asked.text
    assert ">Khóa tài khoản binh</button>" in asked.text
    csrf = hidden(asked, "csrf")
    page = administrator.post("/quan-tri/binh/khoa", data={"csrf": csrf})
    assert (page.status_code, page.headers["location"]) == (303, "/quan-tri?done=deactivated")
    assert browser.get("/doi-mat-khau").headers["location"].startswith("/dang-nhap")
    assert sign_in(door.browser(), "binh").status_code == 422
    administrator.post("/quan-tri/binh/mo", data={"csrf": csrf})
    assert sign_in(door.browser(), "binh").status_code == 303


def guess(door, names, place="10.0.0.{}"):
    """A stranger's wrong passwords; their last browser."""
    for n, name in enumerate(names):
        guesser = door.browser()
        guesser.headers["x-forwarded-for"] = f"192.0.2.{n}, {place.format(n)}"
        assert sign_in(guesser, name, "đoán mò").status_code == 422
    return guesser


@pytest.mark.parametrize("counted", ["by name", "by place"])
def test_a_guesser_waits(door, counted):
    door.add("binh", AccountRole.SECRETARIAT)
    if counted == "by name":
        guesser = guess(door, ["an"] * MOST_WRONG)
    else:
        guesser = guess(door, [f"ai-{n}" for n in range(MOST_OF_A_PLACE)], "10.0.0.1")
    page = sign_in(guesser, "an")  # the right one, too late
    assert (page.status_code, TOO_OFTEN in page.text, page.headers["retry-after"]) == (429, True, "900")
    elsewhere = door.browser()
    elsewhere.headers["x-forwarded-for"] = "10.9.9.9"
    assert sign_in(elsewhere, "binh").status_code == 303


def leave(browser):
    assert browser.post("/dang-xuat", data={"csrf": hidden(browser.get("/doi-mat-khau"), "csrf")}).status_code == 303
    return browser


def test_a_stranger_who_guesses_shuts_nobody_out_of_a_device_they_signed_in_from(door):
    mine, forgotten = leave(door.signed_in("an")), leave(door.signed_in("an"))
    mine.headers["x-forwarded-for"] = "10.0.0.1"  # behind the same proxy as the stranger
    guess(door, ["an"] * MOST_WRONG + [f"ai-{n}" for n in range(MOST_OF_A_PLACE - MOST_WRONG)], "10.0.0.1")
    assert sign_in(door.browser(), "an").status_code == 429
    assert sign_in(mine, "an").status_code == 303
    door.later(days=KNOWN_LASTS.days, seconds=1)
    assert sign_in(forgotten, "an").status_code == 429


def test_who_guesses_on_a_known_device_waits_too_and_it_is_known_for_its_own_name_alone(door):
    door.add("binh", AccountRole.SECRETARIAT)
    shared, other = leave(door.signed_in("binh")), leave(door.signed_in("binh"))
    codes = [sign_in(shared, "binh", "đoán").status_code for _ in range(MOST_WRONG + 1)]
    assert codes == [422] * MOST_WRONG + [429]
    assert sign_in(other, "binh").status_code == 303
    guess(door, ["an"] * MOST_WRONG)
    assert sign_in(leave(other), "an").status_code == 429


def test_a_device_is_known_by_what_we_signed_alone(door):
    note = door.signed_in("an").cookies["dondoc-may"]
    guess(door, ["an"] * MOST_WRONG)
    codes = []
    for one in (note[:-1] + ("A" if note[-1] != "A" else "B"), "", "x.y", note):
        browser = door.browser()
        browser.cookies.set("dondoc-may", one)
        codes.append(sign_in(browser, "an").status_code)
    assert codes == [429, 429, 429, 303]


def test_signing_in_rightly_is_never_too_often(door):
    assert {sign_in(door.browser(), "an").status_code for _ in range(MOST_WRONG + 2)} == {303}


def test_a_form_that_another_site_made_signs_nobody_in(door):
    mine, theirs = door.browser(), door.browser()
    token = hidden(theirs.get("/dang-nhap"), "form")
    mine.get("/dang-nhap")
    fields = {"form": token, "name": "an", "password": PASSWORD}
    page = mine.post("/dang-nhap", data=fields)
    assert (page.status_code, STALE in page.text) == (422, True)
    assert door.browser().post("/dang-nhap", data=fields).status_code == 422
    assert theirs.post("/dang-nhap", data=fields, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    door.later(hours=1, seconds=1)
    assert STALE in theirs.post("/dang-nhap", data=fields).text
    assert door.rows(SESSIONS) == []


def test_after_signing_in_people_come_back_to_the_page_they_asked_for(door):
    asked = door.browser().get("/quan-tri?done=role").headers["location"]
    assert asked == "/dang-nhap?next=/quan-tri%3Fdone%3Drole"
    assert sign_in(door.browser(), "an", next="/quan-tri?done=role").headers["location"] == "/quan-tri?done=role"


@pytest.mark.parametrize(
    "address",
    ["//xau.example", "/\\xau.example", "/\t/xau.example", "https://xau.example", "javascript:alert(1)", "xau", "",
     "/a\\..\\b", "/\u202ea"],
)  # fmt: skip
def test_nobody_is_led_to_another_site(address):
    assert own_path(address) == ""


def test_signing_out_ends_the_session_and_needs_its_own_form(door):
    browser = door.signed_in("an")
    csrf = hidden(browser.get("/quan-tri"), "csrf")
    assert browser.post("/dang-xuat", data={"csrf": "khác"}).status_code == 403
    stolen = browser.cookies["dondoc"]
    assert browser.post("/dang-xuat", data={"csrf": csrf}).headers["location"] == "/"
    assert "dondoc" not in browser.cookies
    browser.cookies.set("dondoc", stolen)
    assert browser.get("/quan-tri").status_code == 303
    assert door.browser().post("/dang-xuat").headers["location"] == "/"


def change(browser, **fields):
    csrf = hidden(browser.get("/doi-mat-khau"), "csrf")
    return browser.post("/doi-mat-khau", data={"csrf": csrf, "now": PASSWORD, "new": OTHER, "again": OTHER} | fields)


def test_a_first_password_is_changed_before_anything_else(door):
    door.add("binh", AccountRole.ADMINISTRATOR, must_change=True)
    browser = door.browser()
    assert sign_in(browser, "binh", next="/quan-tri").headers["location"] == "/doi-mat-khau"
    assert browser.get("/quan-tri").headers["location"] == "/doi-mat-khau"
    assert change(browser).headers["location"] == "/doi-mat-khau?done=changed"
    assert browser.get("/quan-tri").status_code == 200


def test_at_the_first_sign_in_people_say_who_decides(door):
    door.add("binh", AccountRole.ADMINISTRATOR, must_change=True, shown="Thư ký")
    browser = door.browser()
    sign_in(browser, "binh")
    assert 'value="Thư ký"' in browser.get("/doi-mat-khau").text
    refused = change(browser, shown="7")
    assert (refused.status_code, 'value="7"' in refused.text, "có chữ cái" in refused.text) == (422, True, True)
    assert change(browser, shown=" Lò  Thị Hoa").status_code == 303
    assert [(row.actor, row.action) for row in door.rows(AUDIT)[-2:]] == [
        ("Thư ký", "account.renamed"),
        ("Lò Thị Hoa", "account.password"),
    ]
    assert 'name="shown"' not in browser.get("/doi-mat-khau").text
    browser.post("/doi-mat-khau", data={"csrf": hidden(browser.get("/doi-mat-khau"), "csrf"), "shown": "Người khác"})
    assert [row.shown for row in door.rows(ACCOUNTS) if row.name == "binh"] == ["Lò Thị Hoa"]


def test_the_administrator_gives_an_account_its_persons_name(door):
    door.add("binh", AccountRole.SECRETARIAT, shown="Thư ký")
    an = door.signed_in("an")
    csrf = {"csrf": hidden(an.get("/quan-tri"), "csrf")}
    done = an.post("/quan-tri/binh/ho-ten", data=csrf | {"shown": "Lò Thị Hoa"})
    assert done.headers["location"] == "/quan-tri?done=renamed"
    page = an.get("/quan-tri?done=renamed").text
    assert ("Đã đổi họ và tên" in page, 'value="Lò Thị Hoa"' in page) == (True, True)
    assert an.post("/quan-tri/binh/ho-ten", data=csrf | {"shown": "7"}).status_code == 422
    assert an.post("/quan-tri/khong-co/ho-ten", data=csrf | {"shown": "Lò Thị Hoa"}).status_code == 422


def test_a_new_password_signs_everybody_else_out(door):
    here, elsewhere = door.signed_in("an"), door.signed_in("an")
    before = here.cookies["dondoc"]
    change(here)
    assert (here.get("/quan-tri").status_code, elsewhere.get("/quan-tri").status_code) == (200, 303)
    assert here.cookies["dondoc"] != before
    assert [sign_in(door.browser(), "an", one).status_code for one in (PASSWORD, OTHER)] == [422, 303]
    assert door.rows(AUDIT)[-1].action == "account.password"
    assert OTHER not in str(door.rows(AUDIT))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"now": "sai"}, "Mật khẩu hiện nay không đúng."),
        ({"new": "ngắn", "again": "ngắn"}, "từ 12 đến 200 ký tự"),
        ({"new": PASSWORD, "again": PASSWORD}, "phải khác mật khẩu hiện nay"),
        ({"again": "khác"}, "không giống nhau"),
    ],
)
def test_a_password_that_cannot_be_says_why(door, fields, sentence):
    page = change(door.signed_in("an"), **fields)
    assert (page.status_code, sentence in page.text) == (422, True)
    assert sign_in(door.browser(), "an").status_code == 303


def test_the_administrator_makes_an_account_and_sees_its_password_once(door):
    browser = door.signed_in("an")
    csrf = hidden(browser.get("/quan-tri"), "csrf")
    person = {"csrf": csrf, "name": "binh", "shown": "<b>Bình</b> Thị", "role": "chair"}
    page = browser.post("/quan-tri", data=person)
    password = page.text.split('class="digits" lang="vi">')[1].partition("<")[0]
    assert "&lt;b&gt;Bình" in page.text
    assert password not in browser.get("/quan-tri").text + str(door.rows(AUDIT)) + str(door.rows(ACCOUNTS))
    assert sign_in(door.browser(), "binh", password).headers["location"] == "/doi-mat-khau"
    again = browser.post("/quan-tri", data=person | {"name": "Bình"})
    assert (again.status_code, 'value="Bình"' in again.text, "chữ thường không dấu" in again.text) == (422, True, True)
    assert browser.post("/quan-tri", data=person).status_code == 422


def test_the_administrator_sets_another_password_role_or_ends_sessions(door):
    door.add("binh", AccountRole.SECRETARIAT)
    binh, an = door.signed_in("binh"), door.signed_in("an")
    csrf = {"csrf": hidden(an.get("/quan-tri"), "csrf")}
    an.post("/quan-tri/binh/vai-tro", data=csrf | {"role": "administrator"})
    assert binh.get("/quan-tri").status_code == 200
    an.post("/quan-tri/binh/ket-thuc", data=csrf)
    assert binh.get("/quan-tri").status_code == 303
    page = an.post("/quan-tri/binh/mat-khau", data=csrf)
    password = page.text.split('class="digits" lang="vi">')[1].partition("<")[0]
    assert [sign_in(door.browser(), "binh", one).status_code for one in (PASSWORD, password)] == [422, 303]
    deeds = ["account.role", "account.sessions_ended", "account.password"]
    assert [(row.actor, row.action, row.subject) for row in door.rows(AUDIT)[-3:]] == [
        ("Nguyễn Văn An", deed, "binh") for deed in deeds
    ]
    assert an.post("/quan-tri/binh/xoa", data=csrf).status_code == 404
    assert an.post("/quan-tri/khong-co/khoa", data=csrf).status_code == 422


def test_the_last_administrator_stays(door):
    browser = door.signed_in("an")
    csrf = {"csrf": hidden(browser.get("/quan-tri"), "csrf")}
    for deed, more in (("khoa", {}), ("vai-tro", {"role": "chair"})):
        page = browser.post(f"/quan-tri/an/{deed}", data=csrf | more)
        assert (page.status_code, "quản trị cuối cùng" in page.text) == (422, True)
    assert browser.get("/quan-tri").status_code == 200


@pytest.mark.parametrize("role", [AccountRole.SECRETARIAT, AccountRole.CHAIR])
def test_only_an_administrator_sees_the_accounts(door, role):
    door.add("binh", role)
    browser = door.signed_in("binh")
    csrf = hidden(browser.get("/doi-mat-khau"), "csrf")
    assert browser.get("/quan-tri").status_code == 403
    assert browser.post("/quan-tri/an/khoa", data={"csrf": csrf}).status_code == 403


def test_a_long_unused_session_and_a_long_one_end(door):
    used, unused = door.signed_in("an"), door.signed_in("an")
    for _ in range(7):
        door.later(hours=1, minutes=40)
        assert used.get("/quan-tri").status_code == 200
    assert unused.get("/quan-tri").status_code == 303
    door.later(minutes=30)
    assert used.get("/quan-tri").status_code == 303


def test_an_older_cheaper_hash_is_renewed_at_sign_in(door, monkeypatch):
    [before] = door.rows(ACCOUNTS)
    monkeypatch.setattr(office.passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert sign_in(door.browser(), "an").status_code == 303
    [after] = door.rows(ACCOUNTS)
    assert (after.password != before.password, "t=2" in after.password) == (True, True)


def test_the_pages_speak_english(door):
    browser = door.signed_in("an")
    assert "Sign out everywhere" in browser.get("/quan-tri?lang=en").text
    assert "New password again" in browser.get("/doi-mat-khau").text
    assert "Agencies: ask for a new link" in door.browser().get("/?lang=en").text
