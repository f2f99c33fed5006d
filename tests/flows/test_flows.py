"""Each flow, run as Prefect runs it, shows the secretariat what stands in the five programmes on its day."""

import asyncio
import gc
import re
import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import httpx
import pytest
from prefect.artifacts import Artifact
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.testing.utilities import prefect_test_harness

from flows.collect_reports import collect_reports
from flows.consolidate_reports import consolidate_reports
from flows.open_inspection_round import open_inspection_round
from flows.plan_notices import plan_notices
from flows.prepare_conference import prepare_conference
from flows.report_new_rural_quarter import report_new_rural_quarter
from flows.roll_out_programme import roll_out_programme
from flows.send_notices import send_notices
from flows.show_board import show_board
from flows.show_overdue import show_overdue
from flows.sweep_day import sweep_day
from flows.watch_silence import watch_silence
from office.settings import VIETNAM
from office.store import open_store, writing
from planning.submissions import Recorded, mark_done

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",  # Prefect's own, from the libraries it brings
    "ignore::ResourceWarning",  # Prefect's test server closes its sockets after the loop has gone
    "ignore::pytest.PytestUnraisableExceptionWarning",  # the same, told by pytest
)


@pytest.fixture(scope="module")
def prefect_server():
    with (
        prefect_test_harness(server_startup_timeout=120),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield
    gc.collect()  # what it left open is found here, where it is ignored, and not in somebody else's test


@pytest.fixture
def new_office(tmp_path, monkeypatch, prefect_server):
    """An office of the shipped programmes on 2 December 2024; call it with a day to stand on that day."""
    return _enter(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def rolled_out(prefect_server, tmp_path_factory):
    """The home of such an office after the roll-out, to be copied."""
    home = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as monkeypatch:
        _enter(home, monkeypatch)
        run(roll_out_programme)
    return home


@pytest.fixture
def office(rolled_out, new_office, tmp_path):
    """The same after the roll-out."""
    shutil.copytree(rolled_out, tmp_path, dirs_exist_ok=True)
    return new_office


def _enter(home, monkeypatch):
    monkeypatch.setenv("DONDOC_HOME", str(home))
    monkeypatch.setenv("DONDOC_PUBLISHED", str(home / "published"))

    def stand_on(day: str) -> None:
        monkeypatch.setenv("DONDOC_NOW", f"{day}T08:00")

    stand_on("2024-12-02")
    return stand_on


def artifact(key: str) -> str:
    """The newest page under ``key``."""
    found = asyncio.run(Artifact.aget(key))
    assert found is not None
    return str(found.data)


def run(flow, **parameters):
    return asyncio.run(flow(**parameters))


def newest_run() -> str:
    asked = {"sort": "START_TIME_DESC", "limit": 1}
    (found,) = httpx.post(f"{PREFECT_API_URL.value()}/flow_runs/filter", json=asked).raise_for_status().json()
    return found["name"]


def test_the_roll_out_shows_the_year_by_month_and_what_waits(new_office, tmp_path):
    run(roll_out_programme)
    year = artifact("chuong-trinh-db-bcd-2024")
    assert "Đồng hồ đứng yên" in year  # the banner of a clock that is not the real one
    assert [year.index(f"## Tháng {month}") for month in (3, 4, 7, 10, 12)] == sorted(
        year.index(f"## Tháng {month}") for month in (3, 4, 7, 10, 12)
    )
    assert "Hội nghị sơ kết 6 tháng đầu năm" in year
    assert "không có việc nào có ngày" in artifact("chuong-trinh-lc-tu-2022")
    assert "Chờ phân công đoàn (2)" in artifact("viec-cho-quyet-dinh")
    assert "| mới |" in artifact("thay-doi")
    assert (tmp_path / "published" / "index.html").exists()
    changes = artifact("thay-doi")
    run(roll_out_programme)
    assert artifact("thay-doi") == changes  # nothing new: the page of the last change stays


def test_an_inspection_round_names_team_units_and_what_is_missing(office):
    run(open_inspection_round, programme="DB-BCD-2024", round=2)
    assert newest_run() == "DB-BCD-2024, 2, 02/12/2024"
    page = artifact("dot-kiem-tra-db-bcd-2024-2")
    assert "Đoàn: Đoàn kiểm tra số 1" in page
    assert "UBND huyện Tủa Chùa" in page
    assert "**chưa phân công**" in page
    assert "30/11/2024" not in page  # until then it could have ended before the December conference


def test_a_conference_month_is_prepared_with_what_it_needs_first(office):
    office("2024-11-01")
    run(prepare_conference, programme="DB-BCD-2024", month=12)
    page = artifact("hoi-nghi-db-bcd-2024-12")
    assert "tháng 12/2024 — **chưa ấn định ngày**" in page
    assert "đề xuất, văn bản không nêu" in page
    run(prepare_conference, programme="DB-BCD-2024", month=9)
    assert "không có hội nghị" in artifact("hoi-nghi-db-bcd-2024-9")


def test_the_consolidation_waits_for_the_collection_and_names_the_missing(office, tmp_path):
    run(collect_reports, programme="DB-351-2022", item="S2-02")
    assert "Còn 7 ngày" in artifact("thu-bao-cao-db-351-2022-s2-02")
    office("2024-12-10")
    state = run(consolidate_reports, programme="DB-351-2022", item="S2-03", return_state=True)
    assert state.name == "Chờ báo cáo"
    assert state.message.startswith("Còn thiếu 23 cơ quan: ")
    assert "Sở Y tế" in state.message

    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    recorded = Recorded("Chị Lan", datetime(2024, 12, 10, 9, tzinfo=VIETNAM), document="1/BC")
    with writing(store) as connection:
        duties = [
            row[0]
            for row in connection.exec_driver_sql("select id from duty where occurrence = 'DB-351-2022/S2-02/2024'")
        ]
        for duty in duties[1:]:
            assert mark_done(connection, duty, date(2024, 12, 9), recorded)
    state = run(consolidate_reports, programme="DB-351-2022", item="S2-03", return_state=True)
    assert state.message.startswith("Còn thiếu 1 cơ quan: ")
    assert "## Còn thiếu 1 cơ quan" in artifact("tong-hop-db-351-2022-s2-03")
    with writing(store) as connection:
        assert mark_done(connection, duties[0], date(2024, 12, 10), recorded)
    state = run(consolidate_reports, programme="DB-351-2022", item="S2-03", return_state=True)
    assert state.name == "Đủ báo cáo"
    run(collect_reports, programme="DB-351-2022", item="S2-02")
    assert "đã nộp, quá hạn" in artifact("thu-bao-cao-db-351-2022-s2-02")
    store.dispose()


def test_a_year_without_the_report_says_so(new_office):
    new_office("2026-12-10")
    run(roll_out_programme)
    state = run(consolidate_reports, programme="DB-351-2022", item="S2-03", return_state=True)
    assert state.name == "Không có kỳ báo cáo"


def test_the_quarterly_report_shows_its_assumed_day(office):
    run(report_new_rural_quarter, programme="DB-BCD-2024", item="S0-22")
    page = artifact("bao-cao-quy-db-bcd-2024-s0-22")
    assert "20/12/2024" in page
    assert "giả định" in page


def test_the_sweep_opens_each_thing_once_and_makes_up_for_missed_days(new_office):
    run(sweep_day)
    first = artifact("hom-nay")
    assert (
        "Báo cáo kết quả thực hiện Chương trình hành động" in first.split("## Hạn còn lại")[0]
    )  # opened on 28/10, caught up
    run(sweep_day)
    assert "Không có việc nào đến ngày mở." in artifact("hom-nay")
    new_office("2024-12-09")
    run(sweep_day)
    assert "Chuyên mục tuyên truyền" in artifact("hom-nay").split("## Hạn còn lại")[0]  # the weeks that began since


def test_text_from_a_programme_cannot_break_out_of_its_cell():
    from flows.desk import _in_a_cell

    assert _in_a_cell("a | b\n# c <script> [x](y) `z`") == "a \\| b \\# c &lt;script&gt; \\[x\\](y) \\`z\\`"


@pytest.fixture
def mail(tmp_path, monkeypatch):
    """The local mail sink, as ``dondoc run`` starts it; the folder where its mails are."""
    folder = tmp_path / "mail"
    command = [sys.executable, "-m", "office.mail_sink", "--port", "0", "--folder", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        monkeypatch.setenv("DONDOC_MAIL_PORT", process.stdout.readline().strip().rpartition(":")[2])
        yield folder
        process.terminate()


def test_a_day_is_planned_sent_and_shown_and_a_second_time_nothing_leaves(office, mail):
    run(plan_notices)
    page = artifact("thong-bao-hom-nay")
    assert "| Đầu mối Sở Y tế | Báo cáo kết quả thực hiện" in page
    assert "chờ đến giờ" in page
    state = run(send_notices, return_state=True)
    assert re.fullmatch(r"\d+ thư, tin máy chủ đã nhận, 0 sẽ gửi lại, 0 bị từ chối\.", state.message)
    sent = sorted(path.name for path in mail.glob("*.eml"))
    assert len(sent) == int(state.message.split()[0]) > 23
    assert "# Thông báo chờ quyết định (0)" in artifact("thong-bao-cho-quyet-dinh")
    run(plan_notices)
    assert run(send_notices, return_state=True).message.startswith("0 thư")
    assert sorted(path.name for path in mail.glob("*.eml")) == sent
    assert "máy chủ đã nhận" in artifact("thong-bao-hom-nay")


def test_what_no_server_takes_is_tried_again_and_seen(office):
    run(plan_notices)
    state = run(send_notices, return_state=True)  # nobody listens on the sink's port
    assert state.message.startswith("0 thư")
    assert "chờ gửi lại" in _planned_again()


def _planned_again() -> str:
    run(plan_notices)
    return artifact("thong-bao-hom-nay")


def test_the_late_are_listed_by_agency_and_the_chair_has_his_board(office):
    office("2024-12-16")
    run(plan_notices)
    run(show_overdue)
    page = artifact("qua-han")
    assert "**Sở Y tế** (1)" in page
    run(show_board)
    assert "| **Chưa hoàn thành** |" in artifact("bang-tuan")


def test_silence_of_a_day_fails_the_watch_with_its_sentence(office, tmp_path):
    run(plan_notices)
    assert run(watch_silence, return_state=True).is_completed()
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    with writing(store) as connection:
        connection.exec_driver_sql("update passage set really_at = '2020-01-01 00:00:00' where name = 'planned'")
    store.dispose()
    state = run(watch_silence, return_state=True)
    assert state.is_failed()
    assert "giờ chưa rà soát" in state.message
