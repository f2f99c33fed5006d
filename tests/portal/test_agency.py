"""An agency's page: what it owes, acknowledging, handing in, asking for more time; never anything of another's."""

import hashlib
import re
from datetime import date

import pytest

from models.notice import BEGAN, Acknowledgement, Notice, Passage
from models.occurrence import Duty
from models.submission import ExtensionRequest, Submission, SubmittedFile
from office.store import StoreUnusable, writing
from portal import uploads
from portal.handing_in import MOST_AN_HOUR
from tests.notices.told_rows import add
from tests.planning.test_kept_files import archive, docx
from tests.portal.agency_office import DUTIES, MARKUP, MINE, NOW, OCCURRENCES, PDF, THEIRS, field_of, filled

HAND_IN, ASK, DUTY = f"/co-quan/nop/{MINE}", f"/co-quan/xin-gia-han/{MINE}", f"/co-quan/nhiem-vu/{MINE}"
DIGEST = hashlib.sha256(PDF).hexdigest()


def hand_in(browser, *files, page=HAND_IN, **fields):
    form = filled(browser, HAND_IN, how="du", name="Lò Thị Hoa", number="", date="", link="", note="") | fields
    return browser.post(page, data=form, files=[("files", file) for file in files] or [("files", ("", b""))])


def test_the_page_says_what_is_owed_with_both_dates(agency_office):
    page = agency_office.enter().get("/co-quan")
    assert page.status_code == 200
    for words in (
        "Sở A",
        "trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024",
        "chưa nộp, trong hạn",
        "còn 5 ngày làm việc",
        "Hội nghị tổng kết",
        "chủ trì",
    ):
        assert words in page.text
    assert THEIRS not in page.text
    assert "Xin gia hạn" in page.text
    assert MARKUP not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_the_page_is_english_on_request(agency_office):
    page = agency_office.enter().get("/co-quan?lang=en").text
    assert "5 working days left" in page
    assert "before 10/12/2024, last day 09/12/2024" in page


def test_a_late_duty_says_by_how_many_working_days(agency_office):
    agency_office.change_report(last_on_time=date(2024, 11, 28))
    page = agency_office.enter().get("/co-quan").text
    assert '<span class="state red">chưa nộp</span>' in page
    assert '<span class="state red">quá hạn 2 ngày làm việc</span>' in page
    assert "trong hạn" not in page
    assert "Quá hạn (1)" in page


def test_what_was_due_before_the_office_began_is_asked_after_and_called_late_by_nobody(agency_office):
    agency_office.change_report(last_on_time=date(2022, 12, 9), period="2022")
    browser = agency_office.enter()
    late = browser.get("/co-quan").text
    assert "Quá hạn (1)" in late
    assert re.search(r'<span class="state red">quá hạn \d+ ngày làm việc</span>', late)
    with writing(agency_office.engine) as connection:
        add(connection, Passage, name=BEGAN, at=NOW, really_at=NOW)
    page = browser.get("/co-quan").text
    assert "Quá hạn: 0" in page
    assert "Chưa ghi nhận đã nộp từ trước khi dùng Đôn Đốc (1)" in page
    assert '<span class="state grey">chưa ghi nhận đã nộp</span>' in page
    assert "báo Thư ký ghi nhận" in page
    assert "ngày làm việc" not in page


def test_reports_of_one_name_are_told_apart_by_their_year(agency_office):
    agency_office.change_report(period="2022")
    browser = agency_office.enter()
    hand_in(browser, ("a.pdf", PDF), how="phan")
    for page in ("/co-quan", DUTY, HAND_IN, ASK, "/co-quan/bien-nhan/1"):
        assert "(năm 2022)" in browser.get(page).text, page
    assert "(2022)" in browser.get(f"{HAND_IN}?lang=en").text


def test_without_a_deadline_no_more_time_is_asked_for(agency_office):
    agency_office.change_report(named_date=None, last_on_time=None, work_by=None, first=None, last=None)
    browser = agency_office.enter()
    duty, ask = browser.get(DUTY).text, browser.get(ASK).text
    assert "chưa nộp, không hạn" in duty
    assert "Không có hạn (1)" in browser.get("/co-quan").text
    assert "Xin gia hạn" not in duty
    assert "Nhiệm vụ này không có hạn" in ask
    assert 'name="until"' not in ask


