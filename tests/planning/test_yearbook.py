"""A planned year is stored once, says what changed, and cancels instead of deleting."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from office.settings import VIETNAM
from office.store import reading, writing
from planning.agenda import planned_years, read_agenda, read_decisions
from planning.check import read_definitions
from planning.submissions import Recorded, mark_done
from planning.yearbook import plan_year, say_details

TODAY = date(2024, 3, 4)
MEETING = """\
  - id: I1
    line: 1
    title: Hội nghị
    kind: conference
    when: {when}
    lead: [BAN]
    participants: [{participants}]
    team: DOAN1
"""
REPORT = """\
  - id: I2
    line: 2
    title: Báo cáo
    kind: report
    when: trước ngày 10/12/2024
    lead: [G_HAI]
    recipients: [{recipient}]
"""


def items(when="Tháng 7 năm 2024", participants="A", recipient="B", report=True) -> str:
    return MEETING.format(when=when, participants=participants) + (REPORT.format(recipient=recipient) if report else "")


@pytest.fixture
def plan(engine, write_programmes):
    def plan(year=2024, today=TODAY, **changes):
        definitions = read_definitions(write_programmes(items(**changes)))
        with writing(engine) as connection:
            return plan_year(connection, definitions, year, today)

    return plan


def rows(engine, query: str) -> list[tuple]:
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def what(changes) -> list[tuple[str, str]]:
    return [(change.what, change.occurrence) for change in changes.changes]


def test_the_first_time_everything_is_new_and_the_second_time_nothing(engine, plan):
    first, second = plan(), plan(today=date(2024, 5, 1))
    assert what(first) == [("added", "P/I1/2024"), ("added", "P/I2/2024")]
    assert (first.duties_added, bool(second), second.unchanged) == (3, False, 2)
    assert rows(engine, "select count(*) from duty") == [(3,)]


def test_a_moved_date_is_told_and_raises_the_sequence(engine, plan):
    plan()
    moved = plan(when="Tháng 8 năm 2024", today=date(2024, 3, 5))
    assert what(moved) == [("changed", "P/I1/2024")]
    assert ("first", "01/07/2024", "01/08/2024") in moved.changes[0].details
    with reading(engine) as connection:
        row = connection.execute(text("select sequence, revised_at from occurrence where item = 'I1'")).one()
    assert row.sequence == 1
    assert str(row.revised_at).startswith("2024-03-04 17:00:00")  # the midnight of 5 March in Viet Nam, in UTC


def test_a_second_change_on_the_same_day_is_a_second_later(engine, plan):
    plan()
    plan(when="Tháng 8 năm 2024")
    plan(when="Tháng 9 năm 2024")
    assert [str(row[0])[:19] for row in rows(engine, "select revised_at from occurrence where item = 'I1'")] == [
        "2024-03-03 17:00:02"
    ]


def test_a_new_participant_revises_the_text_but_not_the_sequence(engine, plan):
    plan()
    changed = plan(participants="A, B")
    assert what(changed) == [("changed", "P/I1/2024")]
    assert ("participant", "", "Sở B") in changed.changes[0].details
    assert rows(engine, "select sequence from occurrence where item = 'I1'") == [(0,)]


def test_what_the_paper_no_longer_asks_for_is_cancelled_and_its_duties_withdrawn(engine, plan):
    plan()
    gone = plan(report=False)
    assert what(gone) == [("withdrawn", "P/I2/2024")]
    assert gone.duties_withdrawn == 2
    assert rows(engine, "select status, sequence from occurrence where item = 'I2'") == [("cancelled", 1)]
    assert rows(engine, "select count(*) from duty where withdrawn") == [(2,)]
    back = plan()
    assert what(back) == [("changed", "P/I2/2024")]
    assert rows(engine, "select status, sequence from occurrence where item = 'I2'") == [("planned", 2)]
    assert rows(engine, "select count(*) from duty where withdrawn") == [(0,)]


def test_what_was_submitted_stays_submitted_when_the_year_is_planned_again(engine, plan):
    plan()
    with writing(engine) as connection:
        recorded = Recorded("Chị Lan", datetime(2024, 12, 9, 9, tzinfo=VIETNAM), document="12/BC")
        assert mark_done(connection, "P/I2/2024/A", date(2024, 12, 1), recorded)
        assert not mark_done(connection, "P/I2/2024/A", date(2024, 12, 5), recorded)  # the first one counts
        assert not mark_done(connection, "P/I2/2024/khong-co", date(2024, 12, 5), recorded)
    plan(recipient="C")
    with reading(engine) as connection:
        report = next(entry for entry in read_agenda(connection, TODAY, year=2024) if entry.item == "I2")
    assert {(duty.agency.code, duty.done_on) for duty in report.duties} == {
        ("A", date(2024, 12, 1)),
        ("B", None),
    }


def test_only_the_calendars_of_what_changed_become_stale(engine, plan):
    plan()
    with writing(engine) as connection:
        connection.execute(text("update feed set stale = false"))
    plan()
    assert rows(engine, "select name from feed where stale") == []
    plan(when="Tháng 8 năm 2024", participants="B")
    assert sorted(row[0] for row in rows(engine, "select name from feed where stale")) == [
        "agency/A", "agency/B", "agency/BAN", "agency/DOAN1", "all", "kind/conference", "programme/P", "team/DOAN1",
    ]  # fmt: skip


def test_a_renamed_agency_rewrites_what_shows_its_name(engine, plan, write_programmes):
    plan()
    folder = write_programmes(items())
    path = folder / "agencies.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("name: Sở A,", "name: Sở A mới,"), encoding="utf-8")
    with writing(engine) as connection:
        connection.execute(text("update feed set stale = false"))
        plan_year(connection, read_definitions(folder), 2024, TODAY)
    assert ("agency/A",) in rows(engine, "select name from feed where stale")
    assert rows(engine, "select sequence from occurrence where item = 'I1'") == [(0,)]


def test_planning_is_all_or_nothing(engine, plan, monkeypatch):
    import planning.yearbook

    plan()
    before = rows(engine, "select id, sequence from occurrence order by id")

    def break_down(*_arguments):
        raise RuntimeError("the power went off")

    monkeypatch.setattr(planning.yearbook, "_store_decisions", break_down)
    with pytest.raises(RuntimeError):
        plan(when="Tháng 8 năm 2024")
    assert rows(engine, "select id, sequence from occurrence order by id") == before


def test_the_agenda_of_an_agency_and_of_a_month(engine, plan):
    plan()
    with reading(engine) as connection:
        assert planned_years(connection) == [2024]
        assert [one.item for one in read_agenda(connection, TODAY, year=2024, agency="C")] == ["I2"]
        assert [one.item for one in read_agenda(connection, TODAY, year=2024, month=7)] == ["I1"]
        assert [one.item for one in read_agenda(connection, TODAY, year=2024, month=12)] == ["I2"]
        assert [one.history for one in read_agenda(connection, date(2025, 1, 1), year=2024)] == [True, True]
        assert {decision.kind for decision in read_decisions(connection, 2024)} == {"fix_date"}


def test_instants_come_back_aware(engine, plan):
    from sqlalchemy import select

    from models.occurrence import Occurrence

    plan()
    with reading(engine) as connection:
        found = connection.execute(select(Occurrence.revised_at)).scalars().all()
    assert set(found) == {datetime(2024, 3, 3, 17, tzinfo=UTC)}


def test_a_changed_holiday_moves_what_it_moves_and_nothing_else(engine, plan, write_programmes):
    plan()
    folder = write_programmes(items())
    (folder / "holidays").mkdir()
    (folder / "holidays" / "2024.yaml").write_text(
        "overrides: [{day: 2024-07-01, working: false, document: 1/CV, entered_by: VP}]\n", encoding="utf-8"
    )
    with writing(engine) as connection:
        moved = plan_year(connection, read_definitions(folder), 2024, TODAY)
    assert [(change.occurrence, change.details) for change in moved.changes] == [
        ("P/I1/2024", (("marked_on", "01/07/2024", "02/07/2024"),))
    ]
    assert rows(engine, "select item, sequence from occurrence order by item") == [("I1", 1), ("I2", 0)]


def test_an_occurrence_that_changes_team_and_kind_leaves_its_old_calendars(engine, plan, write_programmes):
    plan()
    with writing(engine) as connection:
        connection.execute(text("update feed set stale = false"))
        changed = items().replace("kind: conference", "kind: meeting").replace("    team: DOAN1\n", "")
        plan_year(connection, read_definitions(write_programmes(changed)), 2024, TODAY)
    stale = {row[0] for row in rows(engine, "select name from feed where stale")}
    assert {"team/DOAN1", "kind/conference", "kind/meeting"} <= stale


def test_a_renamed_group_rewrites_what_shows_its_name(engine, plan, write_programmes):
    plan()
    folder = write_programmes(items())
    path = folder / "agencies.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("name: Các sở và", "name: Mọi sở và"), encoding="utf-8")
    with writing(engine) as connection:
        connection.execute(text("update feed set stale = false"))
        plan_year(connection, read_definitions(folder), 2024, TODAY)
    assert ("agency/C",) in rows(engine, "select name from feed where stale")


def test_a_prolonged_paper_goes_on_with_the_occurrences_it_has(engine, write_programmes):
    quarter = MEETING.format(when="Quý I/2025", participants="A")
    with writing(engine) as connection:
        plan_year(connection, read_definitions(write_programmes(quarter)), 2024, TODAY)
        longer = read_definitions(write_programmes(quarter, last="2025-12-31"))
        changes = plan_year(connection, longer, 2025, TODAY)
    assert what(changes) == [("changed", "P/I1/2025")]


def test_a_deadline_of_next_year_stands_in_its_own_month_and_is_no_history_before_it(engine, write_programmes):
    later = REPORT.format(recipient="B").replace("10/12/2024", "15/01/2025")
    with writing(engine) as connection:
        plan_year(connection, read_definitions(write_programmes(later)), 2024, TODAY)
        (one,) = read_agenda(connection, date(2025, 1, 5), year=2025, month=1)
        assert (one.last_on_time, one.history) == (date(2025, 1, 14), False)
        (one,) = read_agenda(connection, date(2025, 1, 15), year=2025, month=1)
        assert one.history


def test_an_occurrence_is_done_with_its_last_duty_and_open_again_with_a_new_member(engine, plan):
    plan()
    with writing(engine) as connection:
        for agency in ("A", "C"):
            recorded = Recorded("Chị Lan", datetime(2024, 3, 4, 9, tzinfo=VIETNAM))
            assert mark_done(connection, f"P/I2/2024/{agency}", TODAY, recorded)
    assert rows(engine, "select item, done_on is not null, sequence from occurrence order by item") == [
        ("I1", False, 0),
        ("I2", True, 0),
    ]
    plan(recipient="DOAN1")  # B no longer collects, so B owes a report too
    assert rows(engine, "select done_on from occurrence where item = 'I2'") == [(None,)]


def test_a_secret_item_is_planned_without_its_content_being_told(engine, write_programmes):
    secret = (
        "  - {id: I1, line: 1, title: Diễn tập A2, kind: inspection, round: 1, when: Tháng 7 năm 2024, lead: [BAN],\n"
        "     inspected: [A], place: Kho K9, product: Phương án, note: Bí số 7, secret: %s}\n"
    )

    def plan(is_secret):
        with writing(engine) as connection:
            return plan_year(connection, read_definitions(write_programmes(secret % is_secret)), 2024, TODAY)

    assert plan("false").changes[0].title == "Diễn tập A2"
    [change] = plan("true").changes
    assert (change.title, change.details) == ("Việc mật", (("secret", "False", "True"),))
    assert say_details(change) == ["việc mật: không → có"]
    with reading(engine) as connection:
        [entry] = read_agenda(connection, TODAY, year=2024)
        sentences = " ".join(one.sentence for one in read_decisions(connection, 2024))
    assert (entry.title, entry.why, entry.inspected, entry.secret) == ("Việc mật", "", (), True)
    assert (entry.phrase, entry.place, entry.product, entry.note) == (None, None, None, None)
    assert (entry.first, entry.lead[0].code, entry.round) == (date(2024, 7, 1), "BAN", 1)
    assert "Việc mật" in sentences
    assert "Diễn tập" not in sentences
    assert rows(engine, "select sequence, title from occurrence") == [(0, "Diễn tập A2")]
    assert plan("false").changes[0].details == (("secret", "True", "False"),)
