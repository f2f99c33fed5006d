"""Sessions: a token nobody can read back, that ends by itself, with its account and with its link."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import insert, update

from models.account import Account, AccountRole, PersonalLink, Session
from models.columns import table_of
from models.contact import Contact
from office.sessions import (
    IDLE,
    LASTS,
    NOTED_EVERY,
    Visitor,
    end_session,
    end_sessions_of,
    find_session,
    note_request,
    open_session,
)
from office.store import writing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2024, 12, 2)  # the office's: its clock need not be the machine's
ACCOUNTS, CONTACTS, LINKS, SESSIONS = map(table_of, (Account, Contact, PersonalLink, Session))


@pytest.fixture
def connection(engine):
    account = {"name": "an", "shown": "Nguyễn Văn An", "role": "chair", "password": "", "active": True}
    hoa = {"code": "hoa", "name": "Lò Thị Hoa", "agency": "SYT", "post": "focal", "language": "vi"}
    with writing(engine) as connection:
        connection.execute(insert(ACCOUNTS), account | {"must_change": True, "created_at": NOW})
        connection.execute(insert(CONTACTS), hoa | {"quiet_from": time(18), "quiet_to": time(6)})
        link = {"contact": "hoa", "generation": 1, "issued_at": NOW, "ends_at": NOW, "revoked": False}
        connection.execute(insert(LINKS), link)
        yield connection


def visitor(connection, token, later=timedelta(), today=TODAY):
    found = find_session(connection, token, NOW + later, today)
    return found and found.visitor


def test_an_account_and_a_contact_come_in_each_as_themselves(connection):
    account, contact = open_session(connection, NOW, account="an"), open_session(connection, NOW, contact="hoa")
    csrf = {visitor(connection, token).csrf for token in (account, contact)}
    assert len(csrf) == 2
    found = visitor(connection, account)
    assert found == Visitor("Nguyễn Văn An", found.csrf, "an", AccountRole.CHAIR, must_change=True)
    found = visitor(connection, contact)
    assert found == Visitor("Lò Thị Hoa", found.csrf, contact="hoa", agency="SYT")


def test_the_database_does_not_tell_the_token(connection):
    token = open_session(connection, NOW, account="an")
    assert len(token) == 43
    assert token not in str(connection.execute(SESSIONS.select()).all())
    [digest] = connection.execute(SESSIONS.select().with_only_columns(SESSIONS.c.digest)).scalars()
    assert [visitor(connection, one) for one in (digest, "", token[:-1], token + "=")] == [None] * 4


def test_it_ends_unused_and_in_any_case_after_a_day_at_work(connection):
    token = open_session(connection, NOW, account="an")
    assert visitor(connection, token, IDLE - timedelta(seconds=1))
    assert visitor(connection, token, IDLE) is None
    for hours in range(1, 12):
        note_request(connection, token, NOW + timedelta(hours=hours))
    assert visitor(connection, token, LASTS - timedelta(seconds=1))
    assert visitor(connection, token, LASTS) is None


def test_a_page_looked_at_writes_nothing_more_often_than_needed(connection):
    token = open_session(connection, NOW, account="an")
    stretches = (timedelta(), NOTED_EVERY - timedelta(seconds=1), NOTED_EVERY)
    assert [find_session(connection, token, NOW + one, TODAY).noted for one in stretches] == [True, True, False]
    note_request(connection, token, NOW + NOTED_EVERY)
    assert find_session(connection, token, NOW + NOTED_EVERY, TODAY).noted


def test_signing_out_ends_one_session_and_a_new_password_all_of_the_account(connection):
    first, second, contact = (
        open_session(connection, NOW, **who) for who in ({"account": "an"},) * 2 + ({"contact": "hoa"},)
    )
    end_session(connection, first)
    assert [bool(visitor(connection, one)) for one in (first, second, contact)] == [False, True, True]
    end_sessions_of(connection, account="an")
    assert [bool(visitor(connection, one)) for one in (second, contact)] == [False, True]
    end_sessions_of(connection, contact="hoa")
    assert visitor(connection, contact) is None


@pytest.mark.parametrize("who", [{}, {"account": "an", "contact": "hoa"}])
def test_nobody_is_signed_out_unless_it_is_said_who(connection, who):
    token = open_session(connection, NOW, account="an")
    with pytest.raises(ValueError, match="either"):
        end_sessions_of(connection, **who)
    assert visitor(connection, token) is not None


@pytest.mark.parametrize(
    ("table", "values"),
    [(ACCOUNTS, {"active": False}), (LINKS, {"revoked": True}), (CONTACTS, {"agency": None})],
)
def test_it_shuts_with_what_let_the_visitor_in(connection, table, values):
    who = {"account": "an"} if table is ACCOUNTS else {"contact": "hoa"}
    token = open_session(connection, NOW, **who)
    connection.execute(update(table).values(**values))
    assert visitor(connection, token) is None


@pytest.mark.parametrize(
    ("held", "inside"),
    [
        ({"valid_to": TODAY}, True),
        ({"valid_to": TODAY - timedelta(days=1)}, False),
        ({"valid_from": TODAY}, True),
        ({"valid_from": TODAY + timedelta(days=1)}, False),
    ],
)
def test_it_lasts_as_long_as_its_visitor_holds_the_post(connection, held, inside):
    account, contact = open_session(connection, NOW, account="an"), open_session(connection, NOW, contact="hoa")
    connection.execute(update(CONTACTS).values(**held))
    assert visitor(connection, account)
    assert bool(visitor(connection, contact)) == inside


def test_ended_sessions_are_swept_away(connection):
    open_session(connection, NOW, account="an")
    open_session(connection, NOW + LASTS + timedelta(seconds=1), account="an")
    assert len(connection.execute(SESSIONS.select()).all()) == 1
