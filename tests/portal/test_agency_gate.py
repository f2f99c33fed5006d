"""A personal link lets a person in and no program; a new one goes to the registered mailbox alone."""

import queue
import random
import threading

import pytest
from sqlalchemy.exc import OperationalError

from models.account import PersonalLink, Session
from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.notice import Notice
from models.personal_links import LASTS
from notices.desk import NoticeDesk
from notices.links import Links
from office.personal_links import renew, revoke
from office.store import StoreUnusable, writing
from portal import agency_gate
from portal.acknowledge import TRAP
from portal.agency_gate import ASKED_BY_ONE_CLIENT, ASKED_FOR_ONE_CONTACT, WRONG_DIGITS
from tests.portal.agency_office import MINE, field_of, read_code
from tests.portal.conftest import Forms

ASK = "/xin-lien-ket"
SAME = "Nếu địa chỉ ấy đã được đăng ký và kiểm tra"
PLAUSIBLE = ["Nguyễn Văn A", "hoa@example.vn", "1", "on", "2024-12-20", "1234", "0000", "du", "https://example.vn/"]


@pytest.fixture
def ask(agency_office, monkeypatch):
    """Asks for a link to an address; what is done after the answer is done when it returns."""
    work, done = agency_gate._write_and_send, queue.Queue()

    def write_and_send(*given):
        try:
            work(*given)
        finally:
            done.put(None)

    def ask(typed, **fields):
        page = send(agency_office, typed, **fields)
        if page.status_code == 200:
            done.get(timeout=60)
        return page

    monkeypatch.setattr(agency_gate, "_write_and_send", write_and_send)
    return ask


def send(office, typed, **fields):
    browser = office.browser()
    page = browser.get(ASK).text
    form = {"key": field_of(page, "key"), "code": read_code(page), TRAP: "", "address": typed}
    return browser.post(ASK, data=form | fields)


def test_the_gate_names_the_agency_and_the_post_and_nothing_else(agency_office):
    page = agency_office.browser().get(agency_office.link())
    assert page.status_code == 200
    assert "Sở A" in page.text
    assert "Đầu mối" in page.text
    assert "Hoa" not in page.text
    assert "example.vn" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"


def test_whoever_reads_the_digits_is_in_until_they_leave(agency_office):
    browser = agency_office.enter()
    page = browser.get("/co-quan")
    assert (page.status_code, "Sở A" in page.text) == (200, True)
    browser.post("/dang-xuat", data={"csrf": field_of(page.text, "csrf")})
    assert browser.get("/co-quan").headers["location"] == ASK
    assert agency_office.rows(Session) == []


@pytest.mark.parametrize("fields", [{"code": "1111"}, {"code": ""}, {TRAP: "https://example.com"}])
def test_a_form_filled_wrongly_opens_nothing(agency_office, fields):
    browser, link = agency_office.browser(), agency_office.link()
    right = {"code": read_code(browser.get(link).text), TRAP: ""}
    before = agency_office.state()
    page = browser.post(link, data=right | fields)
    assert (page.status_code, page.headers.get("set-cookie")) == (422, None)
    assert agency_office.state() == before


def test_guessing_digits_is_stopped(agency_office):
    browser, link = agency_office.browser(), agency_office.link()
    right = read_code(browser.get(link).text)
    codes = [browser.post(link, data={"code": "1111"}).status_code for _ in range(WRONG_DIGITS + 1)]
    assert codes == [422] * WRONG_DIGITS + [429]
    assert browser.post(link, data={"code": right}).status_code == 429


@pytest.mark.parametrize("way", ["expired", "replaced", "revoked", "left the post"])
def test_a_link_that_has_ended_says_so_and_lets_nobody_in(agency_office, way):
    browser, link = agency_office.browser(), agency_office.link()
    code = read_code(browser.get(link).text)
    with writing(agency_office.engine) as connection:
        if way == "replaced":
            renew(connection, "hoa", agency_office.really)
        if way == "revoked":
            revoke(connection, "hoa")
        if way == "left the post":
            connection.execute(table_of(Contact).update().values(valid_to=agency_office.today().replace(day=1)))
    if way == "expired":
        agency_office.really += LASTS
    before = agency_office.state()
    for page in (browser.get(link), browser.post(link, data={"code": code})):
        assert page.status_code == 410
        assert "Liên kết đã hết hạn" in page.text
        assert f'href="{ASK}"' in page.text
        assert "Sở A" not in page.text
    assert agency_office.state() == before


