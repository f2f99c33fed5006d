"""``dondoc run`` as a keeper of processes: one at a time, nothing left over, one sentence for what goes wrong."""

import os
import signal
import socket
import subprocess
import sys

import pytest

NAP = """
def nap(run):
    run.children.start("nap", "Người ngủ", [sys.executable, "-c", "import time; time.sleep(600)"], run.environment(), 5)
    return "đang ngủ"
"""
# A grandchild in a session of its own, as Prefect starts its flow runs: nobody above knows its number.
FAMILY = """
CHILD = '''
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("hai người", flush=True)
time.sleep(600)
'''
def family(run):
    child = run.children.start("family", "Gia đình", [sys.executable, "-c", CHILD], run.environment(), 5)
    run.wait_for(lambda: "hai người" in child.log.read_text(encoding="utf-8"), "chưa có cháu")
    return ""
"""
TWO_NAPS = NAP + 'STEPS = (Step("one", "Bước một", nap), Step("two", "Bước hai", nap))'
A_FAMILY = FAMILY + 'STEPS = (Step("family", "Bước một", family),)'


def test_once_does_every_step_stops_everything_and_exits_zero(home):
    code, said, errors = home.run("--once", steps=TWO_NAPS).finish()
    assert (code, errors) == (0, "")
    words = [line.partition("] ")[2] or line.strip() for line in said.splitlines()]
    assert words == [
        "Đồng hồ đứng yên lúc 08:00, thứ Hai, 02/12/2024.",
        "1/2 Bước một…",
        "đang ngủ",
        "2/2 Bước hai…",
        "đang ngủ",
        "Đã xong các bước.",
        "SẴN SÀNG",
        "Xong.",
    ]
    assert home.processes() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stays_until_asked_to_stop_and_then_leaves_nothing_running(home, number):
    running = home.run(steps=A_FAMILY)
    running.read_until("SẴN SÀNG")
    assert len(home.processes()) == 2
    running.process.send_signal(number)
    code, said, _ = running.finish()
    assert code == 0
    assert "Đang dừng…" in said
    assert home.processes() == {}


def test_stopped_in_the_middle_of_a_step_it_says_so_by_its_exit_code(home):
    steps = NAP + 'import time\nSTEPS = (Step("a", "Một", nap), Step("b", "Bước lâu", lambda run: time.sleep(600)))'
    running = home.run("--once", steps=steps)
    running.read_until("Bước lâu")
    running.process.send_signal(signal.SIGTERM)
    assert running.finish()[0] == 128 + signal.SIGTERM
    assert home.processes() == {}


def test_killed_outright_its_children_end_with_it_and_the_next_start_ends_the_rest(home):
    running = home.run(steps=A_FAMILY)
    running.read_until("SẴN SÀNG")
    assert len(home.processes()) == 2
    running.kill()
    home.wait_until(lambda: len(home.processes()) == 1)  # the kernel ended the child, not the grandchild
    code, _, errors = home.run("--once", steps='STEPS = (Step("a", "Một", lambda run: ""),)').finish()
    assert (code, errors) == (0, "")
    assert home.processes() == {}


def test_only_what_carries_the_mark_is_ended(home):
    running = home.run(steps=A_FAMILY)
    running.read_until("SẴN SÀNG")
    alike = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=home.environment)
    running.kill()
    home.run("--once", steps='STEPS = (Step("a", "Một", lambda run: ""),)').finish()
    assert alike.poll() is None
    alike.kill()
    alike.wait()


def test_a_second_run_in_the_same_home_is_refused_in_one_sentence(home):
    first = home.run(steps=TWO_NAPS)
    first.read_until("SẴN SÀNG")
    code, said, errors = home.run("--once", steps=TWO_NAPS).finish()
    assert (code, said) == (2, "")
    assert errors == (
        f"Lỗi: Một lệnh 'dondoc run' khác đang chạy với thư mục {home.folder} (tiến trình {first.process.pid}). "
        "Hãy dừng lệnh ấy trước, hoặc đặt DONDOC_HOME thành thư mục khác.\n"
    )
    assert len(home.processes()) == 2


