"""What a notice says: first what is due and when, the same in text and HTML, and nothing of what is secret."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, time
from html.parser import HTMLParser
from pathlib import Path
from unicodedata import is_normalized, normalize

import pytest
from jinja2 import Environment
from jinja2.meta import find_undeclared_variables

from models.notice import NoticeKind
from notices.matter import Addressed, Late, Matter, Request, Taken, TakenFile, Worded
from notices.wording import UNANSWERED, UnusableTemplate, Wording

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "notices"
TODAY = date(2024, 12, 2)
LINK = "https://dondoc.example.vn/n/Zk3-abc"
TO = Addressed("Văn thư Sở Y tế", "Cơ quan Thường trực Ban Chỉ đạo", TODAY)
ENGLISH = replace(TO, language="en")
REPORT = Matter(
    NoticeKind.REMINDER,
    "Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    "Chương trình hành động 17-NQ/TU",
    document="Chương trình hành động thực hiện Nghị quyết số 17-NQ/TU (số 351/QĐ-UBND ngày 18/02/2022)",
    agency="Sở Y tế",
    named_date=date(2024, 12, 10),
    included=False,
    last_on_time=date(2024, 12, 9),
    work_by=date(2024, 12, 9),
    days_left=5,
    product="Báo cáo",
    duty="DB-351-2022/S2-02/2024/SYT",
    link=LINK,
)
LATE = replace(
    REPORT,
    kind=NoticeKind.OVERDUE,
    named_date=date(2024, 11, 29),
    last_on_time=date(2024, 11, 28),
    work_by=date(2024, 11, 28),
    days_left=-2,
)
CONFERENCE = Matter(
    NoticeKind.EVENT,
    "Hội nghị đánh giá kết quả năm 2024",
    "Chương trình công tác năm 2024 của Ban Chỉ đạo",
    agency="Sở Y tế",
    leads=("Ban Dân tộc",),
    first=date(2024, 12, 16),
    last=date(2024, 12, 16),
    starts=time(8),
    place="Hội trường UBND tỉnh",
    days_left=10,
    held=True,
    duty="DB-BCD-2024/H3/2024",
    link=LINK,
)
INSPECTION = replace(
    CONFERENCE,
    kind=NoticeKind.WINDOW,
    title="Kiểm tra tiến độ - Đợt 2, Đoàn 1",
    agency=None,
    first=date(2024, 10, 1),
    last=date(2024, 12, 31),
    starts=None,
    when="Quý IV/2024",
    place="",
)
LATE_ONES = (
    Late("Sở Tư pháp", "Kế hoạch năm", date(2024, 11, 28), 2),
    Late("Sở Y tế", "Báo cáo quý III", date(2024, 9, 19), 51),
)
TAKEN = Taken(
    12, datetime(2024, 12, 2, 2, 5, tzinfo=UTC), complete=True, late=2, document="số 5/BC-SYT ngày 02/12/2024",
    files=(TakenFile("Báo cáo năm.pdf", 24_300, "9f" * 32),),
)  # fmt: skip
ASKED = Request(3, "Lò Thị Hoa", TAKEN.at, date(2024, 12, 20), "Chờ số liệu của các xã")
MATTERS = {
    NoticeKind.REMINDER: REPORT,
    NoticeKind.OVERDUE: LATE,
    NoticeKind.EVENT: CONFERENCE,
    NoticeKind.WINDOW: INSPECTION,
    NoticeKind.MISSING: replace(
        LATE, kind=NoticeKind.MISSING, agency="Ban Dân tộc", missing=("Sở Tư pháp", "Sở Y tế"), days_left=-1
    ),
    NoticeKind.RATING: replace(LATE, kind=NoticeKind.RATING, days_left=-30),
    NoticeKind.LETTER_WAITING: replace(LATE, kind=NoticeKind.LETTER_WAITING, days_left=-3, late=LATE_ONES),
    NoticeKind.LETTER_SILENT: replace(LATE, kind=NoticeKind.LETTER_SILENT, days_left=-8, late=LATE_ONES),
    NoticeKind.LETTER: replace(
        LATE, kind=NoticeKind.LETTER, days_left=-4, about="Công văn số 12/CV-BCĐ, người ký Lò Văn A"
    ),
    NoticeKind.CHAIR_LIST: Matter(NoticeKind.CHAIR_LIST, "", "", late=LATE_ONES, link=LINK),
    NoticeKind.CHANGED: replace(
        CONFERENCE, kind=NoticeKind.CHANGED, what="Đã ấn định: 16/12/2024, 8h00 theo Giấy mời số 9/GM-BCĐ."
    ),
    NoticeKind.RECEIPT: replace(LATE, kind=NoticeKind.RECEIPT, taken=TAKEN),
    NoticeKind.REQUEST_WAITING: replace(REPORT, kind=NoticeKind.REQUEST_WAITING, request=ASKED),
    NoticeKind.REQUEST_ANSWERED: replace(
        REPORT,
        kind=NoticeKind.REQUEST_ANSWERED,
        request=replace(ASKED, decided_by="Lò Văn A", granted_until=date(2024, 12, 18), remark="Lần cuối"),
    ),
    NoticeKind.LINK: Matter(NoticeKind.LINK, "", "", link=LINK),
    NoticeKind.INVITATION: replace(CONFERENCE, kind=NoticeKind.INVITATION, fixed_by="Giấy mời số 9/GM-BCĐ"),
}
HOSTILE = 'Kế hoạch <script>alert("x")</script> & {{ 7 * 7 }} "5% của \'A\'"'


@pytest.fixture(scope="module")
def wording():
    return Wording(TEMPLATES)


@pytest.fixture
def own_folder(tmp_path):
    """A copy that may be edited: ``own_folder("vi/reminder.j2", subject="…")`` replaces a block."""
    folder = tmp_path / "notices"
    shutil.copytree(TEMPLATES, folder)

    def edit(name="", text=None, /, **blocks):
        path = folder / name
        if text is not None:
            path.write_text(text, encoding="utf-8")
        for block, said in blocks.items():
            pattern = rf"({{% block {block} %}}).*?({{% endblock %}})"
            read = path.read_text(encoding="utf-8")
            path.write_text(re.sub(pattern, lambda m, said=said: m[1] + said + m[2], read, flags=re.S), "utf-8")
        return folder

    return edit


def words_of(html: str) -> list[str]:
    """What a reader of the page reads, and the address of each link."""
    found = []

    class Reader(HTMLParser):
        def handle_data(self, data):
            found.append(data)

        def handle_starttag(self, tag, attributes):
            found.extend(value for name, value in attributes if name == "href")

    Reader().feed(html.partition("</head>")[2])
    return " ".join(" ".join(found).split()).split(" ")


def pieces(worded: Worded) -> list[str]:
    return [worded.subject, worded.text, worded.html, worded.short, worded.pasted, *worded.parameters.values()]


# ---- what each kind says ----------------------------------------------------------------------

SUBJECTS = {
    NoticeKind.REMINDER: (
        "Hạn 09/12/2024 (còn 5 ngày làm việc): Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "Due 09/12/2024 (5 working days left): Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.OVERDUE: (
        "QUÁ HẠN 2 ngày làm việc: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "OVERDUE by 2 working days: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.EVENT: (
        "16/12/2024, 08h00: Hội nghị đánh giá kết quả năm 2024",
        "16/12/2024, 08:00: Hội nghị đánh giá kết quả năm 2024",
    ),
    NoticeKind.WINDOW: (
        "Chưa ấn định ngày (Quý IV/2024): Kiểm tra tiến độ - Đợt 2, Đoàn 1",
        "No day fixed yet (Q4 2024): Kiểm tra tiến độ - Đợt 2, Đoàn 1",
    ),
    NoticeKind.MISSING: (
        "QUÁ HẠN 1 ngày làm việc, 2 cơ quan chưa gửi: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "OVERDUE by 1 working day, 2 still missing: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.RATING: (
        "QUÁ HẠN 30 ngày làm việc, ghi vào xếp loại cuối năm: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "OVERDUE by 30 working days, marked for the yearly rating: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.LETTER_WAITING: (
        "QUÁ HẠN 3 ngày làm việc, công văn đôn đốc chờ duyệt: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "OVERDUE by 3 working days, letter waiting for approval: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.LETTER_SILENT: (
        "QUÁ HẠN 8 ngày làm việc, công văn đôn đốc chưa được quyết định: "
        "Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "OVERDUE by 8 working days, letter still undecided: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.LETTER: (
        "QUÁ HẠN 4 ngày làm việc, công văn đôn đốc: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "OVERDUE by 4 working days, formal letter: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.CHAIR_LIST: ("Đến ngày 02/12/2024 có 2 nhiệm vụ quá hạn", "2 overdue on 02/12/2024"),
    NoticeKind.CHANGED: (
        "Đã ấn định: 16/12/2024, 8h00 theo Giấy mời số 9/GM-BCĐ – Hội nghị đánh giá kết quả năm 2024",
        "Đã ấn định: 16/12/2024, 8h00 theo Giấy mời số 9/GM-BCĐ – Hội nghị đánh giá kết quả năm 2024",
    ),
    NoticeKind.RECEIPT: (
        "Biên nhận số 12: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "Receipt 12: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.REQUEST_WAITING: (
        "Xin gia hạn đến hết 20/12/2024, chờ trả lời: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "More time asked until 20/12/2024, waiting for an answer: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.REQUEST_ANSWERED: (
        "Được gia hạn đến hết 18/12/2024: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "More time until the end of 18/12/2024: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ),
    NoticeKind.LINK: ("Liên kết vào trang của cơ quan", "Link to your agency's page"),
    NoticeKind.INVITATION: (
        "Giấy mời, thứ Hai, 16/12/2024, 08h00: Hội nghị đánh giá kết quả năm 2024",
        "Invitation, Monday, 16/12/2024, 08:00: Hội nghị đánh giá kết quả năm 2024",
    ),
}
TO_PASTE = {
    NoticeKind.REMINDER: "Đề nghị Sở Y tế hoàn thành đúng hạn.",
    NoticeKind.OVERDUE: "Đề nghị lãnh đạo Sở Y tế chỉ đạo thực hiện ngay, "
    "báo cáo rõ lý do chậm và thời gian hoàn thành.",
    NoticeKind.EVENT: "Đề nghị Sở Y tế chuẩn bị nội dung, tài liệu và bố trí người tham gia.",
    NoticeKind.WINDOW: "Đề nghị Ban Dân tộc ấn định ngày và báo lại để cập nhật lịch.",
    NoticeKind.MISSING: "Chưa gửi (2): Sở Tư pháp, Sở Y tế. Đề nghị các cơ quan gửi ngay.",
    NoticeKind.RATING: "Đề nghị thư ký đối chiếu, đưa vào hồ sơ đánh giá, xếp loại cuối năm của Sở Y tế.",
    NoticeKind.LETTER_WAITING: "Đề nghị thư ký xem dự thảo, trình ký hoặc trả lại: gõ «dondoc letters», "
    "hoặc mở lượt chạy đang chờ của luồng duyet-cong-van. Công văn chỉ được gửi sau khi có người duyệt.",
    NoticeKind.LETTER_SILENT: "Dự thảo chưa được duyệt nên công văn chưa gửi. "
    "Đề nghị thư ký quyết định: duyệt, trả lại để sửa hoặc không gửi.",
    NoticeKind.LETTER: "Công văn đôn đốc đã được duyệt (Công văn số 12/CV-BCĐ, người ký Lò Văn A); "
    "đề nghị Sở Y tế liên hệ thư ký để nhận bản công văn và thực hiện.",
    NoticeKind.CHAIR_LIST: "Quá hạn: Sở Y tế (51 ngày làm việc); Sở Tư pháp (2 ngày làm việc).",
    NoticeKind.CHANGED: "Thông báo này thay cho thông báo trước về cùng việc; đề nghị Sở Y tế lưu ý.",
    NoticeKind.RECEIPT: "Đề nghị giữ thư này; mã SHA-256 cho biết tệp đã nhận giống hệt tệp đã gửi.",
    NoticeKind.REQUEST_WAITING: "Đề nghị thư ký trả lời yêu cầu số 3: mở trang chờ duyệt của cổng, "
    "hoặc lượt chạy đang chờ của luồng duyet-gia-han.",
    NoticeKind.REQUEST_ANSWERED: "Đề nghị Sở Y tế hoàn thành trong hạn mới.",
    NoticeKind.LINK: "Nếu không xin liên kết này, đề nghị báo thư ký; liên kết chỉ dành cho người nhận thư.",
    NoticeKind.INVITATION: "Kính mời Sở Y tế thu xếp tham dự, tại Hội trường UBND tỉnh.",
}
SHORT = {
    NoticeKind.REMINDER: "Hạn 09/12/2024 (còn 5 ngày làm việc): Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU. "
    "Mã việc DB-351-2022/S2-02/2024/SYT.",
    NoticeKind.OVERDUE: "QUÁ HẠN 2 ngày làm việc: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU. "
    "Ngày cuối 28/11/2024, đề nghị lãnh đạo Sở Y tế chỉ đạo thực hiện ngay. Mã việc DB-351-2022/S2-02/2024/SYT.",
    NoticeKind.EVENT: "16/12/2024, 08h00: Hội nghị đánh giá kết quả năm 2024. Tại Hội trường UBND tỉnh. "
    "Mã việc DB-BCD-2024/H3/2024.",
    NoticeKind.WINDOW: "Chưa ấn định ngày (Quý IV/2024): Kiểm tra tiến độ - Đợt 2, Đoàn 1. "
    "Đề nghị ấn định ngày và báo lại. Mã việc DB-BCD-2024/H3/2024.",
    NoticeKind.MISSING: "QUÁ HẠN 1 ngày làm việc: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU. "
    "Chưa gửi (2): Sở Tư pháp, Sở Y tế.",
    NoticeKind.INVITATION: "Kính mời dự, thứ Hai, 16/12/2024, 08h00, tại Hội trường UBND tỉnh: "
    "Hội nghị đánh giá kết quả năm 2024.",
    NoticeKind.CHAIR_LIST: "Đến ngày 02/12/2024 có 2 nhiệm vụ quá hạn. "
    "Lâu nhất: Sở Y tế, quá hạn 51 ngày làm việc, Báo cáo quý III.",
}


def test_every_kind_has_its_template_and_its_example():
    kinds = {kind.value for kind in NoticeKind}
    assert {path.stem for path in (TEMPLATES / "vi").glob("[a-z]*.j2")} == kinds | {"digest", "secret"}
    assert {path.name for path in (TEMPLATES / "en").iterdir()} == {path.name for path in (TEMPLATES / "vi").iterdir()}
    assert MATTERS.keys() == SUBJECTS.keys() == TO_PASTE.keys() == set(NoticeKind)


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_subject_says_first_what_is_due_and_when(wording, kind):
    vietnamese, english = SUBJECTS[kind]
    assert wording.word([MATTERS[kind]], TO).subject == vietnamese
    assert wording.word([MATTERS[kind]], ENGLISH).subject == english


@pytest.mark.parametrize("kind", NoticeKind)
def test_two_lines_can_be_pasted_into_a_group_without_anybodys_link(wording, kind):
    assert wording.word([MATTERS[kind]], TO).pasted.split("\n") == [SUBJECTS[kind][0], TO_PASTE[kind]]


@pytest.mark.parametrize("kind", SHORT)
def test_an_sms_is_one_paragraph_with_the_link_at_its_very_end(wording, kind):
    assert wording.word([MATTERS[kind]], TO).short == f"{SHORT[kind]} {LINK}"


def test_a_whole_reminder(wording):
    to = replace(TO, instead_of="Ông Lò Văn A", banner="Đồng hồ minh họa: hôm nay là thứ Hai, 02/12/2024.")
    assert (
        wording.word([replace(REPORT, missed=2, extended=True)], to).text
        == f"""\
