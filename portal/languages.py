"""The portal's two languages: pages are written in Vietnamese, and gettext catalogues beside them say it in English."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from fastapi import Request

from calendars.wording import Language

PAGES = Path(__file__).resolve().parent.parent / "templates" / "pages"
COOKIE = "lang"


def language_of(request: Request) -> Language:
    """Vietnamese unless the address or the visitor's cookie says English; what the browser prefers is not asked."""
    chosen = request.query_params.get("lang") or request.cookies.get(COOKIE)
    return "en" if chosen == "en" else "vi"


@cache
def translations(language: Language) -> NullTranslations:
    """What ``_`` says in a language: for English every ``en.po`` of the pages' folders, put together."""
    if language == "vi":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue())
    compiled.seek(0)
    return Translations(compiled)


def read_catalogue() -> Catalog:
    """Every English sentence of the portal's pages; a Vietnamese one is its key."""
    whole = Catalog(locale="en", charset="utf-8")
    for path in sorted(PAGES.rglob("en.po")):
        for message in read_po(BytesIO(path.read_bytes()), locale="en"):
            if message.id:
                whole.add(message.id, message.string, context=message.context)
    return whole
