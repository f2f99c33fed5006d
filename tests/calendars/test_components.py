"""One occurrence becomes one event: what stands in it, and what never may."""

import dataclasses
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from calendars.components import (
    TIME_ZONE,
    CalendarEntry,
    clean,
    clean_line,
    render_event,
    uid,
)
from calendars.feeds import join_feed
from calendars.working_days import WorkingDays

GOLDEN = Path(__file__).parent / "golden"
DAYS = WorkingDays()
START = "DTSTART;TZID=Asia/Ho_Chi_Minh:20240910"
START = "DTSTART;TZID=Asia/Ho_Chi_Minh:20240910"
REVISED = datetime(2024, 1, 15, 1, 30, tzinfo=UTC)


def entry(**different):
    common = {"line": 148, "kind": "conference", "title": "Hội nghị sơ kết", "revised_at": REVISED}
    return CalendarEntry(**{"id": "BCD-2024/hoi-nghi-7/2024", "placing": "window"} | common | different)


def read(one: CalendarEntry) -> Event:
    return Event.from_ical(render_event(one, DAYS))


CONFERENCE = entry(
    title="Hội nghị đánh giá kết quả thực hiện các CTMTQG năm 2023 và Kế hoạch 2024",
    certainty="month",
    first=date(2024, 3, 1),
    last=date(2024, 3, 31),
    phrase="Tháng 3, năm 2024",
    fixed_by="Giấy mời",
    tentative=True,
    programme_name="Chương trình công tác năm 2024 của Ban Chỉ đạo",
    draft=True,
    leads=("Ban Chỉ đạo các Chương trình MTQG tỉnh Điện Biên",),
    participants=(
        "Các sở, ban, ngành (22 cơ quan, đơn vị)",
        "UBND các huyện, thị xã, thành phố (10 cơ quan, đơn vị)",
    ),
    why="“Tháng 3, năm 2024” là cả tháng",
)
INSPECTION = entry(
    id="BCD-2024/kiem-tra-1-doan-1/2024-Q2",
    line=179,
    kind="inspection",
    title="Kiểm tra tiến độ, kết quả thực hiện các CTMTQG - Đợt 1 (Đoàn 1)",
    certainty="quarter",
    first=date(2024, 4, 1),
    last=date(2024, 6, 30),
    active_from=date(2024, 4, 27),
    phrase="Quý II, năm 2024",
    team_name="Đoàn 1",
    round=1,
    leads=("Ban Chỉ đạo",),
    inspected=("UBND huyện Mường Nhé", "UBND thị xã Mường Lay"),
)
REPORT = entry(
    id="351/bao-cao-nam/2024",
    line=402,
    kind="report",
    title="Báo cáo kết quả thực hiện hằng năm",
    placing="deadline",
    named_date=date(2024, 12, 10),
    included=False,
    last_on_time=date(2024, 12, 9),
    work_by=date(2024, 12, 9),
    phrase="trước ngày 10 tháng 12 hằng năm",
    product="Báo cáo",
    leads=("Sở Y tế",),
    recipients=("Ban Dân tộc",),
    programme_name="Chương trình hành động (số 351/QĐ-UBND ngày 18/02/2022)",
    why="“trước ngày” không gồm ngày nêu",
)
TRAINING = entry(
    id="tua-chua-2024/lop-1/2024",
    line=83,
    kind="training",
    title="Lớp tập huấn số 1",
    placing="fixed",
    first=date(2024, 9, 10),
    last=date(2024, 9, 11),
    starts=time(7, 30),
    ends=time(17),
    fixed_by="Giấy mời số 12/GM-UBND",
    place="Hội trường UBND huyện, Tủa Chùa",
    headcount=380,
    headcount_about=True,
    budget_central=538,
    budget_local=1107,
    leads=("Phòng LĐ-TB&XH",),
    sequence=2,
)
CANCELLED = dataclasses.replace(TRAINING, status="cancelled", sequence=3)
KINDS_OF_EVENT = {
    "window": CONFERENCE,
    "window-of-a-quarter": INSPECTION,
    "deadline": REPORT,
    "deadline-assumed": dataclasses.replace(REPORT, assumed=True, included=True, named_date=date(2024, 12, 9)),
    "fixed": TRAINING,
    "cancelled": CANCELLED,
}


@pytest.mark.parametrize("name", KINDS_OF_EVENT)
def test_each_kind_of_event_is_byte_for_byte_the_reviewed_file(name):
    made = b"".join(join_feed("Đoàn 1", [render_event(KINDS_OF_EVENT[name], DAYS)]))
    assert made == (GOLDEN / f"{name}.ics").read_bytes()


@pytest.mark.parametrize("name", KINDS_OF_EVENT)
def test_an_event_read_and_written_again_is_the_same(name):
    made = b"".join(join_feed("Đoàn 1", [render_event(KINDS_OF_EVENT[name], DAYS)]))
    calendar = Calendar.from_ical(made)
    assert calendar.to_ical() == made
    assert calendar.errors == []


