"""An occurrence as people overruled the paper on a screen: its day, whether it is called off, its team. Pure.

The id stays, so that it is the same entry in everybody's calendar; what the paper said stays in ``why``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any, Protocol

from calendars.due_days import settle_deadline
from calendars.wording import say_due, say_hours, say_short, say_weekday, say_window
from calendars.working_days import WorkingDays
from models.kinds import PLACING_NAMES, Placing
from models.occurrence import Status
from models.timing import Certainty, Deadline, DueDays, Hours, Window
from planning.definitions import ItemDefinition, ProgrammeDefinition
from planning.on_screen import Amendments, DateOnScreen, Held
from planning.planned import OpenDecision, PlannedOccurrence
from planning.revision import ZONE

YEARS_OF_A_PERIOD = re.compile(r"(\d{4})(?:-(\d{4}))?(?!\d)")  # "2024", "2024-Q2", "2021-2025"


class Timed(Protocol):
    """What has the days of an occurrence: a planned one, or its stored row."""

    @property
    def placing(self) -> str: ...  # noqa: D102 - each as in models.occurrence.Occurrence
    @property
    def certainty(self) -> str | None: ...  # noqa: D102 - as above
    @property
    def first(self) -> date | None: ...  # noqa: D102 - as above
    @property
    def last(self) -> date | None: ...  # noqa: D102 - as above
    @property
    def starts(self) -> time | None: ...  # noqa: D102 - as above
    @property
    def ends(self) -> time | None: ...  # noqa: D102 - as above
    @property
    def named_date(self) -> date | None: ...  # noqa: D102 - as above
    @property
    def last_on_time(self) -> date | None: ...  # noqa: D102 - as above
    @property
    def work_by(self) -> date | None: ...  # noqa: D102 - as above
    @property
    def included(self) -> bool | None: ...  # noqa: D102 - as above
    @property
    def status(self) -> str: ...  # noqa: D102 - as above


def item_code(programme: str, item: str) -> str:
    """How an amendment names a line of a paper: what it waited for is recorded of the line, not of one period."""
    return f"{programme}/{item}"


def with_event(item: ItemDefinition, programme: str, amendments: Amendments) -> ItemDefinition:
    """The line with what it waited for as having taken place; the very same one when nothing was recorded."""
    held = amendments.events.get(item_code(programme, item.id))
    return item if held is None else item.model_copy(update={"happened": held.content})


def overrule(
    occurrence: PlannedOccurrence,
    amendments: Amendments,
    days: WorkingDays,
    *,
    draft: bool,
    before_is_inclusive: bool,
) -> PlannedOccurrence:
    """The paper's occurrence with what holds about it on top; the very same one when nothing was recorded."""
    if dated := amendments.dates.get(occurrence.id):
        if dated.content.deadline:
            occurrence = _due(occurrence, dated, days, draft=draft, before_is_inclusive=before_is_inclusive)
        else:
            occurrence = _held(occurrence, dated, draft=draft)
    if given := amendments.teams.get(occurrence.id):
        occurrence = replace(occurrence, team=given.content.team)
    if off := amendments.called_off.get(occurrence.id):
        occurrence = replace(
            occurrence,
            status=Status.CANCELLED.value,
            cancelled_on=off.at.astimezone(ZONE).date(),
            why=_join(occurrence.why, f"Đã hủy{_by(off)}."),
        )
    return occurrence


def _held(occurrence: PlannedOccurrence, dated: Held[DateOnScreen], *, draft: bool) -> PlannedOccurrence:
    """An event on its day; what "dự kiến" was waiting for has come, unless the programme itself is a draft."""
    day = dated.content
    outside = " Chú ý: nằm ngoài khoảng văn bản nêu." if is_outside(day.first, day.last, occurrence) else ""
    return replace(
        occurrence,
        placing=Placing.FIXED.value,
        certainty=Certainty.EXACT.value,
        first=day.first,
        last=day.last or day.first,
        starts=day.starts,
        ends=day.ends,
        place=day.place or occurrence.place,
        fixed_by=dated.document or occurrence.fixed_by,
        tentative=draft,
        assumed=False,
        active_from=None,
        named_date=None,
        last_on_time=None,
        work_by=None,
        included=None,
        why=_join(occurrence.why, f"Ngày ấn định{_by(dated)}.{_papers(occurrence)}{outside}"),
    )


