"""The official two by two: what is counted where, what is left out and why, and who leads."""

from datetime import date, datetime
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from board.overview import DUTIES, BoardRow, NotCounted, TwoByTwo, Uncounted, read_board, say_percent
from board.standing import Standing, stand
from calendars.working_days import WorkingDays
from office.settings import VIETNAM
from office.store import reading, writing
from planning.check import read_definitions
from planning.opening import open_due
from planning.submissions import Recorded, extend_duty, mark_done, return_duty, waive_duty
from planning.yearbook import plan_year

ITEMS = """\
  - {id: I1, line: 1, title: Báo cáo năm, kind: report, when: trước 10/12/2024, lead: [A, B, C], participants: [BAN]}
  - {id: I2, line: 2, title: Báo cáo tháng 12, kind: report, when: trước ngày 20/12/2024, lead: [A, B]}
  - {id: I3, line: 3, title: Báo cáo tháng 6, kind: report, when: chậm nhất ngày 28/6/2024, lead: [A, B, C]}
  - {id: I4, line: 4, title: Hội nghị, kind: conference, when: Tháng 7 năm 2024, lead: [B], participants: [A, C]}
"""
YEAR = {"first": date(2024, 1, 1), "last": date(2024, 12, 31)}
TODAY = date(2024, 12, 10)
BY_LAN = Recorded("Chị Lan", datetime(2024, 6, 3, 9, tzinfo=VIETNAM))


@pytest.fixture
def plan(engine, definitions):
    """Plans the items of one small programme for 2024; opens what has begun when a day is given."""

    def plan(items: str = ITEMS, *, opened: date | None = None, **paper: str):
        with writing(engine) as connection:
            plan_year(connection, definitions(items, **paper), 2024, date(2024, 3, 4))
            if opened:
                open_due(connection, opened)
        return engine

    return plan


@pytest.fixture
def year(plan):
    """A year in which each box has something in it."""
    engine = plan(opened=TODAY)
    with writing(engine) as connection:
        for duty, on in (
            ("P/I1/2024/A", date(2024, 12, 9)),
            ("P/I1/2024/B", date(2024, 12, 10)),
            ("P/I3/2024/A", date(2024, 6, 28)),
        ):
            assert mark_done(connection, duty, on, BY_LAN)
        waive_duty(connection, "P/I2/2024/B", BY_LAN)
        waive_duty(connection, "P/I3/2024/C", BY_LAN)
    return engine


def board(engine, today: date = TODAY, **options):
    with reading(engine) as connection:
        return read_board(connection, today, **(YEAR | options))


def test_every_duty_stands_in_one_box_and_the_rate_leaves_out_what_is_not_due(year):
    total = board(year).total
    assert total == TwoByTwo(done_on_time=2, done_late=1, open_in_time=1, open_overdue=2, no_deadline=1, waived=2)
    assert (total.done, total.due, total.completion, total.punctuality) == (3, 5, Fraction(3, 5), Fraction(2, 5))
    assert total.in_words == (
        "Tỷ lệ hoàn thành 3/5 (60,0 %), không tính 1 việc chưa đến hạn, 1 việc không hạn, 2 việc được miễn"
    )


def test_agencies_are_ranked_but_not_those_with_little_due_and_never_those_who_only_co_operate(year):
    assert board(year, smallest=2).rows == (
        BoardRow("A", "Sở A", TwoByTwo(done_on_time=2, open_in_time=1), date(2024, 6, 28), 1),
        BoardRow("B", "Sở B", TwoByTwo(done_late=1, open_overdue=1, no_deadline=1, waived=1), date(2024, 6, 28), 2),
        BoardRow("C", "Sở C", TwoByTwo(open_overdue=1, waived=1), date(2024, 6, 28), None),
    )
    assert [row.rank for row in board(year).rows] == [None, None, None]  # three due is the least, unless told otherwise


def test_a_board_by_programme_and_one_by_occurrence_count_the_same_duties(year):
    by_programme, by_occurrence = board(year, by="programme"), board(year, by="occurrence")
    assert by_programme.rows == (BoardRow("P", "Chương trình P", board(year).total, date(2024, 6, 28)),)
    assert [(row.code, row.name, row.first_due) for row in by_occurrence.rows] == [
        ("P/I3/2024", "Báo cáo tháng 6", date(2024, 6, 28)),
        ("P/I1/2024", "Báo cáo năm", date(2024, 12, 9)),
        ("P/I2/2024", "Báo cáo tháng 12", date(2024, 12, 19)),
        ("P/I4/2024", "Hội nghị", None),
    ]
    assert by_programme.total == by_occurrence.total == board(year).total


def test_a_part_of_the_year_counts_what_was_due_or_to_be_held_in_it(year):
    summer = board(year, first=date(2024, 6, 1), last=date(2024, 7, 31))
    assert summer.total == TwoByTwo(done_on_time=1, open_overdue=1, waived=1, no_deadline=1)
    december = board(year, first=date(2024, 12, 10), last=date(2024, 12, 31))
    assert december.total == TwoByTwo(open_in_time=1, waived=1)  # the conference was opened that day, but is July's


