"""The board of a collection: the missing first, how late, what came in part; and the consolidation that waits."""

import re
from datetime import date, datetime

from sqlalchemy import insert

from calendars.wording import say_instant
from models.columns import table_of
from models.occurrence import Occurrence
from models.submission import Submission
from office.settings import VIETNAM
from office.store import writing
from planning.submissions import Recorded, mark_done

SUBMISSIONS, OCCURRENCES = table_of(Submission), table_of(Occurrence)
PART_AT = datetime(2024, 12, 9, 15, tzinfo=VIETNAM)


def hand_in_some(office):
    recorded = Recorded("Bà B", office.now(), document="7/BC-SB")
    partial = Submission(
        duty="P/BC/2024/C", version="1.1", agency="C", by="Ông C", at=PART_AT,
        complete=False, key="x" * 16,
    )  # fmt: skip
    with writing(office.engine) as connection:
        mark_done(connection, "P/BC/2024/B", date(2024, 12, 11), recorded)
        connection.execute(insert(SUBMISSIONS).values(**partial.model_dump(exclude={"id"})))


def rows(page):
    """The first board's rows as words."""
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("<tr>")[1:]]


def test_the_missing_come_first_then_who_was_late_and_by_how_much(work_office):
    hand_in_some(work_office)
    page = work_office.secretary.get("/thu-ky/thu-bao-cao/P/BC/2024").text
    assert rows(page) == [
        "Sở A chưa nộp, quá hạn 3 ngày làm việc — — Ghi đã nộp : Sở A",
        f"Sở C đã nộp một phần, quá hạn 3 ngày làm việc {say_instant(PART_AT)} ( Ông C ) — — Ghi đã nộp : Sở C",
        "Sở B đã nộp, quá hạn 2 ngày làm việc 11/12/2024 7/BC-SB —",
    ]
    assert "Đã nộp 1/3." in page
    assert "Sở A; Sở C" in page
    assert "Ghi đã nộp" not in work_office.chair.get("/thu-ky/thu-bao-cao/P/BC/2024").text


def test_the_consolidation_has_its_own_deadline_and_names_whom_it_waits_for(work_office):
    hand_in_some(work_office)
    page = work_office.secretary.get("/thu-ky/thu-bao-cao/P/TH/2024").text
    own = page.split("Hạn của chính báo cáo tổng hợp:")[1].split("</p>")[0]
    assert "trước 20/12/2024, ngày cuối 19/12/2024" in own
    assert "Hạn: trước 20/12/2024, ngày cuối 19/12/2024, nên xong 19/12/2024; còn 5 ngày làm việc." in page
    assert "Còn thiếu 2: danh sách để chép" in page.split("tổng hợp từ")[1]


def test_the_year_s_collections_are_listed_with_their_numbers(work_office):
    hand_in_some(work_office)
    page = work_office.secretary.get("/thu-ky/thu-bao-cao").text
    first, second = rows(page)
    assert first.startswith("09/12/2024 Báo cáo năm")
    assert "1/3 còn thiếu 2" in first
    assert "Báo cáo tổng hợp (tổng hợp)" in second
    assert "Hội nghị" not in page.split("<tbody>")[1]


def test_what_is_over_stands_apart_with_the_reason_why_nobody_is_late(work_office):
    with writing(work_office.engine) as connection:
        connection.execute(OCCURRENCES.update().where(OCCURRENCES.c.id == "P/BC/2024").values(assumed=True))
    page = work_office.secretary.get("/thu-ky/thu-bao-cao").text
    coming, over = page.split("<caption>")[1:]
    assert "Báo cáo tổng hợp" in coming
    assert over.startswith("Đã qua</caption>")
    assert 'không ai bị coi là quá hạn: <span lang="vi">hạn là giả định, chờ xác nhận</span>' in over
    one = work_office.secretary.get("/thu-ky/thu-bao-cao/P/BC/2024").text
    assert 'Không ai bị coi là quá hạn: <span lang="vi">hạn là giả định, chờ xác nhận</span>.' in one


def test_what_is_no_report_with_a_deadline_is_not_found(work_office):
    for occurrence in ("P/HN/2024", "P/KHONG/2024"):
        assert work_office.secretary.get(f"/thu-ky/thu-bao-cao/{occurrence}").status_code == 404
