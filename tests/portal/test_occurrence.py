"""An occurrence's page: its facts, who has read its date, its story, and files that are only ever downloaded."""

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, update

from calendars.working_days import WorkingDays
from flows.desk import key_of
from models.account import AccountRole
from models.columns import table_of
from models.notice import Notice
from models.occurrence import Occurrence
from models.programme import Programme
from models.submission import Submission, SubmittedFile
from office.settings import PROJECT
from office.store import reading, writing
from planning.agenda import read_agenda
from planning.submissions import Recorded, extend_duty, mark_done
from portal.flow_links import PAGE_NAMES, PAGES, artifact_key, links_into_flows
from tests.notices.small_office import add_all
from tests.portal.dates_office import ITEMS, MARKUP, NOW, opened

REPORT = "/thu-ky/viec/P/R/2024"
STORED = "ab/" + "ab" * 16


@pytest.fixture
def office(tmp_path, serve, write_programmes):
    with opened(tmp_path, serve, write_programmes(ITEMS)) as office:
        yield office


def hand_in(office, content=b"%PDF-1.7"):
    """A partial submission of A with one file whose name its sender chose badly."""
    line = {
        "duty": "P/R/2024/A",
        "version": "1.1",
        "agency": "A",
        "by": MARKUP,
        "at": NOW,
        "complete": False,
        "key": "k",
    }
    file = {"name": f"{MARKUP}.pdf", "media_type": "application/pdf", "size": len(content), "digest": "0" * 64}
    with writing(office.store) as connection:
        number = connection.execute(insert(table_of(Submission)), line | {"note": MARKUP}).inserted_primary_key[0]
        add_all(connection, SubmittedFile, [file | {"submission": number, "stored": STORED}])
    place = office.settings.files_folder / STORED
    place.parent.mkdir(parents=True)
    place.write_bytes(content)


def test_both_dates_the_papers_words_and_who_owes_stand_there(office):
    page = office.browser().get(REPORT).text
    for words in ("trước 10/12/2024, ngày cuối 09/12/2024", "trước 10/12/2024", "mục R", "Sở A; Sở B"):
        assert words in page
    assert "Chưa ai được báo về thời hạn hiện nay." in page


def test_nobody_hands_in_what_is_held_on_a_day(office):
    with writing(office.store) as connection:
        connection.execute(update(table_of(Programme)).values(draft=True))
        dated = {"placing": "fixed", "first": date(2024, 7, 11), "last": date(2024, 7, 11)}
        occurrences = table_of(Occurrence)
        connection.execute(update(occurrences).where(occurrences.c.item == "H").values(**dated))
    page = office.browser().get("/thu-ky/viec/P/H/2024").text
    assert "đã ấn định (chương trình dự thảo)" in page
    assert "đã nộp" not in page
    assert "Ghi nhận" not in page
    assert '<a href="/thu-ky/nhiem-vu/B" lang="vi">Sở B</a>: chưa ghi đã xong' in page


def test_whoever_has_not_acknowledged_comes_first_and_a_name_is_not_said_twice(office):
    told = {
        "subject": "P/R/2024/A", "version": "1.1", "step": "before-5", "channel": "mail", "occurrence": "P/R/2024",
        "agency": "A", "kind": "reminder", "target": "focal", "fires_on": NOW.date(), "bundle": "", "state": "accepted",
        "due_at": NOW, "planned_at": NOW, "missed": 0, "urgent": False, "attempts": 1, "accepted_at": NOW,
        "link_revoked": False,
    }  # fmt: skip
    people = [f"Đầu mối Sở A, người thứ {number}" for number in range(1, 11)]
    with writing(office.store) as connection:
        for name in people:
            read = NOW if name == people[0] else None
            values = told | {"recipient": name, "sent_to": name, "acknowledged_at": read}
            connection.execute(insert(table_of(Notice)), values)
    page = office.browser().get(REPORT).text.partition('id="ai-da-doc"')[2].partition("Diễn biến")[0]
    shown, _, folded = page.partition("<details><summary>2 người nữa</summary>")
    assert re.findall(r'<tr><td lang="vi">([^<]+)<', shown) == people[1:9]
    assert re.findall(r'<tr><td lang="vi">([^<]+)<', folded) == [people[9], people[0]]


