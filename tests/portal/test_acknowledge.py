"""A person acknowledges from a link; programs that open links and submit forms do not."""

import random
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright
from sqlalchemy import create_engine

from notices.links import Links
from office.clock import Clock
from office.settings import Settings
from office.store import reading, writing
from portal.acknowledge import TRAP, say_digits
from portal.app import make_app
from portal.desk import Desk
from tests.notices.told_rows import (
    AT,
    DUTIES,
    ENVELOPE,
    NOTICES,
    OCCURRENCES,
    acknowledgements,
    add_notice,
    audited,
    utc,
)

THANKS = "Hộp thư này đã báo nhận lúc 14h05 ngày 02/12/2024"
UNUSABLE = "Liên kết này không dùng được"
PLAUSIBLE = ["Nguyễn Văn A", "John Smith", "test@example.com", "1", "on", "2024", "1234", "0000", "abc"]


def token(portal, link=None):
    return (link or portal.link).rpartition("/")[2]


def test_looking_shows_the_matter_with_both_dates_and_changes_nothing(portal):
    before = portal.state()
    page = portal.client.get(portal.link)
    assert page.status_code == 200
    for words in (
        "Báo cáo kết quả năm 2024",
        "Sở Y tế",
        "trước 10/12/2024, ngày cuối 09/12/2024",
        "không phải là xác nhận danh tính",
    ):
        assert words in page.text
    head = portal.client.head(portal.link)
    assert (head.status_code, head.content) == (200, b"")
    assert portal.state() == before


def test_a_person_acknowledges_and_the_same_thanks_come_again(portal):
    first = portal.answer()
    assert (first.status_code, THANKS in first.text, "<form" in first.text) == (200, True, False)
    kept = portal.state()
    again = portal.client.post(portal.link, data={"name": "Người khác", "code": portal.links.challenge(token(portal))})
    assert (again.status_code, again.text) == (200, first.text)
    assert THANKS in portal.client.get(portal.link).text
    assert portal.state() == kept
    with reading(portal.engine) as connection:
        [line] = acknowledgements(connection)
        assert line[1:] == ("hoa", "Lò Thị Hoa", "link", utc(AT))
        assert [entry[:2] for entry in audited(connection)] == [("mailbox:hoa", "notice.acknowledged")]


@pytest.mark.parametrize("typed", ["{}", " {} ", "{0[0]} {0[1]} {0[2]} {0[3]}", "{0[0]}-{0[1]}–{0[2]}-{0[3]}", "wide"])
def test_digits_may_be_typed_with_blanks_and_dashes(portal, typed):
    code = portal.code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)  # as a Japanese keyboard types them
    assert portal.answer(code=wide if typed == "wide" else typed.format(code)).status_code == 200


@pytest.mark.parametrize("code", ["", "0000", "tám", "12345", "١٢٣٤", "1" * 5_000])
def test_wrong_digits_show_the_form_again_with_what_was_typed(portal, code):
    before = portal.state()
    page = portal.answer(code=code)
    assert page.status_code == 422
    assert "Bốn chữ số chưa khớp" in page.text
    assert 'value="Lò Thị Hoa"' in page.text
    assert f'value="{code}"' in page.text
    assert portal.state() == before


@pytest.mark.parametrize("name", ["", "A", "12", "x" * 101, "Hoa\0", "Hoa\u202e"])
def test_a_name_that_is_none_shows_the_form_again(portal, name):
    before = portal.state()
    page = portal.answer(name=name)
    assert page.status_code == 422
    assert "Ghi từ 2 đến 100 ký tự" in page.text
    assert portal.state() == before


def test_a_field_no_person_sees_gives_a_program_away_and_a_person_a_second_try(portal, forms_of):
    before = portal.state()
    page = portal.answer(**{TRAP: "https://example.com"})
    assert (page.status_code, "thường là do máy quét thư" in page.text) == (422, True)
    assert portal.state() == before
    [(_, fields)] = forms_of(page.text)
    values = {field["name"]: field["value"] for field in fields if "name" in field}
    assert portal.client.post(portal.link, data=values).status_code == 200


def test_a_scanner_that_submits_every_form_changes_nothing(portal, forms_of):
    dice, before = random.Random(2024), portal.state()
    for query in ("", "?lang=en"):
        address = portal.link + query
        portal.client.head(address)
        forms = forms_of(portal.client.get(address).text)
        assert forms
        for form, fields in forms:
            names = [field["name"] for field in fields if "name" in field]
            blank = {field["name"]: field.get("value", "") for field in fields if "name" in field}
            tries = [blank, *(dict.fromkeys(names, value) for value in PLAUSIBLE)]
            tries += [blank | {"name": "Nguyễn Văn A", "code": f"{dice.randrange(10_000):04d}"} for _ in range(25)]
            for filled in tries:
                assert form["method"] == "post"
                assert portal.client.post(address, data=filled).status_code == 422
                portal.client.get(address, params=filled)
    assert portal.state() == before


