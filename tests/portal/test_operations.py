"""What the machine's keeper asks the portal: alive, ready, and numbers; nobody outside reads the numbers."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from models.columns import table_of
from models.notice import Hold, Passage
from notices.planning import PLANNED
from office.clock import real_instant
from office.store import writing
from tests.notices.told_rows import AT, add_notice


def numbers(portal):
    """Name with labels → value."""
    lines = portal.client.get("/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_the_numbers_say_what_waits_and_since_when(portal):
    with writing(portal.engine) as connection:
        connection.execute(insert(table_of(Hold)), {"scope": "*", "by": "Hoa", "why": "thử", "since": AT})
        passed = {"name": PLANNED, "at": AT, "really_at": real_instant() - timedelta(hours=3)}
        connection.execute(insert(table_of(Passage)), passed)
    found = numbers(portal)
    assert found['dondoc_notices{state="accepted"}'] == 1
    assert found['dondoc_notices{state="failed"}'] == 0
    assert (found["dondoc_store_up"], found["dondoc_holds"], found["dondoc_oldest_waiting_seconds"]) == (1, 1, 0)
    assert 3 * 3600 <= found[f'dondoc_passage_age_seconds{{name="{PLANNED}"}}'] < 4 * 3600


def test_the_oldest_notice_that_waits_has_its_age(portal):
    with writing(portal.engine) as connection:
        add_notice(connection, state="planned", step="D-2", envelope=None, due_at=AT - timedelta(minutes=5))
    assert numbers(portal)["dondoc_oldest_waiting_seconds"] == 300


@pytest.mark.parametrize(
    "said",
    [
        {"Forwarded": "for=203.0.113.7"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Via": "1.1 proxy"},
        {"Host": "dondoc.tinh.example.vn"},
        {"Host": "["},
    ],
    ids=str,
)
def test_nobody_reads_the_numbers_through_a_proxy(portal, said):
    assert portal.client.get("/metrics", headers=said).status_code == 404
    assert portal.client.get("/metrics", headers={"Host": "localhost:8410"}).status_code == 200


def test_without_its_database_it_is_alive_and_not_ready_and_says_so_in_numbers(portal, monkeypatch):
    def refuse(*_anything, **_else):
        raise portal.engine.dialect.loaded_dbapi.OperationalError("đã tắt")

    monkeypatch.setattr(portal.engine.dialect, "do_execute", refuse)
    assert portal.client.get("/healthz").status_code == 200
    assert portal.client.get("/readyz").status_code == 503
    assert numbers(portal) == {"dondoc_store_up": 0}
