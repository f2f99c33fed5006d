"""More time: asked for once, granted or not by a named person, and overtaken by whatever happened meanwhile."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import text

from calendars.working_days import WorkingDays
from models.audit import verify_audit
from office.settings import VIETNAM
from office.store import open_store, reading, writing
from planning.handing_in import UnknownDuty
from planning.more_time import (
    Asked,
    ImpossibleRequest,
    RequestAlreadyDecided,
    UndecidableRequest,
    UnknownRequest,
    WaitingRequest,
    ask_more_time,
    count_unrecorded,
    grant_request,
    note_unrecorded,
    refuse_request,
    requests_of,
    requests_waiting,
    settle_overtaken,
)
from planning.submissions import ImpossibleDecision, Recorded, extend_duty, mark_done, return_duty, waive_duty
from planning.typed_text import UnusableText
from planning.yearbook import plan_year

ITEMS = """\
  - {id: I1, line: 1, title: Báo cáo, kind: report, when: trước 10/12/2024, lead: [A, B]}
  - {id: I2, line: 2, title: Việc khác, kind: report, when: định kỳ, lead: [A]}
"""
DAYS = WorkingDays()
A, B = "P/I1/2024/A", "P/I1/2024/B"
ASKED = Asked(A, "Lò Thị Hoa", date(2024, 12, 20), "Chờ số liệu\ncủa các xã", "khóa-biểu-mẫu-1", "A.focal", "A")


def at(day: int) -> datetime:
    return datetime(2024, 12, day, 9, tzinfo=VIETNAM)


def lan(day: int) -> Recorded:
    return Recorded("Chị Lan", at(day), "Có công văn")


def plan(engine, definitions):
    with writing(engine) as connection:
        plan_year(connection, definitions(ITEMS), 2024, date(2024, 3, 4))
    return engine


@pytest.fixture
def planned(engine, definitions):
    return plan(engine, definitions)


@pytest.fixture
def office(tmp_path, definitions):
    """The same where the kind of database does not matter."""
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    yield plan(store, definitions)
    store.dispose()


def ask(engine, asked=ASKED, day=3) -> int:
    with writing(engine) as connection:
        return ask_more_time(connection, asked, at(day))


def grant(engine, number=1, until=None, by="Chị Lan", remark="", day=4) -> bool:
    with writing(engine) as connection:
        return grant_request(connection, number, until, by, remark, at(day), DAYS)


def refuse(engine, remark="Đã gia hạn một lần", by="Chị Lan") -> bool:
    with writing(engine) as connection:
        return refuse_request(connection, 1, by, remark, at(4))


def waiting(engine) -> list[int]:
    with reading(engine) as connection:
        return [one.number for one in requests_waiting(connection)]


def states(engine) -> list[str]:
    with reading(engine) as connection:
        return [one.state for one in requests_of(connection, A)]


def test_a_request_waits_once_and_a_granted_one_is_a_new_due_day(planned):
    assert ask(planned) == ask(planned) == 1
    with reading(planned) as connection:
        assert requests_waiting(connection) == [
            WaitingRequest(
                1, A, "P/I1/2024", "A", "Sở A", "Báo cáo", date(2024, 12, 9), date(2024, 12, 20),
                "Chờ số liệu\ncủa các xã", "Lò Thị Hoa", at(3), False,
            )
        ]  # fmt: skip
    assert grant(planned, until=date(2024, 12, 18), remark="Lần cuối")
    assert not grant(planned, until=date(2024, 12, 18), remark="Lần cuối")  # pressed twice
    with reading(planned) as connection:
        duty = connection.execute(text("select extended_to, due_version from duty where id = :id"), {"id": A}).one()
        why = connection.execute(text("select why from dutydecision where duty = :id"), {"id": A}).scalars().all()
        (told,) = requests_of(connection, A)
        assert verify_audit(connection).broken_at is None
    assert (str(duty.extended_to), duty.due_version) == ("2024-12-18", 2)
    assert why == ["cơ quan xin gia hạn: Chờ số liệu của các xã; Lần cuối"]
    assert (told.state, told.decided_by, told.granted_until, told.remark) == (
        "granted", "Chị Lan", date(2024, 12, 18), "Lần cuối",
    )  # fmt: skip
    assert waiting(planned) == []


def test_a_refusal_changes_no_day_and_says_why(office):
    ask(office)
    with pytest.raises(UndecidableRequest, match="chưa ghi vì sao"):
        refuse(office, remark=" ")
    assert refuse(office)
    assert not refuse(office)
    assert states(office) == ["refused"]
    with reading(office) as connection:
        assert connection.execute(text("select due_version from duty where id = :id"), {"id": A}).scalar() == 1
    with pytest.raises(RequestAlreadyDecided, match="Chị Lan đã quyết định không cho gia hạn"):
        grant(office)
    assert ask(office, replace(ASKED, key="khóa-biểu-mẫu-2")) == 2  # may ask again


OVERTAKING = [
    lambda connection: mark_done(connection, A, date(2024, 12, 3), lan(3)),
    lambda connection: extend_duty(connection, A, date(2024, 12, 12), lan(3), DAYS),
    lambda connection: waive_duty(connection, A, lan(3)),
    lambda connection: connection.execute(text("update occurrence set due_version = 2 where item = 'I1'")),
    lambda connection: connection.execute(text("update occurrence set status = 'cancelled' where item = 'I1'")),
]


@pytest.mark.parametrize("happens", OVERTAKING, ids=["handed in", "extended", "waived", "moved", "cancelled"])
def test_what_happened_meanwhile_overtakes_it(office, happens):
    ask(office)
    with writing(office) as connection:
        happens(connection)
    assert waiting(office) == []
    assert states(office) == ["overtaken"]
    with pytest.raises(RequestAlreadyDecided, match="không còn cần trả lời"):
        grant(office)
    with writing(office) as connection:
        assert (settle_overtaken(connection, at(4)), settle_overtaken(connection, at(4))) == (1, 0)
    assert states(office) == ["overtaken"]


def test_a_correction_may_be_given_more_time_too(office):
    with writing(office) as connection:
        mark_done(connection, A, date(2024, 12, 3), lan(3))
        return_duty(connection, A, lan(4), date(2024, 12, 6))
    ask(office, replace(ASKED, until=date(2024, 12, 9)), day=5)
    grant(office, day=5)
    with reading(office) as connection:
        row = connection.execute(text("select correct_by, extended_to from duty where id = :id"), {"id": A}).one()
    assert (str(row.correct_by), row.extended_to) == ("2024-12-09", None)


@pytest.mark.parametrize(
    ("changed", "day", "says"),
    [
        ({"until": date(2024, 12, 9)}, 3, "không sau hạn đang có 09/12/2024"),
        ({"until": date(2024, 12, 11)}, 12, "đã qua"),
        ({"until": date(2025, 3, 12)}, 3, "muộn nhất là 11/03/2025"),
        ({"duty": "P/I2/2024/A"}, 3, "không có hạn"),
    ],
)
def test_what_cannot_be_asked_for(office, changed, day, says):
    with pytest.raises(ImpossibleRequest, match=says):
        ask(office, replace(ASKED, **changed), day)
    assert waiting(office) == []


def test_one_request_of_a_duty_waits_at_a_time_and_none_after_it_is_done(office):
    ask(office)
    with pytest.raises(ImpossibleRequest, match=r"gửi ngày 03/12/2024, đang chờ trả lời"):
        ask(office, replace(ASKED, key="khóa-biểu-mẫu-2"))
    with pytest.raises(ImpossibleRequest, match="đã dùng cho việc khác"):
        ask(office, replace(ASKED, duty=B, agency="B"))
    with writing(office) as connection:
        mark_done(connection, B, date(2024, 12, 3), lan(3))
    with pytest.raises(ImpossibleRequest, match="đã nộp"):
        ask(office, replace(ASKED, duty=B, agency="B", key="khóa-biểu-mẫu-3"))


@pytest.mark.parametrize("changed", [{"why": "gấp"}, {"why": "x" * 1001}, {"by": ""}])
def test_who_and_why_are_needed(office, changed):
    with pytest.raises(UnusableText):
        ask(office, replace(ASKED, **changed))


def test_nobody_asks_for_another_agency_and_nobody_decides_without_a_name(office):
    with pytest.raises(UnknownDuty):
        ask(office, replace(ASKED, agency="B"))
    ask(office)
    with pytest.raises(UndecidableRequest, match="Chưa ghi ai"):
        grant(office, by=" ")
    with pytest.raises(UnknownRequest):
        grant(office, number=7)
    with pytest.raises(ImpossibleDecision):
        grant(office, until=date(2024, 12, 9))
    assert waiting(office) == [1]  # nothing of the refused decision stays


def test_forms_that_could_not_be_recorded_are_counted(office):
    ask(office)
    with writing(office) as connection:
        note_unrecorded(connection, 1, "Chưa ghi ai quyết định.", at(4))
        assert (count_unrecorded(connection, 1), count_unrecorded(connection, 2)) == (1, 0)


def test_a_secret_matter_waits_under_its_code(office):
    ask(office)
    with writing(office) as connection:
        connection.execute(text("update occurrence set secret = true"))
        assert [one.title for one in requests_waiting(connection)] == ["Việc mật, mã P/I1/2024"]
