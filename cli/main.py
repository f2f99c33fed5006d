"""The command ``dondoc``: names the commands and turns our errors into one sentence and an exit code.

Each command imports what it needs when it runs, so that ``--help`` and ``explain`` start at once.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from models.errors import DonDocError


class OneSentence(TyperGroup):
    """Shows an error of ours as its sentence; anything else keeps its traceback, since it is a bug."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; exits with the error's code (1 bad input, 2 a machine that cannot)."""
        try:
            return super().invoke(ctx)
        except DonDocError as error:
            print(f"Lỗi: {error}", file=sys.stderr)
            raise typer.Exit(error.exit_code) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(0) from None
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
                raise
            print(f"Lỗi: không ghi ra được ({error.strerror}). Kiểm tra chỗ trống trên đĩa.", file=sys.stderr)
            raise typer.Exit(2) from None


app = typer.Typer(
    name="dondoc",
    cls=OneSentence,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Đôn Đốc: chương trình công tác trên giấy thành ngày, luồng việc và lịch.",
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="In ra dạng JSON cho máy đọc.")]


@app.callback()
def settle(
    at: Annotated[str | None, typer.Option(help="Xem như hôm nay là ngày này (2024-12-02), hoặc today.")] = None,
) -> None:
    """Đôn Đốc: chương trình công tác trên giấy thành ngày, luồng việc và lịch."""
    if at is not None:
        import os

        os.environ["DONDOC_AT"] = at


@app.command()
def explain(
    phrase: Annotated[str, typer.Argument(help="Cụm từ chỉ thời gian, ví dụ «trước ngày 10 tháng 12 hằng năm».")],
    year: Annotated[int, typer.Option(help="Năm của văn bản.", min=1900, max=2199)],
    json: Json = False,
) -> None:
    """Giải thích cách đọc một cụm từ chỉ thời gian: quy tắc, hạn, ngày cuối, ngày nên xong."""
    from cli.explain import explain_phrase

    explain_phrase(phrase, year, as_json=json)


@app.command()
def check(json: Json = False) -> None:
    """Kiểm tra mọi tệp trong programmes/; nêu tất cả lỗi cùng lúc."""
    from cli.paper import check_definitions

    check_definitions(as_json=json)


@app.command()
def plan(
    years: Annotated[list[int], typer.Argument(help="Năm cần lập, có thể nhiều năm.", min=2000, max=2100)],
    json: Json = False,
) -> None:
    """Lập một hay nhiều năm: lưu vào cơ sở dữ liệu và in những gì thay đổi."""
    from cli.paper import plan_years

    plan_years(years, as_json=json)


@app.command()
def agenda(
    year: Annotated[int | None, typer.Option(help="Năm; mặc định là năm nay.", min=2000, max=2100)] = None,
    month: Annotated[str | None, typer.Option(help="Tháng: 12 hoặc 2024-12.")] = None,
    agency: Annotated[str | None, typer.Option(help="Mã cơ quan, ví dụ BDT.")] = None,
    programme: Annotated[str | None, typer.Option(help="Mã chương trình.")] = None,
    json: Json = False,
) -> None:
    """Xem lịch công tác đã lập."""
    from cli.agenda import show_agenda

    show_agenda(year, month, agency, programme, as_json=json)


@app.command()
def decisions(
    year: Annotated[int | None, typer.Option(help="Năm; mặc định là năm nay.", min=2000, max=2100)] = None,
    programme: Annotated[str | None, typer.Option(help="Mã chương trình.")] = None,
    json: Json = False,
) -> None:
    """Xem những việc đang chờ người quyết định."""
    from cli.agenda import show_decisions

    show_decisions(year, programme, as_json=json)


@app.command()
def release(programme: Annotated[str, typer.Argument(help="Mã chương trình.")], json: Json = False) -> None:
    """Chốt một phiên bản của chương trình và in khác biệt so với phiên bản trước."""
    from cli.paper import release_programme

    release_programme(programme, as_json=json)


@app.command()
def publish(json: Json = False) -> None:
    """Ghi các tệp lịch .ics và trang mục lục vào calendars/published/."""
    from cli.calendars import publish_calendars

    publish_calendars(as_json=json)


