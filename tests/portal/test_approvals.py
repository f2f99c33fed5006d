"""Decisions on the portal: recorded here first and signed by name; then the run that waits on Prefect goes on."""

import json
import threading
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

import pytest
from docx import Document

from models.columns import table_of
from models.notice import Letter, Notice
from models.occurrence import Duty
from models.submission import ExtensionRequest
from office.settings import VIETNAM
from office.store import writing
from planning.more_time import Asked, ask_more_time
from planning.submissions import Recorded, mark_done
from tests.portal.work_office import MARKUP

LETTERS, NOTICES, DUTIES, REQUESTS = (table_of(one) for one in (Letter, Notice, Duty, ExtensionRequest))
APPROVED = {"decision": "duyet", "round": "1", "number": "12/CV-BCĐ", "signer": "Trần Thị B", "signer_title": ""}


@pytest.fixture
def prefect(work_office):
    """A server on the office's port of Prefect with one waiting run of each kind; ``asked`` is what it was told."""
    asked = []
    runs = {"duyet-cong-van": {"letter": 1, "round": 1}, "duyet-gia-han": {"request": 1}}

    class Prefect(BaseHTTPRequestHandler):
        since = "2026-03-02T08:00:00Z"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = {"status": "ACCEPT"}
            if self.path.endswith("/filter"):
                [name] = body["deployments"]["name"]["any_"]
                run = {"id": name, "name": name, "parameters": runs[name], "state": {"timestamp": Prefect.since}}
                answer = (
                    [] if body["offset"] else [run, run | {"id": "khác", "parameters": {"letter": 9, "request": 9}}]
                )
            else:
                asked.append((self.path, body["run_input"]))
            self.answer(answer)

        def do_GET(self):
            self.answer({"token": "t"})

        def answer(self, answer):
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments):
            pass

    listening = HTTPServer(("127.0.0.1", work_office.prefect_port), Prefect)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield asked, Prefect
    listening.shutdown()
    listening.server_close()


def decide(office, letter, **fields):
    return office.send(f"/thu-ky/duyet/cong-van/{letter}", **fields)


def test_a_letter_is_approved_by_name_and_its_waiting_run_goes_on_with_the_same_form(work_office, prefect):
    work_office.add_contact()
    letter = work_office.draft_letter()
    answer = decide(work_office, letter, **APPROVED)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/thu-ky/duyet?done=duyet&so={letter}")
    row = work_office.one(LETTERS, letter)
    assert (row["state"], row["decided_by"], row["number"], row["signer"]) == (
        "approved",
        "Chị Lan",
        "12/CV-BCĐ",
        "Trần Thị B",
    )
    assert {notice.kind for notice in work_office.rows(NOTICES)} == {"letter"}
    said = work_office.secretary.get(answer.headers["location"]).text
    assert "Đã duyệt công văn số 12/CV-BCĐ: sẽ gửi 3 cơ quan ở lượt gửi tới." in said
    filled = {"decision": "Duyệt", "name": "Chị Lan", "number": "12/CV-BCĐ", "signer": "Trần Thị B"}
    assert prefect[0] == [
        ("/api/flow_runs/duyet-cong-van/resume", filled | {"remark": "", "signer_title": ""})
    ]  # fmt: skip


def test_a_run_suspended_this_very_moment_is_left_to_the_chase_flow(work_office, prefect):
    asked, server = prefect
    server.since = "2026-03-02T08:59:45Z"
    letter = work_office.draft_letter()
    answer = decide(work_office, letter, decision="khong-gui", round="1")
    assert answer.headers["location"] == f"/thu-ky/duyet?done=khong-gui&so={letter}&luong=sau"
    assert asked == []


def test_without_prefect_the_decision_stands_and_the_page_says_so(work_office):
    letter = work_office.draft_letter()
    answer = decide(work_office, letter, decision="khong-gui", round="1")
    assert answer.headers["location"] == f"/thu-ky/duyet?done=khong-gui&so={letter}&luong=sau"
    assert "Máy chủ luồng chưa nhận được" in work_office.secretary.get(answer.headers["location"]).text
    assert work_office.one(LETTERS, letter)["state"] == "waived"


def test_a_returned_letter_waits_again_in_the_next_round_and_the_old_form_is_refused(work_office, prefect):
    letter = work_office.draft_letter()
    assert decide(work_office, letter, decision="tra-lai", round="1", remark="Sửa trích yếu").status_code == 303
    page = work_office.secretary.get("/thu-ky/duyet").text
    assert f"Công văn {letter}, lần 2" in page
    assert "Sửa trích yếu" in page
    stale = decide(work_office, letter, **APPROVED)
    assert (stale.status_code, "nay là lần 2" in stale.text) == (422, True)
    assert work_office.one(LETTERS, letter)["state"] == "drafted"


def test_what_lacks_something_is_said_and_what_was_typed_stays(work_office):
    letter = work_office.draft_letter()
    answer = decide(work_office, letter, **(APPROVED | {"number": "", "signer": MARKUP}))
    assert (answer.status_code, "thiếu số công văn" in answer.text) == (422, True)
    assert MARKUP not in answer.text
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;"' in answer.text
    assert work_office.one(LETTERS, letter)["state"] == "drafted"


