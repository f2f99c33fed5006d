"""The pieces a time phrase is made of, and how each token of phrases.lark becomes one.

A piece is what a few words mean on their own ("quý II", "trước", "hằng năm"); what a row of pieces
means together is decided in meanings.py. Pure values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

from lark import Token, Tree

from calendars import stretches
from calendars.stretches import Edge
from calendars.vocabulary import ROMAN, WEEKDAYS
from models.timing import (
    AdHoc,
    Certainty,
    Continuous,
    DayOfPeriod,
    External,
    Frequency,
    NoDate,
    Relative,
    Single,
    Unspecified,
    Waiting,
    Window,
)


class Unclear(ValueError):
    """The words are known but together they do not say one thing; ``help`` says what to write instead."""

    def __init__(self, sentence: str, help: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.help = help


PointUnit = Literal["day", "month", "months", "quarter", "year", "years", "year_edge", "half_month", "ten_days", "week"]


@dataclass(frozen=True, slots=True)
class Point:
    """A named day or stretch whose year, or month, may still be missing."""

    unit: PointUnit
    year: int | None = None
    shift: int = 0  # "năm sau" is the document's year + 1
    month: int | None = None
    last: int | None = None  # last month of "months", last year of "years"
    day: int | None = None
    number: int = 0  # quarter, week, half (1, 2), ten days (1-3)
    edge: Edge | None = None
    lunar: bool = False
    leap: bool = False
    tet: bool = False

    def needs_year(self) -> bool:
        """Whether the document's year would have to be used."""
        return self.year is None and self.unit != "years"

    def window(self, year: int) -> Window:
        """The days meant, in this year when the point has none of its own."""
        year = (self.year if self.year is not None else year) + self.shift
        if self.lunar:
            return self._lunar(year)
        match self.unit:
            case "day":
                return _one(stretches.civil_day(year, self._month(), self.day or 0))
            case "month" if self.edge:
                return _one(stretches.edge_of_month(year, self._month(), self.edge))
            case "month":
                return stretches.months_of(year, self._month(), self._month())
            case "months":
                return stretches.months_of(year, self._month(), self.last or 0)
            case "quarter" if self.edge and self.edge != "last":
                raise Unclear(
                    f"“{_EDGE_WORDS[self.edge]} quý” không phải là một ngày.",
                    "Viết rõ tháng hoặc ngày, ví dụ 'tháng 4' hoặc 'ngày 15/5'.",
                )
            case "quarter":
                return stretches.quarter_of(year, self.number)
            case "year_edge":
                return _one(stretches.edge_of_year(year, self.edge or "last"))
            case "half_month":
                return stretches.half_of_month(year, self._month(), self.number == 2)
            case "ten_days":
                return stretches.ten_days_of(year, self._month(), self.number)
            case "week":
                return stretches.week_of_month(year, self._month(), self.number)
            case "years":
                return stretches.years_of(self.year or 0, self.last or 0)
            case "year":
                return stretches.year_of(year)

    def _month(self) -> int:
        if self.month is None:
            raise Unclear(
                f"“ngày {self.day:02d}” không nêu tháng nào.",
                f"Viết 'ngày {self.day}/6' hoặc 'ngày {self.day} hằng tháng'.",
            )
        return self.month

    def _lunar(self, year: int) -> Window:
        if self.unit == "day":
            return _one(stretches.lunar_day(year, self._month(), self.day or 0, self.leap))
        if self.unit == "month" and self.edge is None:
            return stretches.lunar_month(year, self._month(), self.leap)
        raise Unclear("Âm lịch chỉ đọc được cho ngày và tháng.", "Viết ngày dương lịch tương ứng.")


def _one(day: date) -> Window:
    return Window(day, day, Certainty.EXACT)


UNTIL_THE_END = 1  # "hết năm", a bound by itself, against "cuối năm", a day


_EDGE_WORDS: dict[Edge, str] = {"first": "đầu", "mid": "giữa", "last": "cuối"}


@dataclass(frozen=True, slots=True)
class Range:
    """From one point to another; ``begins`` is None when it begins with the signing."""

    begins: Point | None
    ends: Point


