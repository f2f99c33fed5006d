"""What the office has chosen: its settings, read from the environment (``DONDOC_…``) and checked at start."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.errors import DonDocError

PREFIX = "DONDOC_"
PROJECT = Path(__file__).resolve().parents[1]
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_YEAR, LAST_YEAR = 2000, 2100
MAIL_SCHEMES = ("smtp", "smtp+starttls", "smtps")
REFERENCE = r"env:[A-Za-z_][A-Za-z0-9_]*|file:/[^\0\r\n]+"

# Names beginning with DONDOC_ that are not settings: the mark on started processes, and the tests' own.
NOT_SETTINGS = ("DONDOC_STARTED_BY", "DONDOC_TEST_")


class UnusableSetting(DonDocError):
    """A setting has a value the program cannot work with; ``variable`` is its name in the environment."""

    exit_code = 2

    def __init__(self, sentence: str, *, variable: str, help: str = "") -> None:
        self.variable = variable
        super().__init__(sentence, help=help)


def _under_the_project(value: object) -> Path:
    # Never under the working directory: cron, systemd and Prefect all start us from other places.
    return (PROJECT / Path(str(value)).expanduser()).resolve()


def _under_the_project_if_given(value: object) -> Path | None:
    return None if value is None else _under_the_project(value)


def _read_day(value: object) -> object:
    # Pydantic alone would read "20241202" as seconds since 1970.
    if value is None or value == "today" or isinstance(value, date):
        return value
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        raise ValueError("not a day")
    return _within_years(date.fromisoformat(str(value)))


def _read_moment(value: object) -> object:
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if not isinstance(value, datetime) and "T" not in str(value):
        raise ValueError("a day without an hour")
    _within_years(moment.date())
    return moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None else moment.astimezone(VIETNAM)


def _within_years(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError("beyond the years the calendar knows")
    return day


def _name_the_driver(value: object) -> str:
    """Give PostgreSQL its driver and SQLite an absolute path; anything else is refused."""
    url = str(value)
    scheme, separator, rest = url.partition("://")
    if scheme in ("postgresql", "postgres", "postgresql+psycopg") and rest:
        address = urlsplit(f"postgresql://{rest}")
        if "@" in (address.hostname or "") or rest.count("@") > 1 or (address.port or 1) < 1:
            raise ValueError("a password's @ must be written %40")  # or its tail would be taken for the host, and shown
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and separator and len(rest) > 1 and rest.startswith("/") and "?" not in rest:
        return f"sqlite:///{_under_the_project(rest[1:])}"
    raise ValueError("neither SQLite nor PostgreSQL")


def _read_mail_server(value: object) -> str:
    """Nothing, or how mail leaves the office; whether the server answers shows when a mail is sent."""
    url = str(value).strip()
    if not url:
        return ""
    parts = urlsplit(url)
    plain = parts.password is None and not (
        parts.path.strip("/") or parts.query or parts.fragment or url.count("@") > 1
    )
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname or parts.port == 0 or not plain:
        raise ValueError("not the address of a mail server, or one with its password in it")
    return url


def _read_bounces(value: object) -> str:
    """Nothing, a folder, or a mailbox as ``imaps://user@host:993/INBOX``."""
    place = str(value).strip()
    if not place or "://" not in place:
        return str(_under_the_project(place)) if place else ""
    parts = urlsplit(place)
    known = parts.scheme == "imaps" and parts.hostname and parts.username and parts.port != 0
    if not known or parts.password is not None or parts.query or parts.fragment or place.count("@") > 1:
        raise ValueError("neither a folder nor a mailbox, or one with its password in it")
    return place


def _read_reference(value: object) -> str:
    """Nothing, or where a secret is kept, never the secret (notices.references resolves it)."""
    reference = str(value).strip()
    if reference and not re.fullmatch(REFERENCE, reference):
        raise ValueError("not a reference to a secret")
    return reference


def _read_mail_address(value: object) -> str:
    address = str(value).strip()
    if not re.fullmatch(r"[!#-'*+/-9=?A-Z^-~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", address):
        raise ValueError("not a mail address")
    return address


def _read_alarm(value: object) -> str:
    place = str(value).strip()
    return place if not place or re.fullmatch(REFERENCE, place) else _read_mail_address(place)


