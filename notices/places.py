"""What a template may fill in: the facts of a matter, each as words of one language. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from unicodedata import normalize

from calendars.wording import Language, say_due, say_instant, say_short, say_weekday, say_window
from models.alphabet import alphabetical
from models.kinds import SECRET_TITLE
from models.notice import NoticeKind
from models.timing import Certainty, DueDays, Window
from notices.matter import Addressed, Late, Matter, Request, Taken, TakenFile
from notices.mime import on_one_line

# Field of a matter: as a word in brackets, and as a sentence under "Lưu ý"; Vietnamese, then English.
REMARKS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "draft": (
        ("dự thảo", "draft"),
        ("dự thảo, chưa phải lời nhắc chính thức", "still a draft, not an official reminder"),
    ),
    "assumed": (
        ("ngày giả định", "assumed day"),
        ("ngày giả định, vì văn bản không nêu ngày cụ thể", "an assumed day, since the document names none"),
    ),
    "extended": (("đã gia hạn", "extended"), ("đã gia hạn", "the deadline has been extended")),
    "returned": (("bị trả lại để sửa", "returned"), ("bị trả lại để sửa", "returned for correction")),
}


# Answers to what the reader did: neither reminders, nor late.
ANSWERS = frozenset({NoticeKind.RECEIPT, NoticeKind.REQUEST_ANSWERED, NoticeKind.LINK})


class Section(StrEnum):
    """Where a matter stands in a digest, in this order."""

    OVERDUE = "overdue"
    TODAY = "today"
    COMING = "coming"
    UNDATED = "undated"
    CHANGED = "changed"
    ANSWERED = "answered"
    DESK = "desk"


_SECTION_OF_KIND = {
    NoticeKind.LETTER: Section.OVERDUE,
    NoticeKind.WINDOW: Section.UNDATED,
    NoticeKind.CHANGED: Section.CHANGED,
    NoticeKind.RECEIPT: Section.ANSWERED,
    NoticeKind.REQUEST_ANSWERED: Section.ANSWERED,
    NoticeKind.LINK: Section.ANSWERED,
    NoticeKind.REQUEST_WAITING: Section.DESK,
    NoticeKind.RATING: Section.DESK,
    NoticeKind.LETTER_WAITING: Section.DESK,
    NoticeKind.LETTER_SILENT: Section.DESK,
    NoticeKind.CHAIR_LIST: Section.DESK,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One matter as it is told: once, for one agency or for several, each with the code of its duty."""

    matter: Matter
    owing: tuple[tuple[str, str], ...] = ()

    @property
    def agencies(self) -> tuple[str, ...]:
        """The agencies' names."""
        return tuple(name for name, _ in self.owing)


def gather(matters: Sequence[Matter], today: date) -> list[Entry]:
    """The matters in the order of a digest, those that differ by the agency alone told together.

    The same matter twice of one agency stays two: their codes differ. Secret ones are never told together, since
    nothing says that they are the same.
    """
    groups: dict[object, list[Matter]] = {}
    seen: Counter[object] = Counter()
    for number, matter in enumerate(map(_without_secrets, matters)):
        shared = number if matter.secret else replace(matter, agency=None, duty="", missed=0, link="")
        seen[shared, matter.agency] += 1
        groups.setdefault((shared, seen[shared, matter.agency]), []).append(matter)
    return sorted(map(_together, groups.values()), key=lambda entry: _urgency(entry.matter, today))


def _together(group: Sequence[Matter]) -> Entry:
    owing = tuple((plain_text(matter.agency), plain_text(matter.duty)) for matter in group if matter.agency)
    return Entry(replace(group[0], missed=max(matter.missed for matter in group)), owing)


