"""Any address of Apprise's hears a notice once, and nobody reads the address."""

import base64
import logging
from dataclasses import replace

import apprise
import pytest
from apprise.plugins.base import NotifyBase

from notices.apprise_urls import AppriseChannel
from notices.channel import Attachment, Message, Outcome, Verdict
from notices.sms import SmsGateway, SmsPlugin, Success
from tests.notices.http_gateway import free_port, http_gateway

pytestmark = pytest.mark.usefixtures("apprise_plugins")

SECRET = "s3cr3t-T0k3n"
LETTER = Attachment("Công văn đôn đốc số 12.docx", "application/msword", b"\x00\xffPK")
MESSAGE = Message(
    key="0123456789abcdef" * 4,
    to="",
    to_name="Nguyễn Thị Đầu Mối",
    subject="Còn 2 ngày làm việc",
    text="Kính gửi Sở Xây dựng, 2 < 3 & hạn nộp là 15/3/2024.",
    html="<p>Kính gửi <b>Sở Xây dựng</b>, 2 &lt; 3</p>",
    short="",
)


def address(gateway, path=f"/hook/{SECRET}", schema="json"):
    return f"{schema}://office:{SECRET}@{gateway.url.partition('://')[2]}{path}"


def send(to, timeout=5.0, **changes):
    channel = AppriseChannel(timeout)
    try:
        return channel.send(replace(MESSAGE, to=to, **changes))
    finally:
        channel.close()


def test_a_message_is_handed_over_as_text():
    with http_gateway() as gateway:
        outcome = send(address(gateway))
    assert outcome == Outcome(Verdict.ACCEPTED, "json", "Apprise báo đã gửi.")
    [request] = gateway.requests
    assert request.path == f"/hook/{SECRET}"
    assert (request.json["title"], request.json["message"]) == (MESSAGE.subject, MESSAGE.text)


def test_a_plugin_that_wants_html_gets_the_html():
    with http_gateway() as gateway:
        outcome = send(address(gateway, f"/hook/{SECRET}?format=html"))
    assert outcome.verdict is Verdict.ACCEPTED
    assert gateway.requests[0].json["message"] == MESSAGE.html


def test_a_plugin_that_wants_markdown_gets_the_text():
    with http_gateway() as gateway:
        outcome = send(address(gateway, f"/hook/{SECRET}?format=markdown"))
    assert outcome.verdict is Verdict.ACCEPTED
    assert "Kính gửi Sở Xây dựng" in gateway.requests[0].json["message"]


def test_an_attachment_goes_along_under_its_vietnamese_name():
    with http_gateway() as gateway:
        outcome = send(address(gateway), attachments=(LETTER,))
    assert outcome == Outcome(Verdict.ACCEPTED, "json", "Apprise báo đã gửi.")
    [attached] = gateway.requests[0].json["attachments"]
    assert attached["filename"] == LETTER.name
    assert attached["mimetype"] == LETTER.media_type
    assert base64.b64decode(attached["base64"]) == LETTER.content


def test_where_no_attachment_can_go_the_outcome_says_so():
    fields = {"to": "{phone}", "msg": "{text}"}
    with http_gateway(answer={"ok": True}) as gateway:
        SmsPlugin.register(SmsGateway(gateway.url, "BCD", fields, Success("ok", ("true",))))
        outcome = send("dondocsms://0912345678", attachments=(LETTER,))
    assert outcome == Outcome(Verdict.ACCEPTED, "dondocsms", "Apprise báo đã gửi. Không kèm được tệp.")
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("asked", ["", "?retry=3&wait=0", "?optional=yes", "?rto=60&cto=60"])
@pytest.mark.parametrize("told", [{"status": 500}, {"status": 403}, {"mode": "drop"}], ids=repr)
def test_a_no_is_tried_again_later_and_never_at_once(told, asked):
    with http_gateway(**told) as gateway:
        outcome = send(address(gateway, f"/hook/{SECRET}{asked}"))
    assert outcome == Outcome(Verdict.TRY_AGAIN, detail="Apprise báo không gửi được qua json.")
    assert len(gateway.requests) == 1


