"""What a handed-in file really is, by its content: one of seven kinds, or a sentence why it is not taken.

Pure but for reading the file. An archive (DOCX, XLSX, ODT, ODS) is looked at, never unpacked: its directory must be
small, its parts must stay within bounds when unpacked, and there is no macro, no password, and nothing that is
fetched from elsewhere when somebody opens it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import unquote
from xml.parsers.expat import ExpatError, ParserCreate

import puremagic

from models.errors import DonDocError

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "jpg": "image/jpeg",
    "png": "image/png",
}
# How each kind that is no archive begins; the catalogue of signatures must agree.
BEGINNINGS = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
ARCHIVE, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

MOST_PARTS = 2_000
LARGEST_UNPACKED = 200 * 1024 * 1024
HIGHEST_RATIO = 100  # of a part; an office document's own XML is packed 10 to 30 times
SMALL_PART = 1024 * 1024  # blank sheets pack better than that and harm nobody
LARGEST_DIRECTORY = 1024 * 1024  # bytes of the archive's directory, read before it is believed
LARGEST_CONTENTS = 1024 * 1024  # bytes of [Content_Types].xml
LARGEST_RELATIONS = 8 * 1024 * 1024  # bytes of what says how the parts belong together; 40,000 links
MOST_ELEMENTS = 2_000_000  # of all parts that are read for links: seconds; a sheet of half a million cells
MAIN_PARTS = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
}
MACROS = re.compile(r"(^|/)vba(project|data)\.(bin|xml)$|^(basic|scripts)/", re.IGNORECASE)
# What leads elsewhere only when a person follows it, or says yes: links, and other workbooks that cells are taken from.
ASKED_FOR = (
    "/hyperlink", "/externalLinkPath",
    ":text:1.0 a", ":drawing:1.0 a", " area-rectangle", " area-circle", " area-polygon", ":table:1.0 table-source",
)  # fmt: skip
CHUNK = "/aFChunk"  # a whole web page as a part of a DOCX, which fetches what it likes
OPEN_PARTS = ("content.xml", "styles.xml", "meta.xml")  # where ODT and ODS name what they show
HREF = "http://www.w3.org/1999/xlink href"
# A place on the reader's own machine; whatever else has a ":" is an address, and two strokes begin another machine.
OWN_MACHINE = re.compile(r"(file:///(?![\\/]))?([a-z]:)?[\\/]?(?![\\/])[^:]*", re.IGNORECASE)
END, END_SIZE, ZIP64 = b"PK\x05\x06", 22, b"PK\x06\x07"
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, ExpatError, NotImplementedError, RuntimeError, ValueError, OSError, EOFError
)  # fmt: skip
HELP = "Nhận tệp PDF, DOCX, XLSX, ODT, ODS, JPG và PNG."


class UnusableFile(DonDocError):
    """A file is not taken: of a kind nobody asked for, broken, too large, or more than it looks."""


def kind_of(name: str, path: Path) -> str:
    """One of the keys of MEDIA_TYPES; ``name`` is for the sentence. Raises UnusableFile."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(ARCHIVE):
        return _kind_of_archive(name, path)
    if head.startswith(COMPOUND):
        raise UnusableFile(
            f"Tệp «{name}» là tệp Word, Excel đời cũ (.doc, .xls) hoặc có đặt mật khẩu.",
            help="Mở tệp, bỏ mật khẩu, lưu lại dạng DOCX, XLSX hoặc PDF rồi gửi.",
        )
    for kind, beginning in BEGINNINGS.items():
        if head.startswith(beginning) and MEDIA_TYPES[kind] in _known_as(head):
            return kind
    raise UnusableFile(f"Tệp «{name}» không thuộc loại nhận được.", help=HELP)


def _known_as(head: bytes) -> set[str]:
    """The media types the catalogue of signatures gives to such a beginning."""
    try:
        return {found.mime_type for found in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):  # it raises for what it does not know
        return set()


def _kind_of_archive(name: str, path: Path) -> str:
    broken = UnusableFile(f"Tệp «{name}» bị hỏng hoặc không phải tệp Word, Excel.", help=HELP)
    if not _has_small_directory(path):
        raise broken
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(name, archive.infolist())
            _check_links(name, archive)
            kind = _kind_by_contents(archive)
    except UNREADABLE as error:
        raise broken from error
    if kind is None:
        raise UnusableFile(f"Tệp «{name}» là tệp nén hoặc thuộc loại không nhận được.", help=HELP)
    return kind


