"""An office opens the channels it has, with each secret fetched from its place, and says so for those it has not."""

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes

import apprise
import pytest

from models.kinds import ChannelKind
from notices.channel import Message, Outcome, Verdict
from notices.channels import close_channels, open_channels
from notices.sms import SmsGateway, Success
from notices.zalo import ZaloAccount
from office.settings import VIETNAM, read_settings
from tests.notices.http_gateway import free_port, http_gateway

AT = datetime(2024, 12, 2, 8, 15, tzinfo=VIETNAM)
MESSAGE = Message(
    key="0123456789abcdef" * 4,
    to="dau-moi@sxd.example.vn",
    to_name="Nguyễn Thị Đầu Mối",
    subject="Còn 2 ngày làm việc",
    text="Hạn nộp là ngày 09/12/2024.",
    html="<p>Hạn nộp là ngày 09/12/2024.</p>",
    short="Hạn nộp 09/12/2024",
    parameters={"han": "09/12/2024"},
)
TELEPHONE = "0912 345 678"
ZALO_SAYS_YES = {"error": 0, "message": "Success", "data": {"msg_id": "a4d0243feb163bd3af"}}


def settings(**chosen):
    return read_settings(
        **{"mail_from": "thu-ky@vp.example.vn", "mail_from_name": "Thư ký", "mail_timeout": 5} | chosen
    )


@pytest.fixture
def opened():
    """Opens channels and closes them when the test ends."""
    kept = []

    def open_them(chosen=None, zalo=None, sms=None, **environment):
        channels = open_channels(chosen or settings(mail_port=free_port()), zalo, sms, lambda: AT, environment)
        kept.append(channels)
        return channels

    yield open_them
    for channels in kept:
        close_channels(channels)


def gateway_of(url, **secrets):
    fields = {"to": "{phone}", "text": "{text}", **{name: f"{{{name}}}" for name in secrets}}
    return SmsGateway(url, "DONDOC", fields, Success("code", ("0",), reference="id"), secrets=secrets, timeout=5)


def test_every_kind_of_channel_has_one(opened):
    assert set(opened()) == set(ChannelKind)


def test_mail_goes_by_the_offices_settings(opened, sink):
    with sink() as server:
        channels = opened(settings(mail_port=server.port))
        outcome = channels[ChannelKind.MAIL].send(MESSAGE)
    assert outcome.verdict is Verdict.ACCEPTED
    [received] = server.messages
    mail = message_from_bytes(received.content)
    assert (received.sender, received.recipients) == ("thu-ky@vp.example.vn", ("dau-moi@sxd.example.vn",))
    assert mail["Message-ID"] == f"<{MESSAGE.key}@vp.example.vn>"
    assert mail["Date"] == "Mon, 02 Dec 2024 08:15:00 +0700"


def test_a_mail_password_is_fetched_from_its_place_and_delivery_reports_are_asked_for(opened, sink, tmp_path):
    kept = tmp_path / "mat-khau"
    kept.write_text("rat-bi-mat\n")
    with sink(login=("thu-ky", "rat-bi-mat"), dsn=True) as server:
        address = f"smtp://thu-ky@127.0.0.1:{server.port}"
        channels = opened(settings(mail_server=address, mail_password=f"file:{kept}", mail_dsn=True))
        outcome = channels[ChannelKind.MAIL].send(MESSAGE)
    assert outcome.verdict is Verdict.ACCEPTED
    assert server.messages[0].login == "thu-ky"
    assert server.messages[0].sender_options == ("RET=HDRS", f"ENVID={MESSAGE.key}")


def said_by(channels, kind) -> str:
    """What a channel that cannot be opened answers; it is tried again until somebody has mended it."""
    outcome = channels[kind].send(replace(MESSAGE, to=TELEPHONE))
    assert outcome.verdict is Verdict.TRY_AGAIN
    return outcome.detail


def test_a_secret_that_is_not_in_its_place_stops_its_own_channel_alone(opened, sink):
    with sink() as server:
        channels = opened(
            settings(mail_port=server.port),
            zalo=ZaloAccount("https://zalo.example.vn", "env:ZALO"),
            sms=gateway_of("https://sms.example.vn", token="env:SMS"),
        )
        assert channels[ChannelKind.MAIL].send(MESSAGE).verdict is Verdict.ACCEPTED
    assert "env:ZALO: biến môi trường chưa đặt" in said_by(channels, ChannelKind.ZALO)
    assert "env:SMS: biến môi trường chưa đặt" in said_by(channels, ChannelKind.SMS)


def test_a_mail_server_whose_password_is_gone_says_so_at_each_attempt(opened):
    channels = opened(settings(mail_server="smtps://an@thu.example.vn", mail_password="env:MAT_KHAU_THU"))
    assert "env:MAT_KHAU_THU: biến môi trường chưa đặt" in said_by(channels, ChannelKind.MAIL)
    channels = opened(settings(mail_server="smtps://an@thu.example.vn"))
    assert "cả tài khoản lẫn mật khẩu" in said_by(channels, ChannelKind.MAIL)


