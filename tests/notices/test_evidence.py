"""A proof sheet tells one notice from its planning to its answer, and tells no address."""

import json
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from models.agency import Agency
from models.audit import BEGINNING, AuditCheck, append_audit
from models.columns import table_of
from models.contact import Contact, ContactChannel
from models.notice import Acknowledgement, Attempt, Notice, NoticeState
from models.occurrence import Duty, Occurrence
from notices.evidence import (
    Answer,
    AuditLine,
    Proof,
    Recipient,
    Relative,
    Tried,
    read_proof,
    render_proof,
    say_chain,
    say_proof,
)
from notices.outbox import NoSuchNotice
from office.settings import VIETNAM
from office.store import reading, writing

PAGES = Path(__file__).parents[2] / "templates" / "pages"
AT = datetime(2024, 12, 2, 7, 30, tzinfo=VIETNAM)
KEY = "a0987654321bcdef" * 2  # holds what looks like a telephone number
DUTY = "P/5.1/2024/SYT"
LADDER = json.dumps(
    {
        "code": "default", "events": [], "windows": [],
        "deadlines": [{"step": "D-5", "working_days": -5, "to": ["focal"]}],
    }
)  # fmt: skip
HIDDEN = ("hoa.lo", "duc.tong", "0912", "345 678", "345678")


def add(connection, model, *rows):
    for row in rows:
        connection.execute(insert(table_of(model)), row)


def contact(code, name, post, *ways):
    person = {"code": code, "name": name, "agency": "SYT", "post": post, "language": "vi", "digest": True}
    hours = {"quiet_from": time(18), "quiet_to": time(7)}
    channels = [
        {"contact": code, "position": position, "kind": kind, "address": address, "verified_on": date(2024, 1, 2)}
        for position, (kind, address) in enumerate(ways)
    ]
    return person | hours, channels


def notice(number, **given):
    usual = {
        "id": number, "subject": DUTY, "version": "1.1", "step": "D-5", "recipient": "SYT-DM", "channel": "mail",
        "occurrence": "P/5.1/2024", "agency": "SYT", "kind": "reminder", "target": "focal",
        "fires_on": date(2024, 12, 2), "missed": 0, "urgent": False, "bundle": "b", "state": "planned",
        "due_at": AT, "attempts": 0, "planned_at": AT, "link_revoked": False,
    }  # fmt: skip
    return usual | given


def attempt(number, outcome, **given):
    usual = {"notice": 3, "envelope": KEY, "number": number, "at": AT + timedelta(minutes=number), "channel": "mail"}
    return usual | {"sent_to": "SYT-PP", "outcome": outcome, "reference": "", "detail": ""} | given


@pytest.fixture
def office(engine):
    """One duty, two people who hear of it, and nothing told yet."""
    occurrence = {
        "id": "P/5.1/2024", "programme": "P", "item": "5.1", "period": "2024", "line": 1, "kind": "report",
        "title": "Báo cáo <năm>", "placing": "deadline", "named_date": date(2024, 12, 10), "included": False,
        "last_on_time": date(2024, 12, 9), "work_by": date(2024, 12, 9), "year_first": 2024, "year_last": 2024,
        "tentative": False, "assumed": False, "why": "", "headcount_about": False, "rolls_up": False,
        "policy": "default", "secret": False, "due_version": 1, "rungs_stale": False, "status": "planned",
        "sequence": 0, "revised_at": AT, "ladder": LADDER,
    }  # fmt: skip
    duty = {"id": DUTY, "occurrence": "P/5.1/2024", "agency": "SYT", "handover": False, "withdrawn": False}
    people = [
        contact("SYT-DM", "Lò Thị Hoa", "focal", ("mail", "hoa.lo@syt.example.vn"), ("zalo", "0912 345 678")),
        contact("SYT-PP", "Tòng Văn Đức", "deputy", ("mail", "duc.tong@syt.example.vn"), ("apprise", "env:NHOM_SYT")),
    ]
    agency = Agency(code="SYT", name="Sở Y tế", short="SYT", level="province", kind="department").model_dump()
    with writing(engine) as connection:
        add(connection, Agency, agency)
        add(connection, Occurrence, occurrence)
        add(connection, Duty, duty | {"due_version": 1})
        for person, channels in people:
            add(connection, Contact, person)
            add(connection, ContactChannel, *channels)
    return engine


