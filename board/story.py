"""Holds a connection: an occurrence's whole story, newest first: its dates, what was told, handed in, decided.

Sentences are Vietnamese. No address is among them, and of a secret matter nothing that tells its content.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Row, select

from board.change_words import say_when
from board.story_duties import tell_duties
from board.story_lines import StoryLine
from board.story_notices import tell_notices
from calendars.components import TIME_ZONE
from calendars.wording import say_short
from models.agency import Agency
from models.amendment import Amendment, AmendmentKind
from models.columns import table_of
from models.notice import Letter, LetterState
from models.occurrence import Occurrence
from models.programme import Release

OCCURRENCES = table_of(Occurrence)
AMENDMENTS, RELEASES, LETTERS = table_of(Amendment), table_of(Release), table_of(Letter)
AGENCIES = table_of(Agency)

OF_A_LETTER = {
    LetterState.DRAFTED: "Công văn đôn đốc được soạn, chờ quyết định",
    LetterState.APPROVED: "Công văn đôn đốc được duyệt",
    LetterState.WAIVED: "Công văn đôn đốc: quyết định không gửi",
}


def read_story(connection: Connection, occurrence: str) -> list[StoryLine]:
    """Everything that is known of it, newest first; empty when there is no such occurrence."""
    row = connection.execute(select(OCCURRENCES).where(OCCURRENCES.c.id == occurrence)).first()
    if row is None:
        return []
    lines = [
        *_tell_releases(connection, row.programme),
        *_tell_amendments(connection, row),
        *(StoryLine(told.at, told.what, notices=told.notices) for told in tell_notices(connection, occurrence)),
        *tell_duties(connection, occurrence),
        *_tell_letters(connection, occurrence),
    ]
    if row.secret:
        lines = [_veil(line) for line in lines]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _veil(line: StoryLine) -> StoryLine:
    """Who and when stay; what would tell the content goes."""
    files = tuple(replace(file, name=f"Tệp {file.number}") for file in line.files)
    return replace(line, document="", why="", link="", files=files)


def _tell_releases(connection: Connection, programme: str) -> Iterator[StoryLine]:
    rows = select(RELEASES.c.number, RELEASES.c.released_at).where(RELEASES.c.programme == programme)
    for row in connection.execute(rows):
        yield StoryLine(row.released_at, f"Chương trình được triển khai, bản {row.number}")


# ---- dates ------------------------------------------------------------------------------------


def _tell_amendments(connection: Connection, occurrence: Row[Any]) -> Iterator[StoryLine]:
    paper = "theo văn bản" if occurrence.secret or not occurrence.phrase else f"theo văn bản: {occurrence.phrase}"
    on_paper = {AmendmentKind.DATE: paper, AmendmentKind.TEAM: "theo văn bản"}
    holds, off = dict(on_paper), False
    named = select(AGENCIES.c.code, AGENCIES.c.name).where(AGENCIES.c.kind == "team")
    teams = dict(connection.execute(named).tuples().all())
    subjects = (occurrence.id, f"{occurrence.programme}/{occurrence.item}")  # an event is recorded of the line
    rows = select(AMENDMENTS).where(AMENDMENTS.c.subject.in_(subjects)).order_by(AMENDMENTS.c.id)
    for row in connection.execute(rows):
        kind, about = AmendmentKind(row.kind), {"who": row.by, "document": row.document, "why": row.why}
        if kind is AmendmentKind.CANCEL and off != bool(row.content):
            off = bool(row.content)
            yield StoryLine(row.at, "Hủy" if off else "Khôi phục, như chưa hủy", **about)
        elif kind is AmendmentKind.EVENT:
            yield StoryLine(row.at, _name_event(row.content), **about)
        elif kind in on_paper:
            before = holds[kind]
            after = _say_content(json.loads(row.content), occurrence, teams) if row.content else on_paper[kind]
            what = "Phân công đoàn" if kind is AmendmentKind.TEAM else _name_date(row.content, before == paper)
            yield StoryLine(row.at, what, before=before, after=after, **about)
            holds[kind] = after


def _name_date(content: str, first: bool) -> str:
    if not content:
        return "Bỏ ngày đã ấn định, trở lại theo văn bản"
    return "Ấn định ngày" if first else "Đổi ngày"


def _name_event(content: str) -> str:
    if not content:
        return "Bỏ sự việc đã ghi, lại chờ"
    return f"Ghi sự việc đã xảy ra ngày {say_short(date.fromisoformat(json.loads(content)['on']))}"


def _say_content(content: dict[str, Any], occurrence: Row[Any], teams: Mapping[str, str]) -> str:
    """What holds from then on: the team, or the day."""
    team = content.get("team")
    return teams.get(team, team) if team else say_when(content, secret=occurrence.secret)


def _tell_letters(connection: Connection, occurrence: str) -> Iterator[StoryLine]:
    for row in connection.execute(select(LETTERS).where(LETTERS.c.occurrence == occurrence)):
        state = LetterState(row.state)
        drafted = datetime.combine(row.drafted_on, time(), TIME_ZONE)  # the day is all that is kept
        yield StoryLine(drafted, OF_A_LETTER[LetterState.DRAFTED])
        if row.decided_at:
            yield StoryLine(
                row.decided_at,
                OF_A_LETTER[state],
                row.decided_by or "",
                document=row.number or "",
                why=row.remark or "",
            )
