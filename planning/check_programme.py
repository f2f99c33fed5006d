"""What can be wrong with one programme: unknown names, circles, unreadable phrases, totals that do not add up. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from calendars.phrases import UnreadablePhrase
from models.kinds import ItemKind
from models.timing import Several, Window
from planning.definitions import ItemDefinition, PolicyDefinition, ProgrammeDefinition
from planning.directory import Directory
from planning.mistakes import circles, did_you_mean, twice
from planning.placing import read_item_phrase
from planning.yaml_files import DEEPEST, Place, Problem, Source


def check_programme(
    programme: ProgrammeDefinition,
    source: Source,
    directory: Directory | None,
    policies: Mapping[str, PolicyDefinition],
) -> Iterator[Problem]:
    """Everything about one programme; ``directory`` is None when the agencies themselves are wrong."""
    if programme.last_day < programme.period.first:
        yield source.problem(("period",), "Giai đoạn kết thúc trước khi bắt đầu.", "Sửa first hoặc last.")
    if (programme.period.extended_to is None) != (programme.period.extended_by is None):
        yield source.problem(
            ("period",), "Gia hạn phải có cả ngày (extended_to) và văn bản (extended_by).", "Ghi đủ hai khóa."
        )
    named: list[tuple[Place, str | None]] = [(("policy",), programme.policy)]
    named += [(("items", number, "policy"), item.policy) for number, item in enumerate(programme.items)]
    for where, policy in named:
        if policy is not None and policy not in policies:
            yield source.problem(where, f"Không có chính sách nhắc việc «{policy}».", did_you_mean(policy, policies))
    ids = [item.id for item in programme.items]
    yield from twice(
        ids,
        lambda code: source.problem(("items", _last(ids, code)), f"Mã mục {code} dùng hai lần.", "Đặt mã khác."),
    )
    if directory:
        for where, code in _codes(programme):
            if code not in directory:
                yield source.problem(where, f"Không có cơ quan {code}.", _did_you_mean_agency(code, directory))
    for number, item in enumerate(programme.items):
        yield from _check_item(programme, item, ("items", number), source, set(ids))
    needs = {item.id: [need.item for need in item.depends_on] for item in programme.items}
    parents = {item.id: [item.parent] for item in programme.items if item.parent}
    yield from _check_depth(parents, ids, source)
    for arrows, words in ((needs, "Phụ thuộc vòng tròn"), (parents, "Mục cha con vòng tròn")):
        for circle in circles(arrows):
            place: Place = ("items", ids.index(circle[0]), "depends_on" if arrows is needs else "parent")
            yield source.problem(place, f"{words}: {' → '.join(circle)}.", "Bỏ một mắt xích.")
    yield from _check_totals(programme, source)


def _check_depth(parents: Mapping[str, list[str]], ids: list[str], source: Source) -> Iterator[Problem]:
    """Paper has headings within headings, but not twenty deep."""
    for code in parents:
        above, depth = code, 0
        while above in parents and depth <= DEEPEST:
            above, depth = parents[above][0], depth + 1
        if depth > DEEPEST and above != code:
            yield source.problem(
                ("items", ids.index(code), "parent"), f"Mục cha con sâu quá {DEEPEST} cấp.", "Bỏ bớt cấp."
            )


def _check_item(
    programme: ProgrammeDefinition, item: ItemDefinition, place: Place, source: Source, ids: set[str]
) -> Iterator[Problem]:
    for order, need in enumerate(item.depends_on):
        if need.item not in ids:
            yield source.problem(
                (*place, "depends_on", order), f"Không có mục {need.item}.", did_you_mean(need.item, ids)
            )
    if item.parent is not None and item.parent not in ids:
        yield source.problem((*place, "parent"), f"Không có mục cha {item.parent}.", did_you_mean(item.parent, ids))
    if item.inherits and item.parent is None:
        yield source.problem((*place, "inherits"), "Mục kế thừa phải có mục cha.", "Thêm parent.")
    if item.kind is ItemKind.HEADING and (item.lead or item.when):
        yield source.problem(
            (*place, "kind"),
            "Đề mục không có cơ quan chủ trì và thời gian.",
            "Bỏ lead, when hoặc chọn kind khác.",
        )
    if item.headcount_parts and sum(part.number for part in item.headcount_parts) != item.headcount:
        total = sum(part.number for part in item.headcount_parts)
        yield source.problem(
            (*place, "headcount"),
            f"Số người {item.headcount} khác tổng các phần {total}.",
            "Sửa headcount hoặc headcount_parts.",
        )
    for order, fixed in enumerate(item.fixed):
        if fixed.last and fixed.last < fixed.first:
            yield source.problem((*place, "fixed", order), "Ngày kết thúc trước ngày bắt đầu.", "Sửa first hoặc last.")
        if fixed.starts and fixed.ends and (fixed.last or fixed.first) == fixed.first and fixed.ends <= fixed.starts:
            yield source.problem(
                (*place, "fixed", order), "Giờ kết thúc không sau giờ bắt đầu.", "Sửa starts hoặc ends."
            )
    yield from _check_phrase(programme, item, place, source)


def _check_phrase(
    programme: ProgrammeDefinition, item: ItemDefinition, place: Place, source: Source
) -> Iterator[Problem]:
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
            yield source.problem((*place, "items"), f"Không có mục {code}.", did_you_mean(code, items))
        if unknown:
            continue
        found = sum(_amount(items[code], total.of) for code in total.items)
        if found != total.stated:
            yield source.problem(
                (*place, "stated"),
                f"Văn bản ghi tổng {total.stated} nhưng các mục cộng lại là {found}.",
                "Đối chiếu với văn bản.",
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


def _last(codes: list[str], code: str) -> int:
    return len(codes) - 1 - codes[::-1].index(code)


def _did_you_mean_agency(code: str, directory: Directory) -> str:
    near = difflib.get_close_matches(code, [*directory.agencies, *directory.groups], n=1, cutoff=0.5)
    if not near:
        return "Thêm cơ quan này vào agencies.yaml."
    return f"Có phải là {near[0]} ({directory.name(near[0])})?"
