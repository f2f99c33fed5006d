"""Walks a portal's pages as one visitor: which addresses they link to, and which fields their forms hold."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from served_office import ServedOffice

MOST_PAGES, OF_ONE_KIND = 150, 3
FORM, FILES = "application/x-www-form-urlencoded", "multipart/form-data"
CHOSEN = ("hidden", "radio", "checkbox", "submit", "file")  # types of fields nobody types into
LIKELY = {"date": "^202[45]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$", "time": "^(0[7-9]|1[0-7]):[0-5][0-9]$"}
MOST_VALUES = 4
NEVER = "/dang-xuat"  # its form is described without its token: whoever signs out asks nothing more


@dataclass
class Field:
    """What a form's field may hold: one of ``values``, or whatever a person types where it is ``typed``."""

    type: str = ""
    typed: bool = False
    values: set[str] = field(default_factory=set)

    def schema(self) -> dict[str, Any]:
        """As OpenAPI says it."""
        if self.type == "file":
            return {"type": "string", "format": "binary"}
        known: dict[str, Any] = {
            "type": "string",
            "enum": sorted(self.values | ({""} if self.typed else set()))[:MOST_VALUES],
        }
        if self.typed:
            likely = [{"type": "string", "pattern": LIKELY[self.type]}] if self.type in LIKELY else []
            return {"anyOf": [known, *likely, {"type": "string"}]}
        return known if self.values else {"type": "string"}


class Page(HTMLParser):
    """The links of a page, and its forms: where each goes, and its fields by name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, dict[str, Field]]] = []
        self._fields: dict[str, Field] | None = None
        self._select: Field | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif tag == "form":
            self._fields = {}
            if said.get("method", "").lower() == "post":
                self.forms.append((said.get("action", ""), self._fields))
        elif tag == "option" and self._select is not None:
            self._select.values.add(said.get("value", ""))
        elif self._fields is not None and "name" in said and tag in ("input", "select", "textarea", "button"):
            self._note_field(tag, said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = None

    def _note_field(self, tag: str, said: dict[str, str]) -> None:
        assert self._fields is not None
        found = self._fields.setdefault(said["name"], Field())
        found.type = said.get("type", found.type)
        found.typed |= tag == "textarea" or (tag == "input" and found.type not in CHOSEN) or said["name"] == "key"
        if tag == "select":
            self._select = found
        elif said.get("value"):
            found.values.add(said["value"])


class SiteMap:
    """What one visitor can reach, by the addresses of the application's OpenAPI ``description``.

    ``broken`` are pages answered with a 5xx. ``spared`` is not told: the visitor's own account, which would be shut.
    """

    def __init__(self, office: ServedOffice, cookie: str, description: dict[str, Any], spared: str = "") -> None:
        self._office, self._described, self._spared = office, description, spared
        self._headers = {"Cookie": cookie} if cookie else {}
        # the most particular first: another's part may hold slashes, as the codes of duties do
        said = sorted(description["paths"], key=lambda path: -len(re.sub(r"\{\w+\}", "", path)))
        self._patterns = {path: _pattern(path) for path in said}
        self._values: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._fields: dict[str, dict[str, Field]] = defaultdict(dict)
        self.broken: list[str] = []
        self.pages = 0

    def walk(self, *begin: str) -> None:
        """Looks at pages from ``begin`` on, some of each kind."""
        waiting, met, of_kind = list(begin), set(begin), defaultdict(int)
        while waiting and self.pages < MOST_PAGES:
            address = waiting.pop(0)
            kind = self._note(urlsplit(address).path)
            if kind is None or of_kind[kind] >= OF_ONE_KIND:
                continue
            of_kind[kind] += 1
            found = [link for link in self._look(address) if link not in met]
            met.update(found)
            waiting += found

    def description(self) -> dict[str, Any]:
        """The application's own, with what was found: values known for addresses, and the fields of forms."""
        for path, operations in self._described["paths"].items():
            for method, operation in operations.items():
                for parameter in operation.get("parameters", []):
                    self._tell_values(path, parameter)
                if method == "post" and "requestBody" not in operation:
                    operation["requestBody"] = self._body(path)
        return self._described

    def _look(self, address: str) -> list[str]:
        answer = self._office.get(urljoin(self._office.address, address), **self._headers)
        self.pages += 1
        if answer.status >= 500:
            self.broken.append(f"GET {address} is answered {answer.status}")
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return []
        page = Page(answer.body.decode())
        for action, fields in page.forms:
            self._note_form(urlsplit(urljoin(answer.address, action)).path, fields)
        whole = (urljoin(answer.address, link).partition("#")[0] for link in page.links)
        return [link for link in dict.fromkeys(whole) if link.startswith(self._office.address)]

    def _note(self, path: str) -> str | None:
        """The described address that ``path`` is one of; what it names is remembered."""
        for kind, pattern in self._patterns.items():
            if found := pattern.fullmatch(unquote(path)):
                for name, value in found.groupdict().items():
                    if value != self._spared and len(self._values[kind, name]) < 2 * OF_ONE_KIND:
                        self._values[kind, name].add(value)
                return kind
        return None

    def _note_form(self, path: str, fields: dict[str, Field]) -> None:
        kind = self._note(path)
        if kind is not None:
            for name, found in fields.items():
                known = self._fields[kind].setdefault(name, found)
                known.values |= found.values

    def _tell_values(self, path: str, parameter: dict[str, Any]) -> None:
        if known := sorted(self._values.get((path, parameter["name"]), ())):
            parameter["schema"] = {"anyOf": [{"enum": known}, {"type": "string", "minLength": 1}]}

    def _body(self, path: str) -> dict[str, Any]:
        fields = self._fields.get(path, {})
        properties = {name: found.schema() for name, found in fields.items()}
        if path == NEVER:
            properties = {"csrf": {"type": "string"}}
        required = sorted(name for name in properties if name in fields and not fields[name].typed)
        whole = {"type": "object", "properties": properties, "required": required}
        has_files = any(found.type == "file" for found in fields.values())
        return {"content": {kind: {"schema": whole} for kind in ((FILES,) if has_files else (FORM, FILES))}}


def _pattern(path: str) -> re.Pattern[str]:
    """``/a/{b}/c`` as what matches it."""
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile("".join(f"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(parts)))
