"""Sends SMS through any Vietnamese aggregator's HTTP gateway, and knows how many parts a text costs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from unicodedata import category, normalize
from urllib.parse import quote
from uuid import uuid4

from apprise.common import NotifyType
from apprise.plugins import base as apprise_base

from models.errors import DonDocError
from notices.channel import Message, Outcome, Verdict
from notices.mime import on_one_line
from notices.zalo import (
    Call,
    UnusableGateway,
    ask,
    check_gateway_url,
    masked,
    masked_telephone,
    register_plugin,
    telephone,
    without,
)

# 3GPP TS 23.038 §6.2.1: the default alphabet (ESC apart), and what costs an escape and so two septets.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_ESCAPED = frozenset("^{}\\[~]|€\f")
GSM_SIZES = (160, 153)  # alone, and as one of several: the rest is the header that joins them
UCS2_SIZES = (70, 67)
PLAIN = str.maketrans(
    {"đ": "d", "Đ": "D", "₫": "d", "–": "-", "—": "-", "‑": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."}
)
LINK_AT_END = re.compile(r"(?:^|\s)(https?://\S+)$")
PLACE = re.compile(r"\{(\w+)\}")
PLACES = frozenset({"phone", "phone_national", "text", "brandname", "key", "unicode"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What one text costs: ``units`` are septets (GSM-7) or UTF-16 code units (UCS-2)."""

    encoding: Literal["GSM-7", "UCS-2"]
    parts: int
    units: int


def strip_accents(text: str) -> str:
    """Vietnamese without marks (``Đôn Đốc`` → ``Don Doc``), with plain dashes and quotation marks."""
    bare = "".join(letter for letter in normalize("NFD", text) if category(letter) != "Mn")
    return normalize("NFC", bare).translate(PLAIN)


def count_parts(text: str) -> Parts:
    """How many SMS ``text`` takes: 160 septets or 70 UTF-16 units alone, 153 or 67 in each of several.

    Neither an escaped sign nor a pair of surrogates is divided between two parts. An empty text is one SMS.
    """
    costs = [_septets(letter) for letter in text]
    if all(costs):
        return Parts("GSM-7", _pack(costs, *GSM_SIZES), sum(costs))
    costs = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return Parts("UCS-2", _pack(costs, *UCS2_SIZES), sum(costs))


def _septets(letter: str) -> int:
    """0 when GSM-7 does not have it."""
    return 1 if letter in GSM_BASIC else 2 if letter in GSM_ESCAPED else 0


def _pack(costs: list[int], alone: int, joined: int) -> int:
    if sum(costs) <= alone:
        return 1
    parts, room = 1, joined
    for cost in costs:
        if cost > room:
            parts, room = parts + 1, joined
        room -= cost
    return parts


def shorten(text: str, longest_parts: int) -> str:
    """``text`` so that it takes at most ``longest_parts``, cut between words; a link at its end stays whole.

    Where the cut is stands "…", or "..." in GSM-7, which has no such sign and would shrink to half. The link alone
    is returned when nothing fits beside it, even if it is longer than allowed: a cut link leads nowhere.
    """
    if count_parts(text).parts <= longest_parts:
        return text
    found = LINK_AT_END.search(text)
    link = f" {found[1]}" if found else ""
    words = (text[: found.start()] if found else text).split(" ")
    while len(words) > 1:
        words.pop()
        shown = _cut(" ".join(words), link)
        if count_parts(shown).parts <= longest_parts:
            return shown
    return link.strip() or _first_letters(words[0], longest_parts)


def _cut(head: str, link: str) -> str:
    mark = "..." if count_parts(head + link).encoding == "GSM-7" else "…"
    return head.rstrip(" ,;:.-–") + mark + link


def _first_letters(word: str, longest_parts: int) -> str:
    """One word longer than the whole SMS."""
    while word and count_parts(_cut(word, "")).parts > longest_parts:
        word = word[:-1]
    return _cut(word, "")


