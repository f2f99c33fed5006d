"""Who is invited when somebody asks, and who hears when the meeting moves, changes its place or is off."""

from dataclasses import replace
from datetime import date, datetime, time
from email import message_from_bytes
from email.policy import default

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from calendars.invitations import Mailbox
from models.columns import table_of
from models.kinds import ChannelKind
from models.notice import AuditEntry
from notices.evidence import read_proof, say_proof
from notices.hours import ZONE
from notices.invitations import ImpossibleInvitation, invite, read_invitees, why_not_to_invite
from notices.mail import MailChannel, read_mail_server
from notices.planning import plan_notices
from notices.post_office import send_due
from notices.tables import NOTICES
from office.store import reading, writing
from planning.amendments import Basis
from planning.fixing import Fix, cancel_occurrence, fix_date, restore_occurrence
from tests.notices.offices import Office, contacts

D = date
MEETING = "P/HN/2024"
ITEMS = """\
  - {id: HN, line: 1, title: Hội nghị, kind: conference, when: tháng 7 năm 2024, lead: [A], participants: [B]}
  - {id: KT, line: 2, title: Kiểm tra, kind: inspection, when: quý III năm 2024, lead: [A], inspected: [B]}
  - {id: BC, line: 3, title: Báo cáo, kind: report, when: trước ngày 10/12/2024, lead: [A]}
"""
FRIDAY = D(2024, 7, 12)
MONDAY = D(2024, 6, 3)  # long before any reminder of the ladder
FIRST = "thứ Sáu, 12/07/2024, 8h00: Hội nghị"
UNTRIED = {"channels": "[{kind: mail, address: B.focal@example.vn}]"}
INVITATIONS = NOTICES.c.kind == "invitation"


class InvitingOffice(Office):
    """An office with an address answers come back to, whose people fix dates and invite."""

    def post_office(self):
        return replace(super().post_office(), organizer=Mailbox("Thư ký", "don-doc@bcd.example.vn"))

    def do(self, deed, *arguments, day=MONDAY, hour="09:00"):
        """What a person records, with the planning that follows it in the same transaction."""
        self.at = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZONE)
        with writing(self.engine) as connection:
            deed(connection, self.definitions, *arguments, day, self.at)
            days = self.definitions.working_days
            plan_notices(connection, self.definitions.ladders, days, self.at, self.at, self.began)

    def fix(self, first=FRIDAY, *, place="Nhà A", starts=time(8), why="", **when):
        self.do(fix_date, Fix(MEETING, first, starts=starts, place=place, document="GM 25", why=why, by="Lan"), **when)

    def cancel(self, **when):
        self.do(cancel_occurrence, MEETING, Basis("Lan", "", "Trưởng ban bận"), **when)

    def restore(self, **when):
        self.do(restore_occurrence, MEETING, Basis("Lan", "", "Nhầm"), **when)

    def invite(self, occurrence=MEETING, by="Chị Lan", day=MONDAY, hour="09:10"):
        at = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZONE)
        with writing(self.engine) as connection:
            return invite(connection, occurrence, by, self.definitions.working_days, at)

    def mail(self, day=MONDAY, hour="10:00"):
        """The messages of a sending, by recipient; each goes to one person."""
        before = len(self.courier.told)
        self.send(day, hour)
        told = self.courier.told[before:]
        found = {message.to.removesuffix("@example.vn"): message for message in told}
        assert len(found) == len(told)
        return found

    def why_not(self, occurrence=MEETING, day=MONDAY):
        with reading(self.engine) as connection:
            return why_not_to_invite(connection, occurrence, day)

    def invitees(self, day=MONDAY):
        with reading(self.engine) as connection:
            return {(one.part, one.name): one.standing for one in read_invitees(connection, MEETING, day)}

    def meet(self, people):
        """contacts.yaml as it is from now on."""
        self.people = people
        with writing(self.engine) as connection:
            self.refresh_people(connection)

    def states(self):
        return self.notices(INVITATIONS)


