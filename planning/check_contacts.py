"""What can be wrong with contacts.yaml; no sentence repeats an address, since some are secrets. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from unicodedata import category

from models.kinds import ChannelKind, Post
from planning.definitions import (
    ContactChannelDefinition,
    ContactDefinition,
    ContactsDefinition,
    SubstitutionDefinition,
)
from planning.directory import Directory
from planning.mistakes import did_you_mean, twice
from planning.yaml_files import Place, Problem, Source

REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/[^\0\r\n]+")  # the places notices.references can look in
TELEPHONE = re.compile(r"(?:\+84|84|0)[35789][0-9]{8}")  # mobile numbers: nothing else hears SMS or Zalo
USER_ID = re.compile(r"[1-9][0-9]{4,29}")  # an Official Account knows people by such a number
SEPARATORS = re.compile(r"[ .()-]")
LOCAL_PART_OCTETS = 64  # RFC 5321 §4.5.3.1.1
ADDRESS_OCTETS = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
IN_OFFICE = frozenset({Post.CHAIR, Post.SECRETARIAT})  # posts that need no agency


def check_contacts(contacts: ContactsDefinition, source: Source, directory: Directory | None) -> Iterator[Problem]:
    """Everything about the contacts; ``directory`` is None when the agencies themselves are wrong."""
    codes = [contact.code for contact in contacts.contacts]

    def complain(code: str) -> Problem:
        last = len(codes) - 1 - codes[::-1].index(code)
        return source.problem(("contacts", last, "code"), f"Mã liên hệ {code} dùng hai lần.", "Đặt mã khác.")

    yield from twice(codes, complain)
    for number, contact in enumerate(contacts.contacts):
        yield from _check_contact(contact, ("contacts", number), source, directory)
    yield from _check_substitutions(contacts, source)


def is_reference(text: str) -> bool:
    """Whether ``text`` says where a secret is kept (``env:NAME``, ``file:/path``)."""
    return REFERENCE.fullmatch(text) is not None


def has_control_characters(text: str) -> bool:
    """Whether a line end or another character nobody can see stands in ``text``."""
    return any(category(letter) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for letter in text)


def _check_contact(
    contact: ContactDefinition, place: Place, source: Source, directory: Directory | None
) -> Iterator[Problem]:
    if has_control_characters(contact.name):
        yield source.problem(
            (*place, "name"), "Tên có dấu xuống dòng hoặc ký tự không nhìn thấy.", "Viết tên trên một dòng."
        )
    yield from _check_agency(contact, place, source, directory)
    if contact.valid_from and contact.valid_to and contact.valid_to < contact.valid_from:
        yield source.problem(
            (*place, "valid_to"),
            "Ngày kết thúc (valid_to) trước ngày bắt đầu (valid_from).",
            "Sửa lại một trong hai.",
        )
    if not contact.channels:
        yield source.problem(place, "Người này không có cách liên hệ nào.", "Thêm channels với ít nhất một địa chỉ.")
    seen: set[tuple[str, str]] = set()
    for order, channel in enumerate(contact.channels):
        where: Place = (*place, "channels", order, "address")
        if wrong := _wrong_with(channel):
            yield source.problem(where, *wrong, item=contact.code)
        if (channel.kind, channel.address) in seen:
            yield source.problem(where, "Một địa chỉ ghi hai lần.", "Giữ lại một.", contact.code)
        seen.add((channel.kind, channel.address))


def _check_agency(
    contact: ContactDefinition, place: Place, source: Source, directory: Directory | None
) -> Iterator[Problem]:
    where: Place = (*place, "agency")
    if contact.agency is None:
        if contact.post not in IN_OFFICE:
            yield source.problem(
                (*place, "post"),
                f"Người giữ vai trò {contact.post.value} phải thuộc một cơ quan.",
                "Thêm agency; chỉ chair và secretariat được bỏ trống.",
            )
    elif directory and contact.agency in directory.groups:
        yield source.problem(
            where,
            f"{contact.agency} là một nhóm, không phải cơ quan.",
            "Ghi từng cơ quan của nhóm, mỗi cơ quan một liên hệ.",
        )
    elif directory and contact.agency not in directory:
        yield source.problem(where, f"Không có cơ quan {contact.agency}.", _agency_meant(contact.agency, directory))


def _agency_meant(code: str, directory: Directory) -> str:
    hint = did_you_mean(code, directory.agencies)
    return hint if hint.startswith("Có phải") else "Thêm cơ quan này vào agencies.yaml."


def _wrong_with(channel: ContactChannelDefinition) -> tuple[str, str] | None:
    """A sentence and what would help, when nothing can be sent to the channel's address."""
    match channel.kind:
        case ChannelKind.MAIL:
            why = _unusable_mail(channel.address)
            return (f"Địa chỉ thư không dùng được: {why}.", "Viết như ten@co-quan.gov.vn.") if why else None
        case ChannelKind.APPRISE:
            if not is_reference(channel.address):
                return (
                    "Địa chỉ Apprise chứa bí mật nên không ghi vào tệp này.",
                    "Ghi nơi cất địa chỉ, như env:TEN_BIEN hoặc file:/đường/dẫn.",
                )
        case _:
            digits = SEPARATORS.sub("", channel.address)
            is_user = channel.kind is ChannelKind.ZALO and USER_ID.fullmatch(digits)
            if not (TELEPHONE.fullmatch(digits) or is_user):
                or_user = ", hoặc mã người dùng Zalo chỉ gồm chữ số" if channel.kind is ChannelKind.ZALO else ""
                return (
                    "Số điện thoại không phải số di động Việt Nam.",
                    f"Viết như 0912345678 hoặc +84912345678{or_user}.",
                )
    return None


