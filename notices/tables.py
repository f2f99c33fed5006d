"""The tables this room works on, and the one statement both databases spell differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from models.agency import Agency
from models.amendment import Amendment
from models.columns import table_of
from models.contact import Contact, ContactChannel, DigestRefusal, Substitution
from models.notice import Attempt, DutyDecision, Hold, Letter, LetterDuty, Notice, Passage, Rung
from models.occurrence import Duty, Need, Occurrence, OccurrenceAgency
from models.programme import Programme
from models.submission import ExtensionRequest, Submission, SubmittedFile

OCCURRENCES, TIES = table_of(Occurrence), table_of(OccurrenceAgency)
NEEDS, DUTIES = table_of(Need), table_of(Duty)
AGENCIES, PROGRAMMES = table_of(Agency), table_of(Programme)
RUNGS, NOTICES, ATTEMPTS = table_of(Rung), table_of(Notice), table_of(Attempt)
HOLDS, PASSAGES, DECIDED = table_of(Hold), table_of(Passage), table_of(DutyDecision)
LETTERS, LETTER_DUTIES = table_of(Letter), table_of(LetterDuty)
CONTACTS, WAYS = table_of(Contact), table_of(ContactChannel)
SUBMISSIONS, SUBMITTED_FILES = table_of(Submission), table_of(SubmittedFile)
REQUESTS, AMENDMENTS = table_of(ExtensionRequest), table_of(Amendment)
LEAVES, REFUSALS = table_of(Substitution), table_of(DigestRefusal)

KEYS_AT_ONCE = 500  # in one IN (…): far below what either database allows


def batches(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """``keys`` in pieces that fit one statement."""
    for start in range(0, len(keys), KEYS_AT_ONCE):
        yield keys[start : start + KEYS_AT_ONCE]


def insert_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Inserts what no unique key holds yet; returns how many. Doing it twice changes nothing the second time."""
    if not rows:
        return 0
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    key = next(iter(table.primary_key))
    return len(connection.execute(dialect.insert(table).on_conflict_do_nothing().returning(key), list(rows)).all())
