"""The day somebody chose for an occurrence: what the form says of it, and which free days are proposed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from sqlalchemy import Connection

from calendars.wording import say_window
from models.kinds import Placing, Role
from models.timing import Certainty, Window
from planning.busy import read_busy
from planning.expansion import expand
from planning.fixing import Fix
from planning.free_days import Proposal, propose_days
from planning.planned import PlannedOccurrence
from portal.desk import Desk
from portal.occurrence import Matter
from portal.typed import Unreadable, read_day, read_day_if_any, read_line

# what the second page hands on, as it was typed
KEPT = (
    "choice",
    "offered",
    "first",
    "last",
    "starts",
    "ends",
    "place",
    "document",
    "why",
    "held",
    "included",
    "team",
    "on",
)
OWN = "own"  # the choice of a day that was not proposed
KEY = re.compile(r"[0-9a-f]{32}")
HOUR = re.compile(r"(\d{1,2})(?:[:hg.](\d{2})?)?")  # 8:00, 8h00, 8h, 8
LONGEST_DAYS = 60  # of one event: more is a slip of a year


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days the paper gives for it, both included, and how they are said."""

    first: date
    last: date
    words: str


def read_fix(form: Mapping[str, str], occurrence: str, by: str) -> Fix:
    """What the form asks for. Raises Unreadable naming the field."""
    first, last = _read_days(form)
    held = form.get("held")
    return Fix(
        occurrence,
        first,
        last,
        _read_hour(form, "starts", "giờ bắt đầu"),
        _read_hour(form, "ends", "giờ kết thúc"),
        read_line(form, "place", "nơi") or None,
        read_line(form, "document", "văn bản"),
        read_line(form, "why", "lý do"),
        by,
        read_key(form),
        deadline={"day": False, "due": True}.get(held or ""),
        included={"yes": True, "no": False}.get(form.get("included", "")),
    )


def read_key(form: Mapping[str, str]) -> str:
    """The form's own key. Raises Unreadable when it is not one of ours: without it a button might count twice."""
    key = form.get("key", "")
    if not KEY.fullmatch(key):
        raise Unreadable("Biểu mẫu thiếu khóa.", help="Mở lại trang rồi điền lại.")
    return key


def read_proposals(connection: Connection, desk: Desk, matter: Matter) -> tuple[Stretch | None, list[Proposal]]:
    """The paper's own stretch, and its free days for those who take part, the best first; a deadline has none."""
    paper = _on_paper(desk, matter)
    if paper is None or paper.placing not in (Placing.WINDOW, Placing.FIXED) or not paper.first or not paper.last:
        return None, []
    window = Window(paper.first, paper.last, Certainty(paper.certainty or Certainty.PERIOD))
    stretch = Stretch(paper.first, paper.last, say_window(window))
    first = max(paper.first, desk.today())
    agencies = {tie.agency for tie in paper.ties if tie.role != Role.RECIPIENT}
    busy = read_busy(connection, first, paper.last, matter.entry.id) if first <= paper.last else []
    days = desk.definitions.working_days
    duration = paper.duration_days or 1
    return stretch, propose_days(first, paper.last, desk.today(), days, busy, duration=duration, agencies=agencies)


def _on_paper(desk: Desk, matter: Matter) -> PlannedOccurrence | None:
    definitions = desk.definitions
    programme = definitions.programmes.get(matter.entry.programme)
    if programme is None:
        return None
    only_paper = replace(definitions, amendments=definitions.amendments.as_on_paper())
    inclusive = desk.settings.before_is_inclusive
    year = expand(only_paper, programme, matter.version.years[0], before_is_inclusive=inclusive)
    return next((one for one in year.occurrences if one.id == matter.entry.id), None)


def _read_days(form: Mapping[str, str]) -> tuple[date, date | None]:
    """A proposed stretch ("2024-12-09/2024-12-10"), or the person's own days.

    Days that were typed count although the page had chosen a proposal (``offered``). Raises Unreadable when the
    person chose a proposal and typed other days: nobody can know which of them was meant.
    """
    choice = form.get("choice", OWN)
    own = {name: form.get(name, "").strip() for name in ("first", "last")}
    if choice == OWN or (any(own.values()) and choice == form.get("offered")):
        return _read_stretch(own)
    first, _, last = choice.partition("/")
    proposed = _read_stretch({"first": first, "last": last})
    if any(own.values()) and _read_stretch(own) != proposed:
        raise Unreadable("Vừa chọn ngày gợi ý, vừa ghi ngày khác.", help="Chọn ngày gợi ý hoặc ghi ngày khác.")
    return proposed


def _read_stretch(days: Mapping[str, str]) -> tuple[date, date | None]:
    """The first day and the last, None for the last of a single day. Raises Unreadable."""
    begins = read_day(days, "first", "ngày")
    ends = read_day_if_any(days, "last", "ngày cuối")
    if ends is not None and (ends - begins).days > LONGEST_DAYS:
        raise Unreadable(f"Từ ngày đầu đến ngày cuối quá {LONGEST_DAYS} ngày.", help="Kiểm tra lại tháng và năm.")
    return begins, None if ends == begins else ends


def _read_hour(form: Mapping[str, str], field: str, wanted: str) -> time | None:
    text = form.get(field, "").strip()
    if not text:
        return None
    match = HOUR.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise Unreadable(f"Không hiểu {wanted} «{text}».", help="Gõ như 8:00 hoặc 14h30.")
    return time(int(match[1]), int(match[2] or 0))
