"""Files handed in: what they are by content, what is refused with a sentence, and how they are kept."""

import os
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from unicodedata import normalize

import pytest
import xlsxwriter
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from sqlalchemy import insert

from models.submission import Submission
from office.store import open_store, reading, writing
from planning import file_content, kept_files
from planning.file_content import LARGEST_RELATIONS, UnusableFile
from planning.kept_files import (
    INCOMING,
    LARGEST_FILE,
    SUBMITTED_FILES,
    CheckedFile,
    UnkeptFile,
    check_file,
    check_together,
    clean_name,
    keep,
    place_of,
    sweep_orphans,
)

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\0" * 40
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 40
TYPES = (
    '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)


def archive(parts: dict[str, bytes | str], *, packed: bool = True) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return held.getvalue()


def docx(**more: bytes | str) -> bytes:
    return archive({"[Content_Types].xml": TYPES, "word/document.xml": "<w/>", **more})


def a_word_file() -> bytes:
    held = BytesIO()
    Document().save(held)
    return held.getvalue()


def a_workbook() -> bytes:
    held = BytesIO()
    xlsxwriter.Workbook(held).close()
    return held.getvalue()


def opendocument(kind: str) -> bytes:
    return archive({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "<o/>"})


@pytest.fixture
def given(tmp_path):
    """Checks an upload of this content under this name."""

    def check(name: str, content: bytes) -> CheckedFile:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return check_file(name, path)

    return check


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.JPEG", JPG, "image/jpeg"),
        ("a.jpg", JPG, "image/jpeg"),
        ("a.png", PNG, "image/png"),
        ("a.docx", a_word_file(), kept_files.MEDIA_TYPES["docx"]),
        ("a.xlsx", a_workbook(), kept_files.MEDIA_TYPES["xlsx"]),
        ("a.odt", opendocument("text"), kept_files.MEDIA_TYPES["odt"]),
        ("a.ods", opendocument("spreadsheet"), kept_files.MEDIA_TYPES["ods"]),
    ],
)
def test_seven_kinds_are_taken_by_their_content(given, name, content, media_type):
    taken = given(name, content)
    assert (taken.name, taken.media_type, taken.size, len(taken.digest)) == (name, media_type, len(content), 64)


def a_word_file_with(kind: str, target: str) -> bytes:
    held, document = BytesIO(), Document()
    document.part.relate_to(target, f"{RELATIONS}/{kind}", is_external=True)
    document.save(held)
    return held.getvalue()


def a_linked_word_file() -> bytes:
    held, document = BytesIO(), Document()
    document.part.relate_to("https://example.vn/công-báo?số=1", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    document.part.relate_to("mailto:hoa@example.vn", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    document.save(held)
    return held.getvalue()


def a_linked_workbook() -> bytes:
    held = BytesIO()
    with xlsxwriter.Workbook(held) as book:
        book.add_worksheet().write_url("A1", "https://example.vn/")
    return held.getvalue()


def test_links_a_person_follows_are_taken(given):
    assert given("a.docx", a_linked_word_file()).media_type == kept_files.MEDIA_TYPES["docx"]
    assert given("a.xlsx", a_linked_workbook()).media_type == kept_files.MEDIA_TYPES["xlsx"]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("attachedTemplate", "file:///C:\\Users\\Lan\\Mẫu%20của%20tôi.dotx"),
        ("attachedTemplate", "C:\\Mau\\a.dotx"),
        ("attachedTemplate", "file:///mau/mau.dotx"),
        ("image", "../media/a.png"),
        ("externalLinkPath", "https://example.vn/bang.xlsx"),  # another workbook; a person is asked first
    ],
)
def test_what_lies_on_ones_own_machine_is_taken(given, kind, target):
    assert given("a.docx", a_word_file_with(kind, target)).media_type == kept_files.MEDIA_TYPES["docx"]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("attachedTemplate", "https://evil.example/x.dotm"),
        ("attachedTemplate", "HTTP://evil.example/x.dotm"),
        ("attachedTemplate", "\\\\evil.example\\x.dotm"),
        ("attachedTemplate", "//evil.example/x.dotm"),
        ("attachedTemplate", "file:///\\\\evil.example\\x.dotm"),
        ("attachedTemplate", "file://evil.example/x.dotm"),
        ("attachedTemplate", "file:////evil.example/x.dotm"),
        ("attachedTemplate", "file:///%5C%5Cevil.example%5Cx.dotm"),
        ("oleObject", "mhtml:http://evil.example/x!x-usc:http://evil.example/x"),
        ("frame", "https://evil.example/x.html"),
        ("image", "https://evil.example/x.png"),
    ],
)
def test_what_is_fetched_when_it_is_opened_is_refused(given, kind, target):
    with pytest.raises(UnusableFile, match="từ nơi khác khi mở"):
        given("a.docx", a_word_file_with(kind, target))