*** Đồng hồ minh họa: hôm nay là thứ Hai, 02/12/2024. ***

Kính gửi: Văn thư Sở Y tế
(Nhận thay Ông Lò Văn A)

Hạn 09/12/2024 (còn 5 ngày làm việc, đã gia hạn): Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU

Hạn: trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024
Tình trạng: còn 5 ngày làm việc
Cơ quan: Sở Y tế
Sản phẩm: Báo cáo
Văn bản: Chương trình hành động thực hiện Nghị quyết số 17-NQ/TU (số 351/QĐ-UBND ngày 18/02/2022)
Thuộc: Chương trình hành động 17-NQ/TU
Mã việc (ghi khi trả lời): DB-351-2022/S2-02/2024/SYT
Lưu ý: đã gia hạn
Thông báo này thay cho 2 lần nhắc trước không gửi được.

Đề nghị Sở Y tế hoàn thành đúng hạn.

Bấm vào đây để báo đã nhận: {LINK}

Trân trọng.
Cơ quan Thường trực Ban Chỉ đạo
"""
    )


def test_a_whole_reminder_in_english(wording):
    assert (
        wording.word([REPORT], ENGLISH).text
        == f"""\
To: Văn thư Sở Y tế

Due 09/12/2024 (5 working days left): Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU

