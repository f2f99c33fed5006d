"""On which day each rung fires: worked out by hand from the ladder in the default policy."""

from datetime import date, time
from pathlib import Path

import pytest

from calendars.working_days import DayOverride, WorkingDays
from models.kinds import Action, Target
from notices.rules import (
    Ladder,
    Step,
    is_laddered,
    read_ladder,
    rungs_of_collection,
    rungs_of_duty,
    rungs_of_event,
    rungs_of_window,
)
from planning.check import read_definitions

D = date
PROGRAMMES = Path(__file__).resolve().parents[2] / "programmes"
DAYS = WorkingDays()


@pytest.fixture(scope="module")
def ladder():
    """The ladder as an occurrence carries it: through JSON and back."""
    return read_ladder(read_definitions(PROGRAMMES).ladders["default"])


def days_of(laid):
    return {one.step.name: one.fires_on for one in laid}


def test_the_default_ladder_says_who_hears_what(ladder):
    focal, secretariat = (Target.FOCAL,), (Target.SECRETARIAT,)
    assert ladder == Ladder(
        "default",
        (
            Step("before-30", -30, focal),
            Step("before-10", -10, focal),
            Step("before-5", -5, focal),
            Step("before-2", -2, focal),
            Step("on-the-day", 0, focal, urgent=True),
            Step("late-1", 1, (Target.HEAD,), Action.ESCALATE, urgent=True),
            Step("missing-1", 1, (Target.COLLECTOR,), Action.NAME_MISSING),
            Step("late-3", 3, secretariat, Action.DRAFT_LETTER),
            Step("late-7", 7, (Target.CHAIR,), Action.LIST_FOR_CHAIR),
            Step("late-30", 30, secretariat, Action.MARK_RATING),
        ),
        tuple(
            Step(name, days, (Target.LEAD, Target.PARTICIPANTS, Target.INSPECTED), urgent=urgent, at="day")
            for name, days, urgent in (("prepare-15", -15, False), ("before-5", -5, False), ("before-1", -1, True))
        ),
        (
            Step("window-start", 0, (Target.LEAD,), at="start"),
            Step("window-middle", 0, (Target.LEAD,), at="middle"),
            Step("window-end-15", -15, (Target.LEAD,), at="end"),
        ),
        time(7, 30),
        2,
    )


def test_what_an_older_policy_does_not_say_has_its_default():
    ladder = read_ladder('{"code": "c", "deadlines": [{"step": "x", "working_days": -1, "to": ["focal"]}],'
                         ' "events": [], "windows": []}')  # fmt: skip
    assert ladder == Ladder("c", (Step("x", -1, (Target.FOCAL,)),), (), (), time(7, 30), 2)


@pytest.mark.parametrize(
    ("work_by", "expected"),
    [
        (  # before 10/12/2024, Monday 9/12; +30 skips 1 January
            D(2024, 12, 9),
            [D(2024, 10, 28), D(2024, 11, 25), D(2024, 12, 2), D(2024, 12, 5), D(2024, 12, 9),
             D(2024, 12, 10), D(2024, 12, 12), D(2024, 12, 18), D(2025, 1, 21)],
        ),
        (  # before 20/12/2024, Thursday 19/12; +30 skips 1 January and the week of Tết
            D(2024, 12, 19),
            [D(2024, 11, 7), D(2024, 12, 5), D(2024, 12, 12), D(2024, 12, 17), D(2024, 12, 19),
             D(2024, 12, 20), D(2024, 12, 24), D(2024, 12, 30), D(2025, 2, 7)],
        ),
        (  # before 10/12/2023: Saturday 9/12, so Friday 8/12; what is late is late from Monday on
            D(2023, 12, 8),
            [D(2023, 10, 27), D(2023, 11, 24), D(2023, 12, 1), D(2023, 12, 6), D(2023, 12, 8),
             D(2023, 12, 11), D(2023, 12, 13), D(2023, 12, 19), D(2024, 1, 22)],
        ),
        (  # before 18/3/2024: Sunday 17/3, so Friday 15/3; −30 lies before Tết (8 to 14 February)
            D(2024, 3, 15),
            [D(2024, 1, 26), D(2024, 3, 1), D(2024, 3, 8), D(2024, 3, 13), D(2024, 3, 15),
             D(2024, 3, 18), D(2024, 3, 20), D(2024, 3, 26), D(2024, 5, 2)],
        ),
        (  # before 20/2/2024: Tết stands between
            D(2024, 2, 19),
            [D(2023, 12, 29), D(2024, 1, 29), D(2024, 2, 5), D(2024, 2, 15), D(2024, 2, 19),
             D(2024, 2, 20), D(2024, 2, 22), D(2024, 2, 28), D(2024, 4, 1)],
        ),
        (  # at the latest 5/5/2024: work by Saturday 4/5, worked for Monday 29/4
            D(2024, 5, 4),
            [D(2024, 3, 19), D(2024, 4, 16), D(2024, 4, 24), D(2024, 5, 2), D(2024, 5, 4),
             D(2024, 5, 6), D(2024, 5, 8), D(2024, 5, 14), D(2024, 6, 14)],
        ),
    ],
)  # fmt: skip
def test_the_rungs_of_a_deadline(ladder, work_by, expected):
    steps = ["before-30", "before-10", "before-5", "before-2", "on-the-day", "late-1", "late-3", "late-7", "late-30"]
    assert days_of(rungs_of_duty(ladder, work_by, DAYS)) == dict(zip(steps, expected, strict=True))
    assert days_of(rungs_of_collection(ladder, work_by, DAYS)) == {"missing-1": expected[5]}


