"""What a form says about a contact, and a contact as a form shows it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from models.errors import DonDocError
from models.kinds import ChannelKind, Post
from planning.definitions import (
    ContactChannelDefinition,
    ContactDefinition,
    QuietDefinition,
    SubstitutionDefinition,
)
from planning.typed_text import one_line
from portal.typed import read_day

POSTS = (Post.FOCAL, Post.HEAD, Post.DEPUTY)  # those an agency has
ALL_POSTS = tuple(Post)  # and those of the office's own, which need no agency
OFFICE = "van-phong"  # begins the code of somebody of no agency
LANGUAGES = ("vi", "en")
KINDS = {"mail": ChannelKind.MAIL, "zalo": ChannelKind.ZALO, "sms": ChannelKind.SMS}  # the form's field and its channel
LONGEST_ADDRESS = 254


class UnusableForm(DonDocError):
    """A form holds what no page of ours sends."""

    def __init__(self) -> None:
        super().__init__("Biểu mẫu có chỗ chưa đúng.", help="Xem lại từng ô rồi gửi lại.")


class UnreadableHour(DonDocError):
    """What was typed is no hour."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Không đọc được {name}.", help="Ghi như 18:00.")


class ImpossiblePeriod(DonDocError):
    """A period that is over before it begins, or lies in the past."""


@dataclass(frozen=True, slots=True)
class ShownChannel:
    """One way to reach somebody, as a page may show it; ``address`` is empty for a secret of the office's."""

    kind: ChannelKind
    address: str
    verified: date | None


def shown_channels(contact: ContactDefinition) -> list[ShownChannel]:
    """The ways in the order they are tried."""
    return [
        ShownChannel(one.kind, "" if one.kind is ChannelKind.APPRISE else one.address, one.verified)
        for one in contact.channels
    ]


def typed_of(contact: ContactDefinition | None) -> dict[str, str]:
    """The form's fields of a contact, or of nobody yet."""
    fields = {"what": "", "name": "", "agency": "", "post": Post.FOCAL.value, "language": "vi", "digest": "co"}
    fields |= {"quiet_from": "18:00", "quiet_to": "07:00", "mail": "", "zalo": "", "sms": ""}
    fields |= {"contact": "", "substitute": "", "first": "", "last": "", "valid_to": ""}
    if contact is None:
        return fields
    fields |= {field: _first(contact, kind) for field, kind in KINDS.items()}
    fields |= {"quiet_from": f"{contact.quiet.starts:%H:%M}", "quiet_to": f"{contact.quiet.ends:%H:%M}"}
    fields |= {"name": contact.name, "post": contact.post.value, "language": contact.language}
    fields |= {"agency": contact.agency or ""}
    return fields | {"digest": "co" if contact.digest else ""}


def read_contact(form: Mapping[str, str], before: ContactDefinition) -> ContactDefinition:
    """``before`` with what the form changes; post, agency and days stay.

    Raises UnusableText, UnreadableHour, UnusableForm.
    """
    return before.model_copy(update=_changed(form) | {"channels": _channels(form, before)})


def new_contact(
    form: Mapping[str, str], agency: str | None, today: date, posts: Sequence[Post] = POSTS
) -> ContactDefinition:
    """Somebody new, in the post from today; the code comes of the form's key, so that twice makes one.

    Raises as read_contact does.
    """
    key, post = form.get("key", ""), form.get("post", "")
    if not re.fullmatch(r"[0-9a-f]{32}", key) or post not in posts:
        raise UnusableForm
    fields = _changed(form) | {"channels": _channels(form, None), "valid_from": today}
    return ContactDefinition(code=f"{(agency or OFFICE)[:40]}-{key[:12]}", agency=agency, post=Post(post), **fields)


def read_placed(form: Mapping[str, str], before: ContactDefinition) -> ContactDefinition:
    """As read_contact, with the post and the agency the secretariat's form has too. Raises as read_contact does."""
    post = form.get("post", "")
    if post not in ALL_POSTS:
        raise UnusableForm
    return read_contact(form, before).model_copy(update={"post": Post(post), "agency": form.get("agency") or None})


def read_verified(form: Mapping[str, str]) -> list[ChannelKind]:
    """The kinds of which the form says that their address has been tried."""
    return [kind for field, kind in KINDS.items() if form.get(f"verified_{field}") == "co"]


def read_end(form: Mapping[str, str], before: ContactDefinition, today: date) -> ContactDefinition:
    """``before`` with a last day in the post. Raises Unreadable, ImpossiblePeriod."""
    last = read_day(form, "valid_to", "ngày cuối")
    if last < max(today, before.valid_from or today):
        raise ImpossiblePeriod("Ngày cuối đã qua.", help="Ghi hôm nay hoặc một ngày sau.")
    return before.model_copy(update={"valid_to": last})


def read_substitution(form: Mapping[str, str], today: date) -> SubstitutionDefinition:
    """Who stands in for whom, and when. Raises Unreadable, ImpossiblePeriod."""
    first, last = (read_day(form, field, name) for field, name in (("first", "từ ngày"), ("last", "đến ngày")))
    if last < first or last < today:
        raise ImpossiblePeriod("Khoảng thay thế chưa đúng.", help="Ngày cuối từ hôm nay và không trước ngày đầu.")
    return SubstitutionDefinition(
        contact=form.get("contact", ""), substitute=form.get("substitute", ""), first=first, last=last
    )


def _changed(form: Mapping[str, str]) -> dict[str, object]:
    language = form.get("language", "")
    if language not in LANGUAGES:
        raise UnusableForm
    quiet = {"from": _hour(form, "quiet_from", "giờ bắt đầu"), "to": _hour(form, "quiet_to", "giờ kết thúc")}
    return {
        "name": one_line(form.get("name", ""), "họ và tên", least=2, most=100),
        "language": language,
        "digest": form.get("digest") == "co",
        "quiet": QuietDefinition.model_validate(quiet),
    }


def _channels(form: Mapping[str, str], before: ContactDefinition | None) -> tuple[ContactChannelDefinition, ...]:
    """The typed addresses where their kinds stood, new kinds behind; what the form does not show stays."""
    typed = {kind: _address(form, field) for field, kind in KINDS.items()}
    ways: list[ContactChannelDefinition] = []
    for one in before.channels if before else ():
        address = typed.pop(one.kind, None) if one.kind in typed else one.address
        if address:
            ways.append(ContactChannelDefinition(kind=one.kind, address=address))
    ways += [ContactChannelDefinition(kind=kind, address=address) for kind, address in typed.items() if address]
    return tuple(ways)


def _address(form: Mapping[str, str], field: str) -> str:
    return one_line(form.get(field, ""), "địa chỉ, số điện thoại", most=LONGEST_ADDRESS)


def _first(contact: ContactDefinition, kind: ChannelKind) -> str:
    return next((one.address for one in contact.channels if one.kind is kind), "")


def _hour(form: Mapping[str, str], field: str, name: str) -> time:
    match = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", form.get(field, "").strip())
    if match is None:
        raise UnreadableHour(name)
    return time(int(match[1]), int(match[2]))
