"""Commands on the outbox: plan, list, send, retry, show, hold, resume, preview; and the people notices go to."""

from __future__ import annotations

from collections import Counter

from rich.table import Table
from sqlalchemy import select

from cli.office import open_office
from cli.output import console, print_json, say, typed
from models.errors import DonDocError
from models.notice import STATE_NAMES, TO_DECIDE, WAITING, NoticeState
from notices.acknowledgement import acknowledge_notice, revoke_link
from notices.contact_book import read_contact_book
from notices.evidence import read_proof, say_proof
from notices.matter import Addressed
from notices.matters import read_matters
from notices.outbox import EVERYTHING, hold, resume, retry
from notices.readiness import find_gaps
from notices.refusals import accept_digests
from notices.register import Line, count_states, read_register, to_decide
from notices.tables import NOTICES
from notices.wording import Wording
from office.store import reading, writing
from planning.agenda import planned_years
from planning.opening import open_due

ALIASES = {"waiting": WAITING, "decide": TO_DECIDE}


def plan(*, as_json: bool) -> None:
    """Opens what is due, and files every notice that has come due; doing it again files nothing."""
    office = open_office()
    office.require_present()
    with writing(office.store) as connection:
        office.refresh_people(connection)
        open_due(connection, office.clock.today())
        planned = office.desk.plan(connection)
    if as_json:
        print_json(planned)
        return
    say(
        f"{planned.notices} thông báo mới, {planned.let_go} thông báo thôi gửi, "
        f"{len(planned.letters)} công văn mới chờ duyệt."
    )
    if planned.undeliverable:
        say(f"{planned.undeliverable} thông báo không có nơi gửi: xem «dondoc ready».", style="red")


def send(most: int | None, *, as_json: bool) -> None:
    """Sends what is due now, and first takes in what mail servers reported."""
    office = open_office()
    office.require_present()
    reported = office.desk.read_reports()
    sent = office.desk.send(most=most)
    if sent is None:
        raise DonDocError("Một lượt gửi khác đang chạy.", help="Đợi vài phút rồi xem «dondoc notices list».")
    with reading(office.store) as connection:
        waiting = to_decide(connection)
        held = read_register(connection, states=WAITING)
    if as_json:
        print_json({"sent": sent, "reported": reported, "to_decide": len(waiting)})
        return
    say(
        f"{sent.accepted} thư, tin máy chủ đã nhận; {sent.try_again} sẽ gửi lại; {sent.rejected} bị từ chối; "
        f"{sent.unknown} chưa rõ; {sent.let_go} thông báo không cần gửi nữa."
    )
    troubles = Counter(line.reason for line in held if line.attempts and line.reason)
    for reason, number in troubles.most_common(3):
        say(f"{number} thông báo chờ gửi lại: {reason}", style="red")
    if any(line.held for line in held):
        say("Đang tạm giữ: xem «dondoc notices list --state waiting», cho đi tiếp bằng «dondoc notices resume».")
    if waiting:
        say(f"{len(waiting)} thông báo chờ người quyết định: «dondoc notices list --state decide».", style="red")


def show_list(state: str | None, subject: str | None, *, today: bool, as_json: bool) -> None:
    """The register of notices, newest first."""
    office = open_office()
    states = ALIASES.get(state or "", (state,) if state else ())
    known = {*ALIASES, *NoticeState}
    if state is not None and state not in known:
        raise DonDocError(f"Không có trạng thái «{state}».", help=f"Chọn một trong: {', '.join(sorted(known))}.")
    with reading(office.store) as connection:
        lines = read_register(connection, states=states, day=office.clock.today() if today else None, subject=subject)
        counted = count_states(connection)
    if as_json:
        print_json({"notices": lines, "states": counted})
        return
    if lines:
        _show_lines(lines)
    say("; ".join(f"{number} {STATE_NAMES[state]}" for state, number in counted.items()) or "Chưa có thông báo nào.")


