"""Where a phrase puts an item in one year: which periods, and a window, a deadline or no day in each. Pure.

Each rule that decides a date here is one of the decisions written down in docs/decisions/0001.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from calendars.due_days import RollRule, roll, settle_term
from calendars.phrases import read_phrase
from calendars.stretches import clamp_day
from calendars.wording import say_period
from calendars.working_days import WorkingDays
from models.kinds import ItemKind, Placing
from models.timing import (
    AdHoc,
    Certainty,
    Continuous,
    Deadline,
    DueDays,
    External,
    Frequency,
    Lasting,
    MonthsOfYear,
    NoDate,
    Reading,
    Recurring,
    Relative,
    Several,
    Single,
    Unspecified,
    Waiting,
    Window,
)
from planning.definitions import ItemDefinition, ProgrammeDefinition
from planning.periods import Period, key_of_window, periods_of, place_in

ASSUMED_DAY = 20  # of the last month, for a quarterly report whose paper names no day; always shown as assumed


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one part of a phrase puts an item: its period key and the occurrence fields it sets."""

    period: str
    placing: Placing
    years: tuple[int, int]
    window: Window | None = None
    deadline: Deadline | None = None
    due: DueDays | None = None
    duration_days: int | None = None
    assumed: bool = False
    remark: str = ""


def read_item_phrase(programme: ProgrammeDefinition, item: ItemDefinition, year: int) -> Reading | None:
    """What the item's phrase says in the programme's context; None when the paper gives no time.

    Raises calendars.phrases.UnreadablePhrase.
    """
    if item.when is None:
        return None
    period = Window(programme.period.first, programme.last_day, Certainty.PERIOD)
    return read_phrase(item.when, year=year, period=period, issued=programme.document.issued)


def place_item(
    programme: ProgrammeDefinition,
    item: ItemDefinition,
    reading: Reading | None,
    year: int,
    days: WorkingDays,
) -> list[Placed]:
    """Every period of ``year`` the item falls in; undated items once for the whole of the paper's period.

    ``reading`` is None when the paper gives no time.
    """
    span = (programme.period.first.year, programme.last_day.year)
    if reading is None:
        return [Placed(_span_key(span), Placing.UNSPECIFIED, span, remark="Văn bản không nêu thời gian.")]
    parts = reading.timing.parts if isinstance(reading.timing, Several) else (reading.timing,)
    dated = [part for part in parts if isinstance(part, Window | Deadline | Recurring | Lasting | Relative)]
    if not dated:
        return [_undated(parts[0], span, item)]
    placed = [found for part in dated for found in _place_part(programme, item, part, year, span, len(dated), days)]
    beside = "".join(f" Ngoài ra {_BESIDE[type(part)]}." for part in parts if type(part) in _BESIDE)
    return [replace(one, remark=(one.remark + beside).strip()) for one in _tell_apart(list(_merge(placed)))]


# said beside the dates of a phrase that also names something without one
_BESIDE: dict[type, str] = {
    AdHoc: "đột xuất theo yêu cầu",
    External: "theo quy định ở văn bản khác",
    Waiting: "khi có văn bản hoặc sự việc nêu trong cụm từ",
    Continuous: "thường xuyên",
}


def _place_part(
    programme: ProgrammeDefinition,
    item: ItemDefinition,
    part: Single,
    year: int,
    span: tuple[int, int],
    parts: int,
    days: WorkingDays,
) -> Iterator[Placed]:
    match part:
        case Recurring():
            yield from _recur(programme, item, part, year, days)
        case Deadline(named=named):
            # a date once named belongs to the plan of its own year; one in "năm sau" to the document's last
            own = _within(named.year, span)
            if own == year:
                key = str(own) if parts == 1 else f"{named:%Y-%m-%d}"
                yield Placed(key, Placing.DEADLINE, (own, own), deadline=part)
        case Window() | Lasting():
            window = part.within if isinstance(part, Lasting) else part
            window = window or _whole_period(programme)
            years = (_within(window.first.year, span), _within(window.last.year, span))
            if years[0] <= year <= years[1]:
                key = _span_key((window.first.year, window.last.year)) if parts == 1 else key_of_window(window)
                certain = window.certainty is Certainty.EXACT and not isinstance(part, Lasting)
                if certain and (window := _rolled(window, item, days)) is None:
                    return
                length = part.days if isinstance(part, Lasting) else None
                yield Placed(
                    key,
                    Placing.FIXED if certain else Placing.WINDOW,
                    years,
                    window=window,
                    duration_days=length,
                )
        case Relative():
            yield _count_from(part, item, span, days)


def _whole_period(programme: ProgrammeDefinition) -> Window:
    first, last = programme.period.first, programme.last_day
    return Window(first, last, Certainty.YEAR if first.year == last.year else Certainty.PERIOD)


def _rolled(window: Window, item: ItemDefinition, days: WorkingDays) -> Window | None:
    """An event of one day, moved off a rest day by the item's own rule; None when it is skipped."""
    if window.first != window.last:
        return window
    day = roll(window.first, RollRule(item.roll), days)
    return None if day is None else replace(window, first=day, last=day)


