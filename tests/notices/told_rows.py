"""Rows for what one mail told: an occurrence, its duty, and notices that have been sent."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.agency import Agency
from models.columns import table_of
from models.contact import Contact, DigestRefusal
from models.notice import Acknowledgement, AuditEntry, Notice
from models.occurrence import Duty, Occurrence
from office.settings import VIETNAM

AT = datetime(2024, 12, 2, 14, 5, tzinfo=VIETNAM)
ENVELOPE = "9f2c" * 8
REPORT = "P/BC/2024"
NOTICES, OCCURRENCES, DUTIES, ACKNOWLEDGED, AUDIT, REFUSALS, CONTACTS = (
    table_of(model) for model in (Notice, Occurrence, Duty, Acknowledgement, AuditEntry, DigestRefusal, Contact)
)


def add_report(connection: Connection, **changed: Any) -> None:
    """A yearly report, due before 10/12/2024, owed by the department of health."""
    values = {
        "id": REPORT, "programme": "P", "item": "BC", "period": "2024", "line": 1, "kind": "report",
        "title": "Báo cáo kết quả năm 2024", "placing": "deadline", "named_date": date(2024, 12, 10),
        "last_on_time": date(2024, 12, 9), "work_by": date(2024, 12, 9), "included": False,
        "year_first": 2024, "year_last": 2024, "revised_at": AT,
    }  # fmt: skip
    add(connection, Occurrence, **(values | changed))
    add(connection, Agency, code="SYT", name="Sở Y tế", short="SYT", level="province", kind="department")
    add(connection, Duty, id=f"{REPORT}/SYT", occurrence=REPORT, agency="SYT")


def add_contact(connection: Connection, code: str = "hoa") -> None:
    """One focal person."""
    hours = {"quiet_from": time(18), "quiet_to": time(6)}
    add(connection, Contact, code=code, name="Lò Thị Hoa", agency="SYT", post="focal", **hours)


def add_notice(connection: Connection, **changed: Any) -> int:
    """A reminder of the report's duty, accepted by the mail server; returns its number."""
    values = {
        "subject": f"{REPORT}/SYT", "version": "1.1", "step": "D-5", "recipient": "hoa", "channel": "mail",
        "occurrence": REPORT, "agency": "SYT", "kind": "reminder", "target": "focal", "fires_on": date(2024, 12, 2),
        "bundle": "hoa", "envelope": ENVELOPE, "state": "accepted", "due_at": AT, "planned_at": AT,
        "attempts": 1, "sent_to": "hoa",
    }  # fmt: skip
    return add(connection, Notice, **(values | changed))


def add(connection: Connection, model: type, **values: Any) -> Any:
    """One row, with the model's own defaults; returns its key."""
    row = model(**values).model_dump()
    if row.get("id", 0) is None:
        del row["id"]
    return connection.execute(insert(table_of(model)), row).inserted_primary_key[0]


def change(connection: Connection, table: Any, **values: Any) -> None:
    """Every row of a table."""
    connection.execute(update(table).values(**values))


def acknowledgements(connection: Connection) -> list[tuple]:
    """Every acknowledgement: notice, contact, name, way, when."""
    which = (ACKNOWLEDGED.c[name] for name in ("notice", "contact", "typed_name", "way", "at"))
    return [tuple(row) for row in connection.execute(select(*which).order_by(ACKNOWLEDGED.c.notice))]


def audited(connection: Connection) -> list[tuple[str, str, str]]:
    """The audit: who, what, about which subject."""
    return [tuple(row) for row in connection.execute(select(AUDIT.c.actor, AUDIT.c.action, AUDIT.c.subject))]


def everything(connection: Connection) -> dict[str, list]:
    """All that an acknowledgement or a refusal could change."""
    return {
        table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
        for table in (NOTICES, ACKNOWLEDGED, AUDIT, REFUSALS)
    }


def utc(at: datetime) -> datetime:
    """The same instant as the database gives it back."""
    return at.astimezone(UTC)