def _without_secrets(matter: Matter) -> Matter:
    """Of a secret matter only its days are left: made anew, so that a field added later stays out."""
    if not matter.secret:
        return matter
    names = (
        "kind", "secret", "link", "missed", "held", "draft", "assumed", "extended",
        "named_date", "included", "last_on_time", "work_by", "first", "last", "days_left",
    )  # fmt: skip
    kept = Matter(title="", programme="", **{name: getattr(matter, name) for name in names})
    taken = matter.taken.without_names() if matter.taken else None
    request = matter.request.without_words() if matter.request else None
    return replace(kept, taken=taken, request=request)


def _urgency(matter: Matter, today: date) -> tuple[int, int, date, str]:
    last = matter.last_on_time or matter.first or date.max
    return (list(Section).index(section_of(matter, today)), matter.days_left, last, matter.title)


def section_of(matter: Matter, today: date) -> Section:
    """Where the matter stands in a digest of ``today``."""
    settled = _SECTION_OF_KIND.get(matter.kind)
    if settled:
        return settled
    if matter.kind is not NoticeKind.EVENT:
        if is_overdue(matter, today):
            return Section.OVERDUE
        return Section.TODAY if matter.days_left <= 0 else Section.COMING
    return Section.TODAY if matter.first and matter.first <= today else Section.COMING


def is_overdue(matter: Matter, today: date) -> bool:
    """Whether its last day on time has passed: after ``work_by`` a week-end may still be on time."""
    if matter.kind in {NoticeKind.EVENT, NoticeKind.WINDOW, NoticeKind.INVITATION} | ANSWERS:
        return False
    return today > matter.last_on_time if matter.last_on_time else matter.days_left < 0


def fill_places(entry: Entry, to: Addressed, language: Language) -> dict[str, object]:
    """Every place of templates/notices/README.md; texts are NFC, on one line, "" when there is nothing to say."""
    matter, today = entry.matter, to.today
    vietnamese = language == "vi"
    countdown = say_countdown(matter, today, language)
    remarks = [short[0 if vietnamese else 1] for name, (short, _) in REMARKS.items() if getattr(matter, name)]
    state = ", ".join(filter(None, (countdown, *remarks)))
    last_day = matter.last_on_time or matter.work_by or matter.named_date
    return {
        "kind": matter.kind.value,
        "title": plain_text(matter.title) if not matter.secret else SECRET_TITLE if vietnamese else "Secret matter",
        "programme": plain_text(matter.programme),
        "document": plain_text(matter.document),
        "agency": entry.agencies[0] if len(entry.agencies) == 1 else "",
        "agencies": tuple(f"{name} ({code})" if code else name for name, code in entry.owing),
        "who": _who(entry, vietnamese),
        "leads": ", ".join(map(plain_text, matter.leads)),
        "recipients": ", ".join(map(plain_text, matter.recipients)),
        "place": plain_text(matter.place),
        "product": plain_text(matter.product),
        "due": say_due_days(matter, language),
        "last_day": say_short(last_day) if last_day else "",
        "when": say_when(matter, language),
        "weekday": say_weekday(matter.first, language) if matter.first else "",
        "countdown": countdown,
        "remarks": ", ".join(remarks),
        "state": state,
        "deadline": _deadline(last_day, countdown, remarks, is_overdue(matter, today), vietnamese),
        "overdue": is_overdue(matter, today),
        "late_days": max(-matter.days_left, 0) if is_overdue(matter, today) else 0,
        "missing": tuple(map(plain_text, matter.missing)),
        "late": _late(matter.late),
        "missed": matter.missed,
        "held": matter.held,
        "draft": matter.draft,
        "assumed": matter.assumed,
        "extended": matter.extended,
        "returned": matter.returned,
        "duty": plain_text(matter.duty) if len(entry.owing) < 2 else "",
        "what": plain_text(matter.what).rstrip("."),
        "before": plain_text(matter.before).rstrip("."),
        "about": plain_text(matter.about),
        "fixed_by": plain_text(matter.fixed_by),
        "called_off": matter.called_off,
        **_taken_places(matter.taken),
        **_request_places(matter.request),
        **address_places(to),
    }


