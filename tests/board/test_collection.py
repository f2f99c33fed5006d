"""The collection of a group's reports, and the consolidation that waits for it."""

from datetime import date, datetime

import pytest
from sqlalchemy import text

from board.collection import read_collection, read_consolidation
from board.standing import Standing
from calendars.working_days import WorkingDays
from office.settings import VIETNAM
from office.store import reading, writing
from planning.submissions import Recorded, extend_duty, mark_done, return_duty, waive_duty
from planning.yearbook import plan_year

TODAY = date(2024, 12, 2)
BY_LAN = Recorded("Chị Lan", datetime(2024, 12, 2, 9, tzinfo=VIETNAM), "Có văn bản", "1/BC")
JUNE, DECEMBER = "P/I1/2024-06-30", "P/I1/2024-12-10"
ITEMS = """\
  - {id: I1, line: 1, title: Báo cáo, kind: report, when: trước 30/6 và trước 10/12 hằng năm, lead: [A, B]}
  - {id: I2, line: 2, title: Tổng hợp, kind: report, when: trước ngày 20/12/2024, lead: [C], depends_on: [{item: I1}]}
"""


@pytest.fixture
def planned(engine, definitions):
    found = definitions(ITEMS)
    with writing(engine) as connection:
        plan_year(connection, found, 2024, TODAY)
    return engine


def test_the_collection_is_the_next_one_due_and_the_last_when_all_are_over(planned):
    with reading(planned) as connection:
        days = [date(2024, 3, 1), date(2024, 6, 30), date(2024, 12, 2), date(2024, 12, 31)]
        found = [read_collection(connection, "P", "I1", day) for day in days]
    assert [one.last_on_time for one in found] == [
        date(2024, 6, 29), date(2024, 12, 9), date(2024, 12, 9), date(2024, 12, 9),
    ]  # fmt: skip
    assert [one.days_left for one in found] == [120, 162, 7, -22]


def test_the_consolidation_names_everyone_still_missing(planned):
    with writing(planned) as connection:
        assert mark_done(connection, f"{JUNE}/A", TODAY, BY_LAN)
        assert mark_done(connection, f"{DECEMBER}/A", TODAY, BY_LAN)
        waiting = read_consolidation(connection, "P", "I2", TODAY)
    assert [(one.agency, one.standing) for one in waiting.missing] == [("B", Standing.OVERDUE), ("B", Standing.OPEN)]


def test_a_year_without_it_has_none(planned):
    with reading(planned) as connection:
        assert read_collection(connection, "P", "I1", date(2026, 1, 1)) is None
        assert read_consolidation(connection, "P", "khong-co", TODAY) is None


def said(collection) -> list[tuple[str, str]]:
    return [(duty.agency, duty.in_words) for duty in collection.duties]


def test_an_extension_is_the_last_day_of_one_agency_only(planned):
    with writing(planned) as connection:
        extend_duty(connection, f"{DECEMBER}/A", date(2024, 12, 12), BY_LAN, WorkingDays())
        found = read_collection(connection, "P", "I1", date(2024, 12, 9))
        assert said(found) == [("A", "chưa nộp, trong hạn (gia hạn đến 12/12/2024)"), ("B", "chưa nộp, trong hạn")]
        late = read_collection(connection, "P", "I1", date(2024, 12, 10))
        assert [duty.standing for duty in late.duties] == [Standing.OPEN, Standing.OVERDUE]
        assert mark_done(connection, f"{DECEMBER}/A", date(2024, 12, 12), BY_LAN)
        done = read_collection(connection, "P", "I1", date(2024, 12, 13))
    assert done.duties[0].standing is Standing.DONE_ON_TIME


def test_a_returned_report_is_missing_again_but_keeps_the_standing_of_its_first_submission(planned):
    with writing(planned) as connection:
        assert mark_done(connection, f"{DECEMBER}/A", TODAY, BY_LAN)
        return_duty(connection, f"{DECEMBER}/A", BY_LAN, until=date(2024, 12, 6))
        returned = read_collection(connection, "P", "I1", date(2024, 12, 20))
        assert [duty.agency for duty in returned.missing] == ["A", "B"]
        assert said(returned)[0] == ("A", "đã nộp, đúng hạn; bị trả lại, đang sửa, nộp lại đến 06/12/2024")
        assert mark_done(connection, f"{DECEMBER}/A", date(2024, 12, 20), BY_LAN)
        back = read_collection(connection, "P", "I1", date(2024, 12, 20))
    assert [duty.agency for duty in back.missing] == ["B"]
    assert said(back)[0] == ("A", "đã nộp, đúng hạn")


def test_whoever_was_let_off_is_neither_missing_nor_asked(planned):
    with writing(planned) as connection:
        waive_duty(connection, f"{DECEMBER}/B", BY_LAN)
        found = read_collection(connection, "P", "I1", TODAY)
        waiting = read_consolidation(connection, "P", "I2", TODAY)
    assert said(found)[1] == ("B", "được miễn")
    assert ([duty.agency for duty in found.missing], [duty.agency for duty in found.asked]) == (["A"], ["A"])
    assert [(duty.duty) for duty in waiting.missing] == [f"{JUNE}/A", f"{JUNE}/B", f"{DECEMBER}/A"]


def test_the_collection_of_a_secret_report_has_no_title(planned):
    with writing(planned) as connection:
        connection.execute(text("update occurrence set secret = true"))
        assert read_collection(connection, "P", "I1", TODAY).title == "Việc mật"
        assert read_consolidation(connection, "P", "I2", TODAY).title == "Việc mật"
