"""What stands around the events of a calendar, and what stands there when there are none."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar

from calendars.feeds import Backlog, check_name, feed_names, join_feed, notice_event

DAY = date(2024, 12, 2)


def calendar(title="Sở Y tế", events=None):
    made = b"".join(join_feed(title, events or [notice_event("agency/SYT", title, DAY)]))
    return made, Calendar.from_ical(made)


def test_the_head_is_what_clients_need_and_nothing_more():
    made, _ = calendar("Đoàn 1")
    head = made.decode().partition("BEGIN:VEVENT")[0].split("\r\n")
    assert head == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//dondoc//calendars//VI",
        "CALSCALE:GREGORIAN",
        "NAME:Đoàn 1",
        "X-WR-CALNAME:Đoàn 1",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "X-WR-TIMEZONE:Asia/Ho_Chi_Minh",
        "BEGIN:VTIMEZONE",
        "TZID:Asia/Ho_Chi_Minh",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "TZNAME:+07",
        "TZOFFSETFROM:+0700",
        "TZOFFSETTO:+0700",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]


def test_the_time_zone_is_seven_hours_ahead():
    _, read = calendar()
    zone = read.walk("VTIMEZONE")[0].to_tz()
    assert zone.utcoffset(None) in (None, timedelta(hours=7))


def test_a_calendar_read_and_written_again_is_the_same():
    made, read = calendar("Các sở, ban, ngành; \\ và\nUBND " * 5)
    assert read.to_ical() == made
    assert made.replace(b"\r\n", b"").count(b"\n") == 0


def test_events_stand_in_the_given_order():
    events = [notice_event(f"agency/{code}", code, DAY) for code in "BA"]
    _, read = calendar(events=events)
    assert [event["uid"] for event in read.events] == ["agency.B.empty@dondoc", "agency.A.empty@dondoc"]


def test_an_empty_calendar_has_one_notice_on_the_day_it_began():
    _, read = calendar()
    (notice,) = read.events
    assert notice["summary"] == "Lịch này chưa có ngày nào được ấn định: Sở Y tế"
    assert (notice["dtstart"].dt, notice["dtend"].dt) == (DAY, DAY + timedelta(days=1))
    assert notice["dtstamp"].dt.date() == DAY
    assert notice["transp"] == "TRANSPARENT"


def test_an_empty_programme_tells_what_waits():
    event = Calendar.from_ical(
        b"".join(join_feed("Kế hoạch", [notice_event("programme/LC", "Kế hoạch", DAY, Backlog(13, 13, 2))]))
    ).events[0]
    assert event["description"].splitlines() == [
        "Chưa có việc nào trong lịch này được ấn định ngày. Khi có ngày, lịch tự cập nhật.",
        "Chương trình có 13 việc, trong đó 13 việc chưa có thời gian cụ thể.",
        "Có 2 nội dung đang chờ người có thẩm quyền quyết định.",
    ]


def test_a_notice_with_other_counts_is_another_event():
    one, other = (notice_event("programme/LC", "x", DAY, Backlog(13, 13, count)) for count in (1, 2))
    assert one.partition(b"UID:")[2].split(b"\r\n")[0] != other.partition(b"UID:")[2].split(b"\r\n")[0]


def test_an_occurrence_stands_in_the_calendar_of_everyone_it_concerns():
    assert feed_names("BCD-2024", "inspection", "DOAN_1", ["SYT", "BDT", "SYT"]) == (
        "all",
        "programme/BCD-2024",
        "kind/inspection",
        "team/DOAN_1",
        "agency/BDT",
        "agency/SYT",
    )
    assert feed_names("BCD-2024", "report", None, []) == ("all", "programme/BCD-2024", "kind/report")


@pytest.mark.parametrize("name", ["all", "agency/BDT", "programme/DB-BCD-2024", "team/..", "kind/study_tour"])
def test_names_of_calendars(name):
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "all/x", "agency/", "agency/../x", "agency/a/b", "other/x", "agency/Sở", "all\n"])
def test_no_other_name_is_a_path_of_ours(name):
    with pytest.raises(ValueError, match="not a calendar's name"):
        check_name(name)
