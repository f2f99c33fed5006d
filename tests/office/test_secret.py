"""The key that signs links: made once, the same for everybody who starts, and closed to others."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from office.secret import UnusableSecret, link_secret, read_or_make_secret
from office.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]


def test_a_first_start_makes_it_and_later_ones_read_it(tmp_path):
    file = tmp_path / "nhà" / "links.key"
    secret = read_or_make_secret(file)
    assert len(bytes.fromhex(secret)) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_or_make_secret(file) == secret
    assert [path.name for path in file.parent.iterdir()] == ["links.key"]


def test_an_office_keeps_its_own_at_home(tmp_path):
    secret = link_secret(read_settings(home=str(tmp_path)))
    assert (tmp_path / "links.key").read_text() == secret + "\n"


def test_its_folder_is_shut_to_others_once(tmp_path):
    home = tmp_path / "nhà"
    home.mkdir()
    home.chmod(0o755)
    read_or_make_secret(home / "links.key")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    home.chmod(0o750)  # an administrator lets a group in
    read_or_make_secret(home / "links.key")
    assert stat.S_IMODE(home.stat().st_mode) == 0o750


def test_a_folder_meant_for_everybody_stays_so(tmp_path):
    tmp_path.chmod(0o1777)
    read_or_make_secret(tmp_path / "links.key")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777


def test_all_who_start_at_once_have_the_same(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: read_or_make_secret(tmp_path / "links.key"), range(64)))) == 1
    program = f"from office.secret import *; print(read_or_make_secret(Path({str(tmp_path / 'other.key')!r})))"
    started = [
        subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in started}) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["links.key", "other.key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_one_that_others_can_read_is_refused(tmp_path, mode):
    file = tmp_path / "links.key"
    secret = read_or_make_secret(file)
    file.chmod(mode)
    with pytest.raises(UnusableSecret, match="để người khác đọc được") as caught:
        read_or_make_secret(file)
    assert (caught.value.exit_code, caught.value.file, f"chmod 600 {file}" in caught.value.help) == (2, file, True)
    assert secret not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"ngan", b"x" * 31, b"\xff" * 40])
def test_one_that_is_too_short_or_no_text_is_refused(tmp_path, content):
    file = tmp_path / "links.key"
    file.touch(0o600)
    file.write_bytes(content)
    with pytest.raises(UnusableSecret) as caught:
        read_or_make_secret(file)
    assert caught.value.exit_code == 2
    assert file.read_bytes() == content


def test_a_home_that_cannot_hold_it_is_a_sentence(tmp_path):
    (tmp_path / "tệp").write_text("")
    for file in (tmp_path / "tệp" / "links.key", tmp_path):
        with pytest.raises(UnusableSecret, match="Không đọc hoặc không tạo được tệp khóa ký liên kết"):
            read_or_make_secret(file)
