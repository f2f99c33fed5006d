"""The words of time as offices write them: tidying before reading, numbers in words, and the traps.

Tables and small regular expressions only. The grammar of what remains is in phrases.lark.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

_UNITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]


def _number_words() -> dict[str, int]:
    """Every way to write 1-99 in words: "mười lăm", "hai mươi mốt", "ba mươi"."""
    words = {word: number for number, word in enumerate(_UNITS) if number}
    words |= {"tư": 4, "bẩy": 7, "mười": 10}
    for number in range(1, 10):
        words[f"mười {_UNITS[number]}"] = 10 + number
    words["mười lăm"] = 15
    for tens in range(2, 10):
        base = f"{_UNITS[tens]} mươi"
        words[base] = tens * 10
        for number in range(1, 10):
            words[f"{base} {_UNITS[number]}"] = tens * 10 + number
        words |= {f"{base} mốt": tens * 10 + 1, f"{base} tư": tens * 10 + 4, f"{base} lăm": tens * 10 + 5}
    return words


NUMBER_WORDS = _number_words()

WEEKDAYS = {
    "thứ 2": 1, "thứ 3": 2, "thứ 4": 3, "thứ 5": 4, "thứ 6": 5, "thứ 7": 6, "chủ nhật": 7,
}  # fmt: skip
WEEKDAY_NAMES = ("", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}

# Longest first, so that "hai mươi lăm" is not read as "hai".
_WORDS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
# "năm" alone is nearly always "year", and "tư" alone is only a fourth: neither counts days by itself.
_COUNTS = "|".join(word for word in sorted(NUMBER_WORDS, key=len, reverse=True) if word not in {"năm", "tư"})

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_MARKUP = re.compile(r"</?[a-z]{1,6}>|[*_`“”„\"']")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\uff0d]")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


class _Change(NamedTuple):
    pattern: re.Pattern[str]
    into: str


def _change(pattern: str, into: str) -> _Change:
    return _Change(re.compile(pattern, re.IGNORECASE), into)


# One meaning, one spelling. The order matters: spellings first, then numbers, then punctuation.
_CHANGES = (
    _change(r"\b(?:hàng|hng|hăng|hắng)(?= (?:ngày|tuần|tháng|quý|năm)\b)", "hằng"),
    _change(r"\bhằng(?=(?:ngày|tuần|tháng|quý|năm)\b)", "hằng "),
    _change(r"\bquí\b", "quý"),
    _change(r"\b(?:mồng|mùng)\b", "mùng"),
    _change(r"\b(?:đợt|đôt) xuất\b", "đột xuất"),
    _change(r"\bqua quý\b", "quý"),
    _change(r"\btrước ngay(?= \d)", "trước ngày"),
    _change(r"\bcứ (?=(?:mỗi )?(?:\d|nửa))(?:mỗi )?", ""),
    _change(r"\b(ngày|tháng|năm|quý)(?=\d)", r"\1 "),
    _change(r"\b(quý)(?=[IVX]+\b)", r"\1 "),
    _change(r"\bbán niên\b", "6 tháng"),
    _change(r"(\d)(?=(?:ngày|tháng|tuần|quý)\b)", r"\1 "),
    _change(r"\b(?:ngày )?làm việc hành chính\b", "ngày làm việc"),
    _change(r"(?<=[IVX\d]) ?[+&] ?(?=[IVX\d]|quý|tháng|ngày)", " và "),
    _change(r"\s*([,;])[\s,]*", r"\1 "),
    _change(r"[,;]? (và|hoặc|hay|rồi)(?: là)? ", r" \1 "),
    _change(r"[,;] (?=\()", " "),
)

_LABEL = re.compile(
    r"^(?!(?:thời )?hạn(?: hoàn thành| báo cáo| gửi báo cáo| nộp| gửi)? ?: (?:ngày )?\d{1,2} ?[/.-] ?\d)"  # a deadline
    r"(?:(?:thời gian|thời hạn|thời điểm|tiến độ|kỳ hạn|lịch)"
    r"(?:[^:;,()\d]{0,40}):|(?:hạn|hạn hoàn thành)\s*:)\s*",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[-+•·*–\s]+")
_TAIL = re.compile(r"[\s.,;:/!]+$")

_AFTER_NUMBER = re.compile(rf"\b(tháng|quý|thứ|tuần thứ) ({_WORDS})\b(?! \d{{4}})", re.IGNORECASE)
_BEFORE_UNIT = re.compile(
    rf"(?<!thứ )(?<!tháng )(?<!quý )\b({_COUNTS}) (?=(?:ngày|tuần|tháng|quý|năm|lần|giờ|buổi)\b)", re.IGNORECASE
)
_DOUBLED = re.compile(r"\b(\d{1,3}) ?\(([^\W\d_]+(?: [^\W\d_]+){0,3})\)")


class NumbersDisagree(ValueError):
    """As "15 (mười sáu) ngày": the figure and the words contradict each other."""


def tidy(phrase: str) -> str:
    """The phrase in NFC, one line, one spelling for each word, numbers in figures; case is kept.

    NumbersDisagree when a number and its words in brackets differ.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", phrase))
    text = _SPACES.sub(" ", _MARKUP.sub("", _DASHES.sub("-", text))).strip()
    text = unicodedata.normalize("NFC", text)  # a mark may have hidden between a letter and its accent
    for change in _CHANGES:
        text = change.pattern.sub(change.into, text)
    text = _DOUBLED.sub(_agree, text)
    text = _AFTER_NUMBER.sub(lambda m: f"{m[1]} {NUMBER_WORDS[m[2].lower()]}", text)
    text = _BEFORE_UNIT.sub(lambda m: f"{NUMBER_WORDS[m[1].lower()]} ", text)
    return trim(_LABEL.sub("", _BULLET.sub("", text)))


