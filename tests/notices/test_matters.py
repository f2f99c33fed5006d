"""What a notice is about at the moment of sending, read from the tables as they stand then."""

from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import select

from models.notice import NoticeKind
from notices.matter import Late, Matter
from notices.matters import Found, read_matters
from notices.tables import NOTICES
from office.store import reading
from planning.submissions import extend_duty, mark_done
from tests.notices.offices import Office

D = date
ITEMS = """\
  - {id: BC, line: 1, title: Báo cáo năm, kind: report, when: trước ngày 10/12/2024, lead: [A, B], recipients: [BAN],
     product: Báo cáo}
  - {id: TH, line: 2, title: Tổng hợp, kind: report, when: trước ngày 20/12/2024, lead: [BAN],
     depends_on: [{item: BC}]}
  - {id: HN, line: 3, title: Hội nghị, kind: conference, when: tháng 12 năm 2024, lead: [A], participants: [B]}
"""
FIXED = ITEMS.replace(
    "participants: [B]}",
    "participants: [B],\n"
    "     fixed: [{first: 2024-12-16, starts: 08:00, ends: 11:30, place: Hội trường, by: Giấy mời}]}",
)
SECRET = ITEMS.replace("lead: [A, B]", "secret: true, lead: [A, B]")
DOCUMENT = "Chương trình P (số 1/KH ngày 01/01/2024)"
REMINDER = Matter(
    NoticeKind.REMINDER, "Báo cáo năm", "Chương trình P", DOCUMENT, "Sở A", ("Sở A", "Sở B"),
    named_date=D(2024, 12, 10), included=False, last_on_time=D(2024, 12, 9), work_by=D(2024, 12, 9),
    product="Báo cáo", recipients=("Ban Chỉ đạo",), days_left=5, duty="P/BC/2024/A",
)  # fmt: skip


@pytest.fixture
def office(engine, write_programmes):
    return Office(engine, write_programmes, began=D(2024, 1, 1))


def read(office, step, recipient, day, **more) -> list[Found]:
    here = select(NOTICES.c.id).where(NOTICES.c.step == step, NOTICES.c.recipient == recipient)
    numbers = [number for (number,) in office.rows(here.order_by(NOTICES.c.id))]
    with reading(office.engine) as connection:
        return read_matters(connection, numbers, office.definitions.working_days, day, **more)


def matter(office, step, recipient, day, **more) -> Matter:
    found = read(office, step, recipient, day, **more)[-1]
    assert found.settled is None
    return found.matter


def test_a_deadline_is_told_with_its_days_counted_on_the_day_of_sending(office):
    office.paper(ITEMS, day=D(2024, 12, 2))
    office.live(D(2024, 12, 2))
    assert matter(office, "before-5", "A.focal", D(2024, 12, 2)) == REMINDER
    assert matter(office, "before-5", "A.focal", D(2024, 12, 7)) == replace(REMINDER, days_left=1)
    assert matter(office, "before-5", "A.focal", D(2024, 12, 11)).days_left == -2
    consolidation = matter(office, "before-30", "BAN.focal", D(2024, 12, 2))
    assert (consolidation.title, consolidation.missing) == ("Tổng hợp", ("Sở A", "Sở B"))


def test_more_time_is_a_day_of_ones_own_and_what_was_said_before_is_settled(office):
    office.paper(ITEMS, day=D(2024, 12, 2))
    office.live(D(2024, 12, 2))
    days = office.definitions.working_days
    office.decide(extend_duty, "P/BC/2024/A", D(2024, 12, 15), day=D(2024, 12, 3), days=days)
    assert read(office, "before-5", "A.focal", D(2024, 12, 3))[0].settled == "Thời hạn đã thay đổi."
    own = replace(
        REMINDER, kind=NoticeKind.CHANGED, named_date=D(2024, 12, 15), included=True, last_on_time=D(2024, 12, 15),
        work_by=D(2024, 12, 13), days_left=8, extended=True, what="Đã gia hạn đến hết ngày 15/12/2024.",
        before="ngày cuối 09/12/2024", about="Có công văn; người quyết định: Chị Lan",
    )  # fmt: skip
    assert matter(office, "changed", "A.focal", D(2024, 12, 3)) == own
    office.decide(mark_done, "P/BC/2024/B", D(2024, 12, 3), day=D(2024, 12, 3))
    assert read(office, "before-5", "B.focal", D(2024, 12, 3)) == [
        Found(
            read(office, "before-5", "B.focal", D(2024, 12, 3))[0].number, None, "Việc đã xong hoặc không phải làm nữa."
        )
    ]
    # a preview shows it all the same
    assert matter(office, "before-5", "B.focal", D(2024, 12, 3), resettle=False).title == "Báo cáo năm"


