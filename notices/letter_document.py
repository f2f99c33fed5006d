"""Writes a formal letter (công văn đôn đốc) as a Word file, from the secretariat's own template. Pure: values in.

The same letter from the same template is the same file, byte for byte: its SHA-256 says which one was signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any
from unicodedata import normalize
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.oxml.parser import parse_xml
from docxtpl import DocxTemplate  # type: ignore[import-untyped]  # the package has no annotations
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from calendars.wording import say_day
from models.errors import DonDocError
from notices.mime import on_one_line

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BLANK = "……"
BLANK_DAY = "ngày … tháng … năm …"
DRAFT_TAG = "du_thao"
ZIP_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can tell
PROPERTY_CHARACTERS = 255  # python-docx refuses longer ones
NOT_XML = re.compile("[\ufffe\uffff]")  # XML 1.0 §2.2; control characters and surrogates go with the line ends
TAG_KIND = re.compile(r"(\{[%{])-?(?:tr|tc|p|r)\s")


class UnusableLetterTemplate(DonDocError):
    """No letter can be made from this file: ``tag`` is the tag at fault, empty when it is the file as a whole."""

    def __init__(self, file: Path, why: str, *, help: str, tag: str = "") -> None:
        self.file = file
        self.tag = tag
        super().__init__(f"Không dùng được mẫu công văn {file.name}: {why}.", help=help)


@dataclass(frozen=True, slots=True)
class LateAgency:
    """One agency that has not sent: ``late`` in working days after its last day on time."""

    agency: str
    late: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class LetterText:
    """What one letter says; names are Vietnamese, days in Asia/Ho_Chi_Minh.

    ``issuer_above`` may be empty; ``signer_title`` has one line for each line of the paper ("TM. BAN CHỈ ĐẠO",
    "TRƯỞNG BAN"). ``number``, ``dated`` and ``signer`` are empty until it is approved, ``draft`` is True until
    then. ``programme`` and ``document`` (number, date and issuer of the paper) are empty for a secret matter.
    ``recipients`` are the bodies the paper sends the result to. ``late`` says who has not sent as of ``as_of``;
    ``remark`` is what the one who returned the draft asked for, and never stands in the approved letter.
    """

    issuer_above: str
    issuer: str
    place: str
    about: str
    addressees: tuple[str, ...]
    programme: str
    document: str
    title: str
    named_date: date
    included: bool
    last_on_time: date
    as_of: date
    late: tuple[LateAgency, ...]
    signer_title: str
    recipients: tuple[str, ...] = ()
    number: str | None = None
    dated: date | None = None
    signer: str | None = None
    draft: bool = True
    remark: str = ""


def write_letter(template: Path, letter: LetterText) -> bytes:
    """The DOCX. Raises UnusableLetterTemplate, which names the file and, where it can, the tag."""
    tags = _tags(letter)
    # Immutable and in a sandbox: whoever edits a letter in Word is to reach its words, not this program.
    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    with _blaming(template, "tệp không phải văn bản Word (.docx) dùng được"):
        document = _StrictTemplate(BytesIO(template.read_bytes()))
        document.init_docx()
    with _blaming(template, "có thẻ đặt sai chỗ hoặc tính không được"):
        _check_tags(template, document, environment, tags)
        document.render(tags, environment, autoescape=True)
        _settle_properties(document, letter)
        saved = BytesIO()
        document.save(saved)
    return _settle_archive(saved.getvalue())


class _StrictTemplate(DocxTemplate):  # type: ignore[misc]  # the package has no annotations
    """A template whose result must be well-formed: docxtpl would mend it silently, and lose what it cannot place."""

    def fix_tables(self, xml: str) -> Any:
        """Raises lxml's XMLSyntaxError where tags cut across paragraphs or rows."""
        parse_xml(xml)
        return super().fix_tables(xml)


# ---- the tags, as templates/letters/README.md lists them -----------------------------------------


def _tags(letter: LetterText) -> dict[str, Any]:
    addressees = tuple(map(_clean, letter.addressees))
    recipients = tuple(map(_clean, letter.recipients))
    return {
        "du_thao": letter.draft,
        "co_quan_cap_tren": _clean(letter.issuer_above).upper(),
        "co_quan_ban_hanh": _clean(letter.issuer).upper(),
        "co_quan": _clean(letter.issuer),
        "so": _clean(letter.number or "") or BLANK,
        "dia_danh": _clean(letter.place),
        "ngay_thang": say_day(letter.dated) if letter.dated else BLANK_DAY,
        "trich_yeu": _clean(letter.about),
        "kinh_gui": addressees,
        "chuong_trinh": _clean(letter.programme),
        "van_ban": _clean(letter.document),
        "nhiem_vu": _clean(letter.title),
        "han": f"{'chậm nhất' if letter.included else 'trước'} {say_day(letter.named_date)}",
        "ngay_cuoi": say_day(letter.last_on_time),
        "tinh_den": say_day(letter.as_of),
        "cham": [_late_row(number, one) for number, one in enumerate(letter.late, 1)],
        "gui_ve": _join(recipients),
        "noi_nhan": tuple(name for name in recipients if name not in {*addressees, _clean(letter.issuer)}),
        "chuc_danh": tuple(filter(None, map(_clean, letter.signer_title.splitlines()))),
        "nguoi_ky": _clean(letter.signer or ""),
        "y_kien": _clean(letter.remark),
    }


