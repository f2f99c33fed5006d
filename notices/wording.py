"""Puts notices into words: matters in, one message out, by templates that the secretariat may edit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from unicodedata import normalize

from calendars.wording import Language
from models.notice import NoticeKind
from notices.made_up import made_up_messages
from notices.matter import Addressed, Matter, Worded
from notices.places import (
    Entry,
    Section,
    address_places,
    fill_places,
    gather,
    plain_text,
    say_remarks,
    section_of,
    shorten,
)
from notices.templates import Templates, TriedTemplates, UnusableTemplate

__all__ = ["UnusableTemplate", "Wording"]

SUBJECT_CHARACTERS = 180
SHORT_CHARACTERS = 300  # two parts of an SMS without marks, the link included
PASTED_CHARACTERS = 500  # of the second line for a Zalo group
PARAMETER_CHARACTERS = 100
LEAST_WORDS = 60  # an SMS whose link leaves less room than this goes without it: half a link opens nothing
MAY_BE_EMPTY = {"todo"}
UNANSWERED = frozenset({NoticeKind.RECEIPT, NoticeKind.LINK})  # answers themselves: nobody acknowledges those
YIELDING = ("title", "first")  # places that give way when a text is too long; days never do
LABELLED = re.compile(r"([^:]{1,60}):(?:\s+(.*))?")


@dataclass(frozen=True, slots=True)
class _Said:
    """One entry in words.

    ``heading`` is the uncut subject and ``several`` its end ("(3 cơ quan)"); ``lines`` have a label, a text and
    points below.
    """

    entry: Entry
    section: Section
    language: Language
    template: str
    places: Mapping[str, object]
    several: str
    heading: str
    subject: str
    lines: tuple[dict[str, object], ...]
    todo: str
    pasted: str


class Wording:
    """Words from the templates in ``folder``: ``vi/<kind>.j2``, ``en/<kind>.j2`` and the two layouts of a mail.

    What English lacks is said in Vietnamese.
    """

    def __init__(self, folder: Path) -> None:
        self._templates = Templates(folder)

    def word(self, matters: Sequence[Matter], to: Addressed) -> Worded:
        """One matter, or the same one of several agencies, by its kind's template; several as a digest.

        The link is shown once, and only when every matter carries the same. Raises UnusableTemplate.
        """
        if not matters:
            raise ValueError("a notice is about something")
        link = _shared_link(matters)
        said = [self._say(entry, to) for entry in gather(matters, to.today)]
        if len(said) == 1:
            return self._alone(said[0], to, link, digest=len(matters) > 1)
        return self._digest(said, to, link)

    def check(self) -> list[UnusableTemplate]:
        """What is wrong with the templates: all are filled with made-up matters of every kind, in both languages."""
        tried = TriedTemplates(self._templates.folder)
        trial = Wording(tried.folder)
        trial._templates = tried
        for matters, to in made_up_messages():
            trial.word(matters, to)
        return list(tried.found.values())

    # ---- one entry ----------------------------------------------------------------------------

    def _say(self, entry: Entry, to: Addressed) -> _Said:
        matter = entry.matter
        kind = "secret" if matter.secret else matter.kind.value
        language, template = self._template(kind, to.language)
        places = fill_places(entry, to, language)
        several = self._several(entry, to, places)
        heading = self._line(template, "subject", places) + several
        return _Said(
            entry,
            section_of(matter, to.today),
            language,
            template,
            places,
            several,
            heading,
            self._fit(template, "subject", places, SUBJECT_CHARACTERS - len(several)) + several,
            tuple(_lines(self._body(entry, to, template, places))),
            self._line(template, "todo", places),
            self._second_line(template, places),
        )

    def _several(self, entry: Entry, to: Addressed, places: Mapping[str, object]) -> str:
        if len(entry.owing) < 2:
            return ""
        return f" ({self._line(self._template('_frame', to.language)[1], 'several', places)})"

    def _body(self, entry: Entry, to: Addressed, template: str, places: Mapping[str, object]) -> str:
        """What the kind's template says, and what every entry says: its agencies, what to keep in mind."""
        language, frame = self._template("_frame", to.language)
        parts = [self._templates.block(template, "body", places)]
        if len(entry.owing) > 1:
            parts.append(self._templates.block(frame, "agencies", places))
        for note in say_remarks(entry.matter, language):
            parts.append(self._templates.block(frame, "note", {**places, "note": note}))
        if entry.matter.missed:
            parts.append(self._templates.block(frame, "missed", places))
        return "\n".join(parts)

    def _second_line(self, template: str, places: Mapping[str, object]) -> str:
        """The second line for a Zalo group: the block ``pasted``, or what is to be done."""
        block = "pasted" if self._templates.has_block(template, "pasted") else "todo"
        return self._fit(template, block, places, PASTED_CHARACTERS)

    # ---- the whole message --------------------------------------------------------------------

    def _alone(self, said: _Said, to: Addressed, link: str, *, digest: bool) -> Worded:
        mail = {
            "subject": said.subject,
            "heading": said.heading,
            "intro": (),
            "overdue": said.places["overdue"],
            "sections": ({"name": "", "entries": (_entry_values(said, None),)},),
            "todo": "",
        }
        text, html = self._pages(mail, to, link, digest)
        return Worded(
            said.subject,
            text,
            html,
            _with_link(lambda room: self._short(said, room), link),
            f"{said.subject}\n{said.pasted}",
            self._parameters(said, to),
        )

    def _short(self, said: _Said, room: int) -> str:
        return self._fit(said.template, "short", said.places, room - len(said.several)) + said.several

    def _digest(self, said: Sequence[_Said], to: Addressed, link: str) -> Worded:
        _, template = self._template("digest", to.language)
        named = [
            (self._section_name(section, to), list(one)) for section, one in groupby(said, lambda one: one.section)
        ]
        counted = [f"{len(entries)} {name[:1].lower()}{name[1:]}" for name, entries in named]
        places = {
            **address_places(to),
            "count": len(said),
            "summary": ", ".join(counted),
            "first": said[0].subject,
            "acknowledges": bool(link),
        }
        subject = self._fit(template, "subject", places, SUBJECT_CHARACTERS)
        numbers = iter(range(1, len(said) + 1))
        mail = {
            "subject": subject,
            "heading": self._line(template, "subject", places),
            "intro": tuple(_flat(self._templates.block(template, "body", places))),
            "overdue": said[0].places["overdue"],
            "sections": tuple(
                {"name": name, "entries": tuple(_entry_values(one, next(numbers)) for one in entries)}
                for name, entries in named
            ),
            "todo": self._line(template, "todo", places),
        }
        text, html = self._pages(mail, to, link, digest=True)
        return Worded(
            subject,
            text,
            html,
            _with_link(lambda room: self._fit(template, "short", places, room), link),
            f"{subject}\n{self._second_line(template, places)}",
            _cut_parameters(
                viec=subject,
                han=_day_of(said[0]) or str(places["today"]),
                co_quan=plain_text(to.name),
                tinh_trang=str(places["summary"]),
            ),
        )

    def _section_name(self, section: Section, to: Addressed) -> str:
        _, template = self._template("digest", to.language)
        return self._line(template, "section", {**address_places(to), "section": section.value})

    def _parameters(self, said: _Said, to: Addressed) -> dict[str, str]:
        """Of a Zalo template; none is empty, since Zalo refuses those."""
        places = said.places
        return _cut_parameters(
            viec=str(places["title"]) or said.heading,
            han=_day_of(said) or str(places["today"]),
            co_quan=str(places["who"]) if said.entry.owing else plain_text(to.name),
            tinh_trang=str(places["state"] or places["what"]) or self._section_name(said.section, to),
        )

    def _pages(self, mail: Mapping[str, object], to: Addressed, link: str, digest: bool) -> tuple[str, str]:
        """The mail as text and as HTML: two layouts of the same values, so that they cannot say two things."""
        values = {**mail, **self._frame(to), "link": link, "unsubscribe": plain_text(to.unsubscribe) if digest else ""}
        text = self._templates.page("_mail.txt.j2", values)
        html = self._templates.page("_mail.html.j2", values)
        return _tidy(text), normalize("NFC", html).strip() + "\n"

    def _frame(self, to: Addressed) -> dict[str, object]:
        """What every mail says around its matters."""
        language, frame = self._template("_frame", to.language)
        places = address_places(to)
        return {
            "language": language,
            "banner": plain_text(to.banner),
            "greeting": self._line(frame, "greeting", places),
            "instead_of": self._line(frame, "instead_of", places) if to.instead_of else "",
            "button": self._line(frame, "button", places),
            "agency_page": plain_text(to.agency_page),
            "page_name": self._line(frame, "agency_page", places),
            "signature": tuple(_flat(self._templates.block(frame, "signature", places))),
            "stop": self._line(frame, "stop", places),
        }

    # ---- templates ----------------------------------------------------------------------------

    def _template(self, kind: str, language: str) -> tuple[Language, str]:
        """The template's name and the language it is written in."""
        if language == "en" and self._templates.has(f"en/{kind}.j2"):
            return "en", f"en/{kind}.j2"
        return "vi", f"vi/{kind}.j2"

    def _line(self, template: str, block: str, places: Mapping[str, object]) -> str:
        """The block on one line. Raises UnusableTemplate, also when it says nothing and must."""
        said = self._templates.block(template, block, places, empty=block in MAY_BE_EMPTY)
        return _begun(" ".join(_flat(said)))

    def _fit(self, template: str, block: str, places: Mapping[str, object], limit: int) -> str:
        """The block within ``limit`` characters: the title gives way first, then the end of the text."""
        said = self._line(template, block, places)
        for name in YIELDING:
            if len(said) > limit and name in places:
                room = max(len(str(places[name])) - (len(said) - limit), 1)
                places = {**places, name: shorten(str(places[name]), room)}
                said = self._line(template, block, places)
        return shorten(said, limit)


