"""Who hears what on which day: whole papers lived a day at a time, on both databases."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from models.columns import table_of
from models.notice import AuditEntry
from notices.hours import ZONE
from notices.letters import NothingToUrge, decide_letter, letters_waiting
from notices.signed_letters import send_signed_letter
from notices.tables import DUTIES, LETTERS, NOTICES, RUNGS
from office.store import reading, writing
from planning.submissions import extend_duty, mark_done, return_duty, waive_duty
from tests.notices.offices import POLICY, Office, contacts

D = date
AUDIT = table_of(AuditEntry)
REPORT = """\
  - id: BC
    line: 1
    title: Báo cáo năm
    kind: report
    when: {when}
    lead: [{lead}]
    recipients: [BAN]
"""
TOTAL = """\
  - id: TH
    line: 2
    title: Tổng hợp
    kind: report
    when: trước ngày 20/12/2024
    lead: [BAN]
    depends_on: [{item: BC}]
"""
MEETING = """\
  - id: HN
    line: 3
    title: Hội nghị
    kind: conference
    when: tháng 7 năm 2024
    lead: [A]
    participants: [B]
"""
DUTY = "P/BC/2024"
DUE = "Hạn 09/12/2024"


def report(when="trước ngày 10/12/2024", lead="A, B", more=""):
    return REPORT.format(when=when, lead=lead) + more


@pytest.fixture
def office(engine, write_programmes):
    return Office(engine, write_programmes, began=D(2024, 1, 1))


def heard(told):
    """Who heard anything, by day."""
    return {day: [who for who, _ in messages] for day, messages in told.items()}


BOTH, HEADS, TK, TB = ["A.focal", "B.focal"], ["A.head", "B.head"], "TK", "TB"


# ---- a year in which nobody hands anything in --------------------------------------------------------


def test_a_silent_year_climbs_the_ladder_rung_by_rung(office):
    office.paper(report(more=TOTAL), day=D(2024, 10, 1))
    told = office.live_until(D(2024, 10, 25), D(2025, 2, 7))
    assert heard(told) == {
        D(2024, 10, 28): BOTH,
        D(2024, 11, 7): ["BAN.focal"],
        D(2024, 11, 25): BOTH,
        D(2024, 12, 2): BOTH,
        D(2024, 12, 5): [*BOTH, "BAN.focal"],
        D(2024, 12, 9): BOTH,
        D(2024, 12, 10): [*HEADS, "BAN.focal"],  # the collector hears who is missing
        D(2024, 12, 12): ["BAN.focal", TK],  # −5 of the second report; a letter waits
        D(2024, 12, 17): [TK, "BAN.focal"],  # for two days nobody has decided about it; −2
        D(2024, 12, 19): ["BAN.focal"],
        D(2024, 12, 20): ["BAN.head"],
        D(2024, 12, 23): [TB],  # the first Monday after the eighteenth
        D(2024, 12, 24): [TK],
        D(2024, 12, 27): [TK],
        D(2024, 12, 30): [TB],
        D(2025, 1, 6): [TB],
        D(2025, 1, 13): [TB],
        D(2025, 1, 20): [TB],
        D(2025, 1, 21): [TK],  # +30: both agencies in one message
        D(2025, 2, 3): [TB],  # none in the week of Tết
        D(2025, 2, 7): [TK],
    }
    said = {day: [subject for _, subject in messages] for day, messages in told.items()}
    assert said[D(2024, 12, 10)] == [
        "QUÁ HẠN 1 ngày làm việc: Báo cáo năm", "QUÁ HẠN 1 ngày làm việc: Báo cáo năm",
        "QUÁ HẠN 1 ngày làm việc, 2 cơ quan chưa gửi: Báo cáo năm",
    ]  # fmt: skip
    assert [said[day][0] for day in (D(2024, 12, 23), D(2024, 12, 30), D(2025, 1, 6))] == [
        "Đến ngày 23/12/2024 có 2 nhiệm vụ quá hạn", "Đến ngày 30/12/2024 có 2 nhiệm vụ quá hạn",
        "Đến ngày 06/01/2025 có 3 nhiệm vụ quá hạn",
    ]  # fmt: skip
    assert "2 cơ quan" in said[D(2025, 1, 21)][0]
    # every rung has become one notice for each recipient, and each was accepted once
    assert {state for _, _, state in office.notices()} == {"accepted"}
    assert office.count(NOTICES) == 32
    rated = select(DUTIES.c.id, DUTIES.c.rated_on).order_by(DUTIES.c.id)
    assert office.rows(rated) == [
        (f"{DUTY}/A", D(2025, 1, 21)), (f"{DUTY}/B", D(2025, 1, 21)), ("P/TH/2024/BAN", D(2025, 2, 7)),
    ]  # fmt: skip
    marked = select(AUDIT.c.subject).where(AUDIT.c.action == "duty.rated").order_by(AUDIT.c.id)
    assert [subject for (subject,) in office.rows(marked)] == [f"{DUTY}/A", f"{DUTY}/B", "P/TH/2024/BAN"]


def test_what_an_outage_swallowed_is_told_once_and_planning_again_changes_nothing(office):
    office.paper(report(more=TOTAL), day=D(2024, 10, 1))
    missed = select(NOTICES.c.step, NOTICES.c.recipient, NOTICES.c.missed).order_by(NOTICES.c.id)
    seen = 0
    for day, expected in (
        (D(2024, 10, 28), [("before-30", "A.focal", 0), ("before-30", "B.focal", 0)]),
        # five weeks: −10 and −5 of the first report, −30 of the second
        (D(2024, 12, 3), [("before-5", "A.focal", 1), ("before-5", "B.focal", 1), ("before-30", "BAN.focal", 0)]),
        # a week: −2 and the last day are of no use any more, and the heads hear that they were missed
        (D(2024, 12, 10), [("missing-1", "BAN.focal", 0), ("late-1", "A.head", 2), ("late-1", "B.head", 2),
                           ("before-10", "BAN.focal", 0)]),
        # ten days over the letter, the chair's list and a whole deadline
        (D(2024, 12, 20), [("late-1", "BAN.head", 3), ("waiting", "TK", 0)]),
        # a month: the rating of the first, the letter of the second, one weekly list
        (D(2025, 1, 24), [("chair", "TB", 0), ("waiting", "TK", 0), ("silent", "TK", 0), ("late-30", "TK", 0),
                          ("late-30", "TK", 0)]),
    ):  # fmt: skip
        office.live(day)
        new = office.rows(missed)[seen:]
        seen += len(new)
        assert sorted(new) == sorted(expected)
        before, lines = office.everything(), office.count(AUDIT)
        office.plan(day)
        office.plan(day)
        assert (office.everything(), office.count(AUDIT)) == (before, lines)
        assert office.send(day) == []
    [text] = [one.text for one in office.courier.told if one.to == "BAN.head@example.vn"]
    assert "Thông báo này thay cho 3 lần nhắc trước không gửi được." in text


def test_one_morning_is_one_message_and_what_is_urgent_goes_by_itself(office):
    more = REPORT.format(when="trước ngày 10/12/2024", lead="A, B").replace("id: BC", "id: SK").replace("năm", "sơ kết")
    office.people = contacts(B_focal={"digest": "false"})
    office.paper(report() + more, day=D(2024, 10, 1))
    assert heard({1: office.live(D(2024, 10, 28))}) == {1: ["A.focal", "B.focal", "B.focal"]}
    assert office.courier.told[0].subject.startswith("2 việc cần lưu ý")
    sealed = select(NOTICES.c.recipient, NOTICES.c.envelope).distinct()
    assert sorted(who for who, _ in office.rows(sealed)) == ["A.focal", "B.focal", "B.focal"]
    assert [one.unsubscribe is not None for one in office.courier.told] == [True, False, False]
    office.live_until(D(2024, 12, 2), D(2024, 12, 6))
    assert sorted(who for who, _ in office.live(D(2024, 12, 9))) == ["A.focal", "A.focal", "B.focal", "B.focal"]


def test_two_steps_on_one_day_are_both_told(office):
    step = "  - {step: late-1-focal, working_days: 1, to: [focal], action: escalate}\n  - step: late-1\n"
    office.paper(report(lead="A"), day=D(2024, 12, 1), policy=POLICY.replace("  - step: late-1\n", step))
    office.live_until(D(2024, 12, 2), D(2024, 12, 9))
    assert heard({1: office.live(D(2024, 12, 10))}) == {1: ["A.head", "A.focal"]}


# ---- who is spared -----------------------------------------------------------------------------------


def test_a_draft_reminds_the_secretariat_alone_until_it_is_signed(office):
    office.paper(report(), day=D(2024, 10, 1), number="")
    office.live(D(2024, 11, 25))
    told = office.live_until(D(2024, 12, 2), D(2024, 12, 16))
    days = (D(2024, 12, 2), D(2024, 12, 5), D(2024, 12, 9))
    assert heard(told) == {day: [TK] for day in days}  # one message about both agencies; nobody is called late
    assert "dự thảo" in told[D(2024, 12, 2)][0][1]
    office.paper(report(), day=D(2024, 12, 17))  # the number is entered
    assert heard(office.live_until(D(2024, 12, 17), D(2024, 12, 24))) == {D(2024, 12, 23): [TB]}
    became = {step: became for step, (_, became) in office.rungs(f"{DUTY}/A").items()}
    assert became == dict.fromkeys(("before-10", "before-5", "before-2", "on-the-day"), "told") | {
        "before-30": "collapsed",
        "late-1": "not_escalated", "late-3": "not_escalated", "late-7": "listed", "late-30": None,
    }  # fmt: skip
    assert office.count(LETTERS) == 0


def test_a_day_nobody_wrote_down_is_reminded_of_and_not_escalated(office):
    office.paper(report(when="hằng quý", lead="A"), day=D(2024, 12, 1))
    told = office.live_until(D(2024, 12, 2), D(2025, 1, 3))
    days = (D(2024, 12, 2), D(2024, 12, 6), D(2024, 12, 13), D(2024, 12, 18), D(2024, 12, 20))
    assert heard(told) == {day: ["A.focal"] for day in days}
    assert "giả định" in told[D(2024, 12, 20)][0][1]


def test_what_was_over_when_the_office_began_is_not_chased(engine, write_programmes):
    office = Office(engine, write_programmes, began=D(2024, 12, 16))
    office.paper(report(more=TOTAL), day=D(2024, 12, 16))
    assert heard(office.live_until(D(2024, 12, 16), D(2024, 12, 24))) == {
        D(2024, 12, 17): ["BAN.focal"], D(2024, 12, 19): ["BAN.focal"], D(2024, 12, 20): ["BAN.head"],
        D(2024, 12, 24): [TK],
    }  # fmt: skip
    assert {became for _, became in office.rungs(f"{DUTY}/A").values()} == {"inherited", None}


def test_of_a_body_that_has_ended_the_secretariat_hears(engine, write_programmes):
    office = Office(engine, write_programmes, began=D(2025, 1, 1))
    year = {"first": "2025-01-01", "last": "2025-12-31"}
    office.paper(report("trước ngày 10/12/2025", "B, C"), day=D(2025, 11, 1), **year)
    assert office.rows(select(DUTIES.c.agency, DUTIES.c.handover).order_by(DUTIES.c.agency)) == [
        ("B", False),
        ("C", True),
    ]
    told = office.live_until(D(2025, 11, 25), D(2025, 12, 11))
    assert heard(told) == {
        D(2025, 11, 25): ["B.focal", TK], D(2025, 12, 2): ["B.focal", TK], D(2025, 12, 5): ["B.focal", TK],
        D(2025, 12, 9): ["B.focal", TK], D(2025, 12, 10): ["B.head", "BAN.focal", TK],
    }  # fmt: skip
    days = office.definitions.working_days
    moved = office.decide(extend_duty, "P/BC/2025/C", D(2025, 12, 19), day=D(2025, 12, 11), days=days)
    assert [who for who, _ in moved] == [TK]
    office.live(D(2025, 12, 12))
    with reading(office.engine) as connection:
        assert [letter.agencies for letter in letters_waiting(connection)] == [("Sở B",)]


def test_of_a_secret_matter_nothing_is_said_but_its_days(office):
    office.paper(report(lead="A, B").rstrip("\n") + "\n    secret: true\n    product: Đề án mật\n", day=D(2024, 10, 1))
    for day in (D(2024, 12, 2), D(2024, 12, 10), D(2024, 12, 12), D(2024, 12, 17), D(2024, 12, 23)):
        office.live(day)
    office.decide(extend_duty, f"{DUTY}/A", D(2024, 12, 30), day=D(2024, 12, 24), days=office.definitions.working_days)
    office.live(D(2025, 1, 22))
    told = office.courier.told
    kinds = {kind for (kind,) in office.rows(select(NOTICES.c.kind).distinct())}
    assert kinds == {
        "reminder",
        "overdue",
        "missing",
        "letter_waiting",
        "letter_silent",
        "chair_list",
        "rating",
        "changed",
    }
    for message in told:
        seen = " ".join([message.subject, message.text, message.html, message.short, *message.parameters.values()])
        for secret in ("Báo cáo năm", "Chương trình P", "1/KH", "Sở A", "Sở B", "Ban Chỉ đạo", "Đề án", "P/BC"):
            assert secret not in seen, message.subject
        assert "việc mật" in seen.lower() or message.to == "TB@example.vn"
    assert "Việc mật" in next(one.text for one in told if one.to == "TB@example.vn")


# ---- what changes on the way -------------------------------------------------------------------------


def test_more_time_lays_a_ladder_of_its_own(office):
    office.paper(report(), day=D(2024, 10, 1))
    office.live_until(D(2024, 12, 2), D(2024, 12, 4))
    office.plan(D(2024, 12, 5))  # −2 waits for the digest's hour …
    days = office.definitions.working_days
    told = office.decide(extend_duty, f"{DUTY}/A", D(2024, 12, 15), day=D(2024, 12, 5), hour="07:00", days=days)
    assert sorted(told) == [
        ("A.focal", "Đã gia hạn đến hết ngày 15/12/2024 – Báo cáo năm"),
        ("B.focal", "Hạn 09/12/2024 (còn 2 ngày làm việc): Báo cáo năm"),
    ]
    cancelled = select(NOTICES.c.step, NOTICES.c.recipient, NOTICES.c.reason).where(NOTICES.c.state == "cancelled")
    assert office.rows(cancelled) == [("before-2", "A.focal", "Thời hạn đã thay đổi.")]
    assert office.rungs(f"{DUTY}/A", "1.1")["before-2"] == (D(2024, 12, 5), "told")
    assert {became for _, became in list(office.rungs(f"{DUTY}/A", "1.1").values())[4:]} == {"replaced"}
    # Sunday 15/12, so Friday 13/12 is worked by
    assert office.rungs(f"{DUTY}/A", "1.2") == {
        "before-30": (D(2024, 11, 1), "collapsed"), "before-10": (D(2024, 11, 29), "changed"),
        "before-5": (D(2024, 12, 6), None), "before-2": (D(2024, 12, 11), None),
        "on-the-day": (D(2024, 12, 13), None), "late-1": (D(2024, 12, 16), None),
        "late-3": (D(2024, 12, 18), None), "late-7": (D(2024, 12, 24), None), "late-30": (D(2025, 2, 3), None),
    }  # fmt: skip
    told = office.live_until(D(2024, 12, 6), D(2024, 12, 18))
    assert heard(told) == {
        D(2024, 12, 6): ["A.focal"], D(2024, 12, 9): ["B.focal"], D(2024, 12, 10): ["B.head", "BAN.focal"],
        D(2024, 12, 11): ["A.focal"], D(2024, 12, 12): [TK], D(2024, 12, 13): ["A.focal"],
        D(2024, 12, 16): ["A.head"], D(2024, 12, 17): [TK], D(2024, 12, 18): [TK],
    }  # fmt: skip
    assert told[D(2024, 12, 10)][1][1] == "QUÁ HẠN 1 ngày làm việc, 1 cơ quan chưa gửi: Báo cáo năm"
    # the second letter is about A alone, late by its own day
    assert told[D(2024, 12, 18)][0][1] == "QUÁ HẠN 3 ngày làm việc, công văn đôn đốc chờ duyệt: Báo cáo năm"


def test_back_for_correction_is_reminded_of_and_never_escalated(office):
    office.paper(report(), day=D(2024, 10, 1))
    office.live(D(2024, 12, 2))
    for agency in "AB":
        assert office.decide(mark_done, f"{DUTY}/{agency}", D(2024, 12, 3), day=D(2024, 12, 3)) == []
    assert office.decide(return_duty, f"{DUTY}/A", day=D(2024, 12, 4), until=D(2024, 12, 13)) == [
        ("A.focal", "Bị trả lại để sửa, nộp lại chậm nhất 13/12/2024 – Báo cáo năm")
    ]
    assert office.decide(return_duty, f"{DUTY}/B", day=D(2024, 12, 4)) == [
        ("B.focal", "Bị trả lại để sửa – Báo cáo năm")
    ]
    assert heard(office.live_until(D(2024, 12, 5), D(2024, 12, 17))) == {
        day: ["A.focal"] for day in (D(2024, 12, 6), D(2024, 12, 11), D(2024, 12, 13))
    }  # fmt: skip
    assert list(office.rungs(f"{DUTY}/A", "1.2")) == ["before-30", "before-10", "before-5", "before-2", "on-the-day"]
    assert office.rungs(f"{DUTY}/B", "1.2") == {}
    # what the collection would have said is closed with its last report
    assert office.rungs("P/BC/2024") == {"missing-1": (D(2024, 12, 10), "closed")}


def test_who_is_waived_hears_so_and_nothing_else(office):
    office.paper(report(), day=D(2024, 10, 1))
    office.live(D(2024, 12, 2))
    assert office.decide(waive_duty, f"{DUTY}/A", day=D(2024, 12, 3)) == [
        ("A.focal", "Cơ quan không phải thực hiện việc này nữa – Báo cáo năm")
    ]
    assert heard(office.live_until(D(2024, 12, 4), D(2024, 12, 11))) == {
        D(2024, 12, 5): ["B.focal"], D(2024, 12, 9): ["B.focal"], D(2024, 12, 10): ["B.head", "BAN.focal"],
    }  # fmt: skip


def test_another_day_is_told_to_those_who_knew_the_first_and_still_owe(office):
    office.paper(report(lead="A, B, C"), day=D(2024, 10, 1))
    office.live(D(2024, 12, 2))
    office.decide(mark_done, f"{DUTY}/C", D(2024, 12, 2), day=D(2024, 12, 2))
    office.paper(report("trước ngày 13/12/2024", "A, B, C"), day=D(2024, 12, 3))
    assert office.live(D(2024, 12, 3)) == [(who, "Hạn mới: ngày cuối 12/12/2024 – Báo cáo năm") for who in BOTH]
    assert office.rungs(f"{DUTY}/A", "2.1")["before-2"] == (D(2024, 12, 10), None)
    assert heard(office.live_until(D(2024, 12, 4), D(2024, 12, 11))) == {D(2024, 12, 5): BOTH, D(2024, 12, 10): BOTH}
    office.paper(MEETING, day=D(2024, 12, 11))  # the report is not asked for any more
    assert office.live(D(2024, 12, 11)) == [
        (who, "Việc này không còn trong chương trình – Báo cáo năm") for who in BOTH
    ]
    assert office.live_until(D(2024, 12, 12), D(2024, 12, 31)) == {}


def test_an_invitation_is_told_to_whoever_heard_of_the_window(office):
    office.paper(MEETING, day=D(2024, 6, 1))
    assert heard(office.live_until(D(2024, 6, 25), D(2024, 7, 2))) == {D(2024, 7, 1): ["A.focal"]}
    fixed = MEETING + "    fixed: [{first: 2024-07-25, starts: 08:00, by: Giấy mời số 9/GM-BCĐ}]\n"
    office.paper(fixed, day=D(2024, 7, 5))
    assert office.live(D(2024, 7, 5)) == [
        ("A.focal", "Đã ấn định: 25/07/2024, 8h00 theo Giấy mời số 9/GM-BCĐ – Hội nghị"),
        # papers were to be prepared from the day before on: who never heard of the window hears of it now
        ("B.focal", "25/07/2024, 8h00: Hội nghị"),
    ]
    days = (D(2024, 7, 18), D(2024, 7, 24))
    assert heard(office.live_until(D(2024, 7, 6), D(2024, 7, 25))) == dict.fromkeys(days, BOTH)


def test_a_holiday_decided_late_moves_what_has_not_fired_and_nothing_else(office):
    office.paper(report(more=TOTAL), day=D(2024, 10, 1))
    office.live_until(D(2024, 10, 28), D(2024, 11, 8))
    off = "overrides:\n  - {day: 2024-12-04, working: false, document: 1/QĐ, decided: 2024-11-10, entered_by: VP}\n"
    office.paper(report(more=TOTAL), day=D(2024, 11, 11), extra={"holidays/2024.yaml": off})
    assert office.live(D(2024, 11, 11)) == []
    laid = office.rungs(f"{DUTY}/A", "1.1")
    assert {step: laid[step] for step in ("before-30", "before-10", "before-5", "before-2")} == {
        "before-30": (D(2024, 10, 28), "told"), "before-10": (D(2024, 11, 22), None),
        "before-5": (D(2024, 11, 29), None), "before-2": (D(2024, 12, 5), None),
    }  # fmt: skip
    assert office.rungs("P/TH/2024/BAN")["before-10"] == (
        D(2024, 12, 5),
        None,
    )  # counted back to the fifth, not the fourth
    assert {version for (version,) in office.rows(select(RUNGS.c.version).distinct())} == {"1.1", "1"}


def test_an_edited_policy_changes_nothing_that_was_promised(office):
    edited = POLICY.replace("working_days: -5\n    to: [focal]", "working_days: -4\n    to: [focal]")
    office.paper(report(more=TOTAL), day=D(2024, 10, 1))
    office.live(D(2024, 10, 28))
    office.paper(report(more=TOTAL), day=D(2024, 10, 29), policy=edited)
    office.live(D(2024, 11, 7))
    assert office.rungs(f"{DUTY}/A")["before-5"] == (D(2024, 12, 2), None)  # opened before
    assert office.rungs("P/TH/2024/BAN")["before-5"] == (D(2024, 12, 13), None)  # opened after
    own = POLICY.replace("code: default", "code: rieng").replace("working_days: -10", "working_days: -12")
    item = report(lead="B").replace("id: BC", "id: RI") + "    policy: rieng\n"
    office.paper(report(more=TOTAL) + item, day=D(2024, 11, 8), policy=edited, extra={"policies/rieng.yaml": own})
    office.live(D(2024, 11, 8))
    assert office.rungs("P/RI/2024/B")["before-10"] == (D(2024, 11, 21), None)


def test_whoever_joins_or_comes_back_is_told_what_holds_now(office):
    office.paper(report(lead="A, B"), day=D(2024, 10, 1))
    office.live(D(2024, 12, 2))
    office.paper(report(lead="A, B, C"), day=D(2024, 12, 3))
    assert office.live(D(2024, 12, 3)) == [("C.focal", "Hạn 09/12/2024 (còn 4 ngày làm việc): Báo cáo năm")]
    office.paper(report(lead="A, C"), day=D(2024, 12, 4))
    assert heard(office.live_until(D(2024, 12, 4), D(2024, 12, 9))) == {
        D(2024, 12, 5): ["A.focal", "C.focal"], D(2024, 12, 9): ["A.focal", "C.focal"],
    }  # fmt: skip
    office.paper(report(lead="A, B, C"), day=D(2024, 12, 10))
    assert heard({1: office.live(D(2024, 12, 10))}) == {1: ["A.head", "B.head", "C.head", "BAN.focal"]}
    assert heard({1: office.live(D(2024, 12, 12))}) == {1: [TK]}


# ---- people who cannot be reached, and letters -------------------------------------------------------


def test_whom_nobody_can_reach_is_seen_at_once(office):
    unverified = "[{kind: mail, address: b@example.vn}]"
    office.people = contacts(B_focal={"channels": unverified}, B_head=None)
    office.paper(report(), day=D(2024, 10, 1))
    assert office.plan(D(2024, 12, 2)).undeliverable == 1
    office.send(D(2024, 12, 2))
    assert office.plan(D(2024, 12, 10)).undeliverable == 1
    failed = select(NOTICES.c.step, NOTICES.c.recipient, NOTICES.c.channel, NOTICES.c.reason)
    assert office.rows(failed.where(NOTICES.c.state == "failed").order_by(NOTICES.c.id)) == [
        ("before-5", "B.focal", "none", "Ông B.focal chưa có kênh liên lạc nào đã kiểm tra."),
        ("late-1", "?head:B", "none", "Sở B chưa có thủ trưởng nào trong danh bạ."),
    ]


def test_a_closed_mailbox_sends_it_to_the_next_and_a_substitute_stands_in(office):
    office.courier.closed = {"A.focal@example.vn"}
    office.people = contacts(
        "substitutions:\n  - {contact: B.focal, substitute: B.head, first: 2024-12-01, last: 2024-12-31}\n"
    )
    office.paper(report(), day=D(2024, 10, 1))
    assert heard({1: office.live(D(2024, 12, 2))}) == {1: ["B.head", "A.head"]}
    assert office.notices() == [
        ("before-5", "A.focal", "failed"), ("before-5", "A.head", "accepted"), ("before-5", "B.focal", "accepted"),
    ]  # fmt: skip
    assert "Ông B.focal" in office.courier.told[0].text


def test_a_letter_asks_for_a_decision_until_there_is_one(office):
    office.paper(report(lead="A, B, C"), day=D(2024, 10, 1))
    office.live_until(D(2024, 12, 9), D(2024, 12, 12))
    office.decide(mark_done, f"{DUTY}/C", D(2024, 12, 12), day=D(2024, 12, 12))

    def decide(day, decision, **more):
        with writing(office.engine) as connection:
            decide_letter(connection, 1, decision, "Ông Tâm", office.at.replace(month=12, day=day), **more)
            return send_signed_letter(connection, 1, office.definitions.working_days, office.at)

    assert decide(13, "return", remark="Ghi rõ hạn") == 0
    assert heard({1: office.live(D(2024, 12, 16))}) == {1: [TK]}  # the second round waits
    office.plan(D(2024, 12, 19))  # for more than two working days nobody has decided …
    assert decide(19, "approve", number="12/CV", signer="Lò Văn A") == 4  # … and then somebody does, before the hour
    sent = office.send(D(2024, 12, 19))
    assert sorted(who for who, _ in sent) == sorted([*BOTH, *HEADS])
    assert office.rows(select(NOTICES.c.step, NOTICES.c.reason).where(NOTICES.c.state == "cancelled")) == [
        ("silent", "Công văn đã có người quyết định.")
    ]
    assert office.live_until(D(2024, 12, 20), D(2024, 12, 20)) == {}


def test_a_letter_with_nobody_left_to_urge_bothers_nobody(office):
    office.paper(report(), day=D(2024, 10, 1))
    office.live_until(D(2024, 12, 9), D(2024, 12, 12))
    for agency in "AB":
        office.decide(mark_done, f"{DUTY}/{agency}", D(2024, 12, 13), day=D(2024, 12, 13))
    assert office.live_until(D(2024, 12, 14), D(2024, 12, 31)) == {}


def test_a_consolidation_names_those_it_still_waits_for(office):
    office.paper(report(more=TOTAL), day=D(2024, 10, 1))
    office.live(D(2024, 12, 5))
    office.decide(mark_done, f"{DUTY}/A", D(2024, 12, 6), day=D(2024, 12, 6))
    office.live(D(2024, 12, 12))
    first, second = [
        one.text for one in office.courier.told if one.to == "BAN.focal@example.vn" and "19/12" in one.text
    ]
    assert ("Sở A" in first, "Sở B" in first) == (True, True)
    assert ("Sở A" in second, "Sở B" in second) == (False, True)


def test_a_collector_hears_nothing_when_all_who_are_missing_have_more_time(office):
    office.paper(report(), day=D(2024, 10, 1))
    office.live(D(2024, 12, 2))
    days = office.definitions.working_days
    office.decide(extend_duty, f"{DUTY}/A", D(2024, 12, 20), day=D(2024, 12, 3), days=days)
    office.decide(mark_done, f"{DUTY}/B", D(2024, 12, 3), day=D(2024, 12, 3))
    assert heard({1: office.live(D(2024, 12, 10))}) == {1: ["A.focal"]}  # −10 of her own new day
    [(reason,)] = office.rows(select(NOTICES.c.reason).where(NOTICES.c.step == "missing-1"))
    assert reason == "Không còn cơ quan nào quá hạn."


# ---- found by reading --------------------------------------------------------------------------------


def test_a_reminder_of_an_old_day_that_still_waits_never_stands_for_the_new_one(office):
    """Both are filed before the morning's post: the old day's −5, and the −30 of the day it was moved to."""
    office.paper(report(when="trước ngày 12/6/2024", lead="A"), day=D(2024, 4, 1))
    office.plan(D(2024, 6, 4), "06:00")
    assert office.notices() == [("before-5", "A.focal", "planned")]
    office.paper(report(when="trước ngày 16/7/2024", lead="A"), day=D(2024, 6, 4))
    office.plan(D(2024, 6, 4), "06:30")
    told = office.send(D(2024, 6, 4))
    assert [subject for _, subject in told] == ["Hạn 15/07/2024 (còn 29 ngày làm việc): Báo cáo năm"]


def test_each_chair_has_the_list_of_their_own_committee_alone(office):
    other = report(when="trước ngày 10/6/2024", lead="B").replace("id: BC", "id: KH").replace("Báo cáo", "Kế hoạch")
    paper = "document: {title: Q, number: 2/KH, issued: 2024-01-01, issuer: BAN, source: q}\n"
    head = f"code: Q\nshort: Chương trình Q\n{paper}"
    period = "period: {first: 2024-01-01, last: 2024-12-31}\nstanding_agency: B\nitems:\n"
    office.people = office.people + "".join(
        f"  - {{code: {code}, name: Trưởng ban {code}, agency: {code[0]}, post: chair, "
        f"channels: [{{kind: mail, address: {code}@example.vn, verified: 2024-01-02}}]}}\n"
        for code in ("A.chair", "B.chair")
    )
    office.paper(
        report(when="trước ngày 10/6/2024", lead="A"), day=D(2024, 4, 1), extra={"q.yaml": head + period + other}
    )
    told = office.live_until(D(2024, 4, 2), D(2024, 6, 24))[D(2024, 6, 24)]
    lists = {
        who: one.text for one in office.courier.told[-len(told) :] if (who := one.to.split("@")[0]).endswith("chair")
    }
    assert set(lists) == {"A.chair", "B.chair"}
    assert "Báo cáo năm" in lists["A.chair"]
    assert "Kế hoạch" not in lists["A.chair"]
    assert "Kế hoạch năm" in lists["B.chair"]


def test_where_the_paper_names_nobody_the_secretariat_hears(office):
    office.paper(MEETING.replace("lead: [A]", "lead: []"), day=D(2024, 6, 1))
    assert heard(office.live_until(D(2024, 6, 28), D(2024, 7, 2))) == {D(2024, 7, 1): [TK]}


def test_a_second_return_of_a_letter_in_the_same_words_is_a_second_round(office):
    office.paper(report(lead="A"), day=D(2024, 10, 1))
    office.live_until(D(2024, 12, 1), D(2024, 12, 12))
    for round in (1, 1, 2):  # the first one pressed twice
        with writing(office.engine) as connection:
            decide_letter(connection, 1, "return", "Chị Lan", office.at, remark="Sửa lại", round=round)
    with reading(office.engine) as connection:
        assert [letter.round for letter in letters_waiting(connection)] == [3]


def test_a_letter_drafted_by_looking_ahead_urges_nobody_who_is_still_in_time(office):
    office.paper(report(lead="A"), day=D(2024, 10, 1))
    office.live_until(D(2024, 12, 1), D(2024, 12, 12))  # three working days late: drafted
    at = datetime(2024, 12, 9, 9, 0, tzinfo=ZONE)  # and decided about as if that day had not come
    with writing(office.engine) as connection, pytest.raises(NothingToUrge):
        decide_letter(connection, 1, "approve", "Chị Lan", at, number="1/CV", signer="Ông B")
