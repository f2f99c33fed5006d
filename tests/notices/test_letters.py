"""Formal letters: drafted once, decided by a person, and a Word file laid out as Decree 30/2020 asks."""

import hashlib
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from calendars.working_days import WorkingDays
from models.audit import verify_audit
from models.columns import table_of
from models.notice import AuditEntry, LetterState
from notices.letter_document import LateAgency, LetterText, UnusableLetterTemplate, _tags, write_letter
from notices.letters import (
    LateDuty,
    LetterAlreadyDecided,
    NothingToUrge,
    OfficeOnLetters,
    UndecidableLetter,
    UnknownLetter,
    WaitingLetter,
    decide_letter,
    draft_letters,
    letters_waiting,
    mark_told,
    open_duties_of,
    read_letter,
    unanswered,
)
from notices.tables import AGENCIES, DUTIES, LETTER_DUTIES, LETTERS, OCCURRENCES, PROGRAMMES, TIES
from office.store import reading, writing

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATE = ROOT / "templates/letters/cong-van-don-doc.docx"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2024, 12, 12)  # three working days after Monday 9 December
AT = datetime(2024, 12, 12, 8, tzinfo=VIETNAM)
DAYS = WorkingDays()
OFFICE = OfficeOnLetters(
    "Ủy ban nhân dân tỉnh Điện Biên",
    "Ban Chỉ đạo các Chương trình mục tiêu quốc gia tỉnh",
    "Điện Biên",
    "TM. BAN CHỈ ĐẠO\nTRƯỞNG BAN",
)
TITLE = "Báo cáo kết quả thực hiện Chương trình hành động"
YEAR = "P/R/2024"
NAMES = {"SYT": "Sở Y tế", "SGD": "Sở Giáo dục và Đào tạo", "BDT": "Ban Dân tộc tỉnh", "UBND": "UBND tỉnh Điện Biên"}


# ---- a committee with two late agencies -------------------------------------------------------------


@pytest.fixture
def committee(engine):
    """One yearly report, due before 10/12/2024, of two departments to the Ethnic Affairs Board."""
    with writing(engine) as connection:
        body = {"level": "province", "kind": "department", "is_group": False, "open": False}
        connection.execute(insert(AGENCIES), [body | {"code": c, "name": n, "short": c} for c, n in NAMES.items()])
        connection.execute(
            insert(PROGRAMMES),
            {
                "code": "P",
                "short": "Quyết định 351/QĐ-UBND",
                "title": "Chương trình hành động thực hiện Nghị quyết số 17-NQ/TU",
                "number": "351/QĐ-UBND",
                "issued": date(2022, 2, 18),
                "issuer": "UBND",
                "source": "002",
                "first": date(2021, 1, 1),
                "last": date(2025, 12, 31),
                "standing_agency": "BDT",
                "policy": "default",
                "draft": False,
                "items": 1,
            },
        )
        put_occurrence(connection, YEAR)
        connection.execute(insert(TIES), {"occurrence": YEAR, "agency": "BDT", "role": "recipient"})
        put_duties(connection, YEAR, "SYT", "SGD")
    return engine


def put_occurrence(connection, occurrence, **changes):
    row = {
        "id": occurrence,
        "programme": "P",
        "item": occurrence.split("/")[1],
        "period": "2024",
        "line": 1,
        "kind": "report",
        "title": TITLE,
        "placing": "deadline",
        "named_date": date(2024, 12, 10),
        "last_on_time": date(2024, 12, 9),
        "work_by": date(2024, 12, 9),
        "included": False,
        "tentative": False,
        "assumed": False,
        "why": "",
        "headcount_about": False,
        "rolls_up": False,
        "year_first": 2024,
        "year_last": 2024,
        "policy": "default",
        "secret": False,
        "due_version": 1,
        "rungs_stale": False,
        "status": "planned",
        "sequence": 0,
        "revised_at": AT,
    }
    connection.execute(insert(OCCURRENCES), row | changes)


def put_duties(connection, occurrence, *agencies):
    row = {"occurrence": occurrence, "handover": False, "withdrawn": False, "due_version": 1}
    connection.execute(insert(DUTIES), [row | {"id": f"{occurrence}/{one}", "agency": one} for one in agencies])


def late(*agencies, occurrence=YEAR, version="1.1"):
    return [LateDuty(occurrence, f"{occurrence}/{one}", version, one) for one in agencies]


BOTH = late("SYT", "SGD")


def draft(engine, duties=BOTH, today=TODAY):
    at = datetime.combine(today, AT.timetz())
    with writing(engine) as connection:
        return draft_letters(connection, duties, today, at)


def decide(engine, letter, decision, by="Lò Thị Hoa", at=AT, **given):
    with writing(engine) as connection:
        return decide_letter(connection, letter, decision, by, at, **given)


