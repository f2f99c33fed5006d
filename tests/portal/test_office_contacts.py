"""The secretariat adds, changes and ends contacts of any agency, and says who stands in for whom."""

from datetime import date

import pytest
from sqlalchemy import insert

from models.columns import table_of
from models.contact import Contact, ContactChannel, Substitution
from models.notice import AuditEntry
from office.store import open_store, writing
from tests.notices.sinks import sink
from tests.portal.office_door import hash_cheaply, hidden
from tests.portal.work_office import ITEMS, MARKUP, WorkOffice

CONTACTS, WAYS, LEAVES = table_of(Contact), table_of(ContactChannel), table_of(Substitution)
LIST, NEW, STAND_IN = (f"/thu-ky/danh-muc/{page}" for page in ("nguoi-lien-he", "nguoi-lien-he-moi", "nguoi-thay"))
EDIT = f"{LIST}/A.dm/sua"
PERSON = {
    "what": "sua", "name": "Lò Thị Hoa", "agency": "A", "post": "head", "mail": "a@example.vn", "sms": "", "zalo": "",
    "quiet_from": "20:30", "quiet_to": "06:00", "language": "en", "digest": "co",
}  # fmt: skip
LEAVE = {"contact": "A.dm", "substitute": "B.dm", "first": "2024-12-16", "last": "2024-12-20"}


def send(office, page, **fields):
    """The form of the page as its hidden key makes it count once."""
    return office.send(page, **({"key": hidden(office.secretary.get(page), "key")} | fields))


def ways(office, contact):
    return {(row.kind, row.address, row.verified_on) for row in office.rows(WAYS) if row.contact == contact}


def person(office, code="A.dm"):
    return next(row for row in office.rows(CONTACTS) if row.code == code)


def test_somebody_is_added_once_and_what_was_tried_is_used_at_once(work_office):
    page = work_office.secretary.get(f"{NEW}?co-quan=B")
    assert '<option value="B" lang="vi" selected>' in page.text
    form = PERSON | {"agency": "B", "sms": "0912345678", "verified_mail": "co", "key": hidden(page, "key")}
    first, second = (work_office.send(NEW, **form) for _ in range(2))
    [new] = work_office.rows(CONTACTS)
    assert first.headers["location"] == second.headers["location"] == f"{LIST}?co-quan=B&done=them#{new.code}"
    assert (new.agency, new.post, new.valid_from, new.language) == ("B", "head", date(2024, 12, 12), "en")
    assert ways(work_office, new.code) == {
        ("mail", "a@example.vn", date(2024, 12, 12)),
        ("sms", "0912345678", None),
    }
    assert "Đã thêm người liên hệ." in work_office.secretary.get(first.headers["location"]).text
    assert [actor for actor, _ in work_office.audit("amendment.contact")] == ["Chị Lan"] * 2
    assert not any("@" in row.details for row in work_office.rows(table_of(AuditEntry)))


def test_the_offices_own_people_need_no_agency(work_office):
    assert send(work_office, NEW, **(PERSON | {"agency": "", "post": "secretariat"})).status_code == 303
    [new] = work_office.rows(CONTACTS)
    assert (new.agency, new.post, new.code.startswith("van-phong-")) == (None, "secretariat", True)


def test_post_agency_and_hours_change_and_an_untried_address_waits(work_office):
    work_office.add_contact()
    page = work_office.secretary.get(EDIT).text
    assert 'value="a@example.vn"' in page
    assert MARKUP not in page
    done = send(work_office, EDIT, **(PERSON | {"agency": "C", "mail": "moi@example.vn"}))
    assert done.headers["location"] == f"{LIST}?co-quan=C&done=sua#A.dm"
    hoa = person(work_office)
    assert (hoa.name, hoa.agency, hoa.post, f"{hoa.quiet_from:%H:%M}") == ("Lò Thị Hoa", "C", "head", "20:30")
    assert ways(work_office, "A.dm") == {
        ("mail", "moi@example.vn", None),
        ("mail", "a@example.vn", date(2024, 1, 2)),  # used until the new one is verified
    }
    send(work_office, EDIT, **(PERSON | {"mail": "moi@example.vn", "verified_mail": "co"}))
    assert ways(work_office, "A.dm") == {("mail", "moi@example.vn", date(2024, 12, 12))}