@app.command()
def done(
    duty: Annotated[str, typer.Argument(help="Mã nhiệm vụ, ví dụ DB-351-2022/S2-02/2024/SYT.")],
    by: Annotated[str, typer.Option(help="Người ghi nhận.")],
    document: Annotated[str | None, typer.Option(help="Số, ngày văn bản đã gửi.")] = None,
    on: Annotated[str | None, typer.Option(help="Ngày nộp (2024-12-09); mặc định hôm nay.")] = None,
) -> None:
    """Ghi nhận một cơ quan đã nộp."""
    from cli.duties import record_done

    record_done(duty, by, document, on)


Who = Annotated[str, typer.Option("--by", help="Người quyết định, người ghi nhận.")]
Why = Annotated[str, typer.Option("--why", help="Vì sao.")]
Document = Annotated[str | None, typer.Option("--document", help="Số, ngày văn bản làm căn cứ.")]
DutyCode = Annotated[str, typer.Argument(help="Mã nhiệm vụ, ví dụ DB-351-2022/S2-02/2024/SYT.")]
NoticeNumber = Annotated[int, typer.Argument(help="Số thông báo, xem ở «dondoc notices list».")]


@app.command()
def extend(
    duty: DutyCode,
    until: Annotated[str, typer.Option(help="Ngày cuối còn đúng hạn (2024-12-16).")],
    by: Who,
    why: Why,
    document: Document = None,
) -> None:
    """Gia hạn cho một cơ quan: hạn mới, nhắc lại theo hạn mới, báo cho người đã biết hạn cũ."""
    from cli.duties import record_extension

    record_extension(duty, until, by, why, document)


@app.command(name="return")
def return_(
    duty: DutyCode,
    by: Who,
    why: Why,
    until: Annotated[str | None, typer.Option(help="Nộp lại chậm nhất ngày (2024-12-16).")] = None,
    document: Document = None,
) -> None:
    """Trả lại để sửa: lần nộp đầu vẫn tính đúng hạn hay quá hạn."""
    from cli.duties import record_return

    record_return(duty, until, by, why, document)


@app.command()
def waive(duty: DutyCode, by: Who, why: Why, document: Document = None) -> None:
    """Miễn cho một cơ quan: không hỏi đến nữa."""
    from cli.duties import record_waiver

    record_waiver(duty, by, why, document)


OccurrenceCode = Annotated[str, typer.Argument(help="Mã việc, ví dụ DB-BCD-2024/S3-01/2024.")]
Reason = Annotated[str, typer.Option("--why", help="Vì sao; cần có khi không có văn bản.")]
Agreed = Annotated[bool, typer.Option("--yes", help="Không hỏi lại.")]


@app.command()
def fix(
    occurrence: OccurrenceCode,
    first: Annotated[str, typer.Option(help="Ngày (2024-07-12); ngày đầu nếu nhiều ngày, ngày nêu nếu là hạn.")],
    by: Who,
    last: Annotated[str | None, typer.Option(help="Ngày cuối.")] = None,
    starts: Annotated[str | None, typer.Option(help="Giờ bắt đầu (08:00).")] = None,
    ends: Annotated[str | None, typer.Option(help="Giờ kết thúc.")] = None,
    place: Annotated[str | None, typer.Option(help="Nơi.")] = None,
    document: Document = None,
    why: Reason = "",
    yes: Agreed = False,
) -> None:
    """Ấn định ngày cho một việc theo giấy mời; nêu ảnh hưởng trước khi ghi."""
    from cli.amendments import Typed, fix

    fix(occurrence, Typed(first, last, starts, ends, place), by, document, why, agreed=yes)


@app.command()
def move(
    occurrence: OccurrenceCode,
    first: Annotated[str, typer.Option(help="Ngày mới (2024-07-12), hoặc ngày nêu của hạn mới.")],
    by: Who,
    last: Annotated[str | None, typer.Option(help="Ngày cuối.")] = None,
    starts: Annotated[str | None, typer.Option(help="Giờ bắt đầu (08:00).")] = None,
    ends: Annotated[str | None, typer.Option(help="Giờ kết thúc.")] = None,
    place: Annotated[str | None, typer.Option(help="Nơi.")] = None,
    document: Document = None,
    why: Reason = "",
    yes: Agreed = False,
) -> None:
    """Chuyển một việc đã có ngày, hoặc một hạn, sang ngày khác; người đã biết ngày cũ được báo."""
    from cli.amendments import Typed, fix

    fix(occurrence, Typed(first, last, starts, ends, place), by, document, why, agreed=yes)


