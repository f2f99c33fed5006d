"""The commands about notices from the first planning to a signed letter in the mail, on the papers that ship.

One office in December 2024, lived in the order of the tests; its mail server is a process of its own.
"""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import text
from typer.testing import CliRunner

from cli.main import app
from cli.output import console
from office.clock import read_clock
from office.settings import read_settings
from office.store import open_store, writing

ROOT = Path(__file__).resolve().parents[2]
CONTACTS = ROOT / "programmes" / "contacts.example.yaml"
REPORT = "DB-351-2022/S2-02/2024"
TITLE = "Báo cáo kết quả thực hiện Chương trình hành động và Nghị quyết số 17-NQ/TU"
MONDAY, THURSDAY, DUE, LATE, LETTER, SIGNED = (
    f"2024-12-{day}T08:00" for day in ("02", "05", "09", "10", "12", "13")
)  # fmt: skip


class Sink:
    """tests/notices/sinks.py as a process; every mail is a file."""

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir()
        self.folder = folder
        command = [sys.executable, str(ROOT / "tests/notices/sinks.py"), "--folder", str(folder), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = f"smtp://127.0.0.1:{int(self.process.stdout.readline())}"
        self.seen: set[Path] = set()

    def new(self):
        """The mails that have come since it was last asked, by the address they went to."""
        files = sorted(set(self.folder.glob("*.eml")) - self.seen)
        self.seen |= set(files)
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return {mail["To"].addresses[0].addr_spec: mail for mail in mails}

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def sink(tmp_path_factory):
    sink = Sink(tmp_path_factory.mktemp("sink") / "thư")
    yield sink
    sink.stop()


@pytest.fixture(scope="module")
def dondoc(home, sink):
    """Runs one command as the secretary types it; ``now`` holds the office's clock, ``code`` is the exit expected."""

    def dondoc(*arguments: str, now: str | None = MONDAY, code: int = 0, **settings: str):
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("DONDOC_")]:
                patch.delenv(name)
            chosen = {"HOME": str(home), "MAIL_SERVER": sink.address, "CONTACTS": str(CONTACTS)} | settings
            chosen |= {"NOW": now} if now else {}
            for name, value in chosen.items():
                patch.setenv(f"DONDOC_{name}", value)
            patch.setenv("DONDOC_AT", "today")  # so that --at is forgotten afterwards
            patch.setattr(console, "width", 240)
            ran = CliRunner().invoke(app, arguments)
        assert ran.exit_code == code, (arguments, ran.output, ran.exception)
        return ran

    dondoc("plan", "2024", now=MONDAY)
    return dondoc


def listed(dondoc, *arguments, now=MONDAY):
    return json.loads(dondoc("notices", "list", "--json", *arguments, now=now).stdout)["notices"]


def number_of(dondoc, agency, step, now=MONDAY) -> str:
    return next(
        str(one["id"]) for one in listed(dondoc, "--subject", f"{REPORT}/{agency}", now=now) if one["step"] == step
    )


# ---- the second of December --------------------------------------------------------------------------


def test_planned_once_and_sent_for_real(dondoc, sink):
    planned = json.loads(dondoc("notices", "plan", "--json").stdout)
    assert planned["notices"] > 40
    assert dondoc("notices", "plan").stdout == (
        "0 thông báo mới, 0 thông báo thôi gửi, 0 công văn mới chờ duyệt.\n"
    )  # fmt: skip
    sent = dondoc("notices", "send").stdout
    assert "thư, tin máy chủ đã nhận; 0 sẽ gửi lại; 0 bị từ chối; 0 chưa rõ" in sent
    mails = sink.new()
    mail = mails["dau-moi@syt.example.vn"]
    assert mail["Subject"] == f"Hạn 09/12/2024 (còn 5 ngày làm việc): {TITLE}"
    assert mail["To"].addresses[0].display_name == "Đầu mối Sở Y tế"
    assert "Đồng hồ đứng yên lúc 08:00" in mail.get_body(("plain",)).get_content()
    [line] = listed(dondoc, "--subject", f"{REPORT}/SYT")
    proof = json.loads(dondoc("proof", str(line["id"]), "--json").stdout)
    assert mail["Message-ID"].startswith(f"<{proof['envelope']}@")
    assert dondoc("notices", "send").stdout.startswith("0 thư")
    assert sink.new() == {}


