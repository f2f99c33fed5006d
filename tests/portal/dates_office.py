"""A small office at its desk: one programme planned, and a browser for each role."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape

import httpx
from sqlalchemy import insert
from sqlmodel import SQLModel

from models.account import Account, AccountRole
from models.columns import table_of
from notices.links import Links
from office.sessions import open_session
from office.settings import VIETNAM, Settings
from office.store import open_store, reading, writing
from planning.check import read_definitions
from planning.yearbook import plan_year
from portal.app import make_app
from portal.desk import Desk

MARKUP = "<script>alert(1)</script>"
ITEMS = f"""\
  - {{id: H, line: 1, title: "Hội nghị {MARKUP}", kind: conference, when: Tháng 7/2024, lead: [B], participants: [A]}}
  - {{id: R, line: 2, title: Báo cáo năm, kind: report, when: trước 10/12/2024, lead: [A, B]}}
  - {{id: K, line: 3, title: Kiểm tra, kind: inspection, when: Quý III năm 2024, inspected: [B], lead: [A]}}
  - {{id: W, line: 4, title: Theo văn bản trên, kind: issue_document, when: khi có hướng dẫn của bộ, lead: [B]}}
"""
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
NOW = datetime(2024, 3, 4, 9, tzinfo=VIETNAM)
REALLY = datetime(2026, 3, 2, 9, tzinfo=UTC)
# sessions are not what a preview may change, and opening one is not its doing
LEFT_OUT = ("session",)


class DatesOffice:
    """The portal, its database and its clock; ``told`` counts how often calendars were said to have changed."""

    def __init__(self, store, serve, folder, home):
        self.store, self.told, self.browsers = store, 0, []
        self.settings = Settings(home=home, programmes=folder)
        links = Links("x" * 40, "http://testserver")
        desk = Desk(self.settings, self, store, links, "x" * 40, lambda: REALLY)
        app = make_app(desk)
        app.state.wake_feeds = self.hear
        self.address = serve(lambda _address: app)
        with writing(store) as connection:
            plan_year(connection, read_definitions(folder), 2024, NOW.date())
            accounts = [
                Account(name=role.value, shown=f"Bà {role.value}", role=role.value, created_at=REALLY).model_dump()
                for role in AccountRole
            ]
            connection.execute(insert(table_of(Account)), accounts)

    def hear(self):
        self.told += 1

    def now(self):
        return NOW

    def today(self):
        return NOW.date()

    def banner(self):
        return None

    def began(self):
        return None

    def browser(self, role=AccountRole.SECRETARIAT):
        self.browsers.append(httpx.Client(base_url=self.address, timeout=120))
        with writing(self.store) as connection:
            self.browsers[-1].cookies.set("dondoc", open_session(connection, REALLY, account=role.value))
        return self.browsers[-1]

    def close(self):
        for browser in self.browsers:
            browser.close()

    def everything(self):
        """Every row of every table."""
        with reading(self.store) as connection:
            return {
                name: sorted(map(repr, connection.execute(table.select())))
                for name, table in SQLModel.metadata.tables.items()
                if name not in LEFT_OUT
            }


@contextmanager
def opened(tmp_path, serve, folder):
    """The office until the test ends."""
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    office = DatesOffice(store, serve, folder, tmp_path)
    yield office
    office.close()
    store.dispose()


def press(browser, page, address, **fields):
    """Sends the form of ``page`` with its hidden fields, and with what is given."""
    kept = {name: unescape(value) for name, value in HIDDEN.findall(page.text)}
    return browser.post(address, data=kept | fields)
