"""Subscribes to a running office with real programs, and follows a year that changes.

Dates are fixed, moved and cancelled, a calendar becomes empty, an address is replaced and another taken back; after
each change vdirsyncer fetches and khal shows. Calendars as they were fetched are left in a folder for the readers.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import icalendar
from served_office import ServedOffice, served_office
from subscribers import Shown, Subscribers, stated

CONFERENCE, REPORT, REVIEW = "DB-BCD-2024/S0-03/2024", "DB-351-2022/S2-02/2024", "DB-351-2022/S2-08/2024"
CALLED_OFF = "ĐÃ HỦY"
SUBSCRIBED: dict[str, tuple[str, ...]] = {
    "agency": ("agency/BDT",),
    "programme": ("programme/DB-351-2022",),
    "everything": ("all",),
    "empty": ("programme/LC-TU-2022",),
    "emptied": ("programme/DB-351-2022", "--kind", "review", "--hide-cancelled"),
    "rotated": ("agency/BDT", "--language", "en"),
    "revoked": ("programme/DB-BCD-2024",),
    "tasks": ("agency/BDT", "--tasks"),
}
ENDED_BY = {"rotated": list(SUBSCRIBED).index("rotated") + 1, "revoked": list(SUBSCRIBED).index("revoked") + 1}
WITH_CONFERENCE, WITH_REPORT = ("agency", "everything", "revoked"), ("agency", "programme", "everything")


class Verdict:
    """What passed, and what did not."""

    def __init__(self) -> None:
        self.passed, self.failed = 0, list[str]()

    def expect(self, what: str, holds: object, seen: object = "") -> None:
        if holds:
            self.passed += 1
        else:
            self.failed.append(f"over HTTP: {what}: {seen}")


class Year:
    """One office, those who subscribe to it, and how it goes on."""

    def __init__(self, office: ServedOffice, programs: Path, keep: Path) -> None:
        self.office, self.keep, self.verdict = office, keep, Verdict()
        self.addresses = {name: office.subscribe(*words) for name, words in SUBSCRIBED.items()}
        for address in self.addresses.values():
            office.await_change(address, "none yet")
        home = office.home / "subscribers"
        self.clients = Subscribers(programs, home, self.addresses, tasks=("tasks",))
        self.etags: dict[str, str] = {}
        self.left: dict[str, bytes] = {}

    def fetch(self, stage: str) -> dict[str, list[Shown]]:
        """Both programs look again; everything khal shows must be what the bytes state, no more and no less."""
        self.sync()
        shown = self.clients.shown()
        for name, address in self.addresses.items():
            answer = self.office.get(address)
            self.verdict.expect(f"{stage}: {name} is answered", answer.status == 200, answer.status)
            self.etags[name] = answer.headers["etag"]
            if name == "tasks":
                self._compare_tasks(stage, answer.body)
                continue
            expected = stated(answer.body)
            differ = set(shown[name]) ^ set(expected)
            self.verdict.expect(f"{stage}: khal shows {name} as it is", expected and not differ, sorted(differ)[:2])
            self._leave(stage, name, answer.body)
        return shown

    def sync(self) -> None:
        complaint = self.clients.sync()
        self.verdict.expect("vdirsyncer fetches everything", not complaint, complaint)

    def change(self, watched: str, deed: Callable[[], object]) -> None:
        """Something is decided; the calendar ``watched`` must follow by itself."""
        deed()
        followed = self.office.await_change(self.addresses[watched], self.etags[watched])
        self.verdict.expect(f"{watched} follows a change", followed)

    def _leave(self, stage: str, name: str, body: bytes) -> None:
        if self.left.get(name) == body:
            return  # as it was: the readers have it already
        self.left[name] = body
        path = self.keep / stage / f"{name}.ics"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def _compare_tasks(self, stage: str, body: bytes) -> None:
        served, kept = (_tasks(content) for content in (body, self.clients.file_of("tasks").read_bytes()))
        self.verdict.expect(f"{stage}: vdirsyncer keeps every task", served and served == kept, served ^ kept)


def follow(programs: Path, keep: Path) -> tuple[int, list[str]]:
    """How many checks passed, and what failed; ``programs`` is where vdirsyncer and khal are installed."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place, served_office(Path(place)) as office:
        office.decide("fix", CONFERENCE, "--first", "2024-12-24", "--starts", "08:00", "--ends", "11:30")
        year = Year(office, programs, keep)
        for part in (first_look, nothing_new, moved, cancelled, rotated, revoked):
            part(year)
    verdict = year.verdict
    print(
        f"over HTTP   {len(SUBSCRIBED)} subscriptions in vdirsyncer and khal: {verdict.passed} checks right, "
        f"{len(verdict.failed)} wrong ({time.monotonic() - begun:.1f} s)"
    )
    return verdict.passed, verdict.failed


def first_look(year: Year) -> None:
    shown = year.fetch("first")
    for name in WITH_CONFERENCE:
        starts = _starts(shown[name], "Hội nghị đánh giá kết quả năm 2024 và")
        year.verdict.expect(f"{name} shows the conference at its hour", starts == ["2024-12-24 08:00"], starts)
    for name in WITH_REPORT:
        starts = _starts(shown[name], "HẠN: Báo cáo kết quả thực hiện Chương trình")
        year.verdict.expect(f"{name} shows the report's last day", starts == ["2024-12-09"], starts)
    notice = shown["empty"]
    said = len(notice) == 1 and notice[0].title.startswith("Lịch này chưa có ngày nào được ấn định")
    year.verdict.expect("an empty calendar shows one notice", said, notice)