def _taken_places(taken: Taken | None) -> dict[str, object]:
    """The places of a receipt; all empty when it is none."""
    files = taken.files if taken else ()
    return {
        "receipt": str(taken.number) if taken else "",
        "taken_at": say_instant(taken.at) if taken else "",
        "complete": taken is not None and taken.complete,
        "on_time": taken is not None and taken.late is not None and taken.late < 0,
        "late_by": max(taken.late, 0) if taken and taken.late is not None else 0,
        "judged": taken is not None and taken.late is not None,
        "handed_document": plain_text(taken.document) if taken else "",
        "handed_link": plain_text(taken.link) if taken else "",
        "files": tuple(map(_say_file, files)),
    }


def _say_file(file: TakenFile) -> str:
    """As "bao-cao.pdf, 24 kB, SHA-256 9f86…"; the digest whole, since it is there to be compared."""
    size = f"{max(file.size // 1000, 1)} kB" if file.size < 1_000_000 else f"{file.size / 1_000_000:.1f} MB"
    return ", ".join(filter(None, (plain_text(file.name), size, f"SHA-256 {file.digest}")))


def _request_places(request: Request | None) -> dict[str, object]:
    """The places of a request for more time; all empty when it is none."""
    granted = request.granted_until if request else None
    return {
        "request": str(request.number) if request else "",
        "asked_by": plain_text(request.by) if request else "",
        "asked_until": say_short(request.until) if request else "",
        "why": plain_text(request.why) if request else "",
        "granted_until": say_short(granted) if granted else "",
        "decided_by": plain_text(request.decided_by) if request else "",
        "remark": plain_text(request.remark) if request else "",
    }


def address_places(to: Addressed) -> dict[str, object]:
    """The places that say who writes to whom, and on what day."""
    return {
        "name": plain_text(to.name),
        "sender": plain_text(to.sender),
        "instead_of": plain_text(to.instead_of),
        "today": say_short(to.today),
        "agency_page": plain_text(to.agency_page),
    }


def say_remarks(matter: Matter, language: Language) -> list[str]:
    """What must be kept in mind about it, as "dự thảo, chưa phải lời nhắc chính thức"."""
    side = 0 if language == "vi" else 1
    return [long[side] for name, (_, long) in REMARKS.items() if getattr(matter, name)]


def say_countdown(matter: Matter, today: date, language: Language) -> str:
    """As "còn 5 ngày làm việc", "hôm nay là ngày cuối", "quá hạn 2 ngày làm việc"; "" when it has no day."""
    if matter.kind is NoticeKind.EVENT:
        found = _until_event(matter, today)
    elif matter.kind in {NoticeKind.WINDOW} | ANSWERS or not (matter.last_on_time or matter.work_by):
        found = ("", "")
    else:
        found = _until_deadline(matter, today)
    return found[0 if language == "vi" else 1]


def _until_event(matter: Matter, today: date) -> tuple[str, str]:
    if matter.first is None:
        return "", ""
    if matter.first == today:
        return "hôm nay", "today"
    if matter.first < today:
        ongoing = matter.last is not None and matter.last >= today
        return ("đang diễn ra", "under way") if ongoing else ("đã qua", "past")
    return _left(matter.days_left) if matter.days_left > 0 else ("sắp diễn ra", "before the next working day")


def _until_deadline(matter: Matter, today: date) -> tuple[str, str]:
    last = matter.last_on_time
    if is_overdue(matter, today):
        if matter.days_left >= 0:  # a week-end after the last day: late, but by no working day yet
            return "đã quá hạn", "overdue"
        late = -matter.days_left
        return f"quá hạn {late} ngày làm việc", f"overdue by {_working_days(late)}"
    if matter.days_left > 0:
        return _left(matter.days_left)
    if last is None or last <= today:
        return "hôm nay là ngày cuối", "today is the last day"
    if matter.work_by is not None and matter.work_by < today:
        return f"còn đến hết ngày {say_short(last)}", f"until the end of {say_short(last)}"
    return "hôm nay là ngày làm việc cuối", "today is the last working day"


