"""The command on sheets: a week, a month, a year, the inspections or the board as a file to print, and publishing."""

from __future__ import annotations

from pathlib import Path

from board.editions import print_now, publish_edition
from board.sheet_changes import Printed
from board.sheet_files import MEDIA_TYPES, name_file, write_file
from board.sheet_making import make_sheet
from board.sheet_page import write_page
from board.sheet_periods import Period, SheetKind, read_period
from board.sheets import Head
from cli.office import Office, open_office
from cli.output import say, typed
from models.errors import DonDocError
from office.store import reading, writing


class UnwritableSheet(DonDocError):
    """The sheet's file cannot be written."""

    exit_code = 2


def make_sheet_file(kind: str, period: str, out: Path | None, by: str | None, *, publish: bool) -> None:
    """Writes one sheet, in the form that ``out`` ends with; ``publish`` freezes it as its next edition first.

    Raises UnreadablePeriod, UnwritableSheet, DonDocError.
    """
    which = read_period(_kind(kind), period)
    form = _form(out) if out is not None else ""
    publisher = _require_name(by) if publish else ""
    if out is None and not publish:
        raise DonDocError("Chưa rõ cần làm gì.", help="Ghi --out TỆP.docx, .xlsx hoặc .html, hoặc --publish --by TÊN.")
    office = open_office()
    if publisher:
        _publish(office, which, publisher)
    if out is not None:
        _write(office, _printed(office, which), out, form)


def _publish(office: Office, period: Period, by: str) -> None:
    office.require_present()
    now = office.clock.now()
    with writing(office.store) as connection:
        published = publish_edition(connection, make_sheet(connection, period, _head(office), now.date()), by, now)
    number = f"điều chỉnh lần {published.number}" if published.number else "bản đầu"
    if published.is_new:
        say(f"Đã công bố {period.key}: {number}.")
    else:
        say(f"Nội dung {period.key} không khác bản công bố gần nhất ({number}) nên không có bản mới.")


def _printed(office: Office, period: Period) -> Printed:
    today = office.clock.today()
    with reading(office.store) as connection:
        return print_now(connection, make_sheet(connection, period, _head(office), today), today)


def _write(office: Office, printed: Printed, out: Path, form: str) -> None:
    # a page is read on a screen, where the demonstration's banner belongs; the paper's form has no place for it
    banner = office.clock.banner()
    content = write_page(printed, banner).encode() if form == "html" else write_file(printed, form)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise UnwritableSheet(
            f"Không ghi được {out}: {error.strerror}.", help="Kiểm tra thư mục, quyền ghi và chỗ trống."
        ) from None
    say(f"Đã ghi «{name_file(printed, form).rpartition('.')[0]}» vào {out}.")


def _head(office: Office) -> Head:
    settings = office.settings
    return Head(
        settings.letter_issuer_above, settings.letter_issuer, settings.letter_place, settings.letter_signer_title
    )


def _kind(text: str) -> SheetKind:
    try:
        return SheetKind(text)
    except ValueError:
        raise DonDocError(f"Không có biểu nào tên «{text}».", help=f"Viết {', '.join(SheetKind)}.") from None


def _form(out: Path) -> str:
    form = out.suffix.lower().removeprefix(".")
    if form not in MEDIA_TYPES:
        raise DonDocError(f"Không ghi được dạng «{out.suffix}».", help="Tên tệp kết thúc bằng .docx, .xlsx hoặc .html.")
    return form


def _require_name(by: str | None) -> str:
    name = typed(by or "")
    if not name:
        raise DonDocError("Thiếu tên người công bố.", help="Ghi --by và họ tên.")
    return name
