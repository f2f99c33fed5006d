"""What waits for a person: letters to be approved, then the decisions by kind."""

from datetime import date

from sqlalchemy import insert

from board.waiting import Waiting, read_waiting
from models.columns import table_of
from models.notice import Letter, LetterState
from office.store import writing
from planning.yearbook import plan_year

ITEMS = """\
  - {id: I1, line: 1, title: Báo cáo, kind: report, when: hằng quý, lead: [A]}
  - {id: I2, line: 2, title: Việc khác, kind: report, when: định kỳ, lead: [A]}
"""


def test_letters_come_first_then_the_decisions_in_the_order_a_secretary_asks(engine, definitions):
    with writing(engine) as connection:
        plan_year(connection, definitions(ITEMS), 2024, date(2024, 3, 4))
        before = read_waiting(connection, 2024)
        for day, state in ((1, LetterState.DRAFTED), (2, LetterState.APPROVED), (3, LetterState.WAIVED)):
            letter = {"occurrence": "P/I1/2024-Q1", "drafted_on": date(2024, 4, day), "round": 1, "state": state.value}
            connection.execute(insert(table_of(Letter)), letter)
        assert before == [Waiting("Ngày giả định, chờ xác nhận", 4), Waiting("Văn bản chưa nêu thời gian", 1)]
        assert read_waiting(connection, 2024, "P") == [Waiting("Công văn đôn đốc chờ duyệt", 1), *before]
        assert read_waiting(connection, 2025) == []
        assert read_waiting(connection, 2024, "KHAC") == []
