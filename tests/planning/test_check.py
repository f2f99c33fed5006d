"""Mistakes that need more than one line to see: unknown names, circles, totals, unreadable phrases."""

import pytest

from models.errors import DonDocError
from planning.check import read_definitions
from planning.yaml_files import InvalidDefinition

ITEM = "  - id: I1\n    line: 7\n    title: Việc\n    kind: report\n"


@pytest.fixture
def complaints(write_programmes):
    def complaints(items: str, **options) -> list[str]:
        with pytest.raises(InvalidDefinition) as caught:
            read_definitions(write_programmes(items, **options))
        return [str(problem) for problem in caught.value.problems]

    return complaints


@pytest.mark.parametrize(
    ("more", "line", "words"),
    [
        ("    lead: [BB]\n", 11, "Không có cơ quan BB. Có phải là B (Sở B)?"),
        ("    lead: [sở b]\n", 11, "Mã ở «lead» chỉ được có chữ không dấu"),
        ("    team: DOAN9\n", 11, "Có phải là DOAN1 (Đoàn 1)?"),
        ("    when: bao giờ rảnh thì làm\n", 11, ""),
        ("    when: trước ngày 30/2/2024\n", 11, ""),
        ("    depends_on: [{item: I9}]\n", 11, "Không có mục I9. Có phải là I1?"),
        ("    parent: I9\n", 11, "Không có mục cha I9."),
        ("    inherits: true\n", 11, "Mục kế thừa phải có mục cha."),
        (
            "    headcount: 48\n    headcount_parts: [{who: Huyện, number: 12}]\n",
            11,
            "Số người 48 khác tổng các phần 12.",
        ),
        (
            "    fixed: [{first: 2024-07-12, last: 2024-07-11, by: GM}]\n",
            11,
            "Ngày kết thúc trước ngày bắt đầu.",
        ),
        (
            "    fixed: [{first: 2024-07-12, starts: '14:00', ends: '08:00', by: GM}]\n",
            11,
            "Giờ kết thúc không sau giờ bắt đầu.",
        ),
        ("    depends_on: [{item: I1}]\n", 11, "Phụ thuộc vòng tròn: I1 → I1."),
        ("    parent: I1\n", 11, "Mục cha con vòng tròn: I1 → I1."),
    ],
)
def test_an_item_that_cannot_be_meant_is_named(complaints, more, line, words):
    found = complaints(ITEM + more)
    assert any(sentence.startswith(f"p.yaml, dòng {line}, mục I1: ") and words in sentence for sentence in found), found


def test_a_heading_has_no_lead(complaints):
    assert any(
        "Đề mục không có cơ quan chủ trì" in one
        for one in complaints(ITEM.replace("report", "heading") + "    lead: [A]\n")
    )


def test_an_id_used_twice_is_named_where_it_is_used_again(complaints):
    assert complaints(ITEM + ITEM) == ["p.yaml, dòng 11, mục I1: Mã mục I1 dùng hai lần. Đặt mã khác."]


def test_a_longer_circle_is_told_once(complaints):
    items = "".join(
        ITEM.replace("I1", name) + f"    depends_on: [{{item: {other}}}]\n"
        for name, other in (("I1", "I2"), ("I2", "I3"), ("I3", "I1"))
    )
    assert [one for one in complaints(items) if "vòng tròn" in one] == [
        "p.yaml, dòng 11, mục I1: Phụ thuộc vòng tròn: I1 → I2 → I3 → I1. Bỏ một mắt xích."
    ]


def test_a_total_is_checked_against_its_items(complaints):
    head = "totals: [{of: budget, stated: 7645, line: 3, items: [I1]}]\n"
    found = complaints(ITEM + "    budget: {central: 7538, local: 106}\n", head=head)
    assert found == ["p.yaml, dòng 6: Văn bản ghi tổng 7645 nhưng các mục cộng lại là 7644. Đối chiếu với văn bản."]


def test_a_period_that_ends_before_it_starts_is_named(complaints):
    assert any(
        "Giai đoạn kết thúc trước khi bắt đầu" in one for one in complaints(ITEM, first="2024-12-31", last="2024-01-01")
    )


