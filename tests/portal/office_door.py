"""A portal with accounts before a real database, and browsers that keep their cookies."""

from datetime import UTC, datetime, timedelta

import httpx
from argon2 import PasswordHasher

import office.passwords
from models.account import AccountRole
from notices.links import Links
from office.accounts import Change, create_account
from office.passwords import hash_password
from office.settings import Settings
from office.store import reading, writing
from portal.app import make_app
from portal.desk import Desk
from tests.notices.told_rows import AT
from tests.postgres import free_port

SECRET = "khóa dùng để thử, đủ dài và luôn như nhau"
PASSWORD = "năm con trâu qua suối"
MACHINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # the machine's time: the office's demonstration has its own
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Door:
    """The portal; ``really`` is the machine's time and may be moved on."""

    def __init__(self, engine, serve, home, **chosen):
        self.engine, self.really = engine, MACHINE

        def make(address):
            settings = Settings(home=home, **({"mail_port": free_port()} | chosen))  # nobody takes mail there
            links = Links(SECRET, settings.portal_address)
            self.address = address
            return make_app(Desk(settings, self, engine, links, SECRET, lambda: self.really))

        serve(make)
        self.browsers = []

    def now(self):
        return AT

    def today(self):
        return AT.date()

    def banner(self):
        return None

    def began(self):
        return None

    def later(self, **stretch):
        self.really += timedelta(**stretch)

    def browser(self):
        """Another person's, with no cookies yet."""
        self.browsers.append(httpx.Client(base_url=self.address, timeout=120))
        return self.browsers[-1]

    def signed_in(self, name, password=PASSWORD):
        browser = self.browser()
        assert sign_in(browser, name, password).status_code == 303
        return browser

    def add(self, name="an", role=AccountRole.ADMINISTRATOR, shown="Nguyễn Văn An", **options):
        hashed = hash_password(options.pop("password", PASSWORD))
        change = Change("thử", AT, self.really)
        with writing(self.engine) as connection:
            create_account(connection, name, shown, role, hashed, change, **({"must_change": False} | options))

    def rows(self, table):
        with reading(self.engine) as connection:
            return connection.execute(table.select()).all()

    def close(self):
        for browser in self.browsers:
            browser.close()


def hidden(page, field):
    """The value of a hidden field."""
    return page.text.split(f'name="{field}" value="')[1].partition('"')[0]


def sign_in(browser, name, password=PASSWORD, next=""):
    page = browser.get("/dang-nhap", params={"next": next} if next else None)
    fields = {"form": hidden(page, "form"), "next": hidden(page, "next")}
    return browser.post("/dang-nhap", data=fields | {"name": name, "password": password})


def hash_cheaply(monkeypatch):
    """Real hashes, made in no time."""
    monkeypatch.setattr(office.passwords, "HASHER", CHEAP)
    monkeypatch.setattr(office.passwords, "_nobody", [])