@dataclass(frozen=True, slots=True)
class Open:
    """As "Từ tháng 3/2024": a beginning without an end."""

    begins: Point


@dataclass(frozen=True, slots=True)
class Separator:
    """Between clauses: "," binds loosely, ";", "and", "or" keep clauses apart."""

    kind: Literal[",", ":", ";", "/", "and", "or"]


@dataclass(frozen=True, slots=True)
class Bound:
    """On which side of the day: before (day excluded), latest and to (included), after."""

    kind: Literal["before", "latest", "to", "after"]
    whole: bool = True  # "đến hết năm" against "đến năm", which states an aim


@dataclass(frozen=True, slots=True)
class Link:
    """As "từ", "đến", "-", "từ nay", "kể từ ngày ký": becomes a Range, an Open or a Bound."""

    kind: Literal["from", "to", "dash", "now", "signed"]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number whose unit stands at its neighbour: the 7 of "tháng 3, 7 và 12"."""

    value: int


@dataclass(frozen=True, slots=True)
class Modifier:
    """As "đầu", "tuần 2", "nửa cuối", "hạ tuần" in front of a month or a quarter."""

    unit: Literal["edge", "week", "half_month", "ten_days"]
    edge: Edge | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class PeriodDay:
    """As "ngày 25 của tháng cuối quý"; ``every`` is None when the period is not named ("kỳ báo cáo")."""

    on: DayOfPeriod
    every: Frequency | None
    words: str
    firm: bool = True  # the words themselves say that it comes back


@dataclass(frozen=True, slots=True)
class OnWeekday:
    """As "thứ Sáu": a weekday without its week."""

    number: int


@dataclass(frozen=True, slots=True)
class Every:
    """As "hằng quý", "6 tháng một lần"; ``firm`` is False for a bare "quý" in a list of reports.

    ``first_months`` is 6 for the bare "6 tháng" of a reporting regime: once a year, of its first six
    months, for the report of the second half is the yearly one. ``quarter`` is the I of "báo cáo quý I".
    """

    every: Frequency
    interval: int = 1
    firm: bool = True
    first_months: int = 0
    quarter: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """As "2 lần/năm": how many, but not when."""

    words: str


@dataclass(frozen=True, slots=True)
class Periodic:
    """As "định kỳ", with no interval."""


@dataclass(frozen=True, slots=True)
class Length:
    """As "08 ngày", "15 ngày làm việc"."""

    amount: int
    unit: Literal["day", "working_day", "week", "month", "quarter", "year"]
    after: bool = False  # "sau 10 ngày …"

    def in_days(self) -> int:
        """So many days; Unclear for months and years, which are no days without a beginning."""
        if self.unit not in {"day", "working_day", "week"}:
            unit = {"month": "tháng", "quarter": "quý"}.get(self.unit, "năm")
            raise Unclear(
                f"{self.amount} {unit} là độ dài, chưa nêu khi nào.",
                "Viết 'hằng quý', '6 tháng một lần' hoặc nêu từ ngày nào đến ngày nào.",
            )
        return self.amount * (7 if self.unit == "week" else 1)


@dataclass(frozen=True, slots=True)
class Counted:
    """A term tied to an event."""

    relative: Relative
    words: str


@dataclass(frozen=True, slots=True)
class WithinTerm:
    """As "trong vòng", "trong thời hạn": a term must follow, and a beginning."""


@dataclass(frozen=True, slots=True)
class HalfDay:
    """As "01 buổi", "1/2 ngày"."""


@dataclass(frozen=True, slots=True)
class Clock:
    """As "14h00"; 24h00 is the end of a day."""

    hour: int
    minute: int


@dataclass(frozen=True, slots=True)
class ClockRange:
    """As "7h30-11h30"."""

    begins: Clock
    ends: Clock


@dataclass(frozen=True, slots=True)
class DayPart:
    """As "sáng", "chiều", "tối", "cả ngày"."""

    name: str


@dataclass(frozen=True, slots=True)
class Free:
    """A meaning without a date, complete in itself."""

    timing: Single
    rule: str


@dataclass(frozen=True, slots=True)
class Later:
    """As in "thời gian cụ thể sẽ thông báo sau bằng Giấy mời": the date comes with another paper."""

    fixed_by: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One word that colours the whole: "dự kiến", "kịp thời", "âm lịch", "nhuận", "giai đoạn I"."""

    kind: Literal["tentative", "urgent", "lunar", "leap", "phase", "orientation"]


