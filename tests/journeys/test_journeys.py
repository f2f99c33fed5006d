"""People's ways through the running system, end to end, in a real browser: with scripts, and on a phone without."""

import io
import re
from datetime import UTC, datetime

import docx
import httpx
import openpyxl
import pytest
from icalendar import Calendar

from portal.approvals import SETTLES
from tests.cli.conftest import until
from tests.journeys.people import LATE, PASSWORD, PDF, REPORT, OfficePerson, event_of
from tests.journeys.seen_pages import DESKTOP, PHONE, sideways

WAYS = [pytest.param(DESKTOP, True, id="desktop"), pytest.param(PHONE, False, id="phone-without-scripts")]
TRAINING, TRAINING_TITLE = "ML-GN-2024/S1-05a/2024", "Tập huấn nâng cao năng lực cho cán bộ thông tin"
OTHER, OTHER_TITLE = "ML-GN-2024/S1-07a/2024", "Xây dựng tài liệu và tổ chức hội nghị tập huấn"
CONFERENCE = "DB-BCD-2024/S0-03/2024"
CULTURE, LABOUR = "dau-moi@ml-ttvh.example.vn", "dau-moi@ml-ldtbxh.example.vn"
JOBS, GUEST = "ML-GN-2024/S1-04a/2024", LABOUR


def of_way(way, first, second):
    """What each way has for itself, so that they do not meet."""
    return first if way == DESKTOP else second


def test_the_first_password_opens_once_and_a_new_one_is_asked_for(office, secretary, window):
    assert secretary.led_to.endswith("/doi-mat-khau")
    name, first = office.first
    person = OfficePerson(office, window())
    person.sign_in(name, first)
    assert "không đúng" in person.read()
    person.sign_in(name, PASSWORD)
    assert person.page.url.endswith("/thu-ky")


@pytest.mark.parametrize(("size", "script"), WAYS)
def test_a_report_is_acknowledged_sent_in_part_and_then_in_full_but_late(office, agency, somebody, size, script):
    code = of_way(size, "syt", "stc")
    person = agency(f"lanh-dao@{code}.example.vn", LATE, size, script=script)
    person.open_report()
    assert "quá hạn 5 ngày làm việc" in person.read()
    person.press("Báo nhận")
    assert "Đã ghi nhận báo nhận" in person.note()
    assert person.page.get_by_role("button", name="Báo nhận").count() == 0

    person.hand_in("phan", f"12/BC-{code.upper()}", name="Lò Thị Hoa", file="báo cáo <phần 1>.pdf")
    assert "đã nộp một phần, nhiệm vụ còn mở" in person.read()
    person.follow("Trở lại nhiệm vụ")
    person.hand_in("du", f"15/BC-{code.upper()}", name="Lò Thị Hoa", file="báo cáo đủ.pdf")
    receipt = person.read()
    assert "đã nộp đầy đủ" in receipt
    assert "quá hạn 5 ngày làm việc" in receipt
    assert re.search(r"\b[0-9a-f]{64}\b", receipt)
    assert sideways(person.page, size) == []
    kept = person.page.context.request.get(
        office.portal + person.page.locator("a[href^='/co-quan/tep/']").first.get_attribute("href")
    )
    assert kept.body() == PDF
    assert kept.headers["content-disposition"].startswith("attachment")

    number = re.search(r"Biên nhận số \d+", receipt)[0]
    office.send()
    mail = office.mail(f"lanh-dao@{code}.example.vn", f"{number}: ")
    assert "nộp đủ, chậm 5 ngày làm việc" in " ".join(mail.text.split())

    office_person = somebody(None, size, script=script)
    office_person.open("/thu-ky/thu-bao-cao")
    office_person.follow(REPORT)
    agency_name = of_way(size, "Sở Y tế", "Sở Tài chính")
    row = office_person.page.locator("tr", has=office_person.page.locator(f"th a:text-is('{agency_name}')"))
    assert "đã nộp, quá hạn" in row.inner_text()
    assert "5 ngày làm việc" in row.inner_text()


