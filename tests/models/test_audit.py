"""Each line of the audit is sealed with the one before it: what is changed afterwards shows."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from models.audit import BEGINNING, AuditCheck, _seal, append_audit, find_digest, verify_audit
from office.settings import VIETNAM
from office.store import open_store, reading, writing

AT = datetime(2024, 12, 2, 8, 15, tzinfo=VIETNAM)


def digests(engine):
    with reading(engine) as connection:
        return [row.digest for row in connection.execute(text("select digest from auditentry order by id"))]


@pytest.fixture
def chain(engine):
    """Five lines; returns their digests."""
    with writing(engine) as connection:
        for number in range(1, 6):
            append_audit(connection, AT, "Lò Thị Hoa", "duty.done", f"P/1/2024/S{number}", {"on": "2024-12-02"})
    return digests(engine)


def tamper(engine, *statements):
    """As somebody does who may do anything with the database."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("alter table auditentry disable trigger user"))
        else:
            for change in ("update", "delete", "replace"):
                connection.execute(text(f"drop trigger auditentry_no_{change}"))
        for statement in statements:
            connection.execute(text(statement))


def check(engine):
    with reading(engine) as connection:
        return verify_audit(connection)


def test_an_audit_without_lines_holds(engine):
    assert check(engine) == AuditCheck(0, BEGINNING)


def test_lines_as_they_were_written_hold(engine, chain):
    assert check(engine) == AuditCheck(5, chain[4])
    assert len(set(chain)) == 5


def test_a_line_is_stored_as_it_was_said(engine):
    with writing(engine) as connection:
        number = append_audit(
            connection,
            AT,
            "Tòng Văn Đức",
            "duty.extended",
            "P/1/2024/SYT",
            {"vì": "mưa lũ “lớn” ở Mường Chà", "đến": AT},
        )
        row = connection.execute(text("select * from auditentry")).mappings().one()
    assert number == 1
    assert {name: row[name] for name in ("id", "at", "actor", "action", "subject", "details")} == {
        "id": 1,
        "at": "2024-12-02T08:15:00+07:00",
        "actor": "Tòng Văn Đức",
        "action": "duty.extended",
        "subject": "P/1/2024/SYT",
        "details": '{"vì":"mưa lũ “lớn” ở Mường Chà","đến":"2024-12-02 08:15:00+07:00"}',
    }
    assert check(engine) == AuditCheck(1, row["digest"])


def test_words_that_hold_signs_of_json_or_newlines_hold(engine):
    with writing(engine) as connection:
        for odd in ('"],["', "một\nhai\x00ba", "Ông 𝒜 và 🙂", "Hoa\u0300", "%s :tên {x}"):
            append_audit(connection, AT, odd.replace("\x00", ""), "note", "P", {odd: odd})
    assert check(engine) == AuditCheck(5, digests(engine)[-1])


def test_an_instant_without_a_zone_is_refused(engine):
    with writing(engine) as connection, pytest.raises(ValueError, match="zone"):
        append_audit(connection, datetime(2024, 12, 2, 8), "a", "b", "c", {})  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("column", ["at", "actor", "action", "subject", "details", "digest"])
def test_a_changed_text_is_found(engine, chain, column):
    tamper(engine, f"update auditentry set {column} = {column} || ' ' where id = 3")
    assert check(engine) == AuditCheck(2, chain[1], broken_at=3)


@pytest.mark.parametrize(("gone", "held"), [(1, BEGINNING), (3, 1)])
def test_a_removed_line_is_named(engine, chain, gone, held):
    tamper(engine, f"delete from auditentry where id = {gone}")
    assert check(engine) == AuditCheck(
        gone - 1, held if held == BEGINNING else chain[held], broken_at=gone, missing=True
    )


def test_swapped_lines_are_found(engine, chain):
    tamper(
        engine,
        "update auditentry set id = 99 where id = 2",
        "update auditentry set id = 2 where id = 3",
        "update auditentry set id = 3 where id = 99",
    )
    assert check(engine) == AuditCheck(1, chain[0], broken_at=2)


def test_a_removed_line_whose_followers_were_numbered_anew_is_found(engine, chain):
    tamper(
        engine,
        "delete from auditentry where id = 3",
        "update auditentry set id = 3 where id = 4",
        "update auditentry set id = 4 where id = 5",
    )
    assert check(engine) == AuditCheck(2, chain[1], broken_at=3)


def test_a_line_put_in_before_the_first_is_found(engine, chain):
    tamper(
        engine,
        "insert into auditentry select 0, at, actor, action, subject, details, digest from auditentry where id = 1",
    )
    assert check(engine) == AuditCheck(0, BEGINNING, broken_at=0)


def test_a_line_whose_own_seal_was_made_anew_breaks_the_next(engine, chain):
    with reading(engine) as connection:
        line = dict(connection.execute(text("select * from auditentry where id = 3")).mappings().one())
    forged = _seal(chain[1], line | {"actor": "Người khác"})
    tamper(engine, f"update auditentry set actor = 'Người khác', digest = '{forged}' where id = 3")
    assert check(engine) == AuditCheck(3, forged, broken_at=4)


def test_lines_gone_from_the_end_are_shown_only_by_a_digest_noted_elsewhere(engine, chain):
    tamper(engine, "delete from auditentry where id > 3")
    assert check(engine) == AuditCheck(3, chain[2])
    with reading(engine) as connection:
        assert find_digest(connection, chain[4]) is None
        assert find_digest(connection, chain[2]) == 3


def test_a_transaction_that_fails_leaves_no_gap(engine, chain):
    with pytest.raises(RuntimeError), writing(engine) as connection:
        append_audit(connection, AT, "a", "b", "c", {})
        raise RuntimeError
    with writing(engine) as connection:
        assert append_audit(connection, AT, "a", "b", "c", {}) == 6
    assert check(engine).lines == 6


def test_writers_at_once_leave_one_unbroken_chain(database_url):
    open_store(database_url).dispose()
    ready = threading.Barrier(4)

    def write(name):
        engine = open_store(database_url)
        ready.wait(30)
        for number in range(12):
            with writing(engine) as connection:
                append_audit(connection, datetime.now(UTC), name, "note", f"P/{number}", {"số": number})
        engine.dispose()

    writers = [threading.Thread(target=write, args=(f"người {name}",)) for name in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    engine = open_store(database_url)
    assert check(engine).lines == 48
    assert check(engine).broken_at is None
    with reading(engine) as connection:
        written = connection.execute(text("select actor, count(*) from auditentry group by actor")).all()
    assert sorted(written) == [(f"người {name}", 12) for name in range(4)]
    engine.dispose()
