"""Accounts: one line of the audit for every change, no password anywhere, and somebody always rules."""

import threading
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher

import office.passwords
from models.account import Account, AccountRole
from models.audit import verify_audit
from models.columns import table_of
from models.notice import AuditEntry
from office.accounts import (
    AccountExists,
    Change,
    LastAdministrator,
    UnknownAccount,
    UnusableAccount,
    activate,
    change_role,
    create_account,
    deactivate,
    end_all_sessions,
    find_account,
    find_by_subject,
    first_password,
    link_to_provider,
    list_accounts,
    read_role,
    rename,
    renew_hash,
    set_password,
)
from office.passwords import (
    WeakPassword,
    check_password,
    hash_password,
    is_outdated,
    is_password,
    make_password,
)
from office.sessions import find_session, open_session
from office.settings import VIETNAM
from office.store import reading, writing

CHANGE = Change("Chị Lan", datetime(2024, 12, 2, 8, tzinfo=VIETNAM), datetime(2026, 3, 2, 1, tzinfo=UTC))
ADMINISTRATOR, SECRETARIAT, CHAIR = AccountRole.ADMINISTRATOR, AccountRole.SECRETARIAT, AccountRole.CHAIR


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch):
    monkeypatch.setattr(office.passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(office.passwords, "_nobody", [])


def add(connection, name, role=ADMINISTRATOR, **options):
    create_account(connection, name, f"Anh  {name} ", role, "băm", CHANGE, **options)


def told(connection):
    rows = connection.execute(table_of(AuditEntry).select())
    return [(row.actor, row.action, row.subject, row.details) for row in rows]


def test_the_providers_subject_enters_by_one_account_only(engine):
    with writing(engine) as connection:
        add(connection, "an")
        add(connection, "binh", provider_subject="sub-1")
    with pytest.raises(AccountExists, match="đã thuộc một tài khoản khác"), writing(engine) as connection:
        link_to_provider(connection, "an", "sub-1", CHANGE)
    with reading(engine) as connection:
        assert find_by_subject(connection, "sub-1") == find_account(connection, "binh")


def test_whom_the_provider_vouches_for_is_written_on_an_account_and_taken_off(engine):
    with writing(engine) as connection:
        add(connection, "an")
        asked = [" An@Tinh.example.vn ", "an@tinh.example.vn", "sub-1", "", " "]
        assert [link_to_provider(connection, "an", one, CHANGE) for one in asked] == [True, False, True, True, False]
        assert find_account(connection, "an").provider_subject is None
        assert told(connection)[1:] == [
            ("Chị Lan", "account.linked", "an", "{}"),
            ("Chị Lan", "account.linked", "an", "{}"),
            ("Chị Lan", "account.unlinked", "an", "{}"),
        ]
        with pytest.raises(UnknownAccount):
            link_to_provider(connection, "ai", "sub-1", CHANGE)


def test_whoever_came_in_by_an_earlier_subject_is_out(engine):
    with writing(engine) as connection:
        add(connection, "an")
        token = open_session(connection, CHANGE.really, account="an")
        link_to_provider(connection, "an", "sub-1", CHANGE)
        # there by the password, and stays
        assert find_session(connection, token, CHANGE.really, CHANGE.at.date()) is not None
        link_to_provider(connection, "an", "sub-2", CHANGE)
        assert find_session(connection, token, CHANGE.really, CHANGE.at.date()) is None


@pytest.mark.parametrize("subject", ["x" * 256, "sub\n1", "lan@tinh.example.vn an@tinh.example.vn"])
def test_what_no_provider_calls_a_person_is_refused(engine, subject):
    with writing(engine) as connection:
        add(connection, "an")
        with pytest.raises(UnusableAccount, match="255 ký tự"):
            link_to_provider(connection, "an", subject, CHANGE)
        with pytest.raises(UnusableAccount, match="255 ký tự"):
            add(connection, "binh", provider_subject=subject)


def test_every_change_is_one_line_of_the_audit(engine):
    with writing(engine) as connection:
        add(connection, "an")
        add(connection, "binh", SECRETARIAT, provider_subject=" Binh@Tinh.example.vn ")
        set_password(connection, "binh", "băm khác", CHANGE)
        change_role(connection, "binh", CHAIR, CHANGE)
        link_to_provider(connection, "an", "sub-1", CHANGE)
        deactivate(connection, "binh", CHANGE)
        activate(connection, "binh", CHANGE)
        end_all_sessions(connection, "binh", CHANGE)
    with reading(engine) as connection:
        an, binh = list_accounts(connection)
        assert (an.shown, an.role, an.must_change, an.provider_subject) == ("Anh an", ADMINISTRATOR, True, "sub-1")
        assert (binh.role, binh.active, binh.must_change, binh.password) == (CHAIR, True, False, "băm khác")
        assert find_by_subject(connection, "binh@tinh.example.vn") == binh == find_account(connection, "binh")
        assert (find_account(connection, "ai"), find_by_subject(connection, "ai")) == (None, None)
        assert told(connection) == [
            ("Chị Lan", "account.created", "an", '{"role":"administrator"}'),
            ("Chị Lan", "account.created", "binh", '{"role":"secretariat"}'),
            ("Chị Lan", "account.password", "binh", '{"must_change":false}'),
            ("Chị Lan", "account.role", "binh", '{"role":"chair"}'),
            ("Chị Lan", "account.linked", "an", "{}"),
            ("Chị Lan", "account.deactivated", "binh", "{}"),
            ("Chị Lan", "account.activated", "binh", "{}"),
            ("Chị Lan", "account.sessions_ended", "binh", "{}"),
        ]
        assert verify_audit(connection).lines == 8
        assert "băm" not in repr(list_accounts(connection))


def test_decisions_name_the_person_anew(engine):
    with writing(engine) as connection:
        add(connection, "an")
        assert rename(connection, "an", "Lò  Thị Hoa", CHANGE)
        assert not rename(connection, "an", "Lò Thị Hoa", CHANGE)
        with pytest.raises(UnusableAccount):
            rename(connection, "an", "7", CHANGE)
        with pytest.raises(UnknownAccount):
            rename(connection, "ai", "Lò Thị Hoa", CHANGE)
    with reading(engine) as connection:
        assert list_accounts(connection)[0].shown == "Lò Thị Hoa"
        renamed = ("Chị Lan", "account.renamed", "an", '{"after":"Lò Thị Hoa","before":"Anh an"}')
        assert told(connection)[1:] == [renamed]


def test_a_name_or_a_providers_code_belongs_to_one_account(engine):
    with writing(engine) as connection:
        add(connection, "an", provider_subject="sub-1")
        for name, subject in (("an", None), ("binh", "sub-1")):
            with pytest.raises(AccountExists):
                add(connection, name, provider_subject=subject)
        add(connection, "binh")
        add(connection, "chi")
        assert len(told(connection)) == 3


@pytest.mark.parametrize("name", ["", "a", "An", "nguyễn", "an b", ".an", "-an", "an/b", "an\n", "a" * 41])
def test_a_name_that_cannot_be_is_refused(engine, name):
    with writing(engine) as connection, pytest.raises(UnusableAccount):
        add(connection, name)


def test_a_person_needs_a_name_that_can_be_read(engine):
    with writing(engine) as connection:
        for shown in ("", "A", "12345", "An\u202e", "x" * 101):
            with pytest.raises(UnusableAccount):
                create_account(connection, "an", shown, ADMINISTRATOR, "băm", CHANGE)
    with pytest.raises(UnusableAccount, match="secretariat"):
        read_role("vua")


def test_the_first_account_must_be_able_to_make_the_second(engine):
    with writing(engine) as connection, pytest.raises(UnusableAccount, match="quản trị"):
        add(connection, "an", SECRETARIAT)


def test_a_first_password_is_made_once(engine):
    with writing(engine) as connection:
        name, password = first_password(connection, CHANGE)
    with writing(engine) as connection:
        assert first_password(connection, CHANGE) is None
        [account] = list_accounts(connection)
    assert (
        (account.name, account.role, account.must_change)
        == (name, ADMINISTRATOR, True)
        == ("thu-ky", ADMINISTRATOR, True)
    )
    assert is_password(account.password, password)
    assert check_password(password, name) == password


def test_the_last_active_administrator_is_kept(engine):
    with writing(engine) as connection:
        add(connection, "an")
        add(connection, "binh")
        deactivate(connection, "binh", CHANGE)
        for deed in (
            lambda: deactivate(connection, "an", CHANGE),
            lambda: change_role(connection, "an", CHAIR, CHANGE),
        ):
            with pytest.raises(LastAdministrator):
                deed()
        change_role(connection, "an", ADMINISTRATOR, CHANGE)
        activate(connection, "binh", CHANGE)
        change_role(connection, "an", CHAIR, CHANGE)


def test_of_two_administrators_who_dismiss_each_other_one_remains(engine):
    with writing(engine) as connection:
        add(connection, "an")
        add(connection, "binh")
    refused = []

    def dismiss_binh():
        try:
            with writing(engine) as connection:
                deactivate(connection, "binh", CHANGE)
        except LastAdministrator:
            refused.append("binh")

    other = threading.Thread(target=dismiss_binh)
    with writing(engine) as connection:
        deactivate(connection, "an", CHANGE)
        other.start()
        other.join(0.3)  # long enough to read what stood before, if it does not wait
    other.join()
    with reading(engine) as connection:
        assert [one.name for one in list_accounts(connection) if one.active] == refused == ["binh"]


def test_a_new_password_and_a_lock_end_the_accounts_sessions_and_no_others(engine):
    with writing(engine) as connection:
        add(connection, "an")
        add(connection, "binh")
        for deed in (
            lambda: set_password(connection, "binh", "mới", CHANGE),
            lambda: deactivate(connection, "binh", CHANGE),
            lambda: end_all_sessions(connection, "binh", CHANGE),
        ):
            activate(connection, "binh", CHANGE)
            an, binh = (open_session(connection, CHANGE.really, account=name) for name in ("an", "binh"))
            deed()
            activate(connection, "binh", CHANGE)
            assert find_session(connection, an, CHANGE.really, CHANGE.at.date()).visitor.account == "an"
            assert find_session(connection, binh, CHANGE.really, CHANGE.at.date()) is None


def test_what_nobody_has_cannot_be_changed(engine):
    with writing(engine) as connection:
        add(connection, "an")
        for deed in (activate, deactivate, end_all_sessions):
            with pytest.raises(UnknownAccount, match="«ai»"):
                deed(connection, "ai", CHANGE)
        with pytest.raises(UnknownAccount):
            set_password(connection, "ai", "băm", CHANGE)


def test_a_hash_is_renewed_only_while_it_is_still_the_one(engine):
    with writing(engine) as connection:
        add(connection, "an")
        read = find_account(connection, "an")
        set_password(connection, "an", "mới hơn", CHANGE)
        renew_hash(connection, read, "của mật khẩu cũ")
        assert find_account(connection, "an").password == "mới hơn"
        renew_hash(connection, find_account(connection, "an"), "đắt hơn")
        assert find_account(connection, "an").password == "đắt hơn"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("muời một chữ", "short: eleven"),
        ("x" * 201, "long"),
        ("nguyen.van.an 1954", "the name"),
        ("NGUYEN.VAN.AN 1954", "the name, in capitals"),
        ("matkhau123456", "a common one with digits"),
        ("DienBienPhu1954", "a common one"),
        ("123456789012345", "digits only"),
        ("abababababab", "few letters"),
    ],
)  # fmt: skip
def test_a_password_guessers_begin_with_is_refused(password, why):
    with pytest.raises(WeakPassword) as caught:
        check_password(password if why != "short: eleven" else password[:11], "nguyen.van.an")
    assert password not in str(caught.value)


