"""What one agency owes, in which section of its page, with what was handed in; never a line of another's."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import insert, select

from board.agency_work import Section, read_agency_work, read_owed
from board.beginning import PASSAGES
from board.duty_story import Happened, read_duty_story
from board.handed_in import SentFile, read_submission
from board.standing import Standing
from calendars.working_days import WorkingDays
from models.kinds import Role
from models.notice import BEGAN, Acknowledgement, DutyDecision, Letter, LetterDuty
from models.occurrence import Duty, OccurrenceAgency
from models.programme import Programme
from models.submission import ExtensionRequest, Submission, SubmittedFile
from office.settings import VIETNAM
from office.store import reading, writing
from tests.notices.told_rows import AT, DUTIES, OCCURRENCES, REPORT, add, add_contact, add_notice, add_report

TODAY, DAYS = AT.date(), WorkingDays()
DUTY = f"{REPORT}/SYT"
LATER = datetime(2024, 12, 10, 9, 30, tzinfo=VIETNAM)


@pytest.fixture
def office(engine):
    """One report owed by two agencies, and a signed programme."""
    with writing(engine) as connection:
        days = {"issued": date(2024, 1, 2), "first": date(2024, 1, 1), "last": date(2024, 12, 31)}
        names = {"code": "P", "title": "Chương trình P", "short": "P 2024", "standing_agency": "SYT", "issuer": "BAN"}
        add(connection, Programme, number="1/KH", source="p", policy="default", draft=False, **(names | days))
        add_report(connection)
        add(connection, Duty, id=f"{REPORT}/SGD", occurrence=REPORT, agency="SGD")
        add_contact(connection)
    return engine


def change(engine, table, **values):
    with writing(engine) as connection:
        connection.execute(table.update().where(table.c.id.in_([DUTY, REPORT])).values(**values))


def owed(engine, today=TODAY):
    with reading(engine) as connection:
        return read_owed(connection, DUTY, "SYT", today, DAYS)


def sections(engine, today=TODAY):
    with reading(engine) as connection:
        work = read_agency_work(connection, "SYT", today, DAYS)
    return {section: [one.duty for one in work.of(section)] for section in Section if work.of(section)}


@pytest.mark.parametrize(
    ("today", "section", "left"),
    [
        (date(2024, 11, 20), Section.LATER, 13),
        (date(2024, 11, 25), Section.SOON, 10),
        (date(2024, 12, 9), Section.SOON, 0),
        (date(2024, 12, 10), Section.LATE, -1),
    ],
)
def test_a_duty_stands_where_its_last_day_puts_it(office, today, section, left):
    one = owed(office, today)
    assert (one.section, one.working_days, one.last) == (section, left, date(2024, 12, 9))
    assert one.due_in("vi") == "trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024"
    assert sections(office, today) == {section: [DUTY]}


@pytest.mark.parametrize(
    ("table", "values", "section", "standing"),
    [
        (DUTIES, {"done_on": date(2024, 12, 5)}, Section.DONE, Standing.DONE_ON_TIME),
        (DUTIES, {"done_on": date(2024, 12, 11)}, Section.DONE, Standing.DONE_LATE),
        (DUTIES, {"waived_on": date(2024, 12, 5)}, Section.DONE, Standing.WAIVED),
        (DUTIES, {"extended_to": date(2024, 12, 20), "work_by": date(2024, 12, 20)}, Section.SOON, Standing.OPEN),
        (OCCURRENCES, {"assumed": True}, Section.LATER, Standing.OVERDUE),
        (OCCURRENCES, {"last_on_time": date(2023, 12, 9)}, Section.LATE, Standing.OVERDUE),
        (OCCURRENCES, {"named_date": None, "last_on_time": None}, Section.NO_DEADLINE, Standing.NO_DEADLINE),
    ],
    ids=[
        "on time",
        "late",
        "waived",
        "extended",
        "nobody is held to an assumed day",
        "of a year before",
        "no deadline",
    ],
)
def test_what_was_decided_moves_it(office, table, values, section, standing):
    change(office, table, **values)
    one = owed(office, date(2024, 12, 12))
    assert (one.section, one.standing) == (section, standing)


@pytest.mark.parametrize(
    ("last", "section"), [(date(2023, 12, 31), Section.LEFT_OVER), (date(2024, 1, 1), Section.LATE)]
)
def test_nobody_is_late_with_what_was_due_before_the_office_began(office, last, section):
    with writing(office) as connection:
        began = datetime(2024, 1, 1, 8, tzinfo=VIETNAM)
        connection.execute(insert(PASSAGES), {"name": BEGAN, "at": began, "really_at": AT})
    change(office, OCCURRENCES, last_on_time=last)
    one = owed(office)
    assert (one.section, one.is_late, one.is_open) == (section, section is Section.LATE, True)


def test_a_part_is_known_until_the_whole_has_come(office):
    with writing(office) as connection:
        submitted(connection)
    assert owed(office).is_partly_in
    change(office, DUTIES, done_on=date(2024, 12, 5))
    assert not owed(office).is_partly_in
    change(office, DUTIES, returned_on=date(2024, 12, 6))
    assert not owed(office).is_partly_in


@pytest.mark.parametrize(
    ("size", "vietnamese", "english"),
    [
        (35, "35 byte", "35 bytes"),
        (1023, "1023 byte", "1023 bytes"),
        (1024, "1 kB", "1 kB"),
        (1025, "2 kB", "2 kB"),
        (1_200_000, "1,2 MB", "1.2 MB"),
        (20 * 1024**2, "20,0 MB", "20.0 MB"),
    ],
)
def test_a_files_size_is_said_as_people_say_it(size, vietnamese, english):
    file = SentFile(1, "a.pdf", size, "d" * 64)
    assert (file.size_in("vi"), file.size_in("en")) == (vietnamese, english)


def test_what_was_sent_back_is_owed_again_by_the_day_that_was_asked(office):
    change(office, DUTIES, done_on=date(2024, 12, 5), returned_on=date(2024, 12, 6), correct_by=date(2024, 12, 13))
    assert owed(office, date(2024, 12, 10)).section is Section.SOON
    assert owed(office, date(2024, 12, 16)).section is Section.LATE


def test_another_agency_sees_nothing_of_it(office):
    with writing(office) as connection:
        submitted(connection)
    with reading(office) as connection:
        assert read_owed(connection, DUTY, "SGD", TODAY, DAYS) is None
        work = read_agency_work(connection, "SGD", TODAY, DAYS)
        assert [(one.duty, one.sent_in) for one in work.owed] == [(f"{REPORT}/SGD", ())]
        assert read_duty_story(connection, DUTY, "SGD") == ()
        assert read_submission(connection, 1, "SGD") is None
        assert read_submission(connection, 1, "SYT").files[0].name == "a.pdf"


def submitted(connection):
    row = {"duty": DUTY, "version": "1.1", "agency": "SYT", "by": "Lò Thị Hoa", "key": "khóa số một", "note": "Phụ lục"}
    number = add(connection, Submission, at=AT, complete=False, **row)
    file = {"name": "a.pdf", "media_type": "application/pdf", "size": 9, "digest": "d" * 64, "stored": "ab/" + "c" * 32}
    add(connection, SubmittedFile, submission=number, **file)


def test_the_story_tells_everything_newest_first_and_no_unsigned_letter(office):
    with writing(office) as connection:
        notice = add_notice(connection, accepted_at=AT - timedelta(hours=2))
        answer = {"notice": notice, "subject": DUTY, "version": "1.1", "contact": "hoa", "typed_name": "Lò Thị Hoa"}
        add(connection, Acknowledgement, at=AT - timedelta(hours=1), way="link", **answer)
        submitted(connection)
        asked = {"duty": DUTY, "version": "1.1", "agency": "SYT", "by": "Hoa", "why": "Chờ số liệu", "key": "hai"}
        add(connection, ExtensionRequest, at=AT + timedelta(hours=1), until=date(2024, 12, 20), **asked)
        add(connection, DutyDecision, duty=DUTY, what="extended", on=TODAY, until=TODAY, by="Thư ký", at=LATER)
        for number, state in (("12/CV", "approved"), (None, "drafted")):
            on = date(2024, 12, 10 if number else 11)
            row = {"occurrence": REPORT, "drafted_on": on, "state": state, "number": number, "decided_at": LATER}
            letter = add(connection, Letter, **row)
            add(connection, LetterDuty, letter=letter, duty=DUTY, version="1.1", agency="SYT")
    with reading(office) as connection:
        story = read_duty_story(connection, DUTY, "SYT")
    assert [line.what for line in story[2:]] == [
        Happened.ASKED,
        Happened.SENT_IN,
        Happened.ACKNOWLEDGED,
        Happened.TOLD,
    ]
    assert {(line.what, line.words) for line in story[:2]} == {
        (Happened.DECIDED, "extended"),
        (Happened.LETTER, "12/CV"),
    }
    one = owed(office)
    assert (one.acknowledged_at, one.waits_for_answer, len(one.letters)) == (AT - timedelta(hours=1), True, 1)
    change(office, DUTIES, due_version=2)
    assert owed(office).acknowledged_at is None


def test_a_secret_matter_is_not_named(office):
    change(office, OCCURRENCES, secret=True, product="Báo cáo mật")
    one = owed(office)
    assert (one.title, one.product) == ("Việc mật", None)


def test_what_it_takes_part_in_is_told_once_by_its_weightiest_part(office):
    with writing(office) as connection:
        row = connection.execute(select(OCCURRENCES)).mappings().one()
        event = dict(row) | {"id": "P/HN/2024", "item": "HN", "placing": "fixed", "title": "Hội nghị tổng kết"}
        event |= {"first": date(2024, 12, 16), "last": date(2024, 12, 16), "starts": time(8), "place": "Hội trường"}
        past = event | {"id": "P/HN/2023", "first": date(2024, 11, 1), "last": date(2024, 11, 1)}
        connection.execute(insert(OCCURRENCES), [event, past])
        for part in ("participant", "lead", "recipient"):
            for occurrence in ("P/HN/2024", "P/HN/2023"):
                add(connection, OccurrenceAgency, occurrence=occurrence, agency="SYT", role=part)
    with reading(office) as connection:
        work = read_agency_work(connection, "SYT", TODAY, DAYS)
        assert read_agency_work(connection, "SGD", TODAY, DAYS).coming == ()
    [coming] = work.coming
    assert (work.held, work.others) == ((), (coming,))
    assert (coming.title, coming.role, coming.place) == ("Hội nghị tổng kết", Role.LEAD, "Hội trường")
    assert coming.when_in("vi") == "ngày 16/12/2024, 8h00"


def test_what_it_owes_is_not_told_again_as_something_it_takes_part_in(office):
    change(office, OCCURRENCES, placing="window", first=date(2024, 1, 1), last=date(2024, 12, 31))
    with writing(office) as connection:
        for agency in ("SYT", "STC"):
            add(connection, OccurrenceAgency, occurrence=REPORT, agency=agency, role="lead")
    with reading(office) as connection:
        assert read_agency_work(connection, "SYT", TODAY, DAYS).others == ()
        [other] = read_agency_work(connection, "STC", TODAY, DAYS).others
    assert (other.occurrence, other.period_in("vi")) == (REPORT, "năm 2024")


def test_a_register_without_the_agency_shows_its_code(office):
    with reading(office) as connection:
        assert read_agency_work(connection, "SGD", TODAY, DAYS).name == "SGD"
        assert read_agency_work(connection, "SYT", TODAY, DAYS).name == "Sở Y tế"