@pytest.mark.parametrize("name", KINDS_OF_EVENT)
def test_no_event_has_an_alarm_a_method_or_an_organizer(name):
    made = render_event(KINDS_OF_EVENT[name], DAYS)
    for forbidden in (b"VALARM", b"METHOD", b"ORGANIZER", b"CREATED", b"ATTENDEE"):
        assert forbidden not in made


# ---------------------------------------------------------------- identity and revision


@pytest.mark.parametrize(
    ("occurrence", "expected"),
    [
        ("BCD-2024/hn-3/2024", "BCD-2024.hn-3.2024@dondoc"),
        ("P/1.2/2024", "P.1~2.2024@dondoc"),
        ("P.1/2/2024", "P~1.2.2024@dondoc"),  # would be the line above, were a dot left a dot
    ],
)
def test_a_uid_tells_every_two_occurrences_apart(occurrence, expected):
    assert uid(occurrence) == expected


def test_an_occurrence_keeps_its_uid_from_vague_to_fixed_to_cancelled():
    fixed = dataclasses.replace(CONFERENCE, placing="fixed", first=date(2024, 3, 20), last=None, sequence=1)
    life = [CONFERENCE, fixed, dataclasses.replace(fixed, status="cancelled", sequence=2)]
    assert [(read(one)["uid"], read(one)["sequence"]) for one in life] == [
        ("BCD-2024.hoi-nghi-7.2024@dondoc", 0),
        ("BCD-2024.hoi-nghi-7.2024@dondoc", 1),
        ("BCD-2024.hoi-nghi-7.2024@dondoc", 2),
    ]


def test_the_stamp_is_the_revision_in_utc():
    moment = REVISED.astimezone(TIME_ZONE)
    made = render_event(entry(first=date(2024, 7, 1), last=date(2024, 7, 31), revised_at=moment), DAYS)
    assert b"DTSTAMP:20240115T013000Z\r\n" in made
    assert b"LAST-MODIFIED:20240115T013000Z\r\n" in made


def test_two_events_never_differ_in_their_uid_alone():
    one, other = (read(dataclasses.replace(REPORT, id=f"P/{item}/2024")) for item in "ab")
    assert one["description"] != other["description"]


# ---------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("first", "last", "active_from", "marker"),
    [
        (date(2024, 3, 1), date(2024, 3, 31), None, date(2024, 3, 1)),
        (date(2024, 6, 1), date(2024, 6, 30), None, date(2024, 6, 3)),  # 1 June is a Saturday
        (
            date(2024, 4, 1),
            date(2024, 6, 30),
            date(2024, 5, 4),
            date(2024, 5, 6),
        ),  # 4 May: worked by a swap only
        (date(2024, 1, 1), date(2024, 12, 31), date(2024, 3, 18), date(2024, 3, 18)),
        (date(2024, 2, 8), date(2024, 2, 14), None, date(2024, 2, 8)),  # all of it is Tết
        (
            date(2024, 1, 1),
            date(2024, 1, 31),
            date(2024, 3, 18),
            date(2024, 1, 31),
        ),  # signed when it was over
    ],
)
def test_a_window_is_one_transparent_tentative_day_its_first_working_one(first, last, active_from, marker):
    event = read(entry(certainty="quarter", first=first, last=last, active_from=active_from))
    assert (event["dtstart"].dt, event["dtend"].dt) == (marker, marker + timedelta(days=1))
    assert (event["status"], event["transp"]) == ("TENTATIVE", "TRANSPARENT")


@pytest.mark.parametrize(
    ("first", "last", "certainty", "mark"),
    [
        (date(2024, 3, 1), date(2024, 3, 31), "month", "[Dự kiến Tháng 3/2024]"),
        (date(2024, 4, 1), date(2024, 6, 30), "quarter", "[Dự kiến Quý II/2024]"),
        (date(2024, 10, 1), date(2024, 12, 31), "quarter", "[Dự kiến Quý IV/2024]"),
        (date(2024, 1, 1), date(2024, 6, 30), "half", "[Dự kiến 6 tháng đầu năm 2024]"),
        (date(2024, 7, 1), date(2024, 12, 31), "half", "[Dự kiến 6 tháng cuối năm 2024]"),
        (date(2024, 1, 1), date(2024, 12, 31), "year", "[Dự kiến Năm 2024]"),
        (date(2021, 1, 1), date(2025, 12, 31), "period", "[Dự kiến Giai đoạn 2021-2025]"),
        (date(2024, 4, 1), date(2024, 5, 31), "quarter", "[Dự kiến Tháng 4-5/2024]"),
        (date(2024, 3, 1), date(2024, 3, 15), "month", "[Dự kiến 01/03/2024-15/03/2024]"),
        (date(2024, 3, 4), date(2024, 3, 10), "week", "[Dự kiến 04/03/2024-10/03/2024]"),
    ],
)
def test_a_window_says_in_its_title_how_vague_it_is(first, last, certainty, mark):
    assert read(entry(first=first, last=last, certainty=certainty))["summary"] == f"{mark} Hội nghị sơ kết"


