"""Everything recorded on a screen in a year, said in words: by whom, on what grounds, and what became of it."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import update

from board.change_words import Known, say_change
from board.changes import Fate, Wanted, count_changes, read_changes, read_who_changed
from models.amendment import AmendmentKind
from models.columns import table_of
from models.occurrence import Occurrence
from office.settings import VIETNAM
from office.store import reading, writing
from planning.amendments import Basis, amended, read_amendments, record
from planning.contact_amendments import amend_contact, amend_substitution, verify_channel
from planning.definitions import ContactDefinition, SubstitutionDefinition
from planning.fixing import (
    Fix,
    amend_day,
    cancel_occurrence,
    fix_date,
    name_team,
    record_event,
    restore_occurrence,
)
from planning.on_screen import CalledOff
from planning.yearbook import plan_year

ITEMS = """\
  - {id: R, line: 1, title: Báo cáo, kind: report, when: trước 10/12/2024, lead: [A, B]}
  - {id: H, line: 2, title: Hội nghị, kind: conference, when: Tháng 7 năm 2024, lead: [B]}
  - {id: K, line: 3, title: Kiểm tra, kind: inspection, when: Quý III năm 2024, inspected: [B], lead: [A]}
  - {id: W, line: 4, title: Theo văn bản trên, kind: issue_document, when: khi có hướng dẫn của bộ, lead: [B]}
