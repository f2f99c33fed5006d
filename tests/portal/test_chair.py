"""The chair's month: one sheet with what is coming, what is late and what waits; read only."""

from tests.portal.work_office import MARKUP


def test_the_sheet_names_what_comes_what_is_late_and_what_waits(work_office):
    number = work_office.draft_letter()
    page = work_office.chair.get("/truong-ban").text
    assert "Trang Trưởng ban, tháng 12/2024" in page
    assert "Năm 2024: 3 việc quá hạn." in page
    assert "3 cơ quan chưa nộp" in page
    assert f'href="/thu-ky/duyet#cong-van-{number}"' in page
    assert "Hội nghị tổng kết" in page
    assert "Chờ ấn định ngày</a> trong hai tháng này: 1" in page
    assert "Tháng 1/2025" in page
    assert MARKUP not in page
    assert page.index("Cần quyết định") < page.index("Quá hạn") < page.index("Sắp tới")


def test_another_month_is_chosen_by_link_or_by_form(work_office):
    page = work_office.chair.get("/truong-ban").text
    assert 'href="?thang=2024-11"' in page
    assert 'href="?thang=2025-01"' in page
    assert "tháng 3/2024" in work_office.chair.get("/truong-ban?thang=2024-03").text
    for month in ("2024-13", "2024", "1999-01", "२०२४-०१"):
        assert work_office.chair.get("/truong-ban", params={"thang": month}).status_code == 404