def read(engine, letter, today=TODAY):
    with reading(engine) as connection:
        return read_letter(connection, letter, today, DAYS, OFFICE)


def change(engine, duty, **values):
    with writing(engine) as connection:
        connection.execute(update(DUTIES).where(DUTIES.c.id == duty).values(**values))


def rows(engine, table):
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]


def diary(engine):
    with reading(engine) as connection:
        assert verify_audit(connection).broken_at is None
        lines = connection.execute(select(table_of(AuditEntry)).order_by(table_of(AuditEntry).c.id))
        return [(line.actor, line.action, line.subject) for line in lines]


# ---- drafting ---------------------------------------------------------------------------------------


def test_one_letter_for_one_occurrence_names_every_late_agency(committee):
    [letter] = draft(committee)
    assert rows(committee, LETTERS) == [
        {
            "id": letter, "occurrence": YEAR, "drafted_on": TODAY, "round": 1, "state": "drafted", "decided_by": None,
            "decided_at": None, "remark": None, "number": None, "signer": None, "digest": None, "told_on": None,
        }
    ]  # fmt: skip
    assert [(row["letter"], row["duty"], row["version"], row["agency"]) for row in rows(committee, LETTER_DUTIES)] == [
        (letter, f"{YEAR}/SGD", "1.1", "SGD"),
        (letter, f"{YEAR}/SYT", "1.1", "SYT"),
    ]
    assert diary(committee) == [("Đôn Đốc", "letter.drafted", f"letter/{letter}")]


def test_drafting_again_changes_nothing(committee):
    draft(committee)
    before = rows(committee, LETTERS), rows(committee, LETTER_DUTIES), diary(committee)
    assert draft(committee) == []
    assert draft(committee, today=TODAY + timedelta(days=1)) == []
    assert draft(committee, [*BOTH, *BOTH]) == []
    assert (rows(committee, LETTERS), rows(committee, LETTER_DUTIES), diary(committee)) == before


def test_an_agency_that_is_late_the_same_day_joins_the_draft(committee):
    [letter] = draft(committee, late("SYT"))
    assert draft(committee) == []
    assert read(committee, letter).addressees == (NAMES["SGD"], NAMES["SYT"])
    assert [action for _, action, _ in diary(committee)] == ["letter.drafted", "letter.added"]


def test_an_agency_that_is_late_after_the_days_letter_was_signed_is_not_lost(committee):
    [first] = draft(committee, late("SYT"))
    decide(committee, first, "approve", number="05/CV-BCĐ", signer="Lê Thành Đô")
    [second] = draft(committee)
    assert second != first
    assert read(committee, second).addressees == (NAMES["SGD"],)
    assert draft(committee) == []


def test_each_occurrence_has_its_own_letter(committee):
    with writing(committee) as connection:
        put_occurrence(connection, "P/S/2024")
        put_duties(connection, "P/S/2024", "SYT")
    letters = draft(committee, [*BOTH, *late("SYT", occurrence="P/S/2024")])
    with reading(committee) as connection:
        assert [(one.id, one.occurrence) for one in letters_waiting(connection)] == list(
            zip(letters, [YEAR, "P/S/2024"], strict=True)
        )


def test_more_time_is_a_new_due_day_and_makes_a_new_letter_possible(committee):
    [first] = draft(committee)
    change(committee, f"{YEAR}/SYT", extended_to=date(2024, 12, 20), due_version=2)
    assert read(committee, first).addressees == (NAMES["SGD"],)
    [second] = draft(committee, late("SYT", version="1.2"), date(2024, 12, 25))
    letter = read(committee, second, date(2024, 12, 25))
    assert letter.late == (LateAgency(NAMES["SYT"], 3, "đã gia hạn đến hết ngày 20 tháng 12 năm 2024"),)


def test_a_waived_letter_is_not_drafted_again_the_same_day_but_may_be_later(committee):
    [letter] = draft(committee)
    decide(committee, letter, "waive")
    assert draft(committee) == []
    assert len(draft(committee, today=TODAY + timedelta(days=1))) == 1


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        (DUTIES, {"done_on": TODAY}),
        (DUTIES, {"waived_on": TODAY}),
        (DUTIES, {"withdrawn": True}),
        (DUTIES, {"handover": True}),  # a body that ended: a person must first say who answers
        (DUTIES, {"due_version": 2}),
        (OCCURRENCES, {"status": "cancelled"}),
        (OCCURRENCES, {"assumed": True}),
        (OCCURRENCES, {"due_version": 2}),
        (PROGRAMMES, {"draft": True}),
    ],
)
def test_nothing_is_drafted_about_what_nobody_may_be_urged_to_do(committee, table, changes):
    with writing(committee) as connection:
        connection.execute(update(table).values(**changes))
    assert draft(committee) == []
    assert (rows(committee, LETTERS), diary(committee)) == ([], [])


