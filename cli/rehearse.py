"""The command ``rehearse``: the notices a year will send if nobody hands anything in, before anything is sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter
from rich.table import Table
from sqlalchemy import select

from cli.office import open_office
from cli.output import console, print_json, say
from cli.scenarios import find_scenario
from cli.walk import Courier, Walk
from models.errors import DonDocError
from models.kinds import POST_NAMES, SECRET_TITLE, ChannelKind, Post
from models.notice import NoticeKind, NoticeState
from notices.hours import ZONE
from notices.steps import say_step_of
from notices.tables import AGENCIES, CONTACTS, NOTICES, OCCURRENCES
from office.store import open_store
from planning.agenda import read_agenda

KINDS: dict[NoticeKind, str] = {
    NoticeKind.REMINDER: "Nhắc hạn",
    NoticeKind.OVERDUE: "Báo quá hạn",
    NoticeKind.EVENT: "Nhắc lịch",
    NoticeKind.WINDOW: "Nhắc ấn định ngày",
    NoticeKind.MISSING: "Nêu nơi chưa gửi",
    NoticeKind.RATING: "Ghi xếp loại",
    NoticeKind.LETTER_WAITING: "Công văn chờ duyệt",
    NoticeKind.LETTER_SILENT: "Công văn chưa ai duyệt",
    NoticeKind.LETTER: "Công văn đôn đốc",
    NoticeKind.CHAIR_LIST: "Danh sách Trưởng ban",
    NoticeKind.CHANGED: "Báo thay đổi",
    NoticeKind.RECEIPT: "Biên nhận",
    NoticeKind.REQUEST_WAITING: "Đề nghị gia hạn chờ trả lời",
    NoticeKind.REQUEST_ANSWERED: "Trả lời đề nghị gia hạn",
    NoticeKind.LINK: "Liên kết vào trang",
    NoticeKind.INVITATION: "Giấy mời",
}
CHANNELS = {ChannelKind.MAIL: "thư", ChannelKind.ZALO: "Zalo", ChannelKind.SMS: "SMS", ChannelKind.APPRISE: "Apprise"}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One notice the year would send: when (Asia/Ho_Chi_Minh), to whom, by what, about what.

    ``step`` is the code of the ladder's step, ``step_name`` the same in words.
    """

    at: datetime
    recipient: str
    post: str
    agency: str
    channel: str
    kind: str
    title: str
    step: str
    step_name: str
    subject: str
    remark: str


def rehearse_year(year: int, out: Path | None, *, as_json: bool) -> None:
    """Lives the year in memory with nobody handing anything in: every rung of every ladder, in its order."""
    if out is not None and not out.parent.is_dir():
        raise _unwritable(out)  # before a year is lived for nothing
    office = open_office()
    days = office.paper.working_days
    first = date(year, 1, 1)
    walk = Walk(office.settings, office.paper, open_store("sqlite://"), find_scenario("silent", days), Courier(), first)
    walk.begin()
    with walk.reading() as connection:
        if not read_agenda(connection, first, year=year):
            raise _empty(year)
    for number in range((date(year, 12, 31) - first).days + 1):
        walk.live(first + timedelta(days=number))
    found = _read(walk)
    if not found:
        raise _empty(year)
    if out is not None:
        _write(found, out, year)
    if as_json:
        print_json({"year": year, "provisional": days.provisional_reason(year), "notices": found})
        return
    _show_summary(found, year)
    if out is None:
        _show(found, year)
    if reason := days.provisional_reason(year):
        say(reason)
    if out is not None:
        say(f"Đã ghi {len(found)} dòng vào {out}.")


def _read(walk: Walk) -> list[Rehearsed]:
    rows = (
        select(
            NOTICES, CONTACTS.c.name, CONTACTS.c.post, AGENCIES.c.name.label("whose"), OCCURRENCES.c.title,
            OCCURRENCES.c.secret, OCCURRENCES.c.ladder,
        )
        .outerjoin(CONTACTS, CONTACTS.c.code == NOTICES.c.recipient)
        .outerjoin(AGENCIES, AGENCIES.c.code == NOTICES.c.agency)
        .outerjoin(OCCURRENCES, OCCURRENCES.c.id == NOTICES.c.occurrence)
        .where(NOTICES.c.state.in_([NoticeState.ACCEPTED.value, NoticeState.FAILED.value, NoticeState.PLANNED.value]))
        .order_by(NOTICES.c.due_at, NOTICES.c.id)
    )  # fmt: skip
    with walk.reading() as connection:
        return [
            Rehearsed(
                row.due_at.astimezone(ZONE),
                row.name or "—",
                POST_NAMES[Post(row.post)] if row.post else "",
                "" if row.secret else row.whose or "",
                CHANNELS[ChannelKind(row.channel)] if row.channel != "none" else "—",
                KINDS[NoticeKind(row.kind)],
                SECRET_TITLE if row.secret else row.title or "",
                row.step,
                say_step_of(row.kind, row.step, row.ladder),
                row.subject,
                row.reason or "",
            )
            for row in connection.execute(rows)
        ]


def _show_summary(found: list[Rehearsed], year: int) -> None:
    kinds = Counter(one.kind for one in found)
    say(f"Năm {year}, nếu không ai nộp gì: {len(found)} thông báo cho {len({one.recipient for one in found})} người.")
    say("; ".join(f"{number} {kind[:1].lower()}{kind[1:]}" for kind, number in kinds.most_common()) + ".")


def _show(found: list[Rehearsed], year: int) -> None:
    table = Table(title=f"Thông báo năm {year} nếu không ai nộp gì ({len(found)})", title_justify="left")
    for heading in ("Ngày giờ", "Loại", "Người nhận", "Việc", "Bước", "Ghi chú"):
        table.add_column(heading, overflow="fold")
    for one in found:
        who = f"{one.recipient} ({one.channel})"
        table.add_row(f"{one.at:%H:%M %d/%m/%Y}", one.kind, who, one.title, one.step_name, one.remark)
    console.print(table)


def _write(found: list[Rehearsed], out: Path, year: int) -> None:
    headings = (
        "Ngày", "Giờ", "Loại", "Người nhận", "Chức trách", "Cơ quan", "Kênh", "Việc", "Bước", "Mã", "Ghi chú",
    )  # fmt: skip
    widths = (12, 8, 22, 38, 14, 34, 10, 60, 30, 34, 40)
    try:
        with xlsxwriter.Workbook(str(out), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet(f"Thông báo {year}")
            bold, day, hour = (
                book.add_format(form)
                for form in ({"bold": True}, {"num_format": "dd/mm/yyyy"}, {"num_format": "hh:mm"})
            )
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(found), len(headings) - 1)
            for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, heading, bold)
            for number, one in enumerate(found, start=1):
                sheet.write_datetime(number, 0, one.at.replace(tzinfo=None, hour=0, minute=0, second=0), day)
                sheet.write_datetime(number, 1, one.at.time(), hour)
                words = (
                    one.kind, one.recipient, one.post, one.agency, one.channel, one.title, one.step_name,
                    one.subject, one.remark,
                )  # fmt: skip
                for column, word in enumerate(words, start=2):
                    sheet.write_string(number, column, word)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise _unwritable(out) from error


def _empty(year: int) -> DonDocError:
    return DonDocError(f"Năm {year} không có thông báo nào để diễn thử.", help="Chọn năm mà một chương trình nói đến.")


def _unwritable(out: Path) -> DonDocError:
    return DonDocError(f"Không ghi được tệp {out}.", help="Kiểm tra đường dẫn và quyền ghi.")
