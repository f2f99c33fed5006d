"""Only what changed is written, whole or not at all, and the same files come out after any interruption."""

import errno
import multiprocessing
import os
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import delete, insert, select, update

from calendars import published_folder, publishing
from calendars.feeds import feed_names
from calendars.publishing import FolderUnusable, Published, mark_stale, publish, restale_all, touch_feeds
from calendars.working_days import WorkingDays
from models.agency import Agency
from models.feed import Feed, Fragment
from models.occurrence import Decision, Duty, Occurrence, OccurrenceAgency
from models.programme import Programme
from office.store import writing

TODAY = date(2024, 12, 2)
REVISED = datetime(2024, 1, 15, tzinfo=UTC)
DAYS = WorkingDays()

AGENCIES = {
    "BCD": "Ban Chỉ đạo", "SYT": "Sở Y tế", "SNV": "Sở Nội vụ", "STC": "Sở Tài chính", "BDT": "Ban Dân tộc",
    "DOAN1": "Đoàn 1", "NHAN": "Văn phòng", "CU": "Sở Kế hoạch và Đầu tư",
}  # fmt: skip
TITLES = {
    "all": "Tất cả các việc",
    "programme/P1": "Chương trình công tác 2024",
    "programme/P3": "Kế hoạch của Thành ủy",
    "kind/report": "Báo cáo",
    "kind/inspection": "Kiểm tra",
    "team/DOAN1": "Đoàn 1",
} | {f"agency/{code}": AGENCIES[code] for code in ("BCD", "SYT", "SNV", "STC", "BDT", "NHAN")}


def occurrence(number, **different):
    common = {
        "id": f"P1/viec-{number}/2024", "programme": "P1", "item": f"viec-{number}", "period": "2024",
        "line": 100 + number, "kind": "report", "title": f"Báo cáo {number}", "placing": "deadline",
        "certainty": "exact", "named_date": date(2024, 12, 10), "last_on_time": date(2024, 12, 9),
        "work_by": date(2024, 12, 9), "included": False, "year_first": 2024, "year_last": 2024,
        "sequence": 0, "revised_at": REVISED, "tentative": False, "assumed": False, "why": "",
        "headcount_about": False, "rolls_up": False, "status": "planned", "first": None, "last": None,
        "team": None, "cancelled_on": None,
    }  # fmt: skip
    return common | different


def ties(number, **roles):
    return [
        {"occurrence": f"P1/viec-{number}/2024", "agency": code, "role": role, "named_as": named_as}
        for role, bodies in roles.items()
        for code, named_as in bodies
    ]


@pytest.fixture
def begin(engine):
    """A small year: two reports, an inspection of two departments, a duty, and a plan without any date."""
    window = {"named_date": None, "last_on_time": None, "work_by": None, "included": None}
    inspection = occurrence(
        3, kind="inspection", title="Kiểm tra đợt 1", placing="window", certainty="quarter", team="DOAN1",
        first=date(2024, 4, 1), last=date(2024, 6, 30), **window,
    )  # fmt: skip
    undated = occurrence(4, id="P3/viec-4/2024", programme="P3", placing="unspecified", **window)
    with writing(engine) as connection:
        paper = {
            "short": "x", "issuer": "BCD", "source": "x",
            "first": date(2024, 1, 1), "last": date(2024, 12, 31),
            "standing_agency": "BCD", "policy": "default", "items": 3, "number": None, "issued": None,
        }  # fmt: skip
        signed = {"number": "351/QĐ-UBND", "issued": date(2022, 2, 18)}
        connection.execute(
            insert(Programme),
            [
                paper | {"code": "P1", "title": "Chương trình hành động", "draft": False} | signed,
                paper | {"code": "P3", "title": "Kế hoạch của Thành ủy", "draft": True, "items": 13},
            ],
        )
        bodies = [{"code": code, "name": name, "is_group": False} for code, name in AGENCIES.items()]
        bodies.append({"code": "G_SO", "name": "Các sở, ban, ngành", "is_group": True})
        rest = {"short": "x", "level": "province", "kind": "department", "open": False}
        connection.execute(insert(Agency), [body | rest for body in bodies])
        connection.execute(insert(Occurrence), [occurrence(1), occurrence(2), inspection, undated])
        connection.execute(
            insert(OccurrenceAgency),
            [
                *ties(1, lead=[("SYT", "G_SO"), ("SNV", "G_SO"), ("STC", "CU")], recipient=[("BDT", None)]),
                *ties(2, lead=[("BDT", None)], recipient=[("BCD", None)]),
                *ties(3, lead=[("BCD", None)], inspected=[("SYT", None), ("SNV", None)]),
            ],
        )
        connection.execute(
            insert(Duty),
            [
                {
                    "id": "P1/viec-1/2024/NHAN",
                    "occurrence": "P1/viec-1/2024",
                    "agency": "NHAN",
                    "withdrawn": False,
                    "handover": False,
                },
                {
                    "id": "P1/viec-2/2024/SNV",
                    "occurrence": "P1/viec-2/2024",
                    "agency": "SNV",
                    "withdrawn": True,
                    "handover": False,
                },
            ],
        )
        touch_feeds(connection, TITLES, TODAY)
    return partial(writing, engine)