def test_a_report_sent_back_for_correction_is_open_again(committee):
    change(committee, f"{YEAR}/SYT", done_on=date(2024, 12, 5), returned_on=date(2024, 12, 6), due_version=2)
    [letter] = draft(committee, late("SYT", version="1.2"))
    [row] = read(committee, letter).late
    assert row == LateAgency(NAMES["SYT"], 3, "đã trả lại ngày 06 tháng 12 năm 2024 để hoàn thiện")


def test_two_planners_at_once_draft_one_letter(committee):
    found, ready = [], threading.Barrier(2)

    def plan():
        ready.wait()
        found.extend(draft(committee))

    planners = [threading.Thread(target=plan) for _ in range(2)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join()
    assert len(found) == 1
    assert [action for _, action, _ in diary(committee)] == ["letter.drafted"]


# ---- reading ----------------------------------------------------------------------------------------


def test_a_letter_says_what_was_due_when_and_who_is_late(committee):
    [letter] = draft(committee)
    assert read(committee, letter) == LetterText(
        issuer_above=OFFICE.issuer_above,
        issuer=OFFICE.issuer,
        place="Điện Biên",
        about=f"đôn đốc thực hiện nhiệm vụ “{TITLE}”",
        addressees=(NAMES["SGD"], NAMES["SYT"]),
        programme="Chương trình hành động thực hiện Nghị quyết số 17-NQ/TU",
        document="văn bản số 351/QĐ-UBND ngày 18 tháng 02 năm 2022 của UBND tỉnh Điện Biên",
        title=TITLE,
        named_date=date(2024, 12, 10),
        included=False,
        last_on_time=date(2024, 12, 9),
        as_of=TODAY,
        late=(LateAgency(NAMES["SGD"], 3), LateAgency(NAMES["SYT"], 3)),
        signer_title=OFFICE.signer_title,
        recipients=(NAMES["BDT"],),
    )


def test_who_has_sent_in_the_meantime_drops_out(committee):
    [letter] = draft(committee)
    change(committee, f"{YEAR}/SGD", done_on=TODAY)
    found = read(committee, letter, date(2024, 12, 16))
    assert (found.addressees, found.late) == ((NAMES["SYT"],), (LateAgency(NAMES["SYT"], 5),))
    with reading(committee) as connection:
        assert open_duties_of(connection, letter) == [(f"{YEAR}/SYT", "1.1", "SYT")]
        assert [one.agencies for one in letters_waiting(connection)] == [(NAMES["SYT"],)]


def test_a_letter_to_nobody_is_not_written(committee):
    [letter] = draft(committee)
    change(committee, f"{YEAR}/SGD", done_on=TODAY)
    change(committee, f"{YEAR}/SYT", waived_on=TODAY)
    with pytest.raises(NothingToUrge, match="Chọn không gửi"):
        read(committee, letter)
    with pytest.raises(NothingToUrge):
        decide(committee, letter, "approve", number="05/CV-BCĐ", signer="Lê Thành Đô")
    with reading(committee) as connection:
        assert [one.agencies for one in letters_waiting(connection)] == [()]
    assert decide(committee, letter, "waive") is LetterState.WAIVED


def test_a_secret_matter_is_known_by_its_code(committee):
    with writing(committee) as connection:
        connection.execute(update(OCCURRENCES).values(secret=True))
    [letter] = draft(committee)
    found = read(committee, letter)
    assert (found.title, found.programme, found.document) == (f"mã {YEAR}", "", "")
    text = text_of(write_letter(TEMPLATE, found))
    assert "Báo cáo" not in text
    assert "Chương trình hành động" not in text
    assert f"Nhiệm vụ “mã {YEAR}” phải hoàn thành trước ngày 10" in text
    with reading(committee) as connection:
        assert letters_waiting(connection)[0].title == f"mã {YEAR}"


def test_a_long_title_stays_out_of_the_subject(committee):
    with writing(committee) as connection:
        connection.execute(update(OCCURRENCES).values(title="Báo cáo " * 20))
    [letter] = draft(committee)
    assert read(committee, letter).about == "đôn đốc thực hiện nhiệm vụ theo Quyết định 351/QĐ-UBND"


def test_a_collector_receives_where_the_paper_names_nobody(committee):
    with writing(committee) as connection:
        connection.execute(TIES.delete())
        connection.execute(update(PROGRAMMES).values(collector="SGD"))
    [letter] = draft(committee)
    assert read(committee, letter).recipients == (NAMES["SGD"],)


def test_a_letter_that_is_not_there(committee):
    with pytest.raises(UnknownLetter, match="Không có công văn 7"):
        read(committee, 7)
    with pytest.raises(UnknownLetter):
        decide(committee, 7, "waive")


# ---- deciding ---------------------------------------------------------------------------------------


def test_approving_keeps_the_number_the_signer_and_the_digest_of_what_was_signed(committee):
    [letter] = draft(committee)
    change(committee, f"{YEAR}/SGD", done_on=TODAY)
    text = signed_by("Lê Thành Đô", read(committee, letter), TODAY)
    signed = write_letter(TEMPLATE, text)
    digest = hashlib.sha256(signed).hexdigest()
    given = {"number": "05/CV-BCĐ", "signer": "Lê Thành Đô", "digest": digest}
    assert decide(committee, letter, "approve", **given) is LetterState.APPROVED
    [row] = rows(committee, LETTERS)
    assert {name: row[name] for name in ("state", "decided_by", "decided_at", *given)} == {
        "state": "approved", "decided_by": "Lò Thị Hoa", "decided_at": AT, **given,
    }  # fmt: skip
    assert [row["duty"] for row in rows(committee, LETTER_DUTIES)] == [f"{YEAR}/SYT"]
    # what happens afterwards does not change what was signed
    change(committee, f"{YEAR}/SYT", extended_to=date(2024, 12, 31), due_version=2)
    later = read(committee, letter, date(2025, 1, 6))
    assert later == text
    assert write_letter(TEMPLATE, later) == signed
    with reading(committee) as connection:
        assert open_duties_of(connection, letter) == []


def test_the_audit_says_who_approved_what(committee):
    [letter] = draft(committee)
    change(committee, f"{YEAR}/SGD", done_on=TODAY)
    decide(committee, letter, "approve", number="05/CV-BCĐ", signer="Lê Thành Đô", signer_title="KT. TRƯỞNG BAN")
    details = rows(committee, table_of(AuditEntry))[-1]["details"]
    assert details == (
        '{"agencies":["SYT"],"digest":null,"left_out":["SGD"],"number":"05/CV-BCĐ","remark":"","round":1,'
        '"signer":"Lê Thành Đô","signer_title":"KT. TRƯỞNG BAN"}'
    )
    assert diary(committee)[-1] == ("Lò Thị Hoa", "letter.approved", f"letter/{letter}")


@pytest.mark.parametrize(
    ("decision", "given", "sentence"),
    [
        ("approve", {"by": " \n"}, "Chưa ghi ai quyết định"),
        ("approve", {}, "thiếu số công văn và người ký"),
        ("approve", {"number": "05/CV-BCĐ", "signer": "  "}, "thiếu người ký"),
        ("approve", {"signer": "Lê Thành Đô"}, "thiếu số công văn"),
        ("return", {}, "chưa ghi phải sửa gì"),
    ],
)
def test_a_decision_that_lacks_something_changes_nothing(committee, decision, given, sentence):
    [letter] = draft(committee)
    before = rows(committee, LETTERS), diary(committee)
    with pytest.raises(UndecidableLetter, match=sentence):
        decide(committee, letter, decision, **given)
    assert (rows(committee, LETTERS), diary(committee)) == before


def test_a_returned_letter_is_drafted_anew_with_the_remark(committee):
    [letter] = draft(committee)
    with writing(committee) as connection:
        mark_told(connection, letter, TODAY)
    assert decide(committee, letter, "return", remark="Bổ sung\nsố văn bản") is LetterState.DRAFTED
    with reading(committee) as connection:
        assert letters_waiting(connection) == [
            WaitingLetter(letter, YEAR, TITLE, 2, TODAY, (NAMES["SGD"], NAMES["SYT"]), "Bổ sung số văn bản")
        ]
    assert rows(committee, LETTERS)[0]["told_on"] is None
    assert diary(committee)[-1] == ("Lò Thị Hoa", "letter.returned", f"letter/{letter}")
    assert read(committee, letter).remark == "Bổ sung số văn bản"
    assert decide(committee, letter, "approve", number="06/CV-BCĐ", signer="Lê Thành Đô") is LetterState.APPROVED
    assert read(committee, letter).remark == ""


SIGNED = {"number": "05/CV-BCĐ", "signer": "Lê Thành Đô"}


@pytest.mark.parametrize(
    ("decision", "given"), [("approve", SIGNED), ("return", {"remark": "Sửa ngày"}), ("waive", {"remark": "Đã gọi"})]
)
def test_the_same_decision_twice_changes_nothing(committee, decision, given):
    [letter] = draft(committee)
    first = decide(committee, letter, decision, **given)
    before = rows(committee, LETTERS), diary(committee)
    assert decide(committee, letter, decision, at=AT + timedelta(minutes=1), **given) is first
    assert (rows(committee, LETTERS), diary(committee)) == before


@pytest.mark.parametrize(
    ("first", "then", "given"),
    [
        ("approve", "waive", {}),
        ("approve", "return", {"remark": "Sửa"}),
        ("approve", "approve", SIGNED | {"number": "06/CV-BCĐ"}),
        ("waive", "approve", SIGNED),
        ("waive", "return", {"remark": "Sửa"}),
    ],
)
def test_a_decision_is_never_overwritten(committee, first, then, given):
    [letter] = draft(committee)
    decide(committee, letter, first, **(SIGNED if first == "approve" else {}))
    before = rows(committee, LETTERS), diary(committee)
    with pytest.raises(LetterAlreadyDecided, match="ngày 12 tháng 12 năm 2024"):
        decide(committee, letter, then, by="Mùa A Sử", **given)
    assert (rows(committee, LETTERS), diary(committee)) == before


# ---- waiting ----------------------------------------------------------------------------------------


def silent(engine, today, answer_days=2):
    with reading(engine) as connection:
        return [one.id for one in unanswered(connection, today, DAYS, answer_days)]


def test_nobody_answers_for_more_than_two_working_days(committee):
    [letter] = draft(committee)  # a Thursday: the second working day is Monday
    assert silent(committee, date(2024, 12, 16)) == []
    assert silent(committee, date(2024, 12, 17)) == [letter]
    assert silent(committee, date(2024, 12, 17), {YEAR: 3}) == []
    assert silent(committee, date(2024, 12, 17), {}) == [letter]
    with writing(committee) as connection:
        mark_told(connection, letter, date(2024, 12, 17))
        mark_told(connection, letter, date(2024, 12, 18))
    assert rows(committee, LETTERS)[0]["told_on"] == date(2024, 12, 17)
    assert silent(committee, date(2024, 12, 30)) == []


def test_a_returned_letter_waits_from_the_day_it_came_back(committee):
    [letter] = draft(committee)
    decide(committee, letter, "return", remark="Sửa", at=datetime(2024, 12, 17, 0, 30, tzinfo=VIETNAM))
    assert silent(committee, date(2024, 12, 19)) == []
    assert silent(committee, date(2024, 12, 20)) == [letter]


def test_a_decided_letter_waits_no_more(committee):
    [letter] = draft(committee)
    decide(committee, letter, "approve", **SIGNED)
    with reading(committee) as connection:
        assert letters_waiting(connection) == []
    assert silent(committee, date(2024, 12, 30)) == []


# ---- the Word file ----------------------------------------------------------------------------------


def signed_by(signer, letter, dated):
    return replace(letter, number="05/CV-BCĐ", signer=signer, dated=dated, draft=False, remark="")


LETTER = LetterText(
    issuer_above=OFFICE.issuer_above,
    issuer=OFFICE.issuer,
    place="Điện Biên",
    about=f"đôn đốc thực hiện nhiệm vụ “{TITLE}”",
    addressees=("Sở Y tế", "Sở Giáo dục và Đào tạo"),
    programme="Chương trình hành động thực hiện Nghị quyết số 17-NQ/TU",
    document="văn bản số 351/QĐ-UBND ngày 18 tháng 02 năm 2022 của UBND tỉnh Điện Biên",
    title=TITLE,
    named_date=date(2024, 12, 10),
    included=False,
    last_on_time=date(2024, 12, 9),
    as_of=TODAY,
    late=(LateAgency("Sở Y tế", 3), LateAgency("Sở Giáo dục và Đào tạo", 12, "đã gia hạn đến hết ngày …")),
    signer_title=OFFICE.signer_title,
    recipients=("Ban Dân tộc tỉnh", OFFICE.issuer),
    remark="Bổ sung số văn bản",
)
ALONE = replace(LETTER, addressees=LETTER.addressees[:1], late=LETTER.late[:1])
SIGNED_LETTER = signed_by("Lê Thành Đô", ALONE, date(2024, 2, 5))


def opened(content):
    return Document(BytesIO(content))


def lines(content):
    """Every paragraph and every row of the body; cells are separated by " | ", their paragraphs by " / "."""
    found = []
    for block in opened(content).iter_inner_content():
        if isinstance(block, Table):
            found += [
                " | ".join(" / ".join(filter(None, cell.text.split("\n"))) for cell in r.cells) for r in block.rows
            ]
        elif block.text:
            found.append(block.text)
    return found


def text_of(content):
    with ZipFile(BytesIO(content)) as parts:
        headers = [name for name in parts.namelist() if name.startswith("word/header")]
    assert headers
    section = opened(content).sections[0]
    above = [p.text for head in (section.first_page_header, section.header) for p in head.paragraphs]
    return "\n".join([*above, *lines(content)])


def test_a_draft_to_two_agencies_reads_so():
    assert lines(write_letter(TEMPLATE, LETTER)) == [
        "ỦY BAN NHÂN DÂN TỈNH ĐIỆN BIÊN / BAN CHỈ ĐẠO CÁC CHƯƠNG TRÌNH MỤC TIÊU QUỐC GIA TỈNH / Số: …… / "
        f"V/v đôn đốc thực hiện nhiệm vụ “{TITLE}” | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM / "
        "Độc lập - Tự do - Hạnh phúc / Điện Biên, ngày … tháng … năm …",
        "Kính gửi:",
        "- Sở Y tế;",
        "- Sở Giáo dục và Đào tạo.",
        "Theo Chương trình hành động thực hiện Nghị quyết số 17-NQ/TU (văn bản số 351/QĐ-UBND ngày 18 tháng 02 năm "
        f"2022 của UBND tỉnh Điện Biên), nhiệm vụ “{TITLE}” phải hoàn thành trước ngày 10 tháng 12 năm 2024; ngày cuối "
        "cùng còn đúng hạn là ngày 09 tháng 12 năm 2024.",
        "Tính đến ngày 12 tháng 12 năm 2024, các cơ quan, đơn vị sau đây chưa gửi kết quả thực hiện nhiệm vụ nêu trên:",
        "TT | Cơ quan, đơn vị | Số ngày làm việc chậm | Ghi chú",
        "1 | Sở Y tế | 03 | ",
        "2 | Sở Giáo dục và Đào tạo | 12 | đã gia hạn đến hết ngày …",
        f"{OFFICE.issuer} đề nghị các cơ quan, đơn vị có tên nêu trên khẩn trương hoàn thành và gửi kết quả về Ban Dân "
        f"tộc tỉnh và {OFFICE.issuer} ngay sau khi nhận được công văn này; trường hợp có khó khăn, vướng mắc, đề nghị "
        "báo cáo bằng văn bản, nêu rõ lý do./.",
        "Nơi nhận: / - Như trên; / - Ban Dân tộc tỉnh; / - Lưu: VT. | TM. BAN CHỈ ĐẠO / TRƯỞNG BAN",
        "Ý kiến khi trả lại: Bổ sung số văn bản",
    ]


def test_a_signed_letter_to_one_agency_has_no_table_and_its_number_date_and_signer():
    found = lines(write_letter(TEMPLATE, SIGNED_LETTER))
    assert found[0].split(" | ")[0].endswith(f"Số: 05/CV-BCĐ / V/v đôn đốc thực hiện nhiệm vụ “{TITLE}”")
    assert found[0].endswith("Điện Biên, ngày 05 tháng 02 năm 2024")
    assert found[1] == "Kính gửi: Sở Y tế"
    assert found[3] == (
        "Tính đến ngày 12 tháng 12 năm 2024, Sở Y tế chưa gửi kết quả thực hiện nhiệm vụ nêu trên, chậm "
        "03 ngày làm việc."
    )
    assert found[-1].endswith("TM. BAN CHỈ ĐẠO / TRƯỞNG BAN / Lê Thành Đô")
    assert len(found) == 6


def test_dự_thảo_stands_on_every_page_until_it_is_approved():
    assert text_of(write_letter(TEMPLATE, LETTER)).count("DỰ THẢO") == 2
    signed = text_of(write_letter(TEMPLATE, signed_by("Lê Thành Đô", LETTER, TODAY)))
    assert "DỰ THẢO" not in signed
    assert LETTER.remark not in signed


def test_somebody_else_signs_under_their_own_title():
    deputy = replace(signed_by("Lò Văn Tiến", ALONE, TODAY), signer_title="KT. TRƯỞNG BAN\nPHÓ TRƯỞNG BAN")
    assert lines(write_letter(TEMPLATE, deputy))[-1].endswith("KT. TRƯỞNG BAN / PHÓ TRƯỞNG BAN / Lò Văn Tiến")


def test_a_body_without_another_above_it_stands_alone():
    assert lines(write_letter(TEMPLATE, replace(LETTER, issuer_above="")))[0].startswith("BAN CHỈ ĐẠO")


def test_a_day_that_is_itself_on_time_is_called_so():
    included = replace(ALONE, included=True, last_on_time=LETTER.named_date)
    assert "chậm nhất ngày 10 tháng 12 năm 2024; ngày cuối cùng còn đúng hạn là ngày 10" in text_of(
        write_letter(TEMPLATE, included)
    )


def test_the_page_is_a4_with_the_margins_of_the_decree():
    [section] = opened(write_letter(TEMPLATE, LETTER)).sections
    page = (section.page_width, section.page_height)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(side / Mm(1)) for side in (*page, *margins)] == [210, 297, 20, 20, 30, 20]
    assert section.different_first_page_header_footer  # the first page carries no number
    assert "PAGE" in section.header._element.xml