def test_what_is_asked_back_is_reminded_of_and_not_escalated(ladder):
    laid = days_of(rungs_of_duty(ladder, D(2024, 12, 9), DAYS, correcting=True))
    assert list(laid) == ["before-30", "before-10", "before-5", "before-2", "on-the-day"]


def test_a_holiday_decided_late_moves_the_rungs(ladder):
    off = WorkingDays([DayOverride(D(2024, 12, 4), False, "1/QĐ")])
    laid = days_of(rungs_of_duty(ladder, D(2024, 12, 9), off))
    assert (laid["before-2"], laid["before-5"], laid["late-1"]) == (D(2024, 12, 5), D(2024, 11, 29), D(2024, 12, 10))


def test_an_event_is_counted_from_its_own_day(ladder):
    assert days_of(rungs_of_event(ladder, D(2024, 12, 16), DAYS)) == {
        "prepare-15": D(2024, 11, 25), "before-5": D(2024, 12, 9), "before-1": D(2024, 12, 13),
    }  # fmt: skip
    # held on a Sunday: the last working day before it is one before
    assert days_of(rungs_of_event(ladder, D(2024, 12, 15), DAYS))["before-1"] == D(2024, 12, 13)


@pytest.mark.parametrize(
    ("first", "last", "issued", "expected"),
    [
        (D(2024, 1, 1), D(2024, 12, 31), None, [("start", D(2024, 1, 2)), ("middle", D(2024, 7, 1)),
                                                ("end-15", D(2024, 12, 10))]),
        (D(2024, 4, 1), D(2024, 6, 30), None, [("start", D(2024, 4, 1)), ("middle", D(2024, 5, 16)),
                                               ("end-15", D(2024, 6, 10))]),
        (D(2024, 1, 1), D(2024, 3, 31), None, [("start", D(2024, 1, 2)), ("middle", D(2024, 2, 15)),
                                               ("end-15", D(2024, 3, 11))]),
        # in a month fifteen working days before the end come before its middle, a Saturday here
        (D(2024, 3, 1), D(2024, 3, 31), None, [("start", D(2024, 3, 1)), ("end-15", D(2024, 3, 11)),
                                               ("middle", D(2024, 3, 18))]),
        # Tết makes February so short that two rungs meet: the first stands
        (D(2024, 2, 1), D(2024, 2, 29), None, [("start", D(2024, 2, 1)), ("middle", D(2024, 2, 15))]),
        # a paper signed on Sunday the 10th binds for the rest of the month
        (D(2024, 3, 1), D(2024, 3, 31), D(2024, 3, 10), [("start", D(2024, 3, 11)), ("middle", D(2024, 3, 20))]),
        (D(2024, 3, 1), D(2024, 3, 31), D(2024, 3, 30), []),  # only a week-end is left
        (D(2024, 3, 1), D(2024, 3, 31), D(2023, 6, 1), [("start", D(2024, 3, 1)), ("end-15", D(2024, 3, 11)),
                                                        ("middle", D(2024, 3, 18))]),
        (D(2024, 3, 4), D(2024, 3, 10), None, []),  # a week
        (D(2024, 3, 1), D(2024, 3, 27), None, []),
    ],
)  # fmt: skip
def test_a_window_nobody_has_fixed_is_reminded_of_three_times_at_most(ladder, first, last, issued, expected):
    laid = rungs_of_window(ladder, first, last, DAYS, issued)
    assert [(one.step.name.removeprefix("window-"), one.fires_on) for one in laid] == expected


def test_what_has_no_time_has_no_ladder():
    assert [placing for placing in ("deadline", "fixed", "window", "waiting", "continuous", "unspecified", "external")
            if is_laddered(placing)] == ["deadline", "fixed", "window"]  # fmt: skip
