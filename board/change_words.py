"""What somebody recorded on a screen, said in Vietnamese: what was done, to what, from what to what. Pure.

Contents are the JSON that models.amendment keeps. Of a person no address is said, only which of them changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from calendars.wording import say_hours, say_short, say_weekday
from models.amendment import AmendmentKind
from models.timing import Hours

Content = Mapping[str, Any]

CHANGE_NAMES: dict[AmendmentKind, str] = {
    AmendmentKind.DATE: "Ngày, hạn",
    AmendmentKind.CANCEL: "Hủy, khôi phục",
    AmendmentKind.TEAM: "Đoàn kiểm tra",
    AmendmentKind.EVENT: "Sự việc đã xảy ra",
    AmendmentKind.DAY: "Ngày nghỉ, ngày làm bù",
    AmendmentKind.CONTACT: "Người liên hệ",
    AmendmentKind.SUBSTITUTION: "Người thay",
}
FIELDS = {
    "name": "họ và tên",
    "agency": "cơ quan",
    "post": "vai trò",
    "language": "ngôn ngữ của thư",
    "digest": "cách gộp thông báo",
    "quiet": "giờ không gửi",
}
WAYS = {"mail": "địa chỉ thư", "sms": "số điện thoại", "zalo": "Zalo", "apprise": "kênh riêng"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the words need besides the content: the ``subject`` and its name, and whom codes mean.

    ``phrase`` is the paper's own time, ``day`` the day it was recorded. Of a ``secret`` matter only days are said.
    """

    subject: str
    name: str
    day: date
    phrase: str = ""
    secret: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def paper(self) -> str:
        """What the paper says of its time; of a secret matter nothing."""
        return "" if self.secret else self.phrase

    def call(self, code: str) -> str:
        """The name of a team or a person."""
        return self.names.get(code, code)


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in three parts, so that a page can make the middle one a link."""

    verb: str
    about: str
    rest: str = ""

    @property
    def sentence(self) -> str:
        """As "Dời Hội nghị tổng kết từ 12/03/2024 sang 14/03/2024"."""
        return f"{self.verb} {self.about}{self.rest}"


def say_change(kind: AmendmentKind, before: Content | None, after: Content | None, known: Known) -> Words:
    """``after`` is what was recorded, None where it takes back ``before``, which is None when there was nothing."""
    return _SAY[kind](before, after, known) if after is not None else _say_taken_back(kind, before, known)


def _say_taken_back(kind: AmendmentKind, before: Content | None, known: Known) -> Words:
    match kind:
        case AmendmentKind.DATE:
            return Words("Bỏ ngày đã ấn định của", known.name, f", trở lại theo văn bản{_after(': ', known.paper)}")
        case AmendmentKind.CANCEL:
            return Words("Khôi phục", known.name)
        case AmendmentKind.TEAM:
            return Words("Thôi giao", known.name, _after(" cho ", known.call(before["team"]) if before else ""))
        case AmendmentKind.EVENT:
            return Words("Bỏ sự việc đã ghi của", known.name, ", lại chờ")
        case AmendmentKind.DAY:
            return Words("Bỏ quyết định về", _say_which_day(known), ", trở lại theo lịch nghỉ và văn bản đã nhập")
        case _:
            return Words("Bỏ điều đã ghi về", known.name)


# ---- occurrences -------------------------------------------------------------------------------


def _say_date(before: Content | None, after: Content, known: Known) -> Words:
    then = say_when(after, secret=known.secret)
    if before is None:
        noun = "hạn" if after.get("deadline") else "ngày"
        paper = f" (văn bản nêu: {known.paper})" if known.paper else ""
        return Words(f"Ấn định {noun} của", known.name, f": {then}{paper}")
    moved = any(before.get(one) != after.get(one) for one in ("first", "last", "included"))
    return Words(
        "Dời" if moved else "Sửa giờ, nơi của", known.name, f" từ {say_when(before, secret=known.secret)} sang {then}"
    )


def say_when(content: Content, *, secret: bool) -> str:
    """The day named of a deadline, or the days, hours and place of an event; of a ``secret`` one no place."""
    first, last = _day(content["first"]), _day(content.get("last") or content["first"])
    if content.get("deadline"):
        return f"{'chậm nhất' if content.get('included', True) else 'trước'} {say_short(first)}"
    days = say_short(first) if first == last else f"{say_short(first)} – {say_short(last)}"
    place = "" if secret else content.get("place")
    return ", ".join(filter(None, (days, _say_session(content), place)))


def _say_session(content: Content) -> str:
    if not content.get("starts"):
        return ""
    ends = time.fromisoformat(content["ends"]) if content.get("ends") else None
    return say_hours(Hours(time.fromisoformat(content["starts"]), ends))


def _say_cancel(_before: Content | None, _after: Content, known: Known) -> Words:
    return Words("Hủy", known.name)


def _say_team(before: Content | None, after: Content, known: Known) -> Words:
    now = known.call(after["team"])
    if before is None:
        return Words("Giao", known.name, f" cho {now}")
    return Words("Chuyển", known.name, f" từ {known.call(before['team'])} sang {now}")


def _say_event(before: Content | None, after: Content, known: Known) -> Words:
    on = say_short(_day(after["on"]))
    if before is None:
        return Words("Ghi sự việc của", known.name, f" đã xảy ra ngày {on}")
    return Words("Sửa ngày sự việc của", known.name, f" từ {say_short(_day(before['on']))} sang {on}")


# ---- days and people ---------------------------------------------------------------------------


def _say_day(_before: Content | None, after: Content, known: Known) -> Words:
    return Words("Quyết định", _say_which_day(known), f" là ngày {'làm việc' if after['working'] else 'nghỉ'}")


def _say_which_day(known: Known) -> str:
    day = _day(known.subject)
    return f"ngày {say_short(day)} ({say_weekday(day)})"


def _say_contact(before: Content | None, after: Content, known: Known) -> Words:
    now = after["contact"]
    if before is None and now.get("valid_from") == known.day.isoformat():
        return Words("Thêm người liên hệ", known.name)
    changed = list(_changes_of_a_contact(before and before["contact"], now, known.day))
    return Words("Sửa người liên hệ", known.name, _after(": ", ", ".join(changed)))


def _changes_of_a_contact(earlier: Content | None, now: Content, day: date) -> Iterator[str]:
    """Of somebody never recorded on a screen before, only which addresses were tried that day is known."""
    ways = now.get("channels", ())
    if earlier is None:
        yield from (f"đã kiểm tra {WAYS[way['kind']]}" for way in ways if way.get("verified") == day.isoformat())
        return
    yield from (name for one, name in FIELDS.items() if earlier.get(one) != now.get(one))
    last = now.get("valid_to")
    if last != earlier.get("valid_to"):
        yield f"ngày cuối {say_short(_day(last))}" if last else "bỏ ngày cuối"
    for kind, name in WAYS.items():
        was, here = _addresses(earlier, kind), _addresses(now, kind)
        if set(was) != set(here):
            yield name
        if any(verified and not was.get(address) for address, verified in here.items()):
            yield f"đã kiểm tra {name}"


def _addresses(contact: Content, kind: str) -> dict[str, str | None]:
    """The contact's addresses of a kind, each with the day it was verified, if it was."""
    return {way["address"]: way.get("verified") for way in contact.get("channels", ()) if way["kind"] == kind}


def _say_substitution(before: Content | None, after: Content, known: Known) -> Words:
    first, last = (say_short(_day(after[name])) for name in ("first", "last"))
    verb = "Sửa người thay cho" if before else "Ghi người thay cho"
    return Words(verb, known.call(after["contact"]), f": {known.call(after['substitute'])}, từ {first} đến hết {last}")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _after(word: str, said: str) -> str:
    """What is said behind its word; nothing for nothing."""
    return f"{word}{said}" if said else ""


_SAY: dict[AmendmentKind, Callable[[Content | None, Content, Known], Words]] = {
    AmendmentKind.DATE: _say_date,
    AmendmentKind.CANCEL: _say_cancel,
    AmendmentKind.TEAM: _say_team,
    AmendmentKind.EVENT: _say_event,
    AmendmentKind.DAY: _say_day,
    AmendmentKind.CONTACT: _say_contact,
    AmendmentKind.SUBSTITUTION: _say_substitution,
}