def _recur(
    programme: ProgrammeDefinition, item: ItemDefinition, rule: Recurring, year: int, days: WorkingDays
) -> Iterator[Placed]:
    """The rule's periods of ``year`` that the paper speaks for; nothing is due before it was issued."""
    binding = max(programme.period.first, programme.document.issued or programme.period.first)
    if rule.every is Frequency.YEAR and (year - programme.period.first.year) % rule.interval:
        return  # "2 năm một lần" is counted from the paper's first year
    for period in periods_of(rule.every, rule.interval, year):
        place = place_in(period, rule)
        first, last = (place.named, place.named) if isinstance(place, Deadline) else (place.first, place.last)
        # a week half over on the day of issue is not asked for; a longer period is, from that day on
        begins = first if rule.every is Frequency.WEEK else last
        if begins < binding or period.window.first > programme.last_day or period.window.last < programme.period.first:
            continue
        if isinstance(place, Deadline):
            yield Placed(period.key, Placing.DEADLINE, (year, year), deadline=place)
        elif place.certainty is Certainty.EXACT:
            if rolled := _rolled(place, item, days):
                yield Placed(period.key, Placing.FIXED, (year, year), window=rolled)
        elif item.kind is ItemKind.REPORT and rule.every is Frequency.QUARTER and rule.interval == 1:
            yield _assume_a_day(period, year)
        else:
            key = key_of_window(place) if isinstance(rule.on, MonthsOfYear) else period.key
            yield Placed(key, Placing.WINDOW, (year, year), window=place)


def _assume_a_day(period: Period, year: int) -> Placed:
    last = period.window.last
    deadline = Deadline(clamp_day(last.year, last.month, ASSUMED_DAY), included=True)
    remark = f"Văn bản không nêu ngày nộp: giả định ngày {ASSUMED_DAY} của tháng cuối kỳ."
    return Placed(
        period.key,
        Placing.DEADLINE,
        (year, year),
        window=period.window,
        deadline=deadline,
        assumed=True,
        remark=remark,
    )


def _count_from(term: Relative, item: ItemDefinition, span: tuple[int, int], days: WorkingDays) -> Placed:
    if item.happened is None:
        return Placed(_span_key(span), Placing.WAITING, span, remark=f"Tính từ: {term.event}; chưa ghi nhận ngày.")
    due = settle_term(item.happened.on, term, days)
    remark = f"Tính từ ngày {item.happened.on:%d/%m/%Y} ({item.happened.document})."
    return Placed(_span_key(span), Placing.DEADLINE, span, due=due, remark=remark)


def _undated(part: Single, span: tuple[int, int], item: ItemDefinition) -> Placed:
    key = _span_key(span)
    match part:
        case Waiting(trigger=trigger):
            if item.happened:
                remark = f"Đã có từ ngày {item.happened.on:%d/%m/%Y}: {item.happened.document}. Cần ấn định hạn."
                return Placed(key, Placing.UNSPECIFIED, span, remark=remark)
            return Placed(key, Placing.WAITING, span, remark=f"Chờ: {trigger}.")
        case External(source=source):
            return Placed(key, Placing.EXTERNAL, span, remark=f"Thời gian theo văn bản khác: {source}.")
        case Continuous():
            return Placed(key, Placing.CONTINUOUS, span)
        case AdHoc():
            return Placed(key, Placing.AD_HOC, span)
        case Unspecified(why=why) | NoDate(why=why):
            return Placed(key, Placing.UNSPECIFIED, span, remark=why)
        case _:
            raise AssertionError(f"{part} has a date")


def _within(year: int, span: tuple[int, int]) -> int:
    """The year, or the nearest one the document is about: its plan shows what it names in "năm sau"."""
    return min(max(year, span[0]), span[1])


def _span_key(span: tuple[int, int]) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def _tell_apart(placed: list[Placed]) -> Iterator[Placed]:
    """Two rules of one phrase in the same period ("trước 30/6 và trước 31/12 hằng năm") are named by their days.

    What still shares a name is numbered: an id stands for one occurrence only.
    """
    periods = Counter(one.period for one in placed)
    numbers: Counter[str] = Counter()
    for one in placed:
        key = one.period
        if periods[key] > 1 and one.deadline:
            key = f"{one.deadline.named:%Y-%m-%d}"
        elif periods[key] > 1 and one.window:
            key = key_of_window(one.window)
        numbers[key] += 1
        yield replace(one, period=key if numbers[key] == 1 else f"{key}-{numbers[key]}")


def _merge(placed: Sequence[Placed]) -> Iterator[Placed]:
    """Windows of nested periods that end on the same day are one occurrence, the shortest, which names the others.

    "Hàng quý, 6 tháng, hết năm" is four reviews a year: June's is the half-year's, December's the year's.
    """
    ends: dict[date, Placed] = {}
    for one in placed:
        if one.placing is not Placing.WINDOW or one.window is None:
            yield one
            continue
        known = ends.get(one.window.last)
        if known is None or known.window is None:
            ends[one.window.last] = one
            continue
        short, long = sorted(
            (known, one), key=lambda each: each.window.first if each.window else date.min, reverse=True
        )
        ends[one.window.last] = replace(
            short, remark=f"{short.remark} Đồng thời là kỳ {say_period(long.period)}.".strip()
        )
    yield from ends.values()
