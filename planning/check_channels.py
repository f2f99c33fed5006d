"""What can be wrong with channels.yaml; a secret has no place in it, and no sentence repeats what may be one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from planning.check_contacts import has_control_characters, is_reference
from planning.definitions import ChannelsDefinition, SmsDefinition, ZaloDefinition
from planning.mistakes import did_you_mean
from planning.yaml_files import Place, Problem, Source

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PLACES = frozenset({"phone", "phone_national", "text", "brandname", "key", "unicode"})  # what notices.sms fills in
PLACE = re.compile(r"\{(\w+)\}")
SECRET_NAME = re.compile(
    r"token|secret|passw|pwd|credential|checksum|signature|authori[sz]ation|(?:api|access|private|auth)[-_]?key",
    re.IGNORECASE,
)
RANDOM = re.compile(r"(?=[A-Za-z+=_-]*[0-9])(?=[0-9+=_-]*[A-Za-z])[A-Za-z0-9+=_-]{24,}")  # letters and digits mixed
KEEP = "Ghi nơi cất, như env:TEN_BIEN hoặc file:/đường/dẫn."
MOVE = "Khai tên ở secrets với nơi cất (env:TEN_BIEN, file:/đường/dẫn), rồi viết {tên} ở đây."


def check_channels(channels: ChannelsDefinition, source: Source) -> Iterator[Problem]:
    """Addresses that can be used, secrets by reference only, templates that can be filled."""
    if channels.zalo:
        yield from _check_zalo(channels.zalo, source)
    if channels.sms:
        yield from _check_sms(channels.sms, source)


def _check_zalo(zalo: ZaloDefinition, source: Source) -> Iterator[Problem]:
    yield from _check_url(zalo.base_url, ("zalo", "base_url"), source)
    if not is_reference(zalo.access_token):
        yield source.problem(("zalo", "access_token"), "Mã truy cập Zalo không ghi vào tệp này.", KEEP)


def _check_sms(sms: SmsDefinition, source: Source) -> Iterator[Problem]:
    yield from _check_url(sms.url, ("sms", "url"), source)
    if has_control_characters(sms.brandname):
        yield source.problem(("sms", "brandname"), "Tên hiển thị có ký tự không nhìn thấy.", "Chép lại tên đã đăng ký.")
    yield from _check_secrets(sms.secrets, source)
    for key in ("fields", "headers"):
        yield from _check_templates(key, sms, source)
    named = {name for template in (*sms.fields.values(), *sms.headers.values()) for name in PLACE.findall(template)}
    if not {"phone", "phone_national"} & named or "text" not in named:
        yield source.problem(
            ("sms", "fields"),
            "Cổng SMS thiếu trường số điện thoại hoặc nội dung.",
            'Các trường phải có "{phone}" (hoặc "{phone_national}") và "{text}", viết trong ngoặc kép.',
        )
    for number, name in enumerate(sms.numbers):
        if name not in sms.fields:
            yield source.problem(("sms", "numbers", number), f"Không có trường {name}.", did_you_mean(name, sms.fields))
        elif not re.fullmatch(r"-?[0-9]{1,15}", sms.fields[name], re.ASCII):
            yield source.problem(
                ("sms", "numbers", number), f"Trường {name} không phải số nguyên.", "Bỏ tên này khỏi numbers."
            )
    for value in sorted(set(sms.success.accepted) & set(sms.success.refused)):
        yield source.problem(
            ("sms", "success"), f"Giá trị «{value}» vừa là đã nhận vừa là từ chối.", "Giữ lại ở một nơi."
        )


def _check_secrets(secrets: Mapping[str, str], source: Source) -> Iterator[Problem]:
    for number, (name, reference) in enumerate(secrets.items(), start=1):
        place: Place = ("sms", "secrets", name)
        if not re.fullmatch(r"\w{1,60}", name, re.ASCII):  # may be the secret itself, written on the wrong side
            yield source.problem(place, f"Tên bí mật thứ {number} không dùng được.", "Chỉ dùng chữ, chữ số và _.")
        elif name in PLACES:
            yield source.problem(place, f"Tên {name} đã có nghĩa khác.", "Đặt tên khác cho bí mật này.")
        if not is_reference(reference):
            yield source.problem(place, "Bí mật không ghi vào tệp này.", KEEP)


def _check_templates(key: str, sms: SmsDefinition, source: Source) -> Iterator[Problem]:
    templates: Mapping[str, str] = getattr(sms, key)
    known = PLACES | sms.secrets.keys()
    for name, template in templates.items():
        place: Place = ("sms", key, name)
        if key == "headers" and not (re.fullmatch(r"[\w-]+", name, re.ASCII) and re.fullmatch(r"[ -~]*", template)):
            yield source.problem(place, "Header có ký tự không dùng được.", "Chỉ dùng chữ không dấu trên một dòng.")
        elif has_control_characters(template):
            yield source.problem(place, "Có dấu xuống dòng hoặc ký tự không nhìn thấy.", "Viết trên một dòng.")
        if not set(PLACE.findall(template)) <= known:
            yield source.problem(
                place, "Có chỗ điền chưa biết.", f"Dùng {', '.join(sorted(PLACES))} hoặc tên khai ở secrets."
            )
        if _looks_secret(name, template):
            yield source.problem(place, "Giá trị ở đây giống một bí mật; bí mật không ghi vào tệp này.", MOVE)


def _looks_secret(name: str, written: str) -> bool:
    """By its name when nothing is filled in, else by what stands beside the places to fill in."""
    plain = PLACE.sub(" ", written)
    named = bool(SECRET_NAME.search(name)) and plain == written and written.strip() != ""
    return named or RANDOM.search(plain) is not None


def _check_url(url: str, place: Place, source: Source) -> Iterator[Problem]:
    """https, or http on this machine, without a password or another secret."""
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0 and re.fullmatch(r"[!-~]+", url) is not None
    except ValueError:
        usable = False
    if not usable or parts.scheme not in {"http", "https"}:
        yield source.problem(place, "Không đọc được địa chỉ của cổng gửi tin.", "Viết như https://may-chu/duong-dan.")
        return
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        yield source.problem(
            place,
            "Cổng gửi tin phải dùng https.",
            "Khóa không đi qua kết nối không mã hóa; chỉ máy này được dùng http.",
        )
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if parts.username is not None or parts.password is not None or any(_looks_secret(*pair) for pair in asked):
        yield source.problem(
            place, "Địa chỉ của cổng gửi tin chứa tài khoản hoặc bí mật.", "Chuyển sang fields, headers và secrets."
        )
