"""What a person records about a duty: done, more time, back for correction, waived; and what does not fit."""

from datetime import date, datetime

import pytest
from sqlalchemy import text

from calendars.working_days import WorkingDays
from models.audit import verify_audit
from office.settings import VIETNAM
from office.store import reading, writing
from planning.submissions import (
    ImpossibleDecision,
    Recorded,
    extend_duty,
    has_duty,
    mark_done,
    return_duty,
    waive_duty,
)
from planning.yearbook import plan_year

ITEMS = """\
  - {id: I1, line: 1, title: Báo cáo, kind: report, when: trước 10/12/2024, lead: [A, B]}
  - {id: I2, line: 2, title: Việc khác, kind: report, when: định kỳ, lead: [A]}
"""
DAYS = WorkingDays()
A, B, UNDATED, NOBODY = "P/I1/2024/A", "P/I1/2024/B", "P/I2/2024/A", "P/I1/2024/khong-co"


def by_lan(day: date, why: str = "Có công văn", document: str | None = "5/CV") -> Recorded:
    """Chị Lan, at nine on ``day``."""
    return Recorded("Chị Lan", datetime(day.year, day.month, day.day, 9, tzinfo=VIETNAM), why, document)


TODAY = by_lan(date(2024, 12, 2))


@pytest.fixture
def planned(engine, definitions):
    with writing(engine) as connection:
        plan_year(connection, definitions(ITEMS), 2024, date(2024, 3, 4))
    return engine


@pytest.fixture
def opened(planned):
    """The same, with everything open and its ladder laid."""
    with writing(planned) as connection:
        connection.execute(text("update occurrence set opened_on = '2024-10-28', rungs_stale = false"))
    return planned


def duty(engine, code: str = A) -> dict:
    """What the duty's row says, without what never changes here."""
    names = "done_on", "done_by", "document", "due_version", "extended_to", "work_by"
    with reading(engine) as connection:
        row = connection.execute(text("select * from duty where id = :id"), {"id": code}).mappings().one()
    found = {name: row[name] for name in (*names, "returned_on", "correct_by", "waived_on")}
    as_days = {name: date.fromisoformat(day) if isinstance(day, str) and day[:2] == "20" else day
               for name, day in found.items()}  # fmt: skip
    return {name: value for name, value in as_days.items() if value is not None}


def lines(engine, query: str) -> list[tuple]:
    with reading(engine) as connection:
        return [tuple(str(cell) if isinstance(cell, date) else cell for cell in row)
                for row in connection.execute(text(query))]  # fmt: skip


DECIDED = 'select duty, what, "on", until, "by", why, document from dutydecision order by id'


def stale(engine) -> list[tuple]:
    return lines(engine, "select item from occurrence where rungs_stale order by item")


def refuse(engine, decide) -> ImpossibleDecision:
    """The refusal, which must have written nothing."""
    before = lines(engine, DECIDED), lines(engine, "select count(*) from auditentry")
    with pytest.raises(ImpossibleDecision) as refused, writing(engine) as connection:
        decide(connection)
    assert (lines(engine, DECIDED), lines(engine, "select count(*) from auditentry")) == before
    return refused.value


def test_somebody_owes_a_duty_that_is_planned_and_not_withdrawn(planned):
    with writing(planned) as connection:
        assert has_duty(connection, A)
        assert not has_duty(connection, NOBODY)
        connection.execute(text("update duty set withdrawn = true where id = :id"), {"id": A})
        assert not has_duty(connection, A)


# ---- done -------------------------------------------------------------------------------------------


def test_the_first_submission_stays(planned):
    with writing(planned) as connection:
        assert mark_done(connection, A, date(2024, 12, 1), TODAY)
        assert not mark_done(connection, A, date(2024, 12, 2), by_lan(date(2024, 12, 3), document="6/CV"))
    assert duty(planned) == {
        "done_on": date(2024, 12, 1), "done_by": "Chị Lan", "document": "5/CV", "due_version": 1,
    }  # fmt: skip
    assert lines(planned, DECIDED) == [(A, "done", "2024-12-01", None, "Chị Lan", "Có công văn", "5/CV")]


def test_what_nobody_owes_is_not_done(planned):
    with writing(planned) as connection:
        connection.execute(text("update duty set withdrawn = true where id = :id"), {"id": B})
        assert not mark_done(connection, NOBODY, date(2024, 12, 1), TODAY)
        assert not mark_done(connection, B, date(2024, 12, 1), TODAY)
    assert lines(planned, DECIDED) == []


