"""What a change does is said before it is done, by doing it and taking it back."""

from datetime import date, time

import pytest
from sqlalchemy import insert

from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.notice import Notice
from models.programme import Programme
from office.store import reading, writing
from planning.busy import read_busy
from planning.effects import Hearing, StaleFeed, is_draft, who_has_read
from planning.yearbook import DECISIONS
from tests.planning.screen_office import AT, MEETING, OTHER, REPORT, ScreenOffice

NOTICES = table_of(Notice)


@pytest.fixture
def office(engine, write_programmes):
    office = ScreenOffice(engine, write_programmes)
    with writing(engine) as connection:
        for code, agency in (("ban", "BAN"), ("a", "A"), ("b", "B")):
            person = {"code": code, "name": f"Người của {agency}", "agency": agency, "post": "focal", "language": "vi"}
            hours = {"quiet_from": time(18), "quiet_to": time(7), "digest": True}
            connection.execute(insert(table_of(Contact)), person | hours)
            way = {"contact": code, "position": 0, "kind": "mail", "address": f"{code}@x.vn"}
            verified = None if code == "b" else date(2024, 1, 2)
            connection.execute(insert(table_of(ContactChannel)), way | {"verified_on": verified})
    return office


def tell(office, recipient, *, step="E-5", state="accepted", version="1", occurrence=MEETING, duty=None):
    values = {
        "subject": duty or occurrence, "version": version, "step": step, "recipient": recipient, "channel": "mail",
        "occurrence": occurrence, "agency": recipient.upper(), "kind": "event", "target": "lead",
        "fires_on": AT.date(), "bundle": recipient, "state": state, "due_at": AT, "planned_at": AT, "missed": 0,
        "urgent": False, "attempts": 1, "sent_to": recipient, "accepted_at": AT, "link_revoked": False,
    }  # fmt: skip
    with writing(office.engine) as connection:
        connection.execute(insert(NOTICES), values)


def test_a_preview_says_what_the_deed_says_and_changes_nothing(office):
    tell(office, "a")
    before = office.everything()
    seen = office.fix(MEETING, date(2024, 7, 12), look=True)
    assert office.everything() == before
    assert office.fix(MEETING, date(2024, 7, 12)) == seen


def test_a_preview_of_what_cannot_be_raises_what_the_deed_raises(office):
    before = office.everything()
    with pytest.raises(Exception, match="Không có việc"):
        office.fix("P/KHONG/2024", date(2024, 7, 12), look=True)
    assert office.everything() == before


def test_the_calendars_that_change_are_named_as_they_are_called(office):
    effect = office.fix(MEETING, date(2024, 7, 12), look=True)
    assert effect.feeds == (
        StaleFeed("agency/A", "Sở A"), StaleFeed("agency/BAN", "Ban Chỉ đạo"), StaleFeed("all", "Tất cả các việc"),
        StaleFeed("kind/conference", "Hội nghị"), StaleFeed("programme/P", "Chương trình P"),
    )  # fmt: skip


def test_who_heard_of_the_old_day_and_what_waits_to_be_sent_and_who_can_be_reached(office):
    tell(office, "a")
    tell(office, "ban", state="delivered")
    tell(office, "a", step="E-3", state="planned")
    tell(office, "a", occurrence=REPORT, duty=f"{REPORT}/A", version="1.1")
    effect = office.fix(MEETING, date(2024, 7, 12))
    assert [(one.contact, one.name, one.agency) for one in effect.told] == [
        ("a", "Người của A", "Sở A"), ("ban", "Người của BAN", "Ban Chỉ đạo"),
    ]  # fmt: skip
    assert effect.superseded == 1
    assert effect.will_hear == (Hearing("Chủ trì", 1, 1), Hearing("Phối hợp", 1, 1))
    again = office.fix(MEETING, date(2024, 7, 15))
    assert again.told == ()  # whoever heard of the first day has not heard of the second


def test_a_person_told_twice_is_one_with_the_agency_and_the_acknowledgement_once_known(office):
    tell(office, "a")
    tell(office, "a", step="E-3")
    tell(office, "ban")
    with writing(office.engine) as connection:
        later = NOTICES.update().where(NOTICES.c.step == "E-3")
        connection.execute(later.values(agency=None))
        first = NOTICES.update().where(NOTICES.c.step == "E-5", NOTICES.c.recipient == "a")
        connection.execute(first.values(acknowledged_at=AT))
    effect = office.fix(MEETING, date(2024, 7, 12), look=True)
    assert [(one.contact, one.agency, one.acknowledged_at) for one in effect.told] == [
        ("a", "Sở A", AT), ("ban", "Ban Chỉ đạo", None),
    ]  # fmt: skip
    with writing(office.engine) as connection:
        connection.execute(NOTICES.update().values(acknowledged_at=None))
    effect = office.fix(MEETING, date(2024, 7, 12), look=True)
    assert [(one.contact, one.agency, one.acknowledged_at) for one in effect.told] == [
        ("a", "Sở A", None), ("ban", "Ban Chỉ đạo", None),
    ]  # fmt: skip


def test_a_programme_without_number_is_a_draft(office):
    with writing(office.engine) as connection:
        assert not is_draft(connection, MEETING)
        connection.execute(table_of(Programme).update().values(draft=True))
        assert is_draft(connection, MEETING)


def test_an_address_nobody_verified_reaches_nobody(office):
    effect = office.fix(REPORT, date(2024, 12, 16), look=True)
    assert effect.will_hear[0] == Hearing("Chủ trì", 3, 1)


def test_who_has_read_the_new_day_is_who_was_told_of_it(office):
    tell(office, "a")
    office.fix(MEETING, date(2024, 7, 12))
    tell(office, "a", version="2", step="changed")
    tell(office, "ban", version="2", step="changed", state="planned")
    with writing(office.engine) as connection:
        connection.execute(NOTICES.update().where(NOTICES.c.version == "2").values(acknowledged_at=AT))
    with reading(office.engine) as connection:
        (read,) = who_has_read(connection, MEETING)
    assert (read.contact, read.acknowledged_at, read.told_at) == ("a", AT, AT)


def test_of_a_duty_only_its_own_version_counts(office):
    tell(office, "a", occurrence=REPORT, duty=f"{REPORT}/A", version="1.1")
    effect = office.fix(REPORT, date(2024, 12, 16))
    assert [one.contact for one in effect.told] == ["a"]


def test_what_else_the_same_agencies_have_on_the_new_day_is_a_clash(office):
    effect = office.fix(MEETING, date(2024, 7, 12), look=True)
    assert effect.clashes == ("Họp (12/07/2024)",)
    assert office.fix(MEETING, date(2024, 7, 11), look=True).clashes == ()


def test_what_the_year_suggests_is_told_when_the_change_brings_it_and_as_long_as_it_can_be_followed(office):
    (brought,) = office.fix(MEETING, date(2024, 6, 11), why="Bận").clashes  # the last month of an inspection's quarter
    assert brought.startswith("Gợi ý: kết thúc «Kiểm tra» chậm nhất ngày 31/05/2024")
    assert office.fix(MEETING, date(2024, 6, 13), why="Bận", look=True).clashes == ()  # whatever the day
    office.today = date(2024, 6, 1)
    office.plan()
    assert not [row for row in office.rows(DECISIONS) if row["kind"] == "clash"]


def test_busy_is_what_is_held_or_due_and_who_only_receives_is_not(office):
    with reading(office.engine) as connection:
        held, due = read_busy(connection, date(2024, 7, 1), date(2024, 12, 31))[::-1]
        assert read_busy(connection, date(2024, 7, 1), date(2024, 7, 31), except_for=OTHER) == []
    assert (held.what, held.agencies, held.weight > due.weight) == ("Họp (12/07/2024)", frozenset({"A"}), True)
    assert (due.first, due.agencies) == (date(2024, 12, 9), frozenset({"A", "B", "C"}))