@pytest.mark.parametrize(("size", "script"), WAYS)
def test_more_time_is_asked_for_granted_and_seen(agency, somebody, size, script):
    code, name = of_way(size, ("sxd", "Sở Xây dựng"), ("snv", "Sở Nội vụ"))
    person = agency(f"lanh-dao@{code}.example.vn", LATE, size, script=script)
    person.open_report()
    person.ask_more_time("2024-12-20", "Chờ số liệu của các huyện")
    assert "Đã gửi đề nghị gia hạn" in person.note()
    assert "đang chờ Thư ký trả lời" in person.read()

    secretary = somebody(None, size, script=script)
    secretary.open("/thu-ky/duyet")
    asked = secretary.page.locator("li[id^='xin-']", has_text=name)
    assert "Chờ số liệu của các huyện" in asked.inner_text()
    asked.get_by_role("button", name="Cho gia hạn").click()
    assert f"Đã cho {name} gia hạn đến hết 20/12/2024" in secretary.note()

    person.open_report()
    assert "Đã gia hạn: ngày cuối 20/12/2024" in person.read()
    assert "chưa nộp, trong hạn" in person.read()


@pytest.mark.parametrize(("size", "script"), WAYS)
def test_a_calendar_is_subscribed_to_and_follows_a_date_fixed_moved_cancelled_and_taken_back(
    agency, somebody, size, script
):
    occurrence, title = of_way(size, (TRAINING, TRAINING_TITLE), (OTHER, OTHER_TITLE))
    person = agency(of_way(size, CULTURE, LABOUR), "việc cần lưu ý", size, script=script)
    address = person.subscribe("Điện thoại của tôi")
    assert person.page.locator("svg").count() == 1
    calendar = []

    def shows(*words):
        answer = httpx.get(address)
        calendar[:] = [answer]
        return answer.status_code == 200 and all(word in event_of(answer.text, title) for word in words)

    until(lambda: shows("SUMMARY"), seconds=10, what="the calendar")
    assert calendar[0].headers["content-type"].startswith("text/calendar")

    secretary = somebody(None, size, script=script)
    secretary.open("/thu-ky/nam")
    secretary.page.get_by_role("link", name=re.compile(f"^Ấn định ngày: {title}")).click()  # one
    secretary.page.fill("#document", "Giấy mời số 25/GM-UBND")
    proposed = secretary.page.locator("input[name=choice]:checked").input_value()[:10]
    secretary.press("Xem trước")  # two
    shown = secretary.read()
    assert "Chưa ghi gì" in shown
    assert "Ai sẽ được báo" in shown
    assert "Lịch thay đổi" in shown
    assert not shows(proposed.replace("-", ""))
    secretary.press("Ấn định")  # three
    assert "Đã ấn định ngày" in secretary.note()
    until(lambda: shows(f"DTSTART;VALUE=DATE:{proposed.replace('-', '')}"), seconds=10, what="the day in the feed")

    secretary.fix(occurrence, "2024-12-26", document="Giấy mời số 26/GM-UBND", starts="08:00", ends="11:30")
    until(lambda: shows("20241226T080000"), seconds=10, what="the new day in the feed")
    assert "26/12/2024" in secretary.read()
    secretary.do("huy", occurrence, "Công văn số 9/UBND", "Hủy việc này")
    until(lambda: shows("STATUS:CANCELLED"), seconds=10, what="the cancellation in the feed")
    shown = secretary.do("khoi-phuc", occurrence, "Công văn số 10/UBND", "Khôi phục")
    assert "Chưa ghi gì" in shown
    until(lambda: not shows("STATUS:CANCELLED"), seconds=10, what="the event back in the feed")
    story = secretary.page.locator("ol.story").inner_text()
    for document in ("25/GM-UBND", "26/GM-UBND", "9/UBND", "10/UBND"):
        assert document in story


def test_a_signed_letter_lets_the_suspended_run_go_on_and_goes_out(office, somebody):
    (run,) = office.prefect.find_paused_runs("duyet-cong-van")
    until(lambda: datetime.now(UTC) - run.since > SETTLES, what="the suspended run to settle")
    secretary = somebody()
    secretary.open("/thu-ky")
    secretary.follow("Công văn")
    letter = secretary.page.locator("li[id^='cong-van-']").first
    agencies = int(re.search(r"(\d+) cơ quan còn quá hạn", letter.inner_text())[1])
    letter.locator("summary", has_text="Duyệt và gửi").click()
    letter.get_by_label("Số công văn").fill("48/BCĐ-VP")
    letter.get_by_label("Họ tên người ký").fill("Lê Văn Lương")
    letter.get_by_role("button", name="Duyệt công văn").click()
    assert "Đã duyệt" in secretary.note()
    assert secretary.page.locator("main .warning").count() == 0  # the run heard of it

    def state():
        return office.prefect.ask("GET", f"/flow_runs/{run.id}")["state"]["type"]

    until(lambda: state() == "COMPLETED", what="the run to complete")
    secretary.open("/thu-ky/hop-gui?xem=")
    assert secretary.page.locator("tbody tr", has_text=REPORT).count() >= agencies
    office.send()
    mail = next(mail for mail in office.mails() if "48/BCĐ-VP" in mail.subject + mail.text)
    assert REPORT in mail.subject + mail.text