def runs_of(document):
    tables = (cell for table in document.tables for row in table.rows for cell in row.cells)
    for block in [*tables, document]:
        for paragraph in block.paragraphs:
            yield from ((paragraph, run) for run in paragraph.runs if run.text)


def test_every_letter_is_times_new_roman_11_to_14():
    document = opened(write_letter(TEMPLATE, LETTER))
    assert document.styles["Normal"].font.name == "Times New Roman"
    assert {run.font.name for _, run in runs_of(document)} == {None}
    assert {run.font.size for _, run in runs_of(document)} <= {Pt(11), Pt(12), Pt(13), Pt(14)}


@pytest.mark.parametrize(
    ("begins", "size", "bold", "italic", "align"),
    [
        ("ỦY BAN", 12, None, None, WD_ALIGN_PARAGRAPH.CENTER),
        ("BAN CHỈ ĐẠO CÁC", 12, True, None, WD_ALIGN_PARAGRAPH.CENTER),
        ("Số:", 13, None, None, WD_ALIGN_PARAGRAPH.CENTER),
        ("V/v", 12, None, None, WD_ALIGN_PARAGRAPH.CENTER),
        ("CỘNG HÒA", 12, True, None, WD_ALIGN_PARAGRAPH.CENTER),
        ("Độc lập", 13, True, None, WD_ALIGN_PARAGRAPH.CENTER),
        ("Điện Biên, ngày", 13, None, True, WD_ALIGN_PARAGRAPH.CENTER),
        ("Theo", 14, None, None, WD_ALIGN_PARAGRAPH.JUSTIFY),
        ("Nơi nhận:", 12, True, True, WD_ALIGN_PARAGRAPH.LEFT),
        ("- Như trên", 11, None, None, WD_ALIGN_PARAGRAPH.LEFT),
        ("TM.", 14, True, None, WD_ALIGN_PARAGRAPH.CENTER),
    ],
)
def test_each_part_is_set_as_the_decree_asks(begins, size, bold, italic, align):
    document = opened(write_letter(TEMPLATE, LETTER))
    paragraph, run = next((p, run) for p, run in runs_of(document) if p.text.startswith(begins))
    assert (run.font.size, run.bold, run.italic, paragraph.alignment) == (Pt(size), bold, italic, align)


