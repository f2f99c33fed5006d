"""An agency keeps its own contacts: a new address waits to be verified, and nobody else's people are there."""

import re
from datetime import date

import pytest
from sqlalchemy import insert

from models.amendment import Amendment
from models.columns import table_of
from models.contact import Contact, ContactChannel, Substitution
from models.notice import AuditEntry
from office.store import writing
from planning.contact_amendments import amend_contact, contact_as_written
from tests.portal.agency_office import MARKUP, filled

HERE = "/co-quan/danh-ba"
PERSON = {
    "what": "sua", "name": "Lò Thị Hoa", "mail": "hoa@example.vn", "sms": "", "zalo": "", "quiet_from": "18:00",
    "quiet_to": "07:00", "language": "vi", "digest": "co",
}  # fmt: skip


def send(browser, page=HERE, **fields):
    return browser.post(page, data=filled(browser, page, **(PERSON | fields)))


def ways(office, contact="hoa"):
    return [
        (row["kind"], row["address"], row["verified_on"])
        for row in office.rows(ContactChannel)
        if row["contact"] == contact
    ]


def person(office, code="hoa"):
    return next(row for row in office.rows(Contact) if row["code"] == code)


def test_posts_are_said_in_the_pages_language(agency_office):
    browser = agency_office.enter()
    for page in (HERE, f"{HERE}/hoa", agency_office.link()):
        assert ("Đầu mối" in browser.get(f"{page}?lang=vi").text) is True
        english = browser.get(f"{page}?lang=en").text
        assert ("Focal person" in english, "Đầu mối" in english) == (True, False)


def test_only_ones_own_people_are_shown(agency_office):
    page = agency_office.enter().get(HERE).text
    assert "Lò Thị Hoa" in page
    assert "Ông Minh" in page
    assert "hoa@example.vn" in page
    assert "đã kiểm tra ngày 02/01/2024" in page
    for hidden in ("Bà Khác", "khac@example.vn", "Thư ký Ban", "ban@example.vn"):
        assert hidden not in page


def test_a_changed_address_waits_and_the_old_one_stays_in_use(agency_office):
    browser, page = agency_office.enter(), f"{HERE}/hoa"
    done = send(browser, page, mail="moi@example.vn", sms="0912345678", quiet_from="20:30", language="en", digest="")
    assert (done.status_code, done.headers["location"]) == (303, f"{HERE}?done=sua")
    assert set(ways(agency_office)) == {
        ("mail", "moi@example.vn", None),
        ("sms", "0912345678", None),
        ("mail", "hoa@example.vn", date(2024, 1, 2)),
    }
    hoa = person(agency_office)
    assert (hoa["language"], hoa["digest"], f"{hoa['quiet_from']:%H:%M}") == ("en", False, "20:30")
    shown = browser.get(f"{HERE}?done=sua").text
    assert "chờ Thư ký kiểm tra" in shown
    assert "đến lúc ấy vẫn gửi tới địa chỉ cũ" in shown
    assert not any("@" in row["details"] for row in agency_office.rows(AuditEntry))


def test_somebody_is_added_once_however_often_the_button_is_pressed(agency_office):
    browser = agency_office.enter()
    form = filled(browser, HERE, **(PERSON | {"what": "them", "name": "Cà Văn Dũng", "post": "head"}))
    form |= {"mail": "dung@example.vn"}
    assert [browser.post(HERE, data=form).headers["location"] for _ in range(2)] == [f"{HERE}?done=them"] * 2
    [new] = [row for row in agency_office.rows(Contact) if row["name"] == "Cà Văn Dũng"]
    assert (new["agency"], new["post"], new["valid_from"]) == ("A", "head", date(2024, 12, 2))
    assert ways(agency_office, new["code"]) == [("mail", "dung@example.vn", None)]
    assert len(agency_office.rows(Amendment)) == 1


def test_somebody_moved_to_another_agency_is_not_taken_back(agency_office):
    browser = agency_office.enter()
    form = PERSON | {"what": "them", "name": "Cà Văn Dũng", "post": "head", "mail": "dung@example.vn"}
    first = filled(browser, HERE, **form) | {"key": "a" * 12 + "0" * 20}
    assert browser.post(HERE, data=first).status_code == 303
    moved = "A-" + "a" * 12
    with writing(agency_office.engine) as connection:
        move = contact_as_written(connection, moved).model_copy(update={"agency": "B"})
        amend_contact(connection, move, "Thư ký", agency_office.now())
    before = agency_office.state()
    again = filled(browser, HERE, **form | {"name": "Kẻ Khác"}) | {"key": "a" * 12 + "1" * 20}
    answer = browser.post(HERE, data=again)
    assert (answer.status_code, "Biểu mẫu có chỗ chưa đúng" in answer.text) == (422, True)
    assert agency_office.state() == before
    assert person(agency_office, moved)["agency"] == "B"


