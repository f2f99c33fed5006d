"""Registration against a real server: the whole year is planned, twice is once, and what the file drops is gone."""

import shutil
import time
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest
import yaml
from cronsim import CronSim
from playwright.sync_api import sync_playwright

from flows.deployments import read_deployments
from office.settings import PROJECT

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DEPLOYMENTS_FILE = PROJECT / "prefect.yaml"
TEXT = DEPLOYMENTS_FILE.read_text(encoding="utf-8")
NAMES = [deployment.name for deployment in read_deployments(DEPLOYMENTS_FILE)]
A_YEAR = timedelta(days=365)
MOST_AHEAD = 380  # of Prefect's 400 for each deployment, less what passes while we look


def wait_until(is_so, what: str) -> None:
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def start_of(run: dict) -> datetime:
    return datetime.fromisoformat(run["expected_start_time"])


def planned_by_the_file(deployment, since: datetime) -> set[datetime]:
    """Every instant of the coming year at which the file wants the deployment to run."""
    wanted = set()
    for schedule in deployment.schedules:
        for moment in CronSim(schedule.cron, since.astimezone(VIETNAM)):
            if moment > since + A_YEAR:
                break
            wanted.add(moment.astimezone(UTC))
    return wanted


def everything(server) -> tuple:
    """What was registered; not when it was last updated, where the server also notes that a worker has gone."""
    shown = [
        (
            one["id"],
            one["created"],
            one["description"],
            one["entrypoint"],
            one["paused"],
            str(one["parameters"]),
            sorted(str(each) for each in one["schedules"]),
        )
        for one in server.api.ask("POST", "/deployments/filter", {"limit": 200})
    ]
    pools = server.api.ask("POST", "/work_pools/filter", {"limit": 200})
    return sorted(shown), [(pool["id"], pool["base_job_template"]) for pool in pools]


@pytest.fixture
def edited(tmp_path):
    """prefect.yaml with something changed, as another file."""

    def edit(change) -> object:
        data = yaml.safe_load(TEXT)
        change({deployment["name"]: deployment for deployment in data["deployments"]}, data["deployments"])
        file = tmp_path / "prefect.yaml"
        file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        return file

    return edit


@pytest.fixture
def registered(real_server):
    """The server agrees with the project's own file, and the year has been planned."""
    if real_server.agrees_with != DEPLOYMENTS_FILE:
        code, said = real_server.register(DEPLOYMENTS_FILE)
        assert code == 0, said
    wait_until(lambda: len(real_server.scheduled("ra-soat-hang-ngay")) >= 366, "the daily runs of a year")
    return real_server


def test_every_schedule_yields_its_scheduled_runs_for_the_whole_year(registered):
    """Of those that run many times a day the next few hundred: Prefect keeps no more ahead, and adds as they pass."""
    since = datetime.now(UTC) + timedelta(minutes=5)

    def missing(deployment) -> set[datetime]:
        wanted = sorted(planned_by_the_file(deployment, since))[:MOST_AHEAD]
        return set(wanted) - {start_of(run) for run in registered.scheduled(deployment.name)}

    for deployment in read_deployments(DEPLOYMENTS_FILE):
        assert bool(deployment.schedules) == bool(planned_by_the_file(deployment, since))
        wait_until(lambda one=deployment: not missing(one), f"{deployment.name}: {missing(deployment)}")


def test_the_daily_sweep_is_planned_once_for_every_day_of_the_year(registered):
    days = [start_of(run).astimezone(VIETNAM) for run in registered.scheduled("ra-soat-hang-ngay")]
    first = days[0].date()
    assert [day.date() for day in days] == [first + timedelta(days=number) for number in range(len(days))]
    assert {(day.hour, day.minute) for day in days} == {(6, 30)}
    assert days[-1] - days[0] >= A_YEAR


def test_each_run_has_its_schedules_parameters(registered):
    wanted = {
        str(sorted(schedule.parameters.items()))
        for deployment in read_deployments(DEPLOYMENTS_FILE)
        for schedule in deployment.schedules
        if deployment.name == "mo-dot-kiem-tra"
    }
    runs = registered.scheduled("mo-dot-kiem-tra")
    assert {str(sorted(run["parameters"].items())) for run in runs} == wanted


