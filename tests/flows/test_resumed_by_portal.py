"""A letter decided on the portal: the run that waits on a real Prefect server goes on, and finds it decided."""

from datetime import UTC, datetime, timedelta

from models.columns import table_of
from models.notice import Letter
from notices.links import Links
from office.clock import read_clock
from office.secret import link_secret
from office.settings import read_settings
from office.store import open_store, reading
from portal.approvals import LETTERS, go_on
from portal.desk import Desk
from tests.flows.test_letters import letter, runs, until, worker


def _later():
    """The machine's time, a minute on: nobody waits half a minute for a run to settle."""
    return datetime.now(UTC) + timedelta(minutes=1)


__all__ = ["letter", "worker"]  # fixtures of that office, with its worker


def test_a_decision_on_the_portal_lets_the_waiting_run_end(real_server, letter, worker, monkeypatch):
    number, environment, _ = letter
    real_server.api.start_run("don-doc-qua-han", "thu")
    (paused,) = until(lambda: runs(real_server, "PAUSED"), worker)
    # with one place in the worker this ends only after the suspended run's process has
    after = real_server.api.start_run("don-doc-qua-han", "thu")
    until(lambda: real_server.api.state(after)["type"] == "COMPLETED", worker)
    for name in ("DONDOC_HOME", "DONDOC_NOW", "DONDOC_PREFECT_PORT"):
        monkeypatch.setenv(name, environment[name])
    settings = read_settings()
    store = open_store(settings.database_url)
    links = Links("khóa để thử", settings.portal_address)
    desk = Desk(settings, read_clock(settings), store, links, link_secret(settings), _later)
    given = {"number": "12/CV-BCĐ", "signer": "Trần Thị B"}

    desk.notices.decide(number, "approve", "Chị Lan", **given, round=1)
    filled = {"decision": "Duyệt", "name": "Chị Lan", **given, "remark": "", "signer_title": ""}
    assert go_on(desk, LETTERS, {"letter": number, "round": 1}, filled)

    (done,) = until(lambda: runs(real_server, "COMPLETED"), worker)
    assert (done["id"], done["state"]["name"]) == (paused["id"], "Không còn chờ")
    with reading(store) as connection:
        ((by, signed),) = connection.execute(
            table_of(Letter).select().with_only_columns(table_of(Letter).c.decided_by, table_of(Letter).c.number)
        ).all()
    store.dispose()
    assert (by, signed) == ("Chị Lan", "12/CV-BCĐ")
    (page,) = real_server.api.ask(
        "POST", "/artifacts/latest/filter", {"artifacts": {"key": {"any_": [f"cong-van-{number}"]}}}
    )
    assert ("đã có quyết định" in page["data"], page["flow_run_id"]) == (True, done["id"])
