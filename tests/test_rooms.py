"""The arrows of the house: rooms never import doors, doors never import each other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "models": set(),
    "calendars": {"models"},
    "planning": {"models", "calendars"},
    "board": {"models", "calendars"},
    "office": {"models"},
    "notices": {"models", "calendars"},
    "flows": {"models", "calendars", "planning", "notices", "board", "office"},
    "cli": {"models", "calendars", "planning", "notices", "board", "office"},
    "portal": {"models", "calendars", "planning", "notices", "board", "office"},
}
ASKS_THE_HOUR = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}


def calls_itself_pure(path: Path) -> bool:
    return "pure" in (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").lower()


def imported_by(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


def files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_the_arrows_allow(room):
    ours = set(MAY_IMPORT)
    wrong = {
        f"{path.relative_to(ROOT)} → {name}"
        for path in files(room)
        for name in imported_by(path) & ours - MAY_IMPORT[room] - {room}
    }
    assert wrong == set()


def test_every_folder_with_code_of_ours_is_a_known_room():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders == {*MAY_IMPORT, "tests"}


def test_a_file_that_calls_itself_pure_touches_neither_database_nor_clock():
    pure = [path for room in MAY_IMPORT for path in files(room) if calls_itself_pure(path)]
    assert {"phrases.py", "expansion.py", "placing.py", "standing.py", "directory.py"} <= {path.name for path in pure}
    forbidden = {"sqlalchemy", "sqlmodel", "office", "prefect"}
    assert {path.name: found for path in pure if (found := imported_by(path) & forbidden)} == {}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_only_the_office_clock_asks_what_time_it_is(room):
    asking = set()
    for path in files(room):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if named and (node.value.id, node.attr) in ASKS_THE_HOUR:
                asking.add(str(path.relative_to(ROOT)))
    assert asking <= {"office/clock.py"}
