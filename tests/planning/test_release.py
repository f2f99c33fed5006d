"""A released version is frozen; the next one says what differs."""

from datetime import UTC, datetime

import pytest

from office.store import writing
from planning.check import read_definitions
from planning.release import Difference, release

AT = datetime(2024, 3, 4, 2, tzinfo=UTC)
ITEM = "  - {{id: {id}, line: 1, title: {title}, kind: report}}\n"


@pytest.fixture
def freeze(engine, write_programmes):
    def freeze(items: str, **options):
        programme = read_definitions(write_programmes(items, **options)).programmes["P"]
        with writing(engine) as connection:
            return release(connection, programme, AT)

    return freeze


def test_versions_count_up_and_nothing_new_makes_no_version(freeze):
    one = ITEM.format(id="I1", title="Báo cáo")
    assert (freeze(one).number, freeze(one).new, freeze(one).number) == (1, False, 1)


def test_the_difference_names_item_and_key(freeze):
    freeze(ITEM.format(id="I1", title="Báo cáo") + ITEM.format(id="I2", title="Họp"))
    second = freeze(ITEM.format(id="I1", title="Báo cáo năm") + ITEM.format(id="I3", title="Mới"), last="2025-12-31")
    assert second.number == 2
    assert second.differences == (
        Difference(
            "",
            "period",
            '{"first": "2024-01-01", "last": "2024-12-31"}',
            '{"first": "2024-01-01", "last": "2025-12-31"}',
        ),
        Difference("I1", "title", "Báo cáo", "Báo cáo năm"),
        Difference("I2", "", "Họp", ""),
        Difference("I3", "", "", "Mới"),
    )