def test_a_window_and_then_its_day(office):
    office.paper(ITEMS, day=D(2024, 12, 2))
    office.live(D(2024, 12, 2))
    window = matter(office, "window-start", "A.focal", D(2024, 12, 2))
    assert (window.kind, window.when, window.held, window.first, window.last) == (
        NoticeKind.WINDOW, "tháng 12/2024", True, D(2024, 12, 1), D(2024, 12, 31),
    )  # fmt: skip
    office.paper(FIXED, day=D(2024, 12, 3))
    office.live(D(2024, 12, 9))
    event = Matter(
        NoticeKind.EVENT, "Hội nghị", "Chương trình P", DOCUMENT, "Sở B", ("Sở A",), first=D(2024, 12, 16),
        last=D(2024, 12, 16), starts=time(8), when="16/12/2024, 8h00-11h30", place="Hội trường", days_left=5,
        held=True, duty="P/HN/2024",
    )  # fmt: skip
    assert matter(office, "before-5", "B.focal", D(2024, 12, 9)) == event
    office.paper(ITEMS.partition("  - {id: HN")[0], day=D(2024, 12, 10))
    office.live(D(2024, 12, 10))
    gone = matter(office, "changed", "B.focal", D(2024, 12, 10))
    assert (gone.what, gone.first, gone.when) == ("Việc này không còn trong chương trình.", None, "")


def test_a_secret_matter_has_only_its_days(office):
    office.paper(SECRET, day=D(2024, 12, 2))
    office.live(D(2024, 12, 2))
    assert matter(office, "before-5", "A.focal", D(2024, 12, 2)) == Matter(
        NoticeKind.REMINDER, "Việc mật", "", named_date=D(2024, 12, 10), included=False, last_on_time=D(2024, 12, 9),
        work_by=D(2024, 12, 9), days_left=5, secret=True, duty="P/BC/2024/A",
    )  # fmt: skip


@pytest.mark.parametrize("items", [ITEMS, SECRET])
def test_the_chairs_list_is_of_what_is_late_today(office, items):
    office.paper(items, day=D(2024, 12, 2))
    for day in (D(2024, 12, 2), D(2024, 12, 10), D(2024, 12, 18)):
        office.plan(day)
    office.decide(
        extend_duty, "P/BC/2024/B", D(2024, 12, 31), day=D(2024, 12, 19), days=office.definitions.working_days
    )
    office.plan(D(2024, 12, 23))
    agency, title = ("Một cơ quan", "Việc mật") if "secret" in items else ("Sở A", "Báo cáo năm")
    late = (Late(agency, title, D(2024, 12, 9), 10),)
    assert matter(office, "chair", "TB", D(2024, 12, 23)) == Matter(NoticeKind.CHAIR_LIST, "", "", late=late)
    office.decide(mark_done, "P/BC/2024/A", D(2024, 12, 23), day=D(2024, 12, 23), hour="06:50")
    assert read(office, "chair", "TB", D(2024, 12, 23))[0].settled == "Không còn việc quá hạn nào trong danh sách."


def test_a_waiting_letter_names_those_it_would_urge_each_by_its_own_day(office):
    office.paper(ITEMS, day=D(2024, 12, 2))
    office.live(D(2024, 12, 10))
    office.live(D(2024, 12, 12))
    asked = matter(office, "waiting", "TK", D(2024, 12, 13))
    assert asked.late == (
        Late("Sở A", "Báo cáo năm", D(2024, 12, 9), 4), Late("Sở B", "Báo cáo năm", D(2024, 12, 9), 4),
    )  # fmt: skip
    assert (asked.days_left, asked.about) == (-4, "Công văn đôn đốc số 1, dự thảo ngày 12/12/2024")
    for agency in "AB":
        office.decide(mark_done, f"P/BC/2024/{agency}", D(2024, 12, 13), day=D(2024, 12, 13))
    assert read(office, "waiting", "TK", D(2024, 12, 13))[0].settled == "Không còn cơ quan nào để đôn đốc."
