"""Who is written down: mistakes in contacts.yaml and channels.yaml become sentences, the rest reaches the tables."""

import re
from datetime import date, time
from pathlib import Path

import pytest
from sqlalchemy import event, select

from models.columns import table_of
from models.contact import Contact, ContactChannel, Substitution
from notices import references, sms, zalo
from notices.mime import usable_address
from office.store import reading, writing
from planning.check import read_definitions
from planning.check_channels import PLACES
from planning.check_contacts import REFERENCE
from planning.definitions import ChannelsDefinition, ContactsDefinition
from planning.directory import Directory
from planning.expansion import expand
from planning.people import read_channels, read_contacts, store_contacts
from planning.yaml_files import InvalidDefinition

SHIPPED = Path(__file__).parents[2] / "programmes"

CONTACTS = """\
contacts:
  - code: B.focal
    name: Đầu mối Sở B
    agency: B
    post: focal
    quiet: {from: 19:00, to: 06:30}
    channels:
      - {kind: mail, address: dau-moi@b.example.vn, verified: 2024-01-02}
      - {kind: sms, address: "0912000001"}
  - {code: B.head, name: Lãnh đạo Sở B, agency: B, post: head, channels: [{kind: zalo, address: "+84 912 000 002"}]}
  - {code: TK, name: Thư ký, post: secretariat, digest: false, channels: [{kind: apprise, address: env:TK}]}
substitutions:
  - {contact: B.focal, substitute: B.head, first: 2024-07-01, last: 2024-07-05}
"""
CHANNELS = """\
zalo:
  base_url: https://zalo.example.vn
  access_token: env:ZALO
sms:
  url: https://sms.example.vn/send
  brandname: DONDOC
  fields:
    to: "{phone}"
    content: "{text}"
    type: "2"
  numbers: [type]
  headers:
    Authorization: "Bearer {token}"
  secrets:
    token: file:/etc/dondoc/sms
  success: {path: code, accepted: ["100"], refused: ["99"]}
"""
SECRET = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"


@pytest.fixture
def directory(write_programmes) -> Directory:
    item = "  - {id: I1, line: 7, title: Việc, kind: report}\n"
    return read_definitions(write_programmes(item)).directory


@pytest.fixture
def write(tmp_path):
    def write(content: str, name: str = "contacts.yaml") -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


def changed(content: str, before: str, after: str) -> str:
    assert before in content
    return content.replace(before, after, 1)


