"""Commands by which a person records what became of a duty: done, more time, back for correction, waived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Connection

from calendars.wording import say_short
from cli.office import Office, open_office
from cli.output import say, typed
from models.errors import DonDocError
from notices.planning import Planning
from office.store import writing
from planning.submissions import Recorded, extend_duty, has_duty, mark_done, return_duty, waive_duty


def record_done(duty: str, by: str, document: str | None, on: str | None) -> None:
    """Records a complete submission; a second one changes nothing and is refused with a sentence."""
    office = open_office()
    recorded = _recorded(office, by, why="", document=document)
    day = read_day(on, "--on") if on else recorded.today
    if day > recorded.today:
        raise DonDocError(f"Ngày nộp {say_short(day)} chưa đến.", help="Ghi ngày đã nộp thật.")
    if day.year < recorded.today.year - 10:
        raise DonDocError(f"Ngày nộp {say_short(day)} quá xa.", help="Kiểm tra lại năm.")

    def submit(connection: Connection) -> None:
        if not has_duty(connection, duty):
            raise DonDocError(
                f"Không có nhiệm vụ {duty}.", help="Xem mã việc ở «dondoc agenda» và thêm mã cơ quan, ví dụ …/2024/SYT."
            )
        if not mark_done(connection, duty, day, recorded):
            raise DonDocError(
                f"{duty} đã ghi nhận rồi, hoặc đã được miễn.",
                help="Lần nộp đầu được giữ nguyên; xem ngày nộp bằng «dondoc agenda --json».",
            )

    _record(office, submit)
    say(f"Đã ghi nhận {duty}: nộp ngày {say_short(day)}.")


def record_extension(duty: str, until: str, by: str, why: str, document: str | None) -> None:
    """Gives a duty more time: a new due version, told to whoever knows the old one."""
    office = open_office()
    recorded, day = _recorded(office, by, why, document), read_day(until, "--until")
    days = office.definitions.working_days
    planned = _record(office, lambda connection: extend_duty(connection, duty, day, recorded, days))
    say(f"Đã gia hạn {duty} đến hết ngày {say_short(day)}. {_told(planned)}")


def record_return(duty: str, until: str | None, by: str, why: str, document: str | None) -> None:
    """Sends a submission back for correction; on time stays what the first submission was."""
    office = open_office()
    recorded, day = _recorded(office, by, why, document), read_day(until, "--until") if until else None
    planned = _record(office, lambda connection: return_duty(connection, duty, recorded, day))
    by_when = f", nộp lại chậm nhất {say_short(day)}" if day else ""
    say(f"Đã trả lại {duty} để sửa{by_when}. {_told(planned)}")


def record_waiver(duty: str, by: str, why: str, document: str | None) -> None:
    """Nobody asks for the duty any more."""
    office = open_office()
    recorded = _recorded(office, by, why, document)
    planned = _record(office, lambda connection: waive_duty(connection, duty, recorded))
    say(f"Đã miễn {duty}. {_told(planned)}")


def _record(office: Office, what: Callable[[Connection], None]) -> Planning:
    """The change, the notices that follow from it and the audit: one transaction."""
    office.require_present()
    with writing(office.store) as connection:
        what(connection)
        office.refresh_people(connection)
        return office.desk.plan(connection)


def _recorded(office: Office, by: str, why: str, document: str | None) -> Recorded:
    who = typed(by)
    if not who:
        raise DonDocError("Thiếu người ghi nhận.", help='Viết --by "Họ và tên".')
    at: datetime = office.clock.now()
    return Recorded(who, at, typed(why), typed(document) if document else None)


def _told(planned: Planning) -> str:
    return f"{planned.notices} thông báo mới, {planned.let_go} thông báo thôi gửi."


def read_day(text: str, option: str) -> date:
    """A day typed as 2024-12-09. Raises DonDocError naming the option."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DonDocError(f"Không hiểu ngày «{text}».", help=f"Viết {option} 2024-12-09.") from None