def test_a_weekly_sheet_is_published_adjusted_and_downloaded(office, somebody):
    secretary = somebody()
    secretary.open("/bieu")
    secretary.follow("Lịch công tác tuần")
    address = secretary.page.url
    assert address.endswith("/bieu/tuan/2024-W51")
    secretary.publish()
    assert "Đã công bố" in secretary.note()
    secretary.fix(CONFERENCE, "2024-12-19", document="Giấy mời số 30/GM-BCĐ", starts="14:00")
    secretary.open(address)
    sheet = secretary.page.locator("article.sheet")
    assert "Điều chỉnh lần 1" in sheet.inner_text()
    assert sheet.locator(".changed").count() >= 1
    secretary.publish()
    assert "Điều chỉnh lần 1" in sheet.inner_text()

    def download(words):
        with secretary.page.expect_download() as begun:
            secretary.follow(words)
        return io.BytesIO(begun.value.path().read_bytes())

    document = docx.Document(download("Tải tệp Word"))
    assert any("Điều chỉnh lần 1" in paragraph.text for paragraph in document.paragraphs)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any("Hội nghị đánh giá kết quả năm 2024" in text for text in cells)
    book = openpyxl.load_workbook(download("Tải tệp Excel"))
    values = [str(value) for row in book.active.iter_rows(values_only=True) for value in row if value]
    assert any("Điều chỉnh lần 1" in value for value in values)
    assert any("Hội nghị đánh giá kết quả năm 2024" in value for value in values)


def test_guests_of_a_conference_are_invited_and_its_new_day_reaches_their_calendars(office, somebody):
    def receives(number):
        """The entry of the guest's invitation of this number, which its mail and itself call a request."""
        part = invitations()[number - 1].entry
        calendar = Calendar.from_ical(part.get_content())
        assert (part["Content-Type"].params["method"], calendar["METHOD"]) == ("REQUEST", "REQUEST")
        (event,) = calendar.events
        assert event["ATTENDEE"] == f"mailto:{GUEST}"  # nobody else's address
        return event

    def invitations():
        office.send()
        return [mail for mail in office.mails() if mail.to == GUEST and mail.entry]

    secretary = somebody()
    secretary.fix(JOBS, "2024-12-23", document="Giấy mời số 35/GM-UBND", starts="08:00")
    secretary.follow("Gửi giấy mời")
    guests = int(re.search(r"Gửi giấy mời cho (\d+) người", secretary.read())[1])
    secretary.press("Gửi giấy mời cho")
    assert "Giấy mời đang chờ gửi" in secretary.note()
    first = receives(1)
    secretary.open(f"/thu-ky/moi/{JOBS}")
    assert secretary.read().count("đã mời: ") == guests
    assert "Không còn ai để mời" in secretary.read()

    secretary.fix(JOBS, "2024-12-24", document="Giấy mời số 36/GM-UBND", starts="14:00")
    office.dondoc("notices", "plan")
    moved = receives(2)
    assert moved["UID"] == first["UID"]
    assert moved["SEQUENCE"] > first["SEQUENCE"]
    assert [f"{one['DTSTART'].dt:%d/%m %H:%M}" for one in (first, moved)] == ["23/12 08:00", "24/12 14:00"]


def test_a_months_sheet_prints_on_wide_pages_from_the_first_on(somebody):
    secretary = somebody()
    secretary.open("/bieu/thang/2024-12")
    printed = secretary.page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", printed)
    assert 1 <= len(boxes) <= 5
    assert {tuple(round(float(side) / 72 * 25.4) for side in box) for box in boxes} == {(297, 210)}


def test_the_chairs_month_prints_on_one_sheet(somebody, colleagues):
    chair = somebody(colleagues["chair"])
    chair.open("/truong-ban")
    assert chair.page.locator("main form[method=post]").count() == 0
    assert "20/12/2024" in chair.read()
    assert "tuần 25/11" not in chair.read()  # a week that is over is not coming
    printed = chair.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", printed)
    assert [round(float(side) / 72 * 25.4) for side in box.groups()] == [210, 297]