def _unusable_mail(address: str) -> str | None:
    """Why no mail can be written to ``address``; the mail channel looks again, more closely, before it sends."""
    local, at, domain = address.rpartition("@")
    if has_control_characters(address) or re.search(r"\s", address):
        return "có khoảng trắng hoặc ký tự không nhìn thấy"
    if not (at and local and all(domain.split("."))):
        return "phải có dạng tên@tên-miền"
    if re.search(r"[<>\"(),:;@\\\[\]]", local) or not re.fullmatch(r"[\w.-]+", domain):
        return "có ký tự không được phép"
    if len(local.encode()) > LOCAL_PART_OCTETS:
        return f"phần trước @ dài hơn {LOCAL_PART_OCTETS} ký tự"
    if len(address.encode()) > ADDRESS_OCTETS:
        return f"dài hơn {ADDRESS_OCTETS} ký tự"
    return None


def _check_substitutions(contacts: ContactsDefinition, source: Source) -> Iterator[Problem]:
    known = {contact.code for contact in contacts.contacts}
    for number, one in enumerate(contacts.substitutions):
        place: Place = ("substitutions", number)
        for key, code in (("contact", one.contact), ("substitute", one.substitute)):
            if code not in known:
                yield source.problem((*place, key), f"Không có liên hệ {code}.", did_you_mean(code, known), one.contact)
        if one.contact == one.substitute:
            yield source.problem(
                (*place, "substitute"), f"{one.contact} không thể tự thay mình.", "Ghi mã người khác.", one.contact
            )
        if one.last < one.first:
            yield source.problem(
                (*place, "last"), "Ngày cuối (last) trước ngày đầu (first).", "Sửa lại một trong hai.", one.contact
            )
    yield from _check_overlaps(contacts.substitutions, source)
    yield from _check_circles(contacts.substitutions, source)


def _check_overlaps(substitutions: Sequence[SubstitutionDefinition], source: Source) -> Iterator[Problem]:
    latest: dict[str, SubstitutionDefinition] = {}
    for number, one in sorted(enumerate(substitutions), key=lambda entry: (entry[1].first, entry[0])):
        before = latest.get(one.contact)
        if before and one.first <= before.last:
            yield source.problem(
                ("substitutions", number),
                f"{one.contact} có hai người thay cùng lúc từ ngày {one.first:%d/%m/%Y}: "
                f"{before.substitute} và {one.substitute}.",
                "Chỉ để một người thay trong mỗi ngày.",
                one.contact,
            )
        if before is None or one.last > before.last:
            latest[one.contact] = one


def _check_circles(substitutions: Sequence[SubstitutionDefinition], source: Source) -> Iterator[Problem]:
    """A circle is closed on the first day of its latest part: there is where it is looked for."""
    of: dict[str, list[SubstitutionDefinition]] = defaultdict(list)
    for one in substitutions:
        of[one.contact].append(one)
    seen: set[frozenset[str]] = set()
    for number, one in enumerate(substitutions):
        circle = _circle(one, of)
        if circle and frozenset(circle) not in seen:
            seen.add(frozenset(circle))
            yield source.problem(
                ("substitutions", number),
                f"Thay nhau vòng tròn ngày {one.first:%d/%m/%Y}: {' → '.join([*circle, circle[0]])}.",
                "Bỏ một mắt xích hoặc đổi ngày.",
                one.contact,
            )


def _circle(start: SubstitutionDefinition, of: Mapping[str, Sequence[SubstitutionDefinition]]) -> list[str] | None:
    """Who stands in for whom on ``start``'s first day, when it leads back to the beginning."""
    path, here = [start.contact], start.substitute
    while here not in path:
        path.append(here)
        after = next((one for one in of.get(here, ()) if one.first <= start.first <= one.last), None)
        if after is None:
            return None
        here = after.substitute
    return path if here == start.contact and len(path) > 1 else None
