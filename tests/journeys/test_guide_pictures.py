"""The pictures of the user guide, taken of the running system into the folder that DONDOC_SCREENSHOTS names.

This file comes before the journeys, while a letter still waits to be signed.
"""

import os
from pathlib import Path

import pytest

from tests.journeys.people import LATE
from tests.journeys.small_png import make_small

FOLDER = os.environ.get("DONDOC_SCREENSHOTS")
WIDE, NARROW = (1280, 900), (390, 844)
LARGEST = 150_000  # bytes; a guide is read on slow lines too
INSPECTION, ANOTHER = "DB-BCD-2024/S0-07/2024", "ML-GN-2024/S1-08b/2024"

pytestmark = pytest.mark.skipif(not FOLDER, reason="only when DONDOC_SCREENSHOTS names a folder")


@pytest.fixture
def picture():
    """Keeps what a window shows, from the top or from a place on the page: ``picture(name, person, "h2 …")``."""

    def take(name, person, place="", height=None):
        page = person.page
        if place:
            page.locator(place).first.evaluate(
                "one => window.scrollTo(0, window.scrollY + one.getBoundingClientRect().top - 16)"
            )
        if height:
            page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
        file = Path(FOLDER) / f"portal-{name}.png"
        file.write_bytes(make_small(page.screenshot()))
        assert file.stat().st_size < LARGEST

    return take


def test_pictures_of_an_agency(agency, picture):
    person = agency("lanh-dao@stttt.example.vn", LATE, NARROW)
    person.open_report()
    person.hand_in("phan", "112/BC-STTTT", name="Lò Thị Hoa", file="Báo cáo năm 2024 - phần 1.pdf")
    person.follow("Trở lại nhiệm vụ")
    person.hand_in("du", "118/BC-STTTT", name="Lò Thị Hoa", file="Báo cáo năm 2024.pdf")
    another = agency("lanh-dao@hpn.example.vn", LATE, NARROW)
    another.open("/co-quan")
    picture("agency", another)
    another.open_report()
    another.ask_more_time("2024-12-20", "Chờ số liệu của ba huyện")
    calendar = agency("lanh-dao@svhttdl.example.vn", LATE, WIDE)
    calendar.subscribe("Điện thoại của tôi")
    picture("calendar", calendar, height=1000)


def test_pictures_of_the_secretariat(somebody, picture):
    secretary = somebody(None, WIDE)
    secretary.open("/thu-ky/nam?programme=DB-BCD-2024")
    picture("year", secretary, "h2")
    secretary.open(f"/thu-ky/an-dinh/{INSPECTION}")
    secretary.page.fill("#document", "Giấy mời số 31/GM-BCĐ ngày 12/12/2024")
    picture("fix-date", secretary, height=760)  # dates below are in the browser's own language
    secretary.press("Xem trước")
    picture("effect", secretary, height=1200)
    secretary.open("/thu-ky/thu-bao-cao/DB-351-2022/S2-02/2024")
    picture("collection", secretary)
    secretary.open("/thu-ky/duyet")
    secretary.page.locator("summary", has_text="Duyệt và gửi").first.click()
    picture("approve", secretary, height=1000)
    secretary.open("/thu-ky/hop-gui?xem=")
    picture("outbox", secretary)


def test_pictures_of_what_changes(somebody, colleagues, picture):
    secretary = somebody(None, WIDE)
    secretary.fix(INSPECTION, "2024-12-24", document="Giấy mời số 31/GM-BCĐ ngày 12/12/2024", starts="08:00")
    secretary.open("/bieu/tuan/2024-W52")
    secretary.publish()
    secretary.fix(INSPECTION, "2024-12-26", document="Giấy mời số 33/GM-BCĐ ngày 16/12/2024", starts="14:00")
    picture("occurrence", secretary, height=1200)
    secretary.fix(ANOTHER, "2024-12-25", document="Công văn số 90/UBND ngày 16/12/2024")
    secretary.open("/bieu/tuan/2024-W52")
    picture("sheet-week", secretary, height=1400)
    chair = somebody(colleagues["chair"], WIDE)
    chair.open("/truong-ban")
    picture("chair", chair, "h2", height=1300)
