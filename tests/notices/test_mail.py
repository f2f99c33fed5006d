"""Mail leaves once, whole and readable, and each answer of a real server becomes the right outcome."""

import signal
import socket
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr
from threading import Event, Thread

import apprise
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.channel import Attachment, Message, Outcome, Verdict
from notices.mail import MailChannel, MailPlugin, UnreadableMailServer, read_mail_server
from notices.mime import UnusableAddress, build_mail, mask_addresses, masked_address, on_one_line, usable_address

AT = datetime(2024, 3, 11, 1, 30, tzinfo=UTC)
KEY = "0123456789abcdef" * 2
MESSAGE = Message(
    key=KEY,
    to="dau.moi@sxd.example.vn",
    to_name="Nguyễn Thị Đầu Mối",
    subject="Còn 2 ngày làm việc: Báo cáo quý I về công tác chuyển đổi số, hạn nộp ngày 15/3/2024",
    text="Kính gửi Sở Xây dựng,\n.\n..\nHạn nộp là ngày 15/3/2024.\n",
    html="<p>Kính gửi Sở Xây dựng,</p><p>Hạn nộp là ngày 15/3/2024.</p>",
    short="",
)
LONG_NAME = "Công văn đôn đốc số 12 về việc báo cáo quý I năm 2024 của Ủy ban nhân dân tỉnh và các sở, ngành.docx"


def server_at(port, *, scheme="smtp", user="", **options):
    login = f"{user}@" if user else ""
    sender = {"sender_address": "van.phong@bcd.example.vn", "sender_name": "Văn phòng Ban Chỉ đạo"}
    return read_mail_server(f"{scheme}://{login}127.0.0.1:{port}", **sender, **options)


@contextmanager
def channel_to(port, **options):
    channel = MailChannel(server_at(port, **options), lambda: AT)
    try:
        yield channel
    finally:
        channel.close()


def send_one(port, message=MESSAGE, **options):
    with channel_to(port, **options) as channel:
        return channel.send(message)


def built(**changes):
    mail = build_mail(replace(MESSAGE, **changes), "Văn phòng", "van.phong@bcd.example.vn", AT, "bcd.example.vn")
    return mail.as_bytes()


def read(raw):
    return message_from_bytes(raw, policy=default)


def body(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


# The mail itself


def test_a_mail_says_who_when_and_what_in_readable_vietnamese():
    mail = read(built())
    assert str(mail["Subject"]) == MESSAGE.subject
    assert [(a.display_name, a.addr_spec) for a in mail["To"].addresses] == [(MESSAGE.to_name, MESSAGE.to)]
    assert [a.display_name for a in mail["From"].addresses] == ["Văn phòng"]
    assert mail["Message-ID"] == f"<{KEY}@bcd.example.vn>"
    assert mail["Date"] == "Mon, 11 Mar 2024 08:30:00 +0700"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "vi")
    assert body(mail) == MESSAGE.text
    assert mail.get_body(("html",)).get_content().strip() == MESSAGE.html


def test_on_the_wire_there_are_only_short_ascii_lines():
    raw = built(attachments=(Attachment(LONG_NAME, "application/pdf", b"%PDF"),), text="đôn đốc " * 500)
    assert raw.isascii()
    assert all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in raw.split(b"\r\n"))


def test_a_second_copy_is_the_first_byte_for_byte():
    assert built(attachments=(Attachment("a.pdf", "application/pdf", b"1"),)) == built(
        attachments=(Attachment("a.pdf", "application/pdf", b"1"),)
    )