def test_a_whole_day_ends_the_day_after_for_its_end_is_exclusive():
    event = read(entry(placing="fixed", first=date(2024, 9, 10), last=date(2024, 9, 11)))
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2024, 9, 10), date(2024, 9, 12))


@pytest.mark.parametrize(
    ("last", "starts", "ends", "lines"),
    [
        (None, time(14), time(16, 30), [f"{START}T140000", "DTEND;TZID=Asia/Ho_Chi_Minh:20240910T163000"]),
        (None, time(14), None, [f"{START}T140000"]),  # no end is invented
        (None, time(14), time(14), [f"{START}T140000"]),
        (date(2024, 9, 11), time(7, 30), None, ["DTSTART;VALUE=DATE:20240910", "DTEND;VALUE=DATE:20240912"]),
    ],
)
def test_hours_are_those_of_vietnam_and_none_is_invented(last, starts, ends, lines):
    made = render_event(entry(placing="fixed", first=date(2024, 9, 10), last=last, starts=starts, ends=ends), DAYS)
    assert [line for line in made.decode().splitlines() if line.startswith(("DTSTART", "DTEND"))] == lines


def test_a_deadline_stands_on_its_last_day_on_time_and_tells_every_date():
    event = read(REPORT)
    assert event["dtstart"].dt == date(2024, 12, 9)
    assert event["summary"] == "HẠN: Báo cáo kết quả thực hiện hằng năm"
    assert event["description"].splitlines()[0] == (
        "Hạn: trước ngày 10/12/2024; ngày cuối 09/12/2024; nên xong 09/12/2024"
    )
    assert (event["status"], event["transp"]) == ("CONFIRMED", "TRANSPARENT")


def test_a_deadline_we_assumed_says_so_and_is_not_confirmed():
    event = read(KINDS_OF_EVENT["deadline-assumed"])
    assert event["summary"].startswith("HẠN (giả định): ")
    assert "chậm nhất ngày 09/12/2024" in event["description"]
    assert "giả định" in event["description"]
    assert event["status"] == "TENTATIVE"


@pytest.mark.parametrize(
    "one", [CONFERENCE, dataclasses.replace(REPORT, draft=True), dataclasses.replace(TRAINING, draft=True)]
)
def test_everything_in_a_draft_is_marked_and_tentative(one):
    event = read(one)
    assert event["summary"].startswith("[Dự thảo] ")
    assert event["status"] == "TENTATIVE"


@pytest.mark.parametrize("placing", ["waiting", "external", "continuous", "ad_hoc", "unspecified"])
def test_what_has_no_day_has_no_event(placing):
    with pytest.raises(ValueError, match="has no day"):
        render_event(entry(placing=placing), DAYS)


@pytest.mark.parametrize("one", [CONFERENCE, REPORT, TRAINING])
def test_a_cancelled_event_says_so_and_leaves_the_day_free(one):
    event = read(dataclasses.replace(one, status="cancelled"))
    assert event["summary"] == f"ĐÃ HỦY: {one.title}"
    assert (event["status"], event["transp"]) == ("CANCELLED", "TRANSPARENT")


# ---------------------------------------------------------------- text


def test_what_is_missing_is_named():
    inspection = dataclasses.replace(INSPECTION, team_name=None, inspected=(), leads=(), fixed_by="Giấy mời")
    line = next(line for line in read(inspection)["description"].splitlines() if line.startswith("Còn thiếu"))
    assert line == (
        "Còn thiếu: ngày cụ thể (sẽ có theo Giấy mời); cơ quan chủ trì; đoàn kiểm tra; đơn vị được kiểm tra"
    )


def test_a_long_list_of_names_is_cut_and_counted():
    event = read(dataclasses.replace(INSPECTION, inspected=tuple(f"Xã {number:03}" for number in range(120))))
    assert "; Xã 029; và 90 cơ quan, đơn vị khác\n" in event["description"]


