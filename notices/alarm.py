"""Holds a connection: is anybody still planning? If not, somebody is told by a path that needs no scheduler."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from models.kinds import ChannelKind
from notices.channel import Message
from notices.hours import ZONE
from notices.planning import PLANNED, pass_by
from notices.references import is_reference
from notices.tables import PASSAGES

SILENCE = timedelta(hours=26)  # a daily sweep that is late by two hours
AGAIN = timedelta(hours=24)
ALARM = "alarm"


def say_silence(connection: Connection, really: datetime) -> str | None:
    """What is wrong, in Vietnamese, when nothing has been planned for 26 hours by the machine's own clock; else None.

    An office that has never planned has nothing to be silent about.
    """
    last = connection.execute(select(PASSAGES.c.really_at).where(PASSAGES.c.name == PLANNED)).scalar()
    if last is None or really - last <= SILENCE:
        return None
    hours = int((really - last).total_seconds() // 3600)
    return (
        f"Đôn Đốc đã {hours} giờ chưa rà soát (lần cuối {last.astimezone(ZONE):%H:%M %d/%m/%Y}): "
        "không có thông báo nhắc việc nào được lập trong thời gian ấy. Xem luồng «lap-thong-bao» và khởi động lại «dondoc run»."
    )


def raise_alarm(connection: Connection, said: str, to: str, really: datetime) -> tuple[ChannelKind, Message] | None:
    """The message to hand to a channel, with ``note_raised`` once it has been taken; None for a day after that.

    ``to`` is a mail address or a reference to an Apprise address.
    """
    last = connection.execute(select(PASSAGES.c.really_at).where(PASSAGES.c.name == ALARM)).scalar()
    if last is not None and really - last < AGAIN:
        return None
    key = hashlib.sha256(f"{ALARM}|{really:%Y-%m-%dT%H}".encode()).hexdigest()[:32]
    subject = "Báo động: Đôn Đốc không chạy"
    kind = ChannelKind.APPRISE if is_reference(to) else ChannelKind.MAIL
    return kind, Message(key, to, "", subject, f"{said}\n", f"<p>{said}</p>", f"{subject}. {said}")


def note_raised(connection: Connection, really: datetime) -> None:
    """Somebody has been told; an alarm nobody took is tried again the next time anybody watches."""
    pass_by(connection, ALARM, really, really)