def nothing_new(year: Year) -> None:
    """Asked again, nothing moves; who sends back the ETag or the date gets 304, and the portal counts it."""
    office, before, counted = year.office, year.clients.kept_files(), year.office.answered
    asked, unchanged = counted(200), counted(304)
    year.sync()
    written = [path.name for path, at in year.clients.kept_files().items() if before.get(path) != at]
    year.verdict.expect("a second synchronisation writes nothing", not written, written)
    # vdirsyncer 0.21 keeps neither ETag nor date: it fetches everything each time, and compares for itself
    requests = (counted(200) - asked, counted(304) - unchanged)
    year.verdict.expect("vdirsyncer asks once for each, unconditionally", requests == (len(SUBSCRIBED), 0), requests)
    for name, address in year.addresses.items():
        whole = office.get(address)
        for header, value in (
            ("If_None_Match", whole.headers["etag"]),
            ("If_Modified_Since", whole.headers["last-modified"]),
        ):
            again = office.get(address, **{header: value})
            fine = again.status == 304 and not again.body and again.headers["etag"] == whole.headers["etag"]
            year.verdict.expect(f"{name} answers {header} with 304", fine, again.status)
    told = counted(304) - unchanged
    year.verdict.expect("the portal counts its 304s", told == 2 * len(SUBSCRIBED), told)
    print(f"over HTTP   second look: vdirsyncer {requests[0]} × 200; conditional requests {told} × 304")


def moved(year: Year) -> None:
    """A deadline and a conference get other days: the new one is shown, the old one nowhere."""
    year.change("programme", lambda: year.office.decide("move", REPORT, "--first", "2024-12-17"))
    year.change(
        "revoked",
        lambda: year.office.decide("move", CONFERENCE, "--first", "2024-12-27", "--starts", "14:00", "--ends", "16:00"),
    )
    shown = year.fetch("moved")
    for name in WITH_CONFERENCE:
        starts = _starts(shown[name], "Hội nghị đánh giá kết quả năm 2024 và")
        year.verdict.expect(f"{name} shows the conference on its new day only", starts == ["2024-12-27 14:00"], starts)
    for name in WITH_REPORT:
        starts = _starts(shown[name], "HẠN: Báo cáo kết quả thực hiện Chương trình")
        year.verdict.expect(f"{name} shows the report's new last day only", starts == ["2024-12-16"], starts)


def cancelled(year: Year) -> None:
    """What is called off says so; where nothing else is left, one notice stands, so that no program keeps the old."""
    year.change("revoked", lambda: year.office.decide("cancel", CONFERENCE))
    year.change("emptied", lambda: year.office.decide("cancel", REVIEW))
    shown = year.fetch("cancelled")
    for name in WITH_CONFERENCE:
        found = [event for event in shown[name] if "Hội nghị đánh giá kết quả năm 2024 và" in event.title]
        fine = len(found) == 1 and found[0].title.startswith(CALLED_OFF) and found[0].status == "CANCELLED"
        year.verdict.expect(f"{name} shows the conference called off", fine, found)
    notice = shown["emptied"]
    said = len(notice) == 1 and notice[0].title.startswith("Lịch này chưa có ngày nào được ấn định")
    year.verdict.expect("an emptied calendar shows one notice", said, notice)


def rotated(year: Year) -> None:
    """Who still asks at the former address is led on (308), and sees the same."""
    former = year.addresses["rotated"]
    before = year.office.get(former)
    present = year.office.rotate(ENDED_BY["rotated"])
    end = time.monotonic() + 30
    while (led := year.office.get(former)).address != present and time.monotonic() < end:
        time.sleep(0.2)
    year.verdict.expect("a former address leads to the present one", led.address == present and former != present)
    year.verdict.expect("both show the same", led.body == before.body == year.office.get(present).body)
    files, redirects = year.clients.kept_files(), year.office.answered(308)
    year.sync()
    followed = year.office.answered(308) - redirects
    year.verdict.expect("vdirsyncer follows the former address and finds nothing new",
                        followed == 1 and files == year.clients.kept_files(), followed)  # fmt: skip


def revoked(year: Year) -> None:
    """A withdrawn address says so in one event, and nothing of the calendar is left in any program."""
    number = str(ENDED_BY["revoked"])
    year.change("revoked", lambda: year.office.command("subscriptions", "revoke", number, *year.office.by))
    shown = year.fetch("revoked")["revoked"]
    said = len(shown) == 1 and shown[0].title.startswith("Địa chỉ lịch này đã thu hồi")
    year.verdict.expect("a withdrawn address shows one notice", said, shown)


def _starts(shown: list[Shown], title: str) -> list[str]:
    return [event.start for event in shown if title in event.title]


def _tasks(content: bytes) -> set[tuple[str, str]]:
    calendar = icalendar.Calendar.from_ical(content)
    return {(str(task["summary"]), str(task["due"].dt if "due" in task else "")) for task in calendar.todos}