def test_no_number_on_the_page_is_the_right_one(portal):
    for number in range(200):
        link = portal.links.acknowledge(f"{number:032x}")
        with writing(portal.engine) as connection:
            connection.execute(NOTICES.update().values(envelope=f"{number:032x}"))
        page = portal.client.get(link).text
        assert portal.links.challenge(token(portal, link)) not in re.findall(r"\d{4}", re.sub(r"sha256-\S+", "", page))


@pytest.mark.parametrize("way", ["forged", "cut", "other action", "other office", "no such message", "empty"])
def test_a_link_that_is_not_ours_is_answered_without_a_word_about_what_exists(portal, way):
    wrong = {
        "forged": token(portal).partition(".")[0] + "." + "A" * 43,
        "cut": token(portal)[:-1],
        "other action": token(portal, portal.links.unsubscribe(ENVELOPE)),
        "other office": token(portal, Links("một khóa khác cũng đủ dài, thật đấy", "").acknowledge(ENVELOPE)),
        "no such message": token(portal, portal.links.acknowledge("0" * 32)),
        "empty": "",
    }[way]
    before = portal.state()
    pages = [
        portal.client.get(f"/da-nhan/{wrong}"),
        portal.client.post(f"/da-nhan/{wrong}", data={"name": "Hoa", "code": portal.links.challenge(wrong)}),
    ]
    gone = portal.client.get("/da-nhan/x")
    assert [(page.status_code, page.text) for page in pages] == [(404, gone.text)] * 2
    assert UNUSABLE in gone.text
    assert "trả lời thư hoặc gọi cơ quan đã gửi thư" in gone.text
    assert portal.state() == before


def test_digits_of_another_mail_do_not_fit(portal):
    with writing(portal.engine) as connection:
        add_notice(connection, step="D-3", envelope="1" * 32)
    other = portal.links.acknowledge("1" * 32)
    before = portal.state()
    assert portal.answer(code=portal.code(other)).status_code == 422
    assert portal.state() == before
    assert portal.answer(link=other).status_code == 200
    with reading(portal.engine) as connection:
        assert len(acknowledgements(connection)) == 1


def test_a_revoked_link_is_a_link_that_never_was(portal):
    code = portal.code()
    portal.change(NOTICES, link_revoked=True)
    before = portal.state()
    gone = portal.client.get("/da-nhan/x").text
    assert portal.client.get(portal.link).text == gone
    page = portal.client.post(portal.link, data={"name": "Hoa", "code": code})
    assert (page.status_code, page.text) == (404, gone)
    assert portal.state() == before


@pytest.mark.parametrize("table", [OCCURRENCES, DUTIES], ids=["a new date", "an extension"])
def test_a_link_of_an_older_date_says_so_and_acknowledges_nothing(portal, table):
    code = portal.code()
    portal.change(table, due_version=2)
    before = portal.state()
    looked = portal.client.get(portal.link)
    answered = portal.client.post(portal.link, data={"name": "Hoa", "code": code})
    assert (looked.status_code, answered.status_code) == (200, 409)
    for page in (looked, answered):
        assert "Thời hạn đã thay đổi sau khi gửi thông báo này" in page.text
        assert "<form" not in page.text
    assert portal.state() == before


def test_a_digest_acknowledges_what_still_holds_and_names_what_does_not(portal):
    with writing(portal.engine) as connection:
        add_notice(connection, version="1.0", step="D-10")
    page = portal.answer()
    assert page.status_code == 200
    assert THANKS in page.text
    assert "Thời hạn đã thay đổi" in page.text
    with reading(portal.engine) as connection:
        assert len(acknowledgements(connection)) == 1


def test_two_answers_at_once_are_recorded_once(portal):
    code = portal.code()

    def answer(number):
        return httpx.post(portal.link, data={"name": f"Người số {number}", "code": code}, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(answer, range(24))) == {200}
    with reading(portal.engine) as connection:
        assert len(acknowledgements(connection)) == len(audited(connection)) == 1


