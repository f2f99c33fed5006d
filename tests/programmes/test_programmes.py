"""The five programmes as data: every row is there, the totals agree, nothing is dated by guess."""

from __future__ import annotations

import re
import unicodedata
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.kinds import ItemKind
from planning.definitions import (
    AgenciesDefinition,
    ChannelsDefinition,
    ContactChannelDefinition,
    ContactDefinition,
    ContactsDefinition,
    EventStepDefinition,
    HolidaysDefinition,
    ItemDefinition,
    MemberDefinition,
    PolicyDefinition,
    ProgrammeDefinition,
    QuietDefinition,
    SmsDefinition,
    SmsSuccessDefinition,
    StepDefinition,
    SubstitutionDefinition,
    WindowStepDefinition,
    ZaloDefinition,
)

FOLDER = Path(__file__).parents[2] / "programmes"

FILES = {
    "DB-BCD-2024": "dien-bien-bcd-2024.yaml",
    "ML-GN-2024": "muong-lay-giam-ngheo-2024.yaml",
    "DB-351-2022": "dien-bien-351-qd-ubnd.yaml",
    "LC-TU-2022": "lai-chau-thanh-uy.yaml",
    "TC-DA7-2024": "tua-chua-du-an-7-2024.yaml",
}

# Every schedulable row of the documents, 120 in all. Rows of the appendix of Decision 351 are "A1", "I.1" …
CORE = {
    "DB-BCD-2024": """
        S0-01 S0-02 S0-03 S0-04 S0-05 S0-06 S0-07 S0-08 S0-09 S0-10 S0-11 S0-12 S0-13 S0-14
        S0-16 S0-17 S0-18 S0-19 S0-20b S0-20c S0-20e S0-21 S0-22 S0-24 S0-26
        """,
    "ML-GN-2024": """
        S1-01 S1-02 S1-03 S1-04 S1-04a S1-05 S1-05a S1-06 S1-06a S1-07 S1-07a S1-07b S1-07c
        S1-08 S1-08a S1-08b S1-08c S1-08d S1-12 S1-15 S1-18 S1-21 S1-23
        """,
    "DB-351-2022": """
        S2-01 S2-02 S2-03 S2-05 S2-06 S2-08 S2-09
        S2-A1 S2-I.1 S2-I.2 S2-I.3.1 S2-I.3.2 S2-I.3.3 S2-I.4 S2-I.5.1 S2-I.5.2 S2-I.5.3 S2-I.6 S2-I.7
        S2-I.8 S2-I.9.1 S2-I.9.2 S2-I.10 S2-I.10.1 S2-I.10.2 S2-I.10.3 S2-I.11 S2-I.12
        S2-II.1 S2-II.2 S2-II.3.1 S2-II.3.2 S2-II.4.1 S2-II.4.2 S2-II.4.3 S2-II.5 S2-II.6.1 S2-II.6.2
        S2-II.7.1 S2-II.7.2
        """,
    "LC-TU-2022": "S3-03 S3-07 S3-08 S3-09 S3-10 S3-12",
    "TC-DA7-2024": """
        S4-01 S4-01.1 S4-01.2 S4-01.3 S4-01.4 S4-03 S4-04 S4-05 S4-05r S4-06 S4-06b S4-07 S4-07b S4-07c
        S4-08 S4-10 S4-11 S4-12 S4-13 S4-14 S4-15 S4-18 S4-19a S4-19b S4-19c S4-21
        """,
}

HEADINGS = {"S2-I.3", "S2-I.5", "S2-II.3", "S2-II.4", "S2-II.6", "S2-II.7"}  # every cell of the row is empty
INHERITING = {"S2-II.1.1", "S2-II.1.2"}  # empty rows below a filled one
LED_BY_CHILDREN = {"S2-I.9"}  # only the lead's cell is empty

