"""Where secrets are kept, and how they stay out of logs: settings and contacts name the place, not the secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from models.errors import DonDocError

REFERENCE = re.compile(r"(env):([A-Za-z_][A-Za-z0-9_]*)|(file):(/[^\0\r\n]+)")
# Each of these writes whole addresses, tokens and all, at some level; httpx does so at INFO.
TALKATIVE = (
    "apprise",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.proxy",
    "httpx",
    "requests",
    "slixmpp",
    "urllib3.connectionpool",
    "urllib3.util.retry",
)


class UnresolvedReference(DonDocError):
    """No secret was found where ``reference`` says; empty when what was given may be a secret itself."""

    def __init__(self, sentence: str, *, help: str, reference: str = "") -> None:
        self.reference = reference
        super().__init__(sentence, help=help)


def is_reference(text: str) -> bool:
    """Whether ``text`` names a place (``env:NAME``, ``file:/path``)."""
    return REFERENCE.fullmatch(text) is not None


def resolve(reference: str, environment: Mapping[str, str]) -> str:
    """The secret kept under ``env:NAME`` or ``file:/path``, without blanks around it.

    Raises UnresolvedReference; its sentence names the place and never what lies there.
    """
    found = REFERENCE.fullmatch(reference)
    if found is None:
        # Not repeated: somebody may have written the secret itself here.
        raise UnresolvedReference(
            "Chỗ này phải ghi nơi cất bí mật, không ghi chính bí mật.",
            help="Viết như env:TEN_BIEN hoặc file:/đường/dẫn.",
        )
    return _from_file(reference, found[4]) if found[3] else _from_environment(reference, found[2], environment)


def _from_environment(reference: str, name: str, environment: Mapping[str, str]) -> str:
    secret = environment.get(name, "").strip()
    if not secret:
        raise UnresolvedReference(
            f"Không có bí mật ở {reference}: biến môi trường chưa đặt hoặc để trống.",
            help="Đặt biến môi trường này rồi khởi động lại.",
            reference=reference,
        )
    return secret


def _from_file(reference: str, path: str) -> str:
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UnresolvedReference(
            f"Không có bí mật ở {reference}: tệp không có hoặc không đọc được.",
            help="Kiểm tra đường dẫn và quyền đọc của tệp.",
            reference=reference,
        ) from None
    if not secret:
        raise UnresolvedReference(
            f"Không có bí mật ở {reference}: tệp trống.", help="Ghi bí mật vào tệp này.", reference=reference
        )
    return secret


_silent: ContextVar[bool] = ContextVar("silent", default=False)


@contextmanager
def unlogged() -> Iterator[None]:
    """What libraries say inside, in this thread, is not logged; other threads keep their diaries."""
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_may_speak)  # adding it again changes nothing
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def _may_speak(record: logging.LogRecord) -> bool:
    return not _silent.get()
