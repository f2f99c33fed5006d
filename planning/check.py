"""Reads the whole folder of programmes and finds every mistake at once; nothing is used before all of it is right."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from calendars.phrases import UnreadablePhrase, read_phrase
from calendars.working_days import DayOverride, WorkingDays
from models.errors import DonDocError
from models.kinds import ItemKind
from models.timing import Certainty, Reading, Several, Window
from planning.definitions import (
    AgenciesDefinition,
    HolidaysDefinition,
    ItemDefinition,
    MemberDefinition,
    PolicyDefinition,
    ProgrammeDefinition,
)
from planning.directory import Directory
from planning.yaml_files import InvalidDefinition, Place, Problem, Shape, Source, read_definition

# files of the folder that are not programmes
NOT_PROGRAMMES = frozenset({"agencies.yaml", "contacts.yaml"})


@dataclass(frozen=True)
class Definitions:
    """Everything on paper, checked: programmes by code, the directory of agencies, policies and day overrides."""

    programmes: Mapping[str, ProgrammeDefinition]
    directory: Directory
    policies: Mapping[str, PolicyDefinition]
    overrides: tuple[DayOverride, ...]

    @cached_property
    def working_days(self) -> WorkingDays:
        """The working days of Viet Nam with this folder's overrides."""
        return WorkingDays(self.overrides)


def read_definitions(folder: Path) -> Definitions:
    """The whole folder. Raises InvalidDefinition with every problem of every file, DonDocError when there is no folder."""
    if not folder.is_dir():
        raise DonDocError(
            f"Không có thư mục chương trình {folder.name}.", help="Đặt DONDOC_PROGRAMMES là thư mục chứa agencies.yaml."
        )
    problems: list[Problem] = []
    directory, programmes, policies = Directory(AgenciesDefinition.model_construct(agencies=())), {}, {}
    if found := _read(folder / "agencies.yaml", AgenciesDefinition, problems):
        definition, source = found
        directory = Directory(definition)
        problems += check_agencies(definition, source)
    for path in sorted(folder.glob("policies/*.yaml")):
        if policy := _read(path, PolicyDefinition, problems):
            policies[policy[0].code] = policy[0]
    overrides = _read_overrides(folder, problems)
    agencies_are_right = not problems
    for path in sorted(folder.glob("*.yaml")):
        if path.name in NOT_PROGRAMMES:
            continue
        if programme := _read(path, ProgrammeDefinition, problems):
            problems += check_programme(*programme, directory if agencies_are_right else None, policies)
            if programme[0].code in programmes:
                problems.append(
                    programme[1].problem(("code",), f"Mã chương trình {programme[0].code} đã có ở tệp khác.", "Đặt mã khác.")
                )
            programmes[programme[0].code] = programme[0]
    if problems:
        raise InvalidDefinition(problems)
    return Definitions(programmes, directory, policies, overrides)


def read_overrides(folder: Path) -> tuple[DayOverride, ...]:
    """Only the days decided otherwise. Raises InvalidDefinition with every problem of their files."""
    problems: list[Problem] = []
    overrides = _read_overrides(folder, problems)
    if problems:
        raise InvalidDefinition(problems)
    return overrides


def _read_overrides(folder: Path, problems: list[Problem]) -> tuple[DayOverride, ...]:
    overrides: dict[date, DayOverride] = {}
    for path in sorted(folder.glob("holidays/*.yaml")):
        if holidays := _read(path, HolidaysDefinition, problems):
            problems += _check_holidays(*holidays, set(overrides))
            overrides |= {
                day.day: DayOverride(day.day, day.working, day.document, day.entered_by, day.note or "")
                for day in holidays[0].overrides
            }
    return tuple(overrides.values())