@pytest.mark.parametrize("password", ["đi chợ phiên sớm", "correct horse battery staple", "k7mp-2xqa-9bcd-efgh"])
def test_length_is_enough(password):
    assert check_password(password, "an") == password


def test_a_password_is_the_same_however_its_accents_are_typed():
    composed, decomposed = (
        "m\u01b0\u1eddi hai ch\u1eef \u0111\u1ee7",
        "mu\u031bo\u031b\u0300i hai chu\u031b\u0303 \u0111u\u0309",
    )
    kept = hash_password(composed)
    assert is_password(kept, decomposed)
    assert check_password(decomposed, "an") == composed
    assert not is_password(kept, composed + " ")


def test_nobodys_password_is_refused_after_the_same_work(monkeypatch):
    tried = []
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    class Counting:
        def hash(self, password):
            return hasher.hash(password)

        def verify(self, kept, password):
            tried.append(kept)
            return hasher.verify(kept, password)

    monkeypatch.setattr(office.passwords, "HASHER", Counting())
    assert [is_password(kept, "đoán") for kept in ("", hasher.hash("khác"), "khong phai bam")] == [False] * 3
    assert len(tried) == 3


def test_what_is_kept_is_argon2id_as_dear_as_advised(monkeypatch):
    monkeypatch.setattr(office.passwords, "HASHER", PasswordHasher())
    kept = hash_password("đi chợ phiên sớm")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not is_outdated(kept)
    assert is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")
    assert not is_outdated("")


def test_made_passwords_differ_and_can_be_copied_from_paper():
    made = {make_password() for _ in range(50)}
    assert len(made) == 50
    assert not set("".join(made)) & set("01loiIO")


def test_the_table_keeps_the_password_only_hashed(engine):
    with writing(engine) as connection:
        _, password = first_password(connection, CHANGE)
        assert password not in str(connection.execute(table_of(Account).select()).all()) + str(told(connection))
