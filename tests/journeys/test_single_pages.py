"""That every address has its line in the table, that pages which are files keep to the same, and that it is noticed."""

import re

import pytest

from tests.journeys.addresses import NO_PAGES, PAGES, patterns
from tests.journeys.people import LATE
from tests.journeys.seen_pages import Examiner

BROKEN = """<!doctype html><html lang="vi"><head><title>Hỏng</title></head><body><main><h1>Hỏng</h1>
<p style="color: #bbb; width: 500px">Chữ mờ</p><input name="a">
<ul><li>Một</li><li>Hai</li><li>Ba</li><li><button></button></li></ul></main></body></html>"""

FRAMED = re.compile(": (landmark-one-main|region) ")  # what a mail lacks, as the program that shows it has it


def test_every_address_has_its_line():
    unknown, gone = patterns() - PAGES.keys() - NO_PAGES, (PAGES.keys() | NO_PAGES) - patterns()
    assert not unknown, f"{unknown}: say in PAGES of tests/journeys/addresses.py where such a page stands in the office"
    assert not gone, (
        f"{gone}: no address of the portal is like this any more; take it out of tests/journeys/addresses.py"
    )


@pytest.fixture
def looks(window):
    return Examiner(window(), "vi", set())


def test_what_is_wrong_with_a_page_is_noticed(looks):
    looks.page.set_content(BROKEN)
    looks.look()
    said = [one.removeprefix("about:blank: ").partition(" (")[0] for one in looks.wrong]
    assert "1280 px, light: label" in said
    assert "390 px, dark: color-contrast" in said
    assert "1280 px, light: button-name" in said
    assert looks.page.locator("[data-passed]").all_inner_texts() == ["Ba"]  # as "Một" is; the others are unlike it
    assert any(one.startswith("320 px: ") for one in said)
    assert not any(one.startswith("640 px: ") for one in said)


def test_pages_that_are_files(office, looks, tmp_path):
    proof, sheet, mail = (tmp_path / f"{name}.html" for name in ("phieu", "lich", "thu"))
    office.dondoc("proof", "1", "--out", str(proof))
    office.dondoc("sheet", "week", "2024-W51", "--out", str(sheet))
    mail.write_text(office.mail("lanh-dao@snnptnt.example.vn", LATE).html, encoding="utf-8")
    for file in (office.home.folder / "published" / "index.html", proof, sheet, mail):
        looks.page.goto(file.as_uri())
        looks.look()
    wrong = [one for one in looks.wrong if not (mail.name in one and FRAMED.search(one))]
    assert not wrong, "\n".join(wrong)