def test_what_is_in_the_register(dondoc):
    shown = dondoc("notices", "list", "--subject", f"{REPORT}/SYT").stdout
    step = "trước hạn 5 ngày làm việc"
    for words in ("máy chủ đã nhận", "08:00 02/12/2024", "Đầu mối Sở Y tế (mail)", TITLE, f"{REPORT}/SYT", step):
        assert words in shown
    assert "before-5" not in shown
    everything = listed(dondoc)
    assert {one["state"] for one in everything} == {"accepted"}
    assert listed(dondoc, "--today") == everything
    assert listed(dondoc, "--today", now=THURSDAY) == []
    assert listed(dondoc, "--state", "waiting") == []
    assert (
        dondoc("notices", "list", "--state", "decide").stdout.strip().startswith(f"{len(everything)} máy chủ đã nhận")
    )
    refused = dondoc("notices", "list", "--state", "bay", code=1)
    assert refused.stderr.splitlines()[-1].startswith("Lỗi: Không có trạng thái «bay». Chọn một trong: accepted,")


def test_a_notice_in_words_and_as_evidence(dondoc, home):
    number = number_of(dondoc, "SYT", "before-5")
    shown = dondoc("notices", "show", number).stdout
    assert f"Thông báo số: {number}" in shown
    words = dondoc("notices", "preview", number).stdout
    assert words.startswith(f"Tiêu đề: Hạn 09/12/2024 (còn 5 ngày làm việc): {TITLE}\n\n")
    assert "Kính gửi" in words
    assert "\nSMS: " in words
    two = dondoc("notices", "preview", number, "--paste").stdout
    assert len(two.splitlines()) == 2
    assert two.startswith("Hạn 09/12/2024")
    assert "<html" in dondoc("notices", "preview", number, "--html").stdout
    assert "Đã ghi phiếu chứng cứ" in dondoc("proof", number, "--out", str(home)).stdout
    page = (home / f"thong-bao-{number}.html").read_text(encoding="utf-8")
    assert TITLE in page
    assert "dau-moi@syt.example.vn" not in page
    for command in (["notices", "preview"], ["notices", "show"], ["proof"]):
        assert "9999" in dondoc(*command, "9999", code=1).stderr


def test_somebody_rings_up_to_say_they_have_it(dondoc):
    number = number_of(dondoc, "SYT", "before-5")
    assert dondoc("ack", number, "--by", "Lò Thị Hoa").stdout == f"Đã ghi: thông báo {number} đã báo nhận.\n"
    assert "không có gì mới" in dondoc("ack", number, "--by", "Lò Thị Hoa").stdout
    assert "Lỗi:" in dondoc("ack", "9999", "--by", "Lan", code=1).stderr
    [line] = listed(dondoc, "--subject", f"{REPORT}/SYT")
    assert line["acknowledged"] is True


def test_a_link_that_reached_the_wrong_people_is_revoked(dondoc):
    number = number_of(dondoc, "SNV", "before-5")
    why = ("--by", "Lò Thị Hoa", "--why", "Hộp thư đã đổi người")
    assert dondoc("notices", "revoke", number, *why).stdout == f"Thông báo {number}: đã thu hồi liên kết.\n"
    assert "đã được thu hồi từ trước" in dondoc("notices", "revoke", number, *why).stdout
    assert "Không có thông báo số 9999." in dondoc("notices", "revoke", "9999", *why, code=1).stderr


def test_whoever_refused_digests_may_have_them_again(dondoc, home):
    contact = "SYT.focal"
    refuse = f"insert into digestrefusal (contact, since) values ('{contact}', '2024-12-02')"
    store = open_store(f"sqlite:///{home / 'dondoc.db'}")
    with writing(store) as connection:
        connection.execute(text(refuse))
    store.dispose()
    assert dondoc("digests", contact, "--by", "Lan").stdout == f"{contact} lại nhận thư gộp.\n"
    assert "không có gì để đổi" in dondoc("digests", contact, "--by", "Lan").stdout
    assert "Không có người nhận AI." in dondoc("digests", "AI", "--by", "Lan", code=1).stderr
    assert "Thiếu người quyết định." in dondoc("digests", contact, "--by", "", code=1).stderr


# ---- the fifth: held, let go, refused, tried again ---------------------------------------------------


