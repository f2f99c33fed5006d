"""Made-up messages of every kind, full and bare, to try templates on before a real one needs them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

from models.notice import NoticeKind
from notices.matter import Addressed, Late, Matter, Request, Taken, TakenFile

_TODAY = date(2024, 12, 2)
_FULL = Matter(
    NoticeKind.REMINDER,
    "Báo cáo kết quả thực hiện Chương trình",
    "Chương trình công tác năm 2024",
    document="Quyết định số 1/QĐ-UBND ngày 02/01/2024",
    agency="Sở Y tế",
    leads=("Ban Dân tộc",),
    recipients=("Ban Dân tộc",),
    product="Báo cáo",
    missing=("Sở Y tế", "Sở Tư pháp"),
    late=(Late("Sở Y tế", "Báo cáo kết quả thực hiện Chương trình", date(2024, 11, 27), 3),),
    missed=2,
    draft=True,
    assumed=True,
    extended=True,
    returned=True,
    duty="CT-2024/S1/2024/SYT",
    link="https://dondoc.example.vn/n/1",
    what="chuyển sang ngày 18/12/2024",
    before="16/12/2024, 8h00, Hội trường",
    about="số 12/CV-BCĐ ngày 02/12/2024",
)
_FULL_ADDRESS = Addressed(
    "Bà Nguyễn Thị B",
    "Cơ quan Thường trực",
    _TODAY,
    instead_of="Ông Lò Văn A",
    banner="Đồng hồ minh họa.",
    unsubscribe="https://dondoc.example.vn/u/1",
    agency_page="https://dondoc.example.vn/vao/1",
)
_AT = datetime(2024, 12, 2, 2, 5, tzinfo=UTC)
_TAKEN = Taken(
    12,
    _AT,
    complete=True,
    late=2,
    document="số 5/BC-SYT ngày 02/12/2024",
    link="https://tep.example.vn/5",
    files=(TakenFile("Báo cáo năm.pdf", 24_000, "9f" * 32),),
)
_REQUEST = Request(3, "Lò Thị Hoa", _AT, date(2024, 12, 20), "Chờ số liệu của các xã")


def made_up_messages() -> Iterator[tuple[list[Matter], Addressed]]:
    """Messages that together use every block, and every place with and without something in it."""
    for language in ("vi", "en"):
        full = replace(_FULL_ADDRESS, language=language)
        bare = Addressed("Văn thư", "Cơ quan Thường trực", _TODAY, language)
        for kind in NoticeKind:
            for matter in _of_kind(kind):
                yield [matter], full
                yield [replace(matter, secret=True)], bare
            yield [_FULL_OF[kind], replace(_FULL_OF[kind], agency="Sở Tư pháp", duty="")], full
            yield [Matter(kind, "", "")], bare
        everything = [matter for kind in NoticeKind for matter in _of_kind(kind)]
        yield everything, full
        yield [replace(matter, link="") for matter in everything], bare


def _of_kind(kind: NoticeKind) -> list[Matter]:
    """In good time, in time on its last day, late; plain and with every remark, every answer and every invitation."""
    return [*_on_days(_FULL_OF[kind]), *_answered(_FULL_OF[kind])]


def _answered(full: Matter) -> list[Matter]:
    """Receipts in every sort of time, whole and in part; requests granted and refused."""
    if full.taken is not None:
        kinds = [(True, None), (True, -1), (True, 0), (False, -1)]
        return [replace(full, taken=replace(full.taken, complete=whole, late=late)) for whole, late in kinds]
    if full.request is not None:
        refused = replace(full.request, decided_by="Ông Lò Văn A", remark="Đã gia hạn một lần")
        granted = replace(refused, granted_until=date(2024, 12, 18))
        return [replace(full, request=refused), replace(full, request=granted)]
    if full.kind is NoticeKind.INVITATION:
        first = replace(full, what="", before="", about="", fixed_by="Giấy mời số 25/GM-BCĐ ngày 02/12/2024")
        return [first, replace(full, called_off=True, first=None, starts=None, when="")]
    return []


def _on_days(full: Matter) -> list[Matter]:
    plain = replace(full, draft=False, assumed=False, extended=False, returned=False, missed=0)
    if full.last_on_time is None:
        return [full, plain, replace(plain, held=False)]
    late = replace(
        plain,
        named_date=date(2024, 11, 29),
        last_on_time=date(2024, 11, 28),
        work_by=date(2024, 11, 28),
        days_left=-2,
        returned=True,
    )
    today = replace(plain, last_on_time=_TODAY, work_by=_TODAY, days_left=0)
    return [full, plain, today, late, replace(late, draft=True, missing=(), late=())]


def _full(kind: NoticeKind) -> Matter:
    if kind in {NoticeKind.EVENT, NoticeKind.WINDOW, NoticeKind.INVITATION}:
        last = date(2024, 12, 31) if kind is NoticeKind.WINDOW else None
        starts = None if kind is NoticeKind.WINDOW else time(8)
        first = date(2024, 10, 1) if kind is NoticeKind.WINDOW else date(2024, 12, 16)
        return replace(
            _FULL, kind=kind, first=first, last=last, starts=starts, place="Hội trường", days_left=10, held=True
        )
    return replace(
        _FULL,
        kind=kind,
        taken=_TAKEN if kind is NoticeKind.RECEIPT else None,
        request=_REQUEST if kind in {NoticeKind.REQUEST_WAITING, NoticeKind.REQUEST_ANSWERED} else None,
        named_date=date(2024, 12, 10),
        included=False,
        last_on_time=date(2024, 12, 9),
        work_by=date(2024, 12, 9),
        days_left=5,
    )


_FULL_OF = {kind: _full(kind) for kind in NoticeKind}
