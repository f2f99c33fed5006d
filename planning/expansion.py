"""Items × year → occurrences, duties and open decisions. Pure: no session, no clock, no file.

Each rule that decides a date here is one of the decisions written down in docs/decisions/0001.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from calendars.due_days import RollRule, roll, settle_deadline, settle_term
from calendars.stretches import clamp_day
from calendars.working_days import WorkingDays
from models.kinds import ItemKind, Placing, Role
from models.timing import (
    AdHoc,
    Certainty,
    Continuous,
    Deadline,
    DueDays,
    External,
    Frequency,
    Lasting,
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
from planning.check import Definitions, read_item_phrase
from planning.definitions import FixedDefinition, ItemDefinition, ProgrammeDefinition
from planning.directory import Directory, Party
from planning.periods import Period, key_of_window, periods_of, place_in

ASSUMED_DAY = 20  # of the last month, for a quarterly report whose paper names no day; always shown as assumed

# what is held on a day, so that a window alone is not enough to go by
EVENT_KINDS = frozenset(
    {
        ItemKind.CONFERENCE,
        ItemKind.MEETING,
        ItemKind.INSPECTION,
        ItemKind.SUPERVISION,
        ItemKind.TRAINING,
        ItemKind.STUDY_TOUR,
    }
)


@dataclass(frozen=True, slots=True)
class Tie:
    """An agency's part in an occurrence (models.kinds.Role); ``named_as`` is what the paper calls it."""

    agency: str
    role: str
    named_as: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """What one agency owes for the occurrence."""

    agency: str
    named_as: str | None = None
    handover: bool = False


