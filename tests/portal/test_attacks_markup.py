"""What people type stays text: on every page in both languages, in files, in calendars, in mails, and in headers."""

import zipfile
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree

import openpyxl
import pytest
from docx import Document
from icalendar import Calendar
from sqlalchemy import select

from calendars.subscription_options import Options
from calendars.subscriptions import change_options
from models.columns import table_of
from models.submission import SubmittedFile
from models.subscription import Subscription
from office.store import reading, writing
from portal.feed_answers import prepare_answers
from portal.feed_refresher import FeedRefresher
from portal.feed_shelf import FeedShelf
from tests.portal.attacked_office import ATTACK, NOW, PDF, SHORT, SIGN

FILES, SUBSCRIPTIONS = table_of(SubmittedFile), table_of(Subscription)
OURS = ("/static/", "data:image/")
SCHEMES = ("/", "?", "#", "http://", "https://", "mailto:", "webcal:", "tel:")


class Seen(HTMLParser):
    """A page as a browser would build it: what would run or load, and where it leads."""

    def __init__(self, text):
        super().__init__()
        self.bad, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            value = value or ""
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.bad.append((tag, name, value))
            if name == "src" and not value.startswith(OURS):
                self.bad.append((tag, name, value))
            if tag == "link" and value == "data:,":  # no icon is asked for
                continue
            if name in ("href", "action", "formaction") and value and not value.lower().startswith(SCHEMES):
                self.bad.append((tag, name, value))
            if name == "href" and tag == "a" and value.startswith(("/", "?")):
                self.links.append(value)
        if tag in ("iframe", "object", "embed", "base", "template") or (
            tag == "script" and "src" not in dict(attributes)
        ):
            self.bad.append((tag, "", ""))


@pytest.fixture
def office(attacked_office):
    return attacked_office


MORE = ("/truong-ban", "/bieu", "/bieu/nam/2024", "/bieu/kiem-tra/2024", "/bieu/tien-do/2024", "/thu-ky/hop-gui?xem=")


@pytest.mark.parametrize(
    ("name", "home", "least"), [("hoa", "/co-quan", 8), ("lan", "/thu-ky", 45), ("an", "/quan-tri", 1)]
)
def test_on_every_page_what_was_typed_is_shown_and_not_run(office, name, home, least):
    browser, to_see, seen, said = office.who(name), [home], set(), 0
    before = office.state("session")
    to_see += MORE if name == "lan" else ()
    while to_see:
        address = to_see.pop()
        # the administrator sees the accounts besides, and everybody's leaves of a calendar look alike
        if address in seen or (name == "an" and seen) or address.count("?") > 1:
            continue
        seen.add(address)
        page = browser.get(address)
        assert page.status_code < 500, address
        if page.is_redirect:
            to_see.append(page.headers["location"])
            continue
        if "text/html" not in page.headers.get("content-type", ""):
            check_file(page, address)
            continue
        found = Seen(page.text)
        assert (address, found.bad) == (address, [])
        assert "133" + "7" not in page.text or "7*191" in page.text, address  # what is typed is no template
        said += SIGN in page.text
        here = address.partition("?")[0]
        leads = [link if link.startswith("/") else here + link for link in found.links]
        to_see += [link.partition("#")[0] for link in leads if is_near(link)]
    assert len(seen) >= least, sorted(seen)
    assert said >= least // 2
    assert office.state("session") == before


def is_near(link):
    """Not the years, months and weeks before and after, which go on for ever; English of each page once."""
    years = ("2022", "2023", "2025", "2026", "lang=vi", "&")
    weeks = ("W" in link and "2024-W49" not in link) or ("month=" in link and not link.endswith("month=12"))
    return not any(part in link for part in years) and not weeks and "/thang/2024-11" not in link