@dataclass(frozen=True, slots=True)
class Ky:
    """As "đầu kỳ", "giữa kỳ", "cuối kỳ" of the document's own period."""

    edge: Edge
    words: str


@dataclass(frozen=True, slots=True)
class WholePeriod:
    """As "cả giai đoạn": the document's own period."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Words that say what or where, not when."""

    words: str
    report: bool = False


Piece = (
    Point | Range | Open | Separator | Bound | Link | Number | Modifier | PeriodDay | OnWeekday | Every | Times
    | Periodic | Length | Counted | WithinTerm | HalfDay | Clock | ClockRange | DayPart | Free | Later | Mark | Ky
    | WholePeriod | Aside
)  # fmt: skip

_UNITS = {
    "tuần": Frequency.WEEK, "tháng": Frequency.MONTH, "quý": Frequency.QUARTER, "6 tháng": Frequency.HALF,
    "nửa năm": Frequency.HALF, "năm": Frequency.YEAR,
}  # fmt: skip


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def _need(match: re.Match[str] | None, text: str) -> re.Match[str]:
    """The match; the token's own shape promises it, and Unclear is the honest answer should it not keep its word."""
    if match is None:
        raise Unclear(f"“{text}” không đọc được.")
    return match


def _lowered(text: str) -> str:
    return " ".join(text.lower().split())


def pieces_of(tree: Tree[Token]) -> list[Piece]:
    """Every piece of the parsed phrase, in its order."""
    return [_piece(child) for child in tree.children if isinstance(child, Tree)]


def _piece(tree: Tree[Token]) -> Piece:
    tokens = [child for child in tree.children if isinstance(child, Token)]
    if tree.data == "point" and isinstance(tree.children[0], Tree):
        return _piece(tree.children[0])
    if tree.data == "length" and len(tokens) == 2:
        return _counted(tokens[0], tokens[1])
    if tree.data == "day" and tokens[-1].type == "NUMBER":
        return Point("day", day=int(tokens[-1]))
    if tree.data == "month" and tokens[-1].type == "NUMBER":
        return Point("month", month=int(tokens[-1]))
    return _READERS[tokens[-1].type](str(tokens[-1]))


# ---- days and stretches ------------------------------------------------------------------------


def _date(text: str) -> Point:
    day, month, year = _numbers(text)
    if day > 31:  # 2024-06-15
        day, year = year, day
    return Point("day", day=day, month=month, year=year)


def _short_date(text: str) -> Point:
    day, month = _numbers(text)
    return Point("day", day=day, month=month)


def _day_range(text: str) -> Range:
    first, last, month, *year = _numbers(text)
    named = year[0] if year else None
    return Range(Point("day", day=first, month=month, year=named), Point("day", day=last, month=month, year=named))


def _month_year(text: str) -> Point:
    month, year = _numbers(text)
    return Point("month", month=month, year=year)


def _month_range(text: str) -> Point:
    first, last, *year = _numbers(text)
    return Point("months", month=first, last=last, year=year[0] if year else None)


def _quarter_number(word: str) -> int:
    number = ROMAN.get(word.upper()) or (int(word) if word.isdecimal() else None)
    if number is None or not 1 <= number <= 4:
        raise stretches.ImpossibleDay(f"Không có quý {word}: một năm có 4 quý.")
    return number


def _quarter(text: str) -> Point:
    name, *year = re.split(r" ?[/.-] ?", text)
    return Point("quarter", number=_quarter_number(name), year=int(year[0]) if year else None)


def _quarter_range(text: str) -> Range:
    first, last, *year = re.split(r" ?[/-] ?", text)
    named = int(year[0]) if year else None
    return Range(
        Point("quarter", number=_quarter_number(first), year=named),
        Point("quarter", number=_quarter_number(last), year=named),
    )


def _years(text: str) -> Point:
    first, last = _numbers(text)
    return Point("years", year=first, last=last)


