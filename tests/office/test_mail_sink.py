"""The mail sink keeps every mail before it says so, shows it in Vietnamese, and lets nothing out."""

import re
import resource
import signal
import smtplib
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.mail_sink import show

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-m", "office.mail_sink"]
KEY = "0123456789abcdef" * 2


@contextmanager
def mail_sink(folder, **options):
    """The running program, its port; ended by SIGTERM unless the test has ended it."""
    command = [*PROGRAM, "--port", "0", "--folder", str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    ) as process:
        try:
            yield process, int(process.stdout.readline().rpartition(":")[2])
        finally:
            process.terminate()


def mail(key=KEY, subject="Hạn nộp: báo cáo quý I", text="Kính gửi Sở Xây dựng,\n", **headers):
    made = EmailMessage()
    made["From"], made["To"] = "Văn phòng <vp@bcd.example.vn>", "Đầu mối <dau.moi@sxd.example.vn>"
    made["Subject"], made["Date"] = subject, "Mon, 11 Mar 2024 08:30:00 +0700"
    if key:
        made["Message-ID"] = f"<{key}@bcd.example.vn>"
    made.set_content(text)
    for name, value in headers.items():
        made[name] = value
    return made


def send(port, *mails):
    """Each mail's last reply, over one connection."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="test") as client:
        client.ehlo()
        replies = []
        for made in mails:
            client.mail("vp@bcd.example.vn")
            client.rcpt("dau.moi@sxd.example.vn")
            replies.append(client.data(made.as_bytes(policy=made.policy.clone(linesep="\r\n"))))
        return replies


def wait_for(happened):
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def page(folder):
    return (folder / "index.html").read_text(encoding="utf-8")


def names(folder):
    return sorted(path.name for path in folder.glob("*.eml"))


def test_a_mail_is_a_file_before_it_is_acknowledged(tmp_path):
    with mail_sink(tmp_path / "thư") as (process, port):
        replies = send(port, mail())
        process.kill()  # no time to write anything more
    assert replies == [(250, f"2.0.0 kept as 000001-{KEY}".encode())]
    kept = message_from_bytes((tmp_path / "thư" / f"000001-{KEY}.eml").read_bytes())
    assert kept["Message-ID"] == f"<{KEY}@bcd.example.vn>"
    assert kept.get_payload(decode=True).decode().split() == ["Kính", "gửi", "Sở", "Xây", "dựng,"]
    assert (tmp_path / "thư").stat().st_mode & 0o777 == 0o700  # personal links are in the mails


def test_names_sort_by_arrival_and_a_second_copy_is_kept_too_also_after_a_restart(tmp_path):
    with mail_sink(tmp_path) as (_, port):
        send(port, mail(), mail("b" * 32), mail(), mail(key=""), mail(key="../../x/y"))
    with mail_sink(tmp_path) as (_, port):
        send(port, mail())
    assert names(tmp_path) == [
        f"000001-{KEY}.eml",
        f"000002-{'b' * 32}.eml",
        f"000003-{KEY}-2.eml",
        "000004-khong-ma.eml",
        "000005-.._.._x_y.eml",
        f"000006-{KEY}-3.eml",
    ]


def test_the_page_shows_the_newest_first_with_subject_recipient_date_and_text(tmp_path):
    with mail_sink(tmp_path) as (_, port):
        assert "Chưa có thư nào." in page(tmp_path)
        link = mail("b" * 32, subject="Mới", text="Mở https://dondoc.example.vn/da-nhan?a=1&b=2 để xác nhận.\n")
        link.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Công văn.pdf")
        send(port, mail(subject="Cũ"), link)
        wait_for(lambda: "Mới" in page(tmp_path))
        shown = page(tmp_path)
    assert '<html lang="vi">' in shown
    assert "Không thư nào ở đây rời khỏi máy này." in shown
    assert re.findall(r'<a href="(\d[^"]+)">(.*?)</a></h2>', shown) == [
        (f"000002-{'b' * 32}.eml", "Mới"),
        (f"000001-{KEY}.eml", "Cũ"),
    ]
    assert shown.count("Gửi đến: Đầu mối &lt;dau.moi@sxd.example.vn&gt;") == 2
    assert shown.count("Ngày: Mon, 11 Mar 2024 08:30:00 +0700") == 2
    assert "Đính kèm: Công văn.pdf" in shown
    assert "<summary>Nội dung</summary><pre>Kính gửi Sở Xây dựng," in shown
    assert 'href="https://dondoc.example.vn/da-nhan?a=1&amp;b=2"' in shown


def test_nothing_in_a_mail_becomes_part_of_the_page(tmp_path):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    sent = mail(subject=evil, text=f"{evil} https://x.vn/\"onclick='a'\n")
    sent.replace_header("To", '"<b>x" <a@b.vn>')
    sent.replace_header("Date", "<b>hôm qua</b>")
    sent.add_attachment(b"1", maintype="a", subtype="b", filename="<i>x</i>.pdf")
    with mail_sink(tmp_path) as (_, port):
        send(port, sent)
        wait_for(lambda: KEY in page(tmp_path))
        shown = page(tmp_path)
    assert [tag for tag in ("<script", "<img", "<b>", "<i>", "'a'", ' onclick="') if tag in shown] == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\xff\xfe\r\n",
        b"Subject: =?khong-co?b?x?=\r\nContent-Type: text/plain; charset=khong-co\r\n\r\n\xc4\x90\r\n",
        b"Subject: =?utf-8?b?x?=\r\nContent-Type: multipart/mixed\r\n\r\n--\r\n",
        "Subject: Hạn nộp\r\nMessage-ID: <ă\x00@b.vn>\r\n\r\nĐã gửi\r\n".encode(),
        b"Content-Type: multipart/mixed; boundary*=b; boundary*1=c\r\n\r\n--b\r\n",
        b"Content-Type: text/plain; charset*=b; charset*1=c; name*=b; name*1=c\r\n\r\nx\r\n",
        b'Content-Type: text/plain; name="=?x"\r\nContent-Transfer-Encoding: base64\r\n\r\n====\r\n',
    ],
)
def test_a_broken_mail_is_kept_and_shown_as_far_as_it_can_be_read(tmp_path, raw):
    with mail_sink(tmp_path) as (_, port), smtplib.SMTP("127.0.0.1", port, local_hostname="test") as client:
        client.ehlo()
        client.mail("a@b.vn")
        client.rcpt("c@d.vn")
        assert client.data(raw)[0] == 250
        wait_for(lambda: "<article>" in page(tmp_path))
    (path,) = tmp_path.glob("*.eml")
    assert path.read_bytes().rstrip() == raw.rstrip()


@given(st.binary(max_size=200), st.sampled_from(["Subject", "To", "Date", "Content-Type", "Content-Disposition"]))
def test_no_mail_is_too_broken_to_show(noise, header):
    shown = show("x.eml", f"{header}: text/plain; name*=a'b'".encode() + noise + b"\r\n\r\n" + noise)
    assert shown.file == "x.eml"
    shown = show("x.eml", f"{header}: =?utf-8?b?".encode() + noise + b"?=\r\n\r\n" + noise)
    assert shown.file == "x.eml"


def test_when_the_disk_takes_no_more_the_sender_is_told_to_come_again(tmp_path):
    def small_files_only():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    with mail_sink(tmp_path, preexec_fn=small_files_only) as (_, port):
        replies = send(port, mail("a" * 32, text="dài " * 20_000), mail("b" * 32))
    assert [code for code, _ in replies] == [452, 250]
    assert replies[0][1].startswith(b"4.3.1 ")
    assert names(tmp_path) == [f"000001-{'b' * 32}.eml"]
    assert list(tmp_path.glob("*.half")) == []


def test_what_a_killed_run_left_half_written_is_swept_away(tmp_path):
    (tmp_path / "000001-x.eml.half").write_bytes(b"Subj")
    with mail_sink(tmp_path) as (_, port):
        send(port, mail())
    assert names(tmp_path) == [f"000001-{KEY}.eml"]
    assert list(tmp_path.glob("*.half")) == []


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_asked_with_a_caller_on_the_line_and_its_page_written(tmp_path, ending):
    with mail_sink(tmp_path) as (process, port):
        with smtplib.SMTP("127.0.0.1", port, local_hostname="test") as client:
            client.ehlo()
            client.mail("a@b.vn")
            send(port, mail())
            process.send_signal(ending)
            _, said = process.communicate(timeout=60)
            client.close()
        assert (process.returncode, said) == (0, "")
    assert KEY in page(tmp_path)


def test_it_listens_on_this_machine_alone(tmp_path):
    with mail_sink(tmp_path) as (_, port), socket.socket() as other:
        other.settimeout(5)
        assert other.connect_ex(("127.0.0.2", port)) != 0  # answered too if it listened everywhere


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [*PROGRAM, "--port", str(taken.getsockname()[1]), "--folder", str(tmp_path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Không mở được hộp thư thử ở cổng {taken_port(command)}. Chọn cổng khác.\n"


def taken_port(command):
    return command[command.index("--port") + 1]


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path):
    (tmp_path / "x").write_text("")
    command = [*PROGRAM, "--port", "0", "--folder", str(tmp_path / "x")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "Không ghi được vào thư mục hộp thư thử" in done.stderr
