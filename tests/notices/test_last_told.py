"""A change says what it was before, and says nothing when it was taken back before anybody heard of it."""

from datetime import date

import pytest
from sqlalchemy import select, update

from models.notice import NoticeKind
from notices.tables import NOTICES, RUNGS
from office.store import writing
from tests.notices.offices import Office

D = date
REPORT = """\
  - id: BC
    line: 1
    title: Báo cáo năm
    kind: report
    when: {when}
    lead: [A, B]
"""
MEETING = """\
  - id: HN
    line: 1
    title: Hội nghị
    kind: conference
    when: Tháng 12, năm 2024
    lead: [A]
    fixed: [{{first: {day}, starts: "08:00", by: Giấy mời số 1}}]
"""
OLD, NEW = "trước ngày 10/12/2024", "trước ngày 20/12/2024"
CHANGED = NOTICES.c.kind == NoticeKind.CHANGED.value


@pytest.fixture
def office(engine, write_programmes):
    return Office(engine, write_programmes, began=D(2024, 1, 1))


def last_mail(office):
    return office.courier.told[-1].text


def test_whoever_knew_the_old_day_reads_both(office):
    office.paper(REPORT.format(when=OLD), day=D(2024, 10, 1))
    office.live(D(2024, 12, 2))
    office.paper(REPORT.format(when=NEW), day=D(2024, 12, 3))
    assert [who for who, _ in office.live(D(2024, 12, 3))] == ["A.focal", "B.focal"]
    assert "Trước đã báo: ngày cuối 09/12/2024" in last_mail(office)
    assert "Hạn mới: ngày cuối 19/12/2024" in last_mail(office)


def test_a_meeting_that_moves_says_that_it_moves(office):
    office.paper(MEETING.format(day="2024-12-20"), day=D(2024, 10, 1))
    office.live_until(D(2024, 11, 25), D(2024, 12, 13))
    assert office.courier.told
    office.paper(MEETING.format(day="2024-12-23"), day=D(2024, 12, 16))
    office.live(D(2024, 12, 16))
    assert "Đổi ngày: 23/12/2024" in last_mail(office)
    assert "Trước đã báo: 20/12/2024" in last_mail(office)


def test_a_change_taken_back_before_it_was_sent_says_that_all_is_as_it_was(office):
    """It is not simply dropped: the new ladder may have left a reminder out because the change told as much."""
    office.paper(REPORT.format(when=OLD), day=D(2024, 10, 1))
    office.live(D(2024, 12, 2))
    office.paper(REPORT.format(when=NEW), day=D(2024, 12, 3))
    office.plan(D(2024, 12, 3))
    office.paper(REPORT.format(when=OLD), day=D(2024, 12, 3))
    office.plan(D(2024, 12, 3), "07:00")
    same = "Vẫn như đã báo: ngày cuối 09/12/2024 – Báo cáo năm"
    assert office.send(D(2024, 12, 3)) == [("A.focal", same), ("B.focal", same)]
    # the ladder of the day that holds goes on: the last day and the day after it
    later = office.live_until(D(2024, 12, 4), D(2024, 12, 10))
    assert [who for who, _ in later[D(2024, 12, 9)]] == ["A.focal", "B.focal"]
    assert {who for who, _ in later[D(2024, 12, 10)]} >= {"A.head", "B.head"}


def test_a_change_that_stands_for_no_reminder_is_dropped_when_it_was_taken_back(office):
    office.paper(REPORT.format(when=OLD), day=D(2024, 10, 1))
    office.live(D(2024, 12, 2))
    office.paper(REPORT.format(when=NEW), day=D(2024, 12, 3))
    office.plan(D(2024, 12, 3))
    office.paper(REPORT.format(when=OLD), day=D(2024, 12, 3))
    office.plan(D(2024, 12, 3), "07:00")
    with writing(office.engine) as connection:
        connection.execute(update(RUNGS).where(RUNGS.c.outcome.in_(("told", "changed"))).values(outcome="passed"))
    assert office.send(D(2024, 12, 3)) == []
    found = office.rows(select(NOTICES.c.state, NOTICES.c.reason).where(CHANGED))
    assert set(found) >= {("cancelled", "Thời gian lại như người nhận đã biết.")}


def test_a_change_that_was_heard_of_is_followed_by_the_next_even_back_to_the_first_day(office):
    office.paper(REPORT.format(when=OLD), day=D(2024, 10, 1))
    office.live(D(2024, 12, 2))
    office.paper(REPORT.format(when=NEW), day=D(2024, 12, 3))
    office.live(D(2024, 12, 3))
    office.paper(REPORT.format(when=OLD), day=D(2024, 12, 4))
    assert [who for who, _ in office.live(D(2024, 12, 4))] == ["A.focal", "B.focal"]
    assert "Trước đã báo: ngày cuối 19/12/2024" in last_mail(office)