def _show_lines(lines: list[Line]) -> None:
    table = Table(title="Thông báo", title_justify="left")
    for heading in ("Số", "Trạng thái", "Đến giờ gửi", "Người nhận", "Việc", "Bước", "Ghi chú"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        remarks = [line.reason, f"{line.attempts} lần gửi" if line.attempts > 1 else ""]
        remarks.append("đã báo nhận" if line.acknowledged else "")
        table.add_row(
            str(line.id), line.in_words, f"{line.due_at:%H:%M %d/%m/%Y}", f"{line.recipient} ({line.channel})",
            f"{line.title}\n{line.subject}", line.step_name, "; ".join(filter(None, remarks)),
        )  # fmt: skip
    console.print(table)


def show_one(notice: int, *, as_json: bool) -> None:
    """Everything about one notice."""
    office = open_office()
    with reading(office.store) as connection:
        proof = read_proof(connection, notice)
    if as_json:
        print_json(proof)
        return
    for line in say_proof(proof):
        say(line)


def preview(notice: int, *, pasted: bool, html: bool) -> None:
    """A notice in words, as whoever stands in today would get it by itself, without its link; sends nothing."""
    office = open_office()
    with reading(office.store) as connection:
        found = read_matters(
            connection, [notice], office.definitions.working_days, office.clock.today(), resettle=False
        )
        meant = connection.execute(select(NOTICES.c.recipient).where(NOTICES.c.id == notice)).scalar()
        book = read_contact_book(connection)
        person = book.people.get(meant or "")
    if not found or found[0].matter is None:
        raise DonDocError(f"Không có thông báo số {notice} để xem.", help="Xem số ở «dondoc notices list».")
    receiver = book.receiver(person, office.clock.today()) if person else None
    to = Addressed(
        name=receiver.name if receiver else "—",
        sender=office.settings.secretariat_name,
        today=office.clock.today(),
        language=receiver.language if receiver else "vi",
        instead_of=person.name if person and receiver and receiver.code != person.code else None,
        banner=office.clock.banner(),
    )
    worded = Wording(office.settings.templates).word([found[0].matter], to)
    if html:
        print(worded.html)
    elif pasted:
        say(worded.pasted)
    else:
        say(f"Tiêu đề: {worded.subject}\n\n{worded.text}\nSMS: {worded.short}")


def try_again(notice: int, by: str) -> None:
    """Sends what failed, bounced or is unknown once more."""
    office = open_office()
    with writing(office.store) as connection:
        retry(connection, notice, _who(by), office.clock.now())
    say(f"Thông báo {notice} sẽ gửi lại ở lượt gửi tới.")


def hold_back(notice: int | None, by: str, why: str) -> None:
    """Holds one notice or everything back."""
    office = open_office()
    scope = EVERYTHING if notice is None else str(notice)
    with writing(office.store) as connection:
        hold(connection, scope, _who(by), typed(why), office.clock.now())
    say("Đã tạm giữ mọi thông báo." if notice is None else f"Đã tạm giữ thông báo {notice}.")


def let_go_on(notice: int | None, by: str) -> None:
    """Lets what was held go on."""
    office = open_office()
    scope = EVERYTHING if notice is None else str(notice)
    with writing(office.store) as connection:
        resume(connection, scope, _who(by), office.clock.now())
    say("Mọi thông báo lại được gửi." if notice is None else f"Thông báo {notice} lại được gửi.")


def acknowledge(notice: int, by: str) -> None:
    """Records by hand that a recipient has said they have it."""
    office = open_office()
    with writing(office.store) as connection:
        new = acknowledge_notice(connection, notice, _who(by), office.clock.now())
    say(f"Đã ghi: thông báo {notice} đã báo nhận." if new else f"Thông báo {notice} không có gì mới để ghi.")


def revoke(notice: int, by: str, why: str) -> None:
    """Makes the link of a notice show nothing any more."""
    office = open_office()
    with writing(office.store) as connection:
        new = revoke_link(connection, notice, _who(by), typed(why), office.clock.now())
    said = "đã thu hồi liên kết" if new else "liên kết đã được thu hồi từ trước"
    say(f"Thông báo {notice}: {said}.")


def digests_again(contact: str, by: str) -> None:
    """Somebody who refused digests gets them again."""
    office = open_office()
    with writing(office.store) as connection:
        office.refresh_people(connection)
        new = accept_digests(connection, contact, _who(by), office.clock.now())
    say(f"{contact} lại nhận thư gộp." if new else f"{contact} vẫn nhận thư gộp, không có gì để đổi.")


def show_ready(*, as_json: bool) -> None:
    """Every step of every ladder whose target nobody can be reached for; exit code 1 when there is one."""
    import typer

    office = open_office()
    with writing(office.store) as connection:
        office.refresh_people(connection)
    with reading(office.store) as connection:
        if not planned_years(connection):
            raise DonDocError("Chưa lập năm nào nên chưa biết ai phải nghe gì.", help="Chạy «dondoc plan 2026» trước.")
        definitions = office.definitions
        gaps = find_gaps(connection, definitions.ladders, definitions.working_days, office.clock.today())
    if as_json:
        print_json({"ready": not gaps, "gaps": gaps})
    elif not gaps:
        say("Sẵn sàng: bước nào cũng có người nhận và kênh đã kiểm tra.")
    else:
        table = Table(title=f"Chưa gửi được đến ({len(gaps)})", title_justify="left")
        for heading in ("Cơ quan", "Thiếu", "Bước", "Việc"):
            table.add_column(heading, overflow="fold")
        for gap in gaps:
            table.add_row(gap.agency, gap.lacks, ", ".join(gap.step_names), gap.example)
        console.print(table)
        say("Bổ sung vào programmes/contacts.yaml, ghi ngày đã thử gửi ở verified.")
    if gaps:
        raise typer.Exit(1)


def watch() -> None:
    """Says, and tells whoever is to be told, when nobody has planned for a day; exit code 1 then."""
    import typer

    said = open_office().desk.watch()
    if said is None:
        say("Đôn Đốc vẫn rà soát đều.")
        return
    say(said, style="red")
    raise typer.Exit(1)


def check_wording() -> None:
    """Words every kind of notice in both languages; exit code 1 and every broken template named."""
    import typer

    broken = Wording(open_office().settings.templates).check()
    for each in broken:
        say(str(each), style="red")
    if broken:
        raise typer.Exit(1)
    say("Mọi mẫu thông báo đều dùng được.")


def _who(by: str) -> str:
    who = typed(by)
    if not who:
        raise DonDocError("Thiếu người quyết định.", help='Viết --by "Họ và tên".')
    return who
