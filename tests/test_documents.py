"""What the guides say is so: their commands, settings, links and examples exist, and text is NFC."""

import re
import subprocess
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from typer.main import get_command

from calendars.phrases import read_phrase
from cli.main import app
from models.kinds import DECISION_NAMES
from models.timing import (
    AdHoc,
    Certainty,
    Continuous,
    Deadline,
    External,
    Lasting,
    NoDate,
    Recurring,
    Relative,
    Several,
    Unspecified,
    Waiting,
    Window,
)
from office.settings import Settings
from planning.check import read_definitions

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {".git", ".venv", ".venvs", "var", "node_modules", "published", ".pytest_cache", ".hypothesis"}


def files() -> list[Path]:
    """What is in Git; without Git, every file that is not made by running."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not SKIPPED & set(path.relative_to(ROOT).parts)]


def text_of(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None


GUIDES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("programmes/*.md"), *ROOT.glob("templates/*/*.md")]
)
by_name = pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))


@by_name
def test_every_make_target_named_exists(guide):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make ([a-z]+)", guide.read_text(encoding="utf-8"), re.MULTILINE))
    assert named - targets == set()


def command_named(words):
    """The command a line begins with; a group of commands (notices, audit) is followed by one of its own."""
    found = get_command(app)
    for word in words:
        if not hasattr(found, "commands"):
            break
        assert word in found.commands, " ".join(words)
        found = found.commands[word]
    return found


@by_name
def test_every_command_and_option_named_exists(guide):
    for line in re.findall(r"(?:`|^    (?:\$ )?)dondoc ([^`\n]+)", guide.read_text(encoding="utf-8"), re.MULTILINE):
        words = re.sub(r"^(?:--at \S+ )?|\"[^\"]*\"|  +#.*", " ", line).split()
        if words[0] == "…":
            continue
        known = {name for option in command_named(words).params for name in (*option.opts, "--help")}
        assert {word for word in words if word.startswith("--")} <= known, line


@pytest.mark.parametrize("readme", ["README.md", "README.vi.md"])
def test_every_setting_is_told(readme):
    told = set(re.findall(r"`(DONDOC_[A-Z_]+)`", (ROOT / readme).read_text(encoding="utf-8")))
    assert told == {f"DONDOC_{name.upper()}" for name in Settings.model_fields}


def test_every_kind_of_decision_is_told():
    guide = (ROOT / "docs/huong-dan.md").read_text(encoding="utf-8")
    assert [name for name in DECISION_NAMES.values() if f"| {name} |" not in guide] == []


@by_name
def test_every_link_within_the_project_leads_somewhere(guide):
    links = re.findall(r"\]\(([^)#\s]*)(?:#[^)\s]*)?\)", guide.read_text(encoding="utf-8"))
    inside = [link for link in links if link and "://" not in link]
    assert [link for link in inside if not (guide.parent / link).exists()] == []


PERIOD = Window(date(2021, 1, 1), date(2025, 12, 31), Certainty.PERIOD)
ONE_MEANING = {
    "Trước một ngày": Deadline, "Trước một ngày năm sau": Deadline, "Trước một tháng, một năm": Deadline,
    "Chậm nhất, đến, hết": Deadline, "Hằng năm, có hạn": Recurring, "Hằng tuần": Recurring, "Hằng tháng": Recurring,
    "Hằng quý": Recurring, "Nửa năm một lần": Recurring, "Báo cáo 6 tháng": Recurring, "Hằng năm": Recurring,
    "Kéo dài bao lâu": Lasting,
    "Thời hạn sau một việc": Relative, "Chờ văn bản, chờ sự việc": Waiting, "Theo văn bản khác": External,
    "Đột xuất": AdHoc, "Thường xuyên": Continuous, "Khẩn": Unspecified, "Ngày trong kỳ báo cáo": Unspecified,
}  # fmt: skip
WINDOWS = (
    "Một ngày", "Một buổi", "Từ ngày đến ngày", "Tháng", "Quý", "Nửa năm", "Năm", "Giai đoạn", "Đầu, giữa, cuối năm",
    "Từ ngày ký", "Dự kiến",
)  # fmt: skip
TRAPS = (
    "Văn bản được dẫn", "Tuổi", "Sức khỏe", "Chỉ tiêu", "Định hướng", "Nhiệm kỳ", "Nguồn vốn", "Ngày để trống",
)  # fmt: skip
SEVERAL = (
    "Hằng năm, có hạn và đột xuất", "Nhiều kỳ trong một câu", "Sẽ thông báo sau", "Định kỳ mà không nêu kỳ",
    "Đầu kỳ, giữa kỳ, cuối kỳ",
)  # fmt: skip
MEANINGS = ONE_MEANING | dict.fromkeys(WINDOWS, Window) | dict.fromkeys(TRAPS, NoDate) | dict.fromkeys(SEVERAL, object)


def ways_of_writing() -> list[tuple[str, str]]:
    text = (ROOT / "programmes/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| (`[^|]+`) \|", text[text.index("## Cách viết thời gian") :], re.MULTILINE)
    return [(kind, phrase) for kind, phrases in rows for phrase in re.findall(r"`([^`]+)`", phrases)]


@pytest.mark.parametrize(("kind", "phrase"), ways_of_writing())
def test_every_way_of_writing_in_the_table_is_read_as_it_says(kind, phrase):
    timing = read_phrase(phrase, year=2024, period=PERIOD, issued=date(2024, 1, 15)).timing
    assert isinstance(timing, MEANINGS[kind])
    assert kind in SEVERAL or not isinstance(timing, Several)


def test_every_kind_of_the_table_has_its_meaning():
    assert {kind for kind, _ in ways_of_writing()} == set(MEANINGS)


def test_the_programme_shown_in_the_readme_passes_the_check(tmp_path):
    shown = re.findall(r"```yaml\n(.*?)```", (ROOT / "programmes/README.md").read_text(encoding="utf-8"), re.DOTALL)
    policy = (ROOT / "programmes/policies/default.yaml").read_text(encoding="utf-8")
    names = ("agencies.yaml", "suoi-may-giam-ngheo-2026.yaml", "holidays/2026.yaml", "policies/default.yaml")
    for name, text in zip(names, [*shown, policy], strict=True):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(read_definitions(tmp_path).programmes) == ["SM-GN-2026"]


def test_all_text_is_nfc():
    assert [
        path.name for path in files() if (text := text_of(path)) and not unicodedata.is_normalized("NFC", text)
    ] == []


# Written in two parts, so that this file does not name them itself.
ELSEWHERE = re.compile(
    "|".join(
        [
            "pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs", "deb" + r"\.debian\.org",
            "proxy" + r"\.golang", r"--(?:extra-)?index" + r"-url https?:",
            r"(?<![\w.-])/(?:root|home|tmp|work)" + r"/[a-z]",  # whole paths only: templates have a folder "work"
        ]
    )
)  # fmt: skip


def test_no_file_names_a_registry_or_a_path_of_one_machine():
    found = [
        f"{path.relative_to(ROOT)}: {hit[0]}" for path in files() for hit in ELSEWHERE.finditer(text_of(path) or "")
    ]
    assert found == []
