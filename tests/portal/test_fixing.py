"""A date fixed, moved, cancelled and restored by hand: the preview changes nothing, the button counts once."""

import re

import pytest

from models.account import AccountRole
from models.amendment import Amendment
from models.columns import table_of
from models.programme import Programme
from office.store import reading, writing
from tests.portal.dates_office import ITEMS, MARKUP, opened, press

FIX, CANCEL, RESTORE = ("/thu-ky/" + act + "/P/H/2024" for act in ("an-dinh", "huy", "khoi-phuc"))
STORY = "/thu-ky/viec/P/H/2024"
JULY = {"choice": "2024-07-11/2024-07-11", "starts": "08:00", "place": MARKUP, "document": "GM 25/GM-BCĐ"}


@pytest.fixture
def office(tmp_path, serve, write_programmes):
    with opened(tmp_path, serve, write_programmes(ITEMS)) as office:
        yield office


def amendments(office):
    with reading(office.store) as connection:
        return [(row.kind, row.subject, row.by) for row in connection.execute(table_of(Amendment).select())]


def confirm(browser, address, **fields):
    """Both buttons, one after the other."""
    shown = press(browser, browser.get(address), address, step="preview", **fields)
    assert shown.status_code == 200
    return press(browser, shown, address, step="confirm")


def test_a_date_is_fixed_in_three_clicks_and_then_everybody_sees_it(office):
    browser = office.browser()
    way = re.search(r'href="(/thu-ky/an-dinh/P/H/2024)"', browser.get("/thu-ky/nam/2024").text)[1]
    chosen = re.search(r'name="choice" value="([^"]+)" checked', browser.get(way).text)[1]
    done = confirm(browser, way, choice=chosen, document="GM 25")
    assert (done.status_code, done.headers["location"]) == (303, f"{STORY}?done=fixed")
    page = browser.get(done.headers["location"]).text
    assert "Đã ấn định ngày." in page
    assert "Ai đã đọc thời hạn hiện nay" in page
    assert chosen == "2024-07-01/2024-07-01"
    assert "01/07/2024" in page
    assert office.told == 1
    assert 'class="fixed"' in browser.get("/thu-ky/nam/2024").text


def test_the_preview_names_what_would_change_and_changes_nothing(office):
    browser = office.browser()
    page, before = browser.get(FIX), office.everything()
    shown = press(browser, page, FIX, step="preview", **JULY)
    assert shown.status_code == 200
    for words in ("tháng 7/2024", "11/07/2024, 8h00", "GM 25/GM-BCĐ", "Ai sẽ được báo", "Lịch thay đổi", "Sở B"):
        assert words in shown.text
    assert MARKUP not in shown.text
    assert office.everything() == before
    assert office.told == 0


def test_a_button_pressed_twice_records_once_by_the_name_of_who_is_signed_in(office):
    browser = office.browser()
    shown = press(browser, browser.get(FIX), FIX, step="preview", **JULY)
    answers = [press(browser, shown, FIX, step="confirm").status_code for _ in range(2)]
    assert answers == [303, 303]
    assert amendments(office) == [("date", "P/H/2024", "Bà secretariat")]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"first": "2024-07-16"}, "thứ Ba, 16/07/2024"),
        ({"first": "2024-07-11", "last": "2024-07-11"}, "thứ Năm, 11/07/2024"),
        ({"choice": "2024-07-11/2024-07-11", "first": "2024-07-11"}, "thứ Năm, 11/07/2024"),
    ],
)
def test_a_typed_day_counts_before_the_one_the_page_had_chosen(office, typed, shown):
    browser = office.browser()
    page = browser.get(FIX)
    chosen = {"choice": re.search(r'name="choice" value="([^"]+)" checked', page.text)[1], "document": "GM 7"}
    assert f"<strong>{shown}" in press(browser, page, FIX, step="preview", **(chosen | typed)).text