@pytest.fixture
def office(engine, write_programmes):
    office = InvitingOffice(engine, write_programmes, began=D(2024, 1, 1))
    office.paper(ITEMS, day=MONDAY)
    office.fix()
    office.mail()  # whatever the ladder says on the first day
    return office


def entry(message):
    """METHOD, SEQUENCE, STATUS, day and guest of what a message brings."""
    [event] = (calendar := Calendar.from_ical(message.invitation.content)).events
    assert (calendar["METHOD"], event["UID"]) == (message.invitation.method, "P.HN.2024@dondoc")
    start = event["DTSTART"].dt
    day = start.date() if isinstance(start, datetime) else start
    return message.invitation.method, event["SEQUENCE"], str(event["STATUS"]), day, str(event["ATTENDEE"])


REQUESTED = ("REQUEST", 1, "CONFIRMED", D(2024, 7, 12))
GUESTS = ("A.focal", "B.focal")


# ---- asked for -----------------------------------------------------------------------------------


def test_nobody_is_invited_before_somebody_asks(office):
    assert office.states() == []
    assert office.invitees() == {
        ("Chủ trì", "Ông A.focal"): "sẽ mời", ("Phối hợp", "Ông B.focal"): "sẽ mời",
    }  # fmt: skip


def test_each_gets_one_mail_of_their_own_and_asking_again_doubles_nothing(office):
    assert (office.invite(), office.invite()) == (2, 0)
    mails = office.mail()
    assert {who: message.subject for who, message in mails.items()} == dict.fromkeys(GUESTS, f"Giấy mời, {FIRST}")
    assert {who: entry(message) for who, message in mails.items()} == {
        who: (*REQUESTED, f"mailto:{who}@example.vn") for who in GUESTS
    }
    text = mails["B.focal"].text
    for line in ("Trân trọng kính mời: Ông B.focal, Sở B", "Thời gian: thứ Sáu, 12/07/2024, 8h00", "Địa điểm: Nhà A",
                 "Chủ trì: Sở A", "Căn cứ: GM 25", "giay-moi.ics"):  # fmt: skip
        assert line in text
    assert "thay đổi" not in text
    assert office.invite(hour="11:00") == 0
    assert office.mail(hour="11:10") == {}
    assert office.invitees()["Chủ trì", "Ông A.focal"] == "đã mời: máy chủ đã nhận"


def test_asking_again_invites_who_has_come_to_it_since(office):
    office.invite()
    office.mail()
    away = "substitutions:\n  - {contact: B.focal, substitute: B.head, first: 2024-06-04, last: 2024-06-10}\n"
    office.meet(contacts(away))
    tuesday = D(2024, 6, 4)
    assert office.invitees(tuesday) == {
        ("Chủ trì", "Ông A.focal"): "đã mời: máy chủ đã nhận", ("Phối hợp", "Ông B.head"): "sẽ mời",
    }  # fmt: skip
    assert office.invite(day=tuesday) == 1
    [mail] = office.mail(tuesday).values()
    assert entry(mail) == (*REQUESTED, "mailto:B.head@example.vn")
    # who was invited, not who stands in today, has it in their calendar
    office.fix(D(2024, 7, 15), why="Bận", day=tuesday, hour="13:00")
    assert {who for who, mail in office.mail(tuesday, "14:00").items() if mail.invitation} == {*GUESTS, "B.head"}