@dataclass(frozen=True, slots=True)
class PlannedOccurrence:
    """An item in one period, as the paper has it; the fields are those of models.occurrence.Occurrence."""

    id: str
    programme: str
    item: str
    period: str
    line: int
    kind: str
    title: str
    placing: str
    year_first: int
    year_last: int
    certainty: str | None = None
    first: date | None = None
    last: date | None = None
    starts: time | None = None
    ends: time | None = None
    duration_days: int | None = None
    named_date: date | None = None
    last_on_time: date | None = None
    work_by: date | None = None
    included: bool | None = None
    active_from: date | None = None
    tentative: bool = False
    assumed: bool = False
    phrase: str | None = None
    why: str = ""
    fixed_by: str | None = None
    place: str | None = None
    team: str | None = None
    round: int | None = None
    product: str | None = None
    headcount: int | None = None
    headcount_about: bool = False
    budget_central: int | None = None
    budget_local: int | None = None
    note: str | None = None
    rolls_up: bool = False
    ties: tuple[Tie, ...] = ()
    duties: tuple[Owed, ...] = ()
    needs: tuple[tuple[str, bool], ...] = ()

    @property
    def dated(self) -> bool:
        """Whether it stands on the calendar: a deadline, a day or a window."""
        return self.placing in (Placing.DEADLINE, Placing.WINDOW, Placing.FIXED)

    @property
    def evaluated_on(self) -> date:
        """The day whose agencies are meant: the deadline itself, or the first day the paper binds."""
        day = self.last_on_time or max(filter(None, (self.first, self.active_from)), default=None)
        return day or date(self.year_first, 1, 1)


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """Something a person must decide; ``kind`` groups them, ``sentence`` and ``help`` are Vietnamese."""

    kind: str
    programme: str
    item: str | None
    sentence: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class PlannedYearOf:
    """One programme's year: what happens, what waits for a decision."""

    programme: str
    year: int
    occurrences: tuple[PlannedOccurrence, ...]
    decisions: tuple[OpenDecision, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
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


def expand(definitions: Definitions, programme: ProgrammeDefinition, year: int, *, before_is_inclusive: bool = False) -> PlannedYearOf:
    """One programme in one year.

    Beyond the paper's period nothing is planned; what the paper calls "hằng năm" is then listed as a
    decision. ``before_is_inclusive`` is the office's reading of "trước ngày" (see calendars.due_days).
    """
    if year < programme.period.first.year or year > programme.last_day.year:
        return PlannedYearOf(programme.code, year, (), tuple(_beyond_the_period(programme, year)))
    days, directory = definitions.working_days, definitions.directory
    items = {item.id: item for item in programme.items}
    owing_parents = _parents_whose_children_owe(programme)
    occurrences: list[PlannedOccurrence] = []
    for item in programme.items:
        if item.kind is ItemKind.HEADING:
            continue
        whole = _inherit(item, items)
        reading = read_item_phrase(programme, whole, _reading_year(programme, year))
        for placed in _place(programme, whole, reading, year, days):
            occurrence = _occurrence(programme, whole, reading, placed, days, before_is_inclusive)
            occurrence = _fix(occurrence, whole, placed)
            occurrences.append(_engage(occurrence, whole, directory, items, rolls_up=item.id in owing_parents))
    by_item: dict[str, list[PlannedOccurrence]] = {}
    for occurrence in occurrences:
        by_item.setdefault(occurrence.item, []).append(occurrence)
    occurrences = [_connect(occurrence, items[occurrence.item], by_item) for occurrence in occurrences]
    decisions = (*_decisions(programme, occurrences, directory, year), *_unmatched_fixes(programme, occurrences, year))
    return PlannedYearOf(programme.code, year, tuple(occurrences), decisions)


def _reading_year(programme: ProgrammeDefinition, year: int) -> int:
    """The year a phrase without one means: the document's own; check refuses it when the document has several."""
    return programme.period.first.year if programme.period.first.year == programme.last_day.year else year


def _inherit(item: ItemDefinition, items: dict[str, ItemDefinition]) -> ItemDefinition:
    """An empty row takes lead, time, product and co-operation from its parent; a row with children may take their lead."""
    if item.inherits and item.parent:
        parent = _inherit(items[item.parent], items)
        missing = {
            name: getattr(parent, name)
            for name in ("when", "lead", "participants", "product", "recipients")
            if not getattr(item, name)
        }
        return item.model_copy(update=missing)
    if item.lead_from_children and not item.lead:
        leads = [code for child in items.values() if child.parent == item.id for code in child.lead]
        return item.model_copy(update={"lead": tuple(dict.fromkeys(leads))})
    return item


def _parents_whose_children_owe(programme: ProgrammeDefinition) -> set[str]:
    """Items whose duties are their children's: some child has a lead of its own, or inherits this one's."""
    return {item.parent for item in programme.items if item.parent and (item.lead or item.inherits)}


# ---------------------------------------------------------------- where a phrase puts an item


def _place(
    programme: ProgrammeDefinition, item: ItemDefinition, reading: Reading | None, year: int, days: WorkingDays
) -> list[_Placed]:
    span = (programme.period.first.year, programme.last_day.year)
    if reading is None:
        return [_Placed(_span_key(span), Placing.UNSPECIFIED, span, remark="Văn bản không nêu thời gian.")]
    parts = reading.timing.parts if isinstance(reading.timing, Several) else (reading.timing,)
    dated = [part for part in parts if isinstance(part, Window | Deadline | Recurring | Lasting | Relative)]
    if not dated:
        return [_undated(parts[0], span, item)]
    placed = [found for part in dated for found in _place_part(programme, item, part, year, span, len(dated), days)]
    remark = " Ngoài ra đột xuất theo yêu cầu." if any(isinstance(part, AdHoc) for part in parts) else ""
    return [replace(one, remark=(one.remark + remark).strip()) for one in _merge(placed)]


def _place_part(
    programme: ProgrammeDefinition,
    item: ItemDefinition,
    part: Single,
    year: int,
    span: tuple[int, int],
    parts: int,
    days: WorkingDays,
) -> Iterator[_Placed]:
    match part:
        case Recurring():
            yield from _recur(programme, item, part, year)
        case Deadline(named=named):
            # a date once named belongs to the plan of its own year; one in "năm sau" to the document's last
            own = _within(named.year, span)
            if own == year:
                key = str(own) if parts == 1 else f"{named:%Y-%m-%d}"
                yield _Placed(key, Placing.DEADLINE, (own, own), deadline=part)
        case Window() | Lasting():
            window = part.within if isinstance(part, Lasting) else part
            window = window or _whole_period(programme)
            years = (_within(window.first.year, span), _within(window.last.year, span))
            if years[0] <= year <= years[1]:
                key = _span_key((window.first.year, window.last.year)) if parts == 1 else key_of_window(window)
                certain = window.certainty is Certainty.EXACT and not isinstance(part, Lasting)
                if certain and item.roll != "keep" and window.first == window.last:
                    rolled = roll(window.first, RollRule(item.roll), days)
                    if rolled is None:
                        return
                    window = replace(window, first=rolled, last=rolled)
                length = part.days if isinstance(part, Lasting) else None
                yield _Placed(key, Placing.FIXED if certain else Placing.WINDOW, years, window=window, duration_days=length)
        case Relative():
            yield _count_from(part, item, span, days)


def _whole_period(programme: ProgrammeDefinition) -> Window:
    first, last = programme.period.first, programme.last_day
    return Window(first, last, Certainty.YEAR if first.year == last.year else Certainty.PERIOD)


def _recur(programme: ProgrammeDefinition, item: ItemDefinition, rule: Recurring, year: int) -> Iterator[_Placed]:
    """The rule's periods of ``year`` that the paper speaks for; nothing is due before it was issued."""
    binding = max(programme.period.first, programme.document.issued or programme.period.first)
    for period in periods_of(rule.every, rule.interval, year):
        place = place_in(period, rule)
        first, last = (place.named, place.named) if isinstance(place, Deadline) else (place.first, place.last)
        # a week half over on the day of issue is not asked for; a longer period is, from that day on
        begins = first if rule.every is Frequency.WEEK else last
        if begins < binding or period.window.first > programme.last_day or period.window.last < programme.period.first:
            continue
        if isinstance(place, Deadline):
            yield _Placed(period.key, Placing.DEADLINE, (year, year), deadline=place)
        elif place.certainty is Certainty.EXACT:
            yield _Placed(period.key, Placing.FIXED, (year, year), window=place)
        elif item.kind is ItemKind.REPORT and rule.every is Frequency.QUARTER and rule.interval == 1:
            yield _assume_a_day(period, year)
        else:
            yield _Placed(period.key, Placing.WINDOW, (year, year), window=place)


def _assume_a_day(period: Period, year: int) -> _Placed:
    last = period.window.last
    deadline = Deadline(clamp_day(last.year, last.month, ASSUMED_DAY), included=True)
    remark = f"Văn bản không nêu ngày nộp: giả định ngày {ASSUMED_DAY} của tháng cuối kỳ."
    return _Placed(period.key, Placing.DEADLINE, (year, year), window=period.window, deadline=deadline, assumed=True, remark=remark)


def _count_from(term: Relative, item: ItemDefinition, span: tuple[int, int], days: WorkingDays) -> _Placed:
    if item.happened is None:
        return _Placed(_span_key(span), Placing.WAITING, span, remark=f"Tính từ: {term.event}; chưa ghi nhận ngày.")
    due = settle_term(item.happened.on, term, days)
    remark = f"Tính từ ngày {item.happened.on:%d/%m/%Y} ({item.happened.document})."
    return _Placed(_span_key(span), Placing.DEADLINE, span, due=due, remark=remark)


def _undated(part: Single, span: tuple[int, int], item: ItemDefinition) -> _Placed:
    key = _span_key(span)
    match part:
        case Waiting(trigger=trigger):
            if item.happened:
                remark = f"Đã có: {item.happened.document} ngày {item.happened.on:%d/%m/%Y}; cần ấn định hạn."
                return _Placed(key, Placing.UNSPECIFIED, span, remark=remark)
            return _Placed(key, Placing.WAITING, span, remark=f"Chờ: {trigger}.")
        case External(source=source):
            return _Placed(key, Placing.EXTERNAL, span, remark=f"Thời gian theo văn bản khác: {source}.")
        case Continuous():
            return _Placed(key, Placing.CONTINUOUS, span)
        case AdHoc():
            return _Placed(key, Placing.AD_HOC, span)
        case Unspecified(why=why) | NoDate(why=why):
            return _Placed(key, Placing.UNSPECIFIED, span, remark=why)
        case _:
            raise AssertionError(f"{part} has a date")


def _within(year: int, span: tuple[int, int]) -> int:
    """The year, or the nearest one the document is about: its plan shows what it names in "năm sau"."""
    return min(max(year, span[0]), span[1])


def _span_key(span: tuple[int, int]) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def _merge(placed: Sequence[_Placed]) -> Iterator[_Placed]:
    """Windows of nested periods that end on the same day are one occurrence, the shortest, which names the others.

    "Hàng quý, 6 tháng, hết năm" is four reviews a year: June's is the half-year's, December's the year's.
    """
    ends: dict[date, _Placed] = {}
    for one in placed:
        if one.placing is not Placing.WINDOW or one.window is None:
            yield one
            continue
        known = ends.get(one.window.last)
        if known is None or known.window is None:
            ends[one.window.last] = one
            continue
        short, long = sorted((known, one), key=lambda each: each.window.first if each.window else date.min, reverse=True)
        ends[one.window.last] = replace(short, remark=f"{short.remark} Đồng thời là kỳ {_key_in_words(long.period)}.".strip())
    yield from ends.values()


def _key_in_words(key: str) -> str:
    year, _, part = key.partition("-")
    if part.startswith("H"):
        return f"6 tháng {'đầu' if part == 'H1' else 'cuối'} năm {year}"
    if part.startswith("Q"):
        return f"quý {('I', 'II', 'III', 'IV')[int(part[1:]) - 1]} năm {year}"
    return f"cả năm {year}" if not part else key


# ---------------------------------------------------------------- the occurrence


def _occurrence(
    programme: ProgrammeDefinition,
    item: ItemDefinition,
    reading: Reading | None,
    placed: _Placed,
    days: WorkingDays,
    before_is_inclusive: bool,
) -> PlannedOccurrence:
    issued = programme.document.issued
    window = placed.window
    occurrence = PlannedOccurrence(
        id=f"{programme.code}/{item.id}/{placed.period}",
        programme=programme.code,
        item=item.id,
        period=placed.period,
        line=item.line,
        kind=item.kind.value,
        title=item.title,
        placing=placed.placing.value,
        year_first=placed.years[0],
        year_last=placed.years[1],
        tentative=programme.draft or bool(reading and reading.tentative),
        assumed=placed.assumed,
        phrase=item.when,
        why=" ".join(filter(None, (reading.rule if reading else "", placed.remark))),
        fixed_by=reading.fixed_by if reading else None,
        duration_days=placed.duration_days,
        active_from=issued if issued and window and issued > window.first else None,
        team=item.team,
        round=item.round,
        product=item.product,
        place=item.place,
        headcount=item.headcount,
        headcount_about=item.headcount_about,
        budget_central=item.budget.central if item.budget else None,
        budget_local=item.budget.local if item.budget else None,
        note=item.note,
    )
    due = placed.due
    if placed.deadline:
        due = settle_deadline(placed.deadline, days, before_is_inclusive=before_is_inclusive)
    if due:
        return replace(
            occurrence,
            certainty=(placed.deadline.certainty if placed.deadline else Certainty.EXACT).value,
            named_date=due.named_date,
            last_on_time=due.last_on_time,
            work_by=due.work_by,
            included=placed.deadline.included if placed.deadline else True,
            first=window.first if window else None,
            last=window.last if window else None,
            why=" ".join(filter(None, (occurrence.why, due.why))),
        )
    if window:
        hours = window.hours
        return replace(
            occurrence,
            certainty=window.certainty.value,
            first=window.first,
            last=window.last,
            starts=hours.starts if hours else None,
            ends=hours.ends if hours else None,
        )
    return occurrence


def _fix(occurrence: PlannedOccurrence, item: ItemDefinition, placed: _Placed) -> PlannedOccurrence:
    """The date an invitation fixed, on the same occurrence: same id, so the same entry in everybody's calendar."""
    fixed = next((one for one in item.fixed if _fixes(one, placed.period, item)), None)
    if fixed is None or placed.placing is Placing.DEADLINE:
        return occurrence
    return replace(
        occurrence,
        placing=Placing.FIXED.value,
        certainty=Certainty.EXACT.value,
        first=fixed.first,
        last=fixed.last or fixed.first,
        starts=fixed.starts,
        ends=fixed.ends,
        place=fixed.place or occurrence.place,
        fixed_by=fixed.by,
        active_from=None,
        why=f"{occurrence.why} Ngày ấn định theo {fixed.by}.".strip(),
    )


def _fixes(fixed: FixedDefinition, period: str, item: ItemDefinition) -> bool:
    return fixed.period == period or (fixed.period is None and len(item.fixed) == 1)


def _engage(
    occurrence: PlannedOccurrence,
    item: ItemDefinition,
    directory: Directory,
    items: dict[str, ItemDefinition],
    *,
    rolls_up: bool,
) -> PlannedOccurrence:
    """Who has a part in it and who owes it, as the agencies stood on the day it is about."""
    day = occurrence.evaluated_on
    leads = directory.resolve(item.lead, day)
    receiving = directory.resolve([code for code in item.recipients if code in directory.agencies], day)
    collectors = {party.agency for party in receiving.members}
    ties: dict[tuple[str, str], Tie] = {}

    def tie(parties: Sequence[Party], role: Role) -> None:
        for party in parties:
            ties.setdefault((party.agency, role.value), Tie(party.agency, role.value, party.named_as))

    several = len(leads.members) > 1
    owing = [party for party in leads.members if not (several and party.agency in collectors)]
    tie(owing, Role.LEAD)
    tie(directory.resolve(item.participants, day).members, Role.PARTICIPANT)
    tie(directory.resolve(item.inspected, day).members, Role.INSPECTED)
    tie(receiving.members, Role.RECIPIENT)
    if item.team:
        tie(directory.resolve([item.team], day).members, Role.LEAD)
    duties = () if rolls_up else tuple(Owed(party.agency, party.named_as, party.handover) for party in owing)
    return replace(occurrence, ties=tuple(ties.values()), duties=duties, rolls_up=rolls_up)


def _connect(
    occurrence: PlannedOccurrence, item: ItemDefinition, by_item: dict[str, list[PlannedOccurrence]]
) -> PlannedOccurrence:
    """Its dependencies: on the other item's occurrence of the same period when there is one, else on all of them."""
    needs: dict[str, bool] = {}
    for need in item.depends_on:
        others = by_item.get(need.item, [])
        same = [other for other in others if other.period == occurrence.period] or others
        needs.update({other.id: need.proposed for other in same})
    return replace(occurrence, needs=tuple(needs.items()))


# ---------------------------------------------------------------- what a person must decide


def _beyond_the_period(programme: ProgrammeDefinition, year: int) -> Iterator[OpenDecision]:
    """What a paper of several years asks for "hằng năm", in a year after its end."""
    if year < programme.period.first.year or programme.period.first.year == programme.last_day.year:
        return
    for item in programme.items:
        reading = read_item_phrase(programme, item, programme.last_day.year)
        parts = () if reading is None else (reading.timing.parts if isinstance(reading.timing, Several) else (reading.timing,))
        if any(isinstance(part, Recurring) for part in parts):
            yield OpenDecision(
                "beyond_period",
                programme.code,
                item.id,
                f"«{item.when}»: văn bản chỉ nói đến {programme.last_day:%d/%m/%Y}; năm {year} có tiếp tục không?",
                "Nếu có văn bản gia hạn, ghi period.extended_to và extended_by.",
            )


def _decisions(
    programme: ProgrammeDefinition, occurrences: Sequence[PlannedOccurrence], directory: Directory, year: int
) -> Iterator[OpenDecision]:
    code = programme.code
    if programme.draft:
        yield OpenDecision(
            "draft", code, None, "Chương trình còn là dự thảo: chưa có số hoặc ngày ban hành.", "Ghi document.number và document.issued khi đã ký."
        )
    if not any(occurrence.dated for occurrence in occurrences):
        yield OpenDecision(
            "no_date", code, None, f"Không mục nào có ngày trong năm {year}: lịch để trống.", "Hỏi cơ quan ban hành, hoặc ấn định ngày bằng văn bản."
        )
    items = {item.id: item for item in programme.items}
    for occurrence in occurrences:
        yield from _decisions_of(occurrence, items[occurrence.item], directory)


_UNDATED = {
    Placing.UNSPECIFIED: ("unspecified", "Chưa có thời gian: {title}.", "Ấn định thời gian, hoặc để trống nếu không cần theo dõi."),
    Placing.EXTERNAL: ("external", "Thời gian nằm ở văn bản khác: {title} («{phrase}»).", "Tìm văn bản ấy và ghi thời gian cụ thể."),
    Placing.WAITING: ("waiting", "Đang chờ: {title} («{phrase}»).", "Khi đã có, ghi happened (ngày và văn bản)."),
}


def _decisions_of(occurrence: PlannedOccurrence, item: ItemDefinition, directory: Directory) -> Iterator[OpenDecision]:
    def decide(kind: str, sentence: str, help: str = "") -> OpenDecision:
        return OpenDecision(kind, occurrence.programme, occurrence.item, sentence, help)

    placing = Placing(occurrence.placing)
    if placing in _UNDATED:
        kind, sentence, help = _UNDATED[placing]
        yield decide(kind, sentence.format(title=occurrence.title, phrase=occurrence.phrase or "không nêu"), help)
    if placing is Placing.WINDOW and item.kind in EVENT_KINDS:
        by = f" bằng {occurrence.fixed_by}" if occurrence.fixed_by else ""
        yield decide("fix_date", f"Chưa ấn định ngày{by}: {occurrence.title} ({occurrence.phrase}).", "Ghi fixed khi đã có ngày.")
    if occurrence.assumed:
        yield decide("assumed", f"Ngày nộp là giả định: {occurrence.title}, {_key_in_words(occurrence.period)}.", "Xác nhận ngày nộp với nơi nhận.")
    if item.kind is ItemKind.INSPECTION and item.round is not None and item.team is None:
        yield decide("team", f"Chưa phân công đoàn: {occurrence.title}.", "Ghi team khi đã phân công.")
    for key, words in (("lead", "chủ trì"), ("inspected", "được kiểm tra")):
        for group in directory.resolve(getattr(item, key), occurrence.evaluated_on).open_groups:
            yield decide(
                "open_group", f"Chưa nêu tên cơ quan {words}: «{directory.name(group)}» ({occurrence.title}).", "Ghi rõ từng cơ quan vào agencies.yaml."
            )
    for duty in occurrence.duties:
        if duty.handover:
            yield decide(
                "handover",
                f"{directory.name(duty.agency)} đã kết thúc hoạt động trước {occurrence.evaluated_on:%d/%m/%Y}: ai làm thay «{occurrence.title}»?",
                "Ghi người kế thừa vào succession trong agencies.yaml.",
            )


def _unmatched_fixes(
    programme: ProgrammeDefinition, occurrences: Sequence[PlannedOccurrence], year: int
) -> Iterator[OpenDecision]:
    """A fixed date that meets no occurrence would be lost without a word."""
    periods = {(occurrence.item, occurrence.period) for occurrence in occurrences}
    for item in programme.items:
        for fixed in item.fixed:
            if fixed.period is None and len(item.fixed) == 1:
                continue
            if fixed.first.year == year and (item.id, fixed.period) not in periods:
                yield OpenDecision(
                    "unmatched_fix",
                    programme.code,
                    item.id,
                    f"Ngày ấn định {fixed.first:%d/%m/%Y} ({fixed.by}) không khớp kỳ nào của mục này (period: {fixed.period}).",
                    "Ghi period đúng như trong «dondoc agenda», ví dụ 2024-Q2.",
                )
