"""What a matter waits for took place: its term is counted from there, for as long as that holds."""

from datetime import date

import pytest

from board.story import read_story
from board.versions import read_version
from office.store import open_store, reading, writing
from planning.amendments import AMENDMENTS, ImpossibleAmendment, read_amendments
from planning.yearbook import DECISIONS, DUTIES
from tests.planning.screen_office import ScreenOffice

TERM, AFTER_PAPER, PLAIN = "P/T/2024", "P/V/2024", "P/R/2024"
ITEMS = """\
  - {id: T, line: 1, title: Kết luận, kind: issue_document, when: 15 ngày làm việc sau khi kết thúc đợt giám sát,
     lead: [B]}
  - {id: V, line: 2, title: Văn bản, kind: issue_document, when: khi có hướng dẫn của bộ, lead: [A]}
  - {id: R, line: 3, title: Báo cáo, kind: report, when: trước ngày 10/12/2024, lead: [B]}
"""
ENDED = date(2024, 4, 26)


def in_may(office):
    """The office a week after what it waits for."""
    office.today = date(2024, 5, 3)
    return office


@pytest.fixture
def office(engine, write_programmes):
    return in_may(ScreenOffice(engine, write_programmes, ITEMS))


@pytest.fixture
def small_office(tmp_path, write_programmes):
    """The same in SQLite only: for what the database does not matter to."""
    engine = open_store(f"sqlite:///{tmp_path / 'small.db'}")
    yield in_may(ScreenOffice(engine, write_programmes, ITEMS))
    engine.dispose()


def open_decisions(office, item="T"):
    return [row["kind"] for row in office.rows(DECISIONS) if row["item"] == item]


def test_the_term_is_counted_from_the_day_as_if_the_paper_said_it(office):
    assert open_decisions(office) == ["waiting"]
    effect = office.happen(TERM, ENDED)
    row = office.row(TERM)
    assert (row.placing, row.last_on_time, row.due_version) == ("deadline", date(2024, 5, 21), 2)
    assert "Tính từ ngày 26/04/2024 (BB 7)." in row.why
    assert (effect.before, effect.remarks) == ("chờ văn bản hoặc sự việc", ())
    assert effect.after.startswith("chậm nhất 21/05/2024")
    assert open_decisions(office) == []
    assert [duty["withdrawn"] for duty in office.rows(DUTIES) if duty["occurrence"] == TERM] == [False]
    before = office.everything()
    assert not office.plan()
    assert office.everything() == before


def test_taking_it_back_restores_exactly_what_the_paper_says(office):
    paper = office.planned()
    office.happen(TERM, ENDED)
    office.fix(TERM, date(2024, 6, 3))
    assert office.row(TERM).placing == "deadline"  # the day counted was a deadline, so the new one is
    office.restore(TERM)
    assert office.row(TERM).last_on_time == date(2024, 5, 21)  # first the day, then what it was counted from
    office.restore(TERM)
    assert office.planned() == paper
    with pytest.raises(ImpossibleAmendment, match="Chưa ghi gì"):
        office.restore(TERM)


def test_a_paper_that_gives_no_term_then_asks_for_a_day(small_office):
    small_office.happen(AFTER_PAPER, date(2024, 2, 1), document="CV 88/BNN")
    row = small_office.row(AFTER_PAPER)
    assert (row.placing, row.why) == ("unspecified", "Đã có từ ngày 01/02/2024: CV 88/BNN. Cần ấn định hạn.")
    assert open_decisions(small_office, "V") == ["unspecified"]


def test_a_later_day_replaces_the_one_recorded_and_a_day_to_come_is_remarked(small_office):
    small_office.happen(TERM, ENDED)
    effect = small_office.happen(TERM, date(2024, 6, 3))
    assert effect.remarks[0] == "Ngày 03/06/2024 chưa đến."
    assert small_office.row(TERM).last_on_time == date(2024, 6, 24)


def test_it_is_recorded_once_with_its_paper_and_told_in_the_story(small_office):
    assert [small_office.happen(TERM, ENDED, key="form-1").repeated for _ in range(2)] == [False, True]
    [line] = small_office.rows(AMENDMENTS)
    assert (line["kind"], line["subject"], line["document"]) == ("event", "P/T", "BB 7")
    with reading(small_office.engine) as connection:
        assert read_amendments(connection).events["P/T"].content.on == ENDED
        assert read_version(connection, TERM).to_take_back == "event"
        assert read_version(connection, AFTER_PAPER).to_take_back == ""
    small_office.restore(TERM)
    with writing(small_office.engine) as connection:
        told = [(line.what, line.document) for line in read_story(connection, TERM)]
    assert sorted(told) == [("Bỏ sự việc đã ghi, lại chờ", ""), ("Ghi sự việc đã xảy ra ngày 26/04/2024", "BB 7")]


def test_a_preview_changes_nothing(small_office):
    before = small_office.everything()
    assert small_office.happen(TERM, ENDED, look=True).after.startswith("chậm nhất 21/05/2024")
    assert small_office.everything() == before


@pytest.mark.parametrize(
    ("occurrence", "basis", "why"),
    [
        (PLAIN, {}, "không chờ sự việc nào"),
        (TERM, {"document": " "}, "Thiếu văn bản của sự việc"),
        ("P/KHONG/2024", {}, "Không có việc P/KHONG/2024"),
    ],
)
def test_what_cannot_be_recorded(small_office, occurrence, basis, why):
    before = small_office.everything()
    with pytest.raises(ImpossibleAmendment, match=why):
        small_office.happen(occurrence, ENDED, **basis)
    assert small_office.everything() == before


def test_nothing_happens_to_what_was_called_off(small_office):
    small_office.cancel(TERM)
    with pytest.raises(ImpossibleAmendment, match="đã hủy"):
        small_office.happen(TERM, ENDED)


def test_an_event_whose_line_has_left_the_paper_is_asked_about(small_office):
    small_office.happen(AFTER_PAPER, ENDED)
    small_office.without("V")
    small_office.plan()
    [asked] = [row for row in small_office.rows(DECISIONS) if row["kind"] == "unmatched_fix"]
    assert (asked["item"], "văn bản không còn mục này" in asked["sentence"]) == ("V", True)
