"""The schedules of prefect.yaml say what the programmes say: every round, conference and report has its run."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cronsim import CronSim

from calendars.working_days import WorkingDays
from models.kinds import ItemKind
from planning.check import read_definitions
from planning.expansion import expand

ROOT = Path(__file__).parents[2]
DEFINITIONS = read_definitions(ROOT / "programmes")
DEPLOYMENTS = {
    one["name"]: one for one in yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
}
YEAR = 2024


def schedules(deployment: str) -> dict[tuple, list[date]]:
    """Parameters → the days of 2024 on which the deployment runs with them."""
    found: dict[tuple, list[date]] = {}
    for schedule in DEPLOYMENTS[deployment]["schedules"]:
        days, moments = [], CronSim(schedule["cron"], datetime(YEAR - 1, 12, 31, 23, 59, tzinfo=UTC))
        for moment in moments:
            if moment.year > YEAR:
                break
            days.append(moment.date())
        found.setdefault(tuple(sorted(schedule.get("parameters", {}).items())), []).extend(days)
    return found


def planned(**wanted):
    return [
        one
        for programme in DEFINITIONS.programmes.values()
        for one in expand(DEFINITIONS, programme, YEAR).occurrences
        if all(getattr(one, name) == value for name, value in wanted.items())
    ]


def test_every_programme_has_its_yearly_roll_out():
    assert {parameters[0][1] for parameters in schedules("trien-khai-nam")} == set(DEFINITIONS.programmes)
    assert {day for days in schedules("trien-khai-nam").values() for day in days} == {date(YEAR, 1, 2)}


def test_every_inspection_round_opens_on_the_first_day_of_its_window():
    rounds = {(one.programme, one.round): one.first for one in planned(kind=ItemKind.INSPECTION) if one.round}
    assert rounds == {("DB-BCD-2024", 1): date(2024, 4, 1), ("DB-BCD-2024", 2): date(2024, 10, 1)}
    assert schedules("mo-dot-kiem-tra") == {
        (("programme", programme), ("round", number)): [first] for (programme, number), first in rounds.items()
    }


def test_every_conference_month_is_prepared_a_month_ahead_and_at_least_fifteen_working_days():
    conferences = {
        (one.programme, one.first.month): one.first
        for one in planned(kind=ItemKind.CONFERENCE)
        if one.certainty == "month"
    }
    assert sorted(month for _, month in conferences) == [3, 7, 12]
    days = WorkingDays(DEFINITIONS.overrides)
    found = schedules("chuan-bi-hoi-nghi")
    assert set(found) == {(("month", month), ("programme", programme)) for programme, month in conferences}
    for (programme, month), first in conferences.items():
        (day,) = found[("month", month), ("programme", programme)]
        assert days.add(first, -15) >= day >= date(first.year, first.month - 1, 1)


@pytest.mark.parametrize(
    ("deployment", "item", "last_on_time"),
    [("thu-bao-cao", "S2-02", date(2024, 12, 9)), ("tong-hop-bao-cao", "S2-03", date(2024, 12, 19))],
)
def test_collection_and_consolidation_are_of_the_right_items(deployment, item, last_on_time):
    (one,) = planned(item=item)
    assert one.last_on_time == last_on_time
    assert set(schedules(deployment)) == {(("item", item), ("programme", one.programme))}


def test_the_collection_opens_thirty_working_days_ahead_and_closes_the_day_after_the_deadline():
    (one,) = planned(item="S2-02")
    (days,) = schedules("thu-bao-cao").values()
    assert min(days) == one.opens_on
    assert max(days) == one.last_on_time + timedelta(days=1)


def test_the_consolidation_runs_each_day_from_the_close_of_the_collection_to_its_own_last_day():
    collected, consolidated = planned(item="S2-02")[0], planned(item="S2-03")[0]
    assert consolidated.needs == ((collected.id, False),)
    (days,) = schedules("tong-hop-bao-cao").values()
    first = collected.last_on_time + timedelta(days=1)
    assert days == [first + timedelta(days=n) for n in range((consolidated.last_on_time - first).days + 1)]


def test_the_quarterly_report_runs_in_the_last_month_of_each_quarter_before_its_day():
    reports = planned(item="S0-22")
    (days,) = schedules("bao-cao-quy-nong-thon-moi").values()
    assert [(day.month, day < one.last_on_time) for day, one in zip(days, reports, strict=True)] == [
        (3, True),
        (6, True),
        (9, True),
        (12, True),
    ]


def test_the_sweep_runs_every_day():
    (days,) = schedules("ra-soat-hang-ngay").values()
    assert len(days) == 366


def test_every_schedule_has_a_slug_of_its_own_and_vietnams_zone():
    for deployment in DEPLOYMENTS.values():
        schedules = deployment.get("schedules", [])
        slugs = [schedule["slug"] for schedule in schedules]
        assert len(slugs) == len(set(slugs))
        assert {schedule["timezone"] for schedule in schedules} <= {"Asia/Ho_Chi_Minh"}


def test_only_what_a_person_decides_waits_to_be_called():
    unscheduled = [name for name, one in DEPLOYMENTS.items() if not one.get("schedules")]
    assert unscheduled == ["duyet-cong-van", "duyet-gia-han"]
