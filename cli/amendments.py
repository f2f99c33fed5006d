"""Commands by which a person overrules the paper: fix or move a date, call off, take back, name an event, decide a day.

Each shows what would come of it, from the deed itself done and taken back, and does it once that is agreed to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time

import typer
from sqlalchemy import Connection

from calendars.wording import say_short
from cli.duties import read_day
from cli.office import Office, open_office
from cli.output import say, typed
from models.errors import DonDocError
from office.store import reading, writing
from planning.amendments import Basis
from planning.effects import Effect, is_draft, preview
from planning.fixing import (
    Fix,
    amend_day,
    cancel_occurrence,
    fix_date,
    read_hours_and_place,
    record_event,
    restore_occurrence,
)

SHOWN = 12  # lines of one kind at most; the rest is counted


@dataclass(frozen=True, slots=True)
class Typed:
    """The days and hours of ``dondoc fix`` and ``dondoc move`` as they were typed."""

    first: str
    last: str | None = None
    starts: str | None = None
    ends: str | None = None
    place: str | None = None


def fix(occurrence: str, days: Typed, by: str, document: str | None, why: str, *, agreed: bool) -> None:
    """Fixes the day of an event, or moves it or a deadline; hours and place stay unless others are given."""
    office, basis = open_office(), _basis(by, document, why)
    with reading(office.store) as connection:
        held = read_hours_and_place(connection, typed(occurrence))
    wanted = Fix(
        typed(occurrence),
        read_day(days.first, "--first"),
        read_day(days.last, "--last") if days.last else None,
        _read_hour(days.starts, "--starts") if days.starts else held.starts,
        _read_hour(days.ends, "--ends") if days.ends else held.ends,
        typed(days.place) if days.place else held.place,
        basis.document,
        basis.why,
        basis.by,
    )
    said = f"Đã ấn định {wanted.occurrence}: {{after}}."
    _do(office, fix_date, (wanted,), said, about=wanted.occurrence, agreed=agreed)


def cancel(occurrence: str, by: str, document: str | None, why: str, *, agreed: bool) -> None:
    """Calls an occurrence off."""
    which, basis = typed(occurrence), _basis(by, document, why)
    _do(open_office(), cancel_occurrence, (which, basis), f"Đã hủy {which}.", about=which, agreed=agreed)


def happened(occurrence: str, on: str, by: str, document: str, why: str, *, agreed: bool) -> None:
    """Records that what an occurrence waited for took place."""
    office, which, day, basis = open_office(), typed(occurrence), read_day(on, "--on"), _basis(by, document, why)
    said = f"Đã ghi sự việc ngày {say_short(day)} cho {which}: {{after}}."
    _do(office, record_event, (which, day, basis), said, about=which, agreed=agreed)


def take_back(occurrence: str, by: str, why: str, *, agreed: bool) -> None:
    """Takes back the last thing that was recorded about an occurrence."""
    which, basis = typed(occurrence), _basis(by, None, why)
    said = f"Đã khôi phục {which}: {{after}}."
    _do(open_office(), restore_occurrence, (which, basis), said, about=which, agreed=agreed)


def decide_day(day: str, working: bool | None, by: str, document: str | None, why: str, *, agreed: bool) -> None:
    """Decides whether a day is worked; with None the decision is taken back."""
    office, which, basis = open_office(), read_day(day, "ngày"), _basis(by, document, why)
    words = {True: "là ngày làm việc", False: "là ngày nghỉ", None: "theo lịch chung"}[working]
    _do(office, amend_day, (which, working, basis), f"Đã ghi: {say_short(which)} {words}.", agreed=agreed)


def _do(
    office: Office,
    amend: Callable[..., Effect],
    asked: tuple[object, ...],
    sentence: str,
    *,
    about: str | None = None,
    agreed: bool,
) -> None:
    """Shows the effect of a deed of planning.fixing, asks, and does it with the notices that follow from it.

    ``about`` is the occurrence; None when the deed is about a day.
    """
    today, at = office.clock.today(), office.clock.now()
    inclusive = office.settings.before_is_inclusive

    def deed(connection: Connection) -> Effect:
        return amend(connection, office.paper, *asked, today, at, before_is_inclusive=inclusive)

    office.require_present()
    with reading(office.store) as connection:
        draft = about is not None and is_draft(connection, about)
    seen = "đã hủy" if amend is cancel_occurrence else "dự kiến"
    for line in say_effect(preview(lambda: writing(office.store), deed), seen if draft else None):
        say(line)
    if not agreed and not typer.confirm("Ghi nhận?"):
        raise typer.Exit(1)
    with writing(office.store) as connection:
        effect = deed(connection)
        office.refresh_people(connection)
        planned = office.desk.plan(connection)
    say(sentence.format(after=effect.after))
    say(f"{planned.notices} thông báo mới, {planned.let_go} thông báo thôi gửi.")


def say_effect(effect: Effect, seen: str | None = None) -> Iterator[str]:
    """What a change does, a line for each thing a secretary would ask; ``seen``: how the agencies see it of a draft."""
    if effect.before or effect.after:
        yield f"Trước: {effect.before}. Nay: {effect.after}."
    moved = [": ".join(filter(None, (one.title, "; ".join(one.details)))) for one in effect.moved]
    yield from _some(moved, "Việc thay đổi")
    yield from (f"Chú ý: {remark}" for remark in effect.remarks)
    yield from _some([f"Chồng lịch: {clash}" for clash in effect.clashes], "Chồng lịch")
    if effect.feeds:
        yield _say_calendars(list(dict.fromkeys(feed.title for feed in effect.feeds)))
    heard = [f"{one.name} ({one.agency})" if one.agency else one.name for one in effect.told]
    yield from _some([f"Đã báo ngày cũ: {who}" for who in heard], "Đã báo ngày cũ")
    if effect.superseded:
        yield f"{effect.superseded} thông báo chưa gửi sẽ được thay."
    if seen:
        yield f"Chương trình còn là dự thảo: chỉ thư ký được báo; các cơ quan thấy trên lịch là {seen}."
    else:
        yield from (f"{one.role}: {one.agencies} cơ quan, {one.people} người nhận được." for one in effect.will_hear)


def _say_calendars(titles: Sequence[str]) -> str:
    more = f" và {len(titles) - SHOWN} lịch nữa" if len(titles) > SHOWN else ""
    return f"{len(titles)} lịch thay đổi: {'; '.join(titles[:SHOWN])}{more}."


def _some(lines: list[str], what: str) -> Iterator[str]:
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"{what}: còn {len(lines) - SHOWN} dòng nữa."


def _basis(by: str, document: str | None, why: str) -> Basis:
    return Basis(typed(by), typed(document) if document else "", typed(why))


def _read_hour(text: str | None, option: str) -> time | None:
    try:
        hour = time.fromisoformat(text) if text else None
    except ValueError:
        hour = None
    if text and (hour is None or hour.tzinfo is not None):
        raise DonDocError(f"Không hiểu giờ «{text}».", help=f"Viết {option} 08:00.")
    return hour
