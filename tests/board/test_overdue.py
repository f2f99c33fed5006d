"""The overdue list: by agency, how late, what was told last, whether anybody answered."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from board.overdue import AgencyOverdue, OverdueDuty, Told, read_overdue
from board.overview import read_board
from calendars.working_days import WorkingDays
from models.columns import table_of
from models.notice import Acknowledgement, Letter, LetterDuty, LetterState, Notice, NoticeKind, NoticeState
from office.settings import VIETNAM
from office.store import reading, writing
from planning.check import read_definitions
from planning.opening import open_due
from planning.submissions import Recorded, extend_duty, mark_done, return_duty, waive_duty
from planning.yearbook import plan_year

ITEMS = """\
  - {id: I1, line: 1, title: Báo cáo năm, kind: report, when: trước 10/12/2024, lead: [A, B, C], participants: [BAN]}
  - {id: I2, line: 2, title: Báo cáo tháng 6, kind: report, when: chậm nhất ngày 28/6/2024, lead: [B]}
"""
DAYS = WorkingDays()
FRIDAY = date(2024, 12, 13)  # four working days after 09/12
BY_LAN = Recorded("Chị Lan", datetime(2024, 12, 9, 9, tzinfo=VIETNAM))
YEAR_A = "P/I1/2024/A"


@pytest.fixture
def plan(engine, definitions):
    def plan(items: str = ITEMS, **paper: str):
        with writing(engine) as connection:
            plan_year(connection, definitions(items, **paper), 2024, date(2024, 3, 4))
        return engine

    return plan


def overdue(engine, today: date = FRIDAY, **options) -> list[AgencyOverdue]:
    with reading(engine) as connection:
        return read_overdue(connection, today, DAYS, **options)


def codes(found: list[AgencyOverdue]) -> list[str]:
    return [duty.duty for agency in found for duty in agency.duties]


def one(found: list[AgencyOverdue], duty: str) -> OverdueDuty:
    return next(each for agency in found for each in agency.duties if each.duty == duty)


def tell(connection, subject: str, kind: NoticeKind, step: str, at: datetime, state=NoticeState.ACCEPTED) -> int:
    row = {
        "subject": subject, "version": "1.1", "step": step, "recipient": "lan", "channel": "mail", "kind": kind.value,
        "target": "focal", "fires_on": at.date(), "bundle": "b", "state": state.value, "due_at": at, "planned_at": at,
        "accepted_at": at if state is not NoticeState.FAILED else None, "missed": 0, "urgent": False, "attempts": 1,
        "link_revoked": False,
    }  # fmt: skip
    return connection.execute(insert(table_of(Notice)).returning(table_of(Notice).c.id), row).scalar_one()


def test_who_owes_most_comes_first_and_the_oldest_duty_before_the_newer(plan):
    assert overdue(plan()) == [
        AgencyOverdue(
            "B",
            "Sở B",
            (
                OverdueDuty(
                    "P/I2/2024/B", "Báo cáo tháng 6", "P", date(2024, 6, 28), 118, False, False, False, None, None, None
                ),
                OverdueDuty(
                    "P/I1/2024/B", "Báo cáo năm", "P", date(2024, 12, 9), 4, False, False, False, None, None, None
                ),
            ),
        ),
        AgencyOverdue(
            "A",
            "Sở A",
            (OverdueDuty(YEAR_A, "Báo cáo năm", "P", date(2024, 12, 9), 4, False, False, False, None, None, None),),
        ),
        AgencyOverdue(
            "C",
            "Sở C",
            (
                OverdueDuty(
                    "P/I1/2024/C", "Báo cáo năm", "P", date(2024, 12, 9), 4, False, False, False, None, None, None
                ),
            ),
        ),
    ]


def test_on_the_last_day_itself_nothing_is_overdue(plan):
    assert codes(overdue(plan(), date(2024, 12, 9))) == ["P/I2/2024/B"]


def test_done_waived_and_extended_duties_are_not_overdue(plan):
    engine = plan()
    with writing(engine) as connection:
        assert mark_done(connection, YEAR_A, date(2024, 12, 11), BY_LAN)  # late, but done
        waive_duty(connection, "P/I2/2024/B", BY_LAN)
        extend_duty(connection, "P/I1/2024/B", date(2024, 12, 12), BY_LAN, DAYS)
        extend_duty(connection, "P/I1/2024/C", FRIDAY, BY_LAN, DAYS)
    found = overdue(engine)
    assert codes(found) == ["P/I1/2024/B"]
    assert (one(found, "P/I1/2024/B").late, one(found, "P/I1/2024/B").last_in_words) == (1, "12/12/2024 (đã gia hạn)")


def test_a_correction_that_is_not_back_is_listed_by_the_day_it_was_asked_for(plan):
    engine = plan("  - {id: I1, line: 1, title: Báo cáo, kind: report, when: trước 10/12/2024, lead: [A, B, C]}\n")
    with writing(engine) as connection:
        for agency in ("A", "B", "C"):
            assert mark_done(connection, f"P/I1/2024/{agency}", date(2024, 12, 9), BY_LAN)
        return_duty(connection, "P/I1/2024/A", BY_LAN, until=date(2024, 12, 12))
        return_duty(connection, "P/I1/2024/B", BY_LAN)  # no day was given: nothing to be late by
        return_duty(connection, "P/I1/2024/C", BY_LAN, until=FRIDAY)
    (duty,) = overdue(engine)[0].duties
    assert (duty.duty, duty.correcting, duty.late) == (YEAR_A, True, 1)
    assert duty.last_in_words == "12/12/2024 (nộp lại)"


def test_nothing_drafted_assumed_or_cancelled_is_in_the_list(plan):
    assert overdue(plan(number="")) == []
    quarterly = "  - {id: I3, line: 3, title: Báo cáo quý, kind: report, when: hằng quý, lead: [A]}\n"
    engine = plan(ITEMS + quarterly)
    assert "P/I3/2024-Q1/A" not in codes(overdue(engine))
    with writing(engine) as connection:
        connection.execute(text("update occurrence set status = 'cancelled' where id = 'P/I1/2024'"))
    assert codes(overdue(engine)) == ["P/I2/2024/B"]


def test_a_programme_that_ended_is_listed_only_when_it_was_followed(plan):
    engine, after = plan(), date(2025, 2, 3)
    assert overdue(engine, after) == []
    with writing(engine) as connection:
        open_due(connection, FRIDAY)
    assert len(codes(overdue(engine, after))) == 4


def test_the_last_step_is_the_newest_that_a_channel_accepted(plan):
    engine = plan()
    with writing(engine) as connection:
        tell(connection, YEAR_A, NoticeKind.REMINDER, "D-5", datetime(2024, 12, 2, 1, tzinfo=UTC))
        # 17:30 in Greenwich is half past midnight of the next day in Viet Nam
        tell(connection, YEAR_A, NoticeKind.OVERDUE, "D+1", datetime(2024, 12, 10, 17, 30, tzinfo=UTC))
        later = datetime(2024, 12, 12, 1, tzinfo=UTC)
        tell(connection, YEAR_A, NoticeKind.CHAIR_LIST, "D+3", later, NoticeState.FAILED)
        tell(connection, "P/I1/2024", NoticeKind.MISSING, "collector", later)  # told to somebody else
    found = overdue(engine)
    assert one(found, YEAR_A).told == Told(NoticeKind.OVERDUE, date(2024, 12, 11))
    assert one(found, YEAR_A).steps == "báo thủ trưởng 11/12/2024; chưa báo nhận"
    assert one(found, "P/I1/2024/B").steps == "chưa báo"


def test_an_acknowledgement_counts_for_the_due_day_it_was_given_for(plan):
    engine = plan()
    with writing(engine) as connection:
        at = datetime(2024, 12, 10, 3, tzinfo=UTC)
        for duty in (YEAR_A, "P/I1/2024/B"):
            notice = tell(connection, duty, NoticeKind.OVERDUE, "D+1", at)
            answer = {"notice": notice, "subject": duty, "version": "1.1", "contact": "lan", "at": at}
            connection.execute(insert(table_of(Acknowledgement)), answer | {"typed_name": "Lan", "way": "link"})
        extend_duty(connection, "P/I1/2024/B", date(2024, 12, 12), BY_LAN, DAYS)
    found = overdue(engine)
    assert one(found, YEAR_A).acknowledged
    assert one(found, YEAR_A).steps == "báo thủ trưởng 10/12/2024; đã báo nhận 10/12/2024"
    assert not one(found, "P/I1/2024/B").acknowledged  # what was said yes to was another day


@pytest.mark.parametrize(
    ("state", "number", "words"),
    [
        (LetterState.DRAFTED, None, "công văn chờ duyệt"),
        (LetterState.APPROVED, "12/CV-BCĐ", "công văn 12/CV-BCĐ đã ký"),
        (LetterState.APPROVED, None, "công văn đã ký"),
        (LetterState.WAIVED, None, "không gửi công văn"),
    ],
)
def test_the_newest_letter_about_a_duty_is_named(plan, state, number, words):
    engine, letters = plan(), table_of(Letter)
    with writing(engine) as connection:
        for day, which in ((date(2024, 12, 12), state), (date(2024, 12, 11), LetterState.DRAFTED)):
            row = {"occurrence": "P/I1/2024", "drafted_on": day, "round": 1, "state": which.value, "number": number}
            key = connection.execute(insert(letters).returning(letters.c.id), row).scalar_one()
            about = {"letter": key, "duty": YEAR_A, "version": "1.1", "agency": "A"}
            connection.execute(insert(table_of(LetterDuty)), about)
    assert one(overdue(engine), YEAR_A).letter == words


def test_what_was_marked_for_the_yearly_rating_says_so(plan):
    engine = plan()
    with writing(engine) as connection:
        connection.execute(text(f"update duty set rated_on = '2024-12-12' where id = '{YEAR_A}'"))
    found = one(overdue(engine), YEAR_A)
    assert (found.rated_on, found.steps) == (
        date(2024, 12, 12), "chưa báo; đã ghi vào xếp loại cuối năm 12/12/2024",
    )  # fmt: skip


def test_a_secret_duty_is_listed_without_its_title(plan):
    engine = plan()
    with writing(engine) as connection:
        connection.execute(text("update occurrence set secret = true where id = 'P/I1/2024'"))
    assert one(overdue(engine), YEAR_A).title == "Việc mật"


def test_the_five_programmes_are_late_with_23_reports_on_the_day_after(engine):
    year = {"first": date(2024, 1, 1), "last": date(2024, 12, 31)}
    with writing(engine) as connection:
        definitions = read_definitions(Path("programmes"))
        plan_year(connection, definitions, 2024, date(2024, 3, 4))
        today, days = date(2024, 12, 10), definitions.working_days
        assert read_overdue(connection, date(2024, 12, 9), days) == []
        found = read_overdue(connection, today, days, **year)
        counted = read_board(connection, today, **year).total.open_overdue
    assert len(found) == counted == 23
    assert {(duty.last_on_time, duty.late) for agency in found for duty in agency.duties} == {(date(2024, 12, 9), 1)}
    with reading(engine) as connection:
        assert read_overdue(connection, today, days, "ML-GN-2024") == []
        assert read_overdue(connection, today, days, first=date(2024, 12, 10)) == []
