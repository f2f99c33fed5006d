"""What every page of the portal is given, and what every answer carries: two languages, and headers that shut doors."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy import Engine

from calendars.wording import Language
from notices.links import Links
from office.settings import VIETNAM

PAGES = Path(__file__).resolve().parent.parent / "templates" / "pages"


def _no_banner() -> str | None:
    return None


def language_of(request: Request) -> Language:
    """Vietnamese unless the address says ``?lang=en``; what the browser prefers is not asked."""
    return "en" if request.query_params.get("lang") == "en" else "vi"


def say_instant(at: datetime) -> str:
    """As "14h05, 02/12/2024", in Vietnam."""
    local = at.astimezone(VIETNAM)
    return f"{local.hour}h{local.minute:02d}, {local:%d/%m/%Y}"


@dataclass(frozen=True)
class Desk:
    """The database, the office's time, its links; ``banner`` is the sentence a shifted clock wants shown."""

    store: Engine
    now: Callable[[], datetime]
    links: Links
    banner: Callable[[], str | None] = _no_banner

    def answer(
        self,
        request: Request,
        page: str,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> Response:
        """One page, in the language the address asks for; every value is escaped."""
        language = language_of(request)
        text = self._templates.get_template(f"{page}.html.j2").render(
            t=lambda vietnamese, english: english if language == "en" else vietnamese,
            language=language,
            banner=self.banner(),
            style=Markup(self._style),  # noqa: S704  our own file, whose digest stands in the header
            **values,
        )
        return HTMLResponse(text, status, self.headers | (headers or {}))

    @cached_property
    def headers(self) -> dict[str, str]:
        """No scripts, no frames, nothing from elsewhere; no trace of the link in caches, referrers and indexes."""
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        return {
            "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex, nofollow",
        }

    @cached_property
    def _style(self) -> str:
        return (PAGES / "_portal.css").read_text(encoding="utf-8")

    @cached_property
    def _templates(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(PAGES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters["instant"] = say_instant
        return environment
