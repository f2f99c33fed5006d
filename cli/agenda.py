"""Commands on the stored year: the agenda, and what waits for a decision."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date

from rich.table import Table

from board.standing import STANDING_NAMES, Standing, stand
from cli.office import Office, open_office
from cli.output import console, print_json, say
from models.errors import DonDocError
from models.kinds import DECISION_NAMES, PLACING_NAMES, Placing
from models.occurrence import Decision
from office.store import reading
from planning.agenda import Entry, planned_years, read_agenda, read_decisions, say_when


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
