"""One office runs for all journeys; everybody has a window of their own, whose complaints are looked at in the end."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys.people import AgencyPerson, OfficePerson
from tests.journeys.running_office import RunningOffice
from tests.journeys.seen_pages import DESKTOP, Watched

CHROMIUM = Path("/usr/bin/chromium")
# letters without coloured fringes make pictures a third smaller
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-lcd-text"]


@pytest.fixture(scope="package")
def chromium():
    """Debian's browser, which everybody shares."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def office(chromium, tmp_path_factory):
    """Everything ``dondoc run`` starts."""
    office = RunningOffice(tmp_path_factory.mktemp("journeys") / "Văn phòng")
    yield office
    office.stop()


@pytest.fixture
def window(chromium):
    """Opens windows: ``window(size, script=…, state=…)``; in the end no browser may have complained."""
    contexts, watched = [], []

    def open_window(size=DESKTOP, *, script=True, state=None, **options):
        width, height = size
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            storage_state=state,
            locale="vi-VN",
            **options,
        )
        contexts.append(context)
        watched.append(Watched(context))
        return watched[-1]

    yield open_window
    for context in contexts:
        context.close()
    assert [said for one in watched for said in one.complaints] == []


@dataclass(frozen=True)
class Entered:
    """Somebody of the office: their cookies, and where their first password led them."""

    state: dict
    led_to: str


@pytest.fixture(scope="package")
def enter(chromium, office):
    """Somebody's first time: signs in with a password, chooses another, keeps the cookies."""

    def first_time(name, password):
        context = chromium.new_context()
        led_to = OfficePerson(office, Watched(context)).enter_first_time(name, password)
        state = context.storage_state()
        context.close()
        return Entered(state, led_to)

    return first_time


@pytest.fixture(scope="package")
def secretary(office, enter):
    """The first account, which the machine made."""
    return enter(*office.first)


@pytest.fixture(scope="package")
def colleagues(chromium, office, secretary, enter):
    """Two more, whom the first account let in: a chair, and somebody of the secretariat who administers nothing."""
    context = chromium.new_context(storage_state=secretary.state)
    first = OfficePerson(office, Watched(context))
    passwords = {
        role: first.add_account(name, shown, role)
        for role, name, shown in (
            ("chair", "truong-ban", "Trưởng ban Lò Văn Hùng"),
            ("secretariat", "van-thu", "Văn thư Quàng Thị Mai"),
        )
    }
    context.close()
    return {
        "chair": enter("truong-ban", passwords["chair"]),
        "secretariat": enter("van-thu", passwords["secretariat"]),
    }


@pytest.fixture
def somebody(office, secretary, window):
    """Opens a window for somebody of the office (the first account, unless told)."""

    def open_for(entered=None, *size, **options):
        return OfficePerson(office, window(*size, state=(entered or secretary).state, **options))

    return open_for


@pytest.fixture
def agency(office, window):
    """Opens a window for somebody of an agency who has had a mail: ``agency(address, words)``."""

    def open_for(address, words, *size, **options):
        person = AgencyPerson(office, window(*size, **options))
        person.enter(office.mail(address, words).link("vao"))
        return person

    return open_for