def test_a_secret_written_where_its_place_belongs_is_refused_and_not_repeated(opened):
    said = said_by(opened(zalo=ZaloAccount("https://zalo.example.vn", "T0k3n-bi-mat")), ChannelKind.ZALO)
    assert "T0k3n" not in said
    said = said_by(opened(zalo=ZaloAccount("https://zalo.example.vn", "env:ZALO"), ZALO="mật khẩu"), ChannelKind.ZALO)
    assert "mật khẩu" not in said


def test_zalo_gets_the_token_from_its_place(opened):
    with http_gateway(answer=ZALO_SAYS_YES) as gateway:
        channels = opened(zalo=ZaloAccount(gateway.url, "env:ZALO", "283746", 5), ZALO="T0k3n")
        outcome = channels[ChannelKind.ZALO].send(replace(MESSAGE, to=TELEPHONE))
    assert outcome == Outcome(Verdict.ACCEPTED, "a4d0243feb163bd3af", "0 Success")
    assert gateway.requests[0].headers["access_token"] == "T0k3n"


def test_sms_gets_each_secret_from_its_place(opened):
    with http_gateway(answer={"code": 0, "id": "77"}) as gateway:
        channels = opened(
            sms=gateway_of(gateway.url, token="env:SMS_KEY", sign="env:SMS_SIGN"), SMS_KEY="k", SMS_SIGN="s"
        )
        outcome = channels[ChannelKind.SMS].send(replace(MESSAGE, to=TELEPHONE))
    assert (outcome.verdict, outcome.reference) == (Verdict.ACCEPTED, "77")
    assert gateway.requests[0].json == {"to": "84912345678", "text": "Han nop 09/12/2024", "token": "k", "sign": "s"}


@pytest.mark.parametrize(("kind", "name"), [(ChannelKind.ZALO, "Zalo"), (ChannelKind.SMS, "SMS")])
def test_a_channel_the_office_has_not_refuses_for_good_so_that_another_is_tried(opened, kind, name):
    outcome = opened()[kind].send(replace(MESSAGE, to=TELEPHONE))
    assert outcome == Outcome(Verdict.REJECTED, detail=f"Cơ quan chưa khai kênh {name} nên không gửi được.")


def test_an_apprise_address_is_fetched_just_before_sending(opened, tmp_path):
    kept = tmp_path / "dia-chi"
    message = replace(MESSAGE, to=f"file:{kept}")
    with http_gateway() as gateway:
        channels = opened()
        kept.write_text(f"json://{gateway.url.removeprefix('http://')}/hook/s3cr3t")
        outcome = channels[ChannelKind.APPRISE].send(message)
    assert outcome == Outcome(Verdict.ACCEPTED, "json", "Apprise báo đã gửi.")
    assert gateway.requests[0].path == "/hook/s3cr3t"


@pytest.mark.parametrize("to", ["env:KHONG_CO", "json://office:s3cr3t@127.0.0.1/hook"])
def test_an_apprise_address_that_is_not_in_its_place_is_refused_for_good(opened, to):
    outcome = opened()[ChannelKind.APPRISE].send(replace(MESSAGE, to=to))
    assert outcome.verdict is Verdict.REJECTED
    assert outcome.detail.startswith(("Không có bí mật ở env:KHONG_CO", "Chỗ này phải ghi nơi cất bí mật"))
    assert "s3cr3t" not in outcome.detail


def test_apprise_knows_our_own_schemas_afterwards(opened, sink):
    with (
        sink() as server,
        http_gateway(answer=ZALO_SAYS_YES) as zalo,
        http_gateway(answer={"code": 0, "id": "77"}) as sms,
    ):
        opened(zalo=ZaloAccount(zalo.url, "env:ZALO", "283746", 5), sms=gateway_of(sms.url), ZALO="T0k3n")
        for address in (
            f"dondocmail://127.0.0.1:{server.port}/dau-moi@sxd.example.vn?from=thu-ky@vp.example.vn",
            "dondoczalo://84912345678/?:han={body}",
            "dondocsms://84912345678",
        ):
            assert apprise.Apprise(address).notify(body="Hạn nộp 09/12/2024", title="Nhắc việc")
    assert len(server.messages) == len(zalo.requests) == len(sms.requests) == 1


def test_closing_takes_leave_of_the_mail_server(sink, sinks):
    with sink() as server:
        channels = open_channels(settings(mail_port=server.port), None, None, lambda: AT, {})
        channels[ChannelKind.MAIL].send(MESSAGE)
        close_channels(channels)
        close_channels(channels)
        sinks.wait_for(lambda: server.commands[-1] == "QUIT")