def _shared_link(matters: Iterable[Matter]) -> str:
    """The one link of a mail; "" when the matters carry several: the first would acknowledge the others unseen."""
    links = {matter.link for matter in matters if matter.kind not in UNANSWERED}
    return plain_text(links.pop()) if len(links) == 1 else ""


def _with_link(say: Callable[[int], str], link: str) -> str:
    room = SHORT_CHARACTERS - len(link) - 1
    return f"{say(room)} {link}" if link and room >= LEAST_WORDS else say(SHORT_CHARACTERS)


def _entry_values(said: _Said, number: int | None) -> dict[str, object]:
    return {
        "number": number,
        "heading": said.heading,
        "overdue": said.places["overdue"],
        "language": said.language,
        "lines": said.lines,
        "todo": said.todo,
    }


def _lines(text: str) -> Iterator[dict[str, object]]:
    """The lines of a ``body``: "Nhãn: giá trị", with the "- " lines below it as points; a label with nothing goes."""
    found: list[tuple[str, str, list[str]]] = []
    for line in _flat(text):
        if line.startswith("- "):
            if not found:
                found.append(("", "", []))
            found[-1][2].append(line[2:])
            continue
        labelled = LABELLED.fullmatch(line)
        found.append((labelled[1], labelled[2] or "", []) if labelled else ("", line, []))
    for label, said, points in found:
        if said or points:
            yield {"label": label, "text": said, "points": tuple(points)}


def _flat(text: str) -> list[str]:
    """The lines that say something, each NFC and with single blanks."""
    return [line for line in map(plain_text, text.splitlines()) if line]


def _begun(text: str) -> str:
    """``text`` without what stands before a place that was empty ("…, công văn"), with a capital."""
    text = text.lstrip(" ,;:")
    return text[:1].upper() + text[1:]


def _tidy(text: str) -> str:
    """No two empty lines together, no blanks at a line's end."""
    lines = "\n".join(line.rstrip() for line in normalize("NFC", text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _day_of(said: _Said) -> str:
    return str(said.places["due"] or said.places["when"])


def _cut_parameters(**parameters: str) -> dict[str, str]:
    return {name: shorten(said, PARAMETER_CHARACTERS) for name, said in parameters.items()}
