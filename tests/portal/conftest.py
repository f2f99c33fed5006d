"""A portal as an office runs it: a real server on a free port, before a real database of either kind."""

import re
import shutil
import threading
import time
from html.parser import HTMLParser

import httpx
import pytest
import uvicorn

from notices.links import Links
from office.settings import Settings
from office.store import reading, writing
from portal.acknowledge import TRAP
from portal.app import make_app
from portal.desk import Desk
from portal.serve import listen
from tests.notices.told_rows import AT, ENVELOPE, add_contact, add_notice, add_report, everything

SECRET = "khóa dùng để thử, đủ dài và luôn như nhau"
DIGITS = {"không": 0, "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9}


class Portal:
    """The server with its database; ``links`` makes links to it, ``client`` is a browser without a memory."""

    def __init__(self, engine, address):
        self.engine, self.links = engine, Links(SECRET, address)
        self.client = httpx.Client(base_url=address, timeout=120)
        self.said = None

    # the office's clock, as the pages ask it
    def now(self):
        return AT

    def today(self):
        return AT.date()

    def banner(self):
        return self.said

    def began(self):
        return None

    @property
    def link(self):
        """What the mail carries."""
        return self.links.acknowledge(ENVELOPE)

    def code(self, link=None):
        """What a person types who reads the words on the page."""
        words = re.search(r'class="digits">([^<]+)<', self.client.get(link or self.link).text)[1]
        return "".join(str(DIGITS[word]) for word in words.split(" – "))

    def answer(self, link=None, **fields):
        """A person's form, with what is given instead."""
        filled = {"name": "Lò Thị Hoa", "code": self.code(link), TRAP: ""}
        return self.client.post(link or self.link, data=filled | fields)

    def change(self, table, **values):
        with writing(self.engine) as connection:
            connection.execute(table.update().values(**values))

    def state(self):
        """Everything an answer could change."""
        with reading(self.engine) as connection:
            return everything(connection)


class Forms(HTMLParser):
    """The forms of a page as a program sees them: where they go and their fields, with types and values."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "form":
            self.found.append((dict(attributes), []))
        elif tag in ("input", "select", "textarea", "button") and self.found:
            self.found[-1][1].append(dict(attributes))


@pytest.fixture(scope="session")
def forms_of():
    """The forms of a page: ``forms_of(text)``."""
    return lambda text: Forms(text).found


@pytest.fixture
def serve():
    """Serves an application on a free port until the test ends; gives its address."""
    running = []

    def start(make):
        listener = listen(0)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        as_served = {"access_log": False, "log_config": None, "lifespan": "off", "proxy_headers": False}
        server = uvicorn.Server(uvicorn.Config(make(address), **as_served))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        running.append((server, thread, listener))
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        return address

    yield start
    for server, thread, listener in running:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def portal(engine, serve, tmp_path):
    """One duty, one contact, one reminder that was accepted, and the portal that answers for it."""
    with writing(engine) as connection:
        add_report(connection)
        add_contact(connection)
        add_notice(connection)
    portal = None

    def make(address):
        nonlocal portal
        portal = Portal(engine, address)
        return make_app(Desk(Settings(home=tmp_path), portal, engine, portal.links, SECRET))

    serve(make)
    yield portal
    portal.client.close()


@pytest.fixture
def work_office(serve, tmp_path, write_programmes, monkeypatch):
    """A small office on SQLite with late reports, a secretary and a chair signed in."""
    from office.store import open_store
    from tests.portal.office_door import hash_cheaply
    from tests.portal.work_office import ITEMS, WorkOffice

    hash_cheaply(monkeypatch)
    engine = open_store(f"sqlite:///{tmp_path / 'work.db'}")
    office = WorkOffice(engine, serve, tmp_path, write_programmes(ITEMS))
    yield office
    office.close()
    engine.dispose()


@pytest.fixture
def agency_office(serve, tmp_path, write_programmes):
    """A small office on SQLite whose agencies have people with personal links."""
    from office.store import open_store
    from tests.portal.agency_office import ITEMS, AgencyOffice

    engine = open_store(f"sqlite:///{tmp_path / 'agency.db'}")
    office = AgencyOffice(engine, serve, tmp_path, write_programmes(ITEMS))
    yield office
    office.close()
    engine.dispose()


@pytest.fixture(scope="session")
def founded_office(tmp_path_factory):
    """A home in which everything people can type is an attack, to be copied; and the numbers of its rows."""
    from tests.portal.attacked_office import found_office
    from tests.portal.office_door import hash_cheaply

    home = tmp_path_factory.mktemp("attacked")
    with pytest.MonkeyPatch.context() as monkeypatch:
        hash_cheaply(monkeypatch)
        return home, found_office(home)


@pytest.fixture
def attacked_office(founded_office, serve, tmp_path, monkeypatch):
    """That office on SQLite with its portal; ``rows`` are the numbers of what was recorded in it."""
    from office.store import open_store
    from tests.portal.attacked_office import DATABASE, AttackedOffice
    from tests.portal.office_door import hash_cheaply

    hash_cheaply(monkeypatch)
    shutil.copytree(founded_office[0], tmp_path, dirs_exist_ok=True)
    engine = open_store(f"sqlite:///{tmp_path / DATABASE}")
    office = AttackedOffice(engine, serve, tmp_path)
    office.rows = dict(founded_office[1])
    yield office
    office.close()
    engine.dispose()