def _due(
    occurrence: PlannedOccurrence,
    dated: Held[DateOnScreen],
    days: WorkingDays,
    *,
    draft: bool,
    before_is_inclusive: bool,
) -> PlannedOccurrence:
    """A deadline on another day, its three days by the same rules as the paper's own."""
    day = dated.content
    due = settle_deadline(Deadline(day.first, day.included), days, before_is_inclusive=before_is_inclusive)
    window = occurrence.placing == Placing.DEADLINE  # what an assumed day's report is about stays
    return replace(
        occurrence,
        placing=Placing.DEADLINE.value,
        certainty=Certainty.EXACT.value,
        first=occurrence.first if window else None,
        last=occurrence.last if window else None,
        starts=None,
        ends=None,
        place=day.place or occurrence.place,
        named_date=due.named_date,
        last_on_time=due.last_on_time,
        work_by=due.work_by,
        included=day.included,
        fixed_by=dated.document or occurrence.fixed_by,
        tentative=draft,
        assumed=False,
        why=_join(occurrence.why, f"Hạn ấn định{_by(dated)}: {due.why}.{_papers(occurrence)}"),
    )


def is_outside(first: date, last: date | None, occurrence: PlannedOccurrence) -> bool:
    """Whether the days leave the stretch the paper gives; False where it gives none."""
    if occurrence.placing not in (Placing.WINDOW, Placing.FIXED) or not occurrence.first or not occurrence.last:
        return False
    return not (occurrence.first <= first and (last or first) <= occurrence.last)


def _by(held: Held[Any]) -> str:
    document = f" theo {held.document}" if held.document else ""
    return f"{document} ({held.why.rstrip('.')})" if held.why else document


def _papers(occurrence: PlannedOccurrence) -> str:
    return f" Văn bản nêu: {say_time(occurrence)}." if occurrence.dated else ""


def _join(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def say_time(one: Timed, *, weekday: bool = False) -> str:
    """When, in Vietnamese: both dates of a deadline, the day and hours of an event, the stretch of a window.

    With ``weekday`` the days of an event are "thứ Bảy, 21/12/2024".
    """
    if one.status == Status.CANCELLED:
        return "đã hủy"
    if one.named_date and one.last_on_time and one.work_by:
        return say_due(DueDays(one.named_date, one.last_on_time, one.work_by), included=one.included)
    if not one.first or not one.last:
        return PLACING_NAMES[Placing(one.placing)]
    if one.placing == Placing.FIXED:
        say = _say_with_weekday if weekday else say_short
        until = f" – {say(one.last)}" if one.last != one.first else ""
        return f"{say(one.first)}{until}{f', {say_hours(Hours(one.starts, one.ends))}' if one.starts else ''}"
    return say_window(Window(one.first, one.last, Certainty(one.certainty or Certainty.PERIOD)))


def _say_with_weekday(day: date) -> str:
    return f"{say_weekday(day)}, {say_short(day)}"


def unmatched_amendments(
    amendments: Amendments, occurrences: Sequence[PlannedOccurrence], year: int
) -> Iterator[OpenDecision]:
    """What was recorded about an occurrence of ``year`` the papers no longer have: never lost without a word."""
    known = {occurrence.id for occurrence in occurrences}
    for subject in amendments.occurrences:
        if subject not in known and _speaks_of(subject, year):
            programme, _, rest = subject.partition("/")
            yield OpenDecision(
                "unmatched_fix",
                programme,
                rest.rpartition("/")[0] or None,
                f"Đã {' và '.join(_recorded(amendments, subject))} trên màn hình cho {subject}, "
                "nhưng văn bản không còn việc này.",
                "Bỏ điều đã ghi, hoặc sửa lại mục và kỳ trong tệp chương trình.",
            )


def unmatched_events(programme: ProgrammeDefinition, amendments: Amendments) -> Iterator[OpenDecision]:
    """What was recorded as having taken place for a line the paper no longer has: never lost without a word."""
    known = {item.id for item in programme.items}
    for subject, held in amendments.events.items():
        code, _, item = subject.partition("/")
        if code == programme.code and item not in known:
            yield OpenDecision(
                "unmatched_fix",
                code,
                item,
                f"Đã ghi trên màn hình sự việc ngày {say_short(held.content.on)} ({held.content.document}) "
                f"cho {subject}, nhưng văn bản không còn mục này.",
                "Sửa lại mã của mục trong tệp chương trình.",
            )


def _speaks_of(subject: str, year: int) -> bool:
    found = YEARS_OF_A_PERIOD.match(subject.rpartition("/")[2])
    return found is None or int(found[1]) <= year <= int(found[2] or found[1])


def _recorded(amendments: Amendments, subject: str) -> Iterator[str]:
    if dated := amendments.dates.get(subject):
        yield f"ấn định ngày {say_short(dated.content.first)}"
    if subject in amendments.called_off:
        yield "hủy"
    if given := amendments.teams.get(subject):
        yield f"phân công {given.content.team}"