def test_registering_twice_changes_nothing(registered):
    def runs() -> dict[str, tuple]:
        return {
            run["id"]: (run["deployment_id"], run["expected_start_time"], str(run["parameters"]))
            for run in registered.scheduled()
        }

    before, planned = everything(registered), runs()
    assert registered.register(DEPLOYMENTS_FILE) == (0, f"Luồng triển khai: {len(NAMES)} giữ nguyên.\n")
    assert everything(registered) == before
    now = runs()  # as moments pass, the server adds to what runs many times a day, and nothing twice
    assert planned.items() <= now.items()
    assert len(set(now.values())) == len(now)


def test_a_schedule_the_file_no_longer_has_is_gone_with_its_runs(registered, edited):
    def drop(by_name, _):
        by_name["mo-dot-kiem-tra"]["schedules"] = by_name["mo-dot-kiem-tra"]["schedules"][:1]

    code, said = registered.register(edited(drop))
    assert (code, said) == (0, f"Luồng triển khai: 1 đã đổi, {len(NAMES) - 1} giữ nguyên.\n")
    (schedule,) = registered.api.deployment("mo-dot-kiem-tra")["schedules"]
    assert schedule["slug"] == "dot-1"
    wait_until(lambda: registered.scheduled("mo-dot-kiem-tra"), "the runs of the schedule that stayed")
    assert {run["parameters"]["round"] for run in registered.scheduled("mo-dot-kiem-tra")} == {1}


def test_a_deployment_the_file_no_longer_has_is_gone_with_its_runs(registered, edited):
    def drop(by_name, deployments):
        deployments.remove(by_name["chuan-bi-hoi-nghi"])

    code, said = registered.register(edited(drop))
    assert (code, said) == (0, f"Luồng triển khai: {len(NAMES) - 1} giữ nguyên, 1 đã bỏ.\n")
    assert (
        registered.api.ask(
            "POST", "/deployments/filter", {"deployments": {"name": {"any_": ["chuan-bi-hoi-nghi"]}}, "limit": 1}
        )
        == []
    )
    assert registered.scheduled("chuan-bi-hoi-nghi") == []


def test_what_a_person_switched_off_stays_off_until_the_file_speaks(registered, edited):
    def the_sweep() -> dict:
        return registered.api.deployment("ra-soat-hang-ngay")

    deployment, (schedule,) = the_sweep()["id"], the_sweep()["schedules"]
    registered.api.ask("PATCH", f"/deployments/{deployment}/schedules/{schedule['id']}", {"active": False})
    registered.api.ask("PATCH", f"/deployments/{deployment}", {"paused": True})

    registered.register(edited(lambda by_name, _: by_name["ra-soat-hang-ngay"].update(description="Lời khác.")))
    found = the_sweep()
    assert (found["description"], found["paused"], found["schedules"][0]["active"]) == ("Lời khác.", True, False)

    registered.register(edited(lambda by_name, _: by_name["ra-soat-hang-ngay"]["schedules"][0].update(active=True)))
    assert the_sweep()["schedules"][0]["active"] is True
    registered.api.ask("PATCH", f"/deployments/{deployment}", {"paused": False})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"entrypoint": "flows.sweep_day.no_such_flow"}, "gọi flows.sweep_day.no_such_flow, nhưng không có luồng ấy."),
        ({"entrypoint": "flows.no_such_file.sweep_day"}, "gọi flows.no_such_file.sweep_day, nhưng không có luồng ấy."),
        ({"parameters": {"no_such_parameter": 1}}, "có tham số không hợp với luồng."),
    ],
)
def test_a_flow_that_cannot_be_registered_is_a_sentence_and_changes_nothing(registered, edited, change, sentence):
    before = everything(registered)
    code, said = registered.register(edited(lambda by_name, _: by_name["ra-soat-hang-ngay"].update(change)))
    assert code == 1
    assert said.startswith("Lỗi: prefect.yaml: «ra-soat-hang-ngay»")
    assert sentence in said
    assert everything(registered) == before
    registered.agrees_with = DEPLOYMENTS_FILE  # refused before anything was changed


