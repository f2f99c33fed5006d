"""A date fixed or moved, a matter called off, a day decided: on top of the paper, and surviving every planning."""

from datetime import date, datetime, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.audit import AUDIT
from office.settings import VIETNAM
from office.store import open_store
from planning.amendments import AMENDMENTS, ImpossibleAmendment
from planning.fixing import Fix, fix_date
from planning.yearbook import DECISIONS, DUTIES, TIES
from tests.planning.screen_office import MEETING, OTHER, REPORT, VAGUE, VISIT, ScreenOffice


@pytest.fixture
def office(engine, write_programmes):
    return ScreenOffice(engine, write_programmes)


@pytest.fixture
def small_office(tmp_path, write_programmes):
    """The same in SQLite only: for what the database does not matter to."""
    engine = open_store(f"sqlite:///{tmp_path / 'small.db'}")
    yield ScreenOffice(engine, write_programmes)
    engine.dispose()


def test_a_fixed_date_is_the_same_entry_on_its_day_and_says_what_the_paper_said(office):
    effect = office.fix(MEETING, date(2024, 7, 12), starts=time(8), ends=time(11), place="Hội trường")
    row = office.row(MEETING)
    assert (row.placing, row.certainty, row.first, row.last) == (
        "fixed", "exact", date(2024, 7, 12), date(2024, 7, 12),
    )  # fmt: skip
    assert (row.starts, row.ends, row.place, row.fixed_by) == (time(8), time(11), "Hội trường", "Giấy mời 12/GM")
    assert (row.sequence, row.due_version, row.tentative, row.marked_on) == (1, 2, False, None)
    assert row.why.endswith("Ngày ấn định theo Giấy mời 12/GM. Văn bản nêu: tháng 7/2024.")
    assert (effect.before, effect.after) == ("tháng 7/2024", "thứ Sáu, 12/07/2024, 8h00-11h00")
    assert not [row for row in office.rows(DECISIONS) if row["kind"] == "fix_date" and row["item"] == "I1"]


def test_planning_again_changes_nothing_of_it(office):
    office.fix(MEETING, date(2024, 7, 12))
    office.fix(REPORT, date(2024, 12, 16))
    office.cancel(VISIT)
    before = office.everything()
    assert not office.plan()
    assert office.everything() == before


def test_a_moved_deadline_keeps_before_before_and_has_its_three_days(small_office):
    small_office.fix(REPORT, date(2024, 12, 16))
    row = small_office.row(REPORT)
    assert (row.placing, row.named_date, row.last_on_time, row.work_by, row.included) == (
        "deadline", date(2024, 12, 16), date(2024, 12, 15), date(2024, 12, 13), False,
    )  # fmt: skip
    assert (row.sequence, row.due_version) == (1, 2)
    small_office.fix(REPORT, date(2024, 12, 15), included=True)
    row = small_office.row(REPORT)
    assert (row.last_on_time, row.work_by, row.included) == (date(2024, 12, 16), date(2024, 12, 13), True)


def test_what_has_no_time_on_paper_is_given_a_day_or_a_deadline(small_office):
    small_office.fix(VAGUE, date(2024, 8, 1))
    assert small_office.row(VAGUE).placing == "fixed"
    small_office.fix(VAGUE, date(2024, 8, 2), deadline=True)
    row = small_office.row(VAGUE)
    assert (row.placing, row.last_on_time, row.first) == ("deadline", date(2024, 8, 2), None)


def test_a_day_outside_the_papers_stretch_needs_a_reason_and_is_remarked(small_office):
    with pytest.raises(ImpossibleAmendment, match="nằm ngoài khoảng văn bản nêu"):
        small_office.fix(MEETING, date(2024, 8, 5))
    effect = small_office.fix(MEETING, date(2024, 8, 5), why="Chờ số liệu")
    assert "Nằm ngoài khoảng văn bản nêu." in effect.remarks
    assert "theo Giấy mời 12/GM (Chờ số liệu). Văn bản nêu: tháng 7/2024. Chú ý" in small_office.row(MEETING).why