def test_somebody_leaves_on_a_day_and_is_substituted_for_a_time(agency_office):
    browser = agency_office.enter()
    done = browser.post(
        HERE,
        data=filled(
            browser, HERE, what="thay", contact="minh", substitute="hoa", first="2024-12-09", last="2024-12-13"
        ),
    )
    assert done.headers["location"] == f"{HERE}?done=thay"
    [leave] = agency_office.rows(Substitution)
    assert (leave["contact"], leave["substitute"], leave["last"]) == ("minh", "hoa", date(2024, 12, 13))
    page = f"{HERE}/minh"
    done = browser.post(page, data=filled(browser, page, what="thoi", valid_to="2024-12-31"))
    assert done.headers["location"] == f"{HERE}?done=thoi"
    assert person(agency_office, "minh")["valid_to"] == date(2024, 12, 31)
    assert ways(agency_office, "minh") == [("mail", "minh@example.vn", date(2024, 1, 2))]
    assert "Ngày cuối: 31/12/2024" in browser.get(HERE).text


@pytest.mark.parametrize(
    ("page", "fields", "says"),
    [
        ("/hoa", {"name": ""}, "họ và tên"),
        ("/hoa", {"mail": "không phải thư"}, "Địa chỉ thư không dùng được"),
        ("/hoa", {"sms": "12"}, "Số điện thoại không phải"),
        ("/hoa", {"mail": ""}, "không có cách liên hệ nào"),
        ("/hoa", {"quiet_from": "25:00"}, "Không đọc được giờ bắt đầu"),
        ("/hoa", {"language": "fr"}, "Biểu mẫu có chỗ chưa đúng"),
        ("/minh", {"what": "thoi", "valid_to": "2024-11-01"}, "Ngày cuối đã qua"),
        ("", {"what": "them", "post": "chair"}, "Biểu mẫu có chỗ chưa đúng"),
        ("", {"what": "thay", "contact": "hoa", "substitute": "hoa", "first": "2024-12-09", "last": "2024-12-13"},
         "không thể tự thay mình"),
        ("", {"what": "thay", "contact": "hoa", "substitute": "minh", "first": "2024-12-09", "last": "2024-12-01"},
         "Khoảng thay thế chưa đúng"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_changes_nothing(agency_office, page, fields, says):
    browser = agency_office.enter()
    before = agency_office.state()
    answer = send(browser, HERE + page, **fields)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert agency_office.state() == before


def test_people_of_another_agency_are_nobody(agency_office):
    browser = agency_office.enter()
    form = filled(browser, HERE, **PERSON)
    leave = {"what": "thay", "first": "2024-12-09", "last": "2024-12-13"}
    before = agency_office.state()
    answers = [browser.get(f"{HERE}/{code}") for code in ("khac", "ban", "khong-ai")]
    answers += [browser.post(f"{HERE}/{code}", data=form) for code in ("khac", "ban", "khong-ai")]
    answers += [
        browser.post(HERE, data=form | leave | {"contact": one, "substitute": other})
        for one, other in (("khac", "hoa"), ("hoa", "khac"), ("hoa", "ban"))
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert agency_office.state() == before


def test_a_secret_of_the_office_is_neither_shown_nor_lost(agency_office):
    way = {"contact": "hoa", "position": 1, "kind": "apprise", "address": "env:BI_MAT", "verified_on": date(2024, 1, 2)}
    with writing(agency_office.engine) as connection:
        connection.execute(insert(table_of(ContactChannel)), way)
    browser, page = agency_office.enter(), f"{HERE}/hoa"
    assert "BI_MAT" not in browser.get(HERE).text + browser.get(page).text
    assert send(browser, page, name="Lò Thị Hoa Mới").status_code == 303
    assert ("apprise", "env:BI_MAT", date(2024, 1, 2)) in ways(agency_office)


def test_markup_in_names_is_shown_and_not_run(agency_office):
    browser = agency_office.enter()
    nasty = f'"><img src=x>{MARKUP}'
    assert send(browser, f"{HERE}/hoa", name=nasty).status_code == 303
    wrong = send(browser, f"{HERE}/minh", name=nasty, mail=nasty, sms=nasty, zalo=nasty, quiet_from=nasty)
    assert wrong.status_code == 422
    for page in (wrong, browser.get(HERE), browser.get(f"{HERE}/hoa"), browser.get("/co-quan")):
        assert not re.search(r"<script>|<img", page.text)
