"""Holds a connection: brings the registers of agencies and programmes to what the paper says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from models.agency import Agency, Membership, Succession
from models.columns import table_of
from models.programme import Programme
from planning.check import Definitions
from planning.definitions import ProgrammeDefinition


def store_agencies(connection: Connection, definitions: Definitions) -> set[str]:
    """Brings the agency tables to what the paper says; returns the codes whose shown name changed."""
    directory = definitions.directory
    agencies: list[dict[str, Any]] = [
        {
            "code": one.code, "name": one.name, "short": one.short, "level": one.level, "kind": one.kind,
            "parent": one.parent, "place": one.place, "valid_from": one.valid_from, "valid_to": one.valid_to,
            "is_group": False, "open": False,
        }
        for one in directory.agencies.values()
    ]  # fmt: skip
    groups: list[dict[str, Any]] = [
        {
            "code": one.code, "name": one.name, "short": one.name, "level": "", "kind": "group", "parent": None,
            "place": None, "valid_from": None, "valid_to": None, "is_group": True, "open": one.open,
        }
        for one in directory.groups.values()
    ]  # fmt: skip
    memberships = [
        {
            "group": group.code,
            "member": member.code,
            "valid_from": member.valid_from,
            "valid_to": member.valid_to,
        }
        for group in directory.groups.values()
        for member in group.entries
    ]
    successions = [
        {
            "source": source, "successor": successor, "on": change.on, "change": change.change,
            "function": function, "basis": change.basis,
        }
        for change in directory.succession
        for source in change.source
        for successor, function in ([(s.code, s.function) for s in change.successors] or [("", None)])
    ]  # fmt: skip
    known = {row["code"]: dict(row) for row in connection.execute(select(table_of(Agency))).mappings()}
    rows = [*agencies, *groups]
    gone = [row for code, row in known.items() if code not in directory]  # what is no longer named keeps its name
    make_equal(connection, table_of(Agency), [*rows, *gone])
    make_equal(connection, table_of(Membership), memberships)
    make_equal(connection, table_of(Succession), successions)
    return {row["code"] for row in rows if row["code"] in known and known[row["code"]]["name"] != row["name"]}


def store_programmes(connection: Connection, definitions: Definitions) -> set[str]:
    """Brings the programme table to what the paper says; returns the codes whose shown name changed."""
    table = table_of(Programme)
    known = {row["code"]: row for row in connection.execute(select(table)).mappings()}
    rows = [_programme_row(programme) for programme in definitions.programmes.values()]
    gone = [row for code, row in known.items() if code not in definitions.programmes]
    make_equal(connection, table, [*rows, *map(dict, gone)])  # a programme whose file is gone keeps its name
    shown = ("short", "title", "number", "issued")
    return {
        code
        for code, row in zip(definitions.programmes, rows, strict=True)
        if code in known and any(known[code][key] != row[key] for key in shown)
    }


def _programme_row(programme: ProgrammeDefinition) -> dict[str, Any]:
    document = programme.document
    return {
        "code": programme.code, "short": programme.short, "title": document.title, "number": document.number,
        "issued": document.issued, "issuer": document.issuer, "source": document.source,
        "first": programme.period.first, "last": programme.last_day, "standing_agency": programme.standing_agency,
        "collector": programme.collector, "policy": programme.policy, "draft": programme.draft,
        "items": len(programme.items),
    }  # fmt: skip


def make_equal(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Deletes, mends and inserts so that ``table`` holds exactly ``rows``; touches nothing that is already right."""
    delete_others(connection, table, rows)
    known, wanted = _stored(connection, table), _by_key(table, rows)
    for key, row in known.items():
        if wanted[key] != row:
            connection.execute(update(table).where(*_matches(table, key)).values(wanted[key]))
    insert_many(connection, table, (row for key, row in wanted.items() if key not in known))


def delete_others(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Deletes what has no row of the same key among ``rows``; by itself for tables that refer to another one."""
    wanted = _by_key(table, rows)
    for key in _stored(connection, table):
        if key not in wanted:
            connection.execute(delete(table).where(*_matches(table, key)))


def _stored(connection: Connection, table: Table) -> dict[tuple[Any, ...], dict[str, Any]]:
    return _by_key(table, (dict(row) for row in connection.execute(select(table)).mappings()))


def _by_key(table: Table, rows: Iterable[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    keys = [column.name for column in table.primary_key]
    return {tuple(row[key] for key in keys): row for row in rows}


def _matches(table: Table, key: tuple[Any, ...]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in zip(table.primary_key, key, strict=True)]


def insert_many(connection: Connection, table: Table, rows: Iterable[dict[str, Any]], at_once: int = 20_000) -> None:
    """Inserts in batches of ``at_once`` rows, so that a national year never stands in memory twice."""
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == at_once:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