def _year_beside(text: str) -> Point:
    word = _lowered(text)
    if re.match(r"năm (?:nay|này|hiện|kế hoạch|báo cáo)|(?:trong|suốt) năm", word):
        return Point("year")
    return Point("year", shift=-1 if re.match(r"năm (?:trước|ngoái|liền trước)", word) else 1)


def _months_of_year(text: str) -> Point:
    word = _lowered(text)
    count = 6 if word.startswith("nửa") else 3 if word.startswith("quý") else _numbers(word)[0]
    if not 1 <= count <= 12:
        raise stretches.ImpossibleDay(f"“{text}”: một năm có 12 tháng.")
    if "cuối" in word:
        return Point("months", month=13 - count, last=12)
    return Point("months", month=1, last=count)


def _edge(text: str) -> Edge:
    word = _lowered(text)
    return "first" if "đầu" in word else "mid" if "giữa" in word else "last"


def _edge_of_year(text: str) -> Point:
    word = _lowered(text)
    if "cả" in word:
        return Point("year")
    return Point("year_edge", edge=_edge(text), number=UNTIL_THE_END if word.startswith("hết") else 0)


def _week_of(text: str) -> Modifier:
    word = _lowered(text)
    number = -1 if "cuối" in word else 1 if re.search(r"đầu|nhất", word) else _numbers(word)[0]
    return Modifier("week", number=number)


_CAN = ("canh", "tân", "nhâm", "quý", "giáp", "ất", "bính", "đinh", "mậu", "kỷ")
_CHI = ("thân", "dậu", "tuất", "hợi", "tý", "sửu", "dần", "mão", "thìn", "tỵ", "ngọ", "mùi")


def _tet(text: str) -> Point:
    word = _lowered(text).replace("tị", "tỵ")
    year = int(match[0]) if (match := re.search(r"\d{4}", word)) else None
    if re.search("dương|tây", word):
        if year is None:
            raise Unclear(f"“{text}” không rõ là ngày 01/01 của năm nào.", "Viết 'trước ngày 01/01/2025'.")
        return Point("day", day=1, month=1, year=year)
    names = word.split()
    for can, chi in pairwise(names):
        if can in _CAN and chi in _CHI:
            year = _year_of_name(can, chi, year)
    return Point("day", day=1, month=1, year=year, lunar=True, tet=True)


def _year_of_name(can: str, chi: str, year: int | None) -> int:
    """The year called "Giáp Thìn": stems repeat every 10 years, branches every 12."""
    around = year if year is not None else 2024
    for candidate in range(around - 30, around + 30):
        if candidate % 10 == _CAN.index(can) and candidate % 12 == _CHI.index(chi):
            if year is not None and candidate != year:
                break
            return candidate
    raise Unclear(f"“{can.title()} {chi.title()}” không phải là tên của năm được nêu.", "Viết lại năm cho khớp.")


_MONTH_PLACES: tuple[tuple[str, Literal["first", "last", "next"]], ...] = (
    (r"tháng (?:đầu|thứ 1)\b.*\b(?:sau|tiếp theo|kế tiếp|liền kề|liền sau|tới)$", "next"),
    (r"tháng (?:đầu|thứ 1)\b", "first"),
    (r"tháng (?:cuối|thứ 3|báo cáo|thuộc)", "last"),
    (r"tháng (?:sau|tiếp|kế|liền|tới)", "next"),
)


