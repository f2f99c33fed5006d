"""What is recorded on a screen: append-only, the newest holds; contacts on top of contacts.yaml, addresses verified."""

from datetime import date, time

import pytest
from sqlalchemy import select

from models.amendment import AmendmentKind
from models.audit import AUDIT
from models.columns import table_of
from models.contact import Contact, ContactChannel, Substitution
from notices.contact_book import read_contact_book
from office.store import open_store, reading, writing
from planning.amendments import (
    AMENDMENTS,
    Basis,
    ImpossibleAmendment,
    UnreadableAmendment,
    amended,
    newest_amendment,
    read_amendments,
    read_office_definitions,
    record,
)
from planning.contact_amendments import (
    UnusableContact,
    amend_contact,
    amend_substitution,
    merged_contacts,
    read_stored_contacts,
    verify_channel,
)
from planning.definitions import ContactDefinition, ContactsDefinition, SubstitutionDefinition
from planning.on_screen import Amendments, DateOnScreen, DayOnScreen
from planning.people import store_contacts
from tests.planning.screen_office import AT, ITEMS, TODAY

OLD, NEW = "cu@b.example.vn", "moi@b.example.vn"
FOCAL = {
    "code": "B.focal", "name": "Lò Thị Hoa", "agency": "B", "post": "focal", "quiet": {"from": "19:00", "to": "06:30"},
    "channels": [{"kind": "mail", "address": OLD, "verified": "2024-01-02"}],
}  # fmt: skip
HEAD = {
    "code": "B.head", "name": "Lãnh đạo", "agency": "B", "post": "head",
    "channels": [{"kind": "sms", "address": "0912000001", "verified": "2024-01-02"}],
}  # fmt: skip
FILE = ContactsDefinition.model_validate({
    "contacts": [FOCAL, HEAD],
    "substitutions": [{"contact": "B.focal", "substitute": "B.head", "first": "2024-07-01", "last": "2024-07-05"}],
})  # fmt: skip


def contact(channels=None, base=FOCAL, **changed):
    """A form's contact: mail addresses, or the file's own channels."""
    ways = {} if channels is None else {"channels": [{"kind": "mail", "address": one} for one in channels]}
    return ContactDefinition.model_validate(base | ways | changed)


@pytest.fixture
def store(engine):
    with writing(engine) as connection:
        store_contacts(connection, FILE)
    return engine


@pytest.fixture
def small_store(tmp_path):
    """The same in SQLite only: for what the database does not matter to."""
    engine = open_store(f"sqlite:///{tmp_path / 'small.db'}")
    with writing(engine) as connection:
        store_contacts(connection, FILE)
    yield engine
    engine.dispose()


def do(store, deed, *arguments, **options):
    with writing(store) as connection:
        return deed(connection, *arguments, **options)


def amend(store, one, **options):
    return do(store, amend_contact, one, "Thư ký", AT, **options)


def verify(store, address=NEW, kind="mail"):
    return do(store, verify_channel, "B.focal", kind, address, TODAY, "Thư ký", AT)


def used(store, code="B.focal"):
    """The addresses something is sent to, in their order."""
    with reading(store) as connection:
        return [way.address for way in read_contact_book(connection).people[code].ways]


def everything(store):
    tables = (AMENDMENTS, AUDIT, *map(table_of, (Contact, ContactChannel, Substitution)))
    with reading(store) as connection:
        return [connection.execute(select(table).order_by(*table.primary_key)).all() for table in tables]


# ---------------------------------------------------------------- the lines