def trim(text: str) -> str:
    """Without spaces and closing punctuation at the ends."""
    return _TAIL.sub("", text).strip(" ,;:")


def _agree(match: re.Match[str]) -> str:
    words = NUMBER_WORDS.get(match[2].lower())
    if words is None:
        return match[0]
    if words != int(match[1]):
        raise NumbersDisagree(f"“{match[0]}”: số viết bằng chữ số và bằng chữ không khớp nhau.")
    return match[1]


TrapKind = Literal[
    "citation", "age", "indicator", "orientation", "past_target", "blank", "term", "budget", "health", "target"
]


class Trap(NamedTuple):
    """A text that holds a date or a number of years and is not a time to do something."""

    kind: TrapKind
    why: str
    pattern: re.Pattern[str]


def _trap(kind: TrapKind, why: str, pattern: str) -> Trap:
    return Trap(kind, why, re.compile(pattern, re.IGNORECASE))


# A text about these is a term or waits for something, whatever numbers it holds.
NOT_TRAPS = re.compile(
    r"^(?:ngay )?(?:sau khi|khi|nếu|theo|thực hiện theo|trong vòng|trong thời hạn|kể từ|chậm nhất|trước khi)\b"
    r"|\b(?:kể từ|tính từ|sau khi|trước khi)\b",
    re.IGNORECASE,
)

_LEAD = r"(?:[^\d,;]{0,40}, )?(?:(?:trước|đến|từ|hết|đến hết|chậm nhất(?: là)?|vào|sau) )?"

