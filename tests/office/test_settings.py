"""The office's settings: where things lie, and one sentence for what cannot be used."""

import os
from datetime import date, datetime

import pytest

from office.settings import PROJECT, VIETNAM, WHAT_WOULD_HELP, Settings, UnusableSetting, read_settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in list(os.environ):
        if name.upper().startswith("DONDOC_"):
            monkeypatch.delenv(name)


def test_an_office_that_sets_nothing_lives_in_the_projects_folder():
    settings = read_settings()
    assert (PROJECT / "pyproject.toml").is_file()
    assert settings.model_dump() == {
        "home": PROJECT / "var",
        "database_url": f"sqlite:///{PROJECT}/var/dondoc.db",
        "programmes": PROJECT / "programmes",
        "published": PROJECT / "calendars" / "published",
        "deployments": PROJECT / "prefect.yaml",
        "prefect_port": 4200,
        "before_is_inclusive": False,
        "at": None,
        "now": None,
        "portal_port": 8410,
        "public_address": "",
        "contacts": None,
        "channels_file": None,
        "templates": PROJECT / "templates" / "notices",
        "letter_template": PROJECT / "templates" / "letters" / "cong-van-don-doc.docx",
        "mail_server": "",
        "mail_port": 8425,
        "mail_from": "don-doc@vanphong.example.vn",
        "mail_from_name": "Đôn Đốc – Thư ký Ban Chỉ đạo",
        "mail_password": "",
        "mail_dsn": False,
        "mail_timeout": 30,
        "bounces": "",
        "bounces_password": "",
        "alarm_to": "",
        "secretariat_name": "Ban Chỉ đạo các chương trình mục tiêu quốc gia tỉnh Điện Biên",
        "letter_issuer_above": "UBND TỈNH ĐIỆN BIÊN",
        "letter_issuer": "Ban Chỉ đạo các Chương trình mục tiêu quốc gia",
        "letter_place": "Điện Biên",
        "letter_signer_title": "TL. TRƯỞNG BAN",
        "trusted_proxy": "",
        "oidc_issuer": "",
        "oidc_client_id": "",
        "oidc_client_secret": "",
        "oidc_name": "tài khoản của tỉnh",
    }
    assert settings.prefect_home == PROJECT / "var" / "prefect"
    assert settings.prefect_address == "http://127.0.0.1:4200"
    assert settings.mail_folder == PROJECT / "var" / "mail"
    assert settings.letters_folder == PROJECT / "var" / "letters"