Deadline: before 10/12/2024, last day 09/12/2024, work done by 09/12/2024
Status: 5 working days left
Agency: Sở Y tế
Product: Báo cáo
Document: Chương trình hành động thực hiện Nghị quyết số 17-NQ/TU (số 351/QĐ-UBND ngày 18/02/2022)
Programme: Chương trình hành động 17-NQ/TU
Code (quote it in your answer): DB-351-2022/S2-02/2024/SYT

Please complete it in time (Sở Y tế).

Click here to confirm receipt: {LINK}

Yours faithfully,
Cơ quan Thường trực Ban Chỉ đạo
"""
    )


def test_the_chairs_list_names_the_longest_overdue_first(wording):
    text = wording.word([MATTERS[NoticeKind.CHAIR_LIST]], TO).text
    assert (
        """\
Nhiệm vụ quá hạn (2):
- Sở Y tế: Báo cáo quý III; ngày cuối 19/09/2024, quá hạn 51 ngày làm việc
- Sở Tư pháp: Kế hoạch năm; ngày cuối 28/11/2024, quá hạn 2 ngày làm việc

Kính trình Trưởng ban xem xét, chỉ đạo.
"""
        in text
    )


RECEIVED = [
    (True, -1, "nộp đủ, đúng hạn"),
    (True, 2, "nộp đủ, chậm 2 ngày làm việc"),
    (True, 0, "nộp đủ, sau hạn"),  # on the week-end after it
    (True, None, "nộp đủ"),  # without a deadline, or again after a correction
    (False, -1, "nộp một phần, nhiệm vụ còn phải hoàn thành"),
]


@pytest.mark.parametrize(("complete", "late", "result"), RECEIVED)
def test_a_receipt_says_what_was_taken_and_that_nobody_need_answer(wording, complete, late, result):
    taken = replace(TAKEN, complete=complete, late=late)
    text = wording.word([replace(MATTERS[NoticeKind.RECEIPT], taken=taken)], TO).text
    assert (
        f"""