def test_a_taken_port_is_one_sentence_before_anything_is_started(home):
    with socket.socket() as other:
        other.bind(("127.0.0.1", home.port))
        other.listen()
        code, said, errors = home.run("--once", steps=TWO_NAPS).finish()
    assert (code, said) == (2, "")
    assert errors == (
        f"Lỗi: Cổng {home.port} trên máy này đang có chương trình khác dùng. Hãy dừng chương trình ấy, "
        f"hoặc đặt DONDOC_PREFECT_PORT thành số khác, ví dụ {home.port + 1}.\n"
    )
    assert list((home.folder / "logs").iterdir()) == []


def test_a_port_that_was_left_a_moment_ago_is_free(home):
    with socket.socket() as listener:  # the connection's end stays in TIME_WAIT on the server's side
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", home.port))
        listener.listen()
        with socket.create_connection(("127.0.0.1", home.port)) as client:
            listener.accept()[0].close()
            client.recv(1)
    assert home.run("--once", steps='STEPS = (Step("a", "Một", lambda run: ""),)').finish()[0] == 0


def test_a_child_that_ends_by_itself_is_one_sentence_with_its_last_words(home):
    steps = NAP + (
        "WORDS = \"print('không có thư viện', flush=True); raise SystemExit(3)\"\n"
        "def dies(run):\n"
        '    run.children.start("dies", "Máy chủ", [sys.executable, "-c", WORDS], run.environment(), 5)\n'
        '    run.wait_for(lambda: False, "không bao giờ")\n'
        'STEPS = (Step("a", "Một", nap), Step("b", "Hai", dies))'
    )
    code, _, errors = home.run(steps=steps).finish()
    assert code == 2
    log = home.folder / "logs" / "dies.log"
    assert errors == f"Lỗi: Máy chủ đã dừng đột ngột (mã 3). Xem nhật ký {log}; dòng cuối: không có thư viện\n"
    assert home.processes() == {}


def test_a_child_that_dies_while_the_office_is_open_closes_it(home):
    running = home.run(steps=TWO_NAPS)
    running.read_until("SẴN SÀNG")
    os.kill(max(home.processes()), signal.SIGKILL)
    code, _, errors = running.finish()
    assert code == 2
    assert "Người ngủ đã dừng đột ngột (mã -9)." in errors
    assert home.processes() == {}


def test_started_as_a_background_job_its_children_still_heed_ctrl_c(home):
    ask = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, flush=True)"
    steps = (
        f'def ask(run):\n    child = run.children.start("ask", "Hỏi", [sys.executable, "-c", {ask!r} + "; import time; '
        'time.sleep(600)"], run.environment(), 5)\n    run.wait_for(lambda: child.log.stat().st_size, "")\n'
        '    return child.log.read_text()\nSTEPS = (Step("a", "Một", ask),)'
    )
    code, said, _ = home.run(
        "--once", steps=steps, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)
    ).finish()
    assert code == 0
    assert "True" in said


def test_a_home_that_cannot_be_made_is_one_sentence(home):
    home.folder.write_text("", encoding="utf-8")
    code, said, errors = home.run("--once", steps=TWO_NAPS).finish()
    assert (code, said) == (2, "")
    assert errors.startswith(f"Lỗi: Không ghi được vào thư mục {home.folder}: ")
    assert errors.count("\n") == 1


def test_a_bad_day_is_one_sentence(home):
    code, said, errors = home.run("--once", "--at", "31/12/2024", steps=TWO_NAPS).finish()
    assert (code, said) == (2, "")
    assert errors.startswith("Lỗi: Thiết lập DONDOC_AT có giá trị không dùng được '31/12/2024'. Hãy ghi 'today'")


def test_the_demonstrations_day_is_stored_for_every_other_command(home):
    del home.environment["DONDOC_NOW"]
    code, said, _ = home.run(
        "--once", "--at", "2024-12-02", steps='STEPS = (Step("a", "Một", lambda run: ""),)'
    ).finish()
    assert code == 0
    assert said.startswith("Đồng hồ minh họa: hôm nay là ")
    assert (home.folder / "clock.json").exists()


def test_a_long_log_is_kept_once_and_begun_again(home):
    home.folder.mkdir()
    (home.folder / "logs").mkdir()
    (home.folder / "logs" / "nap.log").write_bytes(b"x" * 5_000_001)
    home.run("--once", steps=NAP + 'STEPS = (Step("a", "Một", nap),)').finish()
    assert (home.folder / "logs" / "nap.log.1").stat().st_size == 5_000_001
    assert (home.folder / "logs" / "nap.log").stat().st_size < 1000