def test_another_day_is_a_move_and_no_new_day_is_chosen_for_the_person(office):
    browser = office.browser()
    confirm(browser, FIX, **JULY)
    page = browser.get(FIX)
    assert 'name="choice" value="2024-07-11/2024-07-11" checked' in page.text
    assert "Giữ ngày đang có: 11/07/2024" in page.text
    assert page.text.count('value="2024-07-11/2024-07-11"') == 2  # the choice, and that the page had made it
    shown = press(browser, page, FIX, step="preview", choice="own", first="2024-07-12", place="Nhà A", why="Bận")
    assert "Đổi ngày, xem trước:" in shown.text
    assert '<dt>Nơi</dt><dd lang="vi">Nhà A</dd>' in shown.text
    assert "thứ Năm, 11/07/2024, 8h00" in shown.text
    titles = re.findall("<li [^>]+>([^<]+)</li>", shown.text.split("Lịch thay đổi")[1])
    assert len(titles) == len(set(titles)) > 1
    assert f"<summary>{len(titles)} lịch thay đổi</summary>" in shown.text
    moved = press(browser, shown, FIX, step="confirm")
    assert moved.headers["location"] == f"{STORY}?done=moved"
    assert "Đã đổi ngày." in browser.get(moved.headers["location"]).text


def test_the_hours_alone_may_change(office):
    browser = office.browser()
    confirm(browser, FIX, **JULY)
    page = browser.get(FIX)
    chosen = re.search(r'name="choice" value="([^"]+)" checked', page.text)[1]
    shown = press(browser, page, FIX, step="preview", choice=chosen, starts="14:00", why="Hội trường bận")
    assert "<strong>thứ Năm, 11/07/2024, 14h00</strong>" in shown.text


def test_of_a_draft_the_preview_counts_no_agencies_since_none_is_told(office):
    browser = office.browser()
    assert "người liên hệ" in press(browser, browser.get(FIX), FIX, step="preview", **JULY).text
    with writing(office.store) as connection:
        connection.execute(table_of(Programme).update().values(draft=True))
    shown = press(browser, browser.get(FIX), FIX, step="preview", **JULY).text
    assert "Chương trình còn là dự thảo: chỉ thư ký được báo" in shown
    assert "người liên hệ" not in shown


@pytest.mark.parametrize("address", [CANCEL, RESTORE])
def test_what_is_said_of_days_is_not_asked_of_other_deeds(office, address):
    browser = office.browser()
    if address is RESTORE:
        confirm(browser, FIX, **JULY)
    page = browser.get(address)
    assert page.status_code == 200
    assert "Ví dụ: Giấy mời" not in page.text
    assert "ngoài khoảng" not in page.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"choice": "2024-07-11/2024-07-11", "first": "2024-07-12"}, "Chọn ngày gợi ý hoặc ghi ngày khác"),
        ({"choice": "own", "first": ""}, "Chưa ghi ngày"),
        ({"choice": "own", "first": "ngày mai"}, "Không đọc được ngày"),
        ({"choice": "own", "first": "2024-07-11", "starts": "25h"}, "Không hiểu giờ bắt đầu"),
        ({"choice": "own", "first": "2024-07-11", "last": "2024-12-11"}, "quá 60 ngày"),
        ({"choice": "own", "first": "2024-07-11", "last": "2024-07-10"}, "trước ngày đầu"),
        ({"choice": "own", "first": "2024-08-15"}, "nằm ngoài khoảng văn bản nêu"),
        ({"choice": "x/y"}, "Không đọc được ngày"),
        (JULY | {"document": ""}, "Thiếu căn cứ"),
        (JULY | {"key": "mine"}, "thiếu khóa"),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_is_kept(office, typed, sentence):
    browser = office.browser()
    for step in ("preview", "confirm"):
        page = press(browser, browser.get(FIX), FIX, step=step, **({"document": "GM 7", "place": "Nhà A"} | typed))
        assert (page.status_code, sentence in page.text) == (422, True)
        assert f'value="{typed.get("place", "Nhà A")}"' in page.text or MARKUP in typed["place"]
    assert amendments(office) == []