def _read_words(value: object) -> str:
    words = unicodedata.normalize("NFC", " ".join(str(value).split()))
    if not words or not words.isprintable():
        raise ValueError("no words")
    return words


def read_lines(value: object) -> str:
    """Words on one or several lines, written with "|" between them. Raises ValueError for an empty line."""
    return "\n".join(map(_read_words, re.split(r"[|\n]", str(value))))


def _read_address(value: object) -> str:
    # Links are made by adding to it, and people copy them: nothing but scheme, host, port and path.
    address = str(value)
    if address and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9][A-Za-z0-9._~-]*)*", address):
        raise ValueError("not an address to begin links with")
    return address


def _read_issuer(value: object) -> str:
    # Compared letter by letter with what the provider says of itself. Without TLS only on this machine, for trials.
    issuer = str(value).strip()
    if issuer and not re.fullmatch(
        r"(https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:\d{1,5})?(/[!-~]*)?", issuer
    ):
        raise ValueError("not the address of an identity provider")
    return issuer


def _read_ip_address(value: object) -> str:
    text = str(value).strip()
    return str(ip_address(text)) if text else ""


Folder = Annotated[Path, BeforeValidator(_under_the_project)]
File = Annotated[Path | None, BeforeValidator(_under_the_project_if_given)]
Words = Annotated[str, BeforeValidator(_read_words)]
Lines = Annotated[str, BeforeValidator(read_lines)]
Reference = Annotated[str, BeforeValidator(_read_reference)]


class Settings(BaseSettings):
    """One office. Paths are absolute; a relative one is counted from the project's folder, wherever we are.

    ``at`` starts a demonstration on another day ("today" for the real one), ``now`` holds the clock
    still at an instant (Asia/Ho_Chi_Minh unless it names its own offset); see ``office.clock``.
    Passwords are references (``env:NAME``, ``file:/path``). Without a ``mail_server`` mail goes to the sink on
    ``mail_port`` and leaves the machine nowhere; ``mail_timeout`` is in seconds, for one whole attempt.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", validate_default=True
    )

    home: Folder = Path("var")
    database_url: Annotated[str, BeforeValidator(_name_the_driver)] = Field(default="", repr=False)
    programmes: Folder = Path("programmes")
    published: Folder = Path("calendars/published")
    deployments: Folder = Path("prefect.yaml")
    prefect_port: Annotated[int, Field(ge=1024, le=65535)] = 4200
    portal_port: Annotated[int, Field(ge=1024, le=65535)] = 8410
    public_address: Annotated[str, BeforeValidator(_read_address)] = ""
    before_is_inclusive: bool = False
    at: Annotated[Literal["today"] | date | None, BeforeValidator(_read_day)] = None
    now: Annotated[datetime | None, BeforeValidator(_read_moment)] = None
    contacts: File = None
    channels_file: File = None
    templates: Folder = Path("templates/notices")
    letter_template: Folder = Path("templates/letters/cong-van-don-doc.docx")
    mail_server: Annotated[str, BeforeValidator(_read_mail_server)] = Field(default="", repr=False)
    mail_port: Annotated[int, Field(ge=1024, le=65535)] = 8425
    mail_from: Annotated[str, BeforeValidator(_read_mail_address)] = "don-doc@vanphong.example.vn"
    mail_from_name: Words = "Đôn Đốc – Thư ký Ban Chỉ đạo"
    mail_password: Reference = Field(default="", repr=False)
    mail_dsn: bool = False
    mail_timeout: Annotated[float, Field(ge=1, le=300)] = 30
    bounces: Annotated[str, BeforeValidator(_read_bounces)] = Field(default="", repr=False)
    bounces_password: Reference = Field(default="", repr=False)
    alarm_to: Annotated[str, BeforeValidator(_read_alarm)] = Field(default="", repr=False)
    secretariat_name: Words = "Ban Chỉ đạo các chương trình mục tiêu quốc gia tỉnh Điện Biên"
    letter_issuer_above: Words = "UBND TỈNH ĐIỆN BIÊN"
    letter_issuer: Words = "Ban Chỉ đạo các Chương trình mục tiêu quốc gia"
    letter_place: Words = "Điện Biên"
    letter_signer_title: Lines = "TL. TRƯỞNG BAN"
    trusted_proxy: Annotated[str, BeforeValidator(_read_ip_address)] = ""
    oidc_issuer: Annotated[str, BeforeValidator(_read_issuer)] = ""
    oidc_client_id: str = ""
    oidc_client_secret: Reference = Field(default="", repr=False)
    oidc_name: Words = "tài khoản của tỉnh"

    @model_validator(mode="before")
    @classmethod
    def _keep_the_database_at_home(cls, values: dict[str, object]) -> dict[str, object]:
        home = _under_the_project(values.get("home") or cls.model_fields["home"].default)
        return {"database_url": f"sqlite:///{home}/dondoc.db"} | values

    @property
    def prefect_home(self) -> Path:
        """The folder Prefect keeps everything in; ``~/.prefect`` is never touched."""
        return self.home / "prefect"

    @property
    def prefect_address(self) -> str:
        """Where Prefect's server listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.prefect_port}"

    @property
    def portal_address(self) -> str:
        """What links in mails begin with, without a slash at the end."""
        return self.public_address or f"http://127.0.0.1:{self.portal_port}"

    @property
    def uses_sink(self) -> bool:
        """Whether mail stays on this machine."""
        return not self.mail_server

    @property
    def mail_address(self) -> str:
        """Where mail is handed over; see notices.mail.read_mail_server."""
        return self.mail_server or f"smtp://127.0.0.1:{self.mail_port}"

    @property
    def mail_folder(self) -> Path:
        """Where the sink keeps what it takes."""
        return self.home / "mail"

    @property
    def send_lock(self) -> Path | None:
        """The file only one sender holds at a time, for a database with one writer; PostgreSQL lets several send.

        It lies beside the database: two homes may share one.
        """
        scheme, _, path = self.database_url.partition(":///")
        return Path(f"{path}.send.lock") if scheme == "sqlite" else None

    @property
    def letters_folder(self) -> Path:
        """Where formal letters are kept."""
        return self.home / "letters"

    @property
    def files_folder(self) -> Path:
        """Where files that agencies handed in are kept, outside everything that is served."""
        return self.home / "files"

    @property
    def feeds_file(self) -> Path:
        """Where the portal keeps the last good bytes of subscribed calendars; it may be deleted at any time."""
        return self.home / "feeds.db"

    @property
    def contacts_file(self) -> Path:
        """The office's contacts; the invented ones of the example only while nothing can leave the machine.

        Their telephone numbers may be somebody's: with a file of channels no SMS and no Zalo goes to them.
        """
        own = self.contacts or self.programmes / "contacts.yaml"
        stays_here = self.uses_sink and not self.channels_path.exists()
        invented = self.contacts is None and stays_here and not own.exists()
        return self.programmes / "contacts.example.yaml" if invented else own

    @property
    def channels_path(self) -> Path:
        """What the office knows of Zalo and SMS; without the file it has neither."""
        return self.channels_file or self.programmes / "channels.yaml"