def test_an_occurrence_is_done_with_the_last_of_its_duties(planned):
    with writing(planned) as connection:
        assert mark_done(connection, A, date(2024, 12, 1), TODAY)
    done_on = "select done_on from occurrence where item = 'I1'"
    assert lines(planned, done_on) == [(None,)]
    with writing(planned) as connection:
        assert mark_done(connection, B, date(2024, 11, 29), TODAY)
    assert lines(planned, done_on) == [("2024-12-01",)]


def test_done_lays_no_new_ladder(opened):
    with writing(opened) as connection:
        assert mark_done(connection, A, date(2024, 12, 1), TODAY)
    assert stale(opened) == []


# ---- more time --------------------------------------------------------------------------------------


def test_more_time_is_a_new_last_day_its_working_day_and_a_new_version(opened):
    with writing(opened) as connection:
        extend_duty(connection, A, date(2024, 12, 15), TODAY, DAYS)  # a Sunday
    assert duty(opened) == {"due_version": 2, "extended_to": date(2024, 12, 15), "work_by": date(2024, 12, 13)}
    assert duty(opened, B) == {"due_version": 1}
    assert stale(opened) == [("I1",)]
    with writing(opened) as connection:
        extend_duty(connection, A, date(2024, 12, 16), TODAY, DAYS)
    assert duty(opened) == {"due_version": 3, "extended_to": date(2024, 12, 16), "work_by": date(2024, 12, 16)}
    assert [row[1:4] for row in lines(opened, DECIDED)] == [
        ("extended", "2024-12-02", "2024-12-15"), ("extended", "2024-12-02", "2024-12-16"),
    ]  # fmt: skip


def test_what_is_not_open_yet_has_no_ladder_to_lay_anew(planned):
    with writing(planned) as connection:
        extend_duty(connection, A, date(2024, 12, 15), TODAY, DAYS)
        assert mark_done(connection, B, date(2024, 12, 2), TODAY)
        return_duty(connection, B, TODAY)
        waive_duty(connection, B, TODAY)
    assert stale(planned) == []


def test_a_late_duty_may_have_more_time_from_today_on(planned):
    with writing(planned) as connection:
        extend_duty(connection, A, date(2024, 12, 20), by_lan(date(2024, 12, 20)), DAYS)
    assert duty(planned)["extended_to"] == date(2024, 12, 20)


@pytest.mark.parametrize(
    ("code", "until", "today", "sentence"),
    [
        (A, date(2024, 12, 9), date(2024, 12, 2), "Hạn mới 09/12/2024 không sau hạn đang có 09/12/2024."),
        (A, date(2024, 12, 10), date(2024, 12, 11), "Hạn mới 10/12/2024 đã qua."),
        (UNDATED, date(2024, 12, 10), date(2024, 12, 2), f"{UNDATED} không có hạn nên không gia hạn được."),
        (NOBODY, date(2024, 12, 10), date(2024, 12, 2), f"Không có nhiệm vụ {NOBODY}."),
    ],
)
def test_more_time_that_is_none_is_refused(planned, code, until, today, sentence):
    refused = refuse(planned, lambda connection: extend_duty(connection, code, until, by_lan(today), DAYS))
    assert refused.sentence == sentence
    assert refused.help


def test_what_is_done_or_waived_needs_no_more_time(planned):
    with writing(planned) as connection:
        assert mark_done(connection, A, date(2024, 12, 1), TODAY)
        waive_duty(connection, B, TODAY)
    until = date(2024, 12, 20)
    for code, sentence in ((A, f"{A} đã nộp ngày 01/12/2024."), (B, f"{B} đã được miễn ngày 02/12/2024.")):
        refused = refuse(planned, lambda connection, code=code: extend_duty(connection, code, until, TODAY, DAYS))
        assert refused.sentence == sentence


# ---- back for correction ----------------------------------------------------------------------------


def test_a_returned_duty_keeps_its_submission_and_may_be_given_a_day(opened):
    with writing(opened) as connection:
        assert mark_done(connection, A, date(2024, 12, 1), TODAY)
        return_duty(connection, A, TODAY, until=date(2024, 12, 6))
    first = {"done_on": date(2024, 12, 1), "done_by": "Chị Lan", "document": "5/CV"}
    asked = {"returned_on": date(2024, 12, 2), "correct_by": date(2024, 12, 6)}
    assert duty(opened) == first | asked | {"due_version": 2}
    assert stale(opened) == [("I1",)]
    with writing(opened) as connection:
        assert mark_done(connection, A, date(2024, 12, 5), by_lan(date(2024, 12, 5), document="9/CV"))
    assert duty(opened) == first | {"due_version": 2}  # on time is judged by the first
    assert [row[1:4] for row in lines(opened, DECIDED)] == [
        ("done", "2024-12-01", None), ("returned", "2024-12-02", "2024-12-06"), ("done", "2024-12-05", None),
    ]  # fmt: skip


