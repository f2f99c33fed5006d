"""An office in which something of everything has happened, so that every page has something to show."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.journeys.addresses import AWAITS, INSPECTION, REPORT
from tests.journeys.people import LATE, AgencyPerson, OfficePerson
from tests.journeys.seen_pages import UNFOLD, Watched

FORESTRY, AGENCY = "lanh-dao@snnptnt.example.vn", "SNNPTNT"
EDUCATION, EDUCATION_MAIL = "SGDDT.head", "lanh-dao@sgddt.example.vn"
DIGEST = "việc cần lưu ý"
SECRETARIAT, COLLEAGUE = "thu-ky-1@van-phong-bcd.example.vn", "thu-ky-2@van-phong-bcd.example.vn"
FIXED = "DB-BCD-2024/S0-08/2024"
SIGNED = "ML-GN-2024/S1-08b/2024"  # of a programme that is no draft any more, so that people can be invited


@dataclass(frozen=True)
class Lived:
    """The cookies of somebody of an agency, and what the addresses of tests/journeys/addresses.py are filled with."""

    agency: dict
    rows: dict


def live_in(office, chromium, secretary):
    """A report in part, two calendars and one taken back, a published sheet, two days fixed, a link replaced."""
    rows = {"report": REPORT, "inspection": INSPECTION, "awaits": AWAITS, "fixed": FIXED, "signed": SIGNED}
    rows |= {"agency": AGENCY, "contact": f"{AGENCY}.head", "duty": f"{REPORT}/{AGENCY}"}
    rows |= _mailed(office)
    with chromium.new_context() as context:
        rows |= _work_of_an_agency(AgencyPerson(office, Watched(context)), rows["gate"])
        agency = context.storage_state()
    with chromium.new_context() as context:
        _answer_a_digest(AgencyPerson(office, Watched(context)), rows)
    with chromium.new_context(storage_state=secretary.state) as context:
        rows |= _work_of_the_office(OfficePerson(office, Watched(context)))
    return Lived(agency, {name: urlsplit(said).path if "://" in said else said for name, said in rows.items()})


def _mailed(office):
    first, second = office.mail(SECRETARIAT, DIGEST), office.mail(COLLEAGUE, DIGEST)
    return {
        "gate": office.mail(FORESTRY, LATE).link("vao"),
        "replaced_gate": office.mail(EDUCATION_MAIL, LATE).link("vao"),
        "acknowledge": first.link("da-nhan"),
        "unsubscribe": first.link("thoi-gop"),
        "acknowledged": second.link("da-nhan"),
        "unsubscribed": second.link("thoi-gop"),
    }


def _answer_a_digest(person, rows):
    person.open(rows["acknowledged"])
    person.page.fill("#name", "Lò Thị Hoa")
    person.type_digits()
    person.press("Báo nhận")
    person.open(rows["unsubscribed"])
    person.type_digits()
    person.press("Thôi nhận thư gộp")


def _work_of_an_agency(person, gate):
    person.enter(gate)
    person.open_report()
    person.hand_in("phan", "7/BC-SNN", name="Cà Văn Sơn", file="báo cáo.pdf")
    rows = {"receipt": person.page.url}
    for name, title in (("own_calendar", "Máy tính phòng họp"), ("revoked_calendar", "Máy tính cũ")):
        person.subscribe(title)
        rows[name] = person.page.url.removesuffix("/dia-chi")
    person.open(rows["revoked_calendar"])
    person.page.locator("form[action$='/thu-hoi'] button").click()
    return rows


def _work_of_the_office(person):
    person.open("/bieu/nam/2024")
    person.publish()
    person.open("/thu-ky/lich")
    person.page.fill("#title", "Màn hình phòng họp")
    person.press("Tạo địa chỉ")
    rows = {"calendar": person.page.url.removesuffix("/dia-chi")}
    person.fix(FIXED, "2024-12-24", document="Giấy mời số 31/GM-BCĐ")
    person.fix(SIGNED, "2024-12-25", document="Công văn số 90/UBND")
    person.open("/thu-ky/hop-gui?xem=")
    rows["notice"] = person.page.locator("main a[href^='/thu-ky/hop-gui/']").first.get_attribute("href")
    person.open(f"/thu-ky/danh-muc/nguoi-lien-he/{EDUCATION}/sua")
    person.page.evaluate(UNFOLD)
    person.page.locator("button[value='lien-ket']").click()
    return rows
