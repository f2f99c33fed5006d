"""The way back: days and rules as offices write them, and what is said can be read again."""

from datetime import UTC, date, datetime, time

import pytest

from calendars.phrases import read_phrase
from calendars.wording import (
    say_certainty,
    say_day,
    say_due,
    say_hours,
    say_instant,
    say_period,
    say_short,
    say_timing,
    say_weekday,
    say_window,
)
from models.timing import (
    AdHoc,
    Certainty,
    Continuous,
    DayOfPeriod,
    DayOfYear,
    Deadline,
    DueDays,
    External,
    Frequency,
    Hours,
    Lasting,
    MonthsOfYear,
    NoDate,
    Recurring,
    Relative,
    Several,
    Unspecified,
    Waiting,
    Weekday,
    Window,
)

D = date

EXACT, WEEK, MONTH, QUARTER, HALF, YEAR, PERIOD = Certainty
MONTHLY, QUARTERLY, HALF_YEARLY, YEARLY = Frequency.MONTH, Frequency.QUARTER, Frequency.HALF, Frequency.YEAR
Q2 = Window(D(2024, 4, 1), D(2024, 6, 30), QUARTER)


def test_a_day_is_written_as_on_paper_and_as_on_a_screen():
    assert say_day(D(2024, 7, 5)) == "ngày 05 tháng 7 năm 2024"
    assert say_day(D(2022, 2, 18)) == "ngày 18 tháng 02 năm 2022"
    assert say_day(D(2024, 7, 5), "en") == "5 July 2024"
    assert say_short(D(2024, 7, 5)) == "05/07/2024"
    assert say_instant(datetime(2024, 12, 1, 17, 5, tzinfo=UTC)) == "0h05 ngày 02/12/2024"
    assert say_instant(datetime(2024, 12, 2, 7, 5, tzinfo=UTC), "en") == "14:05, 02/12/2024"
    assert say_weekday(D(2024, 6, 16)) == "Chủ nhật"
    assert say_weekday(D(2024, 6, 14), "en") == "Friday"


def test_hours_are_written_with_h():
    assert say_hours(Hours(time(14))) == "14h00"
    assert say_hours(Hours(time(7, 30), time(11, 30))) == "7h30-11h30"
    assert say_hours(Hours(time(14)), "en") == "14:00"


@pytest.mark.parametrize(
    ("window", "vietnamese", "english"),
    [
        (Q2, "Quý II/2024", "Q2 2024"),
        (Window(D(2024, 3, 1), D(2024, 3, 31), MONTH), "tháng 3/2024", "March 2024"),
        (Window(D(2024, 2, 1), D(2024, 2, 29), MONTH), "tháng 02/2024", "February 2024"),
        (Window(D(2024, 1, 1), D(2024, 12, 31), YEAR), "năm 2024", "2024"),
        (Window(D(2021, 1, 1), D(2025, 12, 31), PERIOD), "giai đoạn 2021-2025", "2021-2025"),
        (Window(D(2024, 7, 1), D(2024, 12, 31), HALF), "6 tháng cuối năm 2024", "second half of 2024"),
        (Window(D(2024, 1, 1), D(2024, 9, 30), PERIOD), "9 tháng đầu năm 2024", "first nine months of 2024"),
        (Window(D(2024, 3, 4), D(2024, 3, 10), WEEK), "tuần 04/3–10/3/2024", "week 04/3–10/3/2024"),
        (Window(D(2024, 12, 30), D(2025, 1, 5), WEEK), "tuần 30/12/2024–05/01/2025", "week 30/12/2024–05/01/2025"),
        (Window(D(2024, 3, 1), D(2024, 5, 31), PERIOD), "từ tháng 3 đến tháng 5/2024", "March to May 2024"),
        (
            Window(D(2024, 11, 1), D(2025, 2, 28), PERIOD),
            "từ tháng 11/2024 đến tháng 02/2025",
            "November 2024 to February 2025",
        ),
        (
            Window(D(2024, 6, 1), D(2024, 6, 30), EXACT),  # the paper gave days, not the month
            "từ ngày 01/06/2024 đến ngày 30/06/2024",
            "01/06/2024 to 30/06/2024",
        ),
        (Window(D(2024, 6, 14), D(2024, 6, 14), EXACT), "ngày 14/06/2024", "14 June 2024"),
    ],
)
def test_a_stretch_has_its_shortest_name(window, vietnamese, english):
    assert (say_window(window), say_window(window, "en")) == (vietnamese, english)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2024", "năm 2024"),
        ("2024-Q2", "Quý II/2024"),
        ("2024-H1", "6 tháng đầu năm 2024"),
        ("2024-03", "tháng 3/2024"),
        ("2024-W10", "tuần 04/3–10/3/2024"),
        ("2021-2025", "giai đoạn 2021-2025"),
        ("2024-03-15", "ngày 15/03/2024"),
        ("2024-11-2025-02", "từ tháng 11/2024 đến tháng 02/2025"),
        ("2024-W99", "2024-W99"),
        ("2024-13", "2024-13"),
        ("đợt 1", "đợt 1"),
    ],
)
def test_a_period_key_is_said_and_an_unknown_one_comes_back(key, words):
    assert say_period(key) == words


def test_a_due_shows_its_three_days():
    due = DueDays(D(2024, 12, 10), D(2024, 12, 9), D(2024, 12, 9))
    assert say_due(due) == "trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024"
    assert say_due(due, "en") == "before 10/12/2024, last day 09/12/2024, work done by 09/12/2024"
    rolled = DueDays(D(2025, 12, 20), D(2025, 12, 22), D(2025, 12, 19))
    assert say_due(rolled) == "chậm nhất 20/12/2025, ngày cuối 22/12/2025, nên xong 19/12/2025"
    counted_in = DueDays(D(2024, 3, 18), D(2024, 3, 18), D(2024, 3, 18))
    assert say_due(counted_in, included=False) == "trước 18/03/2024, ngày cuối 18/03/2024, nên xong 18/03/2024"


