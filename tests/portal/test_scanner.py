"""A scanner that opens every link of every mail, and submits every form it finds there, changes nothing at all."""

import re
import time
from email import message_from_bytes, policy
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from models.account import PersonalLink
from models.notice import Notice
from notices.answers import file_link
from office.personal_links import renew
from office.store import writing
from portal.acknowledge import TRAP
from portal.feed_refresher import FeedRefresher
from portal.feed_shelf import FeedShelf
from tests.notices.sinks import sink
from tests.portal.agency_office import read_code
from tests.portal.attacked_office import SIGN
from tests.portal.test_attacks_markup import Seen

ADDRESS = re.compile(r"https?://[^\s<>\"]+")
DAY, HOUR = "2024-12-20", "08:00"
# What programs type into a field they know nothing of.
PLAUSIBLE = ["Nguyễn Văn A", "hoa@example.vn", "1", "on", DAY, "1234", "0000", "One-Click", "https://example.vn/"]


class Page(HTMLParser):
    """The forms of a page, each with its choices, and every number that stands in its text."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.numbers, self._select = [], sorted(set(re.findall(r"\d{4}", text)))[:12], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        one = dict(attributes)
        if tag == "form":
            self.forms.append((one, []))
        elif tag in ("input", "textarea", "button", "select") and self.forms and "name" in one:
            self.forms[-1][1].append(one)
            self._select = one["name"] if tag == "select" else ""
        elif tag == "option" and self._select and self.forms:
            self.forms[-1][1].append({"name": self._select, "value": one.get("value", ""), "type": "choice"})


def tries_of(fields, numbers):
    """Forms as programs fill them in: as they are, by what a field is for, each with one value, and with numbers."""
    as_it_is = {one["name"]: one.get("value") or "" for one in fields}
    by_kind = as_it_is | {
        one["name"]: typed
        for one in fields
        if (typed := {"email": "hoa@example.vn", "date": DAY, "time": HOUR, "number": "1"}.get(one.get("type", "")))
    }
    typed = [one["name"] for one in fields if one.get("type") not in ("hidden", "submit", "choice")]
    known = {"name": "Nguyễn Văn A", "address": "hoa@example.vn", TRAP: ""}
    yield as_it_is
    yield by_kind
    yield from (as_it_is | dict.fromkeys(typed, value) for value in PLAUSIBLE)
    yield from (as_it_is | {name: known[name] for name in typed if name in known} | {"code": code} for code in numbers)


def scan(browser, found):
    """Looks at everything that can be reached from ``found`` on our site; what was seen, with how it was answered."""
    to_see, seen, sent = list(found), {}, 0
    while to_see:
        address = to_see.pop()
        if address in seen:
            continue
        browser.head(address)
        page = browser.get(address)
        seen[address] = page.status_code
        if page.is_redirect:
            to_see.append(page.headers["location"])
            continue
        here = address.partition("?")[0]
        assert (address, Seen(page.text).bad) == (address, [])
        links = (link if link.startswith("/") else here + link for link in Seen(page.text).links)
        to_see += [link.partition("#")[0] for link in links]
        shown = Page(page.text)
        for form, fields in shown.forms:
            for filled in tries_of(fields, shown.numbers):
                action = form.get("action") or address
                browser.post(action, data=filled)
                browser.get(action, params=filled)
                sent += 1
    return seen, sent


@pytest.fixture
def mails(attacked_office):
    """Every mail the office has to send, sent for real: the bytes of each."""
    office = attacked_office
    with writing(office.engine) as connection:
        renew(connection, "khac", office.really)
        file_link(connection, "khac", office.now())
    with sink() as server:
        desk = office.desk_with(mail_server=f"smtp://127.0.0.1:{server.port}").notices
        with writing(office.engine) as connection:
            desk.plan(connection)
        assert desk.send().accepted >= 3
        return [message_from_bytes(one.content, policy=policy.default) for one in server.messages]


def links_in(mails, office):
    """The paths of ours in mails: in both shapes of the text, and in the header mail programs read."""
    found = set()
    for mail in mails:
        texts = [str(mail.get("List-Unsubscribe", ""))]
        texts += [unescape(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"]
        for text in texts:
            found |= {link.rstrip(").,;") for link in ADDRESS.findall(text)}
    ours = {link for link in found if link.startswith(office.address)}
    return sorted(urlsplit(link).path for link in ours)


def test_whatever_a_scanner_does_with_the_links_of_mails_nothing_changes(attacked_office, mails):
    office = attacked_office
    links = links_in(mails, office)
    assert {link.split("/")[1] for link in links} >= {"da-nhan", "vao"}, links
    links += [urlsplit(office.links.unsubscribe("hoa")).path, "/xin-lien-ket", "/dang-nhap", office.gate("minh")]
    before = office.state()
    seen, sent = scan(office.browser(), links)
    assert {"/", "/xin-lien-ket", "/dang-nhap"} <= seen.keys()
    assert all(code < 500 for code in seen.values())
    assert sent > 100
    assert office.changed_since(before) == set()


def test_mails_hold_no_markup_of_what_was_typed(attacked_office, mails):
    said = [str(mail["Subject"]) for mail in mails]
    for mail in mails:
        assert mail.get_all("To")
        assert len(mail.get_all("Subject")) == 1
        html = mail.get_body(("html",))
        if html is not None:
            said.append(html.get_content())
            assert [bad for bad in Seen(html.get_content()).bad if bad[1] != "style"] == []
    assert any(SIGN in text for text in said)


def test_a_person_who_asks_for_a_link_changes_the_link_and_files_its_mail_and_nothing_else(attacked_office):
    office = attacked_office
    page, before = office.browser().get("/xin-lien-ket"), office.state()
    key = re.search(r'name="key" value="([^"]*)"', page.text)[1]
    typed = {"key": key, "code": read_code(page.text), "address": "hoa@example.vn", TRAP: ""}
    assert office.browser().post("/xin-lien-ket", data=typed).status_code == 200
    changed, patience = set(), time.monotonic() + 60
    while Notice.__tablename__ not in changed and time.monotonic() < patience:  # filed after the answer
        changed = office.changed_since(before)
    assert {PersonalLink.__tablename__, Notice.__tablename__} <= changed <= MAY_CHANGE
    untouched = {"submission", "acknowledgement", "duty", "occurrence", "extensionrequest", "contact", "session"}
    assert not changed & untouched


MAY_CHANGE = {PersonalLink.__tablename__, Notice.__tablename__, "auditentry"}


def test_a_calendar_program_that_asks_again_and_again_changes_nothing(attacked_office):
    office = attacked_office
    shelf = FeedShelf(office.home / "feeds.db")
    refresher = FeedRefresher(office.desk, shelf)
    refresher.refresh_once()
    before = office.state()
    for _ in range(3):
        refresher.refresh_once()
    shelf.close()
    assert office.changed_since(before) == set()