def test_only_what_is_held_on_a_day_is_called_a_conference(agency_office):
    browser = agency_office.enter()
    assert "Việc khác có phần của cơ quan" not in browser.get("/co-quan").text
    agency_office.change(OCCURRENCES, kind="survey")
    held, _, others = browser.get("/co-quan").text.partition("Việc khác có phần của cơ quan")
    assert ("Hội nghị tổng kết" in held, "Hội nghị tổng kết" in others) == (False, True)


def test_one_press_acknowledges_what_was_told_about_a_duty(agency_office):
    mine, other = agency_office.tell(), agency_office.tell(contact="minh")
    browser = agency_office.enter()
    assert "Chưa báo nhận" in browser.get("/co-quan").text
    form = filled(browser, DUTY)
    assert browser.post(DUTY, data=form).headers["location"] == f"{DUTY}?done=nhan"
    browser.post(DUTY, data=form)
    [answer] = agency_office.rows(Acknowledgement)
    assert (answer["notice"], answer["typed_name"], answer["way"]) == (mine, "Lò Thị Hoa", "link")
    assert other != mine
    page = browser.get(f"{DUTY}?done=nhan").text
    assert "Đã ghi nhận báo nhận" in page
    assert "Chưa báo nhận" not in page
    assert browser.get(f"{DUTY}?done={MARKUP}").status_code == 200


def test_whoever_handed_in_needs_not_acknowledge_and_is_told_how_to_replace_it(agency_office):
    agency_office.tell()
    browser = agency_office.enter()
    assert "Chưa báo nhận thông báo đã gửi" in browser.get(DUTY).text
    hand_in(browser, ("a.pdf", PDF))
    assert "Chưa báo nhận" not in browser.get(DUTY).text
    assert "gọi Thư ký để được trả lại" in browser.get(HAND_IN).text


def test_the_story_names_notices_in_the_pages_language(agency_office):
    agency_office.tell()
    browser = agency_office.enter()
    assert "Nhắc việc, " in browser.get(f"{DUTY}?lang=vi").text
    assert "Reminder, " in browser.get(f"{DUTY}?lang=en").text


def test_a_report_is_handed_in_whole_and_the_receipt_proves_it(agency_office):
    browser = agency_office.enter()
    done = hand_in(browser, ("Báo cáo.pdf", PDF), number="12/BC", date="2024-12-02", note="Kèm phụ lục")
    [submission], [file] = agency_office.rows(Submission), agency_office.rows(SubmittedFile)
    assert (done.status_code, done.headers["location"]) == (303, f"/co-quan/bien-nhan/{submission['id']}")
    assert (submission["agency"], submission["contact"], submission["complete"]) == ("A", "hoa", True)
    receipt = browser.get(done.headers["location"]).text
    size, at = f"{len(PDF)} byte", "14h05 ngày 02/12/2024"
    for words in (DIGEST, size, "trong hạn", at, "12/BC", "Kèm phụ lục", "Báo cáo.pdf"):
        assert words in receipt
    assert [row["done_on"] for row in agency_office.rows(Duty) if row["id"] == MINE] == [date(2024, 12, 2)]
    assert [row["kind"] for row in agency_office.rows(Notice)] == ["receipt"]
    assert "đã nộp, đúng hạn" in browser.get("/co-quan").text
    story = browser.get(DUTY).text
    assert DIGEST in story
    got = browser.get(f"/co-quan/tep/{file['id']}")
    assert got.content == PDF
    assert got.headers["content-disposition"].startswith("attachment")
    assert (got.headers["x-content-type-options"], "sandbox" in got.headers["content-security-policy"]) == (
        "nosniff",
        True,
    )
    assert list((agency_office.home / "files" / ".incoming").glob("*")) == []


def test_a_part_leaves_the_duty_open_and_pressing_twice_hands_in_once(agency_office):
    browser = agency_office.enter()
    form = filled(browser, HAND_IN, how="phan", name="Lò Thị Hoa", link="https://example.vn/bao-cao", note="")
    form |= {"number": "", "date": ""}
    sent = [browser.post(HAND_IN, data=form, files=[("files", ("a.pdf", PDF))]) for _ in range(2)]
    assert [one.status_code for one in sent] == [303, 303]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    [submission] = agency_office.rows(Submission)
    assert (submission["complete"], len(agency_office.rows(SubmittedFile))) == (False, 1)
    assert len(agency_office.rows(Notice)) == 1
    receipt = browser.get(sent[0].headers["location"]).text
    assert "đã nộp một phần, nhiệm vụ còn mở" in receipt
    for page in (receipt, browser.get("/co-quan").text):
        assert re.search(rf'href="{HAND_IN}">Nộp tiếp', page)
    assert '<span class="state amber">đã nộp một phần, trong hạn</span>' in page
    agency_office.change_report(last_on_time=date(2024, 11, 28))
    late = browser.get("/co-quan").text
    assert '<span class="state red">đã nộp một phần</span>' in late
    assert "quá hạn 2 ngày làm việc" in late


def test_a_late_report_says_so_on_its_receipt(agency_office):
    agency_office.change_report(last_on_time=date(2024, 11, 28))
    browser = agency_office.enter()
    done = hand_in(browser, ("a.pdf", PDF))
    assert "quá hạn 2 ngày làm việc" in browser.get(done.headers["location"]).text
    assert "2 working days overdue" in browser.get(f"{done.headers['location']}?lang=en").text


BOMB = archive({"[Content_Types].xml": "<Types/>", "word/document.xml": b"\0" * 120_000_000})


@pytest.mark.parametrize(
    ("files", "fields", "says"),
    [
        ([], {}, "Chưa có gì để nộp"),
        ([("a.pdf", PDF)], {"how": ""}, "Chưa chọn nộp đầy đủ hay một phần"),
        ([("a.pdf", b"MZ\x90\0")], {}, "a.pdf"),
        ([("trang.html", b"<html><script>alert(1)</script></html>")], {}, "trang.html"),
        ([("phu-luc.docx", BOMB)], {}, "phu-luc.docx"),
        ([("a.docx", docx(**{"word/vbaProject.bin": b"x"}))], {}, "a.docx"),
        ([], {"link": "javascript:alert(1)"}, "Đường dẫn không dùng được"),
        ([("a.pdf", PDF)], {"number": "1/BC"}, "Chưa ghi ngày văn bản"),
        ([("a.pdf", PDF)], {"number": "1/BC", "date": "31/02/2024"}, "Không đọc được ngày văn bản"),
        ([("a.pdf", PDF)], {"name": ""}, "họ tên người nộp"),
        ([(f"{n}.pdf", PDF) for n in range(11)], {}, "tối đa 10 tệp"),
    ],
    ids=["nothing", "neither", "a program", "a page", "a zip bomb", "macros", "a script", "no date", "no day",
         "no name", "eleven"],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_and_what_was_typed_is_kept(agency_office, files, fields, says):
    browser = agency_office.enter()
    before = agency_office.state()
    page = hand_in(browser, *files, **({"note": "Giữ lại nhé"} | fields))
    assert (page.status_code, says in page.text, "Giữ lại nhé" in page.text) == (422, True, True)
    assert agency_office.state() == before
    assert list((agency_office.home / "files").rglob("*.*")) in ([], [agency_office.home / "files" / ".incoming"])


def test_names_of_files_are_only_text(agency_office):
    browser = agency_office.enter()
    hand_in(browser, ("../../../<b>thư\u202e</b>.pdf", PDF), ("..\\..\\win.pdf", PDF), how="phan")
    names = [row["name"] for row in agency_office.rows(SubmittedFile)]
    assert all("/" not in name and "\\" not in name and "\u202e" not in name for name in names)
    kept = [path for path in (agency_office.home / "files").rglob("*") if path.is_file()]
    assert all(re.fullmatch(r"[0-9a-f]{32}", path.name) for path in kept)
    assert (len(kept), "<b>" in browser.get(DUTY).text) == (2, False)


def test_more_than_the_limit_is_refused_with_the_limits(agency_office, monkeypatch):
    browser = agency_office.enter()
    before = agency_office.state()
    monkeypatch.setattr(uploads, "LARGEST", 100_000)
    page = hand_in(browser, ("a.pdf", PDF + b"x" * 200_000))
    assert (page.status_code, "Tệp quá lớn" in page.text) == (413, True)
    assert agency_office.state() == before


def test_one_agency_does_not_fill_the_disk(agency_office):
    browser, other = agency_office.enter(), agency_office.enter("khac")
    for _ in range(MOST_AN_HOUR):
        assert browser.post(HAND_IN, content=b"", headers={"Content-Type": "text/plain"}).status_code == 415
    before = agency_office.state()
    page = hand_in(browser, ("a.pdf", PDF))
    assert (page.status_code, page.headers["retry-after"]) == (429, "3600")
    assert "Nộp quá nhiều lần" in page.text
    assert "Handed in too often" in hand_in(browser, ("a.pdf", PDF), page=f"{HAND_IN}?lang=en").text
    assert agency_office.state() == before
    assert other.post(f"/co-quan/nop/{THEIRS}", content=b"").status_code == 415


def test_more_time_is_asked_for_and_the_old_day_holds(agency_office):
    browser = agency_office.enter()
    form = filled(browser, ASK, until="2024-12-20", why="Chờ số liệu", name="Lò Thị Hoa")
    assert browser.post(ASK, data=form).headers["location"] == f"{DUTY}?done=xin"
    browser.post(ASK, data=form)
    [request] = agency_office.rows(ExtensionRequest)
    assert (request["until"], request["why"], request["contact"]) == (date(2024, 12, 20), "Chờ số liệu", "hoa")
    assert {row["extended_to"] for row in agency_office.rows(Duty)} == {None}
    assert "đang chờ Thư ký trả lời" in browser.get("/co-quan").text
    assert "hạn cũ còn nguyên" in browser.get(f"{DUTY}?done=xin").text
    [notice] = agency_office.rows(Notice)
    assert (notice["kind"], notice["recipient"]) == ("request_waiting", "ban")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"until": ""}, "Chưa ghi ngày xin gia hạn đến"),
        ({"until": "2024-12-09"}, "không sau hạn đang có"),
        ({"until": "2025-12-09"}, "quá xa"),
        ({"why": "x"}, "lý do"),
    ],
)
def test_a_request_that_cannot_be_is_said(agency_office, fields, says):
    browser = agency_office.enter()
    form = filled(browser, ASK, until="2024-12-20", why="Giữ lại nhé", name="Lò Thị Hoa") | fields
    before = agency_office.state()
    page = browser.post(ASK, data=form)
    assert (page.status_code, says in page.text) == (422, True)
    assert agency_office.state() == before


