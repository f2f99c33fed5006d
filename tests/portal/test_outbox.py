"""The outbox on a page: counted, held, sent again, each with a reason; and the proof sheet of one notice."""

import pytest
from sqlalchemy import update

from models.columns import table_of
from models.notice import Hold
from models.occurrence import Occurrence
from office.store import writing
from planning.definitions import PolicyDefinition
from tests.portal.attacked_office import POLICY
from tests.portal.work_office import MARKUP, NOTICES

HOLDS, OCCURRENCES = table_of(Hold), table_of(Occurrence)


def test_states_are_counted_and_what_a_person_must_decide_is_listed(work_office):
    work_office.add_contact()
    failed, planned = work_office.add_notice("failed"), work_office.add_notice("planned")
    page = work_office.secretary.get("/thu-ky/hop-gui").text
    assert "không gửi được" in page
    assert f"/thu-ky/hop-gui/{failed}" in page
    assert f"/thu-ky/hop-gui/{planned}" not in page
    assert f"/thu-ky/hop-gui/{planned}" in work_office.secretary.get("/thu-ky/hop-gui?xem=cho").text
    assert "09h00 ngày 12/12/2024" not in page
    assert "9h00 ngày 12/12/2024" in page
    assert MARKUP not in page


def test_each_notice_says_at_which_step_it_is_told(work_office):
    notice = work_office.add_notice("failed", step="D-5")
    with writing(work_office.engine) as connection:
        connection.execute(update(OCCURRENCES).values(ladder=PolicyDefinition.model_validate(POLICY).model_dump_json()))
    assert '<td data-label="Bước">trước hạn 5 ngày làm việc</td>' in work_office.secretary.get("/thu-ky/hop-gui").text
    sheet = work_office.secretary.get(f"/thu-ky/hop-gui/{notice}").text
    assert "<dt>Bước</dt><dd>trước hạn 5 ngày làm việc</dd>" in sheet
    assert "P/BC/2024/A · 1.1 · D-5 · " in sheet  # the key stays as it is stored
    english = work_office.secretary.get("/thu-ky/hop-gui?lang=en").text
    assert '<td data-label="Step">5 working days before the deadline</td>' in english


def test_a_failed_notice_goes_again_with_its_reason_once(work_office):
    work_office.add_contact()
    notice = work_office.add_notice("bounced")
    address = f"/thu-ky/hop-gui/{notice}"
    assert work_office.send(address, act="gui-lai", why="").status_code == 422
    answer = work_office.send(address, act="gui-lai", why="đã sửa hộp thư")
    assert answer.headers["location"] == f"{address}?done=gui-lai"
    assert work_office.one(NOTICES, notice)["state"] == "pending"
    page = work_office.secretary.get(answer.headers["location"]).text
    assert "Thông báo sẽ gửi lại ở lượt gửi tới." in page
    assert "đã sửa hộp thư" in page
    again = work_office.send(address, act="gui-lai", why="lần nữa")
    assert (again.status_code, "không ở trạng thái gửi lại được" in again.text) == (422, True)
    assert work_office.audit("notice.retried") == [("Chị Lan", f"notice/{notice}")]


@pytest.mark.parametrize("one", [True, False])
def test_holding_and_going_on_of_one_notice_or_of_all(work_office, one):
    notice = work_office.add_notice("planned")
    address, scope = (f"/thu-ky/hop-gui/{notice}", str(notice)) if one else ("/thu-ky/hop-gui", "*")
    assert work_office.send(address, act="giu", why="chờ xác minh").status_code == 303
    assert [(row.scope, row.by, row.why) for row in work_office.rows(HOLDS)] == [(scope, "Chị Lan", "chờ xác minh")]
    assert "chờ xác minh" in work_office.secretary.get("/thu-ky/hop-gui").text
    assert ("Mọi thông báo đang bị tạm giữ" in work_office.secretary.get("/thu-ky").text) is not one
    assert work_office.send(address, act="di-tiep", why="đã rõ").status_code == 303
    assert work_office.rows(HOLDS) == []
    assert work_office.send(address, act="di-tiep", why="đã rõ").status_code == 422
    assert len(work_office.audit("notices.resumed")) == 1


def test_the_proof_sheet_tells_a_notice_from_its_planning_to_its_answer(work_office):
    work_office.add_contact()
    notice = work_office.add_notice("accepted", accepted_at=work_office.now())
    page = work_office.chair.get(f"/thu-ky/hop-gui/{notice}").text
    assert "09:00:00 ngày 12/12/2024" in page
    assert "a@example.vn" not in page
    assert "Nhật ký nguyên vẹn" in page
    assert 'name="act"' not in page


@pytest.mark.parametrize("address", ["/thu-ky/hop-gui/99", "/thu-ky/hop-gui/99999999999999"])
def test_a_notice_there_is_not(work_office, address):
    assert work_office.secretary.get(address).status_code == 404
    assert work_office.send(address, act="giu", why="x").status_code == 404


def test_another_act_is_none_of_ours(work_office):
    assert work_office.send("/thu-ky/hop-gui", act="gui-lai", why="x").status_code == 400
    assert work_office.send("/thu-ky/hop-gui", act="xoa", why="x").status_code == 400
