"""What is overdue, told matter by matter: who is late alike stands together."""

from datetime import date

from board.late import LateMatter, LateTogether, by_matter
from board.overdue import AgencyOverdue, OverdueDuty


def duty(occurrence, agency, late, *, correcting=False, letter=None):
    return OverdueDuty(
        f"{occurrence}/{agency}", f"Việc {occurrence}", "P", date(2024, 12, 9), late, False, correcting, False, None,
        None, letter,
    )  # fmt: skip


def test_agencies_late_alike_stand_together_and_the_longest_late_comes_first():
    overdue = [
        AgencyOverdue("A", "Sở A", (duty("P/Y/2024", "A", 9), duty("P/X/2024", "A", 5))),
        AgencyOverdue("B", "Sở B", (duty("P/X/2024", "B", 5),)),
        AgencyOverdue("C", "Sở C", (duty("P/X/2024", "C", 2, correcting=True),)),
        AgencyOverdue("D", "Sở D", (duty("P/X/2024", "D", 5, letter="công văn chờ duyệt"),)),
    ]
    x = LateMatter(
        "P/X/2024",
        "Việc P/X/2024",
        (
            LateTogether(5, False, "chưa báo", (("A", "Sở A"), ("B", "Sở B"))),
            LateTogether(5, False, "chưa báo; công văn chờ duyệt", (("D", "Sở D"),)),
            LateTogether(2, True, "chưa báo", (("C", "Sở C"),)),
        ),
    )
    y = LateMatter("P/Y/2024", "Việc P/Y/2024", (LateTogether(9, False, "chưa báo", (("A", "Sở A"),)),))
    assert by_matter(overdue) == [y, x]
    assert (x.number, by_matter([])) == (4, [])
