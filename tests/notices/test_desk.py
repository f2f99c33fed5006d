"""What both doors do with notices and letters, with a real mail server."""

import errno
import fcntl
import hashlib
import os
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from docx import Document
from icalendar import Calendar
from sqlalchemy import select

from models.audit import verify_audit
from models.notice import LetterState
from notices.desk import MissingLetter, NoticeDesk
from notices.hours import ZONE
from notices.invitations import invite
from notices.letters import NothingToUrge, letters_waiting
from notices.post_office import Sent
from notices.reports import Reported
from notices.tables import LETTERS, NOTICES
from office.settings import read_settings
from office.store import reading, writing
from planning.submissions import extend_duty, mark_done
from tests.notices.offices import Office

D = date
ITEMS = "  - {id: BC, line: 1, title: Báo cáo năm, kind: report, when: trước ngày 10/12/2024, lead: [A, B]}\n"
MEETING = """\
  - {id: HN, line: 2, title: Hội nghị, kind: conference, when: tháng 12 năm 2024, lead: [A], participants: [B],
     fixed: [{first: 2024-12-16, starts: 08:00, by: Giấy mời số 9}]}
"""


@pytest.fixture
def server(sink):
    with sink() as server:
        yield server


@pytest.fixture
def desk(engine, write_programmes, tmp_path, monkeypatch, server):
    """A desk on 2/12/2024 in an office with one report of two departments; ``desk.office`` lives its days."""
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path / "nha"))
    monkeypatch.setenv("DONDOC_MAIL_SERVER", f"smtp://127.0.0.1:{server.port}")
    monkeypatch.setenv("DONDOC_ALARM_TO", "truc@example.vn")
    office = Office(engine, write_programmes, began=D(2024, 1, 1))
    office.paper(ITEMS, day=D(2024, 12, 1))
    office.at = datetime(2024, 12, 2, 8, tzinfo=ZONE)
    settings = read_settings()

    class Desk(NoticeDesk):
        pass

    desk = Desk(
        settings=settings,
        reading=lambda: reading(engine),
        writing=lambda: writing(engine),
        ladders=office.definitions.ladders,
        days=office.definitions.working_days,
        now=lambda: office.at,
        really=lambda: office.at,
        secret="bí mật của bài thử",
        began=D(2024, 1, 1),
        lock=tmp_path / "nha" / "send.lock",
    )
    return office, desk


def mails(server):
    return [message_from_bytes(received.content, policy=policy.default) for received in server.messages]


def test_planned_and_sent_for_real(desk, server):
    office, desk = desk
    office.plan(D(2024, 12, 2))
    office.at = office.at.replace(hour=8)
    assert desk.send() == Sent(accepted=2)
    assert desk.send() == Sent()
    assert sorted(str(mail["To"].addresses[0].addr_spec) for mail in mails(server)) == [
        "A.focal@example.vn", "B.focal@example.vn",
    ]  # fmt: skip
    assert {str(mail["Subject"]) for mail in mails(server)} == {"Hạn 09/12/2024 (còn 5 ngày làm việc): Báo cáo năm"}
    sealed = {key for (key,) in office.rows(select(NOTICES.c.envelope))}
    assert {str(mail["Message-ID"])[1:33] for mail in mails(server)} == sealed
    assert desk.read_reports() == Reported()  # the office has no place for reports


def test_an_invitation_leaves_with_the_offices_own_address_as_its_organizer(desk, server):
    office, desk = desk
    office.paper(ITEMS + MEETING, day=D(2024, 12, 1))
    with writing(office.engine) as connection:
        assert invite(connection, "P/HN/2024", "Chị Lan", desk.days, office.at) == 2
    assert desk.send() == Sent(accepted=2)
    for mail in mails(server):
        [entry] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        [event] = Calendar.from_ical(entry.get_payload(decode=True)).events
        assert event["ORGANIZER"] == f"mailto:{desk.settings.mail_from}"
        assert event["ORGANIZER"].params["CN"] == desk.settings.mail_from_name
        assert event["ATTENDEE"] == f"mailto:{mail['To'].addresses[0].addr_spec}"
        assert (entry["Content-Type"].params["method"], event["SEQUENCE"]) == ("REQUEST", 0)


def test_one_sender_at_a_time(desk):
    office, desk = desk
    office.plan(D(2024, 12, 2))
    desk.lock.parent.mkdir(parents=True)
    with desk.lock.open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert desk.send() is None
    office.at = office.at.replace(hour=8)
    assert desk.send() == Sent(accepted=2)


def late(office):
    """12/12: both are late, and a letter waits."""
    for day in (D(2024, 12, 10), D(2024, 12, 12)):
        office.live(day)
    office.at = datetime(2024, 12, 13, 9, tzinfo=ZONE)


def test_a_draft_that_urges_nobody_yet_has_no_file_and_stops_nothing(desk):
    office, desk = desk
    late(office)
    office.at = datetime(2024, 12, 9, 9, tzinfo=ZONE)  # the clock of a demonstration, set back
    assert desk.write_drafts() == []