def test_who_has_no_mailbox_gets_a_short_text_and_who_has_nothing_is_named(office):
    telephone = {"channels": "[{kind: sms, address: '0912345678', verified: 2024-01-02}]"}
    both = {"channels": "[{kind: sms, address: '0912345679', verified: 2024-01-02}, "
            "{kind: mail, address: B.focal@example.vn, verified: 2024-01-02}]"}  # fmt: skip
    office.meet(contacts(A_focal=telephone, B_focal=both))
    assert "tin ngắn" in office.invitees()["Chủ trì", "Ông A.focal"]
    assert office.invite() == 2
    mails = office.mail()
    assert (mails["0912345678"].invitation, mails["0912345678"].short[:38]) == (None, f"Kính mời dự, {FIRST[:25]}")
    assert mails["B.focal"].invitation is not None  # although a telephone stands first
    office.meet(contacts(A_focal=UNTRIED, B_focal=None, B_head=None))
    standing = office.invitees()
    assert standing["Chủ trì", "Ông A.focal"].startswith("không mời được: Ông A.focal chưa có kênh")
    assert standing["Phối hợp", ""] == "không mời được: Sở B chưa có đầu mối nào trong danh bạ."


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda office: office.restore(), "Chưa ấn định ngày"),
        (lambda office: office.cancel(), "đã hủy"),
        (lambda office: office.paper(ITEMS.replace("conference,", "conference, secret: true,"), day=MONDAY), "mật"),
        (lambda office: office.paper(ITEMS, day=MONDAY, number=""), "dự thảo"),
    ],
    ids=["no day", "called off", "secret", "draft"],
)
def test_what_nobody_can_be_invited_to_is_one_sentence(office, change, why):
    change(office)
    assert why in office.why_not()
    with pytest.raises(ImpossibleInvitation, match=why):
        office.invite()
    assert office.states() == []


def test_neither_to_what_is_over_nor_to_a_report_nor_to_nothing_nor_by_nobody(office):
    assert office.why_not(day=D(2024, 7, 12)) is None
    assert "đã qua" in office.why_not(day=D(2024, 7, 13))
    assert "không tổ chức vào một ngày" in office.why_not("P/BC/2024")
    with pytest.raises(ImpossibleInvitation, match="Không có việc"):
        office.invite("P/KHONG/2024")
    with pytest.raises(ImpossibleInvitation, match="Thiếu người"):
        office.invite(by=" ")


# ---- followed ------------------------------------------------------------------------------------


def told(mails):
    """What each got: an entry's METHOD and SEQUENCE, or the subject of an ordinary notice."""
    return {who: entry(one)[:4] if one.invitation else one.subject for who, one in mails.items()}


def test_another_day_is_a_new_invitation_and_nobody_hears_it_twice(office):
    office.invite()
    office.mail()
    office.fix(D(2024, 7, 15), why="Trưởng ban bận", hour="13:00")
    mails = office.mail(hour="14:00")
    assert told(mails) == dict.fromkeys(GUESTS, ("REQUEST", 2, "CONFIRMED", D(2024, 7, 15)))
    text = mails["A.focal"].text
    assert mails["A.focal"].subject == "Giấy mời, có thay đổi, thứ Hai, 15/07/2024, 8h00: Hội nghị"
    assert "Trước đã báo: 12/07/2024, 8h00, Nhà A\n" in text
    assert "Lý do, căn cứ thay đổi: Trưởng ban bận; người quyết định: Lan\n" in text
    assert office.mail(hour="15:00") == {}
    office.plan(MONDAY, "15:30")
    assert office.mail(hour="16:00") == {}


@pytest.mark.parametrize("changed", [{"place": "Nhà B"}, {"starts": time(14)}])
def test_another_place_or_hour_is_one_too(office, changed):
    office.invite()
    office.mail()
    office.fix(**changed, hour="13:00")
    mails = office.mail(hour="14:00")
    assert told(mails) == dict.fromkeys(GUESTS, ("REQUEST", 2, "CONFIRMED", D(2024, 7, 12)))
    assert "Nội dung thay đổi: Đổi giờ, nơi họp: 12/07/2024" in mails["B.focal"].text
    assert "Trước đã báo: 12/07/2024, 8h00, Nhà A\n" in mails["B.focal"].text


