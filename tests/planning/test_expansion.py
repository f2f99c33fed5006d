"""Items × year → occurrences, duties and what waits for a decision."""

from datetime import date

import pytest

from planning.check import read_definitions
from planning.expansion import expand
from planning.yaml_files import InvalidDefinition


def item(id="I1", kind="report", when="", **keys) -> str:
    lines = [f"  - id: {id}", "    line: 1", f"    title: Việc {id}", f"    kind: {kind}"]
    lines += [f"    when: {when}"] if when else []
    return "\n".join([*lines, *(f"    {key}: {value}" for key, value in keys.items())]) + "\n"


@pytest.fixture
def year_of(definitions):
    def year_of(items: str, year: int = 2024, **options):
        found = definitions(items, **options)
        return expand(found, found.programmes["P"], year)

    return year_of


def days(planned) -> list[tuple]:
    return [(one.period, one.placing, one.last_on_time or (one.first, one.last)) for one in planned.occurrences]


def kinds(planned) -> list[str]:
    return sorted({decision.kind for decision in planned.decisions})


# ---------------------------------------------------------------- where a phrase puts an item


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("Quý II năm 2024", [("2024", "window", (date(2024, 4, 1), date(2024, 6, 30)))]),
        ("trước ngày 18/3/2024", [("2024", "deadline", date(2024, 3, 17))]),
        ("chậm nhất ngày 05/5/2024", [("2024", "deadline", date(2024, 5, 6))]),  # a Sunday: art. 148.5
        ("ngày 12/7/2024", [("2024", "fixed", (date(2024, 7, 12), date(2024, 7, 12)))]),
        ("trước ngày 10 tháng 12 hằng năm", [("2024", "deadline", date(2024, 12, 9))]),
        ("trước ngày 25/1 năm sau", [("2024", "deadline", date(2025, 1, 24))]),
        ("thường xuyên", [("2024", "continuous", (None, None))]),
        ("theo quy định", [("2024", "external", (None, None))]),
        ("đột xuất theo yêu cầu", [("2024", "ad_hoc", (None, None))]),
        ("Sau khi có văn bản hướng dẫn", [("2024", "waiting", (None, None))]),
        ("định kỳ", [("2024", "unspecified", (None, None))]),
        ("", [("2024", "unspecified", (None, None))]),
    ],
)
def test_a_phrase_puts_an_item_where_the_paper_says(year_of, when, expected):
    assert days(year_of(item(kind="review", when=when))) == expected


def test_a_quarterly_report_without_a_day_gets_an_assumed_one_and_says_so(year_of):
    planned = year_of(item(when="hằng quý"))
    assert days(planned) == [
        ("2024-Q1", "deadline", date(2024, 3, 20)),
        ("2024-Q2", "deadline", date(2024, 6, 20)),
        ("2024-Q3", "deadline", date(2024, 9, 20)),
        ("2024-Q4", "deadline", date(2024, 12, 20)),
    ]
    assert all(one.assumed and "giả định" in one.why for one in planned.occurrences)
    assert kinds(planned) == ["assumed"]


def test_a_quarterly_review_stays_a_window(year_of):
    assert {one.placing for one in year_of(item(kind="review", when="hằng quý")).occurrences} == {"window"}


def test_nested_periods_that_end_together_are_one_occurrence(year_of):
    planned = year_of(item(kind="review", when="'Hàng quý, 6 tháng, hết năm'"))
    assert [one.period for one in planned.occurrences] == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
    assert "6 tháng đầu năm 2024" in planned.occurrences[1].why
    assert "kỳ năm 2024" in planned.occurrences[3].why


def test_weeks_begin_with_the_first_whole_week_after_the_issue(year_of):
    planned = year_of(item(kind="communication", when="hàng tuần"), first="2024-03-01")
    assert planned.occurrences[0].first == date(2024, 3, 4)
    assert planned.occurrences[-1].last == date(2025, 1, 5)  # the week of Monday 30 December