@pytest.mark.parametrize("page", ["nhiem-vu", "nop", "xin-gia-han"])
@pytest.mark.parametrize("duty", [THEIRS, "P/BC/2024/KHONG", "../A"])
def test_what_is_anothers_is_answered_like_what_never_was(agency_office, page, duty):
    agency_office.tell(THEIRS, "khac")
    browser = agency_office.enter()
    form = filled(browser, HAND_IN, how="du", name="Hoa", until="2024-12-20", why="Chờ số liệu", link="https://a.vn/b")
    before = agency_office.state()
    address = f"/co-quan/{page}/{duty}"
    gone = [browser.get(address), browser.post(address, data=form)]
    gone.append(browser.post(address, data=form, files=[("files", ("a.pdf", PDF))]))
    assert {one.status_code for one in gone} <= ({404} if page != "nhiem-vu" else {404, 405})
    assert agency_office.state() == before


def test_anothers_files_and_receipts_are_not_there(agency_office):
    mine, theirs = agency_office.enter(), agency_office.enter("khac")
    hand_in(mine, ("a.pdf", PDF))
    [file], [submission] = agency_office.rows(SubmittedFile), agency_office.rows(Submission)
    for path in (f"tep/{file['id']}", f"bien-nhan/{submission['id']}"):
        assert mine.get(f"/co-quan/{path}").status_code == 200
        assert theirs.get(f"/co-quan/{path}").status_code == 404
    for path in ("tep/99", f"tep/{2**40}", "bien-nhan/99", "tep/../../dondoc.db"):
        assert mine.get(f"/co-quan/{path}").status_code == 404


