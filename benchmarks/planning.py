"""A synthetic national year: 34 provinces × 120 agencies × 60 items, expanded and stored.

Ratios within one run: expanding against building the same rows by hand; storing against plain
SQLAlchemy Core inserts of the very same rows into the same tables of another file; planning the
year again, when nothing changed. Run: python benchmarks/planning.py [provinces]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert, select

from models.kinds import ItemKind
from office.store import open_store, reading, writing
from planning.check import Definitions
from planning.definitions import (
    AgenciesDefinition,
    AgencyDefinition,
    DocumentDefinition,
    GroupDefinition,
    ItemDefinition,
    PeriodDefinition,
    ProgrammeDefinition,
)
from planning.directory import Directory
from planning.expansion import expand
from planning.yearbook import DUTIES, OCCURRENCES, TIES, plan_year

YEAR, TODAY = 2024, date(2024, 1, 2)
AGENCIES, ITEMS = 120, 60
PHRASES = [
    "trước ngày 10 tháng 12 hằng năm", "trước ngày 18/3/2024", "Quý II, năm 2024", "Tháng 7, năm 2024",
    "chậm nhất ngày 25/6/2024", "trong năm 2024", "Dự kiến 08 ngày, trong quý II, năm 2024", "ngày 12/7/2024",
    "thường xuyên", "theo quy định",
]  # fmt: skip


def national(provinces: int) -> Definitions:
    """As many provinces as asked for, each with a programme of 60 items that a group of 120 agencies owes."""
    agencies, groups, programmes = [], [], {}
    for province in range(provinces):
        codes = [f"P{province:02d}-{number:03d}" for number in range(AGENCIES)]
        agencies += [
            AgencyDefinition(code=code, name=f"Cơ quan {code}", short=code, level="province", kind="department")
            for code in codes
        ]
        groups.append(
            GroupDefinition(code=f"P{province:02d}", name=f"Các cơ quan tỉnh {province}", members=tuple(codes))
        )
        items = tuple(
            ItemDefinition(
                id=f"I{number:02d}", line=number + 1, title=f"Báo cáo số {number}", kind=ItemKind.REPORT,
                when=PHRASES[number % len(PHRASES)], lead=(f"P{province:02d}",),
            )
            for number in range(ITEMS)
        )  # fmt: skip
        programmes[f"CT-{province:02d}"] = ProgrammeDefinition(
            code=f"CT-{province:02d}", short=f"Chương trình tỉnh {province}",
            document=DocumentDefinition(
                title="CT", number="1/CTr", issued=date(YEAR, 1, 1), issuer=codes[0], source="mẫu"
            ),
            period=PeriodDefinition(first=date(YEAR, 1, 1), last=date(YEAR, 12, 31)),
            standing_agency=codes[0], items=items,
        )  # fmt: skip
    return Definitions(
        programmes, Directory(AgenciesDefinition(agencies=tuple(agencies), groups=tuple(groups))), {}, ()
    )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and what came of it."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def store(path: Path, definitions: Definitions) -> int:
    """Plans the year into a database; returns the rows written."""
    engine = open_store(f"sqlite:///{path}")
    with writing(engine) as connection:
        plan_year(connection, definitions, YEAR, TODAY)
    with reading(engine) as connection:
        rows = sum(len(connection.execute(select(*table.primary_key)).all()) for table in (OCCURRENCES, TIES, DUTIES))
    engine.dispose()
    return rows


def copy_rows(source: Path, target: Path) -> tuple[list[tuple[Any, list[dict[str, Any]]]], Any]:
    """The stored rows as plain dictionaries, and an empty database to insert them into."""
    engine = open_store(f"sqlite:///{source}")
    with reading(engine) as connection:
        batches = [
            (table, [dict(row) for row in connection.execute(select(table)).mappings()])
            for table in (OCCURRENCES, TIES, DUTIES)
        ]
    engine.dispose()
    return batches, open_store(f"sqlite:///{target}")


def main() -> None:
    """Prints the ratios."""
    provinces = int(sys.argv[1]) if len(sys.argv) > 1 else 34
    definitions = national(provinces)
    _ = definitions.working_days, datetime.now(UTC)
    expand_seconds, planned = timed(
        lambda: [expand(definitions, programme, YEAR) for programme in definitions.programmes.values()]
    )
    occurrences = [one for year in planned for one in year.occurrences]
    duties = sum(len(one.duties) for one in occurrences)
    by_hand, _ = timed(lambda: [asdict(duty) for one in occurrences for duty in one.duties])
    print(
        f"{provinces} provinces × {AGENCIES} agencies × {ITEMS} items: {len(occurrences)} occurrences, {duties} duties"
    )
    print(
        f"expanding: {expand_seconds:.2f} s, {duties / expand_seconds:,.0f} duties/s; "
        f"÷ asdict() of each duty: {expand_seconds / by_hand:.2f}"
    )
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = Path(folder) / "ours.db", Path(folder) / "plain.db"
        store_seconds, rows = timed(lambda: store(ours, definitions))
        batches, engine = copy_rows(ours, plain)

        def insert_plainly() -> None:
            with writing(engine) as connection:
                for table, batch in batches:
                    connection.execute(insert(table), batch)

        plain_seconds, _ = timed(insert_plainly)
        engine.dispose()
        storing = store_seconds - expand_seconds
        print(f"storing: {rows} rows in {storing:.2f} s, {rows / storing:,.0f} rows/s")
        print(
            f"plain Core inserts of the same rows: {plain_seconds:.2f} s, {rows / plain_seconds:,.0f} rows/s; "
            f"ours ÷ plain in rows/s: {plain_seconds / storing:.2f}"
        )
        again_seconds, _ = timed(lambda: store(ours, definitions))
        print(
            f"planning again, nothing changed: {again_seconds:.2f} s, {again_seconds / store_seconds:.2f} of the first"
        )


if __name__ == "__main__":
    main()
