"""What a step is called: of a ladder by what the policy says of it, any other by what calls for it. Pure."""

from __future__ import annotations

from calendars.wording import Language
from models.notice import NoticeKind
from notices.rules import Ladder, Step, read_ladder

Words = tuple[str, str]  # Vietnamese, English

# what a step is counted from: before it, on it, after it
_MOMENTS: dict[str, tuple[Words, Words, Words]] = {
    "due": (
        ("trước hạn", "before the deadline"),
        ("đúng ngày đến hạn", "on the day of the deadline"),
        ("quá hạn", "after the deadline"),
    ),
    "day": (
        ("trước ngày diễn ra", "before the event"),
        ("đúng ngày diễn ra", "on the day of the event"),
        ("sau ngày diễn ra", "after the event"),
    ),
    "start": (
        ("trước đầu khoảng thời gian", "before the period begins"),
        ("đầu khoảng thời gian", "at the beginning of the period"),
        ("sau đầu khoảng thời gian", "after the period begins"),
    ),
    "middle": (
        ("trước giữa khoảng thời gian", "before the middle of the period"),
        ("giữa khoảng thời gian", "in the middle of the period"),
        ("sau giữa khoảng thời gian", "after the middle of the period"),
    ),
    "end": (
        ("trước khi hết khoảng thời gian", "before the period ends"),
        ("cuối khoảng thời gian", "at the end of the period"),
        ("sau khi hết khoảng thời gian", "after the period ends"),
    ),
}
_OF_NO_LADDER: dict[str, Words] = {
    "changed": ("khi có thay đổi", "when something changed"),
    "invitation": ("khi gửi giấy mời", "when people were invited"),
    "receipt": ("khi cơ quan nộp", "when the agency handed it in"),
    "waiting": ("khi có việc chờ quyết định", "when something waits for a decision"),
    "silent": ("khi chưa ai quyết định", "when nobody has decided"),
    "answer": ("khi có quyết định", "when it was decided"),
    "letter": ("khi công văn được duyệt", "when the letter was approved"),
    "chair": ("đầu tuần", "at the beginning of the week"),
    "link": ("khi cấp liên kết", "when a link was issued"),
}


def say_step(step: Step, language: Language = "vi") -> str:
    """As "trước hạn 5 ngày làm việc", "đúng ngày diễn ra", "giữa khoảng thời gian"."""
    before, on, after = _MOMENTS[step.at]
    english, number = language == "en", abs(step.working_days)
    if number == 0:
        return on[english]
    words = (before if step.working_days < 0 else after)[english]
    if english:
        return f"{number} working {'day' if number == 1 else 'days'} {words}"
    return f"{words} {number} ngày làm việc"


def say_step_of(kind: str, step: str, ladder: str | None, language: Language = "vi") -> str:
    """The step of a notice of this ``kind``; ``ladder`` is what its occurrence carries, None when it has none.

    A code that neither the ladder nor the program knows is left as it is.
    """
    known = _steps_told_as(kind, read_ladder(ladder)) if ladder else ()
    found = next((one for one in known if one.name == step), None)
    if found is not None:
        return say_step(found, language)
    words = _OF_NO_LADDER.get(step.partition("-")[0])  # "letter-3" is the third letter
    return words[language == "en"] if words else step


def _steps_told_as(kind: str, ladder: Ladder) -> tuple[Step, ...]:
    """The part of the ladder to look in: the same code may stand in each."""
    match kind:
        case NoticeKind.EVENT:
            return ladder.events
        case NoticeKind.WINDOW:
            return ladder.windows
        case NoticeKind.REMINDER | NoticeKind.OVERDUE | NoticeKind.MISSING | NoticeKind.RATING:
            return ladder.deadlines
    return ()