def test_an_unknown_policy_is_named(complaints):
    assert any(
        "Không có chính sách nhắc việc «defalt». Có phải là default?" in one
        for one in complaints(ITEM, head="policy: defalt\n")
    )


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("members: [A, B]", "members: [A, G_HAI]", "Nhóm chứa lẫn nhau: G_HAI → G_MOT → G_HAI."),
        ("members: [A, B]", "members: [A, X]", "Không có cơ quan X."),
        ("members: [A, B]", "members: []", "Nhóm không có thành viên nào."),
        ("code: B,", "code: A,", "Mã A dùng hai lần."),
        ("code: B,", "code: B, parent: Z,", "Không có cơ quan Z."),
        ("code: B,", "code: B, valid_from: 2025-01-01, valid_to: 2024-01-01,", "trước ngày bắt đầu"),
        ("successors: [{code: D}]", "successors: [{code: E}]", "E không phải mã của một cơ quan"),
        ("successors: [{code: D}]", "successors: [{code: A}]", "Kế thừa vòng tròn: A → A."),
        ("successors: [{code: D}]", "successors: [{code: G_MOT}]", "nhóm không kế thừa được"),
        ("valid_to: 2025-02-28", "valid_to: 2025-03-01", "chưa kết thúc trước ngày ấy"),
        ("source: [C]", "source: [A]", "A có hai lần kế thừa"),
        ("members: [A, B]", "members: [A, A]", "Thành viên A ghi hai lần"),
        ("valid_to: 2025-06-30", "valid_to: 9999-12-31", "nằm ngoài các năm đọc được"),
    ],
)
def test_mistakes_among_the_agencies_are_named(write_programmes, before, after, words):
    folder = write_programmes(ITEM)
    path = folder / "agencies.yaml"
    content = path.read_text(encoding="utf-8")
    assert before in content
    path.write_text(content.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InvalidDefinition) as caught:
        read_definitions(folder)
    assert any(words in str(problem) and problem.file == "agencies.yaml" for problem in caught.value.problems)