Đã nhận lúc: 9h05 ngày 02/12/2024
Kết quả: {result}
Hạn: trước 29/11/2024, ngày cuối 28/11/2024, nên xong 28/11/2024
Cơ quan: Sở Y tế
Văn bản đã nộp: số 5/BC-SYT ngày 02/12/2024
Tệp đã nhận (1):
- Báo cáo năm.pdf, 24 kB, SHA-256 {"9f" * 32}
"""
        in text
    )
    assert LINK not in text


def test_a_secret_receipt_has_its_digests_and_no_names(wording):
    text = wording.word([replace(MATTERS[NoticeKind.RECEIPT], secret=True)], TO).text
    assert "Biên nhận số 12: Việc mật" in text
    assert f"- 24 kB, SHA-256 {'9f' * 32}\n" in text


def test_the_readers_own_page_stands_at_the_foot_of_every_mail(wording):
    to = replace(TO, agency_page="https://dondoc.example.vn/vao/abc")
    for matters in ([REPORT], [REPORT, CONFERENCE], [MATTERS[NoticeKind.LINK]]):
        worded = wording.word(matters, to)
        assert "không chuyển tiếp): https://dondoc.example.vn/vao/abc\n" in worded.text
        assert worded.html.count('href="https://dondoc.example.vn/vao/abc"') == 1
    assert wording.word([MATTERS[NoticeKind.LINK]], to).short.endswith(" https://dondoc.example.vn/vao/abc")


def test_a_collector_reads_who_is_missing_also_in_an_early_reminder(wording):
    text = wording.word([replace(REPORT, missing=("Sở Tư pháp",))], TO).text
    assert "Còn chờ các cơ quan chưa gửi (1):\n- Sở Tư pháp\n" in text


def test_a_line_with_nothing_to_say_is_left_out(wording):
    bare = Matter(NoticeKind.REMINDER, "Báo cáo", "", last_on_time=date(2024, 12, 9), days_left=5)
    assert (
        wording.word([bare], TO).text
        == """\
Kính gửi: Văn thư Sở Y tế

Hạn 09/12/2024 (còn 5 ngày làm việc): Báo cáo

Hạn: ngày cuối 09/12/2024
Tình trạng: còn 5 ngày làm việc

Đề nghị Quý cơ quan hoàn thành đúng hạn.

