"""Duties agency by agency, and what a secretary records about one."""

import pytest

from models.columns import table_of
from models.notice import DutyDecision
from models.occurrence import Duty
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
    assert '<a href="/thu-ky/nhiem-vu/C?nam=2024" lang="vi">Sở C</a>' in page
    assert "Không có nhiệm vụ nào" in work_office.secretary.get("/thu-ky/nhiem-vu?nam=2024&chuong-trinh=KHAC").text
    assert work_office.secretary.get("/thu-ky/nhiem-vu?nam=1").status_code == 200  # no year: the office's own
    assert work_office.secretary.get("/thu-ky/nhiem-vu?nam=1999").status_code == 404


def test_an_agency_s_page_says_when_it_was_told_and_whether_it_answered(work_office):
    work_office.add_contact()
    work_office.add_notice("accepted", kind="overdue", accepted_at=work_office.now())
    page = work_office.secretary.get("/thu-ky/nhiem-vu/A").text
    assert "trước 10/12/2024, ngày cuối 09/12/2024" in page
    assert "chậm 3 ngày làm việc" in page
    assert "báo thủ trưởng 12/12/2024" in page
    assert "chưa báo nhận" in page
    assert f'href="{address("gia-han")}"' in page
    assert address("gia-han") not in work_office.chair.get("/thu-ky/nhiem-vu/A").text
    assert work_office.secretary.get("/thu-ky/nhiem-vu/KHONG").status_code == 404


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
