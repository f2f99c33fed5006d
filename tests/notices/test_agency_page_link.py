"""Every mail to an agency's person carries their own link, the same until it ends; nobody else's mail carries one."""

import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from models.personal_links import LASTS
from notices.links import Links
from notices.post_office import send_due
from office.settings import VIETNAM
from office.store import writing
from tests.notices.small_office import DAYS, SmallOffice, add_office, add_report, at

FIRST, SECOND = date(2024, 3, 4), date(2024, 3, 11)  # Mondays
REALLY = datetime(2026, 3, 2, 9, tzinfo=VIETNAM)
LINKS = Links("một bí mật chỉ dùng để thử", "http://127.0.0.1:1")


@pytest.fixture
def office(engine):
    with writing(engine) as connection:
        codes = add_office(connection, 1, posts={"focal": ("mail",)}, digest=lambda _number: False)
        add_report(connection, "BC", DAYS.add(FIRST, 5), codes)
        add_report(connection, "TH", DAYS.add(SECOND, 5), codes)
    return SmallOffice(engine, at(FIRST))


def sent(office, day, really):
    """The generations of the links in the mails of one day, by contact."""
    office.plan(at(day))
    before = len(office.channel.told)
    send_due(replace(office.post_office(), really=really))
    return [link for message in office.channel.told[before:] for link in links_in(message.text)]


def links_in(text):
    return [LINKS.read_agency(token) for token in re.findall(r"/vao/(\S+)", text)]


def test_mails_carry_the_readers_own_link_and_the_next_once_it_has_ended(office):
    [first] = sent(office, FIRST, lambda: REALLY)
    assert first[1] == 1
    [later] = sent(office, SECOND, lambda: REALLY + LASTS)
    assert later == (first[0], 2)


def test_an_office_without_personal_links_sends_none(office):
    assert sent(office, FIRST, None) == []
    assert len(office.channel.told) == 1