def test_called_off_and_back_again_the_sequence_grows_each_time(office):
    office.invite()
    office.mail()
    office.cancel(hour="13:00")
    mails = office.mail(hour="13:30")
    assert told(mails) == dict.fromkeys(GUESTS, ("CANCEL", 2, "CANCELLED", D(2024, 7, 12)))
    assert mails["A.focal"].subject == "HỦY: Hội nghị (đã mời 12/07/2024, 8h00, Nhà A)"
    assert "Lý do, căn cứ: Trưởng ban bận; người quyết định: Lan\n" in mails["A.focal"].text
    assert "Nội dung thay đổi: Việc này đã hủy\n" in mails["A.focal"].text
    office.restore(hour="14:00")
    mails = office.mail(hour="14:30")
    assert told(mails) == dict.fromkeys(GUESTS, ("REQUEST", 3, "CONFIRMED", D(2024, 7, 12)))
    text = mails["A.focal"].text
    assert "Nội dung thay đổi: Tổ chức lại: 12/07/2024, 8h00 theo GM 25\n" in text
    assert "Trước đã báo: Việc này đã hủy\n" in text


def test_what_the_paper_drops_was_not_called_off(office):
    office.invite()
    office.mail()
    office.restore(hour="12:00")
    office.fix(hour="12:05")
    office.paper(ITEMS.partition("  - {id: KT")[2].partition("\n")[2], day=MONDAY)
    office.plan(MONDAY, "13:00")
    mails = office.mail(hour="13:30")
    assert "Nội dung thay đổi: Việc này không còn trong chương trình\n" in mails["A.focal"].text


def test_the_invitation_s_own_paper_is_no_reason_and_neither_is_a_name(office):
    office.invite()
    office.mail()
    office.fix(D(2024, 7, 15), hour="13:00")
    text = office.mail(hour="14:00")["A.focal"].text
    assert "Căn cứ: GM 25\n" in text
    assert "người quyết định" not in text


def test_a_day_taken_back_strikes_the_day_its_guests_know_and_once(office):
    office.invite()
    office.mail()
    office.restore(hour="13:00")
    mails = office.mail(hour="13:30")
    assert told(mails) == dict.fromkeys(GUESTS, ("CANCEL", 2, "CANCELLED", D(2024, 7, 12)))
    assert "Không tổ chức vào ngày đã mời; có ngày mới thì mời lại" in mails["A.focal"].text
    office.cancel(hour="14:00")  # nobody's calendar has it any more
    assert not any(mail.invitation for mail in office.mail(hour="14:30").values())
    office.restore(hour="15:00")
    office.fix(D(2024, 7, 16), hour="15:10")
    assert told(office.mail(hour="15:30")) == dict.fromkeys(GUESTS, ("REQUEST", 5, "CONFIRMED", D(2024, 7, 16)))


def test_what_has_not_left_is_let_go_for_the_newer_one_which_tells_no_change(office):
    office.invite()
    office.fix(D(2024, 7, 15), why="Bận", hour="09:20")
    mails = office.mail()
    assert told(mails) == dict.fromkeys(GUESTS, ("REQUEST", 2, "CONFIRMED", D(2024, 7, 15)))
    assert "thay đổi" not in mails["A.focal"].subject
    reasons = office.rows(select(NOTICES.c.reason).where(INVITATIONS, NOTICES.c.state == "cancelled"))
    assert reasons == [("Ngày, giờ hoặc nơi họp đã thay đổi.",)] * 2


def test_called_off_before_any_invitation_left_nobody_gets_an_entry(office):
    office.invite()
    office.cancel(hour="09:20")
    assert not any(mail.invitation for mail in office.mail().values())
    assert {state for _, _, state in office.states()} == {"cancelled"}


def test_there_and_back_before_anything_left_tells_nothing(office):
    office.invite()
    office.mail()
    office.fix(D(2024, 7, 15), why="Bận", hour="13:00")
    office.fix(hour="13:05")
    assert office.mail(hour="14:00") == {}
    again = select(NOTICES.c.reason).where(INVITATIONS, NOTICES.c.step == "invitation-3")
    assert office.rows(again) == [("Thời gian lại như người nhận đã biết.",)] * 2


@pytest.mark.parametrize("deed", ["cancel", "restore"])
def test_what_was_held_stays_in_the_calendars_of_its_guests(office, deed):
    office.invite()
    office.mail()
    later = D(2024, 8, 5)
    office.live_until(D(2024, 6, 4), later)
    getattr(office, deed)(day=later, hour="13:00")
    assert not any(mail.invitation for mail in office.mail(later, "14:00").values())