def complaints(read) -> list[str]:
    with pytest.raises(InvalidDefinition) as caught:
        read()
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("agency: B\n", "agency: BBB\n", "dòng 4, mục B.focal: Không có cơ quan BBB. Có phải là B?"),
        ("agency: B\n", "agency: QQ9\n", "dòng 4, mục B.focal: Không có cơ quan QQ9. Thêm cơ quan này vào agencies."),
        ("agency: B\n", "agency: G_MOT\n", "dòng 4, mục B.focal: G_MOT là một nhóm, không phải cơ quan."),
        ("code: B.head", "code: B.focal", "dòng 10, mục B.focal: Mã liên hệ B.focal dùng hai lần. Đặt mã khác."),
        ("    agency: B\n", "", "mục B.focal: Người giữ vai trò focal phải thuộc một cơ quan."),
        ("agency: B, post: head", "post: deputy", "mục B.head: Người giữ vai trò deputy phải thuộc một cơ quan."),
        ("post: focal", "post: clerk", "Khóa «post» có giá trị không dùng được. Chọn một trong: focal, head"),
        ("post: focal", "post: focal\n    language: fr", "Chọn một trong: vi, en."),
        ("kind: sms", "kind: fax", "Chọn một trong: mail, zalo, sms, apprise."),
        ("Đầu mối Sở B", '"Đầu mối\\r\\nBcc: x@y.vn"', "mục B.focal: Tên có dấu xuống dòng"),
        ("Đầu mối Sở B", '"Đầu\\u200b mối"', "Tên có dấu xuống dòng hoặc ký tự không nhìn thấy."),
        ("dau-moi@b.example.vn", "dau-moi", "dòng 8, mục B.focal: Địa chỉ thư không dùng được: phải có dạng"),
        ("dau-moi@b.example.vn", "'@b.vn'", "phải có dạng tên@tên-miền"),
        ("dau-moi@b.example.vn", "a@b..vn", "phải có dạng tên@tên-miền"),
        ("dau-moi@b.example.vn", "a b@b.vn", "có khoảng trắng hoặc ký tự không nhìn thấy"),
        ("dau-moi@b.example.vn", '"a@b.vn\\nx"', "có khoảng trắng hoặc ký tự không nhìn thấy"),
        ("dau-moi@b.example.vn", "Sở B<a@b.vn>", "Địa chỉ thư không dùng được"),
        ("dau-moi@b.example.vn", "a@c@b.vn", "có ký tự không được phép"),
        ("dau-moi@b.example.vn", f"{'a' * 65}@b.vn", "phần trước @ dài hơn 64 ký tự"),
        ("dau-moi@b.example.vn", f"{'ă' * 33}@b.vn", "phần trước @ dài hơn 64 ký tự"),
        ("dau-moi@b.example.vn", f"a@{'b.' * 130}vn", "dài hơn 254 ký tự"),
        ('"0912000001"', '"0212000001"', "dòng 9, mục B.focal: Số điện thoại không phải số di động Việt Nam."),
        ('"0912000001"', "091200000", "không phải số di động"),
        ('"0912000001"', "912000001x", "không phải số di động"),
        ("+84 912 000 002", "024 3804 0000", "hoặc mã người dùng Zalo chỉ gồm chữ số."),
        ("[{kind: zalo, address: \"+84 912 000 002\"}]", "[]", "mục B.head: Người này không có cách liên hệ nào."),
        ('kind: sms, address: "0912000001"', "kind: mail, address: dau-moi@b.example.vn", "Một địa chỉ ghi hai lần."),
        ("post: focal", "post: focal\n    valid_from: 2024-02-01\n    valid_to: 2024-01-31", "trước ngày bắt đầu"),
        ("from: 19:00", "from: 19", "Khóa «from» không phải ngày, giờ hợp lệ. Viết ngày dạng 2024-12-09 và giờ"),
        ("from: 19:00", "from: 19:00Z", "Khóa «from» không phải ngày, giờ hợp lệ."),
        ("from: 19:00", "form: 19:00", "Không có khóa «form». Có phải là «from»?"),
        ("contact: B.focal", "contact: B.focl", "Không có liên hệ B.focl. Có phải là B.focal?"),
        ("substitute: B.head", "substitute: B.hed", "dòng 13, mục B.focal: Không có liên hệ B.hed. Có phải là B.head?"),
        ("substitute: B.head", "substitute: B.focal", "B.focal không thể tự thay mình."),
        ("last: 2024-07-05", "last: 2024-06-30", "Ngày cuối (last) trước ngày đầu (first)."),
        ("last: 2024-07-05", "last: mai", "Khóa «last» không phải ngày, giờ hợp lệ."),
    ],
)  # fmt: skip
def test_a_mistake_among_the_contacts_becomes_a_sentence(write, directory, before, after, sentence):
    found = complaints(lambda: read_contacts(write(changed(CONTACTS, before, after)), directory))
    assert any(one.startswith("contacts.yaml, dòng ") and sentence in one for one in found), found


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            ["{contact: B.focal, substitute: TK, first: 2024-07-05, last: 2024-07-09}"],
            "dòng 14, mục B.focal: B.focal có hai người thay cùng lúc từ ngày 05/07/2024: B.head và TK.",
        ),
        (
            ["{contact: B.head, substitute: B.focal, first: 2024-06-30, last: 2024-07-01}"],
            "dòng 13, mục B.focal: Thay nhau vòng tròn ngày 01/07/2024: B.focal → B.head → B.focal.",
        ),
        (
            [
                "{contact: B.head, substitute: TK, first: 2024-07-02, last: 2024-07-09}",
                "{contact: TK, substitute: B.focal, first: 2024-07-05, last: 2024-07-09}",
            ],
            "dòng 15, mục TK: Thay nhau vòng tròn ngày 05/07/2024: TK → B.focal → B.head → TK.",
        ),
    ],
)
def test_substitutes_at_the_same_time_and_in_a_circle_are_named_once(write, directory, more, sentence):
    content = CONTACTS + "".join(f"  - {one}\n" for one in more)
    (found,) = complaints(lambda: read_contacts(write(content), directory))
    assert sentence in found