def test_the_same_code_in_two_files_and_the_same_day_in_two_overrides(write_programmes):
    folder = write_programmes(ITEM)
    (folder / "q.yaml").write_text((folder / "p.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "holidays").mkdir()
    for name in ("a", "b"):
        (folder / "holidays" / f"{name}.yaml").write_text(
            "overrides: [{day: 2026-01-02, working: false, document: 1/CV, entered_by: VP}]\n",
            encoding="utf-8",
        )
    with pytest.raises(InvalidDefinition) as caught:
        read_definitions(folder)
    assert [str(problem) for problem in caught.value.problems] == [
        "b.yaml, dòng 1, mục 2026-01-02: Ngày 02/01/2026 đã được quy định rồi. Giữ lại một dòng.",
        "q.yaml, dòng 1: Mã chương trình P đã có ở tệp khác. Đặt mã khác.",
    ]


def test_problems_of_several_files_come_together(write_programmes):
    folder = write_programmes(ITEM + "    lead: [ZZ]\n")
    (folder / "q.yaml").write_bytes("short: Hỏng".encode("utf-16"))
    with pytest.raises(InvalidDefinition) as caught:
        read_definitions(folder)
    assert {problem.file for problem in caught.value.problems} == {"p.yaml", "q.yaml"}


def test_no_folder_is_a_sentence(tmp_path):
    with pytest.raises(DonDocError, match="Không có thư mục chương trình"):
        read_definitions(tmp_path / "khong-co")


def test_the_policy_of_an_item_exists_too(complaints):
    assert complaints(ITEM + "    policy: defalt\n") == [
        "p.yaml, dòng 11, mục I1: Không có chính sách nhắc việc «defalt». Có phải là default?"
    ]


def test_people_channels_and_examples_are_no_programmes(write_programmes):
    folder = write_programmes(ITEM)
    for name in ("contacts", "contacts.example", "channels", "channels.example", "programme.example"):
        (folder / f"{name}.yaml").write_text("gì: cũng được\n", encoding="utf-8")
    assert list(read_definitions(folder).programmes) == ["P"]


LADDER = """\
code: default
name: Mặc định
deadlines:
  - {step: early, working_days: -5, to: [focal]}
  - {step: late, working_days: 1, to: [head, focal], action: escalate}
events:
  - {step: early, working_days: -5, to: [lead, inspected]}
windows:
  - {step: early, at: end, working_days: -15, to: [lead]}
"""


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("step: late", "step: early", "dòng 5, mục early: Mã bậc early dùng hai lần. Đặt mã khác."),
        (
            "step: late, working_days: 1, to: [head, focal], action: escalate",
            "step: again, working_days: -5, to: [focal]",
            "dòng 5, mục again: Bậc again trùng bậc early: cùng ngày, cùng việc, cùng người.",
        ),
        ("days: 1,", "days: 0,", "dòng 5, mục late: Bậc late (escalate) chỉ được đặt sau hạn."),
        ("days: 1, to: [head, focal], action: escalate", "days: -1, to: [chair], action: list_for_chair", "sau hạn."),
        ("action: escalate", "action: draft_leter", "Chọn một trong: remind, escalate, name_missing, draft_letter"),
        ("days: 1,", "days: 251,", "dòng 5, mục late: Bậc late cách 251 ngày làm việc, quá xa. Ghi từ -250 đến 250"),
        ("days: -5, to: [lead", "days: -300, to: [lead", "dòng 7, mục early: Bậc early cách -300 ngày làm việc"),
        ("[head, focal]", "[head, head]", "dòng 5, mục late: Bậc late ghi một vai trò hai lần."),
        ("[head, focal]", "[heads]", "Khóa «to» có giá trị không dùng được (đang viết «heads»). Chọn một trong: focal"),
        ("[lead, inspected]", "[lead], action: escalate", "có giá trị không dùng được (đang viết «escalate»)"),
        ("at: end, working_days: -15", "at: end, working_days: 1", "dòng 9, mục early: Bậc early nằm ngoài khoảng"),
        ("at: end,", "at: start,", "nằm ngoài khoảng thời gian nên không bao giờ nhắc."),
        ("at: end,", "at: last,", "Chọn một trong: start, middle, end."),
        ("name: Mặc định", "name: Mặc định\ndigest_at: 7h30", "dòng 3: Khóa «digest_at» không phải ngày, giờ hợp lệ"),
        ("name: Mặc định", "name: Mặc định\nletter_answer_days: 0", "dòng 3: Khóa «letter_answer_days» phải từ 1"),
        ("code: default", "code: mặc định", "Mã ở «code» chỉ được có chữ không dấu"),
        ("step: late", "step: trễ", "Mã ở «step» chỉ được có chữ không dấu"),
    ],
)
def test_a_mistake_in_a_ladder_becomes_a_sentence(write_programmes, before, after, sentence):
    folder = write_programmes(ITEM)
    assert before in LADDER
    (folder / "policies" / "default.yaml").write_text(LADDER.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InvalidDefinition) as caught:
        read_definitions(folder)
    found = [str(problem) for problem in caught.value.problems if problem.file == "default.yaml"]
    assert any(one.startswith("default.yaml, dòng ") and sentence in one for one in found), found


def test_two_ladders_of_one_code_and_a_rung_that_reminds_after_the_deadline(write_programmes):
    folder = write_programmes(ITEM)
    late = LADDER.replace("action: escalate", "action: remind")
    (folder / "policies" / "default.yaml").write_text(late, encoding="utf-8")
    assert list(read_definitions(folder).policies) == ["default"]
    (folder / "policies" / "second.yaml").write_text(late, encoding="utf-8")
    with pytest.raises(InvalidDefinition) as caught:
        read_definitions(folder)
    assert [str(problem) for problem in caught.value.problems] == [
        "second.yaml, dòng 1: Mã thang nhắc việc default đã có ở tệp khác. Đặt mã khác."
    ]
