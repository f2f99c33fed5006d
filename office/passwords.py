"""Passwords: which are good enough, how they are kept (argon2id), and new ones a person can copy from paper."""

from __future__ import annotations

import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.errors import DonDocError

SHORTEST, LONGEST = 12, 200  # characters
HASHER = PasswordHasher()  # argon2id as RFC 9106 §4 advises where memory is short: 64 MiB, three passes
AT_ONCE = 4  # more people sign in one after the other: each takes 64 MiB while it is checked
LETTERS = "abcdefghkmnpqrstuvwxyz23456789"  # none that look alike on paper
GROUPS = 4  # of four: 78 bits
# What guessers begin with, in what fits twelve letters; digits added at the end make none of these better.
COMMONEST = frozenset({
    "1q2w3e4r5t6y", "1qaz2wsx3edc", "adminadmin", "administrator", "anhyeuem", "dienbien", "dienbienphu", "emyeuanh",
    "iloveyou", "khongcomatkhau", "matkhau", "matkhaumatkhau", "password", "passwordpassword", "qwertyuiop",
    "qwertyuiopas", "quantri", "thuky", "thukythuky", "vietnam", "vietnamvodich",
})  # fmt: skip
_turns = threading.BoundedSemaphore(AT_ONCE)
_nobody: list[str] = []


class WeakPassword(DonDocError):
    """A new password that a guesser finds soon; it is never repeated."""


def check_password(password: str, name: str) -> str:
    """``password`` as it is hashed (NFKC). Length counts, kinds of letters do not. Raises WeakPassword."""
    password = unicodedata.normalize("NFKC", password)
    plain = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(
            f"Mật khẩu phải có từ {SHORTEST} đến {LONGEST} ký tự.", help="Bốn, năm từ ghép lại là dễ nhớ và đủ dài."
        )
    if len(name) > 3 and name in plain:
        raise WeakPassword("Mật khẩu không được chứa tên đăng nhập.", help="Chọn những từ khác.")
    if {plain, plain.rstrip("0123456789@!.")} & COMMONEST or plain.isdecimal() or len(set(plain)) < 5:
        raise WeakPassword("Mật khẩu này quá thường gặp.", help="Chọn vài từ không liên quan với nhau.")
    return password


def make_password() -> str:
    """A random one, as "k7mp-2xqa-…", to be given once and changed at the first sign-in."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(GROUPS))


def hash_password(password: str) -> str:
    """What is kept of it."""
    with _turns:
        return HASHER.hash(unicodedata.normalize("NFKC", password))


def is_password(kept: str, password: str) -> bool:
    """Whether ``kept`` was made of ``password``; an empty one is nobody's, and takes as long to be refused."""
    with _turns:
        try:
            HASHER.verify(kept or _hash_of_nobody(), unicodedata.normalize("NFKC", password))
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def is_outdated(kept: str) -> bool:
    """Whether ``kept`` was made more cheaply than it would be today."""
    return bool(kept) and HASHER.check_needs_rehash(kept)


def _hash_of_nobody() -> str:
    if not _nobody:
        _nobody.append(HASHER.hash(secrets.token_urlsafe(32)))
    return _nobody[0]
