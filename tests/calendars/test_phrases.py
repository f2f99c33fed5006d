"""Every way the five documents, and the table of phrases made from them, write time."""

import unicodedata
from datetime import date, time

import pytest

from calendars.phrases import UnreadablePhrase, read_phrase
from models.timing import (
    AdHoc,
    Certainty,
    Continuous,
    DayOfYear,
    Deadline,
    External,
    Frequency,
    Hours,
    Lasting,
    MonthsOfYear,
    NoDate,
    Recurring,
    Relative,
    Several,
    Unspecified,
    Waiting,
    Window,
)

D = date

EXACT, WEEK, MONTH, QUARTER, HALF, YEAR, PERIOD = Certainty
FIRST_HALF = Recurring(Frequency.YEAR, on=MonthsOfYear(1, 6))  # the report on the second half is the yearly one
UNSPECIFIED = Unspecified("…")  # the reason is a sentence for people, compared only in its own test


def before(day, certainty=EXACT, hour=None):
    return Deadline(day, False, certainty, hour)


def by(day, certainty=EXACT, hour=None):
    return Deadline(day, True, certainty, hour)


def no_date(kind):
    return NoDate(kind, "…")


def several(*parts):
    return Several(parts)


def without_reasons(timing):
    match timing:
        case Several(parts):
            return Several(tuple(without_reasons(part) for part in parts))
        case Unspecified():
            return UNSPECIFIED
        case NoDate(kind=kind):
            return no_date(kind)
    return timing


