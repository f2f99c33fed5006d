"""Sends over Zalo, as a ZNS template to a telephone or as an Official Account's message; knows HTTP gateways."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
from apprise.common import NotifyType
from apprise.manager_plugins import NotificationManager
from apprise.plugins import base as apprise_base

from models.errors import DonDocError
from notices.channel import Message, Outcome, Verdict
from notices.mime import mask_addresses
from notices.references import unlogged

ZNS_URL = "https://business.openapi.zalo.me"
OA_URL = "https://openapi.zalo.me"
TRACKING_CHARACTERS = 48  # of tracking_id, as Zalo allows
TEXT_CHARACTERS = 2000  # of one OA message
REPLY_BYTES = 1 << 16
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TELEPHONE = re.compile(r"(?:(?:\+|00)?84)?0?([35789][0-9]{8})")  # mobile numbers: nothing else hears SMS or Zalo
TELEPHONE_IN_TEXT = re.compile(r"(?<![0-9])(?:\+?84|0)[ .-]?[35789](?:[ .-]?[0-9]){8}(?![0-9])")
USER_ID = re.compile(r"[0-9]{5,30}")
# The gateway did not take it, but a later attempt may do: too early, too many, or the office mends its own access.
NOT_NOW = frozenset({401, 407, 408, 425, 429, 503})

# Codes that sending again cannot help; 1xx are ZNS's, 2xx the Official Account's. Every other code is "not now":
# token (-124, -216, -220), rate and quota (-32, -115, -144, -147, -211), hours (-133, -234), our account (-101…-105,
# -117, -120, -135…-137, -221, -224, -320, -321), Zalo's own trouble (-100). Zalo said no, so a retry doubles nothing.
FOR_GOOD: dict[int, str] = {
    -108: "số điện thoại không hợp lệ",
    -109: "mã mẫu tin không hợp lệ",
    -110: "người nhận không dùng Zalo hoặc dùng bản quá cũ",
    -111: "mẫu tin thiếu dữ liệu",
    -112: "dữ liệu của mẫu tin không hợp lệ",
    -1121: "dữ liệu của mẫu tin quá dài",
    -1122: "mẫu tin thiếu tham số",
    -1123: "không tạo được mã QR của mẫu tin",
    -1124: "tham số của mẫu tin sai dạng",
    -113: "nút bấm của mẫu tin không hợp lệ",
    -114: "người nhận không hoạt động hoặc không nhận tin ZNS",
    -116: "nội dung tin không hợp lệ",
    -118: "số này không có tài khoản Zalo",
    -119: "tài khoản này không nhận được ZNS",
    -121: "mẫu tin không có nội dung",
    -122: "nội dung gửi lên sai dạng",
    -130: "nội dung quá dài",
    -131: "mẫu tin chưa được duyệt",
    -132: "tham số không hợp lệ",
    -134: "người nhận chưa đồng ý nhận ZNS",
    -139: "người nhận từ chối loại tin này",
    -141: "người nhận từ chối tin của Official Account",
    -146: "mẫu tin đã bị khóa",
    -201: "tham số không hợp lệ",  # "<field> is invalid", such as a user of another account
    -210: "nội dung quá dài",
    -213: "người nhận chưa quan tâm Official Account",
    -217: "người nhận chặn lời mời của Official Account",
    -227: "tài khoản người nhận bị khóa hoặc lâu không hoạt động",
    -230: "quá 7 ngày người nhận không tương tác với Official Account",
    -232: "người nhận chưa tương tác với Official Account",
    -233: "loại tin không được hỗ trợ",
    -244: "người nhận hạn chế loại tin này",
}


class UnusableTelephone(DonDocError):
    """Not a Vietnamese mobile number; the sentence shows its last digits only."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"Số điện thoại {masked_telephone(text)} không phải số di động Việt Nam.",
            help="Sửa số trong danh bạ, viết như 0912 345 678.",
        )


class UnusableGateway(DonDocError):
    """The settings of a gateway cannot be used; the sentence repeats neither address nor secret."""