def test_only_a_digest_can_be_unsubscribed_from():
    link = "https://dondoc.example.vn/thoi-nhan?" + "chu-ky=" * 40
    digest, duty = read(built(unsubscribe=link)), read(built())
    assert digest["List-Unsubscribe"] == f"<{link}>"
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (duty["List-Unsubscribe"], duty["List-Unsubscribe-Post"]) == (None, None)
    assert b"List-Unsubscribe: <https" in built(unsubscribe=link)  # in one piece, not as encoded words


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hạn nộp\r\nBcc: ke.la@example.org"},
        {"subject": "Hạn nộp\nBcc: ke.la@example.org\n\nnội dung giả"},
        {"subject": "plain\r\nBcc: ke.la@example.org"},
        {"to_name": "Nguyễn\r\nBcc: ke.la@example.org"},
        {"to_name": 'A" <ke.la@example.org>\x00\x0b\x85\u2028Bcc: ke.la@example.org'},
        {"language": "vi\r\nBcc: ke.la@example.org"},
        {"unsubscribe": "https://example.vn/a>\r\nBcc: ke.la@example.org"},
        {"attachments": (Attachment('a"\r\nBcc: ke.la@example.org\r\n.pdf', "application/pdf", b"1"),)},
        {"attachments": (Attachment("a.pdf", "application/pdf\r\nBcc: ke.la@example.org", b"1"),)},
    ],
)
def test_no_value_can_begin_a_header_of_its_own(changes):
    raw = built(**changes)
    mail, fair = read(raw), read(built())
    assert set(mail.keys()) - set(fair.keys()) <= {"List-Unsubscribe", "List-Unsubscribe-Post"}
    assert [a.addr_spec for a in mail["To"].addresses] == [MESSAGE.to]
    assert b"\nBcc" not in raw
    assert all("bcc" not in [name.lower() for name in part.keys()] for part in mail.walk())  # noqa: SIM118  a mail


def test_a_line_end_in_a_name_or_subject_becomes_one_blank():
    mail = read(built(subject="Hạn nộp\r\n\t15/3", to_name="Nguyễn\nA"))
    assert (str(mail["Subject"]), mail["To"].addresses[0].display_name) == ("Hạn nộp 15/3", "Nguyễn A")


@given(st.text(max_size=200), st.text(max_size=80), st.text(max_size=120))
def test_whatever_is_typed_arrives_as_typed_less_control_characters(subject, name, file_name):
    raw = built(subject=subject, to_name=name, attachments=(Attachment(file_name, "a/b", b"1"),))
    mail = read(raw)
    assert str(mail["Subject"] or "") == on_one_line(subject)
    assert [a.addr_spec for a in mail["To"].addresses] == [MESSAGE.to]
    # Python 3.11's own reader of phrases keeps a blank between two encoded words; RFC 2047 §6.2 does not
    named, _ = parseaddr(message_from_bytes(raw)["To"])
    assert str(make_header(decode_header(named))) == on_one_line(name)
    assert len(list(mail.iter_attachments())) == 1
    assert set(mail.keys()) == set(read(built(attachments=(Attachment("a", "a/b", b"1"),))).keys())


@pytest.mark.parametrize(
    ("name", "arrives"),
    [
        ("Công văn đôn đốc.pdf", "Công văn đôn đốc.pdf"),
        ("bao-cao.pdf", "bao-cao.pdf"),
        ("Mẫu 01/BC \"quý I\": 50% 'bản chính'.docx", "Mẫu 01_BC _quý I__ 50% 'bản chính'.docx"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        (LONG_NAME, "Công văn đôn đốc số 12 về việc báo cáo quý I năm 2024 của Ủy ban nhân dân t.docx"),
        ("\r\n", "tep-dinh-kem"),
    ],
)
def test_an_attachment_keeps_its_name_in_both_forms(name, arrives):
    raw = built(attachments=(Attachment(name, "application/pdf", b"%PDF\r\n\x00\xff"),))
    (part,) = read(raw).iter_attachments()
    assert (part.get_filename(), part.get_content_type(), part.get_content()) == (
        arrives,
        "application/pdf",
        b"%PDF\r\n\x00\xff",
    )
    words = read(raw.partition(b"name=")[2].partition(b"\r\nContent-Disposition")[0].join((b"Subject: ", b"\r\n\r\n")))
    assert str(words["Subject"]).strip('"') == arrives  # what Outlook reads: encoded words in Content-Type


def test_a_media_type_keeps_its_parameters():
    calendar = Attachment("lich.ics", "text/calendar; charset=utf-8; method=PUBLISH", "Đại hội".encode())
    (part,) = read(built(attachments=(calendar,))).iter_attachments()
    assert (part.get_content_type(), part.get_content()) == ("text/calendar", "Đại hội")
    assert part.get_param("method") == "PUBLISH"


def test_a_message_whose_key_is_no_key_is_our_mistake():
    with pytest.raises(ValueError, match="hexadecimal"):
        built(key="../../x")


# Addresses


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("a@b.vn\r\nRCPT TO:<x@y.vn>", "khoảng trắng"),
        ("a b@c.vn", "khoảng trắng"),
        (" a@b.vn", "khoảng trắng"),
        ("a\u00a0b@c.vn", "khoảng trắng"),
        ("", "tên@tên-miền"),
        ("khong-co-a-cong", "tên@tên-miền"),
        ("@b.vn", "tên@tên-miền"),
        ("a@", "tên@tên-miền"),
        ("a@b@c.vn", "ký tự không dùng được"),
        ("a>@c.vn", "ký tự không dùng được"),
        ("a@b>c.vn", "tên miền"),
        ("a@b..vn", "tên miền"),
        ("a" * 65 + "@b.vn", "64"),
        ("ă" * 33 + "@b.vn", "64"),  # RFC 5321 counts octets
        ("a" * 64 + "@" + "b." * 95 + "vn", "254"),
    ],
)
def test_an_address_no_mail_can_go_to_is_refused_without_repeating_it(address, why):
    with pytest.raises(UnusableAddress, match=why) as refused:
        usable_address(address)
    whom = address.rpartition("@")[0] if "@" in address else address
    assert len(whom.strip()) < 2 or whom not in str(refused.value)