HOSTILE = "Sở <b>A</b> & “B” {{ so }} {% if %} </w:t>\r\nBcc: x\t\x07\x0c\x00\ufffe\ud800 'C' \"D\""
HARMLESS = "Sở <b>A</b> & “B” {{ so }} {% if %} </w:t> Bcc: x 'C' \"D\""


def test_a_name_is_text_whatever_stands_in_it():
    odd = replace(
        LETTER,
        **dict.fromkeys(
            ("issuer", "place", "about", "programme", "document", "title", "signer", "number", "remark"), HOSTILE
        ),
        addressees=(HOSTILE, HOSTILE),
        recipients=("Ban Dân tộc tỉnh", HOSTILE),
        late=(LateAgency(HOSTILE, 3, HOSTILE), LateAgency(HOSTILE, 4)),
    )
    content = write_letter(TEMPLATE, odd)
    found = lines(content)
    assert found[2:4] == [f"- {HARMLESS};", f"- {HARMLESS}."]
    assert f"1 | {HARMLESS} | 03 | {HARMLESS}" in found
    assert found[-1] == f"Ý kiến khi trả lại: {HARMLESS}"
    assert len(found) == len(lines(write_letter(TEMPLATE, LETTER)))
    assert opened(content).core_properties.title == HARMLESS


