"""Agencies A and B that owe a report by 9 December 2024, their people, and browsers that came in by a link."""

import re
from datetime import date, datetime, time
from urllib.parse import urlsplit

from sqlalchemy import insert, select
from sqlmodel import SQLModel

from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.kinds import Post
from models.notice import Notice
from models.occurrence import Duty, Occurrence
from notices.links import Links
from office.personal_links import generation_of
from office.settings import VIETNAM
from office.store import reading, writing
from planning.check import read_definitions
from planning.opening import open_due
from planning.yearbook import plan_year
from portal.acknowledge import TRAP
from tests.notices.told_rows import add
from tests.portal.conftest import DIGITS
from tests.portal.office_door import SECRET, Door

NOW = datetime(2024, 12, 2, 14, 5, tzinfo=VIETNAM)
MARKUP = "<script>alert(1)</script>"
ITEMS = f"""\
  - {{id: BC, line: 1, title: "Báo cáo năm {MARKUP}", kind: report, when: trước 10/12/2024, lead: [A, B]}}
  - {{id: HN, line: 2, title: Hội nghị tổng kết, kind: conference, when: ngày 27/12/2024, lead: [A]}}
"""
MINE, THEIRS = "P/BC/2024/A", "P/BC/2024/B"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
NOTICES, OCCURRENCES, DUTIES = table_of(Notice), table_of(Occurrence), table_of(Duty)
PEOPLE = (("hoa", "Lò Thị Hoa", "A"), ("minh", "Ông Minh", "A"), ("khac", "Bà Khác", "B"), ("ban", "Thư ký", None))


class AgencyOffice(Door):
    """The portal before that office; ``enter(contact)`` is a browser that came in by a personal link."""

    def __init__(self, engine, serve, home, programmes, **chosen):
        super().__init__(engine, serve, home, programmes=programmes, **chosen)
        self.links, self.home = Links(SECRET, self.address), home
        with writing(engine) as connection:
            plan_year(connection, read_definitions(programmes), 2024, date(2024, 1, 2))
            open_due(connection, NOW.date())
            for code, name, agency in PEOPLE:
                add_person(connection, code, name, agency)

    def now(self):
        return NOW

    def today(self):
        return NOW.date()

    def link(self, contact="hoa"):
        """The path a mail carries now."""
        with writing(self.engine) as connection:
            generation = generation_of(connection, contact, self.really)
        return urlsplit(self.links.agency(contact, generation)).path

    def enter(self, contact="hoa"):
        browser, link = self.browser(), self.link(contact)
        response = browser.post(link, data={"code": read_code(browser.get(link).text), TRAP: ""})
        assert (response.status_code, response.headers["location"]) == (303, "/co-quan")
        return browser

    def tell(self, duty=MINE, contact="hoa", **changed):
        """A reminder about a duty that has arrived; returns its number."""
        row = {"subject": duty, "version": "1.1", "step": "D-5", "recipient": contact, "channel": "mail"}
        row |= {"occurrence": duty.rpartition("/")[0], "kind": "reminder", "target": "focal", "sent_to": contact}
        row |= {"bundle": contact, "state": "accepted", "due_at": NOW, "planned_at": NOW, "accepted_at": NOW}
        with writing(self.engine) as connection:
            return add(connection, Notice, fires_on=NOW.date(), attempts=1, **(row | changed))

    def change(self, table, **values):
        with writing(self.engine) as connection:
            connection.execute(table.update().values(**values))

    def change_report(self, **values):
        with writing(self.engine) as connection:
            connection.execute(OCCURRENCES.update().where(OCCURRENCES.c.id == "P/BC/2024").values(**values))

    def rows(self, model):
        with reading(self.engine) as connection:
            return connection.execute(select(table_of(model))).mappings().all()

    def state(self, *but):
        """Every row of every table; ``but`` are names of tables left out."""
        with reading(self.engine) as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
                for table in SQLModel.metadata.sorted_tables
                if table.name not in but
            }


def add_person(connection, code, name, agency, **changed):
    post = Post.FOCAL if agency else Post.SECRETARIAT
    row = {"code": code, "name": name, "agency": agency, "post": post.value, "language": "vi", "digest": True}
    connection.execute(insert(table_of(Contact)), row | {"quiet_from": time(18), "quiet_to": time(7)} | changed)
    way = {"contact": code, "position": 0, "kind": "mail", "address": f"{code}@example.vn"}
    connection.execute(insert(table_of(ContactChannel)), way | {"verified_on": date(2024, 1, 2)})


def read_code(text):
    """What a person types who reads the words on the page."""
    words = re.search(r'class="digits">([^<]+)<', text)[1]
    return "".join(str(DIGITS[word]) for word in words.split(" – "))


def field_of(text, name):
    """The value of a hidden field."""
    return re.search(rf'name="{name}" value="([^"]*)"', text)[1]


def filled(browser, page, **fields):
    """A form of ``page`` with its session's token and its own key."""
    text = browser.get(page).text
    key = re.search(r'name="key" value="([^"]*)"', text)
    return {"csrf": field_of(text, "csrf")} | ({"key": key[1]} if key else {}) | fields