def check_file(page, address):
    """A file goes to disk and is never shown; in a workbook nothing is a formula."""
    if "/static/" in address:
        return
    assert page.headers["content-disposition"].startswith("attachment"), address
    assert page.headers["x-content-type-options"] == "nosniff"
    kind = address.rpartition(".")[2]
    if kind in ("docx", "xlsx"):
        with zipfile.ZipFile(BytesIO(page.content)) as archive:
            for part in archive.namelist():
                if part.endswith((".xml", ".rels")):
                    ElementTree.fromstring(archive.read(part))
                assert b'TargetMode="External"' not in archive.read(part), address
    if kind == "xlsx":
        cells = [cell for row in openpyxl.load_workbook(BytesIO(page.content)).active for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    if kind == "docx":
        assert Document(BytesIO(page.content)).paragraphs


EVERY_FORM = {
    "lan": (
        "/thu-ky/an-dinh/P/KT/2024", "/thu-ky/huy/P/KT/2024", "/thu-ky/khoi-phuc/P/TH/2024", "/thu-ky/doan/P/KT/2024",
        "/thu-ky/moi/P/HN/2024",
        "/thu-ky/nhiem-vu/A/da-nop/P/BC/2024", "/thu-ky/duyet", "/thu-ky/hop-gui", "/thu-ky/hop-gui/{notice}",
        "/thu-ky/danh-muc/ngay-nghi", "/thu-ky/danh-muc/nguoi-lien-he", "/thu-ky/lich", "/thu-ky/lich/{all}", "/bieu",
        "/doi-mat-khau", "/thu-ky/danh-muc/nguoi-lien-he-moi", "/thu-ky/danh-muc/nguoi-lien-he/hoa/sua",
        "/thu-ky/danh-muc/nguoi-thay", "/thu-ky/dieu-chinh",
    ),
    "an": ("/quan-tri",),
    "hoa": (
        "/co-quan/nop/P/BC/2024/A", "/co-quan/xin-gia-han/P/HN/2024/A", "/co-quan/danh-ba", "/co-quan/danh-ba/minh",
        "/co-quan/lich", "/co-quan/lich/{agency/A}",
    ),
    "nobody": ("/dang-nhap", "/xin-lien-ket"),
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY_FORM)
def test_what_a_form_shows_again_is_text(office, name, forms_of):
    browser, answered = office.who(name), []
    for address in EVERY_FORM[name]:
        for row, number in office.rows.items():
            address = address.replace(f"{{{row}}}", str(number))
        shown = browser.get(address)
        for form, fields in forms_of(shown.text):
            typed = {one["name"]: attack(one) for one in fields if "name" in one}
            send = browser.post if form.get("method") == "post" else browser.get
            if (action := form.get("action") or address) == "/dang-xuat":
                continue
            files = {"files": [("files", (ATTACK, PDF))]} if form.get("enctype") == "multipart/form-data" else {}
            kind = {"data": typed} | files if send == browser.post else {"params": typed}
            page = send(action, **kind)
            answered.append(page.status_code)
            assert page.status_code < 500, (action, typed)
            assert (action, Seen(page.text).bad) == (action, [])
    assert len(answered) >= len(EVERY_FORM[name]) or name == "hoa"
    assert 422 in answered


def attack(field):
    """Hidden fields and buttons keep their value; whatever can be typed or chosen is an attack."""
    is_kept = field.get("type") in ("hidden", "submit") or ("type" not in field and "value" in field)
    return field.get("value", "") if is_kept else ATTACK


def test_in_files_of_sheets_it_is_text(office):
    browser = office.who("lan")
    for sheet in ("tuan/2024-W52", "thang/2024-12", "kiem-tra/2024", "nam/2024", "tien-do/2024"):
        for form in ("docx", "xlsx"):
            page = browser.get(f"/bieu/{sheet}.{form}")
            assert (sheet, page.status_code) == (sheet, 200)
            check_file(page, f"/bieu/{sheet}.{form}")
            with zipfile.ZipFile(BytesIO(page.content)) as archive:
                inside = b"".join(archive.read(name) for name in archive.namelist())
            assert SIGN.encode() in inside, sheet
            assert b"<script>" not in inside


def digest_of(office):
    with reading(office.engine) as connection:
        query = select(SUBSCRIPTIONS.c.digest).where(SUBSCRIPTIONS.c.id == office.rows["all"])
        return connection.execute(query).scalar_one()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_in_calendars_it_is_text(office, language):
    with writing(office.engine) as connection:
        change_options(connection, office.rows["all"], SHORT, Options(language=language, alarm_minutes=60), "Hoa", NOW)
    shelf = FeedShelf(office.home / "feeds.db")
    FeedRefresher(office.desk, shelf).refresh_once()
    [key] = [address.key for digest, address in shelf.addresses.items() if digest.hex() == digest_of(office)]
    calendar = Calendar.from_ical(shelf.bytes_of(key, packed=False))
    shelf.close()
    assert any(SIGN in str(event["summary"]) for event in calendar.events)
    known = {"VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VCALENDAR", "VALARM", "VTODO"}
    assert {one.name for one in calendar.walk()} <= known
    for event in calendar.events:
        assert not event.keys() & {"ATTENDEE", "ORGANIZER", "ATTACH", "IMAGE"}
    assert len(calendar.events) == len({str(event["uid"]) for event in calendar.events})


@pytest.mark.parametrize(
    "typed", ['"\r\nSet-Cookie: a=b\r\n\r\n<script>', "../../\u202etxt.exe", ATTACK, SHORT, "Lịch\x00\x7f"]
)
def test_a_calendars_title_is_no_header(typed):
    for name, value in prepare_answers("x", 0, "agency/A", typed, 1, 1).whole["headers"]:
        assert all(32 <= sign < 127 for sign in value), name


NAMES = ['"\r\nSet-Cookie: a=b\r\n\r\n<script>.pdf', "../../../etc/passwd", 'Ảnh "x";\\.pdf', "a\x00b.pdf"]
PLACES = ["../attacked.db", "/etc/passwd", "..%2fattacked.db", f"00/../00/{2:032x}", "", "x" * 300, "\x00"]


def test_a_kept_files_name_is_no_header_and_a_spoilt_row_reads_no_other_file(office):
    with writing(office.engine) as connection:
        [kept] = connection.execute(FILES.select()).mappings().all()
        for number, name in enumerate(NAMES, 2):  # two files are never kept as one: each is the first's copy
            stored = f"00/{number:032x}"
            (office.home / "files" / "00").mkdir(exist_ok=True)
            (office.home / "files" / stored).write_bytes(PDF)
            connection.execute(FILES.insert(), dict(kept) | {"id": number, "name": name, "stored": stored})
        for number, place in enumerate(PLACES, 20):
            connection.execute(FILES.insert(), dict(kept) | {"id": number, "stored": place})
    for browser, path in ((office.who("lan"), "/thu-ky/tep"), (office.who("khac"), "/co-quan/tep")):
        for number, _ in enumerate(["", *NAMES], 1):
            page = browser.get(f"{path}/{number}")
            assert (number, page.status_code, page.content[:5]) == (number, 200, b"%PDF-")
            assert "set-cookie" not in page.headers
            assert page.headers["content-disposition"].startswith("attachment")
            assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert {browser.get(f"{path}/{number}").status_code for number, _ in enumerate(PLACES, 20)} == {404}