def test_a_relative_path_is_the_projects_wherever_we_stand(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DONDOC_HOME", "var/tỉnh")
    settings = read_settings()
    assert settings.home == PROJECT / "var" / "tỉnh"
    assert settings.database_url == f"sqlite:///{PROJECT}/var/tỉnh/dondoc.db"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("postgresql://an@db/dondoc", "postgresql+psycopg://an@db/dondoc"),
        ("postgres://an:bi%20mat@db:5433/dondoc", "postgresql+psycopg://an:bi%20mat@db:5433/dondoc"),
        ("postgresql+psycopg://an@db/dondoc", "postgresql+psycopg://an@db/dondoc"),
        ("sqlite:////srv/dondoc.db", "sqlite:////srv/dondoc.db"),
        ("sqlite:///var/khac.db", f"sqlite:///{PROJECT}/var/khac.db"),
    ],
)
def test_the_database_is_sqlite_or_postgresql_with_its_driver(monkeypatch, written, read):
    monkeypatch.setenv("DONDOC_DATABASE_URL", written)
    assert read_settings().database_url == read


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DONDOC_PREFECT_PORT", "bốn nghìn"),
        ("DONDOC_PREFECT_PORT", "80"),
        ("DONDOC_PREFECT_PORT", "65536"),
        ("DONDOC_BEFORE_IS_INCLUSIVE", "có lẽ"),
        ("DONDOC_AT", "02/12/2024"),
        ("DONDOC_AT", "20241202"),
        ("DONDOC_AT", "2024-02-30"),
        ("DONDOC_AT", "1867-01-01"),
        ("DONDOC_AT", "hôm nay"),
        ("DONDOC_NOW", "2024-12-02"),
        ("DONDOC_NOW", "8 giờ"),
        ("DONDOC_NOW", "9999-12-31T23:59"),
        ("DONDOC_MAIL_PORT", "25"),
        ("DONDOC_MAIL_FROM", "thư ký@vanphong.example.vn"),
        ("DONDOC_MAIL_FROM", "Thư ký <thu-ky@vanphong.example.vn>"),
        ("DONDOC_MAIL_FROM", "thu-ky@"),
        ("DONDOC_MAIL_FROM_NAME", " "),
        ("DONDOC_MAIL_DSN", "có lẽ"),
        ("DONDOC_MAIL_TIMEOUT", "0.5"),
        ("DONDOC_MAIL_TIMEOUT", "301"),
        ("DONDOC_MAIL_TIMEOUT", "nan"),
        ("DONDOC_SECRETARIAT_NAME", "\u200b"),
        ("DONDOC_LETTER_ISSUER_ABOVE", " "),
        ("DONDOC_LETTER_ISSUER", " "),
        ("DONDOC_LETTER_PLACE", " "),
        ("DONDOC_LETTER_SIGNER_TITLE", " "),
        ("DONDOC_LETTER_SIGNER_TITLE", "TL. TRƯỞNG BAN||CHÁNH VĂN PHÒNG"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_sentence_that_names_the_variable(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(UnusableSetting) as caught:
        read_settings()
    assert caught.value.variable == variable
    assert caught.value.sentence == f"Thiết lập {variable} có giá trị không dùng được '{value}'."
    assert caught.value.help.startswith("Hãy ghi ")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "url", ["mysql://an:mat-khau@db/x", "sqlite://", "sqlite:///", "sqlite:///:memory:?x", "mat-khau"]
)
def test_a_database_address_is_refused_without_repeating_it(monkeypatch, url):
    monkeypatch.setenv("DONDOC_DATABASE_URL", url)
    with pytest.raises(UnusableSetting) as caught:
        read_settings()
    assert "mat-khau" not in str(caught.value)
    assert "DONDOC_DATABASE_URL" in caught.value.sentence


def test_a_password_is_not_in_what_the_settings_show(monkeypatch):
    monkeypatch.setenv("DONDOC_DATABASE_URL", "postgresql://an:mat-khau@db/x")
    assert "mat-khau" not in repr(read_settings())


def test_a_misspelt_variable_is_not_ignored(monkeypatch):
    monkeypatch.setenv("DONDOC_PREFECT_PROT", "4300")
    with pytest.raises(UnusableSetting) as caught:
        read_settings()
    assert str(caught.value) == "Không có thiết lập nào tên là DONDOC_PREFECT_PROT. Có phải là DONDOC_PREFECT_PORT?"


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("DONDOC_AT", "")
    monkeypatch.setenv("DONDOC_PREFECT_PORT", "")
    assert (read_settings().at, read_settings().prefect_port) == (None, 4200)


def test_what_a_command_is_given_comes_before_the_environment(monkeypatch):
    monkeypatch.setenv("DONDOC_AT", "2024-04-01")
    assert read_settings(at="today").at == "today"
    assert read_settings(at=None).at == date(2024, 4, 1)


def test_a_moment_without_offset_is_vietnams():
    assert read_settings(now="2024-12-02T08:00").now == datetime(2024, 12, 2, 8, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DONDOC_MAIL_SERVER", "smtp+starttls://an:mat-khau@thu.example.vn:587"),
        ("DONDOC_MAIL_SERVER", "smtp://an:@mat-khau"),
        ("DONDOC_MAIL_SERVER", "smtps://an@mat-khau@thu.example.vn"),
        ("DONDOC_MAIL_SERVER", "https://mat-khau.example.vn"),
        ("DONDOC_MAIL_SERVER", "smtp://"),
        ("DONDOC_MAIL_SERVER", "smtp://mat-khau:0"),
        ("DONDOC_MAIL_SERVER", "smtp://mat-khau:cong"),
        ("DONDOC_MAIL_SERVER", "smtp://thu.example.vn/mat-khau"),
        ("DONDOC_MAIL_SERVER", "smtp://[mat-khau"),
        ("DONDOC_MAIL_SERVER", "mat-khau"),
        ("DONDOC_MAIL_PASSWORD", "mat-khau"),
        ("DONDOC_MAIL_PASSWORD", "env:mat-khau"),
        ("DONDOC_MAIL_PASSWORD", "file:mat-khau"),
        ("DONDOC_BOUNCES", "imaps://an:mat-khau@thu.example.vn/INBOX"),
        ("DONDOC_BOUNCES", "imaps://an@mat-khau@thu.example.vn/INBOX"),
        ("DONDOC_BOUNCES", "imaps://mat-khau/INBOX"),
        ("DONDOC_BOUNCES", "imap://an@mat-khau/INBOX"),
        ("DONDOC_BOUNCES_PASSWORD", "mat-khau"),
        ("DONDOC_OIDC_CLIENT_SECRET", "mat-khau"),
        ("DONDOC_ALARM_TO", "mat-khau"),
        ("DONDOC_ALARM_TO", "tgram://mat-khau/123"),
    ],
)
def test_what_may_hold_a_secret_is_refused_without_repeating_it(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(UnusableSetting) as caught:
        read_settings()
    assert caught.value.variable == variable
    assert caught.value.sentence == f"Thiết lập {variable} có giá trị không dùng được."
    assert caught.value.help.startswith("Hãy ghi ")
    assert "mat-khau" not in str(caught.value)


def test_where_mail_goes_is_not_in_what_the_settings_show(monkeypatch):
    for name, value in {
        "MAIL_SERVER": "smtps://mat-khau@thu.example.vn",
        "MAIL_PASSWORD": "file:/mat-khau",
        "BOUNCES": "imaps://mat-khau@thu.example.vn/INBOX",
        "BOUNCES_PASSWORD": "file:/mat-khau",
        "ALARM_TO": "mat-khau@example.vn",
    }.items():
        monkeypatch.setenv(f"DONDOC_{name}", value)
    assert "mat-khau" not in repr(read_settings())


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        ("mail_server", " smtp+starttls://an@thu.example.vn:587 ", "smtp+starttls://an@thu.example.vn:587"),
        ("mail_server", "smtps://an%40so@thu.example.vn/", "smtps://an%40so@thu.example.vn/"),
        ("mail_server", "smtp://127.0.0.1", "smtp://127.0.0.1"),
        ("mail_password", "env:MAT_KHAU_THU", "env:MAT_KHAU_THU"),
        ("mail_password", "file:/run/secrets/thư", "file:/run/secrets/thư"),
        ("bounces", "var/thư trả lại", f"{PROJECT}/var/thư trả lại"),
        ("bounces", "imaps://an@thu.example.vn:993/INBOX", "imaps://an@thu.example.vn:993/INBOX"),
        ("alarm_to", "truc@vanphong.example.vn", "truc@vanphong.example.vn"),
        ("alarm_to", "env:BAO_DONG", "env:BAO_DONG"),
        ("trusted_proxy", "::1", "::1"),
        ("oidc_issuer", "https://dangnhap.tinh.example.vn/realms/tinh", "https://dangnhap.tinh.example.vn/realms/tinh"),
        ("oidc_issuer", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("letter_place", "Mu\u031bo\u031b\u0300ng  Chà\n", "Mường Chà"),
        ("contacts", "danh-ba.yaml", PROJECT / "danh-ba.yaml"),
        ("mail_timeout", "2.5", 2.5),
    ],
)
def test_settings_of_mail_are_read_as_written(monkeypatch, variable, value, read):
    monkeypatch.setenv(f"DONDOC_{variable.upper()}", value)
    assert getattr(read_settings(), variable) == read


