"""The command ``run``: does the main job step by step, then keeps the office open, and stops all it started.

Killed at any moment, it leaves a database and files that the next start goes on with: every step may be
done again, and does then only what is missing.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from types import FrameType
from typing import NoReturn

import typer

from cli.children import Children
from cli.office import Office
from cli.prefect_server import PrefectServer, is_listening, require_free_port
from models.errors import DonDocError
from models.notice import STATE_NAMES
from office.clock import real_instant, set_clock
from office.prefect_api import PrefectRefused
from office.prefect_environment import environment_for_prefect
from office.settings import PROJECT, read_settings

ROLL_OUT, PLAN, SEND = "trien-khai-nam", "lap-thong-bao", "gui-thong-bao"
WATCH_EVERY = 600.0  # seconds between looks whether anybody still plans, which need no Prefect
POOL = "dondoc"
TAG = "khoi-dong"  # marks the runs this command asks for
PATIENCE = 300.0  # seconds: the server makes its database, the roll-out waits for what was missed before it
PREFECT = (sys.executable, "-m", "prefect")


class NotReady(DonDocError):
    """Something did not become ready in time, or a flow did not complete."""

    exit_code = 2


class StopAskedError(BaseException):
    """Ctrl-C or SIGTERM: not an error, so nothing but ``run_office`` may catch it."""

    def __init__(self, signal_number: int) -> None:
        self.signal_number = signal_number


@dataclass(frozen=True)
class Run:
    """One start of one office: what every step works with."""

    office: Office
    children: Children
    server: PrefectServer

    def environment(self) -> dict[str, str]:
        """What Prefect's processes are started with."""
        return environment_for_prefect(self.office.settings)

    def wait_for(self, is_so: Callable[[], bool], otherwise: str) -> None:
        """Look five times a second until it is so; a child that ends meanwhile ends the waiting."""
        until = time.monotonic() + PATIENCE
        while not is_so():
            self.children.look()
            if time.monotonic() > until:
                raise NotReady(otherwise, help=f"Xem nhật ký trong {self.children.home / 'logs'}.")
            time.sleep(0.2)
        self.children.look()


@dataclass(frozen=True, slots=True)
class Step:
    """One step, with the Vietnamese line shown when it begins; ``work`` returns what to say when it is done."""

    name: str
    title: str
    work: Callable[[Run], str]


def run_office(*, once: bool, at: str | None = None, steps: Sequence[Step] | None = None) -> None:
    """Do every step; then return (``once``) or stay until Ctrl-C or SIGTERM. Everything started is stopped.

    ``at`` is a day of the demonstration clock or "today". Raises DonDocError for what a person can mend
    and typer.Exit with 128 + the signal's number when stopped before the steps were done.
    """
    if at is not None:
        os.environ["DONDOC_AT"] = at  # for the processes started from here
    settings = read_settings()
    children = Children(settings.home)
    done = False
    try:
        with _stopping_on_signals():
            children.take_home()
            children.end_left_overs()
            require_free_port(settings.prefect_port)
            run = Run(Office(settings, set_clock(settings)), children, PrefectServer(settings.prefect_address))
            _do(run, STEPS if steps is None else steps)
            done = True
            show_where_to_look(run, staying=not once)
            if not once:
                _stay(run)
    except StopAskedError as asked:
        _say("Đang dừng…")
        if not done:
            raise typer.Exit(128 + asked.signal_number) from None
    finally:
        with _deaf_to_signals():
            children.stop()
    _say("Đã dừng mọi tiến trình." if not once else "Xong.")


def _stay(run: Run) -> None:
    """Until a signal: looks after the children, and raises the alarm when nobody plans any more."""
    watched = time.monotonic()
    while True:
        run.children.look()
        if time.monotonic() - watched > WATCH_EVERY:
            watched = time.monotonic()
            try:
                said = run.office.desk.watch()
            except DonDocError as error:
                said = str(error)
            if said:
                _say(said)
        time.sleep(0.5)