HOSTILE = {
    "a second event": "Hội nghị\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:giả@x",
    "punctuation": 'Sở Y tế, Sở Nội vụ; "mật" : C:\\new\\Nam',
    "controls": "Báo\x00 cáo\x07 \x1b[31mđỏ\x7f\x9b",
    "other line ends": "một\u2028hai\u2029ba\x85bốn\x0bnăm",
    "turned around": "an \u202ecod.exe\u202c \u2066x\u2069",
    "right to left": "שלום عليكم",
    "emoji": "Họp 👩‍👩‍👧‍👦 🇻🇳",
    "decomposed": unicodedata.normalize("NFD", "Tổ chức hội nghị tổng kết"),
    "half a character": "Sở\ud800 Y tế",
    "no characters": "Sở\ufffe Y tế\U0010ffff",
    "long": "Ủy ban nhân dân các huyện, thị xã, thành phố; " * 200,
    "one long word": "ộ" * 5000,
    "nothing": " \x00 ",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_breaks_out_of_its_line(text):
    hostile = dataclasses.replace(
        TRAINING, title=text, place=text, why=text, note=text, product=text, phrase=text, fixed_by=text,
        programme_name=text, team_name=text,
        leads=(text, text), participants=(text,), inspected=(text,), recipients=(text,),
    )  # fmt: skip
    made = b"".join(join_feed(text, [render_event(hostile, DAYS)]))
    calendar = Calendar.from_ical(made)
    assert calendar.to_ical() == made
    assert [event["uid"] for event in calendar.events] == ["tua-chua-2024.lop-1.2024@dondoc"]
    assert calendar.events[0]["summary"] == (clean_line(text) or "(không có tên)")
    assert all(line.partition(b":")[2] for line in made.split(b"\r\n")[:-1] if line[:1] not in (b" ", b""))
    for line in made.split(b"\r\n"):
        assert len(line) <= 75
        assert unicodedata.is_normalized("NFC", line.decode())  # decodes: never folded inside a character
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in line.decode())


def test_hostile_texts_together_are_byte_for_byte_the_reviewed_file():
    events = [
        render_event(dataclasses.replace(TRAINING, id=f"P/{number:02}/2024", title=text, note=text), DAYS)
        for number, text in enumerate(HOSTILE.values())
        if len(text) < 200
    ]
    assert b"".join(join_feed(HOSTILE["a second event"], events)) == (GOLDEN / "hostile.ics").read_bytes()


@given(st.text())
def test_any_text_becomes_one_clean_line_and_cleaning_twice_changes_nothing(text):
    cleaned = clean_line(text)
    assert cleaned == clean_line(cleaned) == " ".join(cleaned.split())
    assert "\n" not in cleaned
    assert clean(clean(text)) == clean(text)


@given(st.text(), st.text())
def test_any_title_and_place_survive_reading(title, place):
    made = b"".join(join_feed(title, [render_event(entry(title=title, place=place, first=date(2024, 7, 1)), DAYS)]))
    calendar = Calendar.from_ical(made)
    assert calendar.to_ical() == made
    assert calendar.events[0]["summary"].endswith(clean_line(title) or "(không có tên)")
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))


SECRET = {
    "secret": True, "title": "Diễn tập A2", "place": "Kho K9", "product": "Phương án tác chiến", "note": "Bí số 7",
    "phrase": "Quý III kín", "why": "đọc từ văn bản kín", "fixed_by": "Lệnh 12", "leads": ("Bộ Chỉ huy",),
    "participants": ("Sở Kín",), "inspected": ("Nơi Kín",), "recipients": ("Nơi nhận kín",), "team_name": "Đoàn Kín",
    "programme_name": "Kế hoạch kín", "headcount": 683, "budget_local": 977,
}  # fmt: skip


@pytest.mark.parametrize(
    ("different", "summary"),
    [
        (
            {"placing": "deadline", "named_date": date(2024, 12, 10), "last_on_time": date(2024, 12, 9)},
            "HẠN: Việc mật",
        ),
        (
            {"certainty": "month", "first": date(2024, 3, 1), "last": date(2024, 3, 31)},
            "[Dự kiến Tháng 3/2024] Việc mật",
        ),
        (
            {"placing": "fixed", "first": date(2024, 9, 10), "last": date(2024, 9, 10), "starts": time(8)},
            "Việc mật",
        ),
        ({"first": date(2024, 3, 1), "last": date(2024, 3, 31), "status": "cancelled"}, "ĐÃ HỦY: Việc mật"),
    ],
)
def test_a_secret_matter_has_its_days_and_its_code_and_nothing_else(different, summary):
    one = entry(**SECRET | different)
    event, rendered = read(one), Calendar.from_ical(b"".join(join_feed("Lịch", [render_event(one, DAYS)]))).to_ical()
    unfolded = rendered.replace(b"\r\n ", b"").decode()
    assert event["summary"] == summary
    assert [line.split(":")[0] for line in event["description"].split("\n")] in (
        ["Hạn", "Mã việc"],
        ["Thời gian", "Mã việc"],
        ["Thời gian", "Giờ", "Mã việc"],
    )
    assert "location" not in event
    told = [text for value in SECRET.values() for text in (value if isinstance(value, tuple) else (str(value),))]
    assert [text for text in told if text != "True" and text in unfolded] == []
