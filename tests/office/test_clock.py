"""The office's clock: Vietnam's day, a demonstration that runs on, a moment held still."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from office.clock import Clock, UnreadableClock, read_clock, set_clock
from office.settings import VIETNAM, read_settings


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path))
    return tmp_path


def real_today() -> date:
    return datetime.now(VIETNAM).date()


def written(home) -> dict:
    return json.loads((home / "clock.json").read_text(encoding="utf-8"))


def test_without_a_setting_the_clock_is_the_real_one_in_vietnam(home):
    clock = read_clock(read_settings())
    assert clock == Clock()
    assert clock.now().utcoffset() == timedelta(hours=7)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert clock.banner() is None


def test_a_demonstration_begins_at_eight_in_the_morning_and_runs_on(home):
    clock = read_clock(read_settings(at="2024-12-02"))
    begins = datetime(2024, 12, 2, 8, 0, tzinfo=VIETNAM)
    assert begins <= clock.now() < begins + timedelta(minutes=10)
    assert abs(clock.now() - clock.shift - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("scheduled", "office"),
    [
        (datetime(2026, 3, 1, 23, 30, tzinfo=UTC), datetime(2026, 3, 2, 6, 30, tzinfo=VIETNAM)),
        (datetime(2026, 3, 1, 16, 59, tzinfo=UTC), datetime(2026, 3, 1, 23, 59, tzinfo=VIETNAM)),
        (datetime(2026, 3, 1, 17, 0, tzinfo=UTC), datetime(2026, 3, 2, 0, 0, tzinfo=VIETNAM)),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), datetime(2027, 1, 1, 0, 0, tzinfo=VIETNAM)),
    ],
)
def test_half_past_six_in_vietnam_is_the_day_before_in_utc(scheduled, office):
    assert Clock().logical(scheduled) == office
    assert Clock().logical(scheduled).date() == office.date()


def test_a_scheduled_run_is_shifted_like_the_day_itself():
    scheduled = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert Clock(shift=timedelta(days=-720)).logical(scheduled) == datetime(2024, 12, 2, 6, 30, tzinfo=VIETNAM)


def test_a_scheduled_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        Clock().logical(datetime(2026, 3, 1, 23, 30))  # noqa: DTZ001  the point of the test


def test_a_held_clock_stands_still_for_everything(home):
    clock = read_clock(read_settings(now="2024-12-02T08:00"))
    held = datetime(2024, 12, 2, 8, 0, tzinfo=VIETNAM)
    assert (clock.now(), clock.today(), clock.logical(datetime(2026, 3, 1, tzinfo=UTC))) == (held, held.date(), held)
    assert clock.banner() == "Đồng hồ đứng yên lúc 08:00, thứ Hai, 02/12/2024."


def test_an_instant_of_another_zone_is_told_in_vietnams():
    assert read_clock(read_settings(now="2024-12-01T23:30+00:00")).today() == date(2024, 12, 2)


def test_the_banner_names_both_days(home):
    (home / "clock.json").write_text('{"at": "2024-12-02", "shift_days": -700}', encoding="utf-8")
    clock = read_clock(read_settings())
    banner = clock.banner()
    assert banner.startswith("Đồng hồ minh họa: hôm nay là ")
    assert f"{clock.today():%d/%m/%Y}" in banner
    assert f"{clock.today() + timedelta(days=700):%d/%m/%Y}" in banner


def test_the_running_office_stores_its_shift_and_every_other_command_reads_it(home):
    set_clock(read_settings(at="2024-12-02"))
    stored = written(home)
    assert stored == {"at": "2024-12-02", "shift_seconds": read_clock(read_settings()).shift.total_seconds()}
    assert read_clock(read_settings()).today() == date(2024, 12, 2)


def test_the_same_day_again_runs_on_and_does_not_jump_back(home):
    (home / "clock.json").write_text('{"at": "2024-12-02", "shift_seconds": -60480000.5}', encoding="utf-8")
    assert set_clock(read_settings(at="2024-12-02")) == Clock(shift=timedelta(days=-700, seconds=-0.5))
    assert written(home)["shift_seconds"] == -60480000.5


def test_a_shift_stored_in_days_by_the_first_version_is_understood(home):
    (home / "clock.json").write_text('{"at": "2024-12-02", "shift_days": -700}', encoding="utf-8")
    assert read_clock(read_settings()) == Clock(shift=timedelta(days=-700))


def test_another_day_begins_anew(home):
    (home / "clock.json").write_text('{"at": "2024-12-02", "shift_days": -700}', encoding="utf-8")
    clock = set_clock(read_settings(at="2024-04-01"))
    assert clock.today() == date(2024, 4, 1)
    assert written(home) == {"at": "2024-04-01", "shift_seconds": clock.shift.total_seconds()}


def test_today_ends_the_demonstration(home):
    (home / "clock.json").write_text('{"at": "2024-12-02", "shift_days": -700}', encoding="utf-8")
    assert set_clock(read_settings(at="today")) == Clock()
    assert not (home / "clock.json").exists()
    assert read_clock(read_settings()) == Clock()


def test_a_command_looking_at_another_day_leaves_the_stored_clock_alone(home):
    (home / "clock.json").write_text('{"at": "2024-12-02", "shift_days": -700}', encoding="utf-8")
    assert read_clock(read_settings(at="2024-04-01")).today() == date(2024, 4, 1)
    assert written(home)["shift_days"] == -700


def test_the_file_is_replaced_as_a_whole(home):
    set_clock(read_settings(at="2024-12-02"))
    set_clock(read_settings(at="2024-04-01"))
    assert [path.name for path in home.iterdir()] == ["clock.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": "hôm nay", "shift_days": 0}', '{"at": "2024-12-02"}', "\0"])
def test_a_damaged_file_is_one_sentence_that_names_it(home, text):
    (home / "clock.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableClock) as caught:
        read_clock(read_settings())
    assert str(home / "clock.json") in caught.value.sentence
    assert caught.value.help == "Hãy xóa tệp này rồi chạy lại 'dondoc run'."


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "a-file").write_text("", encoding="utf-8")
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path / "a-file" / "home"))
    with pytest.raises(UnreadableClock) as caught:
        set_clock(read_settings(at="2024-12-02"))
    assert caught.value.exit_code == 2
    assert "Không" in caught.value.sentence
