"""One small week as a sheet, and what is changed in it."""

from dataclasses import replace
from datetime import date, time

from board.sheet_entries import SheetEntry
from board.sheets import Head
from board.week_sheet import lay_week

HEAD = Head("UBND tỉnh Điện Biên", "Ban Chỉ đạo", "Điện Biên", "TL. TRƯỞNG BAN\nCHÁNH VĂN PHÒNG")
MONDAY = date(2024, 12, 2)
CONFERENCE = SheetEntry(
    "P/C/2024", 1, "conference", "Hội nghị tổng kết", "fixed", "Chương trình P", "exact",
    date(2024, 12, 4), date(2024, 12, 5), time(8), time(11, 30), fixed_by="Giấy mời 12/GM-BCĐ", place="Hội trường A",
    leads=("BCĐ",), participants=("Các sở", "Các huyện"),
)  # fmt: skip
REPORT = SheetEntry(
    "P/R/2024", 2, "report", "Báo cáo năm", "deadline", "Chương trình P",
    named_date=date(2024, 12, 6), last_on_time=date(2024, 12, 5), work_by=date(2024, 12, 5), included=False,
    leads=("Các sở",), recipients=("Ban Dân tộc",),
)  # fmt: skip
INSPECTION = SheetEntry(
    "P/I/2024", 3, "inspection", "Kiểm tra (dự thảo)", "window", "Chương trình P", "quarter",
    date(2024, 10, 1), date(2024, 12, 31), duration_days=5, team="Đoàn 1", round=2,
    leads=("BCĐ", "Đoàn 1"), inspected=("Huyện A",),
)  # fmt: skip
SECRET = SheetEntry("P/S/2024", 4, "meeting", "Việc mật", "fixed", first=date(2024, 12, 8), last=date(2024, 12, 8))
YEAR_LONG = replace(INSPECTION, id="P/Y/2024", title="Cả năm", certainty="year", first=date(2024, 1, 1))
ENTRIES = (YEAR_LONG, INSPECTION, CONFERENCE, REPORT, SECRET)


def week(*entries: SheetEntry):
    """The week of these entries; of all of them unless some are given."""
    return lay_week(entries or ENTRIES, MONDAY, HEAD)


def moved():
    """The same week after the conference has moved by two days and lost one, a training came and the report went."""
    conference = replace(CONFERENCE, first=date(2024, 12, 6), last=date(2024, 12, 6), place="Hội trường B")
    training = replace(CONFERENCE, id="P/T/2024", kind="training", title="Tập huấn", last=date(2024, 12, 4))
    return week(YEAR_LONG, INSPECTION, conference, training, SECRET)
