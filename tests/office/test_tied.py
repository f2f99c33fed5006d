"""A tied process ends with its parent, does not begin without it, and heeds Ctrl-C however it was started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIED = [sys.executable, "-m", "office.tied"]
NAP = [sys.executable, "-c", "import time; print('đã dậy', flush=True); time.sleep(600)"]


def is_running(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_command_takes_the_place_of_the_process_that_tied_it():
    command = [*TIED, "--to", str(os.getpid()), sys.executable, "-c", "import os; print(os.getpid())"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.communicate()[0].strip() == str(process.pid)


def test_it_ends_when_its_parent_is_killed():
    parent = (
        f"import subprocess; print(subprocess.Popen({[*TIED, *NAP]!r}).pid, flush=True); import time; time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(process.stdout.readline())
    assert process.stdout.readline() == "đã dậy\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    end = time.monotonic() + 60
    while is_running(child):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_does_not_begin_when_its_parent_is_gone_already():
    done = subprocess.run([*TIED, "--to", "1", *NAP], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "process 1 is gone\n")


def test_started_with_ctrl_c_ignored_the_command_heeds_it_again():
    ask = [sys.executable, "-c", "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"]
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    assert subprocess.run([*TIED, *ask], cwd=ROOT, capture_output=True, text=True, **ignoring).stdout == "True\n"
    assert subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, **ignoring).stdout == "False\n"