A_REFERENCE = "Hãy ghi nơi cất mật khẩu như env:TEN_BIEN hoặc file:/đường/dẫn, không ghi chính mật khẩu."
WHAT_WOULD_HELP = {
    "home": "Hãy ghi đường dẫn một thư mục.",
    "database_url": "Hãy ghi 'sqlite:///đường/dẫn/tệp.db' hoặc 'postgresql://người-dùng@máy-chủ/tên-cơ-sở-dữ-liệu'.",
    "programmes": "Hãy ghi đường dẫn một thư mục.",
    "published": "Hãy ghi đường dẫn một thư mục.",
    "deployments": "Hãy ghi đường dẫn tệp lịch chạy, theo mẫu prefect.yaml.",
    "prefect_port": "Hãy ghi một số cổng từ 1024 đến 65535, ví dụ 4200.",
    "portal_port": "Hãy ghi một số cổng từ 1024 đến 65535, ví dụ 8410.",
    "public_address": "Hãy ghi địa chỉ người nhận thư mở được, ví dụ https://dondoc.tinh.gov.vn, không có / ở cuối.",
    "before_is_inclusive": "Hãy ghi 'true' hoặc 'false'.",
    "at": f"Hãy ghi 'today' hoặc một ngày dạng 2024-12-02, từ năm {FIRST_YEAR} đến năm {LAST_YEAR}.",
    "now": f"Hãy ghi một thời điểm dạng 2024-12-02T08:00, từ năm {FIRST_YEAR} đến năm {LAST_YEAR}.",
    "contacts": "Hãy ghi đường dẫn tệp danh bạ, theo mẫu programmes/contacts.example.yaml.",
    "channels_file": "Hãy ghi đường dẫn tệp khai kênh Zalo, SMS.",
    "templates": "Hãy ghi đường dẫn một thư mục.",
    "letter_template": "Hãy ghi đường dẫn một tệp Word (.docx) theo mẫu templates/letters/cong-van-don-doc.docx.",
    "mail_server": "Hãy ghi như smtp+starttls://tai-khoan@may-chu:587, smtps://tai-khoan@may-chu:465 hoặc "
    "smtp://may-chu:25; mật khẩu đặt ở DONDOC_MAIL_PASSWORD.",
    "mail_port": "Hãy ghi một số cổng từ 1024 đến 65535, ví dụ 8425.",
    "mail_from": "Hãy ghi một địa chỉ thư không dấu, ví dụ don-doc@vanphong.example.vn.",
    "mail_from_name": "Hãy ghi tên người gửi trên một dòng.",
    "mail_password": A_REFERENCE,
    "mail_dsn": "Hãy ghi 'true' hoặc 'false'.",
    "mail_timeout": "Hãy ghi số giây từ 1 đến 300, ví dụ 30.",
    "bounces": "Hãy ghi đường dẫn một thư mục hoặc imaps://tai-khoan@may-chu:993/INBOX; mật khẩu đặt ở "
    "DONDOC_BOUNCES_PASSWORD.",
    "bounces_password": A_REFERENCE,
    "alarm_to": "Hãy ghi một địa chỉ thư, hoặc nơi cất địa chỉ Apprise như env:TEN_BIEN, file:/đường/dẫn.",
    "secretariat_name": "Hãy ghi tên cơ quan trên một dòng.",
    "letter_issuer_above": "Hãy ghi tên cơ quan chủ quản trên một dòng.",
    "letter_issuer": "Hãy ghi tên cơ quan ban hành trên một dòng.",
    "letter_place": "Hãy ghi địa danh trên một dòng.",
    "letter_signer_title": "Hãy ghi quyền hạn, chức vụ của người ký, các dòng cách nhau bằng |, ví dụ "
    "TL. TRƯỞNG BAN|CHÁNH VĂN PHÒNG.",
    "trusted_proxy": "Hãy ghi địa chỉ IP của proxy đứng trước cổng, ví dụ 127.0.0.1.",
    "oidc_issuer": "Hãy ghi địa chỉ nơi cấp danh tính (issuer), ví dụ https://dangnhap.tinh.gov.vn.",
    "oidc_client_id": "Hãy ghi mã mà nơi cấp danh tính đặt cho Đôn Đốc.",
    "oidc_client_secret": A_REFERENCE,
    "oidc_name": "Hãy ghi trên một dòng tên loại tài khoản mà nơi ấy cấp, ví dụ tài khoản của tỉnh.",
}


