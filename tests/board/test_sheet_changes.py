"""What differs from the edition before is marked with a word, and what was taken out is said once."""

from dataclasses import replace
from datetime import date

from board.sheet_changes import WHAT_MARKS_MEAN, Mark, Printed, mark_changes
from tests.board.sheet_samples import CONFERENCE, INSPECTION, REPORT, moved, week


def marked(now, last):
    """Of each marked line: its section, what it is about, its mark and the columns whose cells are marked."""
    keys = [column.key for column in now.columns]
    return [
        (
            section.title,
            row.cells[2].in_words,
            row.mark,
            [key for key, cell in zip(keys, row.cells, strict=True) if cell.mark],
        )
        for section in mark_changes(now, last)
        for row in section.rows
        if row.mark
    ]


EVERY = ["day", "hour", "what", "lead", "with", "place", "note"]


def test_a_moved_a_new_and_a_called_off_matter_are_marked():
    assert marked(moved(), week()) == [
        ("", "Tập huấn (mới)", Mark.ADDED, EVERY),
        ("", "Hội nghị tổng kết (bỏ)", Mark.REMOVED, EVERY),
        ("", "Hội nghị tổng kết", Mark.CHANGED, ["day", "place"]),
        ("Hạn trong tuần", "Báo cáo năm (bỏ)", Mark.REMOVED, EVERY),
    ]


def test_a_changed_cell_carries_its_word():
    [row] = [row for section in mark_changes(moved(), week()) for row in section.rows if row.mark is Mark.CHANGED]
    assert row.cells[0].in_words == "Thứ Sáu, 06/12/2024 (sửa)"
    assert row.cells[5].in_words == "Hội trường B (sửa)"
    assert row.cells[1].in_words == "Sáng, 8h00-11h30"


def test_what_was_taken_out_is_gone_in_the_edition_after():
    assert marked(moved(), moved()) == []


def test_a_window_that_got_its_day_is_changed_and_not_new():
    fixed = replace(INSPECTION, placing="fixed", first=date(2024, 12, 3), last=date(2024, 12, 3))
    found = marked(week(fixed), week(INSPECTION))
    assert found == [("", "Kiểm tra (dự thảo)", Mark.CHANGED, ["day"])]


def test_empty_days_are_never_marked():
    assert marked(week(REPORT), week(CONFERENCE, REPORT)) == [
        ("", "Hội nghị tổng kết (bỏ)", Mark.REMOVED, EVERY),
        ("", "Hội nghị tổng kết (bỏ)", Mark.REMOVED, EVERY),
    ]


def test_the_paper_says_which_edition_it_is_and_what_the_marks_mean():
    day = date(2024, 12, 2)
    first = Printed(week(), mark_changes(week(), None), 0, day, published=True)
    assert (first.adjustment, first.warning, first.is_marked) == ("", "", False)
    next_one = Printed(moved(), mark_changes(moved(), week()), 1, day, published=False)
    assert (next_one.adjustment, next_one.warning) == ("(Điều chỉnh lần 1)", "BẢN CHƯA CÔNG BỐ")
    assert next_one.footnotes == (*moved().footnotes, WHAT_MARKS_MEAN)