@dataclass(frozen=True, slots=True)
class Success:
    """How an answer says it took the message: the value under a dotted path (``data.0.status``), as text.

    ``refused`` are values that mean "for good" (a wrong number, a blocked one); any other value is "not now".
    ``reference`` and ``detail`` are the paths of the gateway's own number and of its sentence. A value that says
    "this key was sent before" belongs to ``accepted``.
    """

    path: str
    accepted: tuple[str, ...]
    refused: tuple[str, ...] = ()
    reference: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """A gateway as its aggregator describes it.

    ``fields`` and ``headers`` give each name a template: ``{phone}`` (84912345678), ``{phone_national}``
    (0912345678), ``{text}``, ``{brandname}``, ``{key}`` (the same at every attempt: many gateways drop a second copy
    by it), ``{unicode}`` (1 when the text needs it, else 0), and the names of ``secrets``, already resolved. A
    whole number stays one in JSON. ``timeout`` in seconds is for one attempt. Raises UnusableGateway.
    """

    url: str
    brandname: str
    fields: Mapping[str, str | int]
    success: Success
    method: Literal["POST", "GET"] = "POST"
    body: Literal["json", "form"] = "json"
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    unaccented: bool = True
    longest_parts: int = 2
    timeout: float = 15

    def __post_init__(self) -> None:
        check_gateway_url(self.url)
        known = PLACES | self.secrets.keys()
        named = {name for template in self._templates() for name in PLACE.findall(template)}
        if named - known:
            raise UnusableGateway(
                f"Cổng SMS không biết chỗ điền {', '.join(sorted(named - known))}.",
                help=f"Các chỗ điền có: {', '.join(sorted(known))}.",
            )
        if not {"phone", "phone_national"} & named or "text" not in named:
            raise UnusableGateway(
                "Cổng SMS thiếu trường số điện thoại hoặc nội dung.", help="Các trường phải có {phone} và {text}."
            )
        if not (self.success.path and self.success.accepted and self.longest_parts > 0):
            raise UnusableGateway("Cổng SMS thiếu quy tắc nhận biết đã nhận tin hoặc số phần lớn nhất của một tin.")
        if not all(re.fullmatch(r"[ -~]+", secret) for secret in self.secrets.values()):
            raise UnusableGateway("Khóa của cổng SMS trống hoặc có ký tự lạ.", help="Chép lại khóa từ nhà cung cấp.")

    def _templates(self) -> list[str]:
        return [str(template) for template in (*self.fields.values(), *self.headers.values())]


class SmsChannel:
    """A channel (``notices.channel.Channel``) through one gateway."""

    def __init__(self, gateway: SmsGateway) -> None:
        self.gateway = gateway

    def send(self, message: Message) -> Outcome:
        """One attempt with the message's ``short`` text, within the gateway's timeout."""
        try:
            call = self._call(message)
        except DonDocError as unusable:
            return Outcome(Verdict.REJECTED, detail=unusable.sentence)
        answer = ask(call)
        return answer if isinstance(answer, Outcome) else _outcome(answer, self.gateway.success, call)

    def close(self) -> None:
        """Nothing is kept open."""

    def worded(self, message: Message) -> str:
        """The text as it is sent: on one line, composed (NFC: half the price of NFD), short enough."""
        line = normalize("NFC", on_one_line(message.short))
        plain = strip_accents(line) if self.gateway.unaccented else line
        return shorten(plain, self.gateway.longest_parts)

    def _call(self, message: Message) -> Call:
        gateway, phone = self.gateway, telephone(message.to)
        text = self.worded(message)
        values = {
            **gateway.secrets,
            "phone": phone,
            "phone_national": f"0{phone[2:]}",
            "text": text,
            "brandname": gateway.brandname,
            "key": message.key,
            "unicode": "1" if count_parts(text).encoding == "UCS-2" else "0",
        }
        filled = {name: _fill(template, values) for name, template in gateway.fields.items()}
        written = {name: str(value) for name, value in filled.items()}
        get, form = gateway.method == "GET", gateway.body == "form"
        return Call(
            gateway.method,
            gateway.url,
            gateway.timeout,
            headers={name: str(_fill(template, values)) for name, template in gateway.headers.items()},
            query=written if get else {},
            form=written if form and not get else None,
            body=None if form or get else filled,
            secrets=(*gateway.secrets.values(), message.to, phone, f"0{phone[2:]}"),
        )