LONG = """\
  - {id: L1, line: 1, title: Nhiệm vụ giai đoạn, kind: appendix_task, when: giai đoạn 2023-2025, lead: [A]}
  - {id: L2, line: 2, title: Chuyên mục, kind: communication, when: hằng tuần, lead: [B]}
"""


def test_what_has_no_deadline_belongs_to_its_own_days_and_not_to_the_day_it_was_opened(plan):
    engine = plan(LONG, opened=TODAY)

    def without_deadline(today, year):
        found = board(engine, today, first=date(year, 1, 1), last=date(year, 12, 31), by="occurrence")
        names = ("Nhiệm vụ giai đoạn", "Chuyên mục")
        return {name: sum(row.counts.no_deadline for row in found.rows if row.name == name) for name in names}

    weeks = {"Nhiệm vụ giai đoạn": 1, "Chuyên mục": 50}  # weeks 1 to 50 had begun
    assert without_deadline(TODAY, 2024) == weeks
    assert without_deadline(TODAY, 2025) == without_deadline(TODAY, 2023) == {"Nhiệm vụ giai đoạn": 1, "Chuyên mục": 0}
    with writing(engine) as connection:
        open_due(connection, date(2024, 12, 23))
    assert without_deadline(date(2024, 12, 23), 2024) == weeks | {"Chuyên mục": 52}
    assert without_deadline(TODAY, 2024) == weeks  # a day replayed counts what was open on it


def test_the_rate_is_none_before_anything_is_due(plan):
    total = board(plan(), date(2024, 3, 4)).total
    assert (total.completion, total.punctuality, total.rate) == (None, None, "—")
    assert total.in_words == "8 việc chưa đến hạn; chưa có gì để tính tỷ lệ"
    assert TwoByTwo().in_words == "Chưa có việc nào đến hạn"


def test_agencies_with_the_same_rates_share_a_rank_and_the_next_one_is_skipped(plan):
    engine = plan()
    with writing(engine) as connection:
        for agency in ("A", "B"):
            assert mark_done(connection, f"P/I3/2024/{agency}", date(2024, 6, 3), BY_LAN)
    found = board(engine, date(2024, 7, 1), smallest=1)
    assert [(row.code, row.rank) for row in found.ranked] == [("A", 1), ("B", 1), ("C", 3)]
    with writing(engine) as connection:
        connection.execute(text("update duty set done_on = '2024-06-29' where id = 'P/I3/2024/A'"))
    found = board(engine, date(2024, 7, 1), smallest=1)  # both complete, one late
    assert [(row.code, row.rank) for row in found.ranked] == [("B", 1), ("A", 2), ("C", 3)]


def test_an_extension_moves_the_duty_to_its_new_day(plan):
    engine = plan()
    with writing(engine) as connection:
        extend_duty(connection, "P/I3/2024/A", date(2025, 1, 10), BY_LAN, WorkingDays())
    assert board(engine, date(2024, 7, 1)).total == TwoByTwo(open_in_time=5, open_overdue=2)
    later = board(engine, date(2024, 7, 1), first=date(2025, 1, 1), last=date(2025, 12, 31))
    assert later.total == TwoByTwo(open_in_time=1)


def test_a_returned_report_stays_where_its_first_submission_put_it(year):
    with writing(year) as connection:
        return_duty(connection, "P/I1/2024/B", BY_LAN)
    total = board(year).total
    assert (total.done_on_time, total.done_late, total.returned) == (2, 1, 1)


def test_what_is_done_without_a_deadline_raises_nobodys_rate(year):
    before = board(year).total
    with writing(year) as connection:
        assert mark_done(connection, "P/I4/2024/B", date(2024, 7, 18), BY_LAN)
    total = board(year).total
    assert (total.no_deadline, total.no_deadline_done, total.completion) == (1, 1, before.completion)


def test_nothing_drafted_is_called_overdue(plan):
    found = board(plan(number=""))
    assert (found.total, found.rows) == (TwoByTwo(), ())
    assert found.uncounted == (Uncounted(NotCounted.DRAFT, 8),)
    assert found.left_out == "8 việc không tính vì chương trình còn là dự thảo"


def test_an_assumed_deadline_is_counted_apart(plan):
    quarterly = "  - {id: I1, line: 1, title: Báo cáo, kind: report, when: hằng quý, lead: [A]}\n"
    found = board(plan(ITEMS.replace("I1", "I5") + quarterly))
    assert found.uncounted == (Uncounted(NotCounted.ASSUMED, 4),)
    assert found.total == TwoByTwo(open_in_time=2, open_overdue=6)


def test_a_programme_that_ended_unopened_is_history_and_one_that_was_followed_is_rated_after_its_end(plan):
    after = date(2025, 2, 3)
    engine = plan()
    assert board(engine, after).uncounted == (Uncounted(NotCounted.HISTORY, 8),)
    with writing(engine) as connection:
        open_due(connection, TODAY)
    found = board(engine, after)
    assert (found.total, found.uncounted) == (TwoByTwo(open_overdue=8, no_deadline=1), ())