@pytest.mark.parametrize(
    ("relations", "says"),
    [
        ('<R Type="x/attachedTemplate" Target="&#104;ttps://evil.example/x.dotm"/>', "từ nơi khác"),
        ('<R Type="x/attachedTemplate" Target="https://evil.example/x"/>'.encode("utf-16"), "từ nơi khác"),
        ('<!DOCTYPE R [<!ENTITY a "https">]><R Type="x/image" Target="&a;://evil.example/"/>', "bị hỏng"),
        ("<R", "bị hỏng"),
        (f"<R>{' ' * LARGEST_RELATIONS}</R>", "lớn bất thường"),
    ],
    ids=["written another way", "other letters", "entities", "no XML", "too long"],
)
def test_relations_are_read_as_an_office_program_reads_them(given, relations, says):
    with pytest.raises(UnusableFile, match=says):
        given("a.docx", docx(**{"word/_rels/settings.xml.rels": relations}))


def test_more_relations_than_a_document_has_are_not_read(given):
    part = os.urandom(LARGEST_RELATIONS // 2 + 1)
    with pytest.raises(UnusableFile, match="bị hỏng"):
        given("a.docx", docx(**{"word/_rels/a.rels": part, "word/_rels/b.rels": part}))


def an_open_document(body: str, part: str = "content.xml") -> bytes:
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("t", "text"), ("draw", "drawing"), ("table", "table"))
    )
    whole = f'<office:document {spaces} xmlns:x="http://www.w3.org/1999/xlink">{body}</office:document>'
    return archive({"mimetype": kept_files.MEDIA_TYPES["odt"], part: whole})


@pytest.mark.parametrize(
    "body",
    [
        '<t:a x:href="https://example.vn/">Công báo</t:a>',
        '<draw:a x:href="https://example.vn/"><draw:image x:href="Pictures/a.png"/></draw:a>',
        '<draw:object x:href="./Object 1"/>',
        '<table:table-source x:href="file://may-chu/bang.ods"/>',  # a person is asked first
    ],
)
def test_an_open_document_may_have_links_and_what_is_in_it(given, body):
    assert given("a.odt", an_open_document(body)).media_type == kept_files.MEDIA_TYPES["odt"]


@pytest.mark.parametrize(
    ("part", "body"),
    [
        ("content.xml", '<draw:image x:href="https://evil.example/x.png"/>'),
        ("content.xml", '<draw:image x:href="file://evil.example/x.png"/>'),
        ("Object 1/content.xml", '<draw:floating-frame x:href="&#104;ttp://evil.example/"/>'),
        ("styles.xml", '<draw:fill-image x:href="//evil.example/x.png"/>'),
        ("content.xml", '<x:a x:href="https://evil.example/x.png"/>'),
        ("content.xml", '<t:section-source x:href="https://evil.example/x.odt" Target="a"/>'),
    ],
)
def test_an_open_document_that_fetches_is_refused(given, part, body):
    with pytest.raises(UnusableFile, match="từ nơi khác khi mở"):
        given("a.odt", an_open_document(body, part))


def test_an_open_document_is_not_read_for_ever(given, monkeypatch):
    monkeypatch.setattr(file_content, "MOST_ELEMENTS", 3)  # the document itself counts
    given("a.odt", an_open_document("<t:p/><t:p/>"))
    with pytest.raises(UnusableFile, match="bị hỏng"):
        given("a.odt", an_open_document("<t:p/><t:p/><t:p/>"))


def test_a_web_page_inside_a_document_is_refused(given):
    relations = f'<R><Relationship Type="{RELATIONS}/aFChunk" Target="page.html"/></R>'
    page = '<img src="https://evil.example/x.png">'
    with pytest.raises(UnusableFile, match="từ nơi khác khi mở"):
        given("a.docx", docx(**{"word/_rels/document.xml.rels": relations, "word/page.html": page}))


HEADS = docx()
ENCRYPTED = HEADS.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
MANY = archive({"[Content_Types].xml": TYPES} | {f"word/{n}.xml": "" for n in range(2_001)})


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", b"", "trống"),
        ("a.pdf", b"hello", "không thuộc loại nhận được"),
        ("a.pdf", b"<html><script>alert(1)</script>", "không thuộc loại nhận được"),
        ("a.exe", b"MZ\x90\x00", "không thuộc loại nhận được"),
        ("a.png", b"GIF89a", "không thuộc loại nhận được"),
        ("a.docx", PDF, "thật ra là tệp PDF"),
        ("a", PDF, "thật ra là tệp PDF"),
        ("a.pdf.exe", PDF, "thật ra là tệp PDF"),
        ("a.xlsx", a_word_file(), "thật ra là tệp DOCX"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "đời cũ"),
        ("a.docx", b"PK\x03\x04 and nothing more", "bị hỏng"),
        ("a.docx", HEADS[:-30], "bị hỏng"),
        ("a.docx", archive({"readme.txt": "x"}), "tệp nén"),
        ("a.docx", docx(**{"word/vbaProject.bin": b"x"}), "macro"),
        ("a.docx", archive({"[Content_Types].xml": TYPES.replace("main+xml", "macroEnabled.main+xml")}), "tệp nén"),
        ("a.odt", archive({"mimetype": kept_files.MEDIA_TYPES["odt"], "Basic/a.xml": "x"}), "macro"),
        ("a.docx", docx(**{"word/media/bomb.xml": b"\0" * 20_000_000}), "lớn bất thường"),
        ("a.docx", docx(**{"../../etc/passwd": "x"}), "bị hỏng"),
        ("a.docx", docx(**{"/etc/passwd": "x"}), "bị hỏng"),
        ("a.docx", docx(**{"C:/x": "x"}), "bị hỏng"),
        ("a.docx", ENCRYPTED, "mật khẩu"),
        ("a.docx", MANY, "bị hỏng"),
    ],
)
def test_everything_else_is_refused_with_a_sentence(given, name, content, says):
    with pytest.raises(UnusableFile, match=says) as refused:
        given(name, content)
    assert refused.value.help