def test_without_a_mail_server_mail_stays_on_this_machine(monkeypatch):
    monkeypatch.setenv("DONDOC_MAIL_PORT", "8500")
    settings = read_settings()
    assert (settings.uses_sink, settings.mail_address) == (True, "smtp://127.0.0.1:8500")
    settings = read_settings(mail_server="smtp://thu.example.vn")
    assert (settings.uses_sink, settings.mail_address) == (False, "smtp://thu.example.vn")


def test_invented_contacts_are_read_only_while_nothing_can_leave_the_machine(tmp_path):
    example, own = tmp_path / "contacts.example.yaml", tmp_path / "contacts.yaml"
    assert read_settings(programmes=tmp_path).contacts_file == example
    assert read_settings(programmes=tmp_path, mail_server="smtp://thu.example.vn").contacts_file == own
    assert read_settings(programmes=tmp_path, contacts="danh-ba.yaml").contacts_file == PROJECT / "danh-ba.yaml"
    (tmp_path / "channels.yaml").touch()  # the example's telephone numbers are somebody's
    assert read_settings(programmes=tmp_path).contacts_file == own
    (tmp_path / "channels.yaml").rename(tmp_path / "kenh.yaml")
    assert read_settings(programmes=tmp_path, channels_file=str(tmp_path / "kenh.yaml")).contacts_file == own
    assert read_settings(programmes=tmp_path).contacts_file == example
    own.touch()
    assert read_settings(programmes=tmp_path).contacts_file == own


