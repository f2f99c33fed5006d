"""What every page of the portal is given, and what every answer carries: two languages, and headers that shut doors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any, Protocol
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine

from calendars.wording import Language, say_day, say_instant, say_short, say_weekday
from notices.desk import NoticeDesk, open_desk
from notices.links import Links
from office.clock import real_instant
from office.settings import Settings
from office.store import reading, writing
from planning.amendments import amended, newest_amendment, read_amendments
from planning.check import Definitions, read_definitions
from planning.people import read_channels
from portal.languages import COOKIE, PAGES, language_of, translations
from portal.masks import masked
from portal.static_files import STATIC

# What a page may load and where its forms go: only ourselves, no inline style or script.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class OfficeClock(Protocol):
    """The office's clock (office.clock)."""

    def now(self) -> datetime:
        """The office's instant, aware."""

    def today(self) -> date:
        """The office's day in Vietnam."""

    def banner(self) -> str | None:
        """What is to be shown while the clock is not the real one."""

    def began(self) -> date | None:
        """The day the office began; None for the first planning's."""


@dataclass(frozen=True)
class Desk:
    """The office as its pages find it; ``really`` is the machine's own time, which sessions and links go by."""

    settings: Settings
    clock: OfficeClock
    store: Engine
    links: Links
    secret: str = ""
    really: Callable[[], datetime] = real_instant

    def now(self) -> datetime:
        """The office's present instant."""
        return self.clock.now()

    def today(self) -> date:
        """The office's day."""
        return self.clock.today()

    def reading(self) -> Any:
        """One consistent view of the database, as a context: ``with desk.reading() as connection``."""
        return reading(self.store)

    def writing(self) -> Any:
        """One writing transaction, as a context, committed at its end."""
        return writing(self.store)

    @property
    def definitions(self) -> Definitions:
        """Everything on paper, checked, with what people recorded on top. Raises InvalidDefinition, StoreUnusable.

        Read again when a file of the folder has changed, or something was recorded since.
        """
        paper = self._paper
        with self.reading() as connection:
            newest = newest_amendment(connection)
            kept = self._kept.get("amended")
            if kept is None or kept[0] is not paper or kept[1] != newest:
                kept = self._kept["amended"] = (paper, newest, amended(paper, read_amendments(connection)))
        found: Definitions = kept[2]
        return found

    @property
    def _paper(self) -> Definitions:
        folder = self.settings.programmes
        stamp = tuple(sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*.yaml")))
        kept = self._kept.get("definitions")
        if kept is None or kept[0] != stamp:
            kept = self._kept["definitions"] = (stamp, read_definitions(folder))
        found: Definitions = kept[1]
        return found

    @property
    def notices(self) -> NoticeDesk:
        """Planning, sending and deciding with this office's settings."""
        return open_desk(
            self.settings,
            self.definitions,
            self.clock,
            reading=self.reading,
            writing=self.writing,
            really=self.really,
            secret=self.secret,
            paid=read_channels(self.settings.channels_path),
        )

    def answer(
        self,
        request: Request,
        page: str,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> Response:
        """One page of ``templates/pages`` ("agency/home"), in the visitor's language; every value is escaped.

        The page knows ``visitor`` (office.sessions.Visitor or None), ``csrf``, ``today``, ``banner``, ``language``,
        ``here`` (its own path) and ``in_language(language)`` (its address in another one).
        """
        language = language_of(request)
        visitor = getattr(request.state, "visitor", None)
        text = (
            self._environment(language)
            .get_template(f"{page}.html.j2")
            .render(
                visitor=visitor,
                csrf=masked(visitor.csrf) if visitor else "",
                language=language,
                banner=self.clock.banner(),
                today=self.today(),
                here=request.url.path,
                in_language=lambda wanted: _in_language(request, wanted),
                **values,
            )
        )
        response = HTMLResponse(text, status, self.headers | (headers or {}))
        if "lang" in request.query_params:
            response.set_cookie(COOKIE, language, max_age=31_536_000, samesite="lax", httponly=True)
        return response

    @cached_property
    def headers(self) -> dict[str, str]:
        """No frames, nothing from elsewhere; no trace of the address in caches, referrers and indexes."""
        return {
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex, nofollow",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {}

    def _environment(self, language: Language) -> Environment:
        key = f"environment/{language}"
        if key not in self._kept:
            self._kept[key] = _make_environment(language)
        environment: Environment = self._kept[key]
        return environment


def _make_environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # of the extension
    environment.globals["static"] = {name: f"/static/{name}?v={file.digest[:12]}" for name, file in STATIC.items()}
    environment.filters |= {
        "instant": partial(say_instant, language=language),
        "short": say_short,
        "day": say_day,
        "weekday": say_weekday,
    }
    return environment


def _in_language(request: Request, language: str) -> str:
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"?{urlencode([*rest, ('lang', language)])}"
