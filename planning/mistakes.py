"""Mistakes any list of codes can have: one used twice, a circle, a name nobody knows. Pure."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from planning.yaml_files import Problem


def twice(codes: list[str], complain: Callable[[str], Problem]) -> Iterator[Problem]:
    """One complaint for each code used more than once."""
    for code, times in Counter(codes).items():
        if times > 1:
            yield complain(code)


def circles(arrows: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Each circle once, beginning at its smallest member; walked without recursion so that depth does not matter."""
    finished: set[str] = set()
    for start in arrows:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            code, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(code)
                finished.add(code)
            elif code in on_path:
                circle = path[path.index(code) :]
                first = circle.index(min(circle))
                yield [*circle[first:], *circle[:first], circle[first]]
            elif code not in finished:
                path.append(code)
                on_path.add(code)
                stack.append((code, True))
                stack.extend((after, False) for after in arrows.get(code, ()))


def did_you_mean(code: str, known: Iterable[str]) -> str:
    """The known code that looks most like it, as a question in Vietnamese."""
    near = difflib.get_close_matches(code, list(known), n=1, cutoff=0.5)
    return f"Có phải là {near[0]}?" if near else "Kiểm tra lại mã."
