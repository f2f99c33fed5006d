"""A small office three working days after 9 December 2024, with reports of three agencies late, and its portal."""

from datetime import date, datetime, time

import httpx
from sqlalchemy import insert, select

from models.account import AccountRole
from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.notice import AuditEntry, Notice
from notices.letters import LateDuty, draft_letters
from office.sessions import open_session
from office.settings import VIETNAM
from office.store import writing
from planning.check import read_definitions
from planning.opening import open_due
from planning.yearbook import plan_year
from tests.notices.small_office import add_all
from tests.portal.office_door import MACHINE, Door
from tests.postgres import free_port

NOW = datetime(2024, 12, 12, 9, tzinfo=VIETNAM)
MARKUP = "<script>alert(1)</script>"
ITEMS = f"""\
  - {{id: BC, line: 1, title: "Báo cáo năm {MARKUP}", kind: report, when: trước 10/12/2024, lead: [A, B, C]}}
  - {{id: TH, line: 2, title: Báo cáo tổng hợp, kind: report, when: trước ngày 20/12/2024, lead: [B],
     depends_on: [{{item: BC}}]}}
  - {{id: HN, line: 3, title: Hội nghị tổng kết, kind: conference, when: ngày 27/12/2024, lead: [B]}}
  - {{id: KT, line: 4, title: Kiểm tra quý, kind: inspection, when: Quý IV năm 2024, lead: [A], inspected: [C]}}
"""
NOTICES, AUDIT = table_of(Notice), table_of(AuditEntry)


class WorkOffice(Door):
    """The portal before that office; ``secretary`` and ``chair`` are signed in."""

    def __init__(self, engine, serve, home, programmes, **chosen):
        self.prefect_port = free_port()
        super().__init__(engine, serve, home, programmes=programmes, prefect_port=self.prefect_port, **chosen)
        with writing(engine) as connection:
            plan_year(connection, read_definitions(programmes), 2024, date(2024, 1, 2))
            open_due(connection, NOW.date())
        self.add()
        self.add("lan", AccountRole.SECRETARIAT, "Chị Lan")
        self.add("truong", AccountRole.CHAIR, "Ông Trưởng ban")
        self.secretary, self.chair = self.let_in("lan"), self.let_in("truong")

    def now(self):
        return NOW

    def today(self):
        return NOW.date()

    def let_in(self, account):
        browser = self.browser()
        with writing(self.engine) as connection:
            browser.cookies.set("dondoc", open_session(connection, MACHINE, account=account))
        return browser

    def csrf(self, browser: httpx.Client):
        page = browser.get("/thu-ky").text
        return page.split('name="csrf" value="')[1].partition('"')[0]

    def send(self, page, browser=None, **fields):
        """A form of the page, with the session's own token."""
        browser = browser or self.secretary
        return browser.post(page, data={"csrf": self.csrf(browser)} | fields)

    def draft_letter(self):
        with writing(self.engine) as connection:
            late = [LateDuty("P/BC/2024", f"P/BC/2024/{code}", "1.1", code) for code in ("A", "B", "C")]
            [number] = draft_letters(connection, late, NOW.date(), NOW)
        return number

    def add_contact(self, code="A.dm", agency="A", address="a@example.vn", verified=date(2024, 1, 2)):
        quiet = {"quiet_from": time(21), "quiet_to": time(6)}
        with writing(self.engine) as connection:
            person = {"code": code, "name": f"Bà {MARKUP}", "agency": agency, "post": "focal"}
            add_all(connection, Contact, [quiet | person])
            way = {"contact": code, "position": 0, "kind": "mail", "address": address, "verified_on": verified}
            add_all(connection, ContactChannel, [way])

    def add_notice(self, state="failed", **values):
        row = {
            "subject": "P/BC/2024/A", "version": "1.1", "step": f"s{state}", "recipient": "A.dm", "channel": "mail",
            "occurrence": "P/BC/2024", "agency": "A", "kind": "reminder", "target": "focal", "fires_on": NOW.date(),
            "bundle": f"b{state}", "state": state, "due_at": NOW, "planned_at": NOW, "reason": f"lý do {MARKUP}",
        }  # fmt: skip
        with writing(self.engine) as connection:
            row = Notice(**(row | values)).model_dump(exclude={"id"})
            return connection.execute(insert(NOTICES).values(row).returning(NOTICES.c.id)).scalar_one()

    def audit(self, action):
        return [(row.actor, row.subject) for row in self.rows(AUDIT) if row.action == action]

    def one(self, table, key):
        with writing(self.engine) as connection:
            return connection.execute(select(table).where(table.c.id == key)).mappings().one()
