"""What servers report about our mail is found by its key, and nothing else in the mailbox disturbs."""

import socket
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.bounces import Report, UnreachableMailbox, messages_in_folder, messages_in_mailbox, read_bounces

KEY = "0123456789abcdef" * 2

POSTFIX = f"""\
Return-Path: <>
From: MAILER-DAEMON@thu.so.vn (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: van.phong@bcd.example.vn
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="4VXyZ.1710120600/thu.so.vn"

This is a MIME-encapsulated message.

--4VXyZ.1710120600/thu.so.vn
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--4VXyZ.1710120600/thu.so.vn
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; thu.so.vn
Original-Envelope-Id: {KEY}
X-Postfix-Queue-ID: 4VXyZ
Arrival-Date: Mon, 11 Mar 2024 08:30:00 +0700 (+07)

Final-Recipient: rfc822; dau.moi@sxd.example.vn
Original-Recipient: rfc822;dau.moi@sxd.example.vn
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.sxd.example.vn
Diagnostic-Code: smtp; 550 5.1.1 <dau.moi@sxd.example.vn>: Recipient address
    rejected: User dau.moi unknown in virtual mailbox table

--4VXyZ.1710120600/thu.so.vn
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Message-ID: <{"f" * 32}@bcd.example.vn>
Subject: =?utf-8?q?H=E1=BA=A1n?=

--4VXyZ.1710120600/thu.so.vn--
"""
EXCHANGE = f"""\
From: <postmaster@so.vn>
To: <van.phong@bcd.example.vn>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="_b"

--_b
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

S2jDtG5nIGfhu61pIMSRxrDhu6Nj

--_b
Content-Type: message/delivery-status

Reporting-MTA: dns;ex01.so.vn

Final-Recipient: RFC822;dau.moi@sxd.example.vn
Action: Failed
Status: 5.2.2
Diagnostic-Code: smtp;554 5.2.2 mailbox full; STOREDRV.Deliver; quota exceeded

--_b
Content-Type: message/rfc822

From: van.phong@bcd.example.vn
Message-ID: <{KEY}@bcd.example.vn>
Content-Type: text/plain

Hạn nộp

--_b--
"""


def report(status: str, *, envelope: str = KEY, returned: str = "") -> bytes:
    """A report with the given fields about its recipient."""
    return f"""\
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Báo cáo
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; a
Original-Envelope-Id: {envelope}

{status}
--b
Content-Type: text/rfc822-headers

{returned}
--b--
""".encode()


def test_a_mailbox_postfix_does_not_find_has_failed():
    assert read_bounces([POSTFIX.encode()]) == [
        Report(
            KEY,
            "failed",
            "5.1.1",
            "550 5.1.1 <***@sxd.example.vn>: Recipient address rejected: User *** unknown in virtual mailbox table",
        )
    ]


