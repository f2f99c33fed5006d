"""Every page, for everybody who may look at it: right for axe, for a phone, at 200 %, in both languages, and light."""

from dataclasses import dataclass

import pytest

from tests.journeys.addresses import patterns, walk
from tests.journeys.people import AgencyPerson, OfficePerson
from tests.journeys.seen_pages import DESKTOP, LIGHT, PHONE, TABLET, ZOOMED, Watched, grave_findings, sideways
from tests.journeys.test_journeys import LATE

FORESTRY = "lanh-dao@snnptnt.example.vn"
FIXED = "DB-BCD-2024/S0-08/2024"
SEEN = set()  # the patterns looked at so far


class Look:
    """Looks at pages one by one, and keeps what is wrong with them."""

    def __init__(self, watched, *languages, colours=True):
        self.watched, self.languages, self.colours, self.wrong = watched, languages, colours, []
        watched.forget_what_is_kept()

    def __call__(self, pattern, address):
        SEEN.add(pattern)
        for language in self.languages:
            self._look(f"{address}{'&' if '?' in address else '?'}lang={language}", language)

    def _look(self, address, language):
        page = self.watched.page
        answer, weight = self.watched.weigh(address)
        wrong = [] if answer.status == 200 else [f"answered {answer.status}"]
        wrong += [f"{weight} bytes"] if weight > LIGHT else []
        if page.url == address:  # else it led on to another page
            wrong += [] if page.locator("html").get_attribute("lang") == language else ["in another language"]
        wrong += grave_findings(page, colours=self.colours)
        wrong += [f"{size[0]} px: {said}" for size in (DESKTOP, TABLET, ZOOMED, PHONE) for said in sideways(page, size)]
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        self.wrong += [f"{address}: {one}" for one in wrong]


@dataclass(frozen=True)
class Lived:
    """Something of everything has happened: an agency's cookies, and pages that no other page leads to."""

    state: dict
    agency: list
    office: list


@pytest.fixture(scope="module")
def lived(office, chromium, secretary):
    """A report in part, two calendars, a published sheet, a fixed date."""
    context = chromium.new_context()
    person = AgencyPerson(office, Watched(context))
    person.enter(office.mail(FORESTRY, LATE))
    person.open_report()
    person.hand_in("phan", "7/BC-SNN", name="Cà Văn Sơn", file="báo cáo.pdf")
    person.subscribe("Máy tính phòng họp")
    state, of_agency = context.storage_state(), [person.page.url]
    context.close()
    context = chromium.new_context(storage_state=secretary.state)
    first = OfficePerson(office, Watched(context))
    first.open("/bieu/nam/2024")
    first.press("Công bố")
    first.open("/thu-ky/lich")
    first.page.fill("#title", "Màn hình phòng họp")
    first.press("Tạo địa chỉ")
    of_office = ["/bieu/nam/2024", first.page.url, f"/thu-ky/khoi-phuc/{FIXED}"]
    first.fix(FIXED, "2024-12-24", document="Giấy mời số 31/GM-BCĐ")
    context.close()
    return Lived(state, of_agency, of_office)


def test_pages_anybody_may_open(office, window):
    look = Look(window(), "vi", "en")
    digest, late = office.mail("thu-ky-1@van-phong-bcd.example.vn", "việc cần lưu ý"), office.mail(FORESTRY, LATE)
    mailed = [digest.link("da-nhan"), digest.link("thoi-gop"), late.link("vao")]
    walk(look.watched.page, office.portal, ["/", *mailed], look)
    assert look.wrong == []


def test_pages_of_an_agency(office, window, lived):
    look = Look(window(state=lived.state), "vi", "en")
    walk(look.watched.page, office.portal, ["/co-quan", *lived.agency], look)
    assert look.wrong == []


@pytest.mark.parametrize(("role", "language"), [("administrator", "vi"), ("secretariat", "en"), ("chair", "vi")])
def test_pages_of_the_office(office, window, lived, secretary, colleagues, role, language):
    entered = secretary if role == "administrator" else colleagues[role]
    # a chair's pages are the others' without their forms: the colours were looked at there
    look = Look(window(state=entered.state), language, colours=role != "chair")
    further = lived.office if role != "chair" else []
    found = walk(look.watched.page, office.portal, ["/thu-ky", *further], look)
    assert look.wrong == []
    assert ("/quan-tri" in found) == (role == "administrator")
    assert any("/huy/" in pattern for pattern in found) == (role != "chair")


def test_the_administrators_own_page_in_english(office, window, secretary):
    look = Look(window(state=secretary.state), "en")
    look("/quan-tri", f"{office.portal}/quan-tri")
    assert look.wrong == []


def test_every_page_was_looked_at(lived):
    """Runs after the others; by itself it has seen nothing."""
    if not SEEN:
        pytest.skip("the pages were not looked at")
    assert patterns() - SEEN == set()