def test_a_yearly_duty_lives_as_long_as_its_paper_and_then_becomes_a_decision(definitions):
    found = definitions(item(when="trước ngày 10 tháng 12 hằng năm"), first="2022-02-18", last="2025-12-31")
    programme = found.programmes["P"]
    assert [bool(expand(found, programme, year).occurrences) for year in range(2021, 2028)] == [
        False, True, True, True, True, False, False,
    ]  # fmt: skip
    assert [decision.kind for decision in expand(found, programme, 2026).decisions] == ["beyond_period"]
    assert expand(found, programme, 2020).decisions == ()


def test_a_recorded_extension_prolongs_it(definitions, write_programmes):
    folder = write_programmes(item(when="hằng năm"), first="2022-01-01", last="2025-12-31")
    path = folder / "p.yaml"
    path.write_text(
        path.read_text().replace("last: 2025-12-31}", "last: 2025-12-31, extended_to: 2026-12-31, extended_by: 9/QĐ}")
    )
    from planning.check import read_definitions

    found = read_definitions(folder)
    assert len(expand(found, found.programmes["P"], 2026).occurrences) == 1


def test_a_window_that_began_before_the_issue_is_kept_and_active_from_the_issue(definitions):
    found = definitions(item(kind="review", when="2021-2025"), first="2021-01-01", last="2025-12-31")
    programme = found.programmes["P"].model_copy(
        update={"document": found.programmes["P"].document.model_copy(update={"issued": date(2022, 2, 18)})}
    )
    one = expand(found, programme, 2023).occurrences[0]
    assert (one.period, one.first, one.last, one.active_from) == (
        "2021-2025", date(2021, 1, 1), date(2025, 12, 31), date(2022, 2, 18),
    )  # fmt: skip
    assert one == expand(found, programme, 2025).occurrences[0]  # the same one, whichever year asks


def test_nothing_is_due_before_the_paper_was_issued(definitions):
    found = definitions(item(when="trước ngày 10 tháng 01 hằng năm"), first="2022-02-18", last="2023-12-31")
    programme = found.programmes["P"]
    assert [len(expand(found, programme, year).occurrences) for year in (2022, 2023)] == [0, 1]


def test_days_within_a_window_stay_within_it(year_of):
    one = year_of(item(kind="study_tour", when="'Dự kiến 08 ngày, trong quý II, năm 2024'")).occurrences[0]
    assert (one.placing, one.duration_days, one.first, one.last, one.tentative) == (
        "window", 8, date(2024, 4, 1), date(2024, 6, 30), True,
    )  # fmt: skip


def test_an_invitation_fixes_the_day_on_the_same_occurrence(year_of):
    vague = year_of(item(kind="conference", when="Tháng 7 năm 2024")).occurrences[0]
    fixed = year_of(
        item(
            kind="conference",
            when="Tháng 7 năm 2024 (thời gian cụ thể sẽ thông báo sau bằng Giấy mời)",
            fixed="[{first: 2024-07-12, starts: '08:00', place: Hội trường, by: Giấy mời số 12/GM}]",
        )
    ).occurrences[0]
    assert fixed.id == vague.id
    assert not fixed.tentative
    assert (fixed.placing, fixed.first, fixed.place, fixed.fixed_by) == (
        "fixed", date(2024, 7, 12), "Hội trường", "Giấy mời số 12/GM",
    )  # fmt: skip


def test_a_fixed_day_that_meets_no_period_is_not_lost_in_silence(year_of):
    planned = year_of(
        item(kind="conference", when="Tháng 7 năm 2024", fixed="[{period: 2024-Q9, first: 2024-07-12, by: GM}]")
    )
    assert "unmatched_fix" in kinds(planned)


def test_a_term_is_counted_once_its_event_has_happened(year_of):
    when = "15 ngày làm việc sau khi kết thúc đợt giám sát"
    assert year_of(item(when=when)).occurrences[0].placing == "waiting"
    one = year_of(item(when=when, happened="{on: 2024-04-26, document: Biên bản}")).occurrences[0]
    assert (one.placing, one.last_on_time) == (
        "deadline",
        date(2024, 5, 21),
    )  # skips 29/4–1/5, counts Sat 4/5


def test_a_draft_is_tentative_and_listed(year_of):
    planned = year_of(item(when="trước ngày 18/3/2024"), number="")
    assert planned.occurrences[0].tentative
    assert "draft" in kinds(planned)


