"""A request for more time waits on the screen: asked again when the form lacks something, then answered."""

import asyncio
from datetime import date, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from flows import chase_requests, decide_extension
from flows.decide_extension import GRANT, REFUSE, ExtensionForm
from flows.desk import Desk, at_the_desk
from models.columns import table_of
from models.notice import Notice
from models.occurrence import Duty, Occurrence
from office.settings import PROJECT, VIETNAM
from office.store import open_store, reading, writing
from planning.check import read_definitions
from planning.more_time import Asked, ask_more_time, refuse_request, requests_of, requests_waiting
from planning.people import read_contacts, store_contacts
from planning.submissions import Recorded, mark_done
from planning.yearbook import plan_year

DUTIES, NOTICES, OCCURRENCES = table_of(Duty), table_of(Notice), table_of(Occurrence)
DUTY = "DB-351-2022/S2-02/2024/SYT"
AT = datetime(2024, 12, 2, 8, tzinfo=VIETNAM)
ASKED = Asked(DUTY, "Lò Thị Hoa", date(2024, 12, 20), "Chờ số liệu của các xã", "khóa-biểu-mẫu-1")


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An office on 2 December 2024 in which one agency asks for more time."""
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path))
    monkeypatch.setenv("DONDOC_NOW", "2024-12-02T08:00")
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    definitions = read_definitions(PROJECT / "programmes")
    with writing(store) as connection:
        plan_year(connection, definitions, 2024, date(2024, 1, 1))
        contacts = PROJECT / "programmes" / "contacts.example.yaml"
        store_contacts(connection, read_contacts(contacts, definitions.directory))
        ask_more_time(connection, ASKED, AT)
    yield store
    store.dispose()


@pytest.fixture
def pages(monkeypatch):
    """What the flows show, by its key."""
    shown: dict[str, list[tuple[str, str]]] = {}

    async def show(_, key, template, **values):
        shown.setdefault(key, []).append((template, values.get("remark") or values.get("said") or ""))

    monkeypatch.setattr(Desk, "show", show)
    return shown


@pytest.fixture
def decide(monkeypatch, pages):
    """The run of request 1 with these forms filled in, one after the other; returns its last state and their keys."""

    def run(*forms: ExtensionForm):
        left, keys = list(forms), []

        async def suspend(form, timeout, key):
            assert form is ExtensionForm
            keys.append(key)
            return left.pop(0)

        monkeypatch.setattr(decide_extension, "asuspend_flow_run", suspend)
        return asyncio.run(decide_extension.decide_extension.fn(1)), keys

    return run


def read(store, query):
    with reading(store) as connection:
        return connection.execute(query).all()


def test_a_form_without_a_name_is_asked_again_and_then_the_day_moves(store, decide, pages):
    forms = (
        ExtensionForm(decision=GRANT),
        ExtensionForm(decision=GRANT, name="Chị Lan", until=date(2024, 12, 9)),
        ExtensionForm(decision=GRANT, name="Chị Lan", until=date(2024, 12, 18)),
    )
    state, keys = decide(*forms)
    assert (state.name, keys) == ("Đã quyết định", ["extension-1-0", "extension-1-1", "extension-1-2"])
    template, said = zip(*pages["gia-han-1"], strict=True)
    assert template == ("extension.md.j2",) * 3 + ("extension_decided.md.j2",)
    assert said[1].startswith("Chưa ghi ai quyết định")
    assert "không sau hạn đang có" in said[2]
    assert read(store, select(DUTIES.c.extended_to).where(DUTIES.c.id == DUTY)) == [(date(2024, 12, 18),)]
    answers = read(store, select(NOTICES.c.recipient).where(NOTICES.c.kind == "request_answered"))
    assert len(answers) == 1
    assert decide()[0].name == "Không còn chờ"  # resumed once more after a crash: nothing is asked


def test_a_refusal_is_answered_too_and_moves_nothing(store, decide):
    state, _ = decide(ExtensionForm(decision=REFUSE, name="Chị Lan", remark="Đã gia hạn một lần"))
    assert state.message == decide_extension.BECAME[REFUSE]
    assert read(store, select(DUTIES.c.extended_to).where(DUTIES.c.id == DUTY)) == [(None,)]
    assert len(read(store, select(NOTICES.c.id).where(NOTICES.c.kind == "request_answered"))) == 1


def test_one_answered_on_the_portal_while_the_form_was_open_is_left_as_it_is(store, decide, monkeypatch, pages):
    record = decide_extension._record

    def answered_meanwhile(*arguments):
        with writing(store) as connection:
            refuse_request(connection, 1, "Anh Nam", "Không đủ lý do", AT)
        record(*arguments)

    monkeypatch.setattr(decide_extension, "_record", answered_meanwhile)
    state, _ = decide(ExtensionForm(decision=GRANT, name="Chị Lan"))
    assert state.name == "Không còn chờ"
    assert "Anh Nam đã quyết định không cho gia hạn" in pages["gia-han-1"][-1][1]
    with reading(store) as connection:
        assert [one.decided_by for one in requests_of(connection, DUTY)] == ["Anh Nam"]


def test_each_request_gets_one_run_and_a_run_nobody_needs_is_called_off(store, monkeypatch, pages):
    started, ended = [], []
    old = SimpleNamespace(parameters={"request": 1})

    async def start(flow, deployment, key, parameters):
        started.append((f"{flow}/{deployment}", key, parameters))

    async def paused(deployment):
        return [old]

    async def call_off(run, why):
        ended.append(run)

    monkeypatch.setattr(chase_requests, "start_once", start)
    monkeypatch.setattr(chase_requests, "paused_runs", paused)
    monkeypatch.setattr(chase_requests, "call_off", call_off)
    clock = SimpleNamespace(now=lambda: AT)
    desk = Desk(settings=None, clock=clock, today=AT.date(), store=store)
    asyncio.run(chase_requests.put_requests_to_a_person(desk))
    assert started == [("Duyệt gia hạn/duyet-gia-han", "extension-1", {"request": 1})]
    assert ended == []
    with writing(store) as connection:
        mark_done(connection, DUTY, AT.date(), Recorded("Chị Lan", AT))
    asyncio.run(chase_requests.put_requests_to_a_person(desk))
    assert len(started) == 1
    assert ended == [old]
    assert pages["gia-han-1"] == [("extension_decided.md.j2", chase_requests.ANSWERED)]
    with reading(store) as connection:
        assert [one.state for one in requests_of(connection, DUTY)] == ["overtaken"]


@pytest.mark.parametrize(("secret", "told"), [(False, True), (True, False)])
def test_of_a_secret_matter_the_open_screen_tells_neither_who_asks_nor_why(store, monkeypatch, secret, told):
    shown = []

    async def publish(page, **_):
        shown.append(page)

    monkeypatch.setattr("flows.desk.acreate_markdown_artifact", publish)
    with writing(store) as connection:
        connection.execute(update(OCCURRENCES).where(OCCURRENCES.c.id == DUTY.rpartition("/")[0]).values(secret=secret))
        (waiting,) = requests_waiting(connection)
    with at_the_desk() as desk:
        asyncio.run(desk.show("gia-han-1", "extension.md.j2", request=waiting, remark=""))
    assert ("Chờ số liệu" in shown[0], "Lò Thị Hoa" in shown[0], "Việc mật" in shown[0]) == (told, told, secret)
