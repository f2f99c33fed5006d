"""How the commands speak: JSON for machines, tables for people, the clock's banner on the side."""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from rich.console import Console

console = Console(highlight=False)


def say(sentence: str, style: str = "") -> None:
    """One sentence for people, never cut by the window's width and never read as markup."""
    console.print(sentence, style=style, markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON document on standard output; days and instants in ISO 8601."""
    json.dump(plain(value), sys.stdout, ensure_ascii=False, indent=2)
    print()


def plain(value: Any) -> Any:
    """Values as JSON has them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return value


def show_banner(banner: str | None) -> None:
    """The demonstration clock's banner, on standard error so that JSON stays clean."""
    if banner:
        print(banner, file=sys.stderr)
