"""One real office for all journeys: ``dondoc run`` with everything it starts, its mails, its commands, its Prefect."""

import email
import email.policy
import re
import subprocess
import sys
from dataclasses import dataclass
from email.message import EmailMessage

from office.prefect_api import PrefectApi
from tests.cli.conftest import ROOT, Home, until

DAY = "2024-12-16"  # a Monday, five working days after the last day of the reports
FIRST_PASSWORD = re.compile(r"tên «(.+?)», mật khẩu «(.+?)»")


@dataclass(frozen=True)
class Mail:
    """One mail of the sink; ``entry`` is its part for the reader's calendar."""

    to: str
    subject: str
    text: str
    html: str
    entry: EmailMessage | None

    def link(self, kind):
        """The link of a kind ("vao", "da-nhan") it carries."""
        return re.search(rf"http://127\.0\.0\.1:\d+/{kind}/\S+", self.text)[0]


class RunningOffice:
    """Started when it is made; ``portal`` is where its pages stand, ``first`` the first name and password."""

    def __init__(self, folder):
        self.home = Home(folder)
        del self.home.environment["DONDOC_NOW"]  # its clock runs
        self.running = self.home.run("--at", DAY)
        self.running.read_until("Ctrl-C")
        self.portal = f"http://127.0.0.1:{self.home.environment['DONDOC_PORTAL_PORT']}"
        self.first = FIRST_PASSWORD.search("\n".join(self.running.lines)).groups()
        self.prefect = PrefectApi(f"http://127.0.0.1:{self.home.port}")

    def stop(self):
        """As Ctrl-C does; whatever does not stop by itself is ended. An office runs until it is asked to stop."""
        assert self.running.process.poll() is None, self.running.finish()
        self.running.process.terminate()
        try:
            self.running.finish(60)
        except subprocess.TimeoutExpired:
            self.running.kill()
        until(lambda: self.home.processes() == {}, what="processes to end")

    def mails(self):
        """Every mail that has arrived, the first first."""
        return [_read(path) for path in sorted((self.home.folder / "mail").glob("*.eml"))]

    def mail(self, to, words):
        """The first mail to an address with ``words`` in its subject; waits for it."""
        found = []

        def has_come():
            found[:] = [mail for mail in self.mails() if mail.to == to and words in mail.subject]
            return bool(found)

        until(has_come, what=f"a mail to {to} about {words}")
        return found[0]

    def dondoc(self, *arguments):
        """What a command of this office says."""
        command = [sys.executable, "-c", "from cli.main import app\napp(prog_name='dondoc')", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.home.environment, capture_output=True, text=True, check=False, timeout=120
        )
        return done.stdout + done.stderr

    def send(self):
        """What waits goes out, by the command or by the flow that happens to be sending just now."""
        until(lambda: "Một lượt gửi khác đang chạy" not in self.dondoc("notices", "send"), what="a turn to send")


def _read(path):
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    entry = next((part for part in mail.walk() if part.get_content_type() == "text/calendar"), None)
    return Mail(mail["to"].addresses[0].addr_spec, mail["subject"], text, html, entry)