@pytest.fixture
def told(office):
    """Notice 3: a Zalo message that could not be sent, then a mail to the substitute, delivered and acknowledged."""
    with writing(office) as connection:
        add(
            connection,
            Notice,
            notice(2, channel="zalo", state="failed", reason="Zalo từ chối"),
            notice(
                3, fallback_of=2, state="delivered", envelope=KEY, attempts=2, sent_to="SYT-PP", rendered="ab" * 32,
                reference="4XyZ", accepted_at=AT + timedelta(minutes=2), delivered_at=AT + timedelta(minutes=3),
                acknowledged_at=AT + timedelta(hours=1),
            ),
            notice(4, step="D-1", envelope=KEY, state="delivered"),
            notice(5, recipient="SYT-PP", fallback_of=3, state="cancelled"),
            notice(6, step="D-0", recipient="?head:SYT", channel="none", state="failed", reason="Chưa có ai giữ."),
        )  # fmt: skip
        add(
            connection,
            Attempt,
            attempt(1, "try_again", detail="451 4.7.1 <duc.tong@syt.example.vn>: duc.tong greylisted, 0912 345 678"),
            attempt(2, "accepted", reference="4XyZ", detail="250 2.0.0 Ok: queued as 4XyZ"),
        )  # fmt: skip
        answer = {"notice": 3, "subject": DUTY, "version": "1.1", "contact": "SYT-PP", "way": "link"}
        add(connection, Acknowledgement, answer | {"at": AT + timedelta(hours=1), "typed_name": "Tòng Văn Đức"})
        append_audit(connection, AT, "Hoa", "duty.done", "P/1/2024/SYT", {"notice": 3})
        append_audit(connection, AT, "Đôn Đốc", "notice.accepted", "notice/3", {"envelope": KEY, "state": "accepted"})
        append_audit(connection, AT, "Đôn Đốc", "notice.accepted", "notice/33", {})
        append_audit(connection, AT, "Hoa", "duty.extended", DUTY, {"until": date(2024, 12, 9)})
        append_audit(connection, AT, "mailbox:SYT-PP", "notice.acknowledged", DUTY, {"notice": 3, "way": "link"})
        append_audit(
            connection, AT, "Hoa", "notice.note", "notice/3", {"reply": "gọi hoa.lo@syt.example.vn, 0912345678"}
        )
    return office  # fmt: skip


def proof_of(engine, number):
    with reading(engine) as connection:
        return read_proof(connection, number)


def digests(engine):
    with reading(engine) as connection:
        return list(connection.execute(text("select digest from auditentry order by id")).scalars())


def test_a_proof_is_everything_about_one_notice_in_order(told):
    seals = digests(told)
    hoa = Recipient("SYT-DM", "Lò Thị Hoa", "Đầu mối", ("thư điện tử: h***@syt.example.vn", "Zalo: ***678"))
    duc = Recipient("SYT-PP", "Tòng Văn Đức", "Cấp phó", ("thư điện tử: d***@syt.example.vn", "Apprise: env:NHOM_SYT"))
    first = "451 4.7.1 <***@syt.example.vn>: *** greylisted, ***"
    assert proof_of(told, 3) == Proof(
        notice=3,
        subject=DUTY,
        version="1.1",
        step="D-5",
        step_name="trước hạn 5 ngày làm việc",
        kind="Nhắc việc",
        title="Báo cáo <năm>",
        agency="Sở Y tế",
        recipient=hoa,
        received_by=duc,
        channel_kind="mail",
        channel="thư điện tử",
        planned_at=AT,
        fires_on=date(2024, 12, 2),
        due="trước 10/12/2024, ngày cuối 09/12/2024, nên xong 09/12/2024",
        current=True,
        state=NoticeState.DELIVERED,
        state_name="đã vào hộp thư",
        reason="",
        rendered="ab" * 32,
        envelope=KEY,
        reference="4XyZ",
        together=(4,),
        attempts=(
            Tried(1, AT + timedelta(minutes=1), "thư điện tử", "Tòng Văn Đức", "chưa nhận, hẹn gửi lại", "", first),
            Tried(
                2, AT + timedelta(minutes=2), "thư điện tử", "Tòng Văn Đức", "máy chủ đã nhận", "4XyZ",
                "250 2.0.0 Ok: queued as 4XyZ",
            ),
        ),
        accepted_at=AT + timedelta(minutes=2),
        delivered_at=AT + timedelta(minutes=3),
        acknowledged=Answer(AT + timedelta(hours=1), "Tòng Văn Đức", "qua liên kết trong tin"),
        before=(Relative(2, "SYT-DM", "Zalo", "không gửi được"),),
        after=(Relative(5, "SYT-PP", "thư điện tử", "thôi gửi"),),
        audit=(
            AuditLine(
                2, AT, "Đôn Đốc", "notice.accepted", f'{{"envelope":"{KEY}","state":"accepted"}}', seals[1],
            ),
            AuditLine(5, AT, "mailbox:SYT-PP", "notice.acknowledged", '{"notice":3,"way":"link"}', seals[4]),
            AuditLine(6, AT, "Hoa", "notice.note", '{"reply":"gọi ***@syt.example.vn, ***"}', seals[5]),
        ),
        chain=AuditCheck(6, seals[5]),
    )  # fmt: skip