def test_what_was_handed_in_and_decided_is_told_newest_first(office):
    hand_in(office)
    days = WorkingDays()
    with writing(office.store) as connection:
        extend_duty(connection, "P/R/2024/B", date(2024, 12, 20), Recorded("Bà Lan", NOW, "Xin thêm", "CV 3"), days)
        mark_done(connection, "P/R/2024/A", date(2024, 3, 4), Recorded("Bà Lan", NOW.replace(hour=10)))
    page = office.browser().get(REPORT).text
    assert MARKUP not in page
    told = [page.index(words) for words in ("A: Ghi nhận đã nộp", "A: Nộp một phần", "B: Gia hạn, đến 20/12/2024")]
    assert told[0] == min(told)
    assert "CV 3" in page
    assert '<a href="/thu-ky/tep/1"' in page


def test_a_file_is_an_attachment_and_only_for_the_office(office):
    hand_in(office)
    for role in (AccountRole.SECRETARIAT, AccountRole.CHAIR):
        answer = office.browser(role).get("/thu-ky/tep/1")
        assert (answer.status_code, answer.content) == (200, b"%PDF-1.7")
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<" not in answer.headers["content-disposition"]
    stranger = office.browser()
    stranger.cookies.clear()
    assert stranger.get("/thu-ky/tep/1").status_code == 303


@pytest.mark.parametrize("number", ["2", "0", "99999999999999999999", "x", "../1"])
def test_no_such_file_is_not_found(office, number):
    hand_in(office)
    assert office.browser().get(f"/thu-ky/tep/{number}").status_code == 404


def test_a_file_that_was_lost_is_not_found(office):
    hand_in(office)
    (office.settings.files_folder / STORED).unlink()
    assert office.browser().get("/thu-ky/tep/1").status_code == 404


def test_a_secret_matter_tells_its_days_and_nothing_of_its_content(office):
    hand_in(office)
    with writing(office.store) as connection:
        connection.execute(update(table_of(Occurrence)).values(secret=True))
    page = office.browser().get(REPORT).text
    assert "Việc mật" in page
    assert "09/12/2024" in page
    assert "Nộp một phần" in page
    assert "Báo cáo năm" not in page
    assert ".pdf" not in page


def test_what_is_not_there_is_not_found(office):
    assert [office.browser().get(f"/thu-ky/viec/{one}").status_code for one in ("P/X/2024", "x", "")] == [404] * 3


@pytest.mark.parametrize(
    ("about", "keys"),
    [
        ({}, []),
        ({"programme": "DB-BCD-2024"}, ["chuong-trinh-db-bcd-2024"]),
        (
            {"programme": "DB-BCD-2024", "first": date(2024, 7, 1)},
            ["hoi-nghi-db-bcd-2024-7", "chuong-trinh-db-bcd-2024"],
        ),
        ({"programme": "DB-351-2022", "item": "S2-02"}, ["chuong-trinh-db-351-2022", "thu-bao-cao-db-351-2022-s2-02"]),
    ],
)
def test_links_into_the_flow_screen_are_the_pages_its_schedules_write(office, about, keys):
    with reading(office.store) as connection:
        entry = next(one for one in read_agenda(connection, NOW.date(), programme="P") if one.item == "R")
    links = links_into_flows("http://flows", replace(entry, **about))
    found = [link.address for link in links]
    assert all(link.name.endswith(f": {entry.programme_short}") for link in links[:-1])
    assert sorted(found) == sorted([*(f"http://flows/v2/artifacts/key/{key}" for key in keys), "http://flows/v2/runs"])


def test_a_pages_key_is_made_as_the_flows_make_it():
    assert artifact_key("hoi-nghi", "DB.BCD_2024", 3) == key_of("hoi-nghi", "DB.BCD_2024", 3)
    written = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "flows").glob("*.py"))
    assert PAGE_NAMES.keys() == set(PAGES.values())
    assert [page for page in PAGES.values() if f'key_of("{page}"' not in written] == []
