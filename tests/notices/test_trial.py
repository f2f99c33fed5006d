"""A trial mail goes to the address that waits, says nothing, goes once a minute, and its answer is kept with it."""

import threading
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select, update

from calendars.working_days import WorkingDays
from models.audit import AUDIT, verify_audit
from models.contact import Contact, ContactChannel
from notices.channel import Verdict
from notices.desk import NoticeDesk
from notices.hours import ZONE
from notices.outbox import EVERYTHING, hold, resume
from notices.tables import CONTACTS, NOTICES, WAYS
from notices.trial import NoTrial, find_untried_mail, read_trial, send_trial
from office.settings import read_settings
from office.store import reading, writing
from tests.notices.small_office import add_all

AT = datetime(2024, 12, 2, 8, tzinfo=ZONE)
OLD, NEW, SECRET = "cu@example.vn", "moi@example.vn", "bí mật của bài thử"


class Office:
    """A desk with one contact, whose new mail address waits; its clock stands still while the machine's goes on."""

    def __init__(self, engine, **chosen):
        self.engine, self.really = engine, AT
        self.desk = NoticeDesk(
            settings=read_settings(), reading=lambda: reading(engine), writing=lambda: writing(engine), ladders={},
            days=WorkingDays(), now=lambda: AT, really=lambda: self.really, secret=SECRET, **chosen,
        )  # fmt: skip
        with writing(engine) as connection:
            hoa = {"code": "B.hoa", "name": "Lò Thị Hoa", "agency": "B", "post": "focal"}
            add_all(connection, Contact, [hoa | {"quiet_from": time(18), "quiet_to": time(7)}])
            way = {"contact": "B.hoa", "kind": "mail"}
            ways = [way | {"position": 0, "address": NEW}]
            ways += [way | {"position": 1, "address": OLD, "verified_on": date(2024, 1, 2)}]
            add_all(connection, ContactChannel, ways)

    def send(self):
        send_trial(self.desk, "B.hoa", "Chị Lan")

    def trial(self, address=NEW):
        with reading(self.engine) as connection:
            return read_trial(connection, "B.hoa", address, SECRET)

    def change(self, statement):
        with writing(self.engine) as connection:
            connection.execute(statement)

    def audit(self):
        with reading(self.engine) as connection:
            return connection.execute(select(AUDIT).order_by(AUDIT.c.id)).all()


@pytest.fixture
def server(sink):
    with sink() as server:
        yield server


@pytest.fixture
def office(engine, tmp_path, monkeypatch, server):
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path))
    monkeypatch.setenv("DONDOC_MAIL_SERVER", f"smtp://127.0.0.1:{server.port}")
    return Office(engine, banner="Đồng hồ minh họa <b>")


def mails(server):
    return [message_from_bytes(received.content, policy=policy.default) for received in server.messages]


def test_one_mail_goes_to_the_new_address_alone_and_tells_nothing(office, server):
    office.send()
    [mail], [received] = mails(server), server.messages
    assert (received.recipients, str(mail["Subject"])) == ((NEW,), "Thư thử")
    text, page = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    sender = office.desk.settings.secretariat_name
    said = f"Đây là thư thử của {sender}, để biết địa chỉ này nhận được thư. Không cần trả lời."
    assert text.split() == ["Đồng", "hồ", "minh", "họa", "<b>", *said.split()]
    assert "Đồng hồ minh họa &lt;b&gt;" in page
    whole = received.content.decode() + text + page + str(mail["To"])
    assert [word for word in ("Hoa", "B.hoa", "http", "Chị Lan") if word in whole] == []


def test_the_answer_is_kept_with_its_address_and_without_it(office):
    assert office.trial() is None
    office.send()
    trial = office.trial()
    assert (trial.at, trial.by, trial.verdict, trial.in_words) == (AT, "Chị Lan", Verdict.ACCEPTED, "máy chủ đã nhận")
    assert trial.detail.startswith("250")
    assert office.trial(OLD) is None  # an answer is not another address's
    lines = office.audit()
    assert [(line.actor, line.action, line.subject) for line in lines] == [
        ("Chị Lan", "address.tried", "contact/B.hoa"),
        ("Chị Lan", "address.answered", "contact/B.hoa"),
    ]
    assert not any("@" in line.details or "moi" in line.details for line in lines)
    with reading(office.engine) as connection:
        assert verify_audit(connection).broken_at is None
        assert connection.execute(select(NOTICES)).all() == []  # nothing of it is in the outbox


def test_a_refusal_is_said_in_words_without_the_address(office, server):
    server.at |= {"RCPT": "550 5.1.1 <{address}>: no such mailbox here"}
    office.send()
    trial = office.trial()
    assert (trial.verdict, trial.in_words) == (Verdict.REJECTED, "bị từ chối")
    assert trial.detail.startswith("550 5.1.1")
    assert "moi" not in "".join(line.details for line in office.audit())  # ***@example.vn, as of every attempt


def test_a_server_that_hangs_up_is_said_too(office, server):
    server.at |= {".": "close"}
    office.send()
    assert office.trial().verdict is Verdict.UNKNOWN


def test_the_next_one_waits_a_minute_of_the_machines(office, server):
    office.send()
    office.really += timedelta(seconds=59)
    with pytest.raises(NoTrial, match="Vừa gửi thư thử"):
        office.send()
    assert len(server.messages) == 1
    office.really += timedelta(seconds=1)
    office.send()
    assert len(server.messages) == 2


def test_two_who_press_at_once_send_one(office, server):
    refused, start = [], threading.Barrier(2)

    def press():
        start.wait()
        try:
            office.send()
        except NoTrial as error:
            refused.append(str(error))

    people = [threading.Thread(target=press) for _ in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert (len(server.messages), len(refused)) == (1, 1)


def test_a_hold_is_respected(office, server):
    with writing(office.engine) as connection:
        hold(connection, EVERYTHING, "Chị Lan", "Chờ ý kiến", AT)
    with pytest.raises(NoTrial, match="đang tạm giữ"):
        office.send()
    assert (server.messages, office.trial()) == ([], None)
    with writing(office.engine) as connection:
        resume(connection, EVERYTHING, "Chị Lan", AT)
    office.send()
    assert len(server.messages) == 1


def test_what_is_verified_or_no_mail_is_not_tried(office, server):
    for change in ({"verified_on": date(2024, 12, 1)}, {"verified_on": None, "kind": "sms"}):
        office.change(update(WAYS).where(WAYS.c.position == 0).values(**change))
        with pytest.raises(NoTrial, match="Không có địa chỉ thư nào"):
            office.send()
    assert server.messages == []


def test_who_reads_english_is_written_to_in_english(office, server):
    office.change(update(CONTACTS).values(language="en"))
    office.send()
    assert str(mails(server)[0]["Subject"]) == "Trial mail"


def test_one_whose_sender_died_says_that_nobody_knows(office, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr("notices.trial._send", die)
        with pytest.raises(KeyboardInterrupt):
            office.send()
    trial = office.trial()
    assert (trial.verdict, trial.in_words) == (None, "đã bắt đầu gửi, chưa biết kết quả")
    office.really += timedelta(minutes=1)
    office.send()
    assert office.trial().verdict is Verdict.ACCEPTED


def test_the_first_that_waits_is_the_one(office):
    with reading(office.engine) as connection:
        assert find_untried_mail(connection, "B.hoa") == NEW
        assert find_untried_mail(connection, "nobody") is None
