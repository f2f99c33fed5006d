"""What people type into a form, made fit to be kept: composed Vietnamese without signs nobody sees. Pure."""

from __future__ import annotations

import unicodedata

from models.errors import DonDocError


class UnusableText(DonDocError):
    """A field of a form is empty, too long or too short."""


def one_line(text: str, name: str, *, least: int = 0, most: int) -> str:
    """``text`` on one line; ``name`` is what the form calls the field. Raises UnusableText."""
    return _checked(" ".join(visible(text).split()), name, least, most)


def some_lines(text: str, name: str, *, least: int = 0, most: int) -> str:
    """``text`` with its lines, each with single blanks, and no empty ones. Raises UnusableText."""
    lines = (" ".join(visible(line).split()) for line in text.splitlines())
    return _checked("\n".join(filter(None, lines)), name, least, most)


def visible(text: str) -> str:
    """``text`` in NFC, controls turned to blanks, without marks that turn its direction or show nothing."""
    kept = []
    for sign in unicodedata.normalize("NFC", text):
        category = unicodedata.category(sign)
        if category == "Cc" or category in ("Zl", "Zp"):
            kept.append(" ")
        elif not category.startswith("C"):
            kept.append(sign)
    return "".join(kept)


def _checked(text: str, name: str, least: int, most: int) -> str:
    if least and not text:
        raise UnusableText(f"Chưa ghi {name}.", help=f"Ghi {name} rồi gửi lại.")
    if not least <= len(text) <= most:
        between = f"từ {least} đến {most}" if least else f"tối đa {most}"
        raise UnusableText(f"Mục {name} cần {between} ký tự, nay có {len(text)}.", help="Sửa rồi gửi lại.")
    return text
