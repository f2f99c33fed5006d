"""Starts a command whose life is tied to its parent's: ``python -m office.tied [--to PID] COMMAND…``.

When ``dondoc run`` is killed outright, the kernel ends Prefect's server and worker with it, and with the
worker the flow runs. Knows nothing of ours and imports nothing, since it is replaced by the command at once.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie_to_parent(parent: int | None = None) -> None:
    """Ask the kernel to end this process when its parent ends; exits at once if ``parent`` is gone already.

    Linux only; elsewhere nothing is tied and the next start ends what was left over.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        raise SystemExit(f"process {parent} is gone")


def main(arguments: list[str]) -> None:
    """Tie, then become the command; returns only by an error."""
    parent = None
    if arguments[:1] == ["--to"]:
        parent, arguments = int(arguments[1]), arguments[2:]
    tie_to_parent(parent)
    # A shell starts background jobs with SIGINT ignored; a Prefect worker that ignores SIGINT never stops.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvp(arguments[0], arguments)  # noqa: S606  a command line of ours, without a shell


if __name__ == "__main__":
    main(sys.argv[1:])