def test_an_address_cannot_ask_for_a_longer_wait_than_ours():
    with http_gateway(mode="hang") as gateway:
        outcome = send(address(gateway, "/?rto=3600"), timeout=0.5)
    assert outcome.verdict is Verdict.TRY_AGAIN


def test_nobody_listening_is_tried_again():
    assert send(f"json://127.0.0.1:{free_port()}/{SECRET}").verdict is Verdict.TRY_AGAIN


@pytest.mark.parametrize(
    "to",
    ["", " ", SECRET, f"nosuchschema://{SECRET}", "json://", f"tgram://{SECRET}"],
)
def test_an_address_that_apprise_does_not_understand_is_refused(to, caplog):
    caplog.set_level(logging.DEBUG)
    outcome = send(to)
    assert outcome == Outcome(Verdict.REJECTED, detail="Apprise không hiểu địa chỉ này.")
    assert caplog.text == ""


@pytest.mark.parametrize("two", ["{url}/11111111/22222222/", "{url}/11111111/, {url}/22222222/", "{url}/1/\n{url}/2/"])
def test_an_address_with_two_recipients_is_refused_before_anything_is_sent(two):
    outcome = send(two.format(url="tgram://123456789:abcdefghijklmnopqrstuvwxyz123456789"))
    assert outcome == Outcome(Verdict.REJECTED, detail="Địa chỉ Apprise phải dẫn đến đúng một người nhận.")


class Bursting(NotifyBase):
    """A plugin with a mistake in it, which shows what it should not."""

    protocol = "dondocburst"
    service_name = "Bursting"
    when = "send"

    def __init__(self, **options):
        super().__init__(**options)
        self.burst("init")

    def burst(self, when):
        if self.when == when:
            raise RuntimeError(f"{when}: {SECRET}")

    def send(self, body, title="", **_):
        self.burst("send")
        return True

    def url(self, privacy=False, *_, **__):
        return f"dondocburst://{'***' if privacy else SECRET}"

    @classmethod
    def parse_url(cls, url):
        if cls.when == "parse":
            raise RuntimeError(f"parse: {SECRET}")
        return NotifyBase.parse_url(url)


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ("parse", Verdict.REJECTED),
        ("init", Verdict.REJECTED),
        ("send", Verdict.TRY_AGAIN),
        ("never", Verdict.ACCEPTED),
    ],
)
def test_a_plugin_that_bursts_is_an_outcome_and_shows_nothing(when, verdict, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(Bursting, "when", when)
    known = apprise.manager_plugins.NotificationManager()
    known.add(Bursting)
    try:
        outcome = send(f"dondocburst://{SECRET}")
    finally:
        known.remove("dondocburst")
    assert outcome.verdict is verdict
    assert SECRET not in f"{outcome} {caplog.text}"


@pytest.mark.parametrize("told", [{}, {"status": 500}, {"mode": "drop"}], ids=repr)
@pytest.mark.parametrize("schema", ["json", "form", "xml"])
def test_the_secret_in_an_address_is_nowhere_to_be_read(caplog, capfd, schema, told):
    caplog.set_level(1)  # Apprise has a level below DEBUG
    with http_gateway(**told) as gateway:
        outcome = send(address(gateway, schema=schema))
    assert len(gateway.requests) == 1
    assert SECRET in gateway.requests[0].path
    assert SECRET not in f"{outcome} {caplog.text} {AppriseChannel()!r} {capfd.readouterr()}"


def test_without_us_apprise_would_have_logged_it(caplog):
    caplog.set_level(logging.DEBUG)
    with http_gateway() as gateway:
        sender = apprise.Apprise()
        sender.add(address(gateway))
        assert sender.notify(body="x", body_format="text")
    assert SECRET in caplog.text