def test_a_local_part_of_exactly_64_passes():
    assert usable_address("a" * 64 + "@b.vn") == "a" * 64 + "@b.vn"
    assert len(usable_address("a" * 64 + "@" + "b." * 93 + "vnx")) == 254


def test_a_vietnamese_domain_goes_out_in_ascii():
    assert usable_address("a@tỉnh.vn") == "a@xn--tnh-dlz.vn"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("550 <van.thu@so.vn>: unknown", "550 <***@so.vn>: unknown"),
        ('550 "van thu"@so.vn', "550 ***@so.vn"),
        ("550 User Van.Thu unknown\r\nin local table", "550 User *** unknown in local table"),
        ("bounce+van.thu=so.vn@x.vn", "***@x.vn"),
        ("van.thu@[10.0.0.1]", "***@[10.0.0.1]"),
    ],
)
def test_no_reply_is_kept_with_an_address_in_it(text, shown):
    assert mask_addresses(text, "van.thu@so.vn") == shown


def test_a_masked_address_can_be_recognised():
    assert masked_address("van.thu@so.vn") == "v***@so.vn"
    assert masked_address("gì đây") == "***"


# The server setting


def test_a_server_is_read_from_one_address():
    server = server_at(25, password="bí mật".encode("ascii", "ignore").decode(), user="van.phong%40so.vn")
    assert (server.host, server.port, server.security, server.user) == ("127.0.0.1", 25, "none", "van.phong@so.vn")
    assert (server.domain, server.timeout, server.dsn) == ("bcd.example.vn", 30, False)
    sender = {"sender_address": "a@b.vn", "sender_name": "A"}
    usual = [read_mail_server(f"{scheme}://thu.b.vn", **sender) for scheme in ("smtp", "smtp+starttls", "smtps")]
    assert [(server.port, server.security) for server in usual] == [(25, "none"), (587, "starttls"), (465, "tls")]


def test_the_password_is_never_shown():
    assert "m4t-khau" not in repr(server_at(25, user="a", password="m4t-khau"))


@pytest.mark.parametrize(
    ("url", "password", "why"),
    [
        ("http://thu.vn", "", "Không đọc được"),
        ("thu.vn:25", "", "Không đọc được"),
        ("smtp://thu.vn:abc", "", "Không đọc được"),
        ("smtp://thu.vn:99999", "", "Không đọc được"),
        ("smtp://" + "a" * 70 + ".vn", "", "Không đọc được"),
        ("smtp://", "", "chỉ gồm"),
        ("smtp://thu.vn/x", "", "chỉ gồm"),
        ("smtps://a:m4t-khau@thu.vn", "", "mục riêng"),
        ("smtps://a@thu.vn", "", "cả hai"),
        ("smtps://thu.vn", "m4t-khau", "cả hai"),
        ("smtps://a@thu.vn", "mật-m4t-khau", "chữ không dấu"),
        ("smtp://a@thu.vn", "m4t-khau", "không mã hóa"),
    ],
)
def test_a_bad_server_address_is_one_sentence_without_the_secret(url, password, why):
    with pytest.raises(UnreadableMailServer, match=why) as refused:
        read_mail_server(url, sender_address="a@b.vn", sender_name="A", password=password)
    assert "m4t-khau" not in str(refused.value)


