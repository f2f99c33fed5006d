"""The registers: agencies and their successors, contacts' channels and links, and days off with what they move."""

import re
from datetime import date

import pytest

from calendars.subscription_options import Options
from calendars.subscriptions import create_subscription
from models.account import PersonalLink
from models.amendment import Amendment
from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.notice import Notice
from models.occurrence import Occurrence
from models.personal_links import generation_of
from models.subscription import Subscription
from office.store import writing
from tests.portal.office_door import MACHINE, SECRET, hidden
from tests.portal.work_office import NOW

CALENDARS = table_of(Subscription)
WAYS, LINKS, NOTICES = table_of(ContactChannel), table_of(PersonalLink), table_of(Notice)
AMENDMENTS, OCCURRENCES = table_of(Amendment), table_of(Occurrence)
CONTACTS = "/thu-ky/danh-muc/nguoi-lien-he"
DAYS = "/thu-ky/danh-muc/ngay-nghi"
OFF = {"day": "2024-12-09", "decided": "nghi", "document": "9/QĐ-UBND", "why": ""}


def test_agencies_with_their_time_and_successors(work_office):
    page = work_office.secretary.get("/thu-ky/danh-muc/co-quan").text
    assert "đến hết 28/02/2025" in page
    assert '01/03/2025: <span lang="vi">Sở D</span> (<span lang="vi">Sắp xếp</span>)' in page
    assert "01/07/2025: không nêu ai" in page


def test_programmes_say_whether_a_version_was_frozen(work_office):
    page = work_office.secretary.get("/thu-ky/danh-muc/chuong-trinh").text
    assert "1/KH" in page
    assert "chưa khóa bản nào" in page


def test_who_cannot_be_reached_is_said_before_it_is_needed(work_office):
    page = work_office.secretary.get(CONTACTS).text
    assert "Chưa gửi đến được" in page
    assert "chưa có đầu mối" in page
    assert re.findall(r'<td data-label="Bước" lang="vi">(.+?)</td>', page) == [
        "trước ngày diễn ra 5 ngày làm việc, trước hạn 5 ngày làm việc"
    ]
    english = work_office.secretary.get(f"{CONTACTS}?lang=en").text
    assert re.findall(r'<td data-label="Step" lang="en">(.+?)</td>', english) == [
        "5 working days before the event, 5 working days before the deadline"
    ]
    assert work_office.secretary.get(f"{CONTACTS}?co-quan=KHONG").status_code == 404


def test_contacts_are_chosen_by_agency(work_office):
    work_office.add_contact()
    work_office.add_contact("C.dm", "C", "c@example.vn")
    everybody = work_office.secretary.get(CONTACTS).text
    assert [code in everybody for code in ('<tr id="A.dm">', '<tr id="C.dm">')] == [True, True]
    assert '<option value="C" lang="vi">Sở C</option>' in everybody
    of_one = work_office.secretary.get(f"{CONTACTS}?co-quan=C").text
    assert [code in of_one for code in ('<tr id="A.dm">', '<tr id="C.dm">')] == [False, True]
    assert '<option value="C" lang="vi" selected>Sở C</option>' in of_one


def test_addresses_are_shown_to_those_who_verify_them_only(work_office):
    work_office.add_contact()
    assert "a@example.vn" in work_office.secretary.get(f"{CONTACTS}?co-quan=A").text
    assert "a@example.vn" not in work_office.chair.get(f"{CONTACTS}?co-quan=A").text


def test_new_addresses_are_counted_wherever_work_waits_and_listed_on_top(work_office):
    link = f'<a href="{CONTACTS}#cho-kiem-tra">'
    assert link not in work_office.secretary.get("/thu-ky").text
    assert "Địa chỉ chờ kiểm tra" not in work_office.secretary.get(CONTACTS).text
    work_office.add_contact(verified=None)
    for page in ("/thu-ky", "/thu-ky/duyet"):
        assert f"{link}1 địa chỉ mới chờ kiểm tra</a>" in work_office.secretary.get(page).text
    listed = work_office.secretary.get(CONTACTS).text
    assert '<h2 id="cho-kiem-tra">' in listed
    assert f'<a href="{CONTACTS}/A.dm/sua"' in listed
    assert '<a href="#A.dm"' in work_office.chair.get(CONTACTS).text
    with writing(work_office.engine) as connection:
        people = table_of(Contact)
        connection.execute(people.update().where(people.c.code == "A.dm").values(valid_to=date(2024, 12, 11)))
    assert link not in work_office.secretary.get("/thu-ky").text
    assert "Địa chỉ chờ kiểm tra" not in work_office.secretary.get(CONTACTS).text