def test_without_an_envelope_number_the_returned_mail_tells_the_key():
    assert read_bounces([EXCHANGE.encode()]) == [
        Report(KEY, "failed", "5.2.2", "554 5.2.2 mailbox full; STOREDRV.Deliver; quota exceeded")
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_make_no_difference(line_end):
    raw = (POSTFIX + "\n").replace("\n", line_end).encode()
    assert [found.key for found in read_bounces([raw])] == [KEY]


@pytest.mark.parametrize(
    ("fields", "action", "status"),
    [
        ("Action: delivered\nStatus: 2.0.0", "delivered", "2.0.0"),
        ("Action: RELAYED (to mx)\nStatus: 2.0.0", "relayed", "2.0.0"),
        ("Action: relayed\nStatus: 2.1.5 (to a server without DSN)", "relayed", "2.1.5"),
        ("Action: expanded\nStatus: 2.1.5", "relayed", "2.1.5"),
        ("Action: delayed\nStatus: 4.4.1\nWill-Retry-Until: Wed, 13 Mar 2024 08:30:00 +0700", "delayed", "4.4.1"),
        ("Action: failed", "failed", ""),
        ("Action: exploded\nStatus: 5.0.0", None, None),
        ("Status: 5.0.0", None, None),
    ],
)
def test_each_action_of_the_standard_is_known(fields, action, status):
    expected = [Report(KEY, action, status, "")] if action else []
    assert read_bounces([report(f"Final-Recipient: rfc822; a@b.vn\n{fields}\n")]) == expected


@pytest.mark.parametrize(
    ("envelope", "returned", "key"),
    [
        (KEY.upper(), "", KEY),  # shouted
        ("+30" + KEY[1:], "", KEY),  # xtext
        ("QQ314159", f"Message-ID: <{KEY}@bcd.example.vn>", KEY),  # somebody's own number
        ("", f"Message-Id:\n <{KEY}@bcd.example.vn>", KEY),
        ("", "Message-ID: <20240311.1@bcd.example.vn>", None),  # not ours
        ("", "", None),
    ],
)
def test_the_key_is_found_where_servers_put_it(envelope, returned, key):
    found = read_bounces([report("Action: failed\nStatus: 5.0.0\n", envelope=envelope, returned=returned)])
    assert [one.key for one in found] == ([key] if key else [])


def test_each_recipient_in_a_report_is_told():
    both = "Action: failed\nStatus: 5.1.1\n\nAction: delivered\nStatus: 2.0.0\n"
    assert [one.action for one in read_bounces([report(both)])] == ["failed", "delivered"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: xin nghi phep\n\nToi vang mat.",
        f"Subject: x\nIn-Reply-To: <{KEY}@bcd.example.vn>\n\nĐã nhận".encode(),
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\nkhong co phan nao",
        b"Content-Type: multipart/report; report-type=delivery-status\n\n--b\n",
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n--b--",
        b"Content-Type: multipart/report; boundary*=b; boundary*1=c\n\n--b\n",  # Python's own reader stumbles here
        b"Content-Type: multipart/mixed; boundary=z\n\n--z\nContent-Type: message/rfc822\n\n"
        + POSTFIX.encode()
        + b"\n--z--\n",  # somebody forwards a report
    ],
)
def test_what_is_no_report_says_nothing(raw):
    assert read_bounces([raw, POSTFIX.encode()]) == read_bounces([POSTFIX.encode()])


@given(st.integers(0, len(EXCHANGE)), st.binary(max_size=60), st.integers(0, 200))
def test_a_broken_report_is_never_an_error(where, noise, lost):
    for whole in (POSTFIX.encode(), EXCHANGE.encode()):
        for found in read_bounces([whole[:where] + noise + whole[where + lost :]]):
            assert found.action in {"failed", "delayed", "delivered", "relayed"}
            assert len(found.key) >= 32


# A folder


def test_reports_in_a_plain_folder_are_read_once(tmp_path):
    for name, text in (("a.eml", POSTFIX), ("b.eml", EXCHANGE), ("ghi-chu.txt", "không phải thư")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with messages_in_folder(tmp_path) as box:
        first = dict(box.unread())
        box.mark_read("a.eml")
        box.mark_read("a.eml")  # again, after a crash
    assert first == {"a.eml": POSTFIX.encode(), "b.eml": EXCHANGE.encode()}
    with messages_in_folder(tmp_path) as box:
        assert [name for name, _ in box.unread()] == ["b.eml"]
    assert (tmp_path / "read" / "a.eml").read_text(encoding="utf-8") == POSTFIX


def test_reports_in_a_maildir_are_read_once(tmp_path):
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"1710120600.{folder}.thu").write_text(POSTFIX)
    with messages_in_folder(tmp_path) as box:
        names = [name for name, _ in box.unread()]
        for name in names:
            box.mark_read(name)
        assert list(box.unread()) == []
    assert names == ["cur/1710120600.cur.thu", "new/1710120600.new.thu"]  # not what is still being written
    assert len(list((tmp_path / "read").iterdir())) == 2


def test_two_reports_of_one_name_are_both_kept(tmp_path):
    with messages_in_folder(tmp_path) as box:
        for text in ("một", "hai"):
            (tmp_path / "a.eml").write_text(text, encoding="utf-8")
            box.mark_read("a.eml")
    kept = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "read").iterdir()}
    assert kept == {"a.eml": "một", "a-2.eml": "hai"}


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with messages_in_folder(tmp_path / "khong-co") as box, pytest.raises(UnreachableMailbox, match="khong-co"):
        list(box.unread())