def read_item_phrase(programme: ProgrammeDefinition, item: ItemDefinition, year: int) -> Reading | None:
    """What the item's phrase says in the programme's context; None when the paper gives no time.

    Raises calendars.phrases.UnreadablePhrase.
    """
    if item.when is None:
        return None
    period = Window(programme.period.first, programme.last_day, Certainty.PERIOD)
    return read_phrase(item.when, year=year, period=period, issued=programme.document.issued)


def _read(path: Path, shape: type[Shape], problems: list[Problem]) -> tuple[Shape, Source] | None:
    try:
        return read_definition(path, shape)
    except InvalidDefinition as error:
        problems.extend(error.problems)
        return None


# ---------------------------------------------------------------- agencies


def check_agencies(definition: AgenciesDefinition, source: Source) -> Iterator[Problem]:
    """Codes once and known, days in order, parents and groups without a circle."""
    codes = [agency.code for agency in definition.agencies] + [group.code for group in definition.groups]
    known = set(codes)
    yield from _twice(codes, lambda code: source.problem(_place_of(source, code), f"Mã {code} dùng hai lần.", "Đặt mã khác."))
    for number, agency in enumerate(definition.agencies):
        place: Place = ("agencies", number)
        if agency.parent is not None and agency.parent not in known:
            yield source.problem((*place, "parent"), f"Không có cơ quan {agency.parent}.", _did_you_mean(agency.parent, known))
        if agency.valid_from and agency.valid_to and agency.valid_to < agency.valid_from:
            yield source.problem((*place, "valid_to"), "Ngày kết thúc (valid_to) trước ngày bắt đầu (valid_from).", "Sửa lại một trong hai.")
    for number, group in enumerate(definition.groups):
        for order, member in enumerate(group.members):
            code = member.code if isinstance(member, MemberDefinition) else member
            if code not in known:
                yield source.problem(("groups", number, "members", order), f"Không có cơ quan {code}.", _did_you_mean(code, known))
        if not group.open and not group.members:
            yield source.problem(("groups", number), "Nhóm không có thành viên nào.", "Ghi members, hoặc open: true nếu văn bản không nêu tên.")
    for number, change in enumerate(definition.succession):
        for code in (*change.source, *(successor.code for successor in change.successors)):
            if code not in known:
                yield source.problem(("succession", number), f"Không có cơ quan {code}.", _did_you_mean(code, known))
    members = {
        group.code: [m.code if isinstance(m, MemberDefinition) else m for m in group.members] for group in definition.groups
    }
    parents = {agency.code: [agency.parent] for agency in definition.agencies if agency.parent}
    successors = {code: [s.code for s in change.successors] for change in definition.succession for code in change.source}
    for arrows, words in ((members, "Nhóm chứa lẫn nhau"), (parents, "Cơ quan cấp trên vòng tròn"), (successors, "Kế thừa vòng tròn")):
        for circle in _circles(arrows):
            yield source.problem(_place_of(source, circle[0]), f"{words}: {' → '.join(circle)}.", "Bỏ một mắt xích.")


def _place_of(source: Source, code: str) -> Place:
    """Where ``code`` is defined; the last place when it is defined twice."""
    found: Place = ()
    for key in ("agencies", "groups", "succession"):
        for number, entry in enumerate(source.data.get(key) or ()):
            if entry.get("code") == code or (key == "succession" and not found and code in entry.get("source", ())):
                found = (key, number)
    return found


def _check_holidays(definition: HolidaysDefinition, source: Source, taken: set[date]) -> Iterator[Problem]:
    for number, override in enumerate(definition.overrides):
        if override.day in taken:
            yield source.problem(("overrides", number), f"Ngày {override.day:%d/%m/%Y} đã được quy định rồi.", "Giữ lại một dòng.")
        taken.add(override.day)


# ---------------------------------------------------------------- a programme


