"""Which requests for more time still wait for an answer, in SQL.

It lies here because planning, which decides them, the board, which shows them, and the notices, which tell of them,
must never disagree.
"""

from __future__ import annotations

from sqlalchemy import and_, or_

from models.columns import table_of
from models.due_version import DUTIES, DUTY_VERSION, OCCURRENCES
from models.occurrence import Status
from models.submission import ExtensionRequest, RequestState

REQUESTS = table_of(ExtensionRequest)

# Somebody can still grant it: nobody has decided, it asks about the present due day, and the duty is owed and open.
# Asked where the request is joined with its duty and the duty with its occurrence.
STILL_WAITS = and_(
    REQUESTS.c.state == RequestState.WAITING.value,
    REQUESTS.c.version == DUTY_VERSION,
    ~DUTIES.c.withdrawn,
    DUTIES.c.waived_on.is_(None),
    or_(DUTIES.c.done_on.is_(None), DUTIES.c.returned_on.is_not(None)),
    OCCURRENCES.c.status == Status.PLANNED.value,
)