def test_the_newest_line_holds_and_one_without_content_takes_it_back(engine):
    def say(content, subject="P/I/2024", kind=AmendmentKind.DATE):
        with writing(engine) as connection:
            record(connection, kind, subject, content, Basis("Thư ký", "GM 1", "Vì sao"), AT)
        with reading(engine) as connection:
            return read_amendments(connection), newest_amendment(connection)

    with reading(engine) as connection:
        assert (read_amendments(connection), newest_amendment(connection)) == (Amendments(), 0)
    say(DateOnScreen(first=date(2024, 7, 1)))
    held, newest = say(DateOnScreen(first=date(2024, 7, 2), starts=time(8, 30)))
    one = held.dates["P/I/2024"]
    assert (one.content, one.document, one.why, one.by, one.at) == (
        DateOnScreen(first=date(2024, 7, 2), starts=time(8, 30)), "GM 1", "Vì sao", "Thư ký", AT,
    )  # fmt: skip
    held, _ = say(DayOnScreen(working=True), "2024-07-13", AmendmentKind.DAY)
    assert held.overrides[0].working
    held, after = say(None)
    assert (held.dates, held.occurrences, newest, after) == ({}, (), 2, 4)
    assert held.newest == 4  # a line that takes back is news too


def test_a_form_is_taken_once_and_nobody_nameless_records(engine):
    def say(basis):
        with writing(engine) as connection:
            return record(connection, AmendmentKind.DAY, "2024-07-13", DayOnScreen(working=True), basis, AT)

    assert [say(Basis("Thư ký", key="k")), say(Basis("Thư ký", key="k"))] == [True, False]
    with pytest.raises(ImpossibleAmendment, match="Thiếu người ghi nhận"):
        say(Basis(" "))


def test_the_offices_definitions_are_the_paper_with_what_holds_on_top(engine, write_programmes):
    folder = write_programmes(ITEMS)
    with writing(engine) as connection:
        record(connection, AmendmentKind.DAY, "2024-07-13", DayOnScreen(working=True), Basis("T", "QĐ 7"), AT)
        definitions = read_office_definitions(folder, connection)
    assert definitions.working_days.explain(date(2024, 7, 13)) == "thứ Bảy làm bù theo QĐ 7"
    assert amended(definitions, definitions.amendments) is definitions
    assert not amended(definitions, Amendments()).working_days.is_working(date(2024, 7, 13))


# ---------------------------------------------------------------- contacts


def test_a_new_address_is_used_from_its_verification_and_the_old_one_until_then(store):
    amend(store, contact([NEW], name="Lò Thị Hoa Mới"))
    assert used(store) == [OLD]
    verify(store)
    assert used(store) == [NEW]
    with reading(store) as connection:
        (one,) = [one for one in read_stored_contacts(connection).contacts if one.code == "B.focal"]
    assert (one.name, one.quiet.starts, [way.verified for way in one.channels]) == ("Lò Thị Hoa Mới", time(19), [TODAY])


def test_what_is_amended_survives_the_file_being_stored_again(store):
    amend(store, contact([NEW]))
    amend(store, ContactDefinition.model_validate(HEAD | {"code": "B.moi", "name": "Người mới"}))
    before = everything(store)

    def again(connection):
        store_contacts(connection, merged_contacts(FILE, read_amendments(connection)))

    do(store, again)
    assert everything(store) == before
    assert used(store, "B.moi") == []  # a new contact's address waits for its verification


def test_a_form_that_sends_the_kept_address_along_keeps_it_only_as_long_as_it_is_needed(small_store):
    amend(small_store, contact([NEW]))
    amend(small_store, contact([NEW, OLD], name="Tên khác"))
    assert used(small_store) == [OLD]
    verify(small_store)
    assert used(small_store) == [NEW]


def test_going_back_to_the_old_address_needs_no_verification(small_store):
    amend(small_store, contact([NEW]))
    amend(small_store, contact([OLD]))
    assert used(small_store) == [OLD]


def test_the_form_cannot_say_that_an_address_is_verified(small_store):
    forged = FOCAL | {"channels": [{"kind": "mail", "address": NEW, "verified": "2024-03-01"}]}
    amend(small_store, ContactDefinition.model_validate(forged))
    assert used(small_store) == [OLD]