def check_programme(
    programme: ProgrammeDefinition, source: Source, directory: Directory | None, policies: Mapping[str, PolicyDefinition]
) -> Iterator[Problem]:
    """Everything about one programme; ``directory`` is None when the agencies themselves are wrong."""
    if programme.last_day < programme.period.first:
        yield source.problem(("period",), "Giai đoạn kết thúc trước khi bắt đầu.", "Sửa first hoặc last.")
    if (programme.period.extended_to is None) != (programme.period.extended_by is None):
        yield source.problem(("period",), "Gia hạn phải có cả ngày (extended_to) và văn bản (extended_by).", "Ghi đủ hai khóa.")
    if programme.policy not in policies:
        yield source.problem(("policy",), f"Không có chính sách nhắc việc «{programme.policy}».", _did_you_mean(programme.policy, policies))
    ids = [item.id for item in programme.items]
    yield from _twice(ids, lambda code: source.problem(("items", _last(ids, code)), f"Mã mục {code} dùng hai lần.", "Đặt mã khác."))
    if directory:
        for place, code in _codes(programme):
            if code not in directory:
                yield source.problem(place, f"Không có cơ quan {code}.", _did_you_mean_agency(code, directory))
    for number, item in enumerate(programme.items):
        yield from _check_item(programme, item, ("items", number), source, set(ids))
    needs = {item.id: [need.item for need in item.depends_on] for item in programme.items}
    parents = {item.id: [item.parent] for item in programme.items if item.parent}
    for arrows, words in ((needs, "Phụ thuộc vòng tròn"), (parents, "Mục cha con vòng tròn")):
        for circle in _circles(arrows):
            place: Place = ("items", ids.index(circle[0]), "depends_on" if arrows is needs else "parent")
            yield source.problem(place, f"{words}: {' → '.join(circle)}.", "Bỏ một mắt xích.")
    yield from _check_totals(programme, source)


def _check_item(
    programme: ProgrammeDefinition, item: ItemDefinition, place: Place, source: Source, ids: set[str]
) -> Iterator[Problem]:
    for order, need in enumerate(item.depends_on):
        if need.item not in ids:
            yield source.problem((*place, "depends_on", order), f"Không có mục {need.item}.", _did_you_mean(need.item, ids))
    if item.parent is not None and item.parent not in ids:
        yield source.problem((*place, "parent"), f"Không có mục cha {item.parent}.", _did_you_mean(item.parent, ids))
    if item.inherits and item.parent is None:
        yield source.problem((*place, "inherits"), "Mục kế thừa phải có mục cha.", "Thêm parent.")
    if item.kind is ItemKind.HEADING and (item.lead or item.when):
        yield source.problem((*place, "kind"), "Đề mục không có cơ quan chủ trì và thời gian.", "Bỏ lead, when hoặc chọn kind khác.")
    if item.headcount_parts and sum(part.number for part in item.headcount_parts) != item.headcount:
        total = sum(part.number for part in item.headcount_parts)
        yield source.problem((*place, "headcount"), f"Số người {item.headcount} khác tổng các phần {total}.", "Sửa headcount hoặc headcount_parts.")
    for order, fixed in enumerate(item.fixed):
        if fixed.last and fixed.last < fixed.first:
            yield source.problem((*place, "fixed", order), "Ngày kết thúc trước ngày bắt đầu.", "Sửa first hoặc last.")
        if fixed.starts and fixed.ends and (fixed.last or fixed.first) == fixed.first and fixed.ends <= fixed.starts:
            yield source.problem((*place, "fixed", order), "Giờ kết thúc không sau giờ bắt đầu.", "Sửa starts hoặc ends.")
    yield from _check_phrase(programme, item, place, source)