def test_more_time_for_a_correction_moves_its_own_day_and_not_what_was_on_time(planned):
    with writing(planned) as connection:
        assert mark_done(connection, A, date(2024, 12, 1), TODAY)
        return_duty(connection, A, TODAY, until=date(2024, 12, 12))
        extend_duty(connection, A, date(2024, 12, 13), TODAY, DAYS)
    found = duty(planned)
    assert (found["correct_by"], found["due_version"], "extended_to" in found) == (date(2024, 12, 13), 3, False)


@pytest.mark.parametrize(
    ("before", "until", "sentence"),
    [
        ((), None, f"{A} chưa nộp nên chưa trả lại được."),
        (("done", "return"), None, f"{A} đã trả lại ngày 02/12/2024, chưa nộp lại."),
        (("done",), date(2024, 12, 1), "Ngày nộp lại 01/12/2024 đã qua."),
        (("waive",), None, f"{A} đã được miễn ngày 02/12/2024."),
    ],
)
def test_a_return_that_does_not_fit_is_refused(planned, before, until, sentence):
    steps = {
        "done": lambda connection: mark_done(connection, A, date(2024, 12, 1), TODAY),
        "return": lambda connection: return_duty(connection, A, TODAY),
        "waive": lambda connection: waive_duty(connection, A, TODAY),
    }
    with writing(planned) as connection:
        for step in before:
            steps[step](connection)
    assert refuse(planned, lambda connection: return_duty(connection, A, TODAY, until)).sentence == sentence


# ---- waived -----------------------------------------------------------------------------------------


def test_a_waived_duty_is_not_waited_for_and_the_others_make_the_occurrence_done(opened):
    with writing(opened) as connection:
        assert mark_done(connection, A, date(2024, 12, 1), TODAY)
        waive_duty(connection, B, TODAY)
    assert duty(opened, B) == {"due_version": 2, "waived_on": date(2024, 12, 2)}
    assert lines(opened, "select done_on from occurrence where item = 'I1'") == [("2024-12-01",)]
    assert stale(opened) == [("I1",)]


def test_an_occurrence_nobody_is_asked_for_was_not_done(planned):
    with writing(planned) as connection:
        waive_duty(connection, A, TODAY)
        waive_duty(connection, B, TODAY)
    assert lines(planned, "select done_on from occurrence where item = 'I1'") == [(None,)]


def test_a_returned_duty_may_be_waived(planned):
    with writing(planned) as connection:
        assert mark_done(connection, A, date(2024, 12, 1), TODAY)
        return_duty(connection, A, TODAY)
        waive_duty(connection, A, TODAY)
    assert duty(planned)["waived_on"] == date(2024, 12, 2)


@pytest.mark.parametrize("done", [True, False])
def test_what_is_done_or_waived_cannot_be_waived(planned, done):
    with writing(planned) as connection:
        mark_done(connection, A, date(2024, 12, 1), TODAY) if done else waive_duty(connection, A, TODAY)
    sentence = f"{A} đã nộp ngày 01/12/2024." if done else f"{A} đã được miễn ngày 02/12/2024."
    assert refuse(planned, lambda connection: waive_duty(connection, A, TODAY)).sentence == sentence


# ---- the audit --------------------------------------------------------------------------------------


def test_each_decision_is_one_line_of_the_audit_and_the_chain_holds(planned):
    with writing(planned) as connection:
        extend_duty(connection, A, date(2024, 12, 15), TODAY, DAYS)
        assert mark_done(connection, A, date(2024, 12, 1), TODAY)
        return_duty(connection, A, TODAY, until=date(2024, 12, 6))
        waive_duty(connection, B, by_lan(date(2024, 12, 3), "Đã sáp nhập", None))
        assert verify_audit(connection).broken_at is None
    assert lines(planned, "select at, actor, action, subject, details from auditentry order by id") == [
        ("2024-12-02T09:00:00+07:00", "Chị Lan", "duty.extended", A,
         '{"document":"5/CV","on":"2024-12-02","until":"2024-12-15","what":"extended","why":"Có công văn"}'),
        ("2024-12-02T09:00:00+07:00", "Chị Lan", "duty.done", A,
         '{"document":"5/CV","on":"2024-12-01","until":null,"what":"done","why":"Có công văn"}'),
        ("2024-12-02T09:00:00+07:00", "Chị Lan", "duty.returned", A,
         '{"document":"5/CV","on":"2024-12-02","until":"2024-12-06","what":"returned","why":"Có công văn"}'),
        ("2024-12-03T09:00:00+07:00", "Chị Lan", "duty.waived", B,
         '{"document":null,"on":"2024-12-03","until":null,"what":"waived","why":"Đã sáp nhập"}'),
    ]  # fmt: skip
