"""At which version of its due day a duty is, in SQL: rungs, notices, letters and requests for more time carry it."""

from __future__ import annotations

from sqlalchemy import String, cast

from models.columns import table_of
from models.occurrence import Duty, Occurrence

OCCURRENCES, DUTIES = table_of(Occurrence), table_of(Duty)

# As "2.1": the occurrence's own version and, after it, the duty's; asked where both tables are joined.
DUTY_VERSION = cast(OCCURRENCES.c.due_version, String) + "." + cast(DUTIES.c.due_version, String)