def test_what_is_called_off_stays_as_cancelled_and_nobody_owes_it(small_office):
    effect = small_office.cancel(REPORT)
    row = small_office.row(REPORT)
    assert (row.status, row.cancelled_on, row.sequence, row.due_version) == ("cancelled", date(2024, 3, 4), 1, 2)
    assert {duty["withdrawn"] for duty in small_office.rows(DUTIES) if duty["occurrence"] == REPORT} == {True}
    assert effect.after == "đã hủy"
    with pytest.raises(ImpossibleAmendment, match="đã hủy"):
        small_office.fix(REPORT, date(2024, 12, 16))
    with pytest.raises(ImpossibleAmendment, match="đã hủy từ trước"):
        small_office.cancel(REPORT)


def test_taking_back_restores_exactly_what_the_paper_says(office):
    paper = office.planned()
    office.fix(MEETING, date(2024, 7, 12), starts=time(8))
    office.cancel(MEETING)
    office.name_team(VISIT, "DOAN1")
    office.restore(MEETING)
    assert office.row(MEETING).first == date(2024, 7, 12)  # first the calling off, then the day
    office.restore(MEETING)
    office.restore(VISIT)
    assert office.planned() == paper
    assert office.row(MEETING).sequence == 4
    with pytest.raises(ImpossibleAmendment, match="Chưa ghi gì"):
        office.restore(MEETING)


def test_a_named_team_is_tied_to_its_inspection_and_no_longer_waited_for(small_office):
    assert ("team", "I3") in {(row["kind"], row["item"]) for row in small_office.rows(DECISIONS)}
    small_office.name_team(VISIT, "DOAN1")
    assert small_office.row(VISIT).team == "DOAN1"
    assert ("DOAN1", "lead") in {(tie["agency"], tie["role"]) for tie in small_office.rows(TIES)}
    assert ("team", "I3") not in {(row["kind"], row["item"]) for row in small_office.rows(DECISIONS)}
    with pytest.raises(ImpossibleAmendment, match="Không có đoàn A"):
        small_office.name_team(VISIT, "A")
    small_office.name_team(VISIT, None)
    assert small_office.row(VISIT).team is None


@pytest.mark.parametrize(
    ("occurrence", "team", "basis", "why"),
    [
        (VISIT, "DOAN1", {"document": " "}, "Thiếu căn cứ"),
        (VISIT, None, {}, "Chưa phân công đoàn nào"),
        (MEETING, "DOAN1", {}, "không phải cuộc kiểm tra"),
    ],
)
def test_a_team_that_cannot_be_named(small_office, occurrence, team, basis, why):
    before = small_office.everything()
    with pytest.raises(ImpossibleAmendment, match=why):
        small_office.name_team(occurrence, team, **basis)
    assert small_office.everything() == before


def test_a_button_pressed_twice_records_once(office):
    office.fix(MEETING, date(2024, 7, 12), key="form-1")
    before = office.everything()
    assert office.fix(MEETING, date(2024, 7, 12), key="form-1").repeated
    assert office.everything() == before


def test_a_decided_day_moves_what_follows_from_it_in_every_year_to_come(office):
    effect = office.decide(date(2024, 12, 9), working=False)
    row = office.row(REPORT)
    assert (row.last_on_time, row.work_by) == (date(2024, 12, 9), date(2024, 12, 6))
    assert [(one.occurrence, one.details) for one in effect.moved] == [
        (REPORT, ("nên xong: 09/12/2024 → 06/12/2024",))
    ]  # fmt: skip
    assert (effect.before, effect.after, effect.will_hear) == ("", "", ())
    office.decide(date(2024, 12, 9), working=None)
    assert office.row(REPORT).work_by == date(2024, 12, 9)
    with pytest.raises(ImpossibleAmendment, match="Chưa ghi gì"):
        office.decide(date(2024, 12, 9), working=None)


def test_an_amendment_whose_line_has_left_the_paper_is_asked_about_and_comes_back_with_it(small_office):
    small_office.fix(MEETING, date(2024, 7, 12))
    whole = small_office.definitions
    small_office.without("I1")
    small_office.plan()
    (asked,) = [row for row in small_office.rows(DECISIONS) if row["kind"] == "unmatched_fix"]
    assert (asked["programme"], asked["item"]) == ("P", "I1")
    assert asked["sentence"] == (
        "Đã ấn định ngày 12/07/2024 trên màn hình cho P/I1/2024, nhưng văn bản không còn việc này."
    )
    small_office.definitions = whole
    small_office.plan()
    assert (small_office.row(MEETING).first, small_office.row(MEETING).status) == (date(2024, 7, 12), "planned")


