"""Mails a second by our channel, by plain smtplib on a kept connection, and by Apprise's own mail plugin.

Each makes and sends the same text and page to the same server in a process of its own, which keeps nothing.
Run by hand: python benchmarks/mail.py
"""

from __future__ import annotations

import smtplib
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import apprise

from notices.channel import Message, Verdict
from notices.mail import MailChannel, read_mail_server

AT = datetime(2024, 3, 11, 1, 30, tzinfo=UTC)
SENDER, TO = "van.phong@bcd.example.vn", "dau.moi@sxd.example.vn"
SUBJECT = "Còn 2 ngày làm việc: Báo cáo quý I, hạn nộp ngày 15/3/2024"
TEXT = "Kính gửi Sở Xây dựng,\n\nBáo cáo quý I về công tác chuyển đổi số, hạn nộp ngày 15/3/2024.\n" * 5
PAGE = "<p>" + TEXT.replace("\n", "<br>\n") + "</p>"
MAILS, FEW, ROUNDS = 300, 15, 5
SINK = Path(__file__).resolve().parent.parent / "tests" / "notices" / "sinks.py"


def our_channel(port: int) -> Callable[[], None]:
    """Our channel."""
    server = read_mail_server(f"smtp://127.0.0.1:{port}", sender_address=SENDER, sender_name="Văn phòng Ban Chỉ đạo")
    channel = MailChannel(server, lambda: AT)

    def send() -> None:
        outcome = channel.send(Message(uuid4().hex, TO, "Nguyễn Thị Đầu Mối", SUBJECT, TEXT, PAGE, ""))
        if outcome.verdict is not Verdict.ACCEPTED:
            raise RuntimeError(outcome.detail)

    return send


def plain_smtplib(port: int) -> Callable[[], None]:
    """What a programmer would write with the standard library, on one connection."""
    connection = smtplib.SMTP("127.0.0.1", port, local_hostname="bcd.example.vn")

    def send() -> None:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = f"Văn phòng Ban Chỉ đạo <{SENDER}>", f"Nguyễn Thị Đầu Mối <{TO}>"
        mail["Subject"], mail["Message-ID"], mail["Date"] = SUBJECT, f"<{uuid4().hex}@bcd.example.vn>", AT
        mail.set_content(TEXT)
        mail.add_alternative(PAGE, subtype="html")
        if connection.send_message(mail):
            raise RuntimeError("refused")

    return send


def apprises_own(port: int) -> Callable[[], None]:
    """Apprise's ``mailto://``, made anew for each recipient: one that is used again waits 5.5 s between mails."""

    def send() -> None:
        sender = apprise.Apprise()
        sender.add(f"mailto://127.0.0.1:{port}?from={SENDER}&to={TO}&mode=insecure&format=html")
        if not sender.notify(title=SUBJECT, body=PAGE, body_format=apprise.NotifyFormat.HTML):
            raise RuntimeError("refused")

    return send


def rate(send: Callable[[], None], mails: int) -> float:
    """Mails a second."""
    started = perf_counter()
    for _ in range(mails):
        send()
    return mails / (perf_counter() - started)


def main() -> None:
    """Prints the medians of rounds that take turns, and the ratios between them."""
    command = [sys.executable, str(SINK), "--mode", "discard"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        try:
            port = int(sink.stdout.readline())
            ways = [(our_channel(port), MAILS), (plain_smtplib(port), MAILS), (apprises_own(port), FEW)]
            for send, _ in ways:
                send()
            rates = [[rate(send, mails) for send, mails in ways] for _ in range(ROUNDS)]
        finally:  # whatever went wrong, the server is not waited for
            sink.terminate()
    ours, plain, theirs = (median(column) for column in zip(*rates, strict=True))
    print(f"our channel:            {ours:7.0f} mails/s")
    print(f"smtplib, kept:          {plain:7.0f} mails/s   ours/smtplib  {ours / plain:6.2f}  (aim 0.8)")
    print(f"Apprise's mailto://:    {theirs:7.0f} mails/s   ours/Apprise  {ours / theirs:6.1f}  (aim 8)")


if __name__ == "__main__":
    main()
