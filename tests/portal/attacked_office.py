"""A small office where everything anybody can type is an attack, and a browser for everybody who comes to its door."""

import json
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from sqlalchemy import insert, select, update
from sqlmodel import SQLModel

from calendars.subscription_options import Options
from calendars.subscriptions import create_subscription
from models.account import AccountRole
from models.columns import table_of
from models.contact import Contact, ContactChannel, Substitution
from models.kinds import Post
from models.notice import Notice
from models.occurrence import Occurrence
from notices.answers import file_receipt
from notices.letters import LateDuty, draft_letters
from notices.links import Links
from office.personal_links import generation_of
from office.sessions import open_session
from office.settings import VIETNAM, Settings
from office.store import open_store, reading, writing
from planning.amendments import Basis
from planning.check import read_definitions
from planning.fixing import Fix, amend_day, cancel_occurrence, fix_date
from planning.handing_in import HandedIn, hand_in
from planning.kept_files import check_file, keep
from planning.more_time import Asked, ask_more_time
from planning.opening import open_due
from planning.yearbook import plan_year
from portal.desk import Desk
from tests.notices.told_rows import add
from tests.portal.office_door import SECRET, Door

NOW = datetime(2024, 12, 2, 14, 5, tzinfo=VIETNAM)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DATABASE = "attacked.db"
SIGN = "xyzzy"  # stands in every attack, so that a test sees where it came to
# Ends an attribute, a tag, a script; opens an element that runs; is a template, a formula, a header of its own.
ATTACK = f"=1+1'\"></title></textarea><img src=x onerror={SIGN}()><script>{SIGN}()</script>{{{{7*191}}}}"
SHORT = f"<b onclick={SIGN}()>\"'{SIGN}"
LINK = f"https://example.vn/{SIGN}?a=\"'><script>"
NAME = f"\"'><img src=x onerror={SIGN}()>.pdf"
MINE, THEIRS, HELD, WINDOW, OFF = "P/BC/2024/A", "P/BC/2024/B", "P/HN/2024", "P/KT/2024", "P/TH/2024"
OCCURRENCES = table_of(Occurrence)
ACCOUNTS = {"an": AccountRole.ADMINISTRATOR, "lan": AccountRole.SECRETARIAT, "truong": AccountRole.CHAIR}
PEOPLE = (("hoa", "A"), ("minh", "A"), ("khac", "B"), ("ban", None))
ITEMS = [
    {"id": "BC", "line": 1, "kind": "report", "when": "trước 10/12/2024", "lead": ["A", "B"]},
    {"id": "HN", "line": 2, "kind": "conference", "when": "Tháng 12 năm 2024", "lead": ["A"], "participants": ["B"]},
    {"id": "KT", "line": 3, "kind": "inspection", "when": "Quý IV năm 2024", "lead": ["A"], "inspected": ["B"]},
    {"id": "TH", "line": 4, "kind": "report", "when": "trước ngày 20/12/2024", "lead": ["A"]},
]
POLICY = {
    "code": "default", "name": "Mặc định",
    "deadlines": [{"step": "D-5", "working_days": -5, "to": ["focal"]}],
    "events": [{"step": "E-5", "working_days": -5, "to": ["lead"]}],
    "windows": [{"step": "W-start", "at": "start", "to": ["lead"]}],
}  # fmt: skip


def write_folder(folder):
    """Programmes whose every title and name is an attack; JSON is YAML too."""
    agencies = [
        {"code": code, "name": f"Sở {code} {ATTACK}", "short": SHORT, "level": "province", "kind": kind}
        for code, kind in (("A", "department"), ("B", "department"), ("BAN", "steering"), ("DOAN1", "team"))
    ]
    programme = {
        "code": "P", "short": SHORT, "period": {"first": "2024-01-01", "last": "2024-12-31"}, "standing_agency": "A",
        "document": {"title": ATTACK, "number": "1/KH", "issued": "2024-01-01", "issuer": "BAN", "source": "p"},
        "items": [{"title": f"{one['id']} {ATTACK}"} | one for one in ITEMS],
    }  # fmt: skip
    (folder / "policies").mkdir(parents=True)
    for name, content in (("agencies", {"agencies": agencies}), ("policies/default", POLICY), ("p", programme)):
        (folder / f"{name}.yaml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def found_office(home):
    """Makes an office under ``home``, to be copied; returns the numbers of what was recorded in it."""
    engine = open_store(f"sqlite:///{home / DATABASE}")
    office = AttackedOffice(engine, lambda make: make("http://testserver"), home)
    office.found()
    rows = office.fill()
    engine.dispose()  # everything is in the one file then
    return rows


class AttackedOffice(Door):
    """The portal before that office; ``who("lan")`` is a browser of somebody who is in."""

    def __init__(self, engine, serve, home, **chosen):
        self.folder, self.home = home / "programmes", home
        super().__init__(engine, serve, home, programmes=self.folder, **chosen)
        self.links = Links(SECRET, self.address)
        self.desk = self.desk_with(**chosen)

    def desk_with(self, **chosen):
        """The office as its flows find it."""
        settings = Settings(home=self.home, programmes=self.folder, public_address=self.address, **chosen)
        return Desk(settings, self, self.engine, self.links, SECRET, lambda: self.really)

    def found(self):
        """The office with its people, its paper planned and its rungs laid."""
        write_folder(self.folder)
        with writing(self.engine) as connection:
            plan_year(connection, read_definitions(self.folder), 2024, date(2024, 1, 2))
            open_due(connection, NOW.date())
            for code, agency in PEOPLE:
                _add_person(connection, code, agency)
        for name, role in ACCOUNTS.items():
            self.add(name, role, f"{name} {SHORT}")

    def now(self):
        return NOW

    def today(self):
        return NOW.date()

    def who(self, name):
        """Nobody, somebody with an account, or a contact of an agency."""
        browser = self.browser()
        if name != "nobody":
            whose = {"account": name} if name in ACCOUNTS else {"contact": name}
            with writing(self.engine) as connection:
                if "contact" in whose:
                    generation_of(connection, name, self.really)
                browser.cookies.set("dondoc", open_session(connection, self.really, **whose))
        return browser

    def csrf(self, browser):
        """The token of a browser's session."""
        page = browser.get("/", follow_redirects=True).text
        return page.split('name="csrf" value="')[1].partition('"')[0] if 'name="csrf"' in page else ""

    def gate(self, contact="hoa"):
        """The path of a personal link, as a mail carries it now."""
        with writing(self.engine) as connection:
            generation = generation_of(connection, contact, self.really)
        return urlsplit(self.links.agency(contact, generation)).path

    def fill(self):
        """Everything people can record, each with an attack in every field; returns the numbers of the rows."""
        definitions, today = read_definitions(self.folder), NOW.date()
        file = self.home / "typed.pdf"
        file.write_bytes(PDF)
        kept = keep(self.home / "files", file, check_file(NAME, file))
        with writing(self.engine) as connection:
            basis = Basis(ATTACK, SHORT, ATTACK)
            fix = Fix(HELD, date(2024, 12, 27), starts=time(8), place=ATTACK, document=SHORT, why=ATTACK, by=ATTACK)
            fix_date(connection, definitions, fix, today, NOW)
            cancel_occurrence(connection, definitions, OFF, basis, today, NOW)
            amend_day(connection, definitions, date(2024, 12, 30), False, basis, today, NOW)
            handed = HandedIn(
                THEIRS, ATTACK, False, "one-form-a", "khac", SHORT, today, LINK, ATTACK, files=(kept,), agency="B"
            )
            submission = hand_in(connection, handed, NOW).submission
            file_receipt(connection, submission, NOW)
            request = ask_more_time(
                connection, Asked(MINE, ATTACK, date(2024, 12, 20), ATTACK, "one-form-b", "hoa", "A"), NOW
            )
            late = OCCURRENCES.update().where(OCCURRENCES.c.id == "P/BC/2024").values(last_on_time=date(2024, 11, 20))
            connection.execute(late)  # so that there is somebody to urge
            [letter] = draft_letters(connection, [LateDuty("P/BC/2024", MINE, "1.1", "A")], today, NOW)
            calendars = {
                owner: create_subscription(
                    connection, owner, SHORT, Options(), ATTACK, NOW, self.really, SECRET, contact
                ).id
                for owner, contact in (("all", None), ("agency/A", "hoa"), ("agency/B", "khac"))
            }  # fmt: skip
            connection.execute(
                insert(table_of(Substitution)),
                {"contact": "minh", "substitute": "hoa", "first": today, "last": today + timedelta(days=3)},
            )
        notice = self.tell(state="failed", reason=ATTACK)
        self.tell(step="D-3", envelope="9f2c" * 8)
        return {"submission": submission, "request": request, "letter": letter, "notice": notice, **calendars}

    def tell(self, **changed):
        """A notice to Hoa about her duty; its number."""
        row = {"subject": MINE, "version": "1.1", "step": "D-5", "recipient": "hoa", "channel": "mail", "agency": "A"}
        row |= {"occurrence": "P/BC/2024", "kind": "reminder", "target": "focal", "sent_to": "hoa", "bundle": "hoa"}
        row |= {"state": "accepted", "due_at": NOW, "planned_at": NOW, "accepted_at": NOW, "attempts": 1}
        with writing(self.engine) as connection:
            return add(connection, Notice, fires_on=NOW.date(), **(row | changed))

    def change(self, model, **values):
        with writing(self.engine) as connection:
            connection.execute(update(table_of(model)).values(**values))

    def state(self, *but):
        """Every row of every table; ``but`` are names of tables left out."""
        with reading(self.engine) as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
                for table in SQLModel.metadata.sorted_tables
                if table.name not in but
            }

    def changed_since(self, before):
        """The names of the tables in which something is different."""
        return {name for name, rows in self.state().items() if rows != before[name]}


def _add_person(connection, code, agency):
    post = Post.FOCAL if agency else Post.SECRETARIAT
    row = {"code": code, "name": f"{code} {SHORT}", "agency": agency, "post": post.value, "language": "vi"}
    connection.execute(insert(table_of(Contact)), row | {"digest": True, "quiet_from": time(18), "quiet_to": time(7)})
    way = {"contact": code, "position": 0, "kind": "mail", "address": f"{code}@example.vn"}
    connection.execute(insert(table_of(ContactChannel)), way | {"verified_on": date(2024, 1, 2)})
