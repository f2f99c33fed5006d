"""What a year's strip shows beside the dates: done, how far, called off, in the way."""

from datetime import date, datetime

import pytest

from board.year import Progress, read_choices, read_marks
from office.settings import VIETNAM
from office.store import reading, writing
from planning.amendments import Basis
from planning.fixing import cancel_occurrence
from planning.submissions import Recorded, mark_done, waive_duty
from planning.yearbook import plan_year

ITEMS = """\
  - {id: R, line: 1, title: Báo cáo, kind: report, when: trước 10/12/2024, lead: [A, B, C]}
  - {id: S, line: 2, title: Báo cáo quý, kind: report, when: chậm nhất ngày 28/6/2024, lead: [A]}
  - {id: K, line: 3, title: Kiểm tra, kind: inspection, when: Quý II năm 2024, inspected: [A], lead: [BAN], team: DOAN1}
  - {id: H, line: 4, title: Hội nghị, kind: conference, when: Tháng 7 năm 2024, lead: [B]}
"""
AT = datetime(2024, 3, 4, 9, tzinfo=VIETNAM)
BY_LAN = Recorded("Bà Lan", AT)


@pytest.fixture
def year(engine, definitions):
    papers = definitions(ITEMS)
    with writing(engine) as connection:
        plan_year(connection, papers, 2024, AT.date())
        mark_done(connection, "P/R/2024/A", date(2024, 3, 4), BY_LAN)
        waive_duty(connection, "P/R/2024/C", BY_LAN)
        mark_done(connection, "P/S/2024/A", date(2024, 3, 4), BY_LAN)
        cancel_occurrence(connection, papers, "P/H/2024", Basis("Bà Lan", why="Bão"), AT.date(), AT)
    with reading(engine) as connection:
        yield connection


def test_what_is_done_how_far_the_rest_is_and_what_was_called_off(year):
    marks = read_marks(year, 2024)
    assert marks.done == {"P/S/2024": date(2024, 3, 4)}
    assert marks.progress["P/R/2024"] == Progress(done=1, owed=2)
    assert marks.cancelled == {"P/H/2024": AT.date()}


def test_what_waits_stands_in_a_secretarys_order_and_clashes_go_to_their_item(year):
    marks = read_marks(year, 2024)
    kinds = [matter.kind for matter in marks.open_matters]
    assert kinds.index("clash") < kinds.index("fix_date")
    assert marks.clashes().keys() == {("P", "K")}
    assert "Báo cáo quý" in marks.clashes()["P", "K"][0]


def test_a_year_is_narrowed_to_what_occurs_in_it(year):
    choices = read_choices(year, 2024)
    assert choices.programmes == (("P", "Chương trình P"),)
    assert {"A", "B", "BAN"} <= {code for code, _ in choices.agencies}
    assert choices.kinds == ("report", "conference", "inspection")  # Báo cáo, Hội nghị, Kiểm tra
    assert choices.years == (2024,)
    assert choices.teams == {"DOAN1": "Đoàn 1"}


def test_another_year_has_nothing(year):
    assert read_marks(year, 2030).progress == {}
    assert read_choices(year, 2030).programmes == ()