def _check_phrase(programme: ProgrammeDefinition, item: ItemDefinition, place: Place, source: Source) -> Iterator[Problem]:
    try:
        reading = read_item_phrase(programme, item, programme.period.first.year)
    except UnreadablePhrase as error:
        yield source.problem((*place, "when"), error.sentence, error.help)
        return
    if reading is None:
        return
    several_years = programme.period.first.year != programme.last_day.year
    if reading.assumed_year and several_years:
        yield source.problem(
            (*place, "when"),
            f"«{item.when}» không nêu năm mà chương trình kéo dài nhiều năm.",
            "Thêm năm, hoặc «hằng năm» nếu việc lặp lại mỗi năm.",
        )
    parts = reading.timing.parts if isinstance(reading.timing, Several) else (reading.timing,)
    for part in parts:
        if isinstance(part, Window) and part.last < part.first:
            yield source.problem((*place, "when"), f"«{item.when}» kết thúc trước khi bắt đầu.", "Sửa lại thời gian.")


def _check_totals(programme: ProgrammeDefinition, source: Source) -> Iterator[Problem]:
    items = {item.id: item for item in programme.items}
    for number, total in enumerate(programme.totals):
        place: Place = ("totals", number)
        unknown = [code for code in total.items if code not in items]
        for code in unknown:
            yield source.problem((*place, "items"), f"Không có mục {code}.", _did_you_mean(code, items))
        if unknown:
            continue
        found = sum(_amount(items[code], total.of) for code in total.items)
        if found != total.stated:
            yield source.problem(
                (*place, "stated"), f"Văn bản ghi tổng {total.stated} nhưng các mục cộng lại là {found}.", "Đối chiếu với văn bản."
            )


def _amount(item: ItemDefinition, of: str) -> int:
    if of == "headcount":
        return item.headcount or 0
    if item.budget is None:
        return 0
    central, local = item.budget.central, item.budget.local
    return {"budget": central + local, "budget_central": central, "budget_local": local}[of]


def _codes(programme: ProgrammeDefinition) -> Iterator[tuple[Place, str]]:
    """Every agency or group code a programme mentions, with its place."""
    yield ("document", "issuer"), programme.document.issuer
    yield ("standing_agency",), programme.standing_agency
    if programme.collector:
        yield ("collector",), programme.collector
    for number, item in enumerate(programme.items):
        for key in ("lead", "participants", "inspected", "recipients"):
            for order, code in enumerate(getattr(item, key)):
                yield ("items", number, key, order), code
        if item.team:
            yield ("items", number, "team"), item.team


# ---------------------------------------------------------------- shared by all of them


def _twice(codes: list[str], complain: Callable[[str], Problem]) -> Iterator[Problem]:
    for code, times in Counter(codes).items():
        if times > 1:
            yield complain(code)


def _last(codes: list[str], code: str) -> int:
    return len(codes) - 1 - codes[::-1].index(code)


def _circles(arrows: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Each circle once, beginning at its smallest member; walked without recursion so that depth does not matter."""
    finished: set[str] = set()
    for start in arrows:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            code, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(code)
                finished.add(code)
            elif code in on_path:
                circle = path[path.index(code) :]
                first = circle.index(min(circle))
                yield [*circle[first:], *circle[:first], circle[first]]
            elif code not in finished:
                path.append(code)
                on_path.add(code)
                stack.append((code, True))
                stack.extend((after, False) for after in arrows.get(code, ()))


def _did_you_mean(code: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(code, list(known), n=1, cutoff=0.5)
    return f"Có phải là {near[0]}?" if near else "Kiểm tra lại mã."


def _did_you_mean_agency(code: str, directory: Directory) -> str:
    """By code first, then by the names and aliases people write."""
    for agency in (*directory.agencies.values(), *directory.groups.values()):
        if code.casefold() in {name.casefold() for name in (agency.name, getattr(agency, "short", ""), *agency.aliases)}:
            return f"Dùng mã {agency.code} ({agency.name})."
    near = difflib.get_close_matches(code, [*directory.agencies, *directory.groups], n=1, cutoff=0.5)
    return f"Có phải là {near[0]} ({directory.name(near[0])})?" if near else "Thêm cơ quan này vào agencies.yaml."
