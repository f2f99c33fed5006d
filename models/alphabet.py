"""The order of the Vietnamese alphabet, pure: lists of names stand as they do in a dictionary."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng; no mark at all comes before them

Word = tuple[int, tuple[int, ...], tuple[int, ...]]

_PLACES = {letter: place for place, letter in enumerate(LETTERS)}
_PARTS = re.compile(r"\d+|(?:[^\W\d_][\u0300-\u036f]*)+")
_LETTER = re.compile(r"(\w)([\u0300-\u036f]*)")


@cache
def alphabetical(text: str) -> tuple[Word, ...]:
    """What to sort ``text`` by: word after word, first its letters, then its tone; numbers first and by size.

    As dictionaries do, "tuân thủ" comes before "tuần chay": the tone of a word weighs more than the words
    after it. Case, punctuation and where in a word its tone is written ("hoà", "hòa") make no difference.
    """
    return tuple(_word(part) for part in _PARTS.findall(unicodedata.normalize("NFD", text.casefold())))


def _word(part: str) -> Word:
    """Kind (number before word), its letters' places, its tones; a number has its value instead of letters."""
    if part.isdecimal():
        return 0, (int(part),), ()
    letters = tuple(_place(letter, marks) for letter, marks in _LETTER.findall(part))
    return 1, letters, tuple(TONES.index(mark) for mark in part if mark in TONES)


def _place(letter: str, marks: str) -> int:
    """Its own for "ă"; that of "a" for "ả", of "c" for "ç"; foreign scripts follow "z"."""
    own = unicodedata.normalize("NFC", letter + "".join(mark for mark in marks if mark not in TONES))
    return _PLACES.get(own, _PLACES.get(letter, len(LETTERS) + ord(letter)))
