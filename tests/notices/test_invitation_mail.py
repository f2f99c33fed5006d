"""The mail that carries an invitation: what Outlook, Google and Apple look at, and what every other reader gets."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.policy import default

import pytest
from icalendar import Calendar

from calendars.components import CalendarEntry
from calendars.invitations import Guest, Mailbox, method_of, render_invitation
from calendars.working_days import WorkingDays
from notices.channel import Attachment, Invitation, Message, Verdict
from notices.mail import MailChannel, read_mail_server
from notices.mime import build_mail

AT = datetime(2024, 3, 11, 1, 30, tzinfo=UTC)
ENTRY = CalendarEntry(
    "P/HN/2024", 1, "conference", "Hội nghị\u2028sơ kết", "fixed", revised_at=AT, first=date(2024, 7, 12),
    last=date(2024, 7, 12), starts=time(8), place="Hội trường", sequence=1,
)  # fmt: skip
PLAIN = Message(
    key="0123456789abcdef" * 2, to="hoa@sy.example.vn", to_name="Bà Hoa", subject="Giấy mời", text="Kính mời.\n",
    html="<p>Kính mời.</p>", short="Kính mời.",
)  # fmt: skip


def offered(entry=ENTRY) -> Invitation:
    office, guest = Mailbox("Thư ký", "don-doc@bcd.example.vn"), Guest(Mailbox("Bà Hoa", "hoa@sy.example.vn"), False)
    return Invitation(method_of(entry), render_invitation(entry, WorkingDays(), office, guest))


def built(message) -> bytes:
    return build_mail(message, "Thư ký", "don-doc@bcd.example.vn", AT, "bcd.example.vn").as_bytes()


def shape(part):
    """The mail as a tree of media types."""
    if not part.is_multipart():
        return part.get_content_type()
    return part.get_content_type(), [shape(one) for one in part.iter_parts()]


@pytest.mark.parametrize("entry", [ENTRY, replace(ENTRY, status="cancelled", sequence=2)], ids=["request", "cancel"])
def test_the_entry_is_an_alternative_with_its_own_method_and_a_file_beside_it(entry):
    invitation = offered(entry)
    mail = message_from_bytes(built(replace(PLAIN, invitation=invitation)), policy=default)
    assert shape(mail) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html", "text/calendar"]), "application/ics"],
    )
    body, file = mail.iter_parts()
    calendar = list(body.iter_parts())[-1]
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": invitation.method}
    assert calendar.get_content_disposition() is None  # as a file it would not be acted on
    assert file.get_filename() == "giay-moi.ics"
    for part in (calendar, file):
        assert part.get_payload(decode=True) == invitation.content
    assert Calendar.from_ical(invitation.content)["METHOD"] == calendar["Content-Type"].params["method"]


def test_a_second_copy_is_the_first_byte_for_byte():
    message = replace(PLAIN, invitation=offered())
    assert built(message) == built(message)


def test_other_files_go_with_it_and_a_mail_without_one_has_no_calendar():
    letter = Attachment("Chương trình họp.pdf", "application/pdf", b"%PDF-1.4")
    mail = message_from_bytes(built(replace(PLAIN, invitation=offered(), attachments=(letter,))), policy=default)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["giay-moi.ics", "Chương trình họp.pdf"]
    assert b"calendar" not in built(PLAIN)


def test_a_real_server_takes_it_whole(sink):
    invitation = offered()
    with sink() as server:
        mail_server = read_mail_server(
            f"smtp://127.0.0.1:{server.port}", sender_address="don-doc@bcd.example.vn", sender_name="Thư ký"
        )
        channel = MailChannel(mail_server, lambda: AT)
        outcome = channel.send(replace(PLAIN, invitation=invitation))
        channel.close()
    assert outcome.verdict is Verdict.ACCEPTED
    [received] = server.messages
    mail = message_from_bytes(received.content, policy=default)
    [entry] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert entry.get_payload(decode=True) == invitation.content
    assert received.content.isascii()
    assert max(map(len, received.content.split(b"\r\n"))) < 998