def test_the_audit_says_who_what_and_from_when_to_when(office):
    office.fix(MEETING, date(2024, 7, 12))
    (line,) = office.rows(AUDIT)
    assert (line["actor"], line["action"], line["subject"]) == ("Thư ký", "amendment.date", MEETING)
    assert '"after":"thứ Sáu, 12/07/2024","before":"tháng 7/2024"' in line["details"]
    assert '"document":"Giấy mời 12/GM"' in line["details"]


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        (Fix("P/KHONG/2024", date(2024, 7, 1), by="T", document="x"), "Không có việc P/KHONG/2024"),
        (Fix(MEETING, date(2024, 7, 5), date(2024, 7, 4), by="T", document="x"), "Ngày cuối 04/07/2024 trước"),
        (Fix(MEETING, date(2024, 7, 5), ends=time(9), by="T", document="x"), "Giờ kết thúc"),
        (Fix(MEETING, date(2024, 7, 5), starts=time(9), ends=time(9), by="T", document="x"), "Giờ kết thúc"),
        (Fix(REPORT, date(2024, 12, 5), starts=time(9), by="T", document="x"), "Một hạn chỉ có một ngày"),
        (Fix(MEETING, date(2024, 7, 5), by="T"), "Thiếu căn cứ"),
        (Fix(MEETING, date(2024, 7, 5), document="x"), "Thiếu người ghi nhận"),
        (Fix(MEETING, date(2101, 7, 5), by="T", document="x", why="x"), "không dùng được"),
        (Fix(MEETING, date(2024, 7, 5), place="x" * 2001, by="T", document="x"), "không dùng được"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_changes_nothing(small_office, fix, said):
    before = small_office.everything()
    with pytest.raises(ImpossibleAmendment, match=said) as refused:
        small_office.do(fix_date, fix)
    assert refused.value.help
    assert small_office.everything() == before


def test_hours_reach_over_midnight_when_the_event_has_several_days(small_office):
    small_office.fix(MEETING, date(2024, 7, 4), last=date(2024, 7, 5), starts=time(13), ends=time(11))
    assert small_office.row(MEETING).last == date(2024, 7, 5)


DEEDS = st.one_of(
    st.tuples(st.just("fix"), st.sampled_from([MEETING, REPORT, VISIT, VAGUE, OTHER]), st.dates(
        date(2024, 1, 1), date(2025, 12, 31)
    )),
    st.tuples(st.sampled_from(["cancel", "restore"]), st.sampled_from([MEETING, REPORT, VISIT, VAGUE]), st.none()),
    st.tuples(st.just("decide"), st.dates(date(2024, 3, 1), date(2024, 12, 31)), st.booleans()),
)  # fmt: skip


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each leaves the paper
@given(deeds=st.lists(DEEDS, min_size=1, max_size=5))
def test_whatever_was_recorded_survives_planning_and_taking_it_all_back_is_the_paper_again(small_office, deeds):
    office = small_office
    paper, held = office.planned(), set()
    for deed, subject, value in deeds:
        try:
            if deed == "fix":
                office.fix(subject, value, why="Cần")
            elif deed == "decide":
                office.decide(subject, working=value)
                held.add(subject)
            else:
                getattr(office, deed)(subject)
        except ImpossibleAmendment:
            continue
    recorded = office.everything()
    assert not office.plan()
    assert office.everything() == recorded
    for day in held:
        office.decide(day, working=None)
    for subject in (MEETING, REPORT, VISIT, VAGUE, OTHER):
        for _ in range(2):
            try:
                office.restore(subject)
            except ImpossibleAmendment:
                break
    assert office.planned() == paper


def test_called_off_on_the_day_it_was_recorded_in_viet_nam(small_office):
    small_office.at = datetime(2024, 3, 4, 23, 30, tzinfo=VIETNAM)
    small_office.cancel(MEETING)
    assert small_office.row(MEETING).cancelled_on == date(2024, 3, 4)
    assert len(small_office.rows(AMENDMENTS)) == 1