@pytest.mark.parametrize("fields", [{"decision": "xoa", "round": "1"}, {"decision": "duyet", "round": "một"}])
def test_a_form_of_no_page_of_ours_is_refused(work_office, fields):
    assert decide(work_office, work_office.draft_letter(), **fields).status_code == 400


def test_the_draft_is_a_word_file_to_keep_and_only_of_what_waits(work_office):
    letter = work_office.draft_letter()
    answer = work_office.chair.get(f"/thu-ky/duyet/cong-van/{letter}/du-thao.docx")
    assert answer.headers["content-disposition"] == f'attachment; filename="du-thao-{letter}-lan-1.docx"'
    words = "\n".join(cell.text for table in Document(BytesIO(answer.content)).tables for cell in table._cells)
    assert "Sở A" in words
    assert work_office.secretary.get(f"/thu-ky/duyet/cong-van/{letter + 1}/du-thao.docx").status_code == 404


def ask(office):
    with writing(office.engine) as connection:
        asked = Asked("P/TH/2024/B", f"Bà {MARKUP}", date(2024, 12, 25), f"Chờ số liệu {MARKUP}", "k" * 16)
        return ask_more_time(connection, asked, office.now())


def test_a_request_is_granted_with_another_day_and_answered(work_office, prefect):
    work_office.add_contact("B.dm", "B", "b@example.vn")
    number = ask(work_office)
    page = work_office.secretary.get("/thu-ky/duyet").text
    assert "Chờ số liệu &lt;script&gt;" in page
    answer = work_office.send(f"/thu-ky/duyet/gia-han/{number}", decision="cho", until="2024-12-24", remark="")
    assert answer.headers["location"] == f"/thu-ky/duyet?done=cho&so={number}"
    assert work_office.one(DUTIES, "P/TH/2024/B")["extended_to"] == date(2024, 12, 24)
    said = work_office.secretary.get(answer.headers["location"]).text
    assert "Đã cho Sở B gia hạn đến hết 24/12/2024; cơ quan được báo ở lượt gửi tới." in said
    row = work_office.one(REQUESTS, number)
    assert (row["state"], row["decided_by"], row["granted_until"]) == ("granted", "Chị Lan", date(2024, 12, 24))
    assert [notice.recipient for notice in work_office.rows(NOTICES)] == ["B.dm"]
    filled = {"decision": "Cho gia hạn", "name": "Chị Lan", "until": "2024-12-24", "remark": ""}
    assert prefect[0] == [("/api/flow_runs/duyet-gia-han/resume", filled)]


def test_a_refusal_needs_its_reason_and_is_recorded_once(work_office):
    number = ask(work_office)
    bare = work_office.send(f"/thu-ky/duyet/gia-han/{number}", decision="khong", until="", remark="")
    assert (bare.status_code, "chưa ghi vì sao" in bare.text) == (422, True)
    fields = {"decision": "khong", "until": "", "remark": "Hội đồng họp ngày 23"}
    assert work_office.send(f"/thu-ky/duyet/gia-han/{number}", **fields).status_code == 303
    assert work_office.send(f"/thu-ky/duyet/gia-han/{number}", **fields).status_code == 303
    assert work_office.audit("request.refused") == [("Chị Lan", f"request/{number}")]
    late = work_office.send(f"/thu-ky/duyet/gia-han/{number}", decision="cho", until="2024-12-24", remark="")
    assert (late.status_code, "không cho gia hạn" in late.text) == (422, True)


def test_open_matters_lead_to_where_they_are_decided(work_office):
    page = work_office.secretary.get("/thu-ky/duyet").text
    assert "Chờ ấn định ngày (1)" in page
    assert 'href="/thu-ky/an-dinh/P/KT/2024"' in page
    assert '<details class="month" id="viec-fix_date">' in page
    assert (
        '<details class="month" id="viec-fix_date" open>' in work_office.secretary.get("/thu-ky/duyet?mo=fix_date").text
    )


def test_a_confirmation_of_nothing_says_nothing_of_anybody(work_office):
    for address in ("duyet&so=9", "cho&so=9", "cho&so=x", "khong&so=99999999999", "duyet&so=0"):
        answer = work_office.secretary.get(f"/thu-ky/duyet?done={address}")
        assert (answer.status_code, "Sở B" in answer.text) == (200, False)


def test_a_request_that_waited_past_its_deadline_says_so(work_office):
    with writing(work_office.engine) as connection:
        asked = Asked("P/BC/2024/A", "Bà Hoa", date(2024, 12, 20), "Chờ số liệu của xã", "r" * 16)
        ask_more_time(connection, asked, datetime(2024, 12, 9, 9, tzinfo=VIETNAM))
    for browser, page in (("secretary", "/thu-ky/duyet"), ("secretary", "/thu-ky"), ("chair", "/truong-ban")):
        assert "chờ 3 ngày làm việc, hạn cũ đã qua" in getattr(work_office, browser).get(page).text


def test_who_is_counted_is_who_is_still_late_on_every_page(work_office):
    work_office.draft_letter()
    with writing(work_office.engine) as connection:
        mark_done(connection, "P/BC/2024/A", date(2024, 12, 12), Recorded("Chị Lan", work_office.now()))
    assert "2 cơ quan còn quá hạn" in work_office.secretary.get("/thu-ky/duyet").text
    assert "(2 cơ quan)" in work_office.chair.get("/truong-ban").text
