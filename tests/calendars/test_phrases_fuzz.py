"""Whatever is typed, the reader answers with a Reading or one sentence, and soon."""

import time
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.phrases import LONGEST_PHRASE, UnreadablePhrase, read_phrase
from models.timing import Certainty, Reading, Several, Window

WORD_LIST = (
    "trước|chậm nhất|đến|đến hết|hết|từ|kể từ ngày|sau|ngày|tháng|quý|năm|tuần|15|31|2024|15/6|15/6/2024|6/2024|30/2|"
    "10-14/6/2024|II|IV|hằng năm|hằng quý|hằng tháng|hằng tuần|định kỳ|đột xuất|thường xuyên|,|;|:|(|)|và|hoặc|-|/|"
    "6 tháng|đầu năm|cuối|giữa|đầu kỳ|báo cáo|05 ngày làm việc|5 ngày|sau khi có văn bản|thứ hai|14h00|25h|sáng|"
    "âm lịch|nhuận|mùng 5|tháng giêng|rằm|Tết Nguyên đán|dự kiến|khoảng|trong vòng|giai đoạn 2021-2025|năm sau|"
    "ngày 15 của tháng cuối quý|của|một lần|2 lần/năm|theo quy định|kịp thời|để tổng hợp|tại xã|hoàn thành|tức|"
    "giai đoạn I|nửa|tuần 2|hạ tuần|24h|00/00|ngày 00|99 tháng|từng ngày|**trước**|…|%|15-18 tuổi|NQ số 17-NQ/TU"
)
WORDS = WORD_LIST.split("|")
ISSUED = st.sampled_from([None, date(2024, 3, 1)])
PERIOD = st.sampled_from([None, Window(date(2021, 1, 1), date(2025, 12, 31), Certainty.PERIOD)])


def answer(phrase, issued=None, period=None):
    try:
        reading = read_phrase(phrase, year=2024, issued=issued, period=period)
    except UnreadablePhrase as error:
        refusal = error
    else:
        return check(reading)
    assert refusal.sentence
    assert refusal.help
    return refusal


def check(reading):
    assert isinstance(reading, Reading)
    assert reading.rule
    for timing in reading.timing.parts if isinstance(reading.timing, Several) else (reading.timing,):
        if isinstance(timing, Window):
            assert timing.first <= timing.last
    return reading


@given(st.text(max_size=LONGEST_PHRASE + 20))
@settings(max_examples=400, deadline=None)
def test_any_text_is_answered(phrase):
    answer(phrase)


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), ISSUED, PERIOD)
@settings(max_examples=1500, deadline=None)
def test_any_mixture_of_known_words_is_answered(phrase, issued, period):
    answer(phrase, issued, period)


@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=6), st.characters())
@settings(max_examples=400, deadline=None)
def test_a_strange_character_anywhere_is_answered(words, character):
    answer(character.join(words))


@given(st.text(min_size=1, max_size=20).map(lambda text: (text * 10_000)[:10_000]))
@settings(max_examples=50, deadline=None)
def test_ten_thousand_characters_are_refused_at_once(phrase):
    started = time.perf_counter()
    assert isinstance(answer(phrase), UnreadablePhrase)
    assert time.perf_counter() - started < 0.5


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_the_longest_phrase_is_answered_in_bounded_time(words):
    phrase = (" ".join(words) + " ") * LONGEST_PHRASE
    answer("quý II")  # the grammar is built once, not here
    started = time.perf_counter()
    answer(phrase[:LONGEST_PHRASE])
    assert time.perf_counter() - started < 2  # about 0.03 s on a quiet machine; generous for a busy one
