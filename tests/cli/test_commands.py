"""The commands a secretary types, on the five programmes that ship, exactly as she would type them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMONSTRATION = "2024-12-02T08:00"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def dondoc(office):
    def dondoc(*arguments: str, now: str = DEMONSTRATION, **settings: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DONDOC_")}
        chosen = {"DONDOC_HOME": str(office), "DONDOC_PUBLISHED": str(office / "published"), "DONDOC_NOW": now}
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            capture_output=True, text=True, cwd=ROOT, env={**kept, **chosen, "COLUMNS": "200", **settings},
        )  # fmt: skip

    return dondoc


@pytest.fixture(scope="module")
def planned(dondoc):
    """The years planned once, as JSON."""
    ran = dondoc("plan", "2021", "2022", "2023", "2024", "2025", "2026", "--json")
    assert ran.returncode == 0, ran.stderr
    return {year["year"]: year for year in json.loads(ran.stdout)}


def of(year: dict, **wanted) -> list[dict]:
    return [one for one in year["occurrences"] if all(one[key] == value for key, value in wanted.items())]


def codes(parties: list[dict]) -> set[str]:
    return {party["code"] for party in parties}


def test_check_finds_no_mistake_in_what_ships(dondoc):
    ran = dondoc("check")
    assert ran.returncode == 0, ran.stdout
    assert "Không có lỗi: 5 chương trình" in ran.stdout
    assert "136 đầu mối liên hệ." in ran.stdout


def test_2024_has_three_conferences_in_march_july_and_december(planned):
    conferences = of(planned[2024], kind="conference", programme="DB-BCD-2024", placing="window")
    assert [(one["first"], one["last"]) for one in conferences] == [
        ("2024-03-01", "2024-03-31"), ("2024-07-01", "2024-07-31"), ("2024-12-01", "2024-12-31"),
    ]  # fmt: skip


def test_2024_has_six_inspections_and_the_teams_swap_districts(planned):
    inspections = of(planned[2024], kind="inspection", programme="DB-BCD-2024")
    assert len(inspections) == 6
    units = {(one["round"], one["team"]): codes(one["inspected"]) for one in inspections}
    west = {"UBND_H_DIENBIEN", "UBND_H_MUONGCHA", "UBND_H_NAMPO", "UBND_H_MUONGNHE", "UBND_TX_MUONGLAY"}
    east = {"UBND_H_DBDONG", "UBND_H_MUONGANG", "UBND_H_TUANGIAO", "UBND_H_TUACHUA", "UBND_TP_DBP"}
    assert units == {
        (1, "DOAN1"): west, (1, "DOAN2"): east, (1, None): set(),
        (2, "DOAN1"): east, (2, "DOAN2"): west, (2, None): set(),
    }  # fmt: skip
    assert {(one["round"], one["first"], one["last"]) for one in inspections} == {
        (1, "2024-04-01", "2024-06-30"), (2, "2024-10-01", "2024-12-31"),
    }  # fmt: skip


def test_2024_has_the_registrations_of_twelve_communes_on_two_lists(planned):
    registrations = of(planned[2024], kind="registration")
    assert [len(one["duties"]) for one in registrations] == [12, 12]
    assert {(one["named_date"], one["last_on_time"], one["work_by"]) for one in registrations} == {
        ("2024-03-18", "2024-03-17", "2024-03-15")
    }


def test_2024_has_the_september_training_and_the_study_tour(planned):
    (training,) = of(planned[2024], item="S4-05")
    assert (training["kind"], training["first"], training["last"], training["headcount"]) == (
        "training", "2024-09-01", "2024-09-30", 380,
    )  # fmt: skip
    (tour,) = of(planned[2024], item="S4-03")
    assert (tour["first"], tour["last"], tour["duration_days"], tour["headcount"]) == (
        "2024-04-01",
        "2024-06-30",
        8,
        48,
    )


NAMED = {
    "SKHDT", "SLDTBXH", "SNNPTNT", "SNV", "STC", "SGDDT", "SVHTTDL", "SYT", "STTTT", "SXD", "VP_UBND_DB",
    "MTTQ_DB", "HPN",
    "UBND_H_DIENBIEN", "UBND_H_DBDONG", "UBND_H_MUONGANG", "UBND_H_MUONGCHA", "UBND_H_MUONGNHE", "UBND_H_NAMPO",
    "UBND_H_TUANGIAO", "UBND_H_TUACHUA", "UBND_TX_MUONGLAY", "UBND_TP_DBP",
}  # fmt: skip


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_every_named_member_owes_its_report_before_10_december(planned, year):
    (report,) = of(planned[year], item="S2-02")
    assert report["last_on_time"] == f"{year}-12-09"
    assert {
        duty["agency"]["code"] for duty in report["duties"]
    } == NAMED  # the collector, Ban Dân tộc, does not report to itself


def test_after_the_mergers_of_2025_successors_answer_and_the_rest_waits_for_a_hand_over(planned):
    (report,) = of(planned[2025], item="S2-02")
    named_as = {duty["agency"]["code"]: duty["agency"]["named_as"] for duty in report["duties"]}
    assert named_as["STC"] == "SKHDT"  # merged into it: one report for both
    assert (named_as["SNNMT"], named_as["SKHCN"]) == ("SNNPTNT", "STTTT")
    waiting = {duty["agency"]["code"] for duty in report["duties"] if duty["handover"]}
    assert waiting == {"SLDTBXH", *(code for code in NAMED if code.startswith(("UBND_H", "UBND_T")))}
    answering = {duty["agency"]["code"] for duty in report["duties"]} - waiting
    assert answering == (NAMED - waiting - {"SKHDT", "SNNPTNT", "STTTT"}) | {"STC", "SNNMT", "SKHCN"}


@pytest.mark.parametrize(("year", "lead"), [(2022, "BDT"), (2023, "BDT"), (2024, "BDT"), (2025, "SDTTG")])
def test_one_consolidated_report_before_20_december_depends_on_the_first(planned, year, lead):
    (report,) = of(planned[year], item="S2-03")
    assert report["last_on_time"] == f"{year}-12-19"
    assert [duty["agency"]["code"] for duty in report["duties"]] == [lead]
    assert report["depends_on"] == [f"DB-351-2022/S2-02/{year}"]


@pytest.mark.parametrize("year", range(2021, 2027))
def test_the_party_plan_has_no_dated_occurrence_in_any_year_and_a_warning(planned, year):
    assert [one["id"] for one in of(planned[year], programme="LC-TU-2022") if one["first"] or one["last_on_time"]] == []
    if of(planned[year], programme="LC-TU-2022"):
        assert [one["kind"] for one in planned[year]["decisions"] if one["programme"] == "LC-TU-2022"].count(
            "no_date"
        ) == 1


def test_2026_plans_nothing_and_asks_whether_the_yearly_reports_go_on(planned):
    assert planned[2026]["occurrences"] == []
    asked = {(one["programme"], one["item"]) for one in planned[2026]["decisions"]}
    assert {("DB-351-2022", "S2-02"), ("DB-351-2022", "S2-03")} <= asked
    assert {one["kind"] for one in planned[2026]["decisions"]} == {"beyond_period"}


def test_drafts_are_tentative_and_the_signed_decision_is_not(planned):
    drafts = {one["programme"] for one in planned[2024]["occurrences"] if one["draft"]}
    assert drafts == {"DB-BCD-2024", "TC-DA7-2024", "LC-TU-2022"}
    assert all(one["tentative"] for one in planned[2024]["occurrences"] if one["draft"])
    assert not of(planned[2024], item="S2-02")[0]["tentative"]


def test_planning_again_changes_nothing(dondoc, planned):
    ran = dondoc("plan", "2024")
    assert "không có gì thay đổi" in ran.stdout
    again = json.loads(dondoc("plan", "2024", "--json").stdout)
    assert again["changes"] == []
    assert again["occurrences"] == planned[2024]["occurrences"]


def test_the_agenda_of_one_agency_in_one_month(dondoc, planned):
    shown = dondoc("agenda", "--agency", "SYT", "--month", "12").stdout
    assert "DB-351-2022/S2-02/2024" in shown
    assert "trước 10/12/2024" in shown
    assert "ngày cuối 09/12/2024" in shown
    assert "chưa nộp, trong hạn" in shown
    found = json.loads(dondoc("agenda", "--agency", "SYT", "--month", "2024-12", "--json").stdout)["occurrences"]
    assert all(
        "SYT" in codes([*one["lead"], *one["participants"], *one["inspected"], *one["recipients"]]) for one in found
    )


def test_a_programme_that_is_over_is_history_and_never_overdue(dondoc, planned):
    shown = dondoc("agenda", "--year", "2024", now="2026-11-22T08:00").stdout
    assert "lịch sử" in shown
    assert "quá hạn" not in shown


def test_decisions_are_grouped_by_what_is_to_be_decided(dondoc, planned):
    shown = dondoc("decisions", "--year", "2024").stdout
    for heading in ("Còn là dự thảo", "Không có ngày nào", "Chờ phân công đoàn"):
        assert heading in shown
    assert "Gợi ý tránh chồng lịch" not in shown  # it could be followed until 30/11/2024


def test_a_submission_is_recorded_once(dondoc, planned):
    duty = "DB-351-2022/S2-02/2024/SYT"
    assert dondoc("done", duty, "--by", "Chị Lan", "--document", "12/BC-SYT").returncode == 0
    again = dondoc("done", duty, "--by", "Chị Lan")
    assert again.returncode == 1
    assert "đã ghi nhận rồi" in again.stderr
    assert "Không có nhiệm vụ khong/co." in dondoc("done", "khong/co", "--by", "Chị Lan").stderr
    assert "chưa đến" in dondoc("done", duty, "--by", "Chị Lan", "--on", "2025-01-01").stderr


def test_publishing_twice_writes_once(dondoc, planned):
    first = json.loads(dondoc("publish", "--json").stdout)
    second = json.loads(dondoc("publish", "--json").stdout)
    assert first["written"] > 80
    assert second["written"] == 0


def test_release_freezes_a_version_and_then_has_nothing_to_say(dondoc, planned):
    assert "đã chốt phiên bản 1" in dondoc("release", "DB-BCD-2024").stdout
    assert "không có gì thay đổi so với phiên bản 1" in dondoc("release", "DB-BCD-2024").stdout
    assert "Các mã đang có" in dondoc("release", "KHONG-CO").stderr


def test_explain_prints_rule_days_and_why(dondoc):
    shown = dondoc("explain", "trước ngày 10 tháng 12 hằng năm", "--year", "2026")
    assert shown.returncode == 0
    for words in ("10 tháng 12 năm 2026", "09 tháng 12 năm 2026", "thứ", "“trước ngày” không gồm ngày được nêu"):
        assert words in shown.stdout
    (day,) = json.loads(dondoc("explain", "trước ngày 20/12/2026", "--year", "2026", "--json").stdout)["days"]
    assert (day["named_date"], day["last_on_time"], day["work_by"]) == ("2026-12-20", "2026-12-19", "2026-12-18")
    assert "đến 23h59" in shown.stdout
    (day,) = json.loads(dondoc("explain", "trước 16h00 ngày 15/6", "--year", "2026", "--json").stdout)["days"]
    assert day["last"] == "thứ Hai, ngày 15 tháng 6 năm 2026, trước 16h00"


def test_a_year_is_walked_a_day_at_a_time(dondoc):
    ran = dondoc("walk", "2024")
    assert ran.returncode == 0, ran.stderr
    pages = ran.stdout.split("\n\n")
    (tenth,) = [page for page in pages if page.startswith("Thứ hai, ngày 09 tháng 12 năm 2024")]
    assert "HẾT HẠN: Báo cáo kết quả thực hiện Chương trình hành động" in tenth
    (october,) = [page for page in pages if page.startswith("Thứ ba, ngày 01 tháng 10 năm 2024")]
    assert october.count("mở: Kiểm tra tiến độ") == 3
    assert pages[0].startswith("Nhật ký năm 2024")
    assert dondoc("walk", "2030").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["explain", "bao giờ rảnh thì làm", "--year", "2026"], 1, "Không đọc được"),
        (["agenda", "--year", "2030"], 1, "Năm 2030 chưa được lập."),
        (["agenda", "--month", "13"], 1, "Không hiểu tháng «13»."),
        (["agenda", "--agency", "XYZ"], 1, "Không có cơ quan XYZ."),
        (["--at", "hôm qua", "check"], 2, "DONDOC_AT"),
    ],
)
def test_bad_input_is_one_sentence_and_an_exit_code(dondoc, arguments, code, words):
    ran = dondoc(*arguments, DONDOC_NOW="") if "--at" in arguments else dondoc(*arguments)
    assert ran.returncode == code
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_every_mistake_of_a_folder_is_told_with_exit_code_one(dondoc, write_programmes):
    folder = write_programmes(
        "  - {id: I1, line: 1, title: Việc, kind: raport}\n"
        "  - {id: I2, line: 2, title: Việc, kind: report, lead: [Z]}\n"
    )
    ran = dondoc("check", DONDOC_PROGRAMMES=str(folder))
    assert ran.returncode == 1
    assert "p.yaml, dòng 7, mục I1" in ran.stdout
    found = json.loads(dondoc("check", "--json", DONDOC_PROGRAMMES=str(folder)).stdout)
    assert found["ok"] is False
    assert dondoc("plan", "2024", DONDOC_PROGRAMMES=str(folder)).returncode == 1


def test_a_programmes_own_brackets_are_letters(dondoc, write_programmes, tmp_path):
    folder = write_programmes("  - {id: I1, line: 1, title: 'Họp [/b] [red]x :smile:', kind: meeting, when: quý II}\n")
    own = {"DONDOC_PROGRAMMES": str(folder), "DONDOC_HOME": str(tmp_path / "home")}
    ran = dondoc("plan", "2024", **own)
    assert ran.returncode == 0, ran.stderr
    assert "Họp [/b] [red]x :smile:" in ran.stdout
    assert "[red]x" in dondoc("agenda", "--year", "2024", **own).stdout


def test_an_unknown_programme_has_no_decisions_to_show(dondoc, planned):
    ran = dondoc("decisions", "--year", "2024", "--programme", "NOPE")
    assert ran.returncode == 1
    assert "Các mã đang có" in ran.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence(dondoc, planned, tmp_path):
    (tmp_path / "tep").write_text("")
    ran = dondoc("publish", DONDOC_PUBLISHED=str(tmp_path / "tep" / "con"))
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "quý II", "--year", "2026"]])
def test_help_and_explain_import_neither_prefect_nor_the_database(arguments):
    script = (
        "import sys; from cli.main import app\n"
        f"try: app({arguments!r})\nexcept SystemExit: pass\n"
        "print([name for name in ('prefect', 'ortools', 'sqlalchemy') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr
