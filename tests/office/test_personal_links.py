"""One link of a contact opens at a time, for ninety days; a new one stops the old, and whoever came in by it."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import insert

from models.agency import Agency
from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.personal_links import LASTS
from office.personal_links import agency_and_post, contacts_with_mail, generation_of, opens, prolong, renew, revoke
from office.sessions import find_session, open_session
from office.settings import VIETNAM
from office.store import reading, writing

NOW = datetime(2024, 12, 2, 9, 0, tzinfo=VIETNAM)
TODAY = date(2024, 12, 2)


def add_contact(connection, code="hoa", agency="SYT", address="vt@syt.example.vn", verified=TODAY, **changed):
    hours = {"quiet_from": time(18), "quiet_to": time(6)}
    row = {"code": code, "name": "Lò Thị Hoa", "agency": agency, "post": "focal", "language": "vi", "digest": True}
    connection.execute(insert(table_of(Contact)), row | hours | changed)
    way = {"contact": code, "position": 0, "kind": "mail", "address": address, "verified_on": verified}
    connection.execute(insert(table_of(ContactChannel)), way)


@pytest.fixture
def office(engine):
    with writing(engine) as connection:
        row = {"code": "SYT", "name": "Sở Y tế", "short": "SYT", "level": "province", "kind": "department"}
        connection.execute(insert(table_of(Agency)), row | {"is_group": False, "open": False})
        add_contact(connection)
    return engine


def test_the_first_mail_makes_the_link_and_later_ones_carry_the_same(office):
    with writing(office) as connection:
        assert [generation_of(connection, "hoa", NOW), generation_of(connection, "hoa", NOW)] == [1, 1]
        assert opens(connection, "hoa", 1, NOW + LASTS - timedelta(seconds=1))
        assert not opens(connection, "hoa", 1, NOW + LASTS)
        assert not opens(connection, "hoa", 2, NOW)
        assert not opens(connection, "ai", 1, NOW)


def test_a_mail_after_its_end_carries_the_next(office):
    with writing(office) as connection:
        generation_of(connection, "hoa", NOW)
        later = NOW + LASTS
        assert generation_of(connection, "hoa", later) == 2
        assert opens(connection, "hoa", 2, later)
        assert not opens(connection, "hoa", 1, later)


def test_a_new_link_stops_the_old_one_and_its_sessions_at_once(office):
    with writing(office) as connection:
        add_contact(connection, "minh")
        for contact in ("hoa", "minh"):
            generation_of(connection, contact, NOW)
        mine = open_session(connection, NOW, contact="hoa")
        others = open_session(connection, NOW, contact="minh")
        assert find_session(connection, mine, NOW, NOW.date()).visitor.agency == "SYT"
        assert renew(connection, "hoa", NOW) == 2
        assert (opens(connection, "hoa", 1, NOW), opens(connection, "hoa", 2, NOW)) == (False, True)
        assert find_session(connection, mine, NOW, NOW.date()) is None
        assert find_session(connection, others, NOW, NOW.date()) is not None


def test_a_revoked_link_stays_shut_until_a_new_one_is_asked_for(office):
    with writing(office) as connection:
        generation_of(connection, "hoa", NOW)
        token = open_session(connection, NOW, contact="hoa")
        revoke(connection, "hoa")
        assert find_session(connection, token, NOW, NOW.date()) is None
        assert generation_of(connection, "hoa", NOW) == 1
        assert not opens(connection, "hoa", 1, NOW)
        assert opens(connection, "hoa", renew(connection, "hoa", NOW), NOW)


def test_a_link_that_opens_is_prolonged_and_one_that_does_not_is_made_anew(office):
    later = NOW + LASTS - timedelta(days=1)
    with writing(office) as connection:
        generation_of(connection, "hoa", NOW)
        assert prolong(connection, "hoa", later) == 1
        assert opens(connection, "hoa", 1, NOW + LASTS + timedelta(days=1))
        assert prolong(connection, "hoa", later + LASTS) == 2
        revoke(connection, "hoa")
        assert prolong(connection, "hoa", later + LASTS) == 3


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, ["hoa"]),
        ({"verified": None}, []),
        ({"agency": None}, []),
        ({"valid_to": date(2024, 12, 1)}, []),
        ({"valid_to": TODAY, "valid_from": TODAY}, ["hoa"]),
        ({"valid_from": date(2024, 12, 3)}, []),
    ],
    ids=["in the post", "not verified", "of the office itself", "left", "the one day", "not yet there"],
)
def test_only_people_in_their_posts_are_found_by_a_verified_address(engine, changed, found):
    with writing(engine) as connection:
        add_contact(connection, **changed)
        assert contacts_with_mail(connection, " VT@SYT.example.vn ", TODAY) == found
        assert contacts_with_mail(connection, "vt@syt.example", TODAY) == []
        if not changed.get("verified", True):
            return
        assert (agency_and_post(connection, "hoa", TODAY) is not None) == bool(found)


def test_the_gate_names_the_agency_and_the_post(office):
    with reading(office) as connection:
        assert agency_and_post(connection, "hoa", TODAY) == ("Sở Y tế", "Đầu mối")
        assert agency_and_post(connection, "ai", TODAY) is None