def test_what_is_in_use_keeps_the_day_it_was_verified(work_office):
    work_office.add_contact()
    send(work_office, EDIT, **(PERSON | {"verified_mail": "co"}))
    assert ways(work_office, "A.dm") == {("mail", "a@example.vn", date(2024, 1, 2))}


def test_the_person_s_page_says_what_follows_and_for_whom(work_office):
    work_office.add_contact()
    page = work_office.secretary.get(EDIT).text
    assert "Không có liên kết nào còn hiệu lực." in page
    assert [f'name="act" value="{act}"' in page for act in ("lien-ket", "thu-hoi")] == [True, True]
    assert "Sau ngày ấy không gửi gì tới người này nữa. Liên kết của người này thôi dùng được." in page
    assert ">Cho thôi Đầu mối Sở A</button>" in page
    with writing(work_office.engine) as connection:
        connection.execute(CONTACTS.update().values(agency=None, post="secretariat"))
    office = work_office.secretary.get(EDIT).text
    assert "Liên kết cá nhân" not in office
    assert ">Cho thôi Thư ký Văn phòng Ban Chỉ đạo</button>" in office


def test_somebodys_last_day_is_recorded(work_office):
    work_office.add_contact()
    done = send(work_office, EDIT, what="thoi", valid_to="2024-12-31")
    assert done.headers["location"] == f"{LIST}?co-quan=A&done=thoi#A.dm"
    assert person(work_office).valid_to == date(2024, 12, 31)
    assert "đến hết 31/12/2024" in work_office.secretary.get(done.headers["location"]).text


def test_a_substitute_for_a_time_and_for_a_shorter_one(work_office):
    work_office.add_contact()
    work_office.add_contact("B.dm", "B", "b@example.vn")
    assert send(work_office, STAND_IN, **LEAVE).headers["location"] == f"{STAND_IN}?done=thay"
    page = work_office.secretary.get(STAND_IN)
    assert 'name="last" type="date" required value="2024-12-20"' in page.text
    assert work_office.send(STAND_IN, **(LEAVE | {"last": "2024-12-17", "key": hidden(page, "key")})).status_code == 303
    assert [(row.contact, row.substitute, row.first, row.last) for row in work_office.rows(LEAVES)] == [
        ("A.dm", "B.dm", date(2024, 12, 16), date(2024, 12, 17))
    ]