Trân trọng.
Cơ quan Thường trực Ban Chỉ đạo
"""
    )


# ---- days -------------------------------------------------------------------------------------

# days left, last day on time, last working day → how the subject begins; today is Monday 02/12/2024
COUNTDOWNS = [
    (5, date(2024, 12, 9), date(2024, 12, 9), "Hạn 09/12/2024 (còn 5 ngày làm việc)"),
    (1, date(2024, 12, 3), date(2024, 12, 3), "Hạn 03/12/2024 (còn 1 ngày làm việc)"),
    (0, date(2024, 12, 2), date(2024, 12, 2), "Hạn 02/12/2024 (hôm nay là ngày cuối)"),
    (0, date(2024, 12, 3), date(2024, 12, 2), "Hạn 03/12/2024 (hôm nay là ngày làm việc cuối)"),  # tomorrow is off
    (-1, date(2024, 12, 2), date(2024, 11, 29), "Hạn 02/12/2024 (hôm nay là ngày cuối)"),  # today is off
    (-1, date(2024, 12, 3), date(2024, 11, 29), "Hạn 03/12/2024 (còn đến hết ngày 03/12/2024)"),  # both are
    (-1, date(2024, 11, 29), date(2024, 11, 29), "QUÁ HẠN 1 ngày làm việc"),
    (0, date(2024, 12, 1), date(2024, 12, 1), "QUÁ HẠN"),
]


@pytest.mark.parametrize(("left", "last", "work_by", "begins"), COUNTDOWNS)
def test_nothing_is_overdue_before_its_last_day_is_over(wording, left, last, work_by, begins):
    matter = replace(REPORT, last_on_time=last, work_by=work_by, days_left=left)
    assert wording.word([matter], TO).subject == f"{begins}: {REPORT.title}"


@pytest.mark.parametrize(
    ("first", "last", "left", "says"),
    [
        (date(2024, 12, 16), None, 10, "16/12/2024, 08h00 (còn 10 ngày làm việc)"),
        (TODAY, None, 0, "02/12/2024, 08h00 (hôm nay)"),
        (date(2024, 12, 1), date(2024, 12, 3), -1, "từ ngày 01/12/2024 đến ngày 03/12/2024, 08h00 (đang diễn ra)"),
        (date(2024, 12, 1), None, -1, "01/12/2024, 08h00 (đã qua)"),
        (date(2024, 12, 3), None, 0, "03/12/2024, 08h00 (sắp diễn ra)"),  # a day off that comes next
    ],
)
def test_an_events_time_says_how_far_off_it_is(wording, first, last, left, says):
    text = wording.word([replace(CONFERENCE, first=first, last=last, days_left=left)], TO).text
    assert f"Thời gian: {says}\n" in text


@pytest.mark.parametrize(
    ("field", "in_the_subject", "in_the_text"),
    [
        ("draft", "dự thảo", "Lưu ý: dự thảo, chưa phải lời nhắc chính thức"),
        ("assumed", "ngày giả định", "Lưu ý: ngày giả định, vì văn bản không nêu ngày cụ thể"),
        ("extended", "đã gia hạn", "Lưu ý: đã gia hạn"),
        ("returned", "bị trả lại để sửa", "Lưu ý: bị trả lại để sửa"),
    ],
)
def test_what_is_not_an_ordinary_deadline_says_so(wording, field, in_the_subject, in_the_text):
    worded = wording.word([replace(REPORT, **{field: True})], TO)
    assert worded.subject.startswith(f"Hạn 09/12/2024 (còn 5 ngày làm việc, {in_the_subject}): ")
    assert f"\n{in_the_text}\n" in worded.text


def test_a_drafts_reminder_asks_nothing_of_the_agency(wording):
    worded = wording.word([replace(REPORT, draft=True)], TO)
    assert "Đề nghị" not in worded.text
    assert worded.pasted.endswith("\nThông báo để thư ký chuẩn bị; chưa yêu cầu cơ quan thực hiện.")


# ---- lengths and letters ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("to", [TO, ENGLISH], ids=["vi", "en"])
def test_a_long_title_gives_way_between_words_and_the_days_stay(wording, kind, to):
    matter = MATTERS[kind]
    usual, long = wording.word([matter], to), wording.word([replace(matter, title="Tiểu dự án số " * 60)], to)
    for piece, limit in ((long.subject, 180), (long.short, 300), (long.pasted.split("\n")[0], 180)):
        assert len(piece) <= limit
        assert "\n" not in piece
    assert re.findall(r"\d\d/\d\d/\d{4}", long.subject) == re.findall(r"\d\d/\d\d/\d{4}", usual.subject)
    assert re.findall(r"\d\d/\d\d/\d{4}", long.short) == re.findall(r"\d\d/\d\d/\d{4}", usual.short)
    if "Tiểu" in long.subject:
        assert re.search(r"(Tiểu|dự|án|số)…$", long.subject)
    assert long.short.endswith(f" {LINK}") is (kind not in UNANSWERED)
    assert long.pasted.count("\n") == 1
    assert set(long.parameters) == {"viec", "han", "co_quan", "tinh_trang"}
    assert all(0 < len(value) <= 100 for value in long.parameters.values())


def test_an_sms_without_room_for_words_leaves_the_link_out(wording):
    short = wording.word([replace(REPORT, link=f"https://dondoc.example.vn/{'x' * 250}")], TO).short
    assert short == SHORT[NoticeKind.REMINDER]


def test_parameters_of_a_zalo_template(wording):
    assert wording.word([REPORT], TO).parameters == {
        "viec": "Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "han": "trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024",
        "co_quan": "Sở Y tế",
        "tinh_trang": "còn 5 ngày làm việc",
    }
    assert wording.word([INSPECTION], TO).parameters == {
        "viec": "Kiểm tra tiến độ - Đợt 2, Đoàn 1",
        "han": "Quý IV/2024",
        "co_quan": "Văn thư Sở Y tế",
        "tinh_trang": "Trong khoảng dự kiến",
    }


@pytest.mark.parametrize("kind", NoticeKind)
def test_decomposed_vietnamese_comes_out_composed(wording, kind):
    matter = replace(MATTERS[kind], title=normalize("NFD", "Báo cáo kết quả"), what=normalize("NFD", "Đã lùi"))
    to = replace(TO, name=normalize("NFD", "Ông Nguyễn Thị Tuyết"))
    for piece in pieces(wording.word([matter, replace(matter, agency=normalize("NFD", "Sở Tư pháp"))], to)):
        assert is_normalized("NFC", piece)


def test_markup_in_a_title_is_escaped_in_html_and_verbatim_in_text(wording):
    worded = wording.word([replace(REPORT, title=HOSTILE, agency="<b>Sở</b>")], replace(TO, name='"A" <a@b>'))
    assert HOSTILE in worded.subject
    assert HOSTILE in worded.text
    assert "<script" not in worded.html
    assert "<b>" not in worded.html
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; {{ 7 * 7 }}" in worded.html
    assert "Kính gửi: &#34;A&#34; &lt;a@b&gt;" in worded.html


def test_a_title_over_several_lines_forges_no_line(wording):
    forged = "Báo cáo\r\nBcc: x@example.vn\u2028Hạn: 31/12/2099\nBấm vào đây: https://xau.example"
    worded = wording.word([replace(REPORT, title=forged, product=forged)], TO)
    assert worded.subject.count("\n") == 0
    assert "\r" not in worded.text
    assert [line for line in worded.text.splitlines() if line.startswith(("Bcc", "Bấm"))] == [
        f"Bấm vào đây để báo đã nhận: {LINK}"
    ]
    assert worded.text.count("\nHạn: ") == 1


# ---- several matters --------------------------------------------------------------------------


def test_a_digest_is_ordered_by_urgency(wording):
    soon = replace(REPORT, title="Kế hoạch", last_on_time=TODAY, work_by=TODAY, days_left=0, duty="A/1")
    longer_late = replace(LATE, title="Báo cáo quý III", days_left=-51, duty="A/2")
    matters = [INSPECTION, CONFERENCE, REPORT, MATTERS[NoticeKind.LETTER_WAITING], LATE, soon, longer_late]
    to = replace(TO, unsubscribe="https://dondoc.example.vn/u/1")
    worded = wording.word(matters, to)
    assert worded.subject == (
        "7 việc cần lưu ý ngày 02/12/2024: 2 quá hạn, 1 hôm nay, 2 sắp tới, 1 trong khoảng dự kiến, 1 chờ xử lý"
    )
    headings = re.findall(r"^(?:[^a-z:\n]+ \(\d+\)|\d\. .*)$", worded.text, flags=re.MULTILINE)
    assert headings == [
        "QUÁ HẠN (2)",
        "1. QUÁ HẠN 51 ngày làm việc: Báo cáo quý III",
        "2. QUÁ HẠN 2 ngày làm việc: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "HÔM NAY (1)",
        "3. Hạn 02/12/2024 (hôm nay là ngày cuối): Kế hoạch",
        "SẮP TỚI (2)",
        "4. Hạn 09/12/2024 (còn 5 ngày làm việc): Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
        "5. 16/12/2024, 08h00: Hội nghị đánh giá kết quả năm 2024",
        "TRONG KHOẢNG DỰ KIẾN (1)",
        "6. Chưa ấn định ngày (Quý IV/2024): Kiểm tra tiến độ - Đợt 2, Đoàn 1",
        "CHỜ XỬ LÝ (1)",
        "7. QUÁ HẠN 3 ngày làm việc, công văn đôn đốc chờ duyệt: Báo cáo kết quả thực hiện Nghị quyết số 17-NQ/TU",
    ]
    assert worded.text.endswith(f"""
