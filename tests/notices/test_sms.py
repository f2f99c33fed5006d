"""An SMS costs what we say it costs, keeps its link, and each answer of a gateway becomes the right outcome."""

import logging
from dataclasses import replace
from unicodedata import normalize

import apprise
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.channel import Message, Outcome, Verdict
from notices.sms import Parts, SmsChannel, SmsGateway, SmsPlugin, Success, count_parts, shorten, strip_accents
from notices.zalo import UnusableGateway
from tests.notices.http_gateway import free_port, http_gateway

KEY = "0123456789abcdef" * 4
SECRET = "s3cr3t/KEY+1="
LINK = "https://dondoc.example.vn/x/Zk3"
MESSAGE = Message(
    key=KEY,
    to="0912 345 678",
    to_name="Nguyễn Thị Đầu Mối",
    subject="Còn 2 ngày làm việc",
    text="Kính gửi Sở Xây dựng",
    html="",
    short=f"Sở Xây dựng còn 2 ngày làm việc để nộp báo cáo quý I. {LINK}",
)
PLAIN = f"So Xay dung con 2 ngay lam viec de nop bao cao quy I. {LINK}"
SUCCESS = Success("CodeResult", ("100", "124"), refused=("99", "108"), reference="SMSID", detail="ErrorMessage")
FIELDS = {
    "ApiKey": "{api_key}",
    "Phone": "{phone_national}",
    "Content": "{text}",
    "Brandname": "{brandname}",
    "SmsType": 2,
    "IsUnicode": "{unicode}",
    "RequestId": "{key}",
}
ACCEPTED = {"CodeResult": "100", "SMSID": 990_123, "ErrorMessage": ""}


def gateway_at(url, **changes):
    settings = {"brandname": "BCD-SO", "fields": FIELDS, "success": SUCCESS, "secrets": {"api_key": SECRET}}
    return SmsGateway(url, **(settings | {"timeout": 5.0} | changes))


def send(url, message=MESSAGE, **changes):
    channel = SmsChannel(gateway_at(url, **changes))
    try:
        return channel.send(message)
    finally:
        channel.close()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Đôn Đốc", "Don Doc"),
        ("ĐƯỜNG ưỡn ẹo Ỷ ỹ", "DUONG uon eo Y y"),
        (normalize("NFD", "Ủy ban nhân dân"), "Uy ban nhan dan"),
        ("5.000 ₫ – “gấp”…", '5.000 d - "gap"...'),
        ("đã gửi ✓", "da gui ✓"),  # what has no plain letter stays
        ("", ""),
    ],
)
def test_vietnamese_loses_its_marks_and_nothing_else(text, plain):
    assert strip_accents(text) == plain


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", Parts("GSM-7", 1, 0)),
        ("a" * 160, Parts("GSM-7", 1, 160)),
        ("a" * 161, Parts("GSM-7", 2, 161)),
        ("a" * 306, Parts("GSM-7", 2, 306)),
        ("a" * 307, Parts("GSM-7", 3, 307)),
        ("à" * 160, Parts("GSM-7", 1, 160)),  # one of the few marked letters the alphabet has
        ("[" * 80, Parts("GSM-7", 1, 160)),  # an escape and a sign
        ("[" * 81, Parts("GSM-7", 2, 162)),
        ("[" * 153, Parts("GSM-7", 3, 306)),  # 76 in a part: a pair is not divided, one septet stays empty
        ("~" * 152, Parts("GSM-7", 2, 304)),
        ("`", Parts("UCS-2", 1, 1)),  # the one ASCII sign it lacks
        ("ạ" * 70, Parts("UCS-2", 1, 70)),
        ("ạ" * 71, Parts("UCS-2", 2, 71)),
        ("ạ" * 134, Parts("UCS-2", 2, 134)),
        ("ạ" * 135, Parts("UCS-2", 3, 135)),
        ("a" * 69 + "ạ", Parts("UCS-2", 1, 70)),  # one marked letter, and the whole text is dear
        ("😀" * 35, Parts("UCS-2", 1, 70)),
        ("😀" * 36, Parts("UCS-2", 2, 72)),
        ("ạ" * 66 + "😀" + "ạ" * 66, Parts("UCS-2", 3, 134)),  # the pair moves on whole, and pushes the rest over
    ],
    ids=range(19),
)
def test_a_text_costs_as_many_sms_as_the_standard_says(text, parts):
    assert count_parts(text) == parts


