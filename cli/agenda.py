"""Commands on the stored year: the agenda, what waits for a decision, and the note that something was submitted."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date

from rich.table import Table

from board.standing import STANDING_NAMES, Standing, stand
from calendars.wording import say_short
from cli.office import Office, open_office
from cli.output import console, print_json, say, typed
from models.errors import DonDocError
from models.kinds import DECISION_NAMES, PLACING_NAMES, Placing
from models.occurrence import Decision
from office.store import reading, writing
from planning.agenda import Entry, planned_years, read_agenda, read_decisions, say_when
from planning.submissions import has_duty, mark_done


def show_agenda(
    year: int | None, month: str | None, agency: str | None, programme: str | None, *, as_json: bool
) -> None:
    """The agenda of a year or month, of everyone or one agency."""
    office = open_office()
    year, number = _month(month, year or office.clock.today().year)
    directory = office.definitions.directory
    if agency is not None and agency not in directory:
        raise DonDocError(f"Không có cơ quan {agency}.", help="Xem mã trong programmes/agencies.yaml.")
    _require_programme(office, programme)
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
    dated = [entry for entry in entries if entry.dated]
    lasting = [entry for entry in dated if entry.last_on_time is None and entry.certainty in ("year", "period")]
    _show_dated(f"{heading}{who}", [entry for entry in dated if entry not in lasting], office, agency)
    if lasting and number:
        say(f"Ngoài ra {len(lasting)} việc kéo dài cả năm hoặc cả giai đoạn: xem «dondoc agenda --year {year}».")
    elif lasting:
        _show_dated(f"{heading}{who}: kéo dài cả năm hoặc cả giai đoạn", lasting, office, agency)
    if not number:
        _show_undated([entry for entry in entries if not entry.dated])
    if waiting:
        say(f"{len(waiting)} việc chờ quyết định: xem «dondoc decisions --year {year}».")


def _require_programme(office: Office, programme: str | None) -> None:
    known = office.definitions.programmes
    if programme is not None and programme not in known:
        raise DonDocError(f"Không có chương trình {programme}.", help=f"Các mã đang có: {', '.join(known)}.")


def _month(text: str | None, year: int) -> tuple[int, int | None]:
    if text is None:
        return year, None
    if found := re.fullmatch(r"(?:(\d{4})-)?(\d{1,2})", text):
        number = int(found[2])
        if 1 <= number <= 12:
            return int(found[1] or year), number
    raise DonDocError(f"Không hiểu tháng «{text}».", help="Viết --month 12 hoặc --month 2024-12.")


def _marks(entry: Entry) -> str:
    marks = [
        ("lịch sử", entry.history),
        ("dự thảo", entry.draft),
        ("dự kiến", entry.tentative and not entry.draft),
    ]
    return ", ".join(word for word, holds in marks if holds)


def _show_dated(title: str, entries: list[Entry], office: Office, agency: str | None) -> None:
    if not entries:
        say(f"{title}: không có việc nào có ngày.")
        return
    table = Table(title=title, title_justify="left", show_lines=False)
    for heading, share in (("Khi nào", 3), ("Việc", 5), ("Mã việc", 3), ("Chủ trì, đoàn", 3), ("Ghi chú", 2)):
        table.add_column(heading, overflow="fold", ratio=share)
    for entry in entries:
        lead = "; ".join(named.short for named in entry.lead[:3]) + (
            f" và {len(entry.lead) - 3} cơ quan khác" if len(entry.lead) > 3 else ""
        )
        notes = [_marks(entry), _say_duties(entry, office.clock.today(), agency)]
        table.add_row(
            say_when(entry),
            entry.title,
            entry.id,
            lead,
            "; ".join(filter(None, notes)),
        )
    console.print(table)


def _say_duties(entry: Entry, today: date, agency: str | None) -> str:
    """How the duties stand; nothing over, drafted or assumed is called overdue."""
    duties = [duty for duty in entry.duties if agency in (None, duty.agency.code)]
    if not duties or entry.last_on_time is None:
        return ""
    done = sum(duty.done_on is not None for duty in duties)
    if entry.history or entry.draft or entry.assumed:
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
        table.add_row(
            PLACING_NAMES[Placing(entry.placing)],
            entry.title,
            entry.phrase or "—",
            f"{entry.programme}{history}",
        )
    console.print(table)


def show_decisions(year: int | None, programme: str | None, *, as_json: bool) -> None:
    """What waits for a person, grouped by what kind of decision it is."""
    office = open_office()
    _require_programme(office, programme)
    year = year or office.clock.today().year
    with reading(office.store) as connection:
        if year not in planned_years(connection):
            raise DonDocError(f"Năm {year} chưa được lập.", help=f"Chạy «dondoc plan {year}» trước.")
        waiting = read_decisions(connection, year, programme)
    if as_json:
        print_json({"year": year, "decisions": [decision.model_dump() for decision in waiting]})
        return
    if not waiting:
        say(f"Năm {year}: không có việc nào chờ quyết định.")
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
    by, document = typed(by), typed(document) if document else None
    if not by:
        raise DonDocError("Thiếu người ghi nhận.", help='Viết --by "Họ và tên".')
    if day > office.clock.today():
        raise DonDocError(f"Ngày nộp {say_short(day)} chưa đến.", help="Ghi ngày đã nộp thật.")
    if day.year < office.clock.today().year - 10:
        raise DonDocError(f"Ngày nộp {say_short(day)} quá xa.", help="Kiểm tra lại năm.")
    with writing(office.store) as connection:
        if not has_duty(connection, duty):
            raise DonDocError(
                f"Không có nhiệm vụ {duty}.", help="Xem mã việc ở «dondoc agenda» và thêm mã cơ quan, ví dụ …/2024/SYT."
            )
        recorded = mark_done(connection, duty, day, by, document, office.clock.today())
    if not recorded:
        raise DonDocError(
            f"{duty} đã ghi nhận rồi.", help="Lần nộp đầu được giữ nguyên; xem ngày nộp bằng «dondoc agenda --json»."
        )
    say(f"Đã ghi nhận {duty}: nộp ngày {say_short(day)}.")
