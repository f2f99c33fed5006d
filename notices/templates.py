"""Opens the office's templates: a mistake in one becomes a sentence with its line, and none can do harm."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from traceback import walk_tb
from typing import Any, TypeVar

from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from models.errors import DonDocError

Result = TypeVar("Result")

LETTERS_ONLY = frozenset(
    {"capitalize", "default", "e", "escape", "first", "join", "last", "length", "lower", "trim", "upper"}
)
# What a template can go wrong with, from the reading of its file to its last word.
MISTAKES = (
    TemplateError, ArithmeticError, AttributeError, LookupError, OSError, RecursionError, SyntaxError, TypeError,
    ValueError,
)  # fmt: skip
SIGNS = "Mỗi {{ có một }}; mỗi {% block %}, {% if %}, {% for %} có một {% endblock %}, {% endif %}, {% endfor %}."


class UnusableTemplate(DonDocError):
    """A template cannot be used: ``file`` is its path below the folder, ``line`` is there when it is known."""

    def __init__(self, file: str, why: str, *, line: int | None = None, help: str = "") -> None:
        self.file, self.line = file, line
        place = f"Mẫu {file}" if line is None else f"Mẫu {file}, dòng {line}"
        super().__init__(f"{place}: {why}.", help=help)


class _Missing(LookupError):
    """A block that the template must have is not there."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Fills places, chooses and repeats; it calls nothing and does not multiply.

    ``{{ "x" * 10 ** 9 }}``, ``{{ "%999999999d" % 1 }}`` or a loop over a long range would hold up the morning's
    mail. Without functions there is no range: loops run over what was handed in.
    """

    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_callable(self, obj: Any) -> bool:
        """Nothing is."""
        return False

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Whatever is intercepted is refused."""
        raise SecurityError(operator)


def _sandbox(folder: Path, trim: bool) -> _Sandbox:
    sandbox = _Sandbox(
        loader=FileSystemLoader(folder, encoding="utf-8-sig"),  # Notepad may begin a file with a byte order mark
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        trim_blocks=trim,
        lstrip_blocks=True,
    )
    sandbox.globals.clear()
    for name in sandbox.filters.keys() - LETTERS_ONLY:
        del sandbox.filters[name]
    return sandbox


class Templates:
    """The templates of one folder, read again when a file changes. A name is a path below it ("vi/reminder.j2")."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # A line break after a tag counts in a block, where each line is one and empty ones are dropped.
        self._pages, self._blocks = _sandbox(folder, trim=True), _sandbox(folder, trim=False)

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.folder / name).is_file()

    def page(self, name: str, places: Mapping[str, object]) -> str:
        """The whole template, filled. Raises UnusableTemplate."""
        with _told_as_a_sentence(name, places):
            template = self._pages.get_template(name)
            # not render(): it rewrites the traceback, and with it the way to the line
            return "".join(template.root_render_func(template.new_context(dict(places))))

    def block(self, name: str, block: str, places: Mapping[str, object], *, empty: bool = True) -> str:
        """One block of the template, filled. Raises UnusableTemplate, also when it is blank and not ``empty``."""
        with _told_as_a_sentence(name, places):
            template = self._blocks.get_template(name)
            if block not in template.blocks:
                raise _Missing(block)
            said = "".join(template.blocks[block](template.new_context(dict(places))))
        if not (empty or said.strip()):
            raise UnusableTemplate(name, f"khối “{block}” không cho ra chữ nào", help="Viết câu cho khối này.")
        return said

    def has_block(self, name: str, block: str) -> bool:
        """Whether the template has the block. Raises UnusableTemplate."""
        with _told_as_a_sentence(name, ()):
            return block in self._blocks.get_template(name).blocks


class TriedTemplates(Templates):
    """The same, but a mistake is written down in ``found`` and the rest goes on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.found: dict[str, UnusableTemplate] = {}

    def page(self, name: str, places: Mapping[str, object]) -> str:
        """The whole template, or "…"."""
        return self._try(lambda: super(TriedTemplates, self).page(name, places), "…")

    def block(self, name: str, block: str, places: Mapping[str, object], *, empty: bool = True) -> str:
        """The block, or "…"."""
        return self._try(lambda: super(TriedTemplates, self).block(name, block, places, empty=empty), "…")

    def has_block(self, name: str, block: str) -> bool:
        """As far as the template can be read."""
        return self._try(lambda: super(TriedTemplates, self).has_block(name, block), False)

    def _try(self, work: Callable[[], Result], otherwise: Result) -> Result:
        try:
            return work()
        except UnusableTemplate as unusable:
            self.found.setdefault(str(unusable), unusable)
            return otherwise