def _late_row(number: int, one: LateAgency) -> dict[str, Any]:
    return {"stt": number, "ten": _clean(one.agency), "so_ngay": f"{one.late:02d}", "ghi_chu": _clean(one.note)}


def _clean(text: str) -> str:
    """One line, NFC, of characters XML can carry: a line end or a tab in a name would become one of the letter's."""
    return normalize("NFC", on_one_line(NOT_XML.sub(" ", text)))


def _join(names: tuple[str, ...]) -> str:
    return " và ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


# ---- what can be wrong with a template ------------------------------------------------------------


def _check_tags(
    template: Path, document: DocxTemplate, environment: ImmutableSandboxedEnvironment, tags: dict[str, Any]
) -> None:
    """Every tag, also those of the branches this letter does not take: a draft must not hide what approval meets."""
    try:
        used = document.get_undeclared_template_variables(environment)
    except TemplateSyntaxError:
        return  # rendering meets it again, and knows the paragraph
    for unknown in sorted(used - tags.keys()):
        raise _unknown(template, unknown)
    if DRAFT_TAG not in used:
        raise UnusableLetterTemplate(
            template,
            f"thiếu thẻ {DRAFT_TAG} nên bản chưa duyệt không hiện chữ DỰ THẢO",
            tag=DRAFT_TAG,
            help="Thêm {% if du_thao %}DỰ THẢO{% endif %} vào đầu trang.",
        )


def _unknown(template: Path, tag: str) -> UnusableLetterTemplate:
    return UnusableLetterTemplate(
        template, f"không có thẻ tên {tag}", tag=tag, help="Các thẻ dùng được ghi ở templates/letters/README.md."
    )


@contextmanager
def _blaming(template: Path, otherwise: str) -> Iterator[None]:
    """What a template does wrong, as a sentence for whoever edited it; ``otherwise`` is said of what has no name."""
    try:
        yield
    except UnusableLetterTemplate:
        raise
    except OSError as error:
        raise UnusableLetterTemplate(
            template, f"không đọc được tệp ({error.strerror})", help="Kiểm tra đường dẫn và quyền đọc của tệp."
        ) from None
    except TemplateSyntaxError as error:
        tag = _paragraph_of(error)
        raise UnusableLetterTemplate(
            template,
            f"viết sai thẻ ở đoạn «{tag}»" if tag else "có thẻ viết sai",
            tag=tag,
            help="Xem lại ngoặc {{ }}, {% %} và cặp if/endif, for/endfor ở đoạn ấy.",
        ) from None
    except UndefinedError as error:
        quoted: list[str] = re.findall(r"'([^']+)'", error.message or "")  # "'so_' is undefined"
        raise _unknown(template, quoted[-1] if quoted else "như đã viết") from None
    except Exception as error:
        # A template is a program somebody wrote in Word, and a file anything may have happened to: whatever
        # it raises, the answer is the same.
        raise UnusableLetterTemplate(
            template,
            f"{otherwise} ({type(error).__name__})",
            help="Mở bằng Word để sửa rồi lưu lại dạng .docx, hoặc lấy lại mẫu có sẵn.",
        ) from error


def _paragraph_of(error: TemplateSyntaxError) -> str:
    """The paragraph the tag stands in: docxtpl gives those around it, the three before it first."""
    around = list(getattr(error, "docx_context", ()))
    place = min(error.lineno - 1, 3)
    return TAG_KIND.sub(r"\1 ", " ".join(around[place].split())) if place < len(around) else ""


# ---- the same letter, the same bytes --------------------------------------------------------------


def _settle_properties(document: DocxTemplate, letter: LetterText) -> None:
    """What Word shows as the file's title, author and times: the letter's, not those of the template's last edit."""
    midnight = datetime.combine(letter.dated or letter.as_of, time(), UTC)  # no hour is meant, only the day
    properties = document.docx.core_properties
    properties.title = _clean(letter.about)[:PROPERTY_CHARACTERS]
    properties.author = properties.last_modified_by = _clean(letter.issuer)[:PROPERTY_CHARACTERS]
    properties.created = properties.modified = midnight
    properties.revision = 1


def _settle_archive(content: bytes) -> bytes:
    """The same parts under one fixed time; a ZIP otherwise tells the second it was written in."""
    settled = BytesIO()
    with ZipFile(BytesIO(content)) as parts, ZipFile(settled, "w") as archive:
        for name in parts.namelist():
            archive.writestr(ZipInfo(name, ZIP_BEGINNING), parts.read(name), ZIP_DEFLATED)
    return settled.getvalue()
