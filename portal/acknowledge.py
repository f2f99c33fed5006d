"""The pages behind a notice's link: looking changes nothing, and only a person who reads can acknowledge.

Mail scanners open every link, and some submit every form they find. So the page says four digits in words and
has a field no person sees. What is recorded is that the mailbox acknowledged, not who sat before it.
"""

from __future__ import annotations

import logging
import unicodedata

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from notices.acknowledgement import Told, UnusableName, acknowledge, clean_name, read_told
from notices.links import UnusableLink
from office.store import reading, writing
from portal.desk import Desk
from portal.forms import read_form
from portal.languages import language_of

TRAP = "website"  # a program fills in what it finds; for people the field is not there
_DIGITS = {
    "vi": ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_log = logging.getLogger(__name__)


def acknowledge_pages(desk: Desk) -> APIRouter:
    """``/da-nhan/{token}``."""
    router = APIRouter()

    @router.api_route("/da-nhan/{token}", methods=["GET", "HEAD"])
    def show(request: Request, token: str) -> Response:
        return _page(desk, request, token, _read(desk, request, token))

    @router.post("/da-nhan/{token}")
    async def accept(request: Request, token: str) -> Response:
        desk.links.read_acknowledge(token)  # a stranger's body is not even read
        return await run_in_threadpool(_accept, desk, request, token, await read_form(request))

    return router


def say_digits(digits: str, language: str) -> str:
    """As "tám – ba – không – một"."""
    return " – ".join(_DIGITS[language][int(digit)] for digit in digits)


def _accept(desk: Desk, request: Request, token: str, form: dict[str, str]) -> Response:
    mistakes = _mistakes(desk, token, form)
    if mistakes:
        _log.info("Biểu mẫu báo nhận chưa đúng, không ghi gì.", extra={"action": f"acknowledge.{mistakes[0]}"})
        return _page(desk, request, token, _read(desk, request, token), mistakes, form)
    envelope = desk.links.read_acknowledge(token)
    with writing(desk.store) as connection:
        count = acknowledge(connection, envelope, form["name"], desk.now(), "link")
        told = read_told(connection, envelope, language_of(request))
    if told is None:
        raise UnusableLink
    _log.info("Báo nhận %d thông báo.", count, extra={"action": "acknowledge"})
    return _page(desk, request, token, told, status=200 if told.acknowledged_at else 409)


def _mistakes(desk: Desk, token: str, form: dict[str, str]) -> list[str]:
    found = ["trap"] if form.get(TRAP) else []
    try:
        clean_name(form.get("name", ""))
    except UnusableName:
        found.append("name")
    if read_digits(form.get("code", "")) != desk.links.challenge(token):
        found.append("code")
    return found


def read_digits(typed: str) -> str:
    """What was typed without the blanks and dashes people put between digits; other scripts' digits are ours."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(letter for letter in plain if not letter.isspace() and letter not in "-–—.,")


def _read(desk: Desk, request: Request, token: str) -> Told:
    envelope = desk.links.read_acknowledge(token)
    with reading(desk.store) as connection:
        told = read_told(connection, envelope, language_of(request))
    if told is None:
        raise UnusableLink
    return told


def _page(
    desk: Desk,
    request: Request,
    token: str,
    told: Told,
    mistakes: list[str] | None = None,
    form: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    """The page says how things stand; a form whose mistakes are shown is answered 422."""
    typed = form or {}
    return desk.answer(
        request,
        "acknowledge",
        422 if mistakes and told.open else status,
        told=told,
        trap=TRAP,
        digits=say_digits(desk.links.challenge(token), language_of(request)),
        mistakes=mistakes or [],
        typed_name=typed.get("name", ""),
        typed_code=typed.get("code", ""),
    )