def _do(run: Run, steps: Sequence[Step]) -> None:
    began = time.monotonic()
    if banner := run.office.clock.banner():
        _say(banner)
    for number, step in enumerate(steps, start=1):
        _say(f"[{_seconds(time.monotonic() - began)}] {number}/{len(steps)} {step.title}…")
        if remark := step.work(run):
            _say(f"{'':10}{remark}")
        run.children.look()
    _say(f"[{_seconds(time.monotonic() - began)}] Đã xong các bước.")


def _seconds(passed: float) -> str:
    return f"{passed:5.1f} s".replace(".", ",")


def _say(line: str) -> None:
    print(line, flush=True)


# ---------------------------------------------------------------- the steps


def check_paper(run: Run) -> str:
    """Every definition is right before anything is started. Raises InvalidDefinition with every problem."""
    definitions = run.office.definitions
    items = sum(len(programme.items) for programme in definitions.programmes.values())
    return f"{len(definitions.programmes)} chương trình, {items} mục, {len(definitions.directory.agencies)} cơ quan."


def plan_years(run: Run) -> str:
    """Plan every other year the papers speak of; the present one is the roll-out's, which shows what changed."""
    from office.store import writing
    from planning.yearbook import plan_year

    office, today = run.office, run.office.clock.today()
    changed = 0
    years = [year for year in years_to_plan(run.office, today) if year != today.year]
    if not years:
        return f"Năm {today.year} do luồng triển khai năm lập."
    for year in years:
        with writing(office.store) as connection:
            changes = plan_year(
                connection, office.definitions, year, today, before_is_inclusive=office.settings.before_is_inclusive
            )
        changed += len(changes.changes)
    return f"{_in_a_row(years)}: {f'{changed} việc mới hoặc thay đổi' if changed else 'không có gì thay đổi'}."


def years_to_plan(office: Office, today: date) -> list[int]:
    """The years some programme speaks of, those planned before, and today's."""
    from office.store import reading
    from planning.agenda import planned_years

    programmes = office.definitions.programmes.values()
    years = {year for one in programmes for year in range(one.period.first.year, one.last_day.year + 1)}
    with reading(office.store) as connection:
        years |= set(planned_years(connection))  # a paper taken out of the folder is cancelled in its years too
    return sorted(years | {today.year})


def _in_a_row(years: Sequence[int]) -> str:
    whole = list(years) == list(range(years[0], years[-1] + 1)) and len(years) > 1
    return f"Năm {years[0]}–{years[-1]}" if whole else f"Năm {', '.join(map(str, years))}"


def start_server(run: Run) -> str:
    """Prefect's server, with its own home and database, on this machine only."""
    run.children.start(
        "prefect", "Máy chủ Prefect", [sys.executable, "-m", "flows.serve_screen"], run.environment(), patience=10
    )
    run.wait_for(run.server.is_healthy, f"Máy chủ Prefect chưa sẵn sàng sau {PATIENCE:.0f} giây.")
    return f"{run.server.address}, nhật ký {run.children.home / 'logs' / 'prefect.log'}"