Báo đã nhận một lần cho tất cả các việc trong thư này.

Bấm vào đây để báo đã nhận: {LINK}

Trân trọng.
Cơ quan Thường trực Ban Chỉ đạo

Thôi nhận thư gộp (các việc vẫn được báo riêng từng thư): https://dondoc.example.vn/u/1
""")
    assert worded.short == (
        "7 việc cần lưu ý ngày 02/12/2024 (2 quá hạn, 1 hôm nay, 2 sắp tới, 1 trong khoảng dự kiến, 1 chờ xử lý). "
        f"Gấp nhất: QUÁ HẠN 51 ngày làm việc: Báo cáo quý III. {LINK}"
    )
    assert worded.pasted.split("\n") == [worded.subject, "Gấp nhất: QUÁ HẠN 51 ngày làm việc: Báo cáo quý III"]
    assert worded.parameters == {
        "viec": "7 việc cần lưu ý ngày 02/12/2024: 2 quá hạn, 1 hôm nay, 2 sắp tới, 1 trong khoảng dự kiến, 1 chờ xử…",
        "han": "trước 29/11/2024, ngày cuối 28/11/2024, nên xong 28/11/2024",
        "co_quan": "Văn thư Sở Y tế",
        "tinh_trang": "2 quá hạn, 1 hôm nay, 2 sắp tới, 1 trong khoảng dự kiến, 1 chờ xử lý",
    }


def test_the_same_matter_of_several_agencies_is_told_once(wording):
    draft = replace(REPORT, draft=True)
    justice = replace(draft, agency="Sở Tư pháp", duty="DB-351-2022/S2-02/2024/STP", missed=1)
    worded = wording.word([draft, justice, CONFERENCE], TO)
    assert worded.subject == "2 việc cần lưu ý ngày 02/12/2024: 2 sắp tới"
    assert f"1. Hạn 09/12/2024 (còn 5 ngày làm việc, dự thảo): {REPORT.title} (2 cơ quan)\n" in worded.text
    assert (
        """\
Gồm 2 cơ quan:
- Sở Y tế (DB-351-2022/S2-02/2024/SYT)
- Sở Tư pháp (DB-351-2022/S2-02/2024/STP)
Lưu ý: dự thảo, chưa phải lời nhắc chính thức
Thông báo này thay cho 1 lần nhắc trước không gửi được.
"""
        in worded.text
    )
    alone = wording.word([draft, justice], TO)
    assert alone.subject == f"Hạn 09/12/2024 (còn 5 ngày làm việc, dự thảo): {REPORT.title} (2 cơ quan)"
    assert "Mã việc" not in alone.text
    assert alone.parameters["co_quan"] == "2 cơ quan"


def test_what_differs_by_a_day_or_belongs_twice_to_one_agency_is_told_twice(wording):
    justice = replace(REPORT, agency="Sở Tư pháp", last_on_time=date(2024, 12, 12), extended=True)
    again = replace(REPORT, duty="DB-351-2022/S2-99/2024/SYT")
    assert wording.word([REPORT, justice, again], TO).subject == "3 việc cần lưu ý ngày 02/12/2024: 3 sắp tới"


def test_a_mail_has_one_link_and_none_when_its_matters_disagree(wording):
    worded = wording.word([REPORT, CONFERENCE], TO)
    assert worded.text.count("https://") == worded.html.count("https://") == worded.short.count("https://") == 1
    several = wording.word([REPORT, replace(CONFERENCE, link="https://dondoc.example.vn/n/other")], TO)
    assert "https://" not in "".join(pieces(several))
    assert "Báo đã nhận" not in several.text


def test_only_a_digest_shows_how_to_stop_digests(wording):
    to = replace(TO, unsubscribe="https://dondoc.example.vn/u/1")
    assert "/u/1" not in "".join(pieces(wording.word([REPORT], to)))
    assert wording.word([REPORT, CONFERENCE], to).html.count('href="https://dondoc.example.vn/u/1"') == 1


def test_there_is_no_message_about_nothing(wording):
    with pytest.raises(ValueError, match="about something"):
        wording.word([], TO)


# ---- secret -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_secret_matter_shows_nothing_but_its_day_whatever_it_was_made_with(wording, kind):
    content = ("title", "programme", "document", "agency", "when", "place", "product", "duty", "what", "about")
    matter = replace(
        MATTERS[kind],
        secret=True,
        **dict.fromkeys(content, "NỘI DUNG"),
        leads=("NỘI DUNG",),
        missing=("NỘI DUNG",),
        late=(Late("NỘI DUNG", "NỘI DUNG", TODAY, 1),),
        taken=replace(TAKEN, document="NỘI DUNG", link="NỘI DUNG", files=(TakenFile("NỘI DUNG", 9, "a1" * 32),)),
        request=replace(ASKED, by="NỘI DUNG", why="NỘI DUNG", remark="NỘI DUNG"),
    )
    for to in (TO, ENGLISH):
        said = "".join(pieces(wording.word([matter], to)) + pieces(wording.word([matter, REPORT], to)))
        assert "NỘI DUNG" not in said
        assert ("xem văn bản giấy" if to is TO else "see the paper document") in said


def test_a_secret_deadline(wording):
    worded = wording.word([replace(REPORT, secret=True)], TO)
    assert (
        worded.text
        == f"""\