@pytest.mark.parametrize("end", [renew, lambda connection, contact, really: revoke(connection, contact)])
def test_a_new_link_or_none_ends_the_session_of_the_old_one(agency_office, end):
    mine, others = agency_office.enter(), agency_office.enter("khac")
    with writing(agency_office.engine) as connection:
        end(connection, "hoa", agency_office.really)
    assert mine.get("/co-quan").headers["location"] == ASK
    assert others.get("/co-quan").status_code == 200


@pytest.mark.parametrize("way", ["forged", "cut", "another action", "another office", "nobody"])
def test_a_forged_link_is_answered_like_any_other(agency_office, way):
    token = agency_office.link().rpartition("/")[2]
    wrong = {
        "forged": token.rpartition(".")[0] + "." + "A" * 43,
        "cut": token[:-1],
        "another action": agency_office.links.unsubscribe("hoa.1").rpartition("/")[2],
        "another office": Links("một khóa khác cũng đủ dài, thật đấy", "").agency("hoa", 1).rpartition("/")[2],
        "nobody": "x",
    }[way]
    browser, before = agency_office.browser(), agency_office.state()
    pages = [browser.get(f"/vao/{wrong}"), browser.post(f"/vao/{wrong}", data={"code": "1234"})]
    assert [page.status_code for page in pages] == [404, 404]
    assert agency_office.state() == before


def test_a_link_of_somebody_unknown_opens_nothing(agency_office):
    link = agency_office.links.agency("khong-ai", 1).removeprefix(agency_office.address)
    assert agency_office.browser().get(link).status_code == 410


