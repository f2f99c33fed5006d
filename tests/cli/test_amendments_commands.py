"""The commands that overrule the paper: the effect first, then a question, then the deed with its notices."""

import pytest
from typer.testing import CliRunner

from cli.amendments import say_effect
from cli.main import app
from planning.effects import Effect, Hearing, StaleFeed

MEETING = "P/I1/2024"
ITEMS = """\
  - {id: I1, line: 1, title: Hội nghị, kind: conference, when: Tháng 7 năm 2024, lead: [BAN], participants: [A]}
  - {id: I2, line: 2, title: Báo cáo, kind: report, when: trước ngày 10/12/2024, lead: [B], recipients: [BAN]}
  - {id: I3, line: 3, title: Văn bản, kind: issue_document, when: 5 ngày sau khi kết thúc đợt giám sát, lead: [B]}
"""
CONTACTS = """\
contacts:
  - {code: a, name: Bà A, agency: A, post: focal, channels: [{kind: mail, address: a@example.vn, verified: 2024-01-02}]}
  - {code: ban, name: Ông B, agency: BAN, post: focal,
     channels: [{kind: mail, address: b@example.vn, verified: 2024-01-02}]}
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """One office, lived in the order of the tests."""
    from tests.conftest import AGENCIES, POLICY

    home = tmp_path_factory.mktemp("home")
    folder = home / "programmes"
    (folder / "policies").mkdir(parents=True)
    (folder / "agencies.yaml").write_text(AGENCIES, encoding="utf-8")
    (folder / "policies" / "default.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "p.yaml").write_text(
        "code: P\nshort: Chương trình P\n"
        "document: {title: Chương trình P, number: 1/KH, issued: 2024-01-01, issuer: BAN, source: p}\n"
        f"period: {{first: 2024-01-01, last: 2024-12-31}}\nstanding_agency: A\nitems:\n{ITEMS}",
        encoding="utf-8",
    )
    draft = ITEMS.splitlines(keepends=True)[0].replace("Hội nghị", "Sơ kết")
    (folder / "d.yaml").write_text(
        "code: D\nshort: Dự thảo D\ndocument: {title: Chương trình D, issuer: BAN, source: d}\n"
        f"period: {{first: 2024-01-01, last: 2024-12-31}}\nstanding_agency: A\nitems:\n{draft}",
        encoding="utf-8",
    )
    (folder / "contacts.yaml").write_text(CONTACTS, encoding="utf-8")
    environment = {
        "DONDOC_HOME": str(home), "DONDOC_PROGRAMMES": str(folder), "DONDOC_NOW": "2024-03-04T09:00",
        "DONDOC_PUBLISHED": str(home / "published"),
    }  # fmt: skip

    def run(*arguments, answer=None):
        done = CliRunner().invoke(app, list(arguments), input=answer, env=environment)
        return done.exit_code, done.output

    assert run("plan", "2024")[0] == 0
    return run


def fix(office, *more, answer=None):
    return office("fix", MEETING, "--first", "2024-07-12", "--by", "Thư ký", *more, answer=answer)


def when(office):
    return next(line for line in office("agenda", "--year", "2024")[1].splitlines() if "Hội nghị" in line)


def test_saying_no_leaves_everything_as_it_was(office):
    before = when(office)
    code, said = fix(office, "--document", "GM 12", answer="n\n")
    assert code == 1
    assert "Trước: tháng 7/2024. Nay: thứ Sáu, 12/07/2024." in said
    assert "5 lịch thay đổi: Sở A;" in said
    assert when(office) == before


def test_a_date_is_fixed_with_its_hours_and_planning_again_keeps_it(office):
    code, said = fix(office, "--starts", "08:00", "--place", "Hội trường", "--document", "GM 12", "--yes")
    assert code == 0, said
    assert "Đã ấn định P/I1/2024: thứ Sáu, 12/07/2024, 8h00" in said
    assert "thông báo mới" in said
    assert "không có gì thay đổi" in office("plan", "2024")[1]
    assert "12/07/2024" in when(office)


def test_people_are_invited_once_each_is_named_first(office):
    code, said = office("invite", MEETING, "--by", "Thư ký", answer="n\n")
    assert code == 1, said
    assert "Ban Chỉ đạo (Chủ trì): Ông B, sẽ mời\nSở A (Phối hợp): Bà A, sẽ mời\n" in said
    assert "Gửi giấy mời cho 2 người?" in said
    assert "2 giấy mời mới, đi ở lượt gửi tới." in office("invite", MEETING, "--by", "Thư ký", "--yes")[1]
    again = office("invite", MEETING, "--by", "Thư ký", "--yes")[1]
    assert "đã mời: chờ đến giờ" in again
    assert "Không còn ai để mời." in again
    code, said = office("invite", "P/I2/2024", "--by", "Thư ký", "--yes")
    assert (code, "không tổ chức vào một ngày" in said) == (1, True)


def test_it_is_moved_called_off_and_taken_back(office):
    moved = office("move", MEETING, "--first", "2024-07-15", "--by", "Thư ký", "--why", "Trùng lịch", "--yes")
    assert "Trước: thứ Sáu, 12/07/2024, 8h00. Nay: thứ Hai, 15/07/2024, 8h00." in moved[1]  # its hour stays with it
    cancelled = office("cancel", MEETING, "--by", "Thư ký", "--document", "CV 3", "--yes")
    assert "Đã hủy P/I1/2024." in cancelled[1]
    assert "Hội nghị" not in office("agenda", "--year", "2024")[1]
    assert (
        "Đã khôi phục P/I1/2024: thứ Hai, 15/07/2024, 8h00."
        in office("take-back", MEETING, "--by", "Thư ký", "--yes")[1]
    )
    assert "Đã khôi phục P/I1/2024: tháng 7/2024." in office("take-back", MEETING, "--by", "Thư ký", "--yes")[1]


def test_what_was_waited_for_is_recorded_and_taken_back(office):
    event = ("happened", "P/I3/2024", "--on", "2024-03-01", "--document", "BB 7", "--by", "Thư ký")
    code, said = office(*event, answer="n\n")
    assert (code, "Trước: chờ văn bản hoặc sự việc. Nay: chậm nhất 06/03/2024" in said) == (1, True), said
    said = office(*event, "--yes")[1]
    assert "Đã ghi sự việc ngày 01/03/2024 cho P/I3/2024: chậm nhất 06/03/2024" in said
    taken_back = office("take-back", "P/I3/2024", "--by", "Thư ký", "--yes")
    assert "Đã khôi phục P/I3/2024: chờ văn bản hoặc sự việc." in taken_back[1]


def test_a_day_off_says_which_dates_move_with_it(office):
    basis = ("--by", "Thư ký", "--document", "QĐ 9", "--yes")
    code, said = office("day", "2024-12-09", "--off", *basis)
    assert code == 0, said
    assert "Báo cáo: nên xong: 09/12/2024 → 06/12/2024" in said
    assert "Đã ghi: 09/12/2024 là ngày nghỉ." in said
    assert "Báo cáo: nên xong: 06/12/2024 → 09/12/2024" in office("day", "2024-12-09", *basis)[1]


@pytest.mark.parametrize(
    ("deed", "seen"),
    [
        (("fix", "D/I1/2024", "--first", "2024-07-12", "--document", "GM 1"), "dự kiến"),
        (("cancel", "D/I1/2024", "--document", "CV 1"), "đã hủy"),
        (("take-back", "D/I1/2024"), "dự kiến"),
    ],
)
def test_of_a_draft_only_the_secretariat_hears(office, deed, seen):
    code, said = office(*deed, "--by", "Thư ký", "--yes")
    assert code == 0, said
    assert f"Chương trình còn là dự thảo: chỉ thư ký được báo; các cơ quan thấy trên lịch là {seen}.\n" in said
    assert "người nhận được" not in said


def test_calendars_past_the_twelfth_are_counted_and_those_of_one_name_are_one():
    names = [f"Lịch {number}" for number in range(1, 29)]
    effect = Effect(feeds=tuple(StaleFeed(f"{name}/{twin}", name) for name in names for twin in "ab"))
    assert list(say_effect(effect)) == [f"28 lịch thay đổi: {'; '.join(names[:12])} và 16 lịch nữa."]
    few = Effect(feeds=(StaleFeed("all", "Tất cả các việc"),), will_hear=(Hearing("Chủ trì", 1, 2),))
    assert list(say_effect(few)) == ["1 lịch thay đổi: Tất cả các việc.", "Chủ trì: 1 cơ quan, 2 người nhận được."]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fix", MEETING, "--first", "mai", "--by", "T", "--document", "x", "--yes"), "Viết --first 2024-12-09"),
        (("fix", MEETING, "--first", "2024-07-01", "--starts", "8h", "--by", "T", "--yes"), "Viết --starts 08:00"),
        (("fix", MEETING, "--first", "2024-07-01", "--by", "T", "--yes"), "Thiếu căn cứ"),
        (("fix", MEETING, "--first", "2024-07-01", "--by", " ", "--document", "x", "--yes"), "Thiếu người ghi nhận"),
        (("cancel", "P/KHONG/2024", "--by", "T", "--document", "x", "--yes"), "Không có việc P/KHONG/2024"),
        (("happened", MEETING, "--on", "2024-03-01", "--document", "x", "--by", "T", "--yes"), "không chờ sự việc nào"),
        (("day", "2024-05-05", "--by", "T", "--document", "x", "--yes"), "Chưa ghi gì trên màn hình"),
    ],
)
def test_what_cannot_be_is_one_sentence(office, arguments, said):
    code, output = office(*arguments)
    assert (code, said in output) == (1, True), output