def _fill(template: str | int, values: Mapping[str, str]) -> str | int:
    """In one pass: what a value holds is not filled again."""
    return PLACE.sub(lambda place: values[place[1]], template) if isinstance(template, str) else template


def _outcome(answer: Any, success: Success, call: Call) -> Outcome:
    said = _at(answer, success.path)
    detail = masked(f"{said or ''} {_at(answer, success.detail) or ''}".strip(), *call.secrets)
    if said is None:
        return Outcome(Verdict.UNKNOWN, detail="Cổng SMS trả lời không theo mẫu đã khai.")
    if said in success.accepted:
        reference = without(_at(answer, success.reference) or "", *call.secrets)
        return Outcome(Verdict.ACCEPTED, reference, detail)
    return Outcome(Verdict.REJECTED if said in success.refused else Verdict.TRY_AGAIN, detail=detail)


def _at(answer: Any, path: str) -> str | None:
    """The text, number or truth value under a dotted path, as JSON writes it; None when there is none."""
    for step in path.split("."):
        if isinstance(answer, dict):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    if isinstance(answer, bool):
        return str(answer).lower()
    return str(answer) if isinstance(answer, str | int | float) else None


# Apprise is annotated in part, and in ways its own plugins contradict: it is taken as it comes.
_NotifyBase: Any = apprise_base.NotifyBase


class SmsPlugin(_NotifyBase):  # type: ignore[misc]  # see above
    """The same for Apprise: ``dondocsms://84912345678``, the gateway being the registered one.

    No secret stands in the address. Known to Apprise after ``register``.
    """

    service_name = "Đôn Đốc SMS"
    service_url = "https://www.3gpp.org/dynareport/23040.htm"
    secure_protocol = "dondocsms"
    request_rate_per_sec = 0
    title_maxlen = 0  # Apprise writes the title before the text
    templates = ("{schema}://{to}",)
    template_tokens: ClassVar[dict[str, dict[str, object]]] = {
        "to": {"name": "To", "type": "string", "required": True, "private": True},
    }
    gateway: ClassVar[SmsGateway]

    @classmethod
    def register(cls, gateway: SmsGateway) -> None:
        """Makes Apprise know the schema, sending through ``gateway``. May be done again."""
        cls.gateway = gateway
        register_plugin(cls)

    def __init__(self, to: str, **options: Any) -> None:
        super().__init__(**options)
        if not to:
            raise TypeError("an SMS address needs a telephone number")
        self.to = to

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **_: Any) -> bool:
        """One SMS to one telephone; True only when the gateway accepted it."""
        message = Message(uuid4().hex, self.to, "", title, body, "", body)
        return SmsChannel(type(self).gateway).send(message).verdict is Verdict.ACCEPTED

    def url(self, privacy: bool = False, *_: Any, **__: Any) -> str:
        """The address it was made from; with ``privacy`` the number cannot be read."""
        to = masked_telephone(self.to) if privacy else self.to
        asked = self.urlencode(self.url_parameters(privacy=privacy))
        return f"{self.secure_protocol}://{quote(to, safe='')}/?{asked}"

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        """What ``__init__`` takes, or None when it is no such address."""
        found: dict[str, Any] | None = _NotifyBase.parse_url(url, verify_host=False)
        return found | {"to": _NotifyBase.unquote(found["host"] or "")} if found else None