def test_a_form_from_another_site_lets_nobody_in(agency_office):
    browser, link = agency_office.browser(), agency_office.link()
    code = read_code(browser.get(link).text)
    page = browser.post(link, data={"code": code}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (page.status_code, agency_office.rows(Session)) == (403, [])


def test_a_link_asked_for_goes_to_the_registered_mailbox_and_shuts_nobody_out(agency_office, ask):
    """Whoever knows an address may ask; what others hold goes on opening, and lasts from now on."""
    held = agency_office.link()
    agency_office.later(days=1)
    browser = agency_office.enter()
    page = ask(" HOA@example.vn ")
    assert (page.status_code, SAME in page.text) == (200, True)
    [notice] = agency_office.rows(Notice)
    assert (notice["kind"], notice["recipient"], notice["channel"]) == ("link", "hoa", "mail")
    assert browser.get("/co-quan").status_code == 200
    assert agency_office.link() == held
    [link] = agency_office.rows(PersonalLink)
    assert (link["generation"], link["ends_at"]) == (1, agency_office.really + LASTS)


def test_after_a_link_has_ended_or_was_taken_back_another_one_is_sent(agency_office, ask):
    held = agency_office.link()
    with writing(agency_office.engine) as connection:
        revoke(connection, "hoa")
    assert ask("hoa@example.vn").status_code == 200
    anew = agency_office.link()
    assert (agency_office.browser().get(held).status_code, agency_office.browser().get(anew).status_code) == (410, 200)


def test_the_answer_is_the_same_whoever_asks(agency_office, ask):
    agency_office.change(table_of(ContactChannel), verified_on=None)
    known = ask("hoa@example.vn")
    unknown, office_own = ask("ai@example.vn"), ask("ban@example.vn")
    assert known.text == unknown.text == office_own.text
    assert SAME in known.text
    assert (agency_office.rows(Notice), agency_office.rows(PersonalLink)) == ([], [])


def test_nobody_is_looked_up_before_the_answer_has_gone(agency_office, monkeypatch):
    """How long the answer takes would tell whether the address is registered."""
    look, answered, order = agency_gate.contacts_with_mail, threading.Event(), queue.Queue()

    def contacts_with_mail(*given):
        order.put("after" if answered.wait(30) else "before")
        return look(*given)

    monkeypatch.setattr(agency_gate, "contacts_with_mail", contacts_with_mail)
    assert send(agency_office, "hoa@example.vn").status_code == 200
    answered.set()
    assert order.get(timeout=60) == "after"


@pytest.mark.parametrize("trouble", [StoreUnusable("hỏng"), OperationalError("hoa@example.vn", None, Exception())])
def test_what_goes_wrong_after_the_answer_is_said_in_the_log_without_the_address(
    agency_office, ask, monkeypatch, caplog, trouble
):
    def refuse(*_given):
        raise trouble

    monkeypatch.setattr(agency_gate, "contacts_with_mail", refuse)
    assert ask("hoa@example.vn").status_code == 200
    [said] = [record.getMessage() for record in caplog.records if record.name == agency_gate.__name__]
    assert said.startswith("Chưa gửi được ngay: ")
    assert "example.vn" not in said


def test_nothing_is_sent_for_an_address_nobody_has(agency_office, ask, monkeypatch):
    """Else whoever asks and asks has every channel asked."""
    sent = []
    monkeypatch.setattr(NoticeDesk, "send", lambda _desk: sent.append(1))
    ask("ai@example.vn")
    assert sent == []
    ask("hoa@example.vn")
    assert sent == [1]


@pytest.mark.parametrize(
    "fields", [{"code": "1111"}, {TRAP: "x"}, {"address": "không phải thư"}, {"address": "@" * 300}]
)
def test_a_program_asks_for_nothing(agency_office, ask, fields):
    before = agency_office.state()
    assert ask("hoa@example.vn", **fields).status_code == 422
    assert agency_office.state() == before


def test_asking_again_and_again_is_slowed_down(agency_office, ask):
    for _ in range(ASKED_FOR_ONE_CONTACT + 2):
        assert ask("hoa@example.vn").status_code == 200
    minutes = {notice["step"] for notice in agency_office.rows(Notice)}
    assert 1 <= len(minutes) <= ASKED_FOR_ONE_CONTACT
    codes = [ask("ai@example.vn").status_code for _ in range(ASKED_BY_ONE_CLIENT)]
    assert codes[-1] == 429


def test_a_scanner_that_opens_every_link_and_submits_every_form_changes_nothing(agency_office):
    agency_office.tell(MINE, envelope="9f2c" * 8)
    link, dice = agency_office.link(), random.Random(2024)
    to_see, seen = [link, agency_office.links.acknowledge("9f2c" * 8).removeprefix(agency_office.address)], set()
    to_see += [agency_office.links.unsubscribe("hoa").removeprefix(agency_office.address)]
    with writing(agency_office.engine) as connection:
        revoke(connection, "minh")
    to_see.append(agency_office.link("minh"))
    browser = agency_office.browser()
    before = agency_office.state()
    while to_see:
        address = to_see.pop()
        if address in seen:
            continue
        seen.add(address)
        browser.head(address)
        page = browser.get(address)
        if "location" in page.headers:
            to_see.append(page.headers["location"])
        to_see += [found for found in links_of(page.text) if found not in seen]
        for form, fields in Forms(page.text).found:
            submit(browser, dice, form.get("action") or address, fields)
    assert {"/xin-lien-ket", link, "/"} <= seen
    assert agency_office.state() == before


def links_of(text):
    """The addresses on our own site a page leads to."""
    return [
        part.partition('"')[0] for part in text.split('href="')[1:] if part.startswith("/") and "/static/" not in part
    ]


def submit(browser, dice, address, fields):
    names = [field["name"] for field in fields if "name" in field]
    blank = {field["name"]: field.get("value", "") for field in fields if "name" in field}
    tries = [blank, *(blank | dict.fromkeys(names, value) for value in PLAUSIBLE)]
    digits = {"name": "Nguyễn Văn A", "address": "hoa@example.vn"}
    tries += [blank | digits | {"code": f"{dice.randrange(3000):04d}"} for _ in range(3)]
    for filled in tries:
        browser.post(address, data=filled)
        browser.get(address, params=filled)
