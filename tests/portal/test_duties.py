"""Duties agency by agency, and what a secretary records about one."""

from datetime import date

import pytest
from sqlalchemy import insert

from calendars.wording import say_instant
from models.columns import table_of
from models.notice import DutyDecision
from models.occurrence import Duty
from models.submission import ExtensionRequest, Submission
from office.store import writing
from tests.portal.work_office import MARKUP

DUTIES, DECIDED = table_of(Duty), table_of(DutyDecision)
DUTY = "P/BC/2024/A"


def address(act, agency="A"):
    return f"/thu-ky/nhiem-vu/{agency}/{act}/P/BC/2024"


def decisions(office):
    return [(row.duty, row.what, row.by, row.why, row.document) for row in office.rows(DECIDED)]


def test_the_official_table_prints_its_denominators(work_office):
    page = work_office.secretary.get("/thu-ky/nhiem-vu").text
    assert "Tỷ lệ hoàn thành 0/3 (0,0 %), không tính 1 việc chưa đến hạn, 2 việc không hạn" in page
    assert "Việc không hạn: việc cả giai đoạn" in page
    assert "Xếp hạng khi cơ quan có từ 3 việc đến hạn." in page
    assert '<a href="/thu-ky/nhiem-vu/C?nam=2024" lang="vi">Sở C</a>' in page
    assert "Không có nhiệm vụ nào" in work_office.secretary.get("/thu-ky/nhiem-vu?nam=2024&chuong-trinh=KHAC").text
    assert work_office.secretary.get("/thu-ky/nhiem-vu?nam=1").status_code == 200  # no year: the office's own
    assert work_office.secretary.get("/thu-ky/nhiem-vu?nam=1999").status_code == 404


def test_an_agency_s_page_says_when_it_was_told_and_whether_it_answered(work_office):
    work_office.add_contact()
    work_office.add_notice("accepted", kind="overdue", accepted_at=work_office.now())
    page = work_office.secretary.get("/thu-ky/nhiem-vu/A").text
    assert "trước 10/12/2024, ngày cuối 09/12/2024" in page
    assert "chưa nộp, quá hạn 3 ngày làm việc" in page
    assert "báo thủ trưởng 12/12/2024" in page
    assert page.count("chưa báo nhận") == 1  # of the one it was told of
    assert page.count("chưa gửi thông báo nào") == page.count("<h3>") - 1
    assert f'href="{address("gia-han")}"' in page
    assert "/gia-han/P/KT/2024" not in page  # no deadline, no more time
    assert address("gia-han") not in work_office.chair.get("/thu-ky/nhiem-vu/A").text
    assert work_office.secretary.get("/thu-ky/nhiem-vu/KHONG").status_code == 404


@pytest.mark.parametrize(
    ("act", "words"), [("da-nop", "Ghi đã nộp"), ("gia-han", "Cho gia hạn"), ("tra-lai", "Trả lại để sửa")]
)
def test_the_form_says_for_which_agency(work_office, act, words):
    page = work_office.secretary.get(address(act, "C")).text
    assert f'<h1>{words}: <span lang="vi">Sở C</span></h1>' in page
    assert f"<title>{words}: Sở C" in page


def test_who_is_let_off_is_said_once_more_on_the_button(work_office):
    assert ">Miễn nhiệm vụ cho Sở C</button>" in work_office.secretary.get(address("mien", "C")).text


def test_what_came_in_part_and_time_asked_for_are_on_the_agency_s_page(work_office):
    common = {"duty": DUTY, "version": "1.1", "agency": "A", "by": "Ông A", "at": work_office.now(), "key": "x" * 16}
    part = Submission(complete=False, **common)
    asks = ExtensionRequest(until=date(2024, 12, 20), why="bão", **common)
    with writing(work_office.engine) as connection:
        connection.execute(insert(table_of(Submission)).values(**part.model_dump(exclude={"id"})))
        connection.execute(insert(table_of(ExtensionRequest)).values(**asks.model_dump(exclude={"id"})))
    page = work_office.secretary.get("/thu-ky/nhiem-vu/A").text
    assert "đã nộp một phần, quá hạn 3 ngày làm việc" in page
    assert f'{say_instant(work_office.now())} (<span lang="vi">Ông A</span>)' in page
    assert 'đến 20/12/2024 (<span lang="vi">Ông A</span>), <a href="/thu-ky/duyet#xin-1">chờ trả lời</a>' in page


def test_a_submission_is_recorded_once_with_its_day_and_document(work_office):
    assert f'value="{work_office.today()}"' in work_office.secretary.get(address("da-nop")).text
    fields = {"on": "2024-12-10", "document": "12/BC-SA"}
    answer = work_office.send(address("da-nop"), **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/thu-ky/nhiem-vu/A?nam=2024&done=da-nop")
    assert "Đã ghi nhận là đã nộp." in work_office.secretary.get(answer.headers["location"]).text
    again = work_office.send(address("da-nop"), **fields)
    assert (again.status_code, "đã ghi nhận rồi" in again.text) == (422, True)
    assert decisions(work_office) == [(DUTY, "done", "Chị Lan", "", "12/BC-SA")]
    assert work_office.audit("duty.done") == [("Chị Lan", DUTY)]


def test_more_time_back_for_correction_and_waived(work_office):
    assert work_office.send(address("gia-han"), until="2024-12-20", why="bão", document="5/CV").status_code == 303
    assert work_office.send(address("da-nop"), on="2024-12-12").status_code == 303
    assert work_office.send(address("tra-lai"), why="thiếu phụ lục", until="2024-12-18").status_code == 303
    assert work_office.send(address("mien", "C"), why="sáp nhập").status_code == 303
    assert decisions(work_office) == [
        (DUTY, "extended", "Chị Lan", "bão", "5/CV"),
        (DUTY, "done", "Chị Lan", "", None),
        (DUTY, "returned", "Chị Lan", "thiếu phụ lục", None),
        ("P/BC/2024/C", "waived", "Chị Lan", "sáp nhập", None),
    ]
    page = work_office.secretary.get("/thu-ky/nhiem-vu/A?done=gia-han").text
    assert "bị trả lại, đang sửa" in page
    assert "nộp lại đến 18/12/2024" in page


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("da-nop", {"on": ""}, "Chưa ghi ngày nộp"),
        ("da-nop", {"on": "mai"}, "Không đọc được ngày nộp"),
        ("da-nop", {"on": "2024-12-13"}, "chưa đến"),
        ("da-nop", {"on": "1924-12-13"}, "quá xa"),
        ("gia-han", {"until": "2024-12-20", "why": " "}, "Chưa ghi lý do"),
        ("gia-han", {"until": "2024-12-09", "why": "bão"}, "không sau hạn đang có"),
        ("tra-lai", {"why": "thiếu"}, "chưa nộp nên chưa trả lại được"),
        ("mien", {"why": "x" * 501}, "Mục lý do cần từ 1 đến 500 ký tự"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_is_kept(work_office, act, fields, said):
    typed = {"document": MARKUP} | fields
    answer = work_office.send(address(act), **typed)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert decisions(work_office) == []
    assert MARKUP not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


@pytest.mark.parametrize("path", ["/thu-ky/nhiem-vu/A/xoa/P/BC/2024", "/thu-ky/nhiem-vu/D/mien/P/BC/2024"])
def test_another_act_or_a_duty_nobody_owes_is_not_found(work_office, path):
    assert work_office.secretary.get(path).status_code == 404
    assert work_office.send(path, why="thôi").status_code == 404