Kính gửi: Văn thư Sở Y tế

Hạn 09/12/2024 (còn 5 ngày làm việc): Việc mật

Hạn: trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024
Tình trạng: còn 5 ngày làm việc

Đề nghị xem văn bản giấy; không trao đổi nội dung qua thư điện tử, tin nhắn.

Bấm vào đây để báo đã nhận: {LINK}

Trân trọng.
Cơ quan Thường trực Ban Chỉ đạo
"""
    )
    assert worded.subject == "Hạn 09/12/2024 (còn 5 ngày làm việc): Việc mật"
    assert worded.short == f"Hạn 09/12/2024 (còn 5 ngày làm việc): Việc mật, xem văn bản giấy. {LINK}"


def test_two_secret_matters_stay_two(wording):
    secret = replace(REPORT, secret=True)
    worded = wording.word([secret, replace(secret, agency="Sở Tư pháp")], TO)
    assert worded.subject == "2 việc cần lưu ý ngày 02/12/2024: 2 sắp tới"


# ---- the page ---------------------------------------------------------------------------------


@pytest.mark.parametrize("matters", [[REPORT], [REPORT, LATE, CONFERENCE, INSPECTION]], ids=["alone", "digest"])
def test_text_and_html_say_the_same_words(wording, matters):
    to = replace(TO, instead_of="Ông Lò Văn A", banner="Đồng hồ minh họa.", unsubscribe="https://x.example.vn/u")
    worded = wording.word(matters, to)
    only_layout = {"***", "-"}  # around a banner, before a point

    def said(words):
        return {word.lower().rstrip(":") for word in words} - only_layout

    assert said(words_of(worded.html)) == said(worded.text.split())


def test_a_page_stands_alone_and_speaks_its_language(wording):
    html = wording.word([REPORT, LATE], TO).html
    assert html.startswith('<!doctype html>\n<html lang="vi">')
    assert '<html lang="en">' in wording.word([REPORT], ENGLISH).html
    assert not re.search(r"<(style|img|script|link|form)\b|class=|https?://(?!dondoc\.example\.vn)", html)
    assert html.count("<a ") == 1
    assert f'<a href="{LINK}"' in html
    assert "width=device-width" in html


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio", of two colours written #rrggbb."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_of_a_letter_can_be_read(wording):
    layout = (TEMPLATES / "_mail.html.j2").read_text(encoding="utf-8")
    on_white = set(re.findall(r"(?<![-#])color:(#\w{6})", layout)) | set(re.findall(r"'(#\w{6})'", layout))
    on_white.discard("#ffffff")  # the button's, on its own blue
    assert on_white
    assert min(contrast(colour, "#ffffff") for colour in on_white) >= 4.5
    assert contrast("#ffffff", "#0b4aa2") >= 4.5
    assert contrast("#1a1a1a", "#fff4e0") >= 4.5


# ---- templates that somebody edited -----------------------------------------------------------


def test_the_templates_as_delivered_have_no_mistake(wording):
    assert wording.check() == []


def test_an_edited_template_counts_from_the_next_message_on(own_folder):
    wording = Wording(own_folder())
    own_folder("vi/reminder.j2", todo="Kính mong {{ who }} gửi trước {{ last_day }}.")
    assert "\nKính mong Sở Y tế gửi trước 09/12/2024.\n" in wording.word([REPORT], TO).text


def test_a_file_saved_by_notepad_with_a_byte_order_mark_and_windows_line_ends_is_read(own_folder):
    folder = own_folder()
    path = folder / "vi" / "reminder.j2"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert Wording(folder).word([REPORT], TO) == Wording(TEMPLATES).word([REPORT], TO)


def test_what_english_lacks_is_said_in_vietnamese(own_folder):
    folder = own_folder()
    (folder / "en" / "reminder.j2").unlink()
    worded = Wording(folder).word([REPORT], ENGLISH)
    assert worded.subject == SUBJECTS[NoticeKind.REMINDER][0]
    assert worded.text.startswith("To: Văn thư Sở Y tế\n")
    assert '<html lang="en">' in worded.html
    assert '<div lang="vi"' in worded.html


MISTAKES = [
    # what somebody wrote, and the sentence that says so
    ("{{ titel }}", "không có chỗ điền “titel”.", "Có phải “title” không?"),
    ("{{ qqq }}", "không có chỗ điền “qqq”.", "Các chỗ điền có: about, agencies, agency,"),
    ("{{ title.qqq }}", "không có chỗ điền “qqq”.", "Các chỗ điền có:"),
    ("{{ title", "viết sai cú pháp (Jinja: ", "Mỗi {{ có một }}"),
    ("{% fi overdue %}", "không có lệnh “fi” hoặc lệnh đặt sai chỗ.", "Mỗi {{ có một }}"),
    ("{{ title | qqq }}", "không có bộ lọc “qqq”.", "Mỗi {{ có một }}"),
    ("{{ title | safe }}", "không có bộ lọc “safe”.", "Mỗi {{ có một }}"),
    ("{{ ''.__class__ }}", "dùng phép nhân, lời gọi hàm hoặc thuộc tính", "Mẫu chỉ điền chỗ trống"),
    ("{{ ''['__class__'] }}", "dùng phép nhân, lời gọi hàm hoặc thuộc tính", "Mẫu chỉ điền chỗ trống"),
    ("{{ title.format(title) }}", "dùng phép nhân, lời gọi hàm hoặc thuộc tính", "Mẫu chỉ điền chỗ trống"),
    ("{{ title.center(10 ** 12) }}", "dùng phép nhân, lời gọi hàm hoặc thuộc tính", "Mẫu chỉ điền chỗ trống"),
    ("{{ 'x' * 10000000000 }}", "dùng phép nhân, lời gọi hàm hoặc thuộc tính", "Mẫu chỉ điền chỗ trống"),
    ("{{ '%9999999999d' % 1 }}", "dùng phép nhân, lời gọi hàm hoặc thuộc tính", "Mẫu chỉ điền chỗ trống"),
    ("{% for n in range(9999999999) %}x{% endfor %}", "dùng phép nhân, lời gọi hàm", "Mẫu chỉ điền chỗ trống"),
    ("{{ 1 / 0 }}", "không điền được (ZeroDivisionError).", "Mỗi {{ có một }}"),
    ("{{ missed + title }}", "không điền được (TypeError).", "Mỗi {{ có một }}"),
    ("{{ leads[99] }}", "không có chỗ điền “99”.", "Các chỗ điền có:"),
]


@pytest.mark.parametrize(("written", "says", "helps"), MISTAKES, ids=[written for written, _, _ in MISTAKES])
def test_a_mistake_is_a_sentence_with_file_and_line(own_folder, written, says, helps):
    wording = Wording(own_folder("vi/reminder.j2", subject=f"\nHạn:\n{written}\n"))
    with pytest.raises(UnusableTemplate) as caught:
        wording.word([REPORT], TO)
    assert caught.value.sentence.startswith(f"Mẫu vi/reminder.j2, dòng {caught.value.line}: {says}")
    assert caught.value.help.startswith(helps)
    assert caught.value.file == "vi/reminder.j2"
    assert caught.value.line in {3, 4, 5}  # Jinja notices an open brace on the next line
    assert [str(found) for found in wording.check()] == [str(caught.value)]


def test_no_mistake_carries_its_traceback_along(own_folder):
    wording = Wording(own_folder("vi/reminder.j2", subject="{{ titel }}"))
    with pytest.raises(UnusableTemplate) as caught:
        wording.word([REPORT], TO)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("vi/reminder.j2", Path.unlink, "Mẫu vi/reminder.j2: không có tệp này."),
        ("vi/_frame.j2", Path.unlink, "Mẫu vi/_frame.j2: không có tệp này."),
        ("_mail.html.j2", Path.unlink, "Mẫu _mail.html.j2: không có tệp này."),
        (
            "vi/reminder.j2",
            lambda path: path.write_bytes("Hạn {{ title }}".encode("utf-16")),
            "Mẫu vi/reminder.j2: không đọc được vì tệp không ở bảng mã UTF-8.",
        ),
        (
            "vi/reminder.j2",
            lambda path: path.write_text("{% block subject %}x{% endblock %}", "utf-8"),
            "Mẫu vi/reminder.j2: thiếu khối “body”.",
        ),
        (
            "_mail.txt.j2",
            lambda path: path.write_text("{{ heading }}\n{{ haeding }}", "utf-8"),
            "Mẫu _mail.txt.j2, dòng 2: không có chỗ điền “haeding”.",
        ),
    ],
)
def test_a_damaged_folder_says_which_file(own_folder, name, damage, says):
    folder = own_folder()
    damage(folder / name)
    with pytest.raises(UnusableTemplate) as caught:
        Wording(folder).word([REPORT], TO)
    assert caught.value.sentence == says
    assert caught.value.help


def test_a_subject_that_says_nothing_is_a_mistake(own_folder):
    with pytest.raises(UnusableTemplate, match=r"vi/reminder\.j2: khối “subject” không cho ra chữ nào"):
        Wording(own_folder("vi/reminder.j2", subject="{# #}")).word([REPORT], TO)


def test_the_check_finds_every_mistake_at_once_also_in_what_is_rarely_said(own_folder):
    own_folder("vi/reminder.j2", todo="{% if returned %}{{ whoo }}{% else %}x{% endif %}", short="{{ dutty }}")
    own_folder("vi/missing.j2", pasted="{% if missing %}x{% else %}{{ ttle }}{% endif %}")
    own_folder("vi/digest.j2", section='{% if section == "desk" %}{{ x1 }}{% else %}x{% endif %}')
    own_folder("en/secret.j2", body="{{ place }}{{ x2 }}")
    folder = own_folder("vi/_frame.j2", missed="{{ x3 }}")
    found = {(mistake.file, re.search("“(.*?)”", mistake.sentence)[1]) for mistake in Wording(folder).check()}
    assert found == {
        ("vi/reminder.j2", "whoo"),
        ("vi/reminder.j2", "dutty"),
        ("vi/missing.j2", "ttle"),
        ("vi/digest.j2", "x1"),
        ("en/secret.j2", "x2"),
        ("vi/_frame.j2", "x3"),
    }


def test_every_place_is_explained_to_the_secretariat():
    told = set(re.findall(r"`(\w+)`", (TEMPLATES / "README.md").read_text(encoding="utf-8")))
    read = Environment(autoescape=True).parse
    used = {path: find_undeclared_variables(read(path.read_text("utf-8"))) for path in TEMPLATES.glob("*/*.j2")}
    assert {path.name: names - told for path, names in used.items() if names - told} == {}
