"""The command ``serve``: becomes the portal. One door does not import another, so it is a process of its own."""

from __future__ import annotations

import os
import sys

from office.settings import PROJECT


def serve_portal() -> None:
    """Replaces this process; the portal's exit code is then its own."""
    os.chdir(PROJECT)
    os.execv(sys.executable, [sys.executable, "-m", "portal.serve"])  # noqa: S606 - a command line of ours, no shell