def _left(days: int) -> tuple[str, str]:
    return f"còn {days} ngày làm việc", f"{_working_days(days)} left"


def _working_days(days: int) -> str:
    return f"{days} working day{'' if days == 1 else 's'}"


def say_due_days(matter: Matter, language: Language) -> str:
    """The deadline's days in words, as ``calendars.wording.say_due`` says them; one day when not all are known."""
    named, last, work_by = matter.named_date, matter.last_on_time, matter.work_by
    if named is None or last is None or work_by is None:
        day = last or work_by or named
        return "" if day is None else f"{'ngày cuối' if language == 'vi' else 'last day'} {say_short(day)}"
    return say_due(DueDays(named, last, work_by), language, included=matter.included)


def say_when(matter: Matter, language: Language) -> str:
    """As "16/12/2024, 08h00", "Quý IV/2024"; "" when the matter has neither day nor stretch."""
    if matter.first is None or (matter.when and language == "vi"):
        return plain_text(matter.when)
    starts = matter.starts
    hour = "" if starts is None else f", {starts:%Hh%M}" if language == "vi" else f", {starts:%H:%M}"
    if matter.last in {None, matter.first}:
        return f"{say_short(matter.first)}{hour}"
    last = matter.last or matter.first
    return say_window(Window(matter.first, last, Certainty.PERIOD), language) + hour


def _deadline(last_day: date | None, countdown: str, remarks: Sequence[str], overdue: bool, vietnamese: bool) -> str:
    """What a subject begins with: "Hạn 09/12/2024 (còn 5 ngày làm việc)", "QUÁ HẠN 2 ngày làm việc (đã gia hạn)"."""
    if last_day is None:
        return ""
    if not overdue:
        noted = ", ".join(filter(None, (countdown, *remarks)))
        return f"{'Hạn' if vietnamese else 'Due'} {say_short(last_day)}{f' ({noted})' if noted else ''}"
    words = countdown.removeprefix("đã ")
    loud = words.replace("quá hạn", "QUÁ HẠN", 1) if vietnamese else words.replace("overdue", "OVERDUE", 1)
    return f"{loud} ({', '.join(remarks)})" if remarks else loud


def _who(entry: Entry, vietnamese: bool) -> str:
    """Who is asked, as a sentence names it."""
    number = len(set(entry.agencies))
    if number > 1:
        return f"{number} cơ quan" if vietnamese else f"the {number} agencies"
    if number == 1:
        return entry.agencies[0]
    leads = ", ".join(map(plain_text, entry.matter.leads)) if entry.matter.kind is NoticeKind.WINDOW else ""
    return leads or ("Quý cơ quan" if vietnamese else "your agency")


def _late(late: Iterable[Late]) -> tuple[dict[str, object], ...]:
    """The latest first."""
    return tuple(
        {
            "agency": plain_text(one.agency),
            "title": plain_text(one.title),
            "last_day": say_short(one.last_on_time),
            "days": one.late,
        }
        for one in sorted(
            late, key=lambda one: (-one.late, one.last_on_time, alphabetical(one.agency), alphabetical(one.title))
        )
    )


def plain_text(text: str | None) -> str:
    """On one line and NFC; "" for None."""
    return normalize("NFC", on_one_line(text or ""))


def shorten(text: str, room: int) -> str:
    """``text`` in at most ``room`` characters, cut between words, "…" for what is left out."""
    if len(text) <= room:
        return text
    if room < 1:
        return ""
    head, blank, _ = text[:room].rpartition(" ")
    return (head if blank else text[: room - 1]).rstrip(" ,;:.–-(") + "…"
