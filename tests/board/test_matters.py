"""What waits for a person, with its days: what is near comes first, what is past is known as such."""

from datetime import date

import pytest

from board.matters import pressing, read_matters
from office.store import reading, writing
from planning.yearbook import plan_year

ITEMS = """\
  - {id: H1, line: 1, title: Hội nghị đầu năm, kind: conference, when: tháng 3/2024, lead: [A]}
  - {id: H2, line: 2, title: Hội nghị cuối năm, kind: conference, when: tháng 12/2024, lead: [A]}
  - {id: K, line: 3, title: Kiểm tra, kind: inspection, when: hằng quý, lead: [A], inspected: [B]}
  - {id: T, line: 4, title: Tập huấn, kind: training, when: năm 2024, lead: [A]}
  - {id: V, line: 5, title: Việc khác, kind: report, when: định kỳ, lead: [A]}
"""
TODAY = date(2024, 12, 2)


@pytest.fixture
def kinds(engine, definitions):
    with writing(engine) as connection:
        plan_year(connection, definitions(ITEMS), 2024, date(2024, 1, 2))
    with reading(engine) as connection:
        return {kind.kind: kind for kind in read_matters(connection, 2024, TODAY)}


def test_the_soonest_comes_first_what_is_past_follows(kinds):
    assert [(one.occurrences, one.is_past(TODAY)) for one in kinds["fix_date"].matters] == [
        (("P/H2/2024",), False),
        (("P/K/2024-Q4",), False),
        (("P/T/2024",), False),
        (("P/H1/2024",), True),
        (("P/K/2024-Q1",), True),
        (("P/K/2024-Q2",), True),
        (("P/K/2024-Q3",), True),
    ]


def test_what_helps_with_every_one_of_a_kind_is_said_once(kinds):
    assert kinds["fix_date"].help == "Khi đã có ngày, ấn định ở trang của việc."


def test_only_what_is_near_presses_and_nothing_that_may_be_at_any_time_of_the_year(kinds):
    assert {kind.kind: number for kind, number in pressing(kinds.values(), TODAY, date(2025, 1, 2)).items()} == {
        "fix_date": 2
    }
    assert pressing(kinds.values(), date(2025, 2, 1), date(2025, 2, 28)) == {}