@pytest.mark.parametrize(
    ("text", "parts", "shown"),
    [
        ("Han nop 15/3", 1, "Han nop 15/3"),
        ("bao cao " * 30, 1, "bao cao " * 19 + "bao..."),
        ("tờ trình " * 10 + "nữa", 1, "tờ trình " * 7 + "tờ…"),
        ("So Xay dung, " * 20 + LINK, 1, "So Xay dung, " * 9 + f"So Xay... {LINK}"),
        ("Sở Xây dựng, " * 20 + LINK, 1, "Sở Xây dựng, " * 2 + f"Sở Xây dựng… {LINK}"),
        (f"Sở {'x' * 130} {LINK}", 1, f"Sở… {LINK}"),
        (f"{LINK} " + "sau đường dẫn " * 9, 1, f"{LINK} sau đường dẫn sau đường dẫn sau đường…"),  # not at the end
        ("x" * 200, 1, "x" * 157 + "..."),
        ("ạ" * 200, 1, "ạ" * 69 + "…"),
        (f"nộp báo cáo {LINK}{'x' * 160}", 1, f"{LINK}{'x' * 160}"),  # longer than allowed, for it must open
        (f"{LINK}{'x' * 160}", 1, f"{LINK}{'x' * 160}"),
    ],
)
def test_a_long_text_is_cut_between_words_and_its_link_stays_whole(text, parts, shown):
    assert shorten(text, parts) == shown


@given(
    st.text(st.sampled_from("ab [{ạđ😀.,"), max_size=400),
    st.sampled_from(["", f" {LINK}"]),
    st.integers(1, 3),
)
def test_whatever_the_text_it_fits_and_ends_in_its_link(text, link, longest):
    shown = shorten(text + link, longest)
    assert count_parts(shown).parts <= longest
    assert shown.endswith(link.strip())


def test_a_gateway_gets_its_own_fields_as_json():
    with http_gateway(answer=ACCEPTED) as gateway:
        outcome = send(gateway.url + "/v4/send?v=1")
    assert outcome == Outcome(Verdict.ACCEPTED, "990123", "100")
    [request] = gateway.requests
    assert (request.method, request.path, request.query) == ("POST", "/v4/send", {"v": "1"})
    assert request.json == {
        "ApiKey": SECRET,
        "Phone": "0912345678",
        "Content": PLAIN,
        "Brandname": "BCD-SO",
        "SmsType": 2,
        "IsUnicode": "0",
        "RequestId": KEY,
    }


def test_a_gateway_may_want_a_form_and_its_key_in_a_header():
    changes = {"body": "form", "headers": {"Authorization": "Bearer {api_key}"}, "unaccented": False}
    fields = {"to": "{phone}", "msg": "{text}", "type": 1, "unicode": "{unicode}"}
    with http_gateway(answer=ACCEPTED) as gateway:
        outcome = send(gateway.url, fields=fields, **changes)
    assert outcome.verdict is Verdict.ACCEPTED
    [request] = gateway.requests
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.form == {"to": "84912345678", "msg": MESSAGE.short, "type": "1", "unicode": "1"}


def test_a_gateway_may_want_everything_in_the_address():
    with http_gateway(answer=ACCEPTED) as gateway:
        outcome = send(gateway.url + "/send?v=1", method="GET")
    assert outcome.verdict is Verdict.ACCEPTED
    [request] = gateway.requests
    assert (request.method, request.content) == ("GET", b"")
    assert request.query["v"] == "1"
    assert {request.query[name] for name in ("ApiKey", "Content", "SmsType")} == {SECRET, PLAIN, "2"}


def test_what_stands_in_a_text_is_not_filled_again():
    with http_gateway(answer=ACCEPTED) as gateway:
        send(gateway.url, replace(MESSAGE, short="Mẫu {api_key} {phone}"))
    assert gateway.requests[0].json["Content"] == "Mau {api_key} {phone}"


def test_a_text_goes_on_one_line_composed_and_short_enough():
    channel = SmsChannel(gateway_at("https://sms.example.vn", unaccented=False, longest_parts=1))
    message = replace(MESSAGE, short=normalize("NFD", "Sở Xây dựng\n\tnộp báo cáo quý I " * 3) + LINK)
    assert channel.worded(message) == f"Sở Xây dựng nộp báo cáo quý I Sở Xây… {LINK}"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"CodeResult": 100, "SMSID": "a1"}, Outcome(Verdict.ACCEPTED, "a1", "100")),
        ({"CodeResult": "124", "ErrorMessage": "Duplicate"}, Outcome(Verdict.ACCEPTED, "", "124 Duplicate")),
        ({"CodeResult": "99", "ErrorMessage": "Blocked"}, Outcome(Verdict.REJECTED, "", "99 Blocked")),
        ({"CodeResult": "103", "ErrorMessage": "Balance"}, Outcome(Verdict.TRY_AGAIN, "", "103 Balance")),
        ({"CodeResult": ""}, Outcome(Verdict.TRY_AGAIN)),
    ],
)
def test_the_gateways_own_rule_says_what_was_accepted(answer, outcome):
    with http_gateway(answer=answer) as gateway:
        assert send(gateway.url) == outcome


