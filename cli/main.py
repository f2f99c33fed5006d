"""The command ``dondoc``: names the commands and turns our errors into one sentence and an exit code.

Each command imports what it needs when it runs, so that ``--help`` and ``explain`` start at once.
"""

from __future__ import annotations

import errno
import sys
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
    from cli.agenda import record_done

    record_done(duty, by, document, on)


@app.command()
def walk(year: Annotated[int, typer.Argument(help="Năm cần đi qua.", min=2000, max=2100)]) -> None:
    """Đi qua cả năm, từng ngày một, in thành nhật ký; không đụng đến cơ sở dữ liệu của cơ quan."""
    from cli.walk import walk_year

    walk_year(year)


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
