"""The secretariat's pages about work on both databases, and who may see and who may change something."""

import pytest

from models.amendment import Amendment
from models.columns import table_of
from models.notice import Hold, Letter
from models.occurrence import Duty
from tests.portal.office_door import hash_cheaply
from tests.portal.work_office import AUDIT, ITEMS, MARKUP, NOTICES, WorkOffice

DUTIES, LETTERS, HOLDS, AMENDMENTS = (table_of(one) for one in (Duty, Letter, Hold, Amendment))
PAGES = [
    "/thu-ky",
    "/thu-ky/nhiem-vu",
    "/thu-ky/nhiem-vu?nam=2024&chuong-trinh=P",
    "/thu-ky/nhiem-vu/A",
    "/thu-ky/thu-bao-cao",
    "/thu-ky/thu-bao-cao/P/BC/2024",
    "/thu-ky/thu-bao-cao/P/TH/2024",
    "/thu-ky/duyet",
    "/thu-ky/hop-gui",
    "/thu-ky/hop-gui?xem=cho",
    "/thu-ky/hop-gui?xem=",
    "/thu-ky/danh-muc",
    "/thu-ky/danh-muc/co-quan",
    "/thu-ky/danh-muc/chuong-trinh",
    "/thu-ky/danh-muc/nguoi-lien-he",
    "/thu-ky/danh-muc/nguoi-lien-he?co-quan=A",
    "/thu-ky/danh-muc/ngay-nghi",
    "/truong-ban",
    "/truong-ban?thang=2024-03",
]


@pytest.fixture
def office(engine, serve, tmp_path, write_programmes, monkeypatch):
    """The small office on either database."""
    hash_cheaply(monkeypatch)
    office = WorkOffice(engine, serve, tmp_path, write_programmes(ITEMS))
    office.add_contact()
    office.draft_letter()
    office.add_notice()
    office.add_notice("planned")
    yield office
    office.close()


def test_every_page_opens_in_both_languages_and_shows_no_markup_of_theirs(office):
    for page in [*PAGES, f"/thu-ky/hop-gui/{office.rows(NOTICES)[0].id}"]:
        for browser in (office.secretary, office.chair):
            shown = browser.get(page)
            assert (page, shown.status_code, shown.text.count("<h1")) == (page, 200, 1)
            assert MARKUP not in shown.text, page
        english = office.chair.get(f"{page}{'&' if '?' in page else '?'}lang=en")
        assert (page, english.status_code, '<html lang="en">' in english.text) == (page, 200, True)
        office.chair.cookies.delete("lang")


def test_strangers_are_led_to_the_entrance(work_office):
    answer = work_office.browser().get("/thu-ky")
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/dang-nhap")


def test_today_names_what_is_late_what_comes_and_what_waits(work_office):
    number = work_office.draft_letter()
    work_office.add_notice("bounced")
    page = work_office.secretary.get("/thu-ky").text
    assert "quá hạn 3 ngày làm việc" in page
    assert '<a href="/thu-ky/nhiem-vu/A" lang="vi">Sở A</a>' in page
    assert f'<a href="/thu-ky/duyet#cong-van-{number}">Công văn {number} chờ duyệt</a>' in page
    assert "1 thông báo không gửi được, bị trả lại hoặc chưa rõ kết quả" in page
    assert "Hội nghị tổng kết" in page
    assert (
        '<a href="/thu-ky/duyet?mo=fix_date#viec-fix_date" lang="vi">Chờ ấn định ngày</a> trong 31 ngày tới: 1' in page
    )
    assert "Trong 31 ngày tới còn 1 việc chưa có ngày:" in page
    assert '<a href="/thu-ky/an-dinh/P/KT/2024">' in page
    assert '<a href="/thu-ky/an-dinh/' not in work_office.chair.get("/thu-ky").text


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/thu-ky/nhiem-vu/A/da-nop/P/BC/2024", {"on": "2024-12-10"}),
        ("/thu-ky/nhiem-vu/A/mien/P/BC/2024", {"why": "thôi"}),
        ("/thu-ky/duyet/cong-van/1", {"decision": "khong-gui", "round": "1"}),
        ("/thu-ky/duyet/gia-han/1", {"decision": "khong", "remark": "không"}),
        ("/thu-ky/hop-gui", {"act": "giu", "why": "xem lại"}),
        ("/thu-ky/hop-gui/1", {"act": "gui-lai", "why": "thử lại"}),
        ("/thu-ky/danh-muc/nguoi-lien-he/A.dm", {"act": "lien-ket"}),
        ("/thu-ky/danh-muc/ngay-nghi", {"day": "2024-12-09", "decided": "nghi", "document": "1/QĐ"}),
    ],
)
def test_the_chair_changes_nothing_and_a_form_from_elsewhere_neither(work_office, address, fields):
    work_office.draft_letter()
    work_office.add_notice()
    work_office.add_contact()
    before = [work_office.rows(table) for table in (DUTIES, LETTERS, HOLDS, NOTICES, AUDIT, AMENDMENTS)]
    assert work_office.send(address, work_office.chair, **fields).status_code == 403
    assert work_office.secretary.post(address, data=fields).status_code == 403
    assert work_office.secretary.post(address, data=fields | {"csrf": "x" * 43}).status_code == 403
    assert [work_office.rows(table) for table in (DUTIES, LETTERS, HOLDS, NOTICES, AUDIT, AMENDMENTS)] == before
