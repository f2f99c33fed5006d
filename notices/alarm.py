"""Holds a connection: does anybody still plan and send? If not, somebody is told by a path without a scheduler."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from models.kinds import ChannelKind
from notices.channel import Message
from notices.hours import ZONE
from notices.planning import PLANNED, SENT, pass_by
from notices.references import is_reference
from notices.tables import PASSAGES

SILENCE = timedelta(hours=26)  # a daily sweep that is late by two hours
AGAIN = timedelta(hours=24)
ALARM = "alarm"
_WATCHED = (
    (PLANNED, "rà soát", "không có thông báo nhắc việc nào được lập trong thời gian ấy", "lap-thong-bao"),
    (SENT, "gửi", "không có thông báo nào được gửi trong thời gian ấy", "gui-thong-bao"),
)


def say_silence(connection: Connection, really: datetime) -> str | None:
    """What is wrong, in Vietnamese, when nobody has planned or sent for 26 hours by the machine's own clock; else None.

    An office that has never planned has nothing to be silent about, nor one that has never sent.
    """
    for name, what, then, flow in _WATCHED:
        last = connection.execute(select(PASSAGES.c.really_at).where(PASSAGES.c.name == name)).scalar()
        if last is not None and really - last > SILENCE:
            hours = int((really - last).total_seconds() // 3600)
            return (
                f"Đôn Đốc đã {hours} giờ chưa {what} (lần cuối {last.astimezone(ZONE):%H:%M %d/%m/%Y}): {then}. "
                f"Xem luồng «{flow}» và khởi động lại «dondoc run»."
            )
    return None


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