def test_instants_are_told_in_vietnams_time(told):
    assert proof_of(told, 3).planned_at.isoformat() == "2024-12-02T07:30:00+07:00"
    assert proof_of(told, 3).audit[0].at.utcoffset() == timedelta(hours=7)


def test_a_notice_that_has_only_been_planned_has_reached_nobody(office):
    with writing(office) as connection:
        add(connection, Notice, notice(1))
    proof = proof_of(office, 1)
    assert (proof.received_by, proof.envelope, proof.rendered, proof.attempts) == (None, None, None, ())
    assert (proof.accepted_at, proof.delivered_at, proof.acknowledged) == (None, None, None)
    assert (proof.together, proof.before, proof.after, proof.audit) == ((), (), (), ())
    assert proof.chain == AuditCheck(0, BEGINNING)


def test_accepted_is_not_delivered_and_delivered_is_not_acknowledged(told):
    proof = proof_of(told, 3)
    stages = ("Máy chủ đã nhận: ", "Đã vào hộp thư: ", "Người nhận báo nhận: ")
    for known, said in (
        (proof, ["07:32:00 ngày 02/12/2024", "07:33:00 ngày 02/12/2024", "08:30:00 ngày 02/12/2024"]),
        (replace(proof, acknowledged=None), ["07:32:00 ngày 02/12/2024", "07:33:00 ngày 02/12/2024", "chưa"]),
        (replace(proof, acknowledged=None, delivered_at=None), ["07:32:00 ngày 02/12/2024", "chưa", "chưa"]),
        (replace(proof, delivered_at=None), ["07:32:00 ngày 02/12/2024", "chưa", "08:30:00 ngày 02/12/2024"]),
    ):
        lines = [line for line in say_proof(known) if line.startswith(stages)]
        assert [line.partition(": ")[2][:24] for line in lines] == said


def test_an_acknowledgement_is_said_to_be_no_proof_of_identity(told):
    assert (
        "Người nhận báo nhận: 08:30:00 ngày 02/12/2024, qua liên kết trong tin, tên ghi: Tòng Văn Đức "
        "(hộp thư đã báo nhận, không phải xác nhận danh tính)"
    ) in say_proof(proof_of(told, 3))


def test_the_sheet_in_words(told):
    lines = say_proof(proof_of(told, 3))
    for line in (
        "Việc: Báo cáo <năm>",
        "Gửi cho: Lò Thị Hoa, Đầu mối (SYT-DM)",
        "Người nhận thay: Tòng Văn Đức, Cấp phó (SYT-PP)",
        "Trạng thái: đã vào hộp thư",
        f"Mã thư (Message-ID): {KEY}",
        "Gửi chung với thông báo số: 4",
        "Thay cho: số 2 (SYT-DM, Zalo, không gửi được)",
        "Được thay bằng: số 5 (SYT-PP, thư điện tử, thôi gửi)",
        "  lần 2, 07:32:00 ngày 02/12/2024: thư điện tử, Tòng Văn Đức, máy chủ đã nhận, 4XyZ, "
        "250 2.0.0 Ok: queued as 4XyZ",
        f"Nhật ký nguyên vẹn: 6 dòng, mã dòng cuối {digests(told)[-1]}.",
    ):
        assert line in lines
    assert not [line for line in lines if line.endswith(": ")]


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
def test_no_address_leaves_in_clear(told, number):
    proof = proof_of(told, number)
    for said in (repr(proof), "\n".join(say_proof(proof)), render_proof(proof, PAGES)):
        assert [hidden for hidden in HIDDEN if hidden in said] == []