@app.command()
def cancel(
    occurrence: OccurrenceCode, by: Who, document: Document = None, why: Reason = "", yes: Agreed = False
) -> None:
    """Hủy một việc: vẫn còn trong lịch với dấu đã hủy, không hỏi đến nữa."""
    from cli.amendments import cancel

    cancel(occurrence, by, document, why, agreed=yes)


@app.command()
def invite(occurrence: OccurrenceCode, by: Who, yes: Agreed = False) -> None:
    """Gửi giấy mời kèm mục lịch cho người dự một việc đã có ngày; nêu từng người trước khi gửi."""
    from cli.invitations import invite

    invite(occurrence, by, agreed=yes)


@app.command()
def happened(
    occurrence: OccurrenceCode,
    on: Annotated[str, typer.Option(help="Ngày sự việc xảy ra, ngày có văn bản (2024-12-09).")],
    document: Annotated[str, typer.Option(help="Số, ngày văn bản ấy, hoặc biên bản.")],
    by: Who,
    why: Reason = "",
    yes: Agreed = False,
) -> None:
    """Ghi sự việc mà một việc đang chờ đã xảy ra: thời hạn được tính từ ngày ấy."""
    from cli.amendments import happened

    happened(occurrence, on, by, document, why, agreed=yes)


@app.command(name="take-back")
def take_back(occurrence: OccurrenceCode, by: Who, why: Reason = "", yes: Agreed = False) -> None:
    """Khôi phục việc đã hủy, hoặc bỏ ngày, đoàn, sự việc đã ghi: theo lại đúng văn bản."""
    from cli.amendments import take_back

    take_back(occurrence, by, why, agreed=yes)


@app.command()
def day(
    day: Annotated[str, typer.Argument(help="Ngày (2026-01-10).")],
    by: Who,
    working: Annotated[bool | None, typer.Option("--working/--off", help="Làm việc, hay nghỉ; bỏ trống: thôi.")] = None,
    document: Document = None,
    why: Reason = "",
    yes: Agreed = False,
) -> None:
    """Ghi một ngày làm bù hay nghỉ theo quyết định; nêu những ngày nào đổi theo trước khi ghi."""
    from cli.amendments import decide_day

    decide_day(day, working, by, document, why, agreed=yes)


@app.command()
def board(
    by: Annotated[str, typer.Option(help="Đếm theo agency, programme hay occurrence.")] = "agency",
    year: Annotated[int | None, typer.Option(help="Năm; mặc định là năm nay.", min=2000, max=2100)] = None,
    programme: Annotated[str | None, typer.Option(help="Mã chương trình.")] = None,
    json: Json = False,
) -> None:
    """Xem việc đến đâu: bảng 2×2, tỷ lệ hoàn thành, xếp hạng và việc quá hạn theo cơ quan."""
    from cli.board import show_board

    show_board(by, year, programme, as_json=json)


@app.command()
def sheet(
    kind: Annotated[str, typer.Argument(help="week tuần, month tháng, inspections kiểm tra, year năm, board 2×2.")],
    period: Annotated[str, typer.Argument(help="Kỳ: 2024-W49, 2024-12 hoặc 2024.")],
    out: Annotated[Path | None, typer.Option(help="Ghi ra tệp .docx, .xlsx hoặc .html.")] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Công bố: chốt thành một bản.")] = False,
    by: Annotated[str | None, typer.Option(help="Người công bố.")] = None,
) -> None:
    """In lịch công tác tuần, tháng, năm, chương trình kiểm tra, bảng 2×2; công bố từng lần điều chỉnh."""
    from cli.sheets import make_sheet_file

    make_sheet_file(kind, period, out, by, publish=publish)


@app.command()
def ack(notice: NoticeNumber, by: Who) -> None:
    """Ghi tay rằng người nhận đã báo nhận một thông báo."""
    from cli.notices import acknowledge

    acknowledge(notice, by)


@app.command()
def proof(
    notice: NoticeNumber,
    out: Annotated[Path | None, typer.Option(help="Ghi ra tệp HTML để in.")] = None,
    json: Json = False,
) -> None:
    """Phiếu chứng cứ của một thông báo: đã lập, gửi, máy chủ nhận, vào hộp thư, báo nhận."""
    from cli.evidence import show_proof

    show_proof(notice, out=out, as_json=json)


