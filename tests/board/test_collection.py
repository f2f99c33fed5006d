"""The collection of a group's reports, and the consolidation that waits for it."""

from datetime import date

import pytest

from board.collection import read_collection, read_consolidation
from board.standing import Standing
from office.store import reading, writing
from planning.submissions import mark_done
from planning.yearbook import plan_year

TODAY = date(2024, 12, 2)
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
        assert mark_done(connection, "P/I1/2024-06-30/A", TODAY, "Chị Lan", "1/BC", TODAY)
        assert mark_done(connection, "P/I1/2024-12-10/A", TODAY, "Chị Lan", "2/BC", TODAY)
        waiting = read_consolidation(connection, "P", "I2", TODAY)
    assert [(one.agency, one.standing) for one in waiting.missing] == [("B", Standing.OVERDUE), ("B", Standing.OPEN)]


def test_a_year_without_it_has_none(planned):
    with reading(planned) as connection:
        assert read_collection(connection, "P", "I1", date(2026, 1, 1)) is None
        assert read_consolidation(connection, "P", "khong-co", TODAY) is None