@settings(max_examples=60)
@given(st.text(min_size=1))
def test_no_text_breaks_the_file(text):
    found = lines(write_letter(TEMPLATE, replace(ALONE, title=text, addressees=(text,))))
    assert len(found) == 7


def test_the_same_letter_is_the_same_file_in_another_process_and_at_another_time():
    program = (
        "import sys, hashlib; from datetime import date; from pathlib import Path;"
        "from notices.letter_document import LateAgency, LetterText, write_letter;"
        "day = date(2024, 12, 9);"
        "letter = LetterText('', 'Ban Chỉ đạo', 'Điện Biên', 'đôn đốc', ('Sở A', 'Sở B'), 'Chương trình', '',"
        "'Báo cáo', day, True, day, day, (LateAgency('Sở A', 1), LateAgency('Sở B', 2)), 'TM.');"
        "print(hashlib.sha256(write_letter(Path(sys.argv[1]), letter)).hexdigest())"
    )
    digests = set()
    for seed in ("1", "2", "3"):
        made = subprocess.run(
            [sys.executable, "-c", program, str(TEMPLATE)],
            cwd=ROOT, env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}, check=True, capture_output=True, text=True,
        )  # fmt: skip
        digests.add(made.stdout)
    assert len(digests) == 1


def test_the_file_tells_no_hour_and_nobody_who_edited_the_template():
    content = write_letter(TEMPLATE, SIGNED_LETTER)
    with ZipFile(BytesIO(content)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    about = opened(content).core_properties
    assert (about.title, about.author, about.last_modified_by) == (ALONE.about, OFFICE.issuer, OFFICE.issuer)
    assert (f"{about.created:%Y-%m-%d %H:%M}", f"{about.modified:%Y-%m-%d %H:%M}") == ("2024-02-05 00:00",) * 2


# ---- a template somebody broke ----------------------------------------------------------------------


def edited(tmp_path, old, new, part="word/document.xml"):
    """The template with ``old`` written as ``new``, as somebody might in Word."""
    path = tmp_path / "mau-moi.docx"
    with ZipFile(TEMPLATE) as parts, ZipFile(path, "w") as changed:
        for name in parts.namelist():
            content = parts.read(name).decode()
            assert name != part or old in content
            changed.writestr(name, content.replace(old, new) if name == part else content)
    return path


@pytest.mark.parametrize(
    ("old", "new", "tag", "sentence"),
    [
        ("{{ so }}", "{{ so_cong_van }}", "so_cong_van", "không có thẻ tên so_cong_van"),
        ("{{ dong.ten }}", "{{ dong.tenn }}", "tenn", "không có thẻ tên tenn"),
        ("{{ y_kien }}", "{{ y_kien_khac }}", "y_kien_khac", "không có thẻ tên y_kien_khac"),
        ("{{ so }}", "{{ so", "", "viết sai thẻ|có thẻ viết sai"),
        ("{{ so }}", "{{ so so }}", "Số: {{ so so }}", "viết sai thẻ ở đoạn «Số: {{ so so }}»"),
        ("{{ so }}", "{{ so | hoa }}", "Số: {{ so | hoa }}", "viết sai thẻ ở đoạn «Số: {{ so | hoa }}»"),
        ("{%p endfor %}", "", "", "viết sai thẻ|có thẻ viết sai"),
        ("{{ so }}", "{{ so.__class__.__mro__ }}", "", "tính không được"),
        ("{{ so }}", "{{ 1 // 0 }}", "", "tính không được"),
        ("{{ so }}", "{{ kinh_gui[5] }}", "", "không có thẻ tên như đã viết"),
    ],
)
def test_a_wrong_tag_is_named_with_its_file(tmp_path, old, new, tag, sentence):
    with pytest.raises(UnusableLetterTemplate, match=sentence) as refused:
        write_letter(edited(tmp_path, old, new), LETTER)
    assert "mau-moi.docx" in refused.value.sentence
    assert refused.value.help
    assert not tag or refused.value.tag == tag


def test_a_tag_is_checked_also_where_this_letter_does_not_come_by(tmp_path):
    broken = edited(tmp_path, "{{ y_kien }}", "{{ y_kienn }}")
    with pytest.raises(UnusableLetterTemplate, match="y_kienn"):
        write_letter(broken, SIGNED_LETTER)


def test_a_tag_that_cuts_across_a_row_is_refused_and_not_mended_in_silence(tmp_path):
    broken = edited(tmp_path, "{%tr for dong in cham %}", "{%tc for dong in cham %}")
    with pytest.raises(UnusableLetterTemplate, match="thẻ đặt sai chỗ"):
        write_letter(broken, LETTER)


def test_a_template_that_would_not_say_dự_thảo_is_refused(tmp_path):
    path = TEMPLATE
    for part in ("word/header1.xml", "word/header2.xml", "word/document.xml"):
        old = "{%p if du_thao and y_kien %}" if "document" in part else "{% if du_thao %}DỰ THẢO{% endif %}"
        with ZipFile(path) as parts:
            kept = {name: parts.read(name).decode() for name in parts.namelist()}
        kept[part] = kept[part].replace(old, "{%p if y_kien %}" if "document" in part else "")
        path = tmp_path / "mau.docx"
        with ZipFile(path, "w") as changed:
            for name, content in kept.items():
                changed.writestr(name, content)
    with pytest.raises(UnusableLetterTemplate, match="thiếu thẻ du_thao"):
        write_letter(path, LETTER)


@pytest.mark.parametrize("content", [b"", b"khong phai Word", TEMPLATE.read_bytes()[:4000]])
def test_a_file_that_is_no_word_file_is_refused(tmp_path, content):
    path = tmp_path / "mau.docx"
    path.write_bytes(content)
    with pytest.raises(UnusableLetterTemplate, match=r"mau\.docx: tệp không phải văn bản Word"):
        write_letter(path, LETTER)


def test_a_zip_that_is_no_word_file_is_refused(tmp_path):
    path = tmp_path / "mau.docx"
    with ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(UnusableLetterTemplate, match="không phải văn bản Word"):
        write_letter(path, LETTER)


def test_a_template_that_is_not_there(tmp_path):
    with pytest.raises(UnusableLetterTemplate, match=r"khong-co\.docx: không đọc được tệp"):
        write_letter(tmp_path / "khong-co.docx", LETTER)


def test_every_tag_of_the_guide_is_in_the_template_and_the_other_way_round():
    guide = (TEMPLATE.parent / "README.md").read_text(encoding="utf-8")
    told = {line.split("`")[1] for line in guide.splitlines() if line.startswith("| `")}
    rows = {f"dong.{name}" for name in _tags(LETTER)["cham"][0]}
    assert told == _tags(LETTER).keys() | rows