@pytest.mark.parametrize(
    ("page", "fields", "says"),
    [
        (EDIT, {"name": ""}, "họ và tên"),
        (EDIT, {"agency": "KHONG"}, "Không có cơ quan KHONG"),
        (EDIT, {"agency": ""}, "phải thuộc một cơ quan"),
        (EDIT, {"post": "vua"}, "Biểu mẫu có chỗ chưa đúng"),
        (EDIT, {"what": "thoi", "valid_to": "2024-11-01"}, "Ngày cuối đã qua"),
        (NEW, {"mail": ""}, "không có cách liên hệ nào"),
        (NEW, {"key": "mine"}, "Biểu mẫu có chỗ chưa đúng"),
        (STAND_IN, LEAVE | {"substitute": "A.dm"}, "không thể tự thay mình"),
        (STAND_IN, LEAVE | {"substitute": "KHONG"}, "Không có liên hệ KHONG"),
        (STAND_IN, LEAVE | {"last": "2024-12-01"}, "Khoảng thay thế chưa đúng"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(work_office, page, fields, says):
    work_office.add_contact()
    before = [work_office.rows(table) for table in (CONTACTS, WAYS, LEAVES)]
    answer = send(work_office, page, **(PERSON | {"verified_mail": "co"} | fields))
    assert (answer.status_code, says in answer.text) == (422, True)
    assert [work_office.rows(table) for table in (CONTACTS, WAYS, LEAVES)] == before
    if page == EDIT and fields.get("name") != "":
        assert 'value="Lò Thị Hoa"' in answer.text


def test_only_those_who_decide_see_the_forms_and_nobody_is_nobody(work_office):
    work_office.add_contact()
    for page in (NEW, EDIT, STAND_IN):
        assert work_office.chair.get(page).status_code == 403
        assert work_office.send(page, work_office.chair, **PERSON).status_code == 403
        assert page not in work_office.chair.get(LIST).text
        assert page in work_office.secretary.get(f"{LIST}?co-quan=A").text
    assert work_office.secretary.get(f"{LIST}/KHONG/sua").status_code == 404
    assert work_office.send(f"{LIST}/KHONG/sua", **PERSON).status_code == 404


def test_a_secret_of_the_office_is_neither_shown_nor_lost(work_office):
    work_office.add_contact()
    way = {
        "contact": "A.dm",
        "position": 1,
        "kind": "apprise",
        "address": "env:BI_MAT",
        "verified_on": date(2024, 1, 2),
    }
    with writing(work_office.engine) as connection:
        connection.execute(insert(WAYS), way)
    assert "BI_MAT" not in work_office.secretary.get(EDIT).text
    assert send(work_office, EDIT, **PERSON).status_code == 303
    assert ("apprise", "env:BI_MAT", date(2024, 1, 2)) in ways(work_office, "A.dm")


@pytest.fixture
def mail_office(serve, tmp_path, write_programmes, monkeypatch):
    """That office with a mail server that takes everything: ``office.mail``."""
    hash_cheaply(monkeypatch)
    engine = open_store(f"sqlite:///{tmp_path / 'mail.db'}")
    with sink() as server:
        office = WorkOffice(engine, serve, tmp_path, write_programmes(ITEMS), mail_port=server.port)
        office.mail = server
        yield office
        office.close()
    engine.dispose()


def test_an_address_that_waits_is_tried_by_one_mail_and_the_answer_is_shown(mail_office):
    mail_office.add_contact(verified=None)
    assert "Gửi thư thử" in mail_office.secretary.get(EDIT).text
    done = mail_office.send(EDIT, what="thu")
    assert (done.status_code, done.headers["location"]) == (303, f"{EDIT}#thu-thu")
    page = mail_office.secretary.get(EDIT).text
    assert "Thư thử lúc 9h00 ngày 12/12/2024:" in page
    assert "máy chủ đã nhận" in page
    assert [mail.recipients for mail in mail_office.mail.messages] == [("a@example.vn",)]
    again = mail_office.send(EDIT, what="thu")
    assert (again.status_code, "Vừa gửi thư thử" in again.text) == (422, True)
    assert len(mail_office.mail.messages) == 1
    assert ways(mail_office, "A.dm") == {("mail", "a@example.vn", None)}  # a server's answer verifies nothing


def test_a_server_nobody_answers_at_is_said_in_words(work_office):
    work_office.add_contact(verified=None)
    assert work_office.send(EDIT, what="thu").status_code == 303
    page = work_office.secretary.get(EDIT).text
    assert "chưa gửi được, có thể thử lại" in page
    assert "Chưa chuyển được cho máy chủ thư" in page


def test_only_those_who_decide_send_a_trial_mail_and_only_where_an_address_waits(mail_office):
    mail_office.add_contact()
    assert "Gửi thư thử" not in mail_office.secretary.get(EDIT).text
    assert mail_office.send(EDIT, what="thu").status_code == 422
    assert mail_office.send(f"{LIST}/KHONG/sua", what="thu").status_code == 404
    assert mail_office.send(EDIT, mail_office.chair, what="thu").status_code == 403
    assert mail_office.secretary.post(EDIT, data={"what": "thu", "csrf": ""}).status_code == 403
    assert mail_office.mail.messages == []