WEST = ("UBND_H_DIENBIEN", "UBND_H_MUONGCHA", "UBND_H_NAMPO", "UBND_H_MUONGNHE", "UBND_TX_MUONGLAY")
EAST = ("UBND_H_DBDONG", "UBND_H_MUONGANG", "UBND_H_TUANGIAO", "UBND_H_TUACHUA", "UBND_TP_DBP")


def read(path: Path) -> Any:
    """The file with every scalar as text, the way our own reader sees it."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def programme(code: str) -> ProgrammeDefinition:
    return ProgrammeDefinition.model_validate(read(FOLDER / FILES[code]))


def items(code: str) -> dict[str, ItemDefinition]:
    return {item.id: item for item in programme(code).items}


def agencies() -> AgenciesDefinition:
    return AgenciesDefinition.model_validate(read(FOLDER / "agencies.yaml"))


# ---------------------------------------------------------------- every file


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.yaml")), ids=lambda path: path.name)
def test_a_file_is_plain_nfc_text_without_anchors(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert not [event for event in yaml.parse(text) if getattr(event, "anchor", None)]


@pytest.mark.parametrize("code", FILES)
def test_a_programme_carries_its_own_code(code: str) -> None:
    assert programme(code).code == code


@pytest.mark.parametrize("code", FILES)
def test_an_item_is_written_once(code: str) -> None:
    ids = [item.id for item in programme(code).items]
    assert ids == list(dict.fromkeys(ids))


@pytest.mark.parametrize("code", FILES)
def test_an_item_names_only_bodies_and_items_that_exist(code: str) -> None:
    directory = agencies()
    bodies = {body.code for body in (*directory.agencies, *directory.groups)}
    paper = programme(code)
    rows = {item.id for item in paper.items}
    named = {paper.document.issuer, paper.standing_agency, *([paper.collector] if paper.collector else [])}
    linked: set[str] = set()
    for item in paper.items:
        named |= {
            *item.lead,
            *item.participants,
            *item.inspected,
            *item.recipients,
            *([item.team] if item.team else []),
        }
        linked |= {need.item for need in item.depends_on} | ({item.parent} if item.parent else set())
    assert (named - bodies, linked - rows) == (set(), set())


@pytest.mark.parametrize("code", FILES)
def test_what_we_inferred_says_why(code: str) -> None:
    assert [
        (item.id, need.item)
        for item in programme(code).items
        for need in item.depends_on
        if need.proposed and not need.why
    ] == []


@pytest.mark.parametrize("code", FILES)
def test_an_item_without_a_time_says_so(code: str) -> None:
    silent = [item for item in programme(code).items if item.when is None and item.kind is not ItemKind.HEADING]
    assert [item.id for item in silent if item.note is None and not item.inherits] == []


# ---------------------------------------------------------------- what is there


def test_every_schedulable_row_is_there() -> None:
    missing = {code: set(ids.split()) - set(items(code)) for code, ids in CORE.items()}
    assert missing == {code: set() for code in CORE}
    assert sum(len(ids.split()) for ids in CORE.values()) == 120


def test_the_appendix_of_decision_351_has_its_42_rows() -> None:
    rows = {number: item for number, item in items("DB-351-2022").items() if not re.fullmatch(r"S2-\d+", number)}
    assert len(rows) == 42
    assert {number for number, item in rows.items() if item.kind is ItemKind.HEADING} == HEADINGS
    assert {number for number, item in rows.items() if item.inherits} == INHERITING
    assert {number for number, item in rows.items() if item.lead_from_children} == LED_BY_CHILDREN
    assert {number for number, item in rows.items() if not item.lead} == HEADINGS | INHERITING | LED_BY_CHILDREN


def test_a_child_of_the_appendix_stands_under_the_row_its_number_says() -> None:
    rows = items("DB-351-2022")
    for number, item in rows.items():
        above = re.fullmatch(r"(S2-I+\.\d+)\.\d+", number)
        assert item.parent == (above[1] if above else None), number


@pytest.mark.parametrize(
    ("code", "number", "draft"),
    [
        ("DB-BCD-2024", None, True),
        ("ML-GN-2024", None, False),  # dated and signed: only our copy lost its head, and with it the number
        ("DB-351-2022", "351/QĐ-UBND", False),
        ("LC-TU-2022", None, True),
        ("TC-DA7-2024", None, True),
    ],
)
def test_a_paper_without_number_or_date_is_a_draft_unless_it_says_that_only_the_copy_lacks_them(
    code: str, number: str | None, draft: bool
) -> None:
    assert (programme(code).document.number, programme(code).draft) == (number, draft)


# ---------------------------------------------------------------- what the paper says of time


@pytest.mark.parametrize(
    ("code", "id", "when"),
    [
        ("DB-BCD-2024", "S0-01", "Tháng 3, năm 2024"),
        ("DB-BCD-2024", "S0-04", "Quý II, năm 2024"),
        ("DB-BCD-2024", "S0-22", "hằng quý"),
        ("DB-BCD-2024", "S0-24", "Hàng quý, 6 tháng, hết năm"),
        ("ML-GN-2024", "S1-06a", "hàng tuần"),
        ("DB-351-2022", "S2-02", "Trước ngày 10 tháng 12 hằng năm"),
        ("DB-351-2022", "S2-03", "Định kỳ trước ngày 20 tháng 12 hằng năm (hoặc đột xuất theo yêu cầu)"),
        ("DB-351-2022", "S2-I.11", "Sau khi có văn bản hướng dẫn của các Bộ, ngành Trung ương"),
        ("TC-DA7-2024", "S4-07", "trước ngày 18/3/2024"),  # two lines and bold marks apart in the paper
        ("TC-DA7-2024", "S4-07b", "trước ngày 18/3/2024"),
        ("TC-DA7-2024", "S4-19c", "đầu kỳ, giữa kỳ, kết thúc và hằng năm, đợt xuất"),  # the paper's own slip
    ],
)
def test_a_time_is_kept_word_for_word(code: str, id: str, when: str) -> None:
    assert items(code)[id].when == when


def test_the_party_plan_of_lai_chau_dates_nothing_and_asks_for_no_report() -> None:
    rows = items("LC-TU-2022")
    assert len(rows) == 13
    assert {number: item.when for number, item in rows.items() if item.when} == {"S3-03": "Thường xuyên"}
    assert [item.id for item in rows.values() if item.kind in (ItemKind.REPORT, ItemKind.REGISTRATION)] == []


def test_the_consolidated_report_waits_for_everybodys() -> None:
    (need,) = items("DB-351-2022")["S2-03"].depends_on
    assert (need.item, need.proposed) == ("S2-02", False)


# ---------------------------------------------------------------- rounds, teams, totals


@pytest.mark.parametrize(
    ("id", "round", "team", "inspected"),
    [
        ("S0-04", 1, "DOAN1", WEST),
        ("S0-05", 1, "DOAN2", EAST),
        ("S0-06", 1, None, ("G_CHUDAUTU",)),
        ("S0-07", 2, "DOAN1", EAST),  # the two teams swap districts on purpose
        ("S0-08", 2, "DOAN2", WEST),
        ("S0-09", 2, None, ("G_CHUDAUTU",)),
    ],
)
def test_the_teams_swap_districts_between_the_rounds(
    id: str, round: int, team: str | None, inspected: tuple[str, ...]
) -> None:
    row = items("DB-BCD-2024")[id]
    assert (row.round, row.team, row.inspected) == (round, team, inspected)


def amount(item: ItemDefinition, of: str) -> int:
    if of == "headcount":
        return item.headcount or 0
    central, local = (item.budget.central, item.budget.local) if item.budget else (0, 0)
    return {"budget": central + local, "budget_central": central, "budget_local": local}[of]


def test_the_totals_of_the_papers_add_up() -> None:
    found = []
    for code in FILES:
        rows = items(code)
        for total in programme(code).totals:
            found.append((code, total.of, total.stated))
            assert sum(amount(rows[number], total.of) for number in total.items) == total.stated, (
                code,
                total.of,
            )
    assert found == [
        ("ML-GN-2024", "budget", 7645),
        ("ML-GN-2024", "budget_central", 7538),
        ("ML-GN-2024", "budget_local", 107),
        ("TC-DA7-2024", "headcount", 708),
        ("TC-DA7-2024", "headcount", 48),
    ]


def test_nobodys_money_is_left_out_of_the_total() -> None:
    paper = programme("ML-GN-2024")
    assert {item.id for item in paper.items if item.budget} == set(paper.totals[0].items)


@pytest.mark.parametrize(
    ("id", "headcount", "about"),
    [
        ("S4-01", 708, False),
        ("S4-01.1", 182, False),
        ("S4-01.2", 182, False),
        ("S4-01.3", 167, False),
        ("S4-01.4", 177, False),
        ("S4-03", 48, False),
        ("S4-05", 380, True),  # "khoảng"
        ("S4-06", 21, False),
        ("S4-06b", 5, False),
    ],
)
def test_the_number_of_people_is_the_papers(id: str, headcount: int, about: bool) -> None:
    row = items("TC-DA7-2024")[id]
    assert (row.headcount, row.headcount_about) == (headcount, about)
    assert sum(part.number for part in row.headcount_parts) in (0, headcount)


def test_the_four_classes_take_each_commune_once() -> None:
    rows = items("TC-DA7-2024")
    invited = [code for number in range(1, 5) for code in rows[f"S4-01.{number}"].participants]
    assert sorted(invited) == sorted(members("G_TC_XA"))
    assert rows["S4-01"].headcount == 12 * 9 + 120 * 5  # 9 from each commune, 5 from each village


# ---------------------------------------------------------------- agencies, policy, holidays


def members(code: str) -> list[str]:
    group = next(group for group in agencies().groups if group.code == code)
    return [member.code if isinstance(member, MemberDefinition) else member for member in group.members]


@pytest.mark.parametrize(
    ("code", "size"), [("G_SO", 12), ("G_DOANTHE", 2), ("G_HUYEN", 10), ("G_ALL", 3), ("G_TC_XA", 12)]
)
def test_a_closed_group_has_the_members_the_papers_name(code: str, size: int) -> None:
    assert len(set(members(code))) == size


def test_a_group_is_either_open_or_has_members() -> None:
    assert [group.code for group in agencies().groups if group.open == bool(group.members)] == []


def test_every_body_is_defined_once_and_its_kin_exist() -> None:
    directory = agencies()
    codes = [body.code for body in (*directory.agencies, *directory.groups)]
    assert codes == list(dict.fromkeys(codes))
    kin = {agency.parent for agency in directory.agencies if agency.parent}
    kin |= {code for group in directory.groups for code in members(group.code)}
    for change in directory.succession:
        kin |= {*change.source, *(successor.code for successor in change.successors)}
    assert kin - set(codes) == set()


def test_another_name_means_one_body_only() -> None:
    directory = agencies()
    names = [alias.casefold() for body in (*directory.agencies, *directory.groups) for alias in body.aliases]
    assert sorted(names) == sorted(set(names))


def test_a_body_ends_the_day_before_its_succession() -> None:
    directory = agencies()
    changes = {source: change for change in directory.succession for source in change.source}
    ends = {agency.code: agency.valid_to for agency in directory.agencies if agency.valid_to}
    assert set(changes) == set(ends)
    assert [code for code, end in ends.items() if (changes[code].on - end).days != 1] == []


@pytest.mark.parametrize(
    ("source", "change", "successors"),
    [
        ("BDT", "rename", ["SDTTG"]),
        ("SKHDT", "merge", ["STC"]),
        ("SNNPTNT", "merge", ["SNNMT"]),
        ("STTTT", "merge", ["SKHCN"]),
        ("SLDTBXH", "split", ["SNNMT", "SNV", "SYT", "SGDDT", "CA_DB"]),
        ("UBND_H_TUACHUA", "end", []),
    ],
)
def test_who_followed_whom_in_2025(source: str, change: str, successors: list[str]) -> None:
    entry = next(entry for entry in agencies().succession if source in entry.source)
    assert (entry.change, [successor.code for successor in entry.successors]) == (change, successors)


def test_the_default_ladder() -> None:
    policy = PolicyDefinition.model_validate(read(FOLDER / "policies" / "default.yaml"))
    assert [(rung.working_days, rung.to, rung.action, rung.urgent) for rung in policy.deadlines] == [
        (-30, ("focal",), "remind", False),
        (-10, ("focal",), "remind", False),
        (-5, ("focal",), "remind", False),
        (-2, ("focal",), "remind", False),
        (0, ("focal",), "remind", True),
        (1, ("head",), "escalate", True),
        (1, ("collector",), "name_missing", False),
        (3, ("secretariat",), "draft_letter", False),
        (7, ("chair",), "list_for_chair", False),
        (30, ("secretariat",), "mark_rating", False),
    ]
    assert [(rung.working_days, rung.to, rung.urgent) for rung in policy.events] == [
        (-15, ("lead", "participants", "inspected"), False),
        (-5, ("lead", "participants", "inspected"), False),
        (-1, ("lead", "participants", "inspected"), True),
    ]
    assert (policy.digest_at, policy.letter_answer_days) == (time(7, 30), 2)
    assert [(rung.at, rung.working_days, rung.to) for rung in policy.windows] == [
        ("start", 0, ("lead",)),
        ("middle", 0, ("lead",)),
        ("end", -15, ("lead",)),
    ]


def test_the_swap_of_new_year_2026() -> None:
    holidays = HolidaysDefinition.model_validate(read(FOLDER / "holidays" / "2026.yaml"))
    assert [(f"{day.day}", day.working, day.document, f"{day.decided}") for day in holidays.overrides] == [
        ("2026-01-02", False, "12729/VPCP-KGVX", "2025-12-25"),
        ("2026-01-10", True, "12729/VPCP-KGVX", "2025-12-25"),
    ]


# ---------------------------------------------------------------- the README's own example


def example(shape: type[Any], number: int) -> Any:
    blocks = re.findall(r"```yaml\n(.*?)```", (FOLDER / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return shape.model_validate(yaml.load(blocks[number], Loader=yaml.BaseLoader))


def test_the_example_of_the_readme_can_be_copied() -> None:
    directory = example(AgenciesDefinition, 0)
    paper = example(ProgrammeDefinition, 1)
    example(HolidaysDefinition, 2)
    bodies = {body.code for body in (*directory.agencies, *directory.groups)}
    for item in paper.items:
        assert {*item.lead, *item.participants, *item.inspected, *item.recipients} <= bodies, item.id
    rows = {item.id: item for item in paper.items}
    for total in paper.totals:
        assert sum(amount(rows[row], total.of) for row in total.items) == total.stated, total.of


@pytest.mark.parametrize(
    "shape",
    [
        ProgrammeDefinition, ItemDefinition, AgenciesDefinition, PolicyDefinition, StepDefinition, EventStepDefinition,
        WindowStepDefinition, HolidaysDefinition, ContactsDefinition, ContactDefinition, QuietDefinition,
        ContactChannelDefinition, SubstitutionDefinition, ChannelsDefinition, ZaloDefinition, SmsDefinition,
        SmsSuccessDefinition,
    ],
)  # fmt: skip
def test_the_readme_names_every_key(shape: type[Any]) -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    keys = [field.alias or name for name, field in shape.model_fields.items()]
    assert [key for key in keys if not re.search(rf"\b{key}\b", text)] == []