def test_a_post_nobody_holds_is_named_by_its_code(told):
    proof = proof_of(told, 6)
    assert (proof.recipient, proof.channel) == (Recipient("?head:SYT"), "chưa có kênh nào")
    assert "Gửi cho: ?head:SYT" in say_proof(proof)
    assert "Lý do: Chưa có ai giữ." in say_proof(proof)


def test_a_secret_matter_shows_no_title(told):
    with writing(told) as connection:
        connection.execute(text("update occurrence set secret = true"))
    assert "Báo cáo" not in repr(proof_of(told, 3))


def test_a_time_that_has_changed_since_is_said(told):
    with writing(told) as connection:
        connection.execute(text("update duty set due_version = 2, extended_to = '2024-12-20'"))
    lines = say_proof(proof_of(told, 3))
    assert "Thời hạn hiện nay: gia hạn đến hết 20/12/2024, nên xong 20/12/2024" in lines
    assert "Lưu ý: thời hạn đã thay đổi sau thông báo này" in lines


def test_fallbacks_that_lead_in_a_circle_are_each_named_once(told):
    with writing(told) as connection:
        connection.execute(text("update notice set fallback_of = 5 where id = 2"))
    proof = proof_of(told, 3)
    assert [one.notice for one in proof.before] == [2, 5]
    assert [one.notice for one in proof.after] == [5, 2]


def test_a_broken_audit_is_said_on_the_sheet(told):
    with told.begin() as connection:
        if told.dialect.name == "postgresql":
            connection.execute(text("alter table auditentry disable trigger user"))
        else:
            connection.execute(text("drop trigger auditentry_no_delete"))
        connection.execute(text("delete from auditentry where id = 4"))
    assert proof_of(told, 3).chain == AuditCheck(3, digests(told)[2], broken_at=4, missing=True)
    assert say_proof(proof_of(told, 3))[-1] == (
        "Nhật ký KHÔNG nguyên vẹn: dòng 4 bị mất; chỉ 3 dòng đầu đáng tin."
    )  # fmt: skip


def test_a_changed_line_is_named_too():
    assert say_chain(AuditCheck(2, "ab", broken_at=3)) == (
        "Nhật ký KHÔNG nguyên vẹn: dòng 3 không khớp với dòng trước; chỉ 2 dòng đầu đáng tin."
    )


@pytest.mark.parametrize("number", [0, -1, 7, 10**12, 10**30])
def test_a_number_no_notice_has_is_a_sentence(told, number):
    with pytest.raises(NoSuchNotice, match=f"^Không có thông báo số {number}\\. Xem số"):
        proof_of(told, number)


def test_the_page_shows_programmes_words_as_words_and_nothing_from_elsewhere(told):
    page = render_proof(proof_of(told, 3), PAGES, banner="Đồng hồ minh họa.", at=AT)
    assert "Báo cáo &lt;năm&gt;" in page
    assert "<năm>" not in page
    assert "Đồng hồ minh họa." in page
    assert "Lập phiếu lúc 07:30:00 ngày 02/12/2024." in page
    assert re.findall(r"\b(?:src=|href|url|@import)", page) == []
    assert "@page { size: A4" in page


def test_the_page_has_a_column_for_each_of_the_three_words(told):
    page = render_proof(replace(proof_of(told, 3), delivered_at=None, acknowledged=None), PAGES)
    columns = ("Máy chủ đã nhận", "Đã vào hộp thư", "Người nhận báo nhận")
    assert "".join(f'<th scope="col">{column}</th>' for column in columns) in page
    assert "<td>07:32:00 ngày 02/12/2024</td><td>chưa</td><td>chưa</td>" in page


def test_a_page_without_attempts_or_audit_says_so(office):
    with writing(office) as connection:
        add(connection, Notice, notice(1))
    page = render_proof(proof_of(office, 1), PAGES)
    assert "Chưa gửi lần nào." in page
    assert "Chưa có dòng nào." in page
    assert "banner" not in page.partition("</style>")[2]