def test_a_programme_without_a_single_date_says_so(year_of):
    planned = year_of(item(kind="standing_task", when="thường xuyên") + item("I2", "training"))
    assert not any(one.dated for one in planned.occurrences)
    assert "no_date" in kinds(planned)


# ---------------------------------------------------------------- who owes


def owing(planned) -> list[tuple[str, str | None, bool]]:
    return [(duty.agency, duty.named_as, duty.handover) for duty in planned.occurrences[0].duties]


def test_a_group_owes_one_duty_each_and_the_collector_none(year_of):
    planned = year_of(item(when="trước ngày 10/12/2024", lead="[G_HAI]", recipients="[B]"))
    assert owing(planned) == [("A", "G_HAI", False), ("C", "G_HAI", False)]


def test_two_leads_are_both_leads(year_of):
    assert owing(year_of(item(when="2024", lead="[A, B]"))) == [("A", None, False), ("B", None, False)]


def test_members_are_those_of_the_deadline_with_successors_and_hand_overs(definitions):
    found = definitions(
        item(when="trước ngày 10 tháng 12 hằng năm", lead="[G_HAI]"), first="2024-01-01", last="2025-12-31"
    )
    programme = found.programmes["P"]
    assert owing(expand(found, programme, 2024)) == [
        ("A", "G_HAI", False),
        ("B", "G_HAI", False),
        ("C", "G_HAI", False),
    ]
    later = expand(found, programme, 2025)
    assert owing(later) == [("D", "A", False), ("B", "G_HAI", False), ("C", "G_HAI", True)]
    assert kinds(later) == ["handover"]


def test_an_open_group_is_never_expanded(year_of):
    planned = year_of(item(when="2024", lead="[G_MO, B]"))
    assert owing(planned) == [("B", None, False)]
    assert kinds(planned) == ["open_group"]


def test_a_parent_rolls_up_and_its_children_owe(year_of):
    planned = year_of(
        item("I1", "project_task", "năm 2024", lead="[A]", product="Kế hoạch")
        + item("I2", "project_task", "năm 2024", parent="I1", lead="[B]")
        + item("I3", "project_task", parent="I1", inherits="true")
    )
    parent, own, inherited = planned.occurrences
    assert (parent.rolls_up, parent.duties) == (True, ())
    assert [duty.agency for duty in own.duties] == ["B"]
    assert ([duty.agency for duty in inherited.duties], inherited.product, inherited.phrase) == (
        ["A"],
        "Kế hoạch",
        "năm 2024",
    )


def test_an_empty_lead_cell_takes_the_leads_of_its_children(year_of):
    planned = year_of(
        item("I1", "project_task", "năm 2024", lead_from_children="true")
        + item("I2", "project_task", "năm 2024", parent="I1", lead="[B]")
    )
    assert [tie.agency for tie in planned.occurrences[0].ties] == ["B"]
    assert planned.occurrences[0].rolls_up


def test_a_heading_is_no_occurrence(year_of):
    assert [one.item for one in year_of(item("I1", "heading") + item("I2", when="2024", parent="I1")).occurrences] == [
        "I2"
    ]


def test_dependencies_join_the_same_period(definitions):
    found = definitions(
        item("I1", when="trước ngày 10 tháng 12 hằng năm", lead="[A]")
        + item("I2", when="trước ngày 20 tháng 12 hằng năm", lead="[B]", depends_on="[{item: I1}]"),
        first="2024-01-01",
        last="2025-12-31",
    )
    assert expand(found, found.programmes["P"], 2025).occurrences[1].needs == (("P/I1/2025", False),)


def test_a_phrase_without_year_is_refused_in_a_paper_of_several_years(write_programmes):
    from planning.check import read_definitions

    with pytest.raises(InvalidDefinition, match="không nêu năm mà chương trình kéo dài nhiều năm"):
        read_definitions(write_programmes(item(when="quý II"), first="2024-01-01", last="2025-12-31"))


def test_two_rules_in_one_period_are_two_occurrences(year_of):
    planned = year_of(item(when="'trước 30/6 và trước 31/12 hằng năm'"))
    assert days(planned) == [
        ("2024-06-30", "deadline", date(2024, 6, 29)),
        ("2024-12-31", "deadline", date(2024, 12, 30)),
    ]


