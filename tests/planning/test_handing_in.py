"""What agencies hand in: whole or in part, once however often the button is pressed, and for their own duties alone."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text

from board.handed_in import read_sent_in
from models.audit import verify_audit
from office.settings import VIETNAM
from office.store import open_store, reading, writing
from planning.handing_in import (
    SUBMISSIONS,
    HandedIn,
    Receipt,
    UnknownDuty,
    UnknownFile,
    UnusableSubmission,
    find_file,
    hand_in,
)
from planning.kept_files import KeptFile
from planning.more_time import Asked, ask_more_time, requests_of
from planning.submissions import ImpossibleDecision, Recorded, return_duty, waive_duty
from planning.typed_text import UnusableText
from planning.yearbook import plan_year

ITEMS = "  - {id: I1, line: 1, title: Báo cáo, kind: report, when: trước 10/12/2024, lead: [A, B]}\n"
A, B = "P/I1/2024/A", "P/I1/2024/B"
FILE = KeptFile("Báo cáo.pdf", "application/pdf", 24, "9f" * 32, "ab/" + "a" * 32)
WHOLE = HandedIn(
    A, "Lò Thị Hoa", complete=True, key="khóa-biểu-mẫu-1", contact="A.focal", document_number="5/BC-SA",
    document_date=date(2024, 12, 2), agency="A", files=(FILE,),
)  # fmt: skip


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2024, 12, day, hour, tzinfo=VIETNAM)


def lan(day: int) -> Recorded:
    return Recorded("Chị Lan", at(day), "Có công văn")


@pytest.fixture
def planned(engine, definitions):
    with writing(engine) as connection:
        plan_year(connection, definitions(ITEMS), 2024, date(2024, 3, 4))
    return engine


@pytest.fixture
def office(tmp_path, definitions):
    """The same where the kind of database does not matter."""
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    with writing(store) as connection:
        plan_year(connection, definitions(ITEMS), 2024, date(2024, 3, 4))
    yield store
    store.dispose()


def give(engine, handed, day=3) -> Receipt:
    with writing(engine) as connection:
        return hand_in(connection, handed, at(day))


def count(engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(SUBMISSIONS)).scalar_one()


def test_a_whole_report_makes_the_duty_done_once_however_often_it_is_sent(planned):
    receipt = give(planned, WHOLE)
    assert receipt == Receipt(1, A, True, at(3), date(2024, 12, 3), ("9f" * 32,))
    assert give(planned, replace(WHOLE, files=(replace(FILE, stored="cd/" + "c" * 32),)), 4) == replace(
        receipt, repeated=True
    )
    assert give(planned, replace(WHOLE, key=f" {WHOLE.key} "), 5).repeated
    with reading(planned) as connection:
        duty = connection.execute(text("select done_by, document from duty where id = :id"), {"id": A}).one()
        audit = connection.execute(text("select action, details from auditentry order by id desc")).first()
        assert verify_audit(connection).broken_at is None
    assert tuple(duty) == ("Lò Thị Hoa", "số 5/BC-SA ngày 02/12/2024")
    assert audit.action == "duty.handed_in"
    assert "9f" * 32 in audit.details
    assert "Báo cáo.pdf" not in audit.details
    assert count(planned) == 1


def test_a_part_leaves_the_duty_open_and_both_are_read_newest_first(planned):
    part = replace(
        WHOLE, complete=False, key="khóa-biểu-mẫu-0", link="https://tep.example.vn/x?y=1", note="Còn\n phụ lục "
    )
    assert give(planned, part).done_on is None
    late = replace(WHOLE, document_number="", document_date=None, files=(replace(FILE, stored="ab/" + "b" * 32),))
    assert give(planned, late, 12).done_on == date(2024, 12, 12)
    with reading(planned) as connection:
        whole, first = read_sent_in(connection, [A], "A")[A]
        assert read_sent_in(connection, [B], "B") == {}
    assert (whole.complete, whole.document_number, [file.name for file in whole.files]) == (True, None, ["Báo cáo.pdf"])
    assert (first.document_number, first.document_date) == ("5/BC-SA", date(2024, 12, 2))
    assert (first.link, first.note) == ("https://tep.example.vn/x?y=1", "Còn\nphụ lục")


def test_handing_in_again_closes_the_correction_and_the_first_day_stays(planned):
    give(planned, WHOLE)
    with writing(planned) as connection:
        return_duty(connection, A, lan(5), date(2024, 12, 20))
    again = replace(WHOLE, key="khóa-biểu-mẫu-2", files=())
    assert give(planned, again, 12).done_on == date(2024, 12, 3)
    with reading(planned) as connection:
        assert connection.execute(text("select returned_on from duty where id = :id"), {"id": A}).scalar() is None


def test_who_hands_in_needs_no_more_time(planned):
    with writing(planned) as connection:
        ask_more_time(connection, Asked(A, "Hoa", date(2024, 12, 20), "Chờ số liệu", "khóa-biểu-mẫu-9"), at(2))
    give(planned, WHOLE)
    with reading(planned) as connection:
        assert [one.state for one in requests_of(connection, A)] == ["overtaken"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"document_number": "", "document_date": None, "files": ()}, "Chưa có gì để nộp"),
        ({"document_date": None}, "Chưa ghi ngày văn bản"),
        ({"document_number": "\u202e "}, "Chưa ghi số văn bản"),
        ({"document_date": date(2024, 12, 4)}, "chưa đến"),
        ({"link": "http://tep.example.vn/x"}, "Đường dẫn không dùng được"),
        ({"link": "javascript:alert(1)"}, "Đường dẫn không dùng được"),
        ({"link": "https://tep.example.vn/a b"}, "Đường dẫn không dùng được"),
        ({"link": "https://a@tep.example.vn/"}, "Đường dẫn không dùng được"),
        ({"link": "https://tep.example.vn/" + "x" * 500}, "Đường dẫn không dùng được"),
    ],
)
def test_a_form_that_says_nothing_of_use_is_refused(office, changed, says):
    with pytest.raises(UnusableSubmission, match=says):
        give(office, replace(WHOLE, **changed))
    assert count(office) == 0


@pytest.mark.parametrize("changed", [{"by": " "}, {"by": "x" * 101}, {"note": "x" * 2001}, {"key": ""}])
def test_a_field_too_long_or_empty_is_named(office, changed):
    with pytest.raises(UnusableText):
        give(office, replace(WHOLE, **changed))


def test_another_agencys_duty_is_as_unknown_as_one_that_does_not_exist(office):
    for duty in (B, "P/I1/2024/khong-co"):
        with pytest.raises(UnknownDuty, match="Không có nhiệm vụ này"):
            give(office, replace(WHOLE, duty=duty))
    give(office, WHOLE)
    with pytest.raises(UnusableSubmission, match="đã dùng cho việc khác"):
        give(office, replace(WHOLE, duty=B, agency="B"))  # somebody else's form key tells nothing


def test_what_is_waived_or_withdrawn_cannot_be_handed_in(office):
    with writing(office) as connection:
        waive_duty(connection, A, lan(2))
        connection.execute(text("update duty set withdrawn = true where id = :id"), {"id": B})
    with pytest.raises(ImpossibleDecision, match="đã được miễn"):
        give(office, WHOLE)
    with pytest.raises(ImpossibleDecision, match="không còn trong chương trình"):
        give(office, replace(WHOLE, duty=B, agency="B"))
    assert count(office) == 0


def test_a_file_is_found_by_its_own_agency_and_by_the_secretariat(office):
    give(office, WHOLE)
    with reading(office) as connection:
        assert find_file(connection, 1, "A") == find_file(connection, 1, None)
        assert find_file(connection, 1, "A").stored == FILE.stored
        for number, agency in ((1, "B"), (2, None)):
            with pytest.raises(UnknownFile):
                find_file(connection, number, agency)


def test_days_are_those_of_vietnam(office):
    night = datetime(2024, 12, 3, 23, 30, tzinfo=VIETNAM).astimezone(UTC)
    with writing(office) as connection:
        assert hand_in(connection, WHOLE, night).done_on == date(2024, 12, 3)
