"""Receipts, requests for more time and their answers, and links: to whom, once, and what they say."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from notices.answers import NobodyToAnswer, file_answer, file_link, file_receipt, file_request
from notices.planning import plan_notices
from notices.tables import NOTICES
from office.settings import VIETNAM
from office.store import open_store, writing
from planning.handing_in import HandedIn, hand_in
from planning.kept_files import KeptFile
from planning.more_time import Asked, ask_more_time, grant_request, refuse_request
from planning.submissions import Recorded, extend_duty, return_duty
from tests.notices.offices import Office, contacts

ITEMS = "  - {id: BC, line: 1, title: Báo cáo năm, kind: report, when: trước ngày 10/12/2024, lead: [A, B]}\n"
A = "P/BC/2024/A"
FILE = KeptFile("Báo cáo.pdf", "application/pdf", 24_000, "9f" * 32, "ab/" + "a" * 32)
WHOLE = HandedIn(A, "Lò Thị Hoa", complete=True, key="khóa-biểu-mẫu-1", contact="A.head", files=(FILE,))
ASKED = Asked(A, "Lò Thị Hoa", date(2024, 12, 20), "Chờ số liệu của các xã", "khóa-biểu-mẫu-2", "A.head")
MONDAY = date(2024, 12, 2)


@pytest.fixture
def office(tmp_path, write_programmes):
    """A small office whose agencies have been reminded on Monday 2 December."""
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    office = Office(store, write_programmes, began=date(2024, 1, 1))
    office.paper(ITEMS, day=MONDAY)
    office.live(MONDAY)
    yield office
    store.dispose()


def at(day: int, hour: str = "09:05") -> datetime:
    return datetime.fromisoformat(f"2024-12-{day:02d}T{hour}").replace(tzinfo=VIETNAM)


def hand(office, handed, when) -> int:
    with writing(office.engine) as connection:
        number = hand_in(connection, handed, when).submission
        return file_receipt(connection, number, when) + file_receipt(connection, number, when)


def mail(office, day: int, hour: str = "10:00"):
    """The messages sent at that hour, (recipient, subject) and the texts."""
    before = len(office.courier.told)
    sent = office.send(date(2024, 12, day), hour)
    return sent, [message.text for message in office.courier.told[before:]]


def test_a_receipt_goes_once_to_who_handed_in_at_whatever_hour(office):
    sunday_night = at(8, "22:40")
    assert hand(office, WHOLE, sunday_night) == 1
    sent, (text,) = mail(office, 8, "22:50")
    assert sent == [("A.head", "Biên nhận số 1: Báo cáo năm")]
    assert "Đã nhận lúc: 22h40 ngày 08/12/2024\nKết quả: nộp đủ, đúng hạn\n" in text
    assert f"- Báo cáo.pdf, 24 kB, SHA-256 {'9f' * 32}\n" in text
    assert "đã nhận: https" not in text  # nobody acknowledges a receipt


def test_a_late_part_then_the_rest_then_a_correction(office):
    hand(office, replace(WHOLE, complete=False, contact=None, key="khóa-biểu-mẫu-0"), at(11))
    sent, (text,) = mail(office, 11)
    assert sent == [("A.focal", "Biên nhận số 1 (nộp một phần): Báo cáo năm")]  # nobody known: the focal contact
    assert "nhiệm vụ còn phải hoàn thành" in text
    hand(office, replace(WHOLE, files=(replace(FILE, stored="ab/" + "b" * 32),)), at(12))
    _, (text,) = mail(office, 12)
    assert "Kết quả: nộp đủ, chậm 3 ngày làm việc\n" in text
    with writing(office.engine) as connection:
        return_duty(connection, A, Recorded("Chị Lan", at(13), "Thiếu biểu"), date(2024, 12, 20))
    again = replace(WHOLE, key="khóa-biểu-mẫu-3", files=(), document_number="6/BC", document_date=date(2024, 12, 16))
    hand(office, again, at(16))
    _, texts = mail(office, 16)
    assert any("Kết quả: nộp đủ\n" in text and "số 6/BC ngày 16/12/2024" in text for text in texts)


def test_a_secret_receipt_names_neither_matter_nor_file(office):
    office.paper(ITEMS.replace("kind:", "secret: true, kind:"), day=MONDAY)
    hand(office, WHOLE, at(3))
    sent, (text,) = mail(office, 3)
    assert sent == [("A.head", "Biên nhận số 1: Việc mật")]
    assert f"- 24 kB, SHA-256 {'9f' * 32}\n" in text
    assert "Báo cáo" not in text


def request(office, when) -> int:
    with writing(office.engine) as connection:
        number = ask_more_time(connection, ASKED, when)
        return file_request(connection, number, when, office.definitions.working_days)


def answer(office, decide, when) -> int:
    """A person decides, the agency is answered, and notices are planned: one transaction, as doors do it."""
    days = office.definitions.working_days
    with writing(office.engine) as connection:
        decide(connection)
        filed = file_answer(connection, 1, when, days)
        plan_notices(connection, office.definitions.ladders, days, when, when, office.began)
    return filed


def test_the_secretariat_hears_that_an_agency_asks_unless_it_was_answered_meanwhile(office):
    assert (request(office, at(2, "08:30")), request(office, at(2, "08:31"))) == (1, 0)
    sent, (text,) = mail(office, 2)
    assert sent == [("TK", "Xin gia hạn đến hết 20/12/2024, chờ trả lời: Báo cáo năm")]
    assert "Cơ quan: Sở A\nNgười xin: Lò Thị Hoa\nLý do: Chờ số liệu của các xã\n" in text


def test_a_request_answered_before_the_mail_left_is_not_told(office):
    request(office, at(2, "08:30"))
    with writing(office.engine) as connection:
        until, recorded = date(2024, 12, 12), Recorded("Chị Lan", at(2, "08:40"))
        extend_duty(connection, A, until, recorded, office.definitions.working_days)
    assert ("TK", "Xin gia hạn đến hết 20/12/2024, chờ trả lời: Báo cáo năm") not in mail(office, 2)[0]
    assert office.notices(NOTICES.c.kind == "request_waiting") == [("waiting", "TK", "cancelled")]


def test_a_granted_request_is_told_as_the_answer_and_not_again_as_a_change(office):
    request(office, at(3))
    days = office.definitions.working_days
    granted = at(3, "10:00")
    assert answer(office, lambda c: grant_request(c, 1, None, "Chị Lan", "Lần cuối", granted, days), granted) == 2
    sent, texts = mail(office, 3, "10:10")
    told = [one for one in sent if one[0].startswith("A.")]
    subject = "Được gia hạn đến hết 20/12/2024: Báo cáo năm"
    assert sorted(told) == [("A.focal", subject), ("A.head", subject)]
    text = next(text for text in texts if "Được gia hạn" in text)
    assert "Ý kiến: Lần cuối\nNgười quyết định: Chị Lan\n" in text
    assert "ngày cuối 20/12/2024" in text


def test_a_refused_request_is_told_with_the_reason_and_the_old_day(office):
    request(office, at(3))
    assert answer(office, lambda c: None, at(3, "09:30")) == 0  # nobody has decided: nothing to tell
    when = at(3, "10:00")
    answer(office, lambda c: refuse_request(c, 1, "Chị Lan", "Đã gia hạn một lần", when), when)
    sent, texts = mail(office, 3, "10:10")
    subject = "Không được gia hạn: Báo cáo năm"
    assert sorted(one for one in sent if one[0].startswith("A.")) == [("A.focal", subject), ("A.head", subject)]
    assert "Ý kiến: Đã gia hạn một lần\n" in texts[0]
    assert "ngày cuối 09/12/2024" in texts[0]


def test_a_link_goes_at_once_and_once_a_minute(office):
    with writing(office.engine) as connection:
        filed = [file_link(connection, "A.focal", at(7, hour)) for hour in ("21:00", "21:00", "21:01")]
        with pytest.raises(NobodyToAnswer):
            file_link(connection, "khong-co", at(7))
    assert filed == [1, 0, 1]
    assert mail(office, 7, "21:02")[0] == [("A.focal", "Liên kết vào trang của cơ quan")] * 2


def test_a_receipt_for_an_agency_without_contacts_is_put_before_a_person(office):
    office.people = contacts(A_focal=None, A_head=None)
    office.paper(ITEMS, day=MONDAY)
    assert hand(office, WHOLE, at(3)) == 1
    assert office.notices(NOTICES.c.kind == "receipt") == [("receipt", "?focal:A", "failed")]
