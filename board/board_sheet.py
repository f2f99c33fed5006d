"""The official two by two as a sheet: the whole, each agency in its place, each programme, with denominators. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from board.overview import Board, TwoByTwo
from board.sheets import Column, Head, Row, Section, Sheet, Value, fill
from calendars.wording import say_short

MAIN = "who"
COLUMNS = (
    Column("rank", "Hạng", 6),
    Column(MAIN, "Cơ quan, chương trình", 34),
    Column("done_on_time", "Đã xong, đúng hạn", 10),
    Column("done_late", "Đã xong, quá hạn", 10),
    Column("open_in_time", "Chưa xong, trong hạn", 10),
    Column("open_overdue", "Chưa xong, quá hạn", 10),
    Column("no_deadline", "Không hạn", 9),
    Column("waived", "Được miễn", 9),
    Column("rate", "Tỷ lệ hoàn thành", 16),
    Column("punctual", "Đúng hạn trên số đến hạn", 12),
)


def lay_board(agencies: Board, programmes: Board, head: Head, footnotes: tuple[str, ...] = ()) -> Sheet:
    """Both countings of one year's duties, as they stand on the boards' day."""
    year = agencies.first.year
    by_agency = tuple(Row(f"agency/{row.code}", _cells(row.rank or "—", row.name, row.counts)) for row in agencies.rows)
    by_programme = tuple(Row(f"programme/{row.code}", _cells("", row.name, row.counts)) for row in programmes.rows)
    return Sheet(
        f"board/{year}",
        "TÌNH HÌNH THỰC HIỆN NHIỆM VỤ",
        f"Năm {year}, tính đến ngày {say_short(agencies.today)}",
        head,
        COLUMNS,
        MAIN,
        (
            Section("", (Row("total", _cells("", "Tổng số", agencies.total)),)),
            fill("Theo cơ quan", by_agency, COLUMNS, MAIN),
            fill("Theo chương trình", by_programme, COLUMNS, MAIN),
        ),
        (*_notes(agencies), *footnotes),
        wide=True,
    )


def _cells(rank: Value, name: str, counts: TwoByTwo) -> tuple[Value, ...]:
    numbers = (
        counts.done_on_time, counts.done_late, counts.open_in_time, counts.open_overdue,
        counts.no_deadline, counts.waived,
    )  # fmt: skip
    punctual = f"{counts.done_on_time}/{counts.due}" if counts.due else "—"
    return rank, name, *numbers, counts.rate, punctual


def _notes(board: Board) -> Iterator[str]:
    """What a reader must know before comparing two lines."""
    yield f"{board.total.in_words}."
    if board.total.no_deadline_done:
        yield f"Trong {board.total.no_deadline} việc không hạn, {board.total.no_deadline_done} việc đã xong."
    if board.total.returned:
        yield f"{board.total.returned} việc đã nộp bị trả lại, đang sửa."
    if board.left_out:
        yield f"{board.left_out}."
    if any(row.rank is None for row in board.rows):
        yield f"Cơ quan có dưới {board.smallest} việc đến hạn không được xếp hạng."
