"""An occurrence's story: every kind of line, newest first, and of a secret matter nothing that tells its content."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update

from board.story import read_story
from board.story_notices import OF_A_NOTICE, say_recipient
from board.versions import read_version
from models.columns import table_of
from models.contact import Contact
from models.notice import Acknowledgement, Letter, Notice, NoticeKind
from models.occurrence import Occurrence
from models.programme import Release
from models.submission import ExtensionRequest, Submission, SubmittedFile
from office.settings import VIETNAM
from office.store import reading, writing
from planning.amendments import Basis
from planning.fixing import Fix, cancel_occurrence, fix_date, restore_occurrence
from planning.submissions import Recorded, mark_done
from planning.yearbook import plan_year
from tests.notices.small_office import add_all

ITEMS = """\
  - {id: R, line: 1, title: Báo cáo, kind: report, when: trước 10/12/2024, lead: [A, B]}
  - {id: H, line: 2, title: Hội nghị, kind: conference, when: Tháng 7 năm 2024, lead: [B]}
"""
AT = datetime(2024, 3, 4, 9, tzinfo=VIETNAM)
EVENT, REPORT = "P/H/2024", "P/R/2024"


@pytest.fixture
def planned(engine, definitions):
    papers = definitions(ITEMS)
    with writing(engine) as connection:
        plan_year(connection, papers, 2024, AT.date())
    return engine, papers


def story(engine, occurrence):
    with reading(engine) as connection:
        return read_story(connection, occurrence)


def later(hours):
    return AT + timedelta(hours=hours)


def test_dates_are_told_from_the_paper_to_what_holds(planned):
    engine, papers = planned
    by, today = Basis("Bà Lan", "GM 25", "Trưởng ban bận"), AT.date()
    with writing(engine) as connection:
        fixed = Fix(EVENT, date(2024, 7, 11), place="Nhà A", document="GM 25", by="Bà Lan")
        fix_date(connection, papers, fixed, today, AT)
        moved = Fix(EVENT, date(2024, 7, 12), date(2024, 7, 13), document="GM 26", by="Bà Lan")
        fix_date(connection, papers, moved, today, later(1))
        cancel_occurrence(connection, papers, EVENT, by, today, later(2))
        restore_occurrence(connection, papers, EVENT, by, today, later(3))
        restore_occurrence(connection, papers, EVENT, by, today, later(4))
    paper = "theo văn bản: Tháng 7 năm 2024"
    assert [(line.what, line.before, line.after) for line in story(engine, EVENT)] == [
        ("Bỏ ngày đã ấn định, trở lại theo văn bản", "12/07/2024 – 13/07/2024", paper),
        ("Khôi phục, như chưa hủy", "", ""),
        ("Hủy", "", ""),
        ("Đổi ngày", "11/07/2024, Nhà A", "12/07/2024 – 13/07/2024"),
        ("Ấn định ngày", paper, "11/07/2024, Nhà A"),
    ]
    assert {line.who for line in story(engine, EVENT)} == {"Bà Lan"}
    with reading(engine) as connection:
        version = read_version(connection, EVENT)
    assert (version.to_take_back, version.years) == ("", (2024, 2024))
    assert version.due > 1


def tell_everything(connection):
    """One line of each other kind about the report."""
    add_all(
        connection, Release, [{"programme": "P", "number": 1, "content": "", "digest": "", "released_at": later(-9)}]
    )
    quiet = {"quiet_from": datetime.min.time(), "quiet_to": datetime.min.time()}
    add_all(connection, Contact, [quiet | {"code": "lan", "name": "Chị Lan", "agency": "A", "post": "focal"}])
    told = {
        "subject": "P/R/2024/A", "version": "1.1", "step": "D-5", "occurrence": REPORT, "agency": "A",
        "channel": "mail", "kind": "reminder", "target": "focal",
        "fires_on": AT.date(), "bundle": "b", "due_at": AT, "planned_at": AT,
    }  # fmt: skip
    sent = {"state": "delivered", "accepted_at": later(1), "delivered_at": later(2), "acknowledged_at": later(3)}
    add_all(connection, Notice, [told | sent | {"id": 1, "recipient": "lan"}])
    add_all(connection, Notice, [told | {"id": 2, "recipient": "?head:A", "state": "planned"}])
    add_all(connection, Notice, [told | sent | {"id": 3, "recipient": "lan", "channel": "sms"}])
    answer = {"notice": 1, "subject": "P/R/2024/A", "version": "1.1", "contact": "lan", "at": later(3)}
    add_all(connection, Acknowledgement, [answer | {"typed_name": "Lò Thị Hoa", "way": "link"}])
    line = {"duty": "P/R/2024/A", "version": "1.1", "agency": "A", "by": "Lò Thị Hoa"}
    sent_in = {"id": 1, "at": later(4), "complete": True, "document_number": "12/BC", "document_date": AT.date()}
    add_all(connection, Submission, [line | sent_in | {"note": "Kèm phụ lục", "key": "s"}])
    file = {
        "id": 1,
        "submission": 1,
        "name": "báo cáo.pdf",
        "media_type": "application/pdf",
        "size": 5,
        "digest": "",
        "stored": "x",
    }
    add_all(connection, SubmittedFile, [file])
    asked = {"id": 1, "at": later(5), "until": date(2024, 12, 20), "why": "Mưa lũ", "key": "r", "state": "granted"}
    granted = {"decided_by": "Bà Thư", "decided_at": later(6), "granted_until": date(2024, 12, 15)}
    add_all(connection, ExtensionRequest, [line | asked | granted])
    letter = {"id": 1, "occurrence": REPORT, "drafted_on": date(2024, 3, 5), "state": "approved", "number": "7/CV"}
    add_all(connection, Letter, [letter | {"decided_by": "Ông Ký", "decided_at": later(30)}])
    mark_done(connection, "P/R/2024/A", AT.date(), Recorded("Bà Thư", later(7), document="12/BC"))


def test_every_kind_of_thing_that_happened_is_told_newest_first(planned):
    engine, _ = planned
    with writing(engine) as connection:
        tell_everything(connection)
    lines = story(engine, REPORT)
    assert [line.what.partition(", ngày")[0] for line in lines] == [
        "Công văn đôn đốc được duyệt",
        "Công văn đôn đốc được soạn, chờ quyết định",
        "A: Ghi nhận đã nộp",
        "A: Trả lời xin gia hạn: đã đồng ý đến 15/12/2024",
        "A: Xin gia hạn đến 20/12/2024 (đã đồng ý)",
        "A: Nộp đủ",
        "Thông báo (nhắc việc",
        "Chương trình được triển khai, bản 1",
    ]
    assert lines[5].document == "12/BC, ngày 04/03/2024"
    assert [file.name for file in lines[5].files] == ["báo cáo.pdf"]
    assert lines[6].what.endswith("2 người, máy chủ đã nhận 1, báo nhận 1")
    assert [(one.name, one.state, one.acknowledged_by) for one in lines[6].notices] == [
        ("Chị Lan", "đã vào hộp thư", "Lò Thị Hoa"),
        ("Thủ trưởng A (chưa có người)", "chờ đến giờ", ""),
        ("Chị Lan", "đã vào hộp thư", ""),
    ]


def test_of_a_secret_matter_only_who_and_when_are_told(planned):
    engine, papers = planned
    with writing(engine) as connection:
        tell_everything(connection)
        fixed = Fix(EVENT, date(2024, 7, 11), place="Nhà A", document="GM 25", by="Bà Lan")
        fix_date(connection, papers, fixed, AT.date(), AT)
        connection.execute(update(table_of(Occurrence)).values(secret=True))
    told = repr(story(engine, REPORT)) + repr(story(engine, EVENT))
    assert "Bà Lan" in told
    assert "11/07/2024" in told
    for content in ("12/BC", "phụ lục", "báo cáo.pdf", "Mưa lũ", "7/CV", "Nhà A", "GM 25", "Tháng 7"):
        assert content not in told


def test_what_is_not_there_has_no_story(planned):
    engine, _ = planned
    assert story(engine, "P/X/2024") == []
    with reading(engine) as connection:
        assert read_version(connection, "P/X/2024") is None


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [
        ("lan", "Chị Lan", "Chị Lan"),
        ("lan", None, "lan"),
        ("?focal:SYT", None, "Đầu mối SYT (chưa có người)"),
        ("?x:SYT", None, "x SYT (chưa có người)"),
    ],
)
def test_a_recipient_is_called_by_name_or_by_the_post_nobody_holds(code, name, said):
    assert say_recipient(code, name) == said


def test_every_kind_of_notice_has_its_words():
    assert set(OF_A_NOTICE) == set(NoticeKind)
