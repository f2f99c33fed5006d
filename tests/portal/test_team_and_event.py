"""An inspection is given to a team, what was waited for is recorded: looked at first, then done, taken back."""

import pytest

from models.account import AccountRole
from models.amendment import Amendment
from models.columns import table_of
from models.occurrence import Occurrence
from office.store import reading
from tests.portal.dates_office import ITEMS, opened, press

TEAM, TEAM_BACK, TEAM_STORY = ("/thu-ky/" + act + "/P/K/2024" for act in ("doan", "khoi-phuc", "viec"))
EVENT, EVENT_BACK, EVENT_STORY = ("/thu-ky/" + act + "/P/W/2024" for act in ("su-viec", "khoi-phuc", "viec"))
GIVEN = {"team": "DOAN1", "document": "QĐ 3/QĐ-BCĐ"}
HAPPENED = {"on": "2024-02-20", "document": "CV 88/BNN"}
IN_A_ROUND = ITEMS.replace("inspected: [B]", "inspected: [B], round: 1")


@pytest.fixture
def office(tmp_path, serve, write_programmes):
    with opened(tmp_path, serve, write_programmes(IN_A_ROUND)) as office:
        yield office


def amendments(office):
    with reading(office.store) as connection:
        rows = connection.execute(table_of(Amendment).select())
        return [(row.kind, row.subject, row.by, bool(row.content)) for row in rows]


def occurrence(office, code):
    table = table_of(Occurrence)
    with reading(office.store) as connection:
        return connection.execute(table.select().where(table.c.id == code)).one()


def confirm(browser, address, **fields):
    """Both buttons, one after the other; the second twice."""
    shown = press(browser, browser.get(address), address, step="preview", **fields)
    assert shown.status_code == 200
    first, second = (press(browser, shown, address, step="confirm") for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    return first


def test_an_inspection_waits_for_its_team_until_it_is_given_to_one(office):
    browser = office.browser()
    assert f'href="{TEAM}"' in browser.get("/thu-ky/duyet").text
    page = browser.get(TEAM_STORY).text
    assert "Chờ phân công đoàn." in page
    assert f'<a href="{TEAM}">Phân công đoàn</a>' in page
    before = office.everything()
    shown = press(browser, browser.get(TEAM), TEAM, step="preview", **GIVEN)
    assert "– → <strong>Đoàn 1</strong>" in shown.text
    assert office.everything() == before
    assert confirm(browser, TEAM, **GIVEN).headers["location"] == f"{TEAM_STORY}?done=team"
    assert amendments(office) == [("team", "P/K/2024", "Bà secretariat", True)]
    assert (occurrence(office, "P/K/2024").team, office.told) == ("DOAN1", 2)
    page = browser.get(f"{TEAM_STORY}?done=team").text
    assert "Đã ghi phân công đoàn." in page
    assert '<dd lang="vi">Đoàn 1</dd>' in page
    assert "Phân công đoàn: theo văn bản → <strong>Đoàn 1</strong>" in page
    assert "Chờ phân công đoàn." not in page
    assert f'href="{TEAM}"' not in browser.get("/thu-ky/duyet").text


@pytest.mark.parametrize(("address", "team"), [(TEAM, "-"), (TEAM_BACK, "")])
def test_the_team_is_taken_back_on_either_page(office, address, team):
    browser = office.browser()
    assert browser.get(TEAM_BACK).status_code == 404
    confirm(browser, TEAM, **GIVEN)
    assert "Bỏ phân công đoàn" in browser.get(TEAM_BACK).text
    assert confirm(browser, address, team=team, why="Đổi kế hoạch").status_code == 303
    assert occurrence(office, "P/K/2024").team is None
    assert amendments(office)[-1] == ("team", "P/K/2024", "Bà secretariat", False)


def test_what_was_waited_for_is_recorded_and_then_a_day_is_asked_for(office):
    browser = office.browser()
    assert f'href="{EVENT}"' in browser.get("/thu-ky/duyet").text
    assert f'<a href="{EVENT}">Ghi sự việc đã xảy ra</a>' in browser.get(EVENT_STORY).text
    before = office.everything()
    shown = press(browser, browser.get(EVENT), EVENT, step="preview", **HAPPENED)
    assert "chờ văn bản hoặc sự việc" in shown.text
    assert office.everything() == before
    assert confirm(browser, EVENT, **HAPPENED).headers["location"] == f"{EVENT_STORY}?done=happened"
    page = browser.get(f"{EVENT_STORY}?done=happened").text
    assert "Đã có từ ngày 20/02/2024: CV 88/BNN. Cần ấn định hạn." in page
    assert "Ghi sự việc đã xảy ra ngày 20/02/2024" in page
    assert amendments(office) == [("event", "P/W", "Bà secretariat", True)]
    assert "Bỏ sự việc đã ghi" in browser.get(EVENT_BACK).text
    assert confirm(browser, EVENT_BACK, why="Ghi nhầm").headers["location"] == f"{EVENT_STORY}?done=restored"
    assert occurrence(office, "P/W/2024").placing == "waiting"


@pytest.mark.parametrize(
    ("address", "typed", "sentence"),
    [
        (TEAM, {"team": ""}, "Chưa ghi đoàn"),
        (TEAM, {"team": "A", "document": "QĐ 3"}, "Không có đoàn A"),
        (TEAM, {"team": "DOAN1"}, "Thiếu căn cứ"),
        (EVENT, {"on": "", "document": "CV 8"}, "Chưa ghi ngày sự việc xảy ra"),
        (EVENT, {"on": "hôm qua", "document": "CV 8"}, "Không đọc được ngày sự việc xảy ra"),
        (EVENT, {"on": "2024-02-20", "why": "Nghe nói"}, "Thiếu văn bản của sự việc"),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_is_kept(office, address, typed, sentence):
    browser = office.browser()
    for step in ("preview", "confirm"):
        page = press(browser, browser.get(address), address, step=step, **typed)
        assert (page.status_code, sentence in page.text) == (422, True)
        assert f'value="{typed.get("document", "")}"' in page.text
    assert amendments(office) == []


def test_only_what_waits_or_inspects_is_asked_about_and_only_of_those_who_decide(office):
    browser, chair = office.browser(), office.browser(AccountRole.CHAIR)
    for address in ("/thu-ky/doan/P/H/2024", "/thu-ky/su-viec/P/R/2024"):
        assert browser.get(address).status_code == 404
    for address, page in ((TEAM, TEAM_STORY), (EVENT, EVENT_STORY)):
        assert chair.get(address).status_code == 403
        assert address not in chair.get(page).text
        assert press(chair, browser.get(address), address, step="confirm", **(GIVEN | HAPPENED)).status_code == 403
    assert amendments(office) == []