def _period_day(text: str) -> PeriodDay:
    word = _lowered(text)
    head = _need(re.match(r"(?:ngày )?(\d{1,2}|cuối|đầu)", word), text)
    numbered = int(head[1]) if head[1].isdecimal() else None
    day = numbered if numbered is not None else {"cuối": 0, "đầu": 1}[head[1]]
    if numbered == 0 or day > 31:
        raise stretches.ImpossibleDay(f"Không có ngày {day}.")
    if re.search(r"tháng (?:giữa|thứ 2)", word):
        raise Unclear("Chưa đọc được tháng giữa của quý.", "Viết rõ từng ngày, ví dụ 'ngày 15/5 và ngày 15/8'.")
    found = next((place for pattern, place in _MONTH_PLACES if re.search(pattern, word)), None)
    unit = re.search(r"\b(quý|6 tháng|năm)\b", word)
    every = _UNITS[unit[1]] if unit else None
    if found is None:  # "ngày cuối tháng", "ngày 15 của quý": the period's own day
        every = every or Frequency.MONTH
        place: Literal["first", "last", "next"] = "first" if head[1] == "đầu" else "last"
        if every is not Frequency.MONTH and head[1].isdecimal():
            raise Unclear(f"“{text}” chưa nêu tháng nào trong {unit[1] if unit else 'kỳ'}.",
                          f"Viết 'ngày {day} của tháng cuối quý'.")  # fmt: skip
        return PeriodDay(DayOfPeriod(day, place), every, text, firm=False)
    if every is None and re.search(r"tháng (?:báo cáo|thuộc)", word):
        every = Frequency.MONTH
    return PeriodDay(DayOfPeriod(day, found), every, text)


def _weekday(text: str) -> int:
    word = _lowered(text).removeprefix("ngày ").replace("chúa", "chủ")
    return WEEKDAYS[re.sub(r"thứ ?(?=\d)", "thứ ", word)]


# ---- coming back, lasting ----------------------------------------------------------------------


def _freq(text: str) -> Every:
    word = _lowered(text)
    return Every(next(every for unit, every in _by_length() if re.search(rf" {unit}\b", word)))


def _report(text: str) -> Every:
    """As "báo cáo 6 tháng" in front of "trước": which report, not how long before."""
    word = _lowered(text).replace("3 tháng", "quý")
    every = next(every for unit, every in _by_length() if re.search(rf" {unit}\b", word))
    if re.search(r" 9 tháng\b", word):
        return Every(Frequency.YEAR, firm=False, first_months=9)
    named = re.search(r"quý (\w+)$", word)
    return Every(
        every,
        firm=False,
        first_months=6 if every is Frequency.HALF and "cuối" not in word else 0,
        quarter=_quarter_number(named[1]) if named else 0,
    )


def _by_length() -> list[tuple[str, Frequency]]:
    return sorted(_UNITS.items(), key=lambda item: len(item[0]), reverse=True)


LONGEST_INTERVAL = 36  # "24 tháng một lần" is said, "99 tháng" is a slip of the pen

_REGULAR = {
    ("tháng", 3): (Frequency.QUARTER, 1), ("tháng", 6): (Frequency.HALF, 1), ("tháng", 12): (Frequency.YEAR, 1),
    ("quý", 2): (Frequency.HALF, 1), ("quý", 4): (Frequency.YEAR, 1),
}  # fmt: skip


def _once(text: str) -> Every | Free:
    """As "3 tháng một lần" is the calendar quarter, "6 tháng một lần" the half; others keep their interval."""
    word = re.sub(r"\bmỗi\b", "1", re.sub(r"^(?:ít nhất|tối thiểu) ", "", _lowered(text)))
    if word.startswith("nửa năm"):
        return Every(Frequency.HALF)
    match = re.match(r"(?:nửa|(\d+)) ?(ngày|tuần|tháng|quý|năm)", word)
    if match is None or match[1] is None or match[2] == "ngày" or int(match[1]) == 0:
        raise Unclear(f"“{text}” không phải là chu kỳ đọc được.", "Viết 'hằng tuần', 'hằng tháng', 'hằng quý'.")
    amount, unit = int(match[1]), match[2]
    if amount > LONGEST_INTERVAL:
        raise Unclear(f"“{text}” không phải là chu kỳ đọc được.", "Viết 'hằng quý', '2 năm một lần'.")
    every, interval = _REGULAR.get((unit, amount), (_UNITS[unit], amount))
    return Every(every, interval)


def _times(text: str) -> Every | Times:
    word = _lowered(text)
    unit = next(every for name, every in _by_length() if re.search(rf"\b{name}\b", word))
    counts = _numbers(re.sub(r"6 tháng|\b1 (?=tuần|tháng|quý|năm)", "", word))
    if counts == [1] or not counts:
        return Every(unit)
    if 0 in counts:
        raise Unclear(f"“{text}” không phải là chu kỳ đọc được.", "Viết '01 lần/năm'.")
    return Times(text)


