"""Zalo gets each message once and whole, and each of its answers becomes the right outcome."""

import logging
from dataclasses import replace

import apprise
import pytest

from notices.channel import Message, Outcome, Verdict
from notices.zalo import (
    FOR_GOOD,
    OA_URL,
    ZNS_URL,
    UnusableGateway,
    UnusableTelephone,
    ZaloAccount,
    ZaloChannel,
    ZaloPlugin,
    _tls,
    check_gateway_url,
    masked,
    masked_telephone,
    telephone,
)
from tests.notices.http_gateway import free_port, http_gateway

KEY = "0123456789abcdef" * 4
TOKEN = "V7q-Zk_9tOkEn/SeCrEt+x="
USER = "2512523625412515"
SUCCESS = {"error": 0, "message": "Success", "data": {"msg_id": "a4d0243feb163bd3af", "sent_time": "1709000000000"}}
MESSAGE = Message(
    key=KEY,
    to="0912 345 678",
    to_name="Nguyễn Thị Đầu Mối",
    subject="Còn 2 ngày làm việc",
    text="Kính gửi Sở Xây dựng,\nHạn nộp là ngày 15/3/2024.",
    html="",
    short="Han nop 15/3/2024",
    parameters={"don_vi": "Sở Xây dựng", "han": "15/3/2024"},
)
TO_USER = replace(MESSAGE, to=USER)


def send(url, message=MESSAGE, *, template="283746", timeout=5.0):
    channel = ZaloChannel(ZaloAccount(url, TOKEN, template, timeout))
    try:
        return channel.send(message)
    finally:
        channel.close()


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0912 345 678", "84912345678"),
        ("0912.345.678", "84912345678"),
        ("(091) 234-5678", "84912345678"),
        ("+84912345678", "84912345678"),
        ("+84 (0)912 345 678", "84912345678"),
        ("0084 912345678", "84912345678"),
        ("84912345678", "84912345678"),
        ("912345678", "84912345678"),  # a spreadsheet dropped the 0
        ("0849123456", "84849123456"),  # 084 is a prefix of its own, not the country
        ("849123456", "84849123456"),
        ("\u200b0912\u00a0345\u2011678", "84912345678"),  # pasted from a web page
    ],
)
def test_a_mobile_number_is_read_as_people_write_it(written, number):
    assert telephone(written) == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0243 825 3535",  # a desk hears no SMS
        "1800 1234",
        "0112 345 678",
        "09123456789",
        "091234567",
        "+855 12 345 678",
        "0912345678;114",
        "٠٩١٢٣٤٥٦٧٨",
        "dau.moi@sxd.example.vn",
    ],
)
def test_anything_else_is_refused_without_being_shown(written):
    with pytest.raises(UnusableTelephone, match="không phải số di động") as caught:
        telephone(written)
    assert not written or written not in str(caught.value)


@pytest.mark.parametrize(("written", "shown"), [("0912 345 678", "***678"), ("114", "***"), ("", "***")])
def test_a_masked_number_can_be_recognised_and_not_called(written, shown):
    assert masked_telephone(written) == shown


def test_nothing_said_shows_a_secret_a_number_or_an_address():
    said = 'key "a/b c" or a%2Fb%20c refused\nfor +84 912 345 678, 0912.345.678 and minh@sxd.example.vn'
    assert masked(said, "a/b c", "x") == 'key "***" or *** refused for ***, *** and ***@sxd.example.vn'


def test_a_template_goes_to_a_telephone():
    with http_gateway(answer=SUCCESS) as gateway:
        outcome = send(gateway.url + "/")
    assert outcome == Outcome(Verdict.ACCEPTED, "a4d0243feb163bd3af", "0 Success")
    [request] = gateway.requests
    assert (request.method, request.path, request.headers["access_token"]) == ("POST", "/message/template", TOKEN)
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "phone": "84912345678",
        "template_id": "283746",
        "template_data": {"don_vi": "Sở Xây dựng", "han": "15/3/2024"},
        "tracking_id": KEY[:48],
    }


def test_without_a_template_a_text_goes_to_a_user_of_the_official_account():
    with http_gateway(answer=SUCCESS) as gateway:
        outcome = send(gateway.url, TO_USER, template=None)
    assert outcome == Outcome(Verdict.ACCEPTED, "a4d0243feb163bd3af", "0 Success")
    [request] = gateway.requests
    assert (request.method, request.path, request.headers["access_token"]) == ("POST", "/v3.0/oa/message/cs", TOKEN)
    assert request.json == {"recipient": {"user_id": USER}, "message": {"text": MESSAGE.text}}


