"""Works on a connection: the bytes of subscribed calendars, joined from kept events; equal wishes share their bytes.

Nothing here depends on the hour: two builds of the same rows at different clocks are the same to the byte.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, not_, select

from calendars.components import PLAIN, Style, uid
from calendars.feeds import farewell_event, join_feed, notice_event, with_alarm
from calendars.kept_events import Shelf
from calendars.membership import KEYS_AT_ONCE, batches, members
from calendars.own_events import OwnEvent, own_events
from calendars.publishing import backlogs_of
from calendars.subscription_options import Options, read_options
from models.columns import table_of
from models.feed import Feed
from models.kinds import Placing, Role
from models.occurrence import Duty, Occurrence, OccurrenceAgency, Status
from models.subscription import Subscription, WindowStyle

_feed, _occurrence, _tie, _duty, _subscription = (
    table_of(model) for model in (Feed, Occurrence, OccurrenceAgency, Duty, Subscription)
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes a subscribed calendar's bytes: subscriptions with the same recipe share them."""

    owner: str
    options: Options

    @property
    def key(self) -> str:
        """A short name for it, the same in every process."""
        return _key_of(self)


@lru_cache(maxsize=10_000)
def _key_of(recipe: Recipe) -> str:
    whole = json.dumps([recipe.owner, recipe.options.as_columns()], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class SubscribedFeed:
    """One calendar's bytes; ``owner`` and ``title`` name its file, ``events`` counts what has a day."""

    key: str
    owner: str
    title: str
    body: bytes
    events: int


@dataclass(frozen=True, slots=True)
class _Facts:
    """What filters ask of the matters: their columns, and (agency, occurrence) → the agency's parts in it.

    ``own`` is style → calendar → occurrence → what stands there in the place of the common event.
    """

    rows: Mapping[str, Row[Any]]
    parts: Mapping[tuple[str, str], Collection[str]]
    own: Mapping[Style, Mapping[str, Mapping[str, OwnEvent]]]


def wanted_styles(connection: Connection) -> set[Style]:
    """Every style some subscription in use needs, and the plain one."""
    columns = (_subscription.c[name] for name in ("filters", "language", "windows", "cancelled", "tasks"))
    query = select(*columns, _subscription.c.alarm_minutes).where(_subscription.c.revoked_at.is_(None)).distinct()
    rows = connection.execute(query).mappings()
    return {PLAIN}.union(*(read_options(row).styles for row in rows))


def changed_feeds(connection: Connection, since: int) -> tuple[int, list[str]]:
    """The last mark there is, and the calendars marked after ``since``; all of them when marks went back.

    They only go back when an older copy of the database was brought back.
    """
    rows = connection.execute(select(_feed.c.name, _feed.c.changed)).tuples().all()
    last = max((changed for _, changed in rows), default=0)
    return last, sorted(name for name, changed in rows if changed > since or last < since)


class FeedBuilder:
    """Builds calendars one batch after another; an event that stands in many is read once."""

    def __init__(self) -> None:
        self._shelves: dict[str, Shelf] = {}
        self._rows: dict[str, Row[Any]] = {}

    def build(self, connection: Connection, recipes: Collection[Recipe]) -> Iterator[SubscribedFeed]:
        """The calendars of these recipes; one without events gets its notice."""
        owners = sorted({recipe.owner for recipe in recipes})
        content = members(connection, owners)
        facts = self._read_facts(connection, recipes, set().union(*content.values()))
        self._fetch(connection, recipes, facts)
        named = select(_feed.c.name, _feed.c.title, _feed.c.created_on).where(_feed.c.name.in_(owners))
        about = {row.name: row for row in connection.execute(named)}
        backlogs = backlogs_of(connection, owners)
        for recipe in recipes:
            row, options = about[recipe.owner], recipe.options
            events = self._events(recipe, content.get(recipe.owner, ()), facts)
            notice = (
                []
                if events
                else [
                    notice_event(
                        row.name,
                        row.title,
                        row.created_on,
                        backlogs.get(row.name) if _takes_everything(options) else None,
                        language=options.language,
                        as_task=options.tasks,
                    )
                ]
            )
            body = b"".join(join_feed(row.title, events or notice, options.language))
            yield SubscribedFeed(recipe.key, row.name, row.title, body, len(events))

    def _read_facts(self, connection: Connection, recipes: Collection[Recipe], occurrences: Collection[str]) -> _Facts:
        columns = [_occurrence.c[name] for name in ("id", "kind", "programme", "placing", "status", "done_on")]
        for batch in batches(sorted(set(occurrences) - self._rows.keys()), KEYS_AT_ONCE):
            found = connection.execute(select(*columns).where(_occurrence.c.id.in_(batch)))
            self._rows |= {row.id: row for row in found}
        rows = {one: self._rows[one] for one in occurrences if one in self._rows}
        parts = _parts(connection, sorted({one.owner[7:] for one in recipes if one.options.roles}))
        return _Facts(rows, parts, _read_own(connection, recipes))

    def _fetch(self, connection: Connection, recipes: Iterable[Recipe], facts: _Facts) -> None:
        for style in {style for recipe in recipes for style in recipe.options.styles}:
            self._shelf(style).fetch(connection, facts.rows.keys())

    def _shelf(self, style: Style) -> Shelf:
        return self._shelves.setdefault(style.variant, Shelf(style.variant))

    def _events(self, recipe: Recipe, occurrences: Iterable[str], facts: _Facts) -> list[bytes]:
        options = recipe.options
        chosen = [one for one in occurrences if one in facts.rows and _is_wanted(one, recipe, facts)]
        plain, other = self._shelf(Style(options.language)), self._shelf(options.style)
        is_special = {one: options.tasks or facts.rows[one].placing == Placing.WINDOW for one in chosen}
        own = facts.own[_deadline_style(options)].get(recipe.owner, {})
        found = [
            (name, event, one)
            for one in chosen
            if one not in own
            for name, event in (other if is_special[one] else plain).named_events([one])
        ]
        found += [(uid(one), own[one].event, one) for one in chosen if one in own]
        return [_ring(event, facts.rows[one], options, own.get(one)) for _, event, one in sorted(found)]


def farewell(row: RowMapping, owner_title: str) -> SubscribedFeed:
    """What a withdrawn address shows; ``row`` is its subscription."""
    options = read_options(row)
    on: date = row["revoked_at"].date()
    event = farewell_event(row["id"], owner_title, on, language=options.language, as_task=options.tasks)
    body = b"".join(join_feed(owner_title, [event], options.language))
    return SubscribedFeed(f"revoked/{row['id']}", row["owner"], owner_title, body, 0)


def _takes_everything(options: Options) -> bool:
    """Whether the counts of the whole programme tell why the calendar is empty; a filter would be the reason else."""
    return not (options.kinds or options.programmes or options.roles)


def _is_wanted(occurrence: str, recipe: Recipe, facts: _Facts) -> bool:
    options, row = recipe.options, facts.rows[occurrence]
    if options.kinds and row.kind not in options.kinds:
        return False
    if options.programmes and row.programme not in options.programmes:
        return False
    if options.roles:
        parts = facts.parts.get((recipe.owner.partition("/")[2], occurrence), ())
        if not set(options.roles) & set(parts):
            return False
    if row.status == Status.CANCELLED and not options.cancelled:
        return False
    if options.tasks and row.placing == Placing.FIXED:
        return False
    return not (options.windows == WindowStyle.HIDE and row.placing == Placing.WINDOW)


def _ring(event: bytes, row: Row[Any], options: Options, own: OwnEvent | None) -> bytes:
    """With the alarm the subscriber asked for; what was called off, or handed in, rings for nobody."""
    is_over = own.is_over if own else row.done_on
    if options.alarm_minutes is None or row.status == Status.CANCELLED or is_over:
        return event
    return with_alarm(event, options.alarm_minutes, options.language)


def _deadline_style(options: Options) -> Style:
    return options.style if options.tasks else Style(options.language)


def _read_own(connection: Connection, recipes: Collection[Recipe]) -> dict[Style, dict[str, dict[str, OwnEvent]]]:
    owners: dict[Style, set[str]] = defaultdict(set)
    for recipe in recipes:
        owners[_deadline_style(recipe.options)].add(recipe.owner)
    return {style: own_events(connection, style, names) for style, names in owners.items()}


def _parts(connection: Connection, agencies: Sequence[str]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    named = select(_tie.c.agency, _tie.c.occurrence, _tie.c.role)
    owing = select(_duty.c.agency, _duty.c.occurrence).where(not_(_duty.c.withdrawn))
    for batch in batches(agencies, KEYS_AT_ONCE):
        for agency, occurrence, role in connection.execute(named.where(_tie.c.agency.in_(batch))):
            found[agency, occurrence].add(role)
        for agency, occurrence in connection.execute(owing.where(_duty.c.agency.in_(batch))):
            found[agency, occurrence].add(Role.LEAD)
    return found
