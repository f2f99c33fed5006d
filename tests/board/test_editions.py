"""Published sheets stay as they were; the next edition is marked against the last."""

from datetime import date, datetime

import pytest

from board.editions import (
    NoSuchEdition,
    Published,
    list_editions,
    newest_editions,
    print_edition,
    print_now,
    publish_edition,
    read_edition,
)
from models.audit import verify_audit
from models.columns import table_of
from models.notice import AuditEntry
from office.settings import VIETNAM
from office.store import reading, writing
from tests.board.sheet_samples import moved, week

AT = datetime(2024, 12, 1, 23, 30, tzinfo=VIETNAM)


def publish(engine, sheet):
    with writing(engine) as connection:
        return publish_edition(connection, sheet, "Chị Lan", AT)


def test_what_says_the_same_is_not_published_again(engine):
    assert [publish(engine, one) for one in (week(), week(), moved(), moved(), week())] == [
        Published(0, True), Published(0, False), Published(1, True), Published(1, False), Published(2, True),
    ]  # fmt: skip
    with reading(engine) as connection:
        kept = list_editions(connection, "week/2024-W49")
        assert [(one.number, one.sheet, one.by, one.day) for one in kept] == [
            (2, week(), "Chị Lan", date(2024, 12, 1)),
            (1, moved(), "Chị Lan", date(2024, 12, 1)),
            (0, week(), "Chị Lan", date(2024, 12, 1)),
        ]
        assert [(one.sheet.key, one.number) for one in newest_editions(connection, 9)] == [("week/2024-W49", 2)]
        audit = connection.execute(table_of(AuditEntry).select()).mappings().all()
        assert [(line["action"], line["subject"], line["actor"]) for line in audit] == [
            ("sheet.published", "week/2024-W49", "Chị Lan")
        ] * 3
        assert verify_audit(connection).broken_at is None


def test_a_sheet_as_it_stands_is_its_last_edition_or_the_next_one(engine):
    today = date(2024, 12, 3)
    with reading(engine) as connection:
        never = print_now(connection, week(), today)
    assert (never.number, never.published, never.day, never.is_marked) == (0, False, today, False)
    publish(engine, week())
    with reading(engine) as connection:
        same, differs = print_now(connection, week(), today), print_now(connection, moved(), today)
    assert (same.number, same.published, same.day, same.is_marked) == (0, True, date(2024, 12, 1), False)
    assert (differs.number, differs.published, differs.day, differs.is_marked) == (1, False, today, True)
    publish(engine, moved())
    with reading(engine) as connection:
        same = print_now(connection, moved(), today)
        old = print_edition(connection, read_edition(connection, "week/2024-W49", 0))
        with pytest.raises(NoSuchEdition):
            read_edition(connection, "week/2024-W49", 2)
    assert (same.number, same.published, same.is_marked) == (1, True, True)
    assert (old.number, old.sheet, old.is_marked) == (0, week(), False)
