"""The keys of periods: unique, readable, the same whichever way a stretch was written."""

from datetime import date
from pathlib import Path

import pytest

from calendars.phrases import read_phrase
from calendars.wording import say_period
from models.timing import Certainty, Frequency, MonthsOfYear, Recurring, Window
from planning.check import read_definitions
from planning.expansion import expand
from planning.periods import key_of_window, periods_of, place_in

D = date


@pytest.mark.parametrize(
    ("first", "last", "certainty", "key"),
    [
        (D(2024, 6, 1), D(2024, 6, 30), Certainty.MONTH, "2024-06"),
        (D(2024, 2, 1), D(2024, 2, 29), Certainty.MONTH, "2024-02"),
        (D(2023, 2, 1), D(2023, 2, 28), Certainty.MONTH, "2023-02"),
        (D(2024, 4, 1), D(2024, 6, 30), Certainty.QUARTER, "2024-Q2"),
        (D(2024, 1, 1), D(2024, 6, 30), Certainty.HALF, "2024-H1"),
        (D(2024, 7, 1), D(2024, 12, 31), Certainty.HALF, "2024-H2"),
        (D(2024, 1, 1), D(2024, 12, 31), Certainty.YEAR, "2024"),
        (D(2024, 1, 1), D(2024, 12, 31), Certainty.PERIOD, "2024"),  # a period of one year is the year
        (D(2021, 1, 1), D(2025, 12, 31), Certainty.PERIOD, "2021-2025"),
        (D(2024, 3, 1), D(2024, 5, 31), Certainty.PERIOD, "2024-03-2024-05"),  # three months, and no quarter
        (D(2024, 6, 1), D(2024, 8, 31), Certainty.PERIOD, "2024-06-2024-08"),
        (D(2024, 2, 1), D(2024, 7, 31), Certainty.PERIOD, "2024-02-2024-07"),  # six months, and no half
        (D(2024, 1, 1), D(2024, 9, 30), Certainty.PERIOD, "2024-01-2024-09"),
        (D(2024, 11, 1), D(2025, 2, 28), Certainty.PERIOD, "2024-11-2025-02"),
        (D(2024, 6, 3), D(2024, 6, 9), Certainty.WEEK, "2024-W23"),
        (D(2024, 12, 30), D(2025, 1, 5), Certainty.WEEK, "2025-W01"),
        (D(2024, 6, 24), D(2024, 6, 30), Certainty.EXACT, "2024-06-24"),  # seven days, and nobody said week
        (D(2024, 6, 1), D(2024, 6, 2), Certainty.WEEK, "2024-06-01"),  # a week cut by its month
        (D(2024, 6, 11), D(2024, 6, 20), Certainty.MONTH, "2024-06-11"),  # ten days of the month
        (D(2024, 6, 15), D(2024, 6, 15), Certainty.EXACT, "2024-06-15"),
        (D(2024, 3, 15), D(2025, 12, 31), Certainty.PERIOD, "2024-03-15"),
    ],
)
def test_a_key_says_which_stretch(first, last, certainty, key):
    assert key_of_window(Window(first, last, certainty)) == key


@pytest.mark.parametrize(
    "phrases",
    [
        ("tháng 3-5/2024", "tháng 6-8/2024", "quý I/2024", "quý II/2024", "tháng 4-6/2025", "tháng 3/2024"),
        ("thượng tuần tháng 6", "trung tuần tháng 6", "hạ tuần tháng 6", "tháng 6"),
        ("6 tháng đầu năm", "6 tháng cuối năm", "9 tháng đầu năm", "cả năm", "2024-2025"),
    ],
)
def test_different_stretches_never_share_a_key(phrases):
    windows = [read_phrase(phrase, year=2024).timing for phrase in phrases]
    assert len({key_of_window(window) for window in windows}) == len(phrases)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2024-03-2024-05", "từ tháng 3 đến tháng 5/2024"),
        ("2024-11-2025-02", "từ tháng 11/2024 đến tháng 02/2025"),
        ("2024-06-11", "ngày 11/06/2024"),
        ("2021-2025", "giai đoạn 2021-2025"),
    ],
)
def test_a_key_can_be_said(key, words):
    assert say_period(key) == words


@pytest.mark.parametrize(
    ("months", "certainty", "key"),
    [
        ((1, 6), Certainty.HALF, "2024-H1"),
        ((3, 5), Certainty.PERIOD, "2024-03-2024-05"),
        ((10, 12), Certainty.QUARTER, "2024-Q4"),
        ((12, 12), Certainty.MONTH, "2024-12"),
        ((1, 12), Certainty.YEAR, "2024"),
    ],
)
def test_months_of_every_year_are_called_what_they_are(months, certainty, key):
    (year,) = periods_of(Frequency.YEAR, 1, 2024)
    window = place_in(year, Recurring(Frequency.YEAR, on=MonthsOfYear(*months)))
    assert isinstance(window, Window)
    assert (window.certainty, key_of_window(window)) == (certainty, key)


@pytest.mark.parametrize(
    ("every", "interval", "keys"),
    [
        (Frequency.HALF, 1, ["2024-H1", "2024-H2"]),
        (Frequency.QUARTER, 1, ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]),
        (Frequency.MONTH, 4, ["2024-01-2024-04", "2024-05-2024-08", "2024-09-2024-12"]),
        (Frequency.YEAR, 2, ["2024-2025"]),
    ],
)
def test_the_periods_of_a_year(every, interval, keys):
    assert [period.key for period in periods_of(every, interval, 2024)] == keys


def _item(kind: str, when: str) -> str:
    return f"  - id: I1\n    line: 1\n    title: Việc I1\n    kind: {kind}\n    when: '{when}'\n"


@pytest.mark.parametrize(
    ("when", "periods"),
    [
        ("6 tháng", ["2024-H1"]),
        ("6 tháng một lần", ["2024-H1", "2024-H2"]),
        ("6 tháng, hằng năm", ["2024-H1", "2024"]),
        ("Hàng quý, 6 tháng, hết năm", ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]),
        ("quý IV hằng năm", ["2024-Q4"]),
        ("tháng 12 hằng năm", ["2024-12"]),
        ("từ tháng 9 đến tháng 11 hằng năm", ["2024-09-2024-11"]),
        ("tháng 3-5/2024 và tháng 6-8/2024", ["2024-03-2024-05", "2024-06-2024-08"]),
    ],
)
def test_an_item_falls_in_periods_with_names_of_their_own(definitions, when, periods):
    found = definitions(_item("review", when))
    assert [one.period for one in expand(found, found.programmes["P"], 2024).occurrences] == periods


def test_the_half_year_report_of_tua_chua_comes_once():
    found = read_definitions(Path(__file__).parents[2] / "programmes")
    year = expand(found, found.programmes["TC-DA7-2024"], 2024)
    (report,) = (one for one in year.occurrences if one.item == "S4-19a")
    assert (report.period, report.first, report.last) == ("2024-H1", D(2024, 1, 1), D(2024, 6, 30))
