"""Alembic's entry: migrates the connection that office.store hands in, within its transaction."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import models.account
import models.agency
import models.amendment
import models.contact
import models.feed
import models.notice
import models.occurrence
import models.programme
import models.sheet
import models.submission
import models.subscription  # noqa: F401 - importing the modules fills SQLModel.metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True)
context.run_migrations()
