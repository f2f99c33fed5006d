"""Every page, for everybody who may look at it: right for axe, for a phone, at 400 %, in both languages, and light."""

import pytest

from portal.acknowledge import say_digits
from tests.journeys.addresses import (
    ANSWERS,
    ROLES,
    TROUBLES,
    fill,
    leads_somewhere,
    pages_of,
)
from tests.journeys.lived_office import live_in
from tests.journeys.seen_pages import Examiner

LINKS = "[...document.links].map(one => one.href)"
SEND = """([form, fields]) => {
  const sent = document.querySelector(form)
  for (const [name, value] of Object.entries(fields)) sent.elements[name].value = value
  sent.noValidate = true
  sent.requestSubmit()
}"""

pytestmark = pytest.mark.parametrize("language", ["vi", "en"])


@pytest.fixture(scope="module")
def lived(office, chromium, secretary):
    return live_in(office, chromium, secretary)


@pytest.fixture(scope="module")
def known():
    """What has been looked at so far."""
    return set()


@pytest.fixture
def examiner(window, lived, secretary, colleagues, known, language):
    """Opens the window of somebody who examines pages in a language: ``examiner(role)``."""
    people = {name: entered.state for name, entered in colleagues.items()}
    people |= {"nobody": None, "agency": lived.agency, "administrator": secretary.state}

    def open_for(role):
        return Examiner(window(state=people[role]), language, known)

    return open_for


@pytest.mark.parametrize("role", ROLES)
def test_pages(office, lived, examiner, role):
    looks, led_on, links = examiner(role), set(), set()
    for address in pages_of(role, lived.rows):
        if not looks.visit(office.portal + address):
            led_on.add(address)
        links |= {link for link in looks.page.evaluate(LINKS) if link.startswith(f"{office.portal}/")}
    assert not looks.wrong, "\n".join(looks.wrong)
    assert led_on == {"nobody": set(), "agency": {"/"}}.get(role, {"/", "/dang-nhap"})
    assert [link for link in sorted(links) if not leads_somewhere(link)] == []


def test_what_forms_answer(office, lived, examiner, language):
    digits = {say_digits(digit, language): digit for digit in "0123456789"}
    for role in dict.fromkeys(one.role for one in ANSWERS):
        looks = examiner(role)
        for one in (one for one in ANSWERS if one.role == role):
            looks.page.goto(f"{office.portal}{fill(one.address, lived.rows)}?lang={language}")
            fields = {name: typed.format(language=language) for name, typed in one.fields.items()}
            if one.status == 200 and looks.page.locator(".digits").count():
                words = looks.page.locator(".digits").inner_text().split(" – ")
                fields["code"] = "".join(digits[word] for word in words)
            with looks.page.expect_navigation() as led:
                looks.page.evaluate(SEND, [one.form, fields])
            looks.examine(led.value, one.status)
        assert not looks.wrong, "\n".join(looks.wrong)


def test_what_went_wrong(office, lived, examiner):
    for role, address, status in TROUBLES:
        looks = examiner(role)
        assert looks.visit(office.portal + fill(address, lived.rows), status)
        assert not looks.wrong, "\n".join(looks.wrong)