"""
AT = datetime(2024, 3, 4, 9, tzinfo=VIETNAM)
TODAY = AT.date()
EVENT, REPORT, INSPECTION, WAITING = "P/H/2024", "P/R/2024", "P/K/2024", "P/W/2024"
OLD, NEW = "cu@b.example.vn", "moi@b.example.vn"
LAN, HOA = "Bà Lan", "Ông Hòa"
FIRST, SECOND = {"on": "2024-03-01"}, {"on": "2024-03-02"}


def person(code, name, address=OLD, **more):
    ways = [{"kind": "mail", "address": address}]
    return ContactDefinition.model_validate(
        {"code": code, "name": name, "agency": "B", "post": "focal", "channels": ways} | more
    )


class Office:
    """A planned year in which things are recorded, each an hour after the other."""

    def __init__(self, engine, papers):
        self.engine, self.papers, self.at = engine, papers, AT
        with writing(engine) as connection:
            plan_year(connection, papers, 2024, TODAY)

    def do(self, deed, *about, **more):
        """One deed of planning.fixing."""
        with writing(self.engine) as connection:
            papers = amended(self.papers, read_amendments(connection))
            deed(connection, papers, *about, TODAY, self.at, **more)
        self.at += timedelta(hours=1)

    def keep(self, deed, *about):
        """One deed of planning.contact_amendments."""
        with writing(self.engine) as connection:
            deed(connection, *about, self.at)
        self.at += timedelta(hours=1)

    def changes(self, today=TODAY, year=2024, **narrowed):
        with reading(self.engine) as connection:
            return read_changes(connection, Wanted(year, **narrowed), today)

    def said(self, **asked):
        return [(one.words.sentence, one.fate) for one in self.changes(**asked)]


@pytest.fixture
def office(engine, definitions):
    return Office(engine, definitions(ITEMS))


def test_a_date_that_moved_and_was_taken_back_says_from_where_to_where(office):
    office.do(fix_date, Fix(EVENT, date(2024, 7, 11), place="Nhà A", document="GM 25", by=LAN))
    office.do(fix_date, Fix(EVENT, date(2024, 7, 12), date(2024, 7, 13), document="GM 26", why="Mưa", by=HOA))
    office.do(fix_date, Fix(EVENT, date(2024, 7, 12), date(2024, 7, 13), place="Nhà B", document="GM 27", by=LAN))
    office.do(restore_occurrence, EVENT, Basis(LAN, why="Ghi nhầm"))
    assert office.said() == [
        ("Bỏ ngày đã ấn định của Hội nghị, trở lại theo văn bản: Tháng 7 năm 2024", Fate.STANDS),
        (
            "Sửa giờ, nơi của Hội nghị từ 12/07/2024 – 13/07/2024 sang 12/07/2024 – 13/07/2024, Nhà B",
            Fate.TAKEN_BACK,
        ),
        ("Dời Hội nghị từ 11/07/2024, Nhà A sang 12/07/2024 – 13/07/2024", Fate.CHANGED),
        ("Ấn định ngày của Hội nghị: 11/07/2024, Nhà A (văn bản nêu: Tháng 7 năm 2024)", Fate.CHANGED),
    ]
    moved = office.changes()[2]
    assert (moved.who, moved.document, moved.why, moved.occurrence) == (HOA, "GM 26", "Mưa", EVENT)
    assert (moved.at, moved.later) == (AT + timedelta(hours=1), AT + timedelta(hours=2))
    assert moved.in_words == "có điều chỉnh sau"


def test_a_deadline_is_said_as_one(office):
    office.do(fix_date, Fix(REPORT, date(2024, 12, 12), document="CV 1", by=LAN, included=True))
    office.do(fix_date, Fix(REPORT, date(2024, 12, 12), document="CV 2", by=LAN, included=False))
    assert [sentence for sentence, _ in office.said()] == [
        "Dời Báo cáo từ chậm nhất 12/12/2024 sang trước 12/12/2024",
        "Ấn định hạn của Báo cáo: chậm nhất 12/12/2024 (văn bản nêu: trước 10/12/2024)",
    ]


def test_what_was_called_off_overrules_its_date_until_it_is_restored(office):
    hours = {"starts": time(8), "ends": time(11, 30)}
    office.do(fix_date, Fix(EVENT, date(2024, 7, 11), document="GM 25", by=LAN, **hours))
    office.do(cancel_occurrence, EVENT, Basis(LAN, why="Hoãn"))
    fixed = "Ấn định ngày của Hội nghị: 11/07/2024, 8h00-11h30 (văn bản nêu: Tháng 7 năm 2024)"
    assert office.said() == [("Hủy Hội nghị", Fate.STANDS), (fixed, Fate.CALLED_OFF)]
    office.do(restore_occurrence, EVENT, Basis(LAN, why="Lại họp"))
    assert office.said() == [
        ("Khôi phục Hội nghị", Fate.STANDS),
        ("Hủy Hội nghị", Fate.TAKEN_BACK),
        (fixed, Fate.STANDS),
    ]


def test_teams_events_and_days_are_said_by_name(office):
    office.do(name_team, INSPECTION, "DOAN1", Basis(LAN, "QĐ 5"))
    office.do(name_team, INSPECTION, None, Basis(LAN, "QĐ 6"))
    office.do(record_event, WAITING, date(2024, 3, 1), Basis(LAN, "HD 9"))
    office.do(amend_day, date(2024, 12, 30), False, Basis(LAN, "QĐ 7"))
    office.do(amend_day, date(2024, 12, 30), None, Basis(LAN, why="Bỏ"))
    assert office.said() == [
        ("Bỏ quyết định về ngày 30/12/2024 (thứ Hai), trở lại theo lịch nghỉ và văn bản đã nhập", Fate.STANDS),
        ("Quyết định ngày 30/12/2024 (thứ Hai) là ngày nghỉ", Fate.TAKEN_BACK),
        ("Ghi sự việc của Theo văn bản trên đã xảy ra ngày 01/03/2024", Fate.STANDS),
        ("Thôi giao Kiểm tra cho Đoàn 1", Fate.STANDS),
        ("Giao Kiểm tra cho Đoàn 1", Fate.TAKEN_BACK),
    ]
    assert [one.occurrence for one in office.changes()] == ["", "", WAITING, INSPECTION, INSPECTION]


def test_of_people_it_is_said_what_changed_and_never_an_address(office):
    office.keep(amend_contact, person("B.moi", "Lò Thị Hoa", valid_from="2024-03-04"), LAN)
    office.keep(verify_channel, "B.moi", "mail", OLD, TODAY, LAN)
    office.keep(amend_contact, person("B.moi", "Lò Thị Hoa", NEW, post="head", valid_to="2024-12-31"), LAN)
    office.keep(amend_contact, person("B.thay", "Lò Văn Bình", valid_from="2024-01-02"), LAN)
    leave = {"contact": "B.moi", "substitute": "B.thay", "first": "2024-03-11", "last": "2024-03-15"}
    office.keep(amend_substitution, SubstitutionDefinition.model_validate(leave), LAN)
    lent = "Ghi người thay cho Lò Thị Hoa: Lò Văn Bình, từ 11/03/2024 đến hết 15/03/2024"
    said = office.said()
    assert said == [
        (lent, Fate.STANDS),
        ("Sửa người liên hệ Lò Văn Bình", Fate.STANDS),
        ("Sửa người liên hệ Lò Thị Hoa: vai trò, ngày cuối 31/12/2024, địa chỉ thư", Fate.STANDS),
        ("Sửa người liên hệ Lò Thị Hoa: đã kiểm tra địa chỉ thư", Fate.CHANGED),
        ("Thêm người liên hệ Lò Thị Hoa", Fate.CHANGED),
    ]
    assert "@" not in repr(office.changes())
    assert office.said(today=date(2024, 3, 16))[0] == (lent, Fate.OVER)


def test_the_year_is_vietnams_and_one_may_ask_for_a_kind_or_a_person(office):
    office.at = datetime(2023, 12, 31, 23, 59, tzinfo=VIETNAM)
    office.do(amend_day, date(2024, 12, 30), False, Basis(LAN, "QĐ 1"))
    office.at = datetime(2024, 1, 1, 0, 0, tzinfo=VIETNAM)
    office.do(amend_day, date(2024, 12, 30), True, Basis(HOA, "QĐ 2"))
    office.do(fix_date, Fix(EVENT, date(2024, 7, 11), document="GM 25", by=LAN))
    dates, days = AmendmentKind.DATE, AmendmentKind.DAY
    assert [one.kind for one in office.changes()] == [dates, days]
    assert [one.kind for one in office.changes(kind=days)] == [days]
    assert [one.kind for one in office.changes(by=LAN)] == [dates]
    assert [(one.fate, one.who) for one in office.changes(year=2023)] == [(Fate.CHANGED, LAN)]
    with reading(office.engine) as connection:
        assert read_who_changed(connection, 2024) == [LAN, HOA]
        assert [count_changes(connection, Wanted(year)) for year in (2023, 2024, 2025)] == [1, 2, 0]
        [last] = read_changes(connection, Wanted(2024), TODAY, most=1, skip=1)
    assert last.kind is days


def test_of_a_secret_matter_only_its_days_are_said(office):
    office.do(fix_date, Fix(EVENT, date(2024, 7, 11), place="Nhà A", document="GM 25", why="Mưa", by=LAN))
    table = table_of(Occurrence)
    with writing(office.engine) as connection:
        connection.execute(update(table).where(table.c.id == EVENT).values(secret=True))
    [line] = office.changes()
    assert line.words.sentence == "Ấn định ngày của Việc mật: 11/07/2024"
    assert (line.document, line.why) == ("", "")


def test_what_the_paper_no_longer_has_is_said_by_its_code(office):
    with writing(office.engine) as connection:
        record(connection, AmendmentKind.CANCEL, "P/X/2024", CalledOff(), Basis(LAN, "QĐ"), AT)
    [line] = office.changes()
    assert (line.words.sentence, line.fate, line.occurrence) == ("Hủy P/X/2024", Fate.GONE, "")


@pytest.mark.parametrize(
    ("kind", "before", "after", "says"),
    [
        (AmendmentKind.TEAM, {"team": "D1"}, {"team": "D2"}, "Chuyển X từ D1 sang D2"),
        (AmendmentKind.EVENT, FIRST, SECOND, "Sửa ngày sự việc của X từ 01/03/2024 sang 02/03/2024"),
        (AmendmentKind.EVENT, FIRST, None, "Bỏ sự việc đã ghi của X, lại chờ"),
        (AmendmentKind.DATE, None, None, "Bỏ ngày đã ấn định của X, trở lại theo văn bản"),
        (AmendmentKind.CONTACT, {"contact": {}}, None, "Bỏ điều đã ghi về X"),
    ],
)  # fmt: skip
def test_words_of_what_is_rarer(kind, before, after, says):
    assert say_change(kind, before, after, Known("P/X/2024", "X", TODAY)).sentence == says