@app.command()
def ready(json: Json = False) -> None:
    """Kiểm tra danh bạ: bước nhắc việc nào chưa có người nhận hoặc kênh đã kiểm tra."""
    from cli.notices import show_ready

    show_ready(as_json=json)


@app.command()
def rehearse(
    year: Annotated[int, typer.Argument(help="Năm cần diễn thử.", min=2000, max=2100)],
    out: Annotated[Path | None, typer.Option(help="Ghi ra tệp .xlsx.")] = None,
    json: Json = False,
) -> None:
    """Diễn thử: những thông báo năm ấy sẽ gửi cho ai, ngày nào, trước khi gửi gì."""
    from cli.rehearse import rehearse_year

    rehearse_year(year, out, as_json=json)


@app.command()
def watch() -> None:
    """Báo động khi đã 26 giờ không ai rà soát; đặt vào cron của máy, không qua Prefect."""
    from cli.notices import watch

    watch()


@app.command()
def letter(
    number: Annotated[int, typer.Argument(help="Số thứ tự của công văn trong «dondoc letters».")],
    decision: Annotated[str, typer.Argument(help="approve duyệt, return trả lại, waive không gửi.")],
    by: Who,
    document_number: Annotated[str, typer.Option("--number", help="Số công văn đã lấy ở sổ đi.")] = "",
    signer: Annotated[str, typer.Option(help="Họ tên người ký.")] = "",
    signer_title: Annotated[
        str, typer.Option(help="Quyền hạn, chức vụ của người ký nếu khác thiết lập, các dòng cách nhau bằng |.")
    ] = "",
    remark: Annotated[str, typer.Option(help="Ý kiến khi trả lại.")] = "",
) -> None:
    """Quyết định về một công văn đôn đốc đang chờ duyệt."""
    from cli.letters import decide

    decide(number, decision, by, document_number, signer, remark, signer_title)


@app.command()
def letters(json: Json = False) -> None:
    """Xem các công văn đôn đốc đang chờ duyệt, kèm tệp dự thảo."""
    from cli.letters import show_waiting

    show_waiting(as_json=json)


@app.command()
def digests(contact: Annotated[str, typer.Argument(help="Mã người nhận trong contacts.yaml.")], by: Who) -> None:
    """Cho một người đã thôi nhận thư gộp nhận lại."""
    from cli.notices import digests_again

    digests_again(contact, by)


audit_app = typer.Typer(no_args_is_help=True, help="Nhật ký kiểm toán.", rich_markup_mode=None)
app.add_typer(audit_app, name="audit")


@audit_app.command()
def verify(
    noted: Annotated[str | None, typer.Option(help="Mã đã ghi lại lần trước, để biết không dòng nào bị cắt.")] = None,
    json: Json = False,
) -> None:
    """Tính lại cả chuỗi: dòng nào bị sửa, bị xóa thì báo."""
    from cli.evidence import verify

    verify(as_json=json, noted=noted)


notices_app = typer.Typer(no_args_is_help=True, help="Hộp gửi đi: lập, gửi, xem, giữ lại.", rich_markup_mode=None)
app.add_typer(notices_app, name="notices")


@notices_app.command(name="plan")
def plan_notices(json: Json = False) -> None:
    """Mở việc đến kỳ và lập mọi thông báo đã đến lúc; chạy lại không lập thêm."""
    from cli.notices import plan

    plan(as_json=json)


@notices_app.command(name="send")
def send_notices(
    most: Annotated[int | None, typer.Option(help="Nhiều nhất bao nhiêu thư.", min=1)] = None, json: Json = False
) -> None:
    """Gửi những gì đã đến giờ; đọc thư báo kết quả của máy chủ trước."""
    from cli.notices import send

    send(most, as_json=json)