def test_a_chain_of_substitutes_and_a_return_on_other_days_are_no_circle(write, directory):
    content = CONTACTS + "".join(
        f"  - {{contact: {contact}, substitute: {substitute}, first: {first}, last: {last}}}\n"
        for contact, substitute, first, last in (
            ("B.head", "TK", "2024-07-01", "2024-07-05"),
            ("TK", "B.focal", "2024-07-06", "2024-07-09"),
            ("B.focal", "TK", "2024-07-10", "2024-07-12"),
        )
    )
    assert len(read_contacts(write(content), directory).substitutions) == 4


def test_a_user_of_an_official_account_is_a_way_to_reach_somebody(write, directory):
    content = changed(CONTACTS, "+84 912 000 002", "5512345678901234567")
    assert read_contacts(write(content), directory).contacts[1].channels[0].address == "5512345678901234567"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("address: env:TK", f"address: tgram://{SECRET}/1"),
        ("address: env:TK", f"address: {{tgram://{SECRET}/1}}"),
        ("[{kind: apprise, address: env:TK}]", f"tgram://{SECRET}/1"),
        ("[{kind: apprise, address: env:TK}]", f"[tgram://{SECRET}/1]"),
        ("kind: apprise, address: env:TK", f"kind: tgram://{SECRET}/1, address: env:TK"),
        ("kind: apprise, address: env:TK", f"tgram://{SECRET}/1"),
        ("kind: apprise, address: env:TK", f"kind: mail, address: {SECRET}"),
    ],
)
def test_a_secret_written_among_the_contacts_is_refused_and_not_repeated(write, directory, before, after):
    found = complaints(lambda: read_contacts(write(changed(CONTACTS, before, after)), directory))
    assert all("dòng 11" in one for one in found)
    assert SECRET not in " ".join(found)


def test_the_address_of_apprise_is_a_place(write, directory):
    content = changed(CONTACTS, "env:TK", f"tgram://{SECRET}/1")
    assert complaints(lambda: read_contacts(write(content), directory)) == [
        "contacts.yaml, dòng 11, mục TK: Địa chỉ Apprise chứa bí mật nên không ghi vào tệp này. "
        "Ghi nơi cất địa chỉ, như env:TEN_BIEN hoặc file:/đường/dẫn."
    ]


def test_without_a_file_nobody_is_written_down_and_nothing_else_is_sent(tmp_path, directory):
    assert read_contacts(tmp_path / "contacts.yaml", directory) == ContactsDefinition()
    assert read_channels(tmp_path / "channels.yaml") == ChannelsDefinition()


def test_agencies_are_not_looked_up_when_they_are_wrong_themselves(write):
    assert len(read_contacts(write(changed(CONTACTS, "agency: B\n", "agency: BBB\n")), None).contacts) == 3


# ---------------------------------------------------------------- the tables


def stored(connection, model) -> list[tuple]:
    table = table_of(model)
    return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]


def test_what_the_file_says_reaches_the_tables(engine, write, directory):
    with writing(engine) as connection:
        store_contacts(connection, read_contacts(write(CONTACTS), directory))
    with reading(engine) as connection:
        assert stored(connection, Contact) == [
            ("B.focal", "Đầu mối Sở B", "B", "focal", "vi", time(19), time(6, 30), True, None, None),
            ("B.head", "Lãnh đạo Sở B", "B", "head", "vi", time(18), time(7), True, None, None),
            ("TK", "Thư ký", None, "secretariat", "vi", time(18), time(7), False, None, None),
        ]
        assert stored(connection, ContactChannel) == [
            ("B.focal", 0, "mail", "dau-moi@b.example.vn", date(2024, 1, 2)),
            ("B.focal", 1, "sms", "0912000001", None),
            ("B.head", 0, "zalo", "+84 912 000 002", None),
            ("TK", 0, "apprise", "env:TK", None),
        ]
        assert stored(connection, Substitution) == [("B.focal", date(2024, 7, 1), date(2024, 7, 5), "B.head")]


def test_storing_twice_changes_nothing(engine, write, directory):
    contacts = read_contacts(write(CONTACTS), directory)
    said: list[str] = []
    with writing(engine) as connection:
        store_contacts(connection, contacts)
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2].split()[0].upper()))
    with writing(engine) as connection:
        store_contacts(connection, contacts)
    assert {"DELETE", "INSERT", "UPDATE"} & set(said) == set()
    assert "SELECT" in said