PHRASES = [
    ("Tháng 3, năm 2024", Window(D(2024, 3, 1), D(2024, 3, 31), MONTH)),
    ("Tháng 9 năm 2024", Window(D(2024, 9, 1), D(2024, 9, 30), MONTH)),
    ("Quý II, năm 2024", Window(D(2024, 4, 1), D(2024, 6, 30), QUARTER)),
    ("quý II, năm 2024", Window(D(2024, 4, 1), D(2024, 6, 30), QUARTER)),
    ("Quý IV năm 2024", Window(D(2024, 10, 1), D(2024, 12, 31), QUARTER)),
    ("quý IV/2026", Window(D(2026, 10, 1), D(2026, 12, 31), QUARTER)),
    ("quý 2/2024", Window(D(2024, 4, 1), D(2024, 6, 30), QUARTER)),
    ("Q.II", Window(D(2024, 4, 1), D(2024, 6, 30), QUARTER)),
    ("năm 2024", Window(D(2024, 1, 1), D(2024, 12, 31), YEAR)),
    ("Trong năm 2024", Window(D(2024, 1, 1), D(2024, 12, 31), YEAR)),
    ("đến hết năm 2024", by(D(2024, 12, 31), YEAR)),
    ("đến năm 2025", by(D(2025, 12, 31), PERIOD)),
    ("2021-2025", Window(D(2021, 1, 1), D(2025, 12, 31), PERIOD)),
    ("giai đoạn 2021-2025", Window(D(2021, 1, 1), D(2025, 12, 31), PERIOD)),
    ("2021 - 2025", Window(D(2021, 1, 1), D(2025, 12, 31), PERIOD)),
    ("giai đoạn 2021-2030, giai đoạn I: từ năm 2021 đến năm 2025", Window(D(2021, 1, 1), D(2025, 12, 31), PERIOD)),
    ("định hướng đến năm 2030", no_date("orientation")),
    ("6 tháng đầu năm", Window(D(2024, 1, 1), D(2024, 6, 30), HALF)),
    ("6 tháng cuối năm", Window(D(2024, 7, 1), D(2024, 12, 31), HALF)),
    ("Trước ngày 10 tháng 12 hằng năm", Recurring(Frequency.YEAR, on=DayOfYear(10, 12), due=True, included=False)),
    (
        "trước ngày 20 tháng 12 hằng năm (hoặc đột xuất theo yêu cầu)",
        several(Recurring(Frequency.YEAR, on=DayOfYear(20, 12), due=True, included=False), AdHoc()),
    ),
    ("trước ngày 18/3/2024", before(D(2024, 3, 18))),
    ("hằng quý", Recurring(Frequency.QUARTER)),
    ("hàng quý", Recurring(Frequency.QUARTER)),
    ("mỗi quý", Recurring(Frequency.QUARTER)),
    (
        "Hàng quý, 6 tháng, hết năm",
        several(Recurring(Frequency.QUARTER), FIRST_HALF, Recurring(Frequency.YEAR)),
    ),
    ("6 tháng, hằng năm", several(FIRST_HALF, Recurring(Frequency.YEAR))),
    ("hàng tuần", Recurring(Frequency.WEEK)),
    ("hằng tuần", Recurring(Frequency.WEEK)),
    ("hằng năm", Recurring(Frequency.YEAR)),
    ("hàng năm", Recurring(Frequency.YEAR)),
    ("hng năm (OCR)", Recurring(Frequency.YEAR)),
    (
        "từng năm và giai đoạn 2021-2025",
        several(Recurring(Frequency.YEAR), Window(D(2021, 1, 1), D(2025, 12, 31), PERIOD)),
    ),
    ("định kỳ, đột xuất", several(UNSPECIFIED, AdHoc())),
    ("định kỳ hoặc đột xuất", several(UNSPECIFIED, AdHoc())),
    ("đột xuất khi cần thiết", AdHoc()),
    ("đột xuất theo yêu cầu", AdHoc()),
    ("Thường xuyên", Continuous()),
    ("trong suốt quá trình", Continuous()),
    ("kịp thời", UNSPECIFIED),
    ("ngay", UNSPECIFIED),
    ("khẩn trương", UNSPECIFIED),
    (
        "Sau khi có văn bản hướng dẫn của các Bộ, ngành Trung ương",
        Waiting("văn bản hướng dẫn của các Bộ, ngành Trung ương"),
    ),
    ("khi có giấy mời", Waiting("giấy mời")),
    ("khi có đề nghị phối hợp", Waiting("đề nghị phối hợp")),
    ("khi có Đoàn giám sát", Waiting("Đoàn giám sát")),
    ("thời gian cụ thể sẽ thông báo sau bằng Giấy mời", Waiting("Giấy mời")),
    ("(dự kiến)", UNSPECIFIED),
    ("Dự kiến", UNSPECIFIED),
    ("Khoảng", UNSPECIFIED),
    ("Dự kiến 08 ngày, trong quý II, năm 2024", Lasting(8, within=Window(D(2024, 4, 1), D(2024, 6, 30), QUARTER))),
    ("mỗi lớp tập huấn trong 02 ngày", Lasting(2)),
    ("đầu kỳ, giữa kỳ và cuối kỳ", several(UNSPECIFIED, UNSPECIFIED, UNSPECIFIED)),
    ("kể từ ngày ký", Waiting("ngày ký văn bản")),
    ("ngày     /3/2024", no_date("blank")),
    ("ngày tháng năm 2024", no_date("blank")),
    ("Nghị quyết số 17-NQ/TU ngày 10/12/2021", no_date("citation")),
    ("15-18 tuổi", no_date("age")),
    ("6-10 tuổi", no_date("age")),
    ("từ 15 - 60", no_date("age")),
    ("tuần đầu sau sinh", no_date("health")),
    ("đến 1 tháng sau sinh", no_date("health")),
    ("bình quân hằng năm giảm từ 4%", no_date("indicator")),
    ("6.300 lao động/năm", no_date("indicator")),
    ("nhiệm kỳ 2020-2025", no_date("term")),
    ("vốn 2023 kéo dài sang năm 2024", no_date("budget")),
    ("xóa mù … độ tuổi; 100% … 2020 (NQ 52 … đến năm 2020)", no_date("past_target")),
    ("trước 15/6", before(D(2024, 6, 15))),
    ("trước ngày 15-6", before(D(2024, 6, 15))),
    ("trước ngày 15.6", before(D(2024, 6, 15))),
    ("theo quy định", External("quy định")),
    ("theo quy chế", External("quy chế")),
    ("theo kế hoạch", External("kế hoạch")),
    ("trước 2030", before(D(2030, 1, 1), YEAR)),
    ("nửa năm một lần", Recurring(Frequency.HALF)),
    ("6 tháng một lần", Recurring(Frequency.HALF)),
    ("1/2 ngày, từ 14h00 ngày 16/01/2019", Window(D(2019, 1, 16), D(2019, 1, 16), EXACT, Hours(time(14), time(17)))),
    ("đến ngày 31/12/2024", by(D(2024, 12, 31))),
    ("đến hết ngày 31/12/2024", by(D(2024, 12, 31))),
    ("đầu năm", Window(D(2024, 1, 1), D(2024, 1, 1), EXACT)),
    ("giữa năm", Window(D(2024, 6, 30), D(2024, 6, 30), EXACT)),
    ("cuối năm", Window(D(2024, 12, 31), D(2024, 12, 31), EXACT)),
    ("3 tháng 1 lần", Recurring(Frequency.QUARTER)),
    ("02 ngày làm việc kể từ ngày chốt số liệu", Relative(2, "working_day", "chốt số liệu")),
    ("trước tháng 6", before(D(2024, 6, 1), MONTH)),
    ("trước ngày 25/1 năm sau", before(D(2025, 1, 25))),
    ("15 ngày làm việc sau khi kết thúc đợt giám sát", Relative(15, "working_day", "kết thúc đợt giám sát")),
    ("chậm nhất vào ngày 25 của tháng cuối kỳ báo cáo", UNSPECIFIED),
    ("sáng ngày 21/4/2022", Window(D(2022, 4, 21), D(2022, 4, 21), EXACT, Hours(time(7, 30), time(11, 30)))),
    ("01 buổi, từ 14h00 ngày 16/01/2019", Window(D(2019, 1, 16), D(2019, 1, 16), EXACT, Hours(time(14), time(17)))),
    ("chiều ngày 21/4/2022", Window(D(2022, 4, 21), D(2022, 4, 21), EXACT, Hours(time(13, 30), time(17)))),
    ("quý I", Window(D(2024, 1, 1), D(2024, 3, 31), QUARTER)),
]

