"""Another spelling of a token on every page: pages are packed, and their length would betray one that stays the same.

Whoever sees lengths on the line and makes a browser ask for a page with a guess in its address would learn whether
the guess repeats something of the page, letter by letter (BREACH).
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from operator import xor


def masked(token: str) -> str:
    """``token`` as this one page writes it, 8/3 as long."""
    mask = secrets.token_bytes(len(token.encode()))
    return urlsafe_b64encode(mask + bytes(map(xor, mask, token.encode()))).decode()


def unmasked(given: str) -> bytes:
    """The token's bytes; empty for what no page of ours wrote."""
    try:
        both = urlsafe_b64decode(given.encode())
    except ValueError:
        return b""
    half = len(both) // 2
    return bytes(map(xor, both[:half], both[half:]))