def test_an_error_of_the_reader_keeps_its_own_name(tmp_path):
    (tmp_path / "a.eml").write_text(POSTFIX)
    with messages_in_folder(tmp_path) as box, pytest.raises(BrokenPipeError):
        for _ in box.unread():
            raise BrokenPipeError


# A mailbox


@dataclass
class Imap:
    """The few commands of IMAP4rev1 that are asked, over TLS, one caller at a time."""

    messages: dict[str, bytes]
    password: str = "m4t-khau"
    hang_up_at: str = ""
    seen: set[str] = field(default_factory=set)
    port: int = 0

    def serve(self, listener):
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return  # the test is over, or the caller distrusts the certificate
            with caller, caller.makefile("rwb") as stream:
                self.say(stream, b"* OK ready")
                for line in stream:
                    if not self.answer(stream, line.decode().split()):
                        break

    def say(self, stream, *lines):
        stream.write(b"".join(line + b"\r\n" for line in lines))
        stream.flush()

    def answer(self, stream, words):
        tag, command = words[0].encode(), words[2] if words[1] == "UID" else words[1]
        if command == self.hang_up_at:
            return False
        if command == "LOGIN" and words[3].strip('"') != self.password:
            self.say(stream, tag + b" NO wrong password")
            return True
        self.say(stream, *self.untagged(command, words), tag + b" OK done")
        return command != "LOGOUT"

    def untagged(self, command, words):
        if command == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1"]
        if command == "SELECT":
            return [f"* {len(self.messages)} EXISTS".encode()]
        if command == "SEARCH":
            return [f"* SEARCH {' '.join(uid for uid in self.messages if uid not in self.seen)}".encode()]
        if command == "FETCH":
            assert words[4] == "(BODY.PEEK[])"
            content = self.messages[words[3]]
            return [f"* 1 FETCH (UID {words[3]} BODY[] {{{len(content)}}}\r\n".encode() + content + b")"]
        if command == "STORE":
            assert words[4:] == ["+FLAGS.SILENT", r"(\Seen)"]
            self.seen.add(words[3])
        return []


@contextmanager
def imap(certificate, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Imap({"7": POSTFIX.encode(), "9": EXCHANGE.encode(), "12": b"Subject: chao\r\n\r\n"}, **options)
    with socket.create_server(("127.0.0.1", 0)) as plain, context.wrap_socket(plain, server_side=True) as listener:
        server.port = listener.getsockname()[1]
        thread = Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(30)


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


def test_unseen_mail_is_read_and_marked_only_when_dealt_with(trusted):
    with imap(trusted) as server:
        with messages_in_mailbox("127.0.0.1", "vp", "m4t-khau", port=server.port) as box:
            found = dict(box.unread())
            assert server.seen == set()
            box.mark_read("7")
            box.mark_read("12")
        with messages_in_mailbox("127.0.0.1", "vp", "m4t-khau", port=server.port) as box:
            assert [name for name, _ in box.unread()] == ["9"]
    assert found == server.messages
    assert [one.status for one in read_bounces(found.values())] == ["5.1.1", "5.2.2"]


def test_an_empty_mailbox_is_no_news(trusted):
    with (
        imap(trusted, seen={"7", "9", "12"}) as server,
        messages_in_mailbox("127.0.0.1", "vp", "m4t-khau", port=server.port) as box,
    ):
        assert list(box.unread()) == []


@pytest.mark.parametrize("options", [{"password": "khac"}, {"hang_up_at": "LOGIN"}, {"hang_up_at": "SEARCH"}])
def test_a_mailbox_that_cannot_be_read_is_one_sentence(trusted, options):
    with (
        imap(trusted, **options) as server,
        pytest.raises(UnreachableMailbox, match=r"127\.0\.0\.1") as refused,
        messages_in_mailbox("127.0.0.1", "vp", "m4t-khau", port=server.port) as box,
    ):
        list(box.unread())
    assert "m4t-khau" not in str(refused.value)


def test_a_mailbox_nobody_vouches_for_gets_no_password(certificate):
    with (
        imap(certificate) as server,
        pytest.raises(UnreachableMailbox),
        messages_in_mailbox("127.0.0.1", "vp", "m4t-khau", port=server.port),
    ):
        raise AssertionError