# Checked in this order on the whole phrase, before the grammar.
TRAPS = (
    _trap("blank", "ngày, tháng để trống: văn bản còn là dự thảo.",
          rf"^{_LEAD}ngày[ .…_]*/[ .…_]*(?:\d{{0,2}}[ .…_]*/)?[ .…_]*\d{{4}}$"
          rf"|^{_LEAD}ngày[ .…_]*tháng[ .…_]*(?:\d{{1,2}} )?(?:năm[ .…_]*(?:\d{{4}})?)?$"
          rf"|^{_LEAD}(?:ngày )?\d{{1,2}} tháng[ .…_]*năm[ .…_]*(?:\d{{4}})?$"
          rf"|^{_LEAD}(?:ngày )?\d{{1,2}} ?/[ .…_]*/ ?\d{{4}}$"
          rf"|^{_LEAD}(?:ngày )?[ .…_]*[.…_][ .…_]*/(?:[ .…_\d]*/)?[ .…_]*\d{{4}}$"),
    _trap("health", "mốc theo thai kỳ hoặc sau sinh của từng người, không phải lịch công tác.",
          r"\b(?:sau|trước|khi) sinh\b(?! hoạt)|\b(?:tuần|tháng) tuổi\b|\bthai\b|\bcho con bú\b"),
    _trap("age", "độ tuổi, không phải thời gian.",
          r"\btuổi\b|^từ \d{1,3} ?(?:-|đến) ?\d{1,3}$|^\d{1,3} ?- ?\d{1,3}$"),
    _trap("term", "nhiệm kỳ, không phải thời gian thực hiện.", r"^(?:trong |cả |hết |đầu |cuối )?(?:nhiệm kỳ|khóa)\b"),
    _trap("budget", "nguồn vốn, ngân sách của năm, không phải thời gian thực hiện.",
          r"^(?:nguồn )?(?:vốn|kinh phí|ngân sách|dự toán)\b[^;]*\d{4}|\bchuyển nguồn\b|\bvốn\b[^;]*\bkéo dài\b"),
    _trap("indicator", "chỉ tiêu, tốc độ tính theo năm, không phải lịch định kỳ.",
          r"\d\s*%|\bbình quân\b"
          r"|\d[\d.,]*\s+(?!lần|kỳ|cuộc|đợt|buổi|ngày|tuần|tháng|quý|năm)"
          r"[^\W\d][^\d/;,]{0,39}(?:/[^\W\d]+ ?)?/ ?(?:năm|tháng|quý|ngày)\b"
          r"|\b(?:giảm|tăng) (?:(?:từ|thêm|ít nhất|trên|khoảng|tối thiểu) )*\d"),
)  # fmt: skip

_PAPERS = (
    r"(?:nghị quyết|quyết định|thông tư(?: liên tịch)?|nghị định|kế hoạch|công văn|chỉ thị|kết luận|luật|bộ luật|"
    r"pháp lệnh|tờ trình|đề án|công điện|nq|qđ|tt|nđ|kh|cv|ct|kl|tb)"
)
_WRITINGS = r"(?:thông báo|hướng dẫn|báo cáo|chương trình(?: hành động| công tác)?|văn bản|biên bản|hợp đồng)"
_NUMBERED = r"(?:số[: ]?\s*)?\d+(?:[/-]\d{4})?\s*[/-]\s?[^\W\d_]"
_NO_BOUND = r"(?:(?!\b(?:trước|chậm nhất|muộn nhất|đến|trong|từ|vào|hằng|quý|tháng [^\d])\b)[^;])*?"

CITATION = _trap(
    "citation",
    "ngày ban hành của văn bản được viện dẫn, không phải thời gian thực hiện.",
    rf"^(?:(?:căn cứ|kèm theo|ban hành kèm theo|tại|thực hiện) )?(?:các )?"
    rf"(?:(?:{_PAPERS}|{_WRITINGS})\b{_NO_BOUND}\b{_NUMBERED}"
    rf"|{_PAPERS}\b{_NO_BOUND}\bngày \d{{1,2}}(?:/\d{{1,2}}/\d{{4}}| tháng \d{{1,2}} năm \d{{4}}))",
)

# "đến năm 2020" in a document of 2022 can only quote an older aim.
TARGET_YEAR = re.compile(r"\b(?:đến|tới)(?: hết)?(?: năm)? (\d{4})\b", re.IGNORECASE)
AIM_WORDS = re.compile(r"%|\b(?:tỷ lệ|độ tuổi|phấn đấu|mục tiêu|chỉ tiêu|nq|nghị quyết)\b", re.IGNORECASE)