def test_certainty_has_a_word():
    assert [say_certainty(one) for one in (EXACT, QUARTER)] == ["đúng ngày", "trong quý"]
    assert say_certainty(QUARTER, "en") == "within the quarter"


ROUND_TRIP = [
    (Q2, "Quý II/2024"),
    (Window(D(2024, 6, 14), D(2024, 6, 14), EXACT, Hours(time(14))), "14h00 ngày 14/06/2024"),
    (Window(D(2024, 6, 14), D(2024, 6, 14), EXACT, Hours(time(7, 30), time(11, 30))), "7h30-11h30 ngày 14/06/2024"),
    (Deadline(D(2024, 12, 10), False), "trước ngày 10/12/2024"),
    (Deadline(D(2024, 6, 30), True), "chậm nhất ngày 30/06/2024"),
    (Deadline(D(2024, 6, 15), False, hour=time(16)), "trước 16h00 ngày 15/06/2024"),
    (Deadline(D(2024, 6, 1), False, MONTH), "trước tháng 6/2024"),
    (Deadline(D(2030, 1, 1), False, YEAR), "trước năm 2030"),
    (Deadline(D(2024, 6, 30), True, QUARTER), "đến hết Quý II/2024"),
    (Deadline(D(2024, 6, 30), True, HALF), "đến hết 6 tháng đầu năm 2024"),
    (Deadline(D(2024, 12, 31), True, YEAR), "đến hết năm 2024"),
    (Deadline(D(2025, 12, 31), True, PERIOD), "đến năm 2025"),
    (Recurring(QUARTERLY), "hằng quý"),
    (Recurring(MONTHLY, 2), "2 tháng một lần"),
    (Recurring(YEARLY, on=DayOfYear(10, 12), due=True, included=False), "trước ngày 10 tháng 12 hằng năm"),
    (
        Recurring(YEARLY, on=DayOfYear(25, 1, 1), due=True, included=False),
        "hằng năm, trước ngày 25 tháng 01 năm sau",
    ),
    (Recurring(YEARLY, on=MonthsOfYear(12, 12)), "tháng 12 hằng năm"),
    (Recurring(YEARLY, on=MonthsOfYear(10, 12)), "Quý IV hằng năm"),
    (Recurring(YEARLY, on=MonthsOfYear(9, 12)), "từ tháng 9 đến tháng 12 hằng năm"),
    (Recurring(MONTHLY, on=DayOfPeriod(25, "last")), "ngày 25 hằng tháng"),
    (Recurring(MONTHLY, on=DayOfPeriod(0, "last")), "ngày cuối cùng hằng tháng"),
    (
        Recurring(MONTHLY, on=DayOfPeriod(5, "next"), due=True, included=False),
        "hằng tháng, trước ngày 05 của tháng sau",
    ),
    (
        Recurring(QUARTERLY, on=DayOfPeriod(15, "last"), due=True, included=False),
        "hằng quý, trước ngày 15 của tháng cuối quý",
    ),
    (
        Recurring(QUARTERLY, on=DayOfPeriod(5, "next"), due=True),
        "hằng quý, chậm nhất ngày 05 của tháng đầu quý sau",
    ),
    (
        Recurring(HALF_YEARLY, on=DayOfPeriod(20, "last"), due=True, included=False),
        "6 tháng một lần, trước ngày 20 của tháng cuối kỳ",
    ),
    (Recurring(Frequency.WEEK, on=Weekday(5)), "thứ Sáu hằng tuần"),
    (
        Recurring(Frequency.WEEK, on=Weekday(5), due=True, included=False, hours=Hours(time(16))),
        "trước 16h00 thứ Sáu hằng tuần",
    ),
    (Lasting(8, within=Q2), "08 ngày trong Quý II/2024"),
    (Lasting(2, working=True), "02 ngày làm việc"),
    (Relative(15, "working_day", "kết thúc đợt giám sát"), "15 ngày làm việc sau khi kết thúc đợt giám sát"),
    (Relative(10, "day", "hội nghị", after=False), "10 ngày trước hội nghị"),
    (External("quy định"), "theo quy định"),
    (Continuous(), "thường xuyên"),
    (AdHoc(), "đột xuất theo yêu cầu"),
    (
        Several((Recurring(HALF_YEARLY), Recurring(YEARLY))),
        "6 tháng một lần; hằng năm",
    ),
]


@pytest.mark.parametrize(("timing", "words"), ROUND_TRIP, ids=[words for _, words in ROUND_TRIP])
def test_what_is_said_is_read_back_as_the_same(timing, words):
    assert say_timing(timing) == words
    # Another year: nothing said may lean on the document's year.
    assert read_phrase(words, year=2020).timing == timing


def test_what_has_no_date_is_said_as_a_sentence():
    assert say_timing(Waiting("Giấy mời")) == "chờ: Giấy mời"
    assert say_timing(Unspecified("không nêu chu kỳ")) == "chưa rõ thời gian: không nêu chu kỳ"
    assert say_timing(NoDate("age", "độ tuổi")) == "không phải thời gian thực hiện: độ tuổi"


def test_rules_are_said_in_english():
    rule = Recurring(QUARTERLY, on=DayOfPeriod(15, "last"), due=True, included=False)
    assert say_timing(rule, "en") == "every quarter: before day 15 of its last month"
    assert say_timing(Deadline(D(2024, 6, 30), True, QUARTER), "en") == "by the end of Q2 2024"
    assert say_timing(Relative(15, "working_day", "hội nghị"), "en") == "15 working days after hội nghị"
