"""A year as a diary: reviewed by hand against the ladder, and the same however often the machine is stopped.

The diaries in golden/ were read line by line against "Escalation ladder". When a change is meant, read the new
diary as carefully and keep it: what failed stands in ``left`` of the assertion.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli.scenarios import find_scenario
from cli.walk import Courier, Post, Walk, say_lived, walk_year
from models.errors import DonDocError
from office.settings import read_settings
from office.store import open_store
from planning.agenda import read_agenda
from planning.check import read_definitions

D = date
GOLDEN = Path(__file__).parent / "golden"
FIRST, LAST = D(2024, 1, 1), D(2025, 1, 31)
AUTUMN, WINTER = D(2024, 10, 20), D(2025, 1, 24)  # everything that happens in DB-351-2022 happens in between


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """One programme of the five, and settings of a home nobody writes to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DONDOC_HOME", str(tmp_path_factory.mktemp("home")))
        settings = read_settings()
    definitions = read_definitions(settings.programmes)
    one = replace(definitions, programmes={"DB-351-2022": definitions.programmes["DB-351-2022"]})
    return SimpleNamespace(settings=settings, definitions=one)


def walk(paper, scenario, began, *, store=None, kind=Walk, begin=True):
    """A walk at its beginning, or (on a ``store``) one taken up again."""
    chosen = find_scenario(scenario, paper.definitions.working_days)
    store = store or open_store("sqlite://")
    walk = kind(paper.settings, paper.definitions, store, chosen, Courier(chosen.closed), began)
    if begin:
        walk.begin()
    return walk


def days(first, last):
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def diary(walk, first, last):
    with walk.reading() as connection:
        entries = {one.id: one for one in read_agenda(connection, first, year=first.year)}
    return [
        line for day in days(first, last) for text in say_lived(walk.live(day), entries) for line in text.split("\n")
    ]


@pytest.mark.parametrize("scenario", ["silent", "late", "on_time"])
def test_the_diary_is_the_one_that_was_reviewed(paper, scenario):
    golden = (GOLDEN / f"{scenario}.txt").read_text(encoding="utf-8")
    assert diary(walk(paper, scenario, FIRST), FIRST, LAST)[1:] == golden.splitlines()


# ---- stopped and continued ---------------------------------------------------------------------------


def said(lived):
    """Everything a day said, to the last letter."""
    return [(lived.day, lived.happened, message) for message in lived.told] + [("✗", m) for m in lived.morning.refused]


@pytest.fixture(scope="module")
def undisturbed(paper):
    """The troubled autumn lived in one go: leave, a closed mailbox, more time, a letter, a rating."""
    one = walk(paper, "late", AUTUMN)
    lived = [said(one.live(day)) for day in days(AUTUMN, WINTER)]
    assert sum(map(len, lived)) > 100
    return lived


def test_stopped_and_continued_every_day_it_tells_the_same(paper, undisturbed, database_url):
    """As a new process each day: the database reopened, nothing remembered. Begun again on Mondays, to no effect."""
    for day, expected in zip(days(AUTUMN, WINTER), undisturbed, strict=True):
        store = open_store(database_url)
        begin = day == AUTUMN or day.weekday() == 0
        assert said(walk(paper, "late", AUTUMN, store=store, begin=begin).live(day)) == expected
        store.dispose()


class Twice(Walk):
    """Everything is planned twice and sent twice."""

    def plan(self, connection):
        super().plan(connection)
        super().plan(connection)

    def send(self):
        first, again = super().send(), super().send()
        assert again == Post()
        return first


def test_planned_and_sent_twice_every_day_it_tells_the_same(paper, undisturbed):
    again = walk(paper, "late", AUTUMN, kind=Twice)
    assert [said(again.live(day)) for day in days(AUTUMN, WINTER)] == undisturbed


class EverySecondDay(Walk):
    """Planned on the first, third, fifth … day only; sent every day."""

    def plan(self, connection):
        if (self.at.date() - AUTUMN).days % 2 == 0:
            super().plan(connection)