def test_it_may_be_called_off_on_its_very_day(office):
    office.invite()
    office.mail()
    office.live_until(D(2024, 6, 4), FRIDAY)
    office.cancel(day=FRIDAY, hour="07:00")
    mails = office.mail(FRIDAY, "07:05")
    assert told(mails) == dict.fromkeys(GUESTS, ("CANCEL", 2, "CANCELLED", FRIDAY))


def test_who_was_not_invited_hears_of_the_change_as_before(office):
    tied = D(2024, 7, 8)  # the ladder has told both agencies of the day by then
    office.live_until(D(2024, 6, 4), tied)
    office.meet(contacts(B_focal=UNTRIED))
    assert office.invite(day=tied) == 1
    office.mail(tied)
    office.meet(contacts())
    office.fix(D(2024, 7, 15), why="Bận", day=tied, hour="13:00")
    assert told(office.mail(tied, "14:00")) == {
        "A.focal": ("REQUEST", 2, "CONFIRMED", D(2024, 7, 15)),
        "B.focal": "Đổi ngày: 15/07/2024, 8h00 theo GM 25 – Hội nghị",
    }


def test_what_became_secret_is_not_sent_with_its_title(office):
    office.invite()
    office.paper(ITEMS.replace("conference,", "conference, secret: true,"), day=MONDAY)
    assert office.mail() == {}
    assert set(office.rows(select(NOTICES.c.reason).where(INVITATIONS))) == {("Việc đã thành việc mật.",)}


def test_the_proof_says_it_in_words_and_the_audit_who_asked(office):
    office.invite()
    office.mail()
    [first, _] = office.rows(select(NOTICES.c.id).where(INVITATIONS).order_by(NOTICES.c.id))
    with reading(office.engine) as connection:
        assert "Loại: Giấy mời" in say_proof(read_proof(connection, first[0]))
    audit = table_of(AuditEntry)
    asked = select(audit.c.actor, audit.c.subject, audit.c.details).where(audit.c.action == "invitation.asked")
    assert office.rows(asked) == [("Chị Lan", MEETING, '{"notices":2}')]


def test_cut_short_between_claim_and_mark_it_goes_again_as_the_same_mail(office, sink):
    office.invite()
    with sink() as server:
        mail = read_mail_server(f"smtp://127.0.0.1:{server.port}", sender_address="don-doc@bcd.example.vn",
                                sender_name="Thư ký")  # fmt: skip
        channel = MailChannel(mail, lambda: office.at)
        for attempt in range(2):
            office.at = datetime(2024, 6, 3, 10 + attempt, tzinfo=ZONE)
            post = replace(office.post_office(), channels=dict.fromkeys(ChannelKind, channel))
            if attempt:
                send_due(post)
                break
            with pytest.raises(KeyboardInterrupt):
                send_due(replace(post, channels=dict.fromkeys(ChannelKind, _Dying(channel))))
            with writing(office.engine) as connection:  # as if it had died long ago
                long_ago = datetime(2000, 1, 1, tzinfo=ZONE)
                held = update(NOTICES).where(NOTICES.c.lease_until.is_not(None))
                connection.execute(held.values(lease_until=long_ago))
        channel.close()
    mails = [message_from_bytes(one.content, policy=default) for one in server.messages]
    copies = [mail for mail in mails if "A.focal" in mail["To"]]
    assert len(copies) == 2
    assert copies[0]["Message-ID"] == copies[1]["Message-ID"]
    entries = [
        part.get_payload(decode=True) for mail in copies for part in mail.walk()
        if part.get_content_type() == "text/calendar"
    ]  # fmt: skip
    assert len(entries) == 2
    assert entries[0] == entries[1]
    assert {state for _, _, state in office.states()} == {"accepted"}


class _Dying:
    """Hands the message over, and is gone before it can say so."""

    def __init__(self, channel):
        self.channel = channel

    def send(self, message):
        self.channel.send(message)
        raise KeyboardInterrupt

    def close(self):
        """Nothing is kept open."""
