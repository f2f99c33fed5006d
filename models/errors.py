"""The one error everything of ours descends from: a sentence for the person who must act."""

from __future__ import annotations


class DonDocError(Exception):
    """A sentence in Vietnamese that says what is wrong, where, and what would help.

    ``exit_code`` is what a command returns for it: 1 for bad input, 2 for a machine that cannot
    do the work (no disk, no database, a port in use).
    """

    exit_code = 1

    def __init__(self, sentence: str, *, help: str = "") -> None:
        self.sentence = sentence
        self.help = help
        super().__init__(f"{sentence} {help}".strip())