def test_a_text_zalo_would_refuse_for_its_length_is_sent_short():
    with http_gateway(answer=SUCCESS) as gateway:
        send(gateway.url, replace(TO_USER, text="a" * 2000), template=None)
        send(gateway.url, replace(TO_USER, text="a" * 2001), template=None)
    assert [request.json["message"]["text"] for request in gateway.requests] == ["a" * 2000, MESSAGE.short]


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(code, Verdict.REJECTED) for code in FOR_GOOD]
    + [(code, Verdict.TRY_AGAIN) for code in (-32, -100, -115, -124, -133, -144, -147, -211, -216, -220, -234, -321)]
    + [(-9999, Verdict.TRY_AGAIN), (404, Verdict.TRY_AGAIN), ("-118", Verdict.REJECTED)],
)
def test_an_error_of_zalo_is_for_good_or_not_now(code, verdict):
    with http_gateway(answer={"error": code, "message": "No"}) as gateway:
        outcome = send(gateway.url)
    reason = f" ({FOR_GOOD[int(code)]})" if verdict is Verdict.REJECTED else ""
    assert outcome == Outcome(verdict, detail=f"{code} No{reason}")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>Gateway</html>",
        b"\xff",
        b"[" * 50_000,
        b" " * 70_000 + b"{}",
        [],
        {},
        {"error": None},
        {"error": False},
        {"error": "ok"},
        "0",
        0,
    ],
    ids=range(12),
)
def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(answer):
    with http_gateway(answer=answer) as gateway:
        outcome = send(gateway.url)
    assert outcome.verdict is Verdict.UNKNOWN
    assert len(gateway.requests) == 1


def test_accepted_without_a_number_is_still_accepted():
    for data in ({}, None, "x", {"msg_id": None}):
        with http_gateway(answer={"error": 0, "message": "Success", "data": data}) as gateway:
            assert send(gateway.url) == Outcome(Verdict.ACCEPTED, "", "0 Success")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (302, Verdict.TRY_AGAIN),
        (400, Verdict.REJECTED),
        (401, Verdict.TRY_AGAIN),  # the office renews its key, then it goes
        (403, Verdict.REJECTED),
        (404, Verdict.REJECTED),
        (408, Verdict.TRY_AGAIN),
        (429, Verdict.TRY_AGAIN),
        (500, Verdict.UNKNOWN),
        (502, Verdict.UNKNOWN),
        (503, Verdict.TRY_AGAIN),
        (504, Verdict.UNKNOWN),
    ],
)
def test_a_status_says_whether_it_may_have_been_sent(status, verdict):
    with http_gateway(status=status, answer=SUCCESS) as gateway:
        gateway.headers = {"Location": f"{gateway.url}/elsewhere"}
        outcome = send(gateway.url)
    assert outcome.verdict is verdict
    assert outcome.detail.startswith(f"HTTP {status}: ")
    assert len(gateway.requests) == 1  # neither followed nor repeated


def test_nobody_listening_is_tried_again():
    outcome = send(f"http://127.0.0.1:{free_port()}")
    assert outcome.verdict is Verdict.TRY_AGAIN
    assert outcome.detail.startswith("Chưa nối được với cổng gửi tin")


def test_a_name_nobody_knows_is_tried_again():
    assert send("https://zalo.invalid").verdict is Verdict.TRY_AGAIN


def test_a_certificate_we_do_not_trust_is_tried_again_and_nothing_was_said(certificate):
    with http_gateway(certificate) as gateway:
        outcome = send(gateway.url)
    assert outcome.verdict is Verdict.TRY_AGAIN
    assert gateway.requests == []