def test_a_letter_from_its_draft_to_the_mail_it_goes_out_with(desk, server):
    office, desk = desk
    late(office)
    office.decide(mark_done, "P/BC/2024/B", D(2024, 12, 12), day=D(2024, 12, 13))
    [draft] = desk.write_drafts()
    assert draft.name == "du-thao-1-lan-1.docx"
    words = "\n".join(paragraph.text for paragraph in Document(draft).paragraphs)
    assert "Sở A" in words
    assert "Sở B" not in words
    before = draft.stat().st_mtime_ns
    assert desk.write_drafts() == [draft]
    assert draft.stat().st_mtime_ns == before  # the same words are not written again
    assert desk.decide(1, "return", "Ông Tâm", remark="Ghi rõ căn cứ") is LetterState.DRAFTED
    assert [path.name for path in desk.write_drafts()] == ["du-thao-1-lan-2.docx"]
    assert desk.decide(1, "approve", "Ông Tâm", number="12/CV", signer="Lò Văn A") is LetterState.APPROVED
    signed = desk.settings.letters_folder / "cong-van-1.docx"
    content = signed.read_bytes()
    assert office.rows(select(LETTERS.c.digest)) == [(hashlib.sha256(content).hexdigest(),)]
    assert desk.send() == Sent(accepted=2)  # head and focal person of A
    for mail in mails(server):
        [attached] = mail.iter_attachments()
        assert (attached.get_filename(), attached.get_content()) == ("Công văn 12_CV.docx", content)
    # pressed again after one of the agencies got more time: what was signed stays as it was signed
    office.decide(extend_duty, "P/BC/2024/A", D(2024, 12, 30), day=D(2024, 12, 16), days=desk.days)
    assert desk.decide(1, "approve", "Ông Tâm", number="12/CV", signer="Lò Văn A") is LetterState.APPROVED
    assert signed.read_bytes() == content
    assert desk.write_drafts() == []
    with reading(office.engine) as connection:
        assert verify_audit(connection).broken_at is None


def test_a_signed_letter_that_was_changed_does_not_leave(desk, server):
    office, desk = desk
    late(office)
    desk.decide(1, "approve", "Ông Tâm", number="12/CV", signer="Lò Văn A")
    file = desk.settings.letters_folder / "cong-van-1.docx"
    content = file.read_bytes()
    file.write_bytes(content + b"x")
    with pytest.raises(MissingLetter, match="không giống bản đã ký"):
        desk._signed_file(1)
    assert desk.send() == Sent(try_again=4)
    assert server.messages == []
    file.write_bytes(content)
    office.at += timedelta(minutes=10)
    assert desk.send() == Sent(accepted=4)


def test_a_letter_with_nobody_left_is_not_signed(desk):
    office, desk = desk
    late(office)
    for agency in "AB":
        office.decide(mark_done, f"P/BC/2024/{agency}", D(2024, 12, 13), day=D(2024, 12, 13))
    assert desk.write_drafts() == []
    with pytest.raises(NothingToUrge):
        desk.decide(1, "approve", "Ông Tâm", number="12/CV", signer="Lò Văn A")
    assert not (desk.settings.letters_folder / "cong-van-1.docx").exists()
    assert desk.decide(1, "waive", "Ông Tâm") is LetterState.WAIVED
    with reading(office.engine) as connection:
        assert letters_waiting(connection) == []


def test_a_letter_that_cannot_be_kept_is_not_signed(desk):
    office, desk = desk
    late(office)
    desk.settings.letters_folder.parent.mkdir(parents=True, exist_ok=True)
    desk.settings.letters_folder.write_text("một tệp ở chỗ của thư mục")
    with pytest.raises(MissingLetter, match="Không ghi được công văn vào"):
        desk.decide(1, "approve", "Ông Tâm", number="12/CV", signer="Lò Văn A")
    assert office.rows(select(LETTERS.c.state)) == [("drafted",)]


def test_a_full_disk_leaves_no_half_written_letter(desk, monkeypatch):
    office, desk = desk
    late(office)

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MissingLetter, match="No space left on device"):
        desk.decide(1, "approve", "Ông Tâm", number="12/CV", signer="Lò Văn A")
    assert list(desk.settings.letters_folder.iterdir()) == []


def test_silence_is_told_until_the_mail_has_been_taken(desk, server):
    office, desk = desk
    assert desk.watch() is None
    office.plan(D(2024, 12, 2))
    assert desk.watch() is None
    office.at += timedelta(hours=30)
    server.at["MAIL"] = "451 4.3.0 later"
    assert "Báo động cũng không gửi được" in desk.watch()
    del server.at["MAIL"]
    said = desk.watch()
    assert said.startswith("Đôn Đốc đã 30 giờ chưa rà soát")
    assert desk.watch() == said  # said again, told once
    [mail] = mails(server)
    assert (str(mail["To"].addresses[0].addr_spec), mail["Subject"]) == (
        "truc@example.vn", "Báo động: Đôn Đốc không chạy",
    )  # fmt: skip
