"""Counts what must not be tried too often: wrong passwords, wrong links, asked-for mails; kept in memory only.

A restart forgets the counts, and each server process counts by itself: the limit slows a guesser, it is no lock.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict, deque
from ipaddress import IPv4Address, IPv6Address, ip_address

from fastapi import Request

from portal.desk import Desk

MOST_KEYS = 10_000  # what a flood of strangers may take of our memory


class Throttle:
    """At most ``most`` times within ``seconds`` for each key; ``now`` is monotonic, in seconds.

    When ``keys`` are remembered, the one counted longest ago is forgotten for a new one.
    """

    def __init__(self, most: int, seconds: float, keys: int = MOST_KEYS) -> None:
        self._most, self._seconds, self._keys = most, seconds, keys
        self._counted: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def is_open(self, key: str, now: float) -> bool:
        """Whether one more is allowed; asking counts nothing."""
        with self._lock:
            times = self._counted.get(_short(key), ())
            return sum(now - at < self._seconds for at in times) < self._most

    def count(self, key: str, now: float) -> None:
        """One more."""
        with self._lock:
            times = self._counted.setdefault(_short(key), deque(maxlen=self._most))
            times.append(now)
            self._counted.move_to_end(_short(key))
            while len(self._counted) > self._keys:
                self._counted.popitem(last=False)

    def take_back(self, key: str, now: float) -> None:
        """What was counted at ``now`` turned out harmless."""
        with self._lock:
            times = self._counted.get(_short(key))
            if times and now in times:
                times.remove(now)


def client_of(desk: Desk, request: Request) -> str:
    """Whose requests are counted together: the address asking, or the one our own proxy says is asking.

    Only the last hop is believed, and only from ``trusted_proxy``: the hops before it anybody may write. Of an IPv6
    address the first 64 bits count, since one house has all the rest. Never for logs.
    """
    peer = request.client.host if request.client else ""
    if peer and peer == desk.settings.trusted_proxy:
        hops = ",".join(request.headers.getlist("x-forwarded-for"))
        peer = hops.rpartition(",")[2].strip() or peer
    return _house(peer)


def _house(address: str) -> str:
    known = _read(address) or _read(address.rpartition(":")[0].strip("[]"))  # some proxies write the port, too
    if known is None:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or IPv6Address(int(known) >> 64 << 64))


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None


def _short(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()  # a long key takes no more room than another
