"""What is typed into a field becomes a value, or nothing."""

import pytest

from portal.typed import read_number


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("007", 7), ("", None), ("²", None), ("-1", None),
                                              ("1_0", None), ("٣", None), (" 1", None), ("1234", None)])  # fmt: skip
def test_only_few_plain_digits_are_a_number(text, number):
    assert read_number(text, 3) == number