@pytest.mark.parametrize(
    ("path", "value", "answer"),
    [
        ("ok", "true", {"ok": True}),
        ("data.0.status", "0", {"data": [{"status": 0}]}),
        ("data.rate", "1.5", {"data": {"rate": 1.5}}),
    ],
)
def test_the_rule_reaches_into_the_answer(path, value, answer):
    with http_gateway(answer=answer) as gateway:
        assert send(gateway.url, success=Success(path, (value,))).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "answer",
    [{}, [], "100", {"CodeResult": None}, {"CodeResult": {}}, {"Result": "100"}, b"100", b"OK|100", b"<xml/>"],
    ids=repr,
)
def test_an_answer_in_another_form_leaves_the_outcome_unknown(answer):
    success = replace(SUCCESS, path="CodeResult.0") if answer == [] else SUCCESS
    with http_gateway(answer=answer) as gateway:
        assert send(gateway.url, success=success).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({"status": 400}, Verdict.REJECTED),
        ({"status": 429}, Verdict.TRY_AGAIN),
        ({"status": 502}, Verdict.UNKNOWN),
        ({"status": 503}, Verdict.TRY_AGAIN),
        ({"mode": "drop"}, Verdict.UNKNOWN),
        ({"mode": "half", "answer": ACCEPTED}, Verdict.UNKNOWN),
        ({"mode": "hang"}, Verdict.UNKNOWN),
    ],
    ids=repr,
)
def test_what_happens_on_the_line_is_judged_as_for_zalo(told, verdict):
    with http_gateway(**told) as gateway:
        outcome = send(gateway.url, timeout=1.0)
    assert outcome.verdict is verdict
    assert len(gateway.requests) == 1


def test_nobody_listening_is_tried_again():
    assert send(f"http://127.0.0.1:{free_port()}").verdict is Verdict.TRY_AGAIN


def test_a_number_that_hears_no_sms_is_refused_before_anything_is_sent():
    with http_gateway() as gateway:
        outcome = send(gateway.url, replace(MESSAGE, to="0243 825 3535"))
    expected = "Số điện thoại ***535 không phải số di động Việt Nam."
    assert outcome == Outcome(Verdict.REJECTED, detail=expected)
    assert gateway.requests == []


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_neither_key_nor_number_is_ever_told(caplog, method, status):
    caplog.set_level(logging.DEBUG)
    said = f"{SECRET} s3cr3t%2FKEY%2B1%3D 0912345678 84912345678"
    answer = {"CodeResult": "100", "SMSID": "84912345678-1", "ErrorMessage": said}
    with http_gateway(answer=answer, status=status) as gateway:
        outcome = send(gateway.url, method=method)
        told = f"{outcome} {caplog.text} {gateway_at(gateway.url)!r}"
    assert "***" in outcome.detail
    for secret in ("s3cr3t", "912345678"):
        assert secret not in told


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "http://sms.example.vn"}, "phải dùng https"),
        ({"fields": {"to": "{phone}", "msg": "{text}", "k": "{api_kye}"}}, "chỗ điền api_kye"),
        ({"headers": {"X": "{token}"}}, "chỗ điền token"),
        ({"fields": {"msg": "{text}"}}, "thiếu trường"),
        ({"fields": {"to": "{phone}"}}, "thiếu trường"),
        ({"success": Success("", ("1",))}, "quy tắc"),
        ({"success": Success("code", ())}, "quy tắc"),
        ({"longest_parts": 0}, "số phần"),
        ({"secrets": {"api_key": ""}}, "trống hoặc có ký tự lạ"),
        ({"secrets": {"api_key": "s3cr3t\r\nX: y"}}, "trống hoặc có ký tự lạ"),
    ],
)
def test_a_gateway_that_cannot_work_is_found_at_once(changes, said):
    url = changes.pop("url", "https://sms.example.vn/send")
    with pytest.raises(UnusableGateway, match=said) as caught:
        gateway_at(url, **changes)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.usefixtures("apprise_plugins")
def test_apprise_knows_the_same_channel():
    with http_gateway(answer=ACCEPTED) as gateway:
        SmsPlugin.register(gateway_at(gateway.url))
        SmsPlugin.register(gateway_at(gateway.url))
        sender = apprise.Apprise()
        assert sender.add("dondocsms://0912345678")
        assert sender.notify(body="Hạn nộp 15/3", title="Báo cáo", body_format="text") is True
        gateway.answer = {"CodeResult": "103"}
        assert sender.notify(body="Hạn nộp 15/3", body_format="text") is False
    assert [request.json["Content"] for request in gateway.requests] == ["Bao cao Han nop 15/3", "Han nop 15/3"]


@pytest.mark.usefixtures("apprise_plugins")
def test_an_apprise_address_can_be_written_down_again_and_shown_masked():
    SmsPlugin.register(gateway_at("https://sms.example.vn"))
    plugin = apprise.Apprise.instantiate("dondocsms://%2B84912345678")
    assert apprise.Apprise.instantiate(plugin.url()).to == "+84912345678"
    assert "345678" not in plugin.url(privacy=True)
    assert "s3cr3t" not in plugin.url()
    assert apprise.Apprise.instantiate("dondocsms://") is None
