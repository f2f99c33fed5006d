"""Links: signed for one action, opened whole or not at all, with four digits for a person to type."""

import random
import string

import pytest

from notices.links import Links, UnusableLink

LINKS = Links("bí mật của văn phòng " * 3, "https://dondoc.example.vn")
ENVELOPE = "9f2c" * 8


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


def test_a_link_leads_back_to_what_it_was_made_for():
    link = LINKS.acknowledge(ENVELOPE)
    assert link.startswith("https://dondoc.example.vn/da-nhan/")
    assert LINKS.read_acknowledge(token_of(link)) == ENVELOPE
    stop = LINKS.unsubscribe("hoa")
    assert stop.startswith("https://dondoc.example.vn/thoi-gop/")
    assert LINKS.read_unsubscribe(token_of(stop)) == "hoa"


def test_the_same_thing_has_the_same_link_so_that_a_second_copy_of_a_mail_is_the_same_mail():
    assert LINKS.acknowledge(ENVELOPE) == LINKS.acknowledge(ENVELOPE)
    assert LINKS.acknowledge(ENVELOPE) != LINKS.acknowledge("0" * 32)


def test_a_link_survives_mail_programs_and_text_messages():
    token = token_of(LINKS.acknowledge(ENVELOPE))
    assert set(token) <= set(string.ascii_letters + string.digits + "-_.")
    assert token[0] != "."  # to many proxies that is a hidden file
    assert len(token) <= 80


def test_contacts_codes_with_dots_are_signed_whole():
    assert LINKS.read_unsubscribe(token_of(LINKS.unsubscribe("UBND_DB.focal-2"))) == "UBND_DB.focal-2"


@pytest.mark.parametrize("wrong", ["", "hoa/../x", "hoa?x", "Lò Hoa", "a b", "hoa\n"])
def test_only_codes_are_signed(wrong):
    with pytest.raises(ValueError, match="not a code of ours"):
        LINKS.unsubscribe(wrong)


def test_a_link_of_another_action_is_no_link():
    with pytest.raises(UnusableLink):
        LINKS.read_unsubscribe(token_of(LINKS.acknowledge("hoa")))
    with pytest.raises(UnusableLink):
        LINKS.read_acknowledge(token_of(LINKS.unsubscribe(ENVELOPE)))


def test_a_link_signed_by_another_office_is_no_link():
    other = Links("một bí mật khác, cũng đủ dài", "https://dondoc.example.vn")
    with pytest.raises(UnusableLink):
        LINKS.read_acknowledge(token_of(other.acknowledge(ENVELOPE)))


def test_no_cut_and_no_changed_character_is_let_through():
    token = token_of(LINKS.acknowledge(ENVELOPE))
    tried = [token[:length] for length in range(len(token))]
    for place, was in enumerate(token):
        tried += [token[:place] + letter + token[place + 1 :] for letter in "A-_.z0" if letter != was]
    for wrong in [*tried, token + "=", token + "A", " " + token, token + "\n", token.upper()]:
        with pytest.raises(UnusableLink):
            LINKS.read_acknowledge(wrong)


@pytest.mark.parametrize("wrong", ["", ".", "..", "é", "\ud800", "\0", "a" * 100_000, "x.y", ".eJx.y", "%2e"])
def test_nonsense_is_refused_with_one_sentence_that_says_what_to_do(wrong):
    with pytest.raises(UnusableLink) as caught:
        LINKS.read_acknowledge(wrong)
    assert caught.value.sentence == "Liên kết này không dùng được."
    assert "Mở lại liên kết trong thư" in caught.value.help


def test_random_tokens_are_refused():
    dice = random.Random(1)
    letters = string.ascii_letters + string.digits + "-_."
    for _ in range(2_000):
        with pytest.raises(UnusableLink):
            LINKS.read_acknowledge("".join(dice.choices(letters, k=dice.randrange(1, 150))))


def test_the_four_digits_are_the_links_own_and_never_a_year():
    tokens = [token_of(LINKS.acknowledge(f"{number:032x}")) for number in range(2_000)]
    digits = [LINKS.challenge(token) for token in tokens]
    assert digits == [LINKS.challenge(token) for token in tokens]
    assert all(len(four) == 4 and four.isdigit() and int(four) >= 3000 for four in digits)
    assert len(set(digits)) > 1_500
    assert LINKS.challenge(tokens[0]) != Links("x" * 32, "").challenge(tokens[0])


def test_a_personal_link_names_its_contact_and_generation_and_opens_nothing_else():
    link = LINKS.agency("vt.so-y_te.2", 12)
    token = link.removeprefix("https://dondoc.example.vn/vao/")
    assert LINKS.read_agency(token) == ("vt.so-y_te.2", 12)
    for other in (LINKS.read_acknowledge, LINKS.read_unsubscribe):
        with pytest.raises(UnusableLink):
            other(token)
    for wrong in (LINKS.unsubscribe("hoa.1"), LINKS.acknowledge("hoa.1")):
        with pytest.raises(UnusableLink):
            LINKS.read_agency(token_of(wrong))
    with pytest.raises(UnusableLink):
        LINKS.read_agency(token.replace(".12.", ".13."))
