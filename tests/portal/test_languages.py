"""Every sentence a page says in Vietnamese is also there in English, and none is left over."""

from babel.messages.extract import extract_from_dir

from portal.languages import PAGES, read_catalogue


def spoken():
    found = extract_from_dir(str(PAGES), [("**.j2", "jinja2")], {"**.j2": {"trimmed": "true"}})
    return {message for _, _, message, _, _ in found}


def test_every_sentence_has_its_english_and_no_english_is_left_over():
    known = {message.id: message.string for message in read_catalogue() if message.id}
    said = spoken()
    assert {one: "no English" for one in said if not known.get(one)} == {}
    assert set(known) - said == set()