def test_without_a_server_it_is_one_sentence(real_server):
    nobody = real_server.environment | {"DONDOC_PREFECT_PORT": "1025"}
    code, said = type(real_server)(real_server.api, nobody, real_server.person).register(DEPLOYMENTS_FILE)
    assert (code, said) == (
        2,
        "Lỗi: Máy chủ Prefect ở http://127.0.0.1:1025/api không trả lời. Hãy chạy 'dondoc run' trước.\n",
    )


def test_an_interrupted_run_is_planned_again_for_its_own_day_and_our_own_is_called_off(registered):
    api = registered.api
    deployment = api.deployment("ra-soat-hang-ngay")["id"]
    day = "2026-01-05T23:30:00Z"
    body = {"state": {"type": "SCHEDULED", "state_details": {"scheduled_time": day}}}
    run = api.ask("POST", f"/deployments/{deployment}/create_flow_run", body)["id"]
    own = api.start_run("ra-soat-hang-ngay", "khoi-dong")
    for each in (run, own):
        for state in ("PENDING", "RUNNING"):
            api.ask("POST", f"/flow_runs/{each}/set_state", {"state": {"type": state}, "force": True})

    assert api.take_up_interrupted_runs("khoi-dong") == 1

    again, off = api.ask("GET", f"/flow_runs/{run}"), api.ask("GET", f"/flow_runs/{own}")
    assert (again["state"]["type"], again["state"]["name"]) == ("SCHEDULED", "AwaitingRetry")
    assert datetime.fromisoformat(again["expected_start_time"]) == datetime.fromisoformat(day)
    assert off["state"]["type"] == "CANCELLED"
    assert api.take_up_interrupted_runs("khoi-dong") == 0
    api.ask("DELETE", f"/flow_runs/{run}")


def test_of_the_runs_missed_while_switched_off_only_the_last_is_done(registered):
    api = registered.api
    deployment = api.deployment("ra-soat-hang-ngay")["id"]
    days = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-08T00:00:00Z", "min_runs": 7, "max_runs": 7}
    api.ask("POST", f"/deployments/{deployment}/schedule", days)

    def missed() -> list[tuple[str, str]]:
        which = {"deployment_id": {"any_": [deployment]}, "expected_start_time": {"before_": "2026-01-09T00:00:00Z"}}
        runs = api.ask("POST", "/flow_runs/filter", {"flow_runs": which, "limit": 200})
        return sorted((run["expected_start_time"], run["state"]["type"]) for run in runs)

    days_missed = [day for day, _ in missed()]
    assert len(days_missed) == 7
    assert api.call_off_overtaken_runs(datetime(2026, 1, 9, tzinfo=UTC)) == 6
    assert missed() == [*((day, "CANCELLED") for day in days_missed[:-1]), (days_missed[-1], "SCHEDULED")]
    assert api.call_off_overtaken_runs(datetime(2026, 1, 9, tzinfo=UTC)) == 0


def test_the_screen_is_there_and_asks_this_server(registered):
    with urlopen(Request(f"{registered.api.address}/v2/runs", headers={"accept": "text/html"})) as page:
        assert page.status == 200
    with urlopen(f"{registered.api.address}/ui-settings") as answer:
        assert yaml.safe_load(answer.read())["api_url"] == f"{registered.api.address}/api"


def test_the_persons_own_prefect_is_never_touched(registered):
    assert list(registered.person.iterdir()) == []


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium on this machine (apt-get install chromium)")
def test_the_flow_screen_shows_the_runs_of_the_year_ahead(registered):
    flags = ["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
    deployment = registered.api.deployment("mo-dot-kiem-tra")
    first = start_of(registered.scheduled("mo-dot-kiem-tra")[0]).astimezone(VIETNAM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(timezone_id="Asia/Ho_Chi_Minh")
        page.goto(f"{registered.api.address}/v2/deployments/deployment/{deployment['id']}?tab=Upcoming")
        page.get_by_text(f"{first:%Y/%m/%d} 07:00:00 AM").first.wait_for(timeout=60_000)
        assert page.get_by_text("Mở đợt kiểm tra").first.is_visible()
        browser.close()
