"""An occurrence becomes one invitation for one person: the event of the feeds, a METHOD, and nobody else's address."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from icalendar import Calendar

from calendars.components import CalendarEntry, Style, render_event, uid
from calendars.invitations import Guest, Mailbox, method_of, render_invitation, without_its_day
from calendars.working_days import WorkingDays

GOLDEN = Path(__file__).parent / "golden"
DAYS = WorkingDays()
CONFERENCE = CalendarEntry(
    "BCD-2024/hoi-nghi-7/2024", 148, "conference", "Hội nghị sơ kết", "fixed",
    revised_at=datetime(2024, 1, 15, 1, 30, tzinfo=UTC), first=date(2024, 7, 12), last=date(2024, 7, 12),
    starts=time(8), ends=time(11), place="Hội trường", sequence=3, leads=("Sở A",),
)  # fmt: skip
WINDOW = replace(
    CONFERENCE, placing="window", certainty="month", first=date(2024, 9, 1), last=date(2024, 9, 30),
    starts=None, ends=None, sequence=4,
)  # fmt: skip
OFFICE = Mailbox("Thư ký Ban Chỉ đạo", "don-doc@bcd.example.vn")
HOA = Guest(Mailbox("Bà Lò Thị Hoa", "hoa@sy.example.vn"), leads=False)


def invitation(entry=CONFERENCE, organizer=OFFICE, guest=HOA) -> bytes:
    return render_invitation(entry, DAYS, organizer, guest)


def read(entry=CONFERENCE, guest=HOA):
    calendar = Calendar.from_ical(invitation(entry, guest=guest))
    [event] = calendar.events
    assert [error for part in calendar.walk() for error in part.errors] == []
    return calendar, event


def test_an_invitation_is_the_event_of_the_feeds_with_a_method_the_office_and_one_guest():
    calendar, event = read()
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == ("REQUEST", uid(CONFERENCE.id), 3)
    assert event["ORGANIZER"] == "mailto:don-doc@bcd.example.vn"
    assert dict(event["ORGANIZER"].params) == {"CN": "Thư ký Ban Chỉ đạo"}
    assert event["ATTENDEE"] == "mailto:hoa@sy.example.vn"
    assert dict(event["ATTENDEE"].params) == {
        "CN": "Bà Lò Thị Hoa", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE",
    }  # fmt: skip
    of_the_feed = set(render_event(CONFERENCE, DAYS).split(b"\r\n"))
    assert of_the_feed < set(invitation().split(b"\r\n"))
    assert [zone["TZID"] for zone in calendar.timezones] == ["Asia/Ho_Chi_Minh"]


def test_the_agency_that_holds_it_has_the_chair_and_english_is_said_where_it_is_read():
    _, event = read(guest=replace(HOA, leads=True, language="en"))
    assert event["ATTENDEE"].params["ROLE"] == "CHAIR"
    assert event["CATEGORIES"].to_ical() == b"Conference"
    assert render_event(CONFERENCE, DAYS, Style("en")).split(b"\r\n")[3] in invitation(
        guest=replace(HOA, language="en")
    )


@pytest.mark.parametrize(
    ("entry", "start"),
    [
        (replace(CONFERENCE, status="cancelled", sequence=4), datetime(2024, 7, 12, 1, tzinfo=UTC)),
        (without_its_day(WINDOW, date(2024, 7, 12)), date(2024, 7, 12)),  # the day its guests know
    ],
    ids=["called off", "without its day"],
)
def test_what_is_off_is_struck_from_the_calendar_under_the_same_uid(entry, start):
    calendar, event = read(entry)
    assert (calendar["METHOD"], method_of(entry)) == ("CANCEL", "CANCEL")
    assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == ("CANCELLED", 4, uid(CONFERENCE.id))
    assert str(event["SUMMARY"]) == "ĐÃ HỦY: Hội nghị sơ kết"
    assert event["DTSTART"].dt == start


def test_what_has_its_day_keeps_it():
    assert without_its_day(CONFERENCE, date(2024, 7, 1)) is CONFERENCE


@pytest.mark.parametrize(
    ("name", "address", "shown", "written"),
    [
        ('Ông "Tư"; Lò, A: ^n', "tu@sy.example.vn", "Ông 'Tư'; Lò, A: n", "mailto:tu@sy.example.vn"),
        ("Hoa\r\nATTENDEE:mailto:x@y", "hoa@sy.example.vn", "Hoa ATTENDEE:mailto:x@y", "mailto:hoa@sy.example.vn"),
        ("Hoa", "hoa%lo?x#1@sy.example.vn", "Hoa", "mailto:hoa%25lo%3Fx%231@sy.example.vn"),
        ("", "hoa@sy.example.vn", None, "mailto:hoa@sy.example.vn"),
    ],
)
def test_no_name_and_no_address_can_write_another_line(name, address, shown, written):
    _, event = read(guest=Guest(Mailbox(name, address), leads=False))
    assert (event["ATTENDEE"].params.get("CN"), str(event["ATTENDEE"])) == (shown, written)


@pytest.mark.parametrize(
    ("name", "entry"),
    [("invitation", CONFERENCE), ("invitation-cancelled", without_its_day(WINDOW, date(2024, 7, 12)))],
)
def test_an_invitation_is_byte_for_byte_the_reviewed_file(name, entry):
    """Which «make clients» gives the calendar programs to read."""
    assert invitation(entry) == (GOLDEN / f"{name}.ics").read_bytes()


def test_neither_clock_nor_chance_is_in_its_bytes_and_lines_are_folded():
    assert invitation() == invitation()
    assert all(len(line) <= 75 for line in invitation().split(b"\r\n"))
    assert invitation().count(b"\n") == invitation().count(b"\r\n")
