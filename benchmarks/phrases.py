"""How fast phrases are read, against parsing alone and against a bare regular expression, in one run.

Run by hand: python benchmarks/phrases.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calendars.phrases import UnreadablePhrase, _grammar, read_phrase
from calendars.vocabulary import tidy

PHRASES = [
    "Tháng 3, năm 2024",
    "Quý II, năm 2024",
    "trước ngày 18/3/2024",
    "Trước ngày 10 tháng 12 hằng năm",
    "Hàng quý, 6 tháng, hết năm",
    "Dự kiến 08 ngày, trong quý II, năm 2024",
    "trước ngày 15 của tháng cuối quý",
    "15 ngày làm việc sau khi kết thúc đợt giám sát",
    "Sau khi có văn bản hướng dẫn của các Bộ, ngành Trung ương",
    "từ ngày 10/6 đến ngày 14/6/2024",
    "đột xuất theo yêu cầu",
    "14h00 ngày 16/01/2019",
]
ROUNDS = 200
DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def best_rate(action: Callable[[str], object], phrases: list[str], rounds: int = ROUNDS) -> float:
    """Phrases a second, the best of five runs: the others measure the machine's other work."""
    best = 0.0
    for _ in range(5):
        started = perf_counter()
        for _ in range(rounds):
            for phrase in phrases:
                action(phrase)
        best = max(best, rounds * len(phrases) / (perf_counter() - started))
    return best


def milliseconds(phrase: str) -> float:
    """How long one phrase takes, read or refused; the best of five."""
    times = []
    for _ in range(5):
        started = perf_counter()
        with suppress(UnreadablePhrase):
            read_phrase(phrase, year=2024)
        times.append((perf_counter() - started) * 1000)
    return min(times)


def main() -> None:
    """Prints the rates and the ratios between them."""
    started = perf_counter()
    read_phrase(PHRASES[0], year=2024)
    print(f"first phrase, grammar built:  {(perf_counter() - started) * 1000:8.1f} ms")
    tidied = [tidy(phrase) for phrase in PHRASES]
    read = best_rate(lambda phrase: read_phrase(phrase, year=2024), PHRASES)
    parse = best_rate(_grammar().parse, tidied)
    bare = best_rate(DATE.search, PHRASES)
    print(f"read_phrase:                  {read:8.0f} phrases/s")
    print(f"lark parse alone:             {parse:8.0f} phrases/s   read/parse  {read / parse:.2f}")
    print(f"one regular expression:       {bare:8.0f} phrases/s   read/regex  {read / bare:.4f}")
    print(f"500 characters, worst known:  {max(milliseconds(text) for text in WORST):8.1f} ms")
    print(f"10,000 characters:            {milliseconds('quý II ' * 1429):8.3f} ms (refused at once)")


# The slowest shapes found by fuzzing, each as long as a phrase may be.
WORST = ["ngày " * 99, "1/" * 250, "(a" * 125 + ")" * 125, "1 " * 250, "trước " * 80, "quý I, " * 71, "ngày 1/1, " * 50]


if __name__ == "__main__":
    main()
