"""What can be wrong with agencies.yaml and the day overrides; every mistake is named, none is guessed away. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from planning.definitions import AgenciesDefinition, HolidaysDefinition
from planning.mistakes import circles, did_you_mean, twice
from planning.yaml_files import Place, Problem, Source


def check_agencies(definition: AgenciesDefinition, source: Source) -> Iterator[Problem]:
    """Codes once and known, days in order, parents and groups without a circle."""
    codes = [agency.code for agency in definition.agencies] + [group.code for group in definition.groups]
    known = set(codes)
    yield from twice(
        codes,
        lambda code: source.problem(_place_of(source, code), f"Mã {code} dùng hai lần.", "Đặt mã khác."),
    )
    for number, agency in enumerate(definition.agencies):
        place: Place = ("agencies", number)
        if agency.parent is not None and agency.parent not in known:
            yield source.problem(
                (*place, "parent"), f"Không có cơ quan {agency.parent}.", did_you_mean(agency.parent, known)
            )
        if agency.valid_from and agency.valid_to and agency.valid_to < agency.valid_from:
            yield source.problem(
                (*place, "valid_to"),
                "Ngày kết thúc (valid_to) trước ngày bắt đầu (valid_from).",
                "Sửa lại một trong hai.",
            )
    for number, group in enumerate(definition.groups):
        place = ("groups", number, "members")
        for order, member in enumerate(group.entries):
            if member.code not in known:
                yield source.problem(
                    (*place, order), f"Không có cơ quan {member.code}.", did_you_mean(member.code, known)
                )
        for code, times in Counter(member.code for member in group.entries).items():
            if times > 1:
                yield source.problem(place, f"Thành viên {code} ghi hai lần.", "Giữ lại một.")
        if not group.open and not group.members:
            yield source.problem(
                place[:2], "Nhóm không có thành viên nào.", "Ghi members, hoặc open: true nếu văn bản không nêu tên."
            )
    yield from _check_succession(definition, source)
    members = {group.code: [member.code for member in group.entries] for group in definition.groups}
    parents = {agency.code: [agency.parent] for agency in definition.agencies if agency.parent}
    successors = {
        code: [s.code for s in change.successors] for change in definition.succession for code in change.source
    }
    for arrows, words in (
        (members, "Nhóm chứa lẫn nhau"),
        (parents, "Cơ quan cấp trên vòng tròn"),
        (successors, "Kế thừa vòng tròn"),
    ):
        for circle in circles(arrows):
            yield source.problem(_place_of(source, circle[0]), f"{words}: {' → '.join(circle)}.", "Bỏ một mắt xích.")


def _check_succession(definition: AgenciesDefinition, source: Source) -> Iterator[Problem]:
    """Bodies, not groups; each succeeded once; ended the day before, or nobody would ever be asked to answer for it."""
    bodies = {agency.code: agency for agency in definition.agencies}
    for number, change in enumerate(definition.succession):
        place: Place = ("succession", number)
        for code in (*change.source, *(successor.code for successor in change.successors)):
            if code not in bodies:
                sentence = f"{code} không phải mã của một cơ quan: nhóm không kế thừa được."
                yield source.problem(place, sentence, did_you_mean(code, bodies))
        for code in change.source:
            ended = bodies[code].valid_to if code in bodies else None
            if code in bodies and (ended is None or ended >= change.on):
                yield source.problem(
                    place,
                    f"{code} có kế thừa từ {change.on:%d/%m/%Y} nhưng chưa kết thúc trước ngày ấy.",
                    f"Ghi valid_to của {code} là ngày liền trước.",
                )
    sources = [code for change in definition.succession for code in change.source]
    yield from twice(
        sources,
        lambda code: source.problem(
            _place_of(source, code), f"{code} có hai lần kế thừa.", "Gộp thành một mục succession."
        ),
    )


def _place_of(source: Source, code: str) -> Place:
    """Where ``code`` is defined; the last place when it is defined twice."""
    found: Place = ()
    for key in ("agencies", "groups", "succession"):
        for number, entry in enumerate(source.data.get(key) or ()):
            if entry.get("code") == code or (key == "succession" and not found and code in entry.get("source", ())):
                found = (key, number)
    return found


def check_holidays(definition: HolidaysDefinition, source: Source, taken: set[date]) -> Iterator[Problem]:
    """Each day decided once; ``taken`` are the days other files have, and this file's are added to it."""
    for number, override in enumerate(definition.overrides):
        if override.day in taken:
            yield source.problem(
                ("overrides", number),
                f"Ngày {override.day:%d/%m/%Y} đã được quy định rồi.",
                "Giữ lại một dòng.",
            )
        taken.add(override.day)