def test_outside_the_papers_stretch_a_reason_is_enough_and_the_preview_says_so(office):
    browser, typed = office.browser(), {"choice": "own", "first": "2024-08-15", "why": "Trưởng ban bận"}
    shown = press(browser, browser.get(FIX), FIX, step="preview", **typed)
    assert "Nằm ngoài khoảng văn bản nêu." in shown.text
    back = press(browser, shown, FIX, step="edit").text
    assert 'value="2024-08-15"' in back
    assert "Trưởng ban bận</textarea>" in back


def test_a_deadline_moves_by_the_same_page(office):
    browser, address = office.browser(), "/thu-ky/an-dinh/P/R/2024"
    assert confirm(browser, address, first="2024-12-20", included="yes", document="CV 9").status_code == 303
    page = browser.get("/thu-ky/viec/P/R/2024").text
    assert "chậm nhất 20/12/2024" in page
    assert "theo văn bản: trước 10/12/2024 → <strong>chậm nhất 20/12/2024</strong>" in page


@pytest.mark.parametrize(("held", "words"), [("day", "đã ấn định"), ("due", "chậm nhất 12/09/2024")])
def test_what_the_paper_gives_no_day_gets_one_and_stays_what_it_became(office, held, words):
    browser, address = office.browser(), "/thu-ky/an-dinh/P/W/2024"
    [address] = set(re.findall(r'/thu-ky/viec(/P/W/[^"]+)"', browser.get("/thu-ky/nam/2024").text))
    assert confirm(browser, f"/thu-ky/an-dinh{address}", first="2024-09-12", held=held, document="CV 1").is_redirect
    assert words in browser.get(f"/thu-ky/viec{address}").text
    assert confirm(browser, f"/thu-ky/an-dinh{address}", first="2024-09-13", document="CV 2").is_redirect
    assert words.replace("12/09", "13/09") in browser.get(f"/thu-ky/viec{address}").text


def test_cancelled_and_restored_each_with_its_grounds(office):
    browser = office.browser()
    assert browser.get(RESTORE).status_code == 404
    shown = press(browser, browser.get(CANCEL), CANCEL, step="preview", why="Bão lũ")
    assert "không ai còn được nhắc về việc này" in shown.text
    assert "Không vướng việc nào" not in shown.text
    assert press(browser, shown, CANCEL, step="confirm").headers["location"] == f"{STORY}?done=cancelled"
    page = browser.get(STORY).text
    called_off = "đã hủy ngày 04/03/2024 (trước là: dự kiến tháng 7/2024)"
    assert f'<dd lang="vi">{called_off}</dd>' in page
    assert "Mức chắc chắn" not in page
    assert f'<strong lang="vi">{called_off}</strong>' in browser.get(RESTORE).text
    assert "Bão lũ" in page
    assert CANCEL not in page
    assert browser.get(CANCEL).status_code == browser.get(FIX).status_code == 404
    assert 'class="window off"' in browser.get("/thu-ky/nam/2024").text
    assert confirm(browser, RESTORE, why="Trời quang").headers["location"] == f"{STORY}?done=restored"
    assert FIX in browser.get(STORY).text
    assert [kind for kind, _, _ in amendments(office)] == ["cancel", "cancel"]


@pytest.mark.parametrize("address", [FIX, CANCEL, RESTORE])
def test_the_chair_reads_and_decides_nothing(office, address):
    chair, secretary = office.browser(AccountRole.CHAIR), office.browser()
    assert chair.get(STORY).status_code == 200
    assert FIX not in chair.get(STORY).text
    assert chair.get(address).status_code == 403
    page = secretary.get(FIX)
    assert press(chair, page, address, step="confirm", **JULY).status_code == 403
    assert amendments(office) == []


def test_a_form_of_another_session_or_page_is_refused(office):
    browser, other = office.browser(), office.browser()
    page = browser.get(FIX)
    assert press(other, page, FIX, step="confirm", **JULY).status_code == 403
    browser.headers["sec-fetch-site"] = "cross-site"
    assert press(browser, page, FIX, step="confirm", **JULY).status_code == 403
    assert amendments(office) == []


@pytest.mark.parametrize("act", ["an-dinh", "huy", "khoi-phuc"])
def test_what_is_not_there_is_not_found(office, act):
    assert office.browser().get(f"/thu-ky/{act}/P/X/2024").status_code == 404
