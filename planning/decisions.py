"""What a person must decide before the program can go on; it lists, and never decides. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from calendars.wording import say_period
from models.kinds import HELD_ON_A_DAY, ItemKind, Placing
from models.timing import Recurring, Several
from planning.definitions import ItemDefinition, ProgrammeDefinition
from planning.directory import Directory
from planning.placing import read_item_phrase
from planning.planned import OpenDecision, PlannedOccurrence

# days after its period in which a paper may still name a deadline ("trước 25/1 năm sau"); more looks like a slip
LONGEST_AFTER = 92


_UNDATED = {
    Placing.UNSPECIFIED: (
        "unspecified",
        "Chưa có thời gian: {title}.",
        "Ấn định thời gian, hoặc để trống nếu không cần theo dõi.",
    ),
    Placing.EXTERNAL: (
        "external",
        "Thời gian nằm ở văn bản khác: {title} («{phrase}»).",
        "Tìm văn bản ấy và ghi thời gian cụ thể.",
    ),
    Placing.WAITING: (
        "waiting",
        "Đang chờ: {title} («{phrase}»).",
        "Khi đã có, ghi ngày và văn bản ở trang của việc.",
    ),
}


def beyond_the_period(programme: ProgrammeDefinition, year: int) -> Iterator[OpenDecision]:
    """What a paper of several years asks for "hằng năm", in a year after its end."""
    if year < programme.period.first.year or programme.period.first.year == programme.last_day.year:
        return
    for item in programme.items:
        reading = read_item_phrase(programme, item, programme.last_day.year)
        parts = (
            ()
            if reading is None
            else (reading.timing.parts if isinstance(reading.timing, Several) else (reading.timing,))
        )
        if any(isinstance(part, Recurring) for part in parts):
            yield OpenDecision(
                "beyond_period",
                programme.code,
                item.id,
                f"«{item.when}»: văn bản chỉ nói đến {programme.last_day:%d/%m/%Y}; năm {year} có tiếp tục không?",
                "Nếu có văn bản gia hạn, ghi ngày gia hạn đến và số văn bản ấy vào tệp chương trình.",
            )


def list_decisions(
    programme: ProgrammeDefinition, occurrences: Sequence[PlannedOccurrence], directory: Directory, year: int
) -> Iterator[OpenDecision]:
    """Everything a person must decide about one programme in ``year``."""
    code = programme.code
    if programme.draft:
        yield OpenDecision(
            "draft",
            code,
            None,
            "Chương trình còn là dự thảo: chưa có số hoặc ngày ban hành.",
            "Khi văn bản được ký, ghi số và ngày ban hành vào tệp chương trình.",
        )
    elif programme.incomplete:
        yield OpenDecision(
            "incomplete",
            code,
            None,
            "Bản chép thiếu số hoặc ngày ban hành của văn bản.",
            "Tìm bản gốc, rồi ghi số và ngày ban hành vào tệp chương trình.",
        )
    if not any(occurrence.dated for occurrence in occurrences):
        yield OpenDecision(
            "no_date",
            code,
            None,
            f"Không mục nào có ngày trong năm {year}: lịch để trống.",
            "Hỏi cơ quan ban hành, hoặc ấn định ngày bằng văn bản.",
        )
    items = {item.id: item for item in programme.items}
    for occurrence in occurrences:
        if occurrence.called_off:
            continue
        yield from _decisions_of(occurrence, items[occurrence.item], directory, programme.last_day)


def _decisions_of(
    occurrence: PlannedOccurrence, item: ItemDefinition, directory: Directory, last_day: date
) -> Iterator[OpenDecision]:
    def decide(kind: str, sentence: str, help: str = "") -> OpenDecision:
        return OpenDecision(kind, occurrence.programme, occurrence.item, sentence, help)

    placing, title = Placing(occurrence.placing), occurrence.shown_title
    phrase = (None if occurrence.secret else occurrence.phrase) or "không nêu"
    if placing in _UNDATED:
        kind, sentence, help = _UNDATED[placing]
        yield decide(kind, sentence.format(title=title, phrase=phrase), help)
    if placing is Placing.WINDOW and item.kind in HELD_ON_A_DAY:
        by = f" bằng {occurrence.fixed_by}" if occurrence.fixed_by and not occurrence.secret else ""
        yield decide(
            "fix_date",
            f"Chưa ấn định ngày{by}: {title} ({phrase}).",
            "Khi đã có ngày, ấn định ở trang của việc.",
        )
    if occurrence.assumed:
        yield decide(
            "assumed",
            f"Ngày nộp là giả định: {title}, {say_period(occurrence.period)}.",
            "Hỏi lại nơi nhận, rồi đổi hạn ở trang của việc.",
        )
    if occurrence.named_date and (occurrence.named_date - last_day).days > LONGEST_AFTER:
        yield decide(
            "outside_period",
            f"Hạn {occurrence.named_date:%d/%m/%Y} ở rất xa sau giai đoạn của văn bản: {title}.",
            "Đối chiếu năm ghi trong tệp chương trình với văn bản.",
        )
    if item.kind is ItemKind.INSPECTION and item.round is not None and occurrence.team is None:
        yield decide("team", f"Chưa phân công đoàn: {title}.", "Phân công ở trang của việc.")
    for key, words in (("lead", "chủ trì"), ("inspected", "được kiểm tra")):
        for group in directory.resolve(getattr(item, key), occurrence.evaluated_on).open_groups:
            yield decide(
                "open_group",
                f"Chưa nêu tên cơ quan {words}: «{directory.name(group)}» ({title}).",
                "Ghi rõ từng cơ quan vào tệp danh mục cơ quan (agencies.yaml).",
            )
    for duty in occurrence.duties:
        if duty.handover:
            yield decide(
                "handover",
                f"{directory.name(duty.agency)} đã kết thúc hoạt động trước ngày {occurrence.evaluated_on:%d/%m/%Y}: "
                f"ai làm thay «{title}»?",
                "Ghi cơ quan kế thừa vào tệp danh mục cơ quan (agencies.yaml).",
            )


def unmatched_fixes(
    programme: ProgrammeDefinition, occurrences: Sequence[PlannedOccurrence], year: int
) -> Iterator[OpenDecision]:
    """A fixed date that meets no occurrence would be lost without a word."""
    met = {(occurrence.item, occurrence.first, occurrence.fixed_by) for occurrence in occurrences}
    for item in programme.items:
        for fixed in item.fixed:
            if fixed.first.year == year and (item.id, fixed.first, fixed.by) not in met:
                yield OpenDecision(
                    "unmatched_fix",
                    programme.code,
                    item.id,
                    f"Ngày ấn định {fixed.first:%d/%m/%Y} ({fixed.by}) không khớp kỳ nào của mục này, "
                    "hoặc mục này là một hạn.",
                    "Trong tệp chương trình, ghi kỳ như phần cuối của mã việc; mục là một hạn thì sửa thời gian.",
                )
