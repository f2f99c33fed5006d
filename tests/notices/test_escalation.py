"""What becomes of rungs that have fired: one message stands for those that were missed, and acts happen once."""

from datetime import date

import pytest

from models.kinds import Action
from notices.escalation import Consequence, Fired, Subject, follow

D = date
LAST = D(2024, 12, 9)
OPEN = Subject(open=True, last=LAST)

BEFORE_5 = Fired("before-5", Action.REMIND, "focal", False, D(2024, 12, 2))
BEFORE_2 = Fired("before-2", Action.REMIND, "focal", False, D(2024, 12, 5))
ON_THE_DAY = Fired("on-the-day", Action.REMIND, "focal", True, D(2024, 12, 9))
LATE_1 = Fired("late-1", Action.ESCALATE, "head", True, D(2024, 12, 10))
LETTER = Fired("late-3", Action.DRAFT_LETTER, "secretariat", False, D(2024, 12, 12))
CHAIR = Fired("late-7", Action.LIST_FOR_CHAIR, "chair", False, D(2024, 12, 18))
RATING = Fired("late-30", Action.MARK_RATING, "secretariat", False, D(2025, 1, 21))
EVERYTHING = [BEFORE_5, BEFORE_2, ON_THE_DAY, LATE_1, LETTER, CHAIR, RATING]
YESTERDAY = D(2024, 12, 4)


@pytest.mark.parametrize(
    ("fired", "today", "last_run", "expected"),
    [
        ([], D(2024, 12, 5), YESTERDAY, Consequence()),
        ([BEFORE_2], D(2024, 12, 5), YESTERDAY, Consequence((BEFORE_2,), 0, (), {"before-2": "told"})),
        (  # the machine stood still from 1 to 6 December: the last reminder stands for the one before it
            [BEFORE_5, BEFORE_2], D(2024, 12, 6), D(2024, 12, 1),
            Consequence((BEFORE_2,), 1, (), {"before-5": "collapsed", "before-2": "told"}),
        ),
        (  # … the same when the database gives them in another order
            [BEFORE_2, BEFORE_5], D(2024, 12, 6), D(2024, 12, 1),
            Consequence((BEFORE_2,), 1, (), {"before-5": "collapsed", "before-2": "told"}),
        ),
        (  # until after the last day: no reminder helps any more, the head hears of it and of what was missed
            [BEFORE_2, ON_THE_DAY, LATE_1], D(2024, 12, 10), D(2024, 12, 4),
            Consequence((LATE_1,), 2, (), {"before-2": "too_late", "on-the-day": "too_late", "late-1": "told"}),
        ),
        (  # only reminders were missed, and the last day is a week-end away
            [ON_THE_DAY], D(2024, 12, 10), D(2024, 12, 8), Consequence((), 0, (), {"on-the-day": "too_late"}),
        ),
        (  # fourteen days: nothing that is an act collapses
            [ON_THE_DAY, LATE_1, LETTER, CHAIR], D(2024, 12, 20), D(2024, 12, 6),
            Consequence((LATE_1,), 1, (LETTER, CHAIR), {"on-the-day": "too_late", "late-1": "told", "late-3": "done",
                                                        "late-7": "listed"}),
        ),
        (  # the matter became known late: what lay in the past then, nobody missed
            [BEFORE_5, BEFORE_2], D(2024, 12, 6), D(2024, 12, 5),
            Consequence((BEFORE_2,), 0, (), {"before-5": "collapsed", "before-2": "told"}),
        ),
        ([RATING], D(2025, 1, 21), D(2025, 1, 20), Consequence((), 0, (RATING,), {"late-30": "done"})),
    ],
)  # fmt: skip
def test_what_follows(fired, today, last_run, expected):
    assert follow(fired, OPEN, today, last_run) == expected


def test_several_steps_of_one_day_are_all_told():
    deputy = Fired("late-1-deputy", Action.ESCALATE, "deputy", False, LATE_1.fires_on)
    assert follow([ON_THE_DAY, LATE_1, deputy], OPEN, D(2024, 12, 10), D(2024, 12, 8)) == Consequence(
        (LATE_1, deputy), 1, (), {"on-the-day": "too_late", "late-1": "told", "late-1-deputy": "told"}
    )


@pytest.mark.parametrize(
    ("subject", "became"),
    [
        (Subject(open=False, last=LAST), ["closed"] * 7),
        # a draft, or a day nobody wrote down: reminders while there is time, nothing after it
        (Subject(open=True, last=LAST, escalates=False), ["too_late"] * 3 + ["not_escalated"] * 4),
        # the office began afterwards: it was over, and nobody recorded who had handed in
        (Subject(open=True, last=LAST, began=D(2025, 1, 1)), ["inherited"] * 7),
        # the office began on the very last day: what lay before is not made up for, what follows is
        (Subject(open=True, last=LAST, began=LAST), ["inherited"] * 2 + ["too_late", "told", "done", "listed", "done"]),
    ],
)
def test_what_is_let_go_of(subject, became):
    found = follow(EVERYTHING, subject, D(2025, 1, 21), D(2024, 12, 1))
    assert list(found.outcomes.values()) == became
    assert bool(found.told or found.acts) == ("told" in became)


def test_a_draft_is_still_reminded_of():
    draft = Subject(open=True, last=LAST, escalates=False)
    assert follow([BEFORE_2], draft, D(2024, 12, 5), YESTERDAY).told == (BEFORE_2,)