def telephone(text: str) -> str:
    """A Vietnamese mobile number as gateways want it: ``0912 345 678``, ``+84 912…`` → ``84912345678``.

    Nine digits without the leading 0 are understood too: spreadsheets drop it. Raises UnusableTelephone.
    """
    found = TELEPHONE.fullmatch(re.sub(r"[\s.()\-\u00ad\u200b\u2010-\u2015]", "", text))
    if found is None:
        raise UnusableTelephone(text)
    return f"84{found[1]}"


def masked_telephone(text: str) -> str:
    """Enough to recognise a number by, not to call it."""
    digits = re.sub(r"\D", "", text)
    return f"***{digits[-3:]}" if len(digits) > 6 else "***"


def masked(text: str, *secrets: str) -> str:
    """``text`` on one line with ``***`` for every secret, telephone number and mail address."""
    return mask_addresses(TELEPHONE_IN_TEXT.sub("***", without(text, *secrets)))


def without(text: str, *secrets: str) -> str:
    """``text`` with ``***`` for every secret, also as it stands in an address or in JSON."""
    kept = [secret for secret in secrets if len(secret) > 3]  # shorter ones are in every word
    forms = {form for secret in kept for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return text


def check_gateway_url(url: str) -> None:
    """Raises UnusableGateway unless ``url`` is https, or http on this machine, and holds no password."""
    try:
        parts = urlsplit(url)
        usable = bool(httpx.URL(url).host and parts.port != 0) and re.fullmatch(r"[!-~]+", url) is not None
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable or parts.scheme not in {"http", "https"}:
        raise UnusableGateway("Không đọc được địa chỉ của cổng gửi tin.", help="Viết như https://may-chu/duong-dan.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise UnusableGateway("Cổng gửi tin phải dùng https: khóa không đi qua kết nối không mã hóa.")
    if parts.username is not None or parts.password is not None:
        raise UnusableGateway("Tài khoản của cổng gửi tin không viết trong địa chỉ mà đặt ở mục riêng.")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a gateway. ``timeout`` in seconds; ``secrets`` are kept out of every outcome."""

    method: str
    url: str
    timeout: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


class _Watch:
    """Follows one request (httpcore's ``trace``): whether any of it left, and that it ends in time."""

    def __init__(self) -> None:
        self.sent = False
        self.late = False
        self._socket: socket.socket | None = None

    def __call__(self, event: str, told: dict[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = told["return_value"].get_extra_info("socket")
        elif event.endswith("send_request_headers.started"):
            if self.late:
                raise TimeoutError("timed out")
            self.sent = True

    def cut(self) -> None:
        """Ends the conversation: httpx limits each wait, and a server that drips would outlast the lease."""
        self.late = True
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # plain even under TLS: we do not take leave


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()  # once: reading the machine's certificates takes longer than a request


def ask(call: Call) -> Any | Outcome:
    """The gateway's JSON answer, or the outcome when there is none to read.

    Nothing left this machine: try again. It left and no whole answer came: unknown, since the gateway may have
    sent it. Each request has a connection of its own: on a kept one that the other side has meanwhile closed, a
    message nobody ever read would look unknown, and a paid one then waits for a person.
    """
    watch = _Watch()
    clock = threading.Timer(call.timeout, watch.cut)
    clock.daemon = True
    clock.start()
    try:
        with unlogged():
            status, content = _request(call, watch)
    except (httpx.HTTPError, OSError) as error:
        return _silence(call, watch, error)
    finally:
        clock.cancel()
    return _read(call, status, content)


def _request(call: Call, watch: _Watch) -> tuple[int, bytes]:
    url = httpx.URL(call.url)
    if call.query:
        url = url.copy_merge_params(call.query)  # params= would drop what the address itself asks
    request: dict[str, Any] = {"data": call.form, "json": call.body}
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", **call.headers}
    content = b""
    with (
        httpx.Client(verify=_tls(), timeout=call.timeout) as client,
        client.stream(call.method, url, headers=headers, extensions={"trace": watch}, **request) as response,
    ):
        for piece in response.iter_bytes():
            content += piece
            if len(content) > REPLY_BYTES:
                break
    return response.status_code, content[:REPLY_BYTES]


def _silence(call: Call, watch: _Watch, error: Exception) -> Outcome:
    why = "hết thời gian chờ" if watch.late else masked(str(error) or type(error).__name__, *call.secrets)
    if watch.sent:
        return Outcome(Verdict.UNKNOWN, detail=f"Đã chuyển đi nhưng cổng gửi tin không trả lời trọn vẹn: {why}")
    return Outcome(Verdict.TRY_AGAIN, detail=f"Chưa nối được với cổng gửi tin: {why}")


def _read(call: Call, status: int, content: bytes) -> Any | Outcome:
    if not 200 <= status < 300:
        # Masked before it is cut short, or half a secret would stay.
        said = masked(content.decode("utf-8", "replace"), *call.secrets)
        return Outcome(_verdict_of(status), detail=f"HTTP {status}: {said}".rstrip(": "))
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return Outcome(Verdict.UNKNOWN, detail=f"Cổng gửi tin trả lời không đọc được (HTTP {status}).")


def _verdict_of(status: int) -> Verdict:
    """A redirect is not followed: it carries our key elsewhere. After a 500, 502 or 504 it may have been sent."""
    if status in NOT_NOW or 300 <= status < 400:
        return Verdict.TRY_AGAIN
    return Verdict.REJECTED if 400 <= status < 500 else Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class ZaloAccount:
    """The office's access. With ``template_id`` ZNS templates go to telephones, without it texts to OA users.

    ``timeout`` in seconds is for one whole attempt (looking up the gateway's name apart). Raises UnusableGateway.
    """

    base_url: str
    access_token: str = field(repr=False)
    template_id: str | None = None
    timeout: float = 15

    def __post_init__(self) -> None:
        check_gateway_url(self.base_url)
        if not re.fullmatch(r"[!-~]+", self.access_token):
            raise UnusableGateway("Mã truy cập Zalo trống hoặc có ký tự lạ.", help="Chép lại mã truy cập từ Zalo.")


class ZaloChannel:
    """A channel (``notices.channel.Channel``): accepted means Zalo gave it a number, not that anybody read it."""

    def __init__(self, account: ZaloAccount) -> None:
        self.account = account

    def send(self, message: Message) -> Outcome:
        """One attempt, within the account's timeout."""
        try:
            call = self._template(message) if self.account.template_id else self._text(message)
        except DonDocError as unusable:
            return Outcome(Verdict.REJECTED, detail=unusable.sentence)
        answer = ask(call)
        return answer if isinstance(answer, Outcome) else _outcome(answer, call)

    def close(self) -> None:
        """Nothing is kept open."""

    def _template(self, message: Message) -> Call:
        phone = telephone(message.to)
        body = {
            "phone": phone,
            "template_id": self.account.template_id,
            "template_data": dict(message.parameters),
            "tracking_id": message.key[:TRACKING_CHARACTERS],
        }
        return self._call("/message/template", body, message.to, phone)

    def _text(self, message: Message) -> Call:
        user = message.to.strip()
        if not USER_ID.fullmatch(user):
            raise DonDocError(
                "Mã người dùng Zalo không hợp lệ.", help="Ghi mã mà Official Account biết, chỉ gồm chữ số."
            )
        text = message.text if len(message.text) <= TEXT_CHARACTERS else message.short
        return self._call("/v3.0/oa/message/cs", {"recipient": {"user_id": user}, "message": {"text": text}}, user)

    def _call(self, path: str, body: Mapping[str, Any], *recipient: str) -> Call:
        account = self.account
        return Call(
            "POST",
            account.base_url.rstrip("/") + path,
            account.timeout,
            headers={"access_token": account.access_token},
            body=body,
            secrets=(account.access_token, *recipient),
        )


def _outcome(answer: Any, call: Call) -> Outcome:
    """Zalo answers HTTP 200 to everything; ``error`` says what became of it."""
    code = _code(answer)
    if code is None:
        return Outcome(Verdict.UNKNOWN, detail="Zalo trả lời không theo mẫu đã biết.")
    said = masked(str(answer.get("message", "")), *call.secrets)
    if code == 0:
        data = answer.get("data")
        number = data.get("msg_id") if isinstance(data, dict) else None
        return Outcome(Verdict.ACCEPTED, without(str(number or ""), *call.secrets), f"0 {said}".strip())
    verdict = Verdict.REJECTED if code in FOR_GOOD else Verdict.TRY_AGAIN
    reason = f" ({FOR_GOOD[code]})" if code in FOR_GOOD else ""
    return Outcome(verdict, detail=f"{code} {said}".strip() + reason)


def _code(answer: Any) -> int | None:
    """``error`` as a number; documented as one, seen as text too."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, int) and not isinstance(error, bool):
        return error
    return int(error) if isinstance(error, str) and re.fullmatch(r"-?[0-9]{1,9}", error) else None


# Apprise is annotated in part, and in ways its own plugins contradict: it is taken as it comes.
_NotifyBase: Any = apprise_base.NotifyBase
_Manager: Any = NotificationManager


def register_plugin(plugin: Any) -> None:
    """Makes Apprise know the plugin's schema. May be done again."""
    manager = _Manager()
    if plugin.secure_protocol not in manager:
        manager.add(plugin)


class ZaloPlugin(_NotifyBase):  # type: ignore[misc]  # see above
    """The same for Apprise: ``dondoczalo://84912345678/?:noi_dung={body}``, the account being the registered one.

    What follows ``:`` fills the template, with ``{title}`` and ``{body}`` replaced. No secret stands in the
    address. Known to Apprise after ``register``.
    """

    service_name = "Đôn Đốc Zalo"
    service_url = "https://developers.zalo.me"
    secure_protocol = "dondoczalo"
    request_rate_per_sec = 0
    title_maxlen = 250
    body_maxlen = TEXT_CHARACTERS
    templates = ("{schema}://{to}",)
    template_tokens: ClassVar[dict[str, dict[str, object]]] = {
        "to": {"name": "To", "type": "string", "required": True, "private": True},
    }
    template_kwargs: ClassVar[dict[str, dict[str, object]]] = {
        "parameters": {"name": "Template Data", "prefix": ":"},
    }
    account: ClassVar[ZaloAccount]

    @classmethod
    def register(cls, account: ZaloAccount) -> None:
        """Makes Apprise know the schema, sending by ``account``. May be done again."""
        cls.account = account
        register_plugin(cls)

    def __init__(self, to: str, parameters: Mapping[str, str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        if not to:
            raise TypeError("a Zalo address needs a recipient")
        self.to, self.parameters = to, dict(parameters or {})

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **_: Any) -> bool:
        """One message to one recipient; True only when Zalo accepted it."""
        text = f"{title}\n{body}" if title else body
        filled = {
            name: value.replace("{title}", title).replace("{body}", body) for name, value in self.parameters.items()
        }
        message = Message(uuid4().hex, self.to, "", title, text, "", text, filled)
        return ZaloChannel(type(self).account).send(message).verdict is Verdict.ACCEPTED

    def url(self, privacy: bool = False, *_: Any, **__: Any) -> str:
        """The address it was made from; with ``privacy`` the recipient cannot be read."""
        to = masked_telephone(self.to) if privacy else self.to
        filled = {f":{name}": value for name, value in self.parameters.items()}
        asked = self.urlencode(filled | self.url_parameters(privacy=privacy))
        return f"{self.secure_protocol}://{quote(to, safe='')}/?{asked}"

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        """What ``__init__`` takes, or None when it is no such address."""
        found: dict[str, Any] | None = _NotifyBase.parse_url(url, verify_host=False)
        if not found:
            return None
        return found | {"to": _NotifyBase.unquote(found["host"] or ""), "parameters": dict(found["qsd:"])}