def test_where_no_page_is_a_visitor_keeps_their_name_and_their_way_on(agency_office):
    visitor, stranger = agency_office.enter(), agency_office.browser()
    for page in (visitor.get("/khong-co"), visitor.get(f"/co-quan/nhiem-vu/{THEIRS}")):
        assert (page.status_code, "Không có trang này" in page.text) == (404, True)
        for words in ("Lò Thị Hoa", 'href="/co-quan/danh-ba"', '<a href="/">Về trang đầu</a>'):
            assert words in page.text
    for path, heading in (("/khong-co", "Không có trang này"), ("/vao/abc", "Liên kết này không dùng được")):
        page = stranger.get(path).text
        assert (heading in page, "Lò Thị Hoa" in page) == (True, False)
        assert ('href="/xin-lien-ket"' in page) == path.startswith("/vao/")


def test_without_a_database_nobody_is_recognised_and_the_page_is_still_not_there(agency_office, monkeypatch):
    browser = agency_office.enter()

    def gone(_desk, _request):
        raise StoreUnusable("hỏng")

    monkeypatch.setattr("portal.app.visitor_of", gone)
    page = browser.get("/khong-co")
    assert (page.status_code, "Lò Thị Hoa" in page.text) == (404, False)


@pytest.mark.parametrize(
    ("asked", "led"), [("", ""), ("?lang=en", "?lang=en"), ("?lang=vi", "?lang=vi"), (f"?lang={MARKUP}", "?lang=vi")]
)
def test_the_first_page_leads_on_in_the_language_that_was_asked_for(agency_office, asked, led):
    assert agency_office.enter().get(f"/{asked}").headers["location"] == f"/co-quan{led}"


@pytest.mark.parametrize("page", [DUTY, HAND_IN, ASK, "/co-quan/danh-ba", "/co-quan/danh-ba/minh"])
def test_without_the_sessions_token_nothing_is_taken(agency_office, page):
    agency_office.tell()
    browser, other = agency_office.enter(), agency_office.enter("minh")
    form = filled(browser, HAND_IN, how="du", name="Hoa", until="2024-12-20", why="Chờ số liệu", link="https://a.vn/b")
    before = agency_office.state()
    files = {"files": [("files", ("a.pdf", PDF))]} if page == HAND_IN else {}
    for wrong in ("", "x", field_of(other.get("/co-quan").text, "csrf")):
        assert browser.post(page, data=form | {"csrf": wrong}, **files).status_code == 403
    elsewhere = browser.post(page, data=form, headers={"Sec-Fetch-Site": "cross-site"}, **files)
    assert elsewhere.status_code == 403
    assert agency_office.state() == before


@pytest.mark.parametrize(
    "page",
    [
        "/co-quan",
        DUTY,
        HAND_IN,
        ASK,
        "/co-quan/danh-ba",
        "/co-quan/danh-ba/hoa",
        "/co-quan/tep/1",
        "/co-quan/bien-nhan/1",
    ],
)
def test_a_stranger_is_led_to_where_a_link_is_asked_for(agency_office, page):
    answer = agency_office.browser().get(page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/xin-lien-ket")


def test_markup_in_every_field_is_shown_and_not_run(agency_office):
    browser = agency_office.enter()
    nasty = f'"><img src=x onerror=alert(1)>{MARKUP}'
    hand_in(browser, (f"{MARKUP[:8]}.pdf", PDF), how="phan", name=nasty, note=nasty, number=nasty, date="2024-12-02")
    browser.post(ASK, data=filled(browser, ASK, until="2024-12-20", why=nasty, name=nasty))
    wrong = [hand_in(browser, how="", name=nasty, note=nasty, number=nasty, link=nasty, date=nasty)]
    wrong.append(browser.post(ASK, data=filled(browser, ASK, until=nasty, why=nasty, name=nasty)))
    assert [page.status_code for page in wrong] == [422, 422]
    agency_office.change(DUTIES, document=nasty)
    pages = [browser.get(page) for page in ("/co-quan", DUTY, HAND_IN, ASK, "/co-quan/bien-nhan/1")]
    for page in [*pages, *wrong]:
        assert page.status_code in (200, 422)
        assert not re.search(r"<script>|<img", page.text)