def test_channels_are_told_in_the_folder_of_programmes_unless_elsewhere(tmp_path):
    assert read_settings(programmes=tmp_path).channels_path == tmp_path / "channels.yaml"
    assert read_settings(channels_file="kenh.yaml").channels_path == PROJECT / "kenh.yaml"


def test_the_senders_lock_lies_beside_the_database_whatever_home_it_is_used_from(tmp_path):
    shared = f"sqlite:///{tmp_path / 'chung.db'}"
    locks = {read_settings(home=home, database_url=shared).send_lock for home in ("mot", "hai")}
    assert locks == {tmp_path / "chung.db.send.lock"}
    assert read_settings(home=tmp_path).send_lock == tmp_path / "dondoc.db.send.lock"
    assert read_settings(database_url="postgresql://an@db/dondoc").send_lock is None


def test_a_signers_title_may_have_several_lines(monkeypatch):
    monkeypatch.setenv("DONDOC_LETTER_SIGNER_TITLE", "TL. TRƯỞNG BAN | CHÁNH  VĂN PHÒNG")
    assert read_settings().letter_signer_title == "TL. TRƯỞNG BAN\nCHÁNH VĂN PHÒNG"


def test_every_setting_says_what_would_help():
    assert set(WHAT_WOULD_HELP) == set(Settings.model_fields)


def test_links_begin_with_the_offices_public_address_or_this_machines():
    assert read_settings(portal_port=8500).portal_address == "http://127.0.0.1:8500"
    assert read_settings(public_address="https://dondoc.tinh.gov.vn/vp").portal_address == (
        "https://dondoc.tinh.gov.vn/vp"
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://dondoc.tinh.gov.vn/", "dondoc.tinh.gov.vn", "ftp://x", "https://", "https://a b", "https://a/?b=c",
        "https://an:mat-khau@a", "https://a#b", "https://a\n", "javascript:alert(1)", "https://đôn.vn", "https://a/../b",
    ],
)  # fmt: skip
def test_an_address_that_cannot_begin_a_link_is_refused(address):
    with pytest.raises(UnusableSetting, match="DONDOC_PUBLIC_ADDRESS") as caught:
        read_settings(public_address=address)
    assert caught.value.help.startswith("Hãy ghi địa chỉ")
