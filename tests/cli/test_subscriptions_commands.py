"""``dondoc subscriptions``: made, listed, given a new address, ended; an address is said once and never again."""

import json

import pytest
from typer.testing import CliRunner

from cli.main import app

ITEMS = "  - {id: BC, line: 1, title: Báo cáo, kind: report, when: trước 10/12/2024, lead: [A, B]}\n"


@pytest.fixture
def dondoc(tmp_path, monkeypatch, write_programmes):
    for name, value in {"HOME": tmp_path, "PROGRAMMES": write_programmes(ITEMS), "AT": "2024-12-02"}.items():
        monkeypatch.setenv(f"DONDOC_{name}", str(value))

    def run(*words, code=0):
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == code, done.output
        return done.output

    run("plan", "2024")
    return run


def test_from_the_first_address_to_the_end(dondoc):
    made = dondoc("subscriptions", "add", "agency/A", "Máy", "--by", "Hoa", "--kind", "report", "--role", "lead")
    address = next(line for line in made.splitlines() if line.startswith("http"))
    assert (address.startswith("http://127.0.0.1:8410/lich/"), address.endswith(".ics")) == (True, True)
    listed = dondoc("subscriptions", "list")
    assert "1. Máy (Sở A), do Hoa tạo, chưa ai hỏi" in listed
    assert address not in listed
    renewed = dondoc("subscriptions", "rotate", "1", "--by", "Hoa")
    assert "/lich/" in renewed
    assert address not in renewed
    dondoc("subscriptions", "revoke", "1", "--by", "Hoa")
    assert "đã thu hồi" in dondoc("subscriptions", "list")
    assert "Không có lịch đăng ký số 1" in dondoc("subscriptions", "rotate", "1", "--by", "Hoa", code=1)
    written = dondoc("subscriptions", "list", "--json")  # the clock's banner stands beside it
    [one] = json.JSONDecoder().raw_decode(written[written.index("[") :])[0]
    assert (one["owner"], one["options"]["kinds"], one["options"]["roles"]) == ("agency/A", ["report"], ["lead"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("agency/KHONG", "Máy"), "Không có lịch «agency/KHONG»"),
        (("all", "Máy", "--windows", "x"), "Không có cách hiện «x»"),
        (("all", "Máy", "--language", "fr"), "Không có ngôn ngữ «fr»"),
        (("all", "Máy", "--role", "lead"), "lọc được theo vai"),
    ],
)
def test_a_mistake_is_one_sentence(dondoc, words, said):
    assert said in dondoc("subscriptions", "add", *words, "--by", "Hoa", code=1)
