"""What the office has chosen: its settings, read from the environment (``DONDOC_…``) and checked at start."""

from __future__ import annotations

import difflib
import os
import re
from datetime import date, datetime
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


Folder = Annotated[Path, BeforeValidator(_under_the_project)]


class Settings(BaseSettings):
    """One office. Paths are absolute; a relative one is counted from the project's folder, wherever we are.

    ``at`` starts a demonstration on another day ("today" for the real one), ``now`` holds the clock
    still at an instant (Asia/Ho_Chi_Minh unless it names its own offset); see ``office.clock``.
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
    before_is_inclusive: bool = False
    at: Annotated[Literal["today"] | date | None, BeforeValidator(_read_day)] = None
    now: Annotated[datetime | None, BeforeValidator(_read_moment)] = None

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


WHAT_WOULD_HELP = {
    "home": "Hãy ghi đường dẫn một thư mục.",
    "database_url": "Hãy ghi 'sqlite:///đường/dẫn/tệp.db' hoặc 'postgresql://người-dùng@máy-chủ/tên-cơ-sở-dữ-liệu'.",
    "programmes": "Hãy ghi đường dẫn một thư mục.",
    "published": "Hãy ghi đường dẫn một thư mục.",
    "deployments": "Hãy ghi đường dẫn tệp lịch chạy, theo mẫu prefect.yaml.",
    "prefect_port": "Hãy ghi một số cổng từ 1024 đến 65535, ví dụ 4200.",
    "before_is_inclusive": "Hãy ghi 'true' hoặc 'false'.",
    "at": f"Hãy ghi 'today' hoặc một ngày dạng 2024-12-02, từ năm {FIRST_YEAR} đến năm {LAST_YEAR}.",
    "now": f"Hãy ghi một thời điểm dạng 2024-12-02T08:00, từ năm {FIRST_YEAR} đến năm {LAST_YEAR}.",
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
    # A database address may carry a password, so its value is never repeated.
    value = "" if field == "database_url" else f" '{first['input']}'"
    return UnusableSetting(
        f"Thiết lập {variable} có giá trị không dùng được{value}.",
        variable=variable,
        help=WHAT_WOULD_HELP[field],
    )
