"""Reads one YAML file into one of our shapes; every complaint names file, line and item and says what would help.

Every plain scalar stays text (``on``, ``no`` and ``2021-2025`` mean what they say); the shapes turn it
into numbers and dates. Anchors and aliases are refused: a definition should be readable line by line.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from models.errors import DonDocError

LARGEST_FILE = 4_000_000  # bytes; the five real programmes together are under 200 kB
DEEPEST = 20
ORDINARY_KEY = re.compile(r"[a-z_]{1,30}")

Shape = TypeVar("Shape", bound=BaseModel)
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in one definition file: where, which item, what, and what would help."""

    file: str
    line: int
    item: str
    sentence: str
    help: str = ""

    def __str__(self) -> str:
        item = f", mục {self.item}" if self.item else ""
        return f"{self.file}, dòng {self.line}{item}: {self.sentence} {self.help}".rstrip()


class InvalidDefinition(DonDocError):
    """Every problem found, at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Source:
    """Where each value of a file stands: file name and the line of every place in the data."""

    file: str
    lines: dict[Place, int]
    data: Any

    def line(self, place: Place) -> int:
        """The line of ``place``, or of the nearest thing around it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, sentence: str, help: str = "", item: str | None = None) -> Problem:
        """A problem at ``place``; the item is the ``id`` or ``code`` of the list entry around it."""
        return Problem(self.file, self.line(place), self.item(place) if item is None else item, sentence, help)

    def item(self, place: Place) -> str:
        """The ``id``, ``code`` or ``day`` of the innermost list entry that ``place`` lies in; "" when there is none."""
        here, names = self.data, [""]
        for step in place:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                break
            if isinstance(here, dict):
                names += [str(here[key]) for key in ("id", "code", "day") if here.get(key)][:1]
        return names[-1]