def _length(text: str) -> Length:
    word = _lowered(text)
    unit = _need(re.search(r"ngày làm việc|ngày|tuần|tháng|quý|năm", word), text)
    amount = _numbers(word)[0]
    if amount == 0:
        raise Unclear(f"“{text}” không phải là thời hạn.")
    return Length(amount, _TERM_UNITS[unit[0]], after=word.startswith("sau"))


_TERM_UNITS: dict[str, Literal["day", "working_day", "week", "month", "quarter", "year"]] = {
    "ngày làm việc": "working_day", "ngày": "day", "tuần": "week", "tháng": "month", "quý": "quarter", "năm": "year",
}  # fmt: skip

_OPENING = re.compile(
    r"^,? ?(?:liên tục )?(?:kể từ|tính từ|từ|sau|trước|so với|tiếp theo)(?: (?:khi|ngày(?! ?\d)|thời điểm|lúc))?\s*",
    re.IGNORECASE,
)


def _counted(term: str, tail: str) -> Counted:
    """As "15 ngày làm việc" + "sau khi kết thúc đợt giám sát"."""
    length = _length(term)
    before = re.match(r",? ?trước", tail, re.IGNORECASE) is not None
    if re.match(r",? ?so với", tail, re.IGNORECASE):
        before = True
    event = _event(tail)
    if before and length.unit in {"month", "quarter", "year"} and re.match(r"(?:ngày )?\d", event):
        raise Unclear(
            f"“{term} {tail.strip()}” có thể là báo cáo {term} hoặc là {term} tính lùi từ ngày ấy.",
            f"Viết 'báo cáo {term}: trước ngày …' hoặc nêu thẳng ngày.",
        )
    return Counted(Relative(length.amount, length.unit, event, after=not before), f"{term} {tail.strip()}")


def _event(tail: str) -> str:
    signing = re.search(r"\b(?:ký|ban hành)(?: ban hành)?(?: văn bản| quyết định| kế hoạch)?(?: này)?$", tail)
    event = _OPENING.sub("", tail).strip(" ,")
    if re.match(r"^(?:ngày |khi )?(?:được )?(?:ký|ban hành)", event) and signing:
        return "ngày ký văn bản"
    if not event:
        raise Unclear("Thời hạn không nêu tính từ sự kiện nào.", "Viết '05 ngày làm việc kể từ ngày …'.")
    return event


def _event_term(text: str) -> Counted:
    """As "trước khi tổ chức hội nghị 10 ngày": the event first, the length after it."""
    shape = (
        r"(trước|sau)(?: khi| ngày(?! ?\d)| thời điểm)? (.+?) "
        r"(?:(?:ít nhất|tối thiểu|chậm nhất|muộn nhất|không quá|khoảng|là|trước|trong vòng) )*"
        r"(\d{1,3} (?:ngày làm việc|ngày|tuần|tháng))$"
    )
    match = _need(re.match(shape, text, re.IGNORECASE), text)
    length = _length(match[3])
    after = match[1].lower() == "sau"
    return Counted(Relative(length.amount, length.unit, match[2].strip(), after), text)


# ---- hours -------------------------------------------------------------------------------------


def _clock(text: str) -> Clock:
    hour, *minute = _numbers(text)
    clock = Clock(hour, minute[0] if minute else 0)
    if clock.hour > 24 or clock.minute > 59 or (clock.hour == 24 and clock.minute):
        raise Unclear(f"Không có giờ “{text}”.", "Viết giờ từ 0h00 đến 24h00, ví dụ '14h00'.")
    return clock


# ---- no date -----------------------------------------------------------------------------------

_HAPPENING = re.compile(
    r"^(?:ngay )?(?:sau khi|sau|ngay khi|mỗi khi|khi|nếu|trong trường hợp|trường hợp|(?:cho )?đến khi|"
    r"cho|tại|trong|cùng)(?: có)?\s+",
    re.IGNORECASE,
)