def test_what_is_held_waits_for_resume(dondoc, sink):
    assert "Đã tạm giữ mọi thông báo." in dondoc("notices", "hold", "--by", "Lan", "--why", "Đang kiểm tra").stdout
    planned = dondoc("notices", "plan", now=THURSDAY).stdout
    assert not planned.startswith("0 ")
    sent = dondoc("notices", "send", now=THURSDAY).stdout
    assert sent.startswith("0 thư")
    assert "Đang tạm giữ: xem «dondoc notices list --state waiting»" in sent
    assert "đang tạm giữ" in dondoc("notices", "list", "--state", "waiting", now=THURSDAY).stdout
    assert sink.new() == {}
    assert "Mọi thông báo lại được gửi." in dondoc("notices", "resume", "--by", "Lan", now=THURSDAY).stdout
    refused = dondoc("notices", "resume", "--by", "Lan", code=1, now=THURSDAY)
    assert "Không có gì đang tạm giữ như vậy." in refused.stderr
    assert "Không có thông báo số 9999." in dondoc(
        "notices", "hold", "9999", "--by", "Lan", "--why", "x", code=1, now=THURSDAY
    ).stderr  # fmt: skip
    assert "Thiếu người quyết định." in dondoc("notices", "hold", "--by", " ", "--why", "x", code=1).stderr


def test_a_refused_mail_waits_for_a_person_who_may_try_again(dondoc, sink, tmp_path):
    strict = Sink(tmp_path / "từ chối", "--mode", "refuse")
    try:
        sent = dondoc("notices", "send", "--most", "1", "--json", now=THURSDAY, MAIL_SERVER=strict.address).stdout
    finally:
        strict.stop()
    assert json.loads(sent)["sent"]["rejected"] == 1
    [failed] = listed(dondoc, "--state", "decide", now=THURSDAY)
    assert (failed["state"], "550 5.1.1" in failed["reason"]) == ("failed", True)
    number = str(failed["id"])
    said = dondoc("notices", "retry", number, "--by", "Lan", now=THURSDAY).stdout
    assert said == f"Thông báo {number} sẽ gửi lại ở lượt gửi tới.\n"
    again = dondoc("notices", "retry", number, "--by", "Lan", now=THURSDAY, code=1)
    assert f"Thông báo số {number} không ở trạng thái gửi lại được." in again.stderr
    assert "chờ người quyết định" not in dondoc("notices", "send", now=THURSDAY).stdout
    assert listed(dondoc, "--state", "decide", now=THURSDAY) == []
    assert "dau-moi@bdt.example.vn" in sink.new()  # the second report's −10


# ---- what a person records ---------------------------------------------------------------------------


BY = ("--by", "Chị Lan")
WHY = (*BY, "--why", "Có công văn")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["done", f"{REPORT}/KHONG", *BY], f"Không có nhiệm vụ {REPORT}/KHONG."),
        (["done", f"{REPORT}/SYT", "--by", ""], "Thiếu người ghi nhận."),
        (["done", f"{REPORT}/SYT", *BY, "--on", "hôm qua"], "Không hiểu ngày «hôm qua». Viết --on 2024-12-09."),
        (["done", f"{REPORT}/SYT", *BY, "--on", "2024-12-06"], "Ngày nộp 06/12/2024 chưa đến."),
        (["done", f"{REPORT}/SYT", *BY, "--on", "1924-12-02"], "Ngày nộp 02/12/1924 quá xa."),
        (["extend", f"{REPORT}/SYT", "--until", "2024-12-09", *WHY], "không sau hạn đang có 09/12/2024."),
        (["extend", f"{REPORT}/SYT", "--until", "mai", *WHY], "Không hiểu ngày «mai». Viết --until 2024-12-09."),
        (["return", f"{REPORT}/SYT", *WHY], "chưa nộp nên chưa trả lại được."),
        (["waive", f"{REPORT}/KHONG", *WHY], f"Không có nhiệm vụ {REPORT}/KHONG."),
        (["letter", "9", "approve", *BY], "Không có công văn 9."),
        (["letter", "1", "ký", *BY], "Không có quyết định «ký». Viết approve, return hoặc waive."),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(dondoc, arguments, words):
    refused = dondoc(*arguments, now=THURSDAY, code=1)
    assert words in refused.stderr
    assert refused.stdout == ""


