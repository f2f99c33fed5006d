"""Who is meant by a target on a day, who stands in, and who is named as missing."""

from dataclasses import replace
from datetime import date, time

import pytest

from models.kinds import Post, Target
from notices.recipients import ContactBook, Leave, Meant, Parties, Person, Way, say_nobody

D = date
DAY = D(2024, 12, 2)
MAIL = (Way("mail", "x@example.vn"),)


def person(code, agency, post, *, ways=MAIL, first=None, last=None):
    return Person(code, code.title(), agency, post, "vi", time(18), time(6), True, first, last, ways)


HOA, TAM, AN = person("hoa", "A", Post.FOCAL), person("tam", "A", Post.FOCAL), person("an", "A", Post.HEAD)
BINH, CUONG = person("binh", "B", Post.DEPUTY), person("cuong", "B", Post.HEAD)
DUNG = person("dung", "C", Post.HEAD)
STANDING, OFFICE, CHAIR = (
    person("tk-a", "A", Post.SECRETARIAT), person("tk", None, Post.SECRETARIAT), person("tb", None, Post.CHAIR),
)  # fmt: skip
BOOK = ContactBook([HOA, TAM, AN, BINH, CUONG, DUNG, STANDING, OFFICE, CHAIR])
AROUND = Parties("A", leads=("B", "A"), participants=("C",), inspected=("X",), collectors=("A",), standing="A")


def keys(found):
    return [one.key for one in found]


@pytest.mark.parametrize(
    ("target", "parties", "expected"),
    [
        (Target.FOCAL, Parties("A"), ["hoa", "tam"]),  # a post two share: both hear
        (Target.FOCAL, Parties("B"), ["binh"]),  # no focal person: the deputy
        (Target.FOCAL, Parties("C"), ["dung"]),  # nor a deputy: the head
        (Target.HEAD, Parties("A"), ["an"]),
        (Target.DEPUTY, Parties("A"), ["an"]),
        (Target.HEAD, Parties("X"), ["?head:X"]),
        (Target.FOCAL, Parties(), ["?focal:"]),
        (Target.LEAD, AROUND, ["binh", "hoa", "tam"]),
        (Target.PARTICIPANTS, AROUND, ["dung"]),
        (Target.INSPECTED, AROUND, ["?focal:X"]),
        (Target.COLLECTOR, AROUND, ["hoa", "tam"]),
        (Target.COLLECTOR, Parties("A"), []),
        (Target.STANDING_AGENCY, AROUND, ["hoa", "tam"]),
        (Target.SECRETARIAT, AROUND, ["tk-a"]),  # the standing agency's own
        (Target.SECRETARIAT, Parties(standing="B"), ["tk"]),  # else the office's
        (Target.CHAIR, AROUND, ["tb"]),
    ],
)
def test_whom_a_target_means(target, parties, expected):
    assert keys(BOOK.find(target, parties, DAY)) == expected


def test_each_is_meant_once_and_known_with_the_agency_they_were_found_for():
    twice = Parties(leads=("A", "A"))
    assert BOOK.find(Target.LEAD, twice, DAY) == [
        Meant(Target.LEAD, "hoa", HOA, "A"),
        Meant(Target.LEAD, "tam", TAM, "A"),
    ]
    assert BOOK.find(Target.HEAD, Parties("X"), DAY) == [Meant(Target.HEAD, "?head:X", None, "X")]


def test_a_post_has_its_first_and_its_last_day():
    old = replace(HOA, valid_to=D(2024, 11, 30))
    new = replace(TAM, valid_from=D(2024, 12, 1))
    book = ContactBook([old, new])
    assert [keys(book.find(Target.FOCAL, Parties("A"), day)) for day in (D(2024, 11, 30), D(2024, 12, 1))] == [
        ["hoa"], ["tam"],
    ]  # fmt: skip


def test_the_person_without_a_channel_is_meant_all_the_same():
    book = ContactBook([replace(HOA, ways=()), AN])
    assert keys(book.find(Target.FOCAL, Parties("A"), DAY)) == ["hoa"]


FIRST, LAST = D(2024, 12, 2), D(2024, 12, 6)


@pytest.mark.parametrize(
    ("leaves", "day", "receives"),
    [
        ([], FIRST, "hoa"),
        ([("hoa", "an")], FIRST, "an"),
        ([("hoa", "an")], LAST, "an"),
        ([("hoa", "an")], D(2024, 12, 1), "hoa"),
        ([("hoa", "an")], D(2024, 12, 7), "hoa"),
        ([("hoa", "an"), ("an", "tam")], FIRST, "tam"),  # the substitute is away as well
        ([("hoa", "an"), ("an", "hoa")], FIRST, "an"),  # a circle ends before it closes
        ([("hoa", "hoa")], FIRST, "hoa"),
        ([("hoa", "gone")], FIRST, "hoa"),  # a substitute nobody knows any more
        ([("hoa", "mute")], FIRST, "hoa"),  # or who cannot be reached
        ([("hoa", "an"), ("an", "mute")], FIRST, "an"),
    ],
)
def test_who_receives_it(leaves, day, receives):
    mute = replace(BINH, code="mute", ways=())
    book = ContactBook([HOA, TAM, AN, mute], [Leave(who, FIRST, LAST, stands_in) for who, stands_in in leaves])
    assert book.receiver(HOA, day).code == receives


@pytest.mark.parametrize(
    ("who", "then"),
    [
        (HOA, "tam"),  # the other focal person before the head
        (AN, None),  # nobody stands above, and no deputy is there
        (BINH, "cuong"),
        (CUONG, "binh"),
        (CHAIR, None),
    ],
)
def test_who_is_told_when_somebody_cannot_be_reached(who, then):
    found = BOOK.next_after(who, DAY)
    assert (found and found.code) == then


def test_nobody_without_a_channel_is_the_next():
    assert ContactBook([HOA, replace(TAM, ways=()), AN]).next_after(HOA, DAY) == AN


def test_who_is_missing_is_said_in_words():
    assert say_nobody("?focal:SYT", {"SYT": "Sở Y tế"}) == "Sở Y tế chưa có đầu mối nào trong danh bạ."
    assert say_nobody("?head:XYZ", {}) == "XYZ chưa có thủ trưởng nào trong danh bạ."
    assert say_nobody("?chair:", {}) == "Cơ quan chưa có trưởng ban nào trong danh bạ."


def test_the_way_of_a_kind_is_the_first_of_it():
    ways = (Way("mail", "a@x.vn"), Way("sms", "0912000001"), Way("mail", "b@x.vn"))
    hoa = replace(HOA, ways=ways)
    assert (hoa.way("mail"), hoa.way("sms"), hoa.way("zalo")) == (ways[0], ways[1], None)