def test_a_fixed_day_without_a_period_cannot_mean_several(year_of):
    planned = year_of(item(kind="review", when="hằng quý", fixed="[{first: 2024-05-06, by: GM 1}]"))
    assert {one.placing for one in planned.occurrences} == {"window"}
    assert "unmatched_fix" in kinds(planned)


def test_a_fixed_day_on_a_deadline_is_told_and_not_taken(year_of):
    planned = year_of(item(when="trước ngày 18/3/2024", fixed="[{first: 2024-03-11, by: GM 1}]"))
    assert planned.occurrences[0].last_on_time == date(2024, 3, 17)
    assert "unmatched_fix" in kinds(planned)


def test_dependencies_of_an_item_of_several_years_are_the_same_whichever_year_asks(definitions):
    found = definitions(
        item("I1", when="trước ngày 10 tháng 12 hằng năm", lead="[A]")
        + item("I2", "review", "2024-2025", depends_on="[{item: I1}]"),
        first="2024-01-01",
        last="2025-12-31",
    )
    needs = [expand(found, found.programmes["P"], year).occurrences[1].needs for year in (2024, 2025)]
    assert needs[0] == needs[1] == (("P/I1/2024", False), ("P/I1/2025", False))


def test_why_says_each_thing_once(year_of):
    why = year_of(item(when="trước ngày 18/3/2024")).occurrences[0].why
    assert why.count("24 giờ") == 1


def test_two_rules_of_the_same_day_are_still_two_occurrences(year_of):
    planned = year_of(item(when="'trước ngày 30/6/2024 và chậm nhất ngày 30/6/2024'"))
    assert len({one.id for one in planned.occurrences}) == len(planned.occurrences) == 2


def test_a_recurring_event_rolls_by_its_own_rule(year_of):
    kept = year_of(item(kind="meeting", when="ngày 15 hằng tháng"))
    moved = year_of(item(kind="meeting", when="ngày 15 hằng tháng", roll="next"))
    assert (kept.occurrences[5].first, moved.occurrences[5].first) == (date(2024, 6, 15), date(2024, 6, 17))


def test_every_second_year_is_counted_from_the_papers_first(definitions):
    found = definitions(item(kind="review", when="2 năm một lần"), first="2022-01-01", last="2025-12-31")
    periods = [
        [one.period for one in expand(found, found.programmes["P"], year).occurrences] for year in range(2022, 2026)
    ]
    assert periods == [["2022-2023"], [], ["2024-2025"], []]


def test_what_stands_beside_a_date_is_said(year_of):
    (one,) = year_of(item(when="'trước ngày 10/12 hằng năm (hoặc đột xuất theo yêu cầu)'")).occurrences
    assert "Ngoài ra đột xuất theo yêu cầu." in one.why


def test_what_a_longer_ladder_begins_earlier_opens_earlier(write_programmes):
    folder = write_programmes(
        item("I1", when="ngày 12/7/2024", kind="meeting")
        + item("I2", when="trước ngày 18/7/2024")
        + item("I3", when="ngày 12/7/2024", kind="meeting", policy="long")
        + item("I4", when="trước ngày 18/7/2024", policy="long")
    )
    ladder = (folder / "policies" / "default.yaml").read_text(encoding="utf-8")
    longer = ladder.replace("code: default", "code: long")
    longer = longer.replace("deadlines: [{step: D-5, working_days: -5", "deadlines: [{step: D-60, working_days: -60")
    longer = longer.replace("events: [{step: E-5, working_days: -5", "events: [{step: E-20, working_days: -20")
    (folder / "policies" / "long.yaml").write_text(longer, encoding="utf-8")
    found = read_definitions(folder)
    working = found.working_days
    planned = expand(found, found.programmes["P"], 2024).occurrences
    event, deadline = date(2024, 7, 12), date(2024, 7, 17)
    assert [one.opens_on for one in planned] == [
        working.add(event, -15), working.add(deadline, -30), working.add(event, -20), working.add(deadline, -60),
    ]  # fmt: skip
