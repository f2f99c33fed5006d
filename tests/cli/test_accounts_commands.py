"""Accounts from the command line: passwords are typed unseen or printed once, and never listed."""

import json

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

import cli.accounts
import office.passwords
from cli.main import app
from office.accounts import find_account
from office.passwords import is_password
from office.store import open_store, reading

TYPED = "năm con trâu qua suối"


@pytest.fixture
def dondoc(tmp_path, monkeypatch):
    monkeypatch.setattr(office.passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setenv("DONDOC_HOME", str(tmp_path))
    monkeypatch.setenv("DONDOC_NOW", "2024-12-02T08:00")
    return lambda *words: CliRunner().invoke(app, ["accounts", *words])


@pytest.fixture
def type_in(monkeypatch):
    """What is typed at the terminal, one answer after the other."""

    def type_in(*answers):
        waiting = list(answers)
        monkeypatch.setattr(cli.accounts.sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
        monkeypatch.setattr(cli.accounts.getpass, "getpass", lambda prompt: waiting.pop(0))

    return type_in


def account(tmp_path, name):
    store = open_store(f"sqlite:///{tmp_path / 'dondoc.db'}")
    with reading(store) as connection:
        found = find_account(connection, name)
    store.dispose()
    return found


def said_password(result):
    [line] = [line for line in result.stdout.splitlines() if "chỉ in một lần" in line]
    return line.rpartition(" ")[2]


def test_the_first_account_is_made_once_and_its_password_said_once(dondoc, tmp_path):
    assert "accounts first" in dondoc("list").stdout
    made = dondoc("first")
    kept = account(tmp_path, "thu-ky")
    assert (kept.role, kept.must_change, is_password(kept.password, said_password(made))) == (
        "administrator",
        True,
        True,
    )
    again = dondoc("first")
    assert (again.exit_code, "Đã có tài khoản" in again.stderr) == (1, True)
    listed = dondoc("list").stdout
    assert listed.splitlines()[-1] == "thu-ky: Thư ký, Quản trị, chờ đổi mật khẩu lần đầu"
    assert said_password(made) not in listed


def test_an_account_is_added_with_a_password_typed_twice(dondoc, type_in, tmp_path):
    dondoc("first")
    type_in(TYPED, TYPED)
    # a terminal is only asked in this process, so the words go to the function behind the command
    cli.accounts.add_account("binh", "Trần Bình", "chair", generate=False)
    kept = account(tmp_path, "binh")
    assert (kept.shown, kept.role, kept.must_change, is_password(kept.password, TYPED)) == (
        "Trần Bình",
        "chair",
        False,
        True,
    )
    type_in(TYPED, TYPED + "!")
    with pytest.raises(cli.accounts.DonDocError, match="không giống nhau"):
        cli.accounts.give_password("binh", generate=False)
    type_in("matkhau12345")
    with pytest.raises(cli.accounts.DonDocError, match="quá thường gặp"):
        cli.accounts.give_password("binh", generate=False)


def test_a_password_is_not_read_from_a_pipe(dondoc):
    refused = dondoc("add", "an", "--shown", "An Nguyễn", "--role", "administrator")
    assert (refused.exit_code, "--generate" in refused.stderr) == (1, True)


def test_a_password_is_generated_an_account_locked_and_opened(dondoc, tmp_path):
    dondoc("first")
    made = dondoc("add", "an", "--shown", "An Nguyễn", "--role", "secretariat", "--generate")
    assert is_password(account(tmp_path, "an").password, said_password(made))
    changed = dondoc("password", "an", "--generate")
    assert said_password(changed) != said_password(made)
    assert is_password(account(tmp_path, "an").password, said_password(changed))
    assert (dondoc("deactivate", "an").exit_code, account(tmp_path, "an").active) == (0, False)
    assert "an: An Nguyễn, Thư ký, đã khóa" in dondoc("list").stdout
    assert (dondoc("activate", "an").exit_code, account(tmp_path, "an").active) == (0, True)
    listed = json.loads(dondoc("list", "--json").stdout)["accounts"]
    known = {"name": "an", "shown": "An Nguyễn", "role": "secretariat", "active": True, "must_change": True}
    assert listed[0] == known


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("deactivate", "thu-ky"), "quản trị cuối cùng"),
        (("activate", "ai"), "Không có tài khoản «ai»"),
        (("password", "ai", "--generate"), "Không có tài khoản «ai»"),
        (("add", "Ăn", "--shown", "An Nguyễn", "--role", "chair", "--generate"), "chữ thường không dấu"),
        (("add", "an", "--shown", "An Nguyễn", "--role", "vua", "--generate"), "Không có vai trò ấy"),
        (("add", "thu-ky", "--shown", "An Nguyễn", "--role", "chair", "--generate"), "đã có người dùng"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(dondoc, words, sentence):
    dondoc("first")
    refused = dondoc(*words)
    assert (refused.exit_code, sentence in refused.stderr, "Mật khẩu" in refused.stdout) == (1, True, False)