def test_planned_every_second_day_only_what_was_missed_is_made_up_for(paper):
    slow = walk(paper, "silent", AUTUMN, kind=EverySecondDay)
    told = {day: Counter(message.subject for message in slow.live(day).told) for day in days(AUTUMN, WINTER)}
    report = "Báo cáo kết quả thực hiện Chương trình hành động và Nghị quyết số 17-NQ/TU"
    total = "Tổng hợp, báo cáo UBND tỉnh kết quả thực hiện"
    window = "Thực hiện trong năm 2024: Đưa kết quả thực hiện vào đánh giá mức độ hoàn thành nhiệm vụ"
    asks, silence = "công văn đôn đốc chờ duyệt", "công văn đôn đốc chưa được quyết định"
    assert {day: dict(counted) for day, counted in told.items() if counted} == {
        D(2024, 10, 28): {f"Hạn 09/12/2024 (còn 30 ngày làm việc): {report}": 23},
        D(2024, 11, 7): {f"Hạn 19/12/2024 (còn 30 ngày làm việc): {total}": 1},
        D(2024, 11, 25): {f"Hạn 09/12/2024 (còn 10 ngày làm việc): {report}": 23},
        D(2024, 12, 3): {f"Hạn 09/12/2024 (còn 4 ngày làm việc): {report}": 23},  # −5 was the day before
        D(2024, 12, 5): {f"Hạn 09/12/2024 (còn 2 ngày làm việc): {report}": 23,
                         f"Hạn 19/12/2024 (còn 10 ngày làm việc): {total}": 1},
        D(2024, 12, 9): {f"Hạn 09/12/2024 (hôm nay là ngày cuối): {report}": 23},
        D(2024, 12, 11): {f"QUÁ HẠN 2 ngày làm việc: {report}": 23,
                          f"QUÁ HẠN 2 ngày làm việc, 23 cơ quan chưa gửi: {report}": 1, window: 1},
        D(2024, 12, 13): {f"Hạn 19/12/2024 (còn 4 ngày làm việc): {total}": 1,
                          f"QUÁ HẠN 4 ngày làm việc, {asks}: {report}": 2},
        D(2024, 12, 17): {f"Hạn 19/12/2024 (còn 2 ngày làm việc): {total}": 1},
        D(2024, 12, 19): {f"Hạn 19/12/2024 (hôm nay là ngày cuối): {total}": 1,
                          f"QUÁ HẠN 8 ngày làm việc, {silence}: {report}": 2},
        # planned on Saturday the 21st, and nobody is called up on a day off
        D(2024, 12, 23): {f"QUÁ HẠN 2 ngày làm việc: {total}": 1, "Đến ngày 23/12/2024 có 23 nhiệm vụ quá hạn": 1},
        D(2024, 12, 25): {f"QUÁ HẠN 4 ngày làm việc, {asks}: {total}": 2},
        D(2024, 12, 31): {f"QUÁ HẠN 8 ngày làm việc, {silence}: {total}": 2,
                          "Đến ngày 31/12/2024 có 24 nhiệm vụ quá hạn": 1},
        D(2025, 1, 6): {"Đến ngày 06/01/2025 có 24 nhiệm vụ quá hạn": 1},
        D(2025, 1, 14): {"Đến ngày 14/01/2025 có 24 nhiệm vụ quá hạn": 1},
        D(2025, 1, 20): {"Đến ngày 20/01/2025 có 24 nhiệm vụ quá hạn": 1},
        D(2025, 1, 22): {f"QUÁ HẠN 31 ngày làm việc, ghi vào xếp loại cuối năm: {report} (23 cơ quan)": 2},
    }  # fmt: skip


# ---- the command -------------------------------------------------------------------------------------


def test_what_cannot_be_walked_is_said_in_a_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path))
    with pytest.raises(DonDocError, match="Không có kịch bản «vui»"):
        walk_year(2024, "vui", None)
    with pytest.raises(DonDocError, match="Không có chương trình KHONG-CO"):
        walk_year(2024, "silent", "KHONG-CO")
    with pytest.raises(DonDocError, match="Năm 2030 không có việc nào để đi qua"):
        walk_year(2030, "on-time", "DB-351-2022")
    assert list(tmp_path.iterdir()) == []  # no office was touched
    assert capsys.readouterr().out == ""