DOCUMENTS = [
    ("Tháng 7, năm 2024", Window(D(2024, 7, 1), D(2024, 7, 31), MONTH)),
    ("Tháng 12, năm 2024", Window(D(2024, 12, 1), D(2024, 12, 31), MONTH)),
    ("Quý IV, năm 2024", Window(D(2024, 10, 1), D(2024, 12, 31), QUARTER)),
    ("cụ thể sau", Waiting("thông báo cụ thể")),
    (
        "Thực hiện theo quy chế hoạt động của Ban Chỉ đạo tỉnh (Quyết định số 926/QĐ-BCĐ ngày 20/5/2022)",
        External("quy chế hoạt động của Ban Chỉ đạo tỉnh (Quyết định số 926/QĐ-BCĐ ngày 20/5/2022)"),
    ),
    ("theo yêu cầu, nhiệm vụ hoặc theo sự chỉ đạo của UBND tỉnh, Ban chỉ đạo tỉnh và Ban chỉ đạo Trung ương", AdHoc()),
    ("Thực hiện theo quy chế hoạt động của Ban Chỉ đạo tỉnh", External("quy chế hoạt động của Ban Chỉ đạo tỉnh")),
    ("thường xuyên", Continuous()),
    ("(không nêu)", UNSPECIFIED),
    ("giữa kỳ … giai đoạn 2021-2025", UNSPECIFIED),
    ("(thường xuyên)", Continuous()),
    ("cho các cuộc họp, hội nghị", Waiting("các cuộc họp, hội nghị")),
    ("nếu có vấn đề phát sinh, vướng mắc", Waiting("vấn đề phát sinh, vướng mắc")),
    ("năm 2024 (tên Kế hoạch)", Window(D(2024, 1, 1), D(2024, 12, 31), YEAR)),
    ("(chế độ … theo biểu mẫu)", External("biểu mẫu")),
    ("định kỳ, hằng năm hoặc đột xuất (khi cần thiết)", several(UNSPECIFIED, Recurring(Frequency.YEAR), AdHoc())),
    ("Định kỳ", UNSPECIFIED),
    ("theo định kỳ", UNSPECIFIED),
    ("định kỳ theo quy định", External("quy định")),
    ("(không nêu; hiệu lực từ 18/02/2022)", UNSPECIFIED),
    (
        "Định kỳ trước ngày 20 tháng 12 hằng năm (hoặc đột xuất theo yêu cầu)",
        several(Recurring(Frequency.YEAR, on=DayOfYear(20, 12), due=True, included=False), AdHoc()),
    ),
    ("(không nêu) giai đoạn 2021-2025", UNSPECIFIED),
    (
        "nếu có khó khăn vướng mắc hoặc cần thiết phải điều chỉnh",
        Waiting("khó khăn vướng mắc hoặc cần thiết phải điều chỉnh"),
    ),
    ("giai đoạn 2022-2025 (trong tên)", Window(D(2022, 1, 1), D(2025, 12, 31), PERIOD)),
    ("(tăng cường)", UNSPECIFIED),
    ("Trong năm 2024 (thời gian cụ thể sẽ thông báo sau bằng Giấy mời)", Window(D(2024, 1, 1), D(2024, 12, 31), YEAR)),
    ("mỗi lớp tập huấn trong 02 ngày; Trong năm 2024", Lasting(2, within=Window(D(2024, 1, 1), D(2024, 12, 31), YEAR))),
    ("khi cơ quan Thường trực … có đề nghị phối hợp", Waiting("cơ quan Thường trực … có đề nghị phối hợp")),
    ("Trong năm 2024 (thời gian cụ thể sẽ thông báo sau bằng văn bản)", Window(D(2024, 1, 1), D(2024, 12, 31), YEAR)),
    (
        "Tháng 9 năm 2024 (thời gian và địa điểm cụ thể sẽ có thông báo sau)",
        Window(D(2024, 9, 1), D(2024, 9, 30), MONTH),
    ),
    ("đột xuất; Quý IV năm 2024", several(AdHoc(), Window(D(2024, 10, 1), D(2024, 12, 31), QUARTER))),
    ("(sau 18/3/2024) để tổng hợp báo cáo UBND huyện", Waiting("sau ngày 18/03/2024")),
    ("sẽ thông báo sau bằng Giấy mời", Waiting("Giấy mời")),
    ("sẽ thông báo sau bằng văn bản", Waiting("văn bản")),
    ("6 tháng", FIRST_HALF),
    (
        "đầu kỳ, giữa kỳ, kết thúc và hằng năm, đợt xuất",
        several(UNSPECIFIED, UNSPECIFIED, UNSPECIFIED, Recurring(Frequency.YEAR), AdHoc()),
    ),
]


