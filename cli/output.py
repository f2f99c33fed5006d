"""How the commands speak: JSON for machines, tables for people, the clock's banner on the side."""

from __future__ import annotations

import dataclasses
import json
import sys
import unicodedata
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from rich.console import Console

from models.errors import DonDocError

console = Console(highlight=False, markup=False, emoji=False)  # a programme's text is text


def say(sentence: str, style: str = "") -> None:
    """One sentence for people, never cut by the window's width and never read as markup."""
    console.print(sentence, style=style, soft_wrap=True)


def typed(text: str) -> str:
    """What a person typed, in NFC and without the blanks around it. Raises DonDocError for broken letters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise DonDocError("Chữ gõ vào không phải mã UTF-8.", help="Đặt bảng mã của cửa sổ lệnh là UTF-8.") from None
    return unicodedata.normalize("NFC", text).strip()


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
