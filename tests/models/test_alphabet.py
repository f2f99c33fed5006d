"""Names stand in the order of the Vietnamese alphabet."""

import random
import unicodedata

import pytest

from models.alphabet import alphabetical

IN_ORDER = {
    "letters": "a ă â b c d đ e ê f g h i j k l m n o ô ơ p q r s t u ư v w x y z".split(),
    "tones": ["ma", "mà", "mả", "mã", "má", "mạ", "man"],
    "tones on letters with marks of their own": [
        "âm",
        "ầm",
        "ẩm",
        "ẫm",
        "ấm",
        "ậm",
        "ưa",
        "ừa",
        "ửa",
        "ữa",
        "ứa",
        "ựa",
    ],
    "a word's tone before the next word": ["tuân thủ", "tuân thử", "tuần chay", "tuần lễ"],
    "numbers by size, before words": ["2 đoàn", "10 đoàn", "Đoàn", "Đoàn 2", "Đoàn 10", "Đoàn công tác"],
    "the shorter first": ["Ban", "Ban Nội chính", "Ban Nội chính Tỉnh ủy", "Bang"],
    "agencies": [
        "Ban Dân vận",
        "Ban Nội chính",
        "Ban Tuyên giáo",
        "Công an tỉnh",
        "Cục Thuế",
        "Đảng ủy Khối",
        "Kho bạc",
        "Sở Tài chính",
        "Sở Y tế",
        "Thanh tra tỉnh",
        "Ủy ban Kiểm tra",
        "Ủy ban nhân dân xã Á",
        "Ủy ban nhân dân xã Ân",
        "Văn phòng",
    ],
}


@pytest.mark.parametrize("names", IN_ORDER.values(), ids=IN_ORDER.keys())
def test_names_stand_as_in_a_dictionary(names):
    shuffled = random.Random(35).sample(names, len(names))
    assert sorted(shuffled, key=alphabetical) == names
    assert len({alphabetical(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("Đoàn", "ĐOÀN"),
        ("hòa", "hoà"),
        ("Ban Chỉ đạo 35", "  Ban Chỉ đạo — 35."),
        ("Ủy ban", unicodedata.normalize("NFD", "Ủy ban")),
        ("Curaçao", "Curacao"),
        ("Tổ 07", "Tổ 7"),
        ("", "…"),
    ],
)
def test_case_punctuation_and_ways_of_writing_make_no_difference(one, same):
    assert alphabetical(one) == alphabetical(same)


def test_foreign_scripts_follow_the_alphabet():
    assert sorted(["Ω", "zêta", "2²"], key=alphabetical) == ["2²", "zêta", "Ω"]