def read_settings(**given: Any) -> Settings:
    """The office's settings; what is ``given`` (a command's options) comes before the environment.

    Raises ``UnusableSetting``, one Vietnamese sentence that names the variable.
    """
    _refuse_unknown_variables()
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise _as_a_sentence(error) from None


def _refuse_unknown_variables() -> None:
    # A misspelt variable would otherwise be ignored and the default used in silence.
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for variable in sorted(os.environ):
        name = variable.upper()
        if name.startswith(PREFIX) and name not in known and not name.startswith(NOT_SETTINGS):
            alike = difflib.get_close_matches(name, known, n=1)
            raise UnusableSetting(
                f"Không có thiết lập nào tên là {variable}.",
                variable=variable,
                help=f"Có phải là {alike[0]}?" if alike else f"Các thiết lập: {', '.join(sorted(known))}.",
            )


def _as_a_sentence(error: ValidationError) -> UnusableSetting:
    first = error.errors()[0]
    field = str(first["loc"][0]) if first["loc"] else "home"
    variable = PREFIX + field.upper()
    # What is not shown may carry a password (written in the wrong place), so its value is never repeated.
    value = f" '{first['input']}'" if Settings.model_fields[field].repr else ""
    return UnusableSetting(
        f"Thiết lập {variable} có giá trị không dùng được{value}.",
        variable=variable,
        help=WHAT_WOULD_HELP[field],
    )
