"""Reads a Vietnamese phrase about time into a typed Reading, or refuses it with a sentence.

The way of a phrase: tidied (vocabulary.py), traps set aside, cut into pieces by an LALR grammar
(phrases.lark, pieces.py), put together (gluing.py, clauses.py, meanings.py). Pure: the document's
year, period and day of issue are handed in, the wall clock is never read, and nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from pathlib import Path

from lark import Lark
from lark.exceptions import UnexpectedInput

from calendars import vocabulary
from calendars.context import Context
from calendars.meanings import meaning_of
from calendars.pieces import Unclear, pieces_of
from calendars.stretches import ImpossibleDay
from calendars.vocabulary import NumbersDisagree
from models.errors import DonDocError
from models.timing import Deadline, External, NoDate, Reading, Several, Single, Timing, Unspecified, Window

# "3.6" is a number unless a word of time stands before it; "II" alone is the number of a heading
_NUMBERS_ONLY = re.compile(
    r"^(?:.*\b(?!(?:ngày|trước|hạn|nhất|quá|vào|là|từ|đến|tới|hết|sau)\b)[^\W\d]+ )?\d{1,2}\.\d{1,2}$|^[ivx]+$",
    re.IGNORECASE,
)
LONGEST_PHRASE = 500  # a time phrase is one line of a table; longer texts are documents
_SHOWN = 80


class UnreadablePhrase(DonDocError):
    """A phrase that does not say one time.

    ``phrase`` is the text as given (NFC), ``understood`` the words that were understood, ``help``
    what could be written instead.
    """

    def __init__(self, phrase: str, sentence: str, *, understood: str = "", help: str = "") -> None:
        self.phrase = phrase
        self.understood = understood
        super().__init__(sentence, help=help)


def read_phrase(phrase: str, *, year: int, period: Window | None = None, issued: date | None = None) -> Reading:
    """What the phrase says about time.

    ``year`` is the document's year, used when the phrase names none (``Reading.assumed_year``).
    ``period`` is the document's period ("đầu kỳ", "cả giai đoạn"); ``issued`` its day of issue
    ("kể từ ngày ký"). UnreadablePhrase for anything that does not say one thing; no other error
    for any text, and in time bounded by LONGEST_PHRASE.
    """
    shown = unicodedata.normalize("NFC", phrase)
    if len(shown) > LONGEST_PHRASE:
        sentence = f"Cụm từ dài {len(shown)} ký tự, không phải là một cụm từ thời gian."
        raise UnreadablePhrase(
            shown, sentence, help=f"Chỉ chép phần nói về thời gian, không quá {LONGEST_PHRASE} ký tự."
        )
    context = Context(year, period, issued)
    text = ""
    try:
        text = vocabulary.tidy(shown)
        if not re.search(r"\w", text):
            raise Unclear("Cụm từ thời gian để trống.")
        if _NUMBERS_ONLY.search(text):
            raise Unclear("Chỉ có số, không rõ là ngày, là quý hay là số đếm.", "Viết 'ngày 15/6' hoặc 'quý II'.")
        if text.count("(") != text.count(")"):
            raise Unclear("Dấu ngoặc không đủ cặp.")
        return _reading(shown, text, context)
    except _UnknownWords as error:
        raise _unreadable(shown, error.sentence, error.understood, _example(year)) from error
    except Unclear as error:
        raise _unreadable(shown, error.sentence, text, error.help or _example(year)) from error
    except (ImpossibleDay, NumbersDisagree) as error:
        raise _unreadable(shown, str(error), text, _example(year)) from error


def _unreadable(shown: str, sentence: str, understood: str, help: str) -> UnreadablePhrase:
    brief = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
    return UnreadablePhrase(shown, f"Không đọc được “{brief}”: {sentence}", understood=understood, help=help)


def _example(year: int) -> str:
    return f"Viết chẳng hạn 'quý II năm {year}', 'tháng 6/{year}' hoặc 'trước ngày 30/6/{year}'."


class _UnknownWords(Unclear):
    def __init__(self, understood: str, rest: str) -> None:
        super().__init__(f"không hiểu từ chỗ “{rest[:40]}”." if rest else "cụm từ bị bỏ dở.")
        self.understood = understood


def _meaning(text: str, context: Context) -> Timing:
    grammar = _grammar()  # outside the try: a fault in the grammar file is ours, not the phrase's
    try:
        tree = grammar.parse(text)
    except UnexpectedInput as error:
        place = error.pos_in_stream
        known = place if isinstance(place, int) and place >= 0 else len(text)
        raise _UnknownWords(text[:known].strip(), text[known:].strip()) from error
    return meaning_of(pieces_of(tree), context)


@cache
def _grammar() -> Lark:
    """Built on the first phrase (about 0.1 s) and kept: importing this module stays cheap."""
    path = Path(__file__).with_name("phrases.lark")
    return Lark(path.read_text(encoding="utf-8"), parser="lalr", lexer="contextual", maybe_placeholders=False)


# ---- one phrase -------------------------------------------------------------------------------


def _reading(shown: str, text: str, context: Context) -> Reading:
    plain, brackets = _open_brackets(text)
    timing = _trapped(text, context) or _not_stated(text, context) or _read_plain(plain, brackets, context)
    urgent = context.urgent or re.search(r"\bngay (?:sau|khi)\b", text, re.IGNORECASE) is not None
    return Reading(
        phrase=shown,
        timing=timing,
        rule=" ".join(context.rules),
        tentative=context.tentative,
        fixed_by=context.fixed_by,
        assumed_year=context.assumed_year,
        urgent=urgent,
    )


def _trapped(text: str, context: Context) -> NoDate | None:
    """Texts that look like a date and are none: citations, ages, indicators, blanks, old aims."""
    if vocabulary.NOT_TRAPS.search(text):
        return None
    old = [int(found) for found in vocabulary.TARGET_YEAR.findall(text) if int(found) < context.year]
    if old and vocabulary.AIM_WORDS.search(text):
        return _no_date(NoDate("past_target", f"mục tiêu đến năm {old[0]} của một văn bản trước đây."), context)
    for trap in (*vocabulary.TRAPS, vocabulary.CITATION):
        if trap.pattern.search(text.strip("()")):
            if trap.kind == "indicator" and vocabulary.TARGET_YEAR.search(text):
                return _no_date(NoDate("target", "mục tiêu, chỉ tiêu đến một năm, không phải việc phải làm."), context)
            return _no_date(NoDate(trap.kind, trap.why), context)
    return None


def _no_date(timing: NoDate, context: Context) -> NoDate:
    context.note(f"Không phải thời gian thực hiện: {timing.why}")
    return timing


def _not_stated(text: str, context: Context) -> Unspecified | None:
    if not re.match(r"\(?(?:không|chưa) nêu", text, re.IGNORECASE):
        return None
    context.note("Văn bản không nêu thời gian: cần người quyết định.")
    rest = re.sub(
        r"^(?:không|chưa) nêu(?: rõ)?(?: thời gian)?[ ;,]*", "", re.sub(r"[() ]+", " ", text).strip(), flags=re.I
    )
    return Unspecified(f"văn bản không nêu thời gian ({rest})." if rest else "văn bản không nêu thời gian.")


def _read_plain(plain: str, brackets: list[str], context: Context) -> Timing:
    text, notes, same_as = _inline(plain, brackets)
    timing = _meaning(text, context)
    if isinstance(timing, Several) and _ONE_STRETCH.fullmatch(plain):
        timing = _narrowed(timing)
    if isinstance(timing, External) and notes:
        return External(f"{timing.source} ({'; '.join(notes)})")
    for note in notes:
        context.note(f"Phần trong ngoặc “{note}” là ghi chú, không phải thời gian.")
    for other in same_as:
        _check_same(timing, other, context)
    return timing


# ---- brackets ---------------------------------------------------------------------------------

_BRACKET = re.compile(r"\(([^()]*)\)")
_TIME_WORDS = re.compile(
    r"\d|\b(?:ngày|tháng|quý|năm|tuần|sáng|chiều|buổi|dự kiến|thông báo|đột xuất|cần thiết|thứ|chủ nhật|âm lịch|"
    r"thường xuyên|định kỳ|hằng|sau|kỳ|nhuận|yêu cầu|khoảng|giấy mời)\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"\d ?[/.] ?\d|\b(?:trước|chậm nhất|hằng|tháng \d)\b", re.IGNORECASE)
_NOTE = re.compile(
    r"^không (?:nêu )?năm$|^(?:nếu|trường hợp) .{0,20}\b(?:trùng|rơi)\b|^(?:đối với|gồm|bao gồm)\b|"
    r"\b(?:mẫu|biểu|phụ lục|tên|điều \d|khoản \d|điểm|người|đại biểu|lớp|xã|huyện|đồng)\b",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"^(?:thứ [2-7]$|chủ nhật$|âm lịch|dương lịch|nhuận|hoặc |và |dự kiến$|khi |nếu |theo )", re.IGNORECASE
)
_LATER = re.compile(r"\b(?:thông báo|giấy mời|văn bản|kế hoạch|lịch|cụ thể)\b.*\b(?:sau|riêng)\b", re.IGNORECASE)
_ONE_STRETCH = re.compile(r"(?:(?! và | hoặc )[^{},;])*\{0\}", re.IGNORECASE)  # as "năm 2024 {0}"
_PURPOSE = re.compile(r"^(?:để|nhằm|tại|ở)\b", re.IGNORECASE)


def _open_brackets(text: str) -> tuple[str, list[str]]:
    """The text with {n} for each bracket, and what the brackets hold."""
    contents: list[str] = []

    def keep(match: re.Match[str]) -> str:
        contents.append(match[1].strip(" ,.;:"))
        return f" {{{len(contents) - 1}}} "

    return " ".join(_BRACKET.sub(keep, re.sub(r"[{}]", " ", text)).split()), contents


def _inline(plain: str, brackets: list[str]) -> tuple[str, list[str], list[str]]:
    """Brackets that speak of time join the phrase; the others are notes; "tức ngày …" repeats the day."""
    notes: list[str] = []
    same_as: list[str] = []
    outside = re.sub(r"\{\d+\}", "", plain).strip(" ,;.")
    for index, content in enumerate(brackets):
        mark = f"{{{index}}}"
        if content.lower().startswith("tức"):
            same_as.append(re.sub(r"^tức(?: là)? ?", "", content, flags=re.IGNORECASE))
            plain = plain.replace(mark, "")
        elif not outside or (_PURPOSE.match(outside) and plain.startswith(mark)):
            plain = plain.replace(mark, content)
        elif _LATER.search(content):
            plain = plain.replace(mark, "") + f"; {content}"
        elif (
            not _TIME_WORDS.search(content)
            or (_NOTE.search(content) and not _DATED.search(content))
            or vocabulary.CITATION.pattern.search(content)
        ):
            notes.append(content)
            plain = plain.replace(mark, "")
        else:
            plain = plain.replace(mark, content if _BESIDE.match(content) else f", {content}")
    text = re.sub(r"\s+", " ", plain).replace(" ,", ",").replace(" ;", ";")
    return vocabulary.trim(re.sub(r",(?= ?[,;])", "", text)), notes, same_as


def _narrowed(timing: Several) -> Timing:
    """As "năm 2024 (tháng 6)": what the bracket names inside the stretch before it is the time meant."""
    outer, *inner = timing.parts
    if not isinstance(outer, Window):
        return timing
    days = [(one.named, one.named) if isinstance(one, Deadline) else _ends(one) for one in inner]
    if any(ends is None or ends[0] < outer.first or outer.last < ends[1] for ends in days):
        only = _ends(inner[0]) if len(inner) == 1 else None
        if only and (only[1] < outer.first or outer.last < only[0]):
            raise Unclear("Thời gian trong ngoặc nằm ngoài thời gian nêu trước đó.", "Sửa lại cho khớp.")
        return timing
    return inner[0] if len(inner) == 1 else Several(tuple(inner))


def _ends(timing: Single) -> tuple[date, date] | None:
    return (timing.first, timing.last) if isinstance(timing, Window) else None


def _check_same(timing: Timing, other: str, context: Context) -> None:
    """As "ngày 10/3 âm lịch (tức ngày 18/4/2024)": both must be the same day."""
    again = _meaning(other, Context(context.year))
    first = getattr(timing, "named", None) or getattr(timing, "first", None)
    if isinstance(timing, Several) or not isinstance(again, Window) or again.first != first:
        raise Unclear(f"“tức {other}” không trùng với ngày nêu trước đó.", "Sửa lại cho hai ngày khớp nhau.")