def test_what_was_withdrawn_cancelled_or_rolls_up_is_not_there_at_all(plan):
    engine = plan()
    with writing(engine) as connection:
        connection.execute(text("update duty set withdrawn = true where id = 'P/I3/2024/A'"))
        connection.execute(text("update occurrence set status = 'cancelled' where id = 'P/I1/2024'"))
        connection.execute(text("update occurrence set rolls_up = true where id = 'P/I2/2024'"))
    found = board(engine)
    assert (found.total, found.uncounted) == (TwoByTwo(open_overdue=2), ())


def test_a_secret_item_is_counted_without_its_title(plan):
    engine = plan()
    with writing(engine) as connection:
        connection.execute(text("update occurrence set secret = true where id = 'P/I3/2024'"))
    assert board(engine, by="occurrence").rows[0].name == "Việc mật"


BOX = {
    Standing.DONE_ON_TIME: TwoByTwo(done_on_time=1),
    Standing.DONE_LATE: TwoByTwo(done_late=1),
    Standing.OPEN: TwoByTwo(open_in_time=1),
    Standing.OVERDUE: TwoByTwo(open_overdue=1),
    Standing.WAIVED: TwoByTwo(waived=1),
}


def test_the_database_counts_as_the_pure_function_judges(plan):
    engine, last = plan(), date(2024, 12, 9)
    days = (None, date(2024, 12, 8), last, date(2024, 12, 10), date(2024, 12, 11))
    cases = list(product(days, days, (None, last)))
    rows = [
        {"id": f"P/I1/2024/X{number}", "occurrence": "P/I1/2024", "agency": f"X{number}", "handover": False,
         "withdrawn": False, "due_version": 1, "done_on": done_on, "extended_to": extended, "waived_on": waived}
        for number, (done_on, extended, waived) in enumerate(cases)
    ]  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(DUTIES), rows)
    found = {row.code: row.counts for row in board(engine).rows}
    for number, (done_on, extended, waived) in enumerate(cases):
        assert found[f"X{number}"] == BOX[stand(done_on, extended or last, TODAY, waived)]


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (Fraction(4, 5), "80,0 %"),
        (Fraction(1, 3), "33,3 %"),
        (Fraction(1, 16), "6,3 %"),
        (Fraction(1), "100,0 %"),
        (Fraction(0), "0,0 %"),
    ],
)
def test_a_rate_is_said_with_a_comma_and_halves_go_up(rate, words):
    assert say_percent(rate) == words


def test_the_sentence_of_the_official_report():
    counts = TwoByTwo(done_on_time=10, done_late=2, open_in_time=8, open_overdue=3)
    assert counts.in_words == "Tỷ lệ hoàn thành 12/15 (80,0 %), không tính 8 việc chưa đến hạn"


@pytest.fixture
def shipped(engine):
    """The five shipped programmes, planned for 2024."""
    with writing(engine) as connection:
        plan_year(connection, read_definitions(Path("programmes")), 2024, date(2024, 3, 4))
    return engine


def test_the_five_programmes_of_2024(shipped):
    """23 reports due on 09/12, the Board's own on 19/12; 4 assumed and 24 communes' lists are of drafts."""
    last_day = board(shipped, date(2024, 12, 9))
    assert (last_day.total, last_day.uncounted) == (TwoByTwo(open_in_time=24), (Uncounted(NotCounted.DRAFT, 28),))
    with writing(shipped) as connection:
        owed = sorted(
            row.id
            for row in connection.execute(text("select id from duty where occurrence = 'DB-351-2022/S2-02/2024'"))
        )
        assert len(owed) == 23
        for duty in owed[:20]:
            assert mark_done(connection, duty, date(2024, 12, 9), BY_LAN)
        for duty in owed[20:22]:
            assert mark_done(connection, duty, date(2024, 12, 10), BY_LAN)
    found = board(shipped, by="programme")
    assert [(row.code, row.counts) for row in found.rows] == [
        ("DB-351-2022", TwoByTwo(done_on_time=20, done_late=2, open_in_time=1, open_overdue=1))
    ]
    assert found.total.in_words == "Tỷ lệ hoàn thành 22/23 (95,7 %), không tính 1 việc chưa đến hạn"
    by_agency = board(shipped, smallest=1)
    assert [row.rank for row in by_agency.rows] == [1] * 20 + [21] * 2 + [23] + [None]
    assert by_agency.rows[-1].code == "BDT"  # its consolidated report is not due yet
    assert board(shipped, programme="ML-GN-2024").total == TwoByTwo()  # windows nobody has opened
    with writing(shipped) as connection:
        open_due(connection, date(2024, 12, 2))
    opened = board(shipped).total
    assert opened.no_deadline > 0
    assert opened.completion == Fraction(22, 23)