def revise(begin, number, **values):
    key = f"P1/viec-{number}/2024"
    with begin() as connection:
        revised_at, sequence = connection.execute(
            select(Occurrence.revised_at, Occurrence.sequence).where(Occurrence.id == key)
        ).one()
        new = {"revised_at": revised_at + timedelta(days=1), "sequence": sequence + 1} | values
        connection.execute(update(Occurrence).where(Occurrence.id == key).values(**new))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def uids(folder: Path, name: str) -> list[str]:
    return [str(event["uid"]) for event in Calendar.from_ical((folder / f"{name}.ics").read_bytes()).events]


ONE, TWO, THREE = (f"P1.viec-{number}.2024@dondoc" for number in (1, 2, 3))

# ---------------------------------------------------------------- what is published


def test_every_calendar_has_what_concerns_its_reader_by_any_role_or_duty(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    assert {name: uids(tmp_path / "out", name) for name in TITLES} == {
        "all": [ONE, TWO, THREE],
        "programme/P1": [ONE, TWO, THREE],
        "programme/P3": ["programme.P3.13-1-0.empty@dondoc"],
        "kind/report": [ONE, TWO],
        "kind/inspection": [THREE],
        "team/DOAN1": [THREE],
        "agency/BCD": [TWO, THREE],
        "agency/SYT": [ONE, THREE],
        "agency/SNV": [ONE, THREE],  # its duty for the second report was withdrawn
        "agency/STC": [ONE],
        "agency/BDT": [ONE, TWO],
        "agency/NHAN": [ONE],  # by a duty alone
    }


def test_an_event_names_everyone_as_the_paper_does(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    event = Calendar.from_ical((tmp_path / "out/agency/STC.ics").read_bytes()).events[0]
    assert event["description"].splitlines() == [
        "Hạn: trước ngày 10/12/2024; ngày cuối 09/12/2024; nên xong 09/12/2024",
        "Chủ trì: Các sở, ban, ngành (02 cơ quan, đơn vị); Sở Tài chính (văn bản ghi: Sở Kế hoạch và Đầu tư)",
        "Nơi nhận: Ban Dân tộc",
        "Chương trình: Chương trình hành động (số 351/QĐ-UBND ngày 18/02/2022), dòng 101",
        "Mã việc: P1/viec-1/2024",
    ]


def test_the_kept_digest_and_count_are_those_of_the_file(begin, tmp_path):
    import hashlib

    publish(begin, tmp_path / "out", TODAY, DAYS)
    with begin() as connection:
        rows = connection.execute(select(Feed.name, Feed.digest, Feed.events, Feed.stale)).all()
    assert sorted(rows) == sorted(
        (
            name,
            hashlib.sha256((tmp_path / f"out/{name}.ics").read_bytes()).hexdigest(),
            sum("viec" in uid for uid in uids(tmp_path / "out", name)),
            False,
        )
        for name in TITLES
    )


def test_the_page_lists_every_calendar_with_its_count(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS, banner="Đồng hồ <trình diễn>: 02/12/2024")
    page = (tmp_path / "out/index.html").read_text()
    assert 'lang="vi"' in page
    assert "Đồng hồ &lt;trình diễn&gt;: 02/12/2024" in page
    assert (
        '<th scope="row">Sở Y tế</th><td class="number">2</td><td><a href="agency/SYT.ics">agency/SYT.ics</a>' in page
    )
    assert page.count('<tr><th scope="row">') == len(TITLES)
    assert "<script" not in page


def test_without_calendars_there_is_still_a_page(engine, tmp_path):
    assert publish(partial(writing, engine), tmp_path / "out", TODAY, DAYS) == Published()
    assert "Chưa có lịch nào được công bố." in (tmp_path / "out/index.html").read_text()


def test_a_title_full_of_markup_stays_text(begin, tmp_path):
    with begin() as connection:
        touch_feeds(connection, {"agency/SYT": '<script>alert(1)</script>\r\nBEGIN:VEVENT, "Sở"'}, TODAY)
    publish(begin, tmp_path / "out", TODAY, DAYS)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (tmp_path / "out/index.html").read_text()
    assert uids(tmp_path / "out", "agency/SYT") == [ONE, THREE]


# ---------------------------------------------------------------- only what changed


def test_publishing_again_writes_nothing(begin, tmp_path):
    assert publish(begin, tmp_path / "out", TODAY, DAYS) == Published(written=12, unchanged=0, removed=0, rendered=3)
    before = {path: path.stat().st_ino for path in (tmp_path / "out").rglob("*")}
    assert publish(begin, tmp_path / "out", TODAY, DAYS) == Published(written=0, unchanged=12, removed=0, rendered=0)
    assert {path: path.stat().st_ino for path in (tmp_path / "out").rglob("*")} == before


def test_what_day_it_is_changes_no_byte(begin, engine, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    first = files(tmp_path / "out")
    with begin() as connection:
        restale_all(connection)
    later = publish(begin, tmp_path / "out", TODAY + timedelta(days=400), DAYS)
    assert later == Published(written=0, unchanged=12, removed=0, rendered=3)
    assert files(tmp_path / "out") == first
    publish(begin, tmp_path / "elsewhere", date(2031, 1, 1), DAYS)
    assert files(tmp_path / "elsewhere") == first


def test_one_moved_item_touches_only_its_calendars(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    before = files(tmp_path / "out")
    revise(begin, 3, first=date(2024, 4, 1), last=date(2024, 4, 30), certainty="month")
    with begin() as connection:
        mark_stale(connection, *feed_names("P1", "inspection", "DOAN1", ["BCD", "SYT", "SNV"]))
    assert publish(begin, tmp_path / "out", TODAY, DAYS) == Published(written=7, unchanged=5, removed=0, rendered=1)
    after = files(tmp_path / "out")
    assert {name for name in before if before[name] != after[name]} == {
        "all.ics", "programme/P1.ics", "kind/inspection.ics", "team/DOAN1.ics",
        "agency/BCD.ics", "agency/SYT.ics", "agency/SNV.ics",
    }  # fmt: skip


def test_a_revision_nobody_announced_is_found_all_the_same(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    revise(begin, 2, title="Báo cáo khác")
    assert publish(begin, tmp_path / "out", TODAY, DAYS).written == 5
    assert b"B\xc3\xa1o c\xc3\xa1o kh\xc3\xa1c" in (tmp_path / "out/agency/BCD.ics").read_bytes()


def test_a_file_that_vanished_is_written_again(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    before = files(tmp_path / "out")
    (tmp_path / "out/agency/SYT.ics").unlink()
    (tmp_path / "out/index.html").unlink()
    assert publish(begin, tmp_path / "out", TODAY, DAYS).written == 1
    assert files(tmp_path / "out") == before


def test_a_calendar_left_without_events_stays_and_says_so(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    with begin() as connection:
        connection.execute(delete(OccurrenceAgency).where(OccurrenceAgency.agency == "STC"))
        mark_stale(connection, "agency/STC")
    assert publish(begin, tmp_path / "out", TODAY, DAYS).written == 1
    assert uids(tmp_path / "out", "agency/STC") == ["agency.STC.empty@dondoc"]


def test_a_new_decision_shows_in_the_empty_programme_without_being_announced(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    with begin() as connection:
        new = {
            "id": "P3-thoi-han",
            "year": 2024,
            "kind": "no_date",
            "programme": "P3",
            "sentence": "x",
            "help": "",
        }
        connection.execute(insert(Decision), [new, new | {"year": 2025}])
    assert publish(begin, tmp_path / "out", TODAY, DAYS).written == 1
    assert uids(tmp_path / "out", "programme/P3") == ["programme.P3.13-1-1.empty@dondoc"]


def test_a_renamed_calendar_is_written_and_listed_anew(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    with begin() as connection:
        touch_feeds(connection, TITLES | {"agency/SYT": "Sở Y tế tỉnh"}, TODAY + timedelta(days=9), stale=False)
    assert publish(begin, tmp_path / "out", TODAY, DAYS).written == 1
    assert "Sở Y tế tỉnh" in (tmp_path / "out/index.html").read_text()
    with begin() as connection:
        assert set(connection.scalars(select(Feed.created_on))) == {TODAY}


def test_another_banner_rewrites_only_the_page(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS, banner="a")
    before = files(tmp_path / "out")
    publish(begin, tmp_path / "out", TODAY, DAYS, banner="b")
    after = files(tmp_path / "out")
    assert {name for name in before if before[name] != after[name]} == {"index.html"}


# ---------------------------------------------------------------- tombstones


def test_a_cancelled_event_is_published_for_thirty_days_and_then_left_out(begin, tmp_path):
    revise(begin, 2, status="cancelled", cancelled_on=TODAY)
    publish(begin, tmp_path / "out", TODAY + timedelta(days=30), DAYS)
    assert uids(tmp_path / "out", "agency/BCD") == [TWO, THREE]
    over = publish(begin, tmp_path / "out", TODAY + timedelta(days=31), DAYS)
    assert over == Published(written=5, unchanged=7, removed=0, rendered=0)
    assert uids(tmp_path / "out", "agency/BCD") == [THREE]
    assert publish(begin, tmp_path / "out", TODAY + timedelta(days=32), DAYS).written == 0


def test_a_clock_turned_back_brings_the_tombstone_back(begin, tmp_path):
    revise(begin, 2, status="cancelled", cancelled_on=TODAY)
    publish(begin, tmp_path / "out", TODAY, DAYS)
    before = files(tmp_path / "out")
    publish(begin, tmp_path / "out", TODAY + timedelta(days=40), DAYS)
    publish(begin, tmp_path / "out", TODAY, DAYS)
    assert files(tmp_path / "out") == before


# ---------------------------------------------------------------- strays


def test_files_of_no_calendar_are_removed_and_strangers_left_alone(begin, tmp_path):
    publish(begin, tmp_path / "out", TODAY, DAYS)
    for name in (
        "agency/CU.ics",
        "agency/.SYT.ics.part",
        ".index.html.part",
        "notes.txt",
        "own.ics",
        "agency/x.txt",
    ):
        (tmp_path / "out" / name).write_text("x")
    assert publish(begin, tmp_path / "out", TODAY, DAYS).removed == 1
    assert {name for name in files(tmp_path / "out") if name.removesuffix(".ics") not in TITLES} == {
        "index.html", "notes.txt", "own.ics", "agency/x.txt",
    }  # fmt: skip


def test_an_empty_database_removes_no_calendar(engine, tmp_path):
    (tmp_path / "agency").mkdir()
    (tmp_path / "agency/SYT.ics").write_text("x")
    assert publish(partial(writing, engine), tmp_path, TODAY, DAYS).removed == 0
    assert (tmp_path / "agency/SYT.ics").exists()


# ---------------------------------------------------------------- interruptions


class Killed(BaseException):
    """Stands for a process that ends at this very call."""


STEPS = [(os, "replace"), (os, "fsync"), (published_folder, "_write_part"), (publishing, "write_files")]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("place", "step"), STEPS, ids=[step for _, step in STEPS])
def test_stopped_at_every_write_and_run_again_it_ends_in_the_same_files(
    begin, tmp_path, monkeypatch, place, step, after
):
    monkeypatch.setattr(publishing, "FILES_AT_ONCE", 5)
    publish(begin, tmp_path / "whole", TODAY, DAYS)
    whole, real = files(tmp_path / "whole"), getattr(place, step)
    for number in range(60):
        calls = iter(range(1000))

        def dying(*arguments, calls=calls, number=number, **options):
            call = next(calls)
            if call == number and not after:
                raise Killed
            result = real(*arguments, **options)
            if call == number and after:
                raise Killed
            return result

        folder = tmp_path / f"cut-{number}"
        with begin() as connection:
            connection.execute(update(Feed).values(stale=True, digest=None, events=0))
        with monkeypatch.context() as patch:
            patch.setattr(place, step, dying)
            try:
                publish(begin, folder, TODAY, DAYS)
                break  # there were no more calls to stop at
            except Killed:
                pass
        assert all(whole[name] == content for name, content in files(folder).items() if name.endswith(".ics"))
        publish(begin, folder, TODAY, DAYS)
        assert files(folder) == whole
    else:
        pytest.fail("never ran to its end")


def _publish_and_die(database_url, folder, number):
    from office.store import open_store

    real, calls = os.replace, iter(range(1000))

    def dying(*arguments):
        if next(calls) == number:
            os.kill(os.getpid(), 9)
        real(*arguments)

    os.replace = dying
    published_folder.os.replace = dying
    publish(partial(writing, open_store(database_url)), folder, TODAY, DAYS)


@pytest.mark.parametrize("number", [0, 4, 11, 12])
def test_killed_outright_and_run_again_it_ends_in_the_same_files(begin, database_url, tmp_path, number):
    publish(begin, tmp_path / "whole", TODAY, DAYS)
    with begin() as connection:
        connection.execute(update(Feed).values(stale=True, digest=None, events=0))
        connection.execute(delete(Fragment))
    victim = multiprocessing.get_context("spawn").Process(
        target=_publish_and_die, args=(database_url, tmp_path / "cut", number)
    )
    victim.start()
    victim.join()
    assert victim.exitcode == -9
    publish(begin, tmp_path / "cut", TODAY, DAYS)
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


@pytest.mark.parametrize(
    ("code", "reason"),
    [(errno.ENOSPC, "đĩa đã đầy"), (errno.EROFS, "thư mục chỉ cho đọc"), (errno.EIO, "Input/output error")],
)
def test_a_disk_that_cannot_be_written_is_one_sentence_and_leaves_nothing_half_done(
    begin, tmp_path, monkeypatch, code, reason
):
    folder = tmp_path / "out"
    publish(begin, folder, TODAY, DAYS)
    before = files(folder)
    revise(begin, 1, title="Báo cáo khác")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(code, os.strerror(code))))
        with pytest.raises(FolderUnusable) as raised:
            publish(begin, folder, TODAY, DAYS)
    assert raised.value.exit_code == 2
    assert raised.value.sentence == f"Không ghi được lịch vào thư mục {folder}: {reason}."
    assert files(folder) == before
    assert publish(begin, folder, TODAY, DAYS).written == 8
    assert uids(folder, "agency/NHAN") == [ONE]


def test_a_file_in_the_place_of_the_folder_is_one_sentence(begin, tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(FolderUnusable, match="out: chỗ ấy đang là một tệp"):
        publish(begin, tmp_path / "out", TODAY, DAYS)


# ---------------------------------------------------------------- at the same time


def test_an_item_revised_while_publishing_is_not_lost(begin, tmp_path, monkeypatch):
    """The revision falls between rendering and writing: its mark must not be cleared with old bytes."""
    real, revised = publishing.take_stock, []

    def revising(*arguments):
        if not revised:
            revise(begin, 1, title="Báo cáo khác")
            revised.append(True)
        return real(*arguments)

    monkeypatch.setattr(publishing, "take_stock", revising)
    result = publish(begin, tmp_path / "out", TODAY, DAYS)
    assert result.rendered == 4
    assert "Báo cáo khác" in (tmp_path / "out/agency/NHAN.ics").read_text()
    monkeypatch.undo()
    assert publish(begin, tmp_path / "out", TODAY, DAYS).written == 0


def _publish(database_url, folder):
    from office.store import open_store

    publish(partial(writing, open_store(database_url)), folder, TODAY, DAYS)


def test_several_publishers_at_once_end_in_the_same_files(begin, database_url, tmp_path):
    context = multiprocessing.get_context("spawn")
    together = [context.Process(target=_publish, args=(database_url, tmp_path / "out")) for _ in range(3)]
    for one in together:
        one.start()
    for one in together:
        one.join()
    assert [one.exitcode for one in together] == [0, 0, 0]
    publish(begin, tmp_path / "alone", TODAY, DAYS)
    assert files(tmp_path / "out") == files(tmp_path / "alone")


def _revise_again_and_again(database_url, times):
    from office.store import open_store

    begin = partial(writing, open_store(database_url))
    for number in range(times):
        with begin() as connection:  # as planning does: the change and the marks in one transaction
            key = "P1/viec-1/2024"
            new = {"title": f"Báo cáo lần {number}", "revised_at": REVISED + timedelta(seconds=number + 1)}
            connection.execute(update(Occurrence).where(Occurrence.id == key).values(**new))
            mark_stale(connection, "all", "programme/P1", "kind/report")
            if number % 2:
                connection.execute(delete(OccurrenceAgency).where(OccurrenceAgency.agency == "BDT"))
            else:
                connection.execute(insert(OccurrenceAgency), ties(1, recipient=[("BDT", None)]))
            mark_stale(connection, "agency/BDT")


def test_items_revised_all_the_while_are_right_in_the_end(begin, database_url, tmp_path, monkeypatch):
    monkeypatch.setattr(publishing, "FILES_AT_ONCE", 2)
    with begin() as connection:
        connection.execute(delete(OccurrenceAgency).where(OccurrenceAgency.agency == "BDT"))
    planner = multiprocessing.get_context("spawn").Process(target=_revise_again_and_again, args=(database_url, 60))
    planner.start()
    while planner.is_alive():
        publish(begin, tmp_path / "out", TODAY, DAYS)
    planner.join()
    assert planner.exitcode == 0
    publish(begin, tmp_path / "out", TODAY, DAYS)
    publish(begin, tmp_path / "fresh", TODAY, DAYS)
    assert files(tmp_path / "out") == files(tmp_path / "fresh")
    assert "Báo cáo lần 59" in (tmp_path / "out/all.ics").read_text()


# ---------------------------------------------------------------- feeds as rows


def test_touching_calendars_twice_creates_each_once(engine):
    for day in (TODAY, TODAY + timedelta(days=1)):
        with writing(engine) as connection:
            touch_feeds(connection, {"all": "Tất cả", "agency/SYT": "Sở Y tế"}, day)
            touch_feeds(connection, {}, day)
    with writing(engine) as connection:
        assert sorted(connection.execute(select(Feed.name, Feed.title, Feed.created_on, Feed.stale))) == [
            ("agency/SYT", "Sở Y tế", TODAY, True),
            ("all", "Tất cả", TODAY, True),
        ]


def test_a_name_that_is_no_path_of_ours_is_refused(engine):
    with writing(engine) as connection, pytest.raises(ValueError, match="not a calendar's name"):
        touch_feeds(connection, {"agency/../../etc": "x"}, TODAY)


def test_what_becomes_secret_loses_its_title_in_every_calendar_and_keeps_its_sequence(begin, tmp_path):
    publish(begin, tmp_path, TODAY, DAYS)
    assert "Báo cáo 1" in (tmp_path / "agency" / "SYT.ics").read_text(encoding="utf-8")
    with begin() as connection:
        sequence = connection.scalar(select(Occurrence.sequence).where(Occurrence.id == "P1/viec-1/2024"))
    revise(begin, 1, secret=True, sequence=sequence)  # as planning.yearbook revises what moves nothing
    publish(begin, tmp_path, TODAY, DAYS)
    for file in tmp_path.rglob("*.ics"):
        assert "Báo cáo 1" not in file.read_text(encoding="utf-8").replace("\n ", "")
    told = Calendar.from_ical((tmp_path / "agency" / "SYT.ics").read_bytes())
    [event] = [one for one in told.walk("VEVENT") if one["uid"].startswith("P1.viec-1")]
    assert (event["summary"], event["sequence"]) == ("HẠN: Việc mật", 0)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.ics")}
    assert publish(begin, tmp_path, TODAY, DAYS).written == 0
    assert before == {file: file.read_bytes() for file in tmp_path.rglob("*.ics")}
