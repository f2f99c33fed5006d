"""Commands that read the stored year: the agenda, what waits for a decision; and the note that something was submitted."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date

from rich.table import Table

from board.standing import STANDING_NAMES, Standing, stand
from calendars.wording import say_hours, say_short, say_window
from cli.office import Office, open_office
from cli.output import console, print_json
from models.errors import DonDocError
from models.kinds import KIND_NAMES, PLACING_NAMES, ItemKind, Placing
from models.occurrence import Decision
from models.timing import Certainty, Hours, Window
from office.store import reading, writing
from planning.agenda import Entry, mark_done, planned_years, read_agenda, read_decisions

DECISION_NAMES = {
    "draft": "Còn là dự thảo",
    "no_date": "Không có ngày nào",
    "clash": "Gợi ý tránh chồng lịch",
    "fix_date": "Chờ ấn định ngày",
    "team": "Chờ phân công đoàn",
    "open_group": "Chưa nêu tên cơ quan",
    "handover": "Cơ quan đã kết thúc, chờ bàn giao",
    "assumed": "Ngày giả định, chờ xác nhận",
    "beyond_period": "Văn bản đã hết giai đoạn",
    "waiting": "Chờ văn bản hoặc sự việc",
    "external": "Thời gian ở văn bản khác",
    "unspecified": "Văn bản chưa nêu thời gian",
    "unmatched_fix": "Ngày ấn định không khớp",
}


def show_agenda(year: int | None, month: str | None, agency: str | None, programme: str | None, *, as_json: bool) -> None:
    """The agenda of a year or month, of everyone or one agency."""
    office = open_office()
    year, number = _month(month, year or office.clock.today().year)
    directory = office.definitions.directory
    if agency is not None and agency not in directory:
        raise DonDocError(f"Không có cơ quan {agency}.", help="Xem mã trong programmes/agencies.yaml.")
    if programme is not None and programme not in office.definitions.programmes:
        raise DonDocError(f"Không có chương trình {programme}.", help=f"Các mã đang có: {', '.join(office.definitions.programmes)}.")
    with reading(office.store) as connection:
        if year not in planned_years(connection):
            raise DonDocError(f"Năm {year} chưa được lập.", help=f"Chạy «dondoc plan {year}» trước.")
        entries = read_agenda(
            connection, office.clock.today(), year=year, month=number, agency=agency, programme=programme
        )
        waiting = read_decisions(connection, year, programme)
    if as_json:
        print_json({"year": year, "month": number, "agency": agency, "occurrences": entries})
        return
    heading = f"Tháng {number}/{year}" if number else f"Năm {year}"
    who = f", {directory.name(agency)}" if agency else ""
    _show_dated(f"{heading}{who}", [entry for entry in entries if entry.dated], office, agency)
    if not number:
        _show_undated([entry for entry in entries if not entry.dated])
    if waiting:
        console.print(f"{len(waiting)} việc chờ quyết định: xem «dondoc decisions --year {year}».")


def _month(text: str | None, year: int) -> tuple[int, int | None]:
    if text is None:
        return year, None
    if found := re.fullmatch(r"(?:(\d{4})-)?(\d{1,2})", text):
        number = int(found[2])
        if 1 <= number <= 12:
            return int(found[1] or year), number
    raise DonDocError(f"Không hiểu tháng «{text}».", help="Viết --month 12 hoặc --month 2024-12.")


def say_when(entry: Entry) -> str:
    """When, the way a secretary reads it: both dates of a deadline, the stretch of a window."""
    if entry.last_on_time and entry.named_date and entry.work_by:
        word = "chậm nhất" if entry.included else "trước"
        assumed = " (giả định)" if entry.assumed else ""
        return f"{word} {say_short(entry.named_date)}{assumed}; ngày cuối {say_short(entry.last_on_time)}; nên xong {say_short(entry.work_by)}"
    if entry.first and entry.last:
        if entry.placing == Placing.FIXED:
            hours = f", {say_hours(Hours(entry.starts, entry.ends))}" if entry.starts else ""
            until = f" – {say_short(entry.last)}" if entry.last != entry.first else ""
            return f"{say_short(entry.first)}{until}{hours}"
        length = f", {entry.duration_days:02d} ngày" if entry.duration_days else ""
        return f"dự kiến {say_window(Window(entry.first, entry.last, Certainty(entry.certainty)))}{length}"
    return PLACING_NAMES[Placing(entry.placing)]


def _marks(entry: Entry) -> str:
    marks = [("lịch sử", entry.history), ("dự thảo", entry.draft), ("dự kiến", entry.tentative and not entry.draft)]
    return ", ".join(word for word, holds in marks if holds)


def _show_dated(title: str, entries: list[Entry], office: Office, agency: str | None) -> None:
    if not entries:
        console.print(f"{title}: không có việc nào có ngày.")
        return
    table = Table(title=title, title_justify="left", show_lines=False)
    for heading in ("Khi nào", "Việc", "Chủ trì, đoàn", "Ghi chú"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        lead = "; ".join(named.short for named in entry.lead[:3]) + (f" và {len(entry.lead) - 3} cơ quan khác" if len(entry.lead) > 3 else "")
        notes = [_marks(entry), _say_duties(entry, office.clock.today(), agency)]
        table.add_row(
            say_when(entry), f"{KIND_NAMES[ItemKind(entry.kind)]}: {entry.title}", lead, "; ".join(filter(None, notes))
        )
    console.print(table)


def _say_duties(entry: Entry, today: date, agency: str | None) -> str:
    """How the duties stand; of a programme that is over, or a draft, nothing is called overdue."""
    duties = [duty for duty in entry.duties if agency in (None, duty.agency.code)]
    if not duties or entry.last_on_time is None:
        return ""
    done = sum(duty.done_on is not None for duty in duties)
    if entry.history or entry.draft:
        return f"{done}/{len(duties)} đã nộp"
    counted: dict[Standing, int] = defaultdict(int)
    for duty in duties:
        counted[stand(duty.done_on, entry.last_on_time, today)] += 1
    return ", ".join(f"{number} {STANDING_NAMES[standing]}" for standing, number in counted.items())


def _show_undated(entries: list[Entry]) -> None:
    if not entries:
        return
    table = Table(title="Không có ngày (giữ nguyên như văn bản)", title_justify="left")
    for heading in ("Loại", "Việc", "Cụm từ trong văn bản", "Chương trình"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        history = " (lịch sử)" if entry.history else ""
        table.add_row(PLACING_NAMES[Placing(entry.placing)], entry.title, entry.phrase or "—", f"{entry.programme}{history}")
    console.print(table)


def show_decisions(year: int | None, programme: str | None, *, as_json: bool) -> None:
    """What waits for a person, grouped by what kind of decision it is."""
    office = open_office()
    year = year or office.clock.today().year
    with reading(office.store) as connection:
        if year not in planned_years(connection):
            raise DonDocError(f"Năm {year} chưa được lập.", help=f"Chạy «dondoc plan {year}» trước.")
        waiting = read_decisions(connection, year, programme)
    if as_json:
        print_json({"year": year, "decisions": [decision.model_dump() for decision in waiting]})
        return
    if not waiting:
        console.print(f"Năm {year}: không có việc nào chờ quyết định.")
        return
    groups: dict[str, list[Decision]] = defaultdict(list)
    for decision in waiting:
        groups[decision.kind].append(decision)
    for kind, name in DECISION_NAMES.items():
        if not (found := groups.get(kind)):
            continue
        table = Table(title=f"{name} ({len(found)})", title_justify="left")
        for heading in ("Chương trình, mục", "Việc", "Cần làm"):
            table.add_column(heading, overflow="fold")
        for decision in found:
            table.add_row(" ".join(filter(None, (decision.programme, decision.item))), decision.sentence, decision.help)
        console.print(table)


def record_done(duty: str, by: str, document: str | None, on: str | None) -> None:
    """Records the first complete submission; a second one changes nothing and is refused with a sentence."""
    office = open_office()
    try:
        day = date.fromisoformat(on) if on else office.clock.today()
    except ValueError:
        raise DonDocError(f"Không hiểu ngày «{on}».", help="Viết --on 2024-12-09.") from None
    if not by.strip():
        raise DonDocError("Thiếu người ghi nhận.", help="Viết --by \"Họ và tên\".")
    if day > office.clock.today():
        raise DonDocError(f"Ngày nộp {say_short(day)} chưa đến.", help="Ghi ngày đã nộp thật.")
    with writing(office.store) as connection:
        recorded = mark_done(connection, duty, day, by.strip(), document)
    if not recorded:
        raise DonDocError(f"Không ghi nhận được {duty}: không có nhiệm vụ này, hoặc đã ghi nhận rồi.", help="Xem mã nhiệm vụ bằng «dondoc agenda --json».")
    console.print(f"Đã ghi nhận {duty}: nộp ngày {say_short(day)}.", markup=False)