def test_a_contact_that_changes_keeps_its_channels_and_one_that_leaves_the_file_is_gone(engine, write, directory):
    with writing(engine) as connection:
        store_contacts(connection, read_contacts(write(CONTACTS), directory))
    left = changed(CONTACTS, "Đầu mối Sở B", "Đầu mối mới của Sở B")
    left = re.sub(r"  - \{code: B\.head.*\n", "", left)
    left = changed(left, "substitute: B.head", "substitute: TK")
    with writing(engine) as connection:
        store_contacts(connection, read_contacts(write(left), directory))
    with reading(engine) as connection:
        assert [row[:2] for row in stored(connection, Contact)] == [
            ("B.focal", "Đầu mối mới của Sở B"),
            ("TK", "Thư ký"),
        ]
        assert [row[:2] for row in stored(connection, ContactChannel)] == [("B.focal", 0), ("B.focal", 1), ("TK", 0)]
        assert [row[3] for row in stored(connection, Substitution)] == ["TK"]
    with writing(engine) as connection:
        store_contacts(connection, ContactsDefinition())
        assert (stored(connection, Contact), stored(connection, ContactChannel)) == ([], [])


# ---------------------------------------------------------------- what ships


def test_the_example_names_a_focal_person_and_a_head_for_everybody_in_the_programmes():
    definitions = read_definitions(SHIPPED)
    contacts = read_contacts(SHIPPED / "contacts.example.yaml", definitions.directory).contacts
    named: set[str] = set()
    for programme in definitions.programmes.values():
        named |= {programme.standing_agency, programme.collector or programme.standing_agency}
        for year in range(2022, 2026):
            for occurrence in expand(definitions, programme, year).occurrences:
                named |= {tie.agency for tie in occurrence.ties} | {owed.agency for owed in occurrence.duties}
    assert {(code, post) for code in named for post in ("focal", "head")} <= {
        (one.agency, one.post) for one in contacts
    }
    assert [one.post for one in contacts if one.agency is None] == ["chair", "secretariat", "secretariat"]
    assert len([one for one in contacts if one.post == "deputy"]) == 3


def test_the_example_reaches_nobody_real_and_every_way_can_be_used():
    contacts = read_contacts(SHIPPED / "contacts.example.yaml", read_definitions(SHIPPED).directory).contacts
    ways = [channel for contact in contacts for channel in contact.channels]
    assert {way.verified for way in ways} == {date(2024, 1, 2)}
    for way in ways:
        if way.kind == "mail":
            assert usable_address(way.address).endswith(".example.vn")
        else:
            assert zalo.telephone(way.address).startswith("8491200000")


def test_the_example_of_the_channels_opens_both_gateways():
    channels = read_channels(SHIPPED / "channels.example.yaml")
    assert channels.zalo
    assert channels.sms
    zalo.ZaloAccount(channels.zalo.base_url, "token", channels.zalo.template_id)
    success = channels.sms.success
    gateway = sms.SmsGateway(
        channels.sms.url, channels.sms.brandname, channels.sms.templates,
        sms.Success(success.path, success.accepted, success.refused, success.reference or "", success.detail or ""),
        channels.sms.method, channels.sms.body, channels.sms.headers, dict.fromkeys(channels.sms.secrets, "token"),
        channels.sms.unaccented, channels.sms.longest_parts,
    )  # fmt: skip
    assert gateway.fields["type"] == 2


def test_what_is_checked_here_is_what_the_channels_understand():
    assert PLACES == sms.PLACES
    for text in ("env:A_1", "env:1A", "env:", "file:/a", "file:a", "file:/", "ENV:A", "x", " env:A", "file:/a\nb"):
        assert (REFERENCE.fullmatch(text) is not None) == references.is_reference(text), text