def test_an_archive_that_unpacks_beyond_bounds_in_many_small_steps_is_refused(given):
    part = os.urandom(20_000) + b"\0" * 980_000  # each part is packed less than a hundred times
    parts = {f"word/{number}.xml": part for number in range(215)}
    with pytest.raises(UnusableFile, match="lớn bất thường"):
        given("a.docx", docx(**parts))


def test_too_much_is_refused(given, tmp_path):
    path = tmp_path / "sparse"
    with path.open("wb") as stream:
        stream.write(PDF)
        stream.truncate(LARGEST_FILE + 1)
    with pytest.raises(UnusableFile, match="lớn hơn 25 MB"):
        check_file("a.pdf", path)
    one = CheckedFile("a.pdf", "application/pdf", LARGEST_FILE, "0" * 64)
    check_together([one] * 2)
    with pytest.raises(UnusableFile, match="tối đa 60 MB"):
        check_together([one] * 3)
    small = CheckedFile("a.pdf", "application/pdf", 1, "0" * 64)
    with pytest.raises(UnusableFile, match="tối đa 10 tệp"):
        check_together([small] * 11)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (normalize("NFD", "Báo cáo.pdf"), "Báo cáo.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Lan\\Báo cáo.pdf", "Báo cáo.pdf"),
        ("bao\u202efdp.exe\u202c.pdf", "baofdp.exe.pdf"),
        ("a\r\nSet-Cookie: x\0.pdf", "a Set-Cookie: x .pdf"),
        ("  ..  ", "tệp"),
        ("", "tệp"),
        ("d" * 300 + ".docx", "d" * 145 + ".docx"),
        ("<script>alert(1)</script>.pdf", "script>.pdf"),
    ],
)
def test_a_name_is_only_text(typed, shown):
    assert clean_name(typed) == shown


def test_a_file_is_kept_whole_under_a_name_of_ours(given, tmp_path):
    checked = given("Báo cáo.pdf", PDF)
    folder = tmp_path / "files"
    kept = keep(folder, tmp_path / "upload", checked)
    place = place_of(folder, kept.stored)
    assert place.read_bytes() == PDF
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert "Báo" not in str(place.relative_to(folder))
    (tmp_path / "upload").write_bytes(PDF + b"changed")
    with pytest.raises(UnkeptFile):
        keep(folder, tmp_path / "upload", checked)
    assert [path for path in folder.rglob("*") if path.is_file()] == [place]


@pytest.mark.parametrize("stored", ["../../dondoc.db", "/etc/passwd", "ab/" + "0" * 32, ""])
def test_nothing_else_can_be_read_from_the_folder(tmp_path, stored):
    with pytest.raises(UnkeptFile):
        place_of(tmp_path / "files", stored)


def test_files_no_submission_names_are_swept_once_they_are_old(given, tmp_path):
    folder, checked = tmp_path / "files", given("a.pdf", PDF)
    named, orphan, fresh = (keep(folder, tmp_path / "upload", checked) for _ in range(3))
    half = (folder / orphan.stored).parent / ".half-x"
    half.write_bytes(b"x")
    arriving, left_behind = folder / INCOMING / "tmp1", folder / INCOMING / "tmp2"  # by a process that was killed
    arriving.parent.mkdir()
    for path in (arriving, left_behind):
        path.write_bytes(b"x")
    notes = folder / "ab" / "ghi-chu.txt"
    notes.parent.mkdir(exist_ok=True)
    notes.write_text("của người quản trị", encoding="utf-8")
    now = datetime.now(UTC)
    old = (now - timedelta(days=2)).timestamp()
    for path in (folder / named.stored, folder / orphan.stored, half, left_behind, notes):
        os.utime(path, (old, old))
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    with writing(store) as connection:
        submitted = {"duty": "P/I/2024/A", "version": "1.1", "agency": "A", "by": "Lan", "at": now, "complete": True}
        table = Submission.metadata.tables["submission"]
        connection.execute(insert(table), {**submitted, "note": "", "key": "k"})
        row = {"submission": 1, "name": "a", "media_type": "x", "size": 1, "digest": "0", "stored": named.stored}
        connection.execute(insert(SUBMITTED_FILES), row)
    with reading(store) as connection:
        assert sweep_orphans(connection, folder, now - timedelta(days=1)) == 3
    store.dispose()
    left = {path for path in folder.rglob("*") if path.is_file()}
    assert left == {folder / named.stored, folder / fresh.stored, arriving, notes}
