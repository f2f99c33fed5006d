"""The office's settings: where things lie, and one sentence for what cannot be used."""

import os
from datetime import date, datetime

import pytest

from office.settings import PROJECT, VIETNAM, UnusableSetting, read_settings


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
    }
    assert settings.prefect_home == PROJECT / "var" / "prefect"
    assert settings.prefect_address == "http://127.0.0.1:4200"


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
