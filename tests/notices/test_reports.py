"""What mail servers report is stored before it is marked read, and a bounce sends the notice elsewhere."""

from datetime import date

import pytest
from sqlalchemy import select

from calendars.working_days import WorkingDays
from notices.bounces import messages_in_folder
from notices.reports import Reported, open_reports, read_reports
from notices.tables import NOTICES
from office.store import writing
from tests.notices.offices import Office

D = date
ITEMS = "  - {id: BC, line: 1, title: Báo cáo năm, kind: report, when: trước ngày 10/12/2024, lead: [A, B]}\n"


@pytest.fixture
def office(engine, write_programmes):
    office = Office(engine, write_programmes, began=D(2024, 1, 1))
    office.paper(ITEMS, day=D(2024, 12, 1))
    office.live(D(2024, 12, 2))
    return office


def report(key: str, action: str, status: str, diagnostic: str) -> bytes:
    return f"""\
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; a
Original-Envelope-Id: {key}

Final-Recipient: rfc822; x@example.vn
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--b--
""".encode()


def envelope(office, recipient):
    [(key,)] = office.rows(select(NOTICES.c.envelope).where(NOTICES.c.recipient == recipient))
    return key


def test_reports_are_taken_in_once_and_a_bounce_goes_elsewhere(office, tmp_path):
    folder = tmp_path / "bao-cao"
    folder.mkdir()
    refused = "550 5.1.1 no such mailbox"
    reports = {
        "1.eml": report(envelope(office, "A.focal"), "failed", "5.1.1", refused),
        "2.eml": report(envelope(office, "B.focal"), "delivered", "2.0.0", "250 ok"),
        "3.eml": report("f" * 32, "failed", "5.1.1", refused),  # of somebody else
        "4.eml": b"Subject: Xin ch\xc3\xa0o\n\nKh\xc3\xb4ng ph\xe1\xba\xa3i b\xc3\xa1o c\xc3\xa1o.\n",
        "5.eml": report(envelope(office, "B.focal"), "delayed", "4.4.1", "trying"),
    }
    for name, content in reports.items():
        (folder / name).write_bytes(content)

    def take_in():
        with open_reports(str(folder), "") as found:
            return read_reports(found, lambda: writing(office.engine), WorkingDays(), office.at)

    assert take_in() == Reported(delivered=1, bounced=1, elsewhere=1)
    assert take_in() == Reported()
    assert office.notices() == [
        ("before-5", "A.focal", "bounced"), ("before-5", "A.head", "planned"), ("before-5", "B.focal", "delivered"),
    ]  # fmt: skip
    [(reason,)] = office.rows(select(NOTICES.c.reason).where(NOTICES.c.state == "bounced"))
    assert reason.startswith("5.1.1")
    assert [who for who, _ in office.send(D(2024, 12, 2), "09:00")] == ["A.head"]


def test_killed_before_marking_one_read_it_takes_that_one_in_again_in_vain(office, tmp_path):
    (tmp_path / "1.eml").write_bytes(report(envelope(office, "A.focal"), "failed", "5.1.1", "550"))
    with messages_in_folder(tmp_path) as folder:

        class Killed:
            unread = folder.unread

            def mark_read(self, name):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            read_reports(Killed(), lambda: writing(office.engine), WorkingDays(), office.at)
        before = office.everything()
        assert read_reports(folder, lambda: writing(office.engine), WorkingDays(), office.at) == Reported()
    assert office.everything() == before
