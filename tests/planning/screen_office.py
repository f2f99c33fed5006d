"""A small office whose papers people overrule on a screen: one programme, planned for 2024."""

from datetime import date, datetime

from sqlalchemy import select

from models.audit import AUDIT
from office.settings import VIETNAM
from office.store import reading, writing
from planning.amendments import AMENDMENTS, Basis
from planning.check import read_definitions
from planning.effects import preview
from planning.fixing import Fix, amend_day, cancel_occurrence, fix_date, name_team, record_event, restore_occurrence
from planning.yearbook import DECISIONS, DUTIES, OCCURRENCES, TIES, plan_year

TODAY = date(2024, 3, 4)
AT = datetime(2024, 3, 4, 9, tzinfo=VIETNAM)
MEETING, REPORT, VISIT, VAGUE, OTHER = (f"P/I{number}/2024" for number in range(1, 6))
ITEMS = """\
  - {id: I1, line: 1, title: Hội nghị, kind: conference, when: Tháng 7 năm 2024, lead: [BAN], participants: [A]}
  - {id: I2, line: 2, title: Báo cáo, kind: report, when: trước ngày 10/12/2024, lead: [G_HAI], recipients: [BAN]}
  - {id: I3, line: 3, title: Kiểm tra, kind: inspection, when: Quý II năm 2024, lead: [BAN], inspected: [B], round: 1}
  - {id: I4, line: 4, title: Góp ý, kind: review, lead: [B]}
  - {id: I5, line: 5, title: Họp, kind: meeting, when: ngày 12/7/2024, lead: [A]}
"""


class ScreenOffice:
    """The database, the papers, and what a person does on the screen; ``today`` and ``at`` may be moved on."""

    def __init__(self, engine, write_programmes, items=ITEMS):
        self.engine, self.write, self.items = engine, write_programmes, items
        self.today, self.at = TODAY, AT
        self.definitions = read_definitions(write_programmes(items))
        self.plan()

    def plan(self, year=2024):
        with writing(self.engine) as connection:
            return plan_year(connection, self.definitions, year, self.today)

    def without(self, item):
        """The papers lose a line."""
        lines = [line for line in self.items.splitlines() if f"id: {item}," not in line]
        self.definitions = read_definitions(self.write("\n".join(lines) + "\n"))

    def do(self, deed, *arguments, look=False, **options):
        def done(connection):
            return deed(connection, self.definitions, *arguments, self.today, self.at, **options)

        if look:
            return preview(lambda: writing(self.engine), done)
        with writing(self.engine) as connection:
            return done(connection)

    def fix(self, occurrence, first, look=False, **fields):
        fields = {"by": "Thư ký", "document": "Giấy mời 12/GM"} | fields
        return self.do(fix_date, Fix(occurrence, first, **fields), look=look)

    def cancel(self, occurrence, **basis):
        return self.do(cancel_occurrence, occurrence, Basis("Thư ký", **({"document": "CV 5"} | basis)))

    def restore(self, occurrence, **basis):
        return self.do(restore_occurrence, occurrence, Basis("Thư ký", **basis))

    def name_team(self, occurrence, team, **basis):
        return self.do(name_team, occurrence, team, Basis("Thư ký", **({"document": "QĐ 3"} | basis)))

    def happen(self, occurrence, on, look=False, **basis):
        return self.do(record_event, occurrence, on, Basis("Thư ký", **({"document": "BB 7"} | basis)), look=look)

    def decide(self, day, working, look=False):
        return self.do(amend_day, day, working, Basis("Thư ký", "QĐ 9"), look=look)

    def row(self, occurrence):
        with reading(self.engine) as connection:
            return connection.execute(select(OCCURRENCES).where(OCCURRENCES.c.id == occurrence)).one()

    def rows(self, table):
        with reading(self.engine) as connection:
            found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
            return [dict(row) for row in found]

    def everything(self):
        """All that a deed could change."""
        return [self.rows(table) for table in (OCCURRENCES, TIES, DUTIES, DECISIONS, AMENDMENTS, AUDIT)]

    def planned(self):
        """The year without what only ever grows, and without duties nobody owes any more."""
        grows = ("revised_at", "sequence", "due_version", "rungs_stale")
        rows = [{k: v for k, v in row.items() if k not in grows} for row in self.rows(OCCURRENCES)]
        owed = [duty for duty in self.rows(DUTIES) if not duty["withdrawn"]]
        return [rows, self.rows(TIES), owed, self.rows(DECISIONS)]
