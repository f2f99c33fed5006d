"""Holds a connection: a letter a person has signed goes to the agencies that are still late. Nothing else leaves.

Key: the step names the letter, so a letter is told once to each recipient however often this runs.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from calendars.working_days import WorkingDays
from models.kinds import Target
from models.notice import LetterState, NoticeKind
from notices.contact_book import read_contact_book
from notices.filing import Wanted, file_notices
from notices.letters import open_duties_of
from notices.recipients import Parties
from notices.tables import LETTERS

TO = (Target.HEAD, Target.FOCAL)


def send_signed_letter(connection: Connection, letter: int, days: WorkingDays, now: datetime) -> int:
    """Files the letter for head and focal person of each agency still late; returns how many notices are new.

    Nothing for a letter that is not approved.
    """
    row = connection.execute(select(LETTERS).where(LETTERS.c.id == letter)).one()
    if row.state != LetterState.APPROVED:
        return 0
    book = read_contact_book(connection)
    wanted = [
        Wanted(
            subject=duty,
            version=version,
            step=f"letter-{letter}",
            kind=NoticeKind.LETTER,
            meant=meant,
            fires_on=now.date(),
            occurrence=row.occurrence,
            agency=agency,
            urgent=True,
        )
        for duty, version, agency in open_duties_of(connection, letter)
        for target in TO
        for meant in book.find(target, Parties(agency=agency), now.date())
    ]
    return file_notices(connection, wanted, days, now)[0]