@notices_app.command(name="list")
def list_notices(
    state: Annotated[
        str | None, typer.Option(help="Một trạng thái, hoặc waiting (chờ gửi), decide (chờ người).")
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Mã việc hoặc phần đầu của mã.")] = None,
    today: Annotated[bool, typer.Option("--today", help="Chỉ những thông báo của hôm nay.")] = False,
    json: Json = False,
) -> None:
    """Xem sổ thông báo, mới nhất ở trên."""
    from cli.notices import show_list

    show_list(state, subject, today=today, as_json=json)


@notices_app.command(name="show")
def show_notice(notice: NoticeNumber, json: Json = False) -> None:
    """Xem mọi điều về một thông báo."""
    from cli.notices import show_one

    show_one(notice, as_json=json)


@notices_app.command()
def preview(
    notice: NoticeNumber,
    pasted: Annotated[bool, typer.Option("--paste", help="Hai dòng để dán vào nhóm Zalo.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Bản HTML.")] = False,
) -> None:
    """Xem lời của một thông báo với dữ liệu thật; không gửi gì."""
    from cli.notices import preview

    preview(notice, pasted=pasted, html=html)


@notices_app.command()
def retry(notice: NoticeNumber, by: Who) -> None:
    """Cho gửi lại một thông báo không gửi được, bị trả lại hoặc chưa rõ."""
    from cli.notices import try_again

    try_again(notice, by)


@notices_app.command()
def hold(
    by: Who,
    why: Why,
    notice: Annotated[int | None, typer.Argument(help="Số thông báo; không ghi là tất cả.")] = None,
) -> None:
    """Tạm giữ một thông báo, hoặc tất cả."""
    from cli.notices import hold_back

    hold_back(notice, by, why)


@notices_app.command()
def resume(
    by: Who, notice: Annotated[int | None, typer.Argument(help="Số thông báo; không ghi là tất cả.")] = None
) -> None:
    """Cho đi tiếp những gì đang tạm giữ."""
    from cli.notices import let_go_on

    let_go_on(notice, by)


@notices_app.command()
def revoke(notice: NoticeNumber, by: Who, why: Why) -> None:
    """Thu hồi liên kết báo nhận của một thông báo: bấm vào không còn thấy gì."""
    from cli.notices import revoke

    revoke(notice, by, why)


@notices_app.command(name="check")
def check_templates() -> None:
    """Kiểm tra mọi mẫu thông báo: viết thử từng loại, nêu mẫu nào hỏng."""
    from cli.notices import check_wording

    check_wording()


accounts_app = typer.Typer(no_args_is_help=True, help="Tài khoản vào cổng của Văn phòng.", rich_markup_mode=None)
app.add_typer(accounts_app, name="accounts")
AccountName = Annotated[str, typer.Argument(help="Tên đăng nhập, ví dụ nguyen.van.an.")]
Generate = Annotated[bool, typer.Option("--generate", help="Máy đặt mật khẩu, in một lần; lần vào đầu phải đổi.")]


@accounts_app.command(name="list")
def list_accounts(json: Json = False) -> None:
    """Xem ai vào được cổng, với vai trò gì."""
    from cli.accounts import show_accounts

    show_accounts(as_json=json)


@accounts_app.command(name="add")
def add_account(
    name: AccountName,
    shown: Annotated[str, typer.Option(help="Họ và tên, như các quyết định ghi.")],
    role: Annotated[str, typer.Option(help="secretariat thư ký, chair chỉ xem, administrator quản trị.")],
    generate: Generate = False,
) -> None:
    """Lập một tài khoản; mật khẩu gõ ở cửa sổ lệnh, không hiện."""
    from cli.accounts import add_account

    add_account(name, shown, role, generate=generate)


@accounts_app.command(name="password")
def give_password(name: AccountName, generate: Generate = False) -> None:
    """Đặt mật khẩu mới; mọi nơi đang dùng tài khoản ấy phải đăng nhập lại."""
    from cli.accounts import give_password

    give_password(name, generate=generate)


@accounts_app.command(name="deactivate")
def shut_account(name: AccountName) -> None:
    """Khóa một tài khoản và đăng xuất người đang dùng."""
    from cli.accounts import shut_account

    shut_account(name)


@accounts_app.command(name="activate")
def open_account(name: AccountName) -> None:
    """Mở lại một tài khoản đã khóa."""
    from cli.accounts import open_account

    open_account(name)


@accounts_app.command(name="first")
def make_first() -> None:
    """Lập tài khoản quản trị đầu tiên và in mật khẩu một lần; đã có tài khoản thì thôi."""
    from cli.accounts import make_first

    make_first()


subscriptions_app = typer.Typer(
    no_args_is_help=True, help="Lịch đăng ký: tạo, đổi địa chỉ, thu hồi.", rich_markup_mode=None
)
app.add_typer(subscriptions_app, name="subscriptions")
SubscriptionNumber = Annotated[int, typer.Argument(help="Số của lịch đăng ký.", min=1)]


@subscriptions_app.command(name="list")
def list_subscriptions(json: Json = False) -> None:
    """Xem mọi lịch đăng ký và lần hỏi cuối; không hiện địa chỉ."""
    from cli.subscriptions import show_subscriptions

    show_subscriptions(as_json=json)


@subscriptions_app.command(name="add")
def add_subscription(
    owner: Annotated[str, typer.Argument(help="Lịch: all, agency/BDT, programme/…, team/…, kind/….")],
    title: Annotated[str, typer.Argument(help="Tên để dễ nhớ.")],
    by: Who,
    kind: Annotated[list[str] | None, typer.Option(help="Chỉ loại việc này; ghi được nhiều lần.")] = None,
    programme: Annotated[list[str] | None, typer.Option(help="Chỉ chương trình này; ghi được nhiều lần.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Chỉ vai này của cơ quan: lead, participant …")] = None,
    language: Annotated[str, typer.Option(help="vi hoặc en.")] = "vi",
    windows: Annotated[str, typer.Option(help="Việc chưa có ngày: marker, span, hide.")] = "marker",
    hide_cancelled: Annotated[bool, typer.Option("--hide-cancelled", help="Không hiện việc đã hủy.")] = False,
    tasks: Annotated[bool, typer.Option("--tasks", help="Danh sách việc phải làm thay cho sự kiện.")] = False,
    alarm: Annotated[int | None, typer.Option(help="Chương trình lịch đổ chuông trước bao nhiêu phút.")] = None,
) -> None:
    """Tạo một lịch đăng ký; địa chỉ chỉ hiện một lần."""
    from cli.subscriptions import add_subscription

    add_subscription(
        owner,
        title,
        by,
        kinds=kind or (),
        programmes=programme or (),
        roles=role or (),
        language=language,
        windows=windows,
        hide_cancelled=hide_cancelled,
        tasks=tasks,
        alarm=alarm,
    )


@subscriptions_app.command(name="rotate")
def rotate_subscription(number: SubscriptionNumber, by: Who) -> None:
    """Đổi địa chỉ; địa chỉ cũ dẫn sang địa chỉ mới trong 30 ngày. Địa chỉ đã lộ thì dùng revoke."""
    from cli.subscriptions import renew_address

    renew_address(number, by)


@subscriptions_app.command(name="revoke")
def revoke_subscription(number: SubscriptionNumber, by: Who) -> None:
    """Thu hồi: địa chỉ ấy không hiện việc nào nữa."""
    from cli.subscriptions import end_subscription

    end_subscription(number, by)


@app.command()
def walk(
    year: Annotated[int, typer.Argument(help="Năm cần đi qua.", min=2000, max=2100)],
    scenario: Annotated[
        str, typer.Option(help="on_time mọi cơ quan đúng hạn, silent không ai nộp, late trục trặc.")
    ] = "on_time",
    programme: Annotated[str | None, typer.Option(help="Chỉ một chương trình.")] = None,
) -> None:
    """Đi qua cả năm, từng ngày một, in thành nhật ký ai nghe gì; không đụng đến cơ sở dữ liệu của cơ quan."""
    from cli.walk import walk_year

    walk_year(year, scenario, programme)


@app.command()
def backup(
    to: Annotated[Path | None, typer.Option(help="Ghi ra tệp này; mặc định là thư mục backups của cơ quan.")] = None,
) -> None:
    """Sao lưu cả cơ quan vào một tệp: dữ liệu, chương trình, công văn, tệp đã nộp, khóa ký liên kết."""
    from cli.backups import write_backup

    write_backup(to)


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="Tệp của «dondoc backup».")], by: Who) -> None:
    """Khôi phục vào một cơ quan trống; mọi thông báo được giữ lại cho đến khi có người cho gửi."""
    from cli.backups import restore_backup

    restore_backup(file, by)


@app.command()
def serve() -> None:
    """Chỉ mở cổng: lịch đăng ký, trang của cơ quan, trang thư ký; Ctrl-C để dừng."""
    from cli.serve import serve_portal

    serve_portal()


@app.command()
def run(
    once: Annotated[bool, typer.Option("--once", help="Làm xong việc rồi dừng.")] = False,
    at: Annotated[str | None, typer.Option(help="Ngày của đồng hồ minh họa (2024-12-02), hoặc today.")] = None,
) -> None:
    """Khởi động Đôn Đốc: lập năm, mở giao diện luồng việc, xuất bản lịch."""
    from cli.run import run_office

    run_office(once=once, at=at)


if __name__ == "__main__":
    app()