def _waiting(text: str) -> Free:
    trigger = _HAPPENING.sub("", text).strip(" ,.") or text
    return Free(Waiting(trigger), "Phụ thuộc một sự kiện chưa có ngày: chờ đến khi sự kiện được ghi nhận.")


def _later(text: str) -> Later:
    by = re.search(r"\b(?:bằng|qua|theo) ([^;]+)$", text, re.IGNORECASE) or re.search(
        r"\b(giấy mời|văn bản|công văn|kế hoạch|giấy triệu tập)\b", text, re.IGNORECASE
    )
    return Later(by[1].strip(" .") if by else None, text)


def _external(text: str) -> Free:
    source = re.sub(
        r"^(?:(?:thực hiện|định kỳ|báo cáo|chế độ(?: báo cáo)?|…| )+)?"
        r"(?:theo|đúng|đảm bảo|bảo đảm|trong|căn cứ)(?: đúng| vào)? ",
        "",
        text,
        flags=re.IGNORECASE,
    )
    return Free(External(source.strip(" ,.")), "Thời gian do văn bản khác quy định: cần bổ sung văn bản đó.")


def _unspecified(text: str) -> Free:
    return Free(
        Unspecified(f"“{text}”: văn bản không nêu thời gian cụ thể."), "Không có thời gian: cần người quyết định."
    )


def _ky(text: str) -> Ky:
    return Ky("last" if _lowered(text).startswith("kết thúc") else _edge(text), text)


def _bound(kind: Literal["before", "latest", "to", "after"]) -> Callable[[str], Bound]:
    return lambda _: Bound(kind)


def _refused(text: str) -> Piece:
    word = _lowered(text)
    if re.match(r"tháng (?:cuối|đầu|giữa)", word):
        raise Unclear(f"“{text}” không nêu ngày.", "Viết 'ngày 15 của tháng cuối quý' hoặc nêu tháng, ví dụ 'tháng 6'.")
    if word.startswith("năm học"):
        raise Unclear(
            f"“{text}”: năm học không có ngày bắt đầu và kết thúc chung.", "Viết 'từ tháng 9/2024 đến tháng 5/2025'."
        )
    if word.startswith("tuần") and re.search(r"\d", word):
        raise Unclear(
            f"“{text}”: số thứ tự tuần trong năm không có quy ước chung.", "Viết 'từ ngày 03/6 đến ngày 09/6/2024'."
        )
    if re.match(r"\d+/\d+/\d+$", word):
        raise Unclear(f"“{text}”: năm viết hai chữ số.", "Viết năm đủ bốn chữ số, ví dụ '15/6/2024'.")
    if word.startswith("ngày làm việc"):
        raise Unclear(
            f"“{text}” phụ thuộc lịch nghỉ, chưa phải là một ngày.", "Viết ngày cụ thể, ví dụ 'ngày 28/6/2024'."
        )
    if word.startswith(("vụ", "mùa")):
        raise Unclear(
            f"“{text}” không có ngày bắt đầu và kết thúc chung.", "Viết tháng cụ thể, ví dụ 'tháng 5-9/2024'."
        )
    raise Unclear(f"“{text}” phụ thuộc ngày đọc văn bản.", "Viết rõ ngày, tháng, quý và năm.")


def _lunar_month(text: str) -> Point:
    return Point("month", month=1 if _lowered(text) == "giêng" else 12, lunar=True)


def _adhoc(_: str) -> Free:
    return Free(AdHoc(), "Đột xuất, theo yêu cầu: mở việc khi có người yêu cầu.")


def _hours_term(text: str) -> Piece:
    raise Unclear(
        f"“{text.strip()}”: thời hạn tính bằng giờ, phút chưa đọc được.", "Viết số ngày, ví dụ '01 ngày làm việc'."
    )