# Sending: what each answer becomes


def test_an_accepted_mail_arrives_whole_and_its_queue_number_is_kept(sink):
    with sink() as server:
        outcome = send_one(server.port)
    (received,) = server.messages
    name = f"000001-{KEY}"
    assert outcome == Outcome(Verdict.ACCEPTED, name, f"250 2.0.0 Ok: queued as {name}")
    assert (received.sender, received.recipients) == ("van.phong@bcd.example.vn", (MESSAGE.to,))
    assert body(read(received.content)) == MESSAGE.text  # lines of dots and all
    assert (server.connections, server.commands) == (1, ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"])


@pytest.mark.parametrize(
    ("reply", "reference"),
    [
        ("250 2.0.0 Ok: queued as 4XyZ1", "4XyZ1"),
        ("250 OK id=1rjXyZ-0001", "1rjXyZ-0001"),
        ("250 2.0.0 42B3xyz0 Message accepted for delivery", "42B3xyz0"),
        ("250 2.6.0 [InternalId=12345, Hostname=thu] Queued mail for delivery", "12345"),
        ("250 2.0.0 OK  1710120600 d9-2002si.45 - gsmtp", "1710120600 d9-2002si.45"),
        ("250 nhan roi", "250 nhan roi"),
    ],
)
def test_the_queue_number_is_found_in_the_words_of_the_common_servers(sink, reply, reference):
    with sink(at={".": reply}) as server:
        assert send_one(server.port) == Outcome(Verdict.ACCEPTED, reference, " ".join(reply.split()))


@pytest.mark.parametrize("moment", ["MAIL", "RCPT", "DATA", "."])
def test_a_permanent_refusal_at_any_moment_is_for_good(sink, moment):
    with sink(at={moment: f"550 5.7.1 {MESSAGE.to} is not wanted"}) as server:
        assert send_one(server.port) == Outcome(Verdict.REJECTED, "", "550 5.7.1 ***@sxd.example.vn is not wanted")


@pytest.mark.parametrize("moment", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("reply", ["451 4.3.0 not now", "421 4.3.2 closing"])
def test_a_temporary_refusal_at_any_moment_is_tried_again(sink, moment, reply):
    with sink(at={moment: reply}) as server:
        assert send_one(server.port) == Outcome(Verdict.TRY_AGAIN, "", reply)


def test_an_unknown_mailbox_is_refused_and_the_next_mail_goes_over_the_same_connection(sink):
    with sink(mode="refuse") as server, channel_to(server.port) as channel:
        assert channel.send(MESSAGE) == Outcome(
            Verdict.REJECTED, "", "550 5.1.1 <***@sxd.example.vn>: no such mailbox here"
        )
        server.at.clear()
        assert channel.send(MESSAGE).verdict is Verdict.ACCEPTED
    assert server.connections == 1
    assert server.commands == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", "QUIT"]


def test_a_greylisted_mail_is_taken_the_second_time(sink):
    with sink(mode="greylist") as server, channel_to(server.port) as channel:
        verdicts = [channel.send(MESSAGE).verdict for _ in range(2)]
    assert verdicts == [Verdict.TRY_AGAIN, Verdict.ACCEPTED]
    assert len(server.messages) == 1


@pytest.mark.parametrize("moment", ["EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("what", ["close", "stall"])
def test_silence_before_the_final_dot_is_tried_again(sink, moment, what):
    with sink(at={moment: what}, seconds=600) as server:
        assert send_one(server.port, timeout=0.5).verdict is Verdict.TRY_AGAIN
    assert server.messages == []


def test_a_connection_lost_after_the_final_dot_is_unknown(sink):
    with sink(mode="drop_after_data") as server:
        outcome = send_one(server.port)
    assert (outcome.verdict, outcome.reference) == (Verdict.UNKNOWN, "")
    assert len(server.messages) == 1  # and indeed it had been taken


def test_no_reply_in_time_after_the_final_dot_is_unknown(sink):
    with sink(mode="slow", seconds=600) as server:
        outcome = send_one(server.port, timeout=0.5)
    assert (outcome.verdict, len(server.messages)) == (Verdict.UNKNOWN, 1)


def test_a_slow_reply_within_the_time_is_a_reply(sink):
    with sink(mode="slow", seconds=0.3) as server:
        assert send_one(server.port).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("reply", ["what?", "354 still here", "100 hm"])
def test_a_reply_nobody_can_read_after_the_final_dot_is_unknown(sink, reply):
    with sink(at={".": reply}) as server:
        assert send_one(server.port).verdict is Verdict.UNKNOWN


def test_after_an_unknown_outcome_the_next_mail_takes_a_new_connection(sink):
    with sink(mode="drop_after_data") as server, channel_to(server.port) as channel:
        channel.send(MESSAGE)
        server.at.clear()
        assert channel.send(replace(MESSAGE, key="f" * 32)).verdict is Verdict.ACCEPTED
    assert server.connections == 2


def test_after_an_interruption_the_next_mail_does_not_hear_the_last_ones_answer(sink):
    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with sink(mode="slow", seconds=1) as server, channel_to(server.port) as channel:
            signal.setitimer(signal.ITIMER_REAL, 0.4)
            with pytest.raises(KeyboardInterrupt):
                channel.send(MESSAGE)
            server.mode, server.at["MAIL"] = "accept", "550 5.7.1 no"
            assert channel.send(MESSAGE) == Outcome(Verdict.REJECTED, "", "550 5.7.1 no")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert server.connections == 2


def test_a_conversation_out_of_step_is_no_refusal_of_the_mail(sink):
    with sink(at={"MAIL": "503 5.5.1 nested MAIL command"}) as server:
        assert send_one(server.port).verdict is Verdict.TRY_AGAIN


def test_nobody_listening_is_tried_again():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        outcome = send_one(taken.getsockname()[1])
    assert outcome.verdict is Verdict.TRY_AGAIN
    assert "Connection refused" in outcome.detail


def test_a_name_nobody_knows_is_tried_again():
    server = read_mail_server("smtp://thu.invalid", sender_address="a@b.vn", sender_name="A")
    assert MailChannel(server, lambda: AT).send(MESSAGE).verdict is Verdict.TRY_AGAIN


@pytest.mark.parametrize("greeting", [b"554 go away\r\n", b"421 later\r\n", b"nonsense\r\n", b"", b"220-a\r\n" * 3])
def test_a_greeting_that_is_no_welcome_is_tried_again(greeting):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answer_one(listener, greeting)
        assert send_one(listener.getsockname()[1], timeout=5).verdict is Verdict.TRY_AGAIN


def answer_one(listener, greeting):
    def answer():
        caller, _ = listener.accept()
        with caller:
            caller.sendall(greeting)

    Thread(target=answer, daemon=True).start()


def test_a_server_that_drips_letters_does_not_stretch_the_deadline():
    listener, dripped, stop = socket.create_server(("127.0.0.1", 0)), [], Event()

    def drip():
        caller, _ = listener.accept()
        with caller:
            while not stop.wait(0.1):
                try:
                    caller.sendall(b"2")
                except OSError:
                    return
                dripped.append(1)

    thread = Thread(target=drip)
    thread.start()
    with listener:
        assert send_one(listener.getsockname()[1], timeout=1).verdict is Verdict.TRY_AGAIN
        stop.set()
        thread.join()
    assert len(dripped) <= 12  # a second's worth: each letter alone would have bought another second


def test_an_unusable_address_is_refused_without_a_connection(sink):
    with sink() as server:
        outcome = send_one(server.port, replace(MESSAGE, to="a" * 65 + "@b.vn"))
    assert (outcome.verdict, server.connections) == (Verdict.REJECTED, 0)
    assert outcome.detail == "Không gửi thư được đến a***@b.vn: phần trước @ dài hơn 64 ký tự."


def test_an_address_with_accents_goes_only_through_servers_that_take_it(sink):
    accented = replace(MESSAGE, to="đầu.mối@sxd.example.vn")
    with sink() as server, channel_to(server.port) as channel:
        refused = channel.send(accented)
        assert refused.verdict is Verdict.REJECTED
        assert refused.detail.endswith("máy chủ thư không nhận địa chỉ có dấu.")
        assert channel.send(MESSAGE).verdict is Verdict.ACCEPTED
    with sink(smtputf8=True) as server:
        assert send_one(server.port, accented).verdict is Verdict.ACCEPTED
    (received,) = server.messages
    assert received.recipients == (accented.to,)
    assert f"<{accented.to}>".encode() in received.content


# One connection


def test_two_mails_share_one_connection(sink):
    with sink() as server, channel_to(server.port) as channel:
        assert [channel.send(replace(MESSAGE, key=key * 32)).verdict for key in "ab"] == [Verdict.ACCEPTED] * 2
    assert (server.connections, [mail.key for mail in server.messages]) == (1, ["a" * 32, "b" * 32])


def test_a_connection_the_server_hung_up_is_opened_again_and_nothing_is_doubled(sink):
    with sink() as server, channel_to(server.port) as channel:
        channel.send(MESSAGE)
        server.close_connections()
        assert channel.send(replace(MESSAGE, key="b" * 32)).verdict is Verdict.ACCEPTED
    assert (server.connections, [mail.key for mail in server.messages]) == (2, [KEY, "b" * 32])


def test_a_server_that_says_it_closes_is_called_once_more_before_anything_was_sent(sink):
    with sink() as server, channel_to(server.port) as channel:
        channel.send(MESSAGE)
        server.at["MAIL"] = "421 4.4.2 idle for too long"
        assert channel.send(MESSAGE) == Outcome(Verdict.TRY_AGAIN, "", "421 4.4.2 idle for too long")
    assert (server.connections, len(server.messages)) == (2, 1)


def test_a_connection_unused_for_long_is_not_trusted(sink, monkeypatch):
    monkeypatch.setattr("notices.mail.KEEP_SECONDS", 0)
    with sink() as server, channel_to(server.port) as channel:
        assert [channel.send(MESSAGE).verdict for _ in range(2)] == [Verdict.ACCEPTED] * 2
    assert server.connections == 2


def test_a_closed_channel_can_be_used_again(sink):
    with sink() as server, channel_to(server.port) as channel:
        channel.send(MESSAGE)
        channel.close()
        channel.close()
        assert channel.send(MESSAGE).verdict is Verdict.ACCEPTED


# Encrypted, logged in


@pytest.fixture
def trusted(certificate, monkeypatch):
    """The certificate, known to this machine for the length of the test."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


@pytest.mark.parametrize(("security", "scheme"), [("starttls", "smtp+starttls"), ("tls", "smtps")])
def test_login_and_mail_go_encrypted(sink, trusted, security, scheme):
    with (
        sink(security=security, certificate=trusted, login=("van.phong@so.vn", "m4t-khau")) as server,
        channel_to(server.port, scheme=scheme, user="van.phong%40so.vn", password="m4t-khau") as channel,
    ):
        assert [channel.send(MESSAGE).verdict for _ in range(2)] == [Verdict.ACCEPTED] * 2
    assert [(mail.encrypted, mail.login) for mail in server.messages] == [(True, "van.phong@so.vn")] * 2
    assert server.connections == 1


@pytest.mark.parametrize(("security", "scheme"), [("starttls", "smtp+starttls"), ("tls", "smtps")])
def test_a_certificate_nobody_vouches_for_stops_the_mail_for_now(sink, certificate, security, scheme):
    with sink(security=security, certificate=certificate) as server:
        outcome = send_one(server.port, scheme=scheme)
    assert (outcome.verdict, server.messages) == (Verdict.TRY_AGAIN, [])
    assert "certificate verify failed" in outcome.detail


def test_without_starttls_nothing_goes_in_clear(sink):
    with sink(mode="no_starttls") as server:
        outcome = send_one(server.port, scheme="smtp+starttls")
    assert (outcome.verdict, server.messages, server.commands) == (Verdict.TRY_AGAIN, [], ["EHLO"])
    assert "STARTTLS" in outcome.detail


def test_a_refused_login_is_tried_again_for_the_office_mends_it(sink, trusted):
    with sink(security="tls", certificate=trusted, login=("van.phong", "m4t-khau-moi")) as server:
        wrong = send_one(server.port, scheme="smtps", user="van.phong", password="m4t-khau-cu")
        missing = send_one(server.port, scheme="smtps")
    assert (wrong.verdict, missing.verdict, server.messages) == (Verdict.TRY_AGAIN, Verdict.TRY_AGAIN, [])
    assert (wrong.detail.rpartition(": ")[2][:3], missing.detail[:3]) == ("535", "530")
    assert "m4t-khau" not in repr(wrong)


def test_a_server_that_knows_no_login_is_tried_again(sink):
    with sink() as server:
        assert send_one(server.port, user="a", password="b").verdict is Verdict.TRY_AGAIN
    assert server.messages == []


# Delivery reports


def test_a_delivery_report_is_asked_for_when_the_server_offers_it(sink):
    plus = replace(MESSAGE, to="dau+moi=1@sxd.example.vn")
    with sink(dsn=True) as server:
        assert send_one(server.port, plus, dsn=True).verdict is Verdict.ACCEPTED
    (received,) = server.messages
    assert received.sender_options == ("RET=HDRS", f"ENVID={KEY}")
    assert received.recipient_options == (
        "NOTIFY=SUCCESS,FAILURE",
        "ORCPT=rfc822;dau+2Bmoi+3D1@sxd.example.vn",
    )


@pytest.mark.parametrize(("offered", "wanted"), [(False, True), (True, False)])
def test_no_report_is_asked_for_otherwise(sink, offered, wanted):
    with sink(dsn=offered) as server:
        assert send_one(server.port, dsn=wanted).verdict is Verdict.ACCEPTED
    (received,) = server.messages
    assert (received.sender_options, received.recipient_options) == ((), ())


def test_a_mail_larger_than_the_server_takes_is_refused_before_it_is_sent(sink):
    large = Attachment("lon.bin", "application/octet-stream", bytes(26 << 20))
    with sink() as server:
        outcome = send_one(server.port, replace(MESSAGE, attachments=(large,)))
    assert (outcome.verdict, outcome.detail[:3]) == (Verdict.REJECTED, "552")
    assert server.commands == ["EHLO", "MAIL", "RSET", "QUIT"]


# Apprise


@pytest.fixture
def registered(apprise_plugins):
    """Apprise knows our schemas."""
    MailPlugin.register(lambda: AT)


def test_apprise_sends_by_the_same_channel(registered, sink):
    MailPlugin.register(lambda: AT)  # again: it may be done twice
    with sink() as server:
        sender = apprise.Apprise()
        address = (
            f"dondocmail://127.0.0.1:{server.port}/dau.moi%40sxd.example.vn?from=vp@bcd.vn&name=V%C4%83n%20ph%C3%B2ng"
        )
        assert sender.add(address)
        assert sender.notify(title="Hạn nộp", body="Còn 2 ngày\n< 3", body_format=apprise.NotifyFormat.TEXT)
    (received,) = server.messages
    mail = read(received.content)
    assert (received.sender, received.recipients) == ("vp@bcd.vn", (MESSAGE.to,))
    assert (mail["Subject"], mail["From"].addresses[0].display_name) == ("Hạn nộp", "Văn phòng")
    assert body(mail) == "Còn 2 ngày\n< 3\n"
    assert mail.get_body(("html",)).get_content().split() == "<p>Còn 2 ngày<br> &lt; 3</p>".split()
    assert len(mail["Message-ID"].partition("@")[0]) == 33


def test_apprise_hears_of_a_refusal(registered, sink):
    with sink(mode="refuse") as server:
        sender = apprise.Apprise()
        sender.add(f"dondocmail://127.0.0.1:{server.port}/a@b.vn?from=vp@bcd.vn")
        assert not sender.notify(body="x")


def test_an_apprise_address_can_be_made_again_and_shown_without_secrets(registered):
    written = (
        "dondocmails://vp%40so.vn:m4t%2Fkhau@thu.so.vn:2525/dau.moi@so.vn?from=vp@so.vn&name=V%C4%83n&security=starttls"
    )
    plugin = apprise.Apprise.instantiate(written)
    assert (plugin.server.security, plugin.server.port, plugin.server.user) == ("starttls", 2525, "vp@so.vn")
    again = apprise.Apprise.instantiate(plugin.url())
    assert (again.server, again.to) == (plugin.server, plugin.to)
    shown = plugin.url(privacy=True)
    assert "khau" not in shown
    assert "dau.moi" not in shown


@pytest.mark.parametrize("address", ["dondocmail://127.0.0.1/?from=a@b.vn", "dondocmail://127.0.0.1/a@b.vn"])
def test_an_apprise_address_without_recipient_or_sender_is_refused(registered, address):
    assert not apprise.Apprise().add(address)
