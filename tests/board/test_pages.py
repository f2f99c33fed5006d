"""The chair's weekly page and the overdue page, as Markdown with the texts of papers kept letters."""

from datetime import date, datetime

import pytest

from board.overdue import read_overdue
from board.overview import read_board
from board.waiting import read_waiting
from calendars.working_days import WorkingDays
from flows.desk import _pages
from office.settings import VIETNAM
from office.store import writing
from planning.submissions import Recorded, mark_done, return_duty
from planning.yearbook import plan_year

ITEMS = """\
  - {id: I1, line: 1, title: "Báo cáo | <b>năm</b> *đậm*", kind: report, when: trước 10/12/2024, lead: [A, B, C]}
  - {id: I2, line: 2, title: Việc khác, kind: report, when: định kỳ, lead: [A]}
"""
TODAY = date(2024, 12, 10)
YEAR = {"first": date(2024, 1, 1), "last": date(2024, 12, 31)}
BY_LAN = Recorded("Chị Lan", datetime(2024, 12, 9, 9, tzinfo=VIETNAM))


@pytest.fixture
def page(engine, definitions):
    """Renders a page of the small programme on TODAY, the way a flow's desk does."""

    def page(template: str, items: str = ITEMS, *, done: tuple[str, ...] = (), smallest: int = 3, **paper: str) -> str:
        with writing(engine) as connection:
            plan_year(connection, definitions(items, **paper), 2024, date(2024, 3, 4))
            for duty in done:
                assert mark_done(connection, duty, date(2024, 12, 9), BY_LAN)
                return_duty(connection, duty, BY_LAN)
            values = {
                "board": read_board(connection, TODAY, **YEAR, smallest=smallest),
                "overdue": read_overdue(connection, TODAY, WorkingDays(), **YEAR),
                "waiting": read_waiting(connection, 2024),
            }
        return _pages.get_template(template).render(today=TODAY, banner="Minh họa", **values)

    return page


def test_the_chairs_page_has_the_two_by_two_who_is_late_and_what_waits(page):
    lines = [line for line in page("board.md.j2", done=("P/I1/2024/A",), smallest=1).splitlines() if line]
    assert lines == [
        "> **Minh họa**",
        "# Bảng đôn đốc, tính đến 10/12/2024",
        "Các việc có ngày cuối từ 01/01/2024 đến 31/12/2024.",
        "| | Đúng hạn, trong hạn | Quá hạn |",
        "|---|---|---|",
        "| **Đã hoàn thành** | 1 | 0 |",
        "| **Chưa hoàn thành** | 0 | 2 |",
        "Tỷ lệ hoàn thành 1/3 (33,3 %).",
        "1 việc đã nộp bị trả lại, đang sửa.",
        "## Quá hạn theo cơ quan",
        "**Sở B** (1)",
        "| Việc | Mã việc | Ngày cuối | Quá hạn (ngày làm việc) | Đã đôn đốc |",
        "|---|---|---|---|---|",
        r"| Báo cáo \| &lt;b&gt;năm&lt;/b&gt; \*đậm\* | P/I1/2024/B | 09/12/2024 | 1 | chưa báo |",
        "**Sở C** (1)",
        "| Việc | Mã việc | Ngày cuối | Quá hạn (ngày làm việc) | Đã đôn đốc |",
        "|---|---|---|---|---|",
        r"| Báo cáo \| &lt;b&gt;năm&lt;/b&gt; \*đậm\* | P/I1/2024/C | 09/12/2024 | 1 | chưa báo |",
        "## Chờ quyết định",
        "| Loại | Số việc |",
        "|---|---|",
        "| Văn bản chưa nêu thời gian | 1 |",
        "## Xếp hạng",
        "| Hạng | Cơ quan | Hoàn thành | Đúng hạn |",
        "|---|---|---|---|",
        "| 1 | Sở A | 1/1 (100,0 %) | 1/1 |",
        "| 2 | Sở B | 0/1 (0,0 %) | 0/1 |",
        "| 2 | Sở C | 0/1 (0,0 %) | 0/1 |",
        "Cơ quan có dưới 1 việc đến hạn không được xếp hạng.",
    ]


def test_a_heading_and_a_table_each_begin_after_an_empty_line(page):
    lines = page("board.md.j2", smallest=1).splitlines()
    for number, line in enumerate(lines[1:], start=1):
        begins_table = line.startswith("|") and not lines[number - 1].startswith("|")
        if line.startswith("#") or begins_table:
            assert lines[number - 1] == "", line


def test_a_draft_is_counted_apart_and_nobody_is_late(page):
    text = page("board.md.j2", number="")
    assert "3 việc không tính vì chương trình còn là dự thảo." in text
    assert "Chưa có việc nào đến hạn." in text
    assert "Không có việc nào quá hạn." in text
    assert "## Xếp hạng" not in text


def test_the_overdue_page_names_everyone_who_is_late(page):
    text = page("overdue.md.j2")
    assert text.startswith("> **Minh họa**\n\n# Việc quá hạn, tính đến 10/12/2024\n")
    assert [line for line in text.splitlines() if line.startswith("**")] == [
        "**Sở A** (1)", "**Sở B** (1)", "**Sở C** (1)",
    ]  # fmt: skip
