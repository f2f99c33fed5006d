"""Which step would reach nobody, seen before it is needed; what will never be told is not asked for."""

from datetime import date

import pytest

from notices.readiness import Gap, find_gaps
from office.store import reading
from planning.submissions import mark_done
from tests.notices.offices import Office, contacts

D = date
REPORT = "  - {{id: BC, line: 1, title: Báo cáo, kind: report, when: trước ngày 10/12/2024, lead: [{lead}]{more}}}\n"
WINDOWS = """\
  - {id: T1, line: 2, title: Phát thanh, kind: communication, when: từ ngày 02/12/2024 đến ngày 08/12/2024, lead: [D]}
  - {id: T2, line: 3, title: Tuyên truyền, kind: project_task, when: năm 2024, lead: [B]}
"""
REMINDERS = (
    ("before-5", "before-2", "on-the-day"),
    ("trước hạn 5 ngày làm việc", "trước hạn 2 ngày làm việc", "đúng ngày đến hạn"),
)
LATE = (("late-1",), ("quá hạn 1 ngày làm việc",))
UNVERIFIED = {"channels": "[{kind: mail, address: x@example.vn}]"}


@pytest.fixture
def office(engine, write_programmes):
    return Office(engine, write_programmes, began=D(2024, 1, 1))


def report(lead="A", more=""):
    return REPORT.format(lead=lead, more=more)


TODAY = D(2024, 12, 2)


def gaps(office, today=TODAY):
    with reading(office.engine) as connection:
        return find_gaps(connection, office.definitions.ladders, office.definitions.working_days, today)


LACKING = [
    ({}, report("A, B"), []),
    ({"A_head": UNVERIFIED}, report(),
     [Gap("Sở A", "Ông A.head chưa có kênh đã kiểm tra", *LATE, "Báo cáo")]),
    # no focal person: the head hears the reminders
    ({"A_focal": None}, report(), []),
    ({"A_focal": None, "A_head": None}, report(),
     [Gap("Sở A", "chưa có đầu mối", *REMINDERS, "Báo cáo"),
      Gap("Sở A", "chưa có thủ trưởng", *LATE, "Báo cáo")]),
    ({"TB": None, "TK": None}, report(),
     [Gap("Sở A", "chưa có thư ký", ("late-3", "late-30"),
         ("quá hạn 3 ngày làm việc", "quá hạn 30 ngày làm việc"), "Báo cáo"),
      Gap("Sở A", "chưa có trưởng ban", ("late-7",), ("quá hạn 7 ngày làm việc",), "Báo cáo")]),
    # one agency is no collection: its collector is told nothing
    ({"BAN_focal": UNVERIFIED}, report(more=", recipients: [BAN]"), []),
    ({"BAN_focal": UNVERIFIED}, report("A, B", ", recipients: [BAN]"),
     [Gap("Ban Chỉ đạo", "Ông BAN.focal chưa có kênh đã kiểm tra", ("missing-1",), ("quá hạn 1 ngày làm việc",),
         "Báo cáo")]),
    ({"A_head": UNVERIFIED}, report(more=", secret: true"),
     [Gap("Sở A", "Ông A.head chưa có kênh đã kiểm tra", *LATE, "Việc mật")]),
    # a week has no rungs, of the year's window only the last is still to come
    ({"D_focal": UNVERIFIED, "B_focal": UNVERIFIED}, report() + WINDOWS,
     [Gap("Sở B", "Ông B.focal chưa có kênh đã kiểm tra", ("window-end-15",),
         ("trước khi hết khoảng thời gian 15 ngày làm việc",), "Tuyên truyền")]),
]  # fmt: skip


def test_what_is_lacking(office):
    for people, items, expected in LACKING:
        office.people = contacts(**people)
        office.paper(items, day=D(2024, 12, 1))
        assert gaps(office) == expected


TWO_LADDERS = """\
  - {id: BC, line: 1, title: Báo cáo, kind: report, when: trước ngày 10/12/2024, lead: [A]}
  - {id: HN, line: 2, title: Hội nghị, kind: conference, when: ngày 20/12/2024, lead: [A]}
"""


def test_one_code_of_two_ladders_is_named_as_each_of_them_means_it(office):
    office.people = contacts(A_focal=None, A_head=None)
    office.paper(TWO_LADDERS, day=D(2024, 12, 1))
    [focal] = [gap for gap in gaps(office) if gap.lacks == "chưa có đầu mối"]
    assert focal.steps == ("before-5", "before-2", "on-the-day", "before-1")
    assert focal.step_names == (
        "trước hạn 5 ngày làm việc",
        "trước hạn 2 ngày làm việc",
        "đúng ngày đến hạn",
        "trước ngày diễn ra 5 ngày làm việc",
        "trước ngày diễn ra 1 ngày làm việc",
    )


def test_drafts_need_only_the_secretariat(office):
    office.people = contacts(A_head=UNVERIFIED, A_focal=UNVERIFIED, TB=None)
    office.paper(report(), day=D(2024, 12, 1), number="")
    assert gaps(office) == []


def test_what_is_assumed_is_never_escalated(office):
    office.people = contacts(A_head=UNVERIFIED, TB=None)
    office.paper(report().replace("trước ngày 10/12/2024", "hằng quý"), day=D(2024, 12, 1))
    assert gaps(office) == []


def test_a_body_that_has_ended_needs_nobody(engine, write_programmes):
    office = Office(engine, write_programmes, began=D(2025, 1, 1))
    office.people = contacts(C_focal=None, C_head=None)
    office.paper(report("C").replace("2024", "2025"), day=D(2025, 11, 1), first="2025-01-01", last="2025-12-31")
    assert [gap.lacks for gap in gaps(office, D(2025, 11, 3))] == []


def test_what_is_done_or_past_is_not_asked_for(office):
    office.people = contacts(A_head=UNVERIFIED)
    office.paper(report(), day=D(2024, 12, 1))
    assert [gap.steps for gap in gaps(office, D(2024, 12, 9))] == [("late-1",)]
    office.decide(mark_done, "P/BC/2024/A", D(2024, 12, 2), day=D(2024, 12, 2))
    assert gaps(office) == []