_READERS: dict[str, Callable[[str], Piece]] = {
    "COMMA": lambda _: Separator(","),
    "COLON": lambda _: Separator(":"),
    "SEMI": lambda _: Separator(";"),
    "SLASH": lambda _: Separator("/"),
    "AND": lambda _: Separator("and"),
    "OR": lambda _: Separator("or"),
    "BEFORE": _bound("before"),
    "LATEST": _bound("latest"),
    "END": _bound("to"),
    "AFTER": _bound("after"),
    "FROM": lambda _: Link("from"),
    "TO": lambda text: Link("to", whole="hết" in text.lower()),
    "DASH": lambda _: Link("dash"),
    "NOW": lambda _: Link("now"),
    "SIGNED": lambda _: Link("signed"),
    "DATE": _date,
    "SHORT_DATE": _short_date,
    "RAM": lambda _: Point("day", day=15, lunar=True),
    "DAY_RANGE": _day_range,
    "MONTH_YEAR": _month_year,
    "T_MONTH": _month_year,
    "T_RANGE": _month_range,
    "MONTH_RANGE": _month_range,
    "LUNAR_NAME": _lunar_month,
    "QUARTER_NUMBER": _quarter,
    "QUARTER_YEAR": _quarter,
    "QUARTER_RANGE": _quarter_range,
    "BARE_QUARTER": _quarter,
    "YEARS": _years,
    "YEAR": lambda text: Point("year", year=int(text)),
    "YEAR_BESIDE": _year_beside,
    "PHASE": lambda _: Mark("phase"),
    "WHOLE_PERIOD": lambda _: WholePeriod(),
    "MONTHS_OF_YEAR": _months_of_year,
    "EDGE_OF_YEAR": _edge_of_year,
    "EDGE": lambda text: Modifier("edge", edge=_edge(text)),
    "WEEK_OF": _week_of,
    "HALF_OF": lambda text: Modifier("half_month", number=1 if re.search("đầu|trước", text.lower()) else 2),
    "TEN_DAYS": lambda text: Modifier("ten_days", number={"trung": 2, "hạ": 3}.get(text.lower().split()[0], 1)),
    "KY": _ky,
    "TET": _tet,
    "NUMBER": lambda text: Number(int(text)),
    "PERIOD_DAY": _period_day,
    "WEEKDAY": lambda text: OnWeekday(_weekday(text)),
    "REPORT": _report,
    "FREQ": _freq,
    "ONCE": _once,
    "TIMES": _times,
    "BARE": lambda text: Every(_UNITS[text.lower()], firm=False),
    "PERIODIC": lambda _: Periodic(),
    "TERM": _length,
    "EVENT_TERM": _event_term,
    "IN_TERM": lambda _: WithinTerm(),
    "HALF_DAY": lambda _: HalfDay(),
    "HOURS_TERM": _hours_term,
    "CLOCK": _clock,
    "DAY_PART": lambda text: DayPart(_lowered(text).split()[-1] if "cả ngày" not in text.lower() else "cả ngày"),
    "WAITING": _waiting,
    "LATER": _later,
    "EXTERNAL": _external,
    "ADHOC": _adhoc,
    "CONTINUOUS": lambda _: Free(Continuous(), "Việc thường xuyên: không có hạn, không bao giờ quá hạn."),
    "UNSPECIFIED": _unspecified,
    "ORIENTATION": lambda text: Free(
        NoDate("orientation", "định hướng, tầm nhìn dài hạn: không dùng để lập lịch."), f"“{text}” chỉ là định hướng."
    ),
    "TENTATIVE": lambda _: Mark("tentative"),
    "URGENT": lambda _: Mark("urgent"),
    "LUNAR": lambda _: Mark("lunar"),
    "LEAP": lambda _: Mark("leap"),
    "RELATIVE_NOW": _refused,
    "SHORT_YEAR": _refused,
    "HEAD": lambda text: Aside(text, report=_lowered(text).startswith("báo cáo")),
    "TAIL": lambda text: Aside(text),
    "ROUND": lambda text: Aside(text),
    "EACH": lambda text: Aside(text),
    "ROLLED": lambda text: Aside(text),
}


def place_in_year(point: Point) -> tuple[int, int]:
    """Month and day the point begins on, whatever its year: to see whether a list or a range runs forward."""
    first = replace(point, year=2024, shift=0, edge=None, lunar=False, leap=False).window(2024).first
    return first.month, first.day


def with_year(point: Point, year: Point) -> Point:
    """The point in the year named beside it: "quý II" + "năm 2024", "ngày 25/1" + "năm sau"."""
    return replace(point, year=year.year, shift=year.shift)
