"""A reference names where a secret is kept; nobody ever reads the secret in a sentence or a log."""

import logging
import threading

import pytest

from notices.references import UnresolvedReference, is_reference, resolve, unlogged


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("env:ZALO_TOKEN", True),
        ("env:_t1", True),
        ("file:/run/secrets/zalo", True),
        ("file:/có dấu và cách/khóa", True),
        ("env:", False),
        ("env:1A", False),
        ("env:A B", False),
        ("env:TOKEN\n", False),
        ("file:", False),
        ("file:khoa.txt", False),  # relative to what?
        ("file:/a\n/b", False),
        ("ENV:TOKEN", False),
        ("tgram://1234:secret/5678", False),
        ("0912345678", False),
        ("", False),
    ],
)
def test_a_reference_names_a_variable_or_a_file(text, answer):
    assert is_reference(text) is answer


def test_a_secret_is_read_from_the_environment_without_blanks_around_it():
    assert resolve("env:ZALO_TOKEN", {"ZALO_TOKEN": " t0k3n\n"}) == "t0k3n"


def test_a_secret_is_read_from_a_file_without_blanks_around_it(tmp_path):
    file = tmp_path / "khóa cổng"
    file.write_text("\tkhóa\r\n", encoding="utf-8")
    assert resolve(f"file:{file}", {}) == "khóa"


@pytest.mark.parametrize("environment", [{}, {"ZALO_TOKEN": " \n"}, {"zalo_token": "t0k3n"}])
def test_a_variable_that_is_missing_or_empty_is_named(environment):
    with pytest.raises(UnresolvedReference, match="env:ZALO_TOKEN") as caught:
        resolve("env:ZALO_TOKEN", environment)
    assert caught.value.reference == "env:ZALO_TOKEN"
    assert caught.value.help
    assert "t0k3n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [None, b"", b" \n", b"\xff\xfe secret"], ids=["missing", "empty", "blank", "binary"]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    file = tmp_path / "zalo"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UnresolvedReference, match=f"file:{file}") as caught:
        resolve(f"file:{file}", {})
    assert caught.value.reference == f"file:{file}"
    assert "secret" not in caught.value.sentence


def test_a_folder_is_no_secret(tmp_path):
    with pytest.raises(UnresolvedReference, match="không đọc được"):
        resolve(f"file:{tmp_path}", {})


@pytest.mark.parametrize("secret", ["tgram://1234:s3cr3t/5678", "s3cr3t", "env:s3cr3t!", "file:s3cr3t"])
def test_a_secret_written_where_a_reference_belongs_is_not_repeated(secret):
    with pytest.raises(UnresolvedReference) as caught:
        resolve(secret, {"s3cr3t": "1"})
    assert "s3cr3t" not in f"{caught.value} {caught.value.help} {caught.value!r}"
    assert caught.value.reference == ""
    assert caught.value.__cause__ is None


def test_libraries_are_silent_in_this_thread_only_and_only_for_a_while(caplog):
    caplog.set_level(logging.DEBUG)
    library = logging.getLogger("apprise")
    with unlogged():
        library.error("https://gateway/s3cr3t")
        elsewhere = threading.Thread(target=library.error, args=("from another thread",))
        elsewhere.start()
        elsewhere.join()
        logging.getLogger("notices").info("our own diary")
    library.error("afterwards")
    assert [record.message for record in caplog.records] == ["from another thread", "our own diary", "afterwards"]