def test_what_is_recorded_is_told_to_whoever_knew_otherwise(dondoc, sink):
    said = dondoc("extend", f"{REPORT}/STC", "--until", "2024-12-16", *WHY, now=THURSDAY).stdout
    assert said == f"Đã gia hạn {REPORT}/STC đến hết ngày 16/12/2024. 1 thông báo mới, 0 thông báo thôi gửi.\n"
    assert f"Đã ghi nhận {REPORT}/SNV: nộp ngày 04/12/2024." in dondoc(
        "done", f"{REPORT}/SNV", *BY, "--on", "2024-12-04", "--document", "12/BC-SNV", now=THURSDAY
    ).stdout  # fmt: skip
    assert "đã ghi nhận rồi" in dondoc("done", f"{REPORT}/SNV", *BY, now=THURSDAY, code=1).stderr
    returned = dondoc("return", f"{REPORT}/SNV", "--until", "2024-12-12", *WHY, now=THURSDAY).stdout
    assert "để sửa, nộp lại chậm nhất 12/12/2024. 1 thông báo mới" in returned
    waived = dondoc("waive", f"{REPORT}/SXD", *WHY, now=THURSDAY).stdout
    assert waived.startswith(f"Đã miễn {REPORT}/SXD. 1 thông báo mới")
    dondoc("notices", "send", now=THURSDAY)
    assert {to: mail["Subject"].partition(" – ")[0] for to, mail in sink.new().items()} == {
        "dau-moi@stc.example.vn": "Đã gia hạn đến hết ngày 16/12/2024",
        "dau-moi@snv.example.vn": "Bị trả lại để sửa, nộp lại chậm nhất 12/12/2024",
        "dau-moi@sxd.example.vn": "Cơ quan không phải thực hiện việc này nữa",
    }


# ---- late, and a letter ------------------------------------------------------------------------------


def test_a_letter_is_drafted_signed_and_sent_with_its_file(dondoc, sink, home):
    for code in ("MTTQ_DB", "SYT"):
        dondoc("done", f"{REPORT}/{code}", *BY, now=DUE)
    for now in (DUE, LATE, LETTER):
        dondoc("notices", "plan", now=now)
        dondoc("notices", "send", now=now)
    subjects = {to: mail["Subject"] for to, mail in sink.new().items()}
    assert subjects["lanh-dao@sgddt.example.vn"] == f"QUÁ HẠN 1 ngày làm việc: {TITLE}"
    assert "lanh-dao@syt.example.vn" not in subjects
    shown = dondoc("letters", now=LETTER).stdout
    assert f"Công văn 1, lần 1, soạn ngày 12/12/2024: {TITLE}" in shown
    assert "18 cơ quan còn quá hạn" in shown  # of 23: three have sent, one has more time, one need not
    assert (home / "letters" / "du-thao-1-lan-1.docx").stat().st_size > 5000
    unsigned = dondoc("letter", "1", "approve", *BY, now=SIGNED, code=1)
    assert "Chưa duyệt được công văn 1: thiếu số công văn và người ký." in unsigned.stderr
    returned = dondoc("letter", "1", "return", *BY, "--remark", "Ghi rõ căn cứ", now=SIGNED).stdout
    assert returned == "Công văn 1: trả lại, soạn lần sau.\n"
    assert "Ý kiến lần trước: Ghi rõ căn cứ" in dondoc("letters", now=SIGNED).stdout
    signing = ("--number", "123/BCĐ-VP", "--signer", "Lò Văn A")
    empty = dondoc("letter", "1", "approve", *BY, *signing, "--signer-title", "KT. TRƯỞNG BAN|", now=SIGNED, code=1)
    assert "Chức danh người ký có dòng trống." in empty.stderr
    signing += ("--signer-title", "KT. TRƯỞNG BAN|PHÓ TRƯỞNG BAN")
    approved = dondoc("letter", "1", "approve", *BY, *signing, now=SIGNED).stdout
    assert approved == "Công văn 1: đã duyệt; thư gửi các cơ quan còn quá hạn đã vào hộp gửi đi.\n"
    assert dondoc("letters", now=SIGNED).stdout == "Không có công văn nào chờ duyệt.\n"
    assert "đã duyệt công văn 1" in dondoc("letter", "1", "waive", *BY, now=SIGNED, code=1).stderr
    sink.new()
    dondoc("notices", "send", now=SIGNED)
    mails = sink.new()
    assert len(mails) == 36  # head and focal person of each
    [attached] = mails["lanh-dao@sgddt.example.vn"].iter_attachments()
    assert attached.get_filename() == "Công văn 123_BCĐ-VP.docx"
    assert attached.get_content() == (home / "letters" / "cong-van-1.docx").read_bytes()
    signed = Document(home / "letters" / "cong-van-1.docx")
    words = "\n".join(each.text for table in signed.tables for cell in table._cells for each in cell.paragraphs)
    assert "KT. TRƯỞNG BAN\nPHÓ TRƯỞNG BAN\n" in words
    assert "TL. TRƯỞNG BAN" not in words
    assert "BAN CHỈ ĐẠO CÁC CHƯƠNG TRÌNH MỤC TIÊU QUỐC GIA" in words
    assert "lanh-dao@stc.example.vn" not in mails