@pytest.mark.parametrize(("phrase", "timing"), PHRASES, ids=[phrase for phrase, _ in PHRASES])
def test_every_known_way_to_write_time_is_read(phrase, timing):
    assert without_reasons(read_phrase(phrase, year=2024).timing) == timing


@pytest.mark.parametrize(("phrase", "timing"), DOCUMENTS, ids=[phrase for phrase, _ in DOCUMENTS])
def test_every_time_in_the_five_documents_is_read(phrase, timing):
    assert without_reasons(read_phrase(phrase, year=2024).timing) == timing


def test_an_invitation_that_will_fix_the_date_leaves_the_window_and_names_itself():
    reading = read_phrase("Trong năm 2024 (thời gian cụ thể sẽ thông báo sau bằng Giấy mời)", year=2024)
    assert reading.timing == Window(D(2024, 1, 1), D(2024, 12, 31), YEAR)
    assert (reading.tentative, reading.fixed_by) == (True, "Giấy mời")


def test_a_place_and_time_to_be_told_later_make_the_month_tentative():
    reading = read_phrase("Tháng 9 năm 2024 (thời gian và địa điểm cụ thể sẽ có thông báo sau)", year=2024)
    assert (reading.timing, reading.tentative, reading.fixed_by) == (
        Window(D(2024, 9, 1), D(2024, 9, 30), MONTH),
        True,
        None,
    )


@pytest.mark.parametrize(
    ("phrase", "assumed"),
    [
        ("trước ngày 15/6", True),
        ("quý I", True),
        ("quý I năm sau", True),  # "next year" is still counted from the document's year
        ("trước ngày 15/6/2024", False),
        ("tháng 3, 7 và 12 năm 2024", False),
        ("trước ngày 10 tháng 12 hằng năm", False),  # comes back every year, so no year is assumed
    ],
)
def test_a_year_taken_from_the_document_is_marked(phrase, assumed):
    assert read_phrase(phrase, year=2024).assumed_year is assumed


@pytest.mark.parametrize("phrase", ["kịp thời", "ngay", "khẩn trương", "ngay sau khi có văn bản"])
def test_haste_is_marked_and_is_no_date(phrase):
    reading = read_phrase(phrase, year=2024)
    assert reading.urgent
    assert not isinstance(reading.timing, (Window, Deadline))


def test_the_ends_of_the_period_need_the_document():
    period = Window(D(2021, 1, 1), D(2025, 12, 31), PERIOD)
    reading = read_phrase("đầu kỳ, giữa kỳ và cuối kỳ", year=2022, period=period)
    assert without_reasons(reading.timing) == several(
        Window(D(2021, 1, 1), D(2021, 12, 31), YEAR), UNSPECIFIED, Window(D(2025, 1, 1), D(2025, 12, 31), YEAR)
    )
    assert reading.tentative
    assert read_phrase("cả giai đoạn", year=2022, period=period).timing == period