def test_markup_in_titles_and_names_is_shown_and_not_run(portal):
    portal.change(OCCURRENCES, title="</title><script>alert(1)</script>\"'&")
    page = portal.answer(name='"><img src=x onerror=alert(1)>', code="1")
    assert page.status_code == 422
    assert "<script>" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert 'value="&#34;&gt;&lt;img src=x onerror=alert(1)&gt;"' in page.text


def test_a_secret_matter_is_not_named(portal):
    portal.change(OCCURRENCES, secret=True)
    page = portal.client.get(portal.link).text
    assert "Việc mật" in page
    assert "Báo cáo kết quả" not in page


def test_the_page_is_english_only_where_the_address_says_so(portal):
    preferring = portal.client.get(portal.link, headers={"Accept-Language": "en"}).text
    assert '<html lang="vi">' in preferring
    assert preferring == portal.client.get(portal.link).text
    english = portal.client.get(portal.link + "?lang=en").text
    assert '<html lang="en">' in english
    assert '<html lang="en">' in portal.client.get(portal.link).text  # chosen once, kept by the browser
    portal.client.cookies.clear()
    assert "before 10/12/2024, last day 09/12/2024" in english
    assert say_digits(portal.code(), "en") in english
    assert '<h2 lang="vi">Báo cáo kết quả năm 2024</h2>' in english
    page = portal.answer(link=None)
    assert page.status_code == 200
    assert (
        "Thank you. This mailbox acknowledged at 14:05, 02/12/2024." in portal.client.get(f"{portal.link}?lang=en").text
    )


def test_digits_are_said_as_people_read_them():
    assert say_digits("8301", "vi") == "tám – ba – không – một"
    assert say_digits("8301", "en") == "eight – three – zero – one"


def test_a_shifted_clock_says_so(portal):
    portal.said = "Đồng hồ minh họa: hôm nay là thứ Hai, 02/12/2024."
    for page in (portal.client.get(portal.link), portal.client.get("/da-nhan/x")):
        assert f'<p class="banner wide" lang="vi">{portal.said}</p>' in page.text


def test_every_field_has_a_label_and_the_trap_is_kept_from_people(portal, forms_of):
    page = portal.client.get(portal.link).text
    [(_, fields)] = forms_of(page)
    named = [field for field in fields if "name" in field]
    assert all(f'<label for="{field["id"]}">' in page for field in named)
    trap = next(field for field in named if field["name"] == TRAP)
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert '<div class="unseen" aria-hidden="true">' in page


def test_ten_thousand_wrong_links_never_reach_the_database(serve, tmp_path):
    links, dice = Links("một khóa để thử, đủ dài cho văn phòng", ""), random.Random(7)
    store = create_engine(f"sqlite:///{tmp_path / 'never-opened.db'}")
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
    right = token(None, links.acknowledge(ENVELOPE))
    with httpx.Client(
        base_url=serve(lambda _address: make_app(Desk(Settings(home=tmp_path), Clock(held=AT), store, links)))
    ) as client:
        for number in range(10_000):
            place = dice.randrange(len(right))
            wrong = right[:place] + dice.choice(letters.replace(right[place], "")) + right[place + 1 :]
            answer = client.post if number % 50 == 0 else client.get
            assert answer(f"/da-nhan/{wrong}").status_code == 404
        assert not (tmp_path / "never-opened.db").exists()
        client.get(f"/da-nhan/{right}")
    assert (tmp_path / "never-opened.db").exists()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium on this machine (apt-get install chromium)")
def test_a_person_acknowledges_on_a_telephone_with_the_keyboard_alone(portal):
    flags = ["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
    code, said = portal.code(), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(viewport={"width": 360, "height": 640})
        page.on("console", lambda message: said.append(message.text))
        page.goto(portal.link)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate("getComputedStyle(document.querySelector('button')).backgroundColor") == "rgb(13, 71, 161)"
        reached = []
        for _ in range(6):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert reached == ["A", "A", "A", "name", "code", "BUTTON"]  # never the trap
        page.get_by_label("Họ và tên người báo nhận").fill("Lò Thị Hoa")
        page.get_by_label("Gõ dãy số sau bằng chữ số").fill("1111")
        page.keyboard.press("Enter")
        expect(page.locator("[aria-invalid]")).to_have_id("code")
        expect(page.locator("#code")).to_be_focused()
        page.get_by_label("Gõ dãy số sau bằng chữ số").fill(code)
        page.keyboard.press("Enter")
        page.get_by_text(THANKS).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        browser.close()
    assert [line for line in said if "Content Security Policy" in line and "favicon" not in line] == []
    with reading(portal.engine) as connection:
        assert len(acknowledgements(connection)) == 1