def test_a_tried_address_is_used_from_then_on(work_office):
    work_office.add_contact(verified=None)
    page = work_office.secretary.get(f"{CONTACTS}?co-quan=A")
    fields = {"kind": "mail", "address": "a@example.vn", "key": hidden(page, "key")}
    answer = work_office.send(f"{CONTACTS}/A.dm", act="kiem-tra", **fields)
    assert answer.headers["location"] == f"{CONTACTS}?co-quan=A&done=kiem-tra#A.dm"
    assert [row.verified_on for row in work_office.rows(WAYS)] == [date(2024, 12, 12)]
    other = fields | {"address": "khac@example.vn", "key": "k" * 16}
    assert work_office.send(f"{CONTACTS}/A.dm", act="kiem-tra", **other).status_code == 422


def test_a_new_link_goes_to_the_registered_address_and_the_old_one_stops(work_office):
    work_office.add_contact()
    with writing(work_office.engine) as connection:
        generation_of(connection, "A.dm", MACHINE)
    assert work_office.send(f"{CONTACTS}/A.dm", act="lien-ket").status_code == 303
    assert [(row.contact, row.generation, row.revoked) for row in work_office.rows(LINKS)] == [("A.dm", 2, False)]
    assert [(row.kind, row.recipient) for row in work_office.rows(NOTICES)] == [("link", "A.dm")]
    assert work_office.audit("link.renewed") == [("Chị Lan", "contact/A.dm")]
    assert work_office.send(f"{CONTACTS}/A.dm", act="thu-hoi", why="").status_code == 422
    assert work_office.send(f"{CONTACTS}/A.dm", act="thu-hoi", why="đổi người").status_code == 303
    assert [row.revoked for row in work_office.rows(LINKS)] == [True]


def test_the_calendars_of_a_link_taken_back_end_and_no_others(work_office):
    work_office.add_contact()
    work_office.add_contact("A.khac", address="khac@example.vn")
    with writing(work_office.engine) as connection:
        for number, contact in enumerate(("A.dm", "A.dm", "A.khac", None)):
            create_subscription(
                connection, "agency/A", f"Lịch {number}", Options(), "Bà", NOW, MACHINE, SECRET, contact
            )
    assert work_office.send(f"{CONTACTS}/A.dm", act="lien-ket").status_code == 303
    assert [row.revoked_at for row in work_office.rows(CALENDARS)] == [None] * 4  # a new link is no suspicion
    answer = work_office.send(f"{CONTACTS}/A.dm", act="thu-hoi", why="lộ liên kết")
    assert [row.revoked_at for row in work_office.rows(CALENDARS)] == [MACHINE, MACHINE, None, None]
    assert "các lịch đăng ký người này đã tạo thôi hiện" in work_office.secretary.get(answer.headers["location"]).text
    assert work_office.audit("subscription.revoke") == [("Chị Lan", f"subscription/{n}") for n in (1, 2)]
    assert work_office.send(f"{CONTACTS}/A.dm", act="thu-hoi", why="lần nữa").status_code == 303


@pytest.mark.parametrize(("contact", "act", "code"), [("KHONG", "lien-ket", 404), ("A.dm", "xoa", 400)])
def test_nobody_there_or_no_act_of_ours(work_office, contact, act, code):
    assert work_office.send(f"{CONTACTS}/{contact}", act=act).status_code == code


def due(office):
    return office.one(OCCURRENCES, "P/BC/2024")["last_on_time"], office.one(OCCURRENCES, "P/BC/2024")["work_by"]


def test_a_changed_day_shows_what_it_would_move_before_anything_is_recorded(work_office):
    before = [work_office.rows(table) for table in (AMENDMENTS, OCCURRENCES)]
    page = work_office.send(DAYS, **OFF)
    assert (page.status_code, "Chưa ghi gì." in page.text) == (200, True)
    assert "Việc chuyển ngày (1)" in page.text
    assert [work_office.rows(table) for table in (AMENDMENTS, OCCURRENCES)] == before
    confirmed = OFF | {"step": "ghi", "key": hidden(page, "key")}
    for _ in range(2):  # pressed twice
        answer = work_office.send(DAYS, **confirmed)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{DAYS}?done=nghi")
    assert [(row.subject, row.by, row.document) for row in work_office.rows(AMENDMENTS)] == [
        ("2024-12-09", "Chị Lan", "9/QĐ-UBND")
    ]
    assert due(work_office)[1] == date(2024, 12, 6)
    listed = work_office.secretary.get(f"{DAYS}?done=nghi").text
    assert "9/QĐ-UBND" in listed
    assert "trên màn hình" in listed


@pytest.mark.parametrize(
    ("fields", "code", "said"),
    [
        ({"document": ""}, 422, "Thiếu căn cứ"),
        ({"day": ""}, 422, "Chưa ghi ngày"),
        ({"decided": "nhu-cu"}, 422, "Chưa ghi gì trên màn hình"),
        ({"decided": "?"}, 400, ""),
    ],
)
def test_a_change_of_a_day_that_cannot_be(work_office, fields, code, said):
    answer = work_office.send(DAYS, **(OFF | fields))
    assert (answer.status_code, said in answer.text) == (code, True)
    assert work_office.rows(AMENDMENTS) == []
