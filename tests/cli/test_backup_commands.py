"""``dondoc backup`` and ``restore`` as an office runs them: the restored office sends nothing until it is told to."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DONDOC = [sys.executable, "-m", "cli.main"]


def run(home, *arguments):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DONDOC_")}
    environment = clean | {"DONDOC_HOME": str(home), "DONDOC_NOW": "2024-12-02T08:00"}
    return subprocess.run([*DONDOC, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_an_office_moves_to_another_home_and_holds_its_notices(tmp_path):
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "b.zip"
    assert run(old, "plan", "2024").returncode == 0
    assert run(old, "notices", "plan").returncode == 0
    saved = run(old, "backup", "--to", str(file))
    assert (saved.returncode, "Đã sao lưu" in saved.stdout, file.exists()) == (0, True, True)
    with zipfile.ZipFile(file) as archive:
        places = [name.partition("/")[0] for name in archive.namelist() if name.startswith(("papers/", "home/"))]
    assert f"{len(places)} tệp, trong đó {places.count('papers')} tệp chương trình" in saved.stdout
    again = run(new, "restore", str(file), "--by", "Lò Thị Hoa")
    assert (again.returncode, "Mọi thông báo đang được giữ lại" in again.stdout) == (0, True), again.stderr
    assert f"{places.count('home')} tệp (khóa ký liên kết, công văn, tệp đã nộp)" in again.stdout
    assert "giống hệt" in again.stdout
    sent = run(new, "notices", "send")
    assert (sent.returncode, "0 thư" in sent.stdout or "giữ" in sent.stdout) == (0, True), sent.stdout + sent.stderr
    before, after = (run(home, "agenda", "--year", "2024", "--json").stdout for home in (old, new))
    assert before == after
    assert "báo" in before
    over = run(new, "restore", str(file), "--by", "Lò Thị Hoa")
    assert (over.returncode, "không khôi phục đè lên" in over.stderr) == (1, True)
