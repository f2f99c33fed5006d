"""The register: what waits, what left, what a person must decide."""

from datetime import date, datetime

import pytest

from models.notice import NoticeState
from notices.hours import ZONE
from notices.outbox import hold
from notices.register import Line, count_states, read_register, to_decide
from office.store import reading, writing
from tests.notices.offices import Office, contacts

D = date
ITEMS = """\
  - {id: BC, line: 1, title: Báo cáo năm, kind: report, when: trước ngày 10/12/2024, lead: [A, B]}
  - {id: BM, line: 2, title: Kế hoạch mật, kind: report, when: trước ngày 10/12/2024, lead: [A], secret: true}
"""


@pytest.fixture
def office(engine, write_programmes):
    """On 2/12 two notices left and one could not; three more wait for the hour of 5/12."""
    office = Office(engine, write_programmes, began=D(2024, 1, 1))
    office.people = contacts(B_focal={"channels": "[{kind: mail, address: b@example.vn}]"}, B_head=None)
    office.paper(ITEMS, day=D(2024, 12, 1))
    office.live(D(2024, 12, 2))
    office.plan(D(2024, 12, 5))
    return office


def read(office, **which):
    with reading(office.engine) as connection:
        return read_register(connection, **which)


def shown(lines):
    return sorted((line.step, line.subject, line.state.value) for line in lines)


SENT = [("before-5", "P/BC/2024/A", "accepted"), ("before-5", "P/BM/2024/A", "accepted")]
FAILED = [("before-5", "P/BC/2024/B", "failed"), ("before-2", "P/BC/2024/B", "failed")]
WAITS = [("before-2", "P/BC/2024/A", "planned"), ("before-2", "P/BM/2024/A", "planned")]


READ = [
    ({}, SENT + FAILED + WAITS),
    ({"states": ["planned"]}, WAITS),
    ({"subject": "P/BM"}, [SENT[1], WAITS[1]]),
    ({"subject": "P/BC/2024/B"}, FAILED),
    ({"subject": "P_BC"}, []),  # a letter of the search, not a pattern
    ({"day": D(2024, 12, 2)}, SENT + FAILED[:1]),
    ({"day": D(2024, 12, 5)}, FAILED[1:] + WAITS),
    ({"day": D(2024, 12, 4)}, []),
]


def test_what_is_read(office):
    for which, expected in READ:
        assert shown(read(office, **which)) == sorted(expected), which


def test_the_newest_comes_first_and_only_so_many(office):
    assert [line.id for line in read(office, most=2)] == [6, 5]


def test_a_line_says_what_a_person_needs_and_of_a_secret_matter_no_title(office):
    [line] = read(office, states=["accepted"], subject="P/BC")
    assert line == Line(
        line.id, NoticeState.ACCEPTED, "reminder", "P/BC/2024/A", "before-5",
        "trước hạn 5 ngày làm việc", "Báo cáo năm", "Ông A.focal", "mail",
        datetime(2024, 12, 2, 7, 30, tzinfo=ZONE), D(2024, 12, 2), 1, "", False, False,
    )  # fmt: skip
    assert line.in_words == "máy chủ đã nhận"
    [english] = read(office, states=["accepted"], subject="P/BC", language="en")
    assert english.step_name == "5 working days before the deadline"
    assert {line.title for line in read(office, subject="P/BM")} == {"Việc mật"}
    with reading(office.engine) as connection:
        waiting = to_decide(connection)
        assert count_states(connection) == {
            NoticeState.ACCEPTED: 2, NoticeState.FAILED: 2, NoticeState.PLANNED: 2,
        }  # fmt: skip
    assert {line.reason for line in waiting} == {"Ông B.focal chưa có kênh liên lạc nào đã kiểm tra."}


def test_what_is_held_waits_and_what_has_left_is_not_held(office):
    with writing(office.engine) as connection:
        hold(connection, "*", "Lan", "Đang sửa", office.at)
    assert {line.in_words for line in read(office)} == {
        "máy chủ đã nhận", "không gửi được", "chờ đến giờ, đang tạm giữ",
    }  # fmt: skip