@contextmanager
def _told_as_a_sentence(name: str, places: Collection[str]) -> Iterator[None]:
    try:
        yield
    except MISTAKES as mistake:
        raise _told(name, mistake, places) from None


def _told(name: str, mistake: Exception, places: Collection[str]) -> UnusableTemplate:
    match mistake:
        case TemplateNotFound():
            missing = str(mistake.name or name)
            return UnusableTemplate(missing, "không có tệp này", help="Chép lại tệp từ bộ mẫu đi kèm chương trình.")
        case TemplateSyntaxError():
            said = mistake.message or ""
            return UnusableTemplate(mistake.name or name, _syntax(said), line=mistake.lineno, help=SIGNS)
        case _Missing():
            help = f"Thêm khối này vào tệp: {{% block {mistake} %}}…{{% endblock %}}."
            return UnusableTemplate(name, f"thiếu khối “{mistake}”", help=help)
        case UnicodeDecodeError():
            help = "Khi lưu tệp, chọn bảng mã UTF-8."
            return UnusableTemplate(name, "không đọc được vì tệp không ở bảng mã UTF-8", help=help)
        case OSError():
            return UnusableTemplate(name, "không mở được tệp", help="Kiểm tra quyền đọc tệp và thư mục.")
    file, line = _where(mistake, name)
    if isinstance(mistake, UndefinedError):
        return _undefined(file, line, str(mistake), places)
    if isinstance(mistake, SecurityError):
        why = "dùng phép nhân, lời gọi hàm hoặc thuộc tính mà mẫu không được phép dùng"
        return UnusableTemplate(file, why, line=line, help="Mẫu chỉ điền chỗ trống, chọn (if) và lặp (for).")
    return UnusableTemplate(file, f"không điền được ({type(mistake).__name__})", line=line, help=SIGNS)


def _syntax(said: str) -> str:
    filter = re.search(r"No filter named '([^']+)'", said)
    if filter:
        return f"không có bộ lọc “{filter[1]}”"
    tag = re.search(r"unknown tag '([^']+)'", said)
    return f"không có lệnh “{tag[1]}” hoặc lệnh đặt sai chỗ" if tag else f"viết sai cú pháp (Jinja: {said.rstrip('.')})"


def _undefined(file: str, line: int | None, said: str, places: Collection[str]) -> UnusableTemplate:
    named = re.search(r"^'([^']+)' is undefined|has no attribute '([^']+)'|has no element (\S+)", said)
    name = next(filter(None, named.groups()), "") if named else said
    close = get_close_matches(name, places, n=1)
    help = f"Có phải “{close[0]}” không?" if close else f"Các chỗ điền có: {', '.join(sorted(places))}."
    return UnusableTemplate(file, f"không có chỗ điền “{name}”", line=line, help=help)


def _where(mistake: Exception, name: str) -> tuple[str, int | None]:
    """The template and its line that were being filled: the innermost of ours on the way to the mistake."""
    file, line = name, None
    for frame, compiled_line in walk_tb(mistake.__traceback__):
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            file, line = template.name or name, template.get_corresponding_lineno(compiled_line)
    return file, line