def register_flows(run: Run) -> str:
    """Bring the server into agreement with prefect.yaml; a door of its own does it, so as a process of its own."""
    done = subprocess.run(  # noqa: S603  a command of ours, without a shell
        [sys.executable, "-m", "office.tied", "--to", str(os.getpid()), sys.executable, "-m", "flows.register"],
        cwd=PROJECT, env=run.environment() | run.children.own, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        words = done.stderr.strip().removeprefix("Lỗi: ").splitlines()
        raise NotReady(
            words[-1] if words else "Không đăng ký được luồng việc.", help="Hãy xem lại tệp prefect.yaml và flows/."
        )
    return done.stdout.strip()


def start_worker(run: Run) -> str:
    """One worker, one run at a time: SQLite has one writer. Before it, what a stop left behind is put in order."""
    off, again = run.server.call_off_overtaken_runs(real_instant()), run.server.take_up_interrupted_runs(TAG)
    command = [*PREFECT, "worker", "start", "--pool", POOL, "--type", "process", "--limit", "1"]
    run.children.start("worker", "Tiến trình chạy luồng", command, run.environment(), patience=20)
    remarks = (
        f"{again} lượt bị ngắt lần trước sẽ chạy lại." if again else "",
        f"{off} lượt lỡ khi máy tắt được lượt sau làm thay." if off else "",
    )
    return " ".join(filter(None, remarks))


def start_mail_sink(run: Run) -> str:
    """Without a mail server of its own an office sees its mail in a folder on this machine; nothing leaves it."""
    settings = run.office.settings
    if not settings.uses_sink:
        return "Thư đi qua máy chủ thư của cơ quan."
    require_free_port(settings.mail_port, "DONDOC_MAIL_PORT")
    folder = settings.mail_folder
    command = [sys.executable, "-m", "office.mail_sink", "--port", str(settings.mail_port), "--folder", str(folder)]
    run.children.start("mail", "Hộp thư thử", command, run.environment(), patience=5)
    run.wait_for(lambda: is_listening(settings.mail_port), "Hộp thư thử chưa mở được.")
    return f"Thư không rời máy này; xem ở {folder / 'index.html'}"


def start_portal(run: Run) -> str:
    """The pages of agencies and secretariat, and the calendars people subscribe to."""
    settings = run.office.settings
    require_free_port(settings.portal_port, "DONDOC_PORTAL_PORT")
    run.children.start("portal", "Cổng Đôn Đốc", [sys.executable, "-m", "portal.serve"], run.environment(), patience=5)
    run.wait_for(lambda: is_listening(settings.portal_port), "Cổng Đôn Đốc chưa mở được.")
    return settings.portal_address


def roll_out(run: Run) -> str:
    """Run the roll-out once and wait until it is completed."""
    return _complete(run, ROLL_OUT)


def tell(run: Run) -> str:
    """Plan what has come due and send it, both as the flows that do it every day."""
    from notices.register import count_states, read_register
    from office.store import reading

    _complete(run, PLAN)
    _complete(run, SEND)
    with reading(run.office.store) as connection:
        today = read_register(connection, day=run.office.clock.today())
        states = count_states(connection)
    said = [f"{number} {STATE_NAMES[state]}" for state, number in states.items()]
    return f"{len(today)} thông báo của hôm nay; cả sổ: {'; '.join(said) or 'chưa có'}."


def _complete(run: Run, deployment: str) -> str:
    """One run of a deployment, waited for until it is completed; returns its states."""
    number = run.server.start_run(deployment, TAG)
    seen: list[str] = []

    def is_over() -> bool:
        try:
            state = run.server.state(number)
        except PrefectRefused:  # a busy SQLite answers 503 now and then; the patience has its end
            return False
        if state["name"] not in seen:
            seen.append(state["name"])
        return state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

    run.wait_for(is_over, f"Luồng {deployment} chưa xong sau {PATIENCE:.0f} giây.")
    state = run.server.state(number)
    if state["type"] != "COMPLETED":
        raise NotReady(
            f"Luồng {deployment} kết thúc ở trạng thái {state['name']}: {state['message'] or 'không rõ lý do'}.",
            help=f"Xem nhật ký {run.children.home / 'logs' / 'worker.log'}.",
        )
    return " → ".join(seen)


def publish_files(run: Run) -> str:
    """Write the calendars that changed."""
    from calendars.publishing import publish
    from office.store import writing

    office = run.office
    folder, today = office.settings.published, office.clock.today()
    days, banner = office.definitions.working_days, office.clock.banner()
    done = publish(lambda: writing(office.store), folder, today, days, banner=banner)
    return f"{done.written} lịch mới ghi, {done.unchanged} lịch giữ nguyên."


STEPS = (
    Step("paper", "Kiểm tra các chương trình công tác", check_paper),
    Step("years", "Lập các năm vào cơ sở dữ liệu", plan_years),
    Step("server", "Khởi động máy chủ Prefect (lần đầu lâu hơn, vì tạo cơ sở dữ liệu)", start_server),
    Step("flows", "Đăng ký luồng việc và lịch chạy", register_flows),
    Step("mail", "Mở hộp thư thử", start_mail_sink),
    Step("portal", "Mở cổng cho các cơ quan và thư ký", start_portal),
    Step("worker", "Khởi động tiến trình chạy luồng", start_worker),
    Step("roll-out", "Chạy luồng triển khai năm", roll_out),
    Step("calendars", "Xuất bản các tệp lịch", publish_files),
    Step("notices", "Lập và gửi các thông báo đã đến lúc", tell),
)


# ---------------------------------------------------------------- where to look


def show_where_to_look(run: Run, *, staying: bool) -> None:
    """Addresses, files and the next deadlines; the banner again, since this is what stays on the screen."""
    index = run.office.settings.published / "index.html"
    lines = [
        "",
        run.office.clock.banner() or "",
        f"Luồng việc và lịch chạy cả năm: {run.server.address}/v2/deployments" if staying else "",
        f"Các bảng tổng hợp: {run.server.address}/v2/artifacts" if staying else "",
        f"Tệp lịch và mục lục: {index}",
        f"Thư đã gửi (hộp thư thử): {run.office.settings.mail_folder / 'index.html'}"
        if run.office.settings.uses_sink
        else "",
        f"Cổng cho các cơ quan và thư ký: {run.office.settings.portal_address}" if staying else "",
        *(first_account(run) if staying else ()),
        *newest_notices(run),
        "Hạn sắp tới:",
        *next_deadlines(run),
        "Nhấn Ctrl-C để dừng." if staying else "",
    ]
    _say("\n".join(line for number, line in enumerate(lines) if line or number == 0))


def first_account(run: Run) -> Iterator[str]:
    """How the secretariat enters the first time: the password is made now, and never shown again."""
    from office.accounts import Change, first_password
    from office.store import writing

    with writing(run.office.store) as connection:
        made = first_password(connection, Change("Đôn Đốc", run.office.clock.now(), real_instant()))
    if made:
        yield f"  Đăng nhập lần đầu: tên «{made[0]}», mật khẩu «{made[1]}» (chỉ in một lần; vào rồi đổi ngay)."


def newest_notices(run: Run, *, most: int = 5) -> Iterator[str]:
    """Who was told what today."""
    from notices.register import read_register
    from office.store import reading

    with reading(run.office.store) as connection:
        told = read_register(connection, day=run.office.clock.today())
    if told:
        yield f"Thông báo hôm nay ({len(told)}):"
    for line in told[:most]:
        yield f"  – {line.recipient}: {line.title or line.subject} ({line.in_words})"
    if len(told) > most:
        yield "  – … xem «dondoc notices list --today»"


def next_deadlines(run: Run, *, most: int = 5) -> Iterator[str]:
    """The nearest things due from today on, of programmes that are not over; at most a year ahead."""
    from office.store import reading
    from planning.agenda import read_agenda, say_when

    today = run.office.clock.today()
    with reading(run.office.store) as connection:
        entries = [one for year in (today.year, today.year + 1) for one in read_agenda(connection, today, year=year)]
    waited_for = (one for one in entries if one.last_on_time and one.last_on_time >= today and not one.history)
    due = {one.id: one for one in waited_for if not one.duties or any(duty.done_on is None for duty in one.duties)}
    near = [one for one in due.values() if one.last_on_time and one.last_on_time < today + timedelta(days=366)]
    if not near:
        yield "  (không có)"
    for one in sorted(near, key=lambda one: (str(one.last_on_time), one.id))[:most]:
        yield f"  – {say_when(one)}: {one.title} ({one.programme_short})"


# ---------------------------------------------------------------- signals


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)  # one is enough; what is being stopped is not disturbed
        raise StopAskedError(number)

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _deaf_to_signals() -> Iterator[None]:
    before = {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
