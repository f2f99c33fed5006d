"""An acknowledgement is recorded once, by whoever holds the mailbox, and only of what still holds."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from models.audit import verify_audit
from notices.acknowledgement import (
    NoLinkToRevoke,
    NothingToAcknowledge,
    UnusableName,
    acknowledge,
    acknowledge_notice,
    clean_name,
    read_told,
    revoke_link,
)
from notices.refusals import UnknownContact, accept_digests, has_refused_digests, refuse_digests
from office.store import reading, writing
from tests.notices.told_rows import (
    AT,
    DUTIES,
    ENVELOPE,
    NOTICES,
    OCCURRENCES,
    REPORT,
    acknowledgements,
    add_contact,
    add_notice,
    add_report,
    audited,
    change,
    everything,
    utc,
)

DUTY = f"{REPORT}/SYT"
LATER = AT + timedelta(hours=3)


@pytest.fixture
def told(engine):
    """One reminder of one duty, sent and accepted; ``told.notice`` is its number."""
    with writing(engine) as connection:
        add_report(connection)
        add_contact(connection)
        notice = add_notice(connection)
    return SimpleNamespace(engine=engine, notice=notice)


def state_of(engine, notice):
    with reading(engine) as connection:
        row = connection.execute(NOTICES.select().where(NOTICES.c.id == notice)).one()
    return row.state, row.reason, row.acknowledged_at


def test_what_was_told_can_be_read_again(told):
    with reading(told.engine) as connection:
        [notice] = read_told(connection, ENVELOPE).notices
        [english] = read_told(connection, ENVELOPE, "en").notices
    assert (notice.kind, notice.title, notice.agency) == ("Nhắc việc", "Báo cáo kết quả năm 2024", "Sở Y tế")
    assert notice.when == "trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024"
    assert english.when == "before 10/12/2024, last day 09/12/2024, work done by 09/12/2024"
    assert (english.kind, english.title) == ("Reminder", "Báo cáo kết quả năm 2024")
    assert notice.is_open


def test_a_message_nobody_sent_is_nothing(told):
    with reading(told.engine) as connection:
        assert read_told(connection, "0" * 32) is None


def test_acknowledging_is_recorded_with_name_way_and_time(told):
    with writing(told.engine) as connection:
        assert acknowledge(connection, ENVELOPE, "  Lò  Thị Hoa ", AT, "link") == 1
    with reading(told.engine) as connection:
        assert acknowledgements(connection) == [(told.notice, "hoa", "Lò Thị Hoa", "link", utc(AT))]
        assert audited(connection) == [("mailbox:hoa", "notice.acknowledged", DUTY)]
        assert read_told(connection, ENVELOPE).acknowledged_at == AT
    assert state_of(told.engine, told.notice) == ("accepted", None, utc(AT))


def test_a_second_time_changes_nothing_and_the_first_stays(told):
    with writing(told.engine) as connection:
        acknowledge(connection, ENVELOPE, "Lò Thị Hoa", AT, "link")
        before = everything(connection)
    with writing(told.engine) as connection:
        assert acknowledge(connection, ENVELOPE, "Người khác", LATER, "link") == 0
        assert acknowledge_notice(connection, told.notice, "Văn thư", LATER) is False
        assert everything(connection) == before


def test_two_at_once_are_one(told):
    def answer(name):
        with writing(told.engine) as connection:
            return acknowledge(connection, ENVELOPE, name, AT, "link")

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(answer, ["Hoa", "Mai", "Lan", "Cúc"] * 4))
    assert sorted(counts) == [0] * 15 + [1]
    with reading(told.engine) as connection:
        assert len(acknowledgements(connection)) == len(audited(connection)) == 1
        assert verify_audit(connection).broken_at is None


def test_one_answer_acknowledges_everything_a_digest_told(told):
    with writing(told.engine) as connection:
        others = [add_notice(connection, step=f"D-{number}") for number in range(1, 4)]
        add_notice(connection, step="D-30", envelope="0" * 32)
    with writing(told.engine) as connection:
        assert acknowledge(connection, ENVELOPE, "Hoa", AT, "link") == 4
        assert [line[0] for line in acknowledgements(connection)] == [told.notice, *others]


@pytest.mark.parametrize("changed", [(OCCURRENCES, "date"), (DUTIES, "extension")], ids=lambda one: one[1])
def test_a_link_of_an_older_date_opens_and_acknowledges_nothing(told, changed):
    with writing(told.engine) as connection:
        change(connection, changed[0], due_version=2)
    with writing(told.engine) as connection:
        assert acknowledge(connection, ENVELOPE, "Hoa", AT, "link") == 0
        [notice] = read_told(connection, ENVELOPE).notices
        assert (notice.current, notice.is_open) == (False, False)
        with pytest.raises(NothingToAcknowledge, match="thời hạn đã thay đổi"):
            acknowledge_notice(connection, told.notice, "Hoa", AT)
        assert (acknowledgements(connection), audited(connection)) == ([], [])


def test_a_digest_with_one_older_date_acknowledges_the_rest(told):
    with writing(told.engine) as connection:
        add_notice(connection, version="1.0", step="D-10")
        conference = add_notice(connection, subject=REPORT, version="1", step="E-5", kind="event")
    with writing(told.engine) as connection:
        assert acknowledge(connection, ENVELOPE, "Hoa", AT, "link") == 2
        assert [line[0] for line in acknowledgements(connection)] == [told.notice, conference]


def test_a_list_has_no_due_day_that_could_change(told):
    with writing(told.engine) as connection:
        empty = {"occurrence": None, "agency": None, "envelope": "1" * 32}
        add_notice(connection, subject="chair/2024-W49", version="1", step="chair", kind="chair_list", **empty)
        [notice] = read_told(connection, "1" * 32).notices
    assert (notice.kind, notice.title, notice.when, notice.current) == ("Danh sách gửi Trưởng ban", "", "", True)


@pytest.mark.parametrize(
    ("state", "attempts", "can"),
    [
        ("planned", 0, False),
        ("pending", 0, False),
        ("pending", 1, True),
        ("sending", 0, True),
        ("accepted", 1, True),
        ("delivered", 1, True),
        ("bounced", 1, True),
        ("unknown", 1, True),
        ("failed", 1, False),
        ("superseded", 1, False),
        ("cancelled", 1, False),
    ],
)
def test_only_what_may_have_arrived_is_acknowledged(told, state, attempts, can):
    with writing(told.engine) as connection:
        change(connection, NOTICES, state=state, attempts=attempts)
    with writing(told.engine) as connection:
        assert acknowledge(connection, ENVELOPE, "Hoa", AT, "link") == can


def test_a_waiting_resend_of_what_was_acknowledged_is_cancelled(told):
    with writing(told.engine) as connection:
        change(connection, NOTICES, state="pending", attempts=2)
    with writing(told.engine) as connection:
        acknowledge(connection, ENVELOPE, "Hoa", AT, "link")
    assert state_of(told.engine, told.notice) == ("cancelled", "đã báo nhận", utc(AT))


def test_a_revoked_link_shows_nothing_and_acknowledges_nothing(told):
    with writing(told.engine) as connection:
        change(connection, NOTICES, link_revoked=True)
    with writing(told.engine) as connection:
        assert read_told(connection, ENVELOPE) is None
        assert acknowledge(connection, ENVELOPE, "Hoa", AT, "link") == 0
        assert acknowledgements(connection) == []


def test_a_link_is_revoked_once_by_somebody_for_a_reason(told):
    with writing(told.engine) as connection:
        assert revoke_link(connection, told.notice, "Lò Thị Hoa", "Gửi nhầm hộp thư", AT) is True
        assert revoke_link(connection, told.notice, "Lò Thị Hoa", "Gửi nhầm hộp thư", AT) is False
        assert read_told(connection, ENVELOPE) is None
        assert audited(connection) == [("Lò Thị Hoa", "notice.link_revoked", DUTY)]
        for number, why, words in ((999, "Gửi nhầm", "Không có thông báo số 999"), (told.notice, " ", "Thiếu lý do")):
            with pytest.raises(NoLinkToRevoke, match=words):
                revoke_link(connection, number, "Lò Thị Hoa", why, AT)


def test_the_office_records_what_it_was_told_by_telephone(told):
    with writing(told.engine) as connection:
        change(connection, NOTICES, link_revoked=True)  # the link only; the telephone still rings
        assert acknowledge_notice(connection, told.notice, "Văn thư Sở Y tế", AT) is True
        assert acknowledgements(connection) == [(told.notice, "hoa", "Văn thư Sở Y tế", "command", utc(AT))]
        assert audited(connection) == [("Văn thư Sở Y tế", "notice.acknowledged", DUTY)]


def test_what_does_not_exist_or_was_not_sent_is_a_sentence(told):
    with writing(told.engine) as connection:
        change(connection, NOTICES, state="planned", attempts=0)
        with pytest.raises(NothingToAcknowledge, match="chưa được gửi"):
            acknowledge_notice(connection, told.notice, "Hoa", AT)
        with pytest.raises(NothingToAcknowledge, match="Không có thông báo số 999"):
            acknowledge_notice(connection, 999, "Hoa", AT)


def test_a_secret_matter_shows_its_dates_and_no_title(told):
    with writing(told.engine) as connection:
        change(connection, OCCURRENCES, secret=True)
    with reading(told.engine) as connection:
        [notice] = read_told(connection, ENVELOPE).notices
        [english] = read_told(connection, ENVELOPE, "en").notices
    assert (notice.title, english.title) == ("Việc mật", "Secret matter")
    assert "09/12/2024" in notice.when
    assert "Báo cáo" not in repr((notice, english))
    assert (notice.agency, english.agency) == ("", "")


@pytest.mark.parametrize(
    ("duty", "when"),
    [
        (
            {"extended_to": date(2024, 12, 21), "work_by": date(2024, 12, 20)},
            "gia hạn đến hết 21/12/2024, nên xong 20/12/2024",
        ),
        (
            {"returned_on": date(2024, 12, 11), "correct_by": date(2024, 12, 16)},
            "trả lại để sửa, nộp lại chậm nhất 16/12/2024",
        ),
        ({"returned_on": date(2024, 12, 11)}, "trả lại để sửa"),
    ],
    ids=["extended", "returned until a day", "returned"],
)
def test_the_day_is_the_one_that_holds_now(told, duty, when):
    with writing(told.engine) as connection:
        change(connection, DUTIES, **duty)
        assert read_told(connection, ENVELOPE).notices[0].when == when


@pytest.mark.parametrize(
    ("days", "when"),
    [
        ({"first": date(2024, 12, 16), "last": date(2024, 12, 16), "certainty": "exact"}, "ngày 16/12/2024"),
        ({"first": date(2024, 10, 1), "last": date(2024, 12, 31), "certainty": "quarter"}, "Quý IV/2024"),
        ({}, ""),
    ],
    ids=["a day", "a quarter", "no time at all"],
)
def test_an_event_or_a_stretch_is_told_as_the_paper_does(told, days, when):
    with writing(told.engine) as connection:
        change(connection, OCCURRENCES, named_date=None, last_on_time=None, work_by=None, **days)
        assert read_told(connection, ENVELOPE).notices[0].when == when


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("Lò Thị Hoa", "Lò Thị Hoa"),
        ("Lo\u0300 Thi\u0323 Hoa", "Lò Thị Hoa"),  # decomposed, as a Mac types it
        ("  Vừ   A Pó\t", "Vừ A Pó"),
        ("Hà\u00a0My", "Hà My"),
        ("<b>Hoa</b>", "<b>Hoa</b>"),  # a name to us; pages escape it
        ("A" * 100, "A" * 100),
    ],
)
def test_a_name_is_tidied(typed, clean):
    assert clean_name(typed) == clean


@pytest.mark.parametrize(
    "typed",
    ["", " ", "A", "12", "--", "A" * 101, "Hoa\nMai", "Hoa\0", "Hoa\u202eaoH", "Ho\u200ba", "Hoa\ud800", "Hoa\x1b[31m"],
)
def test_what_is_no_name_is_refused(told, typed):
    with pytest.raises(UnusableName, match="Họ tên cần"):
        clean_name(typed)
    with writing(told.engine) as connection, pytest.raises(UnusableName):
        acknowledge(connection, ENVELOPE, typed, AT, "link")


def test_digests_are_refused_once_and_accepted_again(told):
    with writing(told.engine) as connection:
        assert not has_refused_digests(connection, "hoa")
        assert refuse_digests(connection, "hoa", AT.date(), AT) is True
        assert refuse_digests(connection, "hoa", LATER.date(), LATER) is False
        assert has_refused_digests(connection, "hoa")
        assert accept_digests(connection, "hoa", "Văn thư", LATER) is True
        assert accept_digests(connection, "hoa", "Văn thư", LATER) is False
        assert audited(connection) == [
            ("mailbox:hoa", "digest.refused", "hoa"),
            ("Văn thư", "digest.accepted", "hoa"),
        ]


def test_digests_refused_twice_at_once_are_refused_once(told):
    def refuse(_number):
        with writing(told.engine) as connection:
            return refuse_digests(connection, "hoa", AT.date(), AT)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(refuse, range(12))) == [False] * 11 + [True]


def test_nobody_unknown_refuses_digests(told):
    with writing(told.engine) as connection, pytest.raises(UnknownContact, match="ai-do"):
        refuse_digests(connection, "ai-do", AT.date(), AT)
