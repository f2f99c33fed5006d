"""Steps in words: of the ladder by what the policy says of them, of anything else by what called for them."""

from pathlib import Path

from models.notice import NoticeKind
from notices.rules import Step, read_ladder
from notices.steps import say_step, say_step_of
from planning.check import read_definitions

LADDER = read_definitions(Path(__file__).resolve().parents[2] / "programmes").ladders["default"]


def said(steps):
    return {step.name: say_step(step) for step in steps}


def test_the_shipped_ladder_in_words():
    ladder = read_ladder(LADDER)
    assert said(ladder.deadlines) == {
        "before-30": "trước hạn 30 ngày làm việc",
        "before-10": "trước hạn 10 ngày làm việc",
        "before-5": "trước hạn 5 ngày làm việc",
        "before-2": "trước hạn 2 ngày làm việc",
        "on-the-day": "đúng ngày đến hạn",
        "late-1": "quá hạn 1 ngày làm việc",
        "missing-1": "quá hạn 1 ngày làm việc",
        "late-3": "quá hạn 3 ngày làm việc",
        "late-7": "quá hạn 7 ngày làm việc",
        "late-30": "quá hạn 30 ngày làm việc",
    }
    assert said(ladder.events) == {
        "prepare-15": "trước ngày diễn ra 15 ngày làm việc",
        "before-5": "trước ngày diễn ra 5 ngày làm việc",
        "before-1": "trước ngày diễn ra 1 ngày làm việc",
    }
    assert said(ladder.windows) == {
        "window-start": "đầu khoảng thời gian",
        "window-middle": "giữa khoảng thời gian",
        "window-end-15": "trước khi hết khoảng thời gian 15 ngày làm việc",
    }


OTHER_LADDERS = [
    (("due", -1), "1 working day before the deadline"),
    (("due", 0), "on the day of the deadline"),
    (("due", 3), "3 working days after the deadline"),
    (("day", -15), "15 working days before the event"),
    (("start", 0), "at the beginning of the period"),
    (("middle", 2), "2 working days after the middle of the period"),
    (("end", -15), "15 working days before the period ends"),
]


def test_the_words_come_from_the_offset_and_not_from_the_code():
    for (at, days), expected in OTHER_LADDERS:
        assert say_step(Step("late-99", days, (), at=at), "en") == expected
    assert say_step(Step("late-99", 4, (), at="start")) == "sau đầu khoảng thời gian 4 ngày làm việc"


OF_NOTICES = [
    (NoticeKind.REMINDER, "before-5", "trước hạn 5 ngày làm việc"),
    (NoticeKind.EVENT, "before-5", "trước ngày diễn ra 5 ngày làm việc"),  # the same code in another ladder
    (NoticeKind.WINDOW, "window-middle", "giữa khoảng thời gian"),
    (NoticeKind.MISSING, "missing-1", "quá hạn 1 ngày làm việc"),
    (NoticeKind.CHANGED, "changed", "khi có thay đổi"),
    (NoticeKind.RECEIPT, "receipt", "khi cơ quan nộp"),
    (NoticeKind.LETTER_WAITING, "waiting", "khi có việc chờ quyết định"),
    (NoticeKind.LETTER_SILENT, "silent", "khi chưa ai quyết định"),
    (NoticeKind.LETTER, "letter-3", "khi công văn được duyệt"),
    (NoticeKind.LINK, "link-2024-12-02-08-00", "khi cấp liên kết"),
    (NoticeKind.REMINDER, "before-99", "before-99"),  # of a ladder nobody has
]


def test_a_notice_finds_its_step_in_the_ladder_of_its_kind():
    for kind, step, expected in OF_NOTICES:
        assert say_step_of(kind, step, LADDER) == expected, (kind, step)
    assert say_step_of(NoticeKind.CHAIR_LIST, "chair", None) == "đầu tuần"
    assert say_step_of(NoticeKind.CHANGED, "changed", LADDER, "en") == "when something changed"