def read_source(path: Path) -> Source:
    """The data of a YAML file with the line of each value.

    Raises InvalidDefinition for what is not UTF-8, not YAML, too large, too deep, has a key twice or
    uses anchors; DonDocError when the file cannot be read at all.
    """
    name = path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DonDocError(
            f"Không đọc được tệp {name}: {error.strerror or error}.",
            help="Kiểm tra đường dẫn và quyền đọc tệp.",
        ) from None
    if len(raw) > LARGEST_FILE:
        raise InvalidDefinition(
            [
                Problem(
                    name,
                    1,
                    "",
                    f"Tệp lớn hơn {LARGEST_FILE // 1_000_000} MB.",
                    "Tách thành nhiều chương trình.",
                )
            ]
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InvalidDefinition(
            [
                Problem(
                    name,
                    line,
                    "",
                    "Tệp không phải mã UTF-8.",
                    "Mở tệp và lưu lại với bảng mã UTF-8 (Unicode).",
                )
            ]
        ) from None
    try:
        return _Builder(name).build(unicodedata.normalize("NFC", text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InvalidDefinition(
            [
                Problem(
                    name,
                    line,
                    "",
                    "Cú pháp YAML sai.",
                    "Xem lại thụt đầu dòng, dấu hai chấm và dấu ngoặc kép ở gần dòng này.",
                )
            ]
        ) from None
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise InvalidDefinition(
            [Problem(name, line, "", "Tệp có ký tự không được phép.", "Xóa các ký tự điều khiển trong tệp.")]
        ) from None


class _Builder:
    """Builds data and line numbers from YAML events, without recursion, so that depth is bounded by us."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}

    def build(self, text: str) -> Source:
        data: Any = None
        documents = 0
        # one frame for each open collection: its place, the container, and the key waiting for a value
        stack: list[tuple[Place, dict[str, Any] | list[Any], list[str]]] = []
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                self._refuse(line, "Dấu & và * (neo, bí danh) không được dùng.", "Viết lại đầy đủ ở từng chỗ.")
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(
                        line,
                        "Một tệp chỉ được có một tài liệu YAML.",
                        "Bỏ dấu --- thứ hai, tách thành tệp riêng.",
                    )
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                stack.pop()
            elif isinstance(event, (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                if stack and isinstance(stack[-1][1], dict) and not stack[-1][2]:
                    self._take_key(stack[-1], event, line)
                    continue
                value = self._value(event)
                place = self._put(stack, value, line)
                if place == ():
                    data = value
                if not isinstance(event, yaml.ScalarEvent):
                    if len(stack) >= DEEPEST:
                        self._refuse(line, f"Thụt vào quá {DEEPEST} cấp.", "Xem mẫu trong programmes/README.md.")
                    stack.append((place, value, []))
        return Source(self.file, self.lines, data)

    def _value(self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return {}
        if isinstance(event, yaml.SequenceStartEvent):
            return []
        plain_nothing = event.implicit[0] and event.value in ("", "~", "null")
        return None if plain_nothing else event.value

    def _take_key(self, frame: tuple[Place, Any, list[str]], event: yaml.Event, line: int) -> None:
        place, container, waiting = frame
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(line, "Tên khóa phải là một từ.", "Viết dạng «khóa: giá trị».")
            return
        if event.value in container:
            self._refuse(line, f"Khóa «{event.value}» viết hai lần.", "Giữ lại một.")
        waiting.append(event.value)
        self.lines[(*place, event.value)] = line

    def _put(self, stack: list[tuple[Place, Any, list[str]]], value: Any, line: int) -> Place:
        if not stack:
            self.lines[()] = line
            return ()
        place, container, waiting = stack[-1]
        if isinstance(container, dict):
            key = waiting.pop()
            container[key] = value
            return (*place, key)
        container.append(value)
        here = (*place, len(container) - 1)
        self.lines[here] = line
        return here

    def _refuse(self, line: int, sentence: str, help: str) -> None:
        raise InvalidDefinition([Problem(self.file, line, "", sentence, help)])


def read_definition(path: Path, shape: type[Shape], *, private: bool = False) -> tuple[Shape, Source]:
    """The file as ``shape``, with its source for later complaints. Raises InvalidDefinition with every problem.

    Complaints about a ``private`` file do not repeat what stands in it: a secret may have been written there.
    """
    source = read_source(path)
    if not isinstance(source.data, dict):
        raise InvalidDefinition(
            [source.problem((), "Tệp trống hoặc không có dạng «khóa: giá trị».", "Xem mẫu trong programmes/README.md.")]
        )
    try:
        return shape.model_validate(source.data), source
    except ValidationError as error:
        raise InvalidDefinition(list(_translate(error, source, shape, private=private))) from None


def _translate(error: ValidationError, source: Source, shape: type[BaseModel], *, private: bool) -> Iterator[Problem]:
    seen: set[tuple[int, str]] = set()
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail.get("input"):
            continue  # pydantic counts only the valid entries; the wrong ones are named anyway
        place = _real_place(detail["loc"], source.data)
        sentence, help = _sentence(_without_values(detail) if private else detail, shape)
        problem = source.problem(place, sentence, help)
        if (problem.line, problem.sentence) not in seen:  # a union complains once for each of its members
            seen.add((problem.line, problem.sentence))
            yield problem


def _without_values(detail: Any) -> dict[str, Any]:
    """A complaint that repeats neither a value nor a key that may be one, written on the wrong side of its colon."""
    shown = (step if isinstance(step, int) or ORDINARY_KEY.fullmatch(step) else "…" for step in detail["loc"])
    return {**detail, "loc": tuple(shown), "input": None}


def _real_place(place: Place, data: Any) -> Place:
    """Drops the parts of a pydantic place that name a union's member and not a step in the data."""
    steps: list[str | int] = []
    here = data
    for number, step in enumerate(place):
        inside = (isinstance(here, dict) and step in here) or (
            isinstance(here, list) and isinstance(step, int) and step < len(here)
        )
        if inside:
            here = here[step]
            steps.append(step)
        elif number == len(place) - 1 and isinstance(here, dict):
            steps.append(step)  # a missing key: the complaint stands at the mapping around it
    return tuple(steps)


def _sentence(detail: Any, shape: type[BaseModel]) -> tuple[str, str]:
    kind, place, context = detail["type"], detail["loc"], detail.get("ctx", {})
    key = next((str(step) for step in reversed(place) if isinstance(step, str)), "")
    given = detail.get("input")
    shown = "" if isinstance(given, (dict, list)) or given is None else f" (đang viết «{str(given)[:60]}»)"
    match kind:
        case "missing":
            return f"Thiếu khóa «{key}».", "Thêm khóa này; xem bảng các khóa trong programmes/README.md."
        case "extra_forbidden":
            near = difflib.get_close_matches(key, sorted(_keys(shape) - {key}), n=1)
            hint = f"Có phải là «{near[0]}»?" if near else "Xem bảng các khóa trong programmes/README.md."
            return f"Không có khóa «{key}».", hint
        case "int_parsing" | "int_type" | "int_from_float":
            return (
                f"Khóa «{key}» phải là một số nguyên{shown}.",
                "Viết chữ số, không có dấu chấm, ví dụ 1588.",
            )
        case "greater_than_equal" | "less_than_equal" if "-" in str(next(iter(context.values()), "")):  # a day
            return f"Khóa «{key}» nằm ngoài các năm đọc được{shown}.", "Ghi ngày từ năm 1900 đến năm 2100."
        case "greater_than_equal":
            return f"Khóa «{key}» phải từ {context.get('ge')} trở lên{shown}.", ""
        case "bool_parsing" | "bool_type":
            return f"Khóa «{key}» phải là true hoặc false{shown}.", ""
        case _ if kind.startswith(("date", "time")):
            return (
                f"Khóa «{key}» không phải ngày, giờ hợp lệ{shown}.",
                "Viết ngày dạng 2024-12-09 và giờ dạng 08:00.",
            )
        case "enum" | "literal_error":
            allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
            return f"Khóa «{key}» có giá trị không dùng được{shown}.", f"Chọn một trong: {allowed}."
        case "string_pattern_mismatch":
            return f"Mã ở «{key}» chỉ được có chữ không dấu, chữ số và _ . -{shown}.", ""
        case "string_too_long":
            return f"Khóa «{key}» dài quá {context.get('max_length')} ký tự.", "Rút gọn lại."
        case "string_too_short" | "string_type":
            return f"Khóa «{key}» phải là chữ, không được để trống.", "Điền nội dung hoặc bỏ hẳn khóa này."
        case "tuple_type" | "list_type":
            return (
                f"Khóa «{key}» phải là một danh sách{shown}.",
                "Viết dạng [A, B] hoặc mỗi dòng một gạch đầu dòng.",
            )
        case "too_short":
            return f"Danh sách «{key}» không được trống.", ""
        case _ if kind in ("model_type", "dict_type", "model_attributes_type"):
            return f"«{key}» phải gồm các dòng «khóa: giá trị»{shown}.", "Xem mẫu trong programmes/README.md."
        case _:
            return f"Khóa «{key}» không hợp lệ{shown}.", "Xem bảng các khóa trong programmes/README.md."


def _keys(shape: type[BaseModel]) -> set[str]:
    """Every key any part of ``shape`` knows, as it is written, for "did you mean"."""
    from planning import definitions

    return {
        field.alias or name
        for candidate in vars(definitions).values()
        if isinstance(candidate, type) and issubclass(candidate, BaseModel)
        for name, field in candidate.model_fields.items()
    } | set(shape.model_fields)