# ---------------------------------------------------------------- channels.yaml


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("https://zalo", "http://zalo", "dòng 2: Cổng gửi tin phải dùng https."),
        ("https://zalo.example.vn", "zalo.example.vn", "Không đọc được địa chỉ của cổng gửi tin."),
        ("https://zalo.example.vn", "https://[::1", "Không đọc được địa chỉ của cổng gửi tin."),
        ("https://zalo.example.vn", "https://a:99999/", "Không đọc được địa chỉ của cổng gửi tin."),
        ("https://sms", f"https://user:{SECRET}@sms", "dòng 5: Địa chỉ của cổng gửi tin chứa tài khoản hoặc bí mật."),
        ("/send", f"/send?api_key={SECRET}", "dòng 5: Địa chỉ của cổng gửi tin chứa tài khoản hoặc bí mật."),
        ("/send", f"/send?u={SECRET}", "dòng 5: Địa chỉ của cổng gửi tin chứa tài khoản hoặc bí mật."),
        ("env:ZALO", SECRET, "dòng 3: Mã truy cập Zalo không ghi vào tệp này. Ghi nơi cất, như env:TEN_BIEN"),
        ("file:/etc/dondoc/sms", SECRET, "dòng 15: Bí mật không ghi vào tệp này."),
        ("{token}", SECRET, "dòng 13: Giá trị ở đây giống một bí mật"),
        ("Bearer {token}", "Basic abc", "dòng 13: Giá trị ở đây giống một bí mật"),
        ('type: "2"', "password: matkhau", "dòng 10: Giá trị ở đây giống một bí mật"),
        ('type: "2"', f'type: "{SECRET}{{text}}"', "dòng 10: Giá trị ở đây giống một bí mật"),
        ("    token: file", "    phone: file", "dòng 15: Tên phone đã có nghĩa khác."),
        ("token: file:", f"{SECRET}-: file:", "dòng 15: Tên bí mật thứ 1 không dùng được."),
        ("{token}", "{tokn}", "dòng 13: Có chỗ điền chưa biết. Dùng brandname, key, phone"),
        ("{token}", f"{{{SECRET}}}", "dòng 13: Có chỗ điền chưa biết."),
        ("Authorization:", "X Y:", "dòng 13: Header có ký tự không dùng được."),
        ('"Bearer {token}"', '"{token}\\r\\nX: y"', "dòng 13: Header có ký tự không dùng được."),
        ('type: "2"', 'type: "a\\nb"', "dòng 10: Có dấu xuống dòng hoặc ký tự không nhìn thấy."),
        ("{phone}", "x", "dòng 7: Cổng SMS thiếu trường số điện thoại hoặc nội dung."),
        ("{text}", "x", "dòng 7: Cổng SMS thiếu trường số điện thoại hoặc nội dung."),
        ("[type]", "[tpye]", "dòng 11: Không có trường tpye. Có phải là type?"),
        ("[type]", "[to]", "dòng 11: Trường to không phải số nguyên."),
        ('refused: ["99"]', 'refused: ["100"]', "Giá trị «100» vừa là đã nhận vừa là từ chối."),
        ('accepted: ["100"]', "accepted: []", "Danh sách «accepted» không được trống."),
        ("brandname: DONDOC", 'brandname: "DON\\u200bDOC"', "dòng 6: Tên hiển thị có ký tự không nhìn thấy."),
        ("brandname: DONDOC", "brandnam: DONDOC", "Không có khóa «brandnam». Có phải là «brandname»?"),
        ("brandname: DONDOC", f"brandname: DONDOC\n  x{SECRET}: a", "dòng 7: Không có khóa «…»."),
        ("  secrets:\n    token: file:/etc/dondoc/sms", f"  secrets: {SECRET}", "«secrets» phải gồm các dòng"),
        ("token: file:/etc/dondoc/sms", f"{SECRET}:", "dòng 15: Khóa «…» phải là chữ"),
        ("brandname: DONDOC", f"brandname: DONDOC\n  method: {SECRET}", "Chọn một trong: POST, GET."),
        ("brandname: DONDOC", "brandname: DONDOC\n  longest_parts: 0", "phải từ 1 trở lên"),
        ("  base_url: https://zalo.example.vn\n  access_token: env:ZALO", f"  {SECRET}", "«zalo» phải gồm các dòng"),
    ],
)  # fmt: skip
def test_a_mistake_among_the_channels_becomes_a_sentence_that_repeats_no_secret(write, before, after, sentence):
    found = complaints(lambda: read_channels(write(changed(CHANNELS, before, after), "channels.yaml")))
    assert any(one.startswith("channels.yaml, dòng ") and sentence in one for one in found), found
    assert SECRET not in " ".join(found)


def test_a_gateway_on_this_machine_needs_no_https(write):
    content = changed(CHANNELS, "https://sms.example.vn", "http://127.0.0.1:8080")
    gateway = read_channels(write(content, "channels.yaml")).sms
    assert gateway
    assert gateway.templates == {"to": "{phone}", "content": "{text}", "type": 2}
