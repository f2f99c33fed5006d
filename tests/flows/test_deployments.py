"""prefect.yaml is read strictly: what Prefect would ignore in silence is a sentence with its line."""

import pytest

from flows.deployments import Deployment, Schedule, WorkPool, read_deployments
from flows.register import unknown_programmes
from office.settings import PROJECT
from planning.yaml_files import InvalidDefinition

HEAD = "name: dondoc\npull: []\ndeployments:\n"
GOOD = """\
  - name: thu
    description: Để thử.
    entrypoint: flows.sweep_day.sweep_day
    work_pool: {name: dondoc}
"""
SCHEDULE = '    schedules:\n      - {slug: moi-sang, cron: "30 6 * * *", timezone: Asia/Ho_Chi_Minh}\n'


@pytest.fixture
def written(tmp_path):
    def write(text: str):
        file = tmp_path / "prefect.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def problems(file) -> list[tuple[int, str]]:
    with pytest.raises(InvalidDefinition) as caught:
        read_deployments(file)
    return [(problem.line, problem.sentence) for problem in caught.value.problems]


def test_the_projects_own_file_is_right():
    assert {one.work_pool.name for one in read_deployments(PROJECT / "prefect.yaml")} == {"dondoc"}


def test_a_deployment_is_read_as_written_with_numbers_as_numbers(written):
    schedule = '    schedules: [{slug: a, cron: "0 7 1 4 *", timezone: Asia/Ho_Chi_Minh, parameters: {round: 1}}]\n'
    assert read_deployments(written(HEAD + GOOD + schedule)) == (
        Deployment(
            name="thu",
            description="Để thử.",
            entrypoint="flows.sweep_day.sweep_day",
            work_pool=WorkPool(name="dondoc"),
            schedules=(Schedule(slug="a", cron="0 7 1 4 *", timezone="Asia/Ho_Chi_Minh", parameters={"round": 1}),),
        ),
    )


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (HEAD + GOOD + "    shedules: []\n", 8, "Không có khóa «shedules»."),
        (HEAD + GOOD + SCHEDULE.replace("slug:", "slgu:"), 9, "Không có khóa «slgu»."),
        (HEAD + GOOD + "    concurrency_limit: 1\n", 8, "Không có khóa «concurrency_limit»."),
        (HEAD + GOOD + "    job_variables: {}\n", 8, "Không có khóa «job_variables»."),
        (HEAD + GOOD.replace("  work_pool", "  work-pool"), 7, "Không có khóa «work-pool»."),
        (HEAD.replace("pull: []\n", "") + GOOD, 1, "Thiếu khóa «pull»."),
        (HEAD + GOOD + GOOD, 8, "Có hai luồng triển khai cùng tên «thu»."),
        (HEAD + GOOD + SCHEDULE + SCHEDULE.split("\n", 1)[1], 10, "Có hai lịch chạy cùng slug «moi-sang»."),
        (HEAD + GOOD + "    name: hai\n", 8, "Khóa «name» viết hai lần."),
    ],
)
def test_what_is_wrong_is_named_with_its_line(written, text, line, sentence):
    assert (line, sentence) in problems(written(text))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("flows.sweep_day.sweep_day", "flows/sweep_day.py:sweep_day"),
        ("flows.sweep_day.sweep_day", "flows.sweep_day:sweep_day"),
        ("flows.sweep_day.sweep_day", "planning.sweep.sweep_day"),
        ("Asia/Ho_Chi_Minh", "UTC"),
        ("30 6 * * *", "30 6 * *"),
        ("moi-sang", "mỗi sáng"),
        ("pull: []", "pull: [{a: b}]"),
    ],
)
def test_a_value_prefect_would_take_and_we_would_not(written, right, wrong):
    text = HEAD + GOOD + SCHEDULE
    assert right in text
    assert problems(written(text.replace(right, wrong)))


def test_the_help_speaks_of_this_file(written):
    with pytest.raises(InvalidDefinition) as caught:
        read_deployments(written(HEAD + GOOD + "    xyzzy: 1\n"))
    assert "README" not in str(caught.value)
    assert "Prefect bỏ qua khóa lạ" in str(caught.value)


def test_programmes_the_folder_does_not_have_are_named(written, definitions):
    schedules = (
        "    schedules:\n"
        '      - {slug: a, cron: "0 7 1 4 *", timezone: Asia/Ho_Chi_Minh, parameters: {programme: DB-BCD-2024}}\n'
        '      - {slug: b, cron: "0 7 1 5 *", timezone: Asia/Ho_Chi_Minh, parameters: {programme: P}}\n'
    )
    found = definitions("  - {id: I1, line: 1, title: Việc, kind: report}\n")
    assert unknown_programmes(read_deployments(written(HEAD + GOOD + schedules)), found) == ["DB-BCD-2024"]