@pytest.mark.parametrize("mode", ["hang", "drip", "drop", "half"])
def test_silence_after_the_request_leaves_the_outcome_unknown(mode):
    with http_gateway(mode=mode, answer=SUCCESS) as gateway:
        outcome = send(gateway.url, timeout=1.0)
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.detail.startswith("Đã chuyển đi nhưng cổng gửi tin không trả lời trọn vẹn")
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("mode", ["answer", "drip", "hang"])
def test_the_same_holds_over_tls(certificate, monkeypatch, mode):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    _tls.cache_clear()
    try:
        with http_gateway(certificate, mode=mode, answer=SUCCESS) as gateway:
            outcome = send(gateway.url, timeout=1.0)
    finally:
        _tls.cache_clear()
    assert outcome.verdict is (Verdict.ACCEPTED if mode == "answer" else Verdict.UNKNOWN)
    assert len(gateway.requests) == 1


@pytest.mark.parametrize(("to", "template"), [("0243 825 3535", "283746"), ("minh@sxd.example.vn", None), ("", None)])
def test_an_unusable_recipient_is_refused_before_anything_is_sent(to, template):
    with http_gateway() as gateway:
        outcome = send(gateway.url, replace(MESSAGE, to=to), template=template)
    assert outcome.verdict is Verdict.REJECTED
    assert outcome.detail
    assert gateway.requests == []


@pytest.mark.parametrize("status", [200, 400, 500])
def test_neither_token_nor_number_is_ever_told(caplog, status):
    caplog.set_level(logging.DEBUG)
    said = f"token {TOKEN} may not write to 84912345678 (+84 912 345 678), user {MESSAGE.to}, {'x' * 985} {TOKEN}"
    with http_gateway(status=status, answer={"error": -124, "message": said}) as gateway:
        outcome = send(gateway.url)
    told = f"{outcome} {caplog.text} {ZaloAccount(gateway.url, TOKEN)!r}"
    assert "may not write to ***" in told
    for secret in (TOKEN, TOKEN[:8], "84912345678", "345 678"):
        assert secret not in told


@pytest.mark.parametrize(
    "url",
    [
        "",
        "zalo.example.vn",
        "ftp://zalo.example.vn",
        "https://",
        "https://zalo example.vn",
        "https://[::1",
        "https://a:0/",
        "http://zalo.example.vn",
        "https://user:s3cr3t@zalo.example.vn",
        "https://zalo.example.vn/\n",
        "https://ví.vn:x/",
    ],
)
def test_an_address_that_cannot_be_used_is_found_at_once_and_not_repeated(url):
    with pytest.raises(UnusableGateway) as caught:
        ZaloAccount(url, TOKEN)
    assert "s3cr3t" not in str(caught.value)
    assert "zalo" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "mã"])
def test_a_token_that_no_header_can_carry_is_found_at_once(token):
    with pytest.raises(UnusableGateway, match="Mã truy cập Zalo"):
        ZaloAccount(ZNS_URL, token)


def test_zalos_own_addresses_can_be_used():
    for url in (ZNS_URL, OA_URL):
        check_gateway_url(url)


@pytest.mark.usefixtures("apprise_plugins")
def test_apprise_knows_the_same_channel():
    with http_gateway(answer=SUCCESS) as gateway:
        ZaloPlugin.register(ZaloAccount(gateway.url, TOKEN, "283746"))
        ZaloPlugin.register(ZaloAccount(gateway.url, TOKEN, "283746"))
        sender = apprise.Apprise()
        assert sender.add("dondoczalo://0912345678/?:noi_dung={body}&:viec={title}: Đôn đốc")
        assert sender.notify(body="Hạn nộp 15/3 {title}", title="Báo cáo", body_format="text") is True
        gateway.answer = {"error": -118, "message": "Zalo account not existed"}
        assert sender.notify(body="Hạn nộp 15/3", body_format="text") is False
    assert gateway.requests[0].json["phone"] == "84912345678"
    assert gateway.requests[0].json["template_data"] == {"noi_dung": "Hạn nộp 15/3 {title}", "viec": "Báo cáo: Đôn đốc"}


@pytest.mark.usefixtures("apprise_plugins")
def test_an_apprise_address_can_be_written_down_again_and_shown_masked():
    ZaloPlugin.register(ZaloAccount(ZNS_URL, TOKEN))
    plugin = apprise.Apprise.instantiate("dondoczalo://%2B84912345678/?:noi_dung={body}")
    again = apprise.Apprise.instantiate(plugin.url())
    assert (again.to, again.parameters) == ("+84912345678", {"noi_dung": "{body}"})
    assert "345678" not in plugin.url(privacy=True)
    assert TOKEN not in plugin.url()
    assert apprise.Apprise.instantiate("dondoczalo://") is None