def test_where_things_stand_and_that_nothing_was_altered(dondoc):
    shown = dondoc("board", "--programme", "DB-351-2022", now=SIGNED).stdout
    assert "Chưa hoàn thành" in shown
    counted = json.loads(dondoc("board", "--programme", "DB-351-2022", "--json", now=SIGNED).stdout)
    assert counted
    verified = dondoc("audit", "verify", now=SIGNED).stdout
    assert "Ghi lại mã này ở nơi khác" in verified
    assert dondoc("notices", "check", now=SIGNED).stdout == "Mọi mẫu thông báo đều dùng được.\n"


# ---- people and silence ------------------------------------------------------------------------------


def test_whoever_cannot_be_reached_is_named_before_it_matters(dondoc, tmp_path):
    assert "Sẵn sàng: bước nào cũng có người nhận" in dondoc("ready").stdout
    lines = CONTACTS.read_text(encoding="utf-8").splitlines()
    mute = [line.replace(", verified: 2024-01-02", "") if "code: SGDDT.head" in line else line for line in lines]
    broken = tmp_path / "contacts.yaml"
    broken.write_text("\n".join(mute) + "\n", encoding="utf-8")
    found = dondoc("ready", code=1, CONTACTS=str(broken))
    assert "Lãnh đạo Sở Giáo dục và Đào tạo chưa có kênh đã kiểm tra" in found.stdout
    assert ("quá hạn 1 ngày làm việc" in found.stdout, "late-1" in found.stdout) == (True, False)
    gaps = json.loads(dondoc("ready", "--json", code=1, CONTACTS=str(broken)).stdout)
    assert (gaps["ready"], [gap["agency"] for gap in gaps["gaps"]]) == (False, ["Sở Giáo dục và Đào tạo"])
    dondoc("ready")  # mended, it is ready again


def test_silence_is_noticed_and_told(dondoc, sink, home):
    assert dondoc("watch", ALARM_TO="truc@so.example.vn").stdout == "Đôn Đốc vẫn rà soát đều.\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DONDOC_HOME", str(home))
        store = open_store(read_settings().database_url)
    with writing(store) as connection:
        at = connection.execute(text("select really_at from passage where name = 'planned'")).scalar_one()
        earlier = date.fromisoformat(str(at)[:10]) - timedelta(days=3)
        connection.execute(
            text("update passage set really_at = :at where name = 'planned'"), {"at": f"{earlier}{str(at)[10:]}"}
        )
    store.dispose()
    sink.new()
    for _ in range(2):
        assert "giờ chưa rà soát" in dondoc("watch", code=1, ALARM_TO="truc@so.example.vn").stdout
    assert [(to, mail["Subject"]) for to, mail in sink.new().items()] == [
        ("truc@so.example.vn", "Báo động: Đôn Đốc không chạy")
    ]


# ---- the demonstration's clock -----------------------------------------------------------------------


def test_two_days_are_replayed_with_at(dondoc, sink, tmp_path):
    own = {"now": None, "HOME": str(tmp_path / "hai ngày")}
    dondoc("--at", "2024-12-02", "plan", "2024", **own)
    for day, words in (("2024-12-02", "còn 5 ngày làm việc"), ("2024-12-05", "còn 2 ngày làm việc")):
        sink.new()
        planned = dondoc("--at", day, "notices", "plan", **own)
        assert "Đồng hồ minh họa: hôm nay là thứ" in planned.stderr
        dondoc("--at", day, "notices", "send", **own)
        assert sink.new()["dau-moi@syt.example.vn"]["Subject"] == f"Hạn 09/12/2024 ({words}): {TITLE}"
    back = dondoc("--at", "2024-12-02", "notices", "send", code=2, **own)
    assert "Đồng hồ chỉ" in back.stderr


def test_nothing_is_written_ahead_of_the_offices_own_day(tmp_path, monkeypatch):
    """--at replays a day gone by; what lies ahead is rehearsed, not planned."""
    for name in [name for name in os.environ if name.startswith("DONDOC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path))
    monkeypatch.setenv("DONDOC_AT", "")
    (tmp_path / "clock.json").write_text('{"at": "2024-12-12", "shift_seconds": -60000000}', encoding="utf-8")
    ahead = (read_clock(read_settings()).today() + timedelta(days=8)).isoformat()
    for words in (("notices", "plan"), ("notices", "send")):
        done = CliRunner().invoke(app, ["--at", ahead, *words])
        assert done.exit_code == 1
        assert "ở sau ngày hiện nay của cơ quan" in done.stderr
    monkeypatch.setenv("DONDOC_AT", "")
    done = CliRunner().invoke(app, ["ready"])
    assert (done.exit_code, "Chưa lập năm nào" in done.stderr) == (1, True)