def test_from_the_day_of_signing_needs_the_day():
    signed = D(2022, 2, 18)
    assert read_phrase("kể từ ngày ký", year=2022, issued=signed).timing == Window(signed, signed, EXACT)
    assert read_phrase("kể từ ngày ký", year=2022).timing == Waiting("ngày ký văn bản")
    assert read_phrase("từ ngày ký đến hết ngày 31/12/2022", year=2022, issued=signed).timing == Window(
        signed, D(2022, 12, 31), EXACT
    )
    assert read_phrase("10 ngày kể từ ngày ký", year=2022).timing == Relative(10, "day", "ngày ký văn bản")


def test_tet_already_over_when_the_document_is_signed_is_left_to_a_person():
    assert read_phrase("trước Tết Nguyên đán", year=2024).timing == before(D(2024, 2, 10))
    late = read_phrase("trước Tết Nguyên đán", year=2024, issued=D(2024, 3, 1))
    assert without_reasons(late.timing) == UNSPECIFIED


@pytest.mark.parametrize(
    "phrase",
    [
        "TRƯỚC NGÀY 18/3/2024",
        "**trước**\n\nngày 18/3/2024",
        "trước\u00a0ngày\u00a018/3/2024",
        unicodedata.normalize("NFD", "trước ngày 18/3/2024"),
        "  - Trước  ngày 18 – 3 – 2024;",
        "tr\u200bước ngày 18.3.2024.",
        "Thời gian thực hiện: trước ngày 18 tháng 3 năm 2024",
        "trước ngày18/3/2024",
    ],
)
def test_the_way_it_was_typed_does_not_matter(phrase):
    reading = read_phrase(phrase, year=2024)
    assert reading.timing == before(D(2024, 3, 18))
    assert reading.phrase == unicodedata.normalize("NFC", phrase)


@pytest.mark.parametrize("word", ["hằng", "hàng", "hng"])
def test_every_spelling_of_hang_is_every(word):
    assert read_phrase(f"{word} năm", year=2024).timing == Recurring(Frequency.YEAR)


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("ngày 30/2/2024", "Không có ngày 30/02/2024"),
        ("31/4", "tháng 4 năm 2024 có 30 ngày"),
        ("tháng 13", "Không có tháng 13"),
        ("quý V", "Không có quý V"),
        ("25h ngày 15/6", "Không có giờ “25h”"),
        ("từ ngày 14/6 đến ngày 10/6/2024", "trước khi bắt đầu"),
        ("thứ Ba ngày 02/12/2024", "là thứ Hai, không phải thứ Ba"),
        ("15 (mười sáu) ngày làm việc", "không khớp nhau"),
        ("tháng 6 nhuận", "Không có ngày 01/06 nhuận âm lịch năm 2024"),
        ("ngày 30 tháng Chạp", "Không có ngày 30/12 âm lịch năm 2024"),
        ("", "để trống"),
        ("   ", "để trống"),
        ("trước hết", "không hiểu từ chỗ “trước hết”"),
        ("ngày 10/3 âm lịch (tức ngày 19/4/2024)", "không trùng"),
        ("15/6/24", "năm viết hai chữ số"),
    ],
)
def test_an_impossible_time_is_refused_with_the_reason(phrase, words):
    with pytest.raises(UnreadablePhrase, match=words):
        read_phrase(phrase, year=2024)


def test_a_refusal_tells_what_was_understood_and_what_to_write():
    with pytest.raises(UnreadablePhrase) as refusal:
        read_phrase("trước ngày 15 hằng tháng vào lúc trăng lên", year=2024)
    assert refusal.value.understood == "trước ngày 15 hằng tháng vào lúc"
    assert "'trước ngày 30/6/2024'" in refusal.value.help


def test_a_text_too_long_is_refused_at_once():
    with pytest.raises(UnreadablePhrase, match="dài 10000 ký tự"):
        read_phrase("quý II " * 1428 + "quý ", year=2024)


@pytest.mark.parametrize(
    ("phrase", "article"),
    [
        ("cuối tháng 6/2024", "khoản 2 Điều 146"),
        ("cuối năm 2024", "khoản 3 Điều 146"),
        ("nửa đầu tháng 6", "điểm d khoản 1 Điều 146"),
        ("05 ngày kể từ ngày nhận được văn bản", "Điều 147"),
        ("ngày 31 hằng tháng", "khoản 3 Điều 148"),
    ],
)
def test_the_rule_names_its_article(phrase, article):
    assert article in read_phrase(phrase, year=2024).rule


def test_the_reason_of_a_trap_is_a_sentence_for_people():
    timing = read_phrase("Nghị quyết số 17-NQ/TU ngày 10/12/2021", year=2022).timing
    assert timing == NoDate("citation", "ngày ban hành của văn bản được viện dẫn, không phải thời gian thực hiện.")