def _has_small_directory(path: Path) -> bool:
    """Looks at the archive's end before the library reads its directory whole; 64-bit archives are not documents."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 65_536 - END_SIZE - 20))
        tail = stream.read()
    end = tail.rfind(END)
    if end < 0 or len(tail) - end < END_SIZE or tail[max(0, end - 20) : end].startswith(ZIP64):
        return False
    parts = int.from_bytes(tail[end + 10 : end + 12], "little")
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    return parts <= MOST_PARTS and directory <= LARGEST_DIRECTORY


def _check_parts(name: str, parts: list[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & 0x1 for part in parts):
        raise UnusableFile(f"Tệp «{name}» có đặt mật khẩu.", help="Bỏ mật khẩu rồi gửi lại.")
    if any(MACROS.search(part.filename) for part in parts):
        raise UnusableFile(
            f"Tệp «{name}» có chứa macro.", help="Lưu lại dạng không có macro (DOCX, XLSX) hoặc PDF rồi gửi."
        )
    swollen = any(part.file_size > max(SMALL_PART, HIGHEST_RATIO * part.compress_size) for part in parts)
    if len(parts) > MOST_PARTS or swollen or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise UnusableFile(f"Tệp «{name}» giải nén ra lớn bất thường.", help="Lưu lại tệp, hoặc gửi dạng PDF.")
    names = [part.filename for part in parts]
    if len(set(names)) < len(names) or any(map(_leads_out, names)):
        raise ValueError("parts twice, or parts that lead out of the archive")


def _check_links(name: str, archive: zipfile.ZipFile) -> None:
    """A template from elsewhere brings its macros along, and an image tells who opened the file, and when."""
    parts = archive.infolist()
    relations = [part for part in parts if part.filename.lower().endswith(".rels")]
    if sum(part.file_size for part in relations) > LARGEST_RELATIONS:
        raise ValueError("more relations than a document has")
    linking = [*relations, *(part for part in parts if part.filename.rpartition("/")[2] in OPEN_PARTS)]
    elements = count(1)
    if any(_fetches(archive, part, elements) for part in linking):
        raise UnusableFile(
            f"Tệp «{name}» tự tải mẫu, hình hoặc nội dung từ nơi khác khi mở.",
            help="Bỏ mẫu hoặc phần liên kết ấy rồi lưu lại, hoặc gửi dạng PDF.",
        )


def _fetches(archive: zipfile.ZipFile, part: zipfile.ZipInfo, elements: Iterator[int]) -> bool:
    """Whether a relation or an element of an XML part brings something in from elsewhere; counts them in ``elements``.

    Raises ExpatError, and ValueError for too many, and for a document type: none of these parts has one.
    """
    found = False

    def look(name: str, attributes: dict[str, str]) -> None:
        nonlocal found
        if next(elements) > MOST_ELEMENTS:
            raise ValueError("more elements than a document has")
        if "Target" in attributes:
            found = found or _is_fetched(attributes.get("Type", ""), attributes["Target"])
        if HREF in attributes:
            found = found or _is_fetched(name, attributes[HREF])

    def refuse(*_said: object) -> None:
        raise ValueError("a document type, whose entities may swell")

    parser = ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = look
    with archive.open(part) as stream:
        parser.ParseFile(stream)
    return found


def _is_fetched(what: str, target: str) -> bool:
    """``what`` is the type of a relation, or an element with its namespace."""
    if what.endswith(CHUNK):
        return True
    return not what.endswith(ASKED_FOR) and not OWN_MACHINE.fullmatch(unquote(target).strip())


def _leads_out(part: str) -> bool:
    return part.startswith("/") or "\\" in part or ":" in part.split("/")[0] or ".." in part.split("/")


def _kind_by_contents(archive: zipfile.ZipFile) -> str | None:
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        said = _read(archive, "[Content_Types].xml", LARGEST_CONTENTS)
        if b"macroEnabled" in said:
            return None
        return next((kind for kind, main in MAIN_PARTS.items() if main in said), None)
    if "mimetype" in names:
        said = _read(archive, "mimetype", 200).strip()
        return next((kind for kind in ("odt", "ods") if said == MEDIA_TYPES[kind].encode()), None)
    return None


def _read(archive: zipfile.ZipFile, part: str, most: int) -> bytes:
    """At most so many bytes, whatever the directory says of its size. Raises ValueError for more."""
    with archive.open(part) as stream:
        said = stream.read(most + 1)
    if len(said) > most:
        raise ValueError(f"{part} is too long")
    return said