def test_somebody_who_changes_to_another_kind_is_reached_the_old_way_meanwhile(small_store):
    sms = {"channels": [{"kind": "sms", "address": "0912000009"}]}
    amend(small_store, ContactDefinition.model_validate(FOCAL | sms))
    assert used(small_store) == [OLD]
    verify(small_store, "0912000009", "sms")
    assert used(small_store) == ["0912000009"]


def test_one_of_two_verified_addresses_may_be_given_up(small_store):
    amend(small_store, contact([OLD, NEW]))
    verify(small_store)
    assert used(small_store) == [OLD, NEW]
    amend(small_store, contact([NEW]))
    assert used(small_store) == [NEW]


def test_pressed_twice_a_form_is_recorded_once(store):
    amend(store, contact([NEW]), key="k")
    before = everything(store)
    amend(store, contact([NEW]), key="k")
    assert everything(store) == before


def test_neither_the_audit_nor_a_sentence_repeats_an_address(small_store):
    amend(small_store, contact([NEW]), why="Đổi hộp thư")
    verify(small_store)
    with pytest.raises(UnusableContact) as refused:
        amend(small_store, contact(["khong phai thu"]))
    with pytest.raises(ImpossibleAmendment, match="không có kênh ấy") as unknown:
        verify(small_store, "la@b.example.vn")
    with reading(small_store) as connection:
        said = [line.details for line in connection.execute(select(AUDIT))]
    assert len(said) == 2
    assert '"changed":["channels"],"channels":2,"document":"","new":false,"verified":1' in said[0]
    for text in (*said, str(refused.value), str(unknown.value)):
        assert "b.example.vn" not in text
        assert "khong phai thu" not in text


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (contact([]), "không có cách liên hệ nào"),
        (contact([NEW, NEW]), "ghi hai lần"),
        (contact(agency=None), "phải thuộc một cơ quan"),
        (contact(name="Một\nHai"), "dấu xuống dòng"),
    ],
)
def test_the_files_own_rules_hold_for_the_screen(small_store, one, said):
    before = everything(small_store)
    with pytest.raises(UnusableContact, match=said):
        amend(small_store, one)
    assert everything(small_store) == before


def test_agencies_are_looked_up_in_the_directory_that_is_handed_in(small_store, definitions):
    with pytest.raises(UnusableContact, match="Không có cơ quan X"):
        amend(small_store, contact(agency="X"), directory=definitions(ITEMS).directory)


def test_a_substitution_replaces_the_one_of_the_same_first_day_and_circles_are_refused(store):
    def stand_in(contact, substitute, first, last):
        one = SubstitutionDefinition(contact=contact, substitute=substitute, first=first, last=last)
        do(store, amend_substitution, one, "Thư ký", AT)

    stand_in("B.focal", "B.head", date(2024, 7, 1), date(2024, 7, 20))
    with reading(store) as connection:
        (one,) = read_stored_contacts(connection).substitutions
        merged = merged_contacts(FILE, read_amendments(connection))
    assert (one.last, merged.substitutions) == (date(2024, 7, 20), (one,))
    with pytest.raises(UnusableContact, match="vòng tròn"):
        stand_in("B.head", "B.focal", date(2024, 7, 10), date(2024, 7, 11))


def test_who_has_left_the_file_leaves_no_substitution_behind():
    gone = ContactsDefinition(substitutions=FILE.substitutions)
    assert merged_contacts(gone, Amendments()).substitutions == ()


def test_what_somebody_else_wrote_into_the_table_is_named(engine):
    line = {"kind": "day", "subject": "2024-05-05", "content": '{"working": "có lẽ"}', "by": "Ai đó", "at": AT}
    with writing(engine) as connection:
        connection.execute(AMENDMENTS.insert(), line | {"document": "", "why": "", "key": None})
        with pytest.raises(UnreadableAmendment, match=r"điều chỉnh số 1 \(day, 2024-05-05\)"):
            read_amendments(connection)
