"""A definition file with a mistake gets one sentence that names file, line and item."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DonDocError
from planning.definitions import ProgrammeDefinition
from planning.yaml_files import DEEPEST, InvalidDefinition, read_definition, read_source

GOOD = """\
code: P
short: Chương trình
document: {title: T, issuer: A, source: s}
period:
  first: 2024-01-01
  last: 2024-12-31
standing_agency: A
items:
  - id: A1
    line: 3
    title: Họp
    kind: meeting
    when: 2024
  - id: A2
    line: 4
    title: Báo cáo
    kind: report
"""


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes):
        path = tmp_path / "mau.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def problems(path) -> list[str]:
    with pytest.raises(InvalidDefinition) as caught:
        read_definition(path, ProgrammeDefinition)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file_is_read_and_scalars_stay_what_the_paper_says(write):
    programme, source = read_definition(write(GOOD), ProgrammeDefinition)
    assert programme.items[0].when == "2024"
    assert programme.items[0].line == 3
    assert source.line(("items", 1, "title")) == 16
    assert source.item(("items", 1, "title")) == "A2"


def test_a_byte_order_mark_and_decomposed_letters_are_normalised(write):
    programme, _ = read_definition(write("\ufeff" + GOOD.replace("Họp", "Ho\u0323p")), ProgrammeDefinition)
    assert programme.items[0].title == "Họp"


@pytest.mark.parametrize(
    ("before", "after", "line", "item", "words"),
    [
        ("    kind: meeting", "    kinf: meeting", 12, "A1", "Không có khóa «kinf». Có phải là «kind»?"),
        ("    line: 3", "    line: ba", 10, "A1", "phải là một số nguyên (đang viết «ba»)"),
        ("    line: 3", "    line: 0", 10, "A1", "phải từ 1 trở lên"),
        ("kind: report", "kind: raport", 17, "A2", "Chọn một trong: conference"),
        ("    title: Báo cáo\n", "", 14, "A2", "Thiếu khóa «title»"),
        ("    title: Họp", "    title:", 11, "A1", "phải là chữ"),
        ("  first: 2024-01-01", "  first: 2024-02-30", 5, "", "không phải ngày, giờ hợp lệ"),
        ("    line: 4", "    line: 4\n    lead: BDT", 16, "A2", "phải là một danh sách"),
        ("    line: 4", "    line: 4\n    line: 5", 16, "", "Khóa «line» viết hai lần"),
        ("code: P", "code: Phòng họp", 1, "", "chữ không dấu"),
        ("code: P", "code: &x P", 1, "", "neo, bí danh"),
        ("code: P", "code: [P", 2, "", "Cú pháp YAML sai"),
        ("    line: 4", "    line: 4\n    budget: nhiều", 16, "A2", "«khóa: giá trị»"),
        ("    line: 4", "    line: 4\n    inherits: maybe", 16, "A2", "true hoặc false"),
    ],
)
def test_a_mistake_names_its_line_and_item(write, before, after, line, item, words):
    assert before in GOOD
    found = problems(write(GOOD.replace(before, after, 1)))
    where = f"mau.yaml, dòng {line}" + (f", mục {item}" if item else "") + ":"
    assert any(sentence.startswith(where) and words in sentence for sentence in found), found


def test_every_mistake_is_told_at_once(write):
    broken = GOOD.replace("kind: meeting", "kind: met").replace("line: 4", "line: x").replace("code: P\n", "")
    assert len(problems(write(broken))) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD.encode("utf-16"), "không phải mã UTF-8"),
        (GOOD.encode().replace("Họp".encode(), b"H\xecp"), "dòng 11: Tệp không phải mã UTF-8"),
        (b"", "Tệp trống"),
        (b"- 1\n- 2\n", "Tệp trống hoặc không có dạng"),
        (b"a: \x01\n", "ký tự không được phép"),
        (b"a: 1\n---\nb: 2\n", "Một tệp chỉ được có một tài liệu"),
        (b"? [a]\n: 1\n", "Tên khóa phải là một từ"),
        (b"[" * (DEEPEST + 5), "Thụt vào quá"),
    ],
)
def test_a_file_that_is_no_definition_is_refused(write, content, words):
    assert any(words in sentence for sentence in problems(write(content)))


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path):
    with pytest.raises(DonDocError, match="Không đọc được tệp"):
        read_source(tmp_path / "khong-co.yaml")


PIECES = """a : - [ ] { } &x *x !!int | > " ' # --- 2024 items: id: kind: report é %YAML <<: ? , \t \0""".split()
YAMLISH = st.lists(st.sampled_from([*PIECES, " ", "\n", "\n  - ", "\u0000"]), max_size=60).map("".join)


def problems_or_none(path) -> list:
    try:
        read_definition(path, ProgrammeDefinition)
    except InvalidDefinition as error:
        return list(error.problems)
    return []


@settings(max_examples=400)
@given(
    st.one_of(YAMLISH.map(str.encode), st.text().map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary())
)
def test_any_bytes_are_a_definition_or_our_own_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(content)
    assert all(problem.line >= 1 and problem.sentence for problem in problems_or_none(path))


def test_a_very_deep_or_very_wide_file_is_refused_without_taking_the_machine_down(write):
    assert problems(write("a:\n" + "\n".join(" " * depth + "b:" for depth in range(1, 4000))))
    assert problems(write("a: [" + "1," * 500_000 + "1]"))
